"""What a page has to draw: one Field for each part that is shown, with value, right, options and error."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.forms.checking import is_hidden, is_locked
from engine.forms.components import WITH_OPTIONS, Component, Kind, Option
from engine.forms.judging import FieldError, max_length
from engine.forms.rights import Right, right_of
from engine.forms.values import is_empty, options_of
from engine.records import record

if TYPE_CHECKING:
    from engine.forms.form import Form


@record
class Field:
    """One part of a form for one person now. ``value`` is the stored value, ``text`` what is shown of it."""

    component: Component
    name: str  # of the HTML control: the key, or "list[0].column"
    value: Any = None
    text: str = ""
    readonly: bool = False
    required: bool = False
    options: tuple[Option, ...] = ()
    error: FieldError | None = None
    parts: tuple[Field, ...] = ()  # of a group
    rows: tuple[tuple[Field, ...], ...] = ()  # of a dynamic list; the last one is empty, for a new row
    max_length: int | None = None

    @property
    def kind(self) -> Kind:
        return self.component.kind

    @property
    def label(self) -> str:
        return self.component.label

    def is_chosen(self, option: Option) -> bool:
        """Whether an option is selected."""
        chosen = self.value if isinstance(self.value, list) else [self.value]
        return any(str(each) == str(option.value) for each in chosen if each is not None)


def fields(
    form: Form,
    values: Mapping[str, Any],
    *,
    now: datetime,
    rights: Mapping[str, Right | str],
    errors: Mapping[str, FieldError],
) -> tuple[Field, ...]:
    """Describe the form for ``values`` (stored ones, or what was just sent) with the rights of a task."""
    defaults = {part.key: part.default for part in form.walk() if part.holds_value and part.default is not None}
    known = {part.key: None for part in form.walk() if part.holds_value}
    drawing = _Drawing({**known, **defaults, **{k: v for k, v in values.items() if v is not None}}, now, rights, errors)
    return drawing.all(form.components)


class _Drawing:
    def __init__(
        self,
        data: Mapping[str, Any],
        now: datetime,
        rights: Mapping[str, Right | str],
        errors: Mapping[str, FieldError],
    ) -> None:
        self.data, self.now, self.rights, self.errors = data, now, rights, errors

    def all(self, components: tuple[Component, ...]) -> tuple[Field, ...]:
        return tuple(field for component in components if (field := self.one(component)) is not None)

    def one(self, component: Component) -> Field | None:
        if component.kind is Kind.BUTTON or is_hidden(component, self.data, self.now):
            return None
        if component.kind is Kind.GROUP:
            parts = self.all(component.parts)
            return Field(component=component, name=component.id, parts=parts) if parts else None
        if not component.holds_value:
            return Field(component=component, name=component.id)
        right = right_of(component.key, self.rights)
        if right is Right.HIDDEN:
            return None
        return self.leaf(component, component.key, self.data.get(component.key), right)

    def leaf(self, component: Component, name: str, value: Any, right: Right) -> Field:
        readonly = right is Right.READ or is_locked(component, self.data, self.now)
        options = options_of(component, self.data) if component.kind in WITH_OPTIONS else ()
        return Field(
            component=component,
            name=name,
            value=value,
            text=text_of(component, value, options),
            readonly=readonly,
            required=not readonly and (component.rules.required or right is Right.REQUIRED),
            options=options,
            error=self.errors.get(name),
            rows=self.rows(component, name, value, readonly) if component.kind is Kind.DYNAMIC_LIST else (),
            max_length=max_length(component),
        )

    def rows(self, component: Component, name: str, value: Any, readonly: bool) -> tuple[tuple[Field, ...], ...]:
        """One row of cells for each row of data, and an empty one to fill in. Every row has every column."""
        columns = [part for part in component.parts if part.holds_value]
        filled = [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []
        drawn = filled if readonly else [*filled, {}]
        right = Right.READ if readonly else Right.WRITE
        return tuple(
            tuple(self.leaf(column, f"{name}[{number}].{column.key}", row.get(column.key), right) for column in columns)
            for number, row in enumerate(drawn)
        )


def text_of(component: Component, value: Any, options: tuple[Option, ...] = ()) -> str:
    """What a person reads of a value: labels of options, 是/否, numbers with their unit."""
    if component.kind is Kind.CHECKBOX:
        return "是" if value is True else "否"
    if is_empty(value) or component.kind is Kind.DYNAMIC_LIST:
        return ""
    labels = {str(option.value): option.label for option in options}
    if component.kind in WITH_OPTIONS:
        chosen = value if isinstance(value, list) else [value]
        return "、".join(labels.get(str(each), _plain(each)) for each in chosen)
    if component.kind is Kind.DATETIME:
        return str(value).replace("T", " ")
    return f"{component.prefix}{_plain(value)}{component.suffix}"


def _plain(value: Any) -> str:
    """A value that the form did not make (a script wrote it) is shown as JSON, not as Python."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
