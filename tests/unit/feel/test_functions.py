"""The built-in functions, one line for each rule (DMN 1.3 tables 66 to 79)."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from engine import feel
from engine.feel import Range, YearsMonths

NULL = None
D = Decimal


def check(evaluate: Any, source: str, expected: Any) -> None:
    assert evaluate(source) == expected
    assert type(evaluate(source)) is type(expected)


@pytest.mark.parametrize(
    "source, expected",
    [
        ("string(1.10)", "1.1"),
        ("string(true)", "true"),
        ("string(null)", NULL),
        ('string("a")', "a"),
        ('string([1, "a", null])', '[1, "a", null]'),
        ("string({a: [1]})", "{a: [1]}"),
        ('string(@"2026-01-01T10:00:00Z")', "2026-01-01T10:00:00Z"),
        ('string(@"2026-01-01T10:00:00.250+08:00")', "2026-01-01T10:00:00.25+08:00"),
        ('string(@"10:00:00@Asia/Shanghai")', "10:00:00@Asia/Shanghai"),
        ('string(@"PT26H61M")', "P1DT3H1M"),
        ('string(@"-P13M")', "-P1Y1M"),
        ('string(@"PT0.5S")', "PT0.5S"),
        ('string(@"P0D")', "PT0S"),
        ('string(@"P0M")', "P0M"),
        ("string((1..5])", "(1..5]"),
        ('number("12.50")', D("12.5")),
        ('number("1 000 000,01", " ", ",")', D("1000000.01")),
        ('number("1,000.5", ",", ".")', D("1000.5")),
        ('number("1,000.5", ",", ",")', NULL),
        ('number("1,000", ":", ".")', NULL),
        ('number("12元")', NULL),
        ('number("")', NULL),
        ('number("1e3")', 1000),
    ],
)
def test_conversion(evaluate: Any, source: str, expected: Any) -> None:
    check(evaluate, source, expected)


@pytest.mark.parametrize(
    "source, expected",
    [
        ("decimal(2.5, 0)", 2),
        ("decimal(3.5, 0)", 4),
        ("decimal(1 / 3, 2)", D("0.33")),
        ("decimal(1234, -2)", 1200),
        ("floor(-1.5)", -2),
        ("floor(1.56, 1)", D("1.5")),
        ("ceiling(-1.5)", -1),
        ("ceiling(1.51, 1)", D("1.6")),
        ("round up(5.121, 2)", D("5.13")),
        ("round down(-5.129, 2)", D("-5.12")),
        ("round half up(5.125, 2)", D("5.13")),
        ("round half down(5.5, 0)", 5),
        ("round half down(5.5, 6176)", D("5.5")),
        ("round half down(5.5, 6177)", NULL),
        ("floor(1.5, null)", NULL),
        ("abs(-1.5)", D("1.5")),
        ('abs(@"-P1D")', timedelta(days=1)),
        ('abs(@"-P13M")', YearsMonths(13)),
        ("modulo(10, 4)", 2),
        ("modulo(-12, 5)", 3),
        ("modulo(12, -5)", -3),
        ("modulo(-10.1, 4.5)", D("3.4")),
        ("modulo(1, 0)", NULL),
        ("sqrt(16)", 4),
        ("sqrt(-1)", NULL),
        ("log(0)", NULL),
        ("decimal(log(10), 8)", D("2.30258509")),
        ("decimal(exp(1), 8)", D("2.71828183")),
        ("odd(5)", True),
        ("even(5)", False),
        ("even(-2)", True),
        ("odd(1.5)", False),
        ('sqrt("4")', NULL),
        ("sqrt([4])", 2),  # a list of one is that one
    ],
)
def test_numbers(evaluate: Any, source: str, expected: Any) -> None:
    check(evaluate, source, expected)


@pytest.mark.parametrize(
    "source, expected",
    [
        ('substring("foobar", 3)', "obar"),
        ('substring("foobar", 3, 3)', "oba"),
        ('substring("foobar", -2, 1)', "a"),
        ('substring("foobar", 3, 3.8)', "oba"),
        ('substring("foobar", 0)', NULL),
        ('substring("foobar", 9)', ""),
        ('substring("foobar", 1, 0)', NULL),
        ('substring(start position: 2, string: "中文字")', "文字"),
        ('string length("🐎中")', 2),
        ('upper case("abc4")', "ABC4"),
        ('lower case("ABC")', "abc"),
        ('substring before("foobar", "bar")', "foo"),
        ('substring before("foobar", "xyz")', ""),
        ('substring after("foobar", "ob")', "ar"),
        ('substring after("", "a")', ""),
        ('substring after("abc", "")', "abc"),
        ('contains("foobar", "of")', False),
        ('starts with("foobar", "fo")', True),
        ('ends with("foobar", "r")', True),
        ('trim("  a b ")', "a b"),
        ('is blank("  ")', True),
        ('string join(["a", "b", null, "c"], "、")', "a、b、c"),
        ('string join(["a", "b"], ", ", "[", "]")', "[a, b]"),
        ('string join(["a", 1])', NULL),
        ("string join([])", ""),
        ("contains(null, null)", NULL),
        ('contains(["foobar"], "o")', True),
    ],
)
def test_strings(evaluate: Any, source: str, expected: Any) -> None:
    check(evaluate, source, expected)


@pytest.mark.parametrize(
    "source, expected",
    [
        (r'matches("13800138000", "^1[3-9]\d{9}$")', True),
        ('matches("中文", "^..$")', True),
        ('matches("ABC", "b", "i")', True),
        ('matches("a\nb", "a.b")', False),
        ('matches("a\nb", "a.b", "s")', True),
        ('matches("a\nb", "^b$", "m")', True),
        ('matches("hello world", "hello[ ]w or ld", "x")', True),
        ('matches("a", "a", "q")', NULL),
        ('matches("a", "(")', NULL),
        (r'matches("aa", "(a)\1")', NULL),  # RE2 has no back references: null, never a wrong answer
        ('matches("x", "[a-z-[x]]")', NULL),
        ('replace("abcd", "(ab)|(a)", "[1=$1][2=$2]")', "[1=ab][2=]cd"),
        (r'replace("0123456789", "(\d{3})(\d{3})(\d{4})", "($1) $2-$3")', "(012) 345-6789"),
        ('replace("abracadabra", "a.*?a", "*")', "*c*bra"),
        (r'replace("a", "a", "\$1\\")', "$1\\"),
        ('replace("abc", "", "-")', "-a-b-c-"),
        (r'split("John Doe", "\s")', ["John", "Doe"]),
        ('split("a;b;;c", ";")', ["a", "b", "", "c"]),
        ('split("", ";")', [""]),
        (r'extract("A1 与 B22", "[A-Z]\d+")', ["A1", "B22"]),
    ],
)
def test_patterns(evaluate: Any, source: str, expected: Any) -> None:
    check(evaluate, source, expected)


@pytest.mark.parametrize(
    "source, expected",
    [
        ("list contains([1, 2.0], 2)", True),
        ("list contains([1, null], null)", True),
        ("count([1, null])", 2),
        ("count(1)", 1),
        ("count(null)", NULL),
        ("min(3, 1, 2)", 1),
        ('max(["a", "c", "b"])', "c"),
        ('max([@"2026-01-01", @"2026-03-01"])', date(2026, 3, 1)),
        ('min(1, "a")', NULL),
        ("min([])", NULL),
        ("min([true])", NULL),
        ("sum([1, 2.5])", D("3.5")),
        ("sum([])", NULL),
        ("sum([1, null])", NULL),
        ("mean(1, 2)", D("1.5")),
        ("product([2, 3, 4])", 24),
        ("median([8, 2, 5, 3, 4])", 4),
        ("median([6, 1, 2, 3])", D("2.5")),
        ("decimal(stddev(2, 4, 7, 5), 6)", D("2.081666")),
        ("stddev([47])", NULL),
        ("mode([6, 1, 9, 6, 1])", [1, 6]),
        ("mode([])", []),
        ("all([true, null])", NULL),
        ("all([false, null])", False),
        ("all([])", True),
        ("any([null, true])", True),
        ("any([false, null])", NULL),
        ("any([])", False),
        ("any([1])", NULL),
        ("sublist([1, 2, 3], 2)", [2, 3]),
        ("sublist([1, 2, 3], -2, 1)", [2]),
        ("sublist([1, 2, 3], 2, 5)", NULL),
        ("append([1], [2], 3)", [1, [2], 3]),
        ("concatenate([1], [2, 3], 4)", [1, 2, 3, 4]),
        ("concatenate([[1], [2]])", [[1], [2]]),
        ("insert before([1, 3], 2, 2)", [1, 2, 3]),
        ("insert before([1], 3, 2)", NULL),
        ("remove([1, 2, 3], -1)", [1, 2]),
        ("list replace([1, 2, 3], 2, 9)", [1, 9, 3]),
        ("list replace([1, 2, 3], function(item, new) item < 3, 9)", [9, 9, 3]),
        ("reverse([1, 2])", [2, 1]),
        ("index of([1, 2, 1.0], 1)", [1, 3]),
        ("union([1, 2], [2, 3])", [1, 2, 3]),
        ("distinct values([1, 1.0, [2], [2], null, null])", [1, [2], None]),
        ("duplicate values([1, 2, 1, 1])", [1]),
        ("flatten([1, [2, [3]], []])", [1, 2, 3]),
        ("partition([1, 2, 3], 2)", [[1, 2], [3]]),
        ("is empty([])", True),
        ("sort([3, 1, 2])", [1, 2, 3]),
        ('sort([3, "a"])', NULL),
        ("sort([{n: 2}, {n: 1}], function(a, b) a.n < b.n)", [{"n": 1}, {"n": 2}]),
    ],
)
def test_lists(evaluate: Any, source: str, expected: Any) -> None:
    check(evaluate, source, expected)


@pytest.mark.parametrize(
    "source, expected",
    [
        ('get value({a: 1}, "a")', 1),
        ('get value({a: {b: 2}}, ["a", "b"])', 2),
        ('get value({a: 1}, "x")', NULL),
        ("get entries({a: 1})", [{"key": "a", "value": 1}]),
        ("get entries({})", []),
        ('context([{key: "a", value: 1}, {key: "b", value: null}])', {"a": 1, "b": None}),
        ('context([{key: "a", value: 1}, {key: "a", value: 2}])', NULL),
        ('context({key: "a", value: 1})', {"a": 1}),
        ('context put({a: 1}, "b", 2)', {"a": 1, "b": 2}),
        ('context put({a: {b: 1}}, ["a", "c"], 2)', {"a": {"b": 1, "c": 2}}),
        ("context merge([{a: 1}, {a: 2, b: 3}])", {"a": 2, "b": 3}),
        ("context merge([{a: 1}, 2])", NULL),
        ("is(1, 1.0)", True),
        ('is(@"10:00:00Z", @"10:00:00+00:00")', True),
        ('is(@"2026-01-01T10:00:00Z", @"2026-01-01T18:00:00+08:00")', False),
        ('is(1, "1")', False),
    ],
)
def test_contexts_and_identity(evaluate: Any, source: str, expected: Any) -> None:
    check(evaluate, source, expected)


@pytest.mark.parametrize(
    "source, expected",
    [
        ('date("2026-11-22")', date(2026, 11, 22)),
        ('date("2026-02-29")', NULL),
        ('date("20261122")', NULL),
        ("date(2026, 11, 22)", date(2026, 11, 22)),
        ("date(2026, 13, 1)", NULL),
        ('date(date and time("2026-11-22T23:00:00"))', date(2026, 11, 22)),
        ('time("10:30:00.5")', time(10, 30, 0, 500_000)),
        ('time("10:30")', time(10, 30)),
        ('time("25:00:00")', NULL),
        ("time(10, 30, 15.25)", time(10, 30, 15, 250_000)),
        ('time(10, 30, 0, duration("PT0S"))', time(10, 30, tzinfo=UTC)),
        ("time(24, 0, 0)", NULL),
        ('date and time("2026-11-22T10:30:00")', datetime(2026, 11, 22, 10, 30)),  # noqa: DTZ001
        ('date and time("2026-11-22")', datetime(2026, 11, 22)),  # noqa: DTZ001
        ('date and time("2026-11-22T24:00:00")', datetime(2026, 11, 23)),  # noqa: DTZ001
        ('date and time(date("2026-11-22"), time("10:30:00Z"))', datetime(2026, 11, 22, 10, 30, tzinfo=UTC)),
        ('date and time("2026-11-22T10:30:00@Nowhere/City")', NULL),
        ('date and time("2026-11-22T10:30:00+25:00")', NULL),
        ('duration("P1DT2H3M4.5S")', timedelta(days=1, hours=2, minutes=3, seconds=4.5)),
        ('duration("P1Y27M")', YearsMonths(39)),
        ('duration("-PT1H")', -timedelta(hours=1)),
        ('duration("P1M2D")', NULL),
        ('duration("P")', NULL),
        ('duration("P1DT")', NULL),
        ('years and months duration(date("2011-12-22"), date("2013-08-24"))', YearsMonths(20)),
        ('years and months duration(date("2013-08-24"), date("2011-12-22"))', YearsMonths(-20)),
        ('years and months duration(date("2026-01-31"), date("2026-02-28"))', YearsMonths(0)),
        ('day of week(date("2026-11-22"))', "Sunday"),
        ('day of year(date("2026-03-01"))', 60),
        ('week of year(date("2010-01-01"))', 53),
        ('month of year(@"2026-11-22T10:00:00")', "November"),
        ('last day of month(date("2028-02-01"))', date(2028, 2, 29)),
        ("today()", date(2026, 11, 22)),
        ('range("[1..10)")', Range(1, 10, True, False)),
        ('range("(@\\"2026-01-01\\"..@\\"2026-01-02\\"]")', Range(date(2026, 1, 1), date(2026, 1, 2), False, True)),
        ('range("1..2")', NULL),
    ],
)
def test_dates_and_times(evaluate: Any, source: str, expected: Any) -> None:
    check(evaluate, source, expected)


@pytest.mark.parametrize(
    "true, false",
    [
        ("before(1, 2)", "before(2, 1)"),
        ("before(1, (1..3])", "before(1, [1..3])"),
        ("before([1..3), 3)", "before([1..3], 3)"),
        ("before([1..3), [3..4])", "before([1..3], [3..4])"),
        ("after([3..4], [1..3))", "after([3..4], [1..3])"),
        ("after(4, [1..3])", "after(3, [1..3])"),
        ("meets([1..3], [3..4])", "meets([1..3), [3..4])"),
        ("met by([3..4], [1..3])", "met by((3..4], [1..3])"),
        ("overlaps([1..3], [3..5])", "overlaps([1..3), [3..5])"),
        ("overlaps before([1..4], [3..5])", "overlaps before([3..5], [1..4])"),
        ("overlaps after([3..5], [1..4])", "overlaps after([1..4], [3..5])"),
        ("finishes(5, [1..5])", "finishes(5, [1..5))"),
        ("finishes([3..5], [1..5])", "finishes([3..5), [1..5])"),
        ("finished by([1..5], [3..5])", "finished by([3..5], [1..5])"),
        ("includes([1..5], 5)", "includes([1..5), 5)"),
        ("includes([1..5], (1..5))", "includes((1..5), [1..5])"),
        ("during([2..3], [1..5])", "during([0..3], [1..5])"),
        ("starts(1, [1..5])", "starts(1, (1..5])"),
        ("starts([1..2], [1..5])", "starts([1..6], [1..5])"),
        ("started by([1..5], [1..2])", "started by([1..5], (1..2])"),
        ("coincides([1..5], [1..5])", "coincides([1..5], [1..5))"),
        ("coincides(3, 3)", "coincides(3, 4)"),
    ],
)
def test_how_points_and_ranges_lie_to_each_other(evaluate: Any, true: str, false: str) -> None:
    assert evaluate(true) is True
    assert evaluate(false) is False


def test_a_relation_of_different_types_is_null(evaluate: Any) -> None:
    assert evaluate('before(1, "a")') is None
    assert evaluate('includes([1..5], @"2026-01-01")') is None


def test_every_function_stands_in_the_documents(evaluate: Any) -> None:
    """Each declared form has words in Chinese, and may be called by the names of its parameters."""
    for name, forms in feel.BUILTINS.items():
        for form in forms:
            assert form.zh, name
            order = form.order_of([parameter.name for parameter in form.parameters])
            assert order == tuple(range(len(form.parameters)))
