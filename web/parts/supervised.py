"""Supervision as it shows on other pages: the cards, orders and urges of a case, and the urges of a task."""

from collections.abc import Mapping
from typing import Any

from engine.access import Verb, may
from engine.commands.supervision.urging import ReadUrges
from engine.runtime.task import OPEN
from web.frame.auth import current_actor, services
from web.frame.filters import prefetch_names
from web.parts.casefile import CaseView


def shown(case: CaseView) -> dict[str, Any]:
    """What the tab of a case shows: everything that oversight did about it."""
    queries, actor = services().queries, current_actor()
    cards = queries.supervision.cards(case_id=case.row["id"], limit=100).rows
    orders = queries.supervision.orders(case_id=case.row["id"], limit=100).rows
    urges = queries.supervision.urges(case.row["instance_id"]) if case.row["instance_id"] else []
    prefetch_names(login for row in [*cards, *orders] for login in row.get("responsible") or row["addressees"])
    return {
        "cards": [row | {"visible": _sees(row)} for row in cards],
        "orders": [row | {"visible": _sees(row)} for row in orders],
        "urges": urges,
        "can_supervise": may(actor, Verb.MANAGE_CARDS).allowed and case.row["finished_at"] is None,
    }


def _sees(row: dict[str, Any]) -> bool:
    return may(current_actor(), Verb.VIEW_CARD, services().queries.supervision.facts(row)).allowed


def of_task(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The urges of a task, latest first; that its holder opened the page is kept as read."""
    urges = [each for each in services().queries.supervision.urges(row["instance_id"]) if each["task_id"] == row["id"]]
    prefetch_names(login for each in urges for login in (each["urged_by"], *each["to"]))
    login = current_actor().login
    if row["state"] in OPEN and any(each["read_at"] is None and login in each["to"] for each in urges):
        services().engine.execute(ReadUrges(task_id=row["id"]), actor=current_actor())
    return urges[::-1]
