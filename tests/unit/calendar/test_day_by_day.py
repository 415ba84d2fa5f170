"""The calendar against a loop that walks day by day and shares no code with it."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.calendar import SHANGHAI, DayKind, DayRow, DueMode, Limit, OfficeHours, Pause, Unit, WorkCalendar

FIRST, LAST = date(2025, 1, 1), date(2027, 12, 31)
DAYS = st.dates(FIRST, LAST)
MOMENTS = st.datetimes(
    datetime(2025, 1, 1),  # noqa: DTZ001  # hypothesis wants its bounds naive
    datetime(2027, 6, 30),  # noqa: DTZ001
    timezones=st.just(SHANGHAI),
).map(lambda moment: moment.replace(microsecond=0))  # fmt: skip
UNTIMED = settings(deadline=None)  # a busy machine is no fault
HALVES = {DayKind.WORK: 2, DayKind.HALF_AM: 1, DayKind.HALF_PM: 1, DayKind.REST: 0}
SUMMER = OfficeHours(pm_start=OfficeHours().pm_end.replace(hour=15, minute=0), first=(5, 1), last=(9, 30))


@st.composite
def calendars(draw: st.DrawFn, kinds: tuple[DayKind, ...] = tuple(DayKind)) -> WorkCalendar:
    listed = draw(st.dictionaries(DAYS, st.sampled_from(kinds), max_size=60))
    rows = [DayRow(date=day, kind=kind) for day, kind in listed.items()]
    loaded = draw(st.sets(st.sampled_from([2024, 2025, 2026, 2027, 2028])))
    return WorkCalendar.from_rows(rows, region="x", loaded_years=loaded, office_hours=(SUMMER, OfficeHours()))


def halves(calendar: WorkCalendar, day: date) -> int:
    row = calendar.days.get(day)
    return HALVES[row.kind] if row else 2 if day.isoweekday() <= 5 else 0


def days_after(day: date) -> Iterator[date]:
    while True:
        day += timedelta(days=1)
        yield day


@UNTIMED
@given(calendars(), MOMENTS, st.integers(1, 90))
def test_the_nth_working_day_is_found_by_walking(calendar: WorkCalendar, start: datetime, n: int) -> None:
    left, firm = 2 * n, True
    for day in days_after(start.date()):
        firm = firm and day.year in calendar.loaded_years
        left -= halves(calendar, day)
        if left <= 0:
            break

    due = calendar.due(start, Limit(n, Unit.WD))

    assert (due.date, due.provisional) == (day, not firm)


@UNTIMED
@given(calendars(), MOMENTS, st.integers(0, 400))
def test_natural_days_end_on_the_day_or_the_next_that_is_worked(
    calendar: WorkCalendar, start: datetime, n: int
) -> None:
    day = start.date()
    for _ in range(n):
        day += timedelta(days=1)
    years = {day.year}
    while not halves(calendar, day):
        day += timedelta(days=1)
        years.add(day.year)

    due = calendar.due(start, Limit(n, Unit.ND))

    assert (due.date, due.provisional) == (day, not years <= calendar.loaded_years)


@UNTIMED
@given(calendars(), DAYS, DAYS)
def test_working_days_between_are_counted_by_walking(calendar: WorkCalendar, first: date, last: date) -> None:
    low, high = sorted((first, last))
    walked = sum(halves(calendar, low + timedelta(days=n)) for n in range(1, (high - low).days + 1)) / 2

    assert calendar.working_days_between(first, last) == (walked if first <= last else -walked)


@UNTIMED
@given(calendars(), DAYS, st.integers(1, 60))
def test_walking_back_is_the_reverse_of_walking_on(calendar: WorkCalendar, day: date, n: int) -> None:
    earlier = calendar.working_day(day, -n)

    assert calendar.working_days_between(earlier, day) >= n - 0.5
    assert calendar.is_working(earlier)
    assert calendar.working_days_between(earlier - timedelta(days=1), day) > n


@settings(max_examples=60, deadline=None)
@given(calendars(), MOMENTS, st.integers(1, 60))
def test_office_hours_are_found_by_walking_minute_by_minute(
    calendar: WorkCalendar, start: datetime, half_hours: int
) -> None:
    start = start.replace(second=0)
    moment, left = start, half_hours * 30
    while left:
        session = calendar.hours_on(moment.date()).sessions(calendar.kind(moment.date()))
        if any(begin <= moment.time() < end for begin, end in session):
            left -= 1
        moment += timedelta(minutes=1)

    assert calendar.due(start, Limit(half_hours / 2, Unit.HOUR)).at == moment


@UNTIMED
@given(calendars(), MOMENTS, st.integers(1, 60))
def test_to_the_second_the_working_time_up_to_the_end_is_the_limit(
    calendar: WorkCalendar, start: datetime, n: int
) -> None:
    due = calendar.due(start, Limit(n, Unit.WD), DueMode.SAME_TIME)

    moment, used = start, 0.0
    while moment < due.at:
        next_midnight = datetime.combine(moment.date() + timedelta(days=1), datetime.min.time(), SHANGHAI)
        until = min(next_midnight, due.at)
        used += (until - moment).total_seconds() / 86_400 * halves(calendar, moment.date()) / 2
        moment = until
    assert abs(used - n) < 1e-6
    assert halves(calendar, due.date) > 0


@UNTIMED
@given(
    calendars(kinds=(DayKind.WORK, DayKind.REST)),
    MOMENTS,
    st.integers(1, 40),
    st.lists(st.tuples(st.integers(0, 60 * 24), st.integers(0, 10 * 24)), max_size=5),
)
def test_with_pauses_the_days_that_stood_still_are_left_out(
    calendar: WorkCalendar, start: datetime, n: int, spans: list[tuple[int, int]]
) -> None:
    """Walk the days. A day is lost when a pause began on an earlier day and lasted until this one; and while the clock
    stands at the end of the last day, the end goes on to the next one."""
    hour = timedelta(hours=1)
    stood_hours = {begin + n for begin, length in spans for n in range(length)}
    begins = sorted(h for h in stood_hours if h - 1 not in stood_hours)
    ends = sorted(h + 1 for h in stood_hours if h + 1 not in stood_hours)
    stands = [(start + begin * hour, start + end * hour) for begin, end in zip(begins, ends, strict=True)]

    left = n
    end_day: date | None = None
    for day in days_after(start.date()):
        works = halves(calendar, day) > 0
        if end_day is not None:
            closing = calendar.closing(end_day)
            if not any(begin < closing <= end for begin, end in stands):
                break
            end_day = day if works else end_day
        elif works and not any(begin.date() < day <= end.date() for begin, end in stands):
            left -= 1
            end_day = day if left == 0 else None

    pauses = [Pause(start + begin * hour, start + (begin + length) * hour) for begin, length in spans]
    assert calendar.due(start, Limit(n, Unit.WD), pauses=pauses).date == end_day
