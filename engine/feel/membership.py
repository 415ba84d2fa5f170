"""Tests of a value: between, in, ranges and the cells of decision tables (DMN 10.3.2.5 and 10.3.1.2 rule 15)."""

from collections.abc import Callable
from typing import Any

from engine.feel import syntax as s
from engine.feel.compiler import Compiler, rule
from engine.feel.operators import compare, contains, equal
from engine.feel.run import Env, Eval
from engine.feel.values import Range


@rule(s.Between)
def _between(compiler: Compiler, node: s.Between) -> Eval:
    value, low, high = (compiler.compile(part) for part in (node.value, node.low, node.high))

    def between(env: Env) -> bool | None:
        found, run = value(env), env.run
        above, below = compare(">=", found, low(env), run), compare("<=", found, high(env), run)
        return None if above is None or below is None else above and below

    return between


@rule(s.UnaryComparison)
def _unary_comparison(compiler: Compiler, node: s.UnaryComparison) -> Eval:
    """As a value of its own, ``(< 5)`` is a range that is open on one side (DMN 1.4)."""
    operand, operator = compiler.compile(node.operand), node.operator

    def make(env: Env) -> Any:
        end = operand(env)
        if operator == "!=" or end is None:
            return env.run.null("区间的端点不能是空值", "The end of a range may not be null")
        if operator == "=":
            return Range(end, end, True, True)
        included = operator.endswith("=")
        return Range(None, end, False, included) if operator[0] == "<" else Range(end, None, included, False)

    return make


@rule(s.In)
def _in(compiler: Compiler, node: s.In) -> Eval:
    value = compiler.compile(node.value)
    tests = [_test(compiler, test, node.cell) for test in node.tests]

    def any_test(env: Env) -> bool | None:
        found = value(env)
        result: bool | None = False
        for test in tests:
            holds = test(found, env)
            if holds:
                return True
            if holds is None:
                result = None
        return result

    return any_test


def _test(compiler: Compiler, node: s.Node, cell: bool) -> Callable[[Any, Env], bool | None]:
    """One test of a value; in a cell, an expression over ``?`` or a condition on other variables decides by itself."""
    if isinstance(node, s.UnaryComparison):
        return _comparison_test(compiler.compile(node.operand), node.operator)
    expression = compiler.compile(node)
    if cell and any(isinstance(part, s.Variable) and part.name == "?" for part in s.walk(node)):
        return lambda value, env: expression(env) is True

    def holds(value: Any, env: Env) -> bool | None:
        test = expression(env)
        if cell and type(test) is bool and type(value) is not bool:
            return test
        return contains(test, value, env.run)

    return holds


def _comparison_test(operand: Eval, operator: str) -> Callable[[Any, Env], bool | None]:
    if operator == "=":
        return lambda value, env: equal(value, operand(env), env.run)
    if operator == "!=":
        return lambda value, env: None if (same := equal(value, operand(env), env.run)) is None else not same
    return lambda value, env: compare(operator, value, operand(env), env.run)


@rule(s.RangeOf)
def _range(compiler: Compiler, node: s.RangeOf) -> Eval:
    start, end = compiler.compile(node.start), compiler.compile(node.end)

    def make(env: Env) -> Any:
        low, high = start(env), end(env)
        if low is None or high is None or compare("<=", low, high, env.run) is None:
            return env.run.null("区间的两端不能比较", "The ends of the range cannot be compared")
        return Range(low, high, node.start_included, node.end_included)

    return make
