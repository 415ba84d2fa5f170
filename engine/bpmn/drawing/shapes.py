"""One shape of the picture as SVG: pools, lanes, activities, events, gateways, data, annotations; and the unknown."""

from typing import Final

from engine.bpmn.drawing import icons
from engine.bpmn.drawing.geometry import Box, Shape
from engine.bpmn.drawing.palette import LINE, PAPER, POOL, QUIET, Paint
from engine.bpmn.drawing.svg import figure, place, tag
from engine.bpmn.drawing.text import INK, SIZE, centered, fit, lines_of_text, width, wrap
from engine.bpmn.drawing.text import LINE as LEADING
from engine.bpmn.graph import ACTIVITIES, EVENT_DEFINITION, SUBPROCESSES
from engine.bpmn.xml import BPMN, Node

BAND: Final = 30.0  # of a pool or lane, for its name
_ICON: Final = 25.0  # of the corner of a task, for its icon
_CONTAINERS: Final = SUBPROCESSES | {"callActivity"}
LABELLED_OUTSIDE: Final = frozenset(
    {"dataObject", "dataObjectReference", "dataInput", "dataOutput", "dataStore", "dataStoreReference"}
)


def is_container(shape: Shape) -> bool:
    """Is it drawn behind the edges?"""
    return shape.kind in ("participant", "lane", "group") or (shape.kind in SUBPROCESSES and shape.expanded)


def has_outer_label(shape: Shape) -> bool:
    """Does its name stand beside it?"""
    return shape.kind.endswith(("Event", "Gateway")) or shape.kind in LABELLED_OUTSIDE


def name_of(element: Node) -> str:
    """Return the text that an element shows."""
    if element.name == "textAnnotation":
        text = element.find("text")
        return text.all_text() if text is not None else ""
    if element.name == "group":
        return _category(element)
    return element.get("name") or ""


def _category(element: Node) -> str:
    root = element
    while root.parent is not None:
        root = root.parent
    wanted = element.get("categoryValueRef")
    if not wanted:
        return ""
    for category in root.find_all("category"):
        for value in category.find_all("categoryValue"):
            if value.get("id") == wanted:
                return value.get("value") or ""
    return ""


def draw(shape: Shape, paint: Paint) -> str:
    """Draw one shape, its outer label excepted."""
    kind = shape.kind
    if kind == "participant":
        return _pool(shape, paint)
    if kind == "lane":
        return _lane(shape)
    if kind.endswith("Event"):
        return _event(shape, paint)
    if kind.endswith("Gateway"):
        return _gateway(shape, paint)
    if kind in ACTIVITIES:
        return _activity(shape, paint)
    if kind in ("dataObject", "dataObjectReference", "dataInput", "dataOutput"):
        return _data_object(shape, paint)
    if kind in ("dataStore", "dataStoreReference"):
        return _data_store(shape, paint)
    if kind == "textAnnotation":
        return _annotation(shape)
    if kind == "group":
        return _group(shape)
    return _unknown(shape)


def _rect(box: Box, *, rx: float = 0.0, **attributes: object) -> str:
    return tag(
        "rect",
        x=box.x,
        y=box.y,
        width=box.width,
        height=box.height,
        rx=rx if rx else None,
        **attributes,
    )


def _sideways(text: str, box: Box, *, bold: bool) -> str:
    """A name that reads from bottom to top."""
    lines, size = fit(text, max(box.height - 10, 24), box.width)
    x, y = box.center
    turned = centered(lines, 0, 0, size=size, bold=bold)
    return tag("g", turned, transform=f"translate({figure(x)} {figure(y)}) rotate(-90)")


def _pool(shape: Shape, paint: Paint) -> str:
    box, name = shape.box, name_of(shape.element)
    body = _rect(box, rx=3.0, fill=PAPER, stroke=LINE, stroke_width=1.5)
    if not shape.element.get("processRef"):  # a partner whose process is not shown
        lines, size = fit(name, max(box.width - 20, 24), max(box.height - 8, 16))
        inside = _rect(box, rx=3.0, fill=POOL, stroke=LINE, stroke_width=1.5)
        return inside + centered(lines, *box.center, size=size, bold=True) + _multiplicity(shape)
    band = _band(box, horizontal=shape.horizontal)
    body += _rect(band, rx=3.0, fill=POOL, stroke=LINE, stroke_width=1.5)
    if shape.horizontal:
        return body + _sideways(name, band, bold=True) + _multiplicity(shape)
    lines = wrap(name, band.width - 12, SIZE, 1)
    return body + centered(lines, *band.center, bold=True) + _multiplicity(shape)


def _band(box: Box, *, horizontal: bool) -> Box:
    if horizontal:
        return Box(box.x, box.y, min(BAND, box.width), box.height)
    return Box(box.x, box.y, box.width, min(BAND, box.height))


def _multiplicity(shape: Shape) -> str:
    if shape.element.find("participantMultiplicity") is None:
        return ""
    x, _ = shape.box.center
    return tag("g", icons.marker("parallel", LINE), transform=place(x, shape.box.bottom - 10))


def _lane(shape: Shape) -> str:
    box = shape.box
    outline = _rect(box, fill="none", stroke=LINE, stroke_width=1.0)
    band = _band(box, horizontal=shape.horizontal)
    name = name_of(shape.element)
    if not name:
        return outline
    if shape.horizontal:
        return outline + _sideways(name, band, bold=False)
    return outline + centered(wrap(name, band.width - 12, SIZE, 1), *band.center)


# -- activities ------------------------------------------------------------------------------------------------------


def _activity(shape: Shape, paint: Paint) -> str:
    box, kind, node = shape.box, shape.kind, shape.element
    radius = min(8.0, box.width / 4, box.height / 4)
    event_subprocess = node.get("triggeredByEvent") == "true"
    frame = _rect(
        box,
        rx=radius,
        fill=paint.fill,
        fill_opacity="0.55" if is_container(shape) and paint.name != "plain" else None,
        stroke=paint.line,
        stroke_width=paint.width + (2.2 if kind == "callActivity" else 0),
        stroke_dasharray="1.5 3.5" if event_subprocess else ("5 3" if paint.name == "cancelled" else None),
        stroke_linecap="round" if event_subprocess else None,
    )
    if kind == "transaction":
        frame += _rect(box.grown(-3.2), rx=max(radius - 3, 1.0), fill="none", stroke=paint.line, stroke_width=1.2)
    return frame + _activity_name(shape) + _corner(shape, paint) + _markers(shape, paint)


def _activity_name(shape: Shape) -> str:
    box, name = shape.box, name_of(shape.element)
    if not name:
        return ""
    if is_container(shape):
        lines = wrap(name, max(box.width - 44, 40), SIZE, 2)
        return lines_of_text(lines, box.center[0], box.y + 14, bold=True)
    markers = 16.0 if _marker_names(shape) else 0.0
    lines, size = fit(name, max(box.width - 14, 20), max(box.height - 10 - markers, SIZE))
    x, y = box.center
    return centered(lines, x, y - markers / 2 + _aside(shape, lines, size, markers), size=size)


def _aside(shape: Shape, lines: list[str], size: float, markers: float) -> float:
    """How far to move the name down, so that its first line does not run into the icon."""
    box, tall = shape.box, len(lines) * size * LEADING
    if not icons.task(shape.kind, LINE, PAPER) or not lines or width(lines[0], size) < box.width - 2 * _ICON:
        return 0.0
    top = box.center[1] - markers / 2 - tall / 2
    room = box.bottom - markers - 4 - (top + tall)
    return max(0.0, min(box.y + _ICON - 3 - top, room))


def _corner(shape: Shape, paint: Paint) -> str:
    icon = icons.task(shape.kind, paint.ink, PAPER)
    if not icon or shape.box.width < 50 or shape.box.height < 40:
        return ""
    return tag("g", icon, transform=place(shape.box.x + 14.5, shape.box.y + 14.5, 0.86))


def _marker_names(shape: Shape) -> list[str]:
    node, names = shape.element, []
    multiple = node.find("multiInstanceLoopCharacteristics")
    if node.find("standardLoopCharacteristics") is not None:
        names.append("loop")
    elif multiple is not None:
        names.append("sequential" if multiple.get("isSequential") == "true" else "parallel")
    if shape.kind in _CONTAINERS and not shape.expanded and shape.kind != "callActivity":
        names.append("collapsed")
    if shape.kind == "callActivity" and shape.box.height >= 50:
        names.append("collapsed")
    if shape.kind == "adHocSubProcess":
        names.append("adhoc")
    if node.get("isForCompensation") == "true":
        names.append("compensation")
    return names


def _markers(shape: Shape, paint: Paint) -> str:
    names = _marker_names(shape)
    x, _ = shape.box.center
    start = x - (len(names) - 1) * 9.0
    return "".join(
        tag("g", icons.marker(name, paint.ink), transform=place(start + index * 18, shape.box.bottom - 10.5))
        for index, name in enumerate(names)
    )


# -- events and gateways ---------------------------------------------------------------------------------------------


def trigger_of(element: Node) -> str:
    """Return the trigger of an event as ``FlowNode.trigger`` does."""
    definitions = [c for c in element.children if c.space == BPMN and c.name.endswith(EVENT_DEFINITION)]
    if len(definitions) > 1:
        return "parallelMultiple" if element.get("parallelMultiple") == "true" else "multiple"
    return definitions[0].name.removesuffix(EVENT_DEFINITION) if definitions else "none"


def _event(shape: Shape, paint: Paint) -> str:
    kind, node = shape.kind, shape.element
    x, y = shape.box.center
    radius = min(shape.box.width, shape.box.height) / 2
    quiet = node.get("cancelActivity") == "false" or node.get("isInterrupting") == "false"
    stroke = paint.width + (2.4 if kind == "endEvent" else 0)
    ring = {"stroke": paint.line, "stroke_dasharray": "5.5 3.2" if quiet else None}
    parts = tag("circle", cx=x, cy=y, r=radius, fill=paint.fill, stroke_width=stroke, **ring)
    if kind not in ("startEvent", "endEvent"):
        inner = radius - max(3.0, radius / 6)
        parts += tag("circle", cx=x, cy=y, r=inner, fill="none", stroke_width=min(paint.width, 1.5), **ring)
    thrown = kind in ("endEvent", "intermediateThrowEvent")
    icon = icons.event(trigger_of(node), filled=thrown, ink=paint.ink, paper=paint.fill)
    scale = radius / 18 * (1.0 if kind in ("startEvent", "endEvent") else 0.86)
    return parts + (tag("g", icon, transform=place(x, y, scale)) if icon else "")


def _gateway(shape: Shape, paint: Paint) -> str:
    box, node = shape.box, shape.element
    x, y = box.center
    path = f"M{figure(x)} {figure(box.y)}L{figure(box.right)} {figure(y)}L{figure(x)} {figure(box.bottom)}L{figure(box.x)} {figure(y)}Z"
    diamond = tag("path", d=path, fill=paint.fill, stroke=paint.line, stroke_width=paint.width, stroke_linejoin="round")
    sign = icons.gateway(
        shape.kind,
        paint.ink,
        instantiates=node.get("instantiate") == "true",
        parallel=node.get("eventGatewayType") == "Parallel",
    )
    scale = min(box.width, box.height) / 50
    return diamond + (tag("g", sign, transform=place(x, y, scale)) if sign else "")


# -- data and notes --------------------------------------------------------------------------------------------------


def _data_object(shape: Shape, paint: Paint) -> str:
    box = shape.box
    fold = min(10.0, box.width / 3)
    x, y, r, b = (figure(v) for v in (box.x, box.y, box.right, box.bottom))
    corner = figure(box.right - fold), figure(box.y + fold)
    page = f"M{x} {y}H{corner[0]}L{r} {corner[1]}V{b}H{x}Z"
    parts = tag("path", d=page, fill=PAPER, stroke=LINE, stroke_width=1.3, stroke_linejoin="round")
    parts += tag("path", d=f"M{corner[0]} {y}V{corner[1]}H{r}", fill="none", stroke=LINE, stroke_width=1.3)
    if shape.kind in ("dataInput", "dataOutput"):
        fill = LINE if shape.kind == "dataOutput" else "none"
        arrow = "M-6 -2H1V-5.5L7 0L1 5.5V2H-6Z"
        parts += tag("path", d=arrow, fill=fill, stroke=LINE, transform=place(box.x + 12, box.y + 12, 0.9))
    if shape.element.get("isCollection") == "true":
        mark = icons.marker("parallel", LINE)
        parts += tag("g", mark, transform=place(box.center[0], box.bottom - 8, 0.8))
    return parts


def _data_store(shape: Shape, paint: Paint) -> str:
    box = shape.box
    lip = min(box.height / 5, 10.0)
    rx, w = figure(box.width / 2), figure(box.width)
    x, right, top = figure(box.x), figure(box.right), figure(box.y + lip)
    body = f"M{x} {top}A{rx} {figure(lip)} 0 0 1 {right} {top}V{figure(box.bottom - lip)}A{rx} {figure(lip)} 0 0 1 {x} {figure(box.bottom - lip)}Z"
    parts = tag("path", d=body, fill=PAPER, stroke=LINE, stroke_width=1.3)
    for step in range(3):
        y = figure(box.y + lip + step * lip * 0.55)
        parts += tag("path", d=f"M{x} {y}a{rx} {figure(lip)} 0 0 0 {w} 0", fill="none", stroke=LINE, stroke_width=1.1)
    return parts


def _annotation(shape: Shape) -> str:
    box = shape.box
    bracket = f"M{figure(box.x + 10)} {figure(box.y)}H{figure(box.x)}V{figure(box.bottom)}H{figure(box.x + 10)}"
    lines, size = fit(name_of(shape.element), max(box.width - 10, 24), max(box.height - 4, SIZE))
    text = lines_of_text(lines, box.x + 7, box.y + 4 + size * LEADING / 2, size=size, anchor="start", fill="#4e5969")
    return tag("path", d=bracket, fill="none", stroke=QUIET, stroke_width=1.4) + text


def _group(shape: Shape) -> str:
    box = shape.box
    frame = _rect(box, rx=8.0, fill="none", stroke=QUIET, stroke_width=1.5, stroke_dasharray="8 4 1.5 4")
    lines = wrap(name_of(shape.element), max(box.width - 12, 40), SIZE, 1)
    return frame + lines_of_text(lines, box.center[0], box.y + 14, fill="#4e5969")


def _unknown(shape: Shape) -> str:
    box = shape.box
    lines, size = fit(name_of(shape.element) or shape.kind, max(box.width - 12, 24), max(box.height - 8, SIZE))
    frame = _rect(box, rx=6.0, fill=PAPER, stroke=QUIET, stroke_width=1.3, stroke_dasharray="4 3")
    return frame + centered(lines, *box.center, size=size, fill=INK)
