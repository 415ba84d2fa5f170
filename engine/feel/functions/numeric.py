"""Built-in functions on numbers (DMN table 74)."""

from collections.abc import Callable
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
)
from typing import Any

from engine.feel.functions.registry import builtin
from engine.feel.numbers import CONTEXT, Number, modulo, normal, rounded
from engine.feel.temporal import YearsMonths


@builtin("decimal(n: number, scale: number)", "保留若干位小数，四舍六入五成双")
def _decimal(n: Number, scale: Number) -> Number | None:
    return rounded(n, scale, ROUND_HALF_EVEN)


@builtin("floor(n: number, scale?: number)", "向下取整（或取到若干位小数）")
def _floor(n: Number, scale: Number | None = None) -> Number | None:
    return rounded(n, scale or 0, ROUND_FLOOR)


@builtin("ceiling(n: number, scale?: number)", "向上取整（或取到若干位小数）")
def _ceiling(n: Number, scale: Number | None = None) -> Number | None:
    return rounded(n, scale or 0, ROUND_CEILING)


@builtin("round up(n: number, scale: number)", "远离零的方向舍入")
def _round_up(n: Number, scale: Number) -> Number | None:
    return rounded(n, scale, ROUND_UP)


@builtin("round down(n: number, scale: number)", "靠近零的方向舍入")
def _round_down(n: Number, scale: Number) -> Number | None:
    return rounded(n, scale, ROUND_DOWN)


@builtin("round half up(n: number, scale: number)", "四舍五入")
def _round_half_up(n: Number, scale: Number) -> Number | None:
    return rounded(n, scale, ROUND_HALF_UP)


@builtin("round half down(n: number, scale: number)", "五舍六入")
def _round_half_down(n: Number, scale: Number) -> Number | None:
    return rounded(n, scale, ROUND_HALF_DOWN)


@builtin("abs(n: number | duration)", "绝对值")
def _abs(n: Any) -> Any:
    if type(n) is YearsMonths:
        return YearsMonths(abs(n.months))
    return n.copy_abs() if type(n) is Decimal else abs(n)


@builtin("modulo(dividend: number, divisor: number)", "余数，符号与除数相同")
def _modulo(dividend: Number, divisor: Number) -> Number | None:
    return modulo(dividend, divisor)


@builtin("sqrt(number: number)", "平方根")
def _sqrt(number: Number) -> Number | None:
    return _computed(CONTEXT.sqrt, number)


@builtin("log(number: number)", "自然对数")
def _log(number: Number) -> Number | None:
    return _computed(CONTEXT.ln, number) if number > 0 else None


@builtin("exp(number: number)", "e 的若干次方")
def _exp(number: Number) -> Number | None:
    return _computed(CONTEXT.exp, number)


def _computed(function: Callable[[Decimal], Decimal], number: Number) -> Number | None:
    try:
        return normal(function(Decimal(number)))
    except ArithmeticError:
        return None


@builtin("odd(number: number)", "是奇数")
def _odd(number: Number) -> bool | None:
    rest = modulo(number, 2)
    return None if rest is None else rest == 1


@builtin("even(number: number)", "是偶数")
def _even(number: Number) -> bool | None:
    rest = modulo(number, 2)
    return None if rest is None else rest == 0
