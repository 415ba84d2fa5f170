"""Clocks as commands need them: those of one instance, and open ones in the order in which a new calendar reaches them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Row, bindparam, select

from engine.approval.clock import Clock
from engine.store.base.unit_of_work import UnitOfWork, Values
from engine.store.tables import case_file, clock, job, process_instance, task, watch

_OF_INSTANCE = clock.select().where(clock.c.instance_id == bindparam("instance_id"))
_OPEN_OF_INSTANCE = _OF_INSTANCE.where(clock.c.state != "stopped")
_OPEN_TASKS = task.select().where(task.c.token_id == bindparam("token_id"), task.c.closed_at.is_(None))
_TIMERS = job.select().where(job.c.instance_id == bindparam("instance_id"), job.c.kind == "timer")


_READ: WeakKeyDictionary[UnitOfWork, dict[str, tuple[Any, Clock]]] = WeakKeyDictionary()


def rows_of(uow: UnitOfWork, instance_id: str, *, open_only: bool = False) -> list[Values]:
    """The rows of the clocks of an instance (and of the case that it handles) in the order in which they began; ``open_only``:
    of those that have not stopped."""
    found = uow.all(_OPEN_OF_INSTANCE if open_only else _OF_INSTANCE, {"instance_id": instance_id})
    rows = [uow.remember(clock, dict(row._mapping)) for row in found]
    return sorted(rows, key=lambda row: row["facts"]["seq"])


def of_instance(uow: UnitOfWork, instance_id: str) -> list[Clock]:
    """The clocks of an instance, in the same order."""
    return [read(uow, row) for row in rows_of(uow, instance_id)]


def read(uow: UnitOfWork, row: Values) -> Clock:
    """The clock of a row. A clock that stood a thousand times is read once in a transaction, not by everybody who follows it."""
    known = _READ.setdefault(uow, {})
    facts, found = known.get(row["id"], (None, None))
    if found is None or facts is not row["facts"]:
        found = Clock.from_json(row["facts"])
        known[row["id"]] = (row["facts"], found)
    return found


def by_id(uow: UnitOfWork, clock_id: str) -> Clock | None:
    """The clock with this id as it stands in this transaction, or None."""
    row = uow.get(clock, (clock_id,))
    return None if row is None else read(uow, row)


def kept(uow: UnitOfWork, found: Clock) -> None:
    """``found`` was written into its row just now: nobody has to read it from there again."""
    row = uow.get(clock, (found.id,))
    if row is not None:
        _READ.setdefault(uow, {})[found.id] = (row["facts"], found)


def open_tasks(uow: UnitOfWork, token_id: str) -> list[Values]:
    """The open tasks that hang on a token: one, or the seats of a ballot."""
    return [uow.remember(task, dict(row._mapping)) for row in uow.all(_OPEN_TASKS, {"token_id": token_id})]


def timers(uow: UnitOfWork, instance_id: str) -> list[Values]:
    """The jobs that stand for the waiting timers of an instance."""
    return [uow.remember(job, dict(row._mapping)) for row in uow.all(_TIMERS, {"instance_id": instance_id})]


def any_open(uow: UnitOfWork) -> bool:
    """Is any clock still open?"""
    return uow.first(select(clock.c.id).where(clock.c.state != "stopped").limit(1)) is not None


def open_instances(uow: UnitOfWork, *, after: str, limit: int) -> list[str]:
    """The next instances behind ``after`` that have open clocks, by id."""
    statement = (
        select(clock.c.instance_id)
        .where(clock.c.state != "stopped", clock.c.instance_id > after)
        .distinct()
        .order_by(clock.c.instance_id)
        .limit(limit)
    )
    return [row.instance_id for row in uow.all(statement)]


def open_clocks(uow: UnitOfWork, instances: Iterable[str]) -> Sequence[Row[Any]]:
    """The open clocks of these instances: {id, instance_id, kind, facts}."""
    columns = (clock.c.id, clock.c.instance_id, clock.c.facts)
    return uow.all(select(*columns).where(clock.c.state != "stopped", clock.c.instance_id.in_(list(instances))))


def lock_all(uow: UnitOfWork, instances: Iterable[str]) -> set[str]:
    """Lock these instances in one order and keep their rows for what is recorded of them; return those that exist."""
    statement = (
        process_instance.select()
        .where(process_instance.c.id.in_(sorted(instances)))
        .order_by(process_instance.c.id)
        .with_for_update()
    )
    rows = [uow.remember(process_instance, dict(row._mapping)) for row in uow.all(statement)]
    return {row["id"] for row in rows}


def open_tasks_of(uow: UnitOfWork, tokens: Iterable[str]) -> list[Values]:
    """The open tasks of several tokens."""
    statement = task.select().where(task.c.token_id.in_(list(tokens)), task.c.closed_at.is_(None))
    return [uow.remember(task, dict(row._mapping)) for row in uow.all(statement)]


def remember_rows(uow: UnitOfWork, ids: Iterable[str]) -> None:
    """Read the rows of these clocks, of their cases and of the watch on them at once, so that writing them needs no further
    reading."""
    ids = list(ids)
    rows = [dict(row._mapping) for row in uow.all(clock.select().where(clock.c.id.in_(ids)))]
    cases = sorted({row["case_id"] for row in rows if row["case_id"] is not None})
    for row in rows:
        uow.remember(clock, row)
    for found in uow.all(case_file.select().where(case_file.c.id.in_(cases))):
        uow.remember(case_file, dict(found._mapping))
    for found in uow.all(watch.select().where(watch.c.clock_id.in_(ids))):
        uow.remember(watch, dict(found._mapping))


def timers_of(uow: UnitOfWork, instances: Iterable[str]) -> list[Values]:
    """The timer jobs of several instances."""
    statement = job.select().where(job.c.kind == "timer", job.c.instance_id.in_(list(instances)))
    return [uow.remember(job, dict(row._mapping)) for row in uow.all(statement)]
