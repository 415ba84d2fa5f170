"""Verbs with which one asks others, and who stands in for whom: delegate, recall, signers, proxies, recusal, hand-over."""

from __future__ import annotations

from datetime import timedelta

from engine.commands.delegating.delegations import DelegateTask, RecallDelegation
from engine.commands.delegating.handover import HandOver
from engine.commands.delegating.proxies import GrantProxy, RevokeProxy
from engine.commands.delegating.recusal import DeclareRecusal, LiftRecusal
from engine.commands.delegating.signers import AddSigners, RemoveSigner
from tests.integration.verbs import rights
from tests.integration.verbs.rights import is_eligible, is_stranger
from tests.integration.verbs.stage import PEOPLE, RIGHTFUL, STAFF, Act, Answer, Stage, verb
from tests.integration.verbs.world import Row, World


def _delegable(stage: Stage) -> list[Row]:
    return [row for row in stage.held if rights.allows(row, "delegate")]


@verb(9, _delegable)
def delegate(stage: Stage) -> Act | None:
    world, move = stage.world, stage.move
    task = stage.choose(_delegable(stage), stage.all_tasks)
    if task is None:
        return None
    by = stage.actor(task)
    to = stage.receiver(task, by)
    hands_on = task["settings"].get("delegatePower") == "decide" and move.how < 60
    power = "decide" if hands_on or move.how > 92 else "advise"

    def lawful() -> bool:
        settings = task["settings"]
        held = task["state"] == "assigned" and task["assignee"] == by and rights.allows(task, "delegate")
        may = power == "advise" or (settings.get("delegatePower") == "decide" and task["power"] == "decide")
        return held and may and to != by and is_stranger(world, task, to) and is_eligible(world, task, to)

    return Act(by, DelegateTask(task_id=task["id"], to=to, power=power, question="请看"), lawful)


def _asked(stage: Stage) -> list[Row]:
    askers = {row["parent_id"] for row in stage.world.open if row["seat"] == "delegate"}
    return [row for row in stage.world.open if row["state"] == "waiting" and row["id"] in askers]


@verb(30, _asked)
def recall(stage: Stage) -> Act | None:
    world, task = stage.world, stage.choose(_asked(stage), stage.all_tasks)
    if task is None:
        return None
    by = stage.actor(task)
    asked = [row for row in world.open if row["parent_id"] == task["id"] and row["seat"] == "delegate"]
    mine = task["state"] == "waiting" and bool(asked) and by in (task["assignee"], "boss")
    return Act(by, RecallDelegation(task_id=task["id"]), lambda: mine)


@verb(12, lambda stage: stage.held)
def add(stage: Stage) -> Act | None:
    world, move = stage.world, stage.move
    task = stage.choose(stage.held, stage.all_tasks)
    if task is None:
        return None
    by = stage.actor(task)
    fitting = stage.receivers(task, by) if move.other < RIGHTFUL else []
    first = stage.receiver(task, by)
    second = stage.pick([each for each in fitting if each != first] or PEOPLE, move.other + 2) or "boss"
    people = (first,) if move.how % 3 else (first, second)
    position, power = ("before", "after", "beside")[move.how // 3 % 3], ("advise", "decide")[move.how // 9 % 2]
    of_several = task["ballot_id"] is not None or rights.is_one_of_several(task)
    if not of_several and position == "beside" and move.other < RIGHTFUL:
        position = "after"
    if rights.is_one_of_several(task) and position == "beside" and move.other < RIGHTFUL:
        power = "decide"
        free = [each for each in fitting if not rights.acts_beside(world, task, each)]
        people = tuple(dict.fromkeys(stage.pick(free, move.other + place) or "boss" for place in range(len(people))))
    elif not task["outcomes"] and not task["ballot_id"] and move.other < RIGHTFUL:
        power = "advise"
    in_order = bool(move.how // 18 % 2)
    command = AddSigners(task_id=task["id"], people=people, position=position, power=power, in_order=in_order)

    def lawful() -> bool:
        held = task["state"] == "assigned" and task["assignee"] == by
        strangers = all(is_stranger(world, task, each) and is_eligible(world, task, each) for each in people)
        joins = position == "beside" and task["ballot_id"] is None
        table = not joins or (of_several and not any(rights.acts_beside(world, task, each) for each in people))
        hands_on = power == "advise" or task["power"] == "decide"
        return held and strangers and table and hands_on and by not in people and len(set(people)) == len(people)

    return Act(by, command, lawful)


def _removable(stage: Stage) -> list[tuple[Row, str, str | None]]:
    """The task at which they were added, who or what, by whom."""
    world = stage.world
    found: list[tuple[Row, str, str | None]] = []
    for row in world.in_order:
        if not any(each["closed_at"] is None for each in world.seats(row["token_id"])):
            continue
        waits = [each for each in row["signers"] or () if each["state"] in ("planned", "asked")]
        found += [(row, signer["id"], row["assignee"]) for signer in waits]
        if rights.is_one_of_several(row):
            others, planned = rights.beside(world, row)
            here = [(row, each["id"], each["added_by"]) for each in others]
            here += [(row, login, by) for login, by in planned]
            found += [each for each in here if each[2] or stage.move.how % 8 == 5]  # whom the model named: seldom
        if (
            row["ballot_id"] is not None
            and row["seat"] == "member"
            and world.ballots[row["ballot_id"]]["state"] == "open"
        ):
            voted = {each["login"] for each in world.votes_of(row["ballot_id"])}
            mine = [
                each
                for each in world.members_of(row["ballot_id"])
                if each["added_by"] in (row["assignee"], row["principal"])
            ]
            found += [
                (row, each["login"], each["added_by"])
                for each in mine
                if each["added_by"] and each["login"] not in voted
            ]
    return found


@verb(20, _removable)
def remove(stage: Stage) -> Act | None:
    world = stage.world
    signers = [(row, each["id"], row["assignee"]) for row in world.in_order for each in row["signers"] or ()]
    chosen = stage.choose(_removable(stage), signers)
    if chosen is None:
        return None
    task, who, adder = chosen
    by = adder if adder and stage.move.who < RIGHTFUL else stage.only("boss")
    holds = by in (task["assignee"], "boss")
    return Act(
        by,
        RemoveSigner(task_id=task["id"], signer_id=who),
        lambda: holds and (by in ("boss", adder) or task["principal"] == adder),
    )


@verb(4, lambda stage: stage.world.running)
def recuse(stage: Stage) -> Act | None:
    world, move = stage.world, stage.move
    by = PEOPLE[move.who % len(PEOPLE)]
    if move.what < RIGHTFUL:
        seen = [login for login in STAFF if rights.takes_part(world, login) and login not in world.recused]
        by = stage.pick(seen, move.who) or "boss"
    other = None if move.how % 2 == 0 else PEOPLE[move.other % len(PEOPLE)]
    if other is not None and move.what < RIGHTFUL:
        by = ("boss", "sup")[move.who % 2]
    lawful = world.running and (other in (None, by) or by in ("boss", "sup"))
    command = DeclareRecusal(instance_id=world.instance["id"], reason="利害关系", login=other)
    return Act(by, command, lambda: lawful)


def _recusals(stage: Stage) -> list[Row]:
    return [row for row in stage.world.recusals if row["lifted_at"] is None]


@verb(20, _recusals)
def lift(stage: Stage) -> Act | None:
    world = stage.world
    found = stage.choose(_recusals(stage), world.recusals)
    if found is None:
        return None
    by = stage.only(*(each for each in ("boss", "sup") if each != found["login"]))
    command = LiftRecusal(instance_id=world.instance["id"], recusal_id=found["id"], reason="查无利害关系")
    return Act(by, command, lambda: by in ("boss", "sup") and found["login"] != by)


@verb(5, lambda stage: sum(row["active"] for row in stage.world.rules) < 3)
def grant(stage: Stage) -> Act | None:
    move = stage.move
    by = PEOPLE[move.who % len(PEOPLE)]
    principal = None if move.what % 3 else PEOPLE[move.what % len(PEOPLE)]
    if principal is not None and move.what < RIGHTFUL:
        by = "boss"
    proxy = stage.pick([each for each in STAFF if each != (principal or by)], move.other) or "boss"
    if move.other >= RIGHTFUL:
        proxy = PEOPLE[move.other % len(PEOPLE)]
    begin = stage.now + timedelta(hours=12 * (move.how % 2))
    command = GrantProxy(
        proxy=proxy,
        principal=principal,
        start=begin.isoformat(),
        end=(begin + timedelta(days=1 + move.how % 5)).isoformat(),
        power=("decide", "decide", "decide", "advise")[move.how // 2 % 4],
        mode=("share", "move", "share")[move.how // 8 % 3],
    )
    lawful = principal in (None, by) or by == "boss"
    return Act(by, command, lambda: lawful and proxy != (principal or by))


def _rules(stage: Stage) -> list[Row]:
    return [row for row in stage.world.rules if row["active"]]


@verb(10, _rules)
def revoke(stage: Stage) -> Act | None:
    rule = stage.choose(_rules(stage), stage.world.rules)
    if rule is None:
        return None
    by = rule["principal"] if stage.move.who < RIGHTFUL else stage.anybody
    return Act(by, RevokeProxy(rule_id=rule["id"]), lambda: by in (rule["principal"], "boss"))


def _leavers(stage: Stage) -> list[str]:
    return [login for login in STAFF if any(login in (row["assignee"], row["principal"]) for row in stage.world.open)]


@verb(3, _leavers)
def hand_over(stage: Stage) -> Act | None:
    """离职交接: whatever somebody has goes to others, or the report says why not."""
    move = stage.move
    leaver = stage.choose(_leavers(stage), STAFF) or "e"
    others = [login for login in PEOPLE if login != leaver]
    receivers = tuple(dict.fromkeys((others[move.other % len(others)], others[move.how % len(others)])))
    command = HandOver(leaver=leaver, receivers=receivers, groups_to=receivers[0] if move.how % 2 else "")
    by = stage.only("boss")

    def then(world: World, answer: Answer) -> None:
        told = {line["id"] for line in answer["report"]}
        left = [row for row in world.open if leaver in (row["assignee"], row["principal"]) and row["id"] not in told]
        assert not left, f"{leaver} has {[row['element_id'] for row in left]}, and the report does not say why"

    return Act(by, command, lambda: by == "boss", then)
