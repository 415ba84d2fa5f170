"""What people try: a number becomes a person, a task and a command, whether that person may or not.

``Act.lawful`` is the rule of the verb, stated a second time in terms of rows only. It must hold whenever the command was
accepted; that a lawful act is accepted is not claimed (a node may forbid what people may do).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from engine.commands.ballot_closing import CloseBallot
from engine.commands.cancelling import CancelInstance
from engine.commands.delegations import DelegateTask, RecallDelegation
from engine.commands.incidents import RetryIncident
from engine.commands.instances import TerminateInstance
from engine.commands.modification import JumpInstance, ReopenInstance
from engine.commands.proxies import GrantProxy, RevokeProxy, TakeAsProxy, TakeBackFromProxy
from engine.commands.recusal import DeclareRecusal, LiftRecusal
from engine.commands.returns import ReturnTask
from engine.commands.signers import AddSigners, RemoveSigner
from engine.commands.tasks import AssignTask, ClaimTask, CompleteTask, UnclaimTask
from engine.commands.withdrawals import WithdrawTask
from engine.context import Command
from tests.integration.verbs.shapes import FLAGS
from tests.integration.verbs.world import Row, World

STAFF = ("a", "b", "c", "d", "e")
PEOPLE = (*STAFF, "boss", "sup")  # an administrator and a supervisor
RIGHTFUL = 75  # of a hundred numbers these mean whoever may: most steps should be possible ones

T = TypeVar("T")


@dataclass(frozen=True)
class Move:
    """One step: a verb and numbers below 100, of which 0 is the plainest choice."""

    verb: str
    who: int = 0
    what: int = 0
    other: int = 0
    how: int = 0

    def __repr__(self) -> str:
        return f"Move({self.verb!r}, {self.who}, {self.what}, {self.other}, {self.how})"


@dataclass
class Act:
    """A command, who gives it, and the rule that must hold when it is accepted."""

    by: str
    command: Command
    lawful: Callable[[], bool]

    def __str__(self) -> str:
        return f"{self.by}: {self.command}"


def act_of(move: Move, world: World, now: datetime) -> Act | None:
    """The act that a move means here and now; None when there is nothing to do it to."""
    build = VERBS[move.verb]
    return build(Stage(move, world, now))


@dataclass
class Stage:
    """One move in one world: what its numbers mean."""

    move: Move
    world: World
    now: datetime

    def pick(self, choices: Sequence[T], number: int) -> T | None:
        return choices[number % len(choices)] if choices else None

    def actor(self, task: Row | None) -> str:
        """Whose task it is, for low numbers; else anybody."""
        if task is not None and self.move.who < RIGHTFUL:
            return self.pick(sorted(self.world.may_act(task)), self.move.who) or "boss"
        return PEOPLE[self.move.who % len(PEOPLE)]

    def task(self, *, held: bool = False) -> Row | None:
        """An open task (one that somebody holds, if there is one); now and then a closed one, which nobody may touch."""
        if self.move.what < 90 and held:
            return self.pick(
                [row for row in self.world.open if row["state"] == "assigned"] or self.world.open, self.move.what
            )
        if self.move.what >= 90:
            closed = [row for row in self.world.tasks.values() if row["closed_at"] is not None]
            return self.pick(sorted(closed, key=lambda row: (row["created_at"], row["id"])), self.move.what)
        return self.pick(self.world.open, self.move.what)

    @property
    def receiver(self) -> str:
        return PEOPLE[self.move.other % len(PEOPLE)]

    @property
    def flags(self) -> dict[str, bool]:
        return {name: bool(self.move.how >> place & 1) for place, name in enumerate(FLAGS)}


# ---------------------------------------------------------------- the rules, once more


def is_open(task: Row) -> bool:
    return task["state"] in ("offered", "assigned")


def is_eligible(world: World, task: Row, login: str) -> bool:
    """Not recused, and not one of those whom the node keeps apart (four eyes, own application)."""
    if login in world.recused:
        return False
    settings = task["settings"]
    apart = [each.strip() for each in settings.get("differentFrom", "").split(",") if each.strip()]
    for row in world.tasks.values():
        acted = row["state"] == "completed" and row["element_id"] in apart
        if acted and login in (row["closed_by"], row["principal"]):
            return False
    return not (settings.get("onSelf") == "exclude" and login == world.instance["started_by"])


def decides_data(task: Row) -> bool:
    """Whether whoever answers here also says where the process goes on: who only advises or signs has no form here."""
    return task["seat"] in ("holder", "member")


def may_answer(world: World, task: Row, login: str) -> bool:
    """It is his now, and so is the right to act, also of the one for whom he acts."""
    people = [login] if task["principal"] in (None, login) else [login, task["principal"]]
    mine = is_open(task) and login in world.may_act(task)
    return world.running and mine and all(is_eligible(world, task, each) for each in people)


def is_stranger(world: World, task: Row, login: str) -> bool:
    """He has no other seat at this table and no vote in its ballot (P-1.4, P-4.6, P-5.1)."""
    for row in world.seats(task["token_id"]):
        if row["closed_at"] is None and row["id"] != task["id"] and login in (row["assignee"], row["principal"]):
            return False
    members = {row["login"] for row in world.members_of(task["ballot_id"])} if task["ballot_id"] else set()
    return login not in members


# ---------------------------------------------------------------- verbs


VERBS: dict[str, Callable[[Stage], Act | None]] = {}


def verb(function: Callable[[Stage], Act | None]) -> Callable[[Stage], Act | None]:
    VERBS[function.__name__] = function
    return function


@verb
def complete(stage: Stage) -> Act | None:
    world, move, task = stage.world, stage.move, stage.task()
    if task is None:
        return None
    by = stage.actor(task)
    outcome = stage.pick(task["outcomes"], move.other) if move.other < 95 else "nonsense"
    comment = "意见" if move.how % 8 else ""
    variables = stage.flags if decides_data(task) or move.other >= 95 else {}
    command = CompleteTask(task_id=task["id"], outcome=outcome, comment=comment, variables=variables)

    def lawful() -> bool:
        offered = outcome in task["outcomes"] if task["outcomes"] else task["power"] == "decide" or outcome is None
        return may_answer(world, task, by) and offered

    return Act(by, command, lawful)


@verb
def claim(stage: Stage) -> Act | None:
    world, task = stage.world, stage.task()
    if task is None:
        return None
    by = stage.actor(task)
    return Act(by, ClaimTask(task_id=task["id"]), lambda: may_answer(world, task, by))


@verb
def unclaim(stage: Stage) -> Act | None:
    task = stage.task(held=True)
    if task is None:
        return None
    by = stage.actor(task)
    mine = is_open(task) and (task["assignee"] == by or by == "boss")
    return Act(by, UnclaimTask(task_id=task["id"]), lambda: mine)


@verb
def assign(stage: Stage) -> Act | None:
    world, task, to = stage.world, stage.task(), stage.receiver
    if task is None:
        return None
    by = stage.actor(task)

    def lawful() -> bool:
        mine = is_open(task) and (task["assignee"] == by or by == "boss")
        in_person = task["seat"] in ("delegate", "before", "after") and task["assignee"] == by
        forbidden = "-transfer" in task["settings"].get("allow", "") and task["assignee"] == by
        fits = is_eligible(world, task, to) and is_stranger(world, task, to) and to != task["assignee"]
        return mine and fits and not in_person and not forbidden

    return Act(by, AssignTask(task_id=task["id"], assignee=to, reason="转办"), lawful)


@verb
def delegate(stage: Stage) -> Act | None:
    world, move, task, to = stage.world, stage.move, stage.task(held=True), stage.receiver
    if task is None:
        return None
    by, power = (
        stage.actor(task),
        ("advise", "decide")[task["settings"].get("delegatePower") == "decide" or move.how > 90],
    )

    def lawful() -> bool:
        settings = task["settings"]
        held = task["state"] == "assigned" and task["assignee"] == by and "-delegate" not in settings.get("allow", "")
        hands_on = power == "advise" or (settings.get("delegatePower") == "decide" and task["power"] == "decide")
        return held and hands_on and to != by and is_stranger(world, task, to) and is_eligible(world, task, to)

    return Act(by, DelegateTask(task_id=task["id"], to=to, power=power, question="请看"), lawful)


@verb
def recall(stage: Stage) -> Act | None:
    world = stage.world
    task = stage.pick([row for row in world.open if row["state"] == "waiting"] or world.open, stage.move.what)
    if task is None:
        return None
    by = stage.actor(task)
    asked = [row for row in world.open if row["parent_id"] == task["id"] and row["seat"] == "delegate"]
    mine = task["state"] == "waiting" and bool(asked) and by in (task["assignee"], "boss")
    return Act(by, RecallDelegation(task_id=task["id"]), lambda: mine)


@verb
def add(stage: Stage) -> Act | None:
    world, move, task = stage.world, stage.move, stage.task(held=True)
    if task is None:
        return None
    by = stage.actor(task)
    people = (stage.receiver,) if move.how % 3 else (stage.receiver, PEOPLE[(move.other + 2) % len(PEOPLE)])
    position, power = ("before", "after", "beside")[move.how // 3 % 3], ("advise", "decide")[move.how // 9 % 2]
    in_order = bool(move.how // 18 % 2)
    command = AddSigners(task_id=task["id"], people=people, position=position, power=power, in_order=in_order)

    def lawful() -> bool:
        held = task["state"] == "assigned" and task["assignee"] == by
        strangers = all(is_stranger(world, task, each) and is_eligible(world, task, each) for each in people)
        ballot = position != "beside" or task["ballot_id"] is not None
        hands_on = power == "advise" or task["power"] == "decide"
        return held and strangers and ballot and hands_on and by not in people

    return Act(by, command, lawful)


@verb
def remove(stage: Stage) -> Act | None:
    world, move = stage.world, stage.move
    choices: list[tuple[Row, str, str]] = []  # the task at which they were added, who or what, by whom
    for row in sorted(world.tasks.values(), key=lambda row: (row["created_at"], row["id"])):
        choices += [(row, signer["id"], row["assignee"]) for signer in row["signers"] or ()]
        if row["ballot_id"] is not None and row["seat"] == "member":
            joined = [each for each in world.members_of(row["ballot_id"]) if each["added_by"] is not None]
            choices += [(row, each["login"], each["added_by"]) for each in joined]
    chosen = stage.pick(choices, move.what)
    if chosen is None:
        return None
    task, who, adder = chosen
    by = stage.actor(task)
    holds = by in (task["assignee"], "boss")
    return Act(
        by,
        RemoveSigner(task_id=task["id"], signer_id=who),
        lambda: holds and (by == "boss" or by == adder or task["principal"] == adder),
    )


@verb
def send_back(stage: Stage) -> Act | None:
    """退回 to any element at which a task was completed, and now and then to one that never ran."""
    world, move, task = stage.world, stage.move, stage.task()
    if task is None:
        return None
    by = stage.actor(task)
    done = sorted({row["element_id"] for row in world.tasks.values() if row["state"] == "completed"})
    target = (stage.pick(done, move.other) if move.other < 95 else None) or "u99"
    resubmit = ("", "step", "straight")[move.how % 3]
    command = ReturnTask(task_id=task["id"], target=target, reason="请补正", resubmit=resubmit)

    def lawful() -> bool:
        decides = task["seat"] == "holder" and task["power"] == "decide"
        allowed = task["settings"].get("returnPolicy") != "none"
        return may_answer(world, task, by) and decides and allowed and target in done

    return Act(by, command, lawful)


@verb
def recuse(stage: Stage) -> Act | None:
    world, move = stage.world, stage.move
    by = PEOPLE[move.who % len(PEOPLE)]
    other = None if move.how % 2 == 0 else stage.receiver
    lawful = world.running and (other in (None, by) or by in ("boss", "sup"))
    command = DeclareRecusal(instance_id=world.instance["id"], reason="利害关系", login=other)
    return Act(by, command, lambda: lawful)


@verb
def lift(stage: Stage) -> Act | None:
    world, move = stage.world, stage.move
    found = stage.pick([row for row in world.recusals if row["lifted_at"] is None], move.what)
    if found is None:
        return None
    by = PEOPLE[-1 - move.who % 3]
    command = LiftRecusal(instance_id=world.instance["id"], recusal_id=found["id"], reason="查无利害关系")
    return Act(by, command, lambda: by in ("boss", "sup") and found["login"] != by)


@verb
def grant(stage: Stage) -> Act | None:
    move = stage.move
    by = PEOPLE[move.who % len(PEOPLE)]
    principal = None if move.what % 3 else PEOPLE[move.what % len(PEOPLE)]
    begin = stage.now + timedelta(hours=12 * (move.how % 3))
    command = GrantProxy(
        proxy=stage.receiver,
        principal=principal,
        start=begin.isoformat(),
        end=(begin + timedelta(days=1 + move.how % 5)).isoformat(),
        power=("decide", "decide", "advise")[move.how // 3 % 3],
        mode=("move", "move", "share")[move.how // 9 % 3],
    )
    lawful = principal in (None, by) or by == "boss"
    return Act(by, command, lambda: lawful and stage.receiver != (principal or by))


@verb
def revoke(stage: Stage) -> Act | None:
    rules = sorted(stage.world.rules, key=lambda row: (row["granted_at"], row["id"]))
    rule = stage.pick(rules, stage.move.what)
    if rule is None:
        return None
    by = rule["principal"] if stage.move.who < RIGHTFUL else PEOPLE[stage.move.who % len(PEOPLE)]
    return Act(by, RevokeProxy(rule_id=rule["id"]), lambda: by in (rule["principal"], "boss"))


@verb
def take(stage: Stage) -> Act | None:
    """代办: as whoever stands in for the holder, or as anybody."""
    world, task = stage.world, stage.task()
    if task is None:
        return None
    running = [rule for rule in world.rules if rule["active"] and rule["starts_at"] <= stage.now < rule["ends_at"]]
    mine = [rule["proxy"] for rule in running if rule["principal"] == task["assignee"] and rule["power"] == "decide"]
    by = stage.pick(mine, 0) if stage.move.who < RIGHTFUL and mine else stage.actor(None)
    assert by is not None
    principal = task["principal"] or task["assignee"]

    def lawful() -> bool:
        fits = is_eligible(world, task, by) and is_eligible(world, task, principal)
        return is_open(task) and by in mine and fits

    return Act(by, TakeAsProxy(task_id=task["id"]), lawful)


@verb
def take_back(stage: Stage) -> Act | None:
    task = stage.pick([row for row in stage.world.open if row["principal"]], stage.move.what)
    if task is None:
        return None
    by = task["principal"] if stage.move.who < RIGHTFUL else stage.actor(None)
    return Act(by, TakeBackFromProxy(task_id=task["id"]), lambda: is_open(task) and by == task["principal"])


@verb
def retry(stage: Stage) -> Act | None:
    found = stage.pick([row for row in stage.world.incidents if row["state"] == "open"], stage.move.what)
    if found is None:
        return None
    by = PEOPLE[-2 - stage.move.who % 2]
    return Act(by, RetryIncident(incident_id=found["id"]), lambda: by == "boss")


@verb
def terminate(stage: Stage) -> Act | None:
    by = PEOPLE[stage.move.who % 60 % len(PEOPLE)]
    command = TerminateInstance(instance_id=stage.world.instance["id"], reason="终止")
    return Act(by, command, lambda: stage.world.running and by == "boss")


@verb
def withdraw(stage: Stage) -> Act | None:
    """撤回 what was completed, the latest first."""
    world, move = stage.world, stage.move
    done = [row for row in world.tasks.values() if row["state"] == "completed"]
    task = stage.pick(sorted(done, key=lambda row: (row["closed_at"], row["id"]), reverse=True), move.what % 4)
    if task is None:
        return None
    by = task["closed_by"] if move.who < RIGHTFUL and task["closed_by"] in PEOPLE else stage.actor(None)
    command = WithdrawTask(task_id=task["id"], reason="有误")

    def lawful() -> bool:
        mine = task["closed_by"] == by and task["seat"] in ("holder", "member")
        return world.running and mine and is_eligible(world, task, by)

    return Act(by, command, lawful)


@verb
def close(stage: Stage) -> Act | None:
    """结束表决 by a chair or an administrator, or by anybody."""
    world = stage.world
    ballots = sorted(world.ballots.values(), key=lambda row: (row["opened_at"], row["id"]))
    ballot = stage.pick([row for row in ballots if row["state"] == "open"] or ballots, stage.move.what)
    if ballot is None:
        return None
    chairs = [row["login"] for row in world.members_of(ballot["id"]) if row["chair"]]
    by = stage.pick([*chairs, "boss"], stage.move.other) if stage.move.who < RIGHTFUL else stage.actor(None)
    assert by is not None
    lawful = ballot["state"] == "open" and by in (*chairs, "boss") and by not in world.recused
    return Act(by, CloseBallot(ballot_id=ballot["id"], reason="多人未到"), lambda: lawful)


@verb
def cancel(stage: Stage) -> Act | None:
    world = stage.world
    by = world.instance["started_by"] if stage.move.who < RIGHTFUL else stage.actor(None)
    command = CancelInstance(instance_id=world.instance["id"], reason="不再需要")
    return Act(by, command, lambda: world.running and by == world.instance["started_by"])


@verb
def jump(stage: Stage) -> Act | None:
    """跳转 from anything that waits to any element of the process."""
    world, move = stage.world, stage.move
    tokens = sorted({row["token_id"] for row in [*world.open, *world.jobs] if row["token_id"]})
    token, target = stage.pick(tokens, move.what), stage.pick(world.elements, move.other)
    if token is None or target is None:
        return None
    by = "boss" if move.who < RIGHTFUL else stage.actor(None)
    command = JumpInstance(instance_id=world.instance["id"], token_id=token, target=target, reason="纠正")
    return Act(by, command, lambda: world.running and by == "boss")


@verb
def reopen(stage: Stage) -> Act | None:
    world, move = stage.world, stage.move
    target = stage.pick(sorted({row["element_id"] for row in world.tasks.values()}), move.what)
    if target is None or (world.running and move.other < 90):
        return None
    by = "boss" if move.who < RIGHTFUL else stage.actor(None)
    command = ReopenInstance(instance_id=world.instance["id"], element_id=target, reason="补办")
    return Act(by, command, lambda: not world.running and by == "boss")
