"""Rows of notices: told once however often somebody tries, and what has not been told yet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, String, bindparam, exists, func, literal, or_, select, text, update

from engine.store.base.unit_of_work import UnitOfWork, Values
from engine.store.tables import clock, notification, person, preference, task, task_offer, task_return
from engine.store.tables.types import Json, Moment

BATCH = 500

_ADD = text(
    "INSERT INTO notification (id, recipient, kind, cause, instance_id, task_id, title, facts, created_at) VALUES "
    "(:id, :recipient, :kind, :cause, :instance_id, :task_id, :title, :facts, :created_at) ON CONFLICT DO NOTHING"
).bindparams(bindparam("facts", type_=Json), bindparam("created_at", type_=Moment))

_OPEN = (task.c.state == "assigned", task.c.announced_at.is_(None))
_UNANNOUNCED = select(task).where(*_OPEN).order_by(task.c.id).limit(BATCH).with_for_update(skip_locked=True)
_ANNOUNCED = update(task).where(task.c.id.in_(bindparam("ids", expanding=True))).values(announced_at=bindparam("at"))
_TOLD_OF_DUE = exists().where(
    notification.c.recipient == task.c.assignee,
    notification.c.kind == "due-soon",
    notification.c.cause == task.c.id + bindparam("rung", type_=String),
)
_STANDS = exists().where(
    clock.c.instance_id == task.c.instance_id,
    clock.c.state != "stopped",  # as the index of open clocks says it
    clock.c.state == "paused",
    clock.c.token_id == task.c.token_id,
)
_DUE_SOON = (
    select(task)
    .where(
        task.c.state == "assigned",
        task.c.due_sort > bindparam("after", type_=Moment),
        task.c.due_sort <= bindparam("until", type_=Moment),
        task.c.created_at < bindparam("since", type_=Moment),
        ~_TOLD_OF_DUE,
        ~_STANDS,
    )
    .order_by(task.c.due_sort, task.c.id)
    .limit(BATCH)
)
_HAS_DIGEST = exists().where(
    notification.c.recipient == preference.c.login,
    notification.c.kind == "digest",
    notification.c.cause == bindparam("day"),
)
_DIGESTS = (
    select(preference.c.login, preference.c.value)
    .join(person, person.c.login == preference.c.login)
    .where(preference.c.key == "notices", person.c.disabled.is_(False), ~_HAS_DIGEST)
    .limit(BATCH)
)


def add(uow: UnitOfWork, row: Values) -> bool:
    """Insert a notice unless this person was told of this cause before; return whether it is new."""
    return uow.execute(_ADD, row) == 1


def read_all(uow: UnitOfWork, login: str, at: datetime) -> int:
    """Mark everything that a person was told as read; return how much it was."""
    unread = (notification.c.recipient == login, notification.c.read_at.is_(None))
    return uow.execute(update(notification).where(*unread).values(read_at=literal(at, Moment)))


def unannounced(uow: UnitOfWork) -> Sequence[Row[Any]]:
    """Held tasks that their holders were not told of, at most BATCH; those that another worker looks at are left to it."""
    return uow.all(_UNANNOUNCED)


def mark_announced(uow: UnitOfWork, ids: Sequence[str], at: datetime) -> None:
    """These tasks need no notice any more."""
    if ids:
        uow.execute(_ANNOUNCED, {"ids": list(ids), "at": at})


def came_back(uow: UnitOfWork, row: Values) -> bool:
    """Whether a return opened this task (row): what comes forward again in a later round did not come back, nor does what is
    asked of a delegate or a signer there."""
    if row["round"] < 2 or row["parent_id"] is not None:
        return False
    opened_by = or_(
        task_return.c.id == row["token_id"], task_return.c.returned_at == literal(row["created_at"], Moment)
    )
    here = task_return.c.instance_id == row["instance_id"]
    return uow.first(select(task_return.c.id).where(here, opened_by)) is not None


def due_between(uow: UnitOfWork, rung: str, after: datetime, until: datetime, since: datetime) -> Sequence[Row[Any]]:
    """Held tasks from before ``since`` that end in ``(after, until]`` and whose holder was not told so on this rung of the
    ladder, at most BATCH. Nobody is reminded while the clock stands."""
    return uow.all(_DUE_SOON, {"after": after, "until": until, "rung": rung, "since": since})


def without_digest(uow: UnitOfWork, day: str) -> Sequence[Row[Any]]:
    """Active people who have chosen how to be told, and got no digest on this day: (login, value of the preference)."""
    return uow.all(_DIGESTS, {"day": day})


def waiting_for(uow: UnitOfWork, login: str, groups: Sequence[str], now: datetime, until: datetime) -> dict[str, int]:
    """What waits for a person: {assigned, overdue, soon, offered}."""
    mine = (task.c.state == "assigned", task.c.assignee == login)
    overdue = func.count().filter(task.c.due_sort <= literal(now, Moment))
    soon = func.count().filter(task.c.due_sort > literal(now, Moment), task.c.due_sort <= literal(until, Moment))
    held = uow.all(select(func.count().label("n"), overdue.label("overdue"), soon.label("soon")).where(*mine))[0]
    candidates = [f"user:{login}", *(f"group:{key}" for key in groups)]
    offered = uow.all(
        select(func.count(task_offer.c.task_id.distinct()).label("n")).where(task_offer.c.candidate.in_(candidates))
    )[0]
    return {"assigned": held.n, "overdue": held.overdue, "soon": held.soon, "offered": offered.n}
