"""Points, boxes and what is to be drawn where; numbers from files are kept finite and within bounds."""

import math
from dataclasses import dataclass, field
from typing import Final

from engine.bpmn.xml import Node
from engine.records import record

Point = tuple[float, float]
LIMIT: Final = 60_000.0  # pixels either way; what lies farther out is not drawn


@record(kw_only=False)
class Box:
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def center(self) -> Point:
        return (self.x + self.width / 2, self.y + self.height / 2)

    def moved(self, dx: float, dy: float) -> "Box":
        """Return the box shifted."""
        return Box(self.x + dx, self.y + dy, self.width, self.height)

    def grown(self, by: float) -> "Box":
        """Return the box with a margin all around."""
        return Box(self.x - by, self.y - by, self.width + 2 * by, self.height + 2 * by)

    def overlaps(self, other: "Box") -> bool:
        """Do the two share any area?"""
        return self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom

    def crosses(self, start: Point, end: Point) -> bool:
        """Does the segment pass through the box? (Exact for the axis-parallel segments of which most edges consist.)"""
        left, right = sorted((start[0], end[0]))
        top, bottom = sorted((start[1], end[1]))
        return left < self.right and right > self.x and top < self.bottom and bottom > self.y


@dataclass(slots=True)
class Shape:
    """A node of the picture."""

    element: Node
    kind: str  # BPMN local name
    box: Box
    label: Box | None = None
    expanded: bool = True
    horizontal: bool = True
    depth: int = 0  # how many subprocesses are around it

    @property
    def id(self) -> str:
        return self.element.get("id") or ""


@dataclass(slots=True)
class Edge:
    """A line of the picture, with at least two points."""

    element: Node
    kind: str
    points: list[Point]
    label: Box | None = None

    @property
    def id(self) -> str:
        return self.element.get("id") or ""


@dataclass(slots=True)
class Picture:
    """All that is to be drawn."""

    title: str = ""
    shapes: list[Shape] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)


def number(text: str | None) -> float | None:
    """Return a coordinate from a file, or None when it is missing, not a number, or out of bounds."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) and abs(value) <= LIMIT else None


def distance(a: Point, b: Point) -> float:
    """Return the distance between two points."""
    return math.hypot(b[0] - a[0], b[1] - a[1])


def toward(a: Point, b: Point, length: float) -> Point:
    """Return the point ``length`` away from ``a`` on the way to ``b``."""
    whole = distance(a, b) or 1.0
    return (a[0] + (b[0] - a[0]) * length / whole, a[1] + (b[1] - a[1]) * length / whole)
