"""Checking what was sent: types, rights, conditions, rules. The browser may check too; only this counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine import feel
from engine.forms.components import Component, Kind
from engine.forms.judging import FieldError, fault
from engine.forms.rights import Right, right_of
from engine.forms.values import Bad, coerced, is_empty
from engine.records import record

if TYPE_CHECKING:
    from engine.forms.form import Form

MAX_ROWS = 200
Row = dict[str, Any]


@record(kw_only=False)
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

    A field that was not sent keeps its ``original`` value. Unknown fields are refused, never merged. A field without the
    right to write is ignored when it is unchanged and refused when it is not. A field that a condition hides is dropped.
    """
    return _Check(form, now, rights, original).run(given)


def fit(form: Form, given: Mapping[str, Any], now: datetime) -> CheckedForm:
    """Check only the types of what was sent into fields of the form, and give it the form's types; for a program that may
    send anything.

    Nothing is required, no condition is asked, and what the form does not know (names, columns of a list) passes as it is.
    """
    checking = _Check(form, now, {}, given)
    known = {key: component for key, component in checking.known.items() if key in given}
    sent = checking.coerce({key: _in_columns(component, given[key]) for key, component in known.items()})
    values = {key: _with_strange_columns(known[key], given[key], value) for key, value in sent.items()}
    return CheckedForm({**given, **values}, checking.errors)


def _in_columns(component: Component, value: Any) -> Any:
    """The rows of a list with only the columns that the form has."""
    if component.kind is not Kind.DYNAMIC_LIST or not isinstance(value, list):
        return value
    columns = {part.key for part in component.parts if part.holds_value}
    return [
        {name: item for name, item in row.items() if name in columns} if isinstance(row, Mapping) else row
        for row in value
    ]


def _with_strange_columns(component: Component, given: Any, value: Any) -> Any:
    if component.kind is not Kind.DYNAMIC_LIST or not isinstance(given, list):
        return value
    return [{**before, **row} for before, row in zip(given, value, strict=True)]


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
    return component.hide is not None and _holds(component.hide, data, now, otherwise=False)


def is_locked(component: Component, data: Mapping[str, Any], now: datetime) -> bool:
    """Whether the component may only be read now; a condition that fails locks."""
    if isinstance(component.readonly, bool):
        return component.readonly
    return _holds(component.readonly, data, now, otherwise=True)


def _holds(condition: feel.Expression, data: Mapping[str, Any], now: datetime, *, otherwise: bool) -> bool:
    absent = {name: None for name in condition.names if name not in data}
    try:
        return condition.evaluate({**absent, **data}, now=now) is True
    except feel.FeelError:
        return otherwise


class _Check:
    """One check: coerce, apply rights, settle the conditions, judge what is left."""

    def __init__(
        self, form: Form, now: datetime, rights: Mapping[str, Right | str], original: Mapping[str, Any]
    ) -> None:
        self.form, self.now, self.rights, self.original = form, now, rights, original
        self.known = {component.key: component for component in form.walk() if component.holds_value}
        self.base: dict[str, Any] = {**dict.fromkeys(self.known), **original}
        self.errors: dict[str, FieldError] = {}

    def run(self, given: Mapping[str, Any]) -> CheckedForm:
        for name in given:
            if name not in self.known:
                self.errors[str(name)] = FieldError("表单中没有此字段", "the form has no such field")
        sent = self.coerce(given)
        for key in [key for key in sent if not self.has_right(key)]:
            self.refuse_change(key, sent.pop(key))
        kept, shown = self.settle(sent)
        data = {**self.base, **kept}
        for key, component in self.known.items():
            if key not in shown or key in self.errors:
                continue
            if is_locked(component, data, self.now):
                if key in sent:
                    self.refuse_change(key, sent[key])
            elif self.has_right(key):
                self.judge(component, data)
        values = {
            key: self.final(self.known[key], value, data) for key, value in kept.items() if not self.is_refused(key)
        }
        return CheckedForm(values, self.errors)

    def coerce(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return what was sent in the types of the components; note what cannot be read."""
        sent: dict[str, Any] = {}
        for key, component in self.known.items():
            if key not in given:
                continue
            if component.kind is Kind.DYNAMIC_LIST:
                rows = self.rows(component, given[key])
                if rows is not None:
                    sent[key] = rows
                continue
            try:
                sent[key] = coerced(component, given[key], self.base)
            except Bad as bad:
                self.errors[key] = FieldError(bad.zh, bad.en)
        return sent

    def rows(self, component: Component, value: Any) -> list[Row] | None:
        """The rows with their columns coerced, empty ones kept so that errors name the row that the person sees."""
        if is_empty(value):
            return []
        if not isinstance(value, list) or len(value) > MAX_ROWS or not all(isinstance(row, Mapping) for row in value):
            self.errors[component.key] = FieldError(
                f"应为最多 {MAX_ROWS} 行的列表", f"must be a list of at most {MAX_ROWS} rows"
            )
            return None
        return [self.row(component, number, row) for number, row in enumerate(value)]

    def row(self, component: Component, number: int, given: Mapping[str, Any]) -> Row:
        columns = {part.key: part for part in component.parts if part.holds_value}
        for name in given:
            if name not in columns:
                self.errors[f"{component.key}[{number}].{name}"] = FieldError(
                    "列表中没有此列", "the list has no such column"
                )
        found: Row = {}
        for key, column in columns.items():
            try:
                found[key] = coerced(column, given.get(key), self.base)
            except Bad as bad:
                self.errors[f"{component.key}[{number}].{key}"] = FieldError(bad.zh, bad.en)
                found[key] = given.get(key)  # never stored; but the row is not an empty one
        return found

    def has_right(self, key: str) -> bool:
        return right_of(key, self.rights) in (Right.WRITE, Right.REQUIRED)

    def refuse_change(self, key: str, value: Any) -> None:
        """A box that is not ticked is sent as nothing at all, so False says nothing about what the person did."""
        before = self.original.get(key)
        component = self.known[key]
        try:
            if component.kind is Kind.DYNAMIC_LIST:
                value, before = _bare(value), _bare(before)
            elif not is_empty(before):
                before = coerced(component, before, self.base)
        except Bad:
            pass  # what stands there is not of the form's making: then only the very same value is no change
        if value != before and not (is_empty(value) and is_empty(before)) and value is not False:
            self.errors[key] = FieldError("本环节无权修改此字段", "this task may not change the field")

    def settle(self, sent: Mapping[str, Any]) -> tuple[dict[str, Any], set[str]]:
        """Return what remains of ``sent`` and the keys that are shown.

        What is hidden or locked may not decide what else is hidden: without its value the conditions are asked again. Where
        two conditions never agree, what was left out once stays out.
        """
        kept = dict(sent)
        for turn in range(2 * len(self.known) + 2):
            data = {**self.base, **kept}
            shown = {component.key for component in visible(self.form, data, self.now)}
            free = {key for key in shown if key in self.known and not is_locked(self.known[key], data, self.now)}
            source = sent if turn < len(self.known) else kept
            remaining = {key: value for key, value in source.items() if key in free}
            if remaining.keys() == kept.keys():
                break
            kept = remaining
        return kept, shown

    def judge(self, component: Component, data: Mapping[str, Any]) -> None:
        required = component.rules.required or right_of(component.key, self.rights) is Right.REQUIRED
        value = data.get(component.key)
        if component.kind is Kind.DYNAMIC_LIST and isinstance(value, list):
            value = self.judge_rows(component, value, data)
        error = fault(component, value, required=required, now=self.now)
        if error is not None:
            self.errors[component.key] = error

    def judge_rows(self, component: Component, rows: list[Any], data: Mapping[str, Any]) -> list[Any]:
        for number, row in enumerate(rows):
            if not isinstance(row, Mapping) or not is_filled(row):
                continue
            for column in component.parts:
                where = f"{component.key}[{number}].{column.key}"
                if not column.holds_value or where in self.errors or is_hidden(column, {**data, **row}, self.now):
                    continue
                error = fault(column, row.get(column.key), required=column.rules.required, now=self.now)
                if error is not None:
                    self.errors[where] = error
        return filled(rows)

    def is_refused(self, key: str) -> bool:
        return any(name == key or name.startswith(f"{key}[") for name in self.errors)

    def final(self, component: Component, value: Any, data: Mapping[str, Any]) -> Any:
        """The value as it is stored: lists without empty rows and without what their conditions hide."""
        if component.kind is not Kind.DYNAMIC_LIST:
            return value
        hiding = [column for column in component.parts if column.hide is not None]
        for row in value:
            for column in hiding:
                if is_hidden(column, {**data, **row}, self.now):
                    row[column.key] = None
        return filled(value)


def is_filled(row: Mapping[str, Any]) -> bool:
    """Did the person fill anything into the row? A box that is not ticked is nothing."""
    return any(not is_empty(item) and item is not False for item in row.values())


def _bare(rows: Any) -> Any:
    """Rows without their empty cells, to compare what a page sends with what another writer stored."""
    if not isinstance(rows, list):
        return rows
    return [
        {key: item for key, item in row.items() if not is_empty(item) and item is not False}
        for row in rows
        if isinstance(row, Mapping) and is_filled(row)
    ]


def filled(rows: list[Any]) -> list[Any]:
    """The rows in which something stands: a page always draws one empty row more."""
    return [row for row in rows if not isinstance(row, Mapping) or is_filled(row)]
