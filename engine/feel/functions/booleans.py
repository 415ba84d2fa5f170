"""Built-in functions on true and false."""

from typing import Any

from engine.feel.functions.registry import builtin
from engine.feel.operators import equal
from engine.feel.run import Run
from engine.feel.values import kind, text_of


@builtin("not(negand: any?)", "取反；不是是/否时为空值")
def _not(negand: Any) -> bool | None:
    return not negand if type(negand) is bool else None


@builtin("is(value1: any?, value2: any?)", "类型和值完全相同（时区写法也相同）")
def _is(run: Run, value1: Any, value2: Any) -> bool:
    if kind(value1) != kind(value2):
        return False
    same = equal(value1, value2, run) is True
    return same and (kind(value1) not in ("time", "date and time") or text_of(value1, run) == text_of(value2, run))


@builtin("all(list...: boolean)", "每一项都为是")
def _all(items: list[Any]) -> bool | None:
    return _decide(items, decisive=False)


@builtin("any(list...: boolean)", "至少一项为是")
def _any(items: list[Any]) -> bool | None:
    return _decide(items, decisive=True)


def _decide(items: list[Any], *, decisive: bool) -> bool | None:
    if any(type(item) is not bool and item is not None for item in items):
        return None
    if decisive in items:
        return decisive
    return None if None in items else not decisive
