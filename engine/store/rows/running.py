"""Rows of what runs, as commands need them: instances under their lock, tasks, messages, subscriptions, jobs, incidents."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, exists, func, select

from engine.runtime.step import SubscriptionKind
from engine.store.base.history import ADMIN_STREAM
from engine.store.base.unit_of_work import UnitOfWork, Values
from engine.store.tables import (
    incident,
    job,
    message_buffer,
    process_definition,
    process_instance,
    proxy_rule,
    stream_head,
    subscription,
    task,
)

HAS_PROXIES, ADMINISTERED = "has_proxies", "administered"  # beside the columns of a locked instance

# Whether anybody stands in for anybody at all: read with the lock that every command takes anyway, so that the answer
# costs no statement of its own. See engine.commands.delegating.standing_in.
_HAS_PROXIES = exists().where(proxy_rule.c.active).label(HAS_PROXIES)
# Where the history of the administration ends, read the same way: as long as it has not moved, who is known to work here
# works here still. See engine.store.rows.known_people.
_ADMINISTERED = (
    select(func.coalesce(func.max(stream_head.c.history_seq), 0))
    .where(stream_head.c.stream == ADMIN_STREAM)
    .scalar_subquery()
)
_HOUSE = (_HAS_PROXIES, _ADMINISTERED.label(ADMINISTERED))
_LOCK = select(process_instance, *_HOUSE).where(process_instance.c.id == bindparam("id")).with_for_update()
_INSTANCE_OF_TASK = (
    select(process_instance, *_HOUSE)
    .where(
        process_instance.c.id == select(task.c.instance_id).where(task.c.id == bindparam("task_id")).scalar_subquery()
    )
    .with_for_update()
)
_ACTING = task.alias("acting")
_SEATS_OF_TASK = (
    task.select()
    .where(task.c.token_id == select(_ACTING.c.token_id).where(_ACTING.c.id == bindparam("task_id")).scalar_subquery())
    .order_by(task.c.created_at, task.c.id)
)
_SEATS_OF_TOKENS = (
    task.select()
    .where(task.c.token_id.in_(bindparam("token_ids", expanding=True)))
    .order_by(task.c.created_at, task.c.id)
)
_INVOLVED = select(task.c.assignee, task.c.closed_by, task.c.principal).where(
    task.c.instance_id == bindparam("instance_id")
)
_LOCK_JOB = job.select().where(job.c.id == bindparam("id")).with_for_update()
_JOBS_OF = select(job.c.id).where(job.c.instance_id == bindparam("instance_id"))
_CALLS_OF = select(job.c.id, job.c.token_id).where(
    job.c.instance_id == bindparam("instance_id"), job.c.kind == "service"
)
_SAME_INCIDENT = select(incident.c.id).where(
    incident.c.instance_id == bindparam("instance_id"),
    incident.c.state == "open",
    incident.c.reason == bindparam("reason"),
    incident.c.element_id == bindparam("element_id"),
    incident.c.job_id.is_not_distinct_from(bindparam("job_id")),
)
_INCIDENTS_OF = select(incident.c.id).where(
    incident.c.instance_id == bindparam("instance_id"), incident.c.state == "open"
)
_OPEN_INCIDENTS = (
    select(func.count())
    .select_from(incident)
    .where(incident.c.instance_id == bindparam("instance_id"), incident.c.state == "open")
)
_FOR_MESSAGE = select(subscription.c.instance_id, subscription.c.correlation).where(
    subscription.c.kind == SubscriptionKind.MESSAGE.value, subscription.c.name == bindparam("name")
)
_FOR_MESSAGE_WITH = _FOR_MESSAGE.where(subscription.c.correlation_digest.in_(bindparam("digests", expanding=True)))
_FOR_SIGNAL = (
    select(subscription.c.instance_id)
    .where(subscription.c.kind == SubscriptionKind.SIGNAL.value, subscription.c.name == bindparam("name"))
    .distinct()
)
_BUFFERED = (
    message_buffer.select()
    .where(message_buffer.c.name == bindparam("name"), message_buffer.c.expires_at > bindparam("now"))
    .order_by(message_buffer.c.id)
)
_STARTABLE = process_definition.select().where(
    process_definition.c.is_latest, process_definition.c.suspended.is_(False)
)
_START_TIMERS = select(job.c.id, job.c.payload).where(job.c.kind == "start-timer")


def lock_instance(uow: UnitOfWork, instance_id: str) -> Values | None:
    """Lock an instance's row and return it, or None. Every command that moves an instance takes this lock first."""
    return _kept(uow, uow.first(_LOCK, {"id": instance_id}))


def lock_instance_of_task(uow: UnitOfWork, task_id: str) -> Values | None:
    """Lock the instance to which a task belongs and return its row, or None."""
    return _kept(uow, uow.first(_INSTANCE_OF_TASK, {"task_id": task_id}))


def has_proxies(uow: UnitOfWork, instance: Values) -> bool:
    """Whether anybody stands in for anybody."""
    return bool(_of_house(uow, instance)[HAS_PROXIES])


def administered(uow: UnitOfWork, instance: Values) -> int:
    """How far the history of the administration had come when the instance was locked."""
    return int(_of_house(uow, instance)[ADMINISTERED])


def _of_house(uow: UnitOfWork, instance: Values) -> Values:
    """What was read with the lock of the instance; read now for one that has just begun."""
    if ADMINISTERED not in instance:
        found = uow.first(select(*_HOUSE))
        assert found is not None
        instance |= dict(found._mapping)
    return instance


def seats_of_task(uow: UnitOfWork, task_id: str) -> list[Values]:
    """The task and all others of its token, open and closed, oldest first; [] when there is no such task."""
    return _remembered(uow, uow.all(_SEATS_OF_TASK, {"task_id": task_id}))


def seats_of_tokens(uow: UnitOfWork, token_ids: Sequence[str]) -> list[Values]:
    """The tasks of these tokens, open and closed, oldest first."""
    return _remembered(uow, uow.all(_SEATS_OF_TOKENS, {"token_ids": list(token_ids)}))


def involved(uow: UnitOfWork, instance_id: str) -> frozenset[str]:
    """The logins that hold or closed a task of the instance."""
    rows = uow.all(_INVOLVED, {"instance_id": instance_id})
    return frozenset(login for row in rows for login in row if login is not None)


def lock_job(uow: UnitOfWork, job_id: str) -> Values | None:
    """Lock the job's instance first and the job second, the order in which every command takes them; None when it is gone."""
    seen = uow.get(job, (job_id,))
    if seen is None:
        return None
    if seen["instance_id"] is not None:
        lock_instance(uow, seen["instance_id"])
    fresh = uow.first(_LOCK_JOB, {"id": job_id})
    if fresh is None:
        return None
    seen.clear()
    seen.update(fresh._mapping)
    return seen


def jobs_of(uow: UnitOfWork, instance_id: str) -> list[str]:
    """The ids of an instance's jobs."""
    return [row.id for row in uow.all(_JOBS_OF, {"instance_id": instance_id})]


def calls_of(uow: UnitOfWork, instance_id: str) -> list[tuple[str, str]]:
    """The jobs of an instance that call the outside for a service task, with its token: (job id, token id)."""
    return [(row.id, row.token_id) for row in uow.all(_CALLS_OF, {"instance_id": instance_id})]


def start_timers(uow: UnitOfWork) -> Sequence[Row[Any]]:
    """The jobs that start instances by timer: {id, payload}."""
    return uow.all(_START_TIMERS)


def same_incident(
    uow: UnitOfWork, instance_id: str, reason: str, element_id: str, *, job_id: str | None = None
) -> str | None:
    """The open incident of the same failure of the same element, and of the same job if it is one's, or None."""
    about = {"instance_id": instance_id, "reason": reason, "element_id": element_id, "job_id": job_id}
    row = uow.first(_SAME_INCIDENT, about)
    return None if row is None else str(row.id)


def incidents_of(uow: UnitOfWork, instance_id: str) -> list[str]:
    """The ids of the open incidents of an instance."""
    return [row.id for row in uow.all(_INCIDENTS_OF, {"instance_id": instance_id})]


def open_incidents(uow: UnitOfWork, instance_id: str) -> int:
    """How many incidents of an instance are open."""
    row = uow.first(_OPEN_INCIDENTS, {"instance_id": instance_id})
    return 0 if row is None else int(row[0])


def waiting_for_message(uow: UnitOfWork, name: str, digests: Sequence[str] | None) -> Sequence[Row[Any]]:
    """Who waits for a message of this name with keys of these digests (None: with any keys): {instance_id, correlation}."""
    if digests is None:
        return uow.all(_FOR_MESSAGE, {"name": name})
    return uow.all(_FOR_MESSAGE_WITH, {"name": name, "digests": list(digests)})


def instances_waiting_for_signal(uow: UnitOfWork, name: str) -> set[str]:
    """The ids of the instances in which a token waits for a signal of this name."""
    return {row.instance_id for row in uow.all(_FOR_SIGNAL, {"name": name})}


def buffered(uow: UnitOfWork, name: str, now: datetime) -> Sequence[Row[Any]]:
    """Messages of this name that came before anybody waited, oldest first."""
    return uow.all(_BUFFERED, {"name": name, "now": now})


def startable(uow: UnitOfWork) -> list[Values]:
    """The newest, not suspended definitions."""
    return [dict(row._mapping) for row in uow.all(_STARTABLE)]


def _kept(uow: UnitOfWork, row: Row[Any] | None) -> Values | None:
    return None if row is None else uow.remember(process_instance, dict(row._mapping))


def _remembered(uow: UnitOfWork, rows: Sequence[Row[Any]]) -> list[Values]:
    return [uow.remember(task, dict(row._mapping)) for row in rows]
