"""Reading TOML tables into values, key by key; everything that is wrong is collected, by dotted key."""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Any, Final, NamedTuple

from engine.calendar import Limit
from engine.errors import BanjieError


class Fault(NamedTuple):
    """What is wrong with one key."""

    key: str
    zh: str
    en: str


class Wrong:
    """Stands for a value that could not be read; why is among the faults."""


WRONG: Final = Wrong()
Faults = list[Fault]
Read = Callable[[object, str, Faults], Any]  # (value, dotted key, faults) -> value, or WRONG after adding a fault


def _wrong(faults: Faults, key: str, zh: str, en: str) -> Wrong:
    faults.append(Fault(key, zh, en))
    return WRONG


def text(value: object, key: str, faults: Faults) -> Any:
    """A text that is not empty."""
    if isinstance(value, str) and value.strip():
        return value.strip()
    return _wrong(faults, key, "应为非空文字", "must be a text that is not empty")


def any_text(value: object, key: str, faults: Faults) -> Any:
    """A text, empty or not."""
    return value.strip() if isinstance(value, str) else _wrong(faults, key, "应为文字", "must be a text")


def flag(value: object, key: str, faults: Faults) -> Any:
    """true or false."""
    return value if isinstance(value, bool) else _wrong(faults, key, "应为 true 或 false", "must be true or false")


def count(value: object, key: str, faults: Faults) -> Any:
    """A whole number from 0."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    return _wrong(faults, key, "应为不小于 0 的整数", "must be a whole number from 0")


def share(value: object, key: str, faults: Faults) -> Any:
    """A number from 0 to 1."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1:
        return float(value)
    return _wrong(faults, key, "应为 0 到 1 的数", "must be a number from 0 to 1")


def limit(value: object, key: str, faults: Faults) -> Any:
    """A limit, as text."""
    if not isinstance(value, str):
        return _wrong(faults, key, "应为时限文字，如“5wd”", 'must be a limit such as "5wd"')
    try:
        return Limit.parse(value)
    except BanjieError as error:
        return _wrong(faults, key, error.zh.rstrip("。"), error.en.rstrip("."))


def choice(kind: type[StrEnum]) -> Read:
    """One of the values of ``kind``."""
    allowed = ", ".join(each.value for each in kind)

    def read(value: object, key: str, faults: Faults) -> Any:
        for each in kind:
            if isinstance(value, str) and value.strip().lower() == each.value:
                return each
        return _wrong(faults, key, f"应为其中之一：{allowed}", f"must be one of {allowed}")

    return read


def listed(read_one: Read, collect: Callable[[Iterable[Any]], Any] = tuple) -> Read:
    """A list whose entries are read by ``read_one``."""

    def read(value: object, key: str, faults: Faults) -> Any:
        if not isinstance(value, list):
            return _wrong(faults, key, "应为列表", "must be a list")
        found = [read_one(entry, f"{key}[{index}]", faults) for index, entry in enumerate(value)]
        return WRONG if WRONG in found else collect(found)

    return read


def mapped(read_one: Read) -> Read:
    """A table with free keys whose values are read by ``read_one``."""

    def read(value: object, key: str, faults: Faults) -> Any:
        if not isinstance(value, Mapping):
            return _wrong(faults, key, "应为表", "must be a table")
        found = {str(name): read_one(entry, f"{key}.{name}", faults) for name, entry in value.items()}
        return WRONG if WRONG in found.values() else found

    return read


def table(build: Callable[..., Any], fields: Mapping[str, Read], required: Iterable[str] = ()) -> Read:
    """A table with these keys, given to ``build`` by name; a key that nobody knows is a fault, so typing slips show."""
    needed = tuple(required)

    def read(value: object, key: str, faults: Faults) -> Any:
        if not isinstance(value, Mapping):
            return _wrong(faults, key, "应为表", "must be a table")
        before = len(faults)
        found = {}
        for name, entry in value.items():
            path = f"{key}.{name}" if key else str(name)
            if name in fields:
                found[name] = fields[name](entry, path, faults)
            else:
                known = ", ".join(fields)
                _wrong(faults, path, f"没有这个键，可用的键有 {known}", f"is not known here; known keys: {known}")
        for name in needed:
            if name not in value:
                _wrong(faults, f"{key}.{name}" if key else name, "必须填写", "is required")
        if len(faults) > before:
            return WRONG
        try:
            return build(**found)
        except BanjieError as error:
            return _wrong(faults, key, error.zh.rstrip("。"), error.en.rstrip("."))

    return read
