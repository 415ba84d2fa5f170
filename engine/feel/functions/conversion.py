"""Built-in functions from one type to another (DMN table 67)."""

import re
from typing import Any

from engine.feel.functions.registry import builtin
from engine.feel.numbers import CONTEXT, Number, normal
from engine.feel.run import Run
from engine.feel.values import text_of

_NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")


@builtin("string(from: any?)", "转换为文本")
def _string(run: Run, value: Any) -> str | None:
    return value if value is None or type(value) is str else text_of(value, run)


@builtin("number(from: string | number)", "文本转换为数字")
def _number(value: Any) -> Number | None:
    return read_number(value) if type(value) is str else value


@builtin("number(from: string, grouping separator: string?, decimal separator?: string?)", "按分组符和小数点转换为数字")
def _number_with_separators(text: str, grouping: str | None, decimal: str | None = None) -> Number | None:
    if grouping not in (None, " ", ",", ".") or decimal not in (None, ",", "."):
        return None
    if grouping is not None and grouping == (decimal or "."):
        return None
    if grouping:
        text = text.replace(grouping, "")
    return read_number(text.replace(decimal, ".") if decimal else text)


def read_number(text: str) -> Number | None:
    """Return the number that a text is, None when it is none."""
    if len(text) > 100 or not _NUMBER.fullmatch(text):
        return None
    try:
        return normal(CONTEXT.create_decimal(text))
    except ArithmeticError:
        return None
