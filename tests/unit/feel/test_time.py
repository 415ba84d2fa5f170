"""Dates and times: local ones and ones with a zone, arithmetic, properties, and the clock of the command."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from engine import feel
from engine.feel import YearsMonths

NULL = None


def test_now_and_today_are_the_time_of_the_command_in_the_zone_of_the_bureau() -> None:
    late_evening_in_utc = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    in_shanghai = late_evening_in_utc.astimezone(timezone(timedelta(hours=8)))
    expression = feel.compile("[now(), today()]")
    assert expression.evaluate({}, now=in_shanghai) == [late_evening_in_utc, date(2026, 11, 23)]
    assert expression.evaluate({}, now=late_evening_in_utc)[1] == date(2026, 11, 22)


def test_the_time_of_the_command_must_have_a_zone() -> None:
    with pytest.raises(ValueError, match="aware"):
        feel.compile("1").evaluate({}, now=datetime(2026, 11, 22))  # noqa: DTZ001


@pytest.mark.parametrize(
    "source, expected",
    [
        # the same moment, written in two zones
        ('@"2026-11-22T10:00:00+08:00" = @"2026-11-22T02:00:00Z"', True),
        ('@"2026-11-22T10:00:00@Asia/Shanghai" = @"2026-11-22T02:00:00Z"', True),
        ('@"2026-11-22T10:00:00+08:00" < @"2026-11-22T03:00:00Z"', True),
        # two local times
        ('@"2026-11-22T10:00:00" < @"2026-11-22T10:00:01"', True),
        # a local time meets one with a zone: it is read in the bureau's zone, here +08:00
        ('@"2026-11-22T10:00:00" = @"2026-11-22T02:00:00Z"', True),
        ('date and time("2026-11-22T10:29:00") < now()', True),
        ('date and time("2026-11-22T10:31:00") < now()', False),
        ('@"10:00:00+08:00" = @"02:00:00Z"', True),
        # a date is no moment
        ('@"2026-11-22" < now()', NULL),
        ('@"2026-11-22" < today()', False),
    ],
)
def test_moments_compare_as_moments(evaluate: Any, source: str, expected: Any) -> None:
    assert evaluate(source) is expected


@pytest.mark.parametrize(
    "source, expected",
    [
        ('@"2026-01-31" + @"P1M"', '@"2026-02-28"'),
        ('@"P1Y" + @"2024-02-29"', '@"2025-02-28"'),
        ('@"2026-01-02" - @"PT1H"', '@"2026-01-01"'),
        ('@"2026-01-01" + @"PT36H"', '@"2026-01-02"'),
        ('@"2026-01-31T10:00:00" - @"P1M"', '@"2025-12-31T10:00:00"'),
        ('@"2026-01-01T10:00:00+08:00" + @"P1DT1H"', '@"2026-01-02T11:00:00+08:00"'),
        ('@"23:30:00" + @"PT1H"', '@"00:30:00"'),
        ('@"00:30:00+08:00" - @"PT1H"', '@"23:30:00+08:00"'),
        ('@"2026-03-01" - @"2026-02-01"', '@"P28D"'),
        ('@"2026-01-02T00:00:00Z" - @"2026-01-02"', '@"P0D"'),
        ('@"2026-01-02T10:00:00+08:00" - @"2026-01-01T10:00:00Z"', '@"PT16H"'),
        ('@"10:00:00" - @"11:30:00"', '@"-PT1H30M"'),
        ('@"P1DT1H" * 1.5', '@"P1DT13H30M"'),
        ('2 * @"P7M"', '@"P1Y2M"'),
        ('@"P1D" / 4', '@"PT6H"'),
        ('@"P1D" / @"PT6H"', "4"),
        ('@"P1Y" / @"P5M"', "2.4"),
        ('@"P1Y" - @"P1M"', '@"P11M"'),
        ('-@"P1D"', '@"-P1D"'),
        ('-@"P1M"', '@"-P1M"'),
    ],
)
def test_arithmetic_with_dates(evaluate: Any, source: str, expected: str) -> None:
    assert evaluate(source) == evaluate(expected)


@pytest.mark.parametrize(
    "source",
    [
        '@"2026-01-02T10:00:00Z" - @"2026-01-01T10:00:00"',  # undefined when only one has a zone (DMN table 57)
        '@"2026-01-02T10:00:00" - @"2026-01-01"',
        '@"9999-12-31" + @"P1D"',
        '@"9999-12-31" + @"P1M"',
        '@"P1D" + @"P1M"',
        '@"P1D" / 0',
        '@"P1D" * @"P1D"',
        '@"2026-01-01" + 1',
        '@"2026-01-01" + @"2026-01-01"',
        '@"P999999999D" * 1000',
        '@"P1M" * 1e30',
    ],
)
def test_dates_without_a_result_are_null(evaluate: Any, source: str) -> None:
    assert evaluate(source) is None


def test_a_local_time_gets_a_zone_by_name(evaluate: Any) -> None:
    assert (
        evaluate('string(date and time(@"2026-01-02T10:00:00", "Asia/Shanghai"))')
        == "2026-01-02T10:00:00@Asia/Shanghai"
    )
    assert evaluate('now() - date and time(@"2026-11-22T10:00:00", "Asia/Shanghai")') == timedelta(minutes=30)
    assert evaluate('string(date and time(@"2026-01-02T10:00:00Z", "+08:00"))') == "2026-01-02T18:00:00+08:00"
    assert evaluate('date and time(now(), "../../etc/passwd")') is None


def test_a_day_over_a_change_of_summer_time_has_24_hours(evaluate: Any) -> None:
    assert evaluate('string(@"2026-03-28T12:00:00@Europe/Paris" + @"P1D")') == "2026-03-29T13:00:00@Europe/Paris"
    assert evaluate('@"2026-03-29T12:00:00@Europe/Paris" - @"2026-03-28T12:00:00@Europe/Paris"') == timedelta(hours=23)


@pytest.mark.parametrize(
    "source, expected",
    [
        ('@"2026-11-22".year', 2026),
        ('@"2026-11-22".weekday', 7),
        ('@"2026-11-22T10:20:30+08:00".hour', 10),
        ('@"2026-11-22T10:20:30+08:00".time offset', timedelta(hours=8)),
        ('@"2026-11-22T10:20:30".time offset', NULL),
        ('@"2026-11-22T10:20:30@Asia/Shanghai".timezone', "Asia/Shanghai"),
        ('@"10:20:30".second', 30),
        ('@"-P1Y2M".years', -1),
        ('@"-P1Y2M".months', -2),
        ('@"P1DT2H3M4S".days', 1),
        ('@"-P1DT2H3M4S".hours', -2),
        ('@"P1DT2H3M4S".minutes', 3),
        ('@"P1DT2H3M4S".seconds', 4),
        ('@"2026-11-22".hour', NULL),
        ('@"2026-11-22".tzinfo', NULL),
    ],
)
def test_properties_of_dates(evaluate: Any, source: str, expected: Any) -> None:
    assert evaluate(source) == expected


def test_durations_compare_within_their_kind(evaluate: Any) -> None:
    assert evaluate('@"P1M" < @"P2M"') is True
    assert evaluate('@"PT23H" < @"P1D"') is True
    assert evaluate('@"P1M" < @"P31D"') is None
    assert str(YearsMonths(14)) == "P1Y2M"
