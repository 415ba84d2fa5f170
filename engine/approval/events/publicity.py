"""What happens to a publicity 公示, and to the objections against it."""

from dataclasses import dataclass
from datetime import date

from engine.approval.events.base import CaseEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicityOpened(CaseEvent):
    """The publicity began, once more when it had failed."""

    round: int
    until: date
    published: bool  # False: only pushed to tax and other organs (个体工商户)


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionRaised(CaseEvent):
    """提出异议."""

    number: int
    by: str
    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionJudged(CaseEvent):
    """异议成立 or 不成立, with the reason."""

    number: int
    valid: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicityFailed(CaseEvent):
    """The publicity was interrupted or wrong and has to be done again."""

    round: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicityEnded(CaseEvent):
    """The publicity was completed, stopped by an objection that stands, or its result was not used in time."""

    outcome: str
    reason: str = ""
