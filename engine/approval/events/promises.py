"""What happens to promises: tolerance, commitment, verification, credit."""

from datetime import datetime

from engine.approval.events.base import CaseEvent
from engine.events import Event
from engine.records import record


@record
class TolerancePromised(CaseEvent):
    """The applicant signed the promise 容缺补正承诺书."""

    promise_no: str
    materials: tuple[str, ...]
    deadline: datetime
    provisional: bool = False
    signed_by: str = ""


@record
class ToleranceCompletionReturned(CaseEvent):
    """What was brought does not conform and may be brought once more inside the deadline (R2-10)."""

    materials: tuple[str, ...]
    reason: str
    round: int


@record
class ToleranceFulfilled(CaseEvent):
    """Everything promised is there and verified."""


@record
class ToleranceExtended(CaseEvent):
    """A new deadline for force majeure, by the lead (民政 six steps)."""

    deadline: datetime
    reason: str
    approved_by: str


@record
class ToleranceExtensionRequested(CaseEvent):
    """A later deadline was asked for because of force majeure, with its proof."""

    reason: str
    proof: str
    until: str


@record
class ToleranceExtensionRefused(CaseEvent):
    """The lead did not agree; the deadline stands."""

    answer: str
    refused_by: str


@record
class ToleranceSuspended(CaseEvent):
    """Late, and the item gives a second time with the promised clock standing (台州)."""

    deadline: datetime
    missing: tuple[str, ...]


@record
class ToleranceTimedOut(CaseEvent):
    """The promise was not kept; the item says what becomes of the case."""

    outcome: str
    missing: tuple[str, ...]


@record
class ToleranceEnded(CaseEvent):
    """The case ended otherwise before everything was there."""

    reason: str


@record
class CommitmentOffered(CaseEvent):
    """The notice 告知书 was given; the applicant may choose."""

    notice_no: str = ""


@record
class CommitmentDeclined(CaseEvent):
    """The applicant chose the ordinary procedure."""


@record
class CommitmentSigned(CaseEvent):
    promise_no: str
    signed_by: str
    by_agent: bool = False


@record
class CommitmentWithdrawn(CaseEvent):
    reason: str = ""


@record
class CommitmentDecided(CaseEvent):
    """Decided on the commitment."""

    decided_at: datetime
    granted: bool


@record
class VerificationOpened(CaseEvent):
    """The verification case after a decision on commitment."""

    verification_id: str
    mode: str
    state: str
    sampled: bool
    rate: float
    seed: str = ""
    due_at: datetime | None = None
    provisional: bool = False


@record
class VerificationEvent(CaseEvent):
    """Base: something happened in the verification case."""

    verification_id: str
    before: str
    after: str


@record
class VerificationResultRecorded(VerificationEvent):
    result: str
    inspectors: tuple[str, ...]
    note: str = ""
    round: int = 1


@record
class VerificationReopened(VerificationEvent):
    """Not drawn, and checked all the same for a cause."""

    reason: str
    due_at: datetime


@record
class RectificationOrdered(VerificationEvent):
    due_at: datetime
    items: tuple[str, ...] = ()


@record
class RectificationReported(VerificationEvent):
    """The applicant says that it is done; or the time is over and it is looked at anyway."""

    note: str = ""


@record
class RevocationProposed(VerificationEvent):
    """The holder was told of facts, reasons and the right to be heard 陈述申辩."""

    reason: str
    statement_until: datetime


@record
class StatementHeard(VerificationEvent):
    statement: str
    accepted: bool


@record
class RevocationDecided(VerificationEvent):
    reason: str


@record
class CreditEventRecorded(Event):
    """A breach of trust was recorded and blocks until it is repaired or expires."""

    credit_id: str
    applicant_id: str
    applicant_name: str
    credit_kind: str
    reason: str
    recorded_at: datetime
    case_id: str | None = None
    expires_at: datetime | None = None


@record
class CreditRepaired(Event):
    credit_id: str
    applicant_id: str
    repaired_at: datetime
    repaired_by: str
    reason: str
