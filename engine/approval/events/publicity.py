"""What happens to a publicity 公示, and to the objections against it."""

from datetime import date

from engine.approval.events.base import CaseEvent
from engine.records import record


@record
class PublicityOpened(CaseEvent):
    """The publicity began, once more when it had failed."""

    round: int
    until: date
    published: bool  # False: only pushed to tax and other organs (个体工商户)


@record
class ObjectionRaised(CaseEvent):
    """提出异议."""

    number: int
    by: str
    name: str
    text: str


@record
class ObjectionJudged(CaseEvent):
    """异议成立 or 不成立, with the reason."""

    number: int
    valid: bool
    reason: str


@record
class PublicityFailed(CaseEvent):
    """The publicity was interrupted or wrong and has to be done again."""

    round: int
    reason: str


@record
class PublicityEnded(CaseEvent):
    """The publicity was completed, stopped by an objection that stands, or its result was not used in time."""

    outcome: str
    reason: str = ""


@record
class PermitsCancelled(CaseEvent):
    """证照并销: what the departments said of the subject's permits; ``result`` is all, part or none."""

    result: str
    cancelled: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


@record
class PermitsCollected(CaseEvent):
    """收缴、作废: what became of the papers."""

    text: str
