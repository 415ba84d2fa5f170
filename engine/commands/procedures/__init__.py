"""Procedures of the office as verbs for models: parallel approval, tolerance, commitment, hotline, disclosure, publicity."""
