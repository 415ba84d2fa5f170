"""Suspending and resuming a real case again and again, by commands. ``BANJIE_ROUNDS=1000`` asks for so many; a normal run takes
fewer."""

import os
from datetime import date, datetime, time, timedelta
from fractions import Fraction

from engine.calendar import SHANGHAI, DayKind
from engine.commands.cases.suspending import ResumeCase, SuspendCase
from tests.integration.cases.test_special_procedures import accepted, due, timers
from tests.processes.bureau import Bureau
from tests.unit.calendar.oracle import Case, Span, end_of

ROUNDS = int(os.environ.get("BANJIE_ROUNDS", "30"))
HALVES = {DayKind.WORK: 2, DayKind.REST: 0, DayKind.HALF_AM: "am", DayKind.HALF_PM: "pm"}
START = datetime(2026, 9, 10, 10, tzinfo=SHANGHAI)


def stand(bureau: Bureau, no: str, begin: datetime, end: datetime, kind: str = "hearing") -> Span:
    """The case stands from ``begin`` to ``end``; nothing that is due in between is let happen."""
    bureau.now = begin
    begun = bureau.execute(SuspendCase(no=no, kind=kind, reason="听证", planned="1wd"), "shipin")
    bureau.now = end
    bureau.execute(ResumeCase(no=no, suspension_id=begun["suspension_id"]), "shipin")
    return begin, end


def promised(bureau: Bureau, no: str) -> datetime:
    row = next(row for row in bureau.queries.cases.clocks(bureau.case(no)["id"]) if row["kind"] == "promised")
    assert isinstance(row["due_at"], datetime)
    return row["due_at"].astimezone(SHANGHAI)


def test_standing_and_going_on_within_a_day_shifts_nothing_however_often(bureau: Bureau) -> None:
    no = accepted(bureau)
    before = (
        bureau.clock(no, "promised"),
        bureau.clock(no, "statutory"),
        due(bureau, no, "examine"),
        timers(bureau, no),
    )
    step = timedelta(seconds=20_000 // ROUNDS)

    for each in range(ROUNDS):
        begin = START + each * step
        stand(bureau, no, begin, begin + step / 2)

    after = (
        bureau.clock(no, "promised"),
        bureau.clock(no, "statutory"),
        due(bureau, no, "examine"),
        timers(bureau, no),
    )
    assert after == before
    bureau.at("2026-09-15 17:29")
    assert bureau.open(no) == ["examine", "open"]
    bureau.at("2026-09-15 17:31")
    assert bureau.open(no) == ["examine", "open", "reminded"], "the reminder comes once, and when it was due"


def test_standing_over_nights_takes_the_working_days_that_it_took_and_not_one_more(bureau: Bureau) -> None:
    no = accepted(bureau)
    stood = [
        stand(bureau, no, evening, evening + timedelta(hours=16))
        for evening in (
            datetime.combine(START + each * timedelta(days=1), time(17), SHANGHAI) for each in range(ROUNDS)
        )
    ]

    calendar = bureau.queries.admin.calendar()
    walked = end_of(
        Case(
            halves={day: HALVES[calendar.kind(day)] for day in days_until(stood[-1][1].date() + timedelta(days=60))},
            hours=(time(9), time(12), time(13), time(17, 30)),
            start=START,
            amount=Fraction(10),
            unit="wd",
            mode="end_of_day",
            stood=tuple(stood),
        )
    )
    assert promised(bureau, no) == walked
    # the clock stood into each of these days, so that none of them was counted: all ten come after the last
    assert promised(bureau, no).date() == calendar.working_day(stood[-1][1].date(), 10)


def days_until(last: date) -> list[date]:
    return [START.date() + timedelta(days=n) for n in range((last - START.date()).days)]
