"""Office hours, seasons and opening."""

from datetime import date, datetime, time, timedelta

import pytest

from engine.calendar import SHANGHAI, DayKind, DayRow, OfficeHours, WorkCalendar
from engine.errors import InvalidInput

SUMMER = OfficeHours(pm_start=time(15, 0), pm_end=time(18, 0), first=(5, 1), last=(9, 30), name="夏季")
NEW_YEAR = OfficeHours(am_start=time(10, 0), first=(12, 30), last=(1, 3))
OFFICE = WorkCalendar.from_rows(
    [DayRow(date=date(2026, 11, 25), kind=DayKind.HALF_PM)],
    region="x",
    loaded_years=[2026],
    office_hours=(NEW_YEAR, SUMMER, OfficeHours()),
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-23 08:59", False),
        ("2026-11-23 09:00", True),
        ("2026-11-23 12:00", False),
        ("2026-11-23 17:29", True),
        ("2026-11-23 17:30", False),
        ("2026-11-22 10:00", False),  # Sunday
        ("2026-11-25 10:00", False),  # afternoon only
        ("2026-11-25 14:00", True),
        ("2026-07-01 14:00", False),  # summer: from 15:00
        ("2026-07-01 17:45", True),
    ],
)
def test_the_office_is_open_in_its_hours(moment: str, is_open: bool) -> None:
    assert OFFICE.is_open(at(moment)) is is_open


def test_a_season_may_run_over_new_year() -> None:
    for day in (date(2026, 12, 30), date(2026, 12, 31), date(2026, 1, 2)):
        assert OFFICE.hours_on(day) is NEW_YEAR
    assert OFFICE.hours_on(date(2026, 1, 5)).name == ""


def test_office_time_between_two_moments_leaves_out_nights_and_weekends() -> None:
    assert OFFICE.office_time_between(at("2026-11-20 16:30"), at("2026-11-23 09:30")) == timedelta(hours=1, minutes=30)
    assert OFFICE.office_time_between(at("2026-11-23 09:30"), at("2026-11-20 16:30")) == -timedelta(hours=1, minutes=30)


def test_a_half_day_opens_and_closes_by_its_half() -> None:
    assert OFFICE.opening(date(2026, 11, 25)) == at("2026-11-25 13:30")
    assert OFFICE.closing(date(2026, 11, 25)) == at("2026-11-25 17:30")


def test_hours_out_of_order_and_calendars_without_hours_for_all_year_are_refused() -> None:
    with pytest.raises(InvalidInput, match="not in order"):
        OfficeHours(am_start=time(12, 0), am_end=time(9, 0))
    with pytest.raises(InvalidInput, match="first and a last"):
        OfficeHours(first=(5, 1))
    with pytest.raises(InvalidInput, match="all year"):
        WorkCalendar.from_rows([], region="x", loaded_years=[], office_hours=(SUMMER,))


def test_hours_are_stored_and_read_back() -> None:
    for hours in OFFICE.office_hours:
        assert OfficeHours.from_json(hours.to_json()) == hours
