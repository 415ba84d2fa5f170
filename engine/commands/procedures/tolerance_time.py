"""Verbs that move the deadline of a tolerance because of force majeure 不可抗力: asked for in time, decided by the lead, told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from engine.approval import document, events, force_majeure
from engine.approval.clock_kind import ClockKind
from engine.approval.document import DocumentKind
from engine.calendar import Limit, Unit
from engine.commands.cases import extensions
from engine.commands.cases.case_files import CaseFile
from engine.commands.cases.case_intake import text_of
from engine.commands.procedures.tolerance import TIMES, open_tolerance, times
from engine.commands.running.service_tasks import BpmnError, verb

if TYPE_CHECKING:
    from engine.approval.clock import Clock
    from engine.approval.reason import Reason
    from engine.approval.tolerance import Tolerance
    from engine.commands.running.moving import Moving
    from engine.context import CommandContext
    from engine.runtime.step import ServiceCall


@verb(
    "tolerance.request_extension",
    "因不可抗力申请延长补齐期限",
    "Ask for a later deadline because of force majeure",
    results=("more_time_problem",),
)
def request_extension(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``reason``, ``proof``, ``until`` (the day asked for). Throws NOT_EXTENDABLE with ``more_time_problem``: it is asked
    for before the deadline, once (else refused in writing), to a day after it and before the statutory limit ends."""
    file = CaseFile.of(context, moving)
    tolerance, until = open_tolerance(file), _day(call)
    never = force_majeure.against_asking(tolerance, asked_at=file.now)
    if never is None:
        _refuse(_against_day(file, tolerance, until))
    asked = events.ToleranceExtensionRequested(
        case_id=file.id,
        reason=text_of(call, "reason"),
        proof=text_of(call, "proof"),
        until="" if until is None else until.isoformat(),
    )
    file.tell(asked)
    if never is not None:
        _refused(file, tolerance, reason=asked.reason, answer=never.zh, by="")
    _refuse(never)
    return {"more_time_problem": ""}


@verb(
    "tolerance.extend",
    "因不可抗力延长补齐期限",
    "Move the deadline because of force majeure",
    results=("more_time_problem", *TIMES),
)
def extend(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``reason``, ``until``, ``answer``, ``asked_in`` (the step in which it was asked for: what counts is that it was in
    time). The clock, the timers and the slots follow, and the applicant is told. Throws NOT_EXTENDABLE as the request does."""
    file = CaseFile.of(context, moving)
    tolerance, until = open_tolerance(file), _day(call)
    asked_at = extensions.asked_at(file, call)
    _refuse(force_majeure.against_asking(tolerance, asked_at=asked_at) or _against_day(file, tolerance, until))
    assert until is not None  # it was looked at
    reason, approved_by = text_of(call, "reason"), context.actor.name or context.actor.login
    clock = _clock(file)
    later, of_clock = clock.extend(
        _more(file, clock, until),
        at=file.now,
        calendar=context.calendar,
        reason=f"不可抗力：{reason}",
        approved_by=approved_by,
        asked_at=asked_at,
    )
    moved, slots, happened = tolerance.extend(file.slots, later.due, reason=reason, approved_by=approved_by)
    file.keep_slots(slots)
    file.keep("tolerance", moved, happened)
    file.time.keep(later, of_clock)
    _answer(file, moved, granted=True, reason=reason, answer=text_of(call, "answer"))
    return {"more_time_problem": "", **times(file, moved)}


@verb("tolerance.refuse_extension", "不同意延长补齐期限", "Refuse a later deadline", results=("more_time_problem",))
def refuse_extension(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``reason``, ``answer`` (why not). The deadline stands; while it runs, it may be asked for again."""
    file = CaseFile.of(context, moving)
    answer, refused_by = text_of(call, "answer"), context.actor.name or context.actor.login
    _refused(file, open_tolerance(file), reason=text_of(call, "reason"), answer=answer, by=refused_by)
    return {"more_time_problem": f"不同意延长：{answer}"}


def _day(call: ServiceCall) -> date | None:
    try:
        return date.fromisoformat(text_of(call, "until")[:10])
    except ValueError:
        return None


def _refuse(against: Reason | None) -> None:
    if against is not None:
        raise BpmnError("NOT_EXTENDABLE", against.zh, {"more_time_problem": against.zh})


def _against_day(file: CaseFile, tolerance: Tolerance, until: date | None) -> Reason | None:
    statutory = file.clock(ClockKind.STATUTORY)
    assert statutory is not None  # an accepted case has one
    latest = file.context.calendar.working_day(statutory.due.date, -1)
    against = force_majeure.against_day(tolerance, until, today=file.now.date(), latest=latest)
    if against is None and until is not None and not _more(file, _clock(file), until).value:
        return force_majeure.against_day(tolerance, tolerance.deadline.date, today=file.now.date(), latest=latest)
    return against


def _clock(file: CaseFile) -> Clock:
    clock = file.clock(ClockKind.TOLERANCE)
    assert clock is not None  # an open promise has one
    return clock


def _more(file: CaseFile, clock: Clock, until: date) -> Limit:
    """What lies between the deadline and ``until``, in the unit of the clock; on a day off it ends on the working day before."""
    if clock.limit.unit is Unit.WD:
        return Limit(int(file.context.calendar.working_days_between(clock.due.date, until)), Unit.WD)
    return Limit((until - clock.due.date).days, clock.limit.unit)


def _refused(file: CaseFile, tolerance: Tolerance, *, reason: str, answer: str, by: str) -> None:
    """Not agreed to by the lead, or, with nobody named, by the rule itself; in writing either way."""
    file.tell(events.ToleranceExtensionRefused(case_id=file.id, answer=answer, refused_by=by))
    _answer(file, tolerance, granted=False, reason=reason, answer=answer)


def _answer(file: CaseFile, tolerance: Tolerance, *, granted: bool, reason: str, answer: str) -> None:
    file.issue(
        DocumentKind.TOLERANCE_EXTENSION,
        lambda desk, serial: document.tolerance_extension(
            desk, serial, tolerance, granted=granted, reason=reason, answer=answer
        ),
    )
