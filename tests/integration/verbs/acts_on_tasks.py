"""Verbs on one's own task: complete, claim, give back, transfer, return, withdraw, stand in."""

from __future__ import annotations

from engine.commands.delegating.proxies import TakeAsProxy, TakeBackFromProxy
from engine.commands.returning.returns import ReturnTask
from engine.commands.returning.withdrawals import WithdrawTask
from engine.commands.tasks.handling import AssignTask, ClaimTask, CompleteTask, UnclaimTask
from tests.integration.verbs import rights
from tests.integration.verbs.rights import is_eligible, is_open, is_stranger, may_answer
from tests.integration.verbs.stage import PEOPLE, RIGHTFUL, Act, Stage, verb
from tests.integration.verbs.world import Row


@verb(27, lambda stage: stage.acting)
def complete(stage: Stage) -> Act | None:
    world, move = stage.world, stage.move
    task = stage.choose(stage.acting, stage.all_tasks)
    if task is None:
        return None
    by = stage.actor(task)
    outcome = stage.pick(task["outcomes"], move.other // 2) if move.other < 97 else "nonsense"
    comment = "意见" if move.how % 8 else ""
    variables = stage.flags if rights.decides_data(task) or move.other >= 97 else {}
    command = CompleteTask(task_id=task["id"], outcome=outcome, comment=comment, variables=variables)

    def lawful() -> bool:
        offered = outcome in task["outcomes"] if task["outcomes"] else task["power"] == "decide" or outcome is None
        return may_answer(world, task, by) and offered

    return Act(by, command, lawful)


def _offered(stage: Stage) -> list[Row]:
    return [row for row in stage.world.open if row["state"] == "offered"]


@verb(12, _offered)
def claim(stage: Stage) -> Act | None:
    world, task = stage.world, stage.choose(_offered(stage), stage.all_tasks)
    if task is None:
        return None
    by = stage.actor(task)
    return Act(by, ClaimTask(task_id=task["id"]), lambda: may_answer(world, task, by))


def _claimed(stage: Stage) -> list[Row]:
    return [row for row in stage.held if stage.world.candidates(row)]


@verb(40, _claimed)
def unclaim(stage: Stage) -> Act | None:
    task = stage.choose(_claimed(stage), stage.all_tasks)
    if task is None:
        return None
    by = stage.actor(task)
    mine = is_open(task) and (task["assignee"] == by or by == "boss")
    return Act(by, UnclaimTask(task_id=task["id"]), lambda: mine)


@verb(6, lambda stage: stage.acting)
def assign(stage: Stage) -> Act | None:
    """转办 by the holder, or 改派 by an administrator."""
    world = stage.world
    task = stage.choose(stage.acting, stage.all_tasks)
    if task is None:
        return None
    by = stage.actor(task) if task["assignee"] and stage.move.how % 4 else stage.only("boss")
    to = stage.receiver(task, by)

    def lawful() -> bool:
        mine = is_open(task) and (task["assignee"] == by or by == "boss")
        in_person = task["seat"] in ("delegate", "before", "after") and task["assignee"] == by
        forbidden = not rights.allows(task, "transfer") and task["assignee"] == by
        fits = is_eligible(world, task, to) and is_stranger(world, task, to) and to != task["assignee"]
        return mine and fits and not in_person and not forbidden

    return Act(by, AssignTask(task_id=task["id"], assignee=to, reason="转办"), lawful)


def _returnable(stage: Stage) -> list[Row]:
    done = {row["element_id"] for row in stage.world.tasks.values() if row["state"] == "completed"}
    return [
        row
        for row in stage.acting
        if row["seat"] == "holder"
        and row["power"] == "decide"
        and row["settings"].get("returnPolicy") != "none"
        and done - {row["element_id"]}
    ]


@verb(16, _returnable)
def send_back(stage: Stage) -> Act | None:
    """退回 to any element at which a task was completed, and now and then to one that never ran."""
    world, move = stage.world, stage.move
    task = stage.choose(_returnable(stage), stage.all_tasks)
    if task is None:
        return None
    by = stage.actor(task)
    done = sorted({row["element_id"] for row in world.tasks.values() if row["state"] == "completed"})
    offered = stage.dialogs.returns(task["id"], by) if move.other < RIGHTFUL else []
    target = (stage.pick(offered or done, move.other) if move.other < 95 else None) or "u99"
    resubmit = ("", "step", "straight")[move.how % 3]
    command = ReturnTask(task_id=task["id"], target=target, reason="请补正", resubmit=resubmit)
    known = set(done) | world.passed

    def lawful() -> bool:
        decides = task["seat"] == "holder" and task["power"] == "decide"
        allowed = task["settings"].get("returnPolicy") != "none"
        return may_answer(world, task, by) and decides and allowed and target in known

    return Act(by, command, lawful)


def _mine(stage: Stage) -> list[Row]:
    """What people completed last: the latest first."""
    done = [
        row
        for row in stage.world.closed
        if row["state"] == "completed" and row["closed_by"] in PEOPLE and row["seat"] in ("holder", "member")
    ]
    return done[:3] if stage.world.running else []


@verb(11, _mine)
def withdraw(stage: Stage) -> Act | None:
    """撤回 of a vote while the ballot is open, or of a decision while nobody has acted."""
    world = stage.world
    task = stage.choose(_mine(stage), world.closed)
    if task is None:
        return None
    by = task["closed_by"] if stage.move.who < RIGHTFUL and task["closed_by"] in PEOPLE else stage.anybody
    command = WithdrawTask(task_id=task["id"], reason="有误")

    def lawful() -> bool:
        mine = task["closed_by"] == by and task["seat"] in ("holder", "member") and task["state"] == "completed"
        return world.running and mine and is_eligible(world, task, by)

    return Act(by, command, lawful)


def _takeable(stage: Stage) -> list[tuple[Row, str]]:
    return [
        (task, login)
        for task in stage.acting
        for login in PEOPLE
        if task["assignee"] != login
        and rights.may_take(stage.world, task, login, stage.now)
        and is_stranger(stage.world, task, login)
        and login not in stage.world.may_act(task)
    ]


@verb(700, _takeable)
def take(stage: Stage) -> Act | None:
    """代办: as whoever stands in for the holder, or as anybody."""
    world, now = stage.world, stage.now
    found = stage.choose(_takeable(stage), [(row, stage.anybody) for row in stage.all_tasks])
    if found is None:
        return None
    task, by = found
    return Act(by, TakeAsProxy(task_id=task["id"]), lambda: rights.may_take(world, task, by, now))


def _lent(stage: Stage) -> list[Row]:
    return [row for row in stage.world.open if row["principal"]]


@verb(500, _lent)
def take_back(stage: Stage) -> Act | None:
    task = stage.choose(_lent(stage), stage.all_tasks)
    if task is None:
        return None
    by = task["principal"] if stage.move.who < RIGHTFUL and task["principal"] else stage.actor(None)
    return Act(by, TakeBackFromProxy(task_id=task["id"]), lambda: is_open(task) and by == task["principal"])
