"""The clocks against an oracle that walks. ``BANJIE_ORACLE=20000`` asks for so many random cases; a normal run takes fewer."""

import os
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.approval.clock import Clock, ClockKind, Suspension, SuspensionKind
from engine.calendar import SHANGHAI, DayKind, DayRow, DueMode, Limit, OfficeHours, Unit, WorkCalendar
from tests.unit.calendar.oracle import Case, end_of

CASES = int(os.environ.get("BANJIE_ORACLE", "300"))
FIRST = date(2026, 1, 1)
KINDS = {0: DayKind.REST, 2: DayKind.WORK, "am": DayKind.HALF_AM, "pm": DayKind.HALF_PM}
HOURS = (
    (time(9), time(12), time(13, 30), time(17, 30)),
    (time(8, 30), time(12), time(15), time(18)),
    (time(0, 30), time(11), time(11), time(23, 30)),
)
UNITS = {"wd": Unit.WD, "nd": Unit.ND, "m": Unit.MONTH, "h": Unit.HOUR}
LONGEST = {"wd": 60, "nd": 90, "m": 4, "h": 60}


@st.composite
def cases(draw: st.DrawFn) -> tuple[Case, Fraction]:
    """A case, and how much of its limit was added by an extension."""
    unit = draw(st.sampled_from(sorted(UNITS)))
    mode = draw(st.sampled_from(["end_of_day", "midnight", "same_time"]))
    exact = unit == "wd" and mode == "same_time"
    days = st.integers(0, 240).map(lambda n: FIRST + timedelta(days=n))
    kinds = st.sampled_from([0, 2] if exact else [0, 0, 2, 2, "am", "pm"])
    listed: Mapping[date, Any] = draw(st.dictionaries(days, kinds, max_size=40))
    holiday = draw(days)
    week = {holiday + timedelta(days=n): 0 for n in range(draw(st.integers(0, 9)))}
    minutes = st.integers(0, 150 * 24 * 60)
    start = datetime.combine(FIRST, time(0), SHANGHAI) + timedelta(minutes=draw(minutes))
    amount = draw(st.integers(0, LONGEST[unit]))
    halves = draw(st.booleans()) and unit in ("wd", "h")
    extension = draw(st.integers(0, 15)) if amount and not exact else 0
    stood = []
    for _ in range(draw(st.integers(0, 4))):
        first = start + timedelta(minutes=draw(st.integers(-2_000, 60 * 24 * 60)))
        stood.append((first, first + timedelta(minutes=draw(st.integers(0, 20 * 24 * 60)))))
    case = Case(
        halves={**listed, **week},
        hours=draw(st.sampled_from(HOURS)),
        start=start,
        amount=Fraction(amount) + (Fraction(1, 2) if halves else 0) + extension,
        unit=unit,
        mode=mode,
        stood=tuple(stood),
    )
    return case, Fraction(extension)


def walked(case: Case, extension: Fraction) -> Clock:
    """A clock of the engine that went through the same."""
    hours = OfficeHours(**dict(zip(("am_start", "am_end", "pm_start", "pm_end"), case.hours, strict=True)))
    calendar = WorkCalendar.from_rows(
        [DayRow(date=day, kind=KINDS[kind]) for day, kind in case.halves.items()],  # type: ignore[index]
        region="x",
        loaded_years=[2026, 2027],
        office_hours=(hours,),
    )
    budget = Limit(float(case.amount - extension), UNITS[case.unit])
    clock, _ = Clock.start(
        "k", ClockKind.PROMISED, budget, case_id="c", at=case.start, calendar=calendar, mode=DueMode(case.mode)
    )
    if extension:
        more = Limit(float(extension), UNITS[case.unit])
        clock, _ = clock.extend(
            more, at=case.start, asked_at=case.start - timedelta(days=1), reason="x", calendar=calendar
        )
    happened = [(last, 0, str(i), None) for i, (_, last) in enumerate(case.stood)]
    begun = [(first, -1, str(i), first) for i, (first, _) in enumerate(case.stood)]
    for moment, _, name, opens in sorted([*happened, *begun], key=lambda each: each[:3]):
        if opens is not None:
            suspension = Suspension(id=name, kind=SuspensionKind.OTHER, start=opens, reason="x")
            clock, _ = clock.pause(suspension)
        else:
            clock, _ = clock.resume(moment, calendar, name)
    return clock


@settings(max_examples=CASES)
@given(cases())
def test_a_clock_ends_where_walking_ends(given_: tuple[Case, Fraction]) -> None:
    case, extension = given_

    clock = walked(case, extension)

    assert clock.due.at == end_of(case)
