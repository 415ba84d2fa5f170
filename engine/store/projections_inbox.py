"""From events around the inbox to rows: read marks, copies, comments, files of an action."""

from __future__ import annotations

from engine.runtime import inbox
from engine.store import tables
from engine.store.projections import Recorded, Rows, projects


@projects(inbox.TaskOpened)
def _task_opened(rows: Rows, recorded: Recorded, event: inbox.TaskOpened) -> None:
    rows.update(tables.task, (event.task_id,), {"read_at": recorded.at})
