"""One element of the graph to one spec: reads its attributes, event definitions, loop markers and extensions."""

from typing import Final

from engine import feel
from engine.bpmn import graph
from engine.bpmn.assignment import Assignment, split
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
    CorrelationProperty,
    Kind,
    MessageTrigger,
    Payload,
    SignalTrigger,
    TimerTrigger,
)
from engine.bpmn.timers import TimerExpression, TimerKind
from engine.bpmn.xml import BANJIE
from engine.bpmn.xml import Node as XmlNode
from engine.errors import ModelRefused

_PREFIX: Final = f"{{{BANJIE}}}"
_INSTANCE: Final = "#instance"  # behind the name of the spec of one instance of a loop
_ASSIGNMENT: Final = frozenset(
    {"assignee", "candidateUsers", "candidateGroups", "formKey", "priority", "limit", "outcomes"}
)
_CALL: Final = frozenset({"verb", "resultVariable"})


def banjie(node: XmlNode) -> dict[str, str]:
    """Return the banjie: attributes by local name."""
    return {key.removeprefix(_PREFIX): value for key, value in node.attributes.items() if key.startswith(_PREFIX)}


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
        self.model = model
        self.process_key = process_key
        self.messages: set[str] = set()
        self.signals: set[str] = set()
        self.bindings = self._bindings()

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
        return MultiInstance(spec, body, inner, _repetition(loop))

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
                return SendTask(spec, facts, self._message_throw(node), name=name)
            case "receiveTask":
                return CatchEvent(spec, facts, self._message(node), name=name)
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
                return StartEvent(spec, facts, self._message(node))
            case "startEvent", _:
                return StartEvent(spec, facts)
            case "intermediateCatchEvent", "link":
                return LinkCatch(spec, facts)
            case "intermediateThrowEvent", "link":
                return self._link(spec, node, facts)
            case "intermediateCatchEvent", "timer":
                return CatchEvent(spec, facts, self.timer(node))
            case "intermediateCatchEvent", "message":
                return CatchEvent(spec, facts, self._message(node))
            case "intermediateCatchEvent", "signal":
                return CatchEvent(spec, facts, self._signal(node))
            case "endEvent" | "intermediateThrowEvent", _:
                return ThrowEvent(spec, facts, self._thrown(node))
        raise self.unsupported(node)

    def _thrown(self, node: graph.FlowNode) -> Throw | None:
        payload = Payload(_inputs(node.node))
        match node.trigger:
            case "none":
                return None
            case "message":
                return self._message_throw(node)
            case "signal":
                return SignalThrow(self._signal(node), payload)
            case "escalation":
                return CodeThrow(self._code(node, Kind.ESCALATION), payload)
            case "error" if node.kind == "endEvent":
                return CodeThrow(self._code(node, Kind.ERROR), payload)
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
                return self.timer(node)
            case "message":
                return self._message(node)
            case "signal":
                return self._signal(node)
            case "error":
                return self._code(node, Kind.ERROR)
            case "escalation":
                return self._code(node, Kind.ESCALATION)
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
                return self._message(node).name, None
            case "signal":
                return self._signal(node).name, None
            case "timer":
                return None, self.timer(node).expression
        return None, None

    def timer(self, node: graph.FlowNode) -> TimerTrigger:
        """Read a timer event definition."""
        definition = node.event_definitions[0]
        for kind in TimerKind:
            text = definition.find(kind.value)
            if text is not None and text.text.strip():
                return TimerTrigger(TimerExpression.compile(kind, text.text))
        raise ModelRefused(
            f"定时事件「{node.name or node.id}」没有写时间",
            f'The timer event "{node.name or node.id}" says no time',
            element_id=node.id,
        )

    # -- what events refer to ----------------------------------------------------------------------------------------

    def _message(self, node: graph.FlowNode) -> MessageTrigger:
        definition = node.event_definitions[0] if node.event_definitions else node.node
        message = self.model.definition("message", definition.get("messageRef"))
        name = (message.name or message.id) if message is not None else (node.name or node.id)
        self.messages.add(name)
        key = banjie(node.node).get("correlationKey") or (
            banjie(message.node).get("correlationKey") if message is not None else None
        )
        return MessageTrigger(
            name,
            self._properties(message.id) if message is not None else (),
            feel.compile(key) if key else None,
        )

    def _message_throw(self, node: graph.FlowNode) -> MessageThrow:
        return MessageThrow(self._message(node), Payload(_inputs(node.node)))

    def _signal(self, node: graph.FlowNode) -> SignalTrigger:
        signal = self.model.definition("signal", node.event_definitions[0].get("signalRef"))
        name = (signal.name or signal.id) if signal is not None else (node.name or node.id)
        self.signals.add(name)
        return SignalTrigger(name)

    def _code(self, node: graph.FlowNode, kind: Kind) -> CodeTrigger:
        definition = self.model.definition(kind.value, node.event_definitions[0].get(f"{kind.value}Ref"))
        if definition is None:
            return CodeTrigger(kind, None)
        return CodeTrigger(kind, definition.node.get(f"{kind.value}Code") or definition.name or definition.id)

    def _properties(self, message_id: str) -> tuple[CorrelationProperty, ...]:
        """The correlation properties that can be read from a message, with the keys to which they belong."""
        keys: dict[str, list[str]] = {}
        for key in (n for n in self.model.root.iter() if n.is_bpmn("correlationKey")):
            for reference in key.find_all("correlationPropertyRef"):
                keys.setdefault(reference.text.strip(), []).append(key.get("name") or key.get("id") or "")
        found = []
        for item in self.model.root.find_all("correlationProperty"):
            for retrieval in item.find_all("correlationPropertyRetrievalExpression"):
                path = retrieval.find("messagePath")
                if retrieval.get("messageRef") == message_id and path is not None and path.text.strip():
                    identifier = item.get("id") or ""
                    found.append(
                        CorrelationProperty(
                            item.get("name") or identifier,
                            tuple(keys.get(identifier, ())),
                            feel.compile(path.text.strip()),
                            self.bindings.get(identifier),
                        )
                    )
        return tuple(found)

    def _bindings(self) -> dict[str, feel.Expression]:
        """What the process expects of a correlation property (its correlation subscriptions)."""
        process = next((scope.node for scope in self.model.processes if scope.id == self.process_key), None)
        found = {}
        for subscription in process.find_all("correlationSubscription") if process is not None else ():
            for binding in subscription.find_all("correlationPropertyBinding"):
                path = binding.find("dataPath")
                if path is not None and path.text.strip():
                    found[binding.get("correlationPropertyRef") or ""] = feel.compile(path.text.strip())
        return found

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
        outcomes=outcomes_of(given.get("outcomes", "")),
        settings=_settings(given, _ASSIGNMENT),
    )


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


def _repetition(loop: XmlNode) -> Repetition:
    given = banjie(loop)
    reference = loop.find("loopDataInputRef")
    collection = given.get("collection") or (reference.text.strip() if reference is not None else "")
    item, output_item, output = (loop.find(n) for n in ("inputDataItem", "outputDataItem", "loopDataOutputRef"))
    output_element = given.get("outputElement") or _item_name(output_item)
    compiled = feel.compile(output_element) if output_element else None
    return Repetition(
        collection=feel.compile(collection) if collection else None,
        cardinality=_expression(loop.find("loopCardinality")),
        item=given.get("elementVariable") or _item_name(item) or None,
        output=given.get("outputCollection") or (output.text.strip() if output is not None else "") or None,
        output_item=compiled,
        declared=_declared(output_element),
        completion=_expression(loop.find("completionCondition")),
        sequential=loop.get("isSequential") == "true",
    )


def _item_name(node: XmlNode | None) -> str:
    return (node.get("name") or node.get("id") or "").strip() if node is not None else ""


def _declared(output_element: str) -> frozenset[str]:
    """An output element that is one name is at home in each instance, so that parallel instances do not share it."""
    name = output_element.strip().removeprefix("=").strip()
    return frozenset({name}) if name.isidentifier() else frozenset()
