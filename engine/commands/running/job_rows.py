"""Rows of jobs, as commands write them: seen by workers after the commit."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.runtime.job import JobState
from engine.store import tables
from engine.store.rows import running

if TYPE_CHECKING:
    from engine.context import CommandContext
    from engine.runtime.step import WaitingTimer

_JOB_SPACE = uuid.UUID("6f1b0c39-93bf-4c33-b1c0-0a3a2f0f3c11")


def insert_job(
    context: CommandContext,
    kind: str,
    due_at: datetime,
    payload: Any,
    *,
    instance_id: str | None = None,
    token_id: str | None = None,
    element_id: str | None = None,
    job_id: str | None = None,
) -> str:
    """Add a job row; it is seen by workers after the commit. Returns its id."""
    job_id = job_id or context.new_id()
    context.has_due_jobs = context.has_due_jobs or due_at <= context.now
    context.uow.insert(
        tables.job,
        {
            "id": job_id,
            "kind": kind,
            "state": JobState.WAITING.value,
            "due_at": due_at,
            "instance_id": instance_id,
            "token_id": token_id,
            "element_id": element_id,
            "payload": payload,
            "created_at": context.now,
        },
    )
    return job_id


def cancel_jobs(context: CommandContext, instance_id: str, *, keep: Iterable[str]) -> None:
    """Remove the waiting and dead jobs of an instance that has ended; nothing is left to do for them."""
    kept = set(keep)
    for job_id in running.jobs_of(context.uow, instance_id):
        if job_id not in kept:
            context.uow.delete(tables.job, (job_id,))


def timer_job_id(timer: WaitingTimer) -> str:
    """The id of the job that stands for a waiting timer: derived, so that it is found again without a query."""
    return str(uuid.uuid5(_JOB_SPACE, f"{timer.token_id}:{timer.element_id}"))
