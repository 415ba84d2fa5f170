"""Rulers of time on which rest days have no length, read by binary search in sums per year.

A scale answers two questions: how much lies between two moments, and which moment lies so much further. Each year's
sums are built when first asked and kept; a year that nobody loaded is built from its weekdays like any other, so the
arithmetic never ends at a border (whether its answer is provisional is the calendar's business, not the scale's)."""

from bisect import bisect_left
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from itertools import accumulate
from typing import Final

from engine.calendar.days import DAY_US, microseconds

_MIDNIGHT: Final = time(0)


class Scale:
    """Amounts are whole numbers: a day contributes ``length(day)``, spread over the day by ``within`` and
    ``time_at``."""

    def __init__(self, length: Callable[[date], int]) -> None:
        self._length = length
        self._years: dict[int, list[int]] = {}  # year -> [0, through day 1, through day 2, ...]

    def within(self, day: date, elapsed: int) -> int:
        """Return the part of ``length(day)`` that lies before ``elapsed`` microseconds after midnight."""
        raise NotImplementedError

    def time_at(self, day: date, amount: int) -> int:
        """Return the first microsecond of ``day`` at which ``amount`` > 0 of its length has gone by."""
        raise NotImplementedError

    def _sums(self, year: int) -> list[int]:
        sums = self._years.get(year)
        if sums is None:
            first = date(year, 1, 1).toordinal()
            days = date(year, 12, 31).toordinal() - first + 1
            lengths = (self._length(date.fromordinal(first + offset)) for offset in range(days))
            sums = self._years[year] = list(accumulate(lengths, initial=0))
        return sums

    def between_days(self, first: date, last: date) -> int:
        """Return the amount of the days after ``first`` up to and with ``last``; negative when ``last`` is earlier."""
        if first.year > last.year:
            return -self.between_days(last, first)
        amount = self._sums(last.year)[_yday(last)] - self._sums(first.year)[_yday(first)]
        for year in range(first.year, last.year):
            amount += self._sums(year)[-1]
        return amount

    def between(self, first: datetime, last: datetime) -> int:
        """Return the amount from ``first`` to ``last``, both local; negative when ``last`` is earlier."""
        return self.between_days(first.date(), last.date()) + self._rest_of(first) - self._rest_of(last)

    def _rest_of(self, at: datetime) -> int:
        day = at.date()
        return self._length(day) - self.within(day, microseconds(at.time()))

    def day_after(self, start: date, amount: int) -> date:
        """Return the first day by whose end ``amount`` has gone by since the end of ``start`` (negative: looking
        back)."""
        year, target = start.year, self._sums(start.year)[_yday(start)] + amount
        while target > (total := self._sums(year)[-1]):
            target -= total
            year += 1
        while target <= 0:
            year -= 1
            target += self._sums(year)[-1]
        return date.fromordinal(date(year, 1, 1).toordinal() + bisect_left(self._sums(year), target) - 1)

    def advance(self, start: datetime, amount: int) -> datetime:
        """Return the first moment at which ``amount`` has gone by since ``start``; ``start`` itself for nothing."""
        if amount <= 0:
            return start
        first = start.date()
        day = self.day_after(first, amount - self._rest_of(start))
        if day <= first:
            day = first
            amount += self.within(first, microseconds(start.time()))
        else:
            amount -= self._rest_of(start) + self.between_days(first, day) - self._length(day)
        return datetime.combine(day, _MIDNIGHT, start.tzinfo) + timedelta(microseconds=self.time_at(day, amount))


class WorkingScale(Scale):
    """A working day is 24 hours long, a half day counts half, a rest day nothing. Unit: half microseconds of a day.

    This is the ruler of the "second-based" systems: 7 working days after Monday 10:00 it is 10:00 again, and one second
    over is over.
    """

    def within(self, day: date, elapsed: int) -> int:
        return self._length(day) * elapsed // DAY_US

    def time_at(self, day: date, amount: int) -> int:
        return -(-amount * DAY_US // self._length(day))


class OfficeScale(Scale):
    """Only opening hours have length. Unit: microseconds."""

    def __init__(self, sessions: Callable[[date], list[tuple[int, int]]]) -> None:
        super().__init__(lambda day: sum(end - start for start, end in sessions(day)))
        self._sessions = sessions

    def within(self, day: date, elapsed: int) -> int:
        return sum(max(0, min(elapsed, end) - start) for start, end in self._sessions(day))

    def time_at(self, day: date, amount: int) -> int:
        for start, end in self._sessions(day):
            if amount <= end - start:
                return start + amount
            amount -= end - start
        raise ValueError(f"{day} is shorter than the amount")


def _yday(day: date) -> int:
    return day.toordinal() - date(day.year, 1, 1).toordinal() + 1
