"""Supervision as commands need it: rule sets, cards of a case, orders, urges, what is watched, who heads a department."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, func, literal, or_, select, union_all

from engine.access import CardFacts, Role
from engine.approval.supervision.card import Card, CardState, Ground
from engine.approval.supervision.order import Order, OrderLevel, OrderState
from engine.approval.supervision.reader import parsed, shipped_text
from engine.approval.supervision.rules import Issue, Level, RuleSet
from engine.errors import NotFound
from engine.store import tables
from engine.store.base.unit_of_work import UnitOfWork, Values
from engine.store.rows.cases import lock_instance

_RULES = tables.card_rules.select().order_by(tables.card_rules.c.version.desc()).limit(1)
_OF_CASE = (
    tables.card.select()
    .where(tables.card.c.case_id == bindparam("case_id"))
    .order_by(tables.card.c.issued_at, tables.card.c.id)
)
_HEADS = select(tables.department.c.id, tables.department.c.leader).where(tables.department.c.code == bindparam("code"))
_OF_GROUP = (
    select(tables.department.c.code)
    .join(tables.group, tables.group.c.department_id == tables.department.c.id)
    .where(tables.group.c.key == bindparam("key"))
)
_BY_ROLE = select(tables.person.c.login, tables.person.c.roles).where(tables.person.c.disabled.is_(False))
_MEMBERS = (
    select(tables.membership.c.login)
    .join(tables.person, tables.person.c.login == tables.membership.c.login)
    .where(tables.membership.c.group_key.in_(bindparam("groups", expanding=True)), tables.person.c.disabled.is_(False))
    .order_by(tables.membership.c.login)
)
_OPEN_TASKS = tables.task.select().where(
    tables.task.c.instance_id == bindparam("instance_id"), tables.task.c.closed_at.is_(None)
)
_URGED = (
    select(tables.urge.c.task_id, tables.urge.c.urged_at, tables.urge.c.to)
    .join(tables.task, tables.task.c.id == tables.urge.c.task_id)
    .where(tables.task.c.token_id == bindparam("token_id"))
)
_UNREAD = tables.urge.select().where(tables.urge.c.task_id == bindparam("task_id"), tables.urge.c.read_at.is_(None))
_DUE = (
    select(tables.watch.c.clock_id, tables.watch.c.case_id)
    .where(tables.watch.c.next_look <= bindparam("now"))
    .order_by(tables.watch.c.next_look, tables.watch.c.clock_id)
    .limit(bindparam("count"))
)
_HANDLED = select(tables.task.c.closed_by, tables.task.c.closed_at).where(
    tables.task.c.instance_id == bindparam("instance_id"),
    tables.task.c.closed_by.is_not(None),
    tables.task.c.closed_by != "system",
)


# ---------------------------------------------------------------- rules


def rules(uow: UnitOfWork) -> tuple[RuleSet, int]:
    """The rule set that holds, and its version (0 for the shipped one)."""
    row = uow.first(_RULES)
    return (parsed(shipped_text("default")), 0) if row is None else (parsed(row.source), int(row.version))


def rules_of(uow: UnitOfWork, version: int) -> RuleSet:
    """The rule set of this version; the present one where it was not kept."""
    row = uow.first(select(tables.card_rules.c.source).where(tables.card_rules.c.version == version))
    if row is not None:
        return parsed(row.source)
    return parsed(shipped_text("default")) if version == 0 else rules(uow)[0]


# ---------------------------------------------------------------- cards


def unanswered(uow: UnitOfWork, now: datetime, *, after: str, count: int) -> list[tuple[str, bool]]:
    """(id, is it a card) of cards and orders that wait for an answer whose time is not over, by id."""
    card, order = tables.card.c, tables.supervision_order.c
    cards = select(card.id, literal(1).label("is_card")).where(
        card.state.in_(["issued", "signed"]), card.level != "warn", card.feedback_due > now, card.id > after
    )
    orders = select(order.id, literal(0).label("is_card")).where(
        order.state == "open", order.due_at > now, order.id > after
    )
    both = union_all(cards, orders).subquery()
    rows = uow.all(select(both.c.id, both.c.is_card).order_by(both.c.id).limit(count))
    return [(row.id, bool(row.is_card)) for row in rows]


def cards(uow: UnitOfWork, case_id: str) -> list[Values]:
    """All cards of a case, oldest first."""
    return [uow.remember(tables.card, dict(row._mapping)) for row in uow.all(_OF_CASE, {"case_id": case_id})]


def card_row(uow: UnitOfWork, card_id: str) -> Values:
    """A card with the instance of its case locked. Raises NotFound."""
    return _locked(uow, tables.card, card_id)


def order_row(uow: UnitOfWork, order_id: str) -> Values:
    """An order with the instance of its case locked. Raises NotFound."""
    return _locked(uow, tables.supervision_order, order_id)


def _locked(uow: UnitOfWork, table: Any, key: str) -> Values:
    seen = uow.first(select(table.c.instance_id).where(table.c.id == key))
    if seen is None:
        raise NotFound(
            f"没有编号为 {key} 的监察牌或督办，或您无权查看。", f"No card or order {key}, or not for you to see."
        )
    lock_instance(uow, seen.instance_id)
    row = uow.get(table, (key,))
    assert row is not None  # cards and orders are never deleted
    return row


def card_of(row: Values) -> Card:
    """The card as its rules see it."""
    return Card(
        id=row["id"],
        level=Level(row["level"]),
        issue=Issue(row["issue"]),
        state=CardState(row["state"]),
        subject_key=row["subject_key"],
        appeal_open=row["appeal_state"] in ("open", "referred"),
        appealed=row["appeal_state"] is not None,
        ground=None if row["ground"] is None else Ground(row["ground"]),
        ordered=row["order_id"] is not None,
    )


def order_of(row: Values) -> Order:
    """The order as its rules see it."""
    return Order(id=row["id"], level=OrderLevel(row["level"]), state=OrderState(row["state"]), due_at=row["due_at"])


def facts(row: Values) -> CardFacts:
    """What the access rules need to know of a card, an order or a finding."""
    responsible = row.get("responsible") or row.get("addressees") or ()
    return CardFacts(
        card_id=row["id"],
        department_id=row.get("department_id"),
        responsible=frozenset(responsible),
        receivers=frozenset(row.get("receivers") or ()),
    )


# ---------------------------------------------------------------- people


def department(uow: UnitOfWork, code: str) -> tuple[str | None, tuple[str, ...]]:
    """The id of the department with this code, and its heads."""
    row = uow.first(_HEADS, {"code": code})
    return (None, ()) if row is None else (row.id, (row.leader,) if row.leader else ())


def department_of_group(uow: UnitOfWork, key: str) -> str | None:
    """The code of the department to which a candidate group belongs, or None."""
    row = uow.first(_OF_GROUP, {"key": key})
    return None if row is None else str(row.code)


def with_role(uow: UnitOfWork, role: Role) -> tuple[str, ...]:
    """The active people with a role."""
    return tuple(sorted(row.login for row in uow.all(_BY_ROLE) if role.value in row.roles))


def open_tasks(uow: UnitOfWork, instance_id: str) -> Sequence[Row[Any]]:
    """The open tasks of an instance."""
    return uow.all(_OPEN_TASKS, {"instance_id": instance_id})


def last_handler(uow: UnitOfWork, instance_id: str) -> str | None:
    """Who closed the latest task of an instance."""
    rows = uow.all(_HANDLED, {"instance_id": instance_id})
    return max(rows, key=lambda row: row.closed_at).closed_by if rows else None


def members(uow: UnitOfWork, groups: Collection[str]) -> tuple[str, ...]:
    """The active members of candidate groups."""
    if not groups:
        return ()
    return tuple(dict.fromkeys(row.login for row in uow.all(_MEMBERS, {"groups": sorted(groups)})))


# ---------------------------------------------------------------- urging


def urged_at(uow: UnitOfWork, task: Values, to: Collection[str]) -> list[datetime]:
    """When a task was urged, or one of these people by way of another seat of the same step (P-8.2)."""
    found = uow.all(_URGED, {"token_id": task["token_id"]})
    return [row.urged_at for row in found if row.task_id == task["id"] or not set(to).isdisjoint(row.to)]


def unread_urges(uow: UnitOfWork, task_id: str) -> list[Values]:
    """The urges of a task that nobody has seen."""
    return [uow.remember(tables.urge, dict(row._mapping)) for row in uow.all(_UNREAD, {"task_id": task_id})]


# ---------------------------------------------------------------- watching


def due_cases(uow: UnitOfWork, now: datetime, count: int) -> tuple[list[str], list[str]]:
    """The clocks (at most ``count``) that must be looked at by ``now``, and their cases, each once."""
    rows = uow.all(_DUE, {"now": now, "count": count})
    return [row.clock_id for row in rows], list(dict.fromkeys(row.case_id for row in rows))


def put_off(uow: UnitOfWork, clocks: Collection[str], until: datetime) -> None:
    """Let nobody else pick these clocks before ``until``: whoever checks them says when the next look is."""
    if clocks:
        statement = tables.watch.update().where(tables.watch.c.clock_id.in_(sorted(clocks))).values(next_look=until)
        uow.execute(statement)


def look_at_all(uow: UnitOfWork, now: datetime) -> int:
    """The rules changed: everything that is watched must be looked at anew. Returns how many."""
    return uow.execute(tables.watch.update().where(tables.watch.c.next_look > now).values(next_look=now))


def unwatched(uow: UnitOfWork, count: int) -> list[Row[Any]]:
    """Clocks of cases that have not stopped and are not watched: from before supervision, or made outside of commands."""
    clock, watch, case_file, instance = tables.clock, tables.watch, tables.case_file, tables.process_instance
    statement = (
        select(clock.c.id, clock.c.facts, clock.c.state, case_file.c.item_code, instance.c.definition_key)
        .join(case_file, case_file.c.id == clock.c.case_id)
        .join(instance, instance.c.id == case_file.c.instance_id)
        .outerjoin(watch, watch.c.clock_id == clock.c.id)
        .where(clock.c.state != "stopped", watch.c.clock_id.is_(None))
        .limit(count)
    )
    return list(uow.all(statement))


def overdue_or_near(uow: UnitOfWork, until: datetime) -> list[Values]:
    """The cases whose promised limit runs and ends by ``until``: what a daily scan lists."""
    watch, case_file = tables.watch, tables.case_file
    statement = (
        select(
            watch.c.clock_id,
            watch.c.case_id,
            watch.c.due_at,
            watch.c.item_code,
            case_file.c.no,
            case_file.c.title,
            case_file.c.item_id,
        )
        .join(case_file, case_file.c.id == watch.c.case_id)
        .where(watch.c.kind == "promised", watch.c.state == "running", watch.c.due_at <= until)
        .order_by(watch.c.due_at, watch.c.clock_id)
    )
    return [dict(row._mapping) for row in uow.all(statement)]


def cases_with_live_cards(uow: UnitOfWork) -> list[str]:
    """The cases that a re-check must judge again: those with automatic cards that stand."""
    card = tables.card
    live = card.c.state.in_(["awaiting", "issued", "signed", "answered", "escalated"])
    rows = uow.all(select(card.c.case_id).where(live, card.c.issue == "automatic").distinct())
    return [row.case_id for row in rows]


def scan_counts(uow: UnitOfWork, run_id: str) -> int:
    """How many findings of a run are answered."""
    finding = tables.scan_finding
    row = uow.first(select(func.count()).where(finding.c.run_id == run_id, finding.c.answer.is_not(None)))
    return 0 if row is None else int(row[0])


def job_exists(uow: UnitOfWork, job_id: str) -> bool:
    """Is there such a job?"""
    return uow.first(select(tables.job.c.id).where(tables.job.c.id == job_id)) is not None


def involved(uow: UnitOfWork, instance_id: str) -> frozenset[str]:
    """Who started an instance, and who holds or closed a task of it."""
    task, instance = tables.task, tables.process_instance
    rows = uow.all(
        select(task.c.assignee, task.c.closed_by).where(
            task.c.instance_id == instance_id, or_(task.c.assignee.is_not(None), task.c.closed_by.is_not(None))
        )
    )
    found = {login for row in rows for login in row if login}
    started = uow.get(instance, (instance_id,))
    return frozenset(found | ({started["started_by"]} if started and started["started_by"] else set()))


def scanned_since(uow: UnitOfWork, moment: datetime) -> bool:
    """Has a daily scan run since?"""
    run = tables.scan_run
    statement = select(run.c.id).where(run.c.started_at >= moment, run.c.trigger == "daily").limit(1)
    return uow.first(statement) is not None
