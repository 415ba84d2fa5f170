"""What happens to a case, to its materials and its documents."""

from datetime import date, datetime

from engine.approval.events.base import CaseEvent
from engine.records import record


@record
class CaseMoved(CaseEvent):
    """Base: the case went from one state to another. Every subclass has these two beside its own fields."""

    before: str
    after: str


@record
class CaseFiled(CaseEvent):
    """A case was opened 申请提交."""

    number: str
    item_code: str
    item_name: str
    state: str
    applicant_name: str
    applicant_id: str


@record
class CasePreAccepted(CaseMoved):
    """An online application is looked at before its paper arrives 预受理."""


@record
class CaseReceived(CaseMoved):
    """The documents were received 收件: the five working days of art. 32 run."""

    received_at: datetime


@record
class CaseCorrectionRequested(CaseMoved):
    """The one correction notice was sent 一次性补正告知. ``round`` above 1 needs a leader's approval."""

    round: int
    materials: tuple[str, ...] = ()
    approved_by: str = ""


@record
class CaseCorrected(CaseMoved):
    """The applicant handed in what was asked for 补正完成."""


@record
class CaseAccepted(CaseMoved):
    """The case was accepted 受理: the statutory clock runs from ``accepted_at``."""

    accepted_at: datetime
    acceptance: str


@record
class CaseAcceptanceRefused(CaseMoved):
    """不予受理, with reason and basis in writing."""

    finished_at: datetime
    reason: str
    basis: str = ""


@record
class CaseFoundNotNeeded(CaseMoved):
    """不受理: the matter needs no licence (行政许可法 32 first item)."""

    finished_at: datetime
    reason: str


@record
class CaseReviewStarted(CaseMoved):
    """承办: somebody examines the case."""


@record
class CaseReopened(CaseMoved):
    """重新办理: a finished case is handled again, by order of those who judged its outcome."""

    reason: str


@record
class CasePaused(CaseMoved):
    """特别程序 or 挂起 began."""

    paused_at: datetime
    reason: str
    resumes_to: str = ""  # the state to which it goes back; empty in old histories: the one before


@record
class CaseResumed(CaseMoved):
    """特别程序 or 挂起 ended."""

    resumed_at: datetime


@record
class CaseExtended(CaseMoved):
    """The limit was extended once 延期, with reasons to the applicant (行政许可法 42). ``resumes_to`` is where a case goes back
    to that stands still and goes on standing; empty when it does not."""

    extension: str
    approved_by: str
    reason: str
    resumes_to: str = ""


@record
class CaseDecided(CaseMoved):
    """准予 or 不予许可."""

    decided_at: datetime
    result: str
    reason: str = ""
    basis: str = ""


@record
class CaseAnswered(CaseMoved):
    """答复; ``result`` is the kind of answer."""

    decided_at: datetime
    result: str


@record
class CaseForwarded(CaseMoved):
    """转报办结: passed to a higher or another unit."""

    finished_at: datetime
    unit: str


@record
class CaseEnded(CaseMoved):
    """The case ended without a decision: withdrawn, not corrected, returned, acceptance revoked, void ..."""

    finished_at: datetime
    reason: str


@record
class CaseReturnedToOrdinary(CaseMoved):
    """The commitment was withdrawn before the decision; the ordinary procedure starts anew (R3-7).

    The case has no moment of acceptance any more.
    """


@record
class CaseFinished(CaseMoved):
    """办结: decided and served."""

    finished_at: datetime
    result: str | None = None  # where the end says more than the decision


@record
class CaseRevoked(CaseMoved):
    """撤销: the decision was revoked."""

    revoked_at: datetime
    reason: str
    basis: str = ""


@record
class MaterialEvent(CaseEvent):
    """Base: something happened to one material of the case. ``before`` and ``after`` are states of its slot."""

    code: str
    before: str
    after: str


@record
class MaterialSubmitted(MaterialEvent):
    """A version was handed in; ``files`` are ids of stored files."""

    version: int
    files: tuple[str, ...] = ()


@record
class MaterialVerified(MaterialEvent):
    version: int


@record
class MaterialRejected(MaterialEvent):
    version: int
    reason: str


@record
class MaterialTolerated(MaterialEvent):
    """It may be brought until the end of ``until``."""

    until: date


@record
class MaterialReplacedByCommitment(MaterialEvent):
    """A written commitment stands for this proof 证明事项告知承诺."""


@record
class MaterialWaived(MaterialEvent):
    """It is not needed in this case (condition not met, or had by data sharing)."""

    reason: str


@record
class MaterialLapsed(MaterialEvent):
    """It was promised and did not come in time."""


@record
class DocumentIssued(CaseEvent):
    """A document got its number and was issued."""

    document_kind: str
    number: str
    title: str
