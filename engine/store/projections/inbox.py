"""From events around the inbox to rows: read marks, copies, comments, files of an action."""

from __future__ import annotations

from engine.runtime import inbox
from engine.store import tables
from engine.store.projections.projector import Recorded, Rows, projects


@projects(inbox.TaskOpened)
def _task_opened(rows: Rows, recorded: Recorded, event: inbox.TaskOpened) -> None:
    rows.update(tables.task, (event.task_id,), {"read_at": recorded.at})


@projects(inbox.CopySent)
def _copy_sent(rows: Rows, recorded: Recorded, event: inbox.CopySent) -> None:
    instance = rows.get(tables.process_instance, (recorded.stream,)) or {}
    shown = ("definition_key", "definition_name", "business_key", "title", "applicant", "urgency")
    row = {
        "id": event.copy_id,
        "instance_id": recorded.stream,
        "element_id": event.element_id,
        "element_name": event.element_name,
        "recipient": event.recipient,
        "sent_by": event.sent_by,
        "note": event.note,
        "sent_at": recorded.at,
        "read_at": None,
    }
    rows.insert(tables.copy, row | {name: instance.get(name) for name in shown})


@projects(inbox.CopyRead)
def _copy_read(rows: Rows, recorded: Recorded, event: inbox.CopyRead) -> None:
    rows.update(tables.copy, (event.copy_id,), {"read_at": recorded.at})


@projects(inbox.CommentAdded)
def _comment_added(rows: Rows, recorded: Recorded, event: inbox.CommentAdded) -> None:
    row = {
        "id": event.comment_id,
        "instance_id": recorded.stream,
        "task_id": event.task_id,
        "author": recorded.actor,
        "body": event.body,
        "said_at": recorded.at,
        "withdrawn_at": None,
    }
    rows.insert(tables.comment, row)
    for login in event.mentions:
        if rows.get(tables.mention, (recorded.stream, login)) is None:
            called = {"instance_id": recorded.stream, "login": login, "comment_id": event.comment_id}
            rows.insert(tables.mention, called)


@projects(inbox.CommentWithdrawn)
def _comment_withdrawn(rows: Rows, recorded: Recorded, event: inbox.CommentWithdrawn) -> None:
    rows.update(tables.comment, (event.comment_id,), {"withdrawn_at": recorded.at})


@projects(inbox.ActionFileAdded)
def _file_added(rows: Rows, recorded: Recorded, event: inbox.ActionFileAdded) -> None:
    row = {
        "id": event.file_id,
        "instance_id": recorded.stream,
        "task_id": event.task_id,
        "kind": event.file_kind,
        **{name: getattr(event, name) for name in ("name", "media_type", "size", "sha256", "storage_key")},
        "added_by": recorded.actor,
        "added_at": recorded.at,
        "removed_at": None,
    }
    rows.insert(tables.action_file, row)


@projects(inbox.ActionFileRemoved)
def _file_removed(rows: Rows, recorded: Recorded, event: inbox.ActionFileRemoved) -> None:
    rows.update(tables.action_file, (event.file_id,), {"removed_at": recorded.at})
