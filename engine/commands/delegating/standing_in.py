"""Standing in: where a task of somebody who is away goes, when it is offered and when a period begins or ends (P-7.2).

Everything here asks one question, ``settle``: by the rules that hold now, who should have this task? Asking it twice changes
nothing, so late and doubled jobs are harmless.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.access import TaskFacts, not_found
from engine.commands.ballots.ballot_box import Box
from engine.commands.delegating import delegations
from engine.commands.running import eligibility, moving, seats
from engine.commands.tasks import transfers
from engine.errors import Conflict
from engine.runtime import ballot_settings
from engine.runtime.allowance import NodeVerb, allows
from engine.runtime.delegation import MAX_DEPTH
from engine.runtime.proxy import (
    Matter,
    ProxyMode,
    ProxyPassedOver,
    ProxyRule,
    TaskEntrusted,
    TaskHandedBack,
    chain,
    principals_of,
    stands_in,
)
from engine.runtime.task import Power, Seat, TaskState
from engine.store import tables
from engine.store.rows import cases, organisation, proxies, running

if TYPE_CHECKING:
    from engine.context import CommandContext
    from engine.store.base.unit_of_work import Values
    from engine.store.projections.projector import Recorded


def task_offered(context: CommandContext, recorded: Recorded) -> None:
    """Reaction to a task that is given to somebody: is he away, and who stands in for him?"""
    task_id: str = getattr(recorded.event, "task_id", "")
    row = context.uow.get(tables.task, (task_id,))
    if row is None or row["assignee"] is None or not has_rules(context, recorded.stream):
        return
    rules = proxies.running(context.uow, context.now)
    giver = getattr(recorded.event, "from_assignee", None)
    if giver is not None and any((rule.principal, rule.proxy) == (row["assignee"], giver) for rule in rules):
        return  # his own proxy gave it to him: it is meant for him
    settle(context, row, rules)


def has_rules(context: CommandContext, instance_id: str) -> bool:
    """Whether anybody stands in for anybody; known with the lock of the instance, except for one that has just begun."""
    instance = context.uow.get(tables.process_instance, (instance_id,))
    return instance is not None and running.has_proxies(context.uow, instance)


def settle(context: CommandContext, row: Values, rules: list[ProxyRule]) -> bool:
    """Give an open task to whoever should have it by ``rules``; returns whether anything changed.

    A task that its holder took over by hand from the one for whom he stands in stays with him while his rule holds.
    """
    principal = row["principal"] or row["assignee"]
    if principal is None or row["closed_at"] is not None:
        return False
    if row["principal"] is None and not any(rule.principal == principal for rule in rules):
        return False
    way = chain(rules, principal, matter_of(context, row, rules), context.now)
    path = [principal, *(rule.proxy for rule in way)]
    here = path.index(row["assignee"]) if row["assignee"] in path else 0
    holder, used = path[here], list(way[:here])
    changed = False
    for rule in way[here:]:
        if rule.mode is ProxyMode.SHARE or not _may_stand_in(context, row, rule, principal):
            break
        if rule.power is Power.ADVISE:
            changed = _give(context, row, principal, holder, used) or changed
            return _ask(context, row, rule) or changed
        holder, used = rule.proxy, [*used, rule]
    return _give(context, row, principal, holder, used) or changed


def principal_of(
    context: CommandContext, row: Values, proxy: str, rules: list[ProxyRule]
) -> tuple[str, list[ProxyRule]]:
    """For whom ``proxy`` may take an open task now, with the rules first to last; ("", []) where he may not.

    A held task is taken from its holder by a rule of his own; an offered one for whoever it is offered to, also by a chain.
    """
    if row["principal"] is not None or row["closed_at"] is not None:
        return "", []
    matter = matter_of(context, row, rules)
    if row["assignee"] is not None:
        used = stands_in(rules, row["assignee"], proxy, matter, context.now)
        return (row["assignee"], used) if len(used) == 1 else ("", [])
    for principal in principals_of(rules, proxy, context.now):
        if _is_offered_to(context, row, principal):
            used = stands_in(rules, principal, proxy, matter, context.now)
            if used:
                return principal, used
    return "", []


def _is_offered_to(context: CommandContext, row: Values, login: str) -> bool:
    groups = row["candidate_groups"]
    return login in row["candidate_users"] or any(
        context.uow.get(tables.membership, (login, key)) is not None for key in groups
    )


def recall_advice(context: CommandContext, instance_id: str, rule_id: str) -> None:
    """Take back what was asked of a proxy who only advises, and was not answered before his period ended."""
    for row in open_tasks(context, instance_id):
        if row["seat"] == Seat.DELEGATE.value and (row["why"] or {}).get("proxy_rule") == rule_id:
            asker = context.uow.get(tables.task, (row["parent_id"],))
            if asker is not None:
                delegations.recall(context, asker, "proxy-ended")


def open_tasks(context: CommandContext, instance_id: str) -> list[Values]:
    """The open tasks of an instance, with all seats of their tokens known."""
    found = organisation.open_tasks(context.uow, instance_id)
    seats.read(context, {row["token_id"] for row in found})
    return found


def lock_task(context: CommandContext, task_id: str) -> Values:
    """Lock the instance of a task and return the task's row; raises NotFound."""
    if running.lock_instance_of_task(context.uow, task_id) is None:
        raise not_found(TaskFacts(task_id=task_id, assignee=None))
    rows = running.seats_of_task(context.uow, task_id)
    seats.remember(context, {rows[0]["token_id"]}, rows)
    return next(row for row in rows if row["id"] == task_id)


def matter_of(context: CommandContext, row: Values, rules: list[ProxyRule]) -> Matter:
    """What the scopes of ``rules`` look at, as far as they look: process, item, whose application it is, variables."""
    instance = context.uow.get(tables.process_instance, (row["instance_id"],))
    assert instance is not None
    keys = {row["definition_key"], row["process_key"]}
    if any(rule.scope.processes for rule in rules):
        case = cases.of_instance(context.uow, row["instance_id"])
        keys |= {case["item_code"]} if case else set()
    department = None
    if instance["started_by"] and any(rule.scope.departments for rule in rules):
        starter = context.uow.get(tables.person, (instance["started_by"],))
        department = starter["department_id"] if starter else None
    limited = any(rule.scope.amount_limit is not None for rule in rules)
    variables = moving.load(context, row["instance_id"], row=instance).variables if limited else {}
    return Matter(processes=frozenset(keys), department=department, variables=variables)


def give_back(context: CommandContext, row: Values, reason: str) -> None:
    """Let the principal have his task again."""
    told = TaskHandedBack(
        task_id=row["id"], assignee=row["principal"], from_assignee=row["assignee"] or "", reason=reason
    )
    context.record(row["instance_id"], told)


def entrust(context: CommandContext, row: Values, principal: str, holder: str, rules: list[ProxyRule]) -> None:
    """Let ``holder`` have the task on behalf of ``principal``."""
    told = TaskEntrusted(
        task_id=row["id"], principal=principal, assignee=holder, chain=tuple(rule.id for rule in rules)
    )
    context.record(row["instance_id"], told)


def check_may_stand_in(context: CommandContext, row: Values, proxy: str, principal: str) -> None:
    """Raise Conflict unless ``proxy`` may act here for ``principal``: both pass the same checks (P-7.3, P-7.4)."""
    instance = context.uow.get(tables.process_instance, (row["instance_id"],))
    assert instance is not None
    element = eligibility.ElementFacts.of(row)
    eligibility.check(context, instance, element, proxy, way="proxy", principal=principal)
    if (proxy in transfers.seated(context, row) or _has_a_say(context, row, proxy)) and not _both_votes(row):
        raise Conflict(
            f"{proxy} 在「{element.label}」已有自己的席位，不能同时代理 {principal}。",
            f'{proxy} has a seat of his own at "{element.label}" and cannot stand in for {principal} there.',
            login=proxy,
        )


def _has_a_say(context: CommandContext, row: Values, login: str) -> bool:
    """Whether ``login`` is a member of the ballot of this seat, whose turn may not have come, or has voted in it, for himself
    or for another: a seat that he took he could only sit on."""
    if row["ballot_id"] is None:
        return False
    box = Box.of(context, row["ballot_id"])
    return box.member(login) is not None or box.has_voted(login)


def _both_votes(row: Values) -> bool:
    """Whether the node lets one person have his own vote and that of somebody for whom he stands in."""
    if row["seat"] != Seat.MEMBER.value:
        return False
    node, _ = ballot_settings.parse(row["settings"], row["outcomes"])
    return node.proxy_adds


def _may_stand_in(context: CommandContext, row: Values, rule: ProxyRule, principal: str) -> bool:
    try:
        check_may_stand_in(context, row, rule.proxy, principal)
    except Conflict as refused:
        told = ProxyPassedOver(
            task_id=row["id"],
            principal=rule.principal,
            proxy=rule.proxy,
            rule_id=rule.id,
            zh=refused.zh,
            en=refused.en,
        )
        context.record(row["instance_id"], told)
        return False
    return True


def _give(context: CommandContext, row: Values, principal: str, holder: str, rules: list[ProxyRule]) -> bool:
    if holder == row["assignee"]:
        return False
    if holder == principal:
        give_back(context, row, "proxy-ended")
    else:
        entrust(context, row, principal, holder, rules)
    return True


def _ask(context: CommandContext, row: Values, rule: ProxyRule) -> bool:
    """A proxy who only advises is asked as a delegate is, once; the decision waits for its principal."""
    if row["state"] != TaskState.ASSIGNED.value or not allows(row["settings"], NodeVerb.DELEGATE):
        return False
    if len(delegations.stack_of(context, row)) > MAX_DEPTH or _was_asked(context, row, rule):
        return False
    question = rule.reason[:500]
    delegations.delegate(context, row, rule.proxy, power=Power.ADVISE, question=question, proxy_id=rule.id)
    return True


def _was_asked(context: CommandContext, row: Values, rule: ProxyRule) -> bool:
    around = seats.of_token(context, row["token_id"])
    return any(each["parent_id"] == row["id"] and (each["why"] or {}).get("proxy_rule") == rule.id for each in around)
