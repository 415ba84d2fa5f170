"""Proxies before a task or an instance: what they may take in somebody's place, they may see first. Nothing for all others."""

from dataclasses import replace

from engine.access import InstanceFacts, TaskFacts
from engine.store.base.paging import Row
from web.frame.auth import current_actor, services


def task_facts(row: Row) -> TaskFacts:
    """What the access rules need to know of a task, with whoever looks, when he may take it for somebody."""
    facts = services().queries.tasks.facts(row)
    return facts if for_whom(row) is None else replace(facts, proxies=frozenset({current_actor().login}))


def for_whom(row: Row) -> str | None:
    """In whose place whoever looks may take this open task now; None where in nobody's."""
    return services().queries.proxy_offers.principal(current_actor(), services().engine.now(), row)


def instance_facts(facts: InstanceFacts, instance_id: str) -> InstanceFacts:
    """The facts of an instance or case, with whoever looks, when he may take one of its tasks for somebody."""
    actor = current_actor()
    if not services().queries.proxy_offers.may_take_any(actor, services().engine.now(), instance_id):
        return facts
    return replace(facts, proxies=frozenset({actor.login}))


def offered_count(actor_counts: dict[str, int]) -> dict[str, int]:
    """The figures of the inbox, with what is offered to those for whom the one who looks stands in."""
    actor = current_actor()
    if not actor.stands_in:
        return actor_counts
    return actor_counts | {"offered": services().queries.proxy_offers.count(actor, services().engine.now())}
