"""Text in pictures: how wide it is, where it may break (Chinese between any two characters, English at spaces), and its markup."""

import unicodedata
from typing import Final

from engine.bpmn.drawing.svg import escape, figure, tag

FONT: Final = (
    "'Noto Sans CJK SC','Source Han Sans SC','PingFang SC','Microsoft YaHei','WenQuanYi Micro Hei',"
    "'Helvetica Neue',Arial,sans-serif"
)
SIZE: Final = 12.0
LINE: Final = 1.3  # of the size
INK: Final = "#1d2129"

_LONGEST: Final = 1_000  # characters of one name that are looked at
_NARROW: Final = frozenset("iljtfrI.,:;'|!()[]{}/\\ ")
_WIDE: Final = frozenset("mwMW@%")
_NO_LINE_START: Final = frozenset("，。、；：！？）》」』】〉”’…·,.;:!?)]}%")
_NO_LINE_END: Final = frozenset("（《「『【〈“‘([{")


def width(text: str, size: float = SIZE) -> float:
    """Return about how many pixels wide a text is."""
    return sum(_em(character) for character in text) * size


def _em(character: str) -> float:
    if ord(character) > 0x2E7F or unicodedata.east_asian_width(character) in "WF":
        return 1.0
    if character in _NARROW:
        return 0.31
    if character in _WIDE:
        return 0.86
    return 0.66 if character.isupper() else 0.55


def wrap(text: str, limit: float, size: float = SIZE, most: int = 99) -> list[str]:
    """Break a text into lines not wider than ``limit``, at most ``most``; what is cut off ends with an ellipsis."""
    lines: list[str] = []
    for paragraph in text[:_LONGEST].replace("\r", "\n").split("\n"):
        lines += _fill(_atoms(" ".join(paragraph.split())), limit, size)
    lines = [line for line in lines if line]
    if len(lines) > most or (lines and len(text) > _LONGEST):
        lines = lines[:most]
        last = lines[-1]
        while last and width(last + "…", size) > limit:
            last = last[:-1]
        lines[-1] = last.rstrip() + "…"
    return lines


def _atoms(text: str) -> list[str]:
    """Pieces that stay together: words, single Chinese characters, each with the punctuation that clings to it."""
    atoms: list[str] = []
    for character in text:
        previous = atoms[-1] if atoms else ""
        joins = bool(previous) and (
            character in _NO_LINE_START
            or previous[-1] in _NO_LINE_END
            or (_in_word(previous[-1]) and _in_word(character))
        )
        if character == " ":
            atoms.append(" ")
        elif joins and previous != " ":
            atoms[-1] += character
        else:
            atoms.append(character)
    return atoms


def _in_word(character: str) -> bool:
    return _em(character) < 1.0 and character not in " -/"


def _fill(atoms: list[str], limit: float, size: float) -> list[str]:
    """Put atoms on lines; an atom that is longer than a line is cut."""
    lines, line, used = [], "", 0.0
    for atom in atoms:
        wide = width(atom, size)
        if line and atom != " " and used + wide > limit:
            lines.append(line.rstrip())
            line, used = "", 0.0
        if wide <= limit:
            line, used = (line + atom, used + wide) if line or atom != " " else ("", 0.0)
            continue
        for character in atom:
            step = _em(character) * size
            if line and used + step > limit:
                lines.append(line)
                line, used = "", 0.0
            line, used = line + character, used + step
    return [*lines, line.rstrip()]


def fit(text: str, across: float, down: float) -> tuple[list[str], float]:
    """Return lines and a size with which the text fits into a box; smaller letters before an ellipsis."""
    for size in (SIZE, 11.0, 10.0):
        lines = wrap(text, across, size)
        if len(lines) * size * LINE <= down:
            return lines, size
    most = max(1, int(down / (10.0 * LINE)))
    return wrap(text, across, 10.0, most), 10.0


def lines_of_text(
    lines: list[str],
    x: float,
    y: float,
    *,
    size: float = SIZE,
    anchor: str = "middle",
    fill: str = INK,
    bold: bool = False,
) -> str:
    """Write lines whose first one has its middle at ``y``."""
    parts = [
        tag(
            "tspan",
            escape(line),
            x=figure(x),
            y=figure(y + index * size * LINE + size * 0.36),
        )
        for index, line in enumerate(lines)
    ]
    return tag(
        "text",
        "".join(parts),
        font_size=figure(size),
        text_anchor=anchor,
        fill=fill,
        font_weight="600" if bold else None,
    )


def centered(lines: list[str], x: float, y: float, *, size: float = SIZE, fill: str = INK, bold: bool = False) -> str:
    """Write lines around the middle (x, y)."""
    top = y - (len(lines) - 1) * size * LINE / 2
    return lines_of_text(lines, x, top, size=size, fill=fill, bold=bold)
