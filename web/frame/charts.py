"""Charts as SVG, made on the server: bars with a line, a ring, bars side by side. No scripts, no style attributes; every
chart says in words what it shows, and the page puts the same figures beside it as a table."""

import math
from collections.abc import Sequence

from markupsafe import Markup

from engine.bpmn.drawing.svg import escape, figure, tag
from engine.bpmn.drawing.text import width
from engine.records import record

INK, MUTE, GRID, AXIS = "#1d2129", "#565e6c", "#e1e5ec", "#8a93a3"
BLUE, GREEN, LIGHT = "#0052d9", "#12743f", "#a9bfe8"
COLOURS = {"red": "#d63b3b", "amber": "#e08f00", "green": "#2ba471", "paused": "#8a93a3"}
SIZE = 12


@record(kw_only=False)
class Day:
    """One column of the curve."""

    label: str
    bar: int
    line: int


@record(kw_only=False)
class Slice:
    """One part of the ring; ``colour`` is a name of COLOURS."""

    label: str
    value: int
    colour: str


@record(kw_only=False)
class Pair:
    """Two bars under one name: what was used, and what was allowed (None without a limit)."""

    label: str
    value: float
    limit: float | None
    is_over: bool = False


def _text(
    text: str, x: float, y: float, *, anchor: str = "start", fill: str = MUTE, size: int = SIZE, bold: bool = False
) -> str:
    weight = "600" if bold else None
    return tag(
        "text", escape(text), x=float(x), y=float(y), text_anchor=anchor, fill=fill, font_size=size, font_weight=weight
    )


def _svg(content: str, wide: float, high: float, title: str) -> Markup:
    head = tag("title", escape(title))
    return Markup(  # noqa: S704 - every text in it went through escape()
        tag(
            "svg",
            head + content,
            viewBox=f"0 0 {figure(wide)} {figure(high)}",
            role="img",
            aria_label=title,
            class_="bj-chart",
            preserveAspectRatio="xMidYMid meet",
        )
    )


def nice_top(highest: float) -> tuple[float, float]:
    """The end of an axis and the distance of its lines: 1, 2 or 5 times a power of ten, at most five lines."""
    if highest <= 0:
        return 4.0, 1.0
    rough = highest / 4
    power = 10 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
    step = max(step, 1.0) if highest >= 4 else step
    return math.ceil(highest / step) * step, step


def curve(days: Sequence[Day], title: str, bar: str, line: str, *, wide: float = 760, high: float = 250) -> Markup:
    """Bars for what came in and a line for what went out, day by day."""
    left, right, top, bottom = 46.0, 12.0, 34.0, 26.0
    end, step = nice_top(max([4, *(max(day.bar, day.line) for day in days)]))  # cases are counted whole
    plot_w, plot_h = wide - left - right, high - top - bottom
    parts = [_legend([(bar, LIGHT, "square"), (line, GREEN, "line")], wide)]

    def y(value: float) -> float:
        return top + plot_h * (1 - value / end)

    for index in range(round(end / step) + 1):
        at = y(index * step)
        parts.append(
            tag("path", d=f"M{figure(left)} {figure(at)}H{figure(wide - right)}", stroke=GRID if index else AXIS)
        )
        parts.append(_text(f"{index * step:g}", left - 8, at + 4, anchor="end"))
    column = plot_w / max(1, len(days))
    every = max(1, math.ceil(len(days) * 46 / plot_w))
    points = []
    for index, day in enumerate(days):
        middle = left + column * (index + 0.5)
        if day.bar:
            thick = min(26.0, column * 0.66)
            bar_box = {"x": middle - thick / 2, "y": y(day.bar), "width": thick, "height": plot_h + top - y(day.bar)}
            tip = tag("title", escape(f"{day.label} {bar} {day.bar} {line} {day.line}"))
            parts.append(tag("rect", tip, **bar_box, fill=LIGHT, stroke="#5b7fc7", stroke_width=0.8))
        points.append((middle, y(day.line)))
        if index % every == 0:
            parts.append(_text(day.label, middle, high - 8, anchor="middle"))
    if points:
        path = "M" + "L".join(f"{figure(x)} {figure(at)}" for x, at in points)
        parts.append(tag("path", d=path, fill="none", stroke=GREEN, stroke_width=2))
        if len(points) <= 62:
            parts += [
                tag("circle", cx=x, cy=at, r=2.6, fill="#fff", stroke=GREEN, stroke_width=1.6) for x, at in points
            ]
    return _svg("".join(parts), wide, high, title)


def ring(
    slices: Sequence[Slice], title: str, middle: str, below: str, *, wide: float = 380, high: float = 250
) -> Markup:
    """A ring with a word and a figure beside each part, and the sum in its middle."""
    total = sum(part.value for part in slices)
    cx, cy, radius, thick = 98.0, high / 2, 74.0, 28.0
    parts = [tag("circle", cx=cx, cy=cy, r=radius, fill="none", stroke=GRID, stroke_width=thick)]
    around, begun = 2 * math.pi * radius, 0.0
    for part in slices:
        if not part.value or not total:
            continue
        share = part.value / total
        length = max(around * share - (1.5 if share < 1 else 0), 1.0)
        parts.append(
            tag(
                "circle",
                tag("title", escape(f"{part.label} {part.value}")),
                cx=cx,
                cy=cy,
                r=radius,
                fill="none",
                stroke=COLOURS[part.colour],
                stroke_width=thick,
                stroke_dasharray=f"{length:.2f} {around:.2f}",
                stroke_dashoffset=f"{-begun:.2f}",
                transform=f"rotate(-90 {figure(cx)} {figure(cy)})",
            )
        )
        begun += around * share
    parts.append(_text(middle, cx, cy + 4, anchor="middle", fill=INK, size=26, bold=True))
    parts.append(_text(below, cx, cy + 24, anchor="middle"))
    line_y = cy - (len(slices) - 1) * 17
    for part in slices:
        share_text = f"{part.value / total:.0%}" if total else "—"
        parts.append(_mark(part.colour, 202, line_y - 4))
        parts.append(_text(part.label, 215, line_y, fill=INK, size=13))
        parts.append(_text(f"{part.value:,}", 340, line_y, anchor="end", fill=INK, size=13, bold=True))
        parts.append(_text(share_text, 380, line_y, anchor="end"))
        line_y += 34
    return _svg("".join(parts), wide, high, title)


def _mark(colour: str, x: float, y: float) -> str:
    """The sign of a lamp: each colour has a shape of its own."""
    fill = COLOURS[colour]
    if colour == "red":
        return tag("rect", x=x - 5.0, y=y - 5.0, width=10, height=10, rx=1.5, fill=fill)
    if colour == "amber":
        return tag(
            "path", d=f"M{figure(x)} {figure(y - 6)}L{figure(x + 6)} {figure(y + 5)}H{figure(x - 6)}Z", fill=fill
        )
    if colour == "paused":
        return tag(
            "path",
            d=f"M{figure(x - 3)} {figure(y - 5)}V{figure(y + 5)}M{figure(x + 3)} {figure(y - 5)}V{figure(y + 5)}",
            stroke=fill,
            stroke_width=3,
        )
    return tag("circle", cx=float(x), cy=float(y), r=5.5, fill=fill)


def pairs(rows: Sequence[Pair], title: str, value: str, limit: str, unit: str, *, wide: float = 760) -> Markup:
    """What each step took on average beside what it may take; over the limit in red, with a word."""
    left, right, top, each = 150.0, 96.0, 34.0, 34.0
    high = top + each * max(1, len(rows)) + 24
    end, step = nice_top(max([0.5, *(max(row.value, row.limit or 0) for row in rows)]))
    scale = (wide - left - right) / end
    bottom = top + each * len(rows)
    parts = [_legend([(value, BLUE, "square"), (limit, "#c5d0e6", "square")], wide)]
    for index in range(round(end / step) + 1):
        x = left + index * step * scale
        parts.append(tag("path", d=f"M{figure(x)} {figure(top)}V{figure(bottom)}", stroke=GRID if index else AXIS))
        parts.append(_text(f"{index * step:g}", x, bottom + 16, anchor="middle"))
    for index, row in enumerate(rows):
        y = top + each * index
        parts.append(_text(_cut(row.label, left - 14), left - 8, y + 21, anchor="end", fill=INK))
        if row.limit is not None:
            parts.append(tag("rect", x=left, y=y + 18, width=max(1.0, row.limit * scale), height=10, fill="#c5d0e6"))
        fill = COLOURS["red"] if row.is_over else BLUE
        tip = tag("title", escape(f"{row.label} {value} {row.value:g} {unit}"))
        parts.append(tag("rect", tip, x=left, y=y + 6, width=max(1.0, row.value * scale), height=11, fill=fill))
        words = f"{row.value:g}" + (f" / {row.limit:g}" if row.limit is not None else "")
        longest = max(row.value, row.limit or 0) * scale
        parts.append(_text(words, left + longest + 6, y + 21, fill=fill if row.is_over else INK))
    return _svg("".join(parts), wide, high, title)


def bars(rows: Sequence[tuple[str, int]], title: str, unit: str, *, colour: str = "red", wide: float = 380) -> Markup:
    """Horizontal bars, longest first."""
    left, right, top, each = 150.0, 52.0, 10.0, 32.0
    high = max(120.0, top + each * len(rows) + 8)
    scale = (wide - left - right) / max([1, *(value for _, value in rows)])
    parts = []
    for index, (label, value) in enumerate(rows):
        y = top + each * index
        tip = tag("title", escape(f"{label} {value} {unit}"))
        parts.append(_text(_cut(label, left - 14), left - 8, y + 18, anchor="end", fill=INK))
        parts.append(tag("rect", tip, x=left, y=y + 4, width=max(1.0, value * scale), height=20, fill=COLOURS[colour]))
        parts.append(_text(f"{value:,} {unit}", left + value * scale + 6, y + 18, fill=INK))
    parts.append(tag("path", d=f"M{figure(left)} {figure(top)}V{figure(top + each * len(rows))}", stroke=AXIS))
    return _svg("".join(parts), wide, high, title)


def _legend(entries: Sequence[tuple[str, str, str]], wide: float) -> str:
    parts, x = [], wide - 12
    for label, colour, sign in reversed(entries):
        x -= width(label, SIZE)
        parts.append(_text(label, x, 18))
        x -= 22
        if sign == "line":
            parts.append(tag("path", d=f"M{figure(x)} 14H{figure(x + 16)}", stroke=colour, stroke_width=2))
            parts.append(tag("circle", cx=x + 8, cy=14, r=2.6, fill="#fff", stroke=colour, stroke_width=1.6))
        else:
            parts.append(tag("rect", x=x, y=8, width=16, height=11, fill=colour))
        x -= 16
    return "".join(parts)


def _cut(text: str, room: float) -> str:
    """The text, cut with an ellipsis where it has no room."""
    if width(text, SIZE) <= room:
        return text
    while text and width(text + "…", SIZE) > room:
        text = text[:-1]
    return text + "…"
