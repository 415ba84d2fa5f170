"""What happens between a lead and its branches."""

from dataclasses import dataclass
from datetime import datetime

from engine.approval.events.base import CaseEvent


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
