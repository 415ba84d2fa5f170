"""Variables live in scopes, as in BPMN: one per process instance, a local one per multi-instance instance and call.

Inside are JSON values only, and always our own copies: :func:`plain` stands at the way in, :func:`copy` at the way out.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson

from engine.errors import InvalidInput

_MAX_DEPTH: Final = 32
_MAX_INTEGER: Final = 2**63 - 1


class Scope(Mapping[str, Any]):
    """Variables of one scope, with those of the enclosing scopes behind them.

    Reading goes outward. Writing goes to the scope in which the name is at home: the nearest one that holds it or has
    declared it, else the outermost one.
    """

    __slots__ = ("declared", "local", "parent")

    def __init__(
        self,
        values: dict[str, Any] | None = None,
        parent: "Scope | None" = None,
        declared: frozenset[str] = frozenset(),
    ) -> None:
        self.local = {} if values is None else values
        self.parent = parent
        self.declared = declared  # names that are at home here though they have no value yet

    def __getitem__(self, name: str) -> Any:
        scope: Scope | None = self
        while scope is not None:
            if name in scope.local:
                return scope.local[name]
            scope = scope.parent
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        scope: Scope | None = self
        while scope is not None:
            if name in scope.local:
                return True
            scope = scope.parent
        return False

    def __iter__(self) -> Iterator[str]:
        return iter(self.flat())

    def __len__(self) -> int:
        return len(self.flat())

    def flat(self) -> dict[str, Any]:
        """Return everything that can be seen from here; inner values hide outer ones."""
        outer = {} if self.parent is None else self.parent.flat()
        return {**outer, **self.local}

    def view(self) -> Mapping[str, Any]:
        """Return the cheapest mapping that reads what this scope sees; nobody may change it."""
        return self.local if self.parent is None else self

    def write(self, name: str, value: Any) -> None:
        """Set one variable where it is at home. ``value`` is already plain."""
        self.home(name).local[name] = value

    def home(self, name: str) -> "Scope":
        """The scope in which a name is at home."""
        scope = self
        while scope.parent is not None and name not in scope.local and name not in scope.declared:
            scope = scope.parent
        return scope

    def update(self, variables: Mapping[str, Any]) -> None:
        """Write several variables; they are checked and copied first, so it is all or nothing."""
        for name, value in plain_variables(variables).items():
            self.write(name, value)


def copy(value: Any) -> Any:
    """Return a deep copy of a plain value."""
    return orjson.loads(orjson.dumps(value))


def plain_variables(variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return a checked copy of a set of variables. Raises InvalidInput."""
    return {_name(name): plain(value, name) for name, value in variables.items()}


def plain(value: Any, where: str = "") -> Any:
    """Return a copy of ``value`` if it is JSON that every database keeps; raises InvalidInput naming ``where``."""
    return _plain(value, where, 0)


def _plain(value: Any, where: str, depth: int) -> Any:
    kind = type(value)
    if value is None or kind is bool:
        return value
    if kind is str:
        return _text(value, where)
    if kind is int:
        if abs(value) > _MAX_INTEGER:
            raise _refused(where, "整数超过 64 位", "an integer of more than 64 bits")
        return value
    if kind is float:
        if not math.isfinite(value):
            raise _refused(where, "不是有限的数", "a number that is not finite")
        return value
    if depth >= _MAX_DEPTH:
        raise _refused(where, f"嵌套超过 {_MAX_DEPTH} 层", f"nested more than {_MAX_DEPTH} levels deep")
    if kind in (list, tuple):
        return [_plain(item, where, depth + 1) for item in value]
    if isinstance(value, Mapping):
        return {_name(key, where): _plain(item, where, depth + 1) for key, item in value.items()}
    if isinstance(value, str):  # a member of a StrEnum and the like: keep the plain value beneath
        return _text(str.__str__(value), where)
    if isinstance(value, int):
        return _plain(int(value), where, depth)
    raise _refused(where, f"类型 {kind.__name__} 不是 JSON", f"a value of type {kind.__name__}, which is not JSON")


def _text(value: str, where: str) -> str:
    if "\0" in value:
        raise _refused(where, "文字含有 NUL 字符", "text with a NUL character")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise _refused(where, "文字含有不成对的代理字符", "text with a lone surrogate") from None
    return value


def _name(name: Any, where: str = "") -> str:
    if type(name) is not str or not name:
        raise _refused(where or repr(name), "名称必须是非空文字", "a name that is not text, or empty")
    return _text(name, where or name)


def _refused(where: str, zh: str, en: str) -> InvalidInput:
    return InvalidInput(f"变量「{where}」：{zh}", f'Variable "{where}": {en}', fields={where: en})
