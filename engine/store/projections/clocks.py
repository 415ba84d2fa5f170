"""From the events of clocks to their rows: the clock as it stands, and the ledger of what stopped, extended or moved it."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.approval import events, filing
from engine.approval.clock_change import changed
from engine.store import tables
from engine.store.base.unit_of_work import Values
from engine.store.projections.projector import Recorded, Rows, projects

_LEDGER_SPACE = uuid.UUID("4f3a7c2e-8e57-4d7c-9c43-1f5f0d2f6a90")

# The limit that lists show: the promised one, and for a verification case its own.
_DUE_COLUMNS = {
    "promised": "promised_due",
    "verification": "promised_due",
    "redo": "promised_due",
    "statutory": "statutory_due",
}


def clock_columns(value: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a clock's row out of the clock as JSON; ``facts`` keeps the whole of it."""
    due, stopped_at = value["due"], value["stopped_at"]
    return {
        "case_id": value["case_id"],
        "task_id": value["task_id"],
        "token_id": value.get("token_id") or None,
        "kind": value["kind"],
        "state": value["state"],
        "limit_text": value["budget"],
        "started_at": datetime.fromisoformat(value["started_at"]),
        "due_at": datetime.fromisoformat(due["at"]),
        "provisional": due["provisional"],
        "calendar_version": int(due["calendar_version"] or 0),
        "stopped_at": None if stopped_at is None else datetime.fromisoformat(stopped_at),
        "facts": dict(value),
    }


def _keep(
    rows: Rows, recorded: Recorded, clock_id: str, value: Mapping[str, Any], change: Mapping[str, Any] | None = None
) -> Values | None:
    """Write the row of a clock: as ``value``, or as it stood with ``change``; return how it stood before."""
    row = rows.get(tables.clock, (clock_id,))
    before = None if row is None else dict(row)
    if row is not None and not value:
        value = changed(row["facts"], change or {})
    columns = clock_columns({**value, "seq": recorded.seq if row is None else row["facts"]["seq"]})
    if row is None:
        rows.insert(tables.clock, {"id": clock_id, "instance_id": recorded.stream, **columns})
    else:
        rows.update(tables.clock, (clock_id,), columns)
    _tell_case(rows, columns)
    return before


def _tell_case(rows: Rows, columns: Values) -> None:
    due_column = _DUE_COLUMNS.get(columns["kind"])
    if due_column is None or columns["case_id"] is None:
        return
    case = rows.get(tables.case_file, (columns["case_id"],)) or {}
    told = {due_column: columns["due_at"]}
    if due_column == "promised_due" or case.get("promised_due") is None:
        # The mark belongs to the date that lists show: a long statutory limit may reach into a year that nobody has
        # published while the promised one is firm.
        told["due_provisional"] = columns["provisional"]
    rows.update(tables.case_file, (columns["case_id"],), told)


@projects(filing.ClockKept)
def _kept(rows: Rows, recorded: Recorded, event: filing.ClockKept) -> None:
    """What histories of the first version tell; today the events of a clock carry it themselves."""
    _keep(rows, recorded, event.clock_id, event.value)


@projects(events.ClockStarted)
def _started(rows: Rows, recorded: Recorded, event: events.ClockStarted) -> None:
    if event.value:
        _keep(rows, recorded, event.clock_id, event.value)


@projects(events.ClockStopped)
def _stopped(rows: Rows, recorded: Recorded, event: events.ClockStopped) -> None:
    if event.value or event.change:
        _keep(rows, recorded, event.clock_id, event.value, event.change)


@projects(events.ClockPaused)
def _paused(rows: Rows, recorded: Recorded, event: events.ClockPaused) -> None:
    _enter(
        rows,
        recorded,
        event,
        kind="suspended",
        at=event.paused_at,
        suspension_id=event.suspension_id,
        cause=event.cause,
        limit_text=event.planned,
        reason=event.reason,
        notice_no=event.notice_no,
        approved_by=event.approved_by,
    )


@projects(events.ClockResumed)
def _resumed(rows: Rows, recorded: Recorded, event: events.ClockResumed) -> None:
    _enter(
        rows,
        recorded,
        event,
        kind="resumed",
        at=event.resumed_at,
        suspension_id=event.suspension_id,
        reason=event.reason,
    )


@projects(events.ClockReplanned)
def _replanned(rows: Rows, recorded: Recorded, event: events.ClockReplanned) -> None:
    _enter(
        rows,
        recorded,
        event,
        kind="replanned",
        at=recorded.at,
        suspension_id=event.suspension_id,
        limit_text=event.planned,
        reason=event.reason,
    )


@projects(events.ClockExtended)
def _extended(rows: Rows, recorded: Recorded, event: events.ClockExtended) -> None:
    _enter(
        rows,
        recorded,
        event,
        kind="extended",
        at=recorded.at,
        limit_text=event.extension,
        reason=event.reason,
        notice_no=event.notice_no,
        approved_by=event.approved_by,
    )


@projects(events.ClockContinued)
def _continued(rows: Rows, recorded: Recorded, event: events.ClockContinued) -> None:
    _enter(rows, recorded, event, kind="continued", at=recorded.at, reason=event.reason)


@projects(events.ClockReprojected)
def _reprojected(rows: Rows, recorded: Recorded, event: events.ClockReprojected) -> None:
    _enter(rows, recorded, event, kind="reprojected", at=recorded.at)


def _enter(rows: Rows, recorded: Recorded, event: events.ClockEvent, **entry: Any) -> None:
    """Write the clock's row and one entry of its ledger; entries are never changed."""
    if not event.value and not event.change:
        return  # told by the first version, which kept no ledger
    before = _keep(rows, recorded, event.clock_id, event.value, event.change) or {}
    rows.insert(
        tables.clock_ledger,
        {
            "id": str(uuid.uuid5(_LEDGER_SPACE, f"{recorded.stream}:{recorded.seq}")),
            "clock_id": event.clock_id,
            "instance_id": recorded.stream,
            "case_id": event.case_id,
            "seq": recorded.seq,
            "suspension_id": "",
            "cause": "",
            "limit_text": None,
            "reason": "",
            "notice_no": "",
            "approved_by": "",
            "due_before": before.get("due_at"),
            "due_at": event.due_at,
            "provisional": event.provisional,
            "calendar_version": int(event.calendar_version or 0),
            "recorded_at": recorded.at,
            "recorded_by": recorded.actor,
            **entry,
        },
    )
