"""好差评: one rating for each matter, five grades; a poor one is called back about, rectified, and rated once more."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Final

from engine.approval.reason import Reason
from engine.approval.stored import Stored
from engine.calendar import Due, Limit
from engine.errors import InvalidInput
from engine.records import record

WITHIN: Final = Limit.parse("7nd")  # after the matter is done (7.1); who does not rate has not rated
GRADES: Final = {5: "非常满意", 4: "满意", 3: "基本满意", 2: "不满意", 1: "非常不满意"}
POOR: Final = frozenset({1, 2})
CHANNELS: Final = {"pc": "电脑端", "mobile": "移动端", "code": "二维码", "tablet": "大厅平板", "window": "大厅其他"}
REASONS: Final = {
    "slow": "办理慢、超过时限",
    "repeated": "多次跑、重复提交材料",
    "unlisted": "要求清单以外的材料",
    "unclear": "没有一次性告知、讲不清",
    "attitude": "服务态度",
    "charged": "收费问题",
    "other": "其他",
}


class RatingState(StrEnum):
    """Where a rating stands: taken, in rectification, or what came of that."""

    TAKEN = "taken"
    OPEN = "open"
    RECTIFIED = "rectified"
    EXPLAINED = "explained"
    INVALID = "invalid"  # 误评, found by two people


@record
class Rating(Stored):
    """The rating of one case. ``again`` is what the applicant said after the rectification, None before."""

    grade: int
    reasons: tuple[str, ...] = ()
    text: str = ""
    channel: str = "window"
    anonymous: bool = False
    at: datetime
    state: RatingState = RatingState.TAKEN
    again: int | None = None
    outcome: str = ""

    @property
    def is_poor(self) -> bool:
        """不满意 and 非常不满意 are 差评."""
        return self.grade in POOR

    @property
    def why(self) -> str:
        """The reasons in words."""
        return "；".join([*(REASONS[code] for code in self.reasons), *([self.text] if self.text else [])])


def check(grade: int, reasons: Iterable[str], text: str, channel: str) -> None:
    """Raise InvalidInput unless this is a rating: a grade, a channel, and for a poor one why."""
    faults = {}
    if grade not in GRADES:
        faults["grade"] = "1–5"
    if channel not in CHANNELS:
        faults["channel"] = "、".join(CHANNELS)
    if not set(reasons) <= set(REASONS) or (grade in POOR and not (list(reasons) or text)):
        faults["reasons"] = "required"
    if faults:
        raise InvalidInput(
            "请选择五个等级之一和评价方式；不满意的请写明原因。",
            "Choose one of the five grades and the channel; say why when it is a poor one.",
            fields=faults,
        )


def against(rated: Rating | None, finished_at: datetime | None, until: Due, now: datetime) -> Reason | None:
    """What speaks against rating now; None when nothing does: the matter is done, it was not rated, and it is not too late."""
    if finished_at is None:
        return Reason(
            code="not-finished", zh="办件还没有办结，办结后再评价", en="It is rated when it is done", rule="7.1"
        )
    if rated is not None:
        return Reason(
            code="rated", zh="这个办件已经评价过，一事一评", en="It was rated before, once a matter", rule="7.1"
        )
    if now > until.at:
        return Reason(
            code="too-late",
            zh=f"评价期已于{until.date}届满（办结后7日）",
            en=f"Ratings were taken until {until.date}, seven days after it was done",
            rule="7.1",
        )
    return None
