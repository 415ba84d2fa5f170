"""Form fields that stand inside a model (Camunda 7's formData, Flowable's formProperty) -> a form-js form of the same fields."""

import json
from collections.abc import Sequence
from typing import Any, Final

from engine import forms
from engine.bpmn.xml import Node

_TYPES: Final = {
    "": "textfield",
    "string": "textfield",
    "text": "textarea",
    "long": "number",
    "int": "number",
    "integer": "number",
    "double": "number",
    "float": "number",
    "boolean": "checkbox",
    "date": "datetime",
    "enum": "select",
}
_LIMITS: Final = {"minlength": "minLength", "maxlength": "maxLength", "min": "min", "max": "max"}


def convert(fields: Sequence[Node], form_id: str) -> str | None:
    """Return the form as JSON, or None when a field cannot be said in form-js."""
    components = [_component(field) for field in fields]
    if not components or None in components:
        return None
    form = {"type": "default", "id": form_id, "schemaVersion": 19, "components": components}
    try:
        forms.read(form)
    except forms.FormRefused:
        return None
    return json.dumps(form, ensure_ascii=False, indent=1)


def _component(field: Node) -> dict[str, Any] | None:
    kind = _TYPES.get((field.get("type") or "").strip().lower())
    key = (field.get("id") or "").strip()
    if kind is None or field.get("expression"):
        return None
    label = field.get("label") or field.get("name") or key
    component: dict[str, Any] = {"type": kind, "key": key, "id": f"field_{key}", "label": label}
    validate: dict[str, Any] = {"required": True} if field.get("required") == "true" else {}
    readonly = field.get("writable") == "false"
    for constraint in (c for part in field.children if part.name == "validation" for c in part.children):
        name, config = (constraint.get("name") or "").lower(), constraint.get("config") or ""
        if name == "required":
            validate["required"] = config != "false"
        elif name == "readonly":
            readonly = config != "false"
        elif name in _LIMITS and (number := _number(config)) is not None:
            validate[_LIMITS[name]] = number
        else:
            return None  # a validator in Java
    if kind == "datetime":
        component |= {"subtype": "date", "dateLabel": label}
    if kind == "select":
        values = [part for part in field.children if part.name == "value"]
        component["values"] = [
            {"value": v.get("id") or "", "label": v.get("name") or v.get("id") or ""} for v in values
        ]
    default = field.get("defaultValue") or field.get("default")
    if default and "{" not in default:
        component["defaultValue"] = _default(kind, default)
    if validate:
        component["validate"] = validate
    if readonly:
        component["readonly"] = True
    return component


def _number(text: str) -> float | int | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return int(value) if value.is_integer() and abs(value) < 1e15 else value


def _default(kind: str, text: str) -> Any:
    if kind == "number":
        return _number(text)
    return text.strip().lower() == "true" if kind == "checkbox" else text
