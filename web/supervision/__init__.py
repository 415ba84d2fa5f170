"""Supervision 督查: the board, cards, orders, scans, credit."""
