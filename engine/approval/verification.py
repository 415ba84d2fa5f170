"""Verification after a decision on commitment 事中事后核查: sampling, results, rectification, revocation, credit.

Rules R3-4 to R3-6 and R3-9. A verification is opened by the decision, has its own due date, and ends passed, revoked,
or without a check (exempt, or not sampled).
"""

from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final

from engine.approval import events
from engine.approval.applicant import Applicant
from engine.approval.credit import CreditEvent, CreditKind
from engine.approval.item.terms import CommitmentRules, VerifyMode
from engine.approval.stored import Stored
from engine.calendar import Due, WorkCalendar
from engine.errors import Conflict, InvalidInput
from engine.events import Event
from engine.records import record

INSPECTORS_ON_SITE: Final = 2  # 行政许可法 34 third paragraph


class VerificationState(StrEnum):
    """Where a verification stands."""

    WAITING = "waiting"
    EXEMPT = "exempt"
    NOT_SAMPLED = "not_sampled"
    PASSED = "passed"
    RECTIFYING = "rectifying"
    RECHECK = "recheck"
    FAILED = "failed"
    REVOKING = "revoking"  # the holder may be heard
    REVOKED = "revoked"

    @property
    def zh(self) -> str:
        return _WORDS[self]


_S = VerificationState
_WORDS: Final = {
    _S.WAITING: "待核查",
    _S.EXEMPT: "免予核查",
    _S.NOT_SAMPLED: "未抽中",
    _S.PASSED: "核查符合",
    _S.RECTIFYING: "限期整改",
    _S.RECHECK: "待复查",
    _S.FAILED: "拟撤销",
    _S.REVOKING: "陈述申辩",
    _S.REVOKED: "已撤销",
}

VERIFICATION_MOVES: Final[dict[VerificationState, frozenset[VerificationState]]] = {
    _S.WAITING: frozenset({_S.PASSED, _S.RECTIFYING, _S.FAILED}),
    _S.RECTIFYING: frozenset({_S.RECHECK}),
    _S.RECHECK: frozenset({_S.PASSED, _S.RECTIFYING, _S.FAILED}),
    _S.FAILED: frozenset({_S.REVOKING}),
    _S.REVOKING: frozenset({_S.REVOKING, _S.RECHECK, _S.REVOKED}),
    _S.EXEMPT: frozenset(),
    # Not sampled, and yet somebody complained: it may be checked for cause.
    _S.NOT_SAMPLED: frozenset({_S.WAITING}),
    _S.PASSED: frozenset(),
    _S.REVOKED: frozenset(),
}


class VerificationResult(StrEnum):
    """What a check found (R3-5)."""

    CONFORMS = "conforms"
    NOT_CONFORMING = "not_conforming"
    FALSE_PROMISE = "false_promise"
    REFUSED_COOPERATION = "refused_cooperation"  # counts as not conforming
    NOT_FULFILLED = "not_fulfilled"  # nothing was done in the agreed time (安阳 27)

    @property
    def zh(self) -> str:
        return {
            "conforms": "符合",
            "not_conforming": "不符合",
            "false_promise": "虚假承诺",
            "refused_cooperation": "拒不配合",
            "not_fulfilled": "未履行承诺",
        }[self.value]


@record
class Check(Stored):
    """One check and what it found."""

    result: VerificationResult
    inspectors: tuple[str, ...]
    at: datetime
    note: str = ""


def is_sampled(seed: str, case_number: str, rate: float) -> bool:
    """Is this case drawn? The same seed draws the same cases for ever, so a drawing can be checked afterwards."""
    drawn = int.from_bytes(sha256(f"{seed}:{case_number}".encode()).digest()[:8], "big") / 2**64
    return drawn < rate


@record
class Verification(Stored):
    """One verification of one decision. ``due`` is None when nothing has to be checked."""

    id: str
    case_id: str
    mode: VerifyMode
    state: VerificationState
    decided_at: datetime
    sampled: bool
    rate: float
    seed: str = ""  # with it the drawing can be repeated
    due: Due | None = None
    checks: tuple[Check, ...] = ()
    rectify_due: Due | None = None
    statement_due: Due | None = None
    heard: bool = False
    statement: str = ""  # what the holder said, as the decision tells it
    reason: str = ""

    @classmethod
    def open(
        cls,
        id: str,
        rules: CommitmentRules,
        *,
        case_id: str,
        case_number: str,
        decided_at: datetime,
        calendar: WorkCalendar,
        credit_class: str = "",
        seed: str,
    ) -> tuple["Verification", list[Event]]:
        """Open it with the decision (R3-4). Only random inspection draws by the rate of the credit class; on-site and
        online checks cover everybody."""
        rate = rules.sample_rates.get(credit_class, rules.default_rate)
        match rules.verify_mode:
            case VerifyMode.NONE:
                state, rate = _S.EXEMPT, 0.0
            case VerifyMode.RANDOM:
                state = _S.WAITING if is_sampled(seed, case_number, rate) else _S.NOT_SAMPLED
            case _:
                state, rate = _S.WAITING, 1.0
        due = calendar.due(decided_at, rules.verify.limit) if state is _S.WAITING else None
        opened = cls(
            id=id,
            case_id=case_id,
            mode=rules.verify_mode,
            state=state,
            decided_at=decided_at,
            sampled=state is _S.WAITING,
            rate=rate,
            seed=seed,
            due=due,
        )
        told = events.VerificationOpened(
            case_id=case_id,
            verification_id=id,
            mode=opened.mode.value,
            state=state.value,
            sampled=opened.sampled,
            rate=rate,
            seed=seed,
            due_at=None if due is None else due.at,
            provisional=due is not None and due.provisional,
        )
        return opened, [told]

    def is_overdue(self, now: datetime) -> bool:
        """Is the check late? After the first check its clock stands."""
        return self.state is _S.WAITING and self.due is not None and now > self.due.at

    def record(
        self,
        result: VerificationResult,
        rules: CommitmentRules,
        *,
        inspectors: tuple[str, ...],
        at: datetime,
        calendar: WorkCalendar,
        note: str = "",
        to_rectify: tuple[str, ...] = (),
    ) -> tuple["Verification", list[Event]]:
        """Record what a check or re-check found (R3-5). On site two officers sign; anything but "conforms" needs a
        note."""
        self._check_inspection(result, inspectors, note)
        rechecked = sum(1 for check in self.checks if check.result is not VerificationResult.CONFORMS)
        state = self._after(result, rules, rechecked)
        told: list[Event] = [
            self._event(
                events.VerificationResultRecorded,
                state,
                result=result.value,
                inspectors=inspectors,
                note=note,
                round=len(self.checks) + 1,
            )
        ]
        moved = self._moved(state, checks=(*self.checks, Check(result=result, inspectors=inspectors, at=at, note=note)))
        if state is _S.RECTIFYING:
            rectify_due = calendar.due(at, rules.rectify.limit)
            moved = replace(moved, rectify_due=rectify_due)
            told.append(moved._event(events.RectificationOrdered, state, due_at=rectify_due.at, items=to_rectify))
        return moved, told

    def _after(self, result: VerificationResult, rules: CommitmentRules, failed_before: int) -> VerificationState:
        at_once = {
            VerificationResult.FALSE_PROMISE: rules.false_promise_revokes_at_once,
            VerificationResult.NOT_FULFILLED: rules.unfulfilled_revokes_at_once,
        }
        if result is VerificationResult.CONFORMS:
            return _S.PASSED
        if at_once.get(result, False) or failed_before >= rules.rechecks:
            return _S.FAILED
        return _S.RECTIFYING

    def report_rectified(self, note: str = "") -> tuple["Verification", list[Event]]:
        """The holder reports, or the time for rectification is over: the case is checked again."""
        told = self._event(events.RectificationReported, _S.RECHECK, note=note)
        return self._moved(_S.RECHECK), [told]

    def check_for_cause(self, reason: str, due: Due) -> tuple["Verification", list[Event]]:
        """Check a case that was not drawn, for a complaint or another cause."""
        self._need(reason)
        told = self._event(events.VerificationReopened, _S.WAITING, reason=reason, due_at=due.at)
        return self._moved(_S.WAITING, reason=reason, due=due), [told]

    def propose_revocation(
        self, reason: str, rules: CommitmentRules, *, at: datetime, calendar: WorkCalendar
    ) -> tuple["Verification", list[Event]]:
        """Tell the holder facts, reasons and the right to be heard (R3-6)."""
        self._need(reason)
        until = calendar.due(at, rules.statement.limit)
        told = self._event(events.RevocationProposed, _S.REVOKING, reason=reason, statement_until=until.at)
        return self._moved(_S.REVOKING, reason=reason, statement_due=until, heard=False), [told]

    def hear(self, statement: str, *, accepted: bool) -> tuple["Verification", list[Event]]:
        """Take the statement; an accepted one leads to another check."""
        self._need(statement)
        state = _S.RECHECK if accepted else _S.REVOKING
        told = self._event(events.StatementHeard, state, statement=statement, accepted=accepted)
        return self._moved(state, heard=True, statement=statement), [told]

    @property
    def is_false(self) -> bool:
        """Was the promise itself untrue, so that the licence was got by deceit?"""
        return any(check.result is VerificationResult.FALSE_PROMISE for check in self.checks)

    def revoke(
        self, *, at: datetime, applicant: Applicant, credit_id: str
    ) -> tuple["Verification", CreditEvent, list[Event]]:
        """Revoke the licence once the holder was heard or let the time pass; the breach is recorded under
        ``credit_id``."""
        if self.state is _S.REVOKING and not self.heard and (self.statement_due is None or at <= self.statement_due.at):
            raise Conflict(
                f"陈述申辩期限{self.statement_due.date if self.statement_due else ''}未满，当事人尚未陈述，不能作出撤销决定。",
                "The holder was not heard and still has time; the licence cannot be revoked yet.",
            )
        revoked = self._moved(_S.REVOKED)
        credit, recorded = CreditEvent.record(
            credit_id,
            applicant,
            CreditKind.FALSE_COMMITMENT if self.is_false else CreditKind.COMMITMENT_BROKEN,
            reason=self.reason,
            at=at,
            case_id=self.case_id,
        )
        return revoked, credit, [self._event(events.RevocationDecided, _S.REVOKED, reason=self.reason), *recorded]

    def _check_inspection(self, result: VerificationResult, inspectors: tuple[str, ...], note: str) -> None:
        needed = INSPECTORS_ON_SITE if self.mode in (VerifyMode.ON_SITE, VerifyMode.RANDOM) else 1
        if len(set(inspectors)) < needed:
            raise InvalidInput(
                f"{self.mode.zh}应由{needed}名以上工作人员进行（行政许可法第三十四条）。",
                f"This check needs {needed} officers or more (licence law, art. 34).",
                fields={"inspectors": {"zh": f"至少{needed}人", "en": f"at least {needed}"}},
            )
        if result is not VerificationResult.CONFORMS:
            self._need(note)

    def _need(self, text: str) -> None:
        if not text.strip():
            raise InvalidInput("请填写情况说明或理由。", "Please describe what was found or why.")

    def _moved(self, state: VerificationState, **changes: Any) -> "Verification":
        if state not in VERIFICATION_MOVES[self.state]:
            raise Conflict(
                f"核查现为“{self.state.zh}”，不能转为“{state.zh}”。",
                f"The verification is {self.state.value} and cannot become {state.value}.",
                state=self.state.value,
                wanted=state.value,
            )
        return replace(self, state=state, **changes)

    def _event(self, event: type[events.VerificationEvent], state: VerificationState, **facts: Any) -> Event:
        return event(case_id=self.case_id, verification_id=self.id, before=self.state.value, after=state.value, **facts)
