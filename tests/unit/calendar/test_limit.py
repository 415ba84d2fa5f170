"""Limits as text, in words, and compared."""

import pytest

from engine.calendar import Limit, Unit
from engine.errors import InvalidInput


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("5wd", 5, Unit.WD),
        ("20nd", 20, Unit.ND),
        ("2h", 2, Unit.HOUR),
        ("1m", 1, Unit.MONTH),
        (" 0.5 WD ", 0.5, Unit.WD),
        ("5个工作日", 5, Unit.WD),
        ("二十个工作日内", 20, Unit.WD),
        ("四十五个工作日", 45, Unit.WD),
        ("10日", 10, Unit.ND),
        ("十五日", 15, Unit.ND),
        ("30天", 30, Unit.ND),
        ("60个自然日", 60, Unit.ND),
        ("2小时", 2, Unit.HOUR),
        ("半个工作日", 0.5, Unit.WD),
        ("两个月", 2, Unit.MONTH),
        ("一百二十个工作日", 120, Unit.WD),
        ("当日", 0, Unit.WD),
        ("当场", 0, Unit.WD),
    ],
)
def test_a_limit_is_read_from_its_short_form_and_from_chinese(text: str, value: float, unit: Unit) -> None:
    assert Limit.parse(text) == Limit(value, unit)


@pytest.mark.parametrize("text", ["", "5", "wd", "P5D", "-5wd", "5 weeks", "0.5m", "0.3wd", "10000wd", "工作日"])
def test_what_is_not_a_limit_is_refused_with_the_ways_to_write_it(text: str) -> None:
    with pytest.raises(InvalidInput):
        Limit.parse(text)


def test_the_short_form_is_stored_and_read_back() -> None:
    for text in ("5wd", "0.5wd", "20nd", "2h", "1m", "0wd"):
        assert Limit.from_json(Limit.parse(text).to_json()).to_json() == text


def test_a_limit_is_told_in_words() -> None:
    assert Limit.parse("5wd").text("zh") == "5个工作日"
    assert Limit.parse("20nd").text("zh") == "20日"
    assert Limit.parse("0wd").text("zh") == "当日"
    assert Limit.parse("1wd").text("en") == "1 working day"
    assert Limit.parse("0.5wd").text("en") == "0.5 working days"


def test_limits_of_one_unit_are_added_and_never_fall_below_zero() -> None:
    assert Limit.parse("20wd") + Limit.parse("10wd") == Limit.parse("30wd")
    assert Limit.parse("1wd") - Limit.parse("2wd") == Limit.parse("0wd")
    with pytest.raises(InvalidInput, match="different units"):
        Limit.parse("20wd") + Limit.parse("10nd")


def test_limits_are_compared_where_that_needs_no_calendar() -> None:
    assert Limit.parse("15wd").within(Limit.parse("20wd")) is True
    assert Limit.parse("21wd").within(Limit.parse("20wd")) is False
    assert Limit.parse("20nd").within(Limit.parse("20wd")) is True
    assert Limit.parse("0wd").within(Limit.parse("2h")) is True
    assert Limit.parse("20wd").within(Limit.parse("1m")) is None
