"""The sum behind a due date, day by day, in a form that a person can check with a finger on a wall calendar."""

from collections.abc import Iterator
from datetime import date, datetime, time
from enum import StrEnum
from itertools import groupby
from typing import Any, Final

from engine.calendar.days import DAY_US, DayKind
from engine.calendar.due import Due, DueMode
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
    """One day of the sum. ``count`` is the running number of working days after it; None where nothing is counted."""

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
    """A due date with the days that made it. For natural days, months and hours only the notable days are listed."""

    due: Due
    days: tuple[ExplainedDay, ...]

    def text(self, language: str = "zh") -> str:
        """Return the sum as one paragraph in Chinese or English."""
        return _sentence(self, "zh" if language.startswith("zh") else "en")

    def parts(self, language: str = "zh") -> tuple[tuple[str, str], ...]:
        """Return the parts of the sum in order, each with what it tells: from, limit, counted, skipped, paused, due,
        provisional."""
        return tuple(_parts(self, "zh" if language.startswith("zh") else "en"))

    def to_json(self) -> dict[str, Any]:
        return {
            "due": self.due.to_json(),
            "days": [day.to_json() for day in self.days],
            "text": {"zh": self.text("zh"), "en": self.text("en")},
        }


def explain(calendar: WorkCalendar, due: Due) -> Explanation:
    """Return the readable sum of a ``due`` that this calendar computed."""
    days = _working_days(calendar, due) if due.limit.unit is Unit.WD else _notable_days(calendar, due)
    return Explanation(due=due, days=tuple(days))


def _working_days(calendar: WorkCalendar, due: Due) -> Iterator[ExplainedDay]:
    """Yield every day from the start day to the due day with the running count of working days."""
    start = due.counted_from.date()
    counted = _to_the_second if due.mode is DueMode.SAME_TIME and due.limit.value else _whole_days
    before = 0.0
    for day in _days(start, due.date):
        row = calendar.describe(day)
        count = counted(calendar, due, day)
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


def _notable_days(calendar: WorkCalendar, due: Due) -> Iterator[ExplainedDay]:
    """Yield the start, the rest days that were skipped at the end, and the last day."""
    first = due.counted_from.date() if due.limit.unit is Unit.HOUR else due.unrolled
    for day in _days(first, due.date):
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


WEEKEND: Final = "周末"  # the name of Saturdays and Sundays that no notice lists

_PHRASES: Final[dict[str, dict[str, str]]] = {
    "zh": {
        "from": "自{day}起算",
        "from time": "自{day}{time}起算",
        "received": "{day}{time}为非办公时间，视为{next}收到，自该日起算",
        "not counted": "，当日不计",
        "limit": "时限{limit}",
        "make-up": "计入{days}",
        "half": "{day}{name}（半天，计半个工作日）",
        "rounded": "（余下的半天按一天计）",
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
        "not counted": ", start day not counted",
        "limit": "limit {limit}",
        "make-up": "counted {days}",
        "half": "{day} {name} (half a day)",
        "rounded": " (the half day that is left counts as a whole one)",
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
    special = [day for day in explanation.days if day.note is DayNote.COUNTED and _is_special(explanation, day)]
    if special:
        named = (_special(day, language) for day in special)
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
    ends = "24:00" if due.at.date() > due.date else f"{due.at:%H:%M}"
    rounded = say["rounded"] if _is_rounded(explanation) else ""
    yield "due", say["due"].format(day=_day(due.date, language), time=ends) + rounded
    if due.provisional:
        yield "provisional", say["provisional"]


def _is_special(explanation: Explanation, day: ExplainedDay) -> bool:
    """Is this counted day one that a finger on a wall calendar would count otherwise: a worked weekend, a half day?"""
    return day.date.weekday() >= 5 or (day.kind.halves == 1 and explanation.due.limit.unit is Unit.WD)


def _is_rounded(explanation: Explanation) -> bool:
    """Did half a day that was left take the whole last day?"""
    due, last = explanation.due, explanation.days[-1].count
    return due.mode is not DueMode.SAME_TIME and last is not None and last - due.limit.value == 0.5


def _special(day: ExplainedDay, language: str) -> str:
    how = "half" if day.kind.halves == 1 else "named"
    return _PHRASES[language][how].format(day=_day(day.date, language), name=day.name).strip()


def _beginning(due: Due, language: str) -> str:
    say, day, at = _PHRASES[language], _day(due.counted_from.date(), language), f"{due.counted_from:%H:%M}"
    if due.counted_from != due.start:
        first = say["received"].format(day=_day(due.start.date(), language), time=f"{due.start:%H:%M}", next=day)
    elif due.limit.unit is Unit.HOUR or due.mode is DueMode.SAME_TIME:
        return say["from time"].format(day=day, time=at)
    else:
        first = say["from"].format(day=day)
    return first + (say["not counted"] if due.limit.value and due.limit.unit is not Unit.HOUR else "")


def _day(day: date, language: str) -> str:
    weekdays = _WEEKDAYS_ZH if language == "zh" else _WEEKDAYS_EN
    return _PHRASES[language]["day"].format(date=day.isoformat(), weekday=weekdays[day.weekday()])


def _span(first: date, last: date, language: str) -> str:
    if first == last:
        return _day(first, language)
    return _PHRASES[language]["span"].format(first=first.isoformat(), last=last.isoformat())
