"""Rules of BPMN's own words: parts and attributes that are misspelt or stand where BPMN does not read them."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Final

from engine.bpmn.graph import ACTIVITIES, BOOLEANS, FLOW_NODES, SUBPROCESSES, ModelFile
from engine.bpmn.report import CATALOGUE, ERROR, Code, Notebook, Place, Spot, clip
from engine.bpmn.xml import Node

CATALOGUE.add(
    Code(
        "attribute-misspelt",
        ERROR,
        "{it}设置了 {attribute}=“{value}”，BPMN 没有这个属性；是否想写 {near}？",
        "{it} sets {attribute}=“{value}”, which BPMN does not have; did you mean {near}?",
        "An attribute that looks like one that changes how the process runs. Read as if it were not there, the process would "
        "run otherwise than drawn.",
    ),
    Code(
        "attribute-misplaced",
        ERROR,
        "{it}设置了 {attribute}=“{value}”，但 BPMN 只在{where}上读它；请移到那里，或删除",
        "{it} sets {attribute}=“{value}”, which BPMN reads on {where} only; move it there, or remove it.",
        "An attribute with a meaning, written on an element that does not have it. Its default written out is no fault.",
    ),
)

_SEEN: Final = FLOW_NODES | {"process", "sequenceFlow", "lane"}
_ANYWHERE: Final = frozenset({"documentation", "extensionElements"})
# part of an element -> what may stand inside it
_INSIDE: Final[Mapping[str, frozenset[str]]] = {
    "multiInstanceLoopCharacteristics": frozenset(
        "loopCardinality loopDataInputRef loopDataOutputRef inputDataItem outputDataItem complexBehaviorDefinition "
        "completionCondition".split()
    ),
    "standardLoopCharacteristics": frozenset({"loopCondition"}),
    "sequenceFlow": frozenset({"conditionExpression", "auditing", "monitoring", "categoryValueRef"}),
    "timerEventDefinition": frozenset({"timeDate", "timeCycle", "timeDuration"}),
    "messageEventDefinition": frozenset({"operationRef"}),
    "linkEventDefinition": frozenset({"source", "target"}),
    "conditionalEventDefinition": frozenset({"condition"}),
    "signalEventDefinition": frozenset(),
    "errorEventDefinition": frozenset(),
    "escalationEventDefinition": frozenset(),
    "terminateEventDefinition": frozenset(),
    "cancelEventDefinition": frozenset(),
    "compensateEventDefinition": frozenset(),
}
# attribute that changes how a process runs -> the elements that have it
_OWNERS: Final[Mapping[str, frozenset[str]]] = {
    "attachedToRef": frozenset({"boundaryEvent"}),
    "behavior": frozenset({"multiInstanceLoopCharacteristics"}),
    "calledElement": frozenset({"callActivity"}),
    "cancelActivity": frozenset({"boundaryEvent"}),
    "completionQuantity": ACTIVITIES,
    "default": ACTIVITIES | {"exclusiveGateway", "inclusiveGateway", "complexGateway"},
    "eventGatewayType": frozenset({"eventBasedGateway"}),
    "instantiate": frozenset({"eventBasedGateway", "receiveTask"}),
    "isExecutable": frozenset({"process"}),
    "isForCompensation": ACTIVITIES,
    "isInterrupting": frozenset({"startEvent"}),
    "isSequential": frozenset({"multiInstanceLoopCharacteristics"}),
    "loopMaximum": frozenset({"standardLoopCharacteristics"}),
    "parallelMultiple": frozenset({"startEvent", "intermediateCatchEvent", "boundaryEvent"}),
    "startQuantity": ACTIVITIES,
    "testBefore": frozenset({"standardLoopCharacteristics"}),
    "triggeredByEvent": SUBPROCESSES,
}
_DEFAULTS: Final = {
    **dict.fromkeys(BOOLEANS, "false"),
    "behavior": "All",
    "cancelActivity": "true",
    "completionQuantity": "1",
    "eventGatewayType": "Exclusive",
    "isInterrupting": "true",
    "startQuantity": "1",
}
# The others that matter when they are misspelt, and those of BPMN that must not be taken for a misspelling of these.
_MATTER: Final = {
    word.lower(): word for word in (*_OWNERS, "errorRef", "escalationRef", "messageRef", "signalRef", "scriptFormat")
}
_LONGEST: Final = 40  # comparing letter by letter is slow
_MOST_COMPARED: Final = 200  # different unknown names of one file
_KNOWN: Final = frozenset(_MATTER.values()) | frozenset(
    "id name method ordering cancelRemainingInstances capacity activityRef waitForCompletion implementation "
    "operationRef sourceRef targetRef isImmediate isCollection isClosed isUnlimited isRequired gatewayDirection "
    "noneBehaviorEventRef oneBehaviorEventRef itemSubjectRef dataObjectRef dataStoreRef processType language "
    "evaluatesToTypeRef definitionalCollaborationRef".split()
)


def check(model: ModelFile, book: Notebook) -> None:
    """Check the words of one file's executable processes."""
    seen: dict[str, str] = {}
    for process in model.executable:
        for node in process.node.iter():
            if node.is_bpmn():
                _parts(model.file, node, book)
                _attributes(model.file, node, seen, book)


def place_of(file: str, part: Node) -> Place:
    """Name a part (a loop, an event definition) by the element around it, which is what the designer sees."""
    owner = part
    while owner.parent is not None and not (owner.get("id") and owner.name in _SEEN):
        owner = owner.parent
    return Spot(file=file, line=part.line, id=owner.get("id") or "", name=owner.get("name") or "", kind=owner.name)


def _parts(file: str, node: Node, book: Notebook) -> None:
    allowed = _INSIDE.get(node.name)
    if allowed is None:
        return
    for child in node.children:
        if child.is_bpmn() and child.name not in allowed | _ANYWHERE:
            book.report("element-unknown", place_of(file, child), tag=child.name)


def _attributes(file: str, node: Node, seen: dict[str, str], book: Notebook) -> None:
    for attribute, value in _unprefixed(node):
        owners = _OWNERS.get(attribute)
        if owners is not None and node.name not in owners and value.strip() != _DEFAULTS.get(attribute):
            words = {"attribute": attribute, "value": clip(value, 40), "where": _places(owners)}
            book.report("attribute-misplaced", place_of(file, node), **words)
        elif attribute not in _KNOWN and (near := _near(attribute, seen)) and near not in node.attributes:
            words = {"attribute": attribute, "value": clip(value, 40), "near": near}
            book.report("attribute-misspelt", place_of(file, node), **words)


def _places(owners: frozenset[str]) -> str:
    """The elements that have an attribute; all activities are told in one word."""
    if owners >= ACTIVITIES:
        return ", ".join([*sorted(owners - ACTIVITIES), "activity"])
    return ", ".join(sorted(owners))


def _near(attribute: str, seen: dict[str, str]) -> str:
    """The attribute of BPMN that was meant, "" if none looks like it. ``seen`` holds the answers for this file."""
    if attribute not in seen:
        near = []
        if len(attribute) <= _LONGEST and len(seen) < _MOST_COMPARED:
            near = get_close_matches(attribute.lower(), _MATTER, n=1, cutoff=0.85)
        seen[attribute] = _MATTER[near[0]] if near else ""
    return seen[attribute]


def _unprefixed(node: Node) -> Iterator[tuple[str, str]]:
    return ((key, value) for key, value in node.attributes.items() if key[0] != "{")
