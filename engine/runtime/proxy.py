"""代理: who stands in for whom, when, for what and with which power (P-7.1 to P-7.4); pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from engine.errors import Conflict, InvalidInput
from engine.events import Event
from engine.records import record
from engine.runtime.task import Power

MAX_DEPTH = 3  # B for A, C for B, D for C


class ProxyMode(StrEnum):
    """What happens to the principal's tasks."""

    MOVE = "move"  # they move to the proxy, and come back when the period ends
    SHARE = "share"  # they stay; the proxy may take one, whoever acts first has it


@record
class ProxyScope:
    """For what a rule holds. Empty sets mean everything."""

    processes: frozenset[str] = frozenset()  # process keys and item codes
    departments: frozenset[str] = frozenset()  # of whoever started the instance
    amount_limit: Decimal | None = None  # up to and including this
    amount_variable: str = "amount"

    def covers(self, matter: Matter) -> bool:
        """Whether a matter falls under this scope. A limit whose amount is unknown does not cover: nobody decides blindly."""
        if self.processes and self.processes.isdisjoint(matter.processes):
            return False
        if self.departments and matter.department not in self.departments:
            return False
        if self.amount_limit is None:
            return True
        amount = amount_of(matter.variables.get(self.amount_variable))
        return amount is not None and amount <= self.amount_limit

    def meets(self, other: ProxyScope) -> bool:
        """Whether some matter can fall under both. Limits of amounts always meet: a small amount is under each of them."""
        return _meet(self.processes, other.processes) and _meet(self.departments, other.departments)

    def to_json(self) -> dict[str, Any]:
        return {
            "processes": sorted(self.processes),
            "departments": sorted(self.departments),
            "amount_limit": None if self.amount_limit is None else str(self.amount_limit),
            "amount_variable": self.amount_variable,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> ProxyScope:
        """Read a scope as stored; raises InvalidInput for a limit that is no amount."""
        given = value.get("amount_limit")
        limit = None
        if given not in (None, ""):
            limit = amount_of(given)
            if limit is None or limit < 0:
                raise InvalidInput(
                    f"金额上限 {given!r} 不是有效的金额。",
                    f"The amount limit {given!r} is not an amount.",
                    fields={"amount_limit": "不是金额"},
                    fields_en={"amount_limit": "not an amount"},
                )
        return cls(
            processes=frozenset(value.get("processes") or ()),
            departments=frozenset(value.get("departments") or ()),
            amount_limit=limit,
            amount_variable=value.get("amount_variable") or "amount",
        )


def _meet(mine: frozenset[str], theirs: frozenset[str]) -> bool:
    return not mine or not theirs or not mine.isdisjoint(theirs)


def amount_of(value: Any) -> Decimal | None:
    """A JSON number or its text as an amount, or None."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str, Decimal)):
        return None
    try:
        amount = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None


@record
class Matter:
    """What a rule is held against: the instance around a task."""

    processes: frozenset[str] = frozenset()  # its process key and, for a case, its item code
    department: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)


@record
class ProxyRule:
    """``proxy`` stands in for ``principal`` during ``[start, end)``."""

    id: str
    principal: str
    proxy: str
    start: datetime
    end: datetime
    scope: ProxyScope = field(default_factory=ProxyScope)
    power: Power = Power.DECIDE
    mode: ProxyMode = ProxyMode.MOVE
    reason: str = ""
    granted_by: str = ""
    active: bool = True

    def granted(self) -> ProxyGranted:
        """The event that saves the rule."""
        return ProxyGranted(
            rule_id=self.id,
            principal=self.principal,
            proxy=self.proxy,
            start=self.start,
            end=self.end,
            scope=self.scope.to_json(),
            power=self.power,
            mode=self.mode,
            reason=self.reason,
            active=self.active,
        )

    def runs(self, at: datetime) -> bool:
        """Whether the rule holds at this moment; half open, so that two periods can follow each other."""
        return self.active and self.start <= at < self.end

    def collides(self, other: ProxyRule) -> bool:
        """Whether there is a moment and a matter for which both would hold."""
        return self.start < other.end and other.start < self.end and self.scope.meets(other.scope)


def check_rule(rule: ProxyRule, others: Iterable[ProxyRule], *, now: datetime) -> None:
    """Raise InvalidInput or Conflict unless ``rule`` can be saved beside the active ``others`` (P-7.1, P-7.3)."""
    if rule.proxy == rule.principal:
        raise Conflict("不能指定本人为代理人。", "Nobody is his own proxy; choose somebody else.", login=rule.proxy)
    if rule.start >= rule.end or rule.end <= now:
        raise InvalidInput(
            "代理期的结束须晚于开始，也须晚于现在。",
            "A proxy period must end after it begins, and after now.",
            fields={"end": "须晚于开始和现在"},
            fields_en={"end": "must be later"},
        )
    active = [other for other in others if other.active and other.id != rule.id]
    for other in active:
        if other.principal == rule.principal and rule.collides(other):
            raise Conflict(
                f"{rule.principal} 在这段时间、这个范围内已由 {other.proxy} 代理；请先撤销，或改变时间或范围。",
                f"{rule.principal} already has {other.proxy} as a proxy then and there; "
                "revoke that rule or change the period or the scope.",
                rule_id=other.id,
            )
    circle = _circle(rule, active)
    if circle:
        way = " → ".join(circle)
        raise Conflict(
            f"这样会形成代理循环：{way}；请选择其他代理人。",
            f"This would make a circle of proxies: {way}; choose another proxy.",
            circle=list(circle),
        )


def _circle(rule: ProxyRule, others: list[ProxyRule]) -> tuple[str, ...]:
    """The logins of a circle that ``rule`` would close, or (): at some moment, for some matter, all its rules hold."""

    def follow(way: tuple[ProxyRule, ...]) -> tuple[str, ...]:
        last = way[-1]
        if last.proxy == rule.principal:
            return (rule.principal, *(each.proxy for each in way))
        for other in others:
            if other.principal == last.proxy and other not in way and _together((*way, other)):
                found = follow((*way, other))
                if found:
                    return found
        return ()

    return follow((rule,))


def _together(rules: tuple[ProxyRule, ...]) -> bool:
    """Whether there is one moment and one matter for which all ``rules`` hold."""
    if max(each.start for each in rules) >= min(each.end for each in rules):
        return False
    return _common(each.scope.processes for each in rules) and _common(each.scope.departments for each in rules)


def _common(sets: Iterable[frozenset[str]]) -> bool:
    limited = [each for each in sets if each]
    return not limited or bool(frozenset.intersection(*limited))


def chain(rules: Iterable[ProxyRule], principal: str, matter: Matter, at: datetime) -> tuple[ProxyRule, ...]:
    """The rules by which a task of ``principal`` goes on at this moment: his own, his proxy's, at most three.

    A chain ends where nobody is away, where a rule gives less than the power to decide or leaves the tasks where they
    are, and before anybody who stands in it already.
    """
    by_principal: dict[str, list[ProxyRule]] = {}
    for rule in rules:
        if rule.runs(at) and rule.scope.covers(matter):
            by_principal.setdefault(rule.principal, []).append(rule)
    found: list[ProxyRule] = []
    seen = {principal}
    here = principal
    while len(found) < MAX_DEPTH and here in by_principal:
        rule = by_principal[here][0]
        if rule.proxy in seen:
            break
        found.append(rule)
        seen.add(rule.proxy)
        if rule.power is not Power.DECIDE or rule.mode is not ProxyMode.MOVE:
            break
        here = rule.proxy
    return tuple(found)


def stands_in(rules: Iterable[ProxyRule], principal: str, proxy: str, matter: Matter, at: datetime) -> list[ProxyRule]:
    """The rules, first to last, by which ``proxy`` may decide this matter for ``principal`` now; [] when he may not."""
    way = chain(rules, principal, matter, at)
    place = next((number for number, rule in enumerate(way, 1) if rule.proxy == proxy), 0)
    used = list(way[:place])
    return used if all(rule.power is Power.DECIDE for rule in used) else []


def principals_of(rules: Iterable[ProxyRule], proxy: str, at: datetime) -> tuple[str, ...]:
    """For whom ``proxy`` could stand in at this moment, directly first; whether he may is a question of each matter."""
    running = [rule for rule in rules if rule.runs(at) and rule.power is Power.DECIDE]
    found: dict[str, None] = {}
    here = [proxy]
    for _ in range(MAX_DEPTH):
        here = [rule.principal for rule in running if rule.proxy in here and rule.principal not in (proxy, *found)]
        found |= dict.fromkeys(here)
    return tuple(found)


# ---------------------------------------------------------------- events


@record
class ProxyGranted(Event):
    rule_id: str
    principal: str
    proxy: str
    start: datetime
    end: datetime
    scope: Mapping[str, Any] = field(default_factory=dict)
    power: Power = Power.DECIDE
    mode: ProxyMode = ProxyMode.MOVE
    reason: str = ""
    active: bool = True


@record
class ProxyActivated(Event):
    rule_id: str


@record
class ProxyRevoked(Event):
    rule_id: str
    reason: str = ""


@record
class ProxyEnded(Event):
    """The period is over."""

    rule_id: str


@record
class TaskEntrusted(Event):
    """The task of ``principal`` is held by his proxy ``assignee``; ``chain`` are the rules, first to last."""

    task_id: str
    principal: str
    assignee: str
    chain: tuple[str, ...] = ()


@record
class TaskHandedBack(Event):
    """The proxy did not act in time, or the task was taken back: it is its principal's again."""

    task_id: str
    assignee: str
    from_assignee: str = ""
    reason: str = ""


@record
class ProxyPassedOver(Event):
    """A proxy was there but could not take the task; it stays where it was, and this is why."""

    task_id: str
    principal: str
    proxy: str
    rule_id: str = ""
    zh: str = ""
    en: str = ""
