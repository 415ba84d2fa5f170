"""Lamps: red, amber, green, each with its word and what is left in the office's own measure."""

from datetime import datetime

import pytest

from engine.calendar import SHANGHAI, DayKind, DayRow, WorkCalendar
from web.frame.deadlines import Deadline, deadline, of_row, spent

HOLIDAY = [DayRow(date=datetime(2026, 11, day).date(), kind=DayKind.REST, name="假") for day in (26, 27)]  # noqa: DTZ001
CALENDAR = WorkCalendar.from_rows(HOLIDAY, region="510100", loaded_years=[2026])


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=SHANGHAI)


def judged(due: str, now: str, since: str | None = None) -> Deadline:
    return deadline(at(due), now=at(now), calendar=CALENDAR, since=at(since) if since else None)


@pytest.mark.parametrize(
    "due, now, since, colour, left",
    [
        # a limit of ten working days: amber when two are left
        ("12-07 17:30", "11-23 09:00", "11-20 09:00", "green", "剩 8 工作日"),
        ("12-07 17:30", "12-03 09:00", "11-20 09:00", "amber", "剩 2 工作日"),
        ("12-07 17:30", "12-07 09:30", "11-20 09:00", "amber", "今天到期，剩 6 小时"),
        ("12-07 17:30", "12-07 17:20", "11-20 09:00", "amber", "今天到期，剩 10 分钟"),
        # a limit of two: amber when four fifths of it are used
        ("11-25 17:30", "11-23 15:00", "11-23 09:00", "green", "剩 2 工作日"),
        ("11-25 17:30", "11-25 09:00", "11-23 09:00", "amber", "今天到期，剩 7 小时"),
        # holidays are no working days
        ("11-30 17:30", "11-25 09:00", "11-16 09:00", "amber", "剩 1 工作日"),
        # one second over is over
        ("11-25 17:30", "11-25 17:31", "11-16 09:00", "red", "超期 1 小时"),
        ("11-25 17:30", "11-28 09:00", "11-16 09:00", "red", "超期 64 小时"),
        ("11-25 17:30", "12-01 09:00", "11-16 09:00", "red", "超期 2 工作日"),
    ],
)
def test_a_lamp_follows_what_is_left(due: str, now: str, since: str, colour: str, left: str) -> None:
    found = judged(due, now, since)

    assert (found.colour, found.left) == (colour, left)


def test_without_a_limit_there_is_no_lamp_but_a_word() -> None:
    found = deadline(None, now=at("11-23 09:00"), calendar=CALENDAR)

    assert (found.colour, found.word, found.left) == ("none", "无时限", "")


def test_a_closed_task_is_judged_by_when_it_was_closed() -> None:
    row = {
        "due_at": at("11-25 17:30"),
        "closed_at": at("11-25 10:00"),
        "created_at": at("11-20 09:00"),
        "due_provisional": False,
    }

    assert of_row(row, now=at("12-30 09:00"), calendar=CALENDAR).colour != "red"


def test_a_provisional_date_stays_marked() -> None:
    found = deadline(at("12-07 17:30"), now=at("11-23 09:00"), calendar=CALENDAR, provisional=True)

    assert found.provisional


@pytest.mark.parametrize(
    "first, last, words",
    [
        ("11-23 09:00", "11-23 09:00", "1 分钟"),
        ("11-23 09:00", "11-23 09:25", "25 分钟"),
        ("11-23 09:00", "11-23 11:30", "2 小时"),
        ("11-23 09:00", "11-23 17:30", "1.0 工作日"),
        ("11-23 17:30", "11-25 09:00", "1.0 工作日"),
        ("11-25 17:30", "11-28 09:00", "1 分钟"),  # nobody was at work
    ],
)
def test_time_taken_is_the_offices_time(first: str, last: str, words: str) -> None:
    assert spent(at(first), at(last), CALENDAR) == words
