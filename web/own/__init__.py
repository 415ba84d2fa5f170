"""What belongs to each person: account, tokens, phrases, proxies, notices; signing in."""
