"""What an HTML form sends, as values for ``Form.check``: a box that is not ticked is sent as nothing at all."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from engine.forms.checking import MAX_ROWS
from engine.forms.components import MANY, Component, Kind
from engine.forms.rights import Right, right_of

if TYPE_CHECKING:
    from engine.forms.form import Form

_CELL = re.compile(r"(\w+)\[(\d{1,4})\]\.(\w+)")


def collect(
    form: Form, names: Iterable[str], getlist: Callable[[str], list[str]], rights: Mapping[str, Right | str]
) -> dict[str, Any]:
    """Gather the fields of a posted page that may be written; ``names`` and ``getlist`` are those of the form data."""
    sent = list(names)
    found: dict[str, Any] = {}
    for component in form.walk():
        if not component.holds_value or component.readonly:
            continue
        if right_of(component.key, rights) not in (Right.WRITE, Right.REQUIRED):
            continue
        if component.kind is Kind.DYNAMIC_LIST:
            found[component.key] = _rows(component, sent, getlist)
        elif component.kind in MANY:
            found[component.key] = getlist(component.key)
        elif component.kind is Kind.CHECKBOX:
            found[component.key] = bool(getlist(component.key))
        elif component.key in sent:
            found[component.key] = (getlist(component.key) or [""])[-1]
    return found


def _rows(component: Component, names: list[str], getlist: Callable[[str], list[str]]) -> list[dict[str, Any]]:
    rows: dict[int, dict[str, Any]] = {}
    many = {part.key for part in component.parts if part.kind in MANY}
    for name in names:
        match = _CELL.fullmatch(name)
        if match is None or match[1] != component.key or int(match[2]) > MAX_ROWS:
            continue
        values = getlist(name)
        rows.setdefault(int(match[2]), {})[match[3]] = values if match[3] in many else (values or [""])[-1]
    return [rows[number] for number in sorted(rows)]
