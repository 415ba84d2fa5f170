"""Which of an inclusive gateway's incoming flows a token in another node can still reach; worked out once per process."""

from engine.bpmn.specs.base import ProcessSpec
from engine.bpmn.specs.gateways import InclusiveGateway


def connect_inclusive(spec: ProcessSpec) -> None:
    """Give every inclusive join of the scope its table."""
    gateways = [node for node in spec.task_specs.values() if isinstance(node, InclusiveGateway)]
    joins = [gateway for gateway in gateways if len(gateway.incoming) > 1]
    if not joins:
        return
    before = _predecessors(spec)
    sources = {flow.id: node.name for node in spec.task_specs.values() for flow in node.outgoing}
    for join in joins:
        found: dict[str, set[str]] = {}
        for flow in join.incoming:
            for name in _upstream(sources[flow], before, join.name):
                found.setdefault(name, set()).add(flow)
        join.reachable = {name: frozenset(flows) for name, flows in found.items()}


def _predecessors(spec: ProcessSpec) -> dict[str, set[str]]:
    """Node -> the nodes from which a token can come: along a flow, or out of an activity by its boundary event."""
    before: dict[str, set[str]] = {}
    for node in spec.task_specs.values():
        for name in node.successors():
            before.setdefault(name, set()).add(node.name)
    return before


def _upstream(start: str, before: dict[str, set[str]], stop: str) -> set[str]:
    """All nodes from which ``start`` can be reached without passing ``stop``."""
    seen: set[str] = set()
    pending = [start]
    while pending:
        name = pending.pop()
        if name not in seen and name != stop:
            seen.add(name)
            pending.extend(before.get(name, ()))
    return seen
