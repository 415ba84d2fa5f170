"""A compiled expression, the cache of them, and the choice of the dialect by its marks."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from engine.errors import Unavailable
from engine.feel import calls, iteration, limits, membership
from engine.feel import syntax as s
from engine.feel.compiler import Compiler
from engine.feel.errors import FeelError, FeelLimit, FeelSyntaxError, FeelTypeError
from engine.feel.juel import parse_template
from engine.feel.parser import parse_expression, parse_unary_tests
from engine.feel.run import NO_FUNCTIONS, Env, Eval, Run
from engine.feel.scope import free_names
from engine.feel.values import kind, kind_zh

HOST_FUNCTIONS = frozenset({"wd", "nd"})  # due times n working / natural days from now, by the bureau's calendar
_RULES = (calls, iteration, membership)  # importing them declares how their parts of the tree are compiled


class _Compiled:
    """What expressions and unary tests share: source, names, and the way to run."""

    __slots__ = ("_evaluate", "_nodes", "functions", "names", "optional_names", "source")

    def __init__(self, source: str, root: s.Node, host_functions: frozenset[str]) -> None:
        nodes, depth = s.measure(root)
        if nodes > limits.MAX_NODES:
            limits.too_long("表达式的组成部分", "parts of the expression", limits.MAX_NODES)
        if depth > limits.MAX_TREE_DEPTH:
            limits.too_long("表达式的嵌套层数", "nesting of the expression", limits.MAX_TREE_DEPTH)
        self._nodes = nodes
        self._evaluate: Eval = Compiler(host_functions).compile(root)
        names = free_names(root)
        self.source = source
        self.names = frozenset(names.required)
        self.optional_names = frozenset(names.optional)
        self.functions = frozenset(names.functions)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.source!r})"

    def _run(self, run: Run, local: dict[str, Any]) -> Any:
        if run.now.tzinfo is None:
            raise ValueError("now must be an aware datetime")
        try:
            return self._evaluate(Env(run, None, local))
        except FeelError as error:
            error.facts.setdefault("expression", self.source)
            raise
        except RecursionError:
            raise FeelLimit("表达式的嵌套过深", "The expression is nested too deeply", expression=self.source) from None
        except Unavailable:
            raise  # the expression is not at fault: whoever runs it runs it again
        except Exception as error:
            # The last net: a fault of ours must reach the caller as an error of this expression, not as a crash.
            raise FeelError(
                f"表达式计算出错（{type(error).__name__}）",
                f"The evaluation failed ({type(error).__name__})",
                expression=self.source,
            ) from error


class Expression(_Compiled):
    """A compiled expression; immutable, may be shared by threads.

    ``names`` are the variables that must be there, ``optional_names`` those that may be absent (in ``is defined``,
    ``get or else``, ``execution.getVariable``) or may be keys of the items of a filtered list; ``functions`` are the
    built-in and host functions that it calls.
    """

    __slots__ = ()

    def evaluate(
        self,
        variables: Mapping[str, Any],
        *,
        now: datetime,
        functions: Mapping[str, Callable[..., Any]] = NO_FUNCTIONS,
    ) -> Any:
        """Return the value: JSON types with exact decimals, or a date, time, duration or range; see ``to_json``.

        ``now`` is aware; its zone is the bureau's. Raises UnknownName, FeelLimit, FeelTypeError or another FeelError.
        """
        return self._run(Run(variables, now, functions), {})

    def evaluate_condition(
        self,
        variables: Mapping[str, Any],
        *,
        now: datetime,
        functions: Mapping[str, Callable[..., Any]] = NO_FUNCTIONS,
    ) -> bool:
        """Return true or false; raise FeelTypeError for everything else, with the reason when the result is null."""
        run = Run(variables, now, functions)
        value = self._run(run, {})
        if value is True or value is False:
            return bool(value)
        zh, en = run.note if run.note and value is None else ("", "")
        raise FeelTypeError(
            f"条件「{self.source[:200]}」的结果是{kind_zh(value)}，不是是/否" + (f"：{zh}" if zh else ""),
            f'The condition "{self.source[:200]}" gives a {kind(value)}, not true or false' + (f": {en}" if en else ""),
            expression=self.source,
        )


class UnaryTests(_Compiled):
    """A compiled input cell of a decision table."""

    __slots__ = ()

    def matches(
        self,
        value: Any,
        variables: Mapping[str, Any],
        *,
        now: datetime,
        functions: Mapping[str, Callable[..., Any]] = NO_FUNCTIONS,
    ) -> bool:
        """Does the cell hold for the value of its input? A null result is no match."""
        return self._run(Run({**variables, "?": value}, now, functions), {}) is True


class _Cache:
    """Compiled expressions by source, bounded by their parts: bounded by entries it could reach gigabytes."""

    def __init__(self) -> None:
        self._entries: OrderedDict[tuple[type, str, frozenset[str]], _Compiled] = OrderedDict()
        self._nodes = 0
        self._lock = threading.Lock()

    def get(self, key: tuple[type, str, frozenset[str]]) -> _Compiled | None:
        with self._lock:
            found = self._entries.get(key)
            if found is not None:
                self._entries.move_to_end(key)
            return found

    def put(self, key: tuple[type, str, frozenset[str]], compiled: _Compiled) -> None:
        with self._lock:
            if key not in self._entries:
                self._entries[key] = compiled
                self._nodes += compiled._nodes
            while self._nodes > limits.MAX_CACHED_NODES:
                self._nodes -= self._entries.popitem(last=False)[1]._nodes


_cache = _Cache()


def compile(source: str, *, host_functions: frozenset[str] = HOST_FUNCTIONS) -> Expression:
    """Return the compiled expression, from the cache when it was compiled before.

    ``= a > 5`` and ``a > 5`` are FEEL, ``${a > 5}`` and ``#{a > 5}`` JUEL; a text with ``${...}`` in it is a template that
    gives text (a FEEL text that holds "${" itself starts with ``=``). Raises FeelSyntaxError, also for functions that do
    not exist, or FeelLimit.
    """
    key = (Expression, source, host_functions)
    found = _cache.get(key)
    if found is None:
        found = Expression(source, _parse(source, _parse_by_marks), host_functions)
        _cache.put(key, found)
    assert isinstance(found, Expression)
    return found


def compile_unary_tests(source: str, *, host_functions: frozenset[str] = HOST_FUNCTIONS) -> UnaryTests:
    """Return the compiled input cell of a decision table: ``-``, ``"a", "b"``, ``< 5``, ``[1..10]``, ``not(…)``, ``? > x``."""
    key = (UnaryTests, source, host_functions)
    found = _cache.get(key)
    if found is None:
        found = UnaryTests(source, _parse(source, parse_unary_tests), host_functions)
        _cache.put(key, found)
    assert isinstance(found, UnaryTests)
    return found


def is_expression(text: str) -> bool:
    """Is a text of an attribute (an assignee, a group) marked as an expression, and not the value itself?"""
    return text.lstrip().startswith("=") or "${" in text or "#{" in text


def _parse(source: str, parse: Callable[[str], s.Node]) -> s.Node:
    if len(source) > limits.MAX_SOURCE:
        limits.too_long("表达式的字数", "characters of the expression", limits.MAX_SOURCE)
    try:
        source.encode()
    except UnicodeEncodeError as error:
        raise FeelSyntaxError(
            "表达式中有不能使用的字符", "The expression holds half a surrogate pair", error.start
        ) from None
    try:
        return parse(source)
    except RecursionError:
        raise FeelLimit("表达式的嵌套过深", "The expression is nested too deeply") from None


def _parse_by_marks(source: str) -> s.Node:
    text = source.strip()
    if not text:
        raise FeelSyntaxError("表达式是空的", "The expression is empty")
    if text.startswith("="):
        offset = source.index("=") + 1
        return parse_expression(" " * offset + source[offset:])  # blanks keep the positions of the whole text
    if "${" in text or "#{" in text:
        return parse_template(text)
    return parse_expression(source)
