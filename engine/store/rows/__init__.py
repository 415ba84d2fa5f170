"""Rows as commands need them, within their transaction."""
