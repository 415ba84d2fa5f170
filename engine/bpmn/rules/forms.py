"""The forms that come with an upload: by which keys a model may call them, and which fields they fill."""

import json
from collections.abc import Mapping
from typing import Any


class FormBook:
    """Forms by key. A form is known by its name, with and without folder and ``.form``, and by the id inside it."""

    def __init__(self, forms: Mapping[str, Any]) -> None:
        self._fields: dict[str, frozenset[str]] = {}
        read: dict[int, tuple[Any, frozenset[str]]] = {}  # a form comes under several keys and is read once
        for key, form in forms.items():
            if id(form) not in read:
                schema = _schema(form)
                read[id(form)] = schema.get("id"), frozenset(_fields(schema))
            own, fields = read[id(form)]
            name = key.replace("\\", "/").rpartition("/")[2]
            for alias in (key, name, name.removesuffix(".json").removesuffix(".form"), own):
                if isinstance(alias, str) and alias:
                    self._fields.setdefault(alias, fields)

    def __contains__(self, key: str) -> bool:
        return key in self._fields

    def fields(self, key: str) -> frozenset[str]:
        """Return the variables that the form fills; none for an unknown form."""
        return self._fields.get(key, frozenset())


def _schema(form: Any) -> dict[str, Any]:
    if isinstance(form, bytes | str):
        try:
            form = json.loads(form)
        except (ValueError, RecursionError):
            return {}  # what is wrong with the form itself is said by the room of forms
    return form if isinstance(form, dict) else {}


def _fields(schema: dict[str, Any]) -> set[str]:
    """The top-level variables behind the keys and paths of all components."""
    found: set[str] = set()
    stack = [schema]
    while stack:
        part = stack.pop()
        for name in ("key", "path"):
            value = part.get(name)
            if isinstance(value, str) and value:
                found.add(value.split(".", 1)[0])
        components = part.get("components")
        if isinstance(components, list):
            stack.extend(c for c in components if isinstance(c, dict))
    return found
