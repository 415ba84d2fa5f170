"""Clocks of a case."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.approval.clock import (
    ART_45,
    Clock,
    ClockKind,
    ClockState,
    Suspension,
    SuspensionKind,
    pauses,
    start_of_acceptance,
)
from engine.calendar import DayKind, DayRow, DueMode, Limit, WorkCalendar
from engine.errors import Conflict, InvalidInput
from engine.events import restore
from tests.unit.approval.builders import an_item, at
from tests.unit.calendar.years import bureau_calendar

START = at("2026-09-10 10:00")
HEARING = Suspension(
    kind=SuspensionKind.HEARING,
    start=at("2026-09-15 14:00"),
    reason="举行听证",
    notice_no="星行审特〔2026〕1号",
    planned=Limit.parse("10wd"),
)


def started(bureau: WorkCalendar, kind: ClockKind = ClockKind.PROMISED, limit: str = "10wd", **options: Any) -> Clock:
    return Clock.start("k1", kind, Limit.parse(limit), case_id="c1", at=START, calendar=bureau, **options)[0]


def test_acceptance_starts_the_statutory_and_the_promised_clock(bureau: WorkCalendar) -> None:
    clocks, told = start_of_acceptance(an_item(), case_id="c1", accepted_at=START, calendar=bureau, ids=["k1", "k2"])

    assert [(clock.kind, clock.due.date, clock.source) for clock in clocks] == [
        (ClockKind.STATUTORY, date(2026, 10, 14), "《行政许可法》第四十二条"),
        (ClockKind.PROMISED, date(2026, 9, 23), "本局承诺"),
    ]
    assert [event.kind for event in told] == ["ClockStarted", "ClockStarted"]
    assert [restore(event.kind, event.payload()) for event in told] == told


def test_a_clock_stands_and_goes_on_with_what_was_left(bureau: WorkCalendar) -> None:
    clock, paused = started(bureau).pause(HEARING)
    assert (clock.state, clock.due.date) == (ClockState.PAUSED, date(2026, 9, 23))

    clock, resumed = clock.resume(at("2026-09-22 09:30"), bureau)

    assert (clock.state, clock.due.date) == (ClockState.RUNNING, date(2026, 10, 9))
    assert [event.kind for event in paused + resumed] == ["ClockPaused", "ClockResumed"]
    assert Clock.from_json(clock.to_json()) == clock


def test_only_grounds_of_article_45_told_in_writing_stop_the_statutory_clock(bureau: WorkCalendar) -> None:
    statutory = started(bureau, ClockKind.STATUTORY, "20wd")

    assert statutory.pause(HEARING)[0].state is ClockState.PAUSED
    for wrong in (
        replace(HEARING, kind=SuspensionKind.PUBLICITY),
        replace(HEARING, notice_no=""),
        replace(HEARING, planned=None),
    ):
        with pytest.raises(Conflict, match=r"art\. 45"):
            statutory.pause(wrong)
        assert started(bureau).pause(wrong)[0].state is ClockState.PAUSED  # the promised clock may


def test_local_procedures_stop_the_promised_clock_if_the_item_allows_and_never_the_statutory_one() -> None:
    item = an_item()
    strict = replace(item, limits=replace(item.limits, promised_pauses_for_local_procedures=False))

    assert len(ART_45) == 8
    for kind in SuspensionKind:
        assert (ClockKind.STATUTORY in pauses(kind, item)) is (kind in ART_45)
        assert (ClockKind.PROMISED in pauses(kind, strict)) is (kind in ART_45)
    assert ClockKind.PROMISED in pauses(SuspensionKind.SITE_SURVEY, item)


def test_a_clock_stands_once_for_each_suspension_and_resumes_only_when_it_stands(bureau: WorkCalendar) -> None:
    clock, _ = started(bureau).pause(HEARING)

    with pytest.raises(Conflict):
        clock.pause(HEARING)
    with pytest.raises(Conflict):
        started(bureau).resume(START, bureau)
    with pytest.raises(Conflict):
        started(bureau).stop(START, bureau)[0].pause(HEARING)


def test_suspensions_that_overlap_are_taken_off_once(bureau: WorkCalendar) -> None:
    testing = replace(HEARING, id="t", kind=SuspensionKind.TESTING, start=at("2026-09-17 09:00"))
    clock, _ = started(bureau).pause(replace(HEARING, id="h"))
    clock, _ = clock.pause(testing)

    clock, _ = clock.resume(at("2026-09-18 10:00"), bureau, "h")
    assert clock.state is ClockState.PAUSED, "the testing goes on"
    assert clock.remaining(bureau, at("2026-12-01 10:00")) == 7, "and takes nothing from what is left"
    clock, _ = clock.resume(at("2026-09-22 09:30"), bureau, "t")

    one, _ = started(bureau).pause(HEARING)
    assert clock.due.at == one.resume(at("2026-09-22 09:30"), bureau)[0].due.at


def test_while_it_stands_a_clock_says_when_it_will_end_if_the_planned_time_is_taken(bureau: WorkCalendar) -> None:
    clock, _ = started(bureau).pause(replace(HEARING, planned=Limit.parse("5wd")))
    expected = clock.expected(bureau)

    assert expected is not None and expected.date == date(2026, 10, 8)
    assert clock.pause(replace(HEARING, id="x", planned=None))[0].expected(bureau) is None
    assert started(bureau).expected(bureau) == started(bureau).due


def test_a_clock_that_is_stopped_while_it_stands_was_not_late(bureau: WorkCalendar) -> None:
    clock, _ = started(bureau).pause(HEARING)

    assert not clock.stop(at("2026-11-23 10:00"), bureau)[0].is_late


def test_the_planned_time_of_a_special_procedure_may_be_extended_again(bureau: WorkCalendar) -> None:
    clock = started(bureau, ClockKind.SPECIAL, "3wd", about="h")
    for _ in range(2):
        clock, _told = clock.extend(Limit.parse("2wd"), at=START, reason="样品需复检", calendar=bureau)

    assert clock.limit == Limit.parse("7wd")


def test_a_limit_is_extended_once_and_before_it_ends(bureau: WorkCalendar) -> None:
    ten = Limit.parse("10wd")
    clock, told = started(bureau).extend(ten, at=at("2026-09-20 10:00"), reason="案情复杂", calendar=bureau)

    assert clock.due.date == date(2026, 10, 14)
    assert told[0].kind == "ClockExtended"
    with pytest.raises(Conflict, match="once"):
        clock.extend(ten, at=at("2026-09-20 11:00"), reason="更复杂", calendar=bureau)
    with pytest.raises(Conflict, match="before it ends"):
        started(bureau).extend(ten, at=at("2026-09-23 17:31"), reason="太晚", calendar=bureau)
    with pytest.raises(InvalidInput):
        started(bureau).extend(ten, at=START, reason="", calendar=bureau)


def test_an_extension_and_suspensions_add_up(bureau: WorkCalendar) -> None:
    clock, _ = started(bureau).pause(HEARING)
    clock, _ = clock.extend(Limit.parse("5wd"), at=at("2026-09-16 10:00"), reason="案情复杂", calendar=bureau)
    clock, _ = clock.resume(at("2026-09-22 09:30"), bureau)

    assert clock.due.date == date(2026, 10, 15)  # 10 + 5 + 6 working days


def test_a_clock_knows_what_is_left_and_when_it_is_over(bureau: WorkCalendar) -> None:
    clock = started(bureau)

    assert clock.remaining(bureau, at("2026-09-18 10:00")) == 4
    assert clock.remaining(bureau, at("2026-09-23 10:00")) == 0
    assert clock.remaining(bureau, at("2026-09-28 10:00")) == -2
    assert not clock.is_overdue(at("2026-09-23 17:30"))
    assert clock.is_overdue(at("2026-09-23 17:31"))
    assert started(bureau, limit="2h").remaining(bureau, at("2026-09-10 11:00")) == 1
    assert started(bureau, limit="20nd").remaining(bureau, at("2026-09-20 11:00")) == 10


def test_while_it_stands_a_clock_loses_nothing_and_is_not_overdue(bureau: WorkCalendar) -> None:
    clock, _ = started(bureau).pause(HEARING)

    assert clock.remaining(bureau, at("2026-12-01 10:00")) == 7
    assert not clock.is_overdue(at("2026-12-01 10:00"))
    late, _ = started(bureau).pause(replace(HEARING, start=at("2026-09-29 10:00")))
    assert late.is_overdue(at("2026-12-01 10:00"))  # it was overdue before it stood


def test_a_stopped_clock_knows_whether_it_was_late(bureau: WorkCalendar) -> None:
    in_time, told = started(bureau).stop(at("2026-09-23 17:30"), bureau)
    late, _ = started(bureau).stop(at("2026-09-24 09:00"), bureau)

    assert (in_time.is_late, late.is_late) == (False, True)
    assert told[0].payload()["late"] is False
    assert in_time.remaining(bureau, at("2026-12-01 09:00")) == 0
    assert not late.is_overdue(at("2026-12-01 09:00"))
    with pytest.raises(Conflict):
        late.stop(START, bureau)


def test_stopping_ends_an_open_suspension(bureau: WorkCalendar) -> None:
    clock, _ = started(bureau).pause(HEARING)
    clock, _ = clock.stop(at("2026-09-18 10:00"), bureau)

    assert clock.suspensions[0].end == at("2026-09-18 10:00")


def test_p_6_1_a_clock_that_goes_on_has_lost_no_time_and_won_none(bureau: WorkCalendar) -> None:
    clock = started(bureau)
    stopped, _ = clock.stop(at("2026-09-15 10:00"), bureau)
    gone_on, told = stopped.go_on([], bureau)
    assert gone_on == clock
    assert [event.kind for event in told] == ["ClockContinued"]
    assert [restore(event.kind, event.payload()) for event in told] == told
    with pytest.raises(Conflict):
        clock.go_on([], bureau)


def test_p_6_1_a_clock_that_goes_on_has_stood_for_what_its_case_stood_for_since(bureau: WorkCalendar) -> None:
    hearing = replace(HEARING, id="hearing")
    case, step = (started(bureau, kind).pause(hearing)[0] for kind in (ClockKind.PROMISED, ClockKind.STEP))
    step, _ = step.stop(at("2026-09-16 10:00"), bureau)  # done while the case stands
    case, _ = case.resume(at("2026-09-17 10:00"), bureau)
    case, _ = case.pause(replace(HEARING, id="again", start=at("2026-09-18 10:00")))
    standing, _ = step.go_on(case.suspensions, bureau)
    assert (standing.state, [each.id for each in standing.open_suspensions]) == (ClockState.PAUSED, ["again"])
    case, _ = case.resume(at("2026-09-22 10:00"), bureau)
    gone_on, _ = step.go_on(case.suspensions, bureau)
    assert (gone_on.state, gone_on.suspensions, gone_on.due) == (ClockState.RUNNING, case.suspensions, case.due)
    # what was over before it had stopped is in its end already
    before = replace(HEARING, id="before", start=at("2026-09-11 10:00"), end=at("2026-09-14 10:00"))
    assert step.go_on([before], bureau)[0].due == step.due


def test_a_change_of_the_calendar_moves_open_clocks_and_says_so(bureau: WorkCalendar) -> None:
    closure = DayRow(date=date(2026, 9, 21), kind=DayKind.REST, name="台风停工")
    changed = WorkCalendar.from_rows(
        [*bureau.days.values(), closure], region="430105", loaded_years=bureau.loaded_years, version="2026-2"
    )

    clock, told = started(bureau).reproject(changed)

    assert (clock.due.date, clock.due.calendar_version) == (date(2026, 9, 24), "2026-2")
    assert told[0].payload()["before"] == "2026-09-23T17:30:00+08:00"
    assert clock.reproject(changed) == (clock, [])
    stopped, _ = started(bureau).stop(START, bureau)
    assert stopped.reproject(changed) == (stopped, [])


def test_a_provisional_clock_becomes_firm_when_the_year_is_loaded(bureau: WorkCalendar) -> None:
    clock = Clock.start(
        "k1", ClockKind.PROMISED, Limit.parse("10wd"), case_id="c1", at=at("2026-12-25 10:00"), calendar=bureau
    )[0]
    assert clock.due.provisional
    loaded = WorkCalendar.from_rows(
        bureau.days.values(), region="430105", loaded_years=[*bureau.loaded_years, 2027], version="2027-1"
    )

    firm, told = clock.reproject(loaded)

    assert not firm.due.provisional
    assert len(told) == 1  # the same date, and now it counts


def test_a_clock_explains_itself(bureau: WorkCalendar) -> None:
    clock, _ = started(bureau).pause(HEARING)
    clock, _ = clock.resume(at("2026-09-22 09:30"), bureau)

    assert "暂停2026-09-15至2026-09-22，不计入" in clock.explain(bureau).text("zh")


@settings(deadline=None)
@given(
    st.sampled_from(["10wd", "20nd", "1m", "24h"]),
    st.sampled_from(DueMode),
    st.lists(st.integers(0, 60 * 24 * 8), max_size=20),
)
def test_suspending_and_resuming_at_once_shifts_nothing(limit: str, mode: DueMode, minutes: list[int]) -> None:
    calendar = bureau_calendar()
    clock = started(calendar, limit=limit, mode=mode)
    before = clock.due
    for minute in sorted(minutes):
        moment = START + timedelta(minutes=minute)
        clock, _ = clock.pause(replace(HEARING, start=moment))
        clock, _ = clock.resume(moment, calendar)

    assert clock.due == before


def test_a_thousand_suspensions_that_end_at_once_shift_nothing(bureau: WorkCalendar) -> None:
    clock = started(bureau)
    before = clock.due
    moments = [START + timedelta(minutes=7 * i) for i in range(999)]
    had = tuple(replace(HEARING, id=str(i), start=moment, end=moment) for i, moment in enumerate(moments))

    clock, _ = replace(clock, suspensions=had).pause(replace(HEARING, id="last", start=moments[-1]))
    clock, _ = clock.resume(moments[-1], bureau, "last")

    assert clock.due == before and len(clock.suspensions) == 1_000
