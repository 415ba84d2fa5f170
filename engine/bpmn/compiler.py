"""Normalised BPMN files to a CompiledProcess: the process, the insides of its subprocesses, and every process it calls.

The structure comes from :mod:`engine.bpmn.graph`, the same reading that the rules of the upload judge. The library's own
parser is not used: it recurses (a chain of 490 tasks is its end), drops what it cannot reach without a word, knows no
sequence flow by id, and wants ids unique over all files.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NoReturn

from engine import feel
from engine.bpmn import graph
from engine.bpmn.compiled import (
    CompiledProcess,
    ElementInfo,
    StartEvent,
    StartKind,
    UserTaskInfo,
    frozen,
)
from engine.bpmn.definitions import banjie
from engine.bpmn.elements import Builder, outcomes_of
from engine.bpmn.reachability import connect_inclusive
from engine.bpmn.rules.support import rows_of
from engine.bpmn.specs.base import Facts, Flow, Node, ProcessSpec
from engine.bpmn.specs.events import BoundaryEvent
from engine.bpmn.timers import BadTimer
from engine.bpmn.xml import XmlRefused, parse
from engine.errors import ModelRefused

SPECIAL_KINDS = frozenset({"subProcess"})  # what can be a special procedure


def compile_process(definition_id: str, process_key: str, sources: Mapping[str, bytes]) -> CompiledProcess:
    """Compile ``process_key`` out of the normalised files of its closure. Raises ModelRefused."""
    return _Compiler(definition_id, process_key, sources).run()


def _refuse(zh: str, en: str, **facts: object) -> NoReturn:
    raise ModelRefused(zh, en, **facts)


class _Compiler:
    """The state of one compilation."""

    def __init__(self, definition_id: str, process_key: str, sources: Mapping[str, bytes]) -> None:
        self.definition_id = definition_id
        self.process_key = process_key
        self.processes = _read(sources)
        self.specs: dict[str, ProcessSpec] = {}
        self.elements: dict[tuple[str, str], ElementInfo] = {}
        self.user_tasks: list[UserTaskInfo] = []
        self.builders: list[Builder] = []
        self.called: dict[str, None] = {}

    def run(self) -> CompiledProcess:
        model, scope = self.find(self.process_key)
        builder = self.builder(model, scope)
        root = self.compile_scope(builder, scope, self.process_key)
        starts = tuple(_start_events(builder, scope))
        while missing := [key for key in self.called if key not in self.specs]:
            for key in missing:
                called_model, called_scope = self.find(key)
                called = self.builder(called_model, called_scope)
                self.specs[key] = self.compile_scope(called, called_scope, key)
                self.require_none_start(called_scope, self.specs[key])
        return CompiledProcess(
            definition_id=self.definition_id,
            process_key=self.process_key,
            name=scope.name or self.process_key,
            root=root,
            specs=frozen(self.specs),
            start_events=starts,
            messages=frozenset().union(*(each.definitions.messages for each in self.builders)),
            signals=frozenset().union(*(each.definitions.signals for each in self.builders)),
            lanes=tuple(dict.fromkeys(lane for node in scope.walk() if (lane := graph.inherited_lane(node)))),
            user_tasks=tuple(self.user_tasks),
            elements=frozen(self.elements),
            called=frozenset(self.called),
        )

    def find(self, key: str) -> tuple[graph.ModelFile, graph.Scope]:
        """Return the process of that key and its file."""
        found = self.processes.get(key)
        if found is None:
            _refuse(f"找不到流程「{key}」", f'There is no process "{key}"', process_key=key)
        return found

    def builder(self, model: graph.ModelFile, scope: graph.Scope) -> Builder:
        """Return what builds the elements of a process."""
        with _named(scope, scope.id):
            builder = Builder(model, scope.id)
        self.builders.append(builder)
        return builder

    def require_none_start(self, scope: graph.Scope, spec: ProcessSpec) -> None:
        """A subprocess and a called process begin at a none start event."""
        if spec.initial is None:
            label = scope.name or scope.id
            _refuse(
                f"「{label}」没有空开始事件，不能作为子流程或被调用流程执行",
                f'"{label}" has no none start event, so it cannot run as a subprocess or be called',
                element_id=scope.id,
                line=scope.line,
            )

    def compile_scope(self, builder: Builder, scope: graph.Scope, spec_name: str) -> ProcessSpec:
        """Compile the nodes of a process or of the inside of a subprocess, and what is inside them."""
        spec = ProcessSpec(spec_name)
        for node in scope.nodes:
            if node.kind != "boundaryEvent":
                self.compile_node(builder, spec, node)
        for node in scope.nodes:
            if node.kind == "boundaryEvent":
                self.attach(builder, spec, node)
        for node in scope.nodes:
            self.connect(builder, spec, node)
        within_event = scope.parent is not None and scope.parent.is_event_subprocess
        starts = [node for node in scope.of_kind("startEvent") if within_event or node.trigger == "none"]
        spec.initial = starts[0].id if starts else None
        connect_inclusive(spec)
        return spec

    def compile_node(self, builder: Builder, spec: ProcessSpec, node: graph.FlowNode) -> None:
        _judge(builder, node)
        facts = self.facts(builder, node)
        inner_key = None
        if node.inner is not None:
            inner_key = f"{builder.process_key}#{node.id}"
            self.specs[inner_key] = self.compile_scope(builder, node.inner, inner_key)
            self.require_none_start(node.inner, self.specs[inner_key])
        elif node.kind == "callActivity":
            inner_key = node.node.get("calledElement") or ""
            self.called[inner_key] = None
        with _named(node, builder.process_key):
            builder.build(spec, node, facts, inner_key)
        if node.kind in ("userTask", "manualTask"):
            self.user_tasks.append(_user_task(node, facts))

    def facts(self, builder: Builder, node: graph.FlowNode) -> Facts:
        name = " ".join(node.name.split())
        facts = Facts(node.id, name, node.kind, builder.process_key, graph.inherited_lane(node))
        parent = node.scope.parent.id if node.scope.parent is not None else None
        self.elements[builder.process_key, node.id] = ElementInfo(
            id=node.id,
            name=name,
            type=node.kind,
            process_key=builder.process_key,
            lane=facts.lane,
            parent=parent,
            special=banjie(node.node).get("special") if node.kind in SPECIAL_KINDS else None,
            planned=banjie(node.node).get("planned"),
            reason=banjie(node.node).get("reason") if node.kind in SPECIAL_KINDS else None,
        )
        return facts

    def attach(self, builder: Builder, spec: ProcessSpec, node: graph.FlowNode) -> None:
        _judge(builder, node)
        facts = self.facts(builder, node)
        with _named(node, builder.process_key):
            boundary: BoundaryEvent = builder.boundary(spec, node, facts)
        if node.host is not None:
            host = spec.node(node.host.id)
            host.boundaries = (*host.boundaries, boundary)

    def connect(self, builder: Builder, spec: ProcessSpec, node: graph.FlowNode) -> None:
        source: Node = spec.node(node.id)
        flows = []
        with _named(node, builder.process_key):
            for flow in node.outgoing:
                condition = flow.condition
                # What a parallel or event-based gateway takes depends on no condition, so none written there is read.
                decides = node.kind not in ("parallelGateway", "eventBasedGateway")
                text = condition.text.strip() if condition is not None and decides else ""
                name = " ".join(flow.name.split())
                flows.append(
                    Flow(
                        flow.id,
                        name,
                        flow.target.id,
                        feel.compile(text) if text and not flow.is_default else None,
                        flow.is_default,
                    )
                )
                self.elements[builder.process_key, flow.id] = ElementInfo(
                    id=flow.id, name=name, type="sequenceFlow", process_key=builder.process_key
                )
        source.outgoing = tuple(flows)
        source.incoming = tuple(flow.id for flow in node.incoming)


def _judge(builder: Builder, node: graph.FlowNode) -> None:
    """Refuse what the upload refuses: no model that got past it some other way may run wrongly."""
    for row in rows_of(node):
        if row.refused is not None:
            raise ModelRefused(
                f"引擎不执行{row.name.zh}「{node.name or node.id}」：{row.refused.zh}",
                f'The engine does not run the {row.name.en} "{node.name or node.id}": {row.refused.en}',
                element_id=node.id,
                element_name=node.name,
                process_key=builder.process_key,
                line=node.line,
            )


@contextmanager
def _named(node: graph.Element, process_key: str) -> Iterator[None]:
    """Tell the element's name with what is refused inside the block."""
    try:
        yield
    except (feel.FeelError, BadTimer) as error:
        label = node.name or node.id
        raise ModelRefused(
            f"「{label}」：{error.zh}",
            f'"{label}": {error.en}',
            element_id=node.id,
            element_name=node.name,
            process_key=process_key,
            line=node.line,
        ) from error


def _read(sources: Mapping[str, bytes]) -> dict[str, tuple[graph.ModelFile, graph.Scope]]:
    processes: dict[str, tuple[graph.ModelFile, graph.Scope]] = {}
    for file, data in sources.items():
        try:
            model = graph.build(file, parse(data).root)
        except XmlRefused as error:
            _refuse(
                f"文件「{file}」读不出来：{error.code}", f'The file "{file}" cannot be read: {error.code}', file=file
            )
        for scope in model.processes:
            processes.setdefault(scope.id, (model, scope))
    return processes


def _start_events(builder: Builder, scope: graph.Scope) -> list[StartEvent]:
    events = []
    for node in scope.of_kind("startEvent"):
        with _named(node, builder.process_key):
            event_name, timer = builder.start_trigger(node)
        events.append(
            StartEvent(
                id=node.id,
                name=node.name,
                kind=StartKind(node.trigger),
                event_name=event_name,
                timer=timer,
                form_key=banjie(node.node).get("formKey"),
                initiator=banjie(node.node).get("initiator"),
            )
        )
    return events


def _user_task(node: graph.FlowNode, facts: Facts) -> UserTaskInfo:
    attributes = banjie(node.node)
    return UserTaskInfo(
        id=facts.id,
        name=facts.name,
        process_key=facts.process_key,
        lane=facts.lane,
        outcomes=outcomes_of(attributes.get("outcomes", "")),
        attributes=frozen(attributes),
    )
