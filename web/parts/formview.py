"""Forms on pages: what a form shows to this person now, what was posted, and drafts of what was typed."""

import secrets
from collections.abc import Mapping
from dataclasses import field, replace
from datetime import datetime
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any

from flask import request
from werkzeug.datastructures import MultiDict

from engine import forms
from engine.access import Actor
from engine.approval.item import Item
from engine.commands.tasks.drafts import SaveDraft
from engine.errors import BanjieError, InvalidInput
from engine.forms import Field, FieldError, Right
from engine.forms.components import Kind
from engine.forms.showing import text_of
from engine.forms.values import is_empty
from engine.records import record
from web.frame.auth import services
from web.wording.i18n import language
from web.wording.i18n import translate as _

PREFIX = "f."  # a form's own field may be called "comment" or "reason", like the page's


@record(kw_only=False)
class FormView:
    """What a template draws. ``refresh`` are the fields on whose value it depends what else is shown.

    ``changes`` are sentences on the fields that are different since the step before, by name.
    """

    fields: tuple[Field, ...]
    refresh: frozenset[str]
    editable: bool
    changes: Mapping[str, str] = field(default_factory=dict)

    def flat(self) -> list[Field]:
        """All fields that hold values, those in groups and rows too."""
        return list(_flat(self.fields))

    @property
    def wrong(self) -> list[Field]:
        return [each for each in self.flat() if each.error is not None]


@record(kw_only=False)
class BoundForm:
    """A form with the rights of its task and the values that stand."""

    form: forms.Form
    rights: Mapping[str, Right | str] = field(default_factory=dict)
    original: Mapping[str, Any] = field(default_factory=dict)

    def read(self, sent: MultiDict[str, str]) -> dict[str, Any]:
        """What the page sent, for the fields that may be written."""
        names = [name.removeprefix(PREFIX) for name in sent if name.startswith(PREFIX)]
        return forms.collect(self.form, names, lambda name: sent.getlist(PREFIX + name), self.rights)

    def differing(self, typed: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
        """Label and value of what was ``typed`` and is not what stands, as far as it is text."""
        told = {key: value for key, value in typed.items() if value not in (None, "", self.original.get(key))}
        return tuple(
            (self.form.label_of(key), _as_text(value))
            for key, value in told.items()
            if isinstance(value, (str, int, float, list))
        )

    def view(
        self,
        typed: Mapping[str, Any] | None,
        error: BanjieError | None = None,
        *,
        editable: bool = True,
        former: Mapping[str, Any] | None = None,
    ) -> FormView:
        """Describe the form with what was ``typed`` over what stands; for reading only unless ``editable``.

        ``former`` are the values that were there before, of the fields that are different since the step before.
        """
        rights = self.rights if editable else _reading(self.rights)
        values = {key: _filled(value) for key, value in (typed or {}).items()}
        fields = self.form.fields(
            {**self.original, **values}, now=services().engine.local_now(), rights=rights, errors=errors_of(error)
        )
        view = FormView(fields, self.form.names, editable)
        return replace(view, changes=_changes(view.flat(), former)) if former else view

    def check(self, typed: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        """Return the checked values; raises InvalidInput as a command does."""
        result = self.form.check(typed, now=now, rights=self.rights, original=self.original)
        if result.errors:
            raise InvalidInput(
                "请更正标红的项目。",
                "Please correct the marked fields.",
                fields={key: error.zh for key, error in result.errors.items()},
                fields_en={key: error.en for key, error in result.errors.items()},
            )
        return result.values


def _changes(shown: list[Field], former: Mapping[str, Any]) -> dict[str, str]:
    """A sentence for every field that is shown and different; what was in a list is too long to be told."""
    told: dict[str, str] = {}
    for each in (each for each in shown if each.name in former):
        before = former[each.name]
        if each.kind is Kind.DYNAMIC_LIST:
            told[each.name] = _("上一环节有改动")
        elif each.kind is Kind.CHECKBOX:
            told[each.name] = _("上一环节有改动，原来是「{value}」", value=_as_text(before is True))
        elif is_empty(before):
            told[each.name] = _("上一环节新填")
        else:
            text = text_of(each.component, before, each.options)
            told[each.name] = _("上一环节有改动，原来是「{value}」", value=text)
    return told


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return _("是") if value else _("否")
    return "、".join(map(str, value)) if isinstance(value, list) else str(value)


def of_task(row: Mapping[str, Any], instance: Mapping[str, Any] | None = None) -> BoundForm | None:
    """The form of a task with its rights and the values that the task sees; None when it has no form.

    ``instance`` is the row of its instance, where it was read before.
    """
    if row["form_key"] is None:
        return None
    instance = instance or services().queries.instances.get(row["instance_id"])
    source = services().queries.definitions.form(instance["definition_id"], row["form_key"]) if instance else None
    if source is None:
        return None
    rights = forms.parse_rights(str(row["settings"].get("fields", "")))
    is_open = row["state"] in ("offered", "assigned")
    seen = services().engine.variables(row["instance_id"], row["token_id"] if is_open else None)
    return BoundForm(parsed(source), rights, {**seen, **row["local_variables"]})


def of_start(definition_id: str, form_key: str | None) -> BoundForm | None:
    """The form with which a process is started; None when it has none."""
    source = services().queries.definitions.form(definition_id, form_key) if form_key else None
    return None if source is None else BoundForm(parsed(source))


def of_item(item: Item, instance_id: str | None = None) -> BoundForm | None:
    """The application form of an item: as its process has it now, or as an instance of it is fixed to it."""
    name = item.forms.get("start")
    queries = services().queries
    if name is None:
        return None
    if instance_id is not None:
        instance = queries.instances.get(instance_id)
        definition_id = instance["definition_id"] if instance else ""
    else:
        latest = queries.definitions.latest(item.process_key)
        definition_id = latest["id"] if latest else ""
    return of_start(definition_id, PurePosixPath(name).stem) or of_start(definition_id, name)


@lru_cache(maxsize=300)
def parsed(source: bytes) -> forms.Form:
    """Read a stored form; it was checked when it was deployed."""
    return forms.read(source)


def errors_of(error: BanjieError | None) -> dict[str, FieldError]:
    """What a refusal says about single fields."""
    facts = error.facts if error is not None else {}
    english = facts.get("fields_en", {})
    return {key: FieldError(str(zh), str(english.get(key, zh))) for key, zh in facts.get("fields", {}).items()}


def message_for(error: BanjieError | None, name: str) -> str:
    """What a refusal says about one field of the page, or ""."""
    found = errors_of(error).get(name)
    return found.message(language()) if found else ""


def _reading(rights: Mapping[str, Right | str]) -> dict[str, Right | str]:
    """The same rights without writing: what is hidden stays hidden."""
    read: dict[str, Right | str] = {
        key: Right.HIDDEN if right == Right.HIDDEN else Right.READ for key, right in rights.items()
    }
    return {"*": Right.READ, **read}


def _filled(value: Any) -> Any:
    """A list without its empty rows: the form always draws one empty row more."""
    if isinstance(value, list) and value and all(isinstance(each, Mapping) for each in value):
        return [row for row in value if any(row.values())]
    return value


def _flat(fields: tuple[Field, ...]) -> Any:
    for each in fields:
        yield from _flat(each.parts)
        if each.component.holds_value:
            yield each
        for row in each.rows:
            yield from row


# ---------------------------------------------------------------- what stays when one goes on


def hidden_inputs(form: BoundForm, typed: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What was typed, as hidden fields of a preview: (name, value) pairs that ``read`` understands."""
    pairs: list[tuple[str, str]] = []
    for key, value in typed.items():
        if isinstance(value, list) and any(isinstance(each, Mapping) for each in value):
            for number, row in enumerate(value):
                pairs += [
                    (f"{PREFIX}{key}[{number}].{column}", str(item))
                    for column, each in row.items()
                    for item in _items(each)
                ]
        else:
            pairs += [(PREFIX + key, str(item)) for item in _items(value)]
    return pairs


def _items(value: Any) -> list[Any]:
    """The texts that an HTML form sends for a value: none for an empty or unticked one."""
    if isinstance(value, list):
        return value
    return [] if value is None or value is False else ["true"] if value is True else [value]


def draft(actor: Actor, kind: str, ref: str) -> dict[str, Any] | None:
    """The actor's draft: its data with ``updated_at``, or None."""
    row = services().queries.drafts.get(actor, kind, ref)
    return None if row is None else row["data"] | {"updated_at": row["updated_at"]}


def save_draft(kind: str, ref: str, typed: Mapping[str, Any], **more: Any) -> SaveDraft:
    """The command that keeps what was typed."""
    return SaveDraft(kind=kind, ref=ref, data={"values": dict(typed), **more})


def new_key() -> str:
    """A key for this very page: the same page sent twice acts once."""
    return secrets.token_hex(16)


def key_of_page() -> str | None:
    """The key that the page sent, as an idempotency key of the engine."""
    key = request.form.get("key", "")
    return f"page:{key}" if 8 <= len(key) <= 80 and key.isalnum() else None
