"""A due date as people see it: a lamp with a word, and what is left in the unit of its limit: working days, days or hours."""

import math
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from engine.calendar import DayKind, Unit, WorkCalendar
from engine.records import record
from web.frame.auth import services
from web.wording.i18n import translate as _

WARN_DAYS = 2  # working days left at which the lamp turns amber …
SHORT_LIMIT_DAYS = 5  # … for limits shorter than this, when four fifths of the office time are used
USED_UP = 0.8


@record
class Deadline:
    """``colour`` is red, amber, green or none; ``word`` says the same for those who see no colours."""

    at: datetime | None
    provisional: bool
    colour: str
    word: str
    left: str


def deadline(
    due_at: datetime | None,
    *,
    now: datetime,
    calendar: WorkCalendar,
    since: datetime | None = None,
    provisional: bool = False,
    unit: Unit = Unit.WD,
) -> Deadline:
    """Judge ``due_at`` at ``now``; ``since`` is when the limit began to run, where that is known. The lamp tells how much time is
    left to work in, whatever the limit counts; the words count in its ``unit``."""
    if due_at is None:
        return Deadline(at=None, provisional=False, colour="none", word=_("无时限"), left="")
    if now > due_at:
        left = _overdue(due_at, now, calendar, unit)
        return Deadline(at=due_at, provisional=provisional, colour="red", word=_("超期"), left=left)
    near = _is_near(due_at, now, calendar, since)
    colour, word = ("amber", _("临期")) if near else ("green", _("正常"))
    left = _left(due_at, now, calendar, unit)
    return Deadline(at=due_at, provisional=provisional, colour=colour, word=word, left=left)


def standing(due_at: datetime, *, provisional: bool) -> Deadline:
    """The lamp of a limit that stands now: it is neither near nor over, whatever the day."""
    return Deadline(at=due_at, provisional=provisional, colour="none", word=_("暂停"), left=_("恢复后顺延"))


def of_row(row: Mapping[str, Any], *, now: datetime, calendar: WorkCalendar) -> Deadline:
    """Judge the due date of a task row, as it stood when the task was closed if it was; ``with_units`` has added its unit."""
    return deadline(
        row["due_at"],
        now=row.get("closed_at") or now,
        calendar=calendar,
        since=row.get("created_at"),
        provisional=bool(row.get("due_provisional")),
        unit=row.get("unit") or Unit.WD,
    )


def with_units(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows of tasks, each with the ``unit`` in which its limit counts (working days where only a date is known)."""
    listed = [dict(row) for row in rows]
    units = services().queries.units.of_tasks(listed)
    return [row | {"unit": units.get(row["id"], Unit.WD)} for row in listed]


def spent(first: datetime, last: datetime, calendar: WorkCalendar) -> str:
    """How much of the office's time went by, in words."""
    passed = calendar.office_time_between(first, last)
    day = sum((_length(*session) for session in calendar.hours_on(last.date()).sessions(DayKind.WORK)), timedelta(0))
    if passed >= day:
        return _("{days} 工作日", days=f"{passed / day:.1f}", n=round(passed / day, 1))
    if passed >= timedelta(hours=1):
        return _("{n} 小时", n=round(passed / timedelta(hours=1)))
    return _("{n} 分钟", n=max(1, round(passed / timedelta(minutes=1))))


def _length(start: time, end: time) -> timedelta:
    return datetime.combine(date.min, end) - datetime.combine(date.min, start)


def _is_near(due_at: datetime, now: datetime, calendar: WorkCalendar, since: datetime | None) -> bool:
    if calendar.working_days_between(now, due_at) < 1:
        return True  # due today
    if since is not None and calendar.working_days_between(since, due_at) < SHORT_LIMIT_DAYS:
        whole = calendar.office_time_between(since, due_at)
        used = calendar.office_time_between(since, now)
        return whole <= timedelta(0) or used / whole >= USED_UP
    return calendar.working_days_between(now, due_at) <= WARN_DAYS


def _left(due_at: datetime, now: datetime, calendar: WorkCalendar, unit: Unit) -> str:
    if unit is not Unit.HOUR:
        days = amount(now, due_at, calendar, unit)
        if days >= 1:
            return _in_days(_("剩 {days} 工作日", days=f"{days:g}", n=days), _("剩 {n} 天", n=days), unit)
    remaining = due_at - now if unit in _NATURAL else calendar.office_time_between(now, due_at)
    hours, minutes = math.floor(remaining / timedelta(hours=1)), math.ceil(remaining / timedelta(minutes=1))
    if calendar.local_date(due_at) != calendar.local_date(now):
        return _("剩 {n} 小时", n=hours) if hours >= 1 else _("剩 {n} 分钟", n=minutes)
    if hours >= 1:
        return _("今天到期，剩 {n} 小时", n=hours)
    return _("今天到期，剩 {n} 分钟", n=minutes) if minutes > 0 else _("今天到期")


def _overdue(due_at: datetime, now: datetime, calendar: WorkCalendar, unit: Unit) -> str:
    if unit is Unit.HOUR:
        # One second over is over, also while nobody works.
        return _("超期 {n} 小时", n=max(1, math.ceil(calendar.office_time_between(due_at, now) / timedelta(hours=1))))
    days = amount(due_at, now, calendar, unit)
    if days >= 1:
        return _in_days(_("超期 {days} 工作日", days=f"{days:g}", n=days), _("超期 {n} 天", n=days), unit)
    return _("超期 {n} 小时", n=math.ceil((now - due_at) / timedelta(hours=1)))


_NATURAL = (Unit.ND, Unit.MONTH)  # a limit of months is counted down in days


def amount(first: datetime, last: datetime, calendar: WorkCalendar, unit: Unit) -> float:
    """What lies between two moments in the unit of a limit; a day that is not over yet is none."""
    if unit is Unit.HOUR:
        return calendar.office_time_between(first, last) / timedelta(hours=1)
    if unit in _NATURAL:
        return (calendar.local_date(last) - calendar.local_date(first)).days
    return calendar.working_days_between(first, last)


def _in_days(working: str, natural: str, unit: Unit) -> str:
    return natural if unit in _NATURAL else working
