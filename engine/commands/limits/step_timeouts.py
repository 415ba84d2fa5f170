"""The limit of a step is over and its node says what the system does then: approve, refuse, or give it to the leader (P-9.2, P-9.3).

The task's row is the truth. The job is only a call to wake up: it looks at the row again when it runs, so that running it late,
twice, or while the clock stands does no harm.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Final

from engine.approval.clock import ClockState
from engine.approval.clock_ids import clock_id
from engine.commands.limits import overdue_signers
from engine.commands.limits.step_limits import PARKED
from engine.commands.running import jobs, moving, seats, who
from engine.commands.tasks import answering, transfers
from engine.commands.tasks.handling import task_of
from engine.errors import Conflict
from engine.runtime.instance import ENDED, InstanceState
from engine.runtime.task import Seat, TaskDueChanged
from engine.runtime.timeout import OnTimeout, Timeout, read
from engine.runtime.who import policies
from engine.runtime.who.resolution import Automatic
from engine.store import tables

if TYPE_CHECKING:
    from datetime import datetime

    from engine.commands.running.moving import Moving
    from engine.context import CommandContext
    from engine.runtime.step import OpenTask
    from engine.store.base.unit_of_work import Values
    from engine.store.projections.projector import Recorded

KIND: Final = "step-timeout"
_SPACE: Final = uuid.UUID("3f5e8a52-5d0e-4a7c-9c53-0b7d3a7f6a10")


# ---------------------------------------------------------------- waking up


def watch(context: CommandContext, recorded: Recorded) -> None:
    """Reaction: a task opens, opens again, or is due at another time. Costs nothing where the node says nothing."""
    row = context.uow.get(tables.task, (getattr(recorded.event, "task_id", ""),))
    if row is None or row["closed_at"] is not None or read(row["settings"]) is None:
        return
    if row["seat"] == Seat.HOLDER.value:
        _wake(context, row, row["due_at"] or PARKED)
    elif row["seat"] == Seat.AFTER.value and isinstance(recorded.event, TaskDueChanged):
        decided = seats.root_of(context, row)  # his decision waits for a signature, and its time has moved
        if decided["seat"] == Seat.HOLDER.value and decided["closed_at"] is not None:
            _wake(context, decided, row["due_at"] or PARKED)


def _wake(context: CommandContext, row: Values, at: datetime) -> None:
    job_id = str(uuid.uuid5(_SPACE, row["id"]))
    if context.uow.get(tables.job, (job_id,)) is not None:
        _later(context, job_id, at)
        return
    about = {"instance_id": row["instance_id"], "token_id": row["token_id"], "element_id": row["element_id"]}
    moving.insert_job(context, KIND, at, {"task_id": row["id"]}, job_id=job_id, **about)


def _later(context: CommandContext, job_id: str, at: datetime) -> None:
    context.uow.update(tables.job, (job_id,), {"due_at": at, "leased_by": None, "leased_until": None})


def _run(context: CommandContext, job: Values) -> None:
    row = context.uow.get(tables.task, (job["payload"]["task_id"],))
    instance = context.uow.get(tables.process_instance, (job["instance_id"],))
    timeout = None if row is None else read(row["settings"])
    has_ended = instance is None or InstanceState(instance["state"]) in ENDED
    if row is None or timeout is None or has_ended or not _is_waited_for(context, row):
        context.uow.delete(tables.job, (job["id"],))
        return
    due_at = overdue_signers.due_of(context, row)
    if _stands(context, row) or due_at is None:
        _later(context, job["id"], PARKED)  # ``watch`` wakes it when the clock goes on
    elif due_at > context.now:
        _later(context, job["id"], due_at)
    else:
        context.uow.delete(tables.job, (job["id"],))
        _act(context, moving.load(context, row["instance_id"], row=instance), row, timeout)


jobs.HANDLERS[KIND] = _run


def _is_waited_for(context: CommandContext, row: Values) -> bool:
    """Whether the task is open, or its decision waits for those who sign after it."""
    return row["closed_at"] is None or seats.awaits_signers(context, row)


def _stands(context: CommandContext, row: Values) -> bool:
    clock = context.uow.get(tables.clock, (clock_id(row["token_id"]),))
    return clock is not None and clock["state"] == ClockState.PAUSED.value


# ---------------------------------------------------------------- what the system does


def _act(context: CommandContext, instance: Moving, row: Values, timeout: Timeout) -> None:
    task = next((each for each in instance.before.tasks if each.token_id == row["token_id"]), None)
    if task is None:
        return
    seats.read(context, [row["token_id"]])
    were_asked = overdue_signers.asked(context, row)
    if row["closed_at"] is not None:
        _signers_are_silent(context, instance, row, timeout)
    elif timeout.action is OnTimeout.LEADER:
        _give_to_leader(context, instance, row, timeout)
    elif timeout.action is OnTimeout.FAIL or row["round"] == 1:  # what was returned is looked at by people (P-3.7)
        _decide(context, instance, task, row, timeout)
    overdue_signers.tell_dropped(context, were_asked)


def _decide(context: CommandContext, instance: Moving, task: OpenTask, row: Values, timeout: Timeout) -> None:
    passes = timeout.action is OnTimeout.PASS
    outcome = _outcome(row, timeout)
    if outcome is None and not passes:
        return
    # Nobody waits for an answer any more: what was asked is taken back first (P-9.3).
    answering.ask_no_more(context, row, f"逾期未办，不再征询（{timeout.rule}）")
    done_zh, done_en = ("通过", "passes") if passes else ("不通过", "is refused")
    automatic = Automatic(
        outcome=outcome,
        rule=timeout.rule,
        zh=f"逾期未办，系统{done_zh}，依据：{timeout.basis}",
        en=f"the limit is over and it {done_en}: {timeout.basis}",
    )
    who.decide(instance, task, row["id"], automatic)
    overdue_signers.tell_decided(context, row, f"{automatic.zh}（{timeout.rule}）", f"{automatic.en} ({timeout.rule})")


def _signers_are_silent(context: CommandContext, instance: Moving, row: Values, timeout: Timeout) -> None:
    """The holder has decided in time. Who only advises is not waited for; whose signature decides is silent under the rule of
    the node: his silence passes, refuses, or his leader signs for him. Nothing that was returned passes so (P-3.7)."""
    silent = overdue_signers.deciders(context, row)
    on_what = f"{timeout.rule}，依据：{timeout.basis}" if timeout.basis else timeout.rule
    outcome = _outcome(row, timeout)
    if not silent:
        reason = f"逾期未签署，办理人的决定照此执行（{timeout.rule}）"
        overdue_signers.let_stand(context, instance, row, reason)
    elif timeout.action is OnTimeout.LEADER:
        for seat in silent:
            if seat is not None:
                _give_to_leader(context, instance, seat, timeout)
    elif timeout.action is OnTimeout.FAIL and outcome is not None:
        overdue_signers.overrule(context, instance, row, outcome, f"逾期未签署，系统不通过（{on_what}）")
    elif timeout.action is OnTimeout.PASS and row["round"] == 1:
        reason = f"逾期未签署，系统视为同意（{on_what}）"
        overdue_signers.let_stand(context, instance, row, reason)


def _outcome(row: Values, timeout: Timeout) -> str | None:
    outcomes = tuple(row["outcomes"])
    return policies.approving(outcomes) if timeout.action is OnTimeout.PASS else policies.rejecting(outcomes)


def _give_to_leader(context: CommandContext, instance: Moving, row: Values, timeout: Timeout) -> None:
    """改派 to the first leader above the holder who may act; where there is none it stays, and the cards tell of it."""
    answering.ask_no_more(context, row, f"逾期未办，不再征询（{timeout.rule}）")
    for leader in who.leaders_of(instance, row):
        try:
            reason = f"逾期未办，交由负责人办理（{timeout.rule}）"
            before, context.acts_for = context.acts_for, None
            transfers.transfer(context, instance.row, task_of(row), leader, reason=reason, way="assign")
            context.acts_for = before
        except Conflict:
            continue
        return
