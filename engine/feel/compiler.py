"""Syntax tree to closures: each part becomes a function of the environment; nothing is ever given to eval or exec.

Steps are paid where work can multiply: a loop pays for the size of its body at each turn, a function for the size of what
it reads or makes. An expression without loops costs nothing, its length is bounded already.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from engine.feel import syntax as s
from engine.feel.errors import FeelTypeError, UnknownName
from engine.feel.operators import arithmetic, compare, equal, negate
from engine.feel.run import MISSING, Env, Eval, Run
from engine.feel.temporal import PROPERTIES
from engine.feel.types import conforms
from engine.feel.values import Range, kind, kind_zh, lift

N = TypeVar("N", bound=s.Node)
Rule = Callable[["Compiler", Any], Eval]
RULES: dict[type[s.Node], Rule] = {}


def rule(node_type: type[N]) -> Callable[[Callable[["Compiler", N], Eval]], Callable[["Compiler", N], Eval]]:
    """Register the function that compiles one type of node."""

    def register(function: Callable[["Compiler", N], Eval]) -> Callable[["Compiler", N], Eval]:
        RULES[node_type] = function
        return function

    return register


class Compiler:
    """What is known while an expression is compiled: the names bound around a part, and whether they may be absent."""

    def __init__(self, host_functions: frozenset[str]) -> None:
        self.host_functions = host_functions
        self.bound: frozenset[str] = frozenset()
        self.lenient = False

    def compile(self, node: s.Node) -> Eval:
        return RULES[type(node)](self, node)

    @contextmanager
    def binding(self, *names: str) -> Iterator[None]:
        """Compile the parts inside the block with these names bound by the expression itself."""
        outer, self.bound = self.bound, self.bound | frozenset(names)
        try:
            yield
        finally:
            self.bound = outer

    @contextmanager
    def allowing_absent(self) -> Iterator[None]:
        """Compile the parts inside the block so that an unknown name is null."""
        outer, self.lenient = self.lenient, True
        try:
            yield
        finally:
            self.lenient = outer


@rule(s.Literal)
def _literal(compiler: Compiler, node: s.Literal) -> Eval:
    value = node.value
    return lambda env: value


@rule(s.Variable)
def _variable(compiler: Compiler, node: s.Variable) -> Eval:
    name = node.name
    may_be_absent = node.optional or compiler.lenient

    def read(env: Env) -> Any:
        value = env.names.get(name, MISSING)
        if value is MISSING:
            value = env.find(name)
            if value is MISSING:
                if may_be_absent:
                    return None
                raise UnknownName(name)
        return value

    return read


@rule(s.Path)
def _path(compiler: Compiler, node: s.Path) -> Eval:
    keys = [node.key]
    base_node = node.base
    while isinstance(base_node, s.Path):
        keys.insert(0, base_node.key)
        base_node = base_node.base
    if isinstance(base_node, s.Variable) and base_node.name not in compiler.bound:
        may_be_absent = base_node.optional or compiler.lenient
        return _path_into_data(base_node.name, tuple(keys), may_be_absent)
    base = compiler.compile(base_node)
    return lambda env: _follow(base(env), keys, env)


def _path_into_data(name: str, keys: tuple[str, ...], may_be_absent: bool) -> Eval:
    """Read ``name.key.key`` and copy only what stands at its end: a case with 100 KB of data costs no more than a small one."""

    def read(env: Env) -> Any:
        value = env.find(name, lifted=False)
        if value is not MISSING:
            return _follow(value, keys, env)
        run = env.run
        found = run.paths.get((name, keys), MISSING)
        if found is MISSING:
            found = _read_data(run, name, keys, may_be_absent, env)
            run.paths[name, keys] = found
        return found

    return read


def _read_data(run: Run, name: str, keys: tuple[str, ...], may_be_absent: bool, env: Env) -> Any:
    data = run.variables.get(name, MISSING)
    if data is MISSING:
        if may_be_absent:
            return None
        raise UnknownName(name)
    for done, key in enumerate(keys):
        if type(data) is not dict:
            return _follow(lift(data, run), keys[done:], env)
        data = data.get(key)
    return lift(data, run)


def _follow(value: Any, keys: Sequence[str], env: Env) -> Any:
    for key in keys:
        value = value.get(key) if type(value) is dict else property_of(value, key, env)
    return value


def property_of(value: Any, key: str, env: Env) -> Any:
    """``value.key`` for what is not a context: each item of a list, a part of a date, the end of a range."""
    exact = type(value)
    if exact is dict:
        return value.get(key)
    if exact is list:
        env.run.spend_list(len(value))
        return [property_of(item, key, env) for item in value]
    if exact is Range and key in _RANGE_PROPERTIES:
        return _RANGE_PROPERTIES[key](value)
    reader = PROPERTIES.get(exact, {}).get(key)
    if reader is None:
        return env.run.null(f"{kind_zh(value)}没有「{key}」", f'A {kind(value)} has no "{key}"')
    return reader(value)


_RANGE_PROPERTIES: dict[str, Callable[[Range], Any]] = {
    "start": lambda value: value.start,
    "end": lambda value: value.end,
    "start included": lambda value: value.start_included,
    "end included": lambda value: value.end_included,
}


@rule(s.Subscript)
def _subscript(compiler: Compiler, node: s.Subscript) -> Eval:
    base, key = compiler.compile(node.base), compiler.compile(node.key)

    def read(env: Env) -> Any:
        value, index = base(env), key(env)
        if type(value) is dict and type(index) is str:
            return value.get(index)
        if type(value) is list and type(index) is int and 0 <= index < len(value):
            return value[index]
        return env.run.null("下标不在列表或对象之内", "The index is outside the list or map")

    return read


@rule(s.Negate)
def _negate(compiler: Compiler, node: s.Negate) -> Eval:
    operand = compiler.compile(node.operand)
    return lambda env: negate(operand(env), env.run)


@rule(s.Not)
def _not(compiler: Compiler, node: s.Not) -> Eval:
    operand = compiler.compile(node.operand)

    def invert(env: Env) -> bool | None:
        value = operand(env)
        if value is True or value is False:
            return not value
        env.run.null(f"{kind_zh(value)}不能取反", f"A {kind(value)} cannot be negated")
        return None

    return invert


@rule(s.Empty)
def _empty(compiler: Compiler, node: s.Empty) -> Eval:
    operand = compiler.compile(node.operand)
    return lambda env: operand(env) in (None, "", [], {})


@rule(s.Arithmetic)
def _arithmetic(compiler: Compiler, node: s.Arithmetic) -> Eval:
    first = compiler.compile(node.first)
    rest = [(operator, compiler.compile(operand)) for operator, operand in node.rest]

    def calculate(env: Env) -> Any:
        result = first(env)
        for operator, operand in rest:
            result = arithmetic(operator, result, operand(env), env.run)
        return result

    return calculate


@rule(s.Comparison)
def _comparison(compiler: Compiler, node: s.Comparison) -> Eval:
    left, right, operator = compiler.compile(node.left), compiler.compile(node.right), node.operator
    if operator == "=":
        return lambda env: equal(left(env), right(env), env.run)
    if operator == "!=":

        def differ(env: Env) -> bool | None:
            result = equal(left(env), right(env), env.run)
            return None if result is None else not result

        return differ
    return lambda env: compare(operator, left(env), right(env), env.run)


@rule(s.Logic)
def _logic(compiler: Compiler, node: s.Logic) -> Eval:
    """Three-valued (DMN table 49): what is neither true nor false counts as null; stops when the result is certain."""
    operands = [compiler.compile(operand) for operand in node.operands]
    decisive = node.operator == "or"

    def combine(env: Env) -> bool | None:
        known = True
        for operand in operands:
            value = operand(env)
            if value is decisive:
                return bool(value)
            if value is not (not decisive):
                known = False
                if value is not None:
                    env.run.null(f"{kind_zh(value)}不是条件", f"A {kind(value)} is no condition")
        return not decisive if known else None

    return combine


@rule(s.InstanceOf)
def _instance_of(compiler: Compiler, node: s.InstanceOf) -> Eval:
    value = compiler.compile(node.value)
    return lambda env: (found := value(env)) is not None and conforms(found, node.type, env.run)


@rule(s.If)
def _if(compiler: Compiler, node: s.If) -> Eval:
    condition, then, otherwise = (compiler.compile(part) for part in (node.condition, node.then, node.otherwise))
    strict = node.strict

    def choose(env: Env) -> Any:
        value = condition(env)
        if type(value) is bool or (value is None and not strict):
            return then(env) if value else otherwise(env)
        if strict:
            raise FeelTypeError(
                f"「? :」的条件是{kind_zh(value)}，不是是/否", f'The condition of "? :" is a {kind(value)}'
            )
        return env.run.null(f"if 的条件是{kind_zh(value)}，不是是/否", f"The condition of if is a {kind(value)}")

    return choose


@rule(s.ListOf)
def _list(compiler: Compiler, node: s.ListOf) -> Eval:
    items = [compiler.compile(item) for item in node.items]
    return lambda env: [item(env) for item in items]


@rule(s.ContextOf)
def _context(compiler: Compiler, node: s.ContextOf) -> Eval:
    """Each entry sees the entries before it, and a function among them sees itself."""
    entries: list[tuple[str, Eval]] = []
    with compiler.binding():
        for key, value in node.entries:
            if isinstance(value, s.FunctionOf):
                compiler.bound |= {key}
            entries.append((key, compiler.compile(value)))
            compiler.bound |= {key}

    def make(env: Env) -> dict[str, Any]:
        names: dict[str, Any] = {}
        inner = env.inner(names)
        for key, value in entries:
            names[key] = value(inner)
        return names

    return make


@rule(s.IsDefined)
def _is_defined(compiler: Compiler, node: s.IsDefined) -> Eval:
    return _presence(compiler, node.operand)


def _presence(compiler: Compiler, node: s.Node) -> Eval:
    """Does the thing exist? A variable that is null exists; an entry exists when its context has the key."""
    if isinstance(node, s.Variable):
        name = node.name
        return lambda env: env.find(name) is not MISSING
    with compiler.allowing_absent():
        if not isinstance(node, s.Path):
            return lambda env: True
        base, key = compiler.compile(node.base), node.key

    def has_key(env: Env) -> bool:
        value = base(env)
        if type(value) is dict:
            return key in value
        return key in PROPERTIES.get(type(value), {})

    return has_key


@rule(s.GetOrElse)
def _get_or_else(compiler: Compiler, node: s.GetOrElse) -> Eval:
    with compiler.allowing_absent():
        operand = compiler.compile(node.operand)
    default = compiler.compile(node.default)
    return lambda env: default(env) if (value := operand(env)) is None else value
