"""Reading what people ask of each other: who was asked at a task, chains of transfers, proxies, hand-overs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select

from engine.access import Actor
from engine.runtime.proxy import ProxyRule
from engine.runtime.signers import Plan
from engine.runtime.task import Power
from engine.store.base.database import Database
from engine.store.base.paging import Page, Row, behind, clamp, page
from engine.store.rows.proxies import rule_of
from engine.store.tables import handover, proxy_rule, task, task_transfer

ASKED = ("delegate", "before", "after")
SHOWN = 100  # tasks of one list on the page of proxies


class AskingQueries:
    """Reads transfers, delegations, signers, proxies and hand-overs."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def transfers(self, task_id: str) -> list[Row]:
        """The chain of a task, first link first."""
        return self._rows(select(task_transfer).where(task_transfer.c.task_id == task_id).order_by(task_transfer.c.seq))

    def asked(self, row: Mapping[str, Any]) -> list[Row]:
        """Everybody whom the holder of a task asked: delegates and signers, in the order of asking, planned ones too.

        {id, login, seat, power, state, asked_at, closed_at, comment, outcome, question, principal}; ``state`` is that of the
        task, or planned or removed for a signer who has none.
        """
        statement = select(task).where(task.c.parent_id == row["id"], task.c.token_id == row["token_id"])
        rows = self._rows(statement.order_by(task.c.created_at, task.c.id))
        signers = {signer.id: signer for signer in Plan.from_json(row["signers"]).signers}
        found = [_seat(each) for each in rows if each["seat"] in ASKED and each["id"] not in signers]
        by_id = {each["id"]: each for each in rows}
        for signer in signers.values():
            if signer.id in by_id:
                found.append(_seat(by_id[signer.id]))
            else:
                blank = dict.fromkeys(("asked_at", "closed_at", "outcome", "principal"))
                known = {"id": signer.id, "login": signer.login, "seat": signer.position.value}
                state = {"power": signer.power.value, "state": signer.state.value, "comment": "", "question": ""}
                found.append(blank | known | state)
        return found

    def waiting(self, login: str) -> list[Row]:
        """The tasks of a person that wait for the answers of others, nearest deadline first."""
        mine = and_(task.c.state == "waiting", task.c.assignee == login)
        return self._rows(select(task).where(mine).order_by(task.c.due_sort, task.c.id).limit(SHOWN))

    # ---- proxies

    def rule(self, rule_id: str) -> Row | None:
        rows = self._rows(select(proxy_rule).where(proxy_rule.c.id == rule_id))
        return rows[0] if rows else None

    def rules_of(self, login: str) -> list[Row]:
        """The rules in which a person is stood in for or stands in, those that end last first."""
        mine = or_(proxy_rule.c.principal == login, proxy_rule.c.proxy == login)
        ordered = select(proxy_rule).where(mine).order_by(proxy_rule.c.ends_at.desc(), proxy_rule.c.id.desc())
        return self._rows(ordered.limit(SHOWN))

    def rules(self, *, after: str | None = None, limit: int = 50) -> Page:
        """All rules, those that end last first."""
        limit = clamp(limit)
        later = behind(after, proxy_rule.c.ends_at, proxy_rule.c.id, descending=True)
        statement = select(proxy_rule).where(*([] if later is None else [later]))
        ordered = statement.order_by(proxy_rule.c.ends_at.desc(), proxy_rule.c.id.desc()).limit(limit + 1)
        return page(self._rows(ordered), limit, "ends_at", "id")

    def done_for(self, login: str) -> list[Row]:
        """Open tasks of a person that somebody holds on his behalf."""
        where = and_(task.c.principal == login, task.c.closed_at.is_(None))
        return self._rows(select(task).where(where).order_by(task.c.due_sort, task.c.id).limit(SHOWN))

    def to_take(self, actor: Actor, now: datetime) -> list[Row]:
        """Tasks that the actor may take over from those for whom he stands in. What only the process knows (the amount, who
        applies) is looked at when he takes one."""
        rules = [rule_of(row) for row in self.rules_of(actor.login)]
        mine = [rule for rule in rules if rule.proxy == actor.login and rule.runs(now) and rule.power is Power.DECIDE]
        if not mine:
            return []
        held = and_(task.c.state == "assigned", task.c.principal.is_(None), or_(*(_covered(rule) for rule in mine)))
        return self._rows(select(task).where(held).order_by(task.c.due_sort, task.c.id).limit(SHOWN))

    # ---- hand-overs

    def handovers(self, login: str) -> list[Row]:
        """The hand-overs of a leaver, latest first."""
        ordered = (
            select(handover).where(handover.c.leaver == login).order_by(handover.c.at.desc(), handover.c.id.desc())
        )
        return self._rows(ordered.limit(SHOWN))

    def _rows(self, statement: Select[Any]) -> list[Row]:
        with self.database.read() as connection:
            return [dict(row._mapping) for row in connection.execute(statement)]


def _covered(rule: ProxyRule) -> ColumnElement[bool]:
    """The tasks that a rule may cover, as far as their rows tell: an item code is in no row of a task, so a rule that names
    one is looked at when the task is taken."""
    whose = task.c.assignee == rule.principal
    processes = rule.scope.processes
    if not processes or any(each.isdigit() for each in processes):
        return whose
    return and_(whose, task.c.definition_key.in_(sorted(processes)))


def _seat(row: Mapping[str, Any]) -> Row:
    return {
        "id": row["id"],
        "login": row["assignee"],
        "seat": row["seat"],
        "power": row["power"],
        "state": row["state"],
        "asked_at": row["created_at"],
        "closed_at": row["closed_at"],
        "comment": row["comment"],
        "outcome": row["outcome"],
        "question": (row["why"] or {}).get("question", ""),
        "principal": row["principal"],
    }
