"""The figure 待认领 of a proxy: his own offers, counted by the index, and those of his principals that his rules cover.

What decides about a task is read in one narrow statement and judged once for each kind of matter; rows are not built, and no
form data is read unless a rule looks at an amount.
"""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Text,
    bindparam,
    case,
    exists,
    func,
    literal,
    null,
    select,
    type_coerce,
)

from engine.runtime.proxy import Matter, stands_in
from engine.runtime.searching import values_of
from engine.runtime.who.policies import keeps_initiator_away
from engine.store.queries.inbox_lists import COUNT_CAP, WINDOW, counted_offers, numbered
from engine.store.queries.proxy_standing import Standing
from engine.store.queries.tasks import candidates_of
from engine.store.tables import case_file, person, process_instance, task, task_offer

_MINE = task_offer.alias("mine")
_SETTINGS = type_coerce(task.c.settings, Text)


def count(connection: Connection, standing: Standing) -> int:
    """How many tasks are offered to the proxy and, in his reach, to his principals; at most COUNT_CAP.

    Of the offers of principals the next WINDOW are looked at, in the order of the database.
    """
    own = candidates_of(standing.proxy)
    parameters = numbered(own) | {"cap": COUNT_CAP}
    found = min(connection.scalar(counted_offers(len(own)), parameters) or 0, COUNT_CAP)
    others = [candidate for candidate in standing.candidates if candidate not in own]
    if found == COUNT_CAP or not others:
        return found
    judge = _Judge(standing)
    seen: set[str] = set()
    rows = connection.execute(_offers(standing), {"others": others, "own": own})
    for row in rows:
        if row.task_id not in seen and judge.may(row):
            seen.add(row.task_id)
            if found + len(seen) == COUNT_CAP:
                break
    rows.close()
    return found + len(seen)


def _offers(standing: Standing) -> Select[Any]:
    """The offers of the principals that are none of the proxy's own, with what his rules look at and no more."""
    scopes = [rule.scope for rule in standing.rules]
    asks_item = any(scope.processes for scope in scopes)
    asks_department = any(scope.departments for scope in scopes)
    asks_amount = any(scope.amount_limit is not None for scope in scopes)
    joined = task_offer.join(task, task.c.id == task_offer.c.task_id).join(
        process_instance, process_instance.c.id == task.c.instance_id
    )
    item: ColumnElement[Any] = literal("")
    department: ColumnElement[Any] = null()
    if asks_item:
        joined = joined.outerjoin(case_file, case_file.c.instance_id == process_instance.c.id)
        item = func.coalesce(case_file.c.item_code, "")
    if asks_department:
        joined = joined.outerjoin(person, person.c.login == process_instance.c.started_by)
        department = person.c.department_id
    columns = (
        *(task_offer.c.task_id, task_offer.c.candidate, task.c.definition_key, task.c.process_key),
        *(
            process_instance.c.started_by,
            process_instance.c.recused,
            item.label("item"),
            department.label("department"),
        ),
        (process_instance.c.search_text if asks_amount else literal("")).label("search_text"),
        # The settings are read only where they could keep the initiator away.
        case((_SETTINGS.like('%"onSelf"%'), _SETTINGS), else_=null()).label("settings"),
        task.c.round,
    )
    mine = exists().where(
        _MINE.c.task_id == task_offer.c.task_id, _MINE.c.candidate.in_(bindparam("own", expanding=True))
    )
    offered = task_offer.c.candidate.in_(bindparam("others", expanding=True))
    return select(*columns).select_from(joined).where(offered, ~mine).limit(WINDOW)


class _Judge:
    """Whether the proxy may claim an offered task; each kind of matter is held against the rules once."""

    def __init__(self, standing: Standing) -> None:
        self.standing = standing
        self.offered_to = {f"user:{login}": [login] for login in standing.groups}
        for login, groups in standing.groups.items():
            for key in groups:
                self.offered_to.setdefault(f"group:{key}", []).append(login)
        self._known: dict[tuple[Any, ...], bool] = {}

    def may(self, row: Row[Any]) -> bool:
        barred = set(row.recused or ())
        if row.settings is not None and keeps_initiator_away(json.loads(row.settings), row.round):
            barred.add(row.started_by)
        proxy = self.standing.proxy.login
        principals = [login for login in self.offered_to[row.candidate] if login not in barred]
        return proxy not in barred and any(self._covers(login, row) for login in principals)

    def _covers(self, principal: str, row: Row[Any]) -> bool:
        kind = (principal, row.definition_key, row.process_key, row.item, row.department, row.search_text)
        if kind not in self._known:
            matter = Matter(
                processes=frozenset({row.definition_key, row.process_key, row.item}),
                department=row.department,
                variables=values_of(row.search_text),
            )
            standing = self.standing
            used = stands_in(standing.rules, principal, standing.proxy.login, matter, standing.now)
            self._known[kind] = bool(used)
        return self._known[kind]
