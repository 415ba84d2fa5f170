"""After a construction permit 开工跟踪: to begin in three months, reminded before, extended twice, else it lapses (建筑法 9)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from engine.access import SYSTEM
from engine.approval.certificate import CertificateState
from engine.approval.document import DocumentKind
from engine.approval.document import commencement as document
from engine.approval.stored import Stored
from engine.calendar import Due, Limit, Unit
from engine.commands.cases import certificates
from engine.commands.cases.case_files import CaseFile
from engine.commands.cases.case_intake import text_of, wake_up
from engine.commands.procedures import joint_decisions
from engine.commands.running import instances
from engine.commands.running.service_tasks import BpmnError, verb
from engine.errors import Conflict
from engine.records import record
from engine.store.rows import cases, definitions

if TYPE_CHECKING:
    from engine.commands.running.moving import Moving
    from engine.context import CommandContext
    from engine.runtime.step import ServiceCall

PART: Final = "commencement"
MOST: Final = 2  # extensions that the law gives
LONGEST: Final = 3  # months each
UNTIL: Final = ("start_due", "start_until", "remind_at", "start_extensions")


@record
class Commencement(Stored):
    """Until when the work has to begin, how often that was extended, and what became of it: "", started or lapsed."""

    permit: str
    due: Due
    remind_days: int = 15
    extensions: int = 0
    started_on: date | None = None
    state: str = ""


def _case_of(context: CommandContext, call: ServiceCall) -> tuple[CaseFile, Commencement]:
    row = cases.by_number(context.uow, text_of(call, "case"))
    file = None if row is None else CaseFile(context, row)
    found = None if file is None else file.part(PART, Commencement)
    if file is None or found is None:
        raise Conflict("没有这个办件的开工跟踪。", "No commencement is followed for this case.")
    return file, found


def _told(file: CaseFile, found: Commencement) -> dict[str, Any]:
    """What the process has to know: when the permit lapses, when to remind. A reminder is never in the past."""
    before = datetime.combine(
        found.due.date - timedelta(days=found.remind_days), datetime.min.time(), found.due.at.tzinfo
    )
    return {
        "start_due": wake_up(found.due),
        "start_until": found.due.date.isoformat(),
        "remind_at": max(before.replace(hour=9), file.now).isoformat(),
        "start_extensions": found.extensions,
    }


@verb("commencement.open", "开立开工跟踪", "Follow whether the work begins in time")
def open_(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``process`` (key of the process that follows it), ``limit`` (``3m``, from the day on which the permit was fetched),
    ``remind`` (natural days before). Nothing follows where the lead's own permit was not granted."""
    file = CaseFile.of(context, moving)
    made = file.row["facts"].get("certificate") or {}
    if not joint_decisions.granted_main(file) or not made:
        return {}
    due = context.calendar.due(file.now, Limit.parse(text_of(call, "limit") or "3m"), file.item.limits.mode)
    found = Commencement(permit=made["number"], due=due, remind_days=int(text_of(call, "remind") or 15))
    file.keep(PART, found)
    about = {
        "case_no": file.number,
        "project_name": file.row["title"],
        "holder": file.applicant.name,
        "certificate_number": found.permit,
        "start_problem": "",
    }
    person, context.actor = context.actor, SYSTEM
    try:
        instances.start(
            context,
            definitions.latest(context.uow, text_of(call, "process")),
            about | _told(file, found),
            business_key=file.number,
            title=f"开工跟踪 · {file.row['title']}"[:200],
        )
    finally:
        context.actor = person
    return {}


@verb("commencement.remind", "发出开工提醒", "Remind the holder to begin", results=UNTIL)
def remind(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``case``. The day, the extensions that are left, and what follows, in writing. The day is counted again: the
    calendar of its year may have been loaded since."""
    file, found = _case_of(context, call)
    found = replace(found, due=context.calendar.due(found.due.start, found.due.limit, file.item.limits.mode))
    file.keep(PART, found)
    file.issue(
        DocumentKind.START_REMINDER,
        lambda desk, serial: document.reminder(
            desk, serial, permit=found.permit, due=found.due, extensions_left=MOST - found.extensions
        ),
    )
    return _told(file, found)


@verb("commencement.request", "申请延期开工", "Ask for a later beginning", results=("start_problem",))
def request(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``case``, ``months``. Throws NOT_EXTENDABLE with ``start_problem``: twice, three months each at most."""
    _, found = _case_of(context, call)
    months, problem = _months(call), ""
    if found.extensions >= MOST:
        problem = f"已延期{MOST}次，不能再延期（建筑法第九条）"
    elif not 1 <= months <= LONGEST:
        problem = f"每次延期1至{LONGEST}个月（建筑法第九条）"
    if problem:
        raise BpmnError("NOT_EXTENDABLE", problem, {"start_problem": problem})
    return {"start_problem": ""}


def _months(call: ServiceCall) -> int:
    try:
        return int(float(text_of(call, "months") or 0))
    except ValueError:
        return 0


@verb("commencement.extend", "同意延期开工", "Give a later day to begin", results=UNTIL)
def extend(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``case``, ``months``, ``reason``. Counted from the day that stood; asked for in time, it may be given later."""
    file, found = _case_of(context, call)
    due = context.calendar.due(found.due.at, Limit(_months(call), Unit.MONTH), file.item.limits.mode)
    found = replace(found, due=due, extensions=found.extensions + 1)
    file.keep(PART, found)
    reason = text_of(call, "reason")
    file.issue(
        DocumentKind.START_EXTENDED,
        lambda desk, serial: document.extended(
            desk, serial, permit=found.permit, due=due, count=found.extensions, reason=reason
        ),
    )
    return _told(file, found)


@verb("commencement.refuse", "不予延期开工", "Refuse a later beginning", results=("start_problem",))
def refuse(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``case``, ``reason``. The day stands."""
    file, found = _case_of(context, call)
    reason = text_of(call, "reason")
    file.issue(
        DocumentKind.START_NOT_EXTENDED,
        lambda desk, serial: document.refused(desk, serial, due=found.due, reason=reason),
    )
    return {"start_problem": f"不予延期：{reason}"}


@verb("commencement.record", "登记已开工", "Write down that the work has begun", results=("commencement_result",))
def begun(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``case``, ``on`` (the day)."""
    file, found = _case_of(context, call)
    file.keep(PART, replace(found, started_on=date.fromisoformat(text_of(call, "on")), state="started"))
    return {"commencement_result": "started"}


@verb("commencement.lapse", "施工许可证自行废止", "The permit has lapsed by law", results=("commencement_result",))
def lapse(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``case``. The certificate is struck off (行政许可法 70) and the holder is told."""
    file, found = _case_of(context, call)
    file.keep(PART, replace(found, state="lapsed"))
    for each in certificates.in_force(file):
        if each.number == found.permit:
            certificates.end(file, each, CertificateState.CANCELLED, by=file.number, reason="未在期限内开工，自行废止")
    file.issue(
        DocumentKind.PERMIT_LAPSED,
        lambda desk, serial: document.lapsed(desk, serial, permit=found.permit, due=found.due),
    )
    return {"commencement_result": "lapsed"}
