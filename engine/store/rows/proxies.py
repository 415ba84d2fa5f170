"""Rows of proxies as commands need them: the rules that may hold, and the tasks that a rule concerns."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, or_, select

from engine.errors import NotFound
from engine.runtime.proxy import ProxyMode, ProxyRule, ProxyScope
from engine.runtime.task import Power
from engine.store.base.history import ADMIN_STREAM
from engine.store.base.unit_of_work import UnitOfWork, Values
from engine.store.tables import membership, proxy_rule, stream_head, task

_ACTIVE = select(proxy_rule).where(proxy_rule.c.active).order_by(proxy_rule.c.starts_at, proxy_rule.c.id)
RUNNING = _ACTIVE.where(proxy_rule.c.starts_at <= bindparam("now"), proxy_rule.c.ends_at > bindparam("now"))
_LOCK_RULES = select(stream_head.c.stream).where(stream_head.c.stream == ADMIN_STREAM).with_for_update()
_CONCERNED = (
    select(task.c.instance_id)
    .where(
        task.c.closed_at.is_(None),
        or_(task.c.assignee.in_(bindparam("people", expanding=True)), task.c.principal == bindparam("principal")),
    )
    .distinct()
    .order_by(task.c.instance_id)
)


_AMONG = select(membership.c.login).where(
    membership.c.login.in_(bindparam("logins", expanding=True)),
    membership.c.group_key.in_(bindparam("groups", expanding=True)),
)


def rule_of(row: Row[Any] | Mapping[str, Any]) -> ProxyRule:
    """Build the rule from its row."""
    values = dict(row._mapping) if isinstance(row, Row) else row
    return ProxyRule(
        id=values["id"],
        principal=values["principal"],
        proxy=values["proxy"],
        start=values["starts_at"],
        end=values["ends_at"],
        scope=ProxyScope.from_json(values["scope"]),
        power=Power(values["power"]),
        mode=ProxyMode(values["mode"]),
        reason=values["reason"],
        granted_by=values["granted_by"],
        active=values["active"],
    )


def by_id(uow: UnitOfWork, rule_id: str) -> Values:
    """The row of a rule; raises NotFound."""
    row = uow.get(proxy_rule, (rule_id,))
    if row is None:
        raise NotFound(f"没有编号为 {rule_id} 的代理设置。", f"There is no proxy rule {rule_id}.", rule_id=rule_id)
    return row


def active(uow: UnitOfWork) -> list[ProxyRule]:
    """All rules that are not revoked and not over, also those that have not begun."""
    return [rule_of(row) for row in uow.all(_ACTIVE)]


def running(uow: UnitOfWork, now: datetime) -> list[ProxyRule]:
    """The rules that hold at ``now``."""
    return [rule_of(row) for row in uow.all(RUNNING, {"now": now})]


def lock(uow: UnitOfWork) -> None:
    """Let nobody else save a rule until the end of the transaction: two rules that collide must see each other."""
    uow.first(_LOCK_RULES)


def members_among(uow: UnitOfWork, groups: Collection[str], logins: Collection[str]) -> frozenset[str]:
    """Those of these people who are members of any of these groups."""
    if not groups or not logins:
        return frozenset()
    return frozenset(row.login for row in uow.all(_AMONG, {"logins": sorted(logins), "groups": sorted(groups)}))


def instances_concerned(uow: UnitOfWork, rule: ProxyRule) -> list[str]:
    """The instances with open tasks that this rule may move, or has moved."""
    people = [rule.principal, rule.proxy]
    found = uow.all(_CONCERNED, {"people": people, "principal": rule.principal})
    return [str(row.instance_id) for row in found]
