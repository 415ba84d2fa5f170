"""Repairs of names, with consent: the message, signal, error or escalation of an event that names none, or one without a name.

What a message flow joins speaks of one message: both of its ends get the same.
"""

from collections import Counter
from typing import Final

from engine.bpmn.graph import DEFINITIONS, EVENT_DEFINITION, Element, FlowNode, ModelFile
from engine.bpmn.report import CATALOGUE, ERROR, Code, Ledger
from engine.bpmn.words import Words, kind_words
from engine.bpmn.xml import BPMN, Node

CATALOGUE.add(
    Code(
        "name-missing",
        ERROR,
        "{what}「{id}」没有名称，引擎按名称收发；请填写名称",
        "The {what} “{id}” has no name, and the engine matches by name; give it one.",
        "Messages and signals are matched by their names, errors and escalations by their codes (or names).",
        Words("用「{chosen}」作名称", "it is named “{chosen}”."),
    ),
    Code(
        "reference-missing",
        ERROR,
        "{it}没有指明{what}；请在属性里选择或新建一个{what}",
        "{it} does not say which {what}; choose or create one in its properties.",
        "An event that throws or awaits needs its message, signal, error or escalation. Only catching any error or any "
        "escalation works without.",
        Words("新建名为「{chosen}」的{what}", "a new {what} named “{chosen}” is created."),
    ),
    Code(
        "definition-missing",
        ERROR,
        "{it}引用的{what}「{chosen}」在文件里没有定义；请在属性里选择或新建",
        "{it} refers to the {what} “{chosen}”, which the file does not define; choose or create one in its properties.",
        "Flowable and Activiti take the reference for the name or code itself; BPMN wants a definition.",
        Words("新建{what}，以「{chosen}」为名称", "the {what} is created, named “{chosen}”."),
    ),
    Code(
        "message-of-flow",
        ERROR,
        "{it}没有指明消息，但消息流连着它；请在属性里选择消息「{chosen}」",
        "{it} does not say which message, but a message flow is drawn to it; choose the message “{chosen}” in its properties.",
        "Sender and receiver find each other by the name of the message; the line between them alone names nothing.",
        Words("采用消息流另一端的消息「{chosen}」", "it gets the message “{chosen}” of the message flow."),
    ),
)

_CATCH_ALL: Final = frozenset({"error", "escalation"})
_THROWING: Final = frozenset({"sendTask", "intermediateThrowEvent", "endEvent"})


class Ids:
    """Gives new elements ids that the file does not use."""

    def __init__(self, model: ModelFile) -> None:
        self.used = set(model.elements)
        self.last: Counter[str] = Counter()

    def new(self, stem: str) -> str:
        while True:
            self.last[stem] += 1
            identifier = f"{stem}-{self.last[stem]}"
            if identifier not in self.used:
                return identifier


def names_message(model: ModelFile, task: FlowNode) -> bool:
    """Does a send task say what it sends, itself or by the one message flow that leaves it?"""
    return bool(task.node.get("messageRef")) or _message_flow(model, task) is not None


def name_events(model: ModelFile, node: FlowNode, ids: Ids, ledger: Ledger) -> None:
    """Propose a definition for every event of a node that has none, and a name for every definition without one."""
    holders = [(d, d.name.removesuffix(EVENT_DEFINITION)) for d in node.event_definitions]
    if node.kind == "receiveTask" or (node.kind == "sendTask" and names_message(model, node)):
        holders = [(node.node, "message")]
    for holder, kind in holders:
        if kind not in DEFINITIONS:
            continue
        reference = holder.get(f"{kind}Ref")
        if reference is None:
            if kind in _CATCH_ALL and node.kind in ("boundaryEvent", "startEvent"):
                continue
            if kind != "message" or not _take_from_flow(model, node, holder, ledger):
                _create(model, node, holder, kind, ids, ledger)
        elif reference not in model.elements:
            _create(model, node, holder, kind, ids, ledger)
        else:
            definition = model.definition(kind, reference)
            if definition is not None and not definition.name and not _code(definition):
                words = {"what": kind_words(kind), "id": definition.id, "chosen": definition.id}
                if ledger.propose("name-missing", definition, **words):
                    definition.node.attributes["name"] = definition.id


def _code(definition: Element) -> str:
    return definition.node.get("errorCode") or definition.node.get("escalationCode") or ""


def _create(model: ModelFile, node: FlowNode, holder: Node, kind: str, ids: Ids, ledger: Ledger) -> None:
    reference = holder.get(f"{kind}Ref")
    if reference:  # Flowable and Activiti take an unknown reference for the code or name itself
        chosen = identifier = reference
        agreed = ledger.propose("definition-missing", node, what=kind_words(kind), chosen=chosen)
    else:
        chosen, identifier = " ".join(node.name.split()) or node.id, ids.new(f"added-{kind}")
        agreed = ledger.propose("reference-missing", node, what=kind_words(kind), chosen=chosen)
    if not agreed:
        return
    attributes = {"id": identifier, "name": chosen}
    if kind in _CATCH_ALL:
        attributes[f"{kind}Code"] = chosen
    position = next((i for i, c in enumerate(model.root.children) if c.is_bpmn("process")), 0)
    definition = model.root.insert(position, Node(BPMN, kind, attributes, line=node.line))
    model.definitions[kind][identifier] = Element(model.file, definition, kind)
    model.elements[identifier] = definition
    holder.attributes[f"{kind}Ref"] = identifier
    conversation = _message_flow(model, node) if kind == "message" else None
    if conversation is not None:
        conversation.attributes.setdefault("messageRef", identifier)


def _take_from_flow(model: ModelFile, node: FlowNode, holder: Node, ledger: Ledger) -> bool:
    """Propose the message that the message flow names, or that its other end has; was there one?"""
    conversation = _message_flow(model, node)
    if conversation is None:
        return False
    other = model.elements.get(conversation.get("sourceRef" if node.kind not in _THROWING else "targetRef") or "")
    definition = other.find("messageEventDefinition") if other is not None else None
    named = [each.get("messageRef") for each in (conversation, other, definition) if each is not None]
    message = next((found for ref in named if (found := model.definition("message", ref)) is not None), None)
    if message is None:
        return False
    if ledger.propose("message-of-flow", node, chosen=message.name or message.id):
        holder.attributes["messageRef"] = message.id
    return True


def _message_flow(model: ModelFile, node: FlowNode) -> Node | None:
    """The message flow that leaves a throwing element, or comes to a catching one, when there is exactly one."""
    end = "sourceRef" if node.kind in _THROWING else "targetRef"
    diagrams = model.root.find_all("collaboration")
    found = [flow for each in diagrams for flow in each.find_all("messageFlow") if flow.get(end) == node.id]
    return found[0] if len(found) == 1 else None
