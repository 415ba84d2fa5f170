"""Colours of the picture: the plain model, and the states of elements in a running instance."""

from typing import Final

from engine.bpmn.words import Words
from engine.records import record


@record(kw_only=False)
class Paint:
    """How an element is painted; ``sign`` is a small drawing that says the state without colour."""

    name: str
    words: Words
    fill: str
    line: str
    ink: str
    width: float = 1.5
    sign: str = ""


LINE: Final = "#3a4150"
PAPER: Final = "#ffffff"
QUIET: Final = "#8a919f"
POOL: Final = "#f5f7fa"

PLAIN: Final = Paint("plain", Words("", ""), PAPER, LINE, LINE)
STATES: Final = {
    "done": Paint("done", Words("已办", "done"), "#eaf7ef", "#2b8a57", "#2b8a57", 1.8, "M-3.4 0.2L-1 2.8L3.6 -2.6"),
    "active": Paint(
        "active", Words("在办", "active"), "#e4ecff", "#0052d9", "#0052d9", 2.4, "M-1.8 -3.2L3.2 0L-1.8 3.2Z"
    ),
    "overdue": Paint("overdue", Words("超期", "overdue"), "#fdecee", "#c9353f", "#c9353f", 2.4, "M0 -3.4V0.4L2.4 2"),
    "failed": Paint("failed", Words("出错", "failed"), "#fff3e4", "#b75a00", "#b75a00", 2.4, "M0 -3.4V0.9M0 3V3.1"),
    "cancelled": Paint(
        "cancelled",
        Words("已取消", "cancelled"),
        "#f2f3f5",
        "#9aa1ad",
        "#767d8a",
        1.5,
        "M-2.5 -2.5L2.5 2.5M2.5 -2.5L-2.5 2.5",
    ),
}


def paint(state: str | None) -> Paint:
    """Return how an element in this state is painted; an unknown state is painted plain."""
    return STATES.get(state or "", PLAIN)


# From cold to hot, light enough for dark text.
_WARM: Final = ((0xEE, 0xF4, 0xFF), (0xFF, 0xE9, 0xB8), (0xFF, 0xB3, 0x8A), (0xF2, 0x84, 0x7B))


def warm(heat: float) -> Paint:
    """Return how an element is painted that is so hot, from 0 to 1."""
    at = min(max(heat, 0.0), 1.0) * (len(_WARM) - 1)
    lower = min(int(at), len(_WARM) - 2)
    mixed = (round(a + (b - a) * (at - lower)) for a, b in zip(_WARM[lower], _WARM[lower + 1], strict=True))
    return Paint("heat", Words("", ""), "#" + "".join(f"{part:02x}" for part in mixed), LINE, LINE, 1.8)
