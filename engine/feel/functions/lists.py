"""Built-in functions on lists (DMN table 73). Positions count from 1, from the end when negative."""

from decimal import Decimal
from functools import cmp_to_key
from typing import Any

from engine.feel import limits
from engine.feel.functions.registry import builtin
from engine.feel.numbers import CONTEXT, Number, calculate, format_number, normal
from engine.feel.operators import compare, equal, is_number
from engine.feel.run import Run
from engine.feel.values import Function, kind


@builtin("list contains(list: list, element: any?)", "列表中有某一项")
def _list_contains(run: Run, items: list[Any], element: Any) -> bool:
    return any(equal(item, element, run) is True for item in items)


@builtin("count(list: list)", "项数")
def _count(items: list[Any]) -> int:
    return len(items)


@builtin("is empty(list: list)", "列表为空", extension=True)
def _is_empty(items: list[Any]) -> bool:
    return not items


@builtin("min(list...: point)", "最小的一项")
def _min(run: Run, items: list[Any]) -> Any:
    return _extreme(items, "<", run)


@builtin("max(list...: point)", "最大的一项")
def _max(run: Run, items: list[Any]) -> Any:
    return _extreme(items, ">", run)


def _extreme(items: list[Any], operator: str, run: Run) -> Any:
    if not items:
        return None
    best = items[0]
    for item in items:
        if compare(operator, item, item, run) is None:
            return None
        better = compare(operator, item, best, run)
        if better is None:
            return None
        best = item if better else best
    return best


def _numbers(items: list[Any]) -> bool:
    return bool(items) and all(is_number(item) for item in items)


@builtin("sum(list...: number)", "合计")
def _sum(items: list[Any]) -> Number | None:
    return _folded("+", items)


@builtin("product(list...: number)", "乘积")
def _product(items: list[Any]) -> Number | None:
    return _folded("*", items)


def _folded(operator: str, items: list[Any]) -> Number | None:
    if not _numbers(items):
        return None
    total: Number = items[0]
    for item in items[1:]:
        result = calculate(operator, total, item)
        if result is None:
            return None
        total = result
    return total


@builtin("mean(list...: number)", "平均数")
def _mean(items: list[Any]) -> Number | None:
    total = _folded("+", items)
    return None if total is None else calculate("/", total, len(items))


@builtin("median(list...: number)", "中位数")
def _median(items: list[Any]) -> Number | None:
    if not _numbers(items):
        return None
    ordered: list[Number] = sorted(items)
    middle = len(items) // 2
    return ordered[middle] if len(items) % 2 else _mean(ordered[middle - 1 : middle + 1])


@builtin("stddev(list...: number)", "样本标准差")
def _stddev(items: list[Any]) -> Number | None:
    mean = _mean(items)
    if mean is None or len(items) < 2:
        return None
    try:
        deviations = (CONTEXT.subtract(Decimal(item), Decimal(mean)) for item in items)
        squares = [CONTEXT.multiply(deviation, deviation) for deviation in deviations]
        total = squares[0]
        for square in squares[1:]:
            total = CONTEXT.add(total, square)
        return normal(CONTEXT.sqrt(CONTEXT.divide(total, Decimal(len(items) - 1))))
    except ArithmeticError:
        return None


@builtin("mode(list...: number)", "出现最多的数（列表）")
def _mode(items: list[Any]) -> list[Any] | None:
    if not items:
        return []
    if not _numbers(items):
        return None
    counts: dict[Number, int] = {}
    for item in items:
        counts[item] = counts.get(item, 0) + 1
    most = max(counts.values())
    return sorted(item for item, count in counts.items() if count == most)


@builtin("sublist(list: list, start position: number, length?: number)", "列表的一段")
def _sublist(run: Run, items: list[Any], start: Number, length: Number | None = None) -> list[Any] | None:
    place = _index(items, start, run)
    if place is None:
        return None
    if length is None:
        return items[place:]
    return items[place : place + int(length)] if 1 <= length <= len(items) - place else None


def _index(items: list[Any], position: Number, run: Run) -> int | None:
    """Return the 0-based index of a position, None when the list has no such place."""
    if 1 <= position <= len(items):
        return int(position) - 1
    if -len(items) <= position <= -1:
        return len(items) + int(position)
    text = format_number(position)
    run.null(f"列表没有第 {text} 项", f"The list has no item {text}")
    return None


@builtin("append(list: list, items...: any)", "在末尾加入若干项")
def _append(items: list[Any], more: list[Any]) -> list[Any]:
    return items + more


@builtin("concatenate(list: list, lists...: list)", "连接多个列表")
def _concatenate(run: Run, first: list[Any], more: list[Any]) -> list[Any]:
    result = list(first)
    for item in more:
        result += item if type(item) is list else [item]
        run.spend_list(len(result))
    return result


@builtin("insert before(list: list, position: number, newItem: any?)", "在某一位置之前插入")
def _insert_before(run: Run, items: list[Any], position: Number, item: Any) -> list[Any] | None:
    place = _index(items, position, run)
    return None if place is None else [*items[:place], item, *items[place:]]


@builtin("remove(list: list, position: number)", "去掉某一位置的项")
def _remove(run: Run, items: list[Any], position: Number) -> list[Any] | None:
    place = _index(items, position, run)
    return None if place is None else items[:place] + items[place + 1 :]


@builtin("list replace(list: list, position: number, newItem: any?)", "替换某一位置的项")
def _replace_at(run: Run, items: list[Any], position: Number, item: Any) -> list[Any] | None:
    place = _index(items, position, run)
    return None if place is None else [*items[:place], item, *items[place + 1 :]]


@builtin("list replace(list: list, match: function, newItem: any?)", "替换 match(项, 新项) 为是的各项")
def _replace_matching(run: Run, items: list[Any], match: Function, item: Any) -> list[Any] | None:
    result = []
    for old in items:
        matched = match.call(run, [old, item])
        if type(matched) is not bool:
            run.null("match 函数的结果不是是/否", "The match function does not give true or false")
            return None
        result.append(item if matched else old)
    return result


@builtin("reverse(list: list)", "倒序")
def _reverse(items: list[Any]) -> list[Any]:
    return items[::-1]


@builtin("index of(list: list, match: any?)", "各处出现的位置")
def _index_of(run: Run, items: list[Any], match: Any) -> list[int]:
    return [place for place, item in enumerate(items, 1) if equal(item, match, run) is True]


@builtin("union(lists...: list)", "并集，去掉重复")
def _union(run: Run, lists: list[Any]) -> list[Any]:
    return _distinct(_concatenate(run, [], lists), run)


@builtin("distinct values(list: list)", "去掉重复的项")
def _distinct_values(run: Run, items: list[Any]) -> list[Any]:
    return _distinct(items, run)


def _distinct(items: list[Any], run: Run) -> list[Any]:
    seen = _Seen(run)
    return [item for item in items if seen.add(item)]


@builtin("duplicate values(list: list)", "重复出现的项", extension=True)
def _duplicate_values(run: Run, items: list[Any]) -> list[Any]:
    seen = _Seen(run)
    return _distinct([item for item in items if not seen.add(item)], run)


class _Seen:
    """A set by FEEL's equality: by hash for plain values, by comparison, which is paid for, for lists and contexts."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._plain: set[tuple[str, Any]] = set()
        self._others: list[Any] = []

    def add(self, value: Any) -> bool:
        """Add a value; return False when an equal one was there."""
        what = kind(value)
        if what not in ("list", "context", "range", "function"):
            before = len(self._plain)
            self._plain.add((what, value))
            return len(self._plain) > before
        self._run.spend(len(self._others))
        if any(equal(value, other, self._run) is True for other in self._others):
            return False
        self._others.append(value)
        return True


@builtin("flatten(list: list)", "展开嵌套的列表")
def _flatten(run: Run, items: list[Any]) -> list[Any]:
    result: list[Any] = []
    _flatten_into(result, items, run, 0)
    return result


def _flatten_into(result: list[Any], items: list[Any], run: Run, depth: int) -> None:
    limits.check_depth(depth)
    run.spend(1 + len(items) // limits.ITEMS_PER_STEP)
    for item in items:
        if type(item) is list:
            _flatten_into(result, item, run, depth + 1)
        else:
            result.append(item)
            limits.check_list(len(result))


@builtin("partition(list: list, size: number)", "按每组若干项分组", extension=True)
def _partition(items: list[Any], size: Number) -> list[Any] | None:
    step = int(size)
    return [items[i : i + step] for i in range(0, len(items), step)] if step > 0 else None


@builtin("sort(list: list)", "按自然顺序排序", extension=True)
def _sort(run: Run, items: list[Any]) -> list[Any] | None:
    run.spend(len(items))
    if any(compare("<", items[0], item, run) is None for item in items):
        return None
    return sorted(items, key=cmp_to_key(lambda a, b: _sign(compare("<", a, b, run), compare("<", b, a, run))))


@builtin("sort(list: list, precedes: function)", "按 function(x, y) x 在前 排序")
def _sort_by(run: Run, items: list[Any], precedes: Function) -> list[Any]:
    def order(a: Any, b: Any) -> int:
        return -1 if precedes.call(run, [a, b]) is True else int(precedes.call(run, [b, a]) is True)

    return sorted(items, key=cmp_to_key(order))


def _sign(less: bool | None, greater: bool | None) -> int:
    return -1 if less else int(bool(greater))
