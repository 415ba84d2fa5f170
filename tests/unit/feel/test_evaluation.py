"""Where an expression meets the process: variables, unknown names, conditions, host functions, data in and JSON out."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from typing import Any

import pytest

from engine import feel
from engine.errors import BanjieError, InvalidInput


def test_an_unknown_variable_is_an_error_with_its_name_never_null(evaluate: Any) -> None:
    for source in ("amuont > 5", "amuont = null", "amuont.value", "[amuont]", "not(amuont)", "count(amuont)"):
        with pytest.raises(feel.UnknownName) as error:
            evaluate(source, amount=6)
        assert error.value.name == "amuont"
        assert "amuont" in error.value.zh
        assert error.value.facts["expression"] == source


def test_a_variable_that_is_null_is_known(evaluate: Any) -> None:
    assert evaluate("amount = null", amount=None) is True


@pytest.mark.parametrize(
    "source, expected",
    [
        ("is defined(a)", True),
        ("is defined(nothing)", True),
        ("is defined(missing)", False),
        ("is defined(c.k)", True),
        ("is defined(c.x)", False),
        ("is defined(missing.x.y)", False),
        ("is defined(1)", True),
        ("get or else(missing, 5)", 5),
        ("get or else(missing.x, 5)", 5),
        ("get or else(nothing, 5)", 5),
        ("get or else(a, 5)", 1),
        ("get or else(missing + 1, 5)", 5),
    ],
)
def test_two_functions_may_ask_for_what_is_absent(evaluate: Any, source: str, expected: Any) -> None:
    assert evaluate(source, a=1, nothing=None, c={"k": None}) == expected


def test_the_default_of_get_or_else_must_exist(evaluate: Any) -> None:
    with pytest.raises(feel.UnknownName):
        evaluate("get or else(missing, missing2)")


def test_a_condition_is_true_or_false(condition: Any) -> None:
    assert condition("amount > 5", amount=6) is True
    assert condition("amount > 5", amount=5) is False


@pytest.mark.parametrize(
    "source, reason",
    [
        ("amount > 5", "文本与数字不能比较"),
        ("amount + 1", "数字"),
        ("amount", "文本"),
        ("case.amount > 5", "空值与数字不能比较"),
        ("null", "空值"),
        ("date(amount) < today()", "空值"),
        ("substring(1, 2) > amount", "substring"),
        ('@"2026-11-22T10:00:00" - now() > @"P1D"', "时区"),
        ("amount and true", "文本不是条件"),
    ],
)
def test_a_condition_that_is_neither_is_an_error_that_says_why(condition: Any, source: str, reason: str) -> None:
    with pytest.raises(feel.FeelTypeError) as error:
        condition(source, amount="9", case={})
    if source != "amount + 1":
        assert reason in error.value.zh
    assert source in error.value.zh
    assert source in error.value.en


@pytest.mark.parametrize(
    "source, required, optional",
    [
        ("amount > limit and 材料.齐全", {"amount", "limit", "材料"}, set()),
        ("for x in xs return x + y", {"xs", "y"}, set()),
        ("for x in xs, z in x return partial", {"xs"}, set()),
        ("some x in xs satisfies x > limit", {"xs", "limit"}, set()),
        ("{a: b, c: a + d}", {"b", "d"}, set()),
        ("{f: function(n) f(n) + m, r: f(1)}", {"m"}, set()),
        ("function(x, y) x + y + z", {"z"}, set()),
        ("items[price > limit].name", {"items"}, {"price", "limit"}),
        ("items[price > limit].name = limit", {"items", "limit"}, {"price"}),
        ("items[item > 3]", {"items"}, set()),
        ("is defined(a) and get or else(b, c) = 1", {"c"}, {"a", "b"}),
        ("is defined(a) and a > 1", {"a"}, set()),
        ("count(xs) > count", {"xs", "count"}, set()),
        ("sort(xs, before)", {"xs"}, {"before"}),
        ("x instance of number and y in (< z)", {"x", "y", "z"}, set()),
        ("substring(string: s, start position: p)", {"s", "p"}, set()),
        ("${a.b == c && execution.getVariable('d') != null}", {"a", "c"}, {"d"}),
        ("Hello ${name}, #{title}", {"name", "title"}, set()),
        ("if a then b else c", {"a", "b", "c"}, set()),
        ("[a..b].start", {"a", "b"}, set()),
        ("1", set(), set()),
    ],
)
def test_an_expression_tells_which_variables_it_needs(source: str, required: set[str], optional: set[str]) -> None:
    expression = feel.compile(source)
    assert expression.names == required
    assert expression.optional_names == optional


def test_an_expression_tells_which_functions_it_calls() -> None:
    assert feel.compile("count(xs) > 1 and wd(5) > now()").functions == {"count", "wd", "now"}


def test_what_an_expression_needs_is_enough_to_run_it(now: datetime) -> None:
    expression = feel.compile("for x in xs return x + {y: z}.y")
    assert expression.evaluate({name: [1] for name in expression.names} | {"z": 2}, now=now) == [3]


class TestHostFunctions:
    """Functions that the caller of evaluate brings along."""

    def test_they_get_values_and_their_result_is_a_value(self, now: datetime) -> None:
        due = feel.compile("wd(2 + 3) > now()")
        asked: list[Any] = []

        def wd(days: int) -> datetime:
            asked.append(days)
            return now + timedelta(days=days)

        assert due.evaluate({}, now=now, functions={"wd": wd}) is True
        assert asked == [5]

    def test_one_that_is_not_listed_does_not_exist(self) -> None:
        with pytest.raises(feel.FeelSyntaxError, match="superior"):
            feel.compile('superior("zhang")')
        feel.compile('superior("zhang")', host_functions=frozenset({"superior"}))

    def test_one_that_is_not_brought_along_is_an_error(self, now: datetime) -> None:
        with pytest.raises(feel.FeelError, match="wd"):
            feel.compile("wd(5)").evaluate({}, now=now)

    @pytest.mark.parametrize(
        "fault", [KeyError("x"), RecursionError(), InvalidInput("日历缺少 2028 年", "no 2028"), MemoryError()]
    )
    def test_whatever_goes_wrong_inside_is_a_feel_error(self, now: datetime, fault: Exception) -> None:
        def wd(days: int) -> datetime:
            raise fault

        with pytest.raises(feel.FeelError) as error:
            feel.compile("wd(5)").evaluate({}, now=now, functions={"wd": wd})
        assert "wd" in error.value.zh
        if isinstance(fault, BanjieError):
            assert "日历缺少 2028 年" in error.value.zh

    def test_their_result_must_be_a_value(self, now: datetime) -> None:
        with pytest.raises(feel.FeelTypeError):
            feel.compile("wd(5)").evaluate({}, now=now, functions={"wd": lambda days: object()})

    def test_they_do_not_replace_built_in_ones(self, now: datetime) -> None:
        expression = feel.compile("count([1])", host_functions=frozenset({"count"}))
        assert expression.evaluate({}, now=now, functions={"count": lambda items: 99}) == 1


class Colour(StrEnum):
    RED = "red"


class Level(IntEnum):
    HIGH = 3


class TestDataComesIn:
    """Only JSON, dates, times and durations may enter; everything else is refused by its type."""

    @pytest.mark.parametrize(
        "value, expected",
        [
            (0.1, Decimal("0.1")),
            (1e3, 1000),
            (2**70, 2**70),
            (10**40, Decimal("1E+40")),
            (Decimal("2.50"), Decimal("2.5")),
            ((1, 2), [1, 2]),
            (Colour.RED, "red"),
            (Level.HIGH, 3),
            ({"a": [{"b": 1.5}]}, {"a": [{"b": Decimal("1.5")}]}),
            (date(2026, 1, 1), date(2026, 1, 1)),
            (float("nan"), None),
            (float("inf"), None),
        ],
    )
    def test_as_exact_values(self, evaluate: Any, value: Any, expected: Any) -> None:
        assert evaluate("x", x=value) == expected

    def test_a_number_beyond_all_bounds_as_null(self, evaluate: Any) -> None:
        assert evaluate("x", x=10**8_000) is None

    @pytest.mark.parametrize("value", [object(), b"bytes", {1, 2}, lambda: 1, Enum, {1: "key"}, {"a": [object()]}, 1j])
    def test_nothing_else(self, evaluate: Any, value: Any) -> None:
        with pytest.raises(feel.FeelTypeError):
            evaluate("x", x=value)

    def test_what_is_not_read_is_not_looked_at(self, evaluate: Any) -> None:
        assert evaluate("a + b.c", a=1, b={"c": 2, "d": object()}, e=object()) == 3

    def test_a_mapping_that_reads_on_demand_is_enough(self, now: datetime) -> None:
        class Variables(Mapping[str, Any]):
            def __getitem__(self, name: str) -> Any:
                if name != "a":
                    raise KeyError(name)
                return 1

            def __iter__(self) -> Any:
                return iter(("a",))

            def __len__(self) -> int:
                return 1

        assert feel.compile("a + 1").evaluate(Variables(), now=now) == 2
        with pytest.raises(feel.UnknownName):
            feel.compile("b").evaluate(Variables(), now=now)

    def test_the_data_is_never_changed(self, evaluate: Any) -> None:
        data = {"items": [{"n": 2}, {"n": 1}]}
        evaluate('[sort(d.items, function(a, b) a.n < b.n), context put(d, "x", 1), append(d.items, 3)]', d=data)
        assert data == {"items": [{"n": 2}, {"n": 1}]}


class TestJsonGoesOut:
    """to_json: what may be stored as a process variable."""

    @pytest.mark.parametrize(
        "source, expected",
        [
            ("1 + 1", 2),
            ("4 / 2", 2),
            ("1 / 4", 0.25),
            ("0.1 + 0.2", 0.3),
            ("12345678901234567890123", 12345678901234567890123),
            ('@"2026-11-22"', "2026-11-22"),
            ("now()", "2026-11-22T10:30:00+08:00"),
            ('@"2026-11-22T10:30:00@Asia/Shanghai"', "2026-11-22T10:30:00+08:00"),
            ('@"10:30:00"', "10:30:00"),
            ('@"P1DT2H"', "P1DT2H"),
            ('@"P14M"', "P1Y2M"),
            ("[1..5)", "[1..5)"),
            ("{a: [null, true, 1.5]}", {"a": [None, True, 1.5]}),
        ],
    )
    def test_as_plain_values(self, evaluate: Any, source: str, expected: Any) -> None:
        result = feel.to_json(evaluate(source))
        assert result == expected
        assert type(result) is type(expected)

    @pytest.mark.parametrize("source", ["function(x) x", "[sqrt, 1]", "{a: function() 1}"])
    def test_no_functions(self, now: datetime, source: str) -> None:
        if "sqrt" in source:
            source = "{id: function(x) x, r: [id(sqrt)]}"
        with pytest.raises(feel.FeelTypeError):
            feel.to_json(feel.compile(source).evaluate({}, now=now))

    def test_no_number_that_json_readers_cannot_hold(self, evaluate: Any) -> None:
        with pytest.raises(feel.FeelLimit):
            feel.to_json(evaluate("1e400"))

    def test_time_of_day_keeps_its_text(self, evaluate: Any) -> None:
        assert feel.to_json(evaluate("t", t=time(9, 0))) == "09:00:00"


def test_expressions_are_compiled_once() -> None:
    assert feel.compile("a + 12345") is feel.compile("a + 12345")
    assert feel.compile("a + 12345") is not feel.compile("a + 12345", host_functions=frozenset())
    assert repr(feel.compile("a > 1")) == "Expression('a > 1')"


@pytest.mark.parametrize(
    "text, marked",
    [
        ("=a", True),
        (" = a", True),
        ("${a}", True),
        ("dept-#{a}", True),
        ("zhang.san", False),
        ("a = b", False),
        ("", False),
    ],
)
def test_an_attribute_is_an_expression_only_when_it_is_marked(text: str, marked: bool) -> None:
    assert feel.is_expression(text) is marked
