"""What pauses do to a due date."""

from datetime import date, datetime, timedelta

import pytest

from engine.calendar import SHANGHAI, DueMode, Limit, Pause, WorkCalendar
from engine.errors import InvalidInput


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


TEN_DAYS = Limit.parse("10wd")
START = at("2026-11-02 10:00")  # ten working days later it is Monday 2026-11-16


def end(bureau: WorkCalendar, *pauses: Pause, mode: DueMode = DueMode.END_OF_DAY, limit: Limit = TEN_DAYS) -> datetime:
    return bureau.due(START, limit, mode, pauses=pauses).at


@pytest.mark.parametrize("mode", list(DueMode))
@pytest.mark.parametrize("limit", ["10wd", "20nd", "1m", "16h"])
def test_a_thousand_pauses_of_no_length_shift_nothing(bureau: WorkCalendar, mode: DueMode, limit: str) -> None:
    moments = [START + timedelta(minutes=7 * n) for n in range(1000)]

    paused = end(bureau, *(Pause(moment, moment) for moment in moments), mode=mode, limit=Limit.parse(limit))

    assert paused == end(bureau, mode=mode, limit=Limit.parse(limit))


def test_a_thousand_short_pauses_take_no_more_than_one_long_pause(bureau: WorkCalendar) -> None:
    first, step = at("2026-11-03 09:00"), timedelta(minutes=3)
    short = [Pause(first + n * step, first + n * step + step / 2) for n in range(1000)]
    long = Pause(first, first + 1000 * step)

    assert end(bureau, *short) <= end(bureau, long)


def test_overlapping_pauses_count_once(bureau: WorkCalendar) -> None:
    hearing = Pause(at("2026-11-03 10:00"), at("2026-11-06 10:00"))
    experts = Pause(at("2026-11-05 10:00"), at("2026-11-10 10:00"))
    both = Pause(at("2026-11-03 10:00"), at("2026-11-10 10:00"))

    due = bureau.due(START, TEN_DAYS, pauses=[experts, hearing])

    assert due.at == end(bureau, both)
    assert due.pauses == (both,)


def test_the_order_in_which_pauses_are_listed_does_not_matter(bureau: WorkCalendar) -> None:
    pauses = [
        Pause(at("2026-11-12 10:00"), at("2026-11-13 10:00")),
        Pause(at("2026-11-03 10:00"), at("2026-11-05 10:00")),
    ]

    assert end(bureau, *pauses) == end(bureau, *reversed(pauses)) == at("2026-11-19 17:30")


def test_a_pause_after_the_limit_has_run_out_does_not_revive_it(bureau: WorkCalendar) -> None:
    late = Pause(at("2026-11-17 10:00"), at("2026-11-20 10:00"))

    due = bureau.due(START, TEN_DAYS, pauses=[late])

    assert due.date == date(2026, 11, 16)
    assert due.pauses == ()


def test_a_pause_that_an_earlier_pause_made_timely_counts(bureau: WorkCalendar) -> None:
    early = Pause(at("2026-11-03 10:00"), at("2026-11-05 10:00"))  # moves the end to 11-18
    late = Pause(at("2026-11-17 10:00"), at("2026-11-19 10:00"))

    assert end(bureau, early, late) == at("2026-11-20 17:30")


def test_what_lies_before_the_start_is_cut_off(bureau: WorkCalendar) -> None:
    assert end(bureau, Pause(at("2026-10-28 10:00"), at("2026-11-03 10:00"))) == at("2026-11-17 17:30")


def test_an_open_pause_carries_the_end_along_until_now(bureau: WorkCalendar) -> None:
    standing = Pause(at("2026-11-03 10:00"))

    assert bureau.due(START, TEN_DAYS, pauses=[standing], as_of=at("2026-11-06 12:00")).date == date(2026, 11, 19)
    with pytest.raises(InvalidInput, match="as_of"):
        bureau.due(START, TEN_DAYS, pauses=[standing])


def test_a_pause_over_a_weekend_takes_working_days_from_working_days_and_days_from_days(bureau: WorkCalendar) -> None:
    weekend = Pause(at("2026-11-06 16:00"), at("2026-11-09 09:00"))  # Friday afternoon to Monday morning

    assert end(bureau, weekend) == at("2026-11-17 17:30")  # one working day
    assert end(bureau, weekend, limit=Limit.parse("10nd")) == at("2026-11-16 17:30")  # 11-12 + 3, rolled off Sunday
    assert end(bureau, weekend, limit=Limit.parse("40h")) == at("2026-11-10 09:30")  # an hour and a half


def test_to_the_second_a_pause_takes_exactly_its_working_time(bureau: WorkCalendar) -> None:
    pause = Pause(at("2026-11-04 10:00:00"), at("2026-11-05 11:00:01"))

    assert end(bureau, pause, mode=DueMode.SAME_TIME) == at("2026-11-17 11:00:01")


def test_a_pause_cannot_end_before_it_starts() -> None:
    with pytest.raises(InvalidInput, match="before it starts"):
        Pause(at("2026-11-04 10:00"), at("2026-11-04 09:59"))


def test_a_limit_does_not_run_out_while_it_stands(bureau: WorkCalendar) -> None:
    """Stopped on its last day and resumed when that day is over: it ends with the next day that is worked."""
    start, friday = at("2026-11-23 10:00"), at("2026-11-27 10:00")

    for resumed in ("2026-11-27 18:00", "2026-11-28 12:00", "2026-11-30 09:00"):
        due = bureau.due(start, Limit.parse("4wd"), pauses=[Pause(friday, at(resumed))])
        assert due.date == date(2026, 11, 30), resumed


def test_on_the_same_day_ends_with_the_day_also_when_counting_to_the_second(bureau: WorkCalendar) -> None:
    start = at("2026-11-23 10:00")
    pause = Pause(start, at("2026-11-23 10:01"))

    assert bureau.due(start, Limit.parse("0wd"), DueMode.SAME_TIME, pauses=[pause]).date == date(2026, 11, 23)
