"""Verbs of intake: receipt, the one correction notice, acceptance and its refusals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from engine.approval import document
from engine.approval.case import Acceptance
from engine.approval.case_state import CaseState
from engine.approval.clock import ClockKind, Suspension, SuspensionKind, pauses
from engine.approval.commitment import Commitment, CommitmentState, decision_due
from engine.approval.correction import CorrectionEntry, merge_corrections, new_demands
from engine.approval.document import DocumentKind
from engine.approval.filing import CaseAlerted
from engine.approval.item.terms import SourcedLimit
from engine.approval.stored import Stored
from engine.commands.case_files import CaseFile
from engine.commands.service_tasks import verb

if TYPE_CHECKING:
    from engine.calendar import Due
    from engine.commands.moving import Moving
    from engine.context import CommandContext
    from engine.runtime.step import ServiceCall


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionNotices(Stored):
    """What the applicant was asked to correct: everything that was ever asked, and how often a notice was sent."""

    entries: tuple[CorrectionEntry, ...] = ()
    sent: int = 0
    last_due: datetime | None = None


def wake_up(due: Due | datetime) -> str:
    """When a timer has to look at a period that ends at ``due``: one second after, for until then it is not over."""
    end = due if isinstance(due, datetime) else due.at
    return (end + timedelta(seconds=1)).isoformat()


def text_of(call: ServiceCall, name: str) -> str:
    """An input as text without blanks around it; missing is empty."""
    value = call.inputs.get(name)
    return "" if value is None else str(value).strip()


def lines_of(text: Any) -> list[str]:
    """The lines of a text that are not empty; a list of texts is taken as it is."""
    lines = text if isinstance(text, list) else str(text or "").splitlines()
    return [str(line).strip() for line in lines if str(line).strip()]


# ---------------------------------------------------------------- receipt


@verb(
    "case.receive",
    "收件，出具收件凭证",
    "Receive the application and write the receipt",
    results=(
        "notice_due",
        "received_at",
    ),
)
def receive(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """The five working days for the correction notice run from here (行政许可法 32): ``notice_due`` is for a timer."""
    file = CaseFile.of(context, moving)
    rules = file.item.correction
    case = file.move(file.case.receive(file.now))
    clock = file.start_clock(ClockKind.NOTICE, rules.notice, receipt=rules.receipt)
    file.issue(DocumentKind.RECEIPT, lambda desk, serial: document.receipt(desk, serial, file.slots))
    received_at = case.received_at or file.now
    return {"received_at": received_at.isoformat(), "notice_due": wake_up(clock.due)}


# ---------------------------------------------------------------- correction


def entries_of(file: CaseFile, items: Any) -> tuple[CorrectionEntry, ...]:
    """Read a list of demands, one a line: ``material：what is asked``; a line that names no material is about the
    application itself."""
    codes = {name: code for code, slot in file.slots.items() for name in (code, slot.name)}
    found = []
    for line in lines_of(items):
        name, mark, asked = line.replace(":", "：", 1).partition("：")
        code = codes.get(name.strip(), "") if mark else codes.get(line, "")
        requirement = asked.strip() if mark and code else line
        found.append(CorrectionEntry(material=code, requirement=requirement or "请补交"))
    return tuple(found)


@verb(
    "case.notify_correction",
    "发出一次性补正告知书",
    "Send the one correction notice",
    results=(
        "correction_due",
        "correction_rounds",
        "correction_text",
        "correction_until",
    ),
)
def notify_correction(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``items`` (one demand a line). After acceptance the case stands still while the applicant corrects; what is
    asked anew after an earlier notice is told to the supervisor."""
    file = CaseFile.of(context, moving)
    entries = entries_of(file, call.inputs.get("items")) or (
        CorrectionEntry(material="", requirement=text_of(call, "note") or "请补正申请材料"),
    )
    before = file.part("notices", CorrectionNotices) or CorrectionNotices()
    if file.case.state.is_accepted:
        _stand_still(file)
    else:
        approved_by = context.actor.name or context.actor.login
        codes = tuple(dict.fromkeys(entry.material for entry in entries if entry.material))
        file.move(file.case.request_correction(codes, approved_by=approved_by if before.sent else ""))
        file.stop_clocks(ClockKind.NOTICE)
    clock = file.start_clock(ClockKind.CORRECTION, file.item.correction.period)
    merged = merge_corrections({file.item.department: entries})
    file.issue(DocumentKind.CORRECTION, lambda desk, serial: document.correction(desk, serial, merged, due=clock.due))
    if before.sent:
        _tell_new_demands(file, before.entries, entries)
    notices = replace(before, entries=(*before.entries, *entries), sent=before.sent + 1, last_due=clock.due.at)
    file.keep("notices", notices)
    return {
        "correction_due": wake_up(clock.due),
        "correction_until": clock.due.date.isoformat(),
        "correction_rounds": notices.sent,
        "correction_text": "\n".join(_line(file, entry) for entry in entries),
    }


def _line(file: CaseFile, entry: CorrectionEntry) -> str:
    return f"{file.item.material(entry.material).name}：{entry.requirement}" if entry.material else entry.requirement


def _stand_still(file: CaseFile) -> None:
    """The applicant corrects in the middle of the review: the promised clock stands, the statutory one never (art. 45)."""
    if file.case.state is not CaseState.UNDER_REVIEW:
        file.move(file.case.start_review())
    reason = "一次性告知补正"
    file.move(file.case.pause(file.now, reason, special=False))
    kinds = pauses(SuspensionKind.OTHER, file.item)
    file.pause_clocks(kinds, Suspension(kind=SuspensionKind.OTHER, start=file.now, reason=reason))


def _tell_new_demands(file: CaseFile, first: Iterable[CorrectionEntry], later: Iterable[CorrectionEntry]) -> None:
    for reason in new_demands(first, later):
        file.tell(CaseAlerted(case_id=file.id, alert="second-notice", zh=reason.zh, en=reason.en))


@verb("case.corrected", "登记已补正", "Take the corrections")
def corrected(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """What was asked for came in; the day of delivery counts, whenever it is looked at."""
    file = CaseFile.of(context, moving)
    take_correction(file)
    return {}


def take_correction(file: CaseFile) -> None:
    """Go on where the case stood when the notice was sent."""
    file.stop_clocks(ClockKind.CORRECTION)
    if file.case.state is CaseState.CORRECTION:
        file.move(file.case.corrected())
    elif file.case.state is CaseState.SUSPENDED:
        file.move(file.case.resume(file.now))
        file.resume_clocks()


@verb("case.close_uncorrected", "补正不来办结", "Close the case: not corrected in time", results=("result",))
def close_uncorrected(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """The item says whether this is a closed case or counts as withdrawn."""
    file = CaseFile.of(context, moving)
    case = file.move(file.case.close_uncorrected(file.now, file.item.correction.outcome))
    file.stop_clocks()
    return {"result": case.state.value}


# ---------------------------------------------------------------- acceptance


@verb(
    "case.accept",
    "受理，启动时限",
    "Accept the case and start its clocks",
    results=(
        "accepted",
        "accepted_at",
        "decision_due",
        "promised_until",
        "statutory_until",
    ),
)
def accept(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """On a signed commitment the acceptance says so, and ``decision_due`` is when the day of the decision is over."""
    file = CaseFile.of(context, moving)
    take_correction(file)
    commitment = file.part("commitment", Commitment)
    committed = commitment is not None and commitment.state is CommitmentState.SIGNED
    file.move(file.case.accept(file.now, Acceptance.COMMITMENT if committed else Acceptance.ORDINARY))
    told = start_clocks(file)
    if committed:
        due = decision_due(file.item, file.now, context.calendar)
        rules = file.item.commitment
        assert rules is not None  # there is a commitment
        file.start_clock(ClockKind.DECISION, rules.decision)
        told["decision_due"] = wake_up(due)
    return told


@verb(
    "case.accept_tolerant",
    "容缺受理，启动时限",
    "Accept the case with tolerance and start its clocks",
    results=(
        "accepted",
        "accepted_at",
        "promised_until",
        "statutory_until",
    ),
)
def accept_tolerant(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """容缺受理 is acceptance: all clocks run, and waiting for the materials stops none of them (R2-1, R2-3)."""
    file = CaseFile.of(context, moving)
    file.move(file.case.accept(file.now, Acceptance.TOLERANCE))
    return start_clocks(file)


@verb(
    "case.deem_accepted",
    "视为受理（自收件之日起）",
    "Deem the case accepted, dated back to its receipt",
    results=(
        "accepted",
        "accepted_at",
        "promised_until",
        "statutory_until",
    ),
)
def deem_accepted(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """No notice within five working days: accepted from the day of receipt (行政许可法 32), and the supervisor is told."""
    file = CaseFile.of(context, moving)
    case = file.move(file.case.deem_accepted())
    told = start_clocks(file, at=case.accepted_at)
    file.tell(
        CaseAlerted(
            case_id=file.id,
            alert="deemed-accepted",
            zh="逾期未一次性告知补正内容，自收到申请材料之日起视为受理",
            en="No correction notice within five working days: the case counts as accepted from its receipt",
        )
    )
    return told


def start_clocks(file: CaseFile, *, at: datetime | None = None) -> dict[str, Any]:
    """Start the promised and the statutory clock of an accepted case, and write the notice of acceptance."""
    limits = file.item.limits
    file.stop_clocks(ClockKind.NOTICE)
    promised = file.start_clock(ClockKind.PROMISED, promised_limit(file), at=at)
    statutory = file.start_clock(ClockKind.STATUTORY, limits.statutory, at=at)
    file.issue(
        DocumentKind.ACCEPTANCE,
        lambda desk, serial: document.acceptance(desk, serial, promised=promised.due, statutory=statutory.due),
    )
    accepted_at = file.case.accepted_at or file.now
    return {
        "accepted": True,
        "accepted_at": accepted_at.isoformat(),
        "promised_until": promised.due.date.isoformat(),
        "statutory_until": statutory.due.date.isoformat(),
    }


def promised_limit(file: CaseFile) -> SourcedLimit:
    """The published limit; in parallel approval that of the whole, for which the lead answers."""
    parallel = file.item.parallel
    return file.item.limits.promised if parallel is None else parallel.limit


@verb("case.reject_acceptance", "不予受理", "Refuse acceptance", results=("result",))
def reject_acceptance(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``reason``, ``basis``. Always in writing, with reasons and remedies."""
    file = CaseFile.of(context, moving)
    file.stop_clocks(ClockKind.CORRECTION)
    reason, basis = text_of(call, "reason"), text_of(call, "basis")
    file.move(file.case.refuse_acceptance(file.now, reason, basis))
    file.stop_clocks()
    file.issue(
        DocumentKind.ACCEPTANCE_REFUSED,
        lambda desk, serial: document.acceptance_refused(desk, serial, reason=reason, basis=basis),
    )
    return {"result": file.case.state.value}
