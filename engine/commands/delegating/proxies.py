"""代理: grant, activate and revoke; take a task as a proxy, take it back; the jobs of a period's beginning and end (P-7.1, P-7.2)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine import plain
from engine.access import TaskFacts, Verb, require
from engine.commands.delegating import standing_in
from engine.commands.delegating.delegations import power_of
from engine.commands.running import jobs, moving, seats
from engine.commands.tasks.handling import CLAIMING, load_task
from engine.context import Command, CommandContext
from engine.errors import Conflict, InvalidInput
from engine.records import record
from engine.runtime import proxy as domain
from engine.runtime.proxy import ProxyMode, ProxyRule, ProxyScope, check_rule
from engine.runtime.task import Power
from engine.store import tables
from engine.store.rows import proxies

if TYPE_CHECKING:
    from engine.store.base.unit_of_work import Values

BEGIN, END, SETTLE = "proxy-begin", "proxy-end", "proxy-settle"


@record
class GrantProxy(Command):
    """设置代理: ``proxy`` stands in for ``principal`` (oneself; for others: administrators) during ``[start, end)``.

    Times are ISO text with a zone. ``processes`` are process keys or item codes, ``departments`` ids of those who apply;
    empty means all. Answers {id, active}. A rule that is not ``active`` waits for ``ActivateProxy``.
    """

    proxy: str
    start: str
    end: str
    principal: str | None = None
    processes: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    amount_limit: str | None = None
    amount_variable: str = "amount"
    power: str = Power.DECIDE.value
    mode: str = ProxyMode.MOVE.value
    reason: str = ""
    active: bool = True

    def execute(self, context: CommandContext) -> dict[str, Any]:
        principal = self.principal or context.actor.login
        _require(context, principal)
        for login in (principal, self.proxy):
            _check_enabled(context, login)
        rule = self._rule(context, principal)
        proxies.lock(context.uow)
        check_rule(rule, proxies.active(context.uow), now=context.now)
        context.record_admin(rule.granted())
        if rule.active:
            schedule(context, rule)
        return {"id": rule.id, "active": rule.active}

    def _rule(self, context: CommandContext, principal: str) -> ProxyRule:
        return ProxyRule(
            id=context.new_id(),
            principal=principal,
            proxy=self.proxy,
            start=_moment("start", self.start),
            end=_moment("end", self.end),
            scope=ProxyScope.from_json(
                {
                    "processes": self.processes,
                    "departments": self.departments,
                    "amount_limit": self.amount_limit,
                    "amount_variable": self.amount_variable.strip(),
                }
            ),
            power=power_of(self.power),
            mode=_mode(self.mode),
            reason=self.reason.strip()[:500],
            granted_by=context.actor.login,
            active=self.active,
        )


@record
class ActivateProxy(Command):
    """启用代理: a rule that waits or was revoked holds again, if it still collides with none and its period is not over."""

    rule_id: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        rule = _rule_for(context, self.rule_id)
        if not rule.active:
            proxies.lock(context.uow)
            check_rule(rule, proxies.active(context.uow), now=context.now)
            context.record_admin(domain.ProxyActivated(rule_id=rule.id))
            schedule(context, rule)
        return {"id": rule.id, "active": True}


@record
class RevokeProxy(Command):
    """撤销代理: at any time; what the proxy has not acted on goes back."""

    rule_id: str
    reason: str = ""

    def execute(self, context: CommandContext) -> dict[str, Any]:
        rule = _rule_for(context, self.rule_id)
        if rule.active:
            context.record_admin(domain.ProxyRevoked(rule_id=rule.id, reason=self.reason.strip()[:500]))
            moving.insert_job(context, END, context.now, {"rule": rule.id})
        return {"id": rule.id, "active": False}


@record
class TakeAsProxy(Command):
    """代办: take an open task of the person for whom I stand in: one that he holds, or one that is offered to him."""

    task_id: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        row = standing_in.lock_task(context, self.task_id)
        rules = proxies.running(context.uow, context.now)
        principal, used = standing_in.principal_of(context, row, context.actor.login, rules)
        facts = _facts(row, {rule.proxy for rule in used[-1:]})
        if not used:
            load_task(
                context, row["id"]
            )  # whoever may not see it finds nothing; who may is told that it is not for him
            facts = replace(facts, involved=frozenset({context.actor.login}))
        require(context.actor, Verb.TAKE_AS_PROXY, facts)
        _check_untouched(row)
        standing_in.check_may_stand_in(context, row, context.actor.login, principal)
        standing_in.entrust(context, row, principal, context.actor.login, used)
        return _answer(row)


def _claims_for_others(context: CommandContext, task_id: str) -> dict[str, Any] | None:
    """认领 of what is offered only to somebody for whom the actor stands in; None where it is the actor's own affair."""
    if not context.actor.stands_in:
        return None
    row = standing_in.lock_task(context, task_id)
    if row["assignee"] is not None or _facts(row).offered_to(context.actor):
        return None
    rules = proxies.running(context.uow, context.now)
    _, used = standing_in.principal_of(context, row, context.actor.login, rules)
    return TakeAsProxy(task_id=task_id).execute(context) if used else None


CLAIMING.append(_claims_for_others)


@record
class TakeBackFromProxy(Command):
    """收回代办: the principal takes back a task on which his proxy has not acted."""

    task_id: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        task, _ = load_task(context, self.task_id)
        row = _row(context, task.id)
        seen = frozenset({context.actor.login})  # load_task has found that he may see it
        require(context.actor, Verb.TAKE_BACK_TASK, replace(_facts(row), involved=seen))
        _check_untouched(row)
        standing_in.give_back(context, row, "taken-back")
        return _answer(row)


# ---------------------------------------------------------------- jobs


def schedule(context: CommandContext, rule: ProxyRule) -> None:
    """Let the beginning and the end of a rule's period move the tasks."""
    moving.insert_job(context, BEGIN, max(rule.start, context.now), {"rule": rule.id})
    moving.insert_job(context, END, rule.end, {"rule": rule.id})


def _begins(context: CommandContext, job: Values) -> None:
    """The period begins: open tasks move, one job for each instance, so that one broken instance stops no other."""
    rule = proxies.rule_of(proxies.by_id(context.uow, job["payload"]["rule"]))
    if rule.runs(context.now):
        _settle_all(context, rule)
    context.uow.delete(tables.job, (job["id"],))


def _ends(context: CommandContext, job: Values) -> None:
    """The period is over, or the rule was revoked: what was not acted on comes back."""
    rule = proxies.rule_of(proxies.by_id(context.uow, job["payload"]["rule"]))
    if rule.active and rule.end <= context.now:
        context.record_admin(domain.ProxyEnded(rule_id=rule.id))
    if not rule.runs(context.now):
        _settle_all(context, rule)
    context.uow.delete(tables.job, (job["id"],))


def _settle_all(context: CommandContext, rule: ProxyRule) -> None:
    for instance_id in proxies.instances_concerned(context.uow, rule):
        moving.insert_job(context, SETTLE, context.now, {"rule": rule.id}, instance_id=instance_id)


def _settle_one(context: CommandContext, job: Values) -> None:
    rule = proxies.rule_of(proxies.by_id(context.uow, job["payload"]["rule"]))
    rules = proxies.running(context.uow, context.now)
    if rule.id not in {each.id for each in rules}:
        standing_in.recall_advice(context, job["instance_id"], rule.id)
    for row in standing_in.open_tasks(context, job["instance_id"]):
        if rule.principal in (row["principal"], row["assignee"]) or row["assignee"] == rule.proxy:
            standing_in.settle(context, row, rules)
    context.uow.delete(tables.job, (job["id"],))


HANDLERS: dict[str, Callable[[CommandContext, Values], None]] = {BEGIN: _begins, END: _ends, SETTLE: _settle_one}
jobs.HANDLERS.update(HANDLERS)


# ---------------------------------------------------------------- pieces


def _require(context: CommandContext, principal: str) -> None:
    """One's own rules, or, for administrators, everybody's."""
    own = principal == context.actor.login
    require(context.actor, Verb.MANAGE_OWN_PROXIES if own else Verb.MANAGE_PROXIES)


def _rule_for(context: CommandContext, rule_id: str) -> ProxyRule:
    rule = proxies.rule_of(proxies.by_id(context.uow, rule_id))
    _require(context, rule.principal)
    return rule


def _check_enabled(context: CommandContext, login: str) -> None:
    if context.person(login)["disabled"]:
        raise Conflict(
            f"{login} 已停用，不能设为代理人或被代理人；请选择其他人。",
            f"{login} is disabled and can neither stand in nor be stood in for; choose somebody else.",
            login=login,
        )


def _check_untouched(row: Values) -> None:
    if row["closed_at"] is not None or not seats.is_open(row):
        raise Conflict(
            f"「{row['element_name']}」已经办理或正在征询他人，不能转手；请刷新页面查看最新情况。",
            f'"{row["element_name"]}" is done or waits for others; reload the page.',
            task_id=row["id"],
            state=row["state"],
        )


def _facts(row: Values, may_take: Collection[str] = ()) -> TaskFacts:
    return TaskFacts(
        task_id=row["id"],
        assignee=row["assignee"],
        candidate_users=frozenset(row["candidate_users"]),
        candidate_groups=frozenset(row["candidate_groups"]),
        closed_by=row["closed_by"],
        principal=row["principal"],
        proxies=frozenset(may_take),
    )


def _row(context: CommandContext, task_id: str) -> Values:
    row = context.uow.get(tables.task, (task_id,))
    assert row is not None, task_id
    return row


def _moment(name: str, text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise plain.refused(name, "须为带时区的日期时间", "a date-time with a zone is needed")
    if not 1900 <= found.year < 3000:
        raise plain.refused(name, "年份须在 1900 与 2999 之间", "the year must be between 1900 and 2999")
    return found


def _mode(text: str) -> ProxyMode:
    try:
        return ProxyMode(text)
    except ValueError:
        raise InvalidInput(
            "代理方式只能是 move（任务转给代理人）或 share（代理人可代办）。",
            "The mode is move or share.",
            fields={"mode": "move / share"},
        ) from None


def _answer(row: Values) -> dict[str, Any]:
    keys = ("id", "instance_id", "state", "assignee", "principal")
    return {key: row[key] for key in keys}
