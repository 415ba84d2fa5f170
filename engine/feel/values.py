"""FEEL's values and the two borders: what may come in from data, and what goes out as JSON.

| FEEL | Python |
|---|---|
| null, boolean, string | None, bool, str |
| number | int, Decimal (34 digits) |
| date, time, date and time | date, time, datetime |
| days and time duration, years and months duration | timedelta, YearsMonths |
| list, context, range, function | list, dict, Range, Function |

Inside an evaluation every value has exactly one of these types (no subclasses), so that a look at ``type(value)`` tells
what it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.feel import limits
from engine.feel.errors import FeelLimit, FeelTypeError
from engine.feel.numbers import CONTEXT, bounded, format_number, normal, to_json_number
from engine.feel.temporal import YearsMonths, format_temporal
from engine.records import record

if TYPE_CHECKING:
    from engine.feel.run import Run


@record(kw_only=False)
class Range:
    """A range; an end that is None is open to all values on that side."""

    start: Any
    end: Any
    start_included: bool
    end_included: bool


class Function:
    """A function as a value: user-defined, or a built-in one that was passed by its name."""

    __slots__ = ("call", "name", "parameters")

    def __init__(self, name: str, parameters: tuple[str, ...], call: Callable[[Run, list[Any]], Any]) -> None:
        self.name = name
        self.parameters = parameters
        self.call = call


KINDS: dict[type, str] = {
    type(None): "null",
    bool: "boolean",
    int: "number",
    Decimal: "number",
    str: "string",
    date: "date",
    time: "time",
    datetime: "date and time",
    timedelta: "days and time duration",
    YearsMonths: "years and months duration",
    list: "list",
    dict: "context",
    Range: "range",
    Function: "function",
}
KINDS_ZH = {
    "null": "空值",
    "boolean": "是/否",
    "number": "数字",
    "string": "文本",
    "date": "日期",
    "time": "时间",
    "date and time": "日期时间",
    "days and time duration": "天时长",
    "years and months duration": "年月时长",
    "list": "列表",
    "context": "对象",
    "range": "区间",
    "function": "函数",
}
_TEMPORAL = (date, time, timedelta, YearsMonths)
_READY = frozenset((type(None), bool, str, date, time, datetime, timedelta, YearsMonths))


def kind(value: Any) -> str:
    """Return the FEEL type of a value."""
    return KINDS[type(value)]


def kind_zh(value: Any) -> str:
    """Return the FEEL type of a value in Chinese."""
    return KINDS_ZH[KINDS[type(value)]]


def lift(value: Any, run: Run, depth: int = 0) -> Any:
    """Return data as a FEEL value, copied; refuse what is not JSON, a date, a time or a duration.

    Costs steps by size. Floats become decimals with the digits that they print.
    """
    exact = type(value)
    if exact in _READY:
        return value
    if exact is int:
        return _number(bounded(value), run)
    if depth > limits.MAX_DATA_DEPTH:
        limits.too_long("数据的嵌套层数", "nesting of the data", limits.MAX_DATA_DEPTH)
    if isinstance(value, Mapping):
        run.spend_list(len(value))
        return {_key(key): lift(item, run, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        run.spend_list(len(value))
        return [lift(item, run, depth + 1) for item in value]
    if isinstance(value, float):
        return _decimal(Decimal(repr(float(value))), run)
    if isinstance(value, Decimal):
        return _decimal(value, run)
    return _plain(value, run)


def _decimal(value: Decimal, run: Run) -> Any:
    if not value.is_finite():
        return run.null("数据中有非数值（NaN 或无穷大）", "The data holds NaN or infinity")
    try:
        return normal(CONTEXT.plus(value))
    except ArithmeticError:
        return _number(None, run)


def _number(value: int | Decimal | None, run: Run) -> Any:
    return run.null("数据中有过大的数字", "The data holds a number that is too large") if value is None else value


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise FeelTypeError(
            f"数据中对象的键必须是文本，而不是 {type(key).__name__}", f"Keys must be text, not {type(key).__name__}"
        )
    return str(key)


def _plain(value: Any, run: Run) -> Any:
    """Turn subclasses (an enum member, a clock of a test) into the plain type; refuse all other objects."""
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return _number(bounded(int(value)), run)
    if isinstance(value, datetime):
        return datetime.combine(value.date(), value.timetz())
    if isinstance(value, date):
        return date(value.year, value.month, value.day)
    if isinstance(value, Range | Function):  # of an earlier line of the same script
        return value
    raise FeelTypeError(
        f"{type(value).__name__} 类型的值不能进入表达式", f"A {type(value).__name__} may not enter an expression"
    )


def to_json(value: Any) -> Any:
    """Return a value of ``Expression.evaluate`` as JSON.

    Whole numbers are ints, others the nearest float; dates, times and durations are ISO 8601 text (``+08:00``, no zone
    names); ranges are FEEL text. Raises FeelTypeError for functions and FeelLimit for what no JSON reader takes.
    """
    return _to_json(value, [limits.MAX_STEPS * 10], 0)


def _to_json(value: Any, budget: list[int], depth: int) -> Any:
    exact = type(value)
    if exact in (type(None), bool, str):
        return value
    if exact is int or exact is Decimal:
        number = to_json_number(value)
        if number is None:
            raise FeelLimit("结果是过大的数字", "The result is a number that is too large")
        return number
    # One list may stand at many places of the result, which JSON writes out at each: count what is written.
    budget[0] -= 1
    if budget[0] < 0 or depth > limits.MAX_DATA_DEPTH * 2:
        raise FeelLimit("结果过大或嵌套过深", "The result is too large or nested too deeply")
    if exact is list:
        budget[0] -= len(value)
        return [_to_json(item, budget, depth + 1) for item in value]
    if exact is dict:
        budget[0] -= len(value)
        return {key: _to_json(item, budget, depth + 1) for key, item in value.items()}
    if exact is datetime:
        return value.isoformat()
    if isinstance(value, _TEMPORAL):
        return format_temporal(value)
    if exact is Range:
        return text_of(value, None)
    raise FeelTypeError(f"结果是{KINDS_ZH.get(KINDS.get(exact, ''), '对象')}，不能保存", "The result cannot be stored")


def text_of(value: Any, run: Run | None, depth: int = 0) -> str:
    """Return the text of a value as ``string()`` gives it inside a list: FEEL that reads back, strings in quotes."""
    if run is not None:
        run.spend(1)
    limits.check_depth(depth)
    exact = type(value)
    if value is None:
        return "null"
    if exact is bool:
        return "true" if value else "false"
    if exact is int or exact is Decimal:
        return format_number(value)
    if exact is str:
        return f'"{value}"'
    if exact is list:
        return _joined("[", (text_of(item, run, depth + 1) for item in value), "]", run)
    if exact is dict:
        return _joined("{", (f"{key}: {text_of(item, run, depth + 1)}" for key, item in value.items()), "}", run)
    if exact is Range:
        opening, closing = "[" if value.start_included else "(", "]" if value.end_included else ")"
        return f"{opening}{text_of(value.start, run, depth + 1)}..{text_of(value.end, run, depth + 1)}{closing}"
    if isinstance(value, _TEMPORAL):
        return format_temporal(value)
    return f"function {value.name}"


def _joined(opening: str, parts: Any, closing: str, run: Run | None) -> str:
    pieces: list[str] = []
    length = 0
    for part in parts:
        pieces.append(part)
        length += len(part) + 2
        limits.check_text(length)
    if run is not None:
        run.spend_text(length)
    return opening + ", ".join(pieces) + closing
