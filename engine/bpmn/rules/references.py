"""Rules of identity: ids that are missing or used twice, and references that lead nowhere."""

import re
from collections.abc import Sequence
from typing import Final

from engine.bpmn.graph import DEFINITIONS, FLOW_NODES, SUBPROCESSES, Element, ModelFile
from engine.bpmn.report import CATALOGUE, ERROR, WARNING, Code, Notebook, clip
from engine.bpmn.words import Words, kind_words
from engine.bpmn.xml import Node
from engine.feel import is_expression

CATALOGUE.add(
    Code(
        "id-missing",
        ERROR,
        "{it}没有 id；请给它一个唯一的 id",
        "{it} has no id; give it one that is unique.",
        "Everything that runs is known by its id: in the history, on the diagram and in the state of running instances.",
    ),
    Code(
        "id-too-long",
        ERROR,
        "{it}的 id 超过 {limit} 个字符；请改短",
        "The id of {it} is longer than {limit} characters; shorten it.",
        "Ids are stored with every step of the history.",
    ),
    Code(
        "id-invalid",
        ERROR,
        "{it}的 id「{id}」含有空格、看不见的字符或 # / ? % \\ 之一，或者只是点；请改用字母、汉字、数字、点、横线和下划线",
        "{it} has the id “{id}”, with a blank, an invisible character or one of # / ? % \\ in it, or it is only dots; use "
        "letters, digits, dots, dashes and underscores.",
        "Ids stand in addresses of pages and of the API; XML allows none of these characters in them.",
    ),
    Code(
        "id-duplicate",
        ERROR,
        "id「{id}」在第{first}行已经用过；请给{it}换一个 id",
        "The id “{id}” is already used in line {first}; give {it} another one.",
        "XML and BPMN ids are unique within a file. References to a doubled id would be ambiguous.",
    ),
    Code(
        "id-duplicate-across-files",
        ERROR,
        "{it}的 id「{id}」与文件 {other} 第{first}行的流程或子流程相同；请改其中一个",
        "{it} has the id “{id}”, as has a process or subprocess in {other}, line {first}; change one of them.",
        "Processes and subprocesses of one deployment share one space of ids.",
    ),
    Code(
        "reference-dangling",
        ERROR,
        "{it}的 {attribute} 指向不存在的{what}「{value}」；请重新选择或连线",
        "{it}: {attribute} refers to {what} “{value}”, which does not exist; choose or connect it again.",
        "A reference to an id that the file does not contain, usually left behind by an edit outside the modeller.",
    ),
    Code(
        "reference-empty",
        ERROR,
        "{it}没有 {attribute}；请重新连线",
        "{it} has no {attribute}; connect it again.",
        "A sequence flow needs both ends, a boundary event its activity.",
    ),
    Code(
        "reference-wrong-kind",
        ERROR,
        "{it}的 {attribute}「{value}」不是{what}；请重新选择",
        "{it}: {attribute} “{value}” is not a {what}; choose again.",
        "The id exists but belongs to another kind of element.",
    ),
    Code(
        "event-name-dynamic",
        ERROR,
        "{it}的{what}“{value}”含有表达式；名称和代码在部署时固定，请写死，要区分实例请用关联键（correlationKey）",
        "{it}: the {what} “{value}” holds an expression, but names and codes are fixed at deployment; write it out, and tell "
        "instances apart by a correlation key.",
        "Camunda and Flowable evaluate names of messages and signals; taken literally nobody would ever send such a name.",
    ),
    Code(
        "flow-crosses-scope",
        ERROR,
        "{it}穿过了子流程或泳池的边界（{attribute}「{value}」）；请在子流程内外各自连线，或改用消息",
        "{it} crosses the border of a subprocess or pool ({attribute} “{value}”); connect inside and outside separately, or "
        "send a message.",
        "BPMN 2.0 chapter 7.6.1: a sequence flow stays within its process and subprocess.",
    ),
    Code(
        "lane-reference-dangling",
        WARNING,
        "{it}列出了不存在的节点「{value}」；请在建模工具里重新保存",
        "{it} lists the node “{value}”, which does not exist; save the file again in a modeller.",
        "Harmless when running, but the file was probably edited by hand.",
    ),
)

MAX_ID: Final = 120
_NEED_IDS: Final = FLOW_NODES | {"process", "message", "signal", "error", "escalation"}
_ADDRESSED: Final = FLOW_NODES | {"process", "sequenceFlow"}
# Blanks, what addresses are made of, and characters that cannot be seen or turn the text around them.
_NOT_IN_IDS: Final = re.compile(r"[\s#/?%\\\x00-\x1f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]|^\.{1,2}$")
# attribute -> the kinds of element it may name
_TARGETS: Final = {
    "messageRef": ("message",),
    "signalRef": ("signal",),
    "errorRef": ("error",),
    "escalationRef": ("escalation",),
}


def check(files: Sequence[ModelFile], book: Notebook) -> None:
    """Check every file alone, then the ids that all files share."""
    for model in files:
        _ids(model, book)
        _dangling(model, book)
        for process in model.executable:
            _references(model, process.node, book)
            _dynamic_names(model, process.node, book)
        if model.executable:
            _correlation(model, book)
    _across(files, book)


def _dynamic_names(model: ModelFile, root: Node, book: Notebook) -> None:
    """A name or code that is an expression elsewhere would be taken literally here."""
    used = {node.get(f"{kind}Ref") for node in root.iter() for kind in DEFINITIONS}
    for kind, definitions in model.definitions.items():
        for definition in (each for each in definitions.values() if each.id in used):
            codes = {"name": Words("名称", "name"), f"{kind}Code": Words("代码", "code")}
            if kind in ("error", "escalation") and definition.node.get(f"{kind}Code"):
                del codes["name"]  # it is only shown
            for attribute, what in codes.items():
                value = definition.node.get(attribute) or ""
                if is_expression(value) or "${" in value or "#{" in value:
                    book.report("event-name-dynamic", definition, what=what, value=clip(value))


def _correlation(model: ModelFile, book: Notebook) -> None:
    """What correlation refers to must exist: otherwise a message would be given to whoever waits for its name."""
    for node in model.root.iter():
        if node.is_bpmn("correlationPropertyRetrievalExpression"):
            _target(model, Element(model.file, node, node.name), "messageRef", node.get("messageRef"), "message", book)
        elif node.is_bpmn("correlationPropertyBinding"):
            reference = node.get("correlationPropertyRef")
            place = Element(model.file, node, node.name)
            _target(model, place, "correlationPropertyRef", reference, "correlationProperty", book)
        elif node.is_bpmn("correlationKey"):
            for child in node.find_all("correlationPropertyRef"):
                place = Element(model.file, node, node.name)
                _target(model, place, child.name, child.text.strip(), "correlationProperty", book)


def _target(model: ModelFile, place: Element, attribute: str, value: str | None, kind: str, book: Notebook) -> None:
    """Report a reference that is empty, or leads to nothing of its kind."""
    target = model.elements.get(value or "")
    if not value:
        book.report("reference-empty", place, attribute=attribute)
    elif target is None or target.name != kind:
        code = "reference-dangling" if target is None else "reference-wrong-kind"
        book.report(code, place, attribute=attribute, value=value, what=kind_words(kind))


def _ids(model: ModelFile, book: Notebook) -> None:
    seen: dict[str, Node] = {}
    for node in model.root.iter():
        if not node.is_bpmn():
            continue
        identifier = (node.get("id") or "").strip()
        place = Element(model.file, node, node.name)
        if not identifier:
            if node.name in _NEED_IDS:
                book.report("id-missing", place)
        elif len(identifier) > MAX_ID:
            book.report("id-too-long", place, limit=MAX_ID)
        elif node.name in _ADDRESSED and _NOT_IN_IDS.search(identifier):
            book.report("id-invalid", place, id=clip(identifier, 60))
        elif identifier in seen:
            book.report("id-duplicate", place, id=identifier, first=seen[identifier].line)
        else:
            seen[identifier] = node


def _across(files: Sequence[ModelFile], book: Notebook) -> None:
    seen: dict[str, Element] = {}
    for model in files:
        for process in model.executable:
            inner = [s.parent for s in process.scopes() if s.parent is not None and s.parent.kind in SUBPROCESSES]
            for place in (process, *inner):
                first = seen.setdefault(place.id, place)
                if first.file != place.file:
                    book.report("id-duplicate-across-files", place, id=place.id, other=first.file, first=first.line)


def _dangling(model: ModelFile, book: Notebook) -> None:
    running = {id(p.node) for p in model.executable}
    for item in model.dangling:
        if not _within(item.element.node, running):
            continue
        words = {"attribute": item.attribute, "value": item.value}
        if item.attribute == "flowNodeRef":
            book.report("lane-reference-dangling", item.element, **words)
        elif not item.value:
            book.report("reference-empty", item.element, attribute=item.attribute)
        elif item.crosses:
            book.report("flow-crosses-scope", item.element, **words)
        elif item.value in model.elements:
            what = (
                Words("可附着的活动", "activity") if item.attribute == "attachedToRef" else Words("节点", "flow node")
            )
            book.report("reference-wrong-kind", item.element, what=what, **words)
        else:
            what = Words("活动", "an activity") if item.attribute == "attachedToRef" else Words("节点", "a node")
            book.report("reference-dangling", item.element, what=what, **words)


def _within(node: Node, roots: set[int]) -> bool:
    current: Node | None = node
    while current is not None:
        if id(current) in roots:
            return True
        current = current.parent
    return False


def _references(model: ModelFile, root: Node, book: Notebook) -> None:
    for node in root.iter():
        if not node.is_bpmn():
            continue
        for attribute, kinds in _TARGETS.items():
            value = node.get(attribute)
            if value is None:
                continue
            # An event definition is shown as its event: that is what the designer sees.
            owner = node.parent if node.name.endswith("EventDefinition") and node.parent is not None else node
            place = Element(model.file, owner, owner.name)
            target = model.elements.get(value)
            if target is None:
                what = kind_words(kinds[0])
                book.report("reference-dangling", place, attribute=attribute, value=value, what=what)
            elif target.name not in kinds:
                book.report("reference-wrong-kind", place, attribute=attribute, value=value, what=kind_words(kinds[0]))
