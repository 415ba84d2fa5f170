"""Jobs: work that waits for a moment or for the network; a row is the truth, a worker only runs it."""

import random
from collections.abc import Mapping
from dataclasses import field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from engine.records import record


class JobState(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    DEAD = "dead"  # out of attempts; an incident is open
    CANCELLED = "cancelled"  # the process went another way


@record
class Job:
    """One job row."""

    id: str
    kind: str  # "timer", "service", "http", "start-timer", "clock", ...
    due_at: datetime
    instance_id: str | None = None
    token_id: str | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)
    state: JobState = JobState.WAITING
    attempts: int = 0
    max_attempts: int = 5
    leased_by: str | None = None
    leased_until: datetime | None = None


def next_try(attempts: int, now: datetime, *, base: timedelta = timedelta(seconds=10)) -> datetime:
    """Return when to try again after ``attempts`` failures: doubling, at most an hour, with up to 20 % jitter."""
    delay = min(base * (1 << min(max(attempts - 1, 0), 20)), timedelta(hours=1))
    spread = 1 + 0.2 * random.random()  # noqa: S311 - spreading retries needs no secrecy
    return now + timedelta(seconds=delay.total_seconds() * spread)
