"""The four ways to count a limit: working days, working days to the second, natural days and months, office hours.

Each way says where a limit ends when ``taken`` of it was lost to pauses, and how much of it a pause takes. The unit of
``taken`` is the way's own.
"""

from abc import ABC, abstractmethod
from calendar import monthrange
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from engine.calendar.days import DAY_US
from engine.calendar.due import DueMode
from engine.calendar.limit import Limit, Unit

if TYPE_CHECKING:
    from engine.calendar.work_calendar import WorkCalendar

HOUR_US: Final = 3_600_000_000
MICROSECOND: Final = timedelta(microseconds=1)


class End(NamedTuple):
    """Where a limit ends. ``looked_from`` is the first day whose kind mattered (the last one is ``day``)."""

    at: datetime
    day: date
    unrolled: date
    looked_from: date


class Counting(ABC):
    """One way to count."""

    @abstractmethod
    def end(self, calendar: "WorkCalendar", start: datetime, limit: Limit, taken: int) -> End:
        """Return where ``limit`` from ``start`` (local) ends."""

    @abstractmethod
    def taken(self, calendar: "WorkCalendar", first: datetime, last: datetime) -> int:
        """Return what a pause from ``first`` to ``last`` (local) takes."""

    def lacking(self, calendar: "WorkCalendar", end: End, last: datetime) -> int:
        """Return what a pause takes beyond :meth:`taken` when the clock stood at its end: whole days cannot run out while
        nothing is counted, so the last of them is the first day on which the office still closes after ``last``. Ways that
        count to the second need nothing."""
        return 0


class WorkingDays(Counting):
    """Whole days: the n-th working day after the start day, to the end of that day.

    A pause takes the working days after its first day up to and with its last. So pauses within one day take nothing,
    and a thousand of them take no more than one pause over the same time. A half day that is left is rounded up to
    the day."""

    def __init__(self, mode: DueMode) -> None:
        self._mode = mode

    def end(self, calendar: "WorkCalendar", start: datetime, limit: Limit, taken: int) -> End:
        first = start.date()
        amount = int(limit.value * 2) * DAY_US + taken
        if amount:
            day = calendar.working_scale.day_after(first, amount)
            return End(_close(calendar, day, self._mode), day, day, first + timedelta(days=1))
        day = calendar.next_working_day(first)
        return End(_close(calendar, day, self._mode), day, day, first)

    def taken(self, calendar: "WorkCalendar", first: datetime, last: datetime) -> int:
        return calendar.working_scale.between_days(first.date(), last.date())

    def lacking(self, calendar: "WorkCalendar", end: End, last: datetime) -> int:
        return calendar.working_scale.between_days(end.day, _day_after(calendar, last, self._mode))


class WorkingTime(Counting):
    """To the second: working days are 24 hours long and rest days stand still, so a working day ends at the same time
    of the next one. What starts on a rest day starts with the next working day and ends with a day at 24:00."""

    def end(self, calendar: "WorkCalendar", start: datetime, limit: Limit, taken: int) -> End:
        at = calendar.working_scale.advance(start, int(limit.value * 2) * DAY_US + taken)
        # An end at midnight is the end of the day before, not the start of a day that may be a holiday.
        last = max(start, at - MICROSECOND).date()
        return End(at, last, last, start.date())

    def taken(self, calendar: "WorkCalendar", first: datetime, last: datetime) -> int:
        return calendar.working_scale.between(first, last)


class NaturalDays(Counting):
    """Natural days, or months by the calendar; a last day that is a rest day moves to the next working day (民法典
    200-203).

    A pause takes its natural days.
    """

    def __init__(self, mode: DueMode) -> None:
        self._mode = mode

    def end(self, calendar: "WorkCalendar", start: datetime, limit: Limit, taken: int) -> End:
        first = start.date()
        last = (
            _months_later(first, int(limit.value)) if limit.unit is Unit.MONTH else first + timedelta(int(limit.value))
        )
        unrolled = last + timedelta(days=taken)
        day = calendar.next_working_day(unrolled)
        if self._mode is DueMode.SAME_TIME:
            return End(datetime.combine(day, start.timetz()), day, unrolled, unrolled)
        return End(_close(calendar, day, self._mode), day, unrolled, unrolled)

    def taken(self, calendar: "WorkCalendar", first: datetime, last: datetime) -> int:
        return (last.date() - first.date()).days

    def lacking(self, calendar: "WorkCalendar", end: End, last: datetime) -> int:
        return (_day_after(calendar, last, self._mode) - end.unrolled).days


class OfficeTime(Counting):
    """Hours while the office is open, to the second, counted at once (民法典 201 second paragraph)."""

    def end(self, calendar: "WorkCalendar", start: datetime, limit: Limit, taken: int) -> End:
        at = calendar.office_scale.advance(start, int(limit.value * 2) * HOUR_US // 2 + taken)
        return End(at, at.date(), at.date(), start.date())

    def taken(self, calendar: "WorkCalendar", first: datetime, last: datetime) -> int:
        return calendar.office_scale.between(first, last)


_WAYS: Final[dict[tuple[Unit, DueMode], Counting]] = {
    **{(Unit.WD, mode): WorkingDays(mode) for mode in DueMode},
    **{(unit, mode): NaturalDays(mode) for unit in (Unit.ND, Unit.MONTH) for mode in DueMode},
    **{(Unit.HOUR, mode): OfficeTime() for mode in DueMode},
    (Unit.WD, DueMode.SAME_TIME): WorkingTime(),
}


def counting_of(limit: Limit, mode: DueMode) -> Counting:
    """Return the way to count this limit. "On the same day" has no time of day of its own: it ends with the day."""
    same_day = limit.unit is Unit.WD and not limit.value and mode is DueMode.SAME_TIME
    return _WAYS[limit.unit, DueMode.END_OF_DAY if same_day else mode]


def _day_after(calendar: "WorkCalendar", moment: datetime, mode: DueMode) -> date:
    """Return the first working day that does not end before or at ``moment``."""
    day = calendar.next_working_day(moment.date())
    return day if moment < _close(calendar, day, mode) else calendar.working_day(day, 1)


def _close(calendar: "WorkCalendar", day: date, mode: DueMode) -> datetime:
    if mode is DueMode.MIDNIGHT:
        return datetime.combine(day + timedelta(days=1), time(0), calendar.timezone)
    return calendar.closing(day)


def _months_later(day: date, months: int) -> date:
    """Return the corresponding day of the last month, or that month's last day when there is none (民法典 202)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
