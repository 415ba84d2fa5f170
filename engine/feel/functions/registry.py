"""How built-in functions are declared, found and given their arguments (DMN 10.3.2.13.3 and 10.3.2.9.4)."""

import inspect
import re
from collections.abc import Callable, Sequence
from typing import Any

from engine.feel.run import Run
from engine.feel.values import KINDS, kind
from engine.records import record

_MOMENT = frozenset({"date", "date and time"})
_DURATION = frozenset({"days and time duration", "years and months duration"})
_ALIASES: dict[str, frozenset[str]] = {
    "any": frozenset(KINDS.values()),
    "moment": _MOMENT,
    "duration": _DURATION,
    "point": frozenset({"number", "string", "time"}) | _MOMENT | _DURATION,
}
_PARAMETER = re.compile(r"(?P<name>[a-zA-Z0-9 ]+?)(?P<optional>\?|\.\.\.)?: (?P<type>[a-z |]+)(?P<nullable>\?)?")


@record(kw_only=False)
class Parameter:
    """One parameter; ``kinds`` are the FEEL types it takes, null among them when it may be null."""

    name: str
    kinds: frozenset[str]
    optional: bool = False
    variadic: bool = False

    def coerce(self, value: Any) -> tuple[bool, Any]:
        """Return whether the value fits, and the value after the conversions between one thing and a list of one."""
        if kind(value) in self.kinds:
            return True, value
        if value is None:
            return False, None
        if "list" in self.kinds:
            return True, [value]
        if type(value) is list and len(value) == 1 and kind(value[0]) in self.kinds:
            return True, value[0]
        return False, None


@record(kw_only=False)
class Builtin:
    """One form of a built-in function; a name may have several forms."""

    name: str
    signature: str
    parameters: tuple[Parameter, ...]
    function: Callable[..., Any]
    wants_run: bool
    zh: str
    extension: bool  # not in the standard; from Camunda or ours

    def call(self, run: Run, values: list[Any]) -> Any:
        return self.function(run, *values) if self.wants_run else self.function(*values)

    def takes(self, count: int) -> bool:
        """Can it be called with so many arguments by position?"""
        required = sum(self._is_required(parameter) for parameter in self.parameters)
        return required <= count and (self._is_variadic or count <= len(self.parameters))

    def _is_required(self, parameter: Parameter) -> bool:
        return not parameter.optional and not (parameter.variadic and len(self.parameters) > 1)

    @property
    def _is_variadic(self) -> bool:
        return bool(self.parameters) and self.parameters[-1].variadic

    def order_of(self, names: Sequence[str]) -> tuple[int | None, ...] | None:
        """Return for each parameter the place of its argument (None: left out), or None when the names do not fit."""
        own = [parameter.name for parameter in self.parameters]
        if len(set(names)) != len(names) or not set(names) <= set(own):
            return None
        if any(self._is_required(parameter) and parameter.name not in names for parameter in self.parameters):
            return None
        return tuple(names.index(name) if name in names else None for name in own)

    def coerce(self, arguments: list[Any]) -> list[Any] | None:
        """Return the arguments as the function takes them, None when one has a wrong type."""
        if self._is_variadic:
            fixed = len(self.parameters) - 1
            rest = arguments[fixed:]
            # sum([1, 2]) and sum(1, 2) are the same call; append([1], [2]) adds one item that is a list.
            arguments = [*arguments[:fixed], rest[0] if len(rest) == 1 and not fixed else rest]
        values = []
        for parameter, argument in zip(self.parameters, arguments, strict=False):
            fits, value = parameter.coerce(argument)
            if not fits:
                return None
            values.append(value)
        return values

    def coerce_named(self, arguments: list[Any], order: Sequence[int | None]) -> list[Any] | None:
        values: list[Any] = []
        for parameter, place in zip(self.parameters, order, strict=True):
            fits, value = (True, None) if place is None else parameter.coerce(arguments[place])
            if not fits:
                return None
            values.append(value)
        return values


BUILTINS: dict[str, list[Builtin]] = {}


def builtin(signature: str, zh: str, *, extension: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare a form of a built-in function: ``substring(string: string, start position: number, length?: number)``.

    ``name?`` may be left out, ``name...`` takes a list or any number of arguments, ``type?`` may be null. Arguments that
    are left out come as None. A function whose first parameter is called ``run`` gets the Run.
    """
    name, _, rest = signature.partition("(")
    parameters = tuple(_parameter(text) for text in rest[:-1].split(", ") if text)

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        wants_run = next(iter(inspect.signature(function).parameters), "") == "run"
        BUILTINS.setdefault(name, []).append(Builtin(name, signature, parameters, function, wants_run, zh, extension))
        return function

    return register


def _parameter(text: str) -> Parameter:
    match = _PARAMETER.fullmatch(text)
    assert match is not None, text
    kinds: set[str] = set()
    for name in match["type"].split(" | "):
        kinds |= _ALIASES.get(name, {name})
    if match["optional"] == "...":
        kinds = {"list"}
    if match["nullable"]:
        kinds.add("null")
    assert kinds <= set(KINDS.values()), text
    return Parameter(match["name"], frozenset(kinds), match["optional"] == "?", match["optional"] == "...")
