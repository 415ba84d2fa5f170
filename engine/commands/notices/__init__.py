"""Telling people 通知: in the page, by mail and webhook, also those who stand in for them."""
