"""Numbers: 34 decimal digits (IEEE 754-2008 decimal128, as DMN 10.3.2.3.1 asks); whole ones are Python ints.

A FEEL number is an ``int`` below 10**34 or else a finite ``Decimal``. Operations that have no result (division by zero,
overflow, the root of a negative number) return None, which is FEEL's null.
"""

from decimal import (
    ROUND_FLOOR,
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
)

from engine.feel import limits
from engine.feel.errors import FeelSyntaxError

Number = int | Decimal

CONTEXT = Context(
    prec=34, rounding=ROUND_HALF_EVEN, Emin=-6143, Emax=6144, traps=[InvalidOperation, Overflow, DivisionByZero]
)
_WHOLE = 10**34
_MOST_BITS = 22_000  # a longer int does not fit below 10**6144, and making a Decimal of it takes quadratic time


def normal(value: Decimal) -> Number:
    """Return ``value`` as an int when it is whole and fits; raise InvalidOperation for infinity, which 0 ** -1 gives."""
    if not value.is_finite():
        raise InvalidOperation
    if value == value.to_integral_value() and -_WHOLE < value < _WHOLE:
        return int(value)
    return value


def bounded(value: int) -> Number | None:
    """Return an int of any size as a number: above 34 digits it is rounded, above 10**6144 it is None."""
    if -_WHOLE < value < _WHOLE:
        return value
    if value.bit_length() > _MOST_BITS:
        return None
    try:
        return CONTEXT.create_decimal(value)
    except ArithmeticError:
        return None


def parse_number(text: str, position: int = 0) -> Number:
    """Return the number that a literal means; refuse what does not fit."""
    try:
        return normal(CONTEXT.create_decimal(text))
    except ArithmeticError:
        raise FeelSyntaxError(f"数字 {text[:40]} 过大", f"The number {text[:40]} is too large", position) from None


def calculate(operator: str, left: Number, right: Number) -> Number | None:
    """Return ``left operator right`` for + - * / ** and % (JUEL's remainder, with the sign of the dividend)."""
    if type(left) is int and type(right) is int and operator in _WHOLE_OPERATORS:
        whole = _WHOLE_OPERATORS[operator](left, right)
        return whole if -_WHOLE < whole < _WHOLE else bounded(whole)
    if operator == "**":
        return power(left, right)
    try:
        return normal(_DECIMAL_OPERATORS[operator](Decimal(left), Decimal(right)))
    except ArithmeticError:
        return None


_WHOLE_OPERATORS = {"+": int.__add__, "-": int.__sub__, "*": int.__mul__}
_DECIMAL_OPERATORS = {
    "+": CONTEXT.add,
    "-": CONTEXT.subtract,
    "*": CONTEXT.multiply,
    "/": CONTEXT.divide,
    "%": CONTEXT.remainder,
}


def power(base: Number, exponent: Number) -> Number | None:
    """Return ``base ** exponent``; an exponent beyond the bound is refused before any work is done."""
    if not -limits.MAX_EXPONENT <= exponent <= limits.MAX_EXPONENT:
        limits.too_long("指数", "exponent", limits.MAX_EXPONENT)
    try:
        return normal(CONTEXT.power(Decimal(base), Decimal(exponent)))
    except ArithmeticError:
        return None


def modulo(dividend: Number, divisor: Number) -> Number | None:
    """Return the remainder with the sign of the divisor: dividend - divisor * floor(dividend / divisor)."""
    if divisor == 0:
        return None
    if type(dividend) is int and type(divisor) is int:
        return dividend % divisor
    try:
        a, b = Decimal(dividend), Decimal(divisor)
        rest = CONTEXT.remainder(a, b)
        return normal(rest if rest == 0 or (rest < 0) == (b < 0) else CONTEXT.add(rest, b))
    except ArithmeticError:
        return None


def rounded(number: Number, scale: Number, mode: str) -> Number | None:
    """Return ``number`` with at most ``scale`` digits after the point (negative: zeros before it); DMN table 74."""
    places = int(scale)
    if not -6111 <= places <= 6176:
        return None
    value = Decimal(number)
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and -exponent <= places:
        return number
    try:
        return normal(value.quantize(Decimal((0, (1,), -places)), rounding=mode, context=CONTEXT))
    except ArithmeticError:
        return None


def floor(number: Number) -> int | None:
    """Return the largest whole number that is not above ``number``, None when it has more than 34 digits."""
    whole = rounded(number, 0, ROUND_FLOOR)
    return whole if isinstance(whole, int) else None


def format_number(number: Number) -> str:
    """Return the number without exponent and trailing zeros, or with an exponent when it is very long."""
    if isinstance(number, int):
        return str(number)
    plain = CONTEXT.normalize(number)
    return format(plain, "f") if -40 < plain.adjusted() < 40 else str(plain)


def to_json_number(number: Number) -> int | float | None:
    """Return an int when the number is whole, otherwise the nearest float; None when no float is that large."""
    if isinstance(number, int):
        return number
    try:
        result = float(number)
    except OverflowError:
        return None
    return result if abs(result) != float("inf") else None
