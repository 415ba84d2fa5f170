"""The endpoints of the inbox: importing this module declares them."""

from web.api import batch, copies, notices, phrases, taskfiles, tasklist, views

__all__ = ["batch", "copies", "notices", "phrases", "taskfiles", "tasklist", "views"]
