"""A ballot goes on: it was decided, and the decision is taken back, or the end of a multi-instance had cancelled it (P-6.1, P-6.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.commands.ballots import ballot_members
from engine.commands.ballots.ballot_box import Box
from engine.commands.ballots.ballot_seats import arrange_seats
from engine.commands.returning import ballot_recusal
from engine.commands.running import seats
from engine.commands.tasks import answering
from engine.runtime.ballot_events import BallotReopened, BallotState
from engine.runtime.signers import Position
from engine.runtime.task import Power, TaskReopened, TaskState
from engine.store import tables

if TYPE_CHECKING:
    from engine.commands.running.moving import Moving
    from engine.context import CommandContext
    from engine.runtime.task import Task


def without_vote(context: CommandContext, instance: Moving, task: Task, ballot_id: str, *, reason: str) -> None:
    """A decided ballot is open again without the vote of ``task``; the others' votes stay."""
    ballot_members.reopen(context, ballot_id, token_id=task.token_id, reason=reason)
    ballot_members.withdraw_vote(context, instance, task, reason=reason)
    _leave_recused(context, instance, ballot_id)


def cancelled_at(context: CommandContext, token_id: str) -> str | None:
    """The ballot that went when the token did."""
    for row in seats.of_token(context, token_id):
        ballot = context.uow.get(tables.ballot, (row["ballot_id"],)) if row["ballot_id"] else None
        if ballot is not None and ballot["state"] == BallotState.CANCELLED.value:
            return str(ballot["id"])
    return None


def go_on(context: CommandContext, instance: Moving, ballot_id: str, *, reason: str) -> None:
    """A ballot that was cancelled because others were enough goes on: its votes count as before, who had not voted may vote, and
    whose answer waited for signatures answers again. What people had asked of others stays taken back."""
    box = Box.of(context, ballot_id)
    reopened = BallotReopened(**box.about, token_id=box.row["token_id"], reason=reason)
    context.record(instance.id, reopened)
    turn = set(box.seated)
    for member in box.members:
        row = context.uow.get(tables.task, (member["task_id"],)) if member["task_id"] else None
        if row is None or row["closed_at"] is None or member["login"] in box.votes:
            continue
        waited = row["state"] == TaskState.COMPLETED.value and member["power"] == Power.DECIDE.value
        if waited:
            answering.sign_again(context, row, reason)
        if waited or (row["state"] == TaskState.CANCELLED.value and member["login"] in turn):
            answering.drop_signers(context, row, Position.BEFORE, reason=reason)
            context.record(instance.id, TaskReopened(task_id=row["id"], assignee=row["assignee"], reason=reason))
    arrange_seats(context, Box.of(context, ballot_id))
    _leave_recused(context, instance, ballot_id)


def _leave_recused(context: CommandContext, instance: Moving, ballot_id: str) -> None:
    """Whoever was recused since then leaves: his seat was opened again with the others."""
    for login in instance.row["recused"] or ():
        ballot_recusal.leave(context, instance, ballot_id, login, f"{login} 回避")
