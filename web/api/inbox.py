"""The endpoints of the inbox: importing this module declares them."""

from web.api import batch, copies, drafts, notices, phrases, taskfiles, tasklist, views

__all__ = ["batch", "copies", "drafts", "notices", "phrases", "taskfiles", "tasklist", "views"]
