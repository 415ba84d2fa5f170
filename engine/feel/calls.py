"""Calls: built-in functions, functions of the host, and functions that the expression defines itself."""

from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import Any

from engine.errors import BanjieError, Unavailable
from engine.feel import limits
from engine.feel import syntax as s
from engine.feel.compiler import Compiler, rule
from engine.feel.errors import FeelError, FeelSyntaxError
from engine.feel.functions import BUILTINS, Builtin
from engine.feel.run import Env, Eval, Run
from engine.feel.types import conforms
from engine.feel.values import Function, kind, kind_zh, lift


@rule(s.Call)
def _call(compiler: Compiler, node: s.Call) -> Eval:
    if node.name in compiler.bound:
        return _invoke(compiler, s.Invoke(s.Variable(node.name), node.arguments, node.names))
    if node.name in BUILTINS:
        return _builtin_call(compiler, node)
    if node.name in compiler.host_functions:
        return _host_call(compiler, node)
    raise _unknown_function(node, compiler.host_functions)


def _unknown_function(node: s.Call, host_functions: frozenset[str]) -> FeelSyntaxError:
    similar = get_close_matches(node.name, [*BUILTINS, *host_functions], n=1)
    hint_zh, hint_en = (f"，是否想写 {similar[0]}(…)？", f", did you mean {similar[0]}(...)?") if similar else ("", "")
    return FeelSyntaxError(
        f"没有函数「{node.name}」{hint_zh}", f'There is no function "{node.name}"{hint_en}', node.position
    )


def _arguments(compiler: Compiler, nodes: Sequence[s.Node]) -> list[Eval]:
    return [_argument(compiler, node) for node in nodes]


def _argument(compiler: Compiler, node: s.Node) -> Eval:
    """A built-in function may be passed by its name, unless a variable has that name: ``sort(list, before)``."""
    if not isinstance(node, s.Variable) or node.name in compiler.bound or node.name not in BUILTINS:
        return compiler.compile(node)
    with compiler.allowing_absent():
        variable = compiler.compile(node)
    function = Function(
        node.name, (), lambda run, values: _dispatch(node.name, _fitting(node.name, values), values, run)
    )
    return lambda env: function if (value := variable(env)) is None else value


def _builtin_call(compiler: Compiler, node: s.Call) -> Eval:
    """Choose the overloads that fit by number and names now, and among them by types at each call."""
    name, arguments = node.name, _arguments(compiler, node.arguments)
    if not node.names:
        candidates = _fitting(name, arguments)
        orders: tuple[tuple[int | None, ...], ...] = ()
    else:
        pairs = [(builtin, builtin.order_of(node.names)) for builtin in BUILTINS[name]]
        candidates = tuple(builtin for builtin, order in pairs if order is not None)
        orders = tuple(order for _, order in pairs if order is not None)
    if not candidates:
        forms = "、".join(builtin.signature for builtin in BUILTINS[name])
        raise FeelSyntaxError(
            f"{name}() 的参数不对，应为：{forms}", f"Wrong arguments for {name}(): {forms}", node.position
        )
    if orders:
        return lambda env: _dispatch_named(name, candidates, orders, [a(env) for a in arguments], env.run)
    return lambda env: _dispatch(name, candidates, [argument(env) for argument in arguments], env.run)


def _fitting(name: str, arguments: Sequence[Any]) -> tuple[Builtin, ...]:
    return tuple(builtin for builtin in BUILTINS[name] if builtin.takes(len(arguments)))


def _dispatch(name: str, candidates: Sequence[Builtin], arguments: list[Any], run: Run) -> Any:
    for builtin in candidates:
        values = builtin.coerce(arguments)
        if values is not None:
            return _apply(builtin, values, run)
    return _no_overload(name, candidates, arguments, run)


def _dispatch_named(
    name: str,
    candidates: Sequence[Builtin],
    orders: Sequence[tuple[int | None, ...]],
    arguments: list[Any],
    run: Run,
) -> Any:
    for builtin, order in zip(candidates, orders, strict=True):
        values = builtin.coerce_named(arguments, order)
        if values is not None:
            return _apply(builtin, values, run)
    return _no_overload(name, candidates, arguments, run)


def _no_overload(name: str, candidates: Sequence[Builtin], arguments: list[Any], run: Run) -> Any:
    kinds_zh, kinds = "、".join(map(kind_zh, arguments)), ", ".join(map(kind, arguments))
    form = candidates[0].signature if candidates else f"{name}()"
    return run.null(f"{form} 不接受（{kinds_zh}）", f"{form} does not take ({kinds})")


def _apply(builtin: Builtin, values: list[Any], run: Run) -> Any:
    for value in values:
        _pay(value, run)
    result = builtin.call(run, values)
    _pay(result, run)
    return result


def _pay(value: Any, run: Run) -> None:
    exact = type(value)
    if exact is str:
        run.spend(len(value) // limits.CHARACTERS_PER_STEP)
    elif exact is list or exact is dict:
        run.spend_list(len(value))


def _host_call(compiler: Compiler, node: s.Call) -> Eval:
    name, arguments = node.name, _arguments(compiler, node.arguments)
    if node.names:
        raise FeelSyntaxError(f"{name}() 的参数不能写名称", f"Arguments of {name}() have no names", node.position)

    def call(env: Env) -> Any:
        function = env.run.functions.get(name)
        if function is None:
            raise FeelError(
                f"函数 {name}() 在这里不能使用", f"The function {name}() cannot be used here", function=name
            )
        return lift(_call_host(name, function, [argument(env) for argument in arguments]), env.run)

    return call


def _call_host(name: str, function: Callable[..., Any], arguments: list[Any]) -> Any:
    try:
        return function(*arguments)
    except (FeelError, Unavailable):
        raise
    except BanjieError as error:
        raise FeelError(f"{name}()：{error.zh}", f"{name}(): {error.en}", function=name) from error
    except Exception as error:  # whatever the host's function meets, the caller of an expression sees one kind of error
        raise FeelError(
            f"函数 {name}() 出错：{error}", f"The function {name}() failed: {error}", function=name
        ) from error


@rule(s.FunctionOf)
def _function(compiler: Compiler, node: s.FunctionOf) -> Eval:
    parameters, types = node.parameters, node.types
    with compiler.binding(*parameters):
        body = compiler.compile(node.body)
    cost = s.measure(node.body)[0]

    def make(env: Env) -> Function:
        def call(run: Run, arguments: list[Any]) -> Any:
            if len(arguments) != len(parameters):
                return run.null("调用函数的参数个数不对", "The function was called with a wrong number of arguments")
            if not all(t is None or conforms(a, t, run) for a, t in zip(arguments, types, strict=True)):
                return run.null("调用函数的参数类型不对", "The function was called with an argument of a wrong type")
            if run.calls >= limits.MAX_CALLS:
                limits.too_long("函数的嵌套调用层数", "nesting of function calls", limits.MAX_CALLS)
            run.spend(cost)
            run.calls += 1
            try:
                return body(env.inner(dict(zip(parameters, arguments, strict=True))))
            finally:
                run.calls -= 1

        return Function("", parameters, call)

    return make


@rule(s.Invoke)
def _invoke(compiler: Compiler, node: s.Invoke) -> Eval:
    function, arguments, names = compiler.compile(node.function), _arguments(compiler, node.arguments), node.names

    def call(env: Env) -> Any:
        target = function(env)
        if type(target) is not Function:
            return env.run.null(f"{kind_zh(target)}不是函数，不能调用", f"A {kind(target)} is no function")
        values = [argument(env) for argument in arguments]
        if names:
            if len(names) != len(target.parameters) or set(names) != set(target.parameters):
                return env.run.null("调用函数的参数名不对", "The function was called with wrong parameter names")
            values = [values[names.index(parameter)] for parameter in target.parameters]
        return target.call(env.run, values)

    return call


@rule(s.Template)
def _template(compiler: Compiler, node: s.Template) -> Eval:
    parts = [compiler.compile(part) for part in node.parts]
    text = BUILTINS["string"]

    def join(env: Env) -> str:
        pieces = [_dispatch("string", text, [part(env)], env.run) or "" for part in parts]
        env.run.spend_text(sum(map(len, pieces)))
        return "".join(pieces)

    return join
