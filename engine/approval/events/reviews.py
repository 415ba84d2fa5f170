"""What happens between a lead and its branches."""

from datetime import datetime

from engine.approval.events.base import CaseEvent
from engine.records import record


@record
class ReviewDistributed(CaseEvent):
    """The lead sent the case to its branches; their limits run from here (R4-3)."""

    round: int
    branches: tuple[str, ...]


@record
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


@record
class BranchEscalated(CaseEvent):
    round: int
    branch: str


@record
class BranchReturnedToLead(CaseEvent):
    round: int
    branch: str
    reason: str


@record
class BranchStopped(CaseEvent):
    """Another branch refused, the applicant withdrew, or the lead said stop."""

    round: int
    branch: str
    reason: str


@record
class OpinionsMerged(CaseEvent):
    round: int
    outcome: str
    reason: str = ""


@record
class LeadChanged(CaseEvent):
    before: str
    after: str
    reason: str
