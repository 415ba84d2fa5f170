"""A licence is decided by people: steps of its process that the passing of time, or nobody, would decide (P-9.2).

行政许可法 38 and 44 ask for a decision with its reasons. Silence decides where a law says so (as article 50 does of a renewal), and
then the item names that law (``limits.silence``); what a model decides by a rule of its own names its ground (``autoBasis``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from engine.approval.item import Item, deployed_item
from engine.bpmn import ways
from engine.bpmn.compiler import compile_process
from engine.commands.cases.case_decisions import GRANTING
from engine.runtime.finding import Finding, Severity
from engine.store.rows import definitions

if TYPE_CHECKING:
    from engine.bpmn.compiled import CompiledProcess, UserTaskInfo
    from engine.bpmn.model import ProcessModel
    from engine.commands.administration.deployable import Deployable
    from engine.context import CommandContext

DECIDES: Final = "case.decide"
_BY_SILENCE: Final[Mapping[str, tuple[str, ...]]] = {
    "onTimeout": ("pass", "fail"),
    "memberOverdue": ("approve", "reject"),
}


def check(context: CommandContext, found: Deployable) -> None:
    """Add a finding for each step that decides a licence by itself, of the items and the processes of one deployment: also of an
    item whose process was deployed before, and of a process for which the item was."""
    if not found.ok:
        return
    models = {model.key: model for model in found.models}
    for item in _licences(context, found, models):
        compiled = _compiled(context, found, models, item.process_key)
        if compiled is None:
            continue
        for element, finding in _findings(item, compiled):
            model = models.get(element[0])
            file = model.file if model is not None else _file_of(found, item)
            found.object_to(file, finding)


def _licences(context: CommandContext, found: Deployable, models: Mapping[str, ProcessModel]) -> Iterator[Item]:
    fresh = {item.code for item in found.items.values()}
    stored = (deployed_item(row.source) for row in definitions.items_of(context.uow, models))
    for item in (*found.items.values(), *(item for item in stored if item.code not in fresh)):
        if item.item_code.is_licence:
            yield item


def _compiled(
    context: CommandContext, found: Deployable, models: Mapping[str, ProcessModel], key: str
) -> CompiledProcess | None:
    """The process as it will run; None when there is none yet."""
    if key not in models:
        row = definitions.newest(context.uow, key)
        compiled: CompiledProcess | None = (
            None if row is None else definitions.compiled(context.uow, context.machine, row["id"])
        )
        return compiled
    files: dict[str, bytes] = {}
    _collect(context, found, models, key, files)
    return compile_process(f"check:{key}", key, files)


def _collect(
    context: CommandContext, found: Deployable, models: Mapping[str, ProcessModel], key: str, files: dict[str, bytes]
) -> None:
    """The files of a process and of everything that it calls."""
    model = models.get(key)
    if model is None:
        row = definitions.newest(context.uow, key)
        if row is not None:
            files |= definitions.sources(context.uow, row["id"])[1]
    elif model.file not in files:
        files[model.file] = found.normalised[model.file]
        for call in model.calls:
            _collect(context, found, models, call.process_key, files)


def _file_of(found: Deployable, item: Item) -> str:
    return next(name for name, each in found.items.items() if each is item)


# ---------------------------------------------------------------- what is wrong


def _findings(item: Item, compiled: CompiledProcess) -> Iterator[tuple[ways.Element, Finding]]:
    deciding = ways.before_verb(compiled, DECIDES)
    for task in compiled.user_tasks:
        element = (task.process_key, task.id)
        if element in deciding.people:
            for said, way_zh, way_en in _of_task(item, task):
                yield element, _finding(item, task.id, task.name, said, way_zh, way_en)
    for timer in deciding.timers:
        if dict(timer.given).get("decision", "") in GRANTING and not item.limits.silence:
            said = "定时边界事件" if timer.interrupts else "不中断的定时边界事件"
            yield timer.element, _finding(item, timer.element[1], timer.name, said, *_LAW)


_LAW: Final = (
    "由人作出决定；法律规定逾期即视为准予（或者不予）的，在事项的 limits.silence 写明依据",
    "let a person decide; where a law says that silence decides, name it in limits.silence of the item",
)


def _of_task(item: Item, task: UserTaskInfo) -> Iterator[tuple[str, str, str]]:
    """(the setting, the way out in both languages) for each setting by which nobody decides."""
    for name, words in _BY_SILENCE.items():
        said = task.attributes.get(name, "").strip()
        if said in words and not item.limits.silence:
            yield f"{name}={said}", *_LAW
    if task.attributes.get("onEmpty", "").strip() == "pass":
        yield (
            "onEmpty=pass",
            "无人可办时交由管理员指派（删去 onEmpty）",
            "leave onEmpty out: the administrators assign it",
        )
    if task.attributes.get("auto", "").strip() and not task.attributes.get("autoBasis", "").strip():
        yield (
            "auto",
            "写明自动办理的依据（autoBasis）",
            "say on what ground the model decides (autoBasis)",
        )


def _finding(item: Item, element: str, name: str, said: str, way_zh: str, way_en: str) -> Finding:
    label = name or element
    return Finding(
        severity=Severity.ERROR,
        code="licence-by-silence",
        zh=f"「{label}」（{said}）使行政许可事项“{item.name}”不经人决定就作出许可决定；请{way_zh}。",
        en=f"{label} ({said}) would decide the licence {item.code} without anybody deciding it: {way_en}.",
        file="",
        element=element,
    )
