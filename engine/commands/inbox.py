"""The inbox's commands and projections: importing this module makes them known to the engine."""

from engine.commands import batch, comments, copies, notifications, opening, phrases, task_files, views
from engine.store import projections_inbox

__all__ = [
    "batch",
    "comments",
    "copies",
    "notifications",
    "opening",
    "phrases",
    "projections_inbox",
    "task_files",
    "views",
]
