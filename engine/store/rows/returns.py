"""What returns ask of the rows: the story of an instance as the history tells it, its rounds, and its returns."""

import json
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Row, bindparam, func, select

from engine.store.base.unit_of_work import UnitOfWork
from engine.store.tables import history, job, process_instance, subscription, task, task_return

STORY: Final = (
    "ActivityEntered",
    "ActivityCompleted",
    "ActivityCancelled",
    "TaskCompleted",
    "ServicePerformed",
    "MessageThrown",
    "SignalThrown",
)
_STORY = (
    select(history.c.kind, history.c.payload)
    .where(history.c.stream == bindparam("stream"), history.c.kind.in_(STORY))
    .order_by(history.c.seq)
)
_LAST_ROUND = select(func.max(task.c.round)).where(
    task.c.instance_id == bindparam("instance_id"),
    task.c.process_key == bindparam("process_key"),
    task.c.element_id == bindparam("element_id"),
)
_RETURNS = (
    task_return.select()
    .where(task_return.c.instance_id == bindparam("instance_id"))
    .order_by(task_return.c.returned_at, task_return.c.id)
)

_JOBS = select(job.c.id, job.c.kind).where(job.c.instance_id == bindparam("instance_id"))
_SUBSCRIPTIONS = select(subscription.c.token_id, subscription.c.kind, subscription.c.name).where(
    subscription.c.instance_id == bindparam("instance_id")
)

_APPLICATION = select(process_instance.c.id).where(
    process_instance.c.business_key == bindparam("business_key"),
    process_instance.c.definition_key == bindparam("definition_key"),
    process_instance.c.ended_at.is_(None),
)


def story(uow: UnitOfWork, stream: str) -> list[tuple[str, dict[str, Any]]]:
    """The written history of an instance as far as it tells how tokens moved and what was done: (kind, payload), in order."""
    return [(row.kind, json.loads(row.payload)) for row in uow.all(_STORY, {"stream": stream})]


def last_round(uow: UnitOfWork, instance_id: str, process_key: str, element_id: str) -> int:
    """The highest round of the tasks of an element; 1 when it had none."""
    row = uow.first(_LAST_ROUND, {"instance_id": instance_id, "process_key": process_key, "element_id": element_id})
    return int(row[0]) if row is not None and row[0] is not None else 1


def of_instance(uow: UnitOfWork, instance_id: str) -> Sequence[Row[Any]]:
    """The returns of an instance, oldest first."""
    return uow.all(_RETURNS, {"instance_id": instance_id})


def jobs(uow: UnitOfWork, instance_id: str) -> Sequence[Row[Any]]:
    """The jobs of an instance, dead ones too: {id, kind}."""
    return uow.all(_JOBS, {"instance_id": instance_id})


def subscriptions(uow: UnitOfWork, instance_id: str) -> Sequence[Row[Any]]:
    """What the tokens of an instance wait for from outside: {token_id, kind, name}."""
    return uow.all(_SUBSCRIPTIONS, {"instance_id": instance_id})


def open_application(uow: UnitOfWork, definition_key: str, about: str) -> str | None:
    """The running instance of a process whose business key is ``about``, or None."""
    row = uow.first(_APPLICATION, {"business_key": about, "definition_key": definition_key})
    return None if row is None else str(row.id)
