"""Built-in functions on dates, times and durations (DMN tables 67, 71, 77; ``now`` is the time of the command)."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from engine.feel.functions.registry import builtin
from engine.feel.numbers import Number
from engine.feel.run import Run
from engine.feel.temporal import (
    Duration,
    YearsMonths,
    last_day,
    months_between,
    parse_date,
    parse_date_time,
    parse_duration,
    parse_time,
    parse_zone,
)

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = "January February March April May June July August September October November December".split()


@builtin("now()", "现在（带时区的日期时间）", extension=True)
def _now(run: Run) -> datetime:
    return run.now


@builtin("today()", "今天", extension=True)
def _today(run: Run) -> date:
    return run.now.date()


@builtin("date(from: string | moment)", "日期")
def _date(value: Any) -> date | None:
    if type(value) is str:
        return parse_date(value)
    return value.date() if type(value) is datetime else value


@builtin("date(year: number, month: number, day: number)", "由年月日组成日期")
def _date_of(year: Number, month: Number, day: Number) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except (ValueError, OverflowError):
        return None


@builtin("time(from: string | time | moment)", "时间")
def _time(value: Any) -> time | None:
    if type(value) is str:
        return parse_time(value)
    if type(value) is datetime:
        return value.timetz()
    return value if type(value) is time else time(tzinfo=UTC)


@builtin(
    "time(hour: number, minute: number, second: number, offset?: days and time duration?)", "由时分秒（和时差）组成时间"
)
def _time_of(hour: Number, minute: Number, second: Number, offset: timedelta | None = None) -> time | None:
    microsecond = int((Decimal(second) - int(second)) * 1_000_000) if 0 <= second < 60 else -1
    zone = None if offset is None else parse_zone(_offset_text(offset))
    if offset is not None and zone is None:
        return None
    try:
        return time(int(hour), int(minute), int(second), microsecond, zone)
    except (ValueError, OverflowError):
        return None


def _offset_text(offset: timedelta) -> str:
    seconds = int(offset.total_seconds())
    hours, rest = divmod(abs(seconds), 3600)
    return f"{'-' if seconds < 0 else '+'}{hours:02d}:{rest // 60:02d}:{rest % 60:02d}"


@builtin("date and time(from: string | moment)", "日期时间；只有日期时为零点")
def _date_time(value: Any) -> datetime | None:
    if type(value) is str:
        return parse_date_time(value)
    return value if type(value) is datetime else datetime.combine(value, time())


@builtin("date and time(date: moment, time: time)", "由日期和时间组成日期时间")
def _date_time_of(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock)


@builtin(
    "date and time(date: date and time, timezone: string)", "给没有时区的时间补上时区，或换算到该时区", extension=True
)
def _date_time_in(run: Run, moment: datetime, timezone: str) -> datetime | None:
    zone = parse_zone(timezone) or parse_zone(f"@{timezone}")
    if zone is None:
        run.null(f"没有时区「{timezone[:40]}」", f'There is no time zone "{timezone[:40]}"')
        return None
    try:
        return moment.astimezone(zone) if moment.tzinfo else moment.replace(tzinfo=zone)
    except (OverflowError, ValueError):
        return None


@builtin("duration(from: string | duration)", "时长：P1DT2H 或 P1Y2M")
def _duration(value: Any) -> Duration | None:
    return parse_duration(value) if type(value) is str else value


@builtin("years and months duration(from: moment, to: moment)", "两个日期之间的整月数")
def _years_and_months(start: date, end: date) -> YearsMonths:
    return months_between(start, end)


@builtin("day of year(date: moment)", "一年中的第几天")
def _day_of_year(day: date) -> int:
    return day.timetuple().tm_yday


@builtin("day of week(date: moment)", "星期几：Monday … Sunday")
def _day_of_week(day: date) -> str:
    return _DAYS[day.weekday()]


@builtin("month of year(date: moment)", "月份：January … December")
def _month_of_year(day: date) -> str:
    return _MONTHS[day.month - 1]


@builtin("week of year(date: moment)", "一年中的第几周（ISO 8601）")
def _week_of_year(day: date) -> int:
    return day.isocalendar().week


@builtin("last day of month(date: moment)", "当月最后一天", extension=True)
def _last_day_of_month(day: date) -> date:
    return date(day.year, day.month, last_day(day.year, day.month))
