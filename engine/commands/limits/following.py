"""What else knows when a limit ends, and follows when its clock moves: a promise of tolerance, the branches of a joint review."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from engine.approval import events
from engine.approval.clock import Clock
from engine.approval.clock_kind import ClockKind
from engine.approval.tolerance import Tolerance
from engine.commands.cases.case_files import CaseFile
from engine.commands.procedures import parallel, tolerance
from engine.commands.running import jobs, moving
from engine.runtime.instance import ENDED, InstanceState, VariablesChanged
from engine.store import tables
from engine.store.rows import cases, clocks

if TYPE_CHECKING:
    from engine.context import CommandContext
    from engine.store.base.unit_of_work import Values
    from engine.store.projections.projector import Recorded

JOB: Final = "follow-limit"
PART: Final = "tolerance"


def limit_moved(context: CommandContext, recorded: Recorded) -> None:
    """Reaction: a clock that is also kept elsewhere ends at another time."""
    event = recorded.event
    assert isinstance(event, events.ClockEvent)
    follow = _FOLLOW.get(event.clock_kind)
    case = None if follow is None else cases.of_instance(context.uow, recorded.stream, event.case_id)
    clock = None if case is None else clocks.by_id(context.uow, event.clock_id)
    if follow is not None and case is not None and clock is not None:
        follow(CaseFile(context, case), clock)


def _promise_moved(file: CaseFile, clock: Clock) -> None:
    """The deadline of a promise, of its materials, and, by a job, what the process knows of it."""
    promise = file.part(PART, Tolerance)
    if promise is None or not promise.is_open or promise.deadline.at == clock.due.at:
        return
    promise, slots, told = promise.moved(file.slots, clock.due)
    file.keep_slots(slots)
    file.keep(PART, promise, told)
    moving.insert_job(file.context, JOB, file.context.now, {}, instance_id=file.stream)


_FOLLOW: Final = {ClockKind.TOLERANCE.value: _promise_moved, ClockKind.BRANCH.value: parallel.limit_moved}


def _tell_process(context: CommandContext, job: Values) -> None:
    """Later timers and forms of the process read the new dates; those that wait have moved with the clock."""
    context.uow.delete(tables.job, (job["id"],))
    stream = job["instance_id"]
    instance, case = context.uow.get(tables.process_instance, (stream,)), cases.of_instance(context.uow, stream)
    if instance is None or case is None or InstanceState(instance["state"]) in ENDED:
        return
    file = CaseFile(context, case)
    promise = file.part(PART, Tolerance)
    if promise is None or not promise.is_open:
        return
    told = tolerance.times(file, promise)
    file.tell(VariablesChanged(variables=told, source="limit-moved"))
    moving.load(context, stream).move(lambda execution: execution.set_variables(told))


jobs.HANDLERS[JOB] = _tell_process
