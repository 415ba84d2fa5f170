"""Taking due jobs from the table: SKIP LOCKED on PostgreSQL, the one write lock on SQLite, a lease on both."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update

from engine.store.base.database import Database
from engine.store.tables import job

_earlier = job.alias("earlier")
_DUE = (
    select(job.c.id, job.c.kind)
    .where(
        job.c.state == "waiting",
        job.c.due_at <= bindparam("now"),
        (job.c.leased_until.is_(None)) | (job.c.leased_until < bindparam("real")),
        ~select(_earlier.c.id)
        .where(
            _earlier.c.instance_id == job.c.instance_id,
            _earlier.c.state == "waiting",
            (_earlier.c.due_at < job.c.due_at) | ((_earlier.c.due_at == job.c.due_at) & (_earlier.c.id < job.c.id)),
        )
        .exists(),
    )
    .order_by(job.c.due_at, job.c.id)
    .limit(bindparam("count"))
    .with_for_update(skip_locked=True, of=job)
)
_LEASE = (
    update(job)
    .where(job.c.id.in_(bindparam("ids", expanding=True)))
    .values(leased_by=bindparam("worker"), leased_until=bindparam("until"))
)
_RELEASE = (
    update(job)
    .where(job.c.id.in_(bindparam("ids", expanding=True)), job.c.leased_by == bindparam("worker"))
    .values(leased_by=None, leased_until=None)
)
_NEXT = select(job.c.due_at).where(job.c.state == "waiting").order_by(job.c.due_at).limit(1)
_ONE = select(job).where(job.c.id == bindparam("id"))


def acquire(
    database: Database, *, worker: str, now: datetime, real: datetime, until: datetime, count: int
) -> list[tuple[str, str]]:
    """Lease up to ``count`` jobs due at ``now``, oldest first, until ``until``; return their ids and kinds.

    ``real`` is the wall clock by which leases end, also when ``now`` is frozen: a killed worker must lose its jobs. A job of an
    instance is taken only when no earlier one of the same instance is waiting: a later job must not overtake an earlier one
    whose transaction was rolled back.
    """
    with database.write() as connection:
        found = connection.execute(_DUE, {"now": now, "real": real, "count": count}).all()
        if found:
            connection.execute(_LEASE, {"worker": worker, "until": until, "ids": [row.id for row in found]})
    return [(row.id, row.kind) for row in found]


def release(database: Database, *, worker: str, job_ids: Sequence[str]) -> None:
    """Give back leased jobs of ``worker`` that it could not run: they are due again at once, for everybody."""
    with database.write() as connection:
        connection.execute(_RELEASE, {"ids": list(job_ids), "worker": worker})


def next_due(database: Database) -> datetime | None:
    """When the next waiting job is due, or None."""
    with database.read() as connection:
        due_at: datetime | None = connection.execute(_NEXT).scalar()
    return due_at


def payload_of(database: Database, job_id: str) -> dict[str, Any] | None:
    """The payload of a job, or None when it is gone."""
    with database.read() as connection:
        row = connection.execute(_ONE, {"id": job_id}).first()
    return None if row is None else dict(row.payload)
