"""What the office does when a period of law is over, whatever the model draws: one job for each such clock, woken by it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from engine.approval import events
from engine.approval.clock import Clock, ClockState
from engine.approval.clock_kind import ClockKind
from engine.commands.cases import corrections, suspending
from engine.commands.cases.case_files import CaseFile
from engine.commands.limits.step_limits import PARKED, WAKE
from engine.commands.running import jobs, moving
from engine.runtime.instance import ENDED, InstanceState
from engine.store import tables
from engine.store.rows import cases, clocks

if TYPE_CHECKING:
    from engine.context import CommandContext
    from engine.store.base.unit_of_work import Values
    from engine.store.projections.projector import Recorded

JOB: Final = "clock-due"
_JOB_SPACE: Final = uuid.UUID("7a7a1f5a-2b5c-4e0e-8f0b-6c1f8c9d4e21")

# A timer of the model that waits for the same end goes first: then the office has nothing to add.
RULES: Mapping[ClockKind, Callable[[CaseFile, Clock], None]] = {
    ClockKind.NOTICE: corrections.notice_is_over,  # silence is acceptance (行政许可法 32)
    ClockKind.CORRECTION: corrections.correction_is_over,
    ClockKind.SPECIAL: suspending.cap,  # the planned time of a special procedure (行政许可法 45)
}


def wake_id(clock_id: str) -> str:
    """The id of the job that wakes up for a clock."""
    return str(uuid.uuid5(_JOB_SPACE, clock_id))


def watch(context: CommandContext, recorded: Recorded) -> None:
    """Reaction: the wake-up call comes, moves and goes with the clock."""
    event = recorded.event
    assert isinstance(event, events.ClockEvent)
    if event.clock_kind not in _WATCHED:
        return
    job_id = wake_id(event.clock_id)
    if isinstance(event, events.ClockStopped):
        context.uow.delete(tables.job, (job_id,))
        return
    due_at = PARKED if event.state == ClockState.PAUSED.value else event.due_at + WAKE
    if isinstance(event, events.ClockStarted):
        payload = {"clock_id": event.clock_id}
        moving.insert_job(context, JOB, due_at, payload, instance_id=recorded.stream, job_id=job_id)
    else:
        context.uow.update(tables.job, (job_id,), {"due_at": due_at})


_WATCHED: Final = frozenset(kind.value for kind in RULES)


def _due(context: CommandContext, job: Values) -> None:
    clock = clocks.by_id(context.uow, job["payload"]["clock_id"])
    if clock is not None and clock.state is ClockState.RUNNING and context.now < clock.due.at + WAKE:
        again = {"due_at": clock.due.at + WAKE, "leased_by": None, "leased_until": None}
        context.uow.update(tables.job, (job["id"],), again)
        return
    context.uow.delete(tables.job, (job["id"],))
    instance = context.uow.get(tables.process_instance, (job["instance_id"],))
    if clock is None or clock.state is ClockState.STOPPED or instance is None:
        return
    if InstanceState(instance["state"]) in ENDED or _model_waits(context, job["instance_id"], clock):
        return
    case = cases.of_instance(context.uow, job["instance_id"])
    if case is not None:
        RULES[clock.kind](CaseFile(context, case), clock)


def _model_waits(context: CommandContext, stream: str, clock: Clock) -> bool:
    return any(job["payload"].get("clock_id") == clock.id for job in clocks.timers(context.uow, stream))


jobs.HANDLERS[JOB] = _due
