"""The endpoints of the inbox: importing this module declares them."""

from web.api import batch, copies, notices, taskfiles

__all__ = ["batch", "copies", "notices", "taskfiles"]
