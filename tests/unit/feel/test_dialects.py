"""The dialects of other engines: ``= ...`` of Camunda 8, ``${...}`` of Camunda 7 and Flowable, cells of DMN, scripts."""

from datetime import datetime
from typing import Any

import pytest

from engine import feel


@pytest.mark.parametrize(
    "source, variables, expected",
    [
        ("${a > 5 && b == 'x'}", {"a": 6, "b": "x"}, True),
        ("#{a gt 5 and b eq 'x'}", {"a": 6, "b": "y"}, False),
        ("${!done}", {"done": False}, True),
        ("${not done || a lt 1}", {"done": True, "a": 0}, True),
        ("${a ne null}", {"a": None}, False),
        ("${a == null ? 'none' : a}", {"a": 3}, 3),
        ("${a <= 2 and a >= 2 and a le 2 and a ge 2}", {"a": 2}, True),
        ("${7 mod 3 + 7 % 3 + 8 div 2 - 1 * 2}", {}, 4),
        ("${-7 % 3}", {}, -1),  # the sign of the dividend, as in Java
        ("${empty items}", {"items": []}, True),
        ("${not empty name}", {"name": "x"}, True),
        ("${case.applicant['name']}", {"case": {"applicant": {"name": "张"}}}, "张"),
        ("${items[0]}", {"items": ["a", "b"]}, "a"),
        ("${items[5]}", {"items": ["a"]}, None),
        ("${'it''s'}", {}, "never"),
        ('${"a\\"b"}', {}, 'a"b'),
        ("${execution.getVariable('x')}", {"x": 1}, 1),
        ('${execution.getVariable("missing") == null}', {}, True),
        ("${execution.hasVariable('missing')}", {}, False),
        ("${variables:get(x)}", {"x": 1}, 1),
        ("${vars:getOrDefault(missing, 7)}", {}, 7),
        ("${var:equals(missing, 7)}", {}, False),
        ("${var:gte(x, 1)}", {"x": 1}, True),
        ("${var:isNotEmpty('x')}", {"x": "a"}, True),
        ("${(1 + 2) * 3}", {}, 9),
    ],
)
def test_juel(evaluate: Any, source: str, variables: Any, expected: Any) -> None:
    if expected == "never":
        with pytest.raises(feel.FeelSyntaxError):
            evaluate(source, **variables)
    else:
        assert evaluate(source, **variables) == expected


@pytest.mark.parametrize(
    "source, named",
    [
        ("${order.isStandard()}", "order.isStandard"),
        ("${bean.test(execution)}", "bean.test"),
        ("${execution.setVariable('a', 1)}", "execution.setVariable"),
        ("${x.getClass().forName('java.lang.Runtime')}", "x.getClass"),
        ("${date()}", "date"),
        ("${fn:length(x)}", "fn:length"),
        ("${var:contains(x, 1)}", "var:contains"),
    ],
)
def test_calls_of_beans_and_methods_are_refused_by_name(source: str, named: str) -> None:
    with pytest.raises(feel.FeelSyntaxError) as error:
        feel.compile(source)
    assert named in error.value.zh
    assert named in error.value.en


@pytest.mark.parametrize(
    "source", ["${", "a ${b", "${a", "${a 'b}", "${}", "${a}}${", "${a = b}", "${execution.getVariable(x)}"]
)
def test_juel_that_is_broken_is_refused(source: str) -> None:
    with pytest.raises(feel.FeelSyntaxError):
        feel.compile(source)


def test_an_unknown_variable_in_juel_is_an_error_too(condition: Any) -> None:
    with pytest.raises(feel.UnknownName):
        condition("${missing == null}")


def test_a_choice_in_juel_needs_a_condition(evaluate: Any) -> None:
    with pytest.raises(feel.FeelTypeError):
        evaluate("${a ? 1 : 2}", a=None)


@pytest.mark.parametrize(
    "source, expected",
    [
        ("Hello ${name}", "Hello 李四"),
        ("${name}-${n + 1}", "李四-4"),
        ("#{name}：${n / 2} 元", "李四：1.5 元"),
        ("${nothing}!", "!"),
        (r"\${name} is ${name}", "${name} is 李四"),
        ("${'}'}${n}", "}3"),
    ],
)
def test_text_with_expressions_in_it_is_text(evaluate: Any, source: str, expected: str) -> None:
    assert evaluate(source, name="李四", n=3, nothing=None) == expected


def test_camunda_8_marks_feel_with_a_sign(evaluate: Any) -> None:
    assert evaluate("=a = 1", a=1) is True
    assert evaluate(' = "${x}"') == "${x}"
    with pytest.raises(feel.FeelSyntaxError) as error:
        feel.compile("= a +")
    assert error.value.position == 5


@pytest.mark.parametrize(
    "cell, value, expected",
    [
        ("-", None, True),
        ("", 1, True),
        ('"a"', "a", True),
        ('"a", "b"', "b", True),
        ('"a", "b"', "c", False),
        ('not("a", "b")', "c", True),
        ('not("a", "b")', "a", False),
        ("< 5", 4, True),
        (">= 5, < 0", -1, True),
        ("[1..5]", 5, True),
        ("(1..5)", 5, False),
        ("]1..5[", 1, False),
        ("[1..5], 9", 9, True),
        ("1000, 2000, 6000", 6000, True),
        ("limit", 10, True),
        ("> limit", 11, True),
        ("? > limit and ? < 20", 11, True),
        ('starts with(?, "x")', "xy", True),
        ("limit > 5", "anything", True),
        ("true", True, True),
        ("true", False, False),
        ("null", None, True),
        ("[1, 2]", 2, True),
        ("!= 3", 4, True),
        ('< date("2026-11-22")', "2026", False),
        ("5", "5", False),
    ],
)
def test_a_cell_of_a_decision_table(now: datetime, cell: str, value: Any, expected: bool) -> None:
    tests = feel.compile_unary_tests(cell)
    assert tests.matches(value, {"limit": 10}, now=now) is expected


def test_a_cell_tells_its_variables() -> None:
    assert feel.compile_unary_tests("> limit, ? = x").names == {"limit", "x"}


@pytest.mark.parametrize("cell", ["< ", "not(", '"a" "b"', "a, ", "[1..", "- 1 -"])
def test_a_broken_cell_is_refused(cell: str) -> None:
    with pytest.raises(feel.FeelSyntaxError):
        feel.compile_unary_tests(cell)


class TestScripts:
    """Script tasks: lines ``result = FEEL``."""

    def test_each_line_sees_the_results_before_it(self, now: datetime) -> None:
        script = feel.parse_script(
            "total = price * count\ndiscount = if total > 100 then 0.1 else 0\npay = total * (1 - discount)"
        )
        assert script.results == ("total", "discount", "pay")
        assert script.names == {"price", "count"}
        assert script.run({"price": 60, "count": 2}, now=now) == {"total": 120, "discount": 0.1, "pay": 108}

    def test_a_statement_may_go_on_over_lines(self, now: datetime) -> None:
        script = feel.parse_script(
            """
            // who signs
            signers = [
              x = 1,
              "b"
            ]; 意见 = "一行
y = 2" +
              z
            ok = x = 1 or
              x = 2
            """
        )
        assert script.results == ("signers", "意见", "ok")
        assert script.run({"x": 2, "z": "!"}, now=now) == {"signers": [False, "b"], "意见": "一行\ny = 2!", "ok": True}

    def test_dates_stay_dates_between_lines_and_become_text_at_the_end(self, now: datetime) -> None:
        script = feel.parse_script('start = today()\nend = start + @"P1M"\nrange = [start..end]')
        assert script.run({}, now=now) == {
            "start": "2026-11-22",
            "end": "2026-12-22",
            "range": "[2026-11-22..2026-12-22]",
        }

    def test_a_result_may_be_set_again(self, now: datetime) -> None:
        script = feel.parse_script("n = n + 1\nn = n * 2")
        assert script.results == ("n",)
        assert script.names == {"n"}
        assert script.run({"n": 1}, now=now) == {"n": 4}

    def test_an_error_in_one_line_gives_no_result_and_names_the_line(self, now: datetime) -> None:
        variables = {"a": 1}
        with pytest.raises(feel.UnknownName) as error:
            feel.parse_script("b = a + 1\nc = missing").run(variables, now=now)
        assert error.value.facts["result"] == "c"
        assert variables == {"a": 1}

    @pytest.mark.parametrize(
        "source, position",
        [
            ("", 0),
            ("1 + 1", 0),
            ("total", 0),
            ("= 5", 0),
            ("a = 1\nb = (2 +", 14),
            ("a = \nb = 2", 3),
            ("a.b = 1", 0),
            ("import os\na = 1", 0),
            ("a = 1 b = 2", 6),
            ("a = __import__('os')", 4),
        ],
    )
    def test_what_is_no_script_is_refused_with_its_place(self, source: str, position: int) -> None:
        with pytest.raises(feel.FeelSyntaxError) as error:
            feel.parse_script(source)
        assert error.value.position == position

    def test_host_functions_and_their_names(self, now: datetime) -> None:
        script = feel.parse_script("due = string(wd(5))")
        assert script.functions == {"string", "wd"}
        assert script.run({}, now=now, functions={"wd": lambda days: "later"}) == {"due": "later"}

    def test_a_long_script_is_refused(self) -> None:
        with pytest.raises(feel.FeelLimit):
            feel.parse_script("a = 1\n" * 3_000)
