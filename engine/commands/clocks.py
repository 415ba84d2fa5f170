"""Clocks of cases: special procedures and extension as verbs, and computing open limits again when the calendar changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.approval import document
from engine.approval.case_state import CaseState
from engine.approval.clock import ART_45, ClockKind, ClockState, Suspension, SuspensionKind, pauses
from engine.approval.document import DocumentKind
from engine.calendar import Limit
from engine.commands import jobs, moving
from engine.commands.case_files import CaseFile
from engine.commands.case_intake import text_of
from engine.commands.service_tasks import verb
from engine.store import cases, tables

if TYPE_CHECKING:
    from engine.commands.moving import Moving
    from engine.context import CommandContext
    from engine.runtime.step import ServiceCall
    from engine.store.projections import Recorded
    from engine.store.unit_of_work import Values


ENDS = ("promised_until", "statutory_until")


@verb("clock.suspend", "启动特别程序或挂起", "Begin a special procedure or a suspension", results=("special_notice",))
def suspend(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``kind`` (hearing, expert_review, site_survey ... other), ``reason``, ``planned`` (the time told to the
    applicant, such as 10wd). The statutory clock stands only on a ground of art. 45, told in writing."""
    file = CaseFile.of(context, moving)
    kind = SuspensionKind(text_of(call, "kind") or SuspensionKind.OTHER.value)
    planned = text_of(call, "planned")
    suspension = Suspension(
        kind=kind,
        start=file.now,
        reason=text_of(call, "reason"),
        planned=Limit.parse(planned) if planned else None,
        approved_by=context.actor.login,
    )
    notice = file.issue(
        DocumentKind.SPECIAL_PROCEDURE, lambda desk, serial: document.special_procedure(desk, serial, suspension)
    )
    paused = CaseState.SPECIAL if kind in ART_45 else CaseState.SUSPENDED
    if not file.case.state.may_become(paused):
        file.move(file.case.start_review())
    file.move(file.case.pause(file.now, suspension.reason, special=kind in ART_45))
    file.pause_clocks(pauses(kind, file.item), replace(suspension, notice_no=notice.number))
    return {"special_notice": notice.number}


@verb("clock.resume", "结束特别程序或挂起", "End a special procedure or a suspension", results=ENDS)
def resume(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """All clocks go on; their ends have moved by what the suspension took."""
    file = CaseFile.of(context, moving)
    file.move(file.case.resume(file.now))
    file.resume_clocks()
    return _ends(file)


@verb("clock.extend", "延长办理期限", "Extend the limit", results=ENDS)
def extend(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``reason``, ``approved_by``: once, before the limit ends, told to the applicant (行政许可法 42)."""
    file = CaseFile.of(context, moving)
    reason, approved_by = text_of(call, "reason"), text_of(call, "approved_by")
    extension = file.item.extension.limit
    if not file.case.state.may_become(CaseState.EXTENDED):
        file.move(file.case.start_review())
    file.move(file.case.extend(extension, approved_by=approved_by, reason=reason))
    for kind in (ClockKind.STATUTORY, ClockKind.PROMISED):
        file.extend_clock(kind, extension, reason)
    promised = file.clock(ClockKind.PROMISED)
    if promised is not None:
        file.issue(
            DocumentKind.EXTENSION,
            lambda desk, serial: document.extension(
                desk, serial, promised=promised.due, reason=reason, approved_by=approved_by
            ),
        )
    return _ends(file)


def _ends(file: CaseFile) -> dict[str, Any]:
    found = {
        "promised_until": file.clock(ClockKind.PROMISED),
        "statutory_until": file.clock(ClockKind.STATUTORY),
    }
    return {name: clock.due.date.isoformat() for name, clock in found.items() if clock is not None}


# ---------------------------------------------------------------- another calendar


ALL_CASES, ONE_CASE = "reproject-clocks", "reproject-case"


def calendar_changed(context: CommandContext, recorded: Recorded) -> None:
    """Reaction to a change of the calendar: compute the ends of all open limits again, by jobs."""
    if cases.instances_with_open_clocks(context.uow, limit=1):
        moving.insert_job(context, ALL_CASES, context.now, {})


def _all_cases(context: CommandContext, job: Values) -> None:
    """One job for each case, so that one broken case does not keep the others from their dates."""
    for instance_id in cases.instances_with_open_clocks(context.uow):
        moving.insert_job(context, ONE_CASE, context.now, {}, instance_id=instance_id)
    context.uow.delete(tables.job, (job["id"],))


def _one_case(context: CommandContext, job: Values) -> None:
    row = cases.of_instance(context.uow, job["instance_id"])
    if row is not None:
        file = CaseFile(context, row)
        for clock in list(file.clocks.values()):
            if clock.state is not ClockState.STOPPED:
                file.reproject_clock(clock)
    context.uow.delete(tables.job, (job["id"],))


jobs.HANDLERS[ALL_CASES] = _all_cases
jobs.HANDLERS[ONE_CASE] = _one_case
