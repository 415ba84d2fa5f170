"""From events to rows: the only place that writes the rows that pages read.

The same functions serve the running command (rows of the unit of work) and the rebuild (rows in memory), so the history
explains every projected value; a test rebuilds and compares.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, Table, select

from engine.events import Event, restore
from engine.records import record
from engine.runtime import incident as incidents
from engine.runtime import instance as instances
from engine.runtime import task as tasks
from engine.runtime.incident import IncidentState
from engine.runtime.instance import InstanceState
from engine.runtime.task import TaskState
from engine.store import tables
from engine.store.base.unit_of_work import Key, Values

NEVER = datetime(9999, 1, 1, tzinfo=UTC)  # the sorting date of a task without a deadline


class Rows(Protocol):
    """Where projected rows are read and changed."""

    def get(self, table: Table, key: Key) -> Values | None: ...
    def insert(self, table: Table, row: Values) -> None: ...
    def update(self, table: Table, key: Key, values: Mapping[str, Any]) -> None: ...
    def delete(self, table: Table, key: Key) -> None: ...


@record(kw_only=False)
class Recorded:
    """An event with what the history adds to it."""

    stream: str
    seq: int
    at: datetime
    actor: str
    acts_for: str | None
    event: Event


E = TypeVar("E", bound=Event)
Projector = Callable[[Rows, Recorded, Any], None]
_PROJECTORS: dict[type[Event], list[Projector]] = {}


def projects(kind: type[E]) -> Callable[[Callable[[Rows, Recorded, E], None]], Callable[[Rows, Recorded, E], None]]:
    """Register a function that turns events of class ``kind`` into rows; several areas may each have rows of their own."""

    def register(function: Callable[[Rows, Recorded, E], None]) -> Callable[[Rows, Recorded, E], None]:
        _PROJECTORS.setdefault(kind, []).append(function)
        return function

    return register


def apply(rows: Rows, recorded: Recorded) -> None:
    """Project one event; events without rows of their own (traces, messages) change nothing."""
    for projector in _PROJECTORS.get(type(recorded.event), ()):
        projector(rows, recorded, recorded.event)


# ---------------------------------------------------------------- instances


@projects(instances.InstanceStarted)
def _started(rows: Rows, recorded: Recorded, event: instances.InstanceStarted) -> None:
    rows.insert(
        tables.process_instance,
        {
            "id": recorded.stream,
            "definition_id": event.definition_id,
            "definition_key": event.definition_key,
            "definition_version": event.definition_version,
            "definition_name": event.definition_name,
            "business_key": event.business_key,
            "title": event.title or event.definition_name,
            "applicant": "",
            "urgency": 0,
            "state": InstanceState.RUNNING.value,
            "outcome": None,
            "started_by": event.started_by,
            "recused": None,
            "returns": 0,
            "started_at": recorded.at,
            "ended_at": None,
        },
    )


def _end(rows: Rows, recorded: Recorded, state: InstanceState, outcome: str | None) -> None:
    rows.update(
        tables.process_instance,
        (recorded.stream,),
        {"state": state.value, "outcome": outcome, "ended_at": recorded.at},
    )


@projects(instances.InstanceCompleted)
def _completed(rows: Rows, recorded: Recorded, event: instances.InstanceCompleted) -> None:
    _end(rows, recorded, InstanceState.COMPLETED, event.outcome)


@projects(instances.InstanceTerminated)
def _terminated(rows: Rows, recorded: Recorded, event: instances.InstanceTerminated) -> None:
    _end(rows, recorded, InstanceState.TERMINATED, event.outcome)


@projects(instances.InstanceFailed)
def _failed(rows: Rows, recorded: Recorded, event: instances.InstanceFailed) -> None:
    _end(rows, recorded, InstanceState.FAILED, event.error_code)


@projects(instances.InstanceRetitled)
def _retitled(rows: Rows, recorded: Recorded, event: instances.InstanceRetitled) -> None:
    found = {"title": event.title, "applicant": event.applicant, "urgency": event.urgency}
    values = {name: value for name, value in found.items() if value is not None}
    rows.update(tables.process_instance, (recorded.stream,), values)


# ---------------------------------------------------------------- tasks


_SEAT = ("ballot_id", "round", "parent_id", "added_by", "delegated_by", "principal")


@projects(tasks.TaskCreated)
def _task_created(rows: Rows, recorded: Recorded, event: tasks.TaskCreated) -> None:
    instance = rows.get(tables.process_instance, (recorded.stream,)) or {}
    row = {
        "id": event.task_id,
        "instance_id": recorded.stream,
        "token_id": event.token_id,
        "element_id": event.element_id,
        "element_name": event.element_name or event.element_id,
        "process_key": event.process_key,
        "kind": event.task_kind,
        "state": (TaskState.ASSIGNED if event.assignee else TaskState.OFFERED).value,
        "lane": event.lane,
        "assignee": event.assignee,
        "candidate_users": list(event.candidate_users),
        "candidate_groups": list(event.candidate_groups),
        "form_key": event.form_key,
        "priority": event.priority,
        "outcomes": list(event.outcomes),
        "settings": dict(event.settings),
        "local_variables": dict(event.local_variables),
        "created_at": recorded.at,
        "claimed_at": recorded.at if event.assignee else None,
        "due_at": event.due_at,
        "due_sort": event.due_at or NEVER,
        "due_provisional": event.due_provisional,
        "closed_at": None,
        "closed_by": None,
        "outcome": None,
        "comment": "",
        "deemed": False,
        "seat": event.seat.value,
        "power": event.power.value,
        **{name: getattr(event, name) for name in _SEAT},
        "why": dict(event.why) or None,
        "signers": None,
        "read_at": None,
        "announced_at": recorded.at if event.assignee == recorded.actor else None,  # nobody is told what he did himself
        **{name: instance.get(name) for name in ("definition_key", "definition_name", "business_key")},
        **{name: instance.get(name) for name in ("title", "applicant", "urgency")},
        "urgency_sort": 9 - (instance.get("urgency") or 0),
    }
    rows.insert(tables.task, row)
    offer(rows, row)


@projects(tasks.TaskClaimed)
def _task_claimed(rows: Rows, recorded: Recorded, event: tasks.TaskClaimed) -> None:
    _hand_over(rows, recorded, event.task_id, event.assignee)


@projects(tasks.TaskAssigned)
def _task_assigned(rows: Rows, recorded: Recorded, event: tasks.TaskAssigned) -> None:
    _hand_over(rows, recorded, event.task_id, event.assignee)


def _hand_over(rows: Rows, recorded: Recorded, task_id: str, assignee: str) -> None:
    withdraw_offer(rows, _task_row(rows, task_id))
    values = {"state": TaskState.ASSIGNED.value, "assignee": assignee, "claimed_at": recorded.at, "read_at": None}
    told = recorded.at if assignee == recorded.actor else None  # nobody is told what he did himself
    rows.update(tables.task, (task_id,), values | {"announced_at": told})


@projects(tasks.TaskUnclaimed)
def _task_unclaimed(rows: Rows, recorded: Recorded, event: tasks.TaskUnclaimed) -> None:
    values = {"state": TaskState.OFFERED.value, "assignee": None, "principal": None, "claimed_at": None}
    rows.update(tables.task, (event.task_id,), values)
    offer(rows, _task_row(rows, event.task_id))


@projects(tasks.TaskCompleted)
def _task_completed(rows: Rows, recorded: Recorded, event: tasks.TaskCompleted) -> None:
    withdraw_offer(rows, _task_row(rows, event.task_id))
    rows.update(
        tables.task,
        (event.task_id,),
        {
            "state": TaskState.COMPLETED.value,
            "closed_at": recorded.at,
            "closed_by": recorded.actor,
            "outcome": event.outcome,
            "comment": event.comment,
            "deemed": event.deemed,
        },
    )


@projects(tasks.TaskCancelled)
def _task_cancelled(rows: Rows, recorded: Recorded, event: tasks.TaskCancelled) -> None:
    withdraw_offer(rows, _task_row(rows, event.task_id))
    values = {"state": TaskState.CANCELLED.value, "closed_at": recorded.at, "closed_by": recorded.actor}
    rows.update(tables.task, (event.task_id,), values)


@projects(tasks.TaskSuperseded)
def _task_superseded(rows: Rows, recorded: Recorded, event: tasks.TaskSuperseded) -> None:
    """``closed_by`` stays empty: it is nobody's work, though somebody's vote was the last one."""
    withdraw_offer(rows, _task_row(rows, event.task_id))
    rows.update(tables.task, (event.task_id,), {"state": TaskState.SUPERSEDED.value, "closed_at": recorded.at})


@projects(tasks.TaskPaused)
def _task_paused(rows: Rows, recorded: Recorded, event: tasks.TaskPaused) -> None:
    rows.update(tables.task, (event.task_id,), {"state": TaskState.WAITING.value})


@projects(tasks.TaskResumed)
def _task_resumed(rows: Rows, recorded: Recorded, event: tasks.TaskResumed) -> None:
    rows.update(tables.task, (event.task_id,), {"state": TaskState.ASSIGNED.value})


@projects(tasks.TaskReopened)
def _task_reopened(rows: Rows, recorded: Recorded, event: tasks.TaskReopened) -> None:
    closing = {"closed_at": None, "closed_by": None, "outcome": None, "comment": "", "deemed": False}
    held = {"state": TaskState.ASSIGNED.value, "assignee": event.assignee, "claimed_at": recorded.at, "read_at": None}
    if event.assignee is None:
        held |= {"state": TaskState.OFFERED.value, "claimed_at": None}
    moved = {} if event.token_id is None else {"token_id": event.token_id}
    told = {"announced_at": recorded.at if event.assignee == recorded.actor else None}
    rows.update(tables.task, (event.task_id,), closing | held | told | moved)
    offer(rows, _task_row(rows, event.task_id))


@projects(tasks.TaskDueChanged)
def _task_due_changed(rows: Rows, recorded: Recorded, event: tasks.TaskDueChanged) -> None:
    row = _task_row(rows, event.task_id)
    offered = row["state"] == TaskState.OFFERED.value
    if offered:
        withdraw_offer(rows, row)
    values = {"due_at": event.due_at, "due_sort": event.due_at or NEVER, "due_provisional": event.provisional}
    rows.update(tables.task, (event.task_id,), values)
    if offered:
        offer(rows, _task_row(rows, event.task_id))


def _task_row(rows: Rows, task_id: str) -> Values:
    row = rows.get(tables.task, (task_id,))
    if row is None:
        raise LookupError(f"the history names task {task_id}, which has no row")
    return row


def candidates(row: Mapping[str, Any]) -> list[str]:
    """The candidate texts under which a task is offered."""
    users = [f"user:{login}" for login in row["candidate_users"]]
    return sorted({*users, *(f"group:{key}" for key in row["candidate_groups"])})


def offer(rows: Rows, row: Values) -> None:
    """Show an unclaimed task to its candidates."""
    if row["state"] != TaskState.OFFERED.value:
        return
    for candidate in candidates(row):
        shown = {"candidate": candidate, "due_sort": row["due_sort"], "task_id": row["id"]}
        sorting = {name: row[name] for name in ("created_at", "urgency_sort")}
        rows.insert(tables.task_offer, shown | sorting)


def withdraw_offer(rows: Rows, row: Values) -> None:
    """Take an unclaimed task from the sight of its candidates; before its row changes."""
    if row["state"] != TaskState.OFFERED.value:
        return
    for candidate in candidates(row):
        rows.delete(tables.task_offer, (candidate, row["due_sort"], row["id"]))


# ---------------------------------------------------------------- incidents


@projects(incidents.IncidentOpened)
def _incident_opened(rows: Rows, recorded: Recorded, event: incidents.IncidentOpened) -> None:
    rows.insert(
        tables.incident,
        {
            "id": event.incident_id,
            "instance_id": recorded.stream,
            "state": IncidentState.OPEN.value,
            "reason": event.reason,
            "element_id": event.element_id,
            "element_name": event.element_name,
            "zh": event.zh,
            "en": event.en,
            "job_id": event.job_id,
            "opened_at": recorded.at,
            "resolved_at": None,
            "resolved_by": None,
            "comment": "",
        },
    )
    rows.update(tables.process_instance, (recorded.stream,), {"state": InstanceState.INCIDENT.value})


@projects(incidents.IncidentResolved)
def _incident_resolved(rows: Rows, recorded: Recorded, event: incidents.IncidentResolved) -> None:
    rows.update(
        tables.incident,
        (event.incident_id,),
        {
            "state": IncidentState.RESOLVED.value,
            "resolved_at": recorded.at,
            "resolved_by": recorded.actor,
            "comment": event.comment,
        },
    )


@projects(instances.InstanceResumed)
def _resumed(rows: Rows, recorded: Recorded, event: instances.InstanceResumed) -> None:
    rows.update(tables.process_instance, (recorded.stream,), {"state": InstanceState.RUNNING.value})


# ---------------------------------------------------------------- rebuilding


class MemoryRows:
    """Rows in memory, for rebuilding."""

    def __init__(self) -> None:
        self.tables: dict[Table, dict[Key, Values]] = {}

    def get(self, table: Table, key: Key) -> Values | None:
        return self.tables.get(table, {}).get(key)

    def insert(self, table: Table, row: Values) -> None:
        key = tuple(row[column.key] for column in table.primary_key.columns)
        self.tables.setdefault(table, {})[key] = row

    def update(self, table: Table, key: Key, values: Mapping[str, Any]) -> None:
        self.tables[table][key].update(values)

    def delete(self, table: Table, key: Key) -> None:
        self.tables[table].pop(key, None)


def replay(connection: Connection, stream: str, rows: MemoryRows | None = None) -> MemoryRows:
    """Build the projected rows of one stream from its history alone."""
    rows = rows or MemoryRows()
    statement = select(tables.history).where(tables.history.c.stream == stream).order_by(tables.history.c.seq)
    for row in connection.execute(statement):
        event = restore(row.kind, json.loads(row.payload))
        apply(rows, Recorded(row.stream, row.seq, row.at, row.actor, row.acts_for, event))
    return rows
