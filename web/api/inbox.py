"""The endpoints of the inbox: importing this module declares them."""

from web.api import batch, copies

__all__ = ["batch", "copies"]
