"""BPMN DI (chapter 12): the positions that the file gives, read with care: what has no usable numbers is left out."""

from collections.abc import Iterator, Mapping
from typing import Final

from engine.bpmn.drawing.geometry import Box, Edge, Picture, Point, Shape, number
from engine.bpmn.xml import BPMN, BPMNDI, DC, DI, Node

MOST: Final = 5_000  # shapes, and edges, of one picture
_MOST_POINTS: Final = 200
_EDGES: Final = frozenset(
    {
        "sequenceFlow",
        "messageFlow",
        "association",
        "dataInputAssociation",
        "dataOutputAssociation",
        "conversationLink",
    }
)


def pictures(root: Node) -> Iterator[tuple[str, Picture]]:
    """Yield every plane of the file with the id of what it shows (a process, a collaboration, a subprocess)."""
    elements = {node.get("id"): node for node in root.iter() if node.space == BPMN and node.get("id")}
    for diagram in root.find_all("BPMNDiagram", space=BPMNDI):
        plane = diagram.find("BPMNPlane", BPMNDI)
        if plane is not None:
            yield plane.get("bpmnElement") or "", _picture(plane, elements)


def choose(root: Node, process_key: str | None) -> Picture | None:
    """Return the plane that shows this process, else the first one of a whole process; a subprocess's own plane last."""
    found = [(owner, picture) for owner, picture in pictures(root) if picture.shapes]
    if process_key is None:
        whole = {_id(node) for node in root.find_all("process", "collaboration")}
        return next((p for owner, p in found if owner in whole), found[0][1] if found else None)
    owners = {_id(node) for node in _shown_processes(root, process_key)} | {process_key}
    wanted = _inner_ids(root, process_key)
    by_owner = next((picture for owner, picture in found if owner in owners), None)
    return by_owner or next((p for _, p in found if any(shape.id in wanted for shape in p.shapes)), None)


def _id(node: Node) -> str:
    return node.get("id") or ""


def _shown_processes(root: Node, process_key: str | None) -> list[Node]:
    """The collaborations in which the process is a pool."""
    return [
        node
        for node in root.find_all("collaboration")
        if any(p.get("processRef") == process_key for p in node.find_all("participant"))
    ]


def _inner_ids(root: Node, process_key: str | None) -> set[str]:
    process = next((p for p in root.find_all("process") if p.get("id") == process_key), None)
    return {identifier for node in process.iter() if (identifier := node.get("id"))} if process is not None else set()


def _picture(plane: Node, elements: Mapping[str | None, Node]) -> Picture:
    picture = Picture()
    for item in plane.children:
        if item.space != BPMNDI:
            continue
        element = elements.get((item.get("bpmnElement") or "").rpartition(":")[2])
        if element is None:
            continue
        if item.name == "BPMNShape" and len(picture.shapes) < MOST:
            shape = _shape(item, element)
            if shape is not None:
                picture.shapes.append(shape)
        elif item.name == "BPMNEdge" and len(picture.edges) < MOST:
            points = _points(item)
            if len(points) > 1:
                picture.edges.append(Edge(element, element.name, points, _label(item)))
    return picture


def _shape(item: Node, element: Node) -> Shape | None:
    if element.name in _EDGES:
        return None
    box = bounds(item)
    if box is None:
        return None
    flat = item.get("isHorizontal")
    horizontal = box.width >= box.height if flat is None else flat == "true"
    if element.name in ("participant", "lane") and flat is None:
        horizontal = True
    return Shape(
        element,
        element.name,
        box,
        _label(item),
        expanded=item.get("isExpanded", "true" if box.width > 130 or box.height > 100 else "false") == "true",
        horizontal=horizontal,
        depth=_depth(element),
    )


def _depth(element: Node) -> int:
    depth, node = 0, element.parent
    while node is not None:
        depth += node.name in ("subProcess", "transaction", "adHocSubProcess", "lane", "childLaneSet")
        node = node.parent
    return depth


def bounds(item: Node) -> Box | None:
    """Return the dc:Bounds of a shape or label."""
    found = item.find("Bounds", DC)
    if found is None:
        return None
    x, y, width, height = (number(found.get(name)) for name in ("x", "y", "width", "height"))
    if x is None or y is None or width is None or height is None or width <= 0 or height <= 0:
        return None
    return Box(x, y, width, height)


def _label(item: Node) -> Box | None:
    label = item.find("BPMNLabel", BPMNDI)
    return bounds(label) if label is not None else None


def _points(item: Node) -> list[Point]:
    points: list[Point] = []
    for waypoint in item.find_all("waypoint", space=DI)[:_MOST_POINTS]:
        x, y = number(waypoint.get("x")), number(waypoint.get("y"))
        if x is not None and y is not None and (x, y) not in points[-1:]:
            points.append((x, y))
    return points
