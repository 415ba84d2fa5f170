"""Dates, times and durations: ISO 8601 text to values and back, and what FEEL can ask of them (DMN 10.3.2.3.4-8).

Years are 1 to 9999 and seconds have six decimals: Python's own bounds. A text that is no value gives None.
"""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from functools import total_ordering
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.records import record


@total_ordering
@record(kw_only=False)
class YearsMonths:
    """A years and months duration; ``months`` is the whole of it, signed."""

    months: int

    def __lt__(self, other: object) -> bool:
        return self.months < other.months if isinstance(other, YearsMonths) else NotImplemented

    def __str__(self) -> str:
        return format_duration(self)


Duration = timedelta | YearsMonths

_ZONE = r"(?P<zone>Z|[+-][0-9]{2}:[0-9]{2}(?::[0-9]{2})?|@[A-Za-z][A-Za-z0-9_+/-]{0,60})?"
_TIME = r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.(?P<fraction>[0-9]{1,9}))?)?" + _ZONE
_ZONE_TEXT = re.compile(_ZONE)
_DATE_TEXT = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_TIME_TEXT = re.compile("T?" + _TIME)
_MONTHS_TEXT = re.compile(r"(-)?P(?:([0-9]{1,9})Y)?(?:([0-9]{1,9})M)?")
_DAYS_TEXT = re.compile(
    r"(-)?P(?:([0-9]{1,9})D)?(?:T(?:([0-9]{1,10})H)?(?:([0-9]{1,11})M)?(?:([0-9]{1,12})(?:\.([0-9]{0,9}))?S)?)?"
)
_LARGEST_OFFSET = timedelta(hours=18)


def parse_date(text: str) -> date | None:
    """``2026-11-22``"""
    match = _DATE_TEXT.fullmatch(text)
    try:
        return date(int(match[1]), int(match[2]), int(match[3])) if match else None
    except ValueError:
        return None


def parse_time(text: str) -> time | None:
    """``10:30:00``, ``10:30:00.5+08:00``, ``10:30:00@Asia/Shanghai``; the seconds may be left out."""
    match = _TIME_TEXT.fullmatch(text)
    if match is None:
        return None
    zone = parse_zone(match["zone"]) if match["zone"] else None
    if match["zone"] and zone is None:
        return None
    microsecond = int((match["fraction"] or "").ljust(6, "0")[:6])
    try:
        return time(int(match["hour"]), int(match["minute"]), int(match["second"] or 0), microsecond, zone)
    except ValueError:
        return None


def parse_date_time(text: str) -> datetime | None:
    """``2026-11-22T10:30:00`` with the endings of ``parse_time``; a date alone means its midnight, 24:00:00 the next one."""
    day_text, separator, time_text = text.partition("T")
    day = parse_date(day_text)
    if day is None:
        return None
    next_day = time_text.startswith("24:00:00")
    clock = parse_time("00" + time_text[2:] if next_day else time_text) if separator else time()
    if clock is None:
        return None
    try:
        return datetime.combine(day, clock) + timedelta(days=next_day)
    except OverflowError:
        return None


def parse_duration(text: str) -> Duration | None:
    """``P1Y2M`` or ``P3DT4H``; the two kinds do not mix, because a month has no fixed length."""
    if text[-1:] in ("P", "T"):
        return None
    if match := _MONTHS_TEXT.fullmatch(text):
        months = int(match[2] or 0) * 12 + int(match[3] or 0)
        return YearsMonths(-months if match[1] else months)
    match = _DAYS_TEXT.fullmatch(text)
    if match is None:
        return None
    days, hours, minutes, seconds = (int(match[i] or 0) for i in (2, 3, 4, 5))
    microseconds = int((match[6] or "").ljust(6, "0")[:6])
    try:
        length = timedelta(days, seconds, microseconds, 0, minutes, hours)
        return -length if match[1] else length
    except OverflowError:
        return None


def parse_temporal(text: str) -> date | time | datetime | Duration | None:
    """The value of a literal ``@"..."``."""
    if "P" in text[:2]:
        return parse_duration(text)
    if "T" in text[1:]:
        return parse_date_time(text)
    return parse_date(text) or parse_time(text)


def parse_zone(text: str) -> tzinfo | None:
    """``Z``, ``+08:00`` or ``@Asia/Shanghai``."""
    if not text or not _ZONE_TEXT.fullmatch(text):
        return None
    if text == "Z":
        return UTC
    if text.startswith("@"):
        try:
            return ZoneInfo(text[1:])
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return None
    hours, minutes, seconds = (int(part) for part in (text[1:] + ":00").split(":")[:3])
    offset = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if offset > _LARGEST_OFFSET or minutes > 59 or seconds > 59:
        return None
    if not offset:
        return UTC
    return timezone(-offset if text[0] == "-" else offset)


def format_temporal(value: date | time | datetime | Duration) -> str:
    """The text that reads back as the same value."""
    if isinstance(value, timedelta | YearsMonths):
        return format_duration(value)
    if isinstance(value, datetime):
        return f"{value.date().isoformat()}T{format_temporal(value.timetz())}"
    if isinstance(value, date):
        return value.isoformat()
    fraction = f".{value.microsecond:06d}".rstrip("0") if value.microsecond else ""
    return f"{value.replace(microsecond=0, tzinfo=None).isoformat()}{fraction}{_format_zone(value.tzinfo)}"


def _format_zone(zone: tzinfo | None) -> str:
    if zone is None:
        return ""
    if isinstance(zone, ZoneInfo):
        return f"@{zone.key}"
    offset = zone.utcoffset(None) or timedelta()
    if not offset:
        return "Z"
    sign = "-" if offset < timedelta() else "+"
    hours, rest = divmod(int(abs(offset).total_seconds()), 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{sign}{hours:02d}:{minutes:02d}" + (f":{seconds:02d}" if seconds else "")


def format_duration(value: Duration) -> str:
    """``P1Y2M``, ``P3DT4H``; nothing is ``P0M`` or ``PT0S``."""
    if isinstance(value, YearsMonths):
        years, months = divmod(abs(value.months), 12)
        text = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
        return ("-" if value.months < 0 else "") + "P" + (text or "0M")
    length = abs(value)
    hours, rest = divmod(length.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    fraction = f".{length.microseconds:06d}".rstrip("0") if length.microseconds else ""
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    clock += f"{seconds}{fraction}S" if seconds or fraction else ""
    days = f"{length.days}D" if length.days else ""
    return ("-" if value < timedelta() else "") + "P" + days + ("T" + clock if clock else "" if days else "T0S")


def add_months(day: date, months: int) -> date | None:
    """Return the same day (and time) some months later, the last day of the month where that day does not exist."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        return None
    return day.replace(year=year, month=month + 1, day=min(day.day, last_day(year, month + 1)))


def last_day(year: int, month: int) -> int:
    """Return how many days a month has."""
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def months_between(start: date, end: date) -> YearsMonths:
    """Return the whole months from one date to another; hours do not count (DMN table 71)."""
    months = (end.year - start.year) * 12 + end.month - start.month
    if months > 0 and end.day < start.day:
        months -= 1
    elif months < 0 and end.day > start.day:
        months += 1
    return YearsMonths(months)


def instant(moment: datetime, local: tzinfo) -> datetime:
    """Return the moment in UTC; one without zone is read as time of the zone ``local``. May raise OverflowError."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=local)).astimezone(UTC)


def shift(moment: datetime, length: timedelta) -> datetime:
    """Return the moment that is ``length`` later, in the same zone. May raise OverflowError."""
    if moment.tzinfo is None or not isinstance(moment.tzinfo, ZoneInfo):
        return moment + length
    return (moment.astimezone(UTC) + length).astimezone(moment.tzinfo)  # across a change of summer time


def _offset(value: time | datetime) -> timedelta | None:
    return value.utcoffset()


def _zone_name(value: time | datetime) -> str | None:
    return value.tzinfo.key if isinstance(value.tzinfo, ZoneInfo) else None


def _second(value: time | datetime) -> int | Decimal:
    return value.second + Decimal(value.microsecond).scaleb(-6) if value.microsecond else value.second


def _signed(value: timedelta, part: int) -> int:
    return -part if value < timedelta() else part


_DAY = {
    "year": lambda v: v.year,
    "month": lambda v: v.month,
    "day": lambda v: v.day,
    "weekday": lambda v: v.isoweekday(),
}
_CLOCK = {
    "hour": lambda v: v.hour,
    "minute": lambda v: v.minute,
    "second": _second,
    "time offset": _offset,
    "timezone": _zone_name,
}
# A fixed table: a name that a designer writes never reaches getattr.
PROPERTIES: dict[type, dict[str, Any]] = {
    date: _DAY,
    datetime: _DAY | _CLOCK,
    time: _CLOCK,
    YearsMonths: {
        "years": lambda v: abs(v.months) // 12 * (-1 if v.months < 0 else 1),
        "months": lambda v: abs(v.months) % 12 * (-1 if v.months < 0 else 1),
    },
    timedelta: {
        "days": lambda v: _signed(v, abs(v).days),
        "hours": lambda v: _signed(v, abs(v).seconds // 3600),
        "minutes": lambda v: _signed(v, abs(v).seconds // 60 % 60),
        "seconds": lambda v: _signed(v, abs(v).seconds % 60),
    },
}
