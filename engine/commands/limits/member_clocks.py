"""Each member of a ballot with a limit of his own (``memberLimit``, P-9.4), and what follows when it has passed (P-9.2, P-9.3).

The clock of a seat begins when the seat opens: in turn, when somebody is added, with all others. It stands and goes on with
the case; who takes a seat over gets the rest. The job at its end is only a wake-up call that looks at the row again (P-9.1).
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Final

from engine.access import SYSTEM
from engine.approval.clock import Clock, ClockState
from engine.approval.clock_ids import seat_clock_id
from engine.commands.ballots.ballot_box import Box
from engine.commands.limits import overdue_signers, step_limits
from engine.commands.running import jobs, moving, seats
from engine.commands.tasks import answering
from engine.commands.tasks.handling import task_of
from engine.runtime.ballot import Choice
from engine.runtime.member_limits import MemberLimit, Overdue, read
from engine.runtime.task import Seat, TaskCompleted
from engine.store import tables
from engine.store.rows import clocks

if TYPE_CHECKING:
    from datetime import datetime

    from engine.commands.running.moving import Moving
    from engine.context import CommandContext
    from engine.runtime.step import Step
    from engine.store.base.unit_of_work import Values
    from engine.store.projections.projector import Recorded

WAKE: Final = "member-overdue"
_SPACE: Final = uuid.UUID("5c1d6f0e-7b52-4c8e-a1f4-2e9d0c3b8a77")


def of_seat(row: Values) -> MemberLimit | None:
    """The limit of this seat; None for everything that is no voter's seat with a limit of its own."""
    return read(row["settings"]) if row["seat"] == Seat.MEMBER.value else None


def follow(moved: Moving, step: Step) -> None:
    """Start the clocks of the members of each ballot that has just opened."""
    known = {task.token_id for task in moved.before.tasks}
    for task in step.tasks:
        if task.token_id not in known and read(task.settings) is not None:
            for row in seats.open_of(moved.context, task.token_id):
                _begin(moved.context, row, task.scope)


moving.FOLLOWERS.append(follow)


def seat_opened(context: CommandContext, recorded: Recorded) -> None:
    """Reaction: a seat that opened later, in turn or beside somebody; it stands inside of what the others stand in."""
    row = _row(context, recorded)
    if row is None or of_seat(row) is None or _clock(context, row) is not None:
        return
    others = (_clock(context, each) for each in seats.of_token(context, row["token_id"]))
    within = next((clock.within for clock in others if clock is not None), "")
    _begin(context, row, (), within=within)


def seat_closed(context: CommandContext, recorded: Recorded) -> None:
    """Reaction: who has voted, or need not any more, has no clock running."""
    row = _row(context, recorded)
    if row is not None:
        _stop(context, row)


def counted(context: CommandContext, recorded: Recorded) -> None:
    """Reaction: a vote counts, somebody left, or the ballot is over: also the time of those ends who had answered and whose vote
    waited for signers."""
    ballot = context.uow.get(tables.ballot, (getattr(recorded.event, "ballot_id", ""),))
    if ballot is None or read(ballot["settings"]) is None:
        return
    for row in seats.of_token(context, ballot["token_id"]):
        if row["closed_at"] is not None:
            _stop(context, row)


def _stop(context: CommandContext, row: Values) -> None:
    if of_seat(row) is None or _is_unsigned(context, row):
        return
    clock = _clock(context, row)
    if clock is not None and clock.state is not ClockState.STOPPED:
        desk = step_limits.desk_of(context, row["instance_id"])
        desk.keep(*clock.stop(desk.now, context.calendar))


def _is_unsigned(context: CommandContext, row: Values) -> bool:
    """Whether the member has answered, and his vote is not counted yet: somebody is to sign after him."""
    if row["closed_at"] is None or not seats.awaits_signers(context, row):
        return False
    box = Box.of(context, row["ballot_id"])
    member = box.member_at(row["id"])
    return box.is_open and member is not None and member["login"] not in box.votes


def seat_due_changed(context: CommandContext, recorded: Recorded) -> None:
    """Reaction: whoever is to be woken when a limit has passed is woken then."""
    row = _row(context, recorded)
    if row is not None and row["seat"] == Seat.AFTER.value and row["closed_at"] is None:
        row = seats.root_of(context, row)  # whose vote waits for this signature
    limit = None if row is None else of_seat(row)
    if row is not None and limit is not None:
        _wake_at_the_end(context, row, limit)


def _begin(context: CommandContext, row: Values, scope: tuple[str, ...], within: str = "") -> None:
    limit = of_seat(row)
    if limit is None or row["closed_at"] is not None:
        return
    step_limits.begin_seat(
        context,
        row["instance_id"],
        limit.limit,
        scope,
        within=within,
        id=seat_clock_id(row["id"]),
        task_id=row["id"],
        token_id=row["token_id"],
        source=f"{row['element_name']} · {row['assignee']}",
    )
    if context.uow.get(tables.task, (row["id"],)) is not None:
        _wake_at_the_end(context, row, limit)


def _wake_at_the_end(context: CommandContext, row: Values, limit: MemberLimit) -> None:
    """One job for each seat, which goes where its end goes."""
    due_at = overdue_signers.due_of(context, row)
    if limit.overdue is Overdue.NONE or due_at is None:
        return
    job_id, at = str(uuid.uuid5(_SPACE, row["id"])), max(due_at, context.now) + step_limits.WAKE
    if context.uow.get(tables.job, (job_id,)) is None:
        moving.insert_job(context, WAKE, at, {"task": row["id"]}, instance_id=row["instance_id"], job_id=job_id)
    else:
        _later(context, job_id, at)


def _later(context: CommandContext, job_id: str, at: datetime) -> None:
    context.uow.update(tables.job, (job_id,), {"due_at": at, "leased_by": None, "leased_until": None})


# ---------------------------------------------------------------- the limit has passed


def _woken(context: CommandContext, job: Values) -> None:
    row = context.uow.get(tables.task, (job["payload"]["task"],))
    limit = None if row is None else of_seat(row)
    if row is None or limit is None or (row["closed_at"] is not None and not _is_unsigned(context, row)):
        context.uow.delete(tables.job, (job["id"],))
        return
    clock, due_at = _clock(context, row), overdue_signers.due_of(context, row)
    if due_at is None or (clock is not None and clock.state is ClockState.PAUSED):
        _later(context, job["id"], step_limits.PARKED)  # ``seat_due_changed`` sets it again when the clock goes on
    elif due_at > context.now:
        _later(context, job["id"], due_at + step_limits.WAKE)
    else:
        context.uow.delete(tables.job, (job["id"],))
        were_asked = overdue_signers.asked(context, row)
        if row["closed_at"] is None:
            _vote_for(context, row, limit)
        else:
            _signers_are_silent(context, row, limit)
        overdue_signers.tell_dropped(context, were_asked)


def _vote_for(context: CommandContext, row: Values, limit: MemberLimit) -> None:
    """The vote of somebody who was silent, by the rule of the node, as ``system``; what he asked of others is recalled first."""
    answering.ask_no_more(context, row, f"逾期未表决，不再征询（memberOverdue={limit.overdue.value}）")
    box = Box.of(context, row["ballot_id"])
    outcome = box.node.code(Choice(limit.overdue.value))
    comment = f"逾期未表决，{_counts_as(limit)}"
    shown: dict[str, Any] = {} if box.node.ballot.secret else {"outcome": outcome, "comment": comment}
    done = TaskCompleted(
        task_id=row["id"], element_id=row["element_id"], element_name=row["element_name"], deemed=True, **shown
    )
    task = task_of(row)
    context.record(row["instance_id"], done, actor=SYSTEM.login)
    instance = moving.load(context, row["instance_id"])
    seats.follow(context, instance, seats.Answer(task=task, outcome=outcome, comment=comment))
    overdue_signers.tell_decided(context, row, comment, f"the time is over and it counts as {limit.overdue.value}")


def _signers_are_silent(context: CommandContext, row: Values, limit: MemberLimit) -> None:
    """He has voted in time, and who was to sign after him is silent. Who only advises is not waited for; where a signature decides,
    the vote is what the rule of the node makes of silence."""
    instance = moving.load(context, row["instance_id"])
    if not overdue_signers.deciders(context, row):
        reason = f"逾期未签署，{row['assignee']} 的表决照此计票（memberOverdue={limit.overdue.value}）"
        overdue_signers.let_stand(context, instance, row, reason)
    elif limit.overdue is Overdue.APPROVE:
        overdue_signers.let_stand(context, instance, row, f"逾期未签署，{_counts_as(limit)}")
    else:
        code = Box.of(context, row["ballot_id"]).node.code(Choice(limit.overdue.value))
        overdue_signers.overrule(context, instance, row, code, f"逾期未签署，{_counts_as(limit)}")


def _counts_as(limit: MemberLimit) -> str:
    ground = f"，依据：{limit.basis}" if limit.basis else ""
    return f"按规定计为{_WORDS[limit.overdue]}（memberOverdue={limit.overdue.value}{ground}）"


_WORDS = {Overdue.ABSTAIN: "弃权", Overdue.APPROVE: "同意", Overdue.REJECT: "不同意"}
jobs.HANDLERS[WAKE] = _woken


# ---------------------------------------------------------------- pieces


def _row(context: CommandContext, recorded: Recorded) -> Values | None:
    return context.uow.get(tables.task, (getattr(recorded.event, "task_id", ""),))


def _clock(context: CommandContext, row: Values) -> Clock | None:
    return clocks.by_id(context.uow, seat_clock_id(row["id"]))
