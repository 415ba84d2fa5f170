"""Another calendar: the ends of all open limits are computed again, in batches, with a log of what moved.

One batch is one transaction and one job; it leaves the next one behind. What cannot be computed (a damaged row) gets a job
of its own, which fails by itself and opens an incident; the rest goes on.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from engine.approval.clock import Clock, ClockState
from engine.approval.clock_kind import ClockKind
from engine.commands.cases.clock_desk import ClockDesk
from engine.commands.limits import step_limits
from engine.commands.running import jobs, moving
from engine.errors import BanjieError, StepFailed
from engine.runtime.task import TaskDueChanged
from engine.store import tables
from engine.store.rows import calendar as calendars
from engine.store.rows import clocks

if TYPE_CHECKING:
    from engine.context import CommandContext
    from engine.events import Event
    from engine.store.base.unit_of_work import Values
    from engine.store.projections.projector import Recorded

BATCH: Final = 250  # instances in one transaction: the others wait for it no longer than a moment
ALL, ONE = "reproject-clocks", "reproject-instance"


def calendar_changed(context: CommandContext, recorded: Recorded) -> None:
    """Reaction to a new version of the calendar."""
    version = calendars.version_of(context.uow)
    if clocks.any_open(context.uow):
        moving.insert_job(context, ALL, context.now, {"version": version, "after": ""})
    else:
        calendars.tell_progress(context.uow, context.environment.region, version, finished_at=context.now)


def _batch(context: CommandContext, job: Values) -> None:
    """Compute the clocks of the next instances again and leave a job for those behind them."""
    context.uow.delete(tables.job, (job["id"],))
    version, after = job["payload"]["version"], job["payload"]["after"]
    region = context.environment.region
    if version < calendars.version_of(context.uow):
        # A later change has a job of its own, and it computes everything by the newest calendar.
        calendars.tell_progress(context.uow, region, version, finished_at=context.now)
        return
    instances = clocks.open_instances(context.uow, after=after, limit=BATCH)
    if not instances:
        calendars.tell_progress(context.uow, region, version, finished_at=context.now)
        return
    clocks.lock_all(context.uow, instances)
    rows = clocks.open_clocks(context.uow, instances)
    moved, broken = _computed(context, rows)
    _record(context, moved)
    for instance_id in sorted(broken):
        moving.insert_job(context, ONE, context.now, {}, instance_id=instance_id)
    calendars.tell_progress(
        context.uow, region, version, seen=len(rows), moved=sum(map(len, moved.values())), failed=len(broken)
    )
    moving.insert_job(context, ALL, context.now, {"version": version, "after": instances[-1]})


Moved = dict[str, list[tuple[Clock, list["Event"]]]]


def _computed(context: CommandContext, rows: Any) -> tuple[Moved, set[str]]:
    """Return what moved, by instance, and the instances with a clock that cannot be computed."""
    moved: Moved = defaultdict(list)
    broken: set[str] = set()
    for row in rows:
        try:
            clock, events = Clock.from_json(row.facts).reproject(context.calendar)
        except Exception:  # whatever is wrong with one clock, the others are computed
            broken.add(row.instance_id)
            continue
        if events:
            moved[row.instance_id].append((clock, events))
    for instance_id in broken:
        moved.pop(instance_id, None)
    return moved, broken


def _record(context: CommandContext, moved: Moved) -> None:
    if not moved:
        return
    changed = [clock for found in moved.values() for clock, _ in found]
    clocks.remember_rows(context.uow, [clock.id for clock in changed])
    tasks = _open_tasks(context, changed)
    for instance_id, found in moved.items():
        for clock, events in found:
            due = clock.expected(context.calendar)
            due_at = None if due is None else due.at
            provisional = due is None or due.provisional or clock.state is ClockState.PAUSED
            told = [
                TaskDueChanged(task_id=task_id, due_at=due_at, provisional=provisional)
                for task_id in tasks.get(clock.id, ())
            ]
            context.record(instance_id, *events, *told)
    _wake_timers(context, moved)


def _open_tasks(context: CommandContext, changed: list[Clock]) -> dict[str, list[str]]:
    """The ids of the open tasks of step clocks, by clock."""
    by_token: dict[str, list[Clock]] = defaultdict(list)
    for clock in changed:
        if clock.kind is ClockKind.STEP:
            by_token[clock.token_id].append(clock)
    found: dict[str, list[str]] = defaultdict(list)
    for task in clocks.open_tasks_of(context.uow, by_token) if by_token else ():
        for clock in by_token[task["token_id"]]:
            if step_limits.follows(context, task, clock):
                found[clock.id].append(task["id"])
    return found


def _wake_timers(context: CommandContext, moved: Moved) -> None:
    """Instances with a timer that is tied to a clock that moved get a job each: it opens the machine's state."""
    by_id = {clock.id: clock for found in moved.values() for clock, _ in found}
    waiting = [job for job in clocks.timers_of(context.uow, moved) if job["payload"].get("clock_id") in by_id]
    for instance_id in sorted({job["instance_id"] for job in waiting}):
        tied = [job for job in waiting if job["instance_id"] == instance_id]
        if step_limits.wrong_timers(tied, by_id, context.calendar):
            moving.insert_job(context, step_limits.SYNC, context.now, {}, instance_id=instance_id)


def _one(context: CommandContext, job: Values) -> None:
    """An instance whose clocks could not be computed in their batch: alone, so that what is wrong has a name."""
    context.uow.delete(tables.job, (job["id"],))
    stream = job["instance_id"]
    try:
        desk = ClockDesk(context, stream, None)
        for clock in desk.open():
            desk.reproject(clock)
    except (BanjieError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise StepFailed(
            f"工作日历变更后，这个流程的时限无法重新计算（{error!r}），请检查时限数据",
            f"After a change of the calendar a limit of this instance cannot be computed again ({error!r})",
            reason="clock-broken",
            instance_id=stream,
        ) from error
    step_limits.sync(context, stream)


jobs.HANDLERS[ALL] = _batch
jobs.HANDLERS[ONE] = _one
