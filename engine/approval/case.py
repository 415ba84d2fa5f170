"""A case 办件: one application for one item, from filing to its end.

Each method checks first, then returns the new case and the events. The table of allowed moves stands in
:mod:`engine.approval.case_state`; a move that is not in it is refused in words, whoever asks.
"""

from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias

from engine.approval import events
from engine.approval.applicant import Applicant
from engine.approval.case_state import CaseState
from engine.approval.item import Item
from engine.approval.item.terms import CorrectionOutcome, InfoType, ToleranceTimeout
from engine.approval.stored import Stored
from engine.calendar import Limit
from engine.errors import Conflict, InvalidInput
from engine.events import Event
from engine.records import record

Moved: TypeAlias = "tuple[Case, list[Event]]"


class Acceptance(StrEnum):
    """On what ground a case was accepted."""

    ORDINARY = "ordinary"
    TOLERANCE = "tolerance"  # 容缺受理
    COMMITMENT = "commitment"  # 告知承诺
    DEEMED = "deemed"  # nobody asked for corrections within the limit (行政许可法 32)


class Result(StrEnum):
    """What was decided."""

    GRANTED = "granted"
    PARTLY_GRANTED = "partly_granted"  # of a joint case: some licences of the package, not all
    REFUSED = "refused"


@record
class Case(Stored):
    """One case. Moments are aware; ``resumes_to`` is the state to which a pause goes back."""

    id: str
    number: str
    item_code: str
    infotype: InfoType
    state: CaseState
    received_at: datetime | None = None
    accepted_at: datetime | None = None
    decided_at: datetime | None = None
    finished_at: datetime | None = None
    acceptance: Acceptance | None = None
    result: Result | None = None
    corrections: int = 0  # correction notices sent
    resumes_to: CaseState | None = None

    @classmethod
    def file(cls, *, id: str, number: str, item: Item, applicant: Applicant) -> Moved:
        """Open a case as a draft."""
        case = cls(id=id, number=number, item_code=item.code, infotype=item.infotype, state=CaseState.DRAFT)
        filed = events.CaseFiled(
            case_id=id,
            number=number,
            item_code=item.code,
            item_name=item.name,
            state=case.state.value,
            applicant_name=applicant.name,
            applicant_id=applicant.id_number,
        )
        return case, [filed]

    # -- intake

    def pre_accept(self) -> Moved:
        """预受理 of an online application."""
        return self._move(CaseState.PRE_ACCEPT, events.CasePreAccepted)

    def receive(self, at: datetime) -> Moved:
        """收件. The five working days of art. 32 run from here."""
        return self._move(CaseState.RECEIVED, events.CaseReceived, {"received_at": at}, received_at=at)

    def request_correction(self, materials: tuple[str, ...], *, approved_by: str = "") -> Moved:
        """一次性补正告知. The law gives one notice; a further one needs a leader's approval and is counted."""
        if self.corrections and not approved_by:
            raise Conflict(
                f"办件{self.number}已发出过补正告知；再次告知须经负责人批准。",
                f"Case {self.number} was asked for corrections before; asking again needs a leader's approval.",
                case=self.number,
                corrections=self.corrections,
            )
        number = self.corrections + 1
        return self._move(
            CaseState.CORRECTION,
            events.CaseCorrectionRequested,
            {"corrections": number},
            round=number,
            materials=materials,
            approved_by=approved_by,
        )

    def corrected(self) -> Moved:
        """The corrections came in; completeness is checked again, only for what was asked."""
        self._only_from(CaseState.CORRECTION, zh="补正", en="take corrections")
        return self._move(CaseState.RECEIVED, events.CaseCorrected)

    def close_uncorrected(self, at: datetime, outcome: CorrectionOutcome) -> Moved:
        """The correction period is over and nothing came."""
        self._only_from(CaseState.CORRECTION, zh="按补正逾期办结", en="be closed as not corrected")
        state = (
            CaseState.DEEMED_WITHDRAWN if outcome is CorrectionOutcome.DEEMED_WITHDRAWN else CaseState.CLOSED_NOCOMPLETE
        )
        return self._end(state, at, "逾期未补正")

    def accept(self, at: datetime, acceptance: Acceptance = Acceptance.ORDINARY) -> Moved:
        """受理: statutory and promised clocks run from ``at``."""
        if acceptance is Acceptance.DEEMED:
            raise InvalidInput("视为受理请用 deem_accepted。", "Use deem_accepted for deemed acceptance.")
        state = CaseState.ACCEPTED_TOL if acceptance is Acceptance.TOLERANCE else CaseState.ACCEPTED
        return self._accept(state, at, acceptance)

    def deem_accepted(self) -> Moved:
        """视为受理: no correction notice within the limit, so the case counts as accepted from the day of receipt
        (行政许可法 32)."""
        self._only_from(CaseState.RECEIVED, zh="视为受理", en="be deemed accepted")
        if self.received_at is None:
            raise Conflict(f"办件{self.number}没有收件时间。", f"Case {self.number} has no receipt.", case=self.number)
        return self._accept(CaseState.ACCEPTED, self.received_at, Acceptance.DEEMED)

    def refuse_acceptance(self, at: datetime, reason: str, basis: str = "") -> Moved:
        """不予受理, always with a reason."""
        self._need(reason, "reason")
        return self._move(
            CaseState.REJECTED_ACCEPT,
            events.CaseAcceptanceRefused,
            {"finished_at": at},
            finished_at=at,
            reason=reason,
            basis=basis,
        )

    def find_not_needed(self, at: datetime, reason: str) -> Moved:
        """不受理: no licence is needed, said at once (行政许可法 32 first item)."""
        self._need(reason, "reason")
        return self._move(
            CaseState.NOT_NEEDED, events.CaseFoundNotNeeded, {"finished_at": at}, finished_at=at, reason=reason
        )

    # -- review

    def start_review(self) -> Moved:
        """承办."""
        return self._move(CaseState.UNDER_REVIEW, events.CaseReviewStarted)

    def pause(self, at: datetime, reason: str, *, special: bool) -> Moved:
        """Begin a special procedure 特别程序 or a plain suspension 挂起. Several may overlap: a special procedure counts for
        more, and the case goes back to where it stood before the first."""
        self._need(reason, "reason")
        state = CaseState.SPECIAL if special else CaseState.SUSPENDED
        back = self.state if self.resumes_to is None else self.resumes_to
        told = {"paused_at": at, "reason": reason, "resumes_to": back.value}
        return self._move(state, events.CasePaused, {"resumes_to": back}, **told)

    def resume(self, at: datetime) -> Moved:
        """Go back to where the pause began."""
        if self.resumes_to is None:
            raise Conflict(
                f"办件{self.number}没有在特别程序或挂起中。", f"Case {self.number} is not paused.", case=self.number
            )
        return self._move(self.resumes_to, events.CaseResumed, {"resumes_to": None}, resumed_at=at)

    def extend(self, extension: Limit, *, approved_by: str, reason: str) -> Moved:
        """延期, once, approved by the right head, with reasons to the applicant (行政许可法 42).

        A case that stands still goes on standing; the extended state is where it comes back to."""
        self._need(approved_by, "approved_by")
        self._need(reason, "reason")
        told: dict[str, Any] = {"extension": extension.to_json(), "approved_by": approved_by, "reason": reason}
        if self.resumes_to is None:
            return self._move(CaseState.EXTENDED, events.CaseExtended, **told)
        if self.resumes_to is CaseState.EXTENDED:
            replace(self, state=self.resumes_to)._check(CaseState.EXTENDED)
        self._check(CaseState.EXTENDED)
        back = CaseState.EXTENDED
        event = events.CaseExtended(
            case_id=self.id, before=self.state.value, after=self.state.value, resumes_to=back.value, **told
        )
        return replace(self, resumes_to=back), [event]

    # -- ends

    def decide(self, at: datetime, result: Result, *, reason: str = "", basis: str = "") -> Moved:
        """决定. A refusal, of all or of a part, needs reason and basis (行政许可法 38)."""
        if result is not Result.GRANTED:
            self._need(reason, "reason")
            self._need(basis, "basis")
        state = CaseState.DECIDED_NO if result is Result.REFUSED else CaseState.DECIDED_OK
        return self._move(
            state,
            events.CaseDecided,
            {"decided_at": at, "result": result, "resumes_to": None},
            decided_at=at,
            result=result.value,
            reason=reason,
            basis=basis,
        )

    def answer(self, at: datetime, result: str) -> Moved:
        """答复 of what is answered and not decided: a hotline order, a request for information."""
        facts: dict[str, Any] = {"decided_at": at, "resumes_to": None}
        return self._move(CaseState.ANSWERED, events.CaseAnswered, facts, decided_at=at, result=result)

    def redo(self) -> Moved:
        """重办: the answer did not satisfy."""
        self._only_from(CaseState.ANSWERED, zh="重办", en="be done again")
        return self._move(CaseState.UNDER_REVIEW, events.CaseReviewStarted)

    def reopen(self, reason: str) -> Moved:
        """重新办理 of what was answered and finished, by order of a review or a court."""
        self._need(reason, "reason")
        self._only_from(CaseState.FINISHED, zh="重新办理", en="be handled again")
        facts: dict[str, Any] = {"decided_at": None, "finished_at": None}
        return self._move(CaseState.UNDER_REVIEW, events.CaseReopened, facts, reason=reason)

    def terminate(self, at: datetime, reason: str) -> Moved:
        """终止办理, always with a reason."""
        self._need(reason, "reason")
        return self._end(CaseState.TERMINATED, at, reason)

    def abandon(self, at: datetime, reason: str) -> Moved:
        """视为放弃申请: what the applicant had to do was not done in time."""
        return self._end(CaseState.DEEMED_WITHDRAWN, at, reason)

    def finish(self, at: datetime, result: str | None = None) -> Moved:
        """办结: the decision was served; ``result`` where an answer has another one in the end (回访)."""
        facts = {"finished_at": at}
        return self._move(CaseState.FINISHED, events.CaseFinished, facts, finished_at=at, result=result)

    def forward(self, at: datetime, unit: str) -> Moved:
        """转报办结."""
        self._need(unit, "unit")
        return self._move(CaseState.FORWARDED, events.CaseForwarded, {"finished_at": at}, finished_at=at, unit=unit)

    def withdraw(self, at: datetime, reason: str = "") -> Moved:
        """撤件 before acceptance, 撤回申请 after it; never after the decision."""
        state = CaseState.WITHDRAWN if self.state.is_accepted else CaseState.CANCELLED
        return self._end(state, at, reason or "申请人撤回")

    def return_to_ordinary(self) -> Moved:
        """The commitment was withdrawn: the case is as if received, its clocks start with a new acceptance (R3-7)."""
        if self.acceptance is not Acceptance.COMMITMENT:
            raise Conflict(
                f"办件{self.number}不是按告知承诺受理的。",
                f"Case {self.number} was not accepted on a commitment.",
                case=self.number,
            )
        return self._move(CaseState.RECEIVED, events.CaseReturnedToOrdinary, {"accepted_at": None, "acceptance": None})

    def end_tolerance(self, at: datetime, outcome: ToleranceTimeout, *, reason: str, basis: str = "") -> Moved:
        """The promise of a tolerance was not kept: end the case as its item says (R2-6)."""
        if outcome is ToleranceTimeout.REFUSE:
            return self.decide(at, Result.REFUSED, reason=reason, basis=basis)
        self._need(reason, "reason")
        return self._end(_TOLERANCE_ENDS[outcome], at, reason)

    def return_documents(self, at: datetime, reason: str) -> Moved:
        """退件, always with a reason."""
        self._need(reason, "reason")
        return self._end(CaseState.RETURNED, at, reason)

    def void(self, at: datetime, reason: str) -> Moved:
        """作废: an invalid record, always with a reason."""
        self._need(reason, "reason")
        return self._end(CaseState.VOID, at, reason)

    def delete(self, at: datetime) -> Moved:
        """Delete a draft."""
        return self._end(CaseState.DELETED, at, "删除草稿")

    def revoke(self, at: datetime, reason: str, basis: str = "") -> Moved:
        """撤销许可."""
        self._need(reason, "reason")
        return self._move(CaseState.REVOKED, events.CaseRevoked, revoked_at=at, reason=reason, basis=basis)

    # -- how a case moves

    def _accept(self, state: CaseState, at: datetime, acceptance: Acceptance) -> Moved:
        return self._move(
            state,
            events.CaseAccepted,
            {"accepted_at": at, "acceptance": acceptance},
            accepted_at=at,
            acceptance=acceptance.value,
        )

    def _end(self, state: CaseState, at: datetime, reason: str) -> Moved:
        return self._move(
            state,
            events.CaseEnded,
            {"finished_at": at, "resumes_to": None},
            finished_at=at,
            reason=reason,
        )

    def _move(
        self, state: CaseState, event: type[events.CaseMoved], changes: dict[str, Any] | None = None, **facts: Any
    ) -> Moved:
        self._check(state)
        told = event(case_id=self.id, before=self.state.value, after=state.value, **facts)
        return replace(self, state=state, **(changes or {})), [told]

    def _check(self, state: CaseState) -> None:
        if not self.state.may_become(state):
            raise Conflict(
                f"办件{self.number}现为“{self.state.label('zh')}”，不能转为“{state.label('zh')}”。",
                f"Case {self.number} is {self.state.label('en')!r} and cannot become {state.label('en')!r}.",
                case=self.number,
                state=self.state.value,
                wanted=state.value,
            )

    def _only_from(self, state: CaseState, *, zh: str, en: str) -> None:
        if self.state is not state:
            raise Conflict(
                f"办件{self.number}现为“{self.state.label('zh')}”，不能{zh}。",
                f"Case {self.number} is {self.state.label('en')!r} and cannot {en}.",
                case=self.number,
                state=self.state.value,
            )

    def _need(self, value: str, name: str) -> None:
        if not value.strip():
            zh, en = _NEEDED[name]
            raise InvalidInput(
                f"请填写{zh}。",
                f"Please give the {en}.",
                fields={name: {"zh": f"请填写{zh}", "en": f"{en} is required"}},
            )


_NEEDED = {
    "reason": ("理由", "reason"),
    "basis": ("法律依据", "legal basis"),
    "approved_by": ("批准人", "person who approved it"),
    "unit": ("转报单位", "unit to which it goes"),
}

_TOLERANCE_ENDS = {
    ToleranceTimeout.REVOKE_ACCEPTANCE: CaseState.ACCEPTANCE_REVOKED,
    ToleranceTimeout.DEEMED_WITHDRAWN: CaseState.DEEMED_WITHDRAWN,
    ToleranceTimeout.RETURN: CaseState.RETURNED,
    ToleranceTimeout.TERMINATE: CaseState.TERMINATED,
}
