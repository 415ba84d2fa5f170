"""Checking what was sent: types, rights, conditions, rules. The browser may check too; only this counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine import feel
from engine.forms import values
from engine.forms.components import Component, Kind
from engine.forms.identifiers import NAMES, is_valid
from engine.forms.rights import Right, right_of
from engine.forms.values import Bad, is_empty

if TYPE_CHECKING:
    from engine.forms.form import Form

MAX_LENGTH = {Kind.TEXTAREA: 4000}
DEFAULT_MAX_LENGTH = 500
MAX_ROWS = 200


@dataclass(frozen=True, slots=True)
class FieldError:
    """Why a field is refused."""

    zh: str
    en: str

    def message(self, language: str = "zh") -> str:
        return self.zh if language.startswith("zh") else self.en


@dataclass(frozen=True, slots=True)
class CheckedForm:
    """``values`` are what may be stored (only fields with the right to write that are shown); ``errors`` by field key.

    A field of a list's row has the key ``list[0].column``.
    """

    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, FieldError] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return not self.errors


def check(
    form: Form,
    given: Mapping[str, Any],
    *,
    now: datetime,
    rights: Mapping[str, Right | str],
    original: Mapping[str, Any],
) -> CheckedForm:
    """Check ``given`` against the form.

    A field that was not sent keeps its ``original`` value. Unknown fields are refused, never merged. A field without the right
    to write is ignored when it is unchanged and refused when it is not. A field that a condition hides is dropped.
    """
    checked = CheckedForm()
    known = {component.key: component for component in form.walk() if component.holds_value}
    for name in given:
        if name not in known:
            checked.errors[str(name)] = FieldError("表单中没有此字段", "the form has no such field")
    data = {**dict.fromkeys(known), **original}
    sent: dict[str, Any] = {}
    for key, component in known.items():
        if key in given:
            _take(component, given[key], data, sent, checked)
    _refuse_unwritable(known, rights, original, sent, checked)
    data.update(sent)
    shown = {component.key for component in visible(form, data, now) if component.holds_value}
    for key, component in known.items():
        if key in checked.errors:
            continue
        if key not in shown:
            sent.pop(key, None)
        elif _writable(component, rights):
            _judge(component, key, data.get(key), rights, checked)
    checked.values.update({key: value for key, value in sent.items() if key not in checked.errors})
    return checked


def visible(form: Form, data: Mapping[str, Any], now: datetime) -> Iterator[Component]:
    """The components that no condition hides, groups opened; a hidden group hides what is in it."""
    yield from _visible(form.components, data, now)


def _visible(components: tuple[Component, ...], data: Mapping[str, Any], now: datetime) -> Iterator[Component]:
    for component in components:
        if is_hidden(component, data, now):
            continue
        yield component
        if component.kind is Kind.GROUP:
            yield from _visible(component.parts, data, now)


def is_hidden(component: Component, data: Mapping[str, Any], now: datetime) -> bool:
    """Whether the component's condition hides it. What the form does not know counts as null; a failing one does not hide."""
    if component.hide is None:
        return False
    absent = {name: None for name in component.hide.names if name not in data}
    try:
        return component.hide.evaluate({**absent, **data}, now=now) is True
    except feel.FeelError:
        return False


def _take(
    component: Component, value: Any, data: Mapping[str, Any], sent: dict[str, Any], checked: CheckedForm
) -> None:
    if component.kind is Kind.DYNAMIC_LIST:
        rows = _rows(component, value, data, checked)
        if rows is not None:
            sent[component.key] = rows
        return
    try:
        sent[component.key] = values.coerced(component, value, data)
    except Bad as bad:
        checked.errors[component.key] = FieldError(bad.zh, bad.en)


def _rows(
    component: Component, value: Any, data: Mapping[str, Any], checked: CheckedForm
) -> list[dict[str, Any]] | None:
    if is_empty(value):
        return []
    if not isinstance(value, list) or len(value) > MAX_ROWS or not all(isinstance(row, Mapping) for row in value):
        checked.errors[component.key] = FieldError(
            f"应为最多 {MAX_ROWS} 行的列表", f"must be a list of at most {MAX_ROWS} rows"
        )
        return None
    columns = {part.key: part for part in component.parts if part.holds_value}
    rows: list[dict[str, Any]] = []
    for number, row in enumerate(value):
        if unknown := [name for name in row if name not in columns]:
            where = f"{component.key}[{number}].{unknown[0]}"
            checked.errors[where] = FieldError("列表中没有此列", "the list has no such column")
            continue
        rows.append(_row(component, number, row, columns, data, checked))
    # Rows in which nothing is filled in are rows that the person left empty.
    return [row for row in rows if any(not is_empty(item) and item is not False for item in row.values())]


def _row(
    component: Component,
    number: int,
    row: Mapping[str, Any],
    columns: Mapping[str, Component],
    data: Mapping[str, Any],
    checked: CheckedForm,
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    filled = any(not is_empty(item) for item in row.values())
    for key, column in columns.items():
        where = f"{component.key}[{number}].{key}"
        try:
            found[key] = values.coerced(column, row.get(key), data)
        except Bad as bad:
            checked.errors[where] = FieldError(bad.zh, bad.en)
            continue
        if filled:
            _judge(column, where, found[key], {}, checked)
    return found


def _writable(component: Component, rights: Mapping[str, Right | str]) -> bool:
    return not component.readonly and right_of(component.key, rights) in (Right.WRITE, Right.REQUIRED)


def _refuse_unwritable(
    known: Mapping[str, Component],
    rights: Mapping[str, Right | str],
    original: Mapping[str, Any],
    sent: dict[str, Any],
    checked: CheckedForm,
) -> None:
    for key, component in known.items():
        if key not in sent or _writable(component, rights):
            continue
        value = sent.pop(key)
        same = value == original.get(key) or (is_empty(value) and is_empty(original.get(key))) or value is False
        if not same:
            checked.errors[key] = FieldError("本环节无权修改此字段", "this task may not change the field")


def _judge(
    component: Component, where: str, value: Any, rights: Mapping[str, Right | str], checked: CheckedForm
) -> None:
    required = component.rules.required or right_of(component.key, rights) is Right.REQUIRED
    error = _fault(component, value, required)
    if error is not None:
        checked.errors[where] = error


def _fault(component: Component, value: Any, required: bool) -> FieldError | None:
    rules = component.rules
    if is_empty(value) or (component.kind is Kind.CHECKBOX and value is False):
        return FieldError("必填", "is required") if required else None
    if isinstance(value, str) and component.kind in (Kind.TEXTFIELD, Kind.TEXTAREA):
        return _text_fault(component, value)
    if isinstance(value, (int, float)) and not isinstance(value, bool) and component.kind is Kind.NUMBER:
        if rules.minimum is not None and value < rules.minimum:
            return FieldError(f"不小于 {rules.minimum:g}", f"must be at least {rules.minimum:g}")
        if rules.maximum is not None and value > rules.maximum:
            return FieldError(f"不大于 {rules.maximum:g}", f"must be at most {rules.maximum:g}")
    return None


def _text_fault(component: Component, value: str) -> FieldError | None:
    rules = component.rules
    longest = rules.max_length or MAX_LENGTH.get(component.kind, DEFAULT_MAX_LENGTH)
    if len(value) > longest:
        return FieldError(f"不超过 {longest} 字", f"has more than {longest} characters")
    if rules.min_length is not None and len(value) < rules.min_length:
        return FieldError(f"不少于 {rules.min_length} 字", f"has fewer than {rules.min_length} characters")
    # As form-js does: anywhere in the text, unless the pattern has ^ and $ itself.
    if rules.pattern is not None and not rules.pattern.found_in(value):
        return FieldError(rules.pattern_message or "格式不符", rules.pattern_message or "does not have the right form")
    if rules.validation_type is not None and not is_valid(rules.validation_type, value):
        return FieldError(*NAMES[rules.validation_type])
    return None
