"""Pictures: what the file draws is drawn, what it does not draw is laid out, and nothing in it can break a page."""

import re
from xml.etree import ElementTree

import pytest

from engine.bpmn.diagram import render_svg
from engine.bpmn.drawing.edges import clean, rounded
from engine.bpmn.drawing.geometry import Box, number
from engine.bpmn.drawing.interchange import choose
from engine.bpmn.drawing.text import width, wrap
from engine.bpmn.layout import arrange
from engine.bpmn.xml import parse
from tests.unit.bpmn.uploads import flow, straight, upload

SVG = "{http://www.w3.org/2000/svg}"
DI = (
    'xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" '
    'xmlns:di="http://www.omg.org/spec/DD/20100524/DI"'
)


def shape(element: str, x: object, y: object, w: object, h: object, extra: str = "", inside: str = "") -> str:
    return (
        f'<bpmndi:BPMNShape bpmnElement="{element}" {extra}><dc:Bounds x="{x}" y="{y}" width="{w}" height="{h}"/>{inside}'
        "</bpmndi:BPMNShape>"
    )


def edge(element: str, *points: tuple[object, object]) -> str:
    waypoints = "".join(f'<di:waypoint x="{x}" y="{y}"/>' for x, y in points)
    return f'<bpmndi:BPMNEdge bpmnElement="{element}">{waypoints}</bpmndi:BPMNEdge>'


def drawn(*lines: str, di: str = "", plane: str = "p", beside: str = "") -> bytes:
    """A file with one process and its diagram."""
    body = upload(*lines, beside=beside).decode()
    diagram = (
        f'<bpmndi:BPMNDiagram {DI}><bpmndi:BPMNPlane bpmnElement="{plane}">{di}</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>'
    )
    return body.replace("</definitions>", f"{diagram}</definitions>").encode()


def picture(svg: str) -> ElementTree.Element:
    """Parse the SVG: it must be well-formed."""
    return ElementTree.fromstring(svg)


def element(svg: str, identifier: str) -> ElementTree.Element:
    return next(g for g in picture(svg).iter(f"{SVG}g") if g.get("data-element") == identifier)


def words(svg: str) -> list[str]:
    """All visible lines of text."""
    return [span.text or "" for span in picture(svg).iter(f"{SVG}tspan")]


SMALL = drawn(
    '<startEvent id="s" name="开始"/><userTask id="a" name="窗口受理"/><endEvent id="e"/>',
    flow("s", "a"),
    flow("a", "e"),
    di=shape("s", 10, 30, 36, 36)
    + shape("a", 100, 10, 120, 80)
    + shape("e", 280, 30, 36, 36)
    + edge("s-a", (46, 48), (100, 48))
    + edge("a-e", (220, 48), (280, 48)),
)


def test_every_element_is_a_group_with_its_id_and_a_title() -> None:
    svg = render_svg(SMALL)

    task = element(svg, "a")
    assert (task.get("id"), task.get("data-type"), task.get("class")) == (
        "bpmn-a",
        "userTask",
        "bpmn-element bpmn-plain",
    )
    assert task.find(f"{SVG}title") is not None
    assert task.find(f"{SVG}title").text == "用户任务：窗口受理"  # type: ignore[union-attr]
    assert {"开始", "窗口受理"} <= set(words(svg))


def test_the_picture_says_what_it_is_to_a_screen_reader() -> None:
    root = picture(render_svg(SMALL, states={"a": "overdue"}))

    assert (root.get("role"), root.get("aria-label")) == ("img", "流程")
    assert root.find(f"{SVG}title").text == "流程"  # type: ignore[union-attr]
    assert root.find(f"{SVG}desc").text == "超期: 窗口受理"  # type: ignore[union-attr]


def test_the_frame_holds_all_shapes_with_a_margin() -> None:
    root = picture(render_svg(SMALL))

    x, y, w, h = (float(v) for v in (root.get("viewBox") or "").split())
    assert x <= 10 - 20
    assert y <= 10 - 20
    assert x + w >= 316 + 20
    assert y + h >= 90 + 20


@pytest.mark.parametrize("state", ["done", "active", "overdue", "failed", "cancelled"])
def test_a_state_is_a_class_a_colour_and_a_sign(state: str) -> None:
    plain, marked = element(render_svg(SMALL), "a"), element(render_svg(SMALL, states={"a": state}), "a")

    assert marked.get("class") == f"bpmn-element bpmn-{state}"
    assert {r.get("fill") for r in marked.iter(f"{SVG}rect")} != {r.get("fill") for r in plain.iter(f"{SVG}rect")}
    assert len(list(marked.iter(f"{SVG}circle"))) == len(list(plain.iter(f"{SVG}circle"))) + 1


def test_unknown_states_and_ids_do_no_harm() -> None:
    assert render_svg(SMALL, states={"a": "nonsense", "zz": "done"}, badges={"zz": "1"}) == render_svg(SMALL)


def test_a_badge_stands_beside_its_element() -> None:
    svg = render_svg(SMALL, badges={"a": "超2天"})

    assert "超2天" in words(svg)
    assert 'class="bpmn-badge"' in svg


def test_titles_and_language() -> None:
    svg = render_svg(SMALL, states={"a": "active"}, titles={"a": "李四"}, language="en")

    assert element(svg, "a").find(f"{SVG}title").text == "user task: 窗口受理 · active · 李四"  # type: ignore[union-attr]


def test_ids_can_be_kept_apart() -> None:
    assert element(render_svg(SMALL, id_prefix="case-7-"), "a").get("id") == "case-7-a"


HOSTILE = "<script>alert(1)</script>\" onload='x' &amp; ]]> \u0000\u202e"


def test_names_are_escaped_everywhere() -> None:
    name = "&lt;script&gt;alert(1)&lt;/script&gt;&quot; onload=&apos;x&apos; ]]&gt; \u202e"
    data = drawn(
        f'<startEvent id="s" name="{name}"/><task id="a" name="{name}"/><textAnnotation id="t"><text>{name}</text></textAnnotation>',
        di=shape("s", 0, 0, 36, 36) + shape("a", 100, 0, 100, 80) + shape("t", 0, 100, 100, 50),
    )

    svg = render_svg(data, badges={"a": HOSTILE}, titles={"a": HOSTILE})

    picture(svg)
    assert "<script" not in svg
    assert not re.search(r"<[a-z]+[^>]*\sonload=", svg)


def test_a_strict_content_security_policy_has_nothing_to_forbid() -> None:
    svg = render_svg(SMALL, states={"a": "active"}, badges={"a": "1"})

    assert "style=" not in svg
    assert "<style" not in svg
    assert "href" not in svg
    assert "url(" not in svg


@pytest.mark.parametrize(
    ("x", "y", "w", "h"),
    [
        ("NaN", 0, 100, 80),
        ("Infinity", 0, 100, 80),
        ("1e309", 0, 100, 80),
        ("", 0, 100, 80),
        ("left", 0, 100, 80),
        (0, 0, -100, 80),
        (0, 0, 0, 0),
        (10**9, 0, 100, 80),
    ],
)
def test_a_shape_with_unusable_numbers_is_left_out(x: object, y: object, w: object, h: object) -> None:
    data = drawn('<task id="a"/><task id="b"/>', di=shape("a", x, y, w, h) + shape("b", 0, 0, 100, 80))

    svg = render_svg(data)

    assert [g.get("data-element") for g in picture(svg).iter(f"{SVG}g") if g.get("data-element")] == ["b"]
    assert "nan" not in svg.lower()
    assert "inf" not in svg.lower()


def test_an_edge_needs_two_points_that_are_numbers() -> None:
    data = drawn(
        *straight(),
        di=shape("start", 0, 0, 36, 36) + edge("start-end", ("NaN", 0), (5, 5)) + edge("nowhere", (0, 0), (9, 9)),
    )

    assert [g.get("data-element") for g in picture(render_svg(data)).iter(f"{SVG}g") if g.get("data-element")] == [
        "start"
    ]


ALL_KINDS = [
    *("task userTask manualTask scriptTask serviceTask sendTask receiveTask businessRuleTask callActivity".split()),
    *("exclusiveGateway parallelGateway inclusiveGateway eventBasedGateway complexGateway".split()),
    *(
        "dataObjectReference dataStoreReference dataInput dataOutput textAnnotation group subProcess transaction".split()
    ),
    *("adHocSubProcess startEvent endEvent somethingUnknown".split()),
]


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_every_kind_of_element_is_drawn(kind: str) -> None:
    svg = render_svg(drawn(f'<{kind} id="a" name="甲"/>', di=shape("a", 0, 0, 100, 80)))

    assert len(list(element(svg, "a"))) > 1


@pytest.mark.parametrize(
    "trigger",
    "message timer error signal escalation terminate conditional compensate link cancel".split(),
)
def test_every_event_has_its_icon_outlined_when_caught_and_filled_when_thrown(trigger: str) -> None:
    def icon(kind: str, definition: str) -> str:
        svg = render_svg(drawn(f'<{kind} id="a">{definition}</{kind}>', di=shape("a", 0, 0, 36, 36)))
        return ElementTree.tostring(element(svg, "a"), encoding="unicode")

    definition = f"<{trigger}EventDefinition/>"

    assert icon("intermediateCatchEvent", definition) != icon("intermediateCatchEvent", "")
    assert icon("endEvent", definition) != icon("endEvent", "")


def test_a_non_interrupting_event_is_dashed() -> None:
    svg = render_svg(
        drawn(
            '<task id="a"/><boundaryEvent id="b" attachedToRef="a" cancelActivity="false"/>'
            '<boundaryEvent id="c" attachedToRef="a"/>',
            di=shape("a", 0, 0, 100, 80) + shape("b", 10, 62, 36, 36) + shape("c", 60, 62, 36, 36),
        )
    )

    dashes = {i: [c.get("stroke-dasharray") for c in element(svg, i).iter(f"{SVG}circle")] for i in "bc"}
    assert all(dashes["b"])
    assert not any(dashes["c"])


@pytest.mark.parametrize(
    "loop",
    [
        "<standardLoopCharacteristics/>",
        "<multiInstanceLoopCharacteristics/>",
        '<multiInstanceLoopCharacteristics isSequential="true"/>',
    ],
)
def test_loop_markers_differ(loop: str) -> None:
    plain = render_svg(drawn('<task id="a"/>', di=shape("a", 0, 0, 100, 80)))

    assert render_svg(drawn(f'<task id="a">{loop}</task>', di=shape("a", 0, 0, 100, 80))) != plain


def test_default_and_conditional_flows_are_marked() -> None:
    def marks(gateway: str, condition: str) -> int:
        lines = (gateway, '<endEvent id="e"/>', flow("g", "e", condition, id="f"))
        di = shape("g", 0, 0, 50, 50) + shape("e", 200, 7, 36, 36) + edge("f", (50, 25), (200, 25))
        return len(list(element(render_svg(drawn(*lines, di=di)), "f").iter(f"{SVG}path")))

    plain = marks('<exclusiveGateway id="g"/>', "x")
    assert marks('<exclusiveGateway id="g" default="f"/>', "") == plain + 1
    assert marks('<task id="g"/>', "x") == plain + 1


def test_pools_and_lanes_carry_their_names() -> None:
    beside = '<collaboration id="c"><participant id="pool" name="审批局" processRef="p"/><participant id="out" name="申请人"/></collaboration>'
    data = drawn(
        '<laneSet id="ls"><lane id="lane" name="窗口"/></laneSet><startEvent id="s"/>',
        di=shape("pool", 0, 0, 400, 200, 'isHorizontal="true"')
        + shape("lane", 30, 0, 370, 200)
        + shape("out", 0, 300, 400, 60)
        + shape("s", 100, 80, 36, 36),
        plane="c",
        beside=beside,
    )

    svg = render_svg(data, process_key="p")

    assert {"审批局", "窗口", "申请人"} <= set(words(svg))


def test_a_label_stands_where_the_file_says() -> None:
    label = '<bpmndi:BPMNLabel><dc:Bounds x="300" y="400" width="90" height="14"/></bpmndi:BPMNLabel>'
    svg = render_svg(drawn('<startEvent id="s" name="这里"/>', di=shape("s", 0, 0, 36, 36, inside=label)))

    [span] = picture(svg).iter(f"{SVG}tspan")
    assert (float(span.get("x") or 0), 400 < float(span.get("y") or 0) < 414) == (345, True)


def test_of_several_diagrams_the_one_of_the_process_is_drawn() -> None:
    data = drawn(
        '<task id="a" name="甲"/>',
        di=shape("a", 0, 0, 100, 80),
        beside='<process id="q"><task id="b" name="乙"/></process>',
    )
    other = f'<bpmndi:BPMNDiagram {DI}><bpmndi:BPMNPlane bpmnElement="q">{shape("b", 0, 0, 100, 80)}</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>'
    data = data.replace(b"</definitions>", other.encode() + b"</definitions>")

    assert words(render_svg(data)) == ["甲"]
    assert words(render_svg(data, process_key="q")) == ["乙"]


def test_the_plane_of_a_subprocess_is_not_taken_for_the_whole() -> None:
    inner = drawn(
        '<subProcess id="sub"><task id="b" name="里面"/></subProcess><task id="a" name="外面"/>',
        di=shape("b", 0, 0, 9, 9),
        plane="sub",
    )
    outer = f'<bpmndi:BPMNDiagram {DI}><bpmndi:BPMNPlane bpmnElement="p">{shape("a", 0, 0, 100, 80)}</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>'

    assert words(render_svg(inner.replace(b"</definitions>", outer.encode() + b"</definitions>"))) == ["外面"]


# -- without BPMN DI ---------------------------------------------------------------------------------------------------

UNDRAWN = upload(
    *straight('<userTask id="a" name="受理"/><exclusiveGateway id="g" default="g-end"/>', ids="a g"),
    flow("g", "a", "again"),
    '<boundaryEvent id="b" attachedToRef="a"><errorEventDefinition/></boundaryEvent><endEvent id="x"/>',
    flow("b", "x"),
    '<subProcess id="sub"><startEvent id="s2"/><task id="t2"/><endEvent id="e2"/>'
    + flow("s2", "t2")
    + flow("t2", "e2")
    + "</subProcess>",
    flow("g", "sub", "c"),
    flow("sub", "end"),
)


def test_a_model_without_diagram_is_laid_out_from_left_to_right() -> None:
    found = arrange(parse(UNDRAWN).root)

    boxes = {shape.id: shape.box for shape in found.shapes}
    assert boxes["start"].right < boxes["a"].x < boxes["g"].x < boxes["sub"].x < boxes["end"].x
    assert boxes["sub"].x < boxes["s2"].x
    assert boxes["e2"].right < boxes["sub"].right
    assert boxes["b"].overlaps(boxes["a"])
    assert {edge.id for edge in found.edges} >= {"start-a", "g-a", "b-x", "s2-t2"}


def test_no_two_nodes_of_a_layout_overlap() -> None:
    found = arrange(parse(UNDRAWN).root)

    flat = [shape for shape in found.shapes if shape.depth == 0 and shape.kind != "boundaryEvent"]
    assert not [(a.id, b.id) for i, a in enumerate(flat) for b in flat[i + 1 :] if a.box.overlaps(b.box)]


def test_what_no_flow_touches_stands_below_the_rest() -> None:
    event = '<subProcess id="es" triggeredByEvent="true"><startEvent id="es1"/><endEvent id="es2"/></subProcess>'

    boxes = {shape.id: shape.box for shape in arrange(parse(upload(*straight(event))).root).shapes}

    assert boxes["es"].y > max(boxes["start"].bottom, boxes["end"].bottom)
    assert boxes["es"].y < boxes["es1"].y < boxes["es1"].bottom < boxes["es"].bottom


def test_flows_of_a_layout_begin_and_end_at_their_nodes() -> None:
    found = arrange(parse(UNDRAWN).root)
    boxes = {shape.id: shape.box.grown(1) for shape in found.shapes}

    for edge_ in found.edges:
        source, target = edge_.element.get("sourceRef") or "", edge_.element.get("targetRef") or ""
        assert boxes[source].overlaps(Box(*edge_.points[0], 0.5, 0.5)), edge_.id
        assert boxes[target].overlaps(Box(*edge_.points[-1], 0.5, 0.5)), edge_.id


def test_several_processes_are_laid_out_as_pools() -> None:
    data = upload(*straight(), beside='<process id="q" name="另一个"><task id="b"/></process>')

    assert "另一个" in words(render_svg(data))


def test_a_ring_and_loose_nodes_can_be_laid_out() -> None:
    data = upload('<task id="a"/><task id="b"/><task id="c"/>', flow("a", "b"), flow("b", "a"), flow("c", "c"))

    assert len([g for g in picture(render_svg(data)).iter(f"{SVG}g") if g.get("data-element")]) == 6


@pytest.mark.parametrize(
    "data",
    [b"", b"not xml", b"<a/>", upload(), drawn('<task id="a"/>', plane="nowhere").replace(b"<task", b"<tusk")],
)
def test_without_anything_to_draw_the_picture_says_so(data: bytes) -> None:
    assert "没有可显示的流程图" in render_svg(data)
    assert "There is no diagram to show" in render_svg(data, language="en")


def test_a_process_that_is_too_large_for_a_picture_is_not_laid_out() -> None:
    lines = [f'<task id="t{n}"/>' for n in range(7_000)]

    assert "没有可显示的流程图" in render_svg(upload(*lines))


# -- text and lines ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("建设工程施工许可审批", ["建设工程施", "工许可审批"]),
        ("受理，登记材料", ["受理，登记", "材料"]),
        ("核对（材料）清单", ["核对（材", "料）清单"]),
        ("accept the case now", ["accept the", "case now"]),
        ("第1步 review", ["第1步", "review"]),
        ("two\nlines", ["two", "lines"]),
    ],
)
def test_text_breaks_where_its_language_breaks(text: str, lines: list[str]) -> None:
    assert wrap(text, 63) == lines


def test_a_long_word_is_cut_and_a_long_text_ends_with_an_ellipsis() -> None:
    lines = wrap("x" * 100_000, 60, most=3)

    assert len(lines) == 3
    assert lines[-1].endswith("…")
    assert all(width(line) <= 60 for line in lines)


def test_chinese_is_twice_as_wide_as_english() -> None:
    assert width("审批") > 1.5 * width("ab")


def test_doubled_and_straight_points_are_cleaned() -> None:
    assert clean([(0, 0), (0, 0), (5, 0), (10, 0), (10, 10)]) == [(0, 0), (10, 0), (10, 10)]
    assert clean([(0, 0), (10, 0), (5, 0)]) == [(0, 0), (10, 0), (5, 0)]  # a way back is no straight line
    assert clean([(1, 1), (1, 1)]) == [(1, 1), (1, 1)]


def test_corners_are_round() -> None:
    assert rounded([(0, 0), (20, 0), (20, 20)]) == "M0 0L13 0Q20 0 20 7L20 20"


@pytest.mark.parametrize(
    ("text", "value"), [("1.5", 1.5), ("-3", -3.0), ("nan", None), ("1e9", None), (None, None), ("x", None)]
)
def test_numbers_from_files(text: str | None, value: float | None) -> None:
    assert number(text) == value


def test_a_file_without_shapes_has_no_diagram_to_choose() -> None:
    assert choose(parse(UNDRAWN).root, None) is None
