"""Values that are stored as JSON: written field by field, read back by their type hints."""

import dataclasses
import types
import typing
from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import Any, ClassVar, Self, cast


class Stored:
    """Gives a frozen dataclass ``to_json`` and ``from_json``.

    Fields may be JSON values, enums, dates, date-times, other values with ``to_json`` and ``from_json``, tuples and
    mappings of these, or None. A field that is missing in the JSON takes its default and an unknown one is left out,
    so a class may gain and lose optional fields while old rows stay readable.
    """

    __slots__ = ()
    __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[Any]]]

    def to_json(self) -> dict[str, Any]:
        """Return the value as JSON."""
        return {field.name: write(getattr(self, field.name)) for field in dataclasses.fields(self)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Build the value from its JSON."""
        return cls(**{name: read(value[name]) for name, read in _readers(cast(Any, cls)).items() if name in value})


def write(value: Any) -> Any:
    """Return one value as JSON."""
    if hasattr(value, "to_json"):
        return value.to_json()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, tuple | list | frozenset):
        return [write(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): write(item) for key, item in value.items()}
    return value


@cache
def _readers(cls: type[Any]) -> dict[str, Callable[[Any], Any]]:
    hints = typing.get_type_hints(cls)
    return {field.name: _reader(hints[field.name]) for field in dataclasses.fields(cls)}


def _reader(hint: Any) -> Callable[[Any], Any]:
    """Return the function that turns JSON back into a value of type ``hint``."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        read = _reader(next(arg for arg in args if arg is not types.NoneType))
        return lambda value: None if value is None else read(value)
    if origin is tuple:
        read = _reader(args[0])
        return lambda value: tuple(read(item) for item in value)
    if origin is not None and issubclass(origin, Mapping):
        read = _reader(args[1])
        return lambda value: {key: read(item) for key, item in value.items()}
    if isinstance(hint, type):
        if hasattr(hint, "from_json"):
            return cast(Callable[[Any], Any], hint.from_json)
        if issubclass(hint, datetime | date):
            return hint.fromisoformat
        if issubclass(hint, Enum):
            return hint
    return lambda value: value
