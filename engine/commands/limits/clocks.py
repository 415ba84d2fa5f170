"""Special procedures and extension as verbs of service tasks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.approval.clock_kind import ClockKind
from engine.approval.filing import ExtensionRefused
from engine.approval.suspension import SuspensionKind
from engine.calendar import Limit
from engine.commands.cases import extensions, suspending
from engine.commands.cases.case_files import CaseFile
from engine.commands.cases.case_intake import text_of
from engine.commands.running.service_tasks import verb

if TYPE_CHECKING:
    from engine.commands.running.moving import Moving
    from engine.context import CommandContext
    from engine.runtime.step import ServiceCall


ENDS = ("promised_until", "statutory_until")


@verb("clock.suspend", "启动特别程序或挂起", "Begin a special procedure or a suspension", results=("special_notice",))
def suspend(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``kind`` (hearing, expert_review, site_survey ... other), ``reason``, ``planned`` (the time told to the
    applicant, such as 10wd). The statutory clock stands only on a ground of art. 45, told in writing."""
    file = CaseFile.of(context, moving)
    kind = SuspensionKind(text_of(call, "kind") or SuspensionKind.OTHER.value)
    planned = text_of(call, "planned")
    begun = suspending.begin(
        file, kind, reason=text_of(call, "reason"), planned=Limit.parse(planned) if planned else None
    )
    return {"special_notice": begun.notice_no}


@verb("clock.resume", "结束特别程序或挂起", "End a special procedure or a suspension", results=ENDS)
def resume(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """All clocks go on; their ends have moved by what the suspension took. Where the planned time was over before, they
    went on by themselves then."""
    file = CaseFile.of(context, moving)
    suspending.end_all(file)
    return _ends(file)


@verb("clock.extend", "延长办理期限", "Extend the limit", results=(*ENDS, "extension_result", "extension_problem"))
def extend(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``reason``, ``approved_by``, ``asked_in`` (id of the step in which it was asked for, where somebody approves
    later): once, asked for before the limit ends, told to the applicant (行政许可法 42).

    ``extension_result`` is granted or refused. An extension that the law does not give is no fault of the process: the limit
    stays as it is, ``extension_problem`` says why for a gateway or a form, the case's story tells it, and the process goes on.
    """
    file = CaseFile.of(context, moving)
    asked_at = extensions.asked_at(file, call)
    refused = extensions.against(file, asked_at)
    if refused is not None:
        by = context.actor.name or context.actor.login
        file.tell(ExtensionRefused(case_id=file.id, refused_by=by, answer=refused.zh))
        return _ends(file) | {"extension_result": "refused", "extension_problem": refused.zh}
    extensions.grant(file, reason=text_of(call, "reason"), approved_by=text_of(call, "approved_by"), asked_at=asked_at)
    return _ends(file) | {"extension_result": "granted", "extension_problem": ""}


def _ends(file: CaseFile) -> dict[str, Any]:
    found = {
        "promised_until": file.clock(ClockKind.PROMISED),
        "statutory_until": file.clock(ClockKind.STATUTORY),
    }
    return {name: clock.due.date.isoformat() for name, clock in found.items() if clock is not None}
