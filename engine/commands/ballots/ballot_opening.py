"""How a ballot opens: who votes, whose vote counts again, who gives advice, and what happens when nobody may vote."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.access import SYSTEM
from engine.commands.ballots.ballot_box import Box, voters_of
from engine.commands.ballots.ballot_seats import seat_fields, to_be_seated
from engine.commands.ballots.voting import close, reconsider
from engine.commands.running import eligibility, moving, seats, who
from engine.errors import StepFailed
from engine.runtime.ballot import Choice, Ground, Verdict, can_pass
from engine.runtime.ballot_events import BallotOpened, BallotState, VoteCast
from engine.runtime.ballot_settings import NAMES, BallotNode, parse
from engine.runtime.task import Power
from engine.store.rows import ballots as rows_of
from engine.store.rows import organisation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.commands.running.moving import Moving
    from engine.context import CommandContext
    from engine.runtime.step import OpenTask
    from engine.runtime.who.resolution import Automatic, Resolution
    from engine.store.base.unit_of_work import Values

GROUP = "group:"


@moving.opens("ballot")
def open_ballot(instance: Moving, task: OpenTask) -> None:
    """Open the ballot of a token that has just begun to wait, with a seat for everybody who may vote now."""
    context, node = instance.context, _node(task)
    place = task.element_id if task.loop_index is None else f"{task.element_id}[{task.loop_index}]"
    last = rows_of.last_at(context.uow, instance.id, place)
    round = 1 if last is None else last["round"] + 1
    found = who.resolve(context, instance, replace(task, outcomes=node.outcomes), is_ballot=True, round=round)
    members = _members(instance, task, node, found)
    voters = voters_of(members)
    if found.automatic is None and not can_pass(node.ballot, voters):
        raise _too_few(task, [voter.login for voter in voters])
    ballot_id = context.new_id()
    opened = BallotOpened(
        ballot_id=ballot_id,
        token_id=task.token_id,
        element_id=task.element_id,
        element_name=task.element_name,
        place=place,
        round=round,
        mode=str(task.settings["ballot"]).strip(),
        secret=node.ballot.secret,
        outcomes=node.outcomes,
        settings={name: task.settings[name] for name in NAMES if task.settings.get(name) is not None},
        members=tuple({name: value for name, value in member.items() if value} for member in members),
        why=found.why | ({"previous_passed": True} if last and last["state"] == BallotState.PASSED.value else {}),
    )
    context.record(instance.id, opened)
    _count_again(context, instance, ballot_id, found, last)
    if found.automatic is not None:
        automatic = found.automatic
        instance.afterwards.append(lambda: _decide_by_rule(context, instance, ballot_id, automatic))
        return
    box = Box.of(context, ballot_id)
    if box.verdict() is not None:  # by votes that count again
        instance.afterwards.append(lambda: reconsider(context, instance, ballot_id))
        return
    _open_seats(instance, task, box)


def _open_seats(instance: Moving, task: OpenTask, box: Box) -> None:
    """A task for everybody who may vote or advise now; the first has the id of the token, as any plain task."""
    context = instance.context
    for member in to_be_seated(context, box):
        first = not seats.of_token(context, task.token_id)
        event = instance.created(
            task,
            **seat_fields(box, member, task.settings),
            task_id=task.token_id if first else context.new_id(),
            candidate_users=(),
            candidate_groups=(),
            round=box.row["round"],
        )
        seats.record_created(context, instance.id, event)


def _node(task: OpenTask) -> BallotNode:
    node, faults = parse(task.settings, task.outcomes)
    if faults:
        raise _failed(
            task,
            "ballot-unreadable",
            f"「{task.element_name or task.element_id}」的表决设置有误：{'；'.join(fault.zh for fault in faults)}",
            f"The ballot of {task.element_name or task.element_id} cannot be read: "
            + "; ".join(fault.en for fault in faults),
        )
    return node


def _members(instance: Moving, task: OpenTask, node: BallotNode, found: Resolution) -> list[Values]:
    """The voters in order, each once (P-1.4), then the advisers who are no voters."""
    ways = {candidate.login: candidate.by for candidate in found.found}
    voters = tuple(dict.fromkeys(found.users))
    members = []
    for login in voters:
        voter = node.voter(login)
        rights = {"weight": voter.weight, "veto": voter.veto, "chair": voter.chair}
        why = {"found": [{"login": login, "by": ways[login]}]} if login in ways else {}
        members.append({"login": login, "power": Power.DECIDE.value, **rights, "why": why})
    for login in _advisers(instance, task, node.advisers):
        if login not in voters:
            rights = {"weight": 1, "veto": False, "chair": False}
            members.append({"login": login, "power": Power.ADVISE.value, **rights, "why": {}})
    return members


def _advisers(instance: Moving, task: OpenTask, names: Iterable[str]) -> Iterable[str]:
    """The people who are named, as far as they may act here: who is recused gives no opinion either."""
    context = instance.context
    directory = organisation.Directory(context.uow, "", "")
    found: dict[str, None] = {}
    for name in names:
        logins = directory.group_members(name.removeprefix(GROUP)) or () if name.startswith(GROUP) else (name,)
        for login in logins:
            person = directory.person(login)
            if person is not None and not person.disabled:
                found[login] = None
    if not found:
        return ()
    element = eligibility.ElementFacts(
        element_id=task.element_id, element_name=task.element_name, settings=task.settings
    )
    return eligibility.find(context, instance.row, element, found, way="sign").eligible


def _count_again(
    context: CommandContext, instance: Moving, ballot_id: str, found: Resolution, last: Values | None
) -> None:
    """Cast the votes that need nobody: approvals that the node's ``onRepeat`` or ``again`` lets count once more (P-3.5)."""
    box = Box.of(context, ballot_id)
    carried = {login: note.zh for login, note in found.carried.items()}
    if last is not None and box.node.again == "objectors":
        earlier = [vote["login"] for vote in rows_of.votes(context.uow, last["id"]) if vote["choice"] == Choice.APPROVE]
        # What was returned does not pass by itself (P-3.7): when those who approved would be enough, all are asked.
        if box.verdict_if(Choice.APPROVE, earlier) is None:
            again = f"第 {last['round']} 轮已同意，不再重复表决"
            carried = dict.fromkeys(earlier, again) | carried
    for voter in box.voters:
        if voter.login in carried:
            code = box.node.code(Choice.APPROVE)
            about, comment = box.about, carried[voter.login]
            counted = VoteCast(**about, login=voter.login, choice=Choice.APPROVE, outcome=code, comment=comment)
            context.record(instance.id, counted, actor=SYSTEM.login)


def _decide_by_rule(context: CommandContext, instance: Moving, ballot_id: str, automatic: Automatic) -> None:
    """Nobody may vote, or somebody excluded ends the ballot: a policy of the node decides, as the system."""
    box = Box.of(context, ballot_id)
    if box.is_open:
        verdict = Verdict(not automatic.rule.endswith("=fail"), Ground.NOBODY)
        reason = f"{automatic.zh}（{automatic.rule}）"
        close(context, instance, box, verdict, reason=reason, comment=reason)


# ---------------------------------------------------------------- what goes wrong


def _too_few(task: OpenTask, voters: list[str]) -> StepFailed:
    label = task.element_name or task.element_id
    listed = "、".join(voters) or "没有人"
    return _failed(
        task,
        "ballot-too-few",
        f"「{label}」要求 {task.settings['ballot']}，但能表决的只有：{listed}，全部同意也不能通过；请补充人员后重试。",
        f"{label} asks for {task.settings['ballot']}, but only {', '.join(voters) or 'nobody'} may vote: not even their "
        "approval by all could pass it. Add people and try again.",
    )


def _failed(task: OpenTask, reason: str, zh: str, en: str) -> StepFailed:
    return StepFailed(
        zh,
        en,
        element_id=task.element_id,
        element_name=task.element_name,
        process_key=task.process_key,
        reason=reason,
    )
