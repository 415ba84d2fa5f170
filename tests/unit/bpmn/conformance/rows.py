"""Marks a test class as the proof of rows of the support table; ``docs/bpmn-support.md`` is written from these marks."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T", bound=type)


@dataclass(frozen=True, slots=True)
class Row:
    """What a test class shows about the element ``key`` (of ``engine.bpmn.rules.support``), in both languages."""

    key: str
    zh: str
    en: str
    test: str  # module::class


ROWS: list[Row] = []


def row(*keys: str, zh: str, en: str) -> Callable[[T], T]:
    """Mark a test class: it shows that these elements run as BPMN 2.0 says; ``zh`` and ``en`` are the note."""

    def mark(test: T) -> T:
        module = test.__module__.rpartition(".")[2]
        ROWS.extend(Row(key, zh, en, f"{module}::{test.__name__}") for key in keys)
        return test

    return mark
