"""A form: its components, what they fill, how it is checked and what a page draws of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from engine.forms import checking, showing
from engine.forms.components import Component
from engine.forms.judging import FieldError
from engine.forms.rights import ALL, Right
from engine.records import record

_IN_ROW = re.compile(r"(?P<list>.+)\[(?P<row>\d{1,6})\]\.(?P<field>.+)")


@record(kw_only=False)
class Form:
    """A form that was read without error."""

    id: str
    components: tuple[Component, ...]

    def walk(self) -> Iterator[Component]:
        """All parts in order, with those inside groups."""
        for component in self.components:
            yield from component.walk()

    @property
    def keys(self) -> tuple[str, ...]:
        """The variables that this form fills, in order."""
        return tuple(component.key for component in self.walk() if component.holds_value)

    def label_of(self, name: str) -> str:
        """How people call a field, "项目名称"; of a row, "设备 2 · 型号" for ``devices[1].model``. A strange name is itself."""
        found = _IN_ROW.fullmatch(name)
        outer = found["list"] if found else name
        component = next((each for each in self.walk() if each.key == outer), None)
        if component is None:
            return name
        label = component.label or outer
        if found is None:
            return label
        inner = next(
            (part.label for part in component.parts if part.key == found["field"] and part.label), found["field"]
        )
        return f"{label} {int(found['row']) + 1} · {inner}"

    @property
    def names(self) -> frozenset[str]:
        """The variables that its conditions and options read, those among them that it fills itself included."""
        names: set[str] = set()
        for component in self.walk():
            for part in (component, *component.parts):
                names |= part.names
        return frozenset(names)

    def check(
        self,
        values: Mapping[str, Any],
        *,
        now: datetime,
        rights: Mapping[str, Right | str] = ALL,
        original: Mapping[str, Any] | None = None,
    ) -> checking.CheckedForm:
        """Check what was sent against the form and the rights; see ``engine.forms.checking``."""
        return checking.check(self, values, now=now, rights=rights, original=original or {})

    def fit(self, values: Mapping[str, Any], *, now: datetime) -> checking.CheckedForm:
        """Check only the types of what goes into this form's fields; see ``engine.forms.checking``."""
        return checking.fit(self, values, now)

    def fields(
        self,
        values: Mapping[str, Any],
        *,
        now: datetime,
        rights: Mapping[str, Right | str] = ALL,
        errors: Mapping[str, FieldError] | None = None,
    ) -> tuple[showing.Field, ...]:
        """Describe what a page has to draw; see ``engine.forms.showing``."""
        return showing.fields(self, values, now=now, rights=rights, errors=errors or {})
