"""Limits inside a process: each user task with a limit and each timer set to so many days has a clock, and follows it.

The row is the truth: what the machine holds is only when to wake up. A timer whose clock stands is parked beyond all days,
so that nothing fires while a case is suspended and nothing fires in a burst when it goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from engine.approval import events
from engine.approval.clock import Clock, ClockState
from engine.approval.clock_ids import clock_id, seat_clock_id
from engine.approval.clock_kind import OF_STEPS, ClockKind
from engine.approval.suspension import Suspension
from engine.calendar import DueMode, Limit, WorkCalendar
from engine.commands.cases import moments
from engine.commands.cases.case_files import CaseFile
from engine.commands.cases.clock_desk import ClockDesk
from engine.commands.running import jobs, moving, seats
from engine.runtime import member_limits
from engine.runtime.instance import ENDED, InstanceState
from engine.runtime.task import Seat, TaskDueChanged
from engine.store import tables
from engine.store.rows import cases, clocks

if TYPE_CHECKING:
    from engine.bpmn.runner import Execution
    from engine.commands.running.moving import Moving
    from engine.context import CommandContext
    from engine.runtime.step import OpenTask, Step, WaitingTimer
    from engine.store.base.unit_of_work import Values
    from engine.store.projections.projector import Recorded

PARKED: Final = datetime(9999, 1, 1, tzinfo=UTC)
WAKE: Final = timedelta(seconds=1)  # how long after its end a period is over
SYNC: Final = "sync-timers"


def follows(context: CommandContext, task: Values, clock: Clock) -> bool:
    """Whether the due date of a task is that of a clock of its token: a member with a limit of his own has his own clock, and
    whoever he asks works on his time."""
    root = seats.root_of(context, task)
    own = root["seat"] == Seat.MEMBER.value and member_limits.read(root["settings"]) is not None
    return clock.id == (seat_clock_id(root["id"]) if own else clock_id(task["token_id"]))


# ---------------------------------------------------------------- tasks and timers come and go


def follow(moved: Moving, step: Step) -> None:
    """Start a clock for each new task with a limit and each new timer set to days; stop those of what waits no more."""
    tasks = {task.token_id: task for task in step.tasks if task.limit}
    timers = {moving.timer_job_id(timer): timer for timer in step.timers}
    old_tasks = {task.token_id for task in moved.before.tasks if task.limit}
    old_timers = {moving.timer_job_id(timer): timer for timer in moved.before.timers}
    gone = [clock_id(token_id) for token_id in old_tasks - tasks.keys()]
    waited = {**old_timers, **{moving.timer_job_id(timer): timer for timer in moved.continued}}
    gone += [clock_id(t.token_id, t.element_id) for key, t in waited.items() if t.limit and key not in timers]
    new_tasks = [task for token_id, task in tasks.items() if token_id not in old_tasks]
    new_timers = [timer for key, timer in timers.items() if key not in old_timers]
    if not gone and not new_tasks and not new_timers:
        return
    steps = _Steps.of(moved)
    steps.stop(gone)
    for task in new_tasks:
        steps.begin_task(task)
    for timer in new_timers:
        steps.begin_timer(timer)


moving.FOLLOWERS.append(follow)


def go_on(moved: Moving, execution: Execution) -> None:
    """The clocks of tasks and timers that wait again go on as if they had never stopped, and the timers with them (P-6.1)."""
    step, uow = execution.waiting(), moved.context.uow
    known = {task.token_id for task in moved.before.tasks} | {timer.token_id for timer in moved.before.timers}
    ends: dict[datetime, Clock] = {}  # where a clock ended when it stopped, and what it is now
    for task in step.tasks:
        clock = clocks.by_id(uow, clock_id(task.token_id)) if task.limit and task.token_id not in known else None
        if clock is not None:
            ends[clock.due.at] = _Steps.of(moved).go_on(clock)
    for timer in step.timers:
        if timer.token_id in known:
            continue
        own = clocks.by_id(uow, clock_id(timer.token_id, timer.element_id))
        if own is not None:
            _set(execution, timer, own.due.at, _Steps.of(moved).go_on(own))
        else:  # tied to the end of its task, perhaps
            end = next((at for at in ends if timer.due_at - at in _AT_THE_END), timer.due_at)
            _set(execution, timer, end, ends.get(end))


_AT_THE_END: Final = (timedelta(0), WAKE)


def _set(execution: Execution, timer: WaitingTimer, end: datetime, clock: Clock | None) -> None:
    """Set a timer that goes on to where ``clock``, which had stopped with that ``end``, ends now, or aside while it stands."""
    stood = timer.due_at == PARKED
    if clock is not None:
        after = timedelta(0) if stood else timer.due_at - end
        execution.reschedule_timer(timer.token_id, PARKED if clock.state is ClockState.PAUSED else clock.due.at + after)
    elif stood:  # with a clock of the case
        execution.reschedule_timer(timer.token_id, None)


moving.CONTINUED.append(go_on)


def seat_reopened(context: CommandContext, recorded: Recorded) -> None:
    """Reaction: the limit of a member who takes back his vote goes on (P-6.1, P-9.4)."""
    row = context.uow.get(tables.task, (getattr(recorded.event, "task_id", ""),))
    clock = None if row is None else clocks.by_id(context.uow, seat_clock_id(row["id"]))
    if row is not None and row["closed_at"] is None and clock is not None:
        desk, mode, file = _desk(context, row["instance_id"])
        _Steps(context, desk, mode, file).go_on(clock)


class _Steps:
    """The clocks of one instance's steps while it moves."""

    def __init__(
        self,
        context: CommandContext,
        desk: ClockDesk,
        mode: DueMode,
        file: CaseFile | None,
        moved: Moving | None = None,
    ) -> None:
        self.context = context
        self.moved = moved
        self.desk = desk
        self.mode = mode
        self.file = file

    @classmethod
    def of(cls, moved: Moving) -> _Steps:
        """Those of ``moved``; steps of a case count as its item says."""
        desk, mode, file = _desk(moved.context, moved.id)
        return cls(moved.context, desk, mode, file, moved)

    def stop(self, ids: list[str]) -> None:
        """Stop these clocks; a task may have been given one after the process was deployed, or none."""
        for each in ids:
            row = self.context.uow.get(tables.clock, (each,))
            if row is not None and row["state"] != ClockState.STOPPED.value:
                self.desk.keep(*clocks.read(self.context.uow, row).stop(self.desk.now, self.context.calendar))

    def begin_task(self, task: OpenTask) -> None:
        """A step clock; the task's due date is that of the clock."""
        assert task.limit is not None  # the caller chose those with one
        seat = self.context.uow.get(tables.task, (task.token_id,))
        clock = self.begin(
            ClockKind.STEP,
            Limit.parse(task.limit),
            task.scope,
            id=clock_id(task.token_id),
            task_id=None if seat is None else task.token_id,
            token_id=task.token_id,
            source=task.element_name or task.element_id,
        )
        if seat is not None and clock.state is ClockState.RUNNING and seat["due_at"] != clock.due.at:
            _tell_tasks(self.context, self.desk.stream, clock)

    def begin_timer(self, timer: WaitingTimer) -> None:
        """A clock for a timer that was set to days; else the timer is tied to the clock from which its time comes, if any: to
        its end, or to a morning on which the office speaks of it before."""
        tie: dict[str, Any] | None = None
        known = clocks.by_id(self.context.uow, clock_id(timer.token_id, timer.element_id))
        if known is not None and known.state is not ClockState.STOPPED:  # it goes on, see ``go_on``
            tie = {"clock_id": known.id, "after": 0.0} if timer.due_at == PARKED else _tie_to_end(known, timer)
        elif timer.limit is not None:
            clock = self.begin(
                ClockKind.TIMER,
                Limit.parse(timer.limit),
                timer.scope,
                id=clock_id(timer.token_id, timer.element_id),
                at=timer.since,
                token_id=timer.token_id,
                source=timer.element_name or timer.element_id,
            )
            tie = _tie_to_end(clock, timer)
        elif self.file is not None:
            ending = self._clock_that_ends_with(timer)
            tie = (
                moments.tie_to_warning(self.file, timer.due_at, self.context.calendar)
                if ending is None
                else (_tie_to_end(ending, timer))
            )
        if tie is not None:
            self.context.uow.update(tables.job, (moving.timer_job_id(timer),), {"payload": tie})

    def _clock_that_ends_with(self, timer: WaitingTimer) -> Clock | None:
        """The clock whose end a verb gave to the process: that of the co-department about which the token is, of the case
        (the latest of several), or of the task on which the timer sits. What merely ends in the same moment is none of its
        business: it would stop another day, or stand for another reason."""
        found = [clock for clock in self.desk.open() if timer.due_at - clock.due.at in (timedelta(0), WAKE)]
        branches = [clock for clock in found if clock.kind is ClockKind.BRANCH]
        if branches:
            assert self.moved is not None  # timers come from a move
            seen = self.moved.execution.variables(timer.token_id).values()
            about = {value.get("code") for value in seen if isinstance(value, dict)}
            branches = [clock for clock in branches if clock.about in about]
        of_case = [clock for clock in found if clock.kind not in OF_STEPS and clock.kind is not ClockKind.BRANCH]
        own = [clock for clock in found if clock.kind in OF_STEPS and clock.token_id in timer.scope]
        # Reversed: of two that began in the same moment, max takes the one that began after the other.
        return max(reversed(branches or of_case or own), key=lambda clock: clock.started_at, default=None)

    def go_on(self, clock: Clock) -> Clock:
        """Let a clock that has stopped go on; it stands for what the case stands for, and has stood for it since."""
        if clock.state is not ClockState.STOPPED:
            return clock
        promised = self.desk.latest(ClockKind.PROMISED) if self.desk.case_id is not None else None
        stood = () if promised is None else promised.suspensions
        self.desk.keep(*clock.go_on([each for each in stood if each.id != clock.within], self.context.calendar))
        return self.desk.get(clock.id)

    def begin(
        self, kind: ClockKind, limit: Limit, scope: tuple[str, ...], *, within: str = "", **options: Any
    ) -> Clock:
        """Start a clock of a step; ``within`` is the special procedure in which it runs, where ``scope`` does not tell."""
        standing = self._standing()
        within = within or next((each.id for each in standing if each.token_id in scope and each.token_id), "")
        mode = self.mode if kind is ClockKind.STEP else DueMode.END_OF_DAY  # wd() and nd() end with the day
        clock = self.desk.start(kind, limit, mode=mode, within=within, **options)
        if not within:
            for each in standing:
                # A step that the process began itself, behind the verb that suspended it, is the procedure.
                if each.token_id:
                    self.desk.pause([self.desk.get(clock.id)], replace(each, start=self.desk.now))
        return self.desk.get(clock.id)

    def _standing(self) -> tuple[Suspension, ...]:
        """The suspensions that stop steps now: those for which the promised clock stands."""
        promised = self.desk.latest(ClockKind.PROMISED) if self.desk.case_id is not None else None
        return () if promised is None else promised.open_suspensions


def _desk(context: CommandContext, instance_id: str) -> tuple[ClockDesk, DueMode, CaseFile | None]:
    """The clocks of an instance; steps of a case count as its item says."""
    instance = context.uow.get(tables.process_instance, (instance_id,))
    row = cases.of_instance(context.uow, instance_id) if instance is not None and instance["business_key"] else None
    if row is None:
        return ClockDesk(context, instance_id, None), DueMode.END_OF_DAY, None
    file = CaseFile(context, row)
    return file.time, file.item.limits.mode, file


def desk_of(context: CommandContext, instance_id: str) -> ClockDesk:
    """The clocks of an instance and of its case."""
    return _desk(context, instance_id)[0]


def begin_seat(
    context: CommandContext, instance_id: str, limit: Limit, scope: tuple[str, ...], *, within: str = "", **options: Any
) -> None:
    """Start the clock of one member of a ballot; the due date of his task is that of the clock."""
    desk, mode, file = _desk(context, instance_id)
    clock = _Steps(context, desk, mode, file).begin(ClockKind.STEP, limit, scope, within=within, **options)
    _tell_tasks(context, instance_id, clock)


def _tie_to_end(clock: Clock, timer: WaitingTimer) -> dict[str, Any]:
    return {"clock_id": clock.id, "after": (timer.due_at - clock.due.at).total_seconds()}


# ---------------------------------------------------------------- what moves with a clock


def clock_moved(context: CommandContext, recorded: Recorded) -> None:
    """Reaction: the due date of the task and the waiting timers move with the clock, in the same transaction."""
    event = recorded.event
    assert isinstance(event, events.ClockEvent)
    if event.clock_kind == ClockKind.STEP.value:
        row = context.uow.get(tables.clock, (event.clock_id,))
        if row is not None and row["state"] != ClockState.STOPPED.value:
            _tell_tasks(context, recorded.stream, clocks.read(context.uow, row))
    sync(context, recorded.stream, tied_to=event.clock_id)


def _tell_tasks(context: CommandContext, stream: str, clock: Clock) -> None:
    expected = clock.expected(context.calendar)
    due_at = None if expected is None else expected.at
    provisional = clock.state is ClockState.PAUSED or expected is None or expected.provisional
    for task in clocks.open_tasks(context.uow, clock.token_id):
        if follows(context, task, clock) and (task["due_at"], task["due_provisional"]) != (due_at, provisional):
            context.record(stream, TaskDueChanged(task_id=task["id"], due_at=due_at, provisional=provisional))


def sync(context: CommandContext, stream: str, *, tied_to: str | None = None) -> None:
    """Set every timer that is tied to a clock (to the one named) to where the clock ends now, or aside while it stands."""
    ties = [(job, job["payload"].get("clock_id")) for job in clocks.timers(context.uow, stream)]
    tied = [job for job, clock_id in ties if clock_id and tied_to in (None, clock_id)]
    rows = [context.uow.get(tables.clock, (job["payload"]["clock_id"],)) for job in tied]
    by_id = {row["id"]: clocks.read(context.uow, row) for row in rows if row is not None}
    wrong = wrong_timers(tied, by_id, context.calendar)
    instance = context.uow.get(tables.process_instance, (stream,))
    if wrong and instance is not None and InstanceState(instance["state"]) not in ENDED:
        moving.load(context, stream, row=instance).reschedule(wrong)


def wrong_timers(tied: list[Values], by_id: Mapping[str, Clock], calendar: WorkCalendar) -> dict[str, datetime]:
    """Return when the timers of these jobs should be due, by token id: those that are not. ``by_id`` has their clocks."""
    found = {}
    for job in tied:
        clock = by_id.get(job["payload"]["clock_id"])
        if clock is None or clock.state is ClockState.STOPPED:
            continue
        paused = clock.state is ClockState.PAUSED
        due_at = PARKED if paused else moments.moment_of(job["payload"], clock, calendar)
        if job["due_at"] != due_at:
            found[job["token_id"]] = due_at
    return found


def _sync_job(context: CommandContext, job: Values) -> None:
    sync(context, job["instance_id"])
    context.uow.delete(tables.job, (job["id"],))


jobs.HANDLERS[SYNC] = _sync_job
