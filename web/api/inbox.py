"""The endpoints of the inbox: importing this module declares them."""

from web.api import batch

__all__ = ["batch"]
