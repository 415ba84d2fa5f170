"""The ways through a compiled process, as it is drawn: where an element stands, and which tasks for people come before it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from engine.bpmn.specs.activities import SubProcess
from engine.bpmn.specs.events import BoundaryEvent
from engine.bpmn.specs.loops import LoopBody
from engine.bpmn.specs.tasks import ServiceTask
from engine.bpmn.specs.triggers import TimerTrigger
from engine.records import record

if TYPE_CHECKING:
    from engine.bpmn.compiled import CompiledProcess
    from engine.bpmn.specs.base import Node, ProcessSpec

Element = tuple[str, str]  # process key and element id


def before(compiled: CompiledProcess, process_key: str, element_id: str) -> frozenset[Element]:
    """The user and manual tasks from which a token can come to this element without passing another one.

    Subprocesses and called processes are gone through from their ends, a start event leads out to what calls it.
    """
    search = _Backwards(compiled)
    for spec, node in places(compiled, process_key, element_id):
        search.go_back(spec, node)
    return frozenset(search.found)


@record(kw_only=False)
class TimedOut:
    """A timer at the border of a task from which a token comes to a service task without passing a person."""

    element: Element
    name: str
    interrupts: bool
    given: tuple[tuple[str, str], ...]  # the inputs of that service task, as they are written


@record(kw_only=False)
class Leading:
    """What leads to a verb: the tasks for people just before it, and timers at the border of such tasks."""

    people: frozenset[Element]
    timers: tuple[TimedOut, ...]


def before_verb(compiled: CompiledProcess, verb: str) -> Leading:
    """What leads to the service tasks with this verb, wherever they are drawn."""
    people: set[Element] = set()
    timers: list[TimedOut] = []
    for spec in all_specs(compiled):
        for node in drawn(spec):
            if isinstance(node, ServiceTask) and node.call.verb is not None and node.call.verb.literal == verb:
                search = _Backwards(compiled)
                search.go_back(spec, node)
                people |= search.found
                given = tuple((name, text.literal.strip()) for name, text in node.call.inputs)
                timers += [
                    TimedOut((each.process_key, each.element_id), each.element_name, each.interrupts, given)
                    for each in search.borders
                    if isinstance(each.trigger, TimerTrigger)
                ]
    return Leading(frozenset(people), tuple(timers))


def places(compiled: CompiledProcess, process_key: str, element_id: str) -> list[tuple[ProcessSpec, Node]]:
    """Where an element stands: several times when its process is called under several keys."""
    return [
        (spec, node)
        for spec in all_specs(compiled)
        for node in drawn(spec)
        if (node.process_key, node.element_id) == (process_key, element_id)
    ]


def all_specs(compiled: CompiledProcess) -> tuple[ProcessSpec, ...]:
    """The process, the insides of its subprocesses, and what it calls."""
    return (compiled.root, *compiled.specs.values())


def drawn(spec: ProcessSpec) -> list[Node]:
    """The nodes as the diagram has them: the one instance of a loop is part of its body."""
    inner = {node.inner for node in spec.task_specs.values() if isinstance(node, LoopBody)}
    return [node for name, node in spec.task_specs.items() if name not in inner]


def inside(compiled: CompiledProcess, spec: ProcessSpec, node: Node) -> ProcessSpec | None:
    """What is inside a subprocess or call activity, alone or in a loop; None for everything else."""
    body = spec.node(node.inner) if isinstance(node, LoopBody) else node
    return compiled.specs.get(body.spec_key) if isinstance(body, SubProcess) else None


def hosts(compiled: CompiledProcess, inner: ProcessSpec) -> Iterator[tuple[ProcessSpec, Node]]:
    """The subprocesses or call activities of which ``inner`` is the inside."""
    for spec in all_specs(compiled):
        for node in drawn(spec):
            if inside(compiled, spec, node) is inner:
                yield spec, node


class _Backwards:
    def __init__(self, compiled: CompiledProcess) -> None:
        self.compiled = compiled
        self.human = {(task.process_key, task.id) for task in compiled.user_tasks}
        self.found: set[Element] = set()
        self.borders: list[BoundaryEvent] = []  # boundary events on the way
        self._seen: set[tuple[int, str]] = set()
        self._sources: dict[int, dict[str, list[Node]]] = {}

    def go_back(self, spec: ProcessSpec, node: Node) -> None:
        """Look at everything from which a token comes to ``node``."""
        if (id(spec), node.name) in self._seen:
            return
        self._seen.add((id(spec), node.name))
        if isinstance(node, BoundaryEvent):
            self.borders.append(node)
        for source in self._sources_in(spec).get(node.name, ()):
            self._look_at(spec, source)
        if not node.incoming and not node.is_boundary:
            for outer, host in hosts(self.compiled, spec):
                self.go_back(outer, host)

    def _sources_in(self, spec: ProcessSpec) -> dict[str, list[Node]]:
        """From which nodes a token comes to each node of a scope."""
        found = self._sources.get(id(spec))
        if found is None:
            found = self._sources[id(spec)] = {}
            for source in drawn(spec):
                for name in source.successors():
                    found.setdefault(name, []).append(source)
        return found

    def _look_at(self, spec: ProcessSpec, node: Node) -> None:
        if (node.process_key, node.element_id) in self.human:
            self.found.add((node.process_key, node.element_id))
            return
        inner = inside(self.compiled, spec, node)
        if inner is None:
            self.go_back(spec, node)
            return
        if (id(inner), "") in self._seen:
            return
        self._seen.add((id(inner), ""))
        for last in drawn(inner):
            if not last.outgoing:
                self._look_at(inner, last)
