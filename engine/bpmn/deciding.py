"""Which steps of a process are its decision, and which tasks for people still lie ahead of a place: read off the drawn model.

Loops are walked forwards only: that an approved case may be sent back does not make its first step lie ahead of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from engine.bpmn.specs.tasks import ServiceTask
from engine.bpmn.ways import Element, all_specs, drawn, hosts, inside, places
from engine.runtime.who.policies import is_verdict

if TYPE_CHECKING:
    from engine.bpmn.compiled import CompiledProcess, UserTaskInfo
    from engine.bpmn.specs.base import Node, ProcessSpec

BARRIER: Final = (
    "cancelBarrier"  # true: the point behind which the initiator cannot cancel; false: not to be taken as it
)


def barriers(compiled: CompiledProcess) -> frozenset[Element]:
    """The tasks that the model itself names as the point behind which the initiator cannot cancel."""
    return frozenset(_key(info) for info in compiled.user_tasks if info.attributes.get(BARRIER) == "true")


def decisions(compiled: CompiledProcess) -> frozenset[Element]:
    """The tasks at which people decide: ballots and those whose outcomes say yes or no; without any, all tasks for people.

    Not those of which the model says ``cancelBarrier="false"``; empty when it says so of all.
    """
    tasks = compiled.user_tasks
    verdicts = [info for info in tasks if info.attributes.get("ballot") or is_verdict(info.outcomes)]
    return frozenset(_key(info) for info in verdicts or tasks if info.attributes.get(BARRIER) != "false")


def marked_irreversible(compiled: CompiledProcess) -> frozenset[Element]:
    """The service tasks whose model says ``banjie:irreversible="true"``."""
    return frozenset(
        (node.process_key, node.element_id)
        for spec in all_specs(compiled)
        for node in spec.task_specs.values()
        if isinstance(node, ServiceTask)
        and any(name == "irreversible" and text.literal.strip() == "true" for name, text in node.call.settings)
    )


def _key(info: UserTaskInfo) -> Element:
    return info.process_key, info.id


class Forwards:
    """Looks ahead in one process; what was worked out for one place serves the next."""

    def __init__(self, compiled: CompiledProcess) -> None:
        self.compiled = compiled
        self.human = frozenset(map(_key, compiled.user_tasks))
        self._edges: dict[int, dict[str, tuple[str, ...]]] = {}

    def ahead(self, process_key: str, element_id: str) -> frozenset[Element]:
        """The tasks for people to which a token at this element may still come, that element itself not counted."""
        found: set[Element] = set()
        seen: set[tuple[int, str]] = set()
        pending = [(spec, node.name) for spec, node in places(self.compiled, process_key, element_id)]
        while pending:
            spec, name = pending.pop()
            for target in self._forward(spec).get(name, ()):
                if (id(spec), target) not in seen:
                    seen.add((id(spec), target))
                    found.update(self._met(spec, spec.node(target)))
                    pending.append((spec, target))
            if (id(spec), "") not in seen:  # whatever is inside something ends there some time
                seen.add((id(spec), ""))
                pending += [(outer, host.name) for outer, host in hosts(self.compiled, spec)]
        return frozenset(found)

    def _met(self, spec: ProcessSpec, node: Node) -> Iterator[Element]:
        """The tasks for people in a node that lies ahead: itself, or all that is drawn inside of it."""
        pending, seen = [(spec, node)], {id(spec)}
        while pending:
            outer, each = pending.pop()
            if (each.process_key, each.element_id) in self.human:
                yield each.process_key, each.element_id
            inner = inside(self.compiled, outer, each)
            if inner is not None and id(inner) not in seen:  # a process may call itself
                seen.add(id(inner))
                pending += [(inner, one) for one in drawn(inner)]

    def _forward(self, spec: ProcessSpec) -> dict[str, tuple[str, ...]]:
        """Where the flows of a scope lead, without those that lead back: to where a walk from the start came from."""
        known = self._edges.get(id(spec))
        if known is None:
            known = self._edges[id(spec)] = _without_loops(spec)
        return known


def _without_loops(spec: ProcessSpec) -> dict[str, tuple[str, ...]]:
    nodes = {node.name: tuple(dict.fromkeys(flow.target for flow in node.outgoing)) for node in drawn(spec)}
    forward: dict[str, list[str]] = {name: [] for name in nodes}
    done: set[str] = set()
    # What has no way in comes first: start events, then the boundary events, whose ways join those of the starts.
    first = sorted(nodes, key=lambda name: (bool(spec.node(name).incoming), spec.node(name).is_boundary))
    for root in first:
        trail = [(root, iter(nodes[root]))] if root not in done else []
        walking = {root}
        while trail:
            name, targets = trail[-1]
            target = next(targets, None)
            if target is None:
                trail.pop()
                walking.discard(name)
                done.add(name)
            elif target not in walking:
                forward[name].append(target)
                if target not in done:
                    walking.add(target)
                    trail.append((target, iter(nodes[target])))
    return {name: tuple(targets) for name, targets in forward.items()}
