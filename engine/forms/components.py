"""The parts of a form as frozen values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from enum import StrEnum
from typing import Any

from engine import feel
from engine.records import record


class Kind(StrEnum):
    """The form-js component types that a form may hold."""

    TEXT = "text"  # a paragraph of Markdown-like text, shown as plain lines
    SEPARATOR = "separator"
    SPACER = "spacer"
    BUTTON = "button"  # read and left out: a task has its own buttons
    GROUP = "group"
    DYNAMIC_LIST = "dynamiclist"
    TEXTFIELD = "textfield"
    TEXTAREA = "textarea"
    NUMBER = "number"
    DATETIME = "datetime"
    SELECT = "select"
    RADIO = "radio"
    CHECKLIST = "checklist"
    TAGLIST = "taglist"
    CHECKBOX = "checkbox"


SHOWN_ONLY = frozenset({Kind.TEXT, Kind.SEPARATOR, Kind.SPACER, Kind.BUTTON})
WITH_PARTS = frozenset({Kind.GROUP, Kind.DYNAMIC_LIST})
WITH_OPTIONS = frozenset({Kind.SELECT, Kind.RADIO, Kind.CHECKLIST, Kind.TAGLIST})
MANY = frozenset({Kind.CHECKLIST, Kind.TAGLIST})


@record(kw_only=False)
class Option:
    """One choice of a select, radio or checklist."""

    value: Any
    label: str


@record
class Rules:
    """What a value must satisfy. Lengths are in characters."""

    required: bool = False
    min_length: int | None = None
    max_length: int | None = None
    minimum: float | None = None
    maximum: float | None = None
    pattern: feel.Pattern | None = None
    pattern_text: str = ""
    pattern_message: str = ""
    validation_type: str | None = None


@record
class Component:
    """One part of a form. ``key`` is "" for parts that hold no value of their own."""

    kind: Kind
    id: str
    key: str = ""
    label: str = ""
    description: str = ""
    text: str = ""
    default: Any = None
    hide: feel.Expression | None = None
    readonly: bool | feel.Expression = False
    rules: Rules = field(default_factory=Rules)
    options: tuple[Option, ...] = ()
    options_key: str = ""  # the variable that holds the options
    subtype: str = ""  # of datetime: date, time, datetime
    not_in_the_past: bool = False  # of datetime
    decimal_digits: int | None = None
    prefix: str = ""
    suffix: str = ""
    columns: int = 16  # of a grid of 16
    row: str = ""
    parts: tuple[Component, ...] = ()

    @property
    def holds_value(self) -> bool:
        return bool(self.key) and self.kind not in SHOWN_ONLY and self.kind is not Kind.GROUP

    @property
    def names(self) -> frozenset[str]:
        """The variables that its conditions and options read."""
        names = {self.options_key} if self.options_key else set()
        for condition in (self.hide, self.readonly):
            if isinstance(condition, feel.Expression):
                names |= condition.names | condition.optional_names
        return frozenset(names)

    def walk(self) -> Iterator[Component]:
        """This part and those inside it; the columns of a dynamic list belong to the list."""
        yield self
        if self.kind is Kind.GROUP:
            for part in self.parts:
                yield from part.walk()
