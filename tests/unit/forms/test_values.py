"""What text of a page and JSON of a client become, to the last digit."""

from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest

from engine import forms
from engine.forms.identifiers import is_valid

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=timezone(timedelta(hours=8)))


def value_of(component: dict[str, Any], value: Any) -> Any:
    """The stored value, or the error in Chinese."""
    checked = forms.read({"components": [{"key": "x", **component}]}).check({"x": value}, now=NOW)
    return checked.errors["x"].zh if checked.errors else checked.values["x"]


@pytest.mark.parametrize(
    "given, stored",
    [
        ("12", 12),
        (" 12.50 ", 12.5),
        ("１２３．５", 123.5),
        ("-0.1", -0.1),
        ("+3", 3),
        (".5", 0.5),
        ("5.", 5),
        ("0.10", 0.1),
        ("12345678901234567890", 12345678901234567890),
        (12, 12),
        (1.5, 1.5),
        (1e20, "请填写数字"),
        ("", None),
        (None, None),
        ("1_000", "请填写数字"),
        ("1,000", "请填写数字"),
        ("1e5", "请填写数字"),
        ("0x10", "请填写数字"),
        ("٣", "请填写数字"),
        ("Infinity", "请填写数字"),
        (float("nan"), "请填写数字"),
        (float("inf"), "请填写数字"),
        (True, "请填写数字"),
        ([1], "请填写数字"),
        ({"a": 1}, "请填写数字"),
        ("9" * 10_000, "请填写数字"),
        ("0.12345678901234567891", "数字的位数过多"),
    ],
)
def test_a_number_is_stored_as_written_or_refused(given: Any, stored: Any) -> None:
    result = value_of({"type": "number"}, given)
    assert result == stored
    assert type(result) is type(stored)


@pytest.mark.parametrize("given, stored", [("1.25", "最多 1 位小数"), ("1.20", 1.2), (3, 3)])
def test_decimal_places_are_counted_in_decimals(given: Any, stored: Any) -> None:
    assert value_of({"type": "number", "decimalDigits": 1}, given) == stored


@pytest.mark.parametrize(
    "subtype, given, stored",
    [
        ("date", "2026-11-22", "2026-11-22"),
        ("date", "２０２６-11-22", "2026-11-22"),
        ("date", "2026-11-22x", "格式应为 2026-11-22"),
        ("date", "20261122", "格式应为 2026-11-22"),
        ("date", "2026-W47-7", "格式应为 2026-11-22"),
        ("date", "2026-02-29", "格式应为 2026-11-22"),
        ("date", 20261122, "格式应为 2026-11-22"),
        ("time", "09:30", "09:30"),
        ("time", "09:30:15", "09:30:15"),
        ("time", "9:30", "格式应为 09:30"),
        ("time", "24:00", "格式应为 09:30"),
        ("datetime", "2026-11-22T09:30", "2026-11-22T09:30"),
        ("datetime", "2026-11-22 09:30", "2026-11-22T09:30"),
        ("datetime", "2026-11-22T09:30:15+08:00", "2026-11-22T09:30:15+08:00"),
        ("datetime", "2026-11-22", "格式应为 2026-11-22 09:30"),
    ],
)
def test_dates_and_times_have_one_spelling(subtype: str, given: Any, stored: str) -> None:
    assert value_of({"type": "datetime", "subtype": subtype}, given) == stored


@pytest.mark.parametrize(
    "subtype, given, stored",
    [
        ("date", "2026-11-21", "不能早于今天"),
        ("date", "2026-11-22", "2026-11-22"),
        ("datetime", "2026-11-22T08:59", "不能早于现在"),
        ("datetime", "2026-11-22T02:00+01:00", "2026-11-22T02:00+01:00"),
    ],
)
def test_a_date_may_have_to_lie_ahead(subtype: str, given: str, stored: str) -> None:
    assert value_of({"type": "datetime", "subtype": subtype, "disallowPassedDates": True}, given) == stored


@pytest.mark.parametrize(
    "kind, given, stored",
    [
        ("textfield", "  张三 ", "张三"),
        ("textfield", 5, "5"),
        ("textfield", True, "应为文字"),
        ("textfield", "a\0b", "含有不能保存的字符"),
        ("textfield", "a\ud800", "含有不能保存的字符"),
        ("textarea", "一\r\n二\n", "一\n二"),
        ("checkbox", "on", True),
        ("checkbox", 1, True),
        ("checkbox", None, False),
        ("checkbox", [], "应为是或否"),
    ],
)
def test_texts_and_boxes(kind: str, given: Any, stored: Any) -> None:
    assert value_of({"type": kind}, given) == stored


YES_NO = [{"value": True, "label": "是"}, {"value": False, "label": "否"}]


@pytest.mark.parametrize(
    "component, given, stored",
    [
        ({"type": "radio", "values": YES_NO}, "True", True),
        ({"type": "radio", "values": YES_NO}, False, False),
        ({"type": "select", "values": [{"value": 1}]}, ["1"], "只能选一项"),
        ({"type": "select", "values": [{"value": 1}]}, "1", 1),
        ({"type": "checklist", "values": [{"value": "a"}, {"value": "b"}]}, "b", ["b"]),
        ({"type": "checklist", "values": [{"value": "a"}]}, [["a"]], "选项不在范围内"),
        ({"type": "checklist", "values": [{"value": "a"}]}, None, []),
        ({"type": "checklist", "values": [{"value": "a"}], "validate": {"required": True}}, [], "必填"),
    ],
)
def test_choices_have_the_type_of_their_option(component: dict[str, Any], given: Any, stored: Any) -> None:
    assert value_of(component, given) == stored


@pytest.mark.parametrize(
    "kind, text, valid",
    [
        ("cn-id", "11010519491231002X", True),
        ("cn-id", "11010519491231002x", True),
        ("cn-id", "440524188001010014", True),
        ("cn-id", "110105194912310021", False),  # wrong check character
        ("cn-id", "11010519491331002X", False),  # no such month
        ("cn-id", "１1010519491231002X", False),
        ("cn-id", "010105194912310027", False),
        ("cn-id", "1101051949123100", False),
        ("cn-uscc", "91350100M000100Y43", True),
        ("cn-uscc", "91350100m000100y43", True),
        ("cn-uscc", "91350100M000100Y44", False),
        ("cn-uscc", "9135O100M000100Y43", False),  # the letter O is not used
        ("cn-uscc", "0" * 18, False),
        ("cn-mobile", "13800138000", True),
        ("cn-mobile", "12800138000", False),
        ("cn-mobile", "1380013800０", False),
        ("email", "li.si@bureau.example.cn", True),
        ("email", "li si@example.cn", False),
        ("email", "li@example", False),
        ("email", "a@" + "b." * 200 + "cn", False),
        ("phone", "0591-8785 1234", True),
        ("phone", "(((((", False),
    ],
)
def test_numbers_that_check_themselves(kind: str, text: str, valid: bool) -> None:
    assert is_valid(kind, text, today=NOW.date()) is valid


def test_nobody_was_born_tomorrow() -> None:
    card = next(
        number for c in "0123456789X" if is_valid("cn-id", number := f"11010520261123001{c}", today=date(2026, 11, 23))
    )
    assert not is_valid("cn-id", card, today=date(2026, 11, 22))
