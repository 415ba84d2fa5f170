"""Verbs of the decision and the end: decision, licence, delivery, withdrawal, and word to the supervisor."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from engine.approval import certificate, document
from engine.approval.case import Acceptance, Result
from engine.approval.case_state import CaseState
from engine.approval.clock import ClockKind
from engine.approval.commitment import Commitment, CommitmentState
from engine.approval.document import DocumentKind
from engine.approval.filing import CaseAlerted, CertificateMade, DocumentKept
from engine.approval.item.terms import ToleranceGate
from engine.approval.parallel import JointReview
from engine.approval.tolerance import Tolerance
from engine.commands.cases import suspending
from engine.commands.cases.case_files import CaseFile
from engine.commands.cases.case_intake import text_of
from engine.commands.running.service_tasks import verb
from engine.store import tables
from engine.store.rows import cases

if TYPE_CHECKING:
    from engine.approval.case import Case
    from engine.calendar import Limit
    from engine.commands.running.moving import Moving
    from engine.context import CommandContext
    from engine.runtime.step import ServiceCall

GRANTING = frozenset({"approve", "approved", "agree", "grant", "granted"})
CERTIFICATE = "certificate"


@verb(
    "case.decide",
    "作出决定，制作决定书",
    "Decide, and write the decision",
    results=(
        "decided_at",
        "decided_on_commitment",
        "decision_number",
        "result",
    ),
)
def decide(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``decision`` (approve or refuse), ``reason``, ``basis``. ``result`` becomes granted or refused."""
    file = CaseFile.of(context, moving)
    granted = text_of(call, "decision") in GRANTING
    if granted:
        guard(file, ToleranceGate.BEFORE_DECISION)
    reason = text_of(call, "reason")
    basis = text_of(call, "basis") or "、".join(each.cite() for each in file.item.legal_basis)
    result = Result.GRANTED if granted else Result.REFUSED
    case = settle(file, result, reason=reason, basis=basis)
    on_commitment = _decide_commitment(file, granted=granted)
    number = _write_decision(file, granted, reason=reason, basis=basis, on_commitment=on_commitment)
    if not granted:
        end_tolerance(file, "已作出不予许可决定")
    file.start_clock(ClockKind.DELIVERY, file.item.limits.delivery)
    return {
        "result": result.value,
        "decided_at": (case.decided_at or file.now).isoformat(),
        "decision_number": number,
        "decided_on_commitment": on_commitment,
    }


def settle(file: CaseFile, result: Result, *, reason: str, basis: str) -> Case:
    """The case is decided, and the clocks of the office stop. Raises RuleForbids while a special procedure is open."""
    wanted = CaseState.DECIDED_NO if result is Result.REFUSED else CaseState.DECIDED_OK
    suspending.check_none_open(file, wanted)
    case = file.move(file.case.decide(file.now, result, reason=reason, basis=basis))
    file.stop_clocks(*_OFFICE_CLOCKS)
    return case


_OFFICE_CLOCKS = (
    ClockKind.NOTICE,
    ClockKind.PROMISED,
    ClockKind.STATUTORY,
    ClockKind.DECISION,
    ClockKind.BRANCH,
    ClockKind.CORRECTION,
)


def _decide_commitment(file: CaseFile, *, granted: bool) -> bool:
    commitment = file.part("commitment", Commitment)
    if commitment is None or commitment.state is not CommitmentState.SIGNED:
        return False
    file.keep("commitment", *commitment.decide(file.now, granted=granted))
    return file.case.acceptance is Acceptance.COMMITMENT


def _write_decision(file: CaseFile, granted: bool, *, reason: str, basis: str, on_commitment: bool) -> str:
    if not granted:
        written = file.issue(
            DocumentKind.REFUSAL, lambda desk, serial: document.refusal(desk, serial, reason=reason, basis=basis)
        )
        return written.number
    review = file.part("review", JointReview)
    conditions = review.merged().conditions if review is not None and review.is_complete else ()
    written = file.issue(
        DocumentKind.GRANT,
        lambda desk, serial: document.grant(desk, serial, conditions=conditions, on_commitment=on_commitment),
    )
    return written.number


def guard(file: CaseFile, step: ToleranceGate) -> None:
    """Raise Conflict when something promised is outstanding and has to be there before ``step`` (R2-4)."""
    tolerance = file.part("tolerance", Tolerance)
    if tolerance is not None:
        words = {ToleranceGate.BEFORE_DECISION: ("作出决定", "decide"), ToleranceGate.BEFORE_ISSUE: ("制证", "issue")}
        zh, en = words.get(step, ("办结", "finish"))
        tolerance.guard(file.slots, step).require(zh, en)


def end_tolerance(file: CaseFile, reason: str) -> None:
    """The case ends otherwise: an open promise is no longer owed."""
    tolerance = file.part("tolerance", Tolerance)
    if tolerance is not None and tolerance.is_open:
        file.keep("tolerance", *tolerance.end(reason))


@verb("case.issue", "制证", "Make the licence", results=("certificate_number",))
def issue(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Give the licence its number; one granted on a commitment says so."""
    file = CaseFile.of(context, moving)
    guard(file, ToleranceGate.BEFORE_ISSUE)
    title, valid = file.item.guide.get("certificate") or "行政许可证", file.item.limits.licence_valid
    return {"certificate_number": make_certificate(file, title, valid=valid)}


def make_certificate(file: CaseFile, title: str, *, code: str = certificate.MAIN, valid: Limit | None = None) -> str:
    """Make one licence with the next number, and return the number. ``code`` tells which one of a package it is, ``valid`` how
    long it is valid."""
    desk, context, document_id = file.desk, file.context, file.context.new_id()
    until = None if valid is None else certificate.last_day(desk.on, valid)
    prefix = f"{desk.issuer.word}证〔{file.now.year}〕"
    number = f"{prefix}{cases.next_serial(context.uow, tables.document_number, prefix)}号"
    note = "以告知承诺方式取得" if file.case.acceptance is Acceptance.COMMITMENT else ""
    lines = [title, f"编号：{number}", *(f"{name}：{text}" for name, text in desk.head().items())]
    lines += [] if until is None else [f"有效期：{_written(desk.on)}至{_written(until)}"]
    lines += [f"备注：{note}"] * bool(note)
    lines += ["", desk.issuer.name, _written(desk.on)]
    file.tell(
        CertificateMade(
            case_id=file.id,
            number=number,
            title=title,
            note=note,
            code=code,
            holder=file.applicant.name,
            valid_from=desk.on,
            valid_until=until,
            document_id=document_id,
        ),
        DocumentKept(
            case_id=file.id,
            document_id=document_id,
            document_kind=CERTIFICATE,
            number=number,
            title=title,
            body="\n".join(lines),
            facts={"fields": desk.head(), "issuer": desk.issuer.name, "issued_on": desk.on.isoformat()},
        ),
    )
    return number


def _written(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


@verb("case.finish", "办结归档", "Finish: decided and served")
def finish(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """The decision was served. Only the time for what may be handed in afterwards runs on (告知承诺)."""
    file = CaseFile.of(context, moving)
    file.move(file.case.finish(file.now))
    file.stop_clocks(*(kind for kind in ClockKind if kind is not ClockKind.SUPPLEMENT))
    return {}


@verb("case.invite_rating", "邀请评价", "Invite the applicant to rate the service")
def invite_rating(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """好差评, once for each matter, after it is done (国办发〔2019〕51号). What they say comes in by RateCase."""
    CaseFile.of(context, moving).issue(DocumentKind.RATING_INVITATION, document.rating_invitation)
    return {}


@verb("case.withdraw", "办理撤回申请", "Wind up a withdrawn case", results=("result",))
def withdraw(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``reason``. Withdrawal cancels all branches and promises (R4-7)."""
    file = CaseFile.of(context, moving)
    case = file.move(file.case.withdraw(file.now, text_of(call, "reason")))
    file.stop_clocks()
    end_tolerance(file, "申请人撤回申请")
    stop_review(file, "申请人撤回申请")
    return {"result": case.state.value}


def stop_review(file: CaseFile, reason: str) -> None:
    """The branches that have not answered need not answer any more."""
    for part in ("precheck", "review"):
        review = file.part(part, JointReview)
        if review is not None and not review.is_complete:
            file.keep(part, *review.stop(reason=reason))


_ALERTS = {
    "decision_overdue": (
        "告知承诺应当当场决定，当日未作出决定",
        "A decision on a commitment was not made the same day",
    ),
    "verification_overdue": ("告知承诺核查超过期限", "The verification of a commitment is overdue"),
}


@verb("case.alert", "发出督办", "Tell the supervisor")
def alert(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``kind`` (decision_overdue, verification_overdue, or any code), ``text`` in the model's own words."""
    file = CaseFile.of(context, moving)
    kind = text_of(call, "kind") or "other"
    words = text_of(call, "text")
    zh, en = _ALERTS.get(
        kind, (words or f"流程发出督办（{kind}）", words or f"The process asks for attention ({kind})")
    )
    file.tell(CaseAlerted(case_id=file.id, alert=kind.replace("_", "-"), zh=zh, en=en))
    return {}
