"""When a limit ends: the vectors of practice and the rules of the civil code and the licence law."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from engine.calendar import SHANGHAI, DayKind, DayRow, Due, DueMode, Limit, Pause, ReceiptRule, WorkCalendar
from engine.errors import InvalidInput


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def limit(text: str) -> Limit:
    return Limit.parse(text)


VECTORS = [
    ("2026-02-13", 5, "2026-02-27", "Saturday 02-14 is worked, 02-15 to 02-23 are off"),
    ("2026-02-13", 20, "2026-03-19", "the make-up Saturday 02-28 counts"),
    ("2026-02-14", 3, "2026-02-26", "start on a worked Saturday"),
    ("2026-09-18", 5, "2026-09-24", "Sunday 09-20 is worked"),
    ("2026-09-20", 5, "2026-09-28", "09-25 to 09-27 are off"),
    ("2026-09-24", 7, "2026-10-12", "golden week, 10-10 is worked"),
    ("2026-09-30", 5, "2026-10-13", "over the golden week"),
    ("2026-09-30", 20, "2026-11-03", "over the golden week"),
    ("2026-04-30", 5, "2026-05-11", "Saturday 05-09 is worked"),
    ("2025-09-26", 10, "2025-10-16", "the long week of 2025"),
    ("2025-12-30", 3, "2026-01-05", "over New Year, Sunday 01-04 is worked"),
    ("2026-11-23", 15, "2026-12-14", "a complex hotline order"),
    ("2026-11-23", 20, "2026-12-21", "an ordinary licence"),
]


@pytest.mark.parametrize(("start", "days", "expected", "why"), VECTORS)
def test_working_days_end_on_the_day_that_a_wall_calendar_shows(
    bureau: WorkCalendar, start: str, days: int, expected: str, why: str
) -> None:
    due = bureau.due(at(f"{start} 10:00"), limit(f"{days}wd"))

    assert due.date == date.fromisoformat(expected), why
    assert due.at == at(f"{expected} 17:30")
    assert not due.provisional


def test_a_limit_that_crosses_into_a_year_not_loaded_is_provisional(bureau: WorkCalendar) -> None:
    due = bureau.due(at("2026-12-25 10:00"), limit("10wd"))

    assert due.provisional
    assert due.date == date(2027, 1, 8)  # by weekdays only


def test_publicity_that_would_end_in_the_golden_week_ends_on_the_next_working_day(bureau: WorkCalendar) -> None:
    due = bureau.due(at("2026-09-15 09:00"), limit("20nd"))

    assert due.unrolled == date(2026, 10, 5)
    assert due.date == date(2026, 10, 8)
    assert due.rolled


def test_a_pause_moves_the_end_by_the_working_days_that_it_took(bureau: WorkCalendar) -> None:
    due = bureau.due(at("2026-09-10 10:00"), limit("10wd"))
    assert due.date == date(2026, 9, 23)

    moved = bureau.shift(due, [Pause(at("2026-09-15 14:00"), at("2026-09-22 09:30"))])

    assert moved.date == date(2026, 10, 9)


@pytest.mark.parametrize(("year", "days"), [(2024, 251), (2025, 248), (2026, 248)])
def test_a_loaded_year_has_the_working_days_of_the_state_council_notice(
    bureau: WorkCalendar, year: int, days: int
) -> None:
    assert bureau.working_days_between(date(year - 1, 12, 31), date(year, 12, 31)) == days


# -- starts


def test_zero_working_days_end_on_the_same_day(bureau: WorkCalendar) -> None:
    for mode in (DueMode.END_OF_DAY, DueMode.SAME_TIME):
        assert bureau.due(at("2026-11-23 15:00"), limit("0wd"), mode).at == at("2026-11-23 17:30")


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-11-23 17:29", "2026-11-23 17:30"),
        ("2026-11-23 17:30", "2026-11-24 17:30"),  # over before it began: nobody could keep it
        ("2026-11-27 20:00", "2026-11-30 17:30"),  # a Friday evening
    ],
)
def test_the_same_day_after_closing_is_the_next_working_day(bureau: WorkCalendar, start: str, end: str) -> None:
    for mode in (DueMode.END_OF_DAY, DueMode.SAME_TIME):
        assert bureau.due(at(start), limit("0wd"), mode).at == at(end)


def test_the_same_day_to_midnight_is_not_over_at_closing(bureau: WorkCalendar) -> None:
    assert bureau.due(at("2026-11-23 20:00"), limit("0wd"), DueMode.MIDNIGHT).at == at("2026-11-24 00:00")


def test_a_pause_in_the_evening_does_not_move_the_same_day_after_closing(bureau: WorkCalendar) -> None:
    over_night = Pause(at("2026-11-23 18:00"), at("2026-11-24 10:00"))
    to_the_day_after = Pause(at("2026-11-23 18:00"), at("2026-11-25 10:00"))

    assert bureau.due(at("2026-11-23 17:44"), limit("0wd"), pauses=[over_night]).at == at("2026-11-24 17:30")
    assert bureau.due(at("2026-11-23 17:44"), limit("0wd"), pauses=[to_the_day_after]).at == at("2026-11-25 17:30")


def test_zero_working_days_from_a_rest_day_end_on_the_next_working_day(bureau: WorkCalendar) -> None:
    assert bureau.due(at("2026-11-21 15:00"), limit("0wd")).date == date(2026, 11, 23)


@pytest.mark.parametrize(
    ("received", "counts_as"),
    [
        ("2026-11-23 08:00", "2026-11-23 08:00"),  # before opening: that day already
        ("2026-11-23 12:30", "2026-11-23 12:30"),  # over lunch
        ("2026-11-23 17:30", "2026-11-24 09:00"),  # closed
        ("2026-11-21 10:00", "2026-11-23 09:00"),  # Saturday
        ("2026-10-03 10:00", "2026-10-08 09:00"),  # golden week
        ("2026-09-20 10:00", "2026-09-20 10:00"),  # a worked Sunday
    ],
)
def test_what_arrives_outside_office_hours_is_received_at_the_next_opening(
    bureau: WorkCalendar, received: str, counts_as: str
) -> None:
    assert bureau.received(at(received)) == at(counts_as)


def test_the_receipt_rule_decides_from_which_day_the_limit_counts(bureau: WorkCalendar) -> None:
    friday_evening = at("2026-11-27 20:00")

    as_is = bureau.due(friday_evening, limit("5wd"), receipt=ReceiptRule.AS_IS)
    by_rule = bureau.due(friday_evening, limit("5wd"), receipt=ReceiptRule.NEXT_WORKING_DAY)

    assert as_is.date == date(2026, 12, 4)
    assert by_rule.date == date(2026, 12, 7)
    assert by_rule.counted_from == at("2026-11-30 09:00")
    assert by_rule.start == friday_evening  # the real receipt stays on record


def test_a_moment_counts_by_the_day_in_the_region_and_not_in_utc(bureau: WorkCalendar) -> None:
    monday_in_utc = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)  # already Monday 00:30 in Shanghai

    assert bureau.due(monday_in_utc, limit("1wd")).at == at("2026-11-24 17:30")


def test_another_zone_with_summer_time_counts_by_its_own_wall_clock() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    office = WorkCalendar.from_rows([], region="x", loaded_years=[2026], timezone=berlin)

    due = office.due(datetime(2026, 3, 27, 10, 0, tzinfo=berlin), limit("1wd"))

    assert due.at == datetime(2026, 3, 30, 17, 30, tzinfo=berlin)
    assert due.at.utcoffset() == timedelta(hours=2)


def test_a_time_without_zone_is_refused(bureau: WorkCalendar) -> None:
    with pytest.raises(InvalidInput, match="no time zone"):
        bureau.due(datetime(2026, 11, 23, 10, 0), limit("1wd"))  # noqa: DTZ001


# -- ends


def test_a_day_limit_ends_when_the_office_closes_or_at_midnight_or_at_the_same_time(bureau: WorkCalendar) -> None:
    start = at("2026-11-23 10:15")

    assert bureau.due(start, limit("3wd"), DueMode.END_OF_DAY).at == at("2026-11-26 17:30")
    assert bureau.due(start, limit("3wd"), DueMode.MIDNIGHT).at == at("2026-11-27 00:00")
    assert bureau.due(start, limit("3wd"), DueMode.MIDNIGHT).date == date(2026, 11, 26)
    assert bureau.due(start, limit("3wd"), DueMode.SAME_TIME).at == at("2026-11-26 10:15")


def test_to_the_second_the_hunan_example_holds(bureau: WorkCalendar) -> None:
    """Accepted Monday 10:00, promised 7, statutory 10; three days of special procedure move both by three."""
    accepted = at("2024-10-14 10:00")

    assert bureau.due(accepted, limit("7wd"), DueMode.SAME_TIME).at == at("2024-10-23 10:00")
    assert bureau.due(accepted, limit("10wd"), DueMode.SAME_TIME).at == at("2024-10-28 10:00")
    special = [Pause(at("2024-10-16 09:00"), at("2024-10-21 09:00"))]
    assert bureau.due(accepted, limit("7wd"), DueMode.SAME_TIME, pauses=special).at == at("2024-10-28 10:00")


def test_to_the_second_a_start_on_a_rest_day_waits_for_the_working_day(bureau: WorkCalendar) -> None:
    due = bureau.due(at("2026-11-21 10:00"), limit("1wd"), DueMode.SAME_TIME)

    assert due.at == at("2026-11-24 00:00")
    assert due.date == date(2026, 11, 23)


@pytest.mark.parametrize(
    ("start", "months", "expected"),
    [
        ("2026-09-15", 2, "2026-11-16"),  # 11-15 is a Sunday
        ("2026-07-31", 2, "2026-09-30"),  # no 31st: the last day of the month (民法典 202)
        ("2025-12-31", 2, "2026-02-28"),  # a worked Saturday
        ("2025-11-30", 15, "2027-03-01"),  # 02-28 is a Sunday of a year not loaded
    ],
)
def test_months_end_on_the_corresponding_day(bureau: WorkCalendar, start: str, months: int, expected: str) -> None:
    due = bureau.due(at(f"{start} 10:00"), limit(f"{months}m"))

    assert due.date == date.fromisoformat(expected)
    assert due.provisional is (due.date.year == 2027)


def test_a_natural_period_that_ends_on_a_loaded_working_day_is_firm(bureau: WorkCalendar) -> None:
    assert not bureau.due(at("2026-12-01 10:00"), limit("30nd")).provisional  # 12-31
    assert bureau.due(at("2026-12-02 10:00"), limit("30nd")).provisional  # 2027-01-01


def test_hours_count_at_once_and_only_while_the_office_is_open(bureau: WorkCalendar) -> None:
    assert bureau.due(at("2026-11-23 09:30"), limit("2h")).at == at("2026-11-23 11:30")
    assert bureau.due(at("2026-11-23 11:00"), limit("2h")).at == at("2026-11-23 14:30")  # over lunch
    assert bureau.due(at("2026-11-23 16:30"), limit("2h")).at == at("2026-11-24 10:00")  # over night
    assert bureau.due(at("2026-11-27 16:30"), limit("1h")).at == at("2026-11-27 17:30")  # exactly at closing
    assert bureau.due(at("2026-11-21 08:00"), limit("1h")).at == at("2026-11-23 10:00")  # over the weekend
    assert bureau.due(at("2026-11-23 09:00"), limit("0.5h")).at == at("2026-11-23 09:30")


def test_half_days_count_half_and_what_is_left_is_rounded_up_to_the_day() -> None:
    half = DayRow(date=date(2026, 11, 25), kind=DayKind.HALF_AM, name="防汛停工")
    office = WorkCalendar.from_rows([half], region="x", loaded_years=[2026])

    assert office.due(at("2026-11-23 10:00"), limit("2wd")).date == date(2026, 11, 26)
    assert office.due(at("2026-11-23 10:00"), limit("1.5wd")).at == at("2026-11-25 12:00")
    assert office.working_days_between(date(2026, 11, 23), date(2026, 11, 27)) == 3.5
    assert office.due(at("2026-11-25 11:00"), limit("2h")).at == at("2026-11-26 10:00")


def test_days_before_are_working_days_too(bureau: WorkCalendar) -> None:
    assert bureau.working_day(date(2026, 10, 9), -3) == date(2026, 9, 29)
    assert bureau.working_day(date(2026, 1, 5), -2) == date(2025, 12, 31)
    assert bureau.working_day(date(2026, 10, 3), 0) == date(2026, 10, 8)


def test_working_days_between_are_negative_when_the_due_day_is_behind_us(bureau: WorkCalendar) -> None:
    assert bureau.working_days_between(date(2026, 11, 23), date(2026, 11, 23)) == 0
    assert bureau.working_days_between(at("2026-12-02 09:00"), date(2026, 11, 27)) == -3
    assert bureau.working_days_between(date(2025, 12, 31), date(2026, 1, 5)) == 2


# -- loaded years


def test_a_local_closure_does_not_make_its_year_loaded() -> None:
    closure = DayRow(date=date(2027, 7, 1), kind=DayKind.REST, name="防汛停工")
    office = WorkCalendar.from_rows([closure], region="x", loaded_years=[2026])

    due = office.due(at("2027-06-30 10:00"), limit("1wd"))

    assert due.date == date(2027, 7, 2)
    assert due.provisional


def test_a_year_before_the_first_loaded_one_is_provisional_too(bureau: WorkCalendar) -> None:
    assert bureau.due(at("2023-12-01 10:00"), limit("5wd")).provisional


def test_the_start_day_itself_need_not_be_loaded() -> None:
    office = WorkCalendar.from_rows([], region="x", loaded_years=[2026])

    assert not office.due(at("2025-12-31 10:00"), limit("5wd")).provisional
    assert office.due(
        at("2025-12-31 20:00"), limit("5wd"), receipt=ReceiptRule.NEXT_WORKING_DAY
    ).provisional  # whether the 31st was worked decides here


def test_loading_the_year_makes_the_date_firm(bureau: WorkCalendar) -> None:
    before = bureau.due(at("2026-12-25 10:00"), limit("10wd"))
    new_year = DayRow(date=date(2027, 1, 1), kind=DayKind.REST, name="元旦")
    loaded = WorkCalendar.from_rows([new_year], region="430105", loaded_years=[2026, 2027], version="2027-1")

    after = loaded.shift(before, ())

    assert not after.provisional
    assert after.date == date(2027, 1, 11)
    assert after.calendar_version == "2027-1"


def test_a_due_date_is_stored_and_read_back(bureau: WorkCalendar) -> None:
    due = bureau.due(
        at("2026-09-10 20:00"),
        limit("10wd"),
        receipt=ReceiptRule.NEXT_WORKING_DAY,
        pauses=[Pause(at("2026-09-15 14:00"), at("2026-09-22 09:30"))],
    )

    assert Due.from_json(due.to_json()) == due
