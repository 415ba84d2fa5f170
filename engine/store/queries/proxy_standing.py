"""For whom a proxy stands in now, and which of the tasks before him he may take for whom (P-7.2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from engine.access import Actor
from engine.records import record
from engine.runtime.proxy import Matter, ProxyRule, principals_of, stands_in
from engine.runtime.searching import values_of
from engine.runtime.who.policies import keeps_initiator_away
from engine.store.base.paging import Row
from engine.store.queries.tasks import candidates_of
from engine.store.rows.proxies import RUNNING, rule_of
from engine.store.tables import case_file, membership, person, process_instance

FOR = "proxy_for"  # in a row: for whom the reader may claim it; None: it is offered to himself; "" : to nobody of these

_GROUPS = select(membership.c.login, membership.c.group_key).where(
    membership.c.login.in_(bindparam("logins", expanding=True))
)
_ABOUT = (
    select(
        *(process_instance.c[name] for name in ("id", "started_by", "recused", "search_text")),
        *(case_file.c.item_code, person.c.department_id),
    )
    .outerjoin(case_file, case_file.c.instance_id == process_instance.c.id)
    .outerjoin(person, person.c.login == process_instance.c.started_by)
    .where(process_instance.c.id.in_(bindparam("ids", expanding=True)))
)


@record(kw_only=False)
class Standing:
    """For whom somebody stands in now: the rules, and the groups of each principal."""

    proxy: Actor
    now: datetime
    rules: Sequence[ProxyRule]
    groups: Mapping[str, frozenset[str]]  # of each principal

    @classmethod
    def of(cls, connection: Connection, actor: Actor, now: datetime) -> Standing:
        """Two statements; none for somebody who is nobody's proxy."""
        if not actor.stands_in:
            return cls(actor, now, (), {})
        rules = [rule_of(row) for row in connection.execute(RUNNING, {"now": now})]
        principals = principals_of(rules, actor.login, now)
        groups: dict[str, set[str]] = {login: set() for login in principals}
        if principals:
            for row in connection.execute(_GROUPS, {"logins": list(principals)}):
                groups[row.login].add(row.group_key)
        return cls(actor, now, rules, {login: frozenset(keys) for login, keys in groups.items()})

    @property
    def _limited(self) -> bool:
        """Whether any rule looks at an amount."""
        return any(rule.scope.amount_limit is not None for rule in self.rules)

    @property
    def candidates(self) -> list[str]:
        """The candidate texts under which tasks are offered to the proxy himself and to those for whom he stands in."""
        found = dict.fromkeys(candidates_of(self.proxy))
        for login, keys in self.groups.items():
            found |= dict.fromkeys((f"user:{login}", *(f"group:{key}" for key in sorted(keys))))
        return list(found)

    def marked(self, connection: Connection, rows: Iterable[Row]) -> list[Row]:
        """The rows, each with ``FOR``. At most one statement."""
        listed = list(rows)
        others = {row["instance_id"] for row in listed if not self._is_own(row)}
        about: dict[str, Any] = {}
        if others and self.groups:
            about = {each.id: each for each in connection.execute(_ABOUT, {"ids": list(others)})}
        return [row | {FOR: None if self._is_own(row) else self._principal(row, about)} for row in listed]

    def _is_own(self, row: Row) -> bool:
        mine = self.proxy.login in row["candidate_users"] or not self.proxy.groups.isdisjoint(row["candidate_groups"])
        return row["assignee"] is None and mine

    def _principal(self, row: Row, about: Mapping[str, Any]) -> str:
        instance = about.get(row["instance_id"])
        if instance is None:
            return ""
        return next((login for login in self.groups if self._may(login, row, instance)), "")

    def _may(self, principal: str, row: Row, instance: Any) -> bool:
        if row["assignee"] is not None:
            offered = row["assignee"] == principal and row["principal"] is None
        else:
            groups = self.groups[principal]
            offered = principal in row["candidate_users"] or not groups.isdisjoint(row["candidate_groups"])
        # The other checks of eligibility ask the history; they are made when the task is taken.
        barred = {*(instance.recused or ())}
        if keeps_initiator_away(row["settings"], row["round"]):
            barred.add(instance.started_by)
        if not offered or not barred.isdisjoint({principal, self.proxy.login}):
            return False
        matter = Matter(
            processes=frozenset({row["definition_key"], row["process_key"], instance.item_code or ""}),
            department=instance.department_id,
            variables=values_of(instance.search_text) if self._limited else {},
        )
        used = stands_in(self.rules, principal, self.proxy.login, matter, self.now)
        # What somebody holds is taken from him by his own rule; what is offered to him also by a chain.
        return len(used) == 1 if row["assignee"] is not None else bool(used)
