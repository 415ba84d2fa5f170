"""Names that stand beside things: where the file says so, else where they cross the fewest lines and shapes."""

from collections.abc import Sequence
from typing import Final

from engine.bpmn.drawing.geometry import Box, Edge, Shape, distance
from engine.bpmn.drawing.palette import PAPER
from engine.bpmn.drawing.svg import tag
from engine.bpmn.drawing.text import LINE, lines_of_text, width, wrap

_SMALL: Final = 11.5
_ACROSS: Final = 96.0  # pixels that a label without bounds of its own may take
_MOST: Final = 6  # lines


class Labels:
    """Places labels one after the other, so that later ones keep away from earlier ones."""

    def __init__(self, shapes: Sequence[Shape], edges: Sequence[Edge], solid: Sequence[Shape]) -> None:
        self.taken = [shape.box for shape in solid]
        self.segments = [pair for edge in edges for pair in zip(edge.points, edge.points[1:], strict=False)]
        self.boxes: list[Box] = []  # of the labels placed so far, for the size of the picture

    def node(self, shape: Shape, text: str, ink: str) -> str:
        """Write the name of an event, gateway or data object beside it."""
        if not text.strip():
            return ""
        lines = wrap(text, _given(shape.label), _SMALL, _MOST)
        if shape.label is not None:
            x, _ = shape.label.center
            return self._write(lines, Box(x - _wide(lines) / 2, shape.label.y, _wide(lines), _tall(lines)), ink)
        own = shape.box
        w, h = _wide(lines), _tall(lines)
        x, y = own.center
        below, above = Box(x - w / 2, own.bottom + 5, w, h), Box(x - w / 2, own.y - 5 - h, w, h)
        right, left = Box(own.right + 6, y - h - 4, w, h), Box(own.x - 6 - w, y - h - 4, w, h)
        if shape.kind == "boundaryEvent":  # its flow usually leaves it downward
            sides = [Box(x - 8 - w, own.bottom + 4, w, h), Box(x + 8, own.bottom + 4, w, h)]
            return self._write(lines, self._best([below, *sides]), ink)
        first = [above, below] if shape.kind.endswith("Gateway") else [below, above]
        return self._write(lines, self._best([*first, right, left]), ink)

    def edge(self, edge: Edge, text: str, ink: str) -> str:
        """Write the name of a flow on its line."""
        if not text.strip():
            return ""
        if edge.label is not None:
            lines = wrap(text, _given(edge.label), _SMALL, _MOST)
            x, _ = edge.label.center
            return self._write(
                lines, Box(x - _wide(lines) / 2, edge.label.y, _wide(lines), _tall(lines)), ink, halo=True
            )
        lines = wrap(text, _ACROSS, _SMALL, 3)
        return self._write(lines, self._beside(edge, _wide(lines), _tall(lines)), ink, halo=True)

    def _beside(self, edge: Edge, w: float, h: float) -> Box:
        """Near the start of the line, where a reader who decides looks for it."""
        pairs = list(zip(edge.points, edge.points[1:], strict=False))
        start, end = next((p for p in pairs if distance(*p) > min(w, 40) + 12), max(pairs, key=lambda p: distance(*p)))
        x, y = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
        if abs(start[0] - end[0]) >= abs(start[1] - end[1]):
            choices = [Box(x - w / 2, y - h - 3, w, h), Box(x - w / 2, y + 3, w, h)]
        else:
            choices = [Box(x + 5, y - h / 2, w, h), Box(x - 5 - w, y - h / 2, w, h)]
        return self._best(choices)

    def _best(self, choices: Sequence[Box]) -> Box:
        return min(choices, key=self._cost)

    def _cost(self, box: Box) -> int:
        crossed = sum(1 for start, end in self.segments if box.crosses(start, end))
        return crossed + 3 * sum(1 for other in (*self.taken, *self.boxes) if box.overlaps(other))

    def _write(self, lines: list[str], box: Box, ink: str, *, halo: bool = False) -> str:
        self.boxes.append(box)
        x, _ = box.center
        text = lines_of_text(lines, x, box.y + _SMALL * LINE / 2, size=_SMALL, fill=ink)
        if not halo or not any(box.crosses(start, end) for start, end in self.segments):
            return text
        ground = box.grown(1.5)
        back = tag(
            "rect",
            x=ground.x,
            y=ground.y,
            width=ground.width,
            height=ground.height,
            rx=2,
            fill=PAPER,
            fill_opacity="0.86",
        )
        return back + text


def _given(label: Box | None) -> float:
    """The width in which to break a name; our letters may be a little wider than those of the tool that drew the box."""
    return _ACROSS if label is None else min(max(label.width * 1.08, 90.0), 240.0)


def _wide(lines: list[str]) -> float:
    return max((width(line, _SMALL) for line in lines), default=0.0)


def _tall(lines: list[str]) -> float:
    return len(lines) * _SMALL * LINE
