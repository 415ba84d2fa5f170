"""What happens to a request for government information 政府信息公开申请."""

from datetime import date

from engine.approval.events.base import CaseEvent
from engine.records import record


@record
class RequestRegistered(CaseEvent):
    """登记; ``received_on`` follows from the way in which it came (条例 31)."""

    way: str
    received_on: date


@record
class ReplyClockRestarted(CaseEvent):
    """答复期限重新计算: after a correction (条例 30), or after the fee was paid."""

    cause: str


@record
class ReasonsDemanded(CaseEvent):
    """要求说明理由: the number or frequency of requests is clearly beyond what is reasonable (条例 35)."""

    requests: int


@record
class FeeCharged(CaseEvent):
    """信息处理费, in yuan."""

    amount: int
    by: str


@record
class RemedyTaken(CaseEvent):
    """行政复议、行政诉讼: the answer is contested. ``premature``: a lawsuit without the review that has to come first."""

    remedy: str
    organ: str
    number: str
    premature: bool = False


@record
class RemedyConcluded(CaseEvent):
    """What came out of it; ``decision`` is the number of the decision or judgement."""

    remedy: str
    number: str
    result: str
    decision: str = ""


@record
class OpinionSought(CaseEvent):
    """征求意见: of a third party (条例 32), or of an organ that took part in making the information (条例 34)."""

    role: str
    name: str


@record
class OpinionReceived(CaseEvent):
    """The answer, or silence."""

    role: str
    name: str
    opinion: str
    reason: str = ""
