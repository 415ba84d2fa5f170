"""How points and ranges lie to each other (DMN table 78, after Allen's interval algebra)."""

import re
from collections.abc import Callable
from typing import Any

from engine.feel.functions.conversion import read_number
from engine.feel.functions.registry import builtin
from engine.feel.operators import compare, in_range
from engine.feel.run import Run
from engine.feel.temporal import parse_temporal
from engine.feel.values import Range

_Relation = Callable[["_Ends", Any, Any], bool]


class _Unknown(Exception):
    """Two ends cannot be compared: the relation is null."""


class _Ends:
    """Comparisons of ends that give up as a whole when one of them has no answer."""

    def __init__(self, run: Run) -> None:
        self.run = run

    def less(self, left: Any, right: Any) -> bool:
        result = compare("<", left, right, self.run)
        if result is None:
            raise _Unknown
        return result

    def same(self, left: Any, right: Any) -> bool:
        return not self.less(left, right) and not self.less(right, left)


def _relation(name: str, first: str, second: str, zh: str) -> Callable[[_Relation], _Relation]:
    """Declare one form of a relation; ``first`` and ``second`` read "point" or "range", with the parameter's name."""
    parameters = ", ".join(f"{text}: {text.rstrip('12')}" for text in (first, second))

    def register(relation: _Relation) -> _Relation:
        def function(run: Run, left: Any, right: Any) -> bool | None:
            try:
                return relation(_Ends(run), left, right)
            except _Unknown:
                return None

        builtin(f"{name}({parameters})", zh)(function)
        return relation

    return register


@_relation("before", "point1", "point2", "在前")
def _point_before(ends: _Ends, a: Any, b: Any) -> bool:
    return ends.less(a, b)


@_relation("before", "point", "range", "在区间之前")
def _point_before_range(ends: _Ends, a: Any, b: Range) -> bool:
    return ends.less(a, b.start) or (not b.start_included and ends.same(a, b.start))


@_relation("before", "range", "point", "区间在前")
def _range_before_point(ends: _Ends, a: Range, b: Any) -> bool:
    return ends.less(a.end, b) or (not a.end_included and ends.same(a.end, b))


@_relation("before", "range1", "range2", "区间在前")
def _before(ends: _Ends, a: Range, b: Range) -> bool:
    return ends.less(a.end, b.start) or (not (a.end_included and b.start_included) and ends.same(a.end, b.start))


_relation("after", "point1", "point2", "在后")(lambda ends, a, b: _point_before(ends, b, a))
_relation("after", "point", "range", "在区间之后")(lambda ends, a, b: _range_before_point(ends, b, a))
_relation("after", "range", "point", "区间在后")(lambda ends, a, b: _point_before_range(ends, b, a))
_relation("after", "range1", "range2", "区间在后")(lambda ends, a, b: _before(ends, b, a))


@_relation("meets", "range1", "range2", "首尾相接")
def _meets(ends: _Ends, a: Range, b: Range) -> bool:
    return a.end_included and b.start_included and ends.same(a.end, b.start)


_relation("met by", "range1", "range2", "尾首相接")(lambda ends, a, b: _meets(ends, b, a))


def _reaches(ends: _Ends, a: Range, b: Range) -> bool:
    """Does ``a`` go on at least to the first point of ``b``?"""
    return ends.less(b.start, a.end) or (a.end_included and b.start_included and ends.same(a.end, b.start))


@_relation("overlaps", "range1", "range2", "有重叠")
def _overlaps(ends: _Ends, a: Range, b: Range) -> bool:
    return _reaches(ends, a, b) and _reaches(ends, b, a)


@_relation("overlaps before", "range1", "range2", "重叠并先开始")
def _overlaps_before(ends: _Ends, a: Range, b: Range) -> bool:
    starts_first = ends.less(a.start, b.start) or (
        a.start_included and not b.start_included and ends.same(a.start, b.start)
    )
    return starts_first and _reaches(ends, a, b) and _ends_not_later(ends, a, b)


_relation("overlaps after", "range1", "range2", "重叠并后结束")(lambda ends, a, b: _overlaps_before(ends, b, a))


def _ends_not_later(ends: _Ends, a: Range, b: Range) -> bool:
    return ends.less(a.end, b.end) or ((not a.end_included or b.end_included) and ends.same(a.end, b.end))


def _starts_not_earlier(ends: _Ends, a: Range, b: Range) -> bool:
    return ends.less(b.start, a.start) or ((not a.start_included or b.start_included) and ends.same(a.start, b.start))


@_relation("finishes", "point", "range", "是区间的终点")
def _point_finishes(ends: _Ends, a: Any, b: Range) -> bool:
    return b.end_included and ends.same(a, b.end)


@_relation("finishes", "range1", "range2", "同时结束，开始不早")
def _finishes(ends: _Ends, a: Range, b: Range) -> bool:
    return a.end_included == b.end_included and ends.same(a.end, b.end) and _starts_not_earlier(ends, a, b)


_relation("finished by", "range", "point", "以该点为终点")(lambda ends, a, b: _point_finishes(ends, b, a))
_relation("finished by", "range1", "range2", "同时结束，开始不晚")(lambda ends, a, b: _finishes(ends, b, a))


@_relation("includes", "range", "point", "区间包含点")
def _includes_point(ends: _Ends, a: Range, b: Any) -> bool:
    result = in_range(b, a, ends.run)
    if result is None:
        raise _Unknown
    return result


@_relation("includes", "range1", "range2", "区间包含区间")
def _includes(ends: _Ends, a: Range, b: Range) -> bool:
    return _starts_not_earlier(ends, b, a) and _ends_not_later(ends, b, a)


_relation("during", "point", "range", "在区间之内")(lambda ends, a, b: _includes_point(ends, b, a))
_relation("during", "range1", "range2", "在区间之内")(lambda ends, a, b: _includes(ends, b, a))


@_relation("starts", "point", "range", "是区间的起点")
def _point_starts(ends: _Ends, a: Any, b: Range) -> bool:
    return b.start_included and ends.same(a, b.start)


@_relation("starts", "range1", "range2", "同时开始，结束不晚")
def _starts(ends: _Ends, a: Range, b: Range) -> bool:
    return a.start_included == b.start_included and ends.same(a.start, b.start) and _ends_not_later(ends, a, b)


_relation("started by", "range", "point", "以该点为起点")(lambda ends, a, b: _point_starts(ends, b, a))
_relation("started by", "range1", "range2", "同时开始，结束不早")(lambda ends, a, b: _starts(ends, b, a))


@_relation("coincides", "point1", "point2", "相同")
def _point_coincides(ends: _Ends, a: Any, b: Any) -> bool:
    return ends.same(a, b)


@_relation("coincides", "range1", "range2", "相同")
def _coincides(ends: _Ends, a: Range, b: Range) -> bool:
    same_brackets = (a.start_included, a.end_included) == (b.start_included, b.end_included)
    return same_brackets and ends.same(a.start, b.start) and ends.same(a.end, b.end)


_RANGE_TEXT = re.compile(r"\s*([\[\](])\s*(.*?)\s*\.\.\s*(.*?)\s*([\])\[])\s*", re.DOTALL)
_LONGEST_RANGE_TEXT = 200


@builtin("range(from: string)", '由文本得到区间：range("[1..10)")')
def _range(run: Run, text: str) -> Range | None:
    run.spend(8)
    match = _RANGE_TEXT.fullmatch(text) if len(text) <= _LONGEST_RANGE_TEXT else None
    start, end = (_constant(match[2]), _constant(match[3])) if match else (None, None)
    if match is None or start is None or end is None or compare("<=", start, end, run) is None:
        run.null(f"「{text[:40]}」不是区间", f'"{text[:40]}" is no range')
        return None
    return Range(start, end, match[1] == "[", match[4] == "]")


def _constant(text: str) -> Any:
    """Read the end of a range: a number, a "text", or a date, time or duration as @"...", or nothing else."""
    if text.startswith('@"') and text.endswith('"'):
        return parse_temporal(text[2:-1])
    if len(text) > 1 and text[0] == text[-1] == '"':
        return text[1:-1]
    return read_number(text)
