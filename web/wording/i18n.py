"""Two languages from one mechanism: the Chinese text is the key, the files in ``locale/en`` hold the English.

``_("共 {n} 条", n=3)`` reads as Chinese in templates and code; a test walks every call and every entry, so neither can be
missing or stale. An entry may be a table {one, other} where English needs two forms of the noun.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from flask import g, has_request_context

LANGUAGES = ("zh", "en")
COOKIE = "banjie-lang"  # the choice of somebody who has not signed in yet
HTML_LANG: Mapping[str, str] = {"zh": "zh-CN", "en": "en"}

Entry = str | Mapping[str, str]


@cache
def catalogue() -> Mapping[str, Entry]:
    """Return all English texts by their Chinese key. A key that stands in two sections is a mistake."""
    found: dict[str, Entry] = {}
    for file in sorted(files("web").joinpath("locale/en").iterdir(), key=lambda file: file.name):
        for name, entries in tomllib.loads(file.read_text("utf-8")).items():
            for key, entry in entries.items():
                if key in found:
                    raise ValueError(f"{key!r} stands twice in the catalogue, the second time in {file.name} [{name}]")
                found[key] = entry
    return found


def language() -> str:
    """The language of the page that is being made: "zh" or "en"."""
    return getattr(g, "language", "zh") if has_request_context() else "zh"


def translate(text: str, /, **values: Any) -> str:
    """Return ``text`` in the language of the page with ``{names}`` filled in. The result is plain text, not HTML."""
    return translate_to(language(), text, **values)


def translate_to(to: str, text: str, /, **values: Any) -> str:
    """Return ``text`` in the language ``to``."""
    entry: Entry = text if to == "zh" else catalogue().get(text, text)
    if not isinstance(entry, str):
        entry = entry["one"] if values.get("n") == 1 else entry["other"]
    return entry.format(**values) if values else entry


def choose(zh: str, en: str) -> str:
    """Return the one of two texts that fits the page; for texts that the engine brings in both languages."""
    return zh if language() == "zh" else en


def known(asked: str | None) -> str | None:
    """Return the language that ``asked`` ("en", "en-GB", "zh-CN") means, or None."""
    short = (asked or "").split("-")[0].lower()
    return short if short in LANGUAGES else None
