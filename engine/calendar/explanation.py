"""The sum behind a due date, day by day, in a form that a person can check with a finger on a wall calendar."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import groupby
from typing import Any, Final

from engine.calendar.counting import counting_of
from engine.calendar.days import DAY_US, DayKind
from engine.calendar.due import Due, DueMode, ReceiptRule
from engine.calendar.limit import Unit
from engine.calendar.work_calendar import ONE_DAY, WorkCalendar
from engine.records import record

_WEEKDAYS_ZH: Final = "一二三四五六日"
_WEEKDAYS_EN: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class DayNote(StrEnum):
    """Why a day does or does not count."""

    START = "start"  # 起算日不计入
    COUNTED = "counted"
    SKIPPED = "skipped"  # a rest day
    PAUSED = "paused"  # the clock stood still
    ROLLED = "rolled"  # the last day was a rest day, so the period went on to the next working day


@record
class ExplainedDay:
    """One day of the sum. ``count`` is the running number of working days (of a limit in hours: of office hours) after it; None
    where nothing is counted."""

    date: date
    note: DayNote
    kind: DayKind
    name: str
    firm: bool
    count: float | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "date": self.date.isoformat(),
            "note": self.note.value,
            "kind": self.kind.value,
            "name": self.name,
            "firm": self.firm,
            "count": self.count,
        }


@record
class Explanation:
    """A due date with the days that made it. For natural days and months only the notable days are listed.

    ``held`` is the day on which the limit would have run out by what its pauses took, had it not stood just then."""

    due: Due
    days: tuple[ExplainedDay, ...]
    held: date | None = None

    def text(self, language: str = "zh") -> str:
        """Return the sum as one paragraph in Chinese or English."""
        return _sentence(self, "zh" if language.startswith("zh") else "en")

    def parts(self, language: str = "zh") -> tuple[tuple[str, str], ...]:
        """Return the parts of the sum in order, each with what it tells: from, limit, counted, skipped, paused, held,
        due, provisional."""
        return tuple(_parts(self, "zh" if language.startswith("zh") else "en"))

    def to_json(self) -> dict[str, Any]:
        return {
            "due": self.due.to_json(),
            "days": [day.to_json() for day in self.days],
            "text": {"zh": self.text("zh"), "en": self.text("en")},
        }


def explain(calendar: WorkCalendar, due: Due) -> Explanation:
    """Return the readable sum of a ``due`` that this calendar computed."""
    held = _held(calendar, due)
    match due.limit.unit:
        case Unit.WD:
            days = _working_days(calendar, due, held or due.date)
        case Unit.HOUR:
            days = _office_days(calendar, due)
        case _:
            days = _notable_days(calendar, due)
    return Explanation(due=due, days=tuple(days), held=held)


def _held(calendar: WorkCalendar, due: Due) -> date | None:
    counting = counting_of(due.limit, due.mode)
    taken = sum(counting.taken(calendar, each.start, each.end) for each in due.pauses if each.end is not None)
    end = counting.end(calendar, due.counted_from, due.limit, taken)
    return end.day if end.day < due.date else None


def _working_days(calendar: WorkCalendar, due: Due, held: date) -> Iterator[ExplainedDay]:
    """Yield every day from the start day to the due day with the running count of working days. From ``held`` to the due day it
    stood at its end."""
    start = due.counted_from.date()
    counted = _to_the_second if due.mode is DueMode.SAME_TIME and due.limit.value else _whole_days
    before = 0.0
    for day in _days(start, due.date):
        row = calendar.describe(day)
        count = counted(calendar, due, day)
        if held < due.date == day or not due.limit.value:
            count = float(due.limit.value)
        elif held <= day < due.date:
            count = before
        if row.kind is DayKind.REST:
            note = DayNote.SKIPPED
        elif count > before or not due.limit.value:
            note = DayNote.COUNTED
        else:
            note = DayNote.START if day == start else DayNote.PAUSED
        before = count
        yield ExplainedDay(
            date=day,
            note=note,
            kind=row.kind,
            name=row.name,
            firm=calendar.is_firm(day, day),
            count=count if note is DayNote.COUNTED else None,
        )


def _whole_days(calendar: WorkCalendar, due: Due, day: date) -> float:
    """Return the working days after the start day up to and with ``day``, without those that pauses took."""
    lost = sum(
        calendar.working_days_between(pause.start, min(pause.end.date(), day))
        for pause in due.pauses
        if pause.end is not None and pause.start.date() < day
    )
    return calendar.working_days_between(due.counted_from, day) - lost


def _to_the_second(calendar: WorkCalendar, due: Due, day: date) -> float:
    """Return the working time gone by at the end of ``day``, or at the due time, in days with two decimals."""
    moment = min(due.at, datetime.combine(day + ONE_DAY, time(0), calendar.timezone))
    between = calendar.working_scale.between
    lost = sum(
        between(pause.start, min(pause.end, moment))
        for pause in due.pauses
        if pause.end is not None and pause.start < moment
    )
    return round((between(due.counted_from, moment) - lost) / (2 * DAY_US), 2)


def _office_days(calendar: WorkCalendar, due: Due) -> Iterator[ExplainedDay]:
    """Yield every day from the start to the due time with the running count of office hours."""
    before = 0.0
    for day in _days(due.counted_from.date(), due.date):
        row, count = calendar.describe(day), _office_hours(calendar, due, day)
        note = DayNote.COUNTED if count > before else DayNote.PAUSED
        yield ExplainedDay(
            date=day,
            note=DayNote.SKIPPED if row.kind is DayKind.REST else note,
            kind=row.kind,
            name=row.name,
            firm=calendar.is_firm(day, day),
            count=count if count > before else None,
        )
        before = count


def _office_hours(calendar: WorkCalendar, due: Due, day: date) -> float:
    """Return the office hours gone by at the end of ``day``, or at the due time, with two decimals."""
    moment = min(due.at, datetime.combine(day + ONE_DAY, time(0), calendar.timezone))
    lost = sum(
        calendar.office_time_between(pause.start, min(pause.end, moment)) / ONE_HOUR
        for pause in due.pauses
        if pause.end is not None and pause.start < moment
    )
    return round(calendar.office_time_between(due.counted_from, moment) / ONE_HOUR - lost, 2)


def _notable_days(calendar: WorkCalendar, due: Due) -> Iterator[ExplainedDay]:
    """Yield the rest days that were skipped at the end, and the last day."""
    for day in _days(due.unrolled, due.date):
        row = calendar.describe(day)
        last_day = DayNote.ROLLED if due.rolled else DayNote.COUNTED
        note = DayNote.SKIPPED if row.kind is DayKind.REST else last_day
        yield ExplainedDay(date=day, note=note, kind=row.kind, name=row.name, firm=calendar.is_firm(day, day))


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += ONE_DAY


def _spans(days: tuple[ExplainedDay, ...], note: DayNote) -> Iterator[tuple[str, date, date, int]]:
    """Yield (name, first, last, number) of neighbouring days with this note and one name."""
    for (picked, name), group in groupby(days, key=lambda day: (day.note is note, day.name)):
        if picked:
            members = list(group)
            yield name, members[0].date, members[-1].date, len(members)


ONE_HOUR: Final = timedelta(hours=1)
LISTED_HOURS: Final = 10  # days of a limit in hours that a sentence can hold
WEEKEND: Final = "周末"  # the name of Saturdays and Sundays that no notice lists

_PHRASES: Final[dict[str, dict[str, str]]] = {
    "zh": {
        "from": "自{day}起算",
        "from time": "自{day}{time}起算",
        "received": "{day}{time}为非办公时间，视为{next}收到，自该日起算",
        "received at": "{day}{time}为非办公时间，视为{next}{at}收到，自该时起算",
        "after closing": "{day}{time}已过下班时间，自下一个工作日{next}起算",
        "not counted": "，当日不计",
        "limit": "时限{limit}",
        "make-up": "计入{days}",
        "half": "{day}{name}（半天，计半个工作日）",
        "hours": "{day}{hours:g}小时",
        "aside": "（{name}）",
        "rounded": "（余下的半天按一天计）",
        "held": "{day}本应届满，当时正在暂停，不在暂停中届满，顺延到恢复后第一个尚未下班的工作日",
        "skipped": "跳过{days}",
        "rolled": "期满日为休息日，顺延，跳过{days}",
        "days": "{name}{span}共{number}天",
        "rest": "休息日",
        "weekend": WEEKEND,
        "paused": "暂停{span}，不计入",
        "due": "到期{day}{time}",
        "provisional": "所涉年份的放假安排尚未载入，日期为暂定，载入后重新计算",
        "day": "{date}（周{weekday}）",
        "span": "{first}至{last}",
        "named": "{day}{name}",
        "and": "、",
        "then": "；",
        "end": "。",
    },
    "en": {
        "from": "From {day}",
        "from time": "From {day} {time}",
        "received": "{day} {time} is outside office hours: received on {next} and counted from there",
        "received at": "{day} {time} is outside office hours: received on {next} {at} and counted from that moment",
        "after closing": "{day} {time} is after closing: counted from the next working day, {next}",
        "not counted": ", start day not counted",
        "limit": "limit {limit}",
        "make-up": "counted {days}",
        "half": "{day} {name} (half a day)",
        "hours": "{day} {hours:g} h",
        "aside": " ({name})",
        "rounded": " (the half day that is left counts as a whole one)",
        "held": "it stood when it would have run out on {day}: it ends with the first working day not over when it was resumed",
        "skipped": "skipped {days}",
        "rolled": "the last day is a rest day, moved past {days}",
        "days": "{name} {span} ({number})",
        "rest": "rest day",
        "weekend": "the weekend",
        "paused": "paused {span}",
        "due": "due {day} {time}",
        "provisional": "provisional: the holidays of a year in it are not loaded yet; it will be computed again",
        "day": "{weekday} {date}",
        "span": "{first} to {last}",
        "named": "{day} {name}",
        "and": ", ",
        "then": "; ",
        "end": ".",
    },
}


def _sentence(explanation: Explanation, language: str) -> str:
    say = _PHRASES[language]
    return say["then"].join(text for _, text in _parts(explanation, language)) + say["end"]


def _parts(explanation: Explanation, language: str) -> Iterator[tuple[str, str]]:
    """Yield the parts of the sum in order, each with the name of what it tells."""
    say, due = _PHRASES[language], explanation.due
    yield "from", _beginning(due, language)
    yield "limit", say["limit"].format(limit=due.limit.text(language))
    named = list(_counted(explanation, language))
    if named:
        yield "counted", say["make-up"].format(days=say["and"].join(named))
    skipped = [
        say["days"].format(
            name=say["weekend"] if name == WEEKEND else name or say["rest"],
            span=_span(first, last, language),
            number=number,
        )
        for name, first, last, number in _spans(explanation.days, DayNote.SKIPPED)
    ]
    if skipped:
        yield "skipped", say["rolled" if due.rolled else "skipped"].format(days=say["and"].join(skipped))
    for pause in due.pauses:
        if pause.end is not None:
            yield "paused", say["paused"].format(span=_span(pause.start.date(), pause.end.date(), language))
    if explanation.held is not None:
        yield "held", say["held"].format(day=_day(explanation.held, language))
    ends = "24:00" if due.at.date() > due.date else f"{due.at:%H:%M}"
    rounded = say["rounded"] if _is_rounded(explanation) else ""
    yield "due", say["due"].format(day=_day(due.date, language), time=ends) + rounded
    if due.provisional:
        yield "provisional", say["provisional"]


def _counted(explanation: Explanation, language: str) -> Iterator[str]:
    """The days that a sentence names: of a limit in hours all of them, if they are few, else those that surprise."""
    counted = [day for day in explanation.days if day.note is DayNote.COUNTED]
    if explanation.due.limit.unit is Unit.HOUR and len(counted) <= LISTED_HOURS:
        return _hours(counted, language)
    return (_special(day, language) for day in counted if _is_special(explanation, day))


def _is_special(explanation: Explanation, day: ExplainedDay) -> bool:
    """Is this counted day one that a finger on a wall calendar would count otherwise: a worked weekend, a half day?"""
    return day.date.weekday() >= 5 or (day.kind.halves == 1 and explanation.due.limit.unit is Unit.WD)


def _is_rounded(explanation: Explanation) -> bool:
    """Did half a day that was left take the whole last day?"""
    due, last = explanation.due, explanation.days[-1].count
    return due.mode is not DueMode.SAME_TIME and last is not None and last - due.limit.value == 0.5


def _hours(days: list[ExplainedDay], language: str) -> Iterator[str]:
    """Each counted day with its own office hours."""
    say, before = _PHRASES[language], 0.0
    for day in days:
        count = day.count or 0.0
        name = say["aside"].format(name=day.name) if day.name else ""
        yield say["hours"].format(day=_day(day.date, language), hours=round(count - before, 2)) + name
        before = count


def _special(day: ExplainedDay, language: str) -> str:
    how = "half" if day.kind.halves == 1 else "named"
    return _PHRASES[language][how].format(day=_day(day.date, language), name=day.name).strip()


def _beginning(due: Due, language: str) -> str:
    say, day, at = _PHRASES[language], _day(due.counted_from.date(), language), f"{due.counted_from:%H:%M}"
    by_day = due.limit.unit is not Unit.HOUR and due.mode is not DueMode.SAME_TIME
    if due.counted_from != due.start:
        begun = "received" if by_day else "received at"
        if due.receipt is ReceiptRule.AS_IS:
            begun = "after closing"
        when = {"day": _day(due.start.date(), language), "time": f"{due.start:%H:%M}"}
        first = say[begun].format(**when, next=day, at=at)
    else:
        first = say["from" if by_day else "from time"].format(day=day, time=at)
    return first + (say["not counted"] if due.limit.value and by_day else "")


def _day(day: date, language: str) -> str:
    weekdays = _WEEKDAYS_ZH if language == "zh" else _WEEKDAYS_EN
    return _PHRASES[language]["day"].format(date=day.isoformat(), weekday=weekdays[day.weekday()])


def _span(first: date, last: date, language: str) -> str:
    if first == last:
        return _day(first, language)
    return _PHRASES[language]["span"].format(first=first.isoformat(), last=last.isoformat())
