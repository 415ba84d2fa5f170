"""Verbs of tolerance 容缺受理: eligibility, promise, reminders, completion, guard, and what follows a broken promise."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from engine.approval import document
from engine.approval.case import Result
from engine.approval.case_state import CaseState
from engine.approval.clock_kind import ClockKind
from engine.approval.document import Desk, Document, DocumentKind
from engine.approval.filing import CaseReminded
from engine.approval.item.terms import SourcedLimit, ToleranceGate, ToleranceTimeout
from engine.approval.material import SlotState, lacking
from engine.approval.suspension import SuspensionKind
from engine.approval.tolerance import Tolerance, ToleranceDecision, may_tolerate, tolerance_deadline
from engine.commands.cases import materials, suspending
from engine.commands.cases.case_decisions import guard
from engine.commands.cases.case_files import CaseFile
from engine.commands.cases.case_intake import text_of, wake_up
from engine.commands.cases.moments import warned_before
from engine.commands.running.service_tasks import verb
from engine.errors import Conflict
from engine.store.rows import cases

if TYPE_CHECKING:
    from engine.approval.material import MaterialSlot
    from engine.calendar import Limit
    from engine.commands.running.moving import Moving
    from engine.context import CommandContext
    from engine.events import Event
    from engine.runtime.step import ServiceCall

# what ``times`` tells the process
TIMES = (
    "promise_due",
    "promise_number",
    "promised_text",
    "tolerance_due",
    "tolerance_remind_early",
    "tolerance_remind_late",
)
REVOKE_DECISION = "revoke_decision"  # what is left when the decision was made before the promise was broken


# ---------------------------------------------------------------- promise


def _decision(file: CaseFile) -> ToleranceDecision:
    credit = cases.credit_standing(file.context.uow, file.row["applicant_id"])
    return may_tolerate(file.item, file.slots, credit=credit, now=file.now, applicant_agrees=True)


@verb(
    "tolerance.check",
    "核查容缺条件",
    "Check whether the case may be tolerated",
    irreversible=False,
    results=(
        "missing_text",
        "promise_latest",
        "promise_outcome",
        "tolerance_eligible",
        "tolerance_reasons",
    ),
)
def check(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """``tolerance_eligible`` for the gateway; reasons against it, or what the applicant has to be told, for the form."""
    file = CaseFile.of(context, moving)
    decision = _decision(file)
    told: dict[str, Any] = {
        "tolerance_eligible": decision.allowed,
        "tolerance_reasons": "\n".join(reason.zh for reason in decision.against),
        "missing_text": materials.listed(file, lacking(file.slots)),
    }
    rules = file.item.tolerance
    if decision.allowed and rules is not None:
        latest = tolerance_deadline(file.item, file.now, context.calendar)
        told |= {"promise_latest": latest.date.isoformat(), "promise_outcome": rules.timeout.zh}
    return told


@verb(
    "tolerance.promise",
    "出具容缺告知书和承诺书",
    "Take the signed promise and write the documents",
    results=(
        *TIMES,
        "tolerance_gate",
        "tolerant",
    ),
)
def promise(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``signer``, ``agent``, ``until`` (a day before the latest one, if the applicant chose it), ``supervisor``.

    The deadline counts from the acceptance, which follows in the same step.
    """
    file = CaseFile.of(context, moving)
    agent = text_of(call, "agent")
    signed_by = text_of(call, "signer") + (f"（代办人：{agent}）" if agent else "")
    taken: list[tuple[Tolerance, dict[str, MaterialSlot], list[Event]]] = []

    def write(desk: Desk, serial: int) -> Document:
        taken.append(
            Tolerance.promise(
                _decision(file),
                file.item,
                file.slots,
                case_id=file.id,
                promise_no=desk.issuer.number(DocumentKind.TOLERANCE_PROMISE, desk.on.year, serial),
                accepted_at=file.now,
                signed_by=signed_by,
                calendar=context.calendar,
                until=_chosen_day(file, call.inputs.get("until")),
                supervisor=text_of(call, "supervisor"),
            )
        )
        return document.tolerance_promise(desk, serial, taken[0][0])

    file.issue(DocumentKind.TOLERANCE_PROMISE, write)
    tolerance, slots, events = taken[0]
    file.keep_slots(slots)
    file.keep("tolerance", tolerance, events)
    file.issue(DocumentKind.TOLERANCE_NOTICE, lambda desk, serial: document.tolerance_notice(desk, serial, tolerance))
    file.start_clock(ClockKind.TOLERANCE, SourcedLimit(tolerance.deadline.limit, tolerance.promise_no))
    return {"tolerant": True, "tolerance_gate": tolerance.gate.value, **times(file, tolerance)}


def _chosen_day(file: CaseFile, given: Any) -> date | None:
    """The day that the applicant chose, where it lies between tomorrow and the latest one; else the latest one holds."""
    try:
        chosen = date.fromisoformat(str(given or "")[:10])
    except ValueError:
        return None
    latest = tolerance_deadline(file.item, file.now, file.context.calendar).date
    early_enough = chosen <= latest and file.context.calendar.working_days_between(file.now, chosen) >= 1
    return chosen if early_enough else None


@warned_before(ClockKind.TOLERANCE)
def _reminders(file: CaseFile) -> tuple[Limit, ...]:
    return () if file.item.tolerance is None else file.item.tolerance.reminders


def times(file: CaseFile, tolerance: Tolerance) -> dict[str, Any]:
    """What timers and forms need to know of a promise."""
    calendar = file.context.calendar
    days = [day for day in tolerance.reminders(file.item, calendar) if day < tolerance.deadline.date]
    early = calendar.opening(days[0]) if days else tolerance.deadline.at
    late = calendar.opening(days[-1]) if days else tolerance.deadline.at
    names = "\n".join(file.slots[code].name for code in tolerance.materials)
    return {
        "tolerance_due": wake_up(tolerance.deadline),
        "tolerance_remind_early": early.isoformat(),
        "tolerance_remind_late": late.isoformat(),
        "promise_due": tolerance.deadline.date.isoformat(),
        "promise_number": tolerance.promise_no,
        "promised_text": names,
    }


def open_tolerance(file: CaseFile) -> Tolerance:
    """The promise of a case. Raises Conflict when there is none."""
    tolerance = file.part("tolerance", Tolerance)
    if tolerance is None:
        raise Conflict(f"办件{file.number}没有容缺承诺。", f"Case {file.number} has no tolerance.")
    return tolerance


@verb("tolerance.remind", "容缺补齐催办", "Remind of the promise")
def remind(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Record the reminder that is due today in the ledger 催办台账; a day that was over when the promise was signed, or
    was reminded of before, is left out (R2-5)."""
    file = CaseFile.of(context, moving)
    tolerance = open_tolerance(file)
    today, signed_on = file.now.date(), context.calendar.local_date(tolerance.signed_at)
    known = {entry["day"] for entry in file.facts.get("reminders", ())}
    due = [day for day in tolerance.reminders(file.item, context.calendar) if signed_on < day <= today]
    if due and due[-1].isoformat() not in known:
        names = "、".join(file.slots[code].name for code in tolerance.undelivered(file.slots))
        file.tell(
            CaseReminded(
                case_id=file.id,
                subject="tolerance",
                day=due[-1].isoformat(),
                zh=f"请于{tolerance.deadline.date.isoformat()}前补齐容缺材料：{names}",
                en=f"Bring the promised materials until {tolerance.deadline.date.isoformat()}",
            )
        )
    return {}


# ---------------------------------------------------------------- completion


@verb(
    "tolerance.record_completion",
    "登记补齐结果",
    "Record whether what was brought conforms",
    results=(
        "completion",
        "tolerance_nonconforming",
    ),
)
def record_completion(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``outcome`` (pass or fail), ``reason``. ``completion`` becomes done, again (something is still owed and may
    come inside the deadline) or failed (no chance is left, R2-10)."""
    file = CaseFile.of(context, moving)
    tolerance = open_tolerance(file)
    brought = [code for code in tolerance.materials if file.slots[code].state is SlotState.COMPLETED]
    if text_of(call, "outcome") == "pass":
        for code in brought:
            file.keep_slot(file.slots[code].verify())
        if tolerance.outstanding(file.slots):
            return {"completion": "again"}
        return _fulfil(file, tolerance)
    in_time = file.now <= tolerance.deadline.at
    if brought and (not in_time or tolerance.returned >= tolerance.recorrections):
        return {"completion": "failed", "tolerance_nonconforming": brought}
    if brought:
        reasons = dict.fromkeys(brought, text_of(call, "reason") or "不符合要求")
        tolerance, slots, events = tolerance.return_completion(file.slots, reasons, now=file.now)
        file.keep_slots(slots)
        file.keep("tolerance", tolerance, events)
    return {"completion": "again"}


def _fulfil(file: CaseFile, tolerance: Tolerance) -> dict[str, Any]:
    file.keep("tolerance", *tolerance.fulfil(file.slots))
    file.stop_clocks(ClockKind.TOLERANCE)
    suspending.end_all(file, SuspensionKind.TOLERANCE)
    return {"completion": "done"}


@verb(
    "tolerance.guard",
    "核对容缺材料是否补齐",
    "Guard: everything promised has to be there before this step",
    irreversible=False,
    results=("tolerance_checked",),
)
def check_guard(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``gate``. The model joins its branches before; if it does not, this step fails in words (R2-4)."""
    guard(CaseFile.of(context, moving), ToleranceGate(text_of(call, "gate") or ToleranceGate.BEFORE_DECISION.value))
    return {"tolerance_checked": True}


# ---------------------------------------------------------------- a broken promise


@verb(
    "tolerance.expire",
    "承诺期满核对",
    "The deadline of the promise is over",
    results=(
        *TIMES,
        "delivery",
        "tolerance_nonconforming",
        "tolerance_outcome",
    ),
)
def expire(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """``delivery`` becomes delivered (it came in time), second_time (the item gives one), or expired; then the materials
    lapse and the breach is recorded as a credit event."""
    file = CaseFile.of(context, moving)
    tolerance = open_tolerance(file)
    over = tolerance.time_out(
        file.slots,
        now=file.now,
        calendar=context.calendar,
        applicant=file.applicant,
        credit_id=context.new_id(),
        nonconforming=tuple(moving.variables.get("tolerance_nonconforming") or ()),
    )
    if not over.events:
        return {"delivery": "delivered"}
    file.keep_slots(over.slots)
    file.keep("tolerance", over.tolerance, over.events)
    file.stop_clocks(ClockKind.TOLERANCE)
    if over.outcome is None:
        return {"delivery": "second_time", "tolerance_nonconforming": [], **_second_time(file, over.tolerance)}
    return {"delivery": "expired", "tolerance_outcome": over.outcome.value}


def _second_time(file: CaseFile, tolerance: Tolerance) -> dict[str, Any]:
    """The promised clock stands while the applicant has a second time (台州)."""
    reason = "容缺材料逾期，给予补正期限"
    if file.case.state.is_accepted:
        suspending.begin(file, SuspensionKind.TOLERANCE, reason=reason, notice=False)
    limit = SourcedLimit(tolerance.deadline.limit, tolerance.promise_no)
    file.start_clock(ClockKind.TOLERANCE, limit, at=tolerance.deadline.start)
    return times(file, tolerance)


@verb(
    "tolerance.conclude",
    "按事项规定处理未履行的承诺",
    "End the case as its item says for a broken promise",
    results=(
        "result",
        "tolerance_outcome",
    ),
)
def conclude(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """One of the five outcomes (R2-6), always in writing; a refusal waits for the person who signs it. A decision that was
    made before (gate before_issue) is revoked."""
    file = CaseFile.of(context, moving)
    tolerance = open_tolerance(file)
    missing = tuple(code for code in tolerance.materials if file.slots[code].state is SlotState.LAPSED)
    reason, basis = _breach(file, tolerance, missing), _timeout_basis(file)
    if file.case.state is CaseState.DECIDED_OK:
        file.move(file.case.revoke(file.now, reason, basis))
        _write_revocation(file, reason, basis)
        file.stop_clocks()
        return {"tolerance_outcome": REVOKE_DECISION, "result": file.case.state.value}
    file.issue(
        DocumentKind.TOLERANCE_TIMEOUT,
        lambda desk, serial: document.tolerance_timeout(desk, serial, tolerance, missing),
    )
    if tolerance.outcome is not ToleranceTimeout.REFUSE:
        file.move(file.case.end_tolerance(file.now, tolerance.outcome, reason=reason, basis=basis))
        file.stop_clocks()
    return {"tolerance_outcome": tolerance.outcome.value, "result": file.case.state.value}


def _breach(file: CaseFile, tolerance: Tolerance, missing: tuple[str, ...]) -> str:
    names = "、".join(file.slots[code].name for code in missing)
    return f"承诺{tolerance.promise_no}逾期未补齐：{names}"


def _timeout_basis(file: CaseFile) -> str:
    rules = file.item.tolerance
    return rules.timeout_source if rules is not None else ""


def _write_revocation(file: CaseFile, reason: str, basis: str) -> None:
    paragraphs = [f"经查明，{reason}。现决定撤销准予你（单位）{file.item.name}的决定。"]
    file.issue(
        DocumentKind.REVOCATION,
        lambda desk, serial: desk.write(
            DocumentKind.REVOCATION, serial, paragraphs, legal_basis=[basis] if basis else (), with_remedies=True
        ),
    )


@verb("tolerance.refuse", "因未履行容缺承诺不予许可", "Refuse because the promise was not kept", results=("result",))
def refuse(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``reason``, ``basis``: the words of the person who decides."""
    file = CaseFile.of(context, moving)
    tolerance = open_tolerance(file)
    missing = tuple(code for code in tolerance.materials if file.slots[code].state is SlotState.LAPSED)
    reason = text_of(call, "reason") or _breach(file, tolerance, missing)
    basis = text_of(call, "basis") or _timeout_basis(file)
    file.move(file.case.end_tolerance(file.now, ToleranceTimeout.REFUSE, reason=reason, basis=basis))
    file.issue(DocumentKind.REFUSAL, lambda desk, serial: document.refusal(desk, serial, reason=reason, basis=basis))
    file.stop_clocks()
    return {"result": Result.REFUSED.value}
