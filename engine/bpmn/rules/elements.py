"""Rules of what runs: elements, events and attributes that the engine does not know, each refused by name."""

from collections import Counter
from typing import Final

from engine.bpmn.graph import ACTIVITIES, BOOLEANS, FLOW_NODES, SUBPROCESSES, Element, FlowNode, ModelFile, Scope
from engine.bpmn.report import CATALOGUE, ERROR, INFO, WARNING, Code, Notebook, Spot, clip
from engine.bpmn.rules.support import Support, rows_of
from engine.bpmn.words import Words, kind_words
from engine.bpmn.xml import Node

CATALOGUE.add(
    Code(
        "element-unsupported",
        ERROR,
        "引擎不执行{it}{what}；{reason}",
        "The engine does not run {it}{what}; {reason}.",
        "docs/bpmn-support.md lists what runs. What does not run as BPMN 2.0 says is refused, never skipped.",
    ),
    Code(
        "element-unknown",
        ERROR,
        "{it}：BPMN 2.0 没有元素「{tag}」；请检查拼写，或删除它",
        "{it}: BPMN 2.0 has no element “{tag}”; check its spelling, or delete it.",
        "An element in BPMN's namespace that the standard does not define, or that does not belong there.",
    ),
    Code(
        "attribute-unsupported",
        ERROR,
        "{it}设置了 {attribute}=“{value}”，引擎只按默认值执行；请删除该属性",
        "{it} sets {attribute}=“{value}”, and the engine only runs the default; remove the attribute.",
        "startQuantity, completionQuantity and the throwing behaviour of multi-instance activities.",
    ),
    Code(
        "attribute-without-prefix",
        ERROR,
        "{it}设置了 {attribute}=“{value}”，但 BPMN 没有这个属性；请写上前缀（banjie:{attribute} 或建模工具自己的前缀）",
        "{it} sets {attribute}=“{value}”, which BPMN does not have; write its prefix (banjie:{attribute}, or that of the tool).",
        "An attribute of an engine, written as if it were BPMN's own: no engine reads it, so what was meant would not happen.",
    ),
    Code(
        "element-repeated",
        ERROR,
        "{it}里有{count}个 {tag}，BPMN 只允许一个；请合并或删除多余的",
        "{it} holds {count} elements {tag}, and BPMN allows one; merge them, or delete the others.",
        "Only the first would be read.",
    ),
    Code(
        "attribute-value-invalid",
        ERROR,
        "{it}设置了 {attribute}=“{value}”，应为 {allowed} 之一；请改正",
        "{it} sets {attribute}=“{value}”, which should be one of {allowed}; correct it.",
        "A value that BPMN's schema does not know. Reading it as the default would change how the process runs without a word.",
    ),
    Code(
        "not-executed",
        WARNING,
        "{it}：引擎不执行编排图（choreography）、会话图（conversation）和全局任务，只作说明",
        "{it}: choreographies, conversations and global tasks are not run, they are kept as documentation.",
        "BPMN 2.0 chapters 9, 11 and 12. Only processes run.",
    ),
    Code(
        "process-not-executable",
        INFO,
        "{it}不可执行（isExecutable 不是 true），只作说明，不会部署",
        "{it} is not executable; it is documentation and will not be deployed.",
        "In a collaboration the partner's pool is often drawn but not run.",
    ),
)

# What may stand inside a scope without running: BPMN's own documentation and structure.
_QUIET: Final = frozenset(
    {
        "documentation",
        "extensionElements",
        "incoming",
        "outgoing",
        "sequenceFlow",
        "laneSet",
        "textAnnotation",
        "association",
        "group",
        "dataObject",
        "dataObjectReference",
        "dataStoreReference",
        "property",
        "ioSpecification",
        "ioBinding",
        "dataInputAssociation",
        "dataOutputAssociation",
        "dataInput",
        "dataOutput",
        "inputSet",
        "outputSet",
        "auditing",
        "monitoring",
        "performer",
        "resourceRole",
        "humanPerformer",
        "potentialOwner",
        "correlationSubscription",
        "supports",
        "supportedInterfaceRef",
        "categoryValueRef",
        "rendering",
    }
)
_INSIDE: Final = {
    "scriptTask": frozenset({"script"}),
    "adHocSubProcess": frozenset({"completionCondition"}),
    "complexGateway": frozenset({"activationCondition"}),
}
_LOOPS: Final = frozenset({"multiInstanceLoopCharacteristics", "standardLoopCharacteristics"})
_ROOT_QUIET: Final = frozenset(
    {
        "documentation",
        "extensionElements",
        "import",
        "extension",
        "relationship",
        "process",
        "collaboration",
        "category",
        "correlationProperty",
        "dataStore",
        "endPoint",
        "error",
        "escalation",
        "interface",
        "itemDefinition",
        "message",
        "partnerEntity",
        "partnerRole",
        "resource",
        "signal",
    }
)
_BOOLEAN: Final = ("true", "false")
_CHOICES: Final = {"eventGatewayType": ("Exclusive", "Parallel")}
_SINGLE: Final = _LOOPS | frozenset(
    "conditionExpression script ioSpecification loopCardinality loopCondition completionCondition "
    "loopDataInputRef loopDataOutputRef inputDataItem outputDataItem".split()
)
# Of Camunda, Flowable, Zeebe and our own; none of them is an attribute of BPMN's flow nodes, flows or loops.
_ENGINES_WORDS: Final = frozenset(
    "assignee owner candidateUsers candidateGroups formKey formRef dueDate priority condition class expression "
    "delegateExpression topic resultVariable collection elementVariable initiator skipExpression verb limit outcomes".split()
)
_DIAGRAMS: Final = frozenset(
    {
        "choreography",
        "globalChoreographyTask",
        "conversation",
        "globalConversation",
        "globalTask",
        "globalUserTask",
        "globalManualTask",
        "globalScriptTask",
        "globalBusinessRuleTask",
    }
)


def check(model: ModelFile, book: Notebook) -> None:
    """Check one file against the table of support."""
    for child in model.root.children:
        if not child.is_bpmn() or child.name in _ROOT_QUIET or child.name.endswith("EventDefinition"):
            continue
        place = Element(model.file, child, child.name)
        if child.name in _DIAGRAMS:
            book.report("not-executed", place)
        else:
            book.report("element-unknown", place, tag=child.name)
    running = model.executable
    for process in model.processes:
        _values(process, process.node, book)
    for process in running:
        _scope(process, book)
    for process in model.processes:
        if running and process.nodes and process.node.get("isExecutable") != "true":
            book.report("process-not-executable", process)


def refuse(place: Element, row: Support, book: Notebook) -> bool:
    """Write that the engine does not run this, if so."""
    if row.refused is None:
        return False
    kind = kind_words(place.kind, getattr(place, "trigger", ""))
    what = Words("", "") if row.name == kind else Words(f"（{row.name.zh}）", f" ({row.name.en})")
    book.report("element-unsupported", place, what=what, reason=row.refused)
    return True


def _scope(scope: Scope, book: Notebook) -> None:
    for child in scope.node.children:
        known = child.name in FLOW_NODES or child.name in _QUIET or child.name in _INSIDE.get(scope.kind, ())
        if child.is_bpmn() and not known and child.name not in _LOOPS:
            book.report("element-unknown", Element(scope.file, child, child.name), tag=child.name)
    for node in scope.nodes:
        # In an ordinary subprocess the trigger of a start event is refused by another rule.
        if node.kind != "startEvent" or scope.parent is None or scope.parent.is_event_subprocess:
            for row in rows_of(node):
                refuse(node, row, book)
        _attributes(node, book)
        _content(node, book)
        if node.inner is not None:
            _scope(node.inner, book)
    for flow in scope.flows:
        _foreign(flow, flow.node, book)


def _values(place: Element, node: Node, book: Notebook) -> None:
    """Report attributes of an element whose value is none that BPMN knows."""
    for attribute, value in node.attributes.items():
        allowed = _BOOLEAN if attribute in BOOLEANS else _CHOICES.get(attribute)
        if allowed is not None and value not in allowed:
            words = {"attribute": attribute, "value": clip(value, 40), "allowed": ", ".join(allowed)}
            book.report("attribute-value-invalid", place, **words)


def _foreign(place: Element, node: Node, book: Notebook) -> None:
    """Report what an engine's words without their prefix, or a second element of its kind, would leave unread."""
    for attribute in _ENGINES_WORDS.intersection(node.attributes):
        value = clip(node.attributes[attribute], 40)
        book.report("attribute-without-prefix", place, attribute=attribute, value=value)
    counts = Counter(child.name for child in node.children if child.is_bpmn(*_SINGLE))
    for tag, count in counts.items():
        if count > 1:
            book.report("element-repeated", place, tag=tag, count=count)


def _attributes(node: FlowNode, book: Notebook) -> None:
    parts = [node.node, *node.event_definitions, *([] if node.loop is None else [node.loop])]
    for part in parts:
        _values(node, part, book)
        _foreign(node, part, book)
    if node.kind in ACTIVITIES:
        for attribute in ("startQuantity", "completionQuantity"):
            value = node.node.get(attribute, "1") or ""
            if value.strip() != "1":
                book.report("attribute-unsupported", node, attribute=attribute, value=value[:40])
    loop = node.loop
    if loop is not None and loop.get("behavior", "All") != "All":
        book.report("attribute-unsupported", node, attribute="behavior", value=(loop.get("behavior") or "")[:40])


def _content(node: FlowNode, book: Notebook) -> None:
    """What stands inside an element must be known too."""
    if node.kind in SUBPROCESSES:
        return
    for child in node.node.children:
        if not child.is_bpmn() or child.name.endswith("EventDefinition") or child.name in _QUIET | _LOOPS:
            continue
        if child.name in _INSIDE.get(node.kind, ()):
            continue
        spot = Spot(file=node.file, line=child.line, id=node.id, name=node.name, kind=node.kind)
        if child.name == "eventDefinitionRef":
            book.report("element-unknown", spot, tag=f"eventDefinitionRef {child.text.strip()}")
        else:
            book.report("element-unknown", spot, tag=child.name)
