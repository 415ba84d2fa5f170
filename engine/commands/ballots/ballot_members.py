"""Changes of an open ballot that are no votes: members join and leave, votes and decisions are taken back (P-1.3, P-4, P-6).

Each function records what happened and counts again. Who may ask for it is decided by the commands that call them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.commands.ballots.ballot_box import Box
from engine.commands.ballots.ballot_seats import arrange_seats, cancel_with_those_asked
from engine.commands.ballots.voting import reconsider
from engine.commands.running import eligibility, seats
from engine.errors import Conflict
from engine.runtime.ballot_events import BallotReopened, VoterAdded, VoterRemoved, VoterReplaced, VoteWithdrawn
from engine.runtime.task import Power, Task, TaskAssigned, TaskReopened, TaskState
from engine.store import tables

if TYPE_CHECKING:
    from engine.commands.running.moving import Moving
    from engine.context import CommandContext
    from engine.store.base.unit_of_work import Values


def add_member(
    context: CommandContext,
    instance: Moving | None,
    ballot_id: str,
    login: str,
    *,
    added_by: str,
    power: Power = Power.DECIDE,
    reason: str = "",
) -> str | None:
    """并加签: ``login`` joins an open ballot, last in order, with the weight of the member ``added_by`` (P-4.1).

    Returns the id of the new task, or None while it is not that member's turn. Raises Conflict for somebody who is a member
    already (P-4.6), who may not act here, or when the ballot is decided.
    """
    box = Box.of(context, ballot_id)
    box.check_open()
    check_not_member(box, login)
    _check_eligible(context, box, login)
    adder = box.member(added_by)
    weight = adder["weight"] if adder is not None and power is Power.DECIDE else 1
    joined = VoterAdded(**box.about, login=login, added_by=added_by, weight=weight, power=power, reason=reason)
    context.record(box.row["instance_id"], joined)
    reconsider(context, instance, ballot_id)
    member = Box.of(context, ballot_id).member(login)
    return None if member is None else member["task_id"]


def remove_member(
    context: CommandContext, instance: Moving | None, ballot_id: str, login: str, *, reason: str = ""
) -> bool:
    """减签: a member who has not voted leaves an open ballot (P-4.4). Returns whether that decided the ballot (P-1.3).

    Raises Conflict for one who has voted, for the last voter, and when the ballot is decided.
    """
    box = Box.of(context, ballot_id)
    box.check_open()
    member = box.member(login)
    if member is None:
        raise Conflict(
            f"{login} 不是「{box.label}」的表决人。", f"{login} is no member of the ballot {box.label}.", login=login
        )
    _check_removable(box, member)
    context.record(box.row["instance_id"], VoterRemoved(**box.about, login=login, reason=reason))
    row = context.uow.get(tables.task, (member["task_id"],)) if member["task_id"] else None
    if row is not None:
        cancel_with_those_asked(context, row, reason or "removed")
    return reconsider(context, instance, ballot_id)


def replace_member(context: CommandContext, ballot_id: str, login: str, by: str, *, reason: str = "") -> None:
    """``by`` takes the place of a member who has not voted: in order, with weight, veto and chair, and the open seat if there is
    one. The count does not change. Raises Conflict as ``add_member`` does, and for one who has voted.
    """
    box = Box.of(context, ballot_id)
    box.check_open()
    member = box.member(login)
    if member is None or login in box.votes:
        raise Conflict(
            f"{login} 在「{box.label}」没有可以移交的票。",
            f"{login} has no vote to hand on at {box.label}.",
            login=login,
        )
    check_not_member(box, by)
    _check_eligible(context, box, by)
    row = context.uow.get(tables.task, (member["task_id"],)) if member["task_id"] else None
    if row is not None and row["closed_at"] is None:
        moved = TaskAssigned(task_id=row["id"], assignee=by, from_assignee=login, reason=reason)
        context.record(box.row["instance_id"], moved)
    else:
        context.record(box.row["instance_id"], VoterReplaced(**box.about, login=login, by=by, reason=reason))


def withdraw_vote(context: CommandContext, instance: Moving | None, task: Task, *, reason: str = "") -> None:
    """撤回一票: the vote of this member's task is taken back while the ballot is open; the others' stay (P-6.1, P-6.2)."""
    assert task.ballot_id is not None
    box = Box.of(context, task.ballot_id)
    box.check_open()
    member = box.member_at(task.id)
    vote = box.votes.get(member["login"]) if member is not None else None
    row = context.uow.get(tables.task, (task.id,))
    assert row is not None
    # Who has answered and has no vote yet waits for those who sign after him.
    if member is None or (vote is None and row["state"] != TaskState.COMPLETED.value):
        raise Conflict(
            f"「{box.label}」没有您可以撤回的票。",
            f"There is no vote of yours to take back at {box.label}.",
            task_id=task.id,
        )
    if vote is not None:
        withdrawn = VoteWithdrawn(**box.about, login=member["login"], task_id=task.id, reason=reason)
        context.record(task.instance_id, withdrawn)
    context.record(task.instance_id, TaskReopened(task_id=task.id, assignee=row["assignee"], reason=reason))
    reconsider(context, instance, task.ballot_id)


def reopen(context: CommandContext, ballot_id: str, *, token_id: str, reason: str = "") -> None:
    """The decision was taken back while nobody had acted on it: the ballot is open again, at a token that waits again.

    The votes stay (P-6.2); who was superseded may vote. Withdraw the vote that decided with ``withdraw_vote`` afterwards,
    else the ballot is certain still. ``token_id`` may be another one than before.
    """
    box = Box.of(context, ballot_id)
    rows = [row for row in seats.of_token(context, box.row["token_id"]) if row["ballot_id"] == ballot_id]
    context.record(box.row["instance_id"], BallotReopened(**box.about, token_id=token_id, reason=reason))
    moved = token_id if token_id != rows[0]["token_id"] else None
    for row in rows:
        member = box.member_at(row["id"])
        if row["state"] == TaskState.SUPERSEDED.value and member is not None:
            again = TaskReopened(task_id=row["id"], assignee=row["assignee"], token_id=moved, reason=reason)
            context.record(row["instance_id"], again)
    context.seats.clear()  # the rows may stand under another token now
    arrange_seats(context, Box.of(context, ballot_id))


def check_stranger(context: CommandContext, ballot_id: str, login: str) -> None:
    """Raise Conflict when ``login`` is a member of the ballot, or has voted in it, also for another: one person has one vote
    (P-1.4, P-7.4), and with a second seat he could only sit there."""
    check_not_member(Box.of(context, ballot_id), login)


def check_not_member(box: Box, login: str) -> None:
    if box.member(login) is not None or box.has_voted(login):
        voted = "已表决" if box.has_voted(login) else "正在表决"
        raise Conflict(
            f"{login} 已是「{box.label}」的成员（{voted}），一人只有一票，请选择其他人。",
            f"{login} is a member of the ballot {box.label} already, and one person has one vote; choose somebody else.",
            login=login,
            ballot_id=box.id,
        )


def _check_eligible(context: CommandContext, box: Box, login: str) -> None:
    instance_row = context.uow.get(tables.process_instance, (box.row["instance_id"],))
    assert instance_row is not None
    first = next(row for row in seats.of_token(context, box.row["token_id"]) if row["ballot_id"] == box.id)
    context.person(login)
    eligibility.check(context, instance_row, eligibility.ElementFacts.of(first), login, way="sign")


def _check_removable(box: Box, member: Values) -> None:
    login = member["login"]
    if login in box.votes:
        raise Conflict(
            f"{login} 已在「{box.label}」表决，不能移除；如需重投，请本人撤回。",
            f"{login} has voted at {box.label} and cannot be removed; a vote is taken back by its voter.",
            login=login,
        )
    if member["power"] == Power.DECIDE.value and len(box.voters) == 1:
        raise Conflict(
            f"{login} 是「{box.label}」唯一的表决人，不能移除；请先加签其他人，或改用转办。",
            f"{login} is the only voter at {box.label} and cannot be removed; add somebody first, or transfer the task.",
            login=login,
        )
