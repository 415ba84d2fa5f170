"""The base of all events: what happened, kept for ever in the history, in words of JSON.

An event class is a frozen dataclass whose name is NounPastParticiple (``TaskCompleted``) and whose fields are JSON values,
dates or date-times. The name is what the history stores, so a class may gain optional fields but never lose or rename one.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import Any, ClassVar

from engine.records import record

KINDS: dict[str, type[Event]] = {}
_PLAIN = frozenset({str, bool, int, float})


@record
class Event:
    """Something that happened. Who, when and in which order is added by the history."""

    element_of: ClassVar[str] = "element_id"  # the field that names a BPMN element, where an event has it

    def __init_subclass__(cls, **kwargs: Any) -> None:
        # No ``super()``: ``slots=True`` makes dataclass build the class twice, and its zero-argument form would see the first.
        KINDS[cls.__name__] = cls

    @property
    def kind(self) -> str:
        """The name under which the history keeps this event."""
        return type(self).__name__

    def payload(self) -> dict[str, Any]:
        """Return the fields as JSON values; fields that hold their default are left out."""
        values = ((name, default, getattr(self, name)) for name, default in _defaults(self.kind))
        return {name: as_json(value) for name, default, value in values if value != default}


@cache
def _defaults(kind: str) -> tuple[tuple[str, Any], ...]:
    """The fields of a kind of event, each with what it holds when nothing is said; MISSING where something must be said."""
    return tuple(
        (field.name, field.default if field.default_factory is dataclasses.MISSING else field.default_factory())
        for field in dataclasses.fields(KINDS[kind])
    )


def as_json(value: Any) -> Any:
    """Turn ``value`` into what JSON can hold; dates become ISO text, sets and tuples become lists."""
    if value is None or type(value) in _PLAIN:
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (str, bool, int, float)):
        return value
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [as_json(item) for item in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: as_json(getattr(value, field.name)) for field in dataclasses.fields(value)}
    raise TypeError(f"{type(value).__name__} cannot be kept in the history")


def restore(kind: str, payload: Mapping[str, Any]) -> Event:
    """Build the event of class ``kind`` from its stored payload; unknown kinds raise KeyError."""
    cls = KINDS[kind]
    readers = _readers(kind)
    return cls(**{name: readers[name](value) for name, value in payload.items() if name in readers})


@cache
def _readers(kind: str) -> dict[str, Any]:
    cls = KINDS[kind]
    hints = typing.get_type_hints(cls)
    return {field.name: _reader(hints[field.name]) for field in dataclasses.fields(cls)}


def _reader(hint: Any) -> Any:
    """Return the function that turns a JSON value back into ``hint``."""
    origin = typing.get_origin(hint)
    if origin in (types.UnionType, typing.Union):
        inner = [arg for arg in typing.get_args(hint) if arg is not type(None)]
        read = _reader(inner[0]) if len(inner) == 1 else _same
        return lambda value: None if value is None else read(value)
    if origin is tuple:
        read_item = _reader(typing.get_args(hint)[0])
        return lambda value: tuple(read_item(item) for item in value)
    if hint is datetime:
        return datetime.fromisoformat
    if hint is date:
        return date.fromisoformat
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint
    return _same


def _same(value: Any) -> Any:
    return value
