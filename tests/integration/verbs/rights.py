"""Who may do what, once more: the rules of the verbs in terms of rows, without a line of the engine."""

from __future__ import annotations

from datetime import datetime

from tests.integration.verbs.world import Row, World


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


def allows(task: Row, verb: str) -> bool:
    """The node does not forbid it (``allow="-transfer"``)."""
    return f"-{verb}" not in task["settings"].get("allow", "")


def takes_part(world: World, login: str) -> bool:
    """Started it, held or did something of it, is offered something, or oversees."""
    if login in (world.instance["started_by"], "boss", "sup"):
        return True
    return any(
        login in (row["assignee"], row["closed_by"], row["principal"])
        or (row["closed_at"] is None and login in world.candidates(row))
        for row in world.tasks.values()
    )


def is_told(world: World, login: str) -> bool:
    """Has a copy, or was called in a comment."""
    return any(row["recipient"] == login for row in world.copies) or any(
        row["login"] == login for row in world.mentions
    )


def stands_in(world: World, principal: str, proxy: str, now: datetime, depth: int = 3) -> bool:
    """Whether ``proxy`` may decide for ``principal`` now, himself or as the proxy of a proxy (P-7.3)."""
    for rule in world.rules:
        runs = rule["active"] and rule["starts_at"] <= now < rule["ends_at"] and rule["power"] == "decide"
        if not runs or rule["principal"] != principal:
            continue
        if rule["proxy"] == proxy or (depth > 1 and stands_in(world, rule["proxy"], proxy, now, depth - 1)):
            return True
    return False


def may_take(world: World, task: Row, login: str, now: datetime) -> bool:
    """代办: of a held task the holder's own proxy, of an offered one also a proxy's proxy; both people must be eligible."""
    if not is_open(task) or task["principal"] is not None:
        return False
    depth, people = (1, [task["assignee"]]) if task["assignee"] else (3, sorted(world.candidates(task)))
    return is_eligible(world, task, login) and any(
        stands_in(world, each, login, now, depth) and is_eligible(world, task, each) for each in people
    )
