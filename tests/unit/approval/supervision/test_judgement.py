"""Which card is due, to the second: the published example of Hunan, the general rules, shares, suspensions."""

import math
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.approval.clock import Clock, ClockKind
from engine.approval.supervision.judgement import facts_of, first_look, judge
from engine.approval.supervision.measure import bound, used
from engine.approval.supervision.reader import shipped
from engine.approval.supervision.rules import Level, Measure, Rule, Subject
from engine.calendar import SHANGHAI, DueMode, WorkCalendar
from tests.unit.approval.supervision.builders import at, clock

PROMISED, STATUTORY, SPECIAL = ClockKind.PROMISED, ClockKind.STATUTORY, ClockKind.SPECIAL
SECOND = timedelta(seconds=1)


def level(calendar: WorkCalendar, clocks: list[Clock], now: datetime, rules: str = "hunan", process: str = "p") -> str:
    """The highest card of the case at ``now``, or ""."""
    verdicts = judge(shipped(rules), process, clocks, now=now, calendar=calendar).verdicts
    found = [verdict.rule.level for verdict in verdicts if verdict.rule is not None]
    return max(found, key=lambda each: each.rank).value if found else ""


def example(calendar: WorkCalendar, **options: object) -> list[Clock]:
    """监察规则说明: accepted 2018-10-15 10:00, promised 7, statutory 10 working days."""
    start = "2018-10-15 10:00"
    return [
        clock(STATUTORY, "10wd", start, calendar, **options),  # type: ignore[arg-type]
        clock(PROMISED, "7wd", start, calendar, **options),  # type: ignore[arg-type]
    ]


# ---------------------------------------------------------------- Hunan


@pytest.mark.parametrize(
    ("turn", "before", "after"),
    [("2018-10-19 10:00", "", "warn"), ("2018-10-24 10:00", "warn", "yellow"), ("2018-10-29 10:00", "yellow", "red")],
)
def test_the_worked_example_of_hunan_is_exact_to_the_second(
    bureau: WorkCalendar, turn: str, before: str, after: str
) -> None:
    clocks = example(bureau)

    assert level(bureau, clocks, at(turn)) == before
    assert level(bureau, clocks, at(turn) + SECOND) == after, "one second over is over"


@pytest.mark.parametrize(
    ("turn", "before", "after"),
    [("2018-10-24 10:00", "", "warn"), ("2018-10-29 10:00", "warn", "yellow"), ("2018-11-01 10:00", "yellow", "red")],
)
def test_three_days_of_a_special_procedure_move_all_three_cards_by_three_days(
    bureau: WorkCalendar, turn: str, before: str, after: str
) -> None:
    clocks = example(bureau, pauses=(("2018-10-16 10:00", "2018-10-19 10:00"),))

    assert level(bureau, clocks, at(turn)) == before
    assert level(bureau, clocks, at(turn) + SECOND) == after


def test_a_clock_that_stands_still_gets_no_card_however_long_it_stands(bureau: WorkCalendar) -> None:
    clocks = example(bureau, pauses=(("2018-10-16 10:00", None),))

    assert level(bureau, clocks, at("2019-10-16 10:00")) == ""
    assert judge(shipped("hunan"), "p", clocks, now=at("2018-10-17 10:00"), calendar=bureau).next_looks == {}


def test_no_warning_for_what_is_finished_but_a_card_for_what_was_finished_late(bureau: WorkCalendar) -> None:
    in_time = example(bureau, stopped="2018-10-23 10:00")
    late = example(bureau, stopped="2018-10-24 10:01")

    assert level(bureau, in_time, at("2018-11-30 10:00")) == ""
    assert level(bureau, late, at("2018-11-30 10:00")) == "yellow"


@pytest.mark.parametrize(
    ("limit", "turn", "before", "after"),
    [
        ("5wd", "2018-10-17 10:00", "", "warn"),  # −2: used more than 2 of 5
        ("5wd", "2018-10-22 10:00", "warn", "yellow"),  # out > 0
        ("5wd", "2018-10-23 10:00", "yellow", "red"),  # out > 1
    ],
)
def test_special_procedures_are_watched_by_the_days_asked_for(
    bureau: WorkCalendar, limit: str, turn: str, before: str, after: str
) -> None:
    clocks = [clock(SPECIAL, limit, "2018-10-15 10:00", bureau)]

    assert level(bureau, clocks, at(turn)) == before
    assert level(bureau, clocks, at(turn) + SECOND) == after


@pytest.mark.parametrize(
    ("kind", "turn", "before", "after"),
    [
        ("pre_accept", "2018-10-17 10:00", "", "warn"),
        ("pre_accept", "2018-10-22 10:00", "warn", "yellow"),
        ("pre_accept", "2018-10-24 10:00", "yellow", "red"),
        ("delivery", "2018-10-17 10:00", "", "yellow"),
    ],
)
def test_pre_acceptance_and_licences_have_bounds_of_their_own(
    bureau: WorkCalendar, kind: str, turn: str, before: str, after: str
) -> None:
    clocks = [clock(ClockKind(kind), "2wd", "2018-10-15 10:00", bureau)]

    assert level(bureau, clocks, at(turn)) == before
    assert level(bureau, clocks, at(turn) + SECOND) == after


def test_consultations_and_complaints_are_judged_by_the_rules_that_name_their_process(bureau: WorkCalendar) -> None:
    clocks = [clock(PROMISED, "5wd", "2018-10-15 10:00", bureau)]

    assert level(bureau, clocks, at("2018-10-23 10:00") + SECOND, process="hotline_12345") == "red"
    assert level(bureau, clocks, at("2018-10-23 10:00") + SECOND, process="other") == "yellow"


working_minutes = st.integers(min_value=0, max_value=60 * 24 * 40)


@given(
    limit=st.integers(1, 15),
    out=st.integers(-3, 5),
    minutes=working_minutes,
    pause=st.tuples(st.integers(0, 20_000), st.integers(0, 20_000)),
)
@settings(max_examples=150)
def test_the_moment_of_a_card_is_where_the_rounded_up_formula_turns(
    bureau: WorkCalendar, limit: int, out: int, minutes: int, pause: tuple[int, int]
) -> None:
    start = datetime(2026, 9, 14, 10, 0, tzinfo=SHANGHAI)
    first = start + timedelta(minutes=pause[0])
    last = first + timedelta(minutes=pause[1])
    text = [moment.replace(tzinfo=None).isoformat(" ") for moment in (first, last)]
    measured = clock(PROMISED, f"{limit}wd", "2026-09-14 10:00", bureau, pauses=((text[0], text[1]),))
    rule = Rule(code="r", level=Level.YELLOW, text="r", text_en="r", clock=PROMISED, out_at_least=out)
    now = start + timedelta(minutes=minutes)

    from_when = bound(rule, measured, bureau, Measure.TO_THE_SECOND)

    assert from_when is not None
    by_formula = math.ceil(used(measured, now, bureau)) - limit >= out
    if now > start:
        assert from_when.is_passed(now) == by_formula


def test_what_is_used_up_when_a_day_of_rest_begins_is_passed_when_the_next_working_day_does(
    bureau: WorkCalendar,
) -> None:
    # stood until midnight: Tuesday to Friday are the four days, used up when Saturday begins
    pauses = (("2026-09-14 10:00", "2026-09-15 00:00"),)
    measured = clock(PROMISED, "4wd", "2026-09-14 10:00", bureau, pauses=pauses)
    rule = Rule(code="r", level=Level.YELLOW, text="r", text_en="r", clock=PROMISED, out_at_least=1)

    from_when = bound(rule, measured, bureau, Measure.TO_THE_SECOND)

    assert from_when is not None and from_when.at == at("2026-09-20 00:00"), "2026-09-20 is a Sunday that is worked"
    assert math.ceil(used(measured, at("2026-09-19 12:00"), bureau)) == 4, "Saturday uses nothing"
    assert not from_when.is_passed(at("2026-09-19 12:00")) and from_when.is_passed(at("2026-09-20 00:00") + SECOND)


# ---------------------------------------------------------------- the general rules and shares


def test_by_the_general_rules_a_card_comes_when_the_clock_itself_ends(bureau: WorkCalendar) -> None:
    clocks = [
        clock(STATUTORY, "20wd", "2026-11-23 10:00", bureau),
        clock(PROMISED, "10wd", "2026-11-23 10:00", bureau),
    ]
    for turn, before, after in [
        ("2026-12-03 00:00:00", "", "warn"),  # two working days are left: 12-04 and 12-07
        ("2026-12-07 17:30:00", "warn", "yellow"),
        ("2026-12-21 17:30:00", "yellow", "red"),
    ]:
        assert level(bureau, clocks, at(turn), "default") == before, turn
        assert level(bureau, clocks, at(turn) + SECOND, "default") == after, turn


def test_limits_under_five_days_warn_at_four_fifths_and_hours_at_half(bureau: WorkCalendar) -> None:
    short = [clock(PROMISED, "1wd", "2026-11-23 09:00", bureau)]  # 14 office hours to Tuesday's close
    hours = [clock(PROMISED, "2h", "2026-11-23 09:00", bureau)]

    assert level(bureau, short, at("2026-11-24 14:41"), "default") == ""
    assert level(bureau, short, at("2026-11-24 14:42"), "default") == "warn"
    assert level(bureau, hours, at("2026-11-23 09:59"), "default") == ""
    assert level(bureau, hours, at("2026-11-23 10:00"), "default") == "warn"
    assert level(bureau, hours, at("2026-11-23 11:01"), "default") == "yellow"
    assert level(bureau, hours, at("2026-11-23 14:31"), "default") == "red", (
        "over twice the limit; lunch does not count"
    )


def test_natural_days_roll_and_cards_with_them(bureau: WorkCalendar) -> None:
    clocks = [clock(PROMISED, "20nd", "2026-09-15 10:00", bureau)]

    assert level(bureau, clocks, at("2026-10-08 17:30"), "default") == ""
    assert level(bureau, clocks, at("2026-10-08 17:31"), "default") == "yellow"


def test_by_share_yellow_comes_at_nine_tenths_and_steps_have_cards(bureau: WorkCalendar) -> None:
    clocks = [clock(PROMISED, "10wd", "2026-11-23 10:00", bureau)]
    step = [clock(ClockKind.STEP, "2wd", "2026-11-23 10:00", bureau)]

    assert level(bureau, clocks, at("2026-12-04 10:00") - SECOND, "share") == ""
    assert level(bureau, clocks, at("2026-12-04 10:00"), "share") == "yellow"
    assert level(bureau, clocks, at("2026-12-07 10:00") + SECOND, "share") == "red"
    assert level(bureau, step, at("2026-11-25 10:00") + SECOND, "share") == "yellow"


def test_a_clock_to_the_second_is_judged_to_the_second_by_any_rules(bureau: WorkCalendar) -> None:
    clocks = [clock(PROMISED, "7wd", "2018-10-15 10:00", bureau, mode=DueMode.SAME_TIME)]

    assert level(bureau, clocks, at("2018-10-24 10:00"), "default") == "warn"
    assert level(bureau, clocks, at("2018-10-24 10:00") + SECOND, "default") == "yellow"


# ---------------------------------------------------------------- every bound, worked out by hand
# The office is open 09:00-12:00 and 13:30-17:30. 2026-11-23 is a Monday, 2018-10-15 too; no holiday is near.

HOUR_VECTORS = [
    # hunan: used, rounded up to whole hours, minus the limit; more than 1 of 4 hours is -2, more than 4 is 1
    ("hunan", PROMISED, "4h", "2026-11-23 09:00", "2026-11-23 10:00:00", "", "warn"),
    ("hunan", PROMISED, "4h", "2026-11-23 09:00", "2026-11-23 14:30:00", "warn", "yellow"),
    ("hunan", STATUTORY, "6h", "2026-11-23 09:00", "2026-11-23 16:30:00", "", "red"),
    # used up at noon, passed when the afternoon begins; at the close, when the next working day does
    ("hunan", PROMISED, "3h", "2026-11-23 09:00", "2026-11-23 13:30:00", "warn", "yellow"),
    ("hunan", PROMISED, "7h", "2026-11-23 09:00", "2026-11-24 09:00:00", "warn", "yellow"),
    ("hunan", PROMISED, "7h", "2026-11-27 09:00", "2026-11-30 09:00:00", "warn", "yellow"),
    # share: nine tenths of 4 hours are 3:36, the half hour after lunch and six minutes; over the limit
    ("share", PROMISED, "4h", "2026-11-23 09:00", "2026-11-23 14:05:59", "", "yellow"),
    ("share", PROMISED, "4h", "2026-11-23 09:00", "2026-11-23 14:30:00", "yellow", "red"),
    ("share", ClockKind.STEP, "2h", "2026-11-23 09:00", "2026-11-23 10:47:59", "", "warn"),
    ("share", ClockKind.STEP, "2h", "2026-11-23 10:00", "2026-11-23 13:30:00", "warn", "yellow"),
    # default: half of it, the end of the clock itself (noon), twice of it
    ("default", PROMISED, "4h", "2026-11-23 09:00", "2026-11-23 10:59:59", "", "warn"),
    ("default", PROMISED, "4h", "2026-11-23 09:00", "2026-11-23 14:30:00", "warn", "yellow"),
    ("default", PROMISED, "4h", "2026-11-23 09:00", "2026-11-24 10:00:00", "yellow", "red"),
    ("default", PROMISED, "3h", "2026-11-23 09:00", "2026-11-23 12:00:00", "warn", "yellow"),
    ("default", PROMISED, "3h", "2026-11-23 09:00", "2026-11-23 16:30:00", "yellow", "red"),
]
DAY_VECTORS = [
    # hunan: 5 and 10 working days; used more than 2 of 5 days is -2
    ("hunan", PROMISED, "5wd", "2018-10-15 10:00", "2018-10-17 10:00:00", "", "warn"),
    ("hunan", PROMISED, "5wd", "2018-10-15 10:00", "2018-10-22 10:00:00", "warn", "yellow"),
    ("hunan", STATUTORY, "5wd", "2018-10-15 10:00", "2018-10-22 10:00:00", "", "red"),
    # three days or less: used more than nothing is -2 already, so the warning comes with the first second
    ("hunan", PROMISED, "3wd", "2018-10-15 10:00", "2018-10-15 10:00:00", "", "warn"),
    # share: nine tenths of 7 days are 6.3: six days to Tuesday 23 10:00, and 0.3 of 24 hours are 7:12
    ("share", PROMISED, "7wd", "2018-10-15 10:00", "2018-10-23 17:11:59", "", "yellow"),
    ("share", PROMISED, "7wd", "2018-10-15 10:00", "2018-10-24 10:00:00", "yellow", "red"),
    ("share", ClockKind.STEP, "5wd", "2018-10-15 10:00", "2018-10-19 21:59:59", "", "warn"),
    ("share", ClockKind.STEP, "5wd", "2018-10-15 10:00", "2018-10-22 10:00:00", "warn", "yellow"),
    # default: four fifths of the 35 office hours to Friday's close are four whole days
    ("default", PROMISED, "4wd", "2026-11-23 09:00", "2026-11-26 17:29:59", "", "warn"),
    ("default", PROMISED, "4wd", "2026-11-23 09:00", "2026-11-27 17:30:00", "warn", "yellow"),
    ("default", PROMISED, "5wd", "2026-11-23 10:00", "2026-11-26 00:00:00", "", "warn"),
    ("default", STATUTORY, "20wd", "2026-11-23 10:00", "2026-12-21 17:30:00", "", "red"),
    ("default", SPECIAL, "5wd", "2026-11-23 10:00", "2026-11-30 17:30:00", "", "yellow"),
]


@pytest.mark.parametrize(("rules", "kind", "limit", "start", "turn", "before", "after"), HOUR_VECTORS + DAY_VECTORS)
def test_each_bound_of_the_shipped_rules_turns_with_its_second(
    bureau: WorkCalendar, rules: str, kind: ClockKind, limit: str, start: str, turn: str, before: str, after: str
) -> None:
    clocks = [clock(kind, limit, start, bureau)]

    assert level(bureau, clocks, at(turn), rules) == before
    assert level(bureau, clocks, at(turn) + SECOND, rules) == after


@pytest.mark.parametrize(
    ("rules", "turn", "before", "after"),
    [
        ("hunan", "2026-11-23 14:30:00", "warn", "yellow"),  # 1 hour to 10:00, 1 from 11:00, 1 after lunch
        ("share", "2026-11-23 14:30:00", "yellow", "red"),
        ("share", "2026-11-23 14:11:59", "", "yellow"),  # 2.7 hours: 42 minutes after lunch
        ("default", "2026-11-23 14:30:00", "warn", "yellow"),
    ],
)
def test_an_hour_that_stood_still_moves_the_bounds_of_hours_by_an_hour(
    bureau: WorkCalendar, rules: str, turn: str, before: str, after: str
) -> None:
    pauses = (("2026-11-23 10:00", "2026-11-23 11:00"),)
    clocks = [clock(PROMISED, "3h", "2026-11-23 09:00", bureau, pauses=pauses)]

    assert level(bureau, clocks, at(turn), rules) == before
    assert level(bureau, clocks, at(turn) + SECOND, rules) == after


@given(limit=st.integers(1, 15), out=st.integers(-3, 5), minutes=st.integers(0, 60 * 24 * 9), pause=st.integers(0, 900))
@settings(max_examples=100)
def test_the_moment_of_a_card_in_hours_is_where_the_rounded_up_formula_turns(
    bureau: WorkCalendar, limit: int, out: int, minutes: int, pause: int
) -> None:
    start = datetime(2026, 9, 14, 10, 0, tzinfo=SHANGHAI)
    stood = [(start + timedelta(minutes=each)).replace(tzinfo=None).isoformat(" ") for each in (20, 20 + pause)]
    measured = clock(PROMISED, f"{limit}h", "2026-09-14 10:00", bureau, pauses=((stood[0], stood[1]),))
    rule = Rule(code="r", level=Level.YELLOW, text="r", text_en="r", clock=PROMISED, out_at_least=out)
    now = start + timedelta(minutes=minutes)

    from_when = bound(rule, measured, bureau, Measure.TO_THE_SECOND)

    assert from_when is not None
    if now > start:
        assert from_when.is_passed(now) == (math.ceil(used(measured, now, bureau)) - limit >= out)


# ---------------------------------------------------------------- looking again, and the facts


def test_each_clock_says_when_somebody_must_look_at_it_again(bureau: WorkCalendar) -> None:
    statutory, promised = example(bureau)
    rules = shipped("hunan")

    assert first_look(rules, "p", promised, now=at("2018-10-15 10:00"), calendar=bureau) == at("2018-10-19 10:00")
    late = judge(rules, "p", [statutory, promised], now=at("2018-10-25 10:00"), calendar=bureau)
    assert late.next_looks == {statutory.id: at("2018-10-29 10:00")}
    assert first_look(rules, "p", promised, now=at("2018-10-25 10:00"), calendar=bureau) == at("2018-10-25 10:00")


def test_a_card_shows_the_sum_of_its_clock(bureau: WorkCalendar) -> None:
    clocks = example(bureau, pauses=(("2018-10-16 10:00", "2018-10-19 10:00"),))
    now = at("2018-10-29 16:00")
    verdict = next(
        each
        for each in judge(shipped("hunan"), "p", clocks, now=now, calendar=bureau).verdicts
        if each.subject is Subject.CASE
    )

    facts = facts_of(verdict, Measure.TO_THE_SECOND, now, bureau)

    assert (facts["used"], facts["over"], facts["limit"]) == (7.25, 0.25, "7wd")
    assert facts["since"] == "2018-10-29T10:00:00+08:00"
    assert [span["kind"] for span in facts["suspensions"]] == ["hearing"]
    assert "时限7个工作日" in facts["sum"]["zh"]
