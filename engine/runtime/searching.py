"""What a keyword finds in the form fields of an instance: one short text for each field, written as the search reads it."""

import json
import unicodedata
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

MAX_VALUE, MAX_ALL = 300, 6_000  # characters of one field and of all fields
MAX_PARTS = 50  # of a list or an object
# What the machine routes on is no form field: nobody looks for "approve".
_MARKS = frozenset({"outcome", "comment"})
_MARK_ENDINGS = ("_outcome", "_votes")


def normalised(text: str) -> str:
    """Full-width and half-width, capital and small letters are the same, and a run of blanks is one (NFKC, casefold)."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def search_text(variables: Mapping[str, Any]) -> str | None:
    """Return the searchable fields as JSON text {name: normalised value}, None when there is nothing to find.

    The text is a cache of the variables, written in the same row and the same statement as the machine's state: it costs a
    step nothing and can never lag behind.
    """
    found: dict[str, str] = {}
    room = MAX_ALL
    for name, value in variables.items():
        if name in _MARKS or name.endswith(_MARK_ENDINGS):
            continue
        said = " ".join(part[:MAX_VALUE] for part in islice(_texts(value), MAX_PARTS))
        text = normalised(said)[: min(MAX_VALUE, room)]
        if text:
            found[name] = text
            room -= len(text)
        if room <= 0:
            break
    return json.dumps(found, ensure_ascii=False, separators=(",", ":")) if found else None


def fragment(keyword: str) -> str:
    """The keyword as it would stand inside a search text, for a first coarse look by the database."""
    return json.dumps(normalised(keyword), ensure_ascii=False)[1:-1]


def fields_with(search: str | None, keyword: str) -> list[str]:
    """The names of the fields whose value holds the keyword."""
    wanted = normalised(keyword)
    fields: dict[str, str] = json.loads(search) if search else {}
    return [name for name, value in fields.items() if wanted in value]


def values_of(search: str | None) -> dict[str, str]:
    """The fields of a search text: {name: normalised value}."""
    fields: dict[str, str] = json.loads(search) if search else {}
    return fields


def _texts(value: Any) -> Iterator[str]:
    """The words and numbers in a JSON value; truths and nulls are nothing to look for."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield str(value)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _texts(item)
