"""Rules of our own words: banjie: attributes that have no effect where they stand, or look misspelt."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Final

from engine.bpmn.graph import Element, ModelFile
from engine.bpmn.report import CATALOGUE, WARNING, Code, Notebook
from engine.bpmn.words import Words
from engine.bpmn.xml import BANJIE, Node
from engine.runtime.ballot_settings import NAMES

CATALOGUE.add(
    Code(
        "banjie-attribute-ignored",
        WARNING,
        "{it}上的 banjie:{name} 不起作用{near}；请删除，或写到有作用的元素上",
        "banjie:{name} has no effect on {it}{near}; remove it, or write it where it belongs.",
        "User and manual tasks, service and send tasks and the process itself take any banjie: attribute as a setting; other "
        "elements take only their own.",
    ),
    Code(
        "banjie-attribute-misspelt",
        WARNING,
        "{it}上的 banjie:{name} 会当作普通设置，引擎本身不认识；是否想写 banjie:{near}？",
        "banjie:{name} on {it} is passed on as a setting that the engine itself does not know; did you mean banjie:{near}?",
        "A setting of an unknown name is kept for pages and verbs; one that looks like a known name is probably misspelt.",
    ),
    Code(
        "starters-not-restricted",
        WARNING,
        "{it}的 banjie:{name} 不起作用：谁能发起由引擎的权限和事项设置决定；请在那里设置",
        "banjie:{name} of {it} has no effect: who may start is decided by the engine's rights and the item; set it there.",
        "candidateStarterUsers and candidateStarterGroups of Camunda 7 and Flowable.",
    ),
)

_PEOPLE: Final = frozenset(NAMES) | frozenset(
    "assignee candidateUsers candidateGroups formKey priority limit outcomes fields dueDate followUpDate category "
    "requireComment requireFields returnPolicy resubmit withdrawUntil cancelBarrier".split()
)
_SERVICE: Final = frozenset("verb resultVariable".split())
_EVENT: Final = frozenset({"correlationKey"})
# element kind -> the attributes that mean something there
_OWN: Final[Mapping[str, frozenset[str]]] = {
    "userTask": _PEOPLE,
    "manualTask": _PEOPLE,
    "serviceTask": _SERVICE,
    "sendTask": _SERVICE | _EVENT,
    "receiveTask": _EVENT,
    "subProcess": frozenset({"special", "planned", "reason"}),
    "startEvent": _EVENT | {"formKey", "initiator"},
    "intermediateCatchEvent": _EVENT,
    "intermediateThrowEvent": _EVENT,
    "endEvent": _EVENT,
    "boundaryEvent": _EVENT,
    "message": _EVENT,
    "multiInstanceLoopCharacteristics": frozenset("collection elementVariable outputCollection outputElement".split()),
}
_OPEN: Final = frozenset({"userTask", "manualTask", "serviceTask", "sendTask", "process"})  # any other is a setting
_STARTERS: Final = ("candidateStarterUsers", "candidateStarterGroups")


def check(model: ModelFile, book: Notebook) -> None:
    """Check the banjie: attributes of one file's executable processes and messages."""
    for process in model.executable:
        for name in _STARTERS:
            if process.node.get(f"{{{BANJIE}}}{name}"):
                book.report("starters-not-restricted", process, name=name)
        for node in process.node.iter():
            _attributes(model.file, node, book)
    for message in model.definitions["message"].values():
        _attributes(model.file, message.node, book)


def _attributes(file: str, node: Node, book: Notebook) -> None:
    own = _OWN.get(node.name, frozenset())
    for key in node.attributes:
        name = key.partition("}")[2]
        if not key.startswith(f"{{{BANJIE}}}") or name in own or not node.is_bpmn():
            continue
        near = get_close_matches(name, sorted(own), n=1, cutoff=0.8)
        if node.name not in _OPEN:
            hint = Words(f"（是否想写 banjie:{near[0]}？）", f" (did you mean banjie:{near[0]}?)") if near else ""
            book.report("banjie-attribute-ignored", _place(file, node), name=name, near=hint)
        elif near:
            book.report("banjie-attribute-misspelt", _place(file, node), name=name, near=near[0])


def _place(file: str, node: Node) -> Element:
    """Name the element that a designer sees: a loop by its activity."""
    if node.name == "multiInstanceLoopCharacteristics" and node.parent is not None:
        node = node.parent
    return Element(file, node, node.name)
