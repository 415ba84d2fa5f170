"""Ballots 表决: who votes, how votes count, when the node is decided."""
