"""Notices follow proxies (P-7.2, P-8.5): who is told beside those whose an open task is, because he may take it for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.commands.delegating.standing_in import check_may_stand_in, matter_of
from engine.errors import Conflict
from engine.runtime.proxy import ProxyMode, ProxyRule, chain
from engine.runtime.task import Power
from engine.store.rows import proxies

if TYPE_CHECKING:
    from collections.abc import Collection

    from engine.context import CommandContext
    from engine.store.base.unit_of_work import Values


def reached(context: CommandContext, row: Values, rules: list[ProxyRule]) -> dict[str, str]:
    """The proxies who may take an open task now: {proxy: for whom}, whoever it is offered to himself left out.

    Of a held task those with whom its holder shares; of an offered one those of each candidate, by chains too. All within
    scope and period, with the power to decide, and only who passes the checks for himself and for his principal (P-7.3).
    """
    if row["closed_at"] is not None or row["principal"] is not None:
        return {}
    held = row["assignee"]
    if held is not None:
        mine, own = [held], frozenset({held})
    else:
        asked = {rule.principal for rule in rules} | {rule.proxy for rule in rules}
        own = _candidates(context, row, asked)
        mine = sorted(own & {rule.principal for rule in rules})
    if not any(rule.principal in mine for rule in rules):
        return {}
    matter = matter_of(context, row, rules)
    found: dict[str, str] = {}
    for principal in mine:
        way = chain(rules, principal, matter, context.now)
        if held is not None:
            way = tuple(rule for rule in way[:1] if rule.mode is ProxyMode.SHARE)
        for rule in way:
            if rule.power is not Power.DECIDE:
                break
            if rule.proxy not in own and rule.proxy not in found and _may(context, row, rule.proxy, principal):
                found[rule.proxy] = principal
    return found


def _candidates(context: CommandContext, row: Values, logins: Collection[str]) -> frozenset[str]:
    """Those of these people to whom a task is offered."""
    named = set(row["candidate_users"]) & set(logins)
    groups = row["candidate_groups"]
    return frozenset(named) | proxies.members_among(context.uow, groups, logins)


def _may(context: CommandContext, row: Values, proxy: str, principal: str) -> bool:
    try:
        check_may_stand_in(context, row, proxy, principal)
    except Conflict:
        return False
    return True
