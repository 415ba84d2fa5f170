"""Layers for a layout: which node stands in which column, in which order, and how high."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final

from engine.bpmn.graph import Flow, FlowNode
from engine.records import record

GAP_X: Final = 46.0  # between layers, without the room for lines that turn there
SLOT: Final = 9.0  # between two vertical lines beside each other
_GAP_Y: Final = 34.0
_SWEEPS: Final = 9  # odd: the last one goes forward, so that what follows stands level with what it follows
_MOST_BENDS: Final = 4_000


@dataclass(eq=False, slots=True)
class Spot:
    """A node of the layered graph: a flow node, or a bend of an edge that crosses its layer."""

    node: FlowNode | None
    width: float = 0.0
    height: float = 14.0
    room: float = 14.0  # height with its label
    layer: int = 0
    x: float = 0.0  # middle
    y: float = 0.0
    before: list["Spot"] = field(default_factory=list)
    after: list["Spot"] = field(default_factory=list)
    lowered: bool = False  # reached only from boundary events: stands below their host


@dataclass(eq=False, slots=True)
class Way:
    """One sequence flow through the layers."""

    flow: Flow
    source: Spot
    target: Spot
    boundary: FlowNode | None = None
    back: bool = False
    bends: list[Spot] = field(default_factory=list)


@record(kw_only=False)
class Columns:
    """The layers from left to right; ``room[i]`` is the free width before layer i, the last one that behind all."""

    layers: list[list[Spot]]
    room: list[float]


def arrange(spots: list[Spot], ways: list[Way]) -> Columns:
    """Give every spot its layer, order, x and y, and every way its bends."""
    _layer(spots, ways)
    layers = _bend(spots, ways)
    _order(layers)
    room = _room(layers, ways)
    _place(layers, room)
    return Columns(layers, room)


def _layer(spots: list[Spot], ways: list[Way]) -> None:
    """Mark the ways that close rings, and give each spot its layer."""
    leaving: dict[Spot, list[Way]] = defaultdict(list)
    entered = set()
    for way in ways:
        leaving[way.source].append(way)
        entered.add(way.target)
    state: dict[Spot, int] = {}  # 1: on the way, 2: done
    finished: list[Spot] = []
    for root in sorted(spots, key=lambda spot: spot in entered):  # begin where nothing leads to
        if root in state:
            continue
        state[root] = 1
        work = [(root, iter(leaving[root]))]
        while work:
            spot, rest = work[-1]
            onward = next(rest, None)
            if onward is None:
                state[spot] = 2
                finished.append(spot)
                work.pop()
            elif state.get(onward.target) == 1:
                onward.back = True
            elif onward.target not in state:
                state[onward.target] = 1
                work.append((onward.target, iter(leaving[onward.target])))
    for spot in reversed(finished):
        for onward in leaving[spot]:
            if not onward.back:
                onward.target.layer = max(onward.target.layer, spot.layer + 1)
    by_boundary = {way.target for way in ways if way.boundary is not None}
    for spot in by_boundary - {way.target for way in ways if way.boundary is None and not way.back}:
        spot.lowered = True


def _bend(spots: list[Spot], ways: list[Way]) -> list[list[Spot]]:
    """Put bends where ways cross layers, and return the layers."""
    layers: list[list[Spot]] = [[] for _ in range(max((spot.layer for spot in spots), default=0) + 1)]
    for spot in spots:
        layers[spot.layer].append(spot)
    budget = _MOST_BENDS
    for way in ways:
        if way.back:
            continue
        span = way.target.layer - way.source.layer - 1
        budget -= span
        last = way.source
        for step in range(span if budget >= 0 else 0):
            bend = Spot(None, layer=way.source.layer + 1 + step, lowered=way.boundary is not None)
            layers[bend.layer].append(bend)
            way.bends.append(bend)
            _join(last, bend)
            last = bend
        _join(last, way.target)
    return layers


def _join(before: Spot, after: Spot) -> None:
    before.after.append(after)
    after.before.append(before)


def _order(layers: list[list[Spot]]) -> None:
    """Order each layer by the middle of its neighbours, to and fro."""
    for sweep in range(_SWEEPS):
        forward = sweep % 2 == 0
        for layer in layers if forward else reversed(layers):
            place = {spot: index for other in layers for index, spot in enumerate(other)} if len(layers) < 3 else None
            keys = {}
            for index, spot in enumerate(layer):
                neighbours = spot.before if forward else spot.after
                ranks = [(place[n] if place else n.y) for n in neighbours]
                keys[spot] = (sum(ranks) / len(ranks) if ranks else float(index)) + (0.4 if spot.lowered else 0)
            layer.sort(key=keys.__getitem__)
            for index, spot in enumerate(layer):
                spot.y = float(index)


def _room(layers: list[list[Spot]], ways: list[Way]) -> list[float]:
    """How much room for vertical lines is needed behind each layer."""
    turning: dict[int, int] = defaultdict(int)
    for way in ways:
        turning[way.source.layer] += 1
        if way.back:
            turning[way.target.layer - 1] += 1
    return [GAP_X + SLOT * min(turning[index], 12) for index in range(-1, len(layers))]


def _place(layers: list[list[Spot]], room: list[float]) -> None:
    """Give every spot its x and y."""
    x = 0.0
    for index, layer in enumerate(layers):
        wide = max(spot.width for spot in layer) if layer else 0.0
        for spot in layer:
            spot.x = x + wide / 2
        x += wide + room[index + 1]
    for layer in layers:
        _stack(layer, [0.0] * len(layer))
    for sweep in range(_SWEEPS):
        forward = sweep % 2 == 0
        for layer in layers if forward else reversed(layers):
            _stack(layer, [_wanted(spot, spot.before if forward else spot.after) for spot in layer])
    for layer in layers:
        _straighten(layer)


def _straighten(layer: list[Spot]) -> None:
    """Take small steps out of lines: what is nearly level with what it follows becomes level, if there is room."""
    for index, spot in enumerate(layer):
        near = min(spot.before, key=lambda other: abs(other.y - spot.y), default=None)
        if near is None or not 0 < abs(near.y - spot.y) < 22 or spot.lowered:
            continue
        above, below = layer[:index], layer[index + 1 :]
        free_above = not above or near.y - above[-1].y >= (above[-1].room + spot.room) / 2 + _GAP_Y - 14
        free_below = not below or below[0].y - near.y >= (below[0].room + spot.room) / 2 + _GAP_Y - 14
        if free_above and free_below:
            spot.y = near.y


def _wanted(spot: Spot, neighbours: list[Spot]) -> float:
    if not neighbours:
        return spot.y
    heights = sorted(n.y for n in neighbours)
    middle = (heights[(len(heights) - 1) // 2] + heights[len(heights) // 2]) / 2
    return middle + (neighbours[0].room / 2 + 60 if spot.lowered and neighbours[0].node is not None else 0)


def _stack(layer: list[Spot], wanted: list[float]) -> None:
    """Set heights as near as possible to what is wanted without overlap (pool adjacent violators)."""
    offset, shifted = 0.0, []
    offsets = []
    for index, spot in enumerate(layer):
        if index:
            offset += (layer[index - 1].room + spot.room) / 2 + _GAP_Y
        offsets.append(offset)
        shifted.append(wanted[index] - offset)
    blocks: list[tuple[float, float, int]] = []  # mean, weight, count
    for spot, value in zip(layer, shifted, strict=True):
        mean, weight, count = value, _weight(spot), 1
        while blocks and blocks[-1][0] > mean:
            other, other_weight, other_count = blocks.pop()
            mean = (other * other_weight + mean * weight) / (other_weight + weight)
            weight, count = weight + other_weight, count + other_count
        blocks.append((mean, weight, count))
    index = 0
    for mean, _, count in blocks:
        for _ in range(count):
            layer[index].y = mean + offsets[index]
            index += 1


def _weight(spot: Spot) -> float:
    """What should rather stand level with its neighbours: the main way, not its ends and side ways."""
    if spot.lowered or spot.node is None:
        return 1.0
    return 60.0 if spot.before and spot.after else 2.0
