"""Force majeure 不可抗力: may the deadline of a tolerance be moved, and to which day (民政 six-step rule; 民法典 180)."""

from datetime import date, datetime

from engine.approval.reason import Reason
from engine.approval.tolerance import Tolerance

DEFINED_BY = "《民法典》第一百八十条"


def against_asking(tolerance: Tolerance, *, asked_at: datetime) -> Reason | None:
    """What speaks against asking for a later deadline at ``asked_at``; None when nothing does: it is asked for before the
    deadline is over, and given once."""
    until = tolerance.deadline.date
    if asked_at > tolerance.deadline.at:
        return Reason(
            code="tolerance-over",
            zh=f"补齐期限已于{until}届满，因不可抗力延期应当在期限届满前申请",
            en=f"The deadline ended on {until}; a later one is asked for before that",
            rule="P8",
        )
    if tolerance.extended:
        return Reason(
            code="tolerance-extended",
            zh="补齐期限已经因不可抗力延长过一次，不能再延长",
            en="The deadline was moved for force majeure before; that is done once",
            rule="P8",
        )
    return None


def against_day(tolerance: Tolerance, day: date | None, *, today: date, latest: date) -> Reason | None:
    """What speaks against ``day`` as the new deadline: it lies after the old one, not in the past, and before the statutory
    limit ends (R2-2), whose last day but one is ``latest``."""
    until = tolerance.deadline.date
    if day is None:
        return Reason(code="no-day", zh="请写明延长至哪一天", en="Say until which day", rule="P8")
    if day <= until or day < today:
        return Reason(
            code="day-too-early",
            zh=f"延长后的日期应当晚于原期限{until}，且不能早于今天",
            en=f"The new day has to lie after {until} and not in the past",
            rule="P8",
        )
    if day > latest:
        return Reason(
            code="day-too-late",
            zh=f"延长后的日期不得晚于{latest}：容缺材料应当在法定时限届满前补齐",
            en=f"The new day may not lie after {latest}: everything has to be there before the statutory limit ends",
            rule="R2-2",
        )
    return None
