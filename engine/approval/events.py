"""What happens to cases: the events of the office, in the order of a case's life.

Who, when and in which order is added by the history. The moments in the fields are moments of law: they may lie
before the moment at which the event was recorded (deemed acceptance dates back to the receipt).
"""

from dataclasses import dataclass
from datetime import date, datetime

from engine.events import Event

# -- cases


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEvent(Event):
    """Base: something happened to this case."""

    case_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseMoved(CaseEvent):
    """Base: the case went from one state to another. Every subclass has these two beside its own fields."""

    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFiled(CaseEvent):
    """A case was opened 申请提交."""

    number: str
    item_code: str
    item_name: str
    state: str
    applicant_name: str
    applicant_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePreAccepted(CaseMoved):
    """An online application is looked at before its paper arrives 预受理."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseReceived(CaseMoved):
    """The documents were received 收件: the five working days of art. 32 run."""

    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseCorrectionRequested(CaseMoved):
    """The one correction notice was sent 一次性补正告知. ``round`` above 1 needs a leader's approval."""

    round: int
    materials: tuple[str, ...] = ()
    approved_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseCorrected(CaseMoved):
    """The applicant handed in what was asked for 补正完成."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseAccepted(CaseMoved):
    """The case was accepted 受理: the statutory clock runs from ``accepted_at``."""

    accepted_at: datetime
    acceptance: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseAcceptanceRefused(CaseMoved):
    """不予受理, with reason and basis in writing."""

    finished_at: datetime
    reason: str
    basis: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFoundNotNeeded(CaseMoved):
    """不受理: the matter needs no licence (行政许可法 32 first item)."""

    finished_at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseReviewStarted(CaseMoved):
    """承办: somebody examines the case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePaused(CaseMoved):
    """特别程序 or 挂起 began."""

    paused_at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseResumed(CaseMoved):
    """特别程序 or 挂起 ended."""

    resumed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseExtended(CaseMoved):
    """The limit was extended once 延期, with reasons to the applicant (行政许可法 42)."""

    extension: str
    approved_by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDecided(CaseMoved):
    """准予 or 不予许可."""

    decided_at: datetime
    result: str
    reason: str = ""
    basis: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseForwarded(CaseMoved):
    """转报办结: passed to a higher or another unit."""

    finished_at: datetime
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEnded(CaseMoved):
    """The case ended without a decision: withdrawn, not corrected, returned, acceptance revoked, void ..."""

    finished_at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseReturnedToOrdinary(CaseMoved):
    """The commitment was withdrawn before the decision; the ordinary procedure starts anew (R3-7).

    The case has no moment of acceptance any more.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFinished(CaseMoved):
    """办结: decided and served."""

    finished_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRevoked(CaseMoved):
    """撤销: the decision was revoked."""

    revoked_at: datetime
    reason: str
    basis: str = ""


# -- materials


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterialEvent(CaseEvent):
    """Base: something happened to one material of the case. ``before`` and ``after`` are states of its slot."""

    code: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterialSubmitted(MaterialEvent):
    """A version was handed in; ``files`` are ids of stored files."""

    version: int
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterialVerified(MaterialEvent):
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterialRejected(MaterialEvent):
    version: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterialTolerated(MaterialEvent):
    """It may be brought until the end of ``until``."""

    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterialReplacedByCommitment(MaterialEvent):
    """A written commitment stands for this proof 证明事项告知承诺."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterialWaived(MaterialEvent):
    """It is not needed in this case (condition not met, or had by data sharing)."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterialLapsed(MaterialEvent):
    """It was promised and did not come in time."""


# -- tolerance


@dataclass(frozen=True, slots=True, kw_only=True)
class TolerancePromised(CaseEvent):
    """The applicant signed the promise 容缺补正承诺书."""

    promise_no: str
    materials: tuple[str, ...]
    deadline: datetime
    provisional: bool = False
    signed_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToleranceCompletionReturned(CaseEvent):
    """What was brought does not conform and may be brought once more inside the deadline (R2-10)."""

    materials: tuple[str, ...]
    reason: str
    round: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ToleranceFulfilled(CaseEvent):
    """Everything promised is there and verified."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToleranceExtended(CaseEvent):
    """A new deadline for force majeure, by the lead (民政 six steps)."""

    deadline: datetime
    reason: str
    approved_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToleranceSuspended(CaseEvent):
    """Late, and the item gives a second time with the promised clock standing (台州)."""

    deadline: datetime
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToleranceTimedOut(CaseEvent):
    """The promise was not kept; the item says what becomes of the case."""

    outcome: str
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToleranceEnded(CaseEvent):
    """The case ended otherwise before everything was there."""

    reason: str


# -- credit


@dataclass(frozen=True, slots=True, kw_only=True)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditRepaired(Event):
    credit_id: str
    applicant_id: str
    repaired_at: datetime
    repaired_by: str
    reason: str


# -- commitment and verification


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentOffered(CaseEvent):
    """The notice 告知书 was given; the applicant may choose."""

    notice_no: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentDeclined(CaseEvent):
    """The applicant chose the ordinary procedure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentSigned(CaseEvent):
    promise_no: str
    signed_by: str
    by_agent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentWithdrawn(CaseEvent):
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentDecided(CaseEvent):
    """Decided on the commitment."""

    decided_at: datetime
    granted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationOpened(CaseEvent):
    """The verification case after a decision on commitment."""

    verification_id: str
    mode: str
    state: str
    sampled: bool
    rate: float
    due_at: datetime | None = None
    provisional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationEvent(CaseEvent):
    """Base: something happened in the verification case."""

    verification_id: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationResultRecorded(VerificationEvent):
    result: str
    inspectors: tuple[str, ...]
    note: str = ""
    round: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RectificationOrdered(VerificationEvent):
    due_at: datetime
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RectificationReported(VerificationEvent):
    """The applicant says that it is done; or the time is over and it is looked at anyway."""

    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationProposed(VerificationEvent):
    """The holder was told of facts, reasons and the right to be heard 陈述申辩."""

    reason: str
    statement_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementHeard(VerificationEvent):
    statement: str
    accepted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationDecided(VerificationEvent):
    reason: str


# -- parallel approval


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewDistributed(CaseEvent):
    """The lead sent the case to its branches; their limits run from here (R4-3)."""

    round: int
    branches: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpinionGiven(CaseEvent):
    """A branch answered, or its silence was recorded as agreement (``deemed``)."""

    round: int
    branch: str
    department: str
    value: str
    given_by: str
    given_at: datetime
    reason: str = ""
    basis: str = ""
    conditions: str = ""
    corrections: tuple[str, ...] = ()
    deemed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchEscalated(CaseEvent):
    round: int
    branch: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchReturnedToLead(CaseEvent):
    round: int
    branch: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchStopped(CaseEvent):
    """Another branch refused, the applicant withdrew, or the lead said stop."""

    round: int
    branch: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpinionsMerged(CaseEvent):
    round: int
    outcome: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadChanged(CaseEvent):
    before: str
    after: str
    reason: str


# -- clocks


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockEvent(Event):
    """Base: a clock of a case (or of a task of it) changed; where it stands afterwards is part of the event."""

    clock_id: str
    case_id: str
    clock_kind: str
    state: str
    due_at: datetime
    due_date: date
    provisional: bool = False
    calendar_version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockStarted(ClockEvent):
    limit: str
    started_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockPaused(ClockEvent):
    paused_at: datetime
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockResumed(ClockEvent):
    resumed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockExtended(ClockEvent):
    extension: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockStopped(ClockEvent):
    stopped_at: datetime
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockReprojected(ClockEvent):
    """The calendar changed and with it the due date."""

    before: datetime


# -- documents


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentIssued(CaseEvent):
    """A document got its number and was issued."""

    document_kind: str
    number: str
    title: str
