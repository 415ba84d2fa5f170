"""Why clocks stand still 挂起/特别程序: the closed list of art. 45, local practice, and one suspension as it is kept."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from engine.approval.clock_kind import ClockKind
from engine.approval.item import Item
from engine.approval.stored import Stored
from engine.calendar import Limit
from engine.records import record


class SuspensionKind(StrEnum):
    """Why clocks stand still. The first eight are the closed list of art. 45; the others are local practice."""

    HEARING = "hearing"
    TENDER = "tender"
    AUCTION = "auction"
    INSPECTION = "inspection"
    TESTING = "testing"
    QUARANTINE = "quarantine"
    APPRAISAL = "appraisal"
    EXPERT_REVIEW = "expert_review"
    PUBLICITY = "publicity"
    SITE_SURVEY = "site_survey"
    CONSULTATION = "consultation"
    FACT_FINDING = "fact_finding"
    TOLERANCE = "tolerance"
    CORRECTION = "correction"  # the applicant corrects in the middle of the review
    OTHER = "other"

    @property
    def zh(self) -> str:
        return _SUSPENSION_WORDS[self.value]


_SUSPENSION_WORDS: Final = {
    "hearing": "听证", "tender": "招标", "auction": "拍卖", "inspection": "检验", "testing": "检测",
    "quarantine": "检疫", "appraisal": "鉴定", "expert_review": "专家评审", "publicity": "公示",
    "site_survey": "现场踏勘", "consultation": "征求意见", "fact_finding": "核实", "tolerance": "容缺逾期挂起", "correction": "补正",
    "other": "挂起",
}  # fmt: skip

ART_45: Final = frozenset(
    {
        SuspensionKind.HEARING,
        SuspensionKind.TENDER,
        SuspensionKind.AUCTION,
        SuspensionKind.INSPECTION,
        SuspensionKind.TESTING,
        SuspensionKind.QUARANTINE,
        SuspensionKind.APPRAISAL,
        SuspensionKind.EXPERT_REVIEW,
    }
)
_OFFICE_CLOCKS: Final = frozenset({ClockKind.PROMISED, ClockKind.STEP, ClockKind.TIMER, ClockKind.BRANCH})


def pauses(kind: SuspensionKind, item: Item) -> frozenset[ClockKind]:
    """Return the clocks that a suspension of this kind stops: the statutory one only on a ground of art. 45, or of another
    law that the item names (政府信息公开条例 33)."""
    if kind in ART_45 or kind.value in item.limits.suspended_by:
        return _OFFICE_CLOCKS | {ClockKind.STATUTORY}
    return _OFFICE_CLOCKS if item.limits.promised_pauses_for_local_procedures else frozenset()


@record
class Suspension(Stored):
    """One time in which a clock stood still. ``planned`` is the time told to the applicant in writing (art. 45): when it
    is over, the clock runs again by itself, unless the time was extended before.

    ``id`` tells suspensions of one case apart; ``token_id`` is the subprocess that is the procedure, "" where a verb of
    the process or a person began it.
    """

    kind: SuspensionKind
    start: datetime
    end: datetime | None = None
    reason: str = ""
    notice_no: str = ""
    planned: Limit | None = None
    approved_by: str = ""
    id: str = ""
    token_id: str = ""
    basis: str = ""  # the law, other than art. 45, by which even the statutory clock stands
