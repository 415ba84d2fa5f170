"""Suspensions of a case 特别程序、挂起: begun with a written notice, ended, capped at the planned time, extended."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.access import Verb
from engine.approval import document
from engine.approval.case_state import CaseState
from engine.approval.clock import Clock
from engine.approval.clock_kind import ClockKind
from engine.approval.document import DocumentKind, hotline
from engine.approval.item.terms import ART_45_SOURCE
from engine.approval.stored import Stored
from engine.approval.suspension import ART_45, Suspension, SuspensionKind, pauses
from engine.calendar import Limit
from engine.commands.cases.case_files import CaseFile
from engine.context import Command
from engine.errors import Conflict, InvalidInput, NotFound, RuleForbids
from engine.records import record

if TYPE_CHECKING:
    from typing import Any

    from engine.context import CommandContext

_PART = "suspensions"
_PAUSED = (CaseState.SPECIAL, CaseState.SUSPENDED)


@record
class OpenSuspensions(Stored):
    """What a case stands for now. Those that have ended are in the ledgers of its clocks."""

    open: tuple[Suspension, ...] = ()


def opened(file: CaseFile) -> tuple[Suspension, ...]:
    """The suspensions of a case that have not ended."""
    part = file.part(_PART, OpenSuspensions)
    return () if part is None else part.open


def by_law(file: CaseFile, kind: SuspensionKind) -> bool:
    """Does this kind stop the statutory clock too: by art. 45, or by another law that the item names?"""
    return kind in ART_45 or kind.value in file.item.limits.suspended_by


def begin(
    file: CaseFile,
    kind: SuspensionKind,
    *,
    reason: str,
    planned: Limit | None = None,
    token_id: str = "",
    notice: bool = True,
) -> Suspension:
    """Let the clocks of a case stand still. The applicant is told in writing before it takes effect; a procedure of art. 45
    without a planned time is refused."""
    special = by_law(file, kind)
    suspension = Suspension(
        id=token_id or file.context.new_id(),
        token_id=token_id,
        kind=kind,
        start=file.now,
        reason=reason,
        planned=planned,
        approved_by=file.context.actor.login,
        basis=file.item.limits.suspended_by.get(kind.value, ""),
    )
    if special and planned is None:
        raise InvalidInput(
            f"{kind.zh}应当书面告知申请人所需时间（行政许可法第四十五条），请写明计划时间，例如 10wd。",
            f"The applicant is told in writing how long the {kind.value} takes (art. 45): give the planned time, such as 10wd.",
            fields={"planned": "10wd"},
        )
    if notice:
        suspension = replace(suspension, notice_no=_told_in_writing(file, suspension).number)
    _stand(file, special, reason)
    file.pause_clocks(pauses(kind, file.item), suspension)
    if planned is not None:
        source = suspension.basis or (ART_45_SOURCE if special else reason)
        file.time.start(ClockKind.SPECIAL, planned, mode=file.item.limits.mode, source=source, about=suspension.id)
    file.keep(_PART, OpenSuspensions(open=(*opened(file), suspension)))
    return suspension


def _told_in_writing(file: CaseFile, suspension: Suspension) -> document.Document:
    """The notice, in the words of the office that gives it: an order of the hotline is held, everything else proceeds."""
    planned_end = None
    if suspension.planned is not None:
        calendar = file.context.calendar
        planned_end = calendar.due(calendar.local(suspension.start), suspension.planned, file.item.limits.mode)
    held = file.item.hotline is not None and suspension.kind is SuspensionKind.OTHER
    kind, write = (
        (DocumentKind.ORDER_HELD, hotline.order_held)
        if held
        else (DocumentKind.SPECIAL_PROCEDURE, document.special_procedure)
    )
    return file.issue(kind, lambda desk, serial: write(desk, serial, suspension, planned_end=planned_end))


def end(file: CaseFile, suspension_id: str, *, reason: str = "") -> None:
    """The procedure is over. When its planned time was over before, the clocks have been running again since then."""
    file.time.stop(clock for clock in file.time.open(ClockKind.SPECIAL) if clock.about == suspension_id)
    _run_again(file, suspension_id, reason)


def check_none_open(file: CaseFile, wanted: CaseState) -> None:
    """Raise RuleForbids where an open suspension stands in the way of a decision: it is ended first (Butone's rule, 5.3)."""
    state = file.case.state
    if state not in _PAUSED or state.may_become(wanted):
        return
    names = "、".join(dict.fromkeys(each.kind.zh for each in opened(file)))
    raise RuleForbids(
        f"办件{file.number}的{names}尚未结束，不能作出决定：请先办结该程序，或在办件“时限”页结束挂起。",
        f"Case {file.number} stands for {', '.join(dict.fromkeys(each.kind.value for each in opened(file)))}: end that first, "
        "by its tasks or on the tab of limits, and decide then.",
        state=state.value,
    )


def end_all(file: CaseFile, *kinds: SuspensionKind) -> None:
    """End every open suspension of these kinds (of any kind when none is named)."""
    for suspension in opened(file):
        if not kinds or suspension.kind in kinds:
            end(file, suspension.id)


def cap(file: CaseFile, clock: Clock) -> None:
    """The planned time is over and was not extended: the clocks run again by themselves. The clock of the procedure goes on
    counting how late it is."""
    _run_again(file, clock.about, "特别程序计划时间届满，恢复计时")


def _run_again(file: CaseFile, suspension_id: str, reason: str) -> None:
    still = tuple(each for each in opened(file) if each.id != suspension_id)
    if len(still) == len(opened(file)):
        return
    file.time.resume(suspension_id, reason=reason)
    file.keep(_PART, OpenSuspensions(open=still) if still else None)
    case = file.case
    if case.state not in _PAUSED:
        return  # it has ended meanwhile
    if not still:
        file.move(case.resume(file.now))
    elif case.state is CaseState.SPECIAL and not any(by_law(file, each.kind) for each in still):
        file.move(case.pause(file.now, still[0].reason, special=False))


def _stand(file: CaseFile, special: bool, reason: str) -> None:
    wanted = CaseState.SPECIAL if special else CaseState.SUSPENDED
    if file.case.state in (wanted, CaseState.SPECIAL):
        return  # it stands already, for another reason
    if not file.case.state.may_become(wanted):
        file.move(file.case.start_review())
    file.move(file.case.pause(file.now, reason, special=special))


def _under_way(file: CaseFile, suspension_id: str) -> Suspension | None:
    """The suspension with this id when it stands, or when its procedure goes on beyond its planned time."""
    for each in opened(file):
        if each.id == suspension_id:
            return each
    if not any(clock.about == suspension_id for clock in file.time.open(ClockKind.SPECIAL)):
        return None
    told = (each for clock in file.clocks.values() for each in clock.suspensions)
    return next((each for each in told if each.id == suspension_id), None)


@record
class ExtendSuspension(Command):
    """Give a special procedure more time before its planned time is over, told to the applicant in writing.

    ``more`` is added to the planned time (``5wd``). Answers {no, suspension_id, planned, until}. Raises Conflict when it is
    over: the clocks run again by then.
    """

    no: str
    suspension_id: str
    more: str
    reason: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        file = CaseFile.open(context, self.no, Verb.SUSPEND_CASE)
        found = next((each for each in opened(file) if each.id == self.suspension_id), None)
        clock = next((each for each in file.time.open(ClockKind.SPECIAL) if each.about == self.suspension_id), None)
        if found is None or clock is None:
            raise NotFound(
                f"办件{file.number}没有这个正在进行、写明计划时间的特别程序。",
                f"Case {file.number} has no such special procedure with a planned time under way.",
            )
        more = Limit.parse(self.more)
        if clock.is_overdue(file.now):
            raise Conflict(
                f"{found.kind.zh}的计划时间已于{clock.due.date}届满，时限已恢复计算，不能再延长。",
                f"The planned time of the {found.kind.value} was over on {clock.due.date}; the clocks run again.",
            )
        told = replace(found, planned=clock.limit + more, reason=self.reason.strip() or found.reason)
        written = _told_in_writing(file, told)
        extended = file.time.extend(clock, more, reason=self.reason, notice_no=written.number)
        file.time.replan(found.id, extended.limit, self.reason)
        kept = tuple(told if each.id == found.id else each for each in opened(file))
        file.keep(_PART, OpenSuspensions(open=kept))
        until = extended.due.at.isoformat()
        return {"no": file.number, "suspension_id": found.id, "planned": str(extended.limit), "until": until}


@record
class SuspendCase(Command):
    """Begin a special procedure or a suspension from the case page, where the process does not draw one.

    ``kind`` is a SuspensionKind, ``planned`` the time told to the applicant. Answers {no, suspension_id, notice_no, until}.
    """

    no: str
    kind: str
    reason: str
    planned: str = ""

    def execute(self, context: CommandContext) -> dict[str, Any]:
        file = CaseFile.open(context, self.no, Verb.SUSPEND_CASE)
        if self.kind not in {each.value for each in SuspensionKind}:
            raise InvalidInput(f"没有特别程序“{self.kind}”。", f"There is no special procedure {self.kind!r}.")
        if not file.case.state.is_accepted:
            raise Conflict(
                f"办件{file.number}现为“{file.case.state.label()}”，受理后、决定前才有时限可以暂停。",
                f"Case {file.number} is {file.case.state.label('en')!r}: only between acceptance and decision are there "
                "limits to suspend.",
            )
        planned = Limit.parse(self.planned) if self.planned.strip() else None
        begun = begin(file, SuspensionKind(self.kind), reason=self.reason.strip(), planned=planned)
        measured = next((each for each in file.time.open(ClockKind.SPECIAL) if each.about == begun.id), None)
        until = None if measured is None else measured.due.at.isoformat()
        return {"no": file.number, "suspension_id": begun.id, "notice_no": begun.notice_no, "until": until}


@record
class ResumeCase(Command):
    """End a suspension that was begun from the case page, also one whose planned time is over: the clocks run by then, and
    that of the procedure stops. One that the process draws ends with its subprocess."""

    no: str
    suspension_id: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        file = CaseFile.open(context, self.no, Verb.SUSPEND_CASE)
        found = _under_way(file, self.suspension_id)
        if found is None:
            raise NotFound(
                f"办件{file.number}没有这个正在进行的特别程序。",
                f"Case {file.number} has no such suspension under way.",
            )
        if found.token_id:
            raise Conflict(
                f"{found.kind.zh}由流程中的环节控制，请办结该环节。",
                f"The {found.kind.value} is a part of the process and ends with it; complete its tasks.",
            )
        end(file, found.id)
        return {"no": file.number, "state": file.case.state.value}
