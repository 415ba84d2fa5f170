"""Correction 补正 as a rule of the office, whatever the model draws: what departments ask is collected into one notice, a
second notice takes a leader's approval, silence is acceptance from the day of receipt (行政许可法 32)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.access import Verb
from engine.approval.case import Acceptance
from engine.approval.case_state import CaseState
from engine.approval.clock import Clock
from engine.approval.clock_kind import ClockKind
from engine.approval.correction import CorrectionEntry, Demand, MergedCorrection, merge_corrections
from engine.approval.filing import AcceptanceDeemed, CaseAlerted, CaseOpenedTo, CorrectionDemanded
from engine.approval.stored import Stored
from engine.approval.suspension import SuspensionKind
from engine.commands.cases import acceptance, leaders, suspending
from engine.commands.cases.case_files import CaseFile
from engine.commands.running import moving
from engine.context import Command
from engine.errors import Conflict, InvalidInput, RuleForbids
from engine.records import record
from engine.runtime.instance import VariablesChanged
from engine.store.rows import cases

if TYPE_CHECKING:
    from engine.context import CommandContext

DEMANDS, NOTICES, APPROVAL = "demands", "notices", "second_notice"


@record
class CorrectionNotices(Stored):
    """What the applicant was asked to correct: everything that was ever asked, and how often a notice was sent."""

    entries: tuple[CorrectionEntry, ...] = ()
    sent: int = 0
    last_due: datetime | None = None


@record
class Demands(Stored):
    """What departments have asked since the last notice; gone into the next one."""

    demands: tuple[Demand, ...] = ()


@record
class Approval(Stored):
    """A leader allowed one further notice."""

    by: str
    reason: str
    at: datetime


def sent(file: CaseFile) -> CorrectionNotices:
    """The notices of a case."""
    return file.part(NOTICES, CorrectionNotices) or CorrectionNotices()


def demanded(file: CaseFile) -> tuple[Demand, ...]:
    """What departments have asked since the last notice."""
    part = file.part(DEMANDS, Demands)
    return () if part is None else part.demands


def lines_of(text: Any) -> list[str]:
    """The lines of a text that are not empty; a list of texts is taken as it is."""
    lines = text if isinstance(text, list) else str(text or "").splitlines()
    return [str(line).strip() for line in lines if str(line).strip()]


def entries_of(file: CaseFile, items: Any) -> tuple[CorrectionEntry, ...]:
    """Read a list of demands, one a line that begins with the material's code or name: ``M05：what is asked``; a line
    that names no material is about the application itself."""
    codes = {name: code for code, slot in file.slots.items() for name in (code, slot.name)}
    found = []
    for line in lines_of(items):
        name = max((each for each in codes if _begins(line, each)), key=len, default="")
        asked = line[len(name) :].strip(" \u3000:：,，、") if name else line
        found.append(CorrectionEntry(material=codes.get(name, ""), requirement=asked or "请补交"))
    return tuple(found)


def _begins(line: str, name: str) -> bool:
    """Whether a line begins with this code or name; M1 does not begin "M10 …"."""
    following = line[len(name) : len(name) + 1]
    return line.startswith(name) and not (name[-1:].isascii() and following.isascii() and following.isalnum())


def merged(file: CaseFile, entries: tuple[CorrectionEntry, ...]) -> tuple[MergedCorrection, ...]:
    """The list of the notice: what its sender wrote with what departments asked, each demand once."""
    lists: dict[str, list[CorrectionEntry]] = {file.item.department: list(entries)}
    for demand in demanded(file):
        lists.setdefault(demand.department, []).extend(demand.entries)
    return merge_corrections(lists)


def listed(merged: tuple[MergedCorrection, ...]) -> tuple[CorrectionEntry, ...]:
    """A merged list, one entry for each demand."""
    return tuple(
        CorrectionEntry(material=each.material, requirement=requirement)
        for each in merged
        for requirement in each.requirements
    )


def approver(file: CaseFile) -> str:
    """Who answers for a further notice: "" for the first one. Raises RuleForbids when a leader has not allowed it; a leader
    who sends it allows it by that."""
    if not sent(file).sent:
        return ""
    actor = file.context.actor
    approval = file.part(APPROVAL, Approval)
    if approval is not None:
        return approval.by
    if leaders.leads(file, actor.login, actor.groups):
        return actor.name or actor.login
    raise RuleForbids(
        f"办件{file.number}已发出过补正告知，再次告知须经负责人批准：请先在办件“时限”页向{leaders.named(file)}申请，批准后再发出。",
        f"Case {file.number} was asked for corrections before; asking again needs a leader's approval: ask "
        f"{leaders.named(file)} for it on the tab of limits of the case, and send the notice when it is approved.",
        case=file.number,
        corrections=sent(file).sent,
    )


@record
class DemandCorrection(Command):
    """A department says what the notice shall ask for, while the collection window is open.

    ``items``: one demand a line, ``material：what is asked``. Answers {no, demands, window_until, late}. What comes after the
    window goes into the notice too as long as it has not been sent, and is marked as late.
    """

    no: str
    items: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        file = CaseFile.open(context, self.no, Verb.DEMAND_CORRECTION)
        entries = entries_of(file, self.items)
        if not entries:
            raise InvalidInput("请写明需要补正的内容，每行一项。", "Say what has to be corrected, one demand a line.")
        if file.case.state is not CaseState.RECEIVED:
            raise Conflict(
                f"办件{file.number}现为“{file.case.state.label()}”，收件后、告知前才能提出补正要求。",
                f"Case {file.number} is {file.case.state.label('en')!r}: demands are collected between receipt and notice.",
            )
        until = window_until(file)
        late = until is not None and file.now > until
        department = _department_of(context)
        demand = Demand(department=department, entries=entries, at=file.now, by=context.actor.login, late=late)
        told = CorrectionDemanded(
            case_id=file.id, department=department, demands=tuple(each.to_json() for each in entries), late=late
        )
        collected = Demands(demands=(*demanded(file), demand))
        file.keep(DEMANDS, collected, [told])
        return {
            "no": file.number,
            "demands": sum(len(each.entries) for each in collected.demands),
            "window_until": None if until is None else until.isoformat(),
            "late": late,
        }


def window_until(file: CaseFile) -> datetime | None:
    """Until when departments are to have said what they need; None before the receipt."""
    received = file.case.received_at
    if received is None:
        return None
    rules = file.item.correction
    window = file.context.calendar.due(received, rules.window.limit, receipt=rules.receipt)
    notice = file.clock(ClockKind.NOTICE)
    return window.at if notice is None else min(window.at, notice.due.at)


def _department_of(context: CommandContext) -> str:
    """The code of the department of whoever acts; their login when they belong to none."""
    code = leaders.department_code(context, context.actor.department_id)
    return code or context.actor.login


# ---------------------------------------------------------------- periods that are over


def deem(file: CaseFile) -> Mapping[str, Any]:
    """视为受理: no notice within five working days, so the case was accepted on the day of its receipt and its clocks run
    from there. Once: whoever comes second, the model's timer or the office's, finds it done."""
    if file.case.acceptance is Acceptance.DEEMED and file.case.state.is_accepted:
        return acceptance.facts_of(file)
    notice = file.clock(ClockKind.NOTICE)
    case = file.move(file.case.deem_accepted())
    told = acceptance.start_clocks(file, at=case.accepted_at)
    people, groups = cases.at_work(file.context.uow, file.stream)
    file.tell(
        AcceptanceDeemed(
            case_id=file.id,
            received_at=case.received_at or file.now,
            notice_due=file.now if notice is None else notice.due.at,
            department=file.item.department,
            people=people,
            groups=groups,
        ),
        CaseAlerted(
            case_id=file.id,
            alert="deemed-accepted",
            zh="逾期未一次性告知补正内容，自收到申请材料之日起视为受理",
            en="No correction notice within five working days: the case counts as accepted from its receipt",
        ),
    )
    return told


def notice_is_over(file: CaseFile, clock: Clock) -> None:
    """The five days passed in silence and the model has no timer for it: the office records what the law says."""
    if file.case.state is not CaseState.RECEIVED:
        return
    told = deem(file)
    file.tell(VariablesChanged(variables=told, source="notice-is-over"))
    moving.load(file.context, file.stream).move(lambda execution: execution.set_variables(told))


def correction_is_over(file: CaseFile, clock: Clock) -> None:
    """The applicant did not correct in time and the model has no timer for it: the outcome that the item gives, or, in the
    middle of the review, the review goes on with what is there."""
    if file.case.state is CaseState.CORRECTION:
        file.move(file.case.close_uncorrected(file.now, file.item.correction.outcome))
        file.stop_clocks()
        moving.load(file.context, file.stream).terminate("逾期未补正")
    else:
        file.stop_clocks(ClockKind.CORRECTION)
        suspending.end_all(file, SuspensionKind.CORRECTION)


def keep_notice(file: CaseFile, entries: tuple[CorrectionEntry, ...], due: datetime) -> CorrectionNotices:
    """A notice was sent: what was collected went into it, and an approval is used up."""
    before = sent(file)
    notices = replace(before, entries=(*before.entries, *entries), sent=before.sent + 1, last_due=due)
    file.keep(NOTICES, notices)
    if not before.sent:
        group = file.item.roles.get(leaders.ROLE)
        told = CaseOpenedTo(
            case_id=file.id,
            people=leaders.heads(file, but=""),
            groups=() if group is None else (group,),
            reason="再次补正告知须经负责人批准",
        )
        file.tell(told)
    for part in (DEMANDS, APPROVAL):
        if file.facts.get(part) is not None:
            file.keep(part, None)
    return notices
