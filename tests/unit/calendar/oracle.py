"""Where a limit ends, by walking: day by day, minute by minute, with a finger on the calendar. Shares no code with the engine.

``Case`` is what a court would be given: the days, the hours, the start, the limit, and when the clock stood.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from itertools import pairwise

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Case:
    """``halves``: how many halves of a listed day are worked (0, "am", "pm", 2); others by their weekday. ``hours``: the four
    times of the office day. ``unit``: wd, nd, m, h. ``mode``: end_of_day, midnight, same_time."""

    halves: dict[date, object]
    hours: tuple[time, time, time, time]
    start: datetime
    amount: Fraction
    unit: str
    mode: str
    stood: tuple[Span, ...]

    def worked(self, day: date) -> int:
        listed = self.halves.get(day)
        if listed is None:
            return 0 if day.weekday() in (5, 6) else 2
        return listed if isinstance(listed, int) else 1

    def close(self, day: date) -> datetime:
        """When the day is over for the office."""
        if self.mode == "midnight":
            return datetime.combine(day, time(0), self.start.tzinfo) + DAY
        at = self.hours[1] if self.halves.get(day) == "am" else self.hours[3]
        return datetime.combine(day, at, self.start.tzinfo)

    def sessions(self, day: date) -> list[Span]:
        kind = self.halves.get(day, 2 if self.worked(day) else 0)
        spans = {2: [0, 2], "am": [0], "pm": [2], 0: []}[kind]  # type: ignore[index]
        zone = self.start.tzinfo
        return [
            (datetime.combine(day, self.hours[i], zone), datetime.combine(day, self.hours[i + 1], zone)) for i in spans
        ]

    def breaks(self) -> list[Span]:
        """When it stood, after the start, overlapping ones as one."""
        spans: list[Span] = []
        for first, last in sorted(self.stood):
            first = max(first, self.start)
            if last <= first:
                continue
            if spans and first <= spans[-1][1]:
                spans[-1] = (spans[-1][0], max(last, spans[-1][1]))
            else:
                spans.append((first, last))
        return spans


def end_of(case: Case) -> datetime:
    """When the limit of ``case`` ends."""
    if case.unit == "h":
        return _hours(case)
    if case.unit == "wd" and case.mode == "same_time" and case.amount:
        return _to_the_second(case)
    day = {"wd": _working_day, "nd": _natural_day, "m": _month_day}[case.unit](case)
    if case.mode == "same_time" and case.unit in ("nd", "m"):
        return datetime.combine(day, case.start.timetz())
    return case.close(day)


def _stood_at(case: Case, moment: datetime) -> Span | None:
    """The break in which the clock stands at ``moment``; one that begins at that very moment comes too late."""
    return next(((first, last) for first, last in case.breaks() if first < moment <= last), None)


def _first_close_after(case: Case, moment: datetime) -> date:
    day = moment.date()
    while not case.worked(day) or case.close(day) <= moment:
        day += DAY
    return day


def _is_break_day(case: Case, day: date) -> bool:
    """The first day of a break is counted, the others up to its last are not."""
    return any(first.date() < day <= last.date() for first, last in case.breaks())


def _working_day(case: Case) -> date:
    day, left = case.start.date(), case.amount * 2
    if not left:  # the same day: the first on which the office still closes
        day = _first_close_after(case, case.start)
    while left > 0:
        day += DAY
        if not _is_break_day(case, day):
            left -= case.worked(day)
    while (stood := _stood_at(case, case.close(day))) is not None:
        day = _first_close_after(case, stood[1])
    return day


def _natural_day(case: Case) -> date:
    day, left = case.start.date(), int(case.amount)
    while left > 0:
        day += DAY
        if not _is_break_day(case, day):
            left -= 1
    return _rolled(case, day)


def _month_day(case: Case) -> date:
    year, month = case.start.year, case.start.month
    for _ in range(int(case.amount)):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    wanted = case.start.day
    while True:  # the corresponding day, or the last of the month
        try:
            last = date(year, month, wanted)
            break
        except ValueError:
            wanted -= 1
    # A break takes its days off the months as off days: the same walk with the days of these months as the limit.
    day, left = case.start.date(), (last - case.start.date()).days
    while left > 0:
        day += DAY
        if not _is_break_day(case, day):
            left -= 1
    return _rolled(case, day)


def _rolled(case: Case, day: date) -> date:
    """The last day moves to the next that is worked; a break that begins until then takes its days too."""
    known = [span for span in case.breaks() if span[0].date() >= day]
    while True:
        due = day
        while not case.worked(due):
            due += DAY
        end = case.close(due)
        if case.mode == "same_time":
            end = datetime.combine(due, case.start.timetz())
        if not known or known[0][0] >= end:
            return due
        first, last = known.pop(0)
        day += last.date() - first.date()
        due = day
        while not case.worked(due):
            due += DAY
        end = case.close(due)
        if case.mode == "same_time":
            end = datetime.combine(due, case.start.timetz())
        if end <= last:
            day = _first_close_after(case, last)


def _hours(case: Case) -> datetime:
    left, day, breaks = case.amount * 60, case.start.date(), case.breaks()
    if not left:
        return case.start
    while True:
        for opens, closes in case.sessions(day):
            minute = max(opens, case.start)
            while minute < closes:
                if not any(first <= minute < last for first, last in breaks):
                    left -= 1
                    if left <= 0:
                        return minute + MINUTE + timedelta(minutes=float(left))
                minute += MINUTE
        day += DAY


def _to_the_second(case: Case) -> datetime:
    """Working days are 24 hours long; a half day runs at half speed, a rest day stands."""
    left, day = case.amount * 24 * 60, case.start.date()
    zone = case.start.tzinfo
    while True:
        begin = datetime.combine(day, time(0), zone)
        cuts = {begin, begin + DAY, max(case.start, begin)}
        cuts |= {moment for span in case.breaks() for moment in span if begin < moment < begin + DAY}
        marks = sorted(cut for cut in cuts if cut >= case.start)
        for one, other in pairwise(marks):
            if any(first <= one < last for first, last in case.breaks()):
                continue
            speed = Fraction(case.worked(day), 2)
            gained = Fraction(int((other - one).total_seconds()), 60) * speed
            if speed and gained >= left:
                return one + timedelta(minutes=float(left / speed))
            left -= gained
        day += DAY
