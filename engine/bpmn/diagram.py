"""BPMN -> SVG on the server: for pages, print, PDF and everything without scripts.

    render_svg(data, states={"review": "active"}, badges={"review": "3"}) -> "<svg ...>"

The picture follows the file's BPMN DI; a model without DI is laid out from left to right. Every element is a group with
``data-element`` (its id), ``id`` (with a prefix) and a ``<title>``; states are classes and presentation attributes, never
style attributes, so that a strict CSP and a page's style sheet both work.
"""

from collections.abc import Mapping
from typing import Final

from engine.bpmn.drawing import edges, interchange, shapes
from engine.bpmn.drawing.geometry import Box, Edge, Picture, Shape
from engine.bpmn.drawing.labels import Labels
from engine.bpmn.drawing.palette import PAPER, PLAIN, STATES, Paint, paint, warm
from engine.bpmn.drawing.svg import escape, figure, place, tag
from engine.bpmn.drawing.text import FONT, INK, centered, width
from engine.bpmn.layout import arrange
from engine.bpmn.words import Words, kind_words
from engine.bpmn.xml import Node, XmlRefused, parse

MARGIN: Final = 24.0
_EMPTY: Final = Words("没有可显示的流程图", "There is no diagram to show")


def render_svg(
    xml: bytes,
    *,
    process_key: str | None = None,
    states: Mapping[str, str] | None = None,
    badges: Mapping[str, str] | None = None,
    titles: Mapping[str, str] | None = None,
    heat: Mapping[str, float] | None = None,
    links: Mapping[str, str] | None = None,
    language: str = "zh",
    id_prefix: str = "bpmn-",
) -> str:
    """Draw one process (or the first diagram of the file).

    ``states``: element id -> "done", "active", "overdue", "failed" or "cancelled"; flows may have one too. ``badges``:
    element id -> a short text in a red pill. ``titles``: element id -> what its tooltip says besides kind, name and state.
    ``heat``: element id -> how hot it is, 0 to 1; its badge tells the figure, the fill only shows where to look.
    ``links``: element id -> where a click on it leads, for a picture that stands in a page.
    ``id_prefix`` tells apart the ids of several pictures on one page. Bytes that cannot be read give a picture that says so.
    """
    try:
        root = parse(xml).root
    except XmlRefused:
        return _note(_EMPTY.of(language))
    picture = interchange.choose(root, process_key)
    if picture is None:
        picture = arrange(root, process_key)
    if not picture.shapes:
        return _note(_EMPTY.of(language))
    artist = _Artist(picture, states or {}, badges or {}, titles or {}, language, id_prefix)
    artist.heat, artist.links = heat or {}, links or {}
    return artist.draw(_title(root, process_key, language))


def _title(root: Node, process_key: str | None, language: str) -> str:
    processes = root.find_all("process")
    chosen = [p for p in processes if p.get("id") == process_key] or processes[:1]
    name = (chosen[0].get("name") or chosen[0].get("id") or "") if chosen else ""
    return name or Words("流程图", "Process diagram").of(language)


def _note(text: str) -> str:
    return tag(
        "svg",
        tag("title", escape(text)) + centered([text], 180, 40, fill="#4e5969"),
        xmlns="http://www.w3.org/2000/svg",
        viewBox="0 0 360 80",
        width=360,
        height=80,
        role="img",
        class_="bpmn-diagram",
        font_family=FONT,
    )


class _Artist:
    """Draws one picture, back to front."""

    def __init__(
        self,
        picture: Picture,
        states: Mapping[str, str],
        badges: Mapping[str, str],
        titles: Mapping[str, str],
        language: str,
        prefix: str,
    ) -> None:
        self.picture = picture
        self.states = states
        self.badges = badges
        self.titles = titles
        self.language = language
        self.prefix = prefix
        self.heat: Mapping[str, float] = {}
        self.links: Mapping[str, str] = {}
        for edge in picture.edges:
            edge.points = edges.clean(edge.points)
        self.by_id = {shape.id: shape for shape in picture.shapes}
        self.solid = [shape for shape in picture.shapes if not shapes.is_container(shape)]
        self.labels = Labels(picture.shapes, picture.edges, self.solid)

    def draw(self, title: str) -> str:
        """Return the finished SVG."""
        order = {"participant": 0, "lane": 1}
        containers = [shape for shape in self.picture.shapes if shapes.is_container(shape)]
        # The lanes of a subprocess lie on it, not behind it.
        containers.sort(key=lambda shape: (shape.depth, order.get(shape.kind, 2)))
        boundary = [shape for shape in self.solid if shape.kind == "boundaryEvent"]
        inner = [shape for shape in self.solid if shape.kind != "boundaryEvent"]
        parts = [self._shape(shape) for shape in containers]
        parts += [self._edge(edge) for edge in self.picture.edges if edge.kind != "messageFlow"]
        parts += [self._shape(shape) for shape in (*inner, *boundary)]
        parts += [self._edge(edge) for edge in self.picture.edges if edge.kind == "messageFlow"]
        parts += [self._badge(shape) for shape in self.picture.shapes if shape.id in self.badges]
        box = self._frame()
        heading = tag("title", escape(title)) + tag("desc", escape(self._description()))
        return tag(
            "svg",
            heading + "".join(parts),
            xmlns="http://www.w3.org/2000/svg",
            viewBox=f"{figure(box.x)} {figure(box.y)} {figure(box.width)} {figure(box.height)}",
            width=round(box.width),
            height=round(box.height),
            role="group" if self.links else "img",
            class_="bpmn-diagram",
            aria_label=title,
            font_family=FONT,
        )

    def _frame(self) -> Box:
        """The box around everything that was drawn."""
        boxes = [shape.box for shape in self.picture.shapes] + self.labels.boxes
        points = [point for edge in self.picture.edges for point in edge.points]
        left = min([box.x for box in boxes] + [x for x, _ in points])
        top = min([box.y for box in boxes] + [y for _, y in points])
        right = max([box.right for box in boxes] + [x for x, _ in points])
        bottom = max([box.bottom for box in boxes] + [y for _, y in points])
        return Box(left, top, right - left, bottom - top).grown(MARGIN)

    def _paint(self, identifier: str) -> Paint:
        if identifier in self.heat:
            return warm(self.heat[identifier])
        return paint(self.states.get(identifier))

    def _describe(self, element: Node, kind: str) -> str:
        identifier = element.get("id") or ""
        trigger = shapes.trigger_of(element) if kind.endswith("Event") else ""
        name = " ".join(shapes.name_of(element).split())
        words = kind_words(kind, trigger).of(self.language)
        parts = [f"{words}：{name}" if self.language.startswith("zh") else f"{words}: {name}"] if name else [words]
        state = self._paint(identifier).words.of(self.language)
        parts += [part for part in (state, self.titles.get(identifier, "")) if part]
        return " · ".join(parts)

    def _group(self, element: Node, kind: str, content: str) -> str:
        identifier = element.get("id") or ""
        state = self._paint(identifier).name
        group = tag(
            "g",
            tag("title", escape(self._describe(element, kind))) + content,
            id=f"{self.prefix}{identifier}" if identifier else None,
            data_element=identifier or None,
            data_type=kind,
            class_=f"bpmn-element bpmn-{state}",
        )
        if identifier not in self.links:
            return group
        return tag("a", group, href=self.links[identifier], aria_label=self._describe(element, kind), data_node="")

    def _shape(self, shape: Shape) -> str:
        own = self._paint(shape.id)
        content = self._halo(shape, own) + shapes.draw(shape, own)
        if shapes.has_outer_label(shape):
            content += self.labels.node(shape, shapes.name_of(shape.element), INK)
        if own is not PLAIN and shape.id not in self.badges and not shape.kind.endswith(("Event", "Gateway")):
            content += self._sign(shape, own)
        return self._group(shape.element, shape.kind, content)

    def _halo(self, shape: Shape, own: Paint) -> str:
        """A soft border around what needs attention now."""
        if own.name not in ("active", "overdue", "failed") or shapes.is_container(shape):
            return ""
        box, look = shape.box.grown(4), {"fill": own.line, "fill_opacity": "0.14"}
        x, y = box.center
        if shape.kind.endswith("Event"):
            return tag("circle", cx=x, cy=y, r=min(box.width, box.height) / 2, **look)
        if shape.kind.endswith("Gateway"):
            path = f"M{figure(x)} {figure(box.y)}L{figure(box.right)} {figure(y)}L{figure(x)} {figure(box.bottom)}L{figure(box.x)} {figure(y)}Z"
            return tag("path", d=path, **look)
        return tag("rect", x=box.x, y=box.y, width=box.width, height=box.height, rx=12, **look)

    def _sign(self, shape: Shape, own: Paint) -> str:
        """A small sign in the corner, so that the state is seen without colour."""
        box = shape.box
        if box.width < 60 or box.height < 40:
            return ""
        disc = tag("circle", r=6.6, fill=own.line)
        filled = own.name == "active"
        line = tag(
            "path",
            d=own.sign,
            fill=PAPER if filled else "none",
            stroke=None if filled else PAPER,
            stroke_width=1.6,
            stroke_linecap="round",
            stroke_linejoin="round",
        )
        return tag("g", disc + line, transform=place(box.right - 11.5, box.y + 11.5))

    def _edge(self, edge: Edge) -> str:
        own = self._paint(edge.id)
        source = self.by_id.get(edge.element.get("sourceRef") or "")
        is_default = source is not None and bool(edge.id) and source.element.get("default") == edge.id
        content = edges.draw(edge, own, source.kind if source is not None else "", is_default=is_default)
        if edge.kind in ("sequenceFlow", "messageFlow"):
            content += self.labels.edge(edge, edge.element.get("name") or "", INK)
        return self._group(edge.element, edge.kind, content)

    def _badge(self, shape: Shape) -> str:
        text = " ".join(str(self.badges[shape.id]).split())[:12]
        wide = max(20.0, width(text, 11) + 11)
        x, y = shape.box.right - (6 if shape.kind.endswith("Event") else 0), shape.box.y
        pill = tag(
            "rect",
            x=x - wide / 2,
            y=y - 10,
            width=wide,
            height=20,
            rx=10,
            fill="#3a4150" if shape.id in self.heat else "#c9353f",
            stroke=PAPER,
            stroke_width=1.5,
        )
        return tag("g", pill + centered([text], x, y, size=11, fill=PAPER, bold=True), class_="bpmn-badge")

    def _description(self) -> str:
        """What a screen reader says after the title: what is in which state."""
        told = []
        for name, look in STATES.items():
            found = [s.element for s in self.picture.shapes if self.states.get(s.id) == name]
            names = [" ".join(shapes.name_of(e).split()) for e in found if shapes.name_of(e)]
            if names:
                separator = "、" if self.language.startswith("zh") else ", "
                told.append(f"{look.words.of(self.language)}: {separator.join(names[:20])}")
        if told:
            return "; ".join(told)
        count = sum(1 for shape in self.solid)
        return f"{count} 个节点" if self.language.startswith("zh") else f"{count} elements"
