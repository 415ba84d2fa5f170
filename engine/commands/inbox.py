"""The inbox's commands and projections: importing this module makes them known to the engine."""

from engine.commands.administration import phrases, views
from engine.commands.notices import notifications
from engine.commands.tasks import batch, comments, copies, opening, task_files
from engine.store.projections import inbox as projections_inbox

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
