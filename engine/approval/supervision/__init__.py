"""Supervision 监督: warnings, yellow and red cards by rules that are data; supervision orders; urging. Pure."""
