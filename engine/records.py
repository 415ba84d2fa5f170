"""Records: the frozen dataclasses of which the house is made, quick to declare.

``dataclasses`` writes source and compiles it for each method of each class. With some seven hundred classes that was two
fifths of a start, most of it for methods that are never called. Records are dataclasses still (``fields``, ``replace``,
``asdict`` and pattern matching know them), frozen and with slots, but comparing, hashing, showing and refusing changes are
functions that all of them share, and what fills in the fields is written when the first of a class is made.
"""

import dataclasses
from collections.abc import Callable
from operator import attrgetter
from reprlib import recursive_repr
from typing import Any, TypeVar, dataclass_transform, overload

C = TypeVar("C", bound=type)


@overload
def record(cls: C, /) -> C: ...
@overload
def record(*, kw_only: bool = True) -> Callable[[C], C]: ...
@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(dataclasses.field, dataclasses.Field))
def record(cls: Any = None, /, *, kw_only: bool = True) -> Any:
    """Make ``cls`` an immutable record; its fields are given by name unless ``kw_only`` is false."""
    if cls is None:
        return lambda given: _declared(given, kw_only)
    return _declared(cls, kw_only)


def _declared(cls: Any, kw_only: bool) -> Any:
    if cls.__doc__ is None:
        cls.__doc__ = cls.__name__  # or a signature is inspected and written out for it
    own = set(vars(cls))
    declare = dataclasses.dataclass(slots=True, kw_only=kw_only, init=False, repr=False, eq=False)
    made: Any = declare(cls)
    known = dataclasses.fields(made)
    made._record_shown = tuple(each.name for each in known if each.repr)
    made._record_compared = _getter([each.name for each in known if each.compare])
    made._record_hashed = _getter([each.name for each in known if (each.compare if each.hash is None else each.hash)])
    if "__init__" not in own:
        made.__init__ = _first(made)
    for name, shared in _SHARED.items():
        if name not in own:
            setattr(made, name, shared)
    return made


def _first(made: Any) -> Any:
    """What fills in the fields of the first record of a class: it has the true one written, and puts it in its own place."""

    def fill_in(self: Any, *given: Any, **named: Any) -> None:
        after = {"__post_init__": made.__post_init__} if hasattr(made, "__post_init__") else {}
        described = [(each.name, each.type, each) for each in dataclasses.fields(made)]
        twin: Any = dataclasses.make_dataclass(
            made.__name__, described, namespace=after, frozen=True, repr=False, eq=False
        )
        made.__init__ = twin.__init__
        twin.__init__(self, *given, **named)

    return fill_in


def _getter(names: list[str]) -> Any:
    """What reads these fields at once; it is no function, so that a class holds it without making a method of it."""
    return attrgetter(*names) if names else attrgetter("__class__")


@recursive_repr()
def _shown(self: Any) -> str:
    values = ", ".join(f"{name}={getattr(self, name)!r}" for name in self._record_shown)
    return f"{type(self).__qualname__}({values})"


def _equal(self: Any, other: Any) -> Any:
    if other.__class__ is not self.__class__:
        return NotImplemented
    compared = self._record_compared
    return compared(self) == compared(other)


def _hashed(self: Any) -> int:
    return hash(self._record_hashed(self))


def _set(self: Any, name: str, value: Any) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _delete(self: Any, name: str) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")


def _kept(self: Any) -> list[Any]:
    return [getattr(self, each.name) for each in dataclasses.fields(self)]


def _restored(self: Any, kept: list[Any]) -> None:
    for each, value in zip(dataclasses.fields(self), kept, strict=True):
        object.__setattr__(self, each.name, value)


_SHARED = {
    "__repr__": _shown,
    "__eq__": _equal,
    "__hash__": _hashed,
    "__setattr__": _set,
    "__delattr__": _delete,
    "__getstate__": _kept,  # copying and pickling would set field by field else
    "__setstate__": _restored,
}
