"""The calendar of one region: which days are worked, and when a limit ends."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from typing import Final, Self

from engine.calendar.counting import Counting, End, counting_of
from engine.calendar.days import DAY_US, DayKind, DayRow, OfficeHours, microseconds
from engine.calendar.due import Due, DueMode, Pause, ReceiptRule, merged
from engine.calendar.limit import Limit, Unit
from engine.calendar.scale import OfficeScale, WorkingScale
from engine.errors import InvalidInput

# China has one zone and no summer time since 1992, so a fixed offset is exact for every date an office handles and
# needs no time zone database on the machine.
SHANGHAI: Final = timezone(timedelta(hours=8), "Asia/Shanghai")
ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, eq=False)
class WorkCalendar:
    """Listed days, loaded years and office hours of a region; immutable, safe to share between threads.

    A day that is not listed is a working day from Monday to Friday and a rest day on Saturday and Sunday. In a year
    that is not in ``loaded_years`` this is only a guess, and every result that looked at such a day says
    ``provisional``. ``office_hours``: the first whose season covers the day holds; the last one must hold all year.
    """

    region: str
    days: Mapping[date, DayRow] = field(repr=False)
    loaded_years: frozenset[int]
    office_hours: tuple[OfficeHours, ...] = (OfficeHours(),)
    timezone: tzinfo = SHANGHAI
    version: str = ""
    working_scale: WorkingScale = field(init=False, repr=False)
    office_scale: OfficeScale = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not self.office_hours or self.office_hours[-1].first is not None:
            raise InvalidInput(
                "办公时间的最后一条必须全年适用（不写起止月日）。",
                "The last of the office hours must hold all year (without a season).",
            )
        object.__setattr__(self, "working_scale", WorkingScale(lambda day: self.kind(day).halves * DAY_US))
        object.__setattr__(self, "office_scale", OfficeScale(self._sessions_us))

    @classmethod
    def from_rows(
        cls,
        rows: Iterable[DayRow],
        *,
        region: str,
        loaded_years: Iterable[int],
        office_hours: tuple[OfficeHours, ...] = (OfficeHours(),),
        timezone: tzinfo = SHANGHAI,
        version: str = "",
    ) -> Self:
        """Build it from stored rows. A local closure listed in a year does not make that year loaded: say which are."""
        return cls(
            region=region,
            days={row.date: row for row in rows},
            loaded_years=frozenset(loaded_years),
            office_hours=office_hours,
            timezone=timezone,
            version=version,
        )

    def with_days(self, rows: Iterable[DayRow], *, year: int | None = None) -> "WorkCalendar":
        """Return this calendar with other days: ``rows`` in place of everything listed for ``year``, which counts as loaded
        then; without a year the rows are added."""
        kept = {day: row for day, row in self.days.items() if year is None or day.year != year}
        loaded = self.loaded_years if year is None else self.loaded_years | {year}
        return replace(self, days=kept | {row.date: row for row in rows}, loaded_years=loaded)

    def differs_from(self, other: "WorkCalendar") -> tuple[date, date] | None:
        """Return the first and the last day that the two see differently, a year that only one has loaded included; None when
        they agree on all days."""
        days = {day for day in self.days.keys() | other.days.keys() if self.kind(day) is not other.kind(day)}
        for year in self.loaded_years ^ other.loaded_years:
            days |= {date(year, 1, 1), date(year, 12, 31)}
        return (min(days), max(days)) if days else None

    # -- days

    def kind(self, day: date) -> DayKind:
        """Return how ``day`` counts."""
        row = self.days.get(day)
        if row is not None:
            return row.kind
        return DayKind.WORK if day.weekday() < 5 else DayKind.REST

    def describe(self, day: date) -> DayRow:
        """Return ``day`` with its name: as listed, else 周末 or nothing."""
        row = self.days.get(day)
        if row is not None:
            return row
        kind = self.kind(day)
        return DayRow(date=day, kind=kind, name="周末" if kind is DayKind.REST else "")

    def is_working(self, day: date) -> bool:
        """Is ``day`` worked, at least for half of it?"""
        return self.kind(day) is not DayKind.REST

    def is_firm(self, first: date, last: date) -> bool:
        """Are all years from ``first`` to ``last`` loaded?"""
        if first.year == last.year:
            return first.year in self.loaded_years
        return all(year in self.loaded_years for year in range(first.year, last.year + 1))

    def next_working_day(self, day: date) -> date:
        """Return ``day`` when it is worked, else the next one that is."""
        return day if self.is_working(day) else self.working_scale.day_after(day, 1)

    def working_day(self, day: date, n: int) -> date:
        """Return the n-th working day after ``day`` (before it for a negative n); for 0 ``day`` or the next one
        worked."""
        return self.working_scale.day_after(day, 2 * n * DAY_US) if n else self.next_working_day(day)

    def working_days_between(self, first: date | datetime, last: date | datetime) -> float:
        """Return the working days after ``first`` up to and with ``last``, half days as 0.5; negative when reversed.

        The start day is not counted (民法典 201), so from a day to itself there is nothing, and from now to a due day
        there is what remains."""
        return self.working_scale.between_days(self.local_date(first), self.local_date(last)) / (2 * DAY_US)

    # -- office hours

    def hours_on(self, day: date) -> OfficeHours:
        """Return the office hours of the season in which ``day`` lies."""
        for hours in self.office_hours:
            if hours.covers(day):
                return hours
        raise AssertionError("the last office hours hold all year")  # checked when the calendar was built

    def opening(self, day: date) -> datetime:
        """Return when the office opens on a working ``day``."""
        return self._at(day, self._sessions(day)[0][0])

    def closing(self, day: date) -> datetime:
        """Return when the office closes on ``day`` (on a rest day: when it would)."""
        sessions = self._sessions(day)
        return self._at(day, sessions[-1][1] if sessions else self.hours_on(day).pm_end)

    def is_open(self, at: datetime) -> bool:
        """Is the office open at this moment?"""
        local = self.local(at)
        return any(start <= local.time() < end for start, end in self._sessions(local.date()))

    def office_time_between(self, first: datetime, last: datetime) -> timedelta:
        """Return the office time from ``first`` to ``last``; negative when reversed."""
        return timedelta(microseconds=self.office_scale.between(self.local(first), self.local(last)))

    def received(self, at: datetime, rule: ReceiptRule = ReceiptRule.NEXT_WORKING_DAY) -> datetime:
        """Return the moment that counts as receipt: under NEXT_WORKING_DAY what comes after closing or on a rest day is
        received at the next opening; before opening and over lunch it is that day's already."""
        local = self.local(at)
        if rule is ReceiptRule.AS_IS:
            return local
        day = local.date()
        if self.is_working(day) and local < self.closing(day):
            return local
        return self.opening(self.working_day(day, 1))

    # -- limits

    def due(
        self,
        start: datetime,
        limit: Limit,
        mode: DueMode = DueMode.END_OF_DAY,
        *,
        receipt: ReceiptRule = ReceiptRule.AS_IS,
        pauses: Iterable[Pause] = (),
        as_of: datetime | None = None,
    ) -> Due:
        """Return when ``limit`` ends that starts at ``start`` (aware).

        The start day is not counted; day n of a working-day limit is the n-th working day after it, make-up days
        included; a period of natural days or months that would end on a rest day ends on the next working day (民法典
        201-203). Hours count at once and only while the office is open. ``pauses`` move the end by what they took of
        the same measure; one that begins when the limit has run out does not revive it, and a limit does not run out while it
        stands. "On the same day" that begins after closing is the next working day. An open pause counts until ``as_of``."""
        local = self.local(start)
        counted_from = self._begins(self.received(local, receipt), limit, mode)
        counting = counting_of(limit, mode)
        end, effective = self._end(counting, counted_from, limit, merged(pauses, counted_from, as_of))
        firm = self.is_firm(end.looked_from, end.day) and (
            (receipt is ReceiptRule.AS_IS and counted_from == local) or self.is_firm(local.date(), counted_from.date())
        )
        return Due(
            at=end.at,
            date=end.day,
            provisional=not firm,
            start=local,
            counted_from=counted_from,
            limit=limit,
            mode=mode,
            receipt=receipt,
            unrolled=end.unrolled,
            pauses=effective,
            calendar_version=self.version,
        )

    def _begins(self, at: datetime, limit: Limit, mode: DueMode) -> datetime:
        """Return ``at``; but "on the same day" after closing would be over before it began: it is the next working day."""
        if limit.value or limit.unit is not Unit.WD or mode is DueMode.MIDNIGHT:
            return at
        closed = self.is_working(at.date()) and at >= self.closing(at.date())
        return self.received(at) if closed else at

    def _end(
        self, counting: Counting, start: datetime, limit: Limit, spans: Iterable[tuple[datetime, datetime]]
    ) -> tuple[End, tuple[Pause, ...]]:
        """Return the end of ``limit`` that stood still in ``spans`` (in order, apart), and those of them that moved it."""
        end = counting.end(self, start, limit, 0)
        effective: list[Pause] = []
        taken = 0
        settled = True  # is ``end`` that of ``taken``? It only moves on, so most pauses need not know how far
        for first, last in spans:
            if not settled and first >= end.at:
                end, settled = counting.end(self, start, limit, taken), True
            if first >= end.at:
                break
            first, last = self.local(first), self.local(last)
            effective.append(Pause(first, last))
            taken += counting.taken(self, first, last)
            settled = False
            if last < end.at:
                continue
            end, settled = counting.end(self, start, limit, taken), True
            if end.at <= last and (lacking := counting.lacking(self, end, last)) > 0:
                taken += lacking
                end = counting.end(self, start, limit, taken)
        if not settled:
            end = counting.end(self, start, limit, taken)
        return end, tuple(effective)

    def shift(self, due: Due, pauses: Iterable[Pause], *, as_of: datetime | None = None) -> Due:
        """Return ``due`` computed again by this calendar with ``pauses`` (all of them, not only new ones)."""
        return self.due(due.start, due.limit, due.mode, receipt=due.receipt, pauses=pauses, as_of=as_of)

    # -- moments

    def local(self, at: datetime) -> datetime:
        """Return ``at`` in the region's zone; a naive time is refused."""
        if at.tzinfo is None:
            raise InvalidInput(
                f"时间{at.isoformat(' ')}没有时区。",
                f"The time {at.isoformat()} has no time zone.",
            )
        return at.astimezone(self.timezone)

    def local_date(self, at: date | datetime) -> date:
        """Return the day on which a moment lies in the region's zone; a date stays itself."""
        return self.local(at).date() if isinstance(at, datetime) else at

    def _sessions(self, day: date) -> tuple[tuple[time, time], ...]:
        return self.hours_on(day).sessions(self.kind(day))

    def _sessions_us(self, day: date) -> list[tuple[int, int]]:
        return [(microseconds(start), microseconds(end)) for start, end in self._sessions(day)]

    def _at(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, self.timezone)
