"""Rules of repetition: multi-instance and standard loops."""

from typing import Final

from engine.bpmn.graph import FlowNode, ModelFile
from engine.bpmn.limits import MAX_INSTANCES
from engine.bpmn.report import CATALOGUE, ERROR, WARNING, Code, Notebook, clip
from engine.bpmn.xml import BANJIE, Node

CATALOGUE.add(
    Code(
        "loop-without-bounds",
        ERROR,
        "{it}是多实例，但没有次数也没有集合；请填写循环次数（loopCardinality）或集合（collection）",
        "{it} is multi-instance but has neither a cardinality nor a collection; give it one.",
        "BPMN 2.0 table 10.31: the number of instances comes from one of the two.",
    ),
    Code(
        "loop-ambiguous",
        ERROR,
        "{it}同时写了循环次数和集合；请只保留一个",
        "{it} has both a cardinality and a collection; keep one.",
        "BPMN 2.0 table 10.31: they are mutually exclusive.",
    ),
    Code(
        "loop-count-invalid",
        ERROR,
        "{it}的循环次数「{value}」不能用；请填 1 到 {limit} 的整数，或一个表达式",
        "{it}: the count “{value}” cannot be used; write a whole number from 1 to {limit}, or an expression.",
        "One multi-instance activity runs at most 1,000 instances.",
    ),
    Code(
        "loop-endless",
        ERROR,
        "{it}是循环，但没有循环条件也没有次数上限；请填写 loopCondition 或 loopMaximum",
        "{it} loops without a condition or a maximum; give it a loopCondition or a loopMaximum.",
        "BPMN 2.0 table 10.30: without either the loop would never end.",
    ),
    Code(
        "loop-both",
        ERROR,
        "{it}既是标准循环又是多实例；请只保留一种",
        "{it} is both a standard loop and multi-instance; keep one.",
        "BPMN 2.0 chapter 10.3.8: an activity has one kind of loop characteristics.",
    ),
    Code(
        "loop-output-incomplete",
        WARNING,
        "{it}的输出集合和输出元素要一起填写，只有一个时不会收集结果",
        "{it}: output collection and output element go together; with one of them nothing is collected.",
        "banjie:outputCollection names the variable that gets the list, banjie:outputElement what each instance gives.",
    ),
)

_COLLECTION: Final = f"{{{BANJIE}}}collection"


def check(model: ModelFile, book: Notebook) -> None:
    """Check every loop of one file."""
    for process in model.executable:
        for node in process.walk():
            if node.node.find("multiInstanceLoopCharacteristics") and node.node.find("standardLoopCharacteristics"):
                book.report("loop-both", node)
            elif node.loop is not None and node.loop.name == "multiInstanceLoopCharacteristics":
                _multi_instance(node, node.loop, book)
            elif node.loop is not None:
                _standard(node, node.loop, book)


def _multi_instance(node: FlowNode, loop: Node, book: Notebook) -> None:
    cardinality = loop.find("loopCardinality")
    has_count = cardinality is not None and bool(cardinality.text.strip())
    has_collection = bool(loop.get(_COLLECTION)) or loop.find("loopDataInputRef") is not None
    if has_count and has_collection:
        book.report("loop-ambiguous", node)
    elif not has_count and not has_collection:
        if cardinality is None:  # an empty expression is reported as such
            book.report("loop-without-bounds", node)
    elif cardinality is not None:
        _count(node, cardinality.text, book)
    element, collection = loop.get(f"{{{BANJIE}}}outputElement"), loop.get(f"{{{BANJIE}}}outputCollection")
    if bool(element) != bool(collection):
        book.report("loop-output-incomplete", node)


def _standard(node: FlowNode, loop: Node, book: Notebook) -> None:
    maximum = (loop.get("loopMaximum") or "").strip()
    condition = loop.find("loopCondition")
    if not maximum and condition is None:
        book.report("loop-endless", node)
    elif maximum:
        _count(node, maximum, book, literal=True)


def _count(node: FlowNode, text: str, book: Notebook, *, literal: bool = False) -> None:
    value = text.strip().removeprefix("=").strip().removeprefix("${").removesuffix("}").strip()
    number = value.removeprefix("-")
    if number.isascii() and number.replace(".", "", 1).isdigit():
        if not value.isdigit() or not 1 <= int(value) <= MAX_INSTANCES:
            book.report("loop-count-invalid", node, value=clip(value, 40), limit=MAX_INSTANCES)
    elif literal:
        book.report("loop-count-invalid", node, value=clip(value, 40), limit=MAX_INSTANCES)
