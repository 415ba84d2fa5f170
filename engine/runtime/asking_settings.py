"""Reads what a node says of asking others, or says precisely, in both languages, what cannot be; used at the upload."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from engine.runtime.allowance import NodeVerb
from engine.runtime.task import Power
from engine.runtime.transfer import TransferScope

NAMES: Final = ("allow", "transferScope", "transferClock", "delegatePower", "maxSigners")
_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "transferScope": tuple(TransferScope),
    "transferClock": ("rest", "fresh"),
    "delegatePower": tuple(Power),
}

Fault = tuple[str, str, str]  # setting, and what is wrong in Chinese and English


def faults(settings: Mapping[str, Any], *, is_open: Callable[[str], bool] = lambda value: False) -> list[Fault]:
    """What cannot be among ``settings``. ``is_open`` says of which texts the value is not known yet (expressions)."""
    given = {name: str(settings.get(name) or "").strip() for name in NAMES}
    return list(_faults({name: text for name, text in given.items() if text and not is_open(text)}))


def _faults(given: Mapping[str, str]) -> Iterator[Fault]:
    for name, choices in _CHOICES.items():
        if name in given and given[name] not in choices:
            yield _unknown(name, given[name], choices)
    words = [word.strip() for word in given.get("allow", "").split(",") if word.strip()]
    for word in words:
        if word.removeprefix("-") not in set(NodeVerb):
            yield _unknown("allow", word, NodeVerb)
    number = given.get("maxSigners")
    if number is not None and not (number.isdecimal() and len(number) <= 3):
        yield ("maxSigners", f"{number!r} 不是 0 至 999 的整数", f"{number!r} is no whole number from 0 to 999")


def _unknown(name: str, text: str, choices: Iterable[str]) -> Fault:
    shown = ", ".join(choices)
    return (name, f"{text!r} 不认识，可以写 {shown}", f"{text!r} is unknown; it takes {shown}")
