"""Verbs of intake: receipt, the one correction notice, acceptance and its refusals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from engine.approval import document
from engine.approval.case import Acceptance
from engine.approval.case_state import CaseState
from engine.approval.clock_kind import ClockKind
from engine.approval.commitment import Commitment, CommitmentState, decision_due
from engine.approval.correction import CorrectionEntry, new_demands
from engine.approval.document import DocumentKind
from engine.approval.filing import CaseAlerted
from engine.approval.suspension import SuspensionKind
from engine.commands.cases import acceptance, corrections, suspending
from engine.commands.cases.case_files import CaseFile
from engine.commands.cases.corrections import entries_of as entries_of
from engine.commands.cases.corrections import lines_of as lines_of
from engine.commands.running.service_tasks import verb

if TYPE_CHECKING:
    from engine.calendar import Due
    from engine.commands.running.moving import Moving
    from engine.context import CommandContext
    from engine.runtime.step import ServiceCall


def wake_up(due: Due | datetime) -> str:
    """When a timer has to look at a period that ends at ``due``: one second after, for until then it is not over."""
    end = due if isinstance(due, datetime) else due.at
    return (end + timedelta(seconds=1)).isoformat()


def text_of(call: ServiceCall, name: str) -> str:
    """An input as text without blanks around it; missing is empty."""
    value = call.inputs.get(name)
    return "" if value is None else str(value).strip()


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
    """Inputs: ``items`` (one demand a line); what departments have asked for goes into the same notice. After acceptance the case stands still while the applicant corrects; what is
    asked anew after an earlier notice is told to the supervisor."""
    file = CaseFile.of(context, moving)
    own = corrections.entries_of(file, call.inputs.get("items"))
    merged = corrections.merged(file, own)
    entries = corrections.listed(merged) or (
        CorrectionEntry(material="", requirement=text_of(call, "note") or "请补正申请材料"),
    )
    before = corrections.sent(file)
    approved_by = corrections.approver(file)
    if file.case.state.is_accepted:
        _stand_still(file)
    else:
        codes = tuple(dict.fromkeys(entry.material for entry in entries if entry.material))
        file.move(file.case.request_correction(codes, approved_by=approved_by))
        file.stop_clocks(ClockKind.NOTICE)
    clock = file.start_clock(ClockKind.CORRECTION, file.item.correction.period)
    merged = merged or corrections.merged(file, entries)
    file.issue(DocumentKind.CORRECTION, lambda desk, serial: document.correction(desk, serial, merged, due=clock.due))
    if before.sent:
        _tell_new_demands(file, before.entries, entries)
    notices = corrections.keep_notice(file, entries, clock.due.at)
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
    suspending.begin(file, SuspensionKind.CORRECTION, reason="一次性告知补正", notice=False)


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
    else:
        suspending.end_all(file, SuspensionKind.CORRECTION)


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
    if _is_deemed_accepted(file):
        return acceptance.facts_of(file)
    take_correction(file)
    commitment = file.part("commitment", Commitment)
    committed = commitment is not None and commitment.state is CommitmentState.SIGNED
    file.move(file.case.accept(file.now, Acceptance.COMMITMENT if committed else Acceptance.ORDINARY))
    told = acceptance.start_clocks(file)
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
    if _is_deemed_accepted(file):
        return acceptance.facts_of(file)
    file.move(file.case.accept(file.now, Acceptance.TOLERANCE))
    return acceptance.start_clocks(file)


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
    return corrections.deem(CaseFile.of(context, moving))


def _is_deemed_accepted(file: CaseFile) -> bool:
    """The law accepted the case before the window did; its clocks run from the receipt."""
    return file.case.acceptance is Acceptance.DEEMED and file.case.state.is_accepted


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
