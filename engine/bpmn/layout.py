"""A layout for models without BPMN DI: layers from left to right, crossings reduced, edges orthogonal; subprocesses inside.

The classic four steps (Sugiyama, Tagawa, Toda 1981): take out the edges that close rings, give every node the layer of its
longest way from the start, order the nodes of each layer by the middle of their neighbours, then set heights so that
chains run straight. Bounded: every step is linear or n log n in nodes, edges and bends.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from engine.bpmn.drawing.geometry import Box, Edge, Picture, Point, Shape
from engine.bpmn.drawing.layers import GAP_X, SLOT, Columns, Spot, Way
from engine.bpmn.drawing.layers import arrange as arrange_layers
from engine.bpmn.graph import FlowNode, Scope, build
from engine.bpmn.xml import BPMN, Node

_PADDING: Final = 26.0  # inside a subprocess
_HEAD: Final = 30.0  # for its name
_SIZES: Final = {"Event": (36.0, 36.0), "Gateway": (50.0, 50.0)}
_TASK: Final = (120.0, 74.0)
_MOST: Final = 6_000  # nodes and flows that are laid out; what is larger is refused at upload anyhow
_LABEL: Final = 22.0  # under events and over gateways


@dataclass(slots=True)
class _Laid:
    """A scope that is laid out, with its upper left corner at (0, 0)."""

    shapes: list[Shape] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    width: float = 0.0
    height: float = 0.0

    def put(self, other: "_Laid", dx: float, dy: float) -> None:
        """Take in what is inside a subprocess, shifted to its place."""
        for shape in other.shapes:
            shape.box = shape.box.moved(dx, dy)
            self.shapes.append(shape)
        for edge in other.edges:
            edge.points = [(x + dx, y + dy) for x, y in edge.points]
            self.edges.append(edge)


def arrange(root: Node, process_key: str | None = None) -> Picture:
    """Lay out one process of the file, or all that have nodes, one under the other."""
    processes = []
    left = _MOST
    for process in build("", root).processes:
        size = sum(len(scope.nodes) + len(scope.flows) for scope in process.scopes())
        if process.nodes and process_key in (None, process.id) and size <= left:
            processes.append(process)
            left -= size
    picture = _Laid()
    top = 0.0
    for process in processes:
        laid = _scope(process, 0)
        pool = Shape(_pool(root, process), "participant", Box(0, top, laid.width + 96, max(laid.height + 48, 120)))
        if len(processes) > 1:
            picture.shapes.append(pool)
            picture.put(laid, 60, top + (pool.box.height - laid.height) / 2)
            top += pool.box.height + 40
        else:
            picture.put(laid, 0, 0)
    return Picture(process_key or "", picture.shapes, picture.edges)


def _pool(root: Node, process: Scope) -> Node:
    """The pool in which the process is drawn; one is made up for a file without collaboration."""
    for collaboration in root.find_all("collaboration"):
        for participant in collaboration.find_all("participant"):
            if participant.get("processRef") == process.id:
                return participant
    return Node(BPMN, "participant", {"name": process.name or process.id, "processRef": process.id})


def _scope(scope: Scope, depth: int) -> _Laid:
    inner = {node: _scope(node.inner, depth + 1) for node in scope.nodes if node.inner is not None and node.inner.nodes}
    spots = {node: _spot(node, inner.get(node)) for node in scope.nodes if node.host is None}
    ways = _ways(scope, spots)
    connected = {spot for way in ways for spot in (way.source, way.target)}
    loose = {node: spot for node, spot in spots.items() if spot not in connected} if connected else {}
    spots = {node: spot for node, spot in spots.items() if node not in loose}
    columns = arrange_layers(list(spots.values()), ways)
    laid = _drawn(spots, ways, columns, inner, depth)
    _put_below(laid, loose, inner, depth)
    return laid


def _put_below(laid: _Laid, loose: dict[FlowNode, Spot], inner: dict[FlowNode, _Laid], depth: int) -> None:
    """What no flow touches (event subprocesses above all) stands in a row under the rest."""
    x, y = 0.0, laid.height + (50.0 if laid.shapes else 0.0)
    for spot in loose.values():
        spot.x, spot.y = x + spot.width / 2, y + spot.height / 2
        x += spot.width + 50.0
    laid.put(_drawn(loose, [], Columns([], [0.0]), inner, depth, settle=False), 0, 0)
    _measure(laid)


def _spot(node: FlowNode, inside: _Laid | None) -> Spot:
    if inside is not None:
        width, height = inside.width + 2 * _PADDING, inside.height + 2 * _PADDING + _HEAD
        return Spot(node, width, height, height + (_LABEL if node.boundaries else 0))
    width, height = next((size for suffix, size in _SIZES.items() if node.kind.endswith(suffix)), _TASK)
    if height < _TASK[1]:
        return Spot(node, width, height, height + (2 * _LABEL if node.name else 0))
    return Spot(node, width, height, height + (40.0 if node.boundaries else 0))


def _ways(scope: Scope, spots: dict[FlowNode, Spot]) -> list[Way]:
    ways = []
    for flow in scope.flows:
        boundary = flow.source if flow.source.host is not None else None
        source = spots.get(flow.source.host or flow.source)
        target = spots.get(flow.target)
        if source is not None and target is not None:
            ways.append(Way(flow, source, target, boundary))
    return ways


def _drawn(
    spots: dict[FlowNode, Spot],
    ways: list[Way],
    columns: Columns,
    inner: dict[FlowNode, _Laid],
    depth: int,
    *,
    settle: bool = True,
) -> _Laid:
    laid = _Laid()
    boxes: dict[FlowNode, Box] = {}
    for node, spot in spots.items():
        box = Box(spot.x - spot.width / 2, spot.y - spot.height / 2, spot.width, spot.height)
        boxes[node] = box
        laid.shapes.append(Shape(node.node, node.kind, box, expanded=node in inner, depth=depth))
        if node in inner:
            laid.put(inner[node], box.x + _PADDING, box.y + _PADDING + _HEAD)
        for index, boundary in enumerate(node.boundaries):
            seat = Box(box.right - 40 - 44 * index, box.bottom - 18, 36, 36)
            boxes[boundary] = seat
            laid.shapes.append(Shape(boundary.node, boundary.kind, seat, depth=depth))
    laid.edges += _routes(ways, columns, boxes)
    if settle:
        _to_origin(laid)
    return laid


def _to_origin(laid: _Laid) -> None:
    """Move everything so that it begins at (0, 0), with room for the names of events and gateways."""
    xs = [s.box.x for s in laid.shapes] + [x for e in laid.edges for x, _ in e.points]
    ys = [s.box.y - _named(s, "Gateway", 18) for s in laid.shapes] + [y for e in laid.edges for _, y in e.points]
    left, top = min(xs, default=0.0), min(ys, default=0.0)
    for shape in laid.shapes:
        shape.box = shape.box.moved(-left, -top)
    for edge in laid.edges:
        edge.points = [(x - left, y - top) for x, y in edge.points]
    _measure(laid)


def _measure(laid: _Laid) -> None:
    laid.width = max([s.box.right for s in laid.shapes] + [x for e in laid.edges for x, _ in e.points], default=0.0)
    floors = [s.box.bottom + _named(s, "Event", 30) for s in laid.shapes]
    laid.height = max(floors + [y for e in laid.edges for _, y in e.points], default=0.0)


def _named(shape: Shape, kind: str, room: float) -> float:
    return room if shape.kind.endswith(kind) and shape.element.get("name") else 0.0


class _Channels:
    """The free columns between layers: every line that turns there gets an x of its own."""

    def __init__(self, columns: Columns) -> None:
        self.right = [max((s.x + s.width / 2 for s in layer), default=0.0) for layer in columns.layers]
        first = columns.layers[0] if columns.layers else []
        self.before = min((s.x - s.width / 2 for s in first), default=0.0) - columns.room[0]
        self.used: dict[int, int] = defaultdict(int)

    def turn(self, layer: int) -> float:
        """Return the x of the next free line behind ``layer`` (-1: before the first one)."""
        used = self.used[layer]
        self.used[layer] += 1
        start = self.right[layer] if layer >= 0 else self.before
        return start + GAP_X / 2 + (used % 12) * SLOT


def _routes(ways: list[Way], columns: Columns, boxes: dict[FlowNode, Box]) -> Iterator[Edge]:
    channels = _Channels(columns)
    floor = max((box.bottom for box in boxes.values()), default=0.0) + 30.0
    for way in ways:
        if way.back:
            points = _round(way, channels, boxes, floor)
            floor += 14.0
        else:
            points = _ahead(way, channels, boxes, columns)
        yield Edge(way.flow.node, "sequenceFlow", points)


def _start(way: Way, boxes: dict[FlowNode, Box]) -> list[Point]:
    if way.boundary is not None and way.boundary in boxes:
        seat = boxes[way.boundary]
        return [(seat.center[0], seat.bottom), (seat.center[0], seat.bottom + 16)]
    box = boxes[way.flow.source]
    return [(box.right, box.center[1])]


def _ahead(way: Way, channels: _Channels, boxes: dict[FlowNode, Box], columns: Columns) -> list[Point]:
    target = boxes[way.flow.target]
    stops = [(bend.x, bend.y, bend.layer) for bend in way.bends] + [(target.x, target.center[1], way.target.layer)]
    points = _start(way, boxes)
    source = boxes[way.flow.source]
    if way.flow.source.kind.endswith("Gateway") and abs(stops[0][1] - source.center[1]) > source.height / 2 + 8:
        # A gateway's other ways leave it upward or downward, if the column is free.
        x, y = source.center[0], stops[0][1]
        edge_y = source.bottom if y > source.center[1] else source.y
        run = Box(x - 8, min(edge_y, y), 16, abs(y - edge_y))
        column = [s for s in columns.layers[way.source.layer] if s is not way.source]
        if not any(run.overlaps(Box(s.x - s.width / 2, s.y - s.room / 2, s.width, s.room)) for s in column):
            points = [(x, edge_y), (x, y)]
    layer = way.source.layer
    for x, y, next_layer in stops:
        if abs(points[-1][1] - y) > 1:
            turn = channels.turn(layer if layer < next_layer else next_layer - 1)
            points += [(turn, points[-1][1]), (turn, y)]
        points.append((x, y))
        layer = next_layer
    return points


def _round(way: Way, channels: _Channels, boxes: dict[FlowNode, Box], floor: float) -> list[Point]:
    """A way back: behind its source, under everything, before its target."""
    points = _start(way, boxes)
    target = boxes[way.flow.target]
    out, back = channels.turn(way.source.layer), channels.turn(way.target.layer - 1)
    y = points[-1][1]
    return [*points, (out, y), (out, floor), (back, floor), (back, target.center[1]), (target.x, target.center[1])]
