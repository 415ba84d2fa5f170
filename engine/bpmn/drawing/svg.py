"""A small writer of SVG: everything is escaped, nothing has a style attribute (the pages' CSP forbids them)."""

import re
from typing import Final

_BAD: Final = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def escape(text: str) -> str:
    """Return text that may stand in an element or a double-quoted attribute, whatever it was."""
    clean = _BAD.sub("", text)
    return (
        clean.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace('"', "&quot;")
        .replace("'", "&#39;")
    )


def figure(value: float) -> str:
    """Write a coordinate with at most one decimal."""
    text = f"{value:.1f}"
    return text.removesuffix(".0")


def tag(name: str, /, *content: str, **attributes: object) -> str:
    """Write one element; ``content`` is markup already. Underscores in attribute names become dashes; None is left out."""
    parts = [name]
    for key, value in attributes.items():
        if value is None:
            continue
        shown = figure(value) if isinstance(value, float) else escape(str(value))
        parts.append(f'{key.rstrip("_").replace("_", "-")}="{shown}"')
    head = " ".join(parts)
    inside = "".join(content)
    return f"<{head}>{inside}</{name}>" if inside else f"<{head}/>"


def place(x: float, y: float, scale: float = 1.0) -> str:
    """Return the transform that puts an icon, drawn around the origin, at (x, y)."""
    shift = f"translate({figure(x)} {figure(y)})"
    return shift if scale == 1.0 else f"{shift} scale({scale:.3g})"
