"""Supervision 督查: cards, orders, appeals, urging."""
