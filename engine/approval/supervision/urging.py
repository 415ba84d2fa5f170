"""Urging 催办: how often a task may be urged (P-8.2). Who is meant is the business of whoever knows the tasks."""

from collections.abc import Sequence
from datetime import datetime

from engine.approval.supervision.rules import UrgeRules
from engine.calendar import WorkCalendar
from engine.errors import Conflict


def check_frequency(rules: UrgeRules, before: Sequence[datetime], *, now: datetime, calendar: WorkCalendar) -> None:
    """Raise Conflict when the task was urged too recently or too often today; ``before`` are the moments of all urges."""
    today = [at for at in before if calendar.local_date(at) == calendar.local_date(now)]
    if len(today) >= rules.per_day:
        raise Conflict(
            f"这个任务今天已催办 {len(today)} 次，一天最多 {rules.per_day} 次，请明天再催或者发督办单。",
            f"This task was urged {len(today)} times today; {rules.per_day} is the most. Wait until tomorrow, or issue an order.",
            urged=len(today),
        )
    if not before:
        return
    latest = max(before)
    may_again = calendar.due(latest, rules.every).at
    if now < may_again:
        at = calendar.local(latest)
        raise Conflict(
            f"这个任务 {at:%m-%d %H:%M} 刚催办过，{calendar.local(may_again):%m-%d %H:%M} 之后才能再催"
            f"（至少隔 {rules.every.text()}）。",
            f"This task was urged at {at:%m-%d %H:%M}; it may be urged again after {calendar.local(may_again):%m-%d %H:%M} "
            f"({rules.every.text('en')} apart).",
            again_at=may_again.isoformat(),
        )
