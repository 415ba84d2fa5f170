"""Rules of special procedures 特别程序: a subprocess marked with banjie:special, and the time that the applicant is told."""

from typing import Final

from engine.approval.suspension import ART_45, SuspensionKind
from engine.bpmn.graph import FlowNode, ModelFile
from engine.bpmn.report import CATALOGUE, ERROR, WARNING, Code, Notebook, clip
from engine.bpmn.rules.tasks import banjie
from engine.calendar import Limit
from engine.errors import InvalidInput
from engine.feel import is_expression

CATALOGUE.add(
    Code(
        "special-unknown",
        ERROR,
        "{it}的特别程序「{value}」不认识；可用：{known}",
        "{it}: there is no special procedure “{value}”; use one of {known}.",
        "The first eight are the closed list of art. 45 of the licence law and stop every clock; the others are local grounds "
        "and stop the promised clock only.",
    ),
    Code(
        "special-without-time",
        ERROR,
        "{it}是{kind}，应当书面告知申请人所需时间（行政许可法第四十五条）；请写 banjie:planned，例如 10wd",
        "{it} is a procedure of art. 45, of which the applicant is told how long it takes; write banjie:planned, such as 10wd "
        "({kind}).",
        "The clocks stand no longer than the planned time, unless it is extended in writing.",
    ),
    Code(
        "special-time-invalid",
        ERROR,
        "{it}的计划时间「{value}」写法不对；例：10wd（工作日）、20nd（自然日），或表达式",
        "{it}: the planned time “{value}” cannot be read; examples: 10wd (working days), 20nd (natural days), or an expression.",
        "A limit of at least one unit; hours are not used for suspensions.",
    ),
    Code(
        "special-time-ignored",
        WARNING,
        "{it}写了 banjie:planned，但没有 banjie:special，不会暂停任何时限；请写明特别程序，或删除",
        "{it} has banjie:planned but no banjie:special and suspends nothing; name the special procedure, or remove it.",
        "planned belongs to special.",
    ),
    Code(
        "special-repeated",
        WARNING,
        "{it}是多实例的特别程序：每个实例各发一份告知书、各自暂停，重叠的时间只扣一次；通常应把多实例放在子流程里面",
        "{it} is a special procedure with several instances: each is told and suspends by itself; overlaps count once. Usually "
        "the instances belong inside.",
        "A special procedure begins when its subprocess is entered and ends when it is left.",
    ),
)

_KINDS: Final = {kind.value: kind for kind in SuspensionKind}


def check(model: ModelFile, book: Notebook) -> None:
    """Check the special procedures of one file."""
    for process in model.executable:
        for node in process.walk():
            if node.kind == "subProcess":
                _subprocess(node, book)


def _subprocess(node: FlowNode, book: Notebook) -> None:
    special, planned = banjie(node, "special"), banjie(node, "planned")
    if not special:
        if planned:
            book.report("special-time-ignored", node)
        return
    kind = _KINDS.get(special)
    if kind is None:
        book.report("special-unknown", node, value=clip(special, 40), known=", ".join(_KINDS))
        return
    if planned and not is_expression(planned) and not _is_time(planned):
        book.report("special-time-invalid", node, value=clip(planned, 40))
    if not planned and kind in ART_45:
        book.report("special-without-time", node, kind=kind.zh)
    if any(child.name == "multiInstanceLoopCharacteristics" for child in node.node.children):
        book.report("special-repeated", node)


def _is_time(text: str) -> bool:
    try:
        return Limit.parse(text).value > 0
    except InvalidInput:
        return False
