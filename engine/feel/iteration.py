"""What repeats: for, some, every and filters; each turn pays for the size of its body."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from engine.feel import limits
from engine.feel import syntax as s
from engine.feel.compiler import Compiler, rule
from engine.feel.errors import UnknownName
from engine.feel.numbers import Number, calculate
from engine.feel.operators import NUMBERS, is_number
from engine.feel.run import MISSING, Env, Eval, Run
from engine.feel.values import Range, kind, kind_zh

_Source = tuple[str, Eval]


@rule(s.For)
def _for(compiler: Compiler, node: s.For) -> Eval:
    sources, body = _bindings(compiler, node.bindings, node.body, "partial")
    cost = s.measure(node.body)[0]

    def loop(env: Env) -> list[Any] | None:
        results: list[Any] = []
        try:
            for turn in _turns(env.inner({"partial": results}), sources, cost):
                results.append(body(turn))
                limits.check_list(len(results))
        except _NothingToIterate:
            return None
        return results

    return loop


@rule(s.Quantified)
def _quantified(compiler: Compiler, node: s.Quantified) -> Eval:
    sources, condition = _bindings(compiler, node.bindings, node.condition)
    cost = s.measure(node.condition)[0]
    decisive = not node.every

    def check(env: Env) -> bool | None:
        known = True
        try:
            for turn in _turns(env, sources, cost):
                value = condition(turn)
                if value is decisive:
                    return bool(value)
                known = known and type(value) is bool
        except _NothingToIterate:
            return None
        return not decisive if known else None

    return check


def _bindings(
    compiler: Compiler, bindings: tuple[s.Binding, ...], body: s.Node, *more: str
) -> tuple[list[_Source], Eval]:
    """Compile the sources, each of which sees the names before it, and the body, which sees all."""
    sources = []
    with compiler.binding(*more):
        for binding in bindings:
            sources.append((binding.name, _source(compiler, binding)))
            compiler.bound |= {binding.name}
        return sources, compiler.compile(body)


def _source(compiler: Compiler, binding: s.Binding) -> Eval:
    start = compiler.compile(binding.source)
    if binding.end is None:
        return lambda env: _items(start(env), env.run)
    end = compiler.compile(binding.end)
    return lambda env: _steps(start(env), end(env), env.run)


class _NothingToIterate(Exception):
    """A source is null: then the whole loop is null, for an empty list would make ``every`` true."""


def _turns(env: Env, sources: list[_Source], cost: int) -> Iterator[Env]:
    """Yield one environment for each combination of items, the last name turning fastest."""
    (name, source), rest = sources[0], sources[1:]
    items = source(env)
    if items is None:
        raise _NothingToIterate
    for item in items:
        env.run.spend(cost)
        turn = env.inner({name: item})
        if rest:
            yield from _turns(turn, rest, cost)
        else:
            yield turn


def _items(value: Any, run: Run) -> Any:
    if type(value) is list:
        return value
    if type(value) is Range:
        return _range_items(value, run)
    if value is None:
        return run.null("不能遍历空值", "null cannot be iterated")
    return [value]


def _range_items(bounds: Range, run: Run) -> Any:
    items = _steps(bounds.start, bounds.end, run)
    if items is None or not len(items):
        return items
    return items[0 if bounds.start_included else 1 : len(items) if bounds.end_included else -1]


def _steps(start: Any, end: Any, run: Run) -> Any:
    """Whole numbers or days from ``start`` to ``end``, downwards when the end is smaller."""
    if type(start) is date and type(end) is date:
        count, days = (end - start).days, 1 if start <= end else -1
        limits.check_list(abs(count))
        return [start + timedelta(days=i * days) for i in range(abs(count) + 1)]
    if type(start) not in NUMBERS or type(end) not in NUMBERS:
        return run.null(
            f"不能从{kind_zh(start)}数到{kind_zh(end)}", f"One cannot count from a {kind(start)} to a {kind(end)}"
        )
    return _numbers(start, end)


def _numbers(start: Number, end: Number) -> Any:
    distance = calculate("-", end, start)
    limits.check_list(limits.MAX_LIST + 1 if distance is None else distance)
    if type(start) is int and type(end) is int:
        return range(start, end + 1) if start <= end else range(start, end - 1, -1)
    step = 1 if start <= end else -1
    return [calculate("+", start, i * step) for i in range(abs(int(distance or 0)) + 1)]


@rule(s.Filter)
def _filter(compiler: Compiler, node: s.Filter) -> Eval:
    base = compiler.compile(node.base)
    predicate = compiler.compile(node.predicate)
    cost = s.measure(node.predicate)[0]
    plain_index = _plain_index(node.predicate)
    if plain_index is not None:
        return lambda env: _item_at(_as_list(base(env), env.run), plain_index)
    return lambda env: _filtered(_as_list(base(env), env.run), predicate, cost, env)


def _plain_index(node: s.Node) -> int | None:
    sign = 1
    if isinstance(node, s.Negate):
        node, sign = node.operand, -1
    if isinstance(node, s.Literal) and type(node.value) is int:
        return sign * node.value
    return None


def _as_list(value: Any, run: Run) -> list[Any]:
    """A single value is a list of one (DMN 10.3.2.9.4), null an empty one, a range its whole numbers."""
    if type(value) is list:
        return value
    if type(value) is Range:
        return list(_range_items(value, run) or ())
    return [] if value is None else [value]


def _item_at(items: list[Any], index: Number) -> Any:
    place = int(index)
    if 0 < place <= len(items):
        return items[place - 1]
    return items[place] if -len(items) <= place < 0 else None


def _filtered(items: list[Any], predicate: Eval, cost: int, env: Env) -> Any:
    if not items:
        return _filtered_nothing(predicate, env)
    keys = _keys_of(items, env.run)
    kept = []
    for item in items:
        env.run.spend(cost)
        value = predicate(_item_scope(item, keys, env))
        if is_number(value):
            return _item_at(items, value)
        if value is True:
            kept.append(item)
    return kept


def _keys_of(items: list[Any], run: Run) -> set[str]:
    run.spend_list(len(items))
    keys: set[str] = set()
    for item in items:
        if type(item) is dict:
            run.spend(len(item) // limits.ITEMS_PER_STEP)
            keys |= item.keys()
    return keys


def _filtered_nothing(predicate: Eval, env: Env) -> Any:
    """An index into an empty list is null, a condition leaves it empty, even when it asks for entries of the items."""
    try:
        value = predicate(env.inner({"item": None}))
    except UnknownName:
        return []
    return None if is_number(value) else []


def _item_scope(item: Any, keys: set[str], env: Env) -> Env:
    """The scope of a filter: ``item``, the entries of the item, then the names around.

    A name that only other items of the list have is null for this one; a name that nobody has stays unknown.
    """
    names = {"item": item}
    if type(item) is dict:
        if len(item) < len(keys):
            names |= {key: None for key in keys if env.find(key) is MISSING}
        names |= item
    return env.inner(names)
