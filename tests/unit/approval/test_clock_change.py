"""What the events of a clock tell: the whole clock once, and then only what became otherwise."""

from dataclasses import replace
from datetime import datetime, timedelta

import orjson

from engine.approval.clock import Clock, ClockKind, Suspension, SuspensionKind
from engine.approval.clock_change import changed
from engine.calendar import SHANGHAI, Limit, WorkCalendar
from engine.events import Event
from tests.unit.calendar.years import bureau_calendar

START = datetime(2026, 9, 10, 10, tzinfo=SHANGHAI)
HEARING = Suspension(
    kind=SuspensionKind.HEARING, start=START, id="a", notice_no="听告〔2026〕1号", planned=Limit.parse("5wd")
)


def stood(clock: Clock, calendar: WorkCalendar, *, times: int) -> tuple[Clock, list[Event]]:
    told = list[Event]()
    for each in range(times):
        begin = START + timedelta(hours=each)
        clock, more = clock.pause(replace(HEARING, id=str(each), start=begin))
        told += more
        clock, more = clock.resume(begin + timedelta(minutes=30), calendar, str(each))
        told += more
    return clock, told


def test_the_changes_told_one_after_the_other_lead_to_the_clock_as_it_stands() -> None:
    calendar = bureau_calendar()
    clock, told = Clock.start("c1", ClockKind.STATUTORY, Limit.parse("20wd"), case_id="k1", at=START, calendar=calendar)
    clock, more = clock.pause(HEARING)
    told += more
    clock, more = clock.replan("a", Limit.parse("8wd"), reason="专家改期")
    told += more
    clock, more = clock.resume(START + timedelta(days=12), calendar, "a")
    told += more
    clock, more = clock.extend(Limit.parse("10wd"), at=START, reason="案情复杂", calendar=calendar)
    told += more
    clock, more = clock.stop(START + timedelta(days=20), calendar)
    told += more

    facts = dict(told[0].payload()["value"])
    for event in told[1:]:
        assert not event.payload().get("value")
        facts = changed(facts, orjson.loads(orjson.dumps(event.payload()["change"])))

    assert Clock.from_json(facts) == clock


def test_an_event_holds_its_own_suspension_and_not_those_before_it() -> None:
    calendar = bureau_calendar()
    clock, _ = Clock.start("c1", ClockKind.PROMISED, Limit.parse("10wd"), case_id="k1", at=START, calendar=calendar)

    _, told = stood(clock, calendar, times=200)

    sizes = [len(orjson.dumps(event.payload())) for event in told]
    assert max(sizes[-2:]) <= max(sizes[:2]) + 10, "the two hundredth suspension costs what the first did"
    assert told[-1].payload()["change"]["suspensions"].keys() == {"199"}
