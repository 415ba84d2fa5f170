"""Reading supervision: cards, orders, urges, scans, rule versions; as lists that page by key, and one by one."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Text, func, select, type_coerce

from engine.access import CardFacts
from engine.approval.supervision.reader import parsed, shipped_text
from engine.approval.supervision.rules import RuleSet
from engine.store.base.database import Database
from engine.store.base.paging import Page, Row, behind, clamp, page
from engine.store.base.totals import counted, counting
from engine.store.tables import (
    card,
    card_receiver,
    card_rules,
    case_file,
    department,
    process_instance,
    scan_finding,
    scan_run,
    supervision_order,
    task,
    urge,
)

# Tabs of the page: what each lists.
LIVE = ("awaiting", "issued", "signed", "answered", "escalated")
UNANSWERED = ("issued", "signed", "escalated")
TABS: dict[str, dict[str, Any]] = {
    "warn": {"level": "warn", "states": LIVE},
    "yellow": {"level": "yellow", "states": LIVE},
    "red": {"level": "red", "states": LIVE},
    "awaiting": {"states": ("awaiting",)},
    "unanswered": {"states": UNANSWERED, "levels": ("yellow", "red")},
    "closed": {"states": ("closed",)},
    "withdrawn": {"states": ("withdrawn", "superseded")},
}


def _about(table: Any, department_code: str | None, process_key: str | None) -> list[Any]:
    """Cards or orders of this department, and of cases of this process."""
    found = []
    if department_code:
        found.append(table.c.department == department_code)
    if process_key and table is card:
        found.append(card.c.process_key == process_key)
    elif process_key:
        of_process = process_instance.c.definition_key == process_key
        found.append(table.c.instance_id.in_(select(process_instance.c.id).where(of_process)))
    return found


class SupervisionQueries:
    """Reads supervision. ``departments`` narrows lists to what the one who asks may see: ids, or None for all."""

    def __init__(self, database: Database) -> None:
        self.database = database

    # ---- cards

    def cards(
        self,
        *,
        tab: str = "",
        text: str = "",
        level: str | None = None,
        department_code: str | None = None,
        process_key: str | None = None,
        departments: Collection[str] | None = None,
        login: str | None = None,
        case_id: str | None = None,
        after: str | None = None,
        limit: int = 20,
        count: bool = False,
    ) -> Page:
        """Cards, newest first. ``login``: those of which this person was told; together with ``departments``: either. With
        ``count`` also how many they are in all."""
        limit = clamp(limit)
        by_index = self._of_tab(tab) or _about(card, department_code, None)
        others = [*self._seen(card, departments, login), *_about(card, department_code, process_key)]
        if level:
            by_index.append(card.c.level == level)
        if case_id:
            by_index.append(card.c.case_id == case_id)
        if text:
            pattern = "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
            found = [column.ilike(pattern, escape="\\") for column in (card.c.case_no, card.c.title, card.c.number)]
            others.append(found[0] | found[1] | found[2])
        return self._newest(card, by_index, others, after, limit, count)

    def counts(
        self,
        *,
        departments: Collection[str] | None = None,
        login: str | None = None,
        department_code: str | None = None,
        process_key: str | None = None,
    ) -> dict[str, int]:
        """How many cards each tab has, how many orders are not closed, and how many of these wait for their answer:
        {"warn": …, "orders": …, "open_orders": …}."""
        about = (department_code, process_key)
        grouped = (
            select(card.c.level, card.c.state, func.count().label("n"))
            .where(*self._seen(card, departments, login), *_about(card, *about), card.c.state.in_(LIVE))
            .group_by(card.c.level, card.c.state)
        )
        rows = self._rows(grouped)
        found = {}
        for name, wanted in TABS.items():
            if name in ("closed", "withdrawn"):
                continue
            levels = wanted.get("levels", (wanted["level"],) if "level" in wanted else ("warn", "yellow", "red"))
            found[name] = sum(row["n"] for row in rows if row["level"] in levels and row["state"] in wanted["states"])
        orders = (
            select(supervision_order.c.state, func.count().label("n"))
            .where(*self._seen(supervision_order, departments, login), *_about(supervision_order, *about))
            .group_by(supervision_order.c.state)
        )
        of_state = {row["state"]: row["n"] for row in self._rows(orders)}
        found["orders"] = sum(n for state, n in of_state.items() if state != "closed")
        found["open_orders"] = of_state.get("open", 0)
        return found

    def waiting_for(self, login: str, leads: Collection[str]) -> int:
        """How many yellow and red cards and orders wait for this person's answer: as the responsible, or as a head."""
        mine = select(card_receiver.c.card_id).where(card_receiver.c.login == login)
        owed = (card.c.state.in_(["issued", "signed"]), card.c.level.in_(["yellow", "red"]))
        own = select(card.c.id, card.c.responsible, card.c.department_id).where(card.c.id.in_(mine), *owed)
        orders = self._seen(supervision_order, leads, login)
        with self.database.read() as connection:
            rows = connection.execute(own.limit(1000)).all()
            count = connection.scalar(select(func.count()).where(*orders, supervision_order.c.state == "open")) or 0
        return count + sum(login in row.responsible or row.department_id in leads for row in rows)

    def card(self, card_id: str) -> Row | None:
        """One card, or None."""
        return self._one(select(card).where(card.c.id == card_id))

    def facts(self, row: Row) -> CardFacts:
        """What the access rules need to know of a card or an order."""
        return CardFacts(
            card_id=row["id"],
            department_id=row["department_id"],
            responsible=frozenset(row.get("responsible") or row.get("addressees") or ()),
            receivers=frozenset(row.get("receivers") or ()),
        )

    def _of_tab(self, tab: str) -> list[Any]:
        wanted = TABS.get(tab)
        if wanted is None:
            return []
        conditions: list[Any] = [card.c.state.in_(wanted["states"])]
        if "level" in wanted:
            conditions.append(card.c.level == wanted["level"])
        if "levels" in wanted:
            conditions.append(card.c.level.in_(wanted["levels"]))
        return conditions

    def _seen(self, table: Any, departments: Collection[str] | None, login: str | None) -> list[Any]:
        """What may be seen: everything, or one's departments and what one was told of."""
        if departments is None and login is None:
            return []
        ways = []
        if departments:
            ways.append(table.c.department_id.in_(sorted(departments)))
        if login is not None and table is card:
            ways.append(card.c.id.in_(select(card_receiver.c.card_id).where(card_receiver.c.login == login)))
        if login is not None and table is supervision_order:
            # Addressees stand as JSON: quoted, a login is found as a whole.
            ways.append(type_coerce(supervision_order.c.addressees, Text).like(f'%"{login}"%'))
        if not ways:
            return [table.c.id.is_(None)]
        return [ways[0] if len(ways) == 1 else ways[0] | ways[1]]

    # ---- orders

    def orders(
        self,
        *,
        state: str | None = None,
        level: int | None = None,
        department_code: str | None = None,
        process_key: str | None = None,
        departments: Collection[str] | None = None,
        login: str | None = None,
        case_id: str | None = None,
        after: str | None = None,
        limit: int = 20,
        count: bool = False,
    ) -> Page:
        """Supervision orders, newest first. With ``count`` also how many they are in all."""
        limit, table = clamp(limit), supervision_order
        others = [*self._seen(table, departments, login), *_about(table, department_code, process_key)]
        by_index = [table.c.state == state] if state else _about(table, department_code, None)
        if level:
            others.append(table.c.level == level)
        if case_id:
            others.append(table.c.case_id == case_id)
        return self._newest(table, by_index, others, after, limit, count)

    def _newest(
        self, table: Any, by_index: list[Any], others: list[Any], after: str | None, limit: int, count: bool
    ) -> Page:
        """Cards or orders, newest first."""
        later = behind(after, table.c.issued_at, table.c.id, descending=True)
        conditions = [*by_index, *others, *([] if later is None else [later])]
        statement = select(table).where(*conditions).order_by(table.c.issued_at.desc(), table.c.id.desc())
        found = page(self._rows(statement.limit(limit + 1)), limit, "issued_at", "id")
        return counted(found, after, self._rows, counting(table, by_index, others)) if count else found

    def order(self, order_id: str) -> Row | None:
        """One order, or None."""
        return self._one(select(supervision_order).where(supervision_order.c.id == order_id))

    # ---- urges

    def urges(self, instance_id: str) -> list[Row]:
        """The urges of an instance, oldest first."""
        statement = select(urge).where(urge.c.instance_id == instance_id).order_by(urge.c.urged_at, urge.c.id)
        return self._rows(statement)

    def urged(self, task_ids: Collection[str]) -> dict[str, Row]:
        """The latest urge of each of these tasks: for marks in lists."""
        return {task_id: rows[-1] for task_id, rows in self.urges_of(task_ids).items()}

    def urges_of(self, task_ids: Collection[str]) -> dict[str, list[Row]]:
        """The urges of each of these tasks, oldest first; a task that nobody urged is left out."""
        found: dict[str, list[Row]] = {}
        if task_ids:
            statement = select(urge).where(urge.c.task_id.in_(sorted(task_ids))).order_by(urge.c.urged_at, urge.c.id)
            for row in self._rows(statement):
                found.setdefault(row["task_id"], []).append(row)
        return found

    def urge_counts(self, since: datetime) -> dict[tuple[str, str], int]:
        """How often each step was urged: {(definition key, element id): times}."""
        columns = (urge.c.definition_key, urge.c.element_id)
        statement = select(*columns, func.count().label("n")).where(urge.c.urged_at >= since).group_by(*columns)
        return {(row["definition_key"], row["element_id"]): row["n"] for row in self._rows(statement)}

    # ---- scans

    def runs(self, *, after: str | None = None, limit: int = 20) -> Page:
        """The scans, newest first, each with how much was found and answered."""
        finding, limit = scan_finding, clamp(limit)
        later = behind(after, scan_run.c.started_at, scan_run.c.id, descending=True)
        answered = (
            select(finding.c.run_id, func.count().label("answered"))
            .where(finding.c.answer.is_not(None))
            .group_by(finding.c.run_id)
            .subquery()
        )
        statement = (
            select(scan_run, func.coalesce(answered.c.answered, 0).label("answered"))
            .outerjoin(answered, answered.c.run_id == scan_run.c.id)
            .where(*([] if later is None else [later]))
            .order_by(scan_run.c.started_at.desc(), scan_run.c.id.desc())
            .limit(limit + 1)
        )
        return page(self._rows(statement), limit, "started_at", "id")

    def run(self, run_id: str) -> Row | None:
        """One scan, or None."""
        return self._one(select(scan_run).where(scan_run.c.id == run_id))

    def findings(
        self,
        run_id: str,
        *,
        codes: Collection[str] | None = None,
        login: str | None = None,
        after: str | None = None,
        limit: int = 50,
    ) -> Page:
        """What a scan found, most urgent first; of departments (by code), or of cases of which ``login`` has a task."""
        limit, table = clamp(limit), scan_finding
        conditions = [table.c.run_id == run_id]
        if codes is not None or login is not None:
            mine = (
                select(case_file.c.id)
                .join(task, task.c.instance_id == case_file.c.instance_id)
                .where(task.c.assignee == login, task.c.closed_at.is_(None))
            )
            conditions.append(table.c.department.in_(sorted(codes or ())) | table.c.case_id.in_(mine))
        later = behind(after, table.c.due_at, table.c.id)
        if later is not None:
            conditions.append(later)
        statement = select(table).where(*conditions).order_by(table.c.due_at, table.c.id).limit(limit + 1)
        return page(self._rows(statement), limit, "due_at", "id")

    # ---- rules

    def rules(self) -> tuple[RuleSet, Row]:
        """The rule set that holds, with its version: {version, rules_id, name, source, reason, changed_at, changed_by}."""
        rows = self.rule_versions(limit=1)
        if rows:
            return parsed(rows[0]["source"]), rows[0]
        text = shipped_text("default")
        rules = parsed(text)
        row = {
            "version": 0, "rules_id": rules.id, "name": rules.name, "source": text, "reason": "",
            "changed_at": None, "changed_by": None,
        }  # fmt: skip
        return rules, row

    def rule_versions(self, limit: int = 50) -> list[Row]:
        """All versions of the rule set, newest first."""
        return self._rows(select(card_rules).order_by(card_rules.c.version.desc()).limit(limit))

    def department_codes(self, ids: Collection[str]) -> list[str]:
        """The codes of departments."""
        statement = select(department.c.code).where(department.c.id.in_(sorted(ids)))
        return [row["code"] for row in self._rows(statement)]

    def _rows(self, statement: Select[Any]) -> list[Row]:
        with self.database.read() as connection:
            return [dict(row._mapping) for row in connection.execute(statement)]

    def _one(self, statement: Select[Any]) -> Row | None:
        rows = self._rows(statement)
        return rows[0] if rows else None
