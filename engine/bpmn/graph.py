"""The model as a graph: scopes, flow nodes, flows and definitions over the XML tree, built tolerantly for the rules to judge."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from engine.bpmn.xml import Node
from engine.records import record

TASKS: Final = frozenset(
    {
        "task",
        "userTask",
        "manualTask",
        "scriptTask",
        "serviceTask",
        "sendTask",
        "receiveTask",
        "businessRuleTask",
    }
)
SUBPROCESSES: Final = frozenset({"subProcess", "transaction", "adHocSubProcess"})
ACTIVITIES: Final = TASKS | SUBPROCESSES | {"callActivity"}
GATEWAYS: Final = frozenset(
    {"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway", "complexGateway"}
)
EVENTS: Final = frozenset(
    {"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"}
)
FLOW_NODES: Final = ACTIVITIES | GATEWAYS | EVENTS
DEFINITIONS: Final = frozenset({"message", "signal", "error", "escalation"})
_MOST_LINKS: Final = 10
EVENT_DEFINITION: Final = "EventDefinition"
BOOLEANS: Final = frozenset(  # attributes that are true or false
    {
        "cancelActivity",
        "instantiate",
        "isExecutable",
        "isForCompensation",
        "isInterrupting",
        "isSequential",
        "parallelMultiple",
        "testBefore",
        "triggeredByEvent",
    }
)


@dataclass(eq=False, slots=True)
class Element:
    """One BPMN element of a file."""

    file: str
    node: Node
    kind: str

    @property
    def id(self) -> str:
        return self.node.get("id") or ""

    @property
    def name(self) -> str:
        return self.node.get("name") or ""

    @property
    def line(self) -> int:
        return self.node.line


@dataclass(eq=False, slots=True)
class Flow(Element):
    """A sequence flow with both ends; one with a dangling end is no Flow but a ``Dangling``."""

    source: "FlowNode"
    target: "FlowNode"

    @property
    def condition(self) -> Node | None:
        return self.node.find("conditionExpression")

    @property
    def is_default(self) -> bool:
        return bool(self.id) and self.source.node.get("default") == self.id


@dataclass(eq=False, slots=True)
class FlowNode(Element):
    """An activity, gateway or event. ``inner`` is what is inside a subprocess, ``boundaries`` what sits on its edge."""

    scope: "Scope"
    incoming: list[Flow] = field(default_factory=list)
    outgoing: list[Flow] = field(default_factory=list)
    boundaries: list["FlowNode"] = field(default_factory=list)
    host: "FlowNode | None" = None
    links: list["FlowNode"] = field(default_factory=list)  # of a link throw event: the catch events of the same name
    inner: "Scope | None" = None
    lane: str | None = None

    @property
    def event_definitions(self) -> list[Node]:
        """The event definitions in the element, in document order."""
        return [c for c in self.node.children if c.is_bpmn() and c.name.endswith(EVENT_DEFINITION)]

    @property
    def trigger(self) -> str:
        """The kind of event: "none", "message", "timer"..., "multiple" or "parallelMultiple"."""
        definitions = self.event_definitions
        if not definitions:
            return "none"
        if len(definitions) > 1:
            return "parallelMultiple" if self.node.get("parallelMultiple") == "true" else "multiple"
        return definitions[0].name.removesuffix(EVENT_DEFINITION)

    @property
    def is_event_subprocess(self) -> bool:
        return self.kind == "subProcess" and self.node.get("triggeredByEvent") == "true"

    @property
    def is_for_compensation(self) -> bool:
        return self.node.get("isForCompensation") == "true"

    @property
    def interrupts(self) -> bool:
        """Does this boundary event end its host?"""
        return self.node.get("cancelActivity") != "false"

    @property
    def loop(self) -> Node | None:
        """The loop characteristics, if the activity has any."""
        return self.node.find("multiInstanceLoopCharacteristics") or self.node.find("standardLoopCharacteristics")

    @property
    def link_name(self) -> str:
        """The name by which link events find each other."""
        definitions = self.event_definitions
        return " ".join((definitions[0].get("name") or "").split()) if definitions else ""

    @property
    def successors(self) -> list["FlowNode"]:
        """Where a token may go from here: along the flows, out by a boundary event, or over to a link catch event."""
        return [*(flow.target for flow in self.outgoing), *self.boundaries, *self.links]


@dataclass(eq=False, slots=True)
class Scope(Element):
    """A process or the inside of a subprocess: what starts, runs and ends together."""

    parent: FlowNode | None = None
    nodes: list[FlowNode] = field(default_factory=list)
    flows: list[Flow] = field(default_factory=list)

    def of_kind(self, *kinds: str) -> list[FlowNode]:
        return [node for node in self.nodes if node.kind in kinds]

    def walk(self) -> Iterator[FlowNode]:
        """All flow nodes of this scope and of the scopes inside it, in document order."""
        for node in self.nodes:
            yield node
            if node.inner is not None:
                yield from node.inner.walk()

    def scopes(self) -> Iterator["Scope"]:
        """This scope and all scopes inside it."""
        yield self
        for node in self.nodes:
            if node.inner is not None:
                yield from node.inner.scopes()


@record(kw_only=False)
class Dangling:
    """A reference that leads nowhere, or (``crosses``) into another scope where it must not lead."""

    element: Element
    attribute: str
    value: str
    crosses: bool = False


@dataclass(eq=False, slots=True)
class ModelFile:
    """One uploaded file as a graph."""

    file: str
    root: Node
    processes: list[Scope] = field(default_factory=list)
    definitions: dict[str, dict[str, Element]] = field(default_factory=dict)  # kind -> id -> message, signal...
    elements: dict[str, Node] = field(default_factory=dict)  # every BPMN element that has an id; the first one wins
    dangling: list[Dangling] = field(default_factory=list)

    @property
    def executable(self) -> list[Scope]:
        return [process for process in self.processes if process.node.get("isExecutable") == "true"]

    def definition(self, kind: str, reference: str | None) -> Element | None:
        """Return the message, signal, error or escalation of that id."""
        return self.definitions[kind].get(reference or "")


def build(file: str, root: Node) -> ModelFile:
    """Build the graph of a ``definitions`` element. Never fails: what does not fit is left out and noted as dangling."""
    model = ModelFile(file, root, definitions={kind: {} for kind in DEFINITIONS})
    for node in root.iter():
        if node.is_bpmn() and (identifier := node.get("id")):
            model.elements.setdefault(identifier, node)
    for child in root.children:
        if child.is_bpmn("process"):
            process = Scope(file, child, "process")
            _fill(model, process)
            model.processes.append(process)
        elif child.is_bpmn(*DEFINITIONS):
            definition = Element(file, child, child.name)
            model.definitions[child.name].setdefault(definition.id, definition)
    return model


def _fill(model: ModelFile, scope: Scope) -> None:
    by_id: dict[str, FlowNode] = {}
    for child in scope.node.children:
        if not child.is_bpmn(*FLOW_NODES):
            continue
        node = FlowNode(scope.file, child, child.name, scope)
        scope.nodes.append(node)
        if node.id:
            by_id.setdefault(node.id, node)
        if child.name in SUBPROCESSES:
            node.inner = Scope(scope.file, child, child.name, parent=node)
            _fill(model, node.inner)
    for child in scope.node.find_all("sequenceFlow"):
        _connect(model, scope, child, by_id)
    for node in scope.of_kind("boundaryEvent"):
        _attach(model, node, by_id)
    _link(scope)
    lane_sets = scope.node.find_all("laneSet")
    # Some tools list what is inside of subprocesses too; a subprocess's own lanes come first.
    listed = {node.id: node for node in scope.walk() if node.scope is scope or node.lane is None} if lane_sets else {}
    for lane_set in lane_sets:
        _assign_lanes(model, scope, lane_set, listed)


def _connect(model: ModelFile, scope: Scope, child: Node, by_id: dict[str, FlowNode]) -> None:
    ends: list[FlowNode] = []
    for attribute in ("sourceRef", "targetRef"):
        reference = child.get(attribute) or ""
        if reference in by_id:
            ends.append(by_id[reference])
        else:
            elsewhere = model.elements.get(reference)
            crosses = elsewhere is not None and elsewhere.name in FLOW_NODES
            model.dangling.append(Dangling(Element(scope.file, child, "sequenceFlow"), attribute, reference, crosses))
    if len(ends) == 2:
        flow = Flow(scope.file, child, "sequenceFlow", ends[0], ends[1])
        scope.flows.append(flow)
        ends[0].outgoing.append(flow)
        ends[1].incoming.append(flow)


def _attach(model: ModelFile, node: FlowNode, by_id: dict[str, FlowNode]) -> None:
    reference = node.node.get("attachedToRef") or ""
    host = by_id.get(reference)
    if host is None:
        crosses = reference in model.elements and model.elements[reference].name in ACTIVITIES
        model.dangling.append(Dangling(node, "attachedToRef", reference, crosses))
        return
    node.host = host
    host.boundaries.append(node)


def _link(scope: Scope) -> None:
    catches: dict[str, list[FlowNode]] = {}
    for node in scope.of_kind("intermediateCatchEvent"):
        if node.trigger == "link":
            catches.setdefault(node.link_name, []).append(node)
    for node in scope.of_kind("intermediateThrowEvent"):
        if node.trigger == "link":
            # A link has one target. Of many, all of them wrong, a few are enough to say so.
            node.links = catches.get(node.link_name, [])[:_MOST_LINKS]


def _assign_lanes(model: ModelFile, scope: Scope, lane_set: Node, by_id: dict[str, FlowNode]) -> None:
    for lane in lane_set.find_all("lane"):
        for reference in lane.find_all("flowNodeRef"):
            identifier = reference.text.strip()
            if identifier in by_id:
                by_id[identifier].lane = lane.get("name") or lane.get("id")
            elif identifier not in model.elements:
                model.dangling.append(Dangling(Element(scope.file, lane, "lane"), "flowNodeRef", identifier))
        for child in lane.find_all("childLaneSet"):  # the innermost lane wins
            _assign_lanes(model, scope, child, by_id)


def inherited_lane(node: FlowNode) -> str | None:
    """Return the lane of the node, or of the nearest subprocess around it that stands in one."""
    current: FlowNode | None = node
    while current is not None:
        if current.lane is not None:
            return current.lane
        current = current.scope.parent
    return None
