"""Special procedures that a designer draws: a subprocess with ``banjie:special`` suspends on entry and resumes on leaving."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine import feel
from engine.approval.suspension import SuspensionKind
from engine.calendar import Limit
from engine.commands.cases import suspending
from engine.commands.cases.case_files import CaseFile
from engine.commands.running import moving
from engine.errors import BanjieError, StepFailed
from engine.runtime.step import ActivityState
from engine.store.rows import cases

if TYPE_CHECKING:
    from engine.bpmn.compiled import ElementInfo
    from engine.commands.running.moving import Moving
    from engine.runtime.step import ActivityTrace, Step


def trace(moved: Moving, step: Step) -> None:
    """Begin the suspension of each special procedure that was entered, end that of each that was left: completed, left by a
    boundary event, or cancelled. One that is entered and left in the same breath takes no time."""
    marked = [
        (trace, element)
        for trace in step.trace
        if trace.element_type == "subProcess"
        and (element := moved.compiled.element(trace.element_id, trace.process_key)) is not None
        and element.special
    ]
    if not marked:
        return
    row = cases.of_instance(moved.context.uow, moved.id)
    if row is None:
        return  # a process without a case has no limits of law
    left = {trace.token_id for trace, _ in marked if trace.state is not ActivityState.ENTERED}
    for each, element in marked:
        if each.state is not ActivityState.ENTERED:
            suspending.end(CaseFile(moved.context, row), each.token_id)
        elif each.token_id not in left:
            _enter(moved, CaseFile(moved.context, row), each, element)


moving.TRACERS.append(trace)


def _enter(moved: Moving, file: CaseFile, entered: ActivityTrace, element: ElementInfo) -> None:
    kind = SuspensionKind(element.special or SuspensionKind.OTHER.value)
    try:
        suspending.begin(
            file,
            kind,
            reason=_read(moved, element.reason) or f"进行{element.name or kind.zh}",
            planned=_planned(moved, element),
            token_id=entered.token_id,
        )
    except BanjieError as error:
        raise StepFailed(
            f"特别程序「{element.name or element.id}」不能开始：{error.zh}",
            f'The special procedure "{element.name or element.id}" cannot begin: {error.en}',
            element_id=element.id,
            element_name=element.name,
            process_key=element.process_key,
            reason="special-procedure",
        ) from error


def _planned(moved: Moving, element: ElementInfo) -> Limit | None:
    """The planned time as drawn, None when nothing is drawn."""
    text = _read(moved, element.planned)
    return Limit.parse(text) if text else None


def _read(moved: Moving, drawn: str | None) -> str:
    """A text as drawn, or what its expression gives over the variables of the process."""
    text = (drawn or "").strip()
    if not feel.is_expression(text):
        return text
    now = moved.context.calendar.local(moved.context.now)
    found = feel.compile(text).evaluate(moved.variables, now=now)
    return "" if found is None else str(found).strip()
