"""What every view does: execute a command for whoever asks, and find things that this person may see."""

from typing import Any

from engine.access import Actor, InstanceFacts, Verb, not_found, require
from engine.context import Command
from engine.process_engine import ProcessEngine
from engine.store.base.paging import Row
from engine.store.queries.subjects import Queries
from web.api.endpoint import Answer
from web.api.reading import idempotency_key
from web.frame.auth import current_actor, services
from web.parts import standingin

PREFIX = "/api/v1"


def engine() -> ProcessEngine:
    return services().engine


def queries() -> Queries:
    return services().queries


def actor() -> Actor:
    return current_actor()


def execute(command: Command) -> dict[str, Any]:
    """Run ``command`` for whoever asks, once for each Idempotency-Key."""
    return engine().execute(command, actor=actor(), idempotency_key=idempotency_key())


def created(body: Any, path: str) -> Answer:
    """201 with the address of the new thing."""
    return Answer(body, 201, {"Location": PREFIX + path})


def visible_instance(instance_id: str) -> Row:
    """Return an instance that the actor may see; otherwise NotFound, as if there were none."""
    facts = queries().instances.facts(instance_id)
    if facts is not None:
        facts = standingin.instance_facts(facts, instance_id)
    require(actor(), Verb.VIEW_INSTANCE, facts or InstanceFacts(instance_id=instance_id))
    row = queries().instances.get(instance_id)
    if facts is None or row is None:
        raise not_found(InstanceFacts(instance_id=instance_id))
    return row
