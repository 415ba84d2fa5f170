"""One element of the graph to one spec: reads its attributes, event definitions, loop markers and extensions."""

from typing import Final

from engine import feel
from engine.bpmn import graph
from engine.bpmn.assignment import Assignment, split
from engine.bpmn.definitions import Definitions, banjie
from engine.bpmn.expressions import Text
from engine.bpmn.specs.activities import CallActivity, EventSubProcess, Mappings, SubProcess
from engine.bpmn.specs.base import Facts, Node, ProcessSpec
from engine.bpmn.specs.events import (
    BoundaryEvent,
    CatchEvent,
    CodeThrow,
    LinkCatch,
    LinkThrow,
    MessageThrow,
    SignalThrow,
    StartEvent,
    Terminate,
    Throw,
    ThrowEvent,
)
from engine.bpmn.specs.gateways import EventGateway, ExclusiveGateway, InclusiveGateway, ParallelGateway
from engine.bpmn.specs.loops import MultiInstance, Repetition, StandardLoop
from engine.bpmn.specs.tasks import AbstractTask, Call, HumanTask, ScriptTask, SendTask, ServiceTask
from engine.bpmn.specs.triggers import (
    CatchTrigger,
    CodeTrigger,
    Kind,
    Payload,
)
from engine.bpmn.timers import TimerExpression
from engine.bpmn.xml import BANJIE
from engine.bpmn.xml import Node as XmlNode
from engine.errors import ModelRefused

_INSTANCE: Final = "#instance"  # behind the name of the spec of one instance of a loop
_ASSIGNMENT: Final = frozenset(
    {"assignee", "candidateUsers", "candidateGroups", "formKey", "priority", "limit", "dueDate", "outcomes"}
)
_CALL: Final = frozenset({"verb", "resultVariable"})


def outcomes_of(text: str) -> tuple[tuple[str, str], ...]:
    """Read ``approve:同意,reject:不同意``: codes with labels, in order; a code without label is its own label."""
    found = []
    for part in text.split(","):
        code, _, label = part.strip().partition(":")
        if code.strip():
            found.append((code.strip(), label.strip() or code.strip()))
    return tuple(found)


class Builder:
    """Builds the specs of one process of one file."""

    def __init__(self, model: graph.ModelFile, process_key: str) -> None:
        self.process_key = process_key
        self.definitions = Definitions(model, process_key)

    # -- flow nodes --------------------------------------------------------------------------------------------------

    def build(self, spec: ProcessSpec, node: graph.FlowNode, facts: Facts, inner_key: str | None) -> Node:
        """Make the spec (for a loop: both) of a flow node that is no boundary event."""
        loop = node.loop
        if loop is None:
            return self._plain(spec, node, facts, inner_key, None)
        inner = f"{facts.id}{_INSTANCE}"
        body = Facts(facts.id, facts.name, loop.name, facts.process_key, facts.lane)
        self._plain(spec, node, facts, inner_key, inner)
        if loop.name == "standardLoopCharacteristics":
            return self._standard_loop(spec, body, inner, loop)
        return MultiInstance(spec, body, inner, self._repetition(loop))

    def _plain(
        self, spec: ProcessSpec, node: graph.FlowNode, facts: Facts, inner_key: str | None, name: str | None
    ) -> Node:
        if node.kind in ("startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent"):
            return self._event(spec, node, facts)
        gateway = _GATEWAYS.get(node.kind)
        if gateway is not None:
            return gateway(spec, facts)
        return self._activity(spec, node, facts, inner_key, name)

    def _activity(
        self, spec: ProcessSpec, node: graph.FlowNode, facts: Facts, inner_key: str | None, name: str | None
    ) -> Node:
        match node.kind:
            case "task":
                return AbstractTask(spec, facts, name=name)
            case "userTask" | "manualTask":
                return HumanTask(spec, facts, _assignment(node.node), name=name)
            case "scriptTask":
                script = node.node.find("script")
                return ScriptTask(spec, facts, feel.parse_script(script.text if script is not None else ""), name=name)
            case "serviceTask" | "sendTask" if node.kind == "serviceTask" or "verb" in banjie(node.node):
                return ServiceTask(spec, facts, _call(node.node), name=name)
            case "sendTask":
                return SendTask(
                    spec, facts, MessageThrow(self.definitions.message(node), Payload(_inputs(node.node))), name=name
                )
            case "receiveTask":
                return CatchEvent(spec, facts, self.definitions.message(node), name=name)
            case "subProcess" if inner_key is not None and node.is_event_subprocess:
                return self._event_subprocess(spec, node, facts, inner_key)
            case "subProcess" if inner_key is not None:
                return SubProcess(spec, facts, inner_key, name=name)
            case "callActivity" if inner_key is not None:
                return CallActivity(
                    spec, facts, inner_key, _mappings(node.node, "in"), _mappings(node.node, "out"), name=name
                )
        raise self.unsupported(node)

    def _standard_loop(self, spec: ProcessSpec, facts: Facts, inner: str, loop: XmlNode) -> Node:
        maximum = loop.get("loopMaximum")
        return StandardLoop(
            spec,
            facts,
            inner,
            condition=_expression(loop.find("loopCondition")),
            maximum=int(maximum) if maximum else None,
            test_before=loop.get("testBefore") == "true",
        )

    def _repetition(self, loop: XmlNode) -> Repetition:
        given = banjie(loop)
        collection = given.get("collection") or self.definitions.variable(loop.find("loopDataInputRef"))
        output = given.get("outputCollection") or self.definitions.variable(loop.find("loopDataOutputRef"))
        item, output_item = loop.find("inputDataItem"), loop.find("outputDataItem")
        output_element = given.get("outputElement") or _item_name(output_item)
        compiled = feel.compile(output_element) if output_element else None
        return Repetition(
            collection=feel.compile(collection) if collection else None,
            cardinality=_expression(loop.find("loopCardinality")),
            item=given.get("elementVariable") or _item_name(item) or None,
            output=output or None,
            output_item=compiled,
            declared=_declared(output_element),
            completion=_expression(loop.find("completionCondition")),
            sequential=loop.get("isSequential") == "true",
        )

    def _event_subprocess(
        self, spec: ProcessSpec, node: graph.FlowNode, facts: Facts, inner_key: str
    ) -> EventSubProcess:
        starts = node.inner.of_kind("startEvent") if node.inner is not None else []
        if len(starts) != 1:
            raise self.unsupported(node)
        start = starts[0]
        name = " ".join(start.name.split())
        return EventSubProcess(
            spec,
            facts,
            inner_key,
            self._catch_trigger(start),
            interrupts=start.node.get("isInterrupting") != "false" or start.trigger == "error",
            waits_as=Facts(start.id, name, start.kind, facts.process_key, facts.lane),
        )

    # -- events ------------------------------------------------------------------------------------------------------

    def _event(self, spec: ProcessSpec, node: graph.FlowNode, facts: Facts) -> Node:
        match node.kind, node.trigger:
            case "startEvent", "message" if node.scope.parent is None:
                return StartEvent(spec, facts, self.definitions.message(node))
            case "startEvent", _:
                return StartEvent(spec, facts)
            case "intermediateCatchEvent", "link":
                return LinkCatch(spec, facts)
            case "intermediateThrowEvent", "link":
                return self._link(spec, node, facts)
            case "intermediateCatchEvent", "timer":
                return CatchEvent(spec, facts, self.definitions.timer(node))
            case "intermediateCatchEvent", "message":
                return CatchEvent(spec, facts, self.definitions.message(node))
            case "intermediateCatchEvent", "signal":
                return CatchEvent(spec, facts, self.definitions.signal(node))
            case "endEvent" | "intermediateThrowEvent", _:
                return ThrowEvent(spec, facts, self._thrown(node))
        raise self.unsupported(node)

    def _thrown(self, node: graph.FlowNode) -> Throw | None:
        payload = Payload(_inputs(node.node))
        match node.trigger:
            case "none":
                return None
            case "message":
                return MessageThrow(self.definitions.message(node), Payload(_inputs(node.node)))
            case "signal":
                return SignalThrow(self.definitions.signal(node), payload)
            case "escalation":
                return CodeThrow(self.definitions.code(node, Kind.ESCALATION), payload)
            case "error" if node.kind == "endEvent":
                return CodeThrow(self.definitions.code(node, Kind.ERROR), payload)
            case "terminate" if node.kind == "endEvent":
                return Terminate()
        raise self.unsupported(node)

    def boundary(self, spec: ProcessSpec, node: graph.FlowNode, facts: Facts) -> BoundaryEvent:
        """Make the spec of a boundary event."""
        # An error always ends the activity in which it happens (BPMN 2.0 table 10.93).
        interrupts = node.interrupts or node.trigger == "error"
        return BoundaryEvent(spec, facts, self._catch_trigger(node), interrupts=interrupts)

    def _catch_trigger(self, node: graph.FlowNode) -> CatchTrigger | CodeTrigger:
        match node.trigger:
            case "timer":
                return self.definitions.timer(node)
            case "message":
                return self.definitions.message(node)
            case "signal":
                return self.definitions.signal(node)
            case "error":
                return self.definitions.code(node, Kind.ERROR)
            case "escalation":
                return self.definitions.code(node, Kind.ESCALATION)
        raise self.unsupported(node)

    def _link(self, spec: ProcessSpec, node: graph.FlowNode, facts: Facts) -> LinkThrow:
        if len(node.links) != 1:
            raise ModelRefused(
                f"链接事件「{node.name or node.id}」应恰好有一个同名的链接捕获事件，实有 {len(node.links)} 个",
                f'The link event "{node.name or node.id}" needs exactly one catch event of its name, but has '
                f"{len(node.links)}",
                element_id=node.id,
                line=node.line,
            )
        return LinkThrow(spec, facts, node.links[0].id)

    def start_trigger(self, node: graph.FlowNode) -> tuple[str | None, TimerExpression | None]:
        """Return the message or signal name, and the timer, of a start event."""
        match node.trigger:
            case "message":
                return self.definitions.message(node).name, None
            case "signal":
                return self.definitions.signal(node).name, None
            case "timer":
                return None, self.definitions.timer(node).expression
        return None, None

    def unsupported(self, node: graph.FlowNode) -> ModelRefused:
        """Make the error for an element that the upload should have refused."""
        label = node.name or node.id
        return ModelRefused(
            f"引擎不执行「{label}」（{node.kind}/{node.trigger}）",
            f'The engine does not run "{label}" ({node.kind}/{node.trigger})',
            element_id=node.id,
            line=node.line,
        )


_GATEWAYS: Final[dict[str, type[Node]]] = {
    "exclusiveGateway": ExclusiveGateway,
    "parallelGateway": ParallelGateway,
    "inclusiveGateway": InclusiveGateway,
    "eventBasedGateway": EventGateway,
}


def _expression(node: XmlNode | None) -> feel.Expression | None:
    return feel.compile(node.text.strip()) if node is not None and node.text.strip() else None


def _assignment(node: XmlNode) -> Assignment:
    given = banjie(node)

    def text(name: str) -> Text | None:
        value = given.get(name, "").strip()
        return Text.compile(value) if value else None

    def several(name: str) -> tuple[Text, ...]:
        return tuple(Text.compile(part) for part in split(given.get(name, "")))

    return Assignment(
        assignee=text("assignee"),
        candidate_users=several("candidateUsers"),
        candidate_groups=several("candidateGroups"),
        form_key=text("formKey"),
        priority=text("priority"),
        limit=text("limit"),
        due_date=text("dueDate"),
        outcomes=outcomes_of(given.get("outcomes", "")),
        settings=_settings(given, _ASSIGNMENT),
        refusal_flow=_refusal_flow(given),
    )


def _refusal_flow(given: dict[str, str]) -> str | None:
    kind, _, flow = (part.strip() for part in given.get("onReject", "").partition(":"))
    return flow or None if kind == "flow" else None


def _settings(given: dict[str, str], known: frozenset[str]) -> tuple[tuple[str, Text], ...]:
    return tuple((name, Text.compile(value)) for name, value in given.items() if name not in known)


def _call(node: XmlNode) -> Call:
    given = banjie(node)
    verb = given.get("verb", "").strip()
    return Call(
        Text.compile(verb) if verb else None,
        _inputs(node),
        _settings(given, _CALL),
        given.get("resultVariable", "").strip() or None,
    )


def _extensions(node: XmlNode, name: str) -> list[XmlNode]:
    extensions = node.find("extensionElements")
    return extensions.find_all(name, space=BANJIE) if extensions is not None else []


def _inputs(node: XmlNode) -> tuple[tuple[str, Text], ...]:
    return tuple((item.get("name") or "", Text.compile(item.text)) for item in _extensions(node, "input"))


def _mappings(node: XmlNode, name: str) -> Mappings:
    elements = _extensions(node, name)
    single = tuple(
        (item.get("target") or "", feel.compile(item.get("source") or ""))
        for item in elements
        if item.get("all") != "true"
    )
    return Mappings(single, any(item.get("all") == "true" for item in elements))


def _item_name(node: XmlNode | None) -> str:
    return (node.get("name") or node.get("id") or "").strip() if node is not None else ""


def _declared(output_element: str) -> frozenset[str]:
    """An output element that is one name is at home in each instance, so that parallel instances do not share it."""
    name = output_element.strip().removeprefix("=").strip()
    return frozenset({name}) if name.isidentifier() else frozenset()
