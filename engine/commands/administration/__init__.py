"""Keeping the house 管理: people, posts, sessions, tokens, calendar, deployments."""
