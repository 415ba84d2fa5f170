"""What FEEL says: literals, names, operators, branches, loops, filters, contexts, functions, types."""

from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from engine import feel
from engine.feel import Range, YearsMonths

NULL = None


@pytest.mark.parametrize(
    "source, expected",
    [
        ("1", 1),
        (".5", Decimal("0.5")),
        ("1.50", Decimal("1.5")),
        ("2.0", 2),
        ("1.2e3", 1200),
        ("-3", -3),
        ("true", True),
        ("null", NULL),
        ('"中文"', "中文"),
        (r'"a\tb\"c\\d\n"', 'a\tb"c\\d\n'),
        (r'"\u4e2d\U01F40E\uD83D\uDC0E"', "中🐎🐎"),
        (r'"\d+"', r"\d+"),
        ("'single quotes of other languages'", "single quotes of other languages"),
        ('@"2026-11-22"', date(2026, 11, 22)),
        ('@"10:30:00"', time(10, 30)),
        ('@"P1DT2H"', timedelta(days=1, hours=2)),
        ('@"-P1Y2M"', YearsMonths(-14)),
        ("[1, 2, [3]]", [1, 2, [3]]),
        ("[]", []),
        ('{a: 1, "b c": 2, 意见: "同意"}', {"a": 1, "b c": 2, "意见": "同意"}),
        ("1 + /* two */ 2 // three\n + 3", 6),
    ],
)
def test_a_literal_is_its_value(evaluate: Any, source: str, expected: Any) -> None:
    assert evaluate(source) == expected
    assert type(evaluate(source)) is type(expected)


@pytest.mark.parametrize(
    "source, expected",
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("10 - 2 - 3", 5),
        ("7 / 2", Decimal("3.5")),
        ("6 / 3", 2),
        ("0.1 + 0.2 = 0.3", True),
        ("3 ** 4 ** 5", 3486784401),  # from the left, DMN grammar rule 4c
        ("-3 ** 2", 9),  # the sign binds tighter than the power
        ("2 ** -1", Decimal("0.5")),
        ("1 / 3 * 3 = 1", False),  # 34 digits, no more
        ('"a" + "b"', "ab"),
        ("10 / 0", NULL),
        ("0 ** -1", NULL),
        ("(-1) ** 0.5", NULL),
        ('1 + "1"', NULL),
        ("1 + null", NULL),
        ("[1] + 1", NULL),
        ('"a" - "a"', NULL),
        ("-null", NULL),
    ],
)
def test_arithmetic_is_exact_and_what_has_no_meaning_is_null(evaluate: Any, source: str, expected: Any) -> None:
    assert evaluate(source) == expected


@pytest.mark.parametrize(
    "source, expected",
    [
        ("1 = 1.0", True),
        ("1 == 1", True),
        ("1 != 2", True),
        ('"a" < "b"', True),
        ("null = null", True),
        ("null != 1", True),
        ("[1, {a: 2}] = [1, {a: 2.0}]", True),
        ("[1] = [1, 2]", False),
        ('[1, "a"] = [1, 2]', False),
        ("{a: 1, b: 2} = {b: 2, a: 1}", True),
        ("{a: 1} = {a: 1, b: null}", False),
        ("[1..5] = [1..5]", True),
        ("[1..5] = [1..5)", False),
        ('1 = "1"', NULL),
        ('1 < "2"', NULL),
        ("true < false", NULL),
        ("null < 1", NULL),
        ("1 between 1 and 3", True),
        ("4 between 1 and 3", False),
        ("null between 1 and 3", NULL),
        ("2 between 1 and null", NULL),
    ],
)
def test_comparisons_need_one_type(evaluate: Any, source: str, expected: Any) -> None:
    assert evaluate(source) is expected


@pytest.mark.parametrize(
    "source, expected",
    [
        ("true and true", True),
        ("false and null", False),
        ("null and false", False),
        ("true and null", NULL),
        ("true or null", True),
        ("null or true", True),
        ("false or null", NULL),
        ('true and "yes"', NULL),
        ("false or false or true", True),
        ("not(true)", False),
        ("not(null)", NULL),
        ('not("a")', NULL),
        ("true or false and false", True),
        ("1 = 1 and 2 = 2", True),
    ],
)
def test_logic_has_three_values(evaluate: Any, source: str, expected: Any) -> None:
    assert evaluate(source) is expected


@pytest.mark.parametrize("source", ["false and missing", "true or missing"])
def test_logic_does_not_ask_what_cannot_change_the_result(evaluate: Any, source: str) -> None:
    assert evaluate(source) in (True, False)


@pytest.mark.parametrize(
    "source, expected",
    [
        ("5 in [1..5]", True),
        ("5 in [1..5)", False),
        ("5 in (5..9]", False),
        ("5 in ]5..9]", False),
        ("5 in ]1..5[", False),
        ("3 in ]1..5[ and true", True),
        ("5 in (1..9)", True),
        ("5 in [9..1]", False),
        ("5 in (1, 3, 5)", True),
        ("5 in (< 3, > 4)", True),
        ("5 in (< 3, >= 6)", False),
        ("5 in >= 5", True),
        ("5 in [1, 5]", True),
        ("5 in [[1..3], [4..6]]", True),
        ("5 in 5", True),
        ("[1] in [[1], [2]]", True),
        ('"b" in ["a".."c"]', True),
        ('@"2026-01-05" in [@"2026-01-01"..@"2026-01-31"]', True),
        ("null in [1..5]", NULL),
        ('5 in ["a".."c"]', NULL),
        ("5 in [1..10] and 6 in (< 7)", True),
        ("5 in (!= 4)", True),
    ],
)
def test_in_asks_ranges_lists_and_tests(evaluate: Any, source: str, expected: Any) -> None:
    assert evaluate(source) is expected


@pytest.mark.parametrize(
    "source, expected",
    [
        ('if 1 < 2 then "a" else "b"', "a"),
        ('if null then "a" else "b"', "b"),
        ('if "x" then "a" else "b"', NULL),
        ("1 + if true then 2 else 3", 3),
        ("if true then 1 else if true then 2 else 3", 1),
    ],
)
def test_if_takes_else_for_false_and_null_but_not_for_other_types(evaluate: Any, source: str, expected: Any) -> None:
    assert evaluate(source) == expected


@pytest.mark.parametrize(
    "source, expected",
    [
        ("for x in [1, 2, 3] return x * 2", [2, 4, 6]),
        ("for x in 1..3 return x", [1, 2, 3]),
        ("for x in 3..1 return x", [3, 2, 1]),
        ("for x in [1..3) return x", [1, 2]),
        ("for x in 0.5..2.5 return x", [Decimal("0.5"), Decimal("1.5"), Decimal("2.5")]),
        ('for d in @"2026-01-31"..@"2026-02-01" return d.day', [31, 1]),
        ("for x in 1..2, y in x..2 return [x, y]", [[1, 1], [1, 2], [2, 2]]),
        ("for i in 1..5 return if i < 3 then i else sum(partial)", [1, 2, 3, 6, 12]),
        ("for x in 5 return x", [5]),
        ("for x in [] return x", []),
        ("for x in null return x", NULL),
        ('for x in 1.."a" return x', NULL),
        ("some x in [1, 2] satisfies x > 1", True),
        ("some x in [] satisfies x > 1", False),
        ("every x in [1, 2] satisfies x > 1", False),
        ("every x in [] satisfies x > 1", True),
        ("every x in null satisfies x > 1", NULL),
        ("some x in [1, null] satisfies x > 1", NULL),
        ("every x in [1, 2], y in [3] satisfies x < y", True),
    ],
)
def test_loops(evaluate: Any, source: str, expected: Any) -> None:
    assert evaluate(source) == expected


ITEMS = [{"名称": "桌", "price": 5}, {"名称": "灯", "price": 9.5}, {"名称": "椅", "price": None}]


@pytest.mark.parametrize(
    "source, expected",
    [
        ("[1, 2, 3][2]", 2),
        ("[1, 2, 3][-1]", 3),
        ("[1, 2, 3][4]", NULL),
        ("[1, 2, 3][0]", NULL),
        ("[][1]", NULL),
        ("[1, 2, 3][item > 1]", [2, 3]),
        ("items[price > 5].名称", ["灯"]),
        ("items[price > limit].price", [5, Decimal("9.5")]),
        ("items[item.price = null][1].名称", "椅"),
        ("items[position]", {"名称": "灯", "price": Decimal("9.5")}),
        ("5[item > 1]", [5]),
        ("null[item > 1]", []),
        ("items.price", [5, Decimal("9.5"), None]),
        ("[{a: {b: 1}}, {a: {b: [2, 3]}}].a.b", [1, [2, 3]]),
        ("[{a: 1}, {b: 2}][a = 1]", [{"a": 1}]),  # a key that only other items have is null for this one
        ("empty[amount > 5]", []),
    ],
)
def test_filters_and_paths(evaluate: Any, source: str, expected: Any) -> None:
    assert evaluate(source, items=ITEMS, limit=1, position=2, empty=[]) == expected


def test_a_name_that_no_item_has_stays_unknown_in_a_filter(evaluate: Any) -> None:
    with pytest.raises(feel.UnknownName) as error:
        evaluate("items[prise > 5]", items=ITEMS)
    assert error.value.name == "prise"


def test_an_entry_of_a_context_sees_the_entries_before_it(evaluate: Any) -> None:
    assert evaluate("{a: 2, b: a * 3, c: {d: b + 1}}") == {"a": 2, "b": 6, "c": {"d": 7}}


def test_a_missing_key_is_null_at_any_depth(evaluate: Any) -> None:
    case = {"applicant": {"name": "张三"}}
    assert evaluate("case.applicant.name", case=case) == "张三"
    assert evaluate("case.applicant.phone", case=case) is None
    assert evaluate("case.agent.phone.code", case=case) is None


@pytest.mark.parametrize(
    "source, expected",
    [
        ("(function(x) x + 1)(2)", 3),
        ("{add: function(x, y) x + y, r: add(1, 2)}.r", 3),
        ("{add: function(x, y) x - y, r: add(y: 1, x: 5)}.r", 4),
        ("{f: function(n) if n <= 1 then 1 else n * f(n - 1), r: f(5)}.r", 120),
        ("{k: 10, f: function(n) n * k, r: for k in [1, 2] return f(k)}.r", [10, 20]),  # names by place of definition
        ("{f: function(x: number) x, r: f(1)}.r", 1),
        ('{f: function(x: number) x, r: f("a")}.r', NULL),
        ("{f: function(x) x, r: f(1, 2)}.r", NULL),
        ("{f: function() function(x) x, r: f()(3)}.r", 3),
        ("{apply: function(f, x) f(x), r: apply(sqrt, 16)}.r", 4),
        ("{c: {f: function(x) x * 2}, r: c.f(4)}.r", 8),
        ('"abs"(-1)', NULL),
        ("1(2)", NULL),
        ("sort([3, 1, 2], function(a, b) a > b)", [3, 2, 1]),
        ("sort([3, 1, 2], before)", [1, 2, 3]),
    ],
)
def test_functions_are_values(evaluate: Any, source: str, expected: Any) -> None:
    assert evaluate(source) == expected


@pytest.mark.parametrize(
    "source, expected",
    [
        ("1 instance of number", True),
        ("null instance of Any", False),
        ('"a" instance of number', False),
        ('@"2026-01-01" instance of date', True),
        ("now() instance of date and time", True),
        ('@"P1Y" instance of years and months duration', True),
        ('@"P1D" instance of days and time duration and true', True),
        ("[1, 2] instance of list<number>", True),
        ('[1, "a"] instance of list<number>', False),
        ("{a: {b: 1}} instance of context<a: context<b: number>>", True),
        ('{a: "x"} instance of context<a: number>', False),
        ("[1..2] instance of range<number>", True),
        ("(function(x) x) instance of function<number> -> number", True),
        ("(function() 1) instance of function<number> -> number", False),
    ],
)
def test_instance_of(evaluate: Any, source: str, expected: bool) -> None:
    assert evaluate(source) is expected


def test_ranges_are_values_with_properties(evaluate: Any) -> None:
    assert evaluate("(1..5]") == Range(1, 5, False, True)
    assert evaluate("[1..5).end included") is False
    assert evaluate("{r: [1..5), x: r.start}.x") == 1
    assert evaluate("(>= 5)") == Range(5, None, True, False)
    assert evaluate("7 in (> 5)") is True
    assert evaluate('[1.."a"]') is None


@pytest.mark.parametrize(
    "source, variables, expected",
    [
        ("材料数 >= 3 and 是否容缺", {"材料数": 3, "是否容缺": True}, True),
        ('Vacation Approval = "Approved"', {"Vacation Approval": "Approved"}, True),
        ("Service Level == 'Premium'", {"Service Level": "Premium"}, True),
        ("count > 2", {"count": 3}, True),  # a variable may have the name of a function
        ("date = 5", {"date": 5}, True),
        ("person.first name", {"person": {"first name": "四"}}, "四"),
        ("x.and", {"x": {"and": 1}}, 1),
    ],
)
def test_names_may_be_chinese_and_hold_blanks(evaluate: Any, source: str, variables: Any, expected: Any) -> None:
    assert evaluate(source, **variables) == expected


@pytest.mark.parametrize(
    "source, position, hint",
    [
        ("", 0, "空的"),
        ("1 +", 3, "结尾"),
        ("a = = b", 4, "="),
        ("(1", 2, "结尾"),
        ('"abc', 0, "引号"),
        ("a ＝ 1", 2, "全角"),
        ("a = “x”", 4, "全角"),
        ("a # b", 2, "#"),
        ("not a", 4, "not(…)"),
        ("foo(1)", 0, "没有函数「foo」"),
        ("cuont([1])", 0, "count"),
        ("count()", 0, "count(list: list)"),
        ('substring(text: "a")', 0, "substring"),
        ('substring("a", start position: 1)', 32, "参数"),
        ("[1, 2", 5, "结尾"),
        ("{a: 1, a: 2}", 7, "两次"),
        ("{1: 2}", 1, "名称"),
        ("x instance of colour", 20, "colour"),
        ("function(a) external {}", 12, "external"),
        ("function(a, a) a", 15, "重名"),
        ("? > 1", 0, "决策表"),
        ('@"2026-13-01"', 0, "2026-13-01"),
        ("1e99999", 0, "过大"),
        ("1 2", 2, "多出"),
        ("if a then b", 11, "结尾"),
        (r'"\uD800"', 0, "代理对"),
        (r'"\u0000"', 0, "空字符"),
    ],
)
def test_a_syntax_error_says_where_and_what(source: str, position: int, hint: str) -> None:
    with pytest.raises(feel.FeelSyntaxError) as error:
        feel.compile(source)
    assert error.value.position == position
    assert hint in error.value.zh
    assert error.value.en
