"""Ballots: how a node with ``banjie:ballot`` is voted on and decided (P-1.1 to P-1.6, P-2.1, P-2.2).

For the other verbs, all under the lock of the instance and in its transaction:

* ``reconsider(context, instance, ballot_id)`` counts again and, when the result is certain, closes the open seats and lets
  the token go on, once. Call it after every change that is not made by a function of this module.
* ``engine.commands.ballots.ballot_members``: ``add_member``, ``remove_member``, ``replace_member``, ``withdraw_vote``, ``reopen``, ``check_stranger``.
  Each of them reconsiders by itself.
* A member's seat that is assigned to somebody else takes its vote, weight, veto and chair along (a projection of
  ``TaskAssigned``); ask ``ballot_members.check_stranger`` before, because one person has one vote (P-1.4).

A vote is cast by ``CompleteTask`` on the member's own task. A ballot opens in ``engine.commands.ballots.ballot_opening``, and who
votes is found by ``who.resolve``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.access import SYSTEM
from engine.commands.ballots.ballot_box import Box
from engine.commands.ballots.ballot_seats import arrange_seats
from engine.commands.running import moving, seats
from engine.errors import Conflict
from engine.runtime.ballot import Choice, Ground, Verdict
from engine.runtime.ballot_events import BallotCancelled, BallotDecided, BallotState, VoteCast
from engine.runtime.refusal import Refused
from engine.runtime.task import Seat
from engine.store import tables

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.commands.running.moving import Moving
    from engine.commands.running.seats import Answer
    from engine.context import CommandContext
    from engine.store.base.unit_of_work import Values

DECIDED = "ballot-decided"


# ---------------------------------------------------------------- voting


@seats.answers(Seat.MEMBER)
def _voted(context: CommandContext, instance: Moving, answer: Answer) -> None:
    """One vote. It is stored with all that was sent before it is counted (P-4.5)."""
    task = answer.task
    assert task.ballot_id is not None
    box = Box.of(context, task.ballot_id)
    box.check_open()
    member = box.member_at(task.id)
    choice = box.node.votes.get(answer.outcome or "")
    if member is None or choice is None:
        raise Conflict(
            f"您在「{box.label}」没有可投的票，请刷新后再看。",
            f"There is no vote of yours to cast at {box.label}; refresh and look again.",
            task_id=task.id,
        )
    caster = _caster(context, task.id)
    _check_one_vote(box, member["login"], caster)
    vote = VoteCast(
        **box.about,
        login=member["login"],
        choice=choice,
        outcome=answer.outcome or "",
        task_id=task.id,
        comment=answer.comment,
        variables=answer.variables,
        secret=box.node.ballot.secret,
        cast_by="" if caster == context.actor.login else caster,
    )
    context.record(task.instance_id, vote)
    box.counted(context, member["login"])
    if box.node.ballot.secret:
        _settle(context, instance, box)
    else:
        _settle(context, instance, box, variables=answer.unwritten, comment=answer.comment)


def _caster(context: CommandContext, task_id: str) -> str:
    """Who gave the answer that is counted now: not whoever signed after it."""
    row = context.uow.get(tables.task, (task_id,)) or {}
    return str(row.get("closed_by") or context.actor.login)


def _check_one_vote(box: Box, login: str, caster: str) -> None:
    """One person has one vote, however many ways lead to it; a proxy's second one only if the model says so (P-7.4)."""
    if caster == SYSTEM.login:
        return  # it votes for everybody who was silent, by the rule of the node
    earlier = [vote["login"] for vote in box.votes.values() if vote["cast_by"] == caster and vote["login"] != login]
    if earlier and not box.node.proxy_adds:
        raise Conflict(
            f"您已在「{box.label}」投过一票（{'、'.join(earlier)}），不能再为 {login} 投票；请 {login} 本人表决或改由他人代理。",
            f"You have cast a vote at {box.label} already (of {', '.join(earlier)}) and cannot cast that of {login} too; let "
            f"{login} or another proxy vote.",
            ballot_id=box.id,
            login=login,
        )


@seats.answers(Seat.ADVISER)
def _advised(context: CommandContext, instance: Moving, answer: Answer) -> None:
    """会商: the opinion stands in the task and in the history; it counts nothing."""


# ---------------------------------------------------------------- deciding


def reconsider(context: CommandContext, instance: Moving | None, ballot_id: str) -> bool:
    """Count again (P-1.3). When the result is certain, decide; else give a seat to whoever may vote now.

    ``instance`` is loaded when it is None and needed. Returns whether the ballot is decided now; one that was decided before
    stays as it is.
    """
    box = Box.of(context, ballot_id)
    return _settle(context, instance, box) if box.is_open else True


def _settle(
    context: CommandContext,
    instance: Moving | None,
    box: Box,
    *,
    variables: Mapping[str, Any] | None = None,
    comment: str = "",
) -> bool:
    """As ``reconsider``; ``variables`` and ``comment`` are those of a vote that was just cast."""
    verdict = box.verdict()
    if verdict is None:
        arrange_seats(context, box)
        if variables:
            running = instance or moving.load(context, box.row["instance_id"])
            running.move(lambda execution: execution.store_variables(box.row["token_id"], dict(variables)))
        return False
    running = instance or moving.load(context, box.row["instance_id"])
    close(context, running, box, verdict, variables=variables, comment=comment)
    return True


def close(
    context: CommandContext,
    instance: Moving,
    box: Box,
    verdict: Verdict,
    *,
    variables: Mapping[str, Any] | None = None,
    comment: str = "",
    reason: str = "",
) -> None:
    """Close the ballot with this result: open seats are superseded, and the token goes on, once, as the node says."""
    outcome = box.node.code(Choice.APPROVE if verdict.passed else Choice.REJECT)
    decided = BallotDecided(
        **box.about,
        passed=verdict.passed,
        ground=verdict.ground,
        outcome=outcome,
        tally=_counts(box),
        votes=tuple(_shown(vote) for vote in box.votes.values()) if box.node.ballot.secret else (),
        reason=reason,
    )
    context.record(instance.id, decided, **({"actor": SYSTEM.login} if verdict.ground is Ground.NOBODY else {}))
    for row in seats.open_of(context, box.row["token_id"]):
        seats.supersede(context, row, DECIDED)
    given = _marks(box, verdict, outcome)
    if box.node.ballot.secret:  # nothing was told before
        for vote in box.votes.values():
            given = {**vote["variables"], **given}
    given = {**(variables or {}), **given}
    refused = None if verdict.passed else _refused(box, outcome)
    instance.conclude(
        box.row["token_id"], box.row["element_id"], outcome, variables=given, comment=comment, refused=refused
    )


def _refused(box: Box, outcome: str) -> Refused:
    return Refused(
        token_id=box.row["token_id"],
        element_id=box.row["element_id"],
        element_name=box.row["element_name"],
        outcome=outcome,
        reason=f"「{box.label}」表决未通过",
        way=box.node.on_reject,
    )


def _counts(box: Box) -> dict[str, int]:
    tally = box.tally()
    return {
        "yes": tally.yes,
        "no": tally.no,
        "approvals": tally.approvals,
        "rejections": tally.rejections,
        "abstentions": tally.abstentions,
        "voters": tally.voters,
    }


def _shown(vote: Mapping[str, Any]) -> dict[str, Any]:
    return {name: vote[name] for name in ("login", "choice", "outcome", "comment", "task_id") if vote[name]}


def _marks(box: Box, verdict: Verdict, outcome: str) -> dict[str, Any]:
    """What a model may route on: the count, and every voter's outcome and form fields."""
    element_id, tally = box.row["element_id"], box.tally()
    if not element_id.isidentifier():
        return {}
    votes = {
        "passed": verdict.passed,
        "yes": tally.approvals,
        "no": tally.rejections,
        "abstain": tally.abstentions,
        "voters": tally.voters,
        "yes_weight": tally.yes,
        "no_weight": tally.no,
    }
    answers = {login: {**vote["variables"], "outcome": vote["outcome"]} for login, vote in box.votes.items()}
    return {f"{element_id}_outcome": outcome, f"{element_id}_votes": votes, f"{element_id}_answers": answers}


# ---------------------------------------------------------------- the token goes away


@seats.on_token_gone
def _token_gone(context: CommandContext, row: Values, reason: str) -> None:
    """A boundary event, a return or the end of the instance took the question away."""
    for ballot_id in {each["ballot_id"] for each in seats.of_token(context, row["token_id"]) if each["ballot_id"]}:
        ballot = context.uow.get(tables.ballot, (ballot_id,))
        if ballot is not None and ballot["state"] == BallotState.OPEN.value:
            about = Box.of(context, ballot_id).about
            context.record(row["instance_id"], BallotCancelled(**about, reason=reason))
