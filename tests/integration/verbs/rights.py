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


def is_one_of_several(task: Row) -> bool:
    """It is the task of one instance of a multi-instance of people: others may join beside it."""
    return task["seat"] == "holder" and "loopCounter" in task["local_variables"]


def acts_beside(world: World, task: Row, login: str) -> bool:
    """Whether somebody acts, or is to act, at another instance of the same multi-instance."""
    body, tokens = _body(world, task)
    beside = (row for row in world.open if row["token_id"] in tokens and row["id"] != task["id"])
    return any(login in (row["assignee"], row["principal"]) for row in beside) or login in dict(to_come(body))


def to_come(body: Row) -> list[tuple[str, str | None]]:
    """Whose turn is to come at a multi-instance, and who added them, by what its body remembers."""
    planned = [(item, None) for item in body.get("items", [])[body.get("next", 0) :]]
    return [(item, by) for _, item, by in body["queue"]] if "queue" in body else planned


def _body(world: World, task: Row) -> tuple[Row, set[str]]:
    """What the body of the multi-instance remembers in which a task stands, and the tokens in it."""
    pending = [world.state["t"]]
    while pending:
        rows = pending.pop()
        pending += [row[6][2] for row in rows if len(row) > 6]
        bodies = {row[0]: row[3] for row in rows}
        body = bodies.get(task["token_id"], -1)
        if body >= 0 and len(rows[body]) > 4:
            return rows[body][4], {token for token, at in bodies.items() if at == body}
    return {}, set()


def body_of(world: World, task: Row) -> str:
    """The tokens of the multi-instance in which a task stands, as one word."""
    return " ".join(sorted(_body(world, task)[1]))


def beside(world: World, task: Row) -> tuple[list[Row], list[tuple[str, str | None]]]:
    """The other open tasks of the same multi-instance, and whose turn is to come there."""
    body, tokens = _body(world, task)
    seats = [row for row in world.open if row["token_id"] in tokens and row["id"] != task["id"]]
    return [row for row in seats if row["seat"] == "holder"], to_come(body)


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
