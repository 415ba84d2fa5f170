"""Lines of the picture: sequence flows with rounded corners, message flows, associations; arrow heads drawn as paths.

Heads are paths and not ``<marker>``s: several diagrams on one page would share marker ids, and print engines differ.
"""

from math import atan2, degrees
from typing import Final

from engine.bpmn.drawing.geometry import Edge, Point, distance, toward
from engine.bpmn.drawing.palette import LINE, PAPER, QUIET, Paint
from engine.bpmn.drawing.svg import figure, tag
from engine.bpmn.graph import ACTIVITIES

_CORNER: Final = 7.0
_HEAD: Final = 9.0  # length of an arrow head


def draw(edge: Edge, paint: Paint, source_kind: str = "", *, is_default: bool = False) -> str:
    """Draw one edge, its label excepted."""
    if edge.kind == "messageFlow":
        return _message(edge)
    if edge.kind in ("association", "dataInputAssociation", "dataOutputAssociation", "conversationLink"):
        return _association(edge)
    colour = LINE if paint.name == "plain" else paint.line
    width = 1.5 if paint.name == "plain" else 2.2
    points = _shortened(edge.points, _HEAD - 2)
    parts = tag("path", d=rounded(points), fill="none", stroke=colour, stroke_width=width, stroke_linejoin="round")
    parts += _head(edge.points, colour)
    if is_default:
        parts += _slash(edge.points, colour)
    elif source_kind in ACTIVITIES and edge.element.find("conditionExpression") is not None:
        parts += _diamond(edge.points, colour)
    return parts


def rounded(points: list[Point], radius: float = _CORNER) -> str:
    """Return the path of a line whose corners are round."""
    path = f"M{_at(points[0])}"
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        reach = min(radius, distance(before, corner) / 2, distance(corner, after) / 2)
        if reach < 1:
            path += f"L{_at(corner)}"
            continue
        path += f"L{_at(toward(corner, before, reach))}Q{_at(corner)} {_at(toward(corner, after, reach))}"
    return path + f"L{_at(points[-1])}"


def clean(points: list[Point]) -> list[Point]:
    """Take out points that are doubled or lie on a straight line between their neighbours."""
    kept: list[Point] = []
    for point in points:
        if kept and distance(kept[-1], point) < 0.5:
            continue
        if len(kept) > 1 and _straight(kept[-2], kept[-1], point):
            kept.pop()
        kept.append(point)
    return kept if len(kept) > 1 else points[:2]


def _straight(a: Point, b: Point, c: Point) -> bool:
    area = abs((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1]))
    forward = (b[0] - a[0]) * (c[0] - b[0]) + (b[1] - a[1]) * (c[1] - b[1]) > 0
    return forward and area < 0.5 * max(distance(a, c), 1)


def _at(point: Point) -> str:
    return f"{figure(point[0])} {figure(point[1])}"


def _shortened(points: list[Point], by: float) -> list[Point]:
    """End the line inside its arrow head, so that the tip stays sharp."""
    last, before = points[-1], points[-2]
    if distance(last, before) <= by:
        return points
    return [*points[:-1], toward(last, before, by)]


def _turn(points: list[Point]) -> float:
    (x1, y1), (x2, y2) = points[-2], points[-1]
    return degrees(atan2(y2 - y1, x2 - x1))


def _head(points: list[Point], colour: str, *, fill: str | None = None, path: str = "M-9 -4.6L0 0L-9 4.6Z") -> str:
    x, y = points[-1]
    transform = f"translate({figure(x)} {figure(y)}) rotate({figure(_turn(points))})"
    return tag(
        "path",
        d=path,
        fill=fill or colour,
        stroke=colour,
        stroke_width=1.0,
        stroke_linejoin="round",
        transform=transform,
    )


def _slash(points: list[Point], colour: str) -> str:
    x, y = toward(points[0], points[1], min(11.0, distance(points[0], points[1]) / 2))
    turn = degrees(atan2(points[1][1] - points[0][1], points[1][0] - points[0][0]))
    transform = f"translate({figure(x)} {figure(y)}) rotate({figure(turn)})"
    return tag("path", d="M-3 5.5L3 -5.5", stroke=colour, stroke_width=1.6, stroke_linecap="round", transform=transform)


def _diamond(points: list[Point], colour: str) -> str:
    x, y = points[0]
    turn = degrees(atan2(points[1][1] - y, points[1][0] - x))
    transform = f"translate({figure(x)} {figure(y)}) rotate({figure(turn)})"
    return tag("path", d="M0 0L8 -5L16 0L8 5Z", fill=PAPER, stroke=colour, stroke_width=1.2, transform=transform)


def _message(edge: Edge) -> str:
    x, y = edge.points[0]
    line = tag(
        "path",
        d=rounded(_shortened(edge.points, _HEAD)),
        fill="none",
        stroke=LINE,
        stroke_width=1.4,
        stroke_dasharray="7 5",
    )
    start = tag("circle", cx=x, cy=y, r=4.0, fill=PAPER, stroke=LINE, stroke_width=1.3)
    return line + start + _head(edge.points, LINE, fill=PAPER, path="M-10 -5L0 0L-10 5Z")


def _association(edge: Edge) -> str:
    line = tag(
        "path",
        d=rounded(edge.points, 3.0),
        fill="none",
        stroke=QUIET,
        stroke_width=1.9,
        stroke_dasharray="0.1 4.5",
        stroke_linecap="round",
    )
    directed = edge.kind.startswith("data") or edge.element.get("associationDirection") in ("One", "Both")
    if not directed:
        return line
    return line + _head(edge.points, QUIET, fill="none", path="M-8 -4.5L0 0L-8 4.5")
