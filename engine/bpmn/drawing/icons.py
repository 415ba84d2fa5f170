"""Icons of BPMN: what is in event circles, on task corners, in gateways, and the markers at the bottom of activities.

Every icon is drawn around the origin: events in a circle of radius 18, task icons in 18 x 18, markers in 14 x 14, gateways
in a diamond of half-width 25.
"""

from math import cos, pi, sin
from typing import Final

from engine.bpmn.drawing.svg import tag


def event(trigger: str, *, filled: bool, ink: str, paper: str) -> str:
    """Return the icon of an event: outlined when it is caught, ``filled`` when it is thrown."""
    fill = ink if filled else "none"
    line = {"stroke": ink, "stroke_width": 1.4, "stroke_linejoin": "round", "stroke_linecap": "round"}
    inside = paper if filled else ink
    match trigger:
        case "message":
            flap = tag("path", d="M-9.2 -5.6L0 1L9.2 -5.6", fill="none", **{**line, "stroke": inside})
            return tag("rect", x=-9.5, y=-6.5, width=19, height=13, rx=1, fill=fill, **line) + flap
        case "timer":
            hours = "M0 -10V-8M10 0H8M0 10V8M-10 0H-8"
            hands = tag("path", d=f"{hours}M0 -6V0.4L4.4 3.2", fill="none", **line)
            return tag("circle", r=10.5, fill="none", **line) + hands
        case "error":
            return tag("path", d="M-9 9.5L-4.6 -9L2.8 0.8L9 -9.5L4.4 9.2L-2.8 -1Z", fill=fill, **line)
        case "signal":
            return tag("path", d="M0 -10L10 7.5H-10Z", fill=fill, **line)
        case "escalation":
            return tag("path", d="M0 -10.5L7.6 9L0 2.2L-7.6 9Z", fill=fill, **line)
        case "terminate":
            return tag("circle", r=10.2, fill=ink)
        case "conditional":
            rows = tag("path", d="M-5 -5.5H5M-5 -1.9H5M-5 1.9H5M-5 5.5H5", fill="none", **line)
            return tag("rect", x=-7.5, y=-9.5, width=15, height=19, rx=1, fill="none", **line) + rows
        case "compensate":
            return tag("path", d="M-0.6 -7L-10 0L-0.6 7ZM9 -7L-0.4 0L9 7Z", fill=fill, **line)
        case "link":
            return tag("path", d="M-10 -3.6H2.4V-8.4L10.4 0L2.4 8.4V3.6H-10Z", fill=fill, **line)
        case "cancel":
            cross = "M-9 -5.6L-5.6 -9L0 -3.4L5.6 -9L9 -5.6L3.4 0L9 5.6L5.6 9L0 3.4L-5.6 9L-9 5.6L-3.4 0Z"
            return tag("path", d=cross, fill=fill, **line)
        case "multiple":
            return tag("path", d="M0 -10.5L10.2 -3L6.3 8.8H-6.3L-10.2 -3Z", fill=fill, **line)
        case "parallelMultiple":
            plus = "M-10 -3H-3V-10H3V-3H10V3H3V10H-3V3H-10Z"
            return tag("path", d=plus, fill=fill, **line)
    return ""


def task(kind: str, ink: str, paper: str) -> str:
    """Return the icon in the corner of a task."""
    line = {"stroke": ink, "stroke_width": 1.2, "stroke_linejoin": "round", "stroke_linecap": "round"}
    match kind:
        case "userTask":
            body = "M-7.5 8.4V5.2C-7.5 2.4 -5 0.6 -2.6 0.4H2.6C5 0.6 7.5 2.4 7.5 5.2V8.4Z"
            return tag("path", d=body, fill=paper, **line) + tag("circle", cy=-4, r=4.2, fill=paper, **line)
        case "manualTask":
            hand = (
                "M-8.4 -0.8C-6 -3.4 -2.6 -6.6 -1.2 -6.4C0.2 -6.2 -0.4 -4.4 -2.6 -2.8H7.2C8.8 -2.8 8.8 -0.6 7.2 -0.6"
                "C8.6 -0.4 8.4 1.8 6.9 1.8C8 2.2 7.7 4.1 6.2 4.1C7 4.6 6.6 6.2 5.2 6.2H-3.8C-6.4 6.2 -7.2 5.4 -8.4 4.6Z"
            )
            fingers = tag("path", d="M1.6 -0.6H7.2M1.6 1.8H6.9M1.6 4.1H6.2", fill="none", **line)
            return tag("path", d=hand, fill=paper, **line) + fingers
        case "scriptTask":
            sheet = "M-4.6 -8.4H7.6C3.4 -5 3.4 -2.4 5.2 0.4C7 3.2 6.8 5.6 4 8.4H-7.8C-4.2 5.6 -4.4 3.2 -6.2 0.4C-8 -2.4 -8.2 -5 -4.6 -8.4Z"
            rows = tag("path", d="M-4.4 -5H2.6M-4.6 -1.6H2M-3.2 1.8H3.4M-2.8 5.2H3.2", fill="none", **line)
            return tag("path", d=sheet, fill=paper, **line) + rows
        case "serviceTask":
            return _gear(-2.2, -2.2, 6.0, ink, paper) + _gear(3.0, 3.0, 6.0, ink, paper)
        case "sendTask":
            flap = tag("path", d="M-8 -4.9L0 1.1L8 -4.9", fill="none", **{**line, "stroke": paper})
            return tag("rect", x=-8.5, y=-5.8, width=17, height=11.6, rx=0.8, fill=ink, **line) + flap
        case "receiveTask":
            flap = tag("path", d="M-8 -5.2L0 1.1L8 -5.2", fill="none", **line)
            return tag("rect", x=-8.5, y=-5.8, width=17, height=11.6, rx=0.8, fill=paper, **line) + flap
        case "businessRuleTask":
            rows = tag("path", d="M-8.5 -2.4H8.5M-8.5 2.2H8.5M-3.6 -2.4V6.8", fill="none", **line)
            head = tag("rect", x=-8.5, y=-6.8, width=17, height=4.4, fill=ink, fill_opacity="0.25", **line)
            return tag("rect", x=-8.5, y=-6.8, width=17, height=13.6, fill=paper, **line) + head + rows
    return ""


def _gear(x: float, y: float, radius: float, ink: str, paper: str) -> str:
    points = []
    for tooth in range(8):
        for angle, reach in ((-0.30, 0.74), (-0.20, 1.0), (0.20, 1.0), (0.30, 0.74)):
            turn = (tooth * 2 * pi + angle * pi / 1.25) / 8 + pi / 8
            points.append(f"{x + radius * reach * cos(turn):.2f} {y + radius * reach * sin(turn):.2f}")
    teeth = tag(
        "path", d="M" + "L".join(points) + "Z", fill=paper, stroke=ink, stroke_width=1.1, stroke_linejoin="round"
    )
    return teeth + tag("circle", cx=f"{x:.2f}", cy=f"{y:.2f}", r=2.0, fill=paper, stroke=ink, stroke_width=1.1)


def marker(name: str, ink: str) -> str:
    """Return a marker for the bottom of an activity."""
    line = {"stroke": ink, "stroke_width": 1.5, "fill": "none", "stroke_linecap": "round", "stroke_linejoin": "round"}
    match name:
        case "loop":
            return tag("path", d="M-1.9 5.6A5.6 5.6 0 1 1 2.8 4.9", **line) + tag("path", d="M-5.6 5.8H-1.8V2", **line)
        case "parallel":
            return tag(
                "path",
                d="M-4 -5.5V5.5M0 -5.5V5.5M4 -5.5V5.5",
                **{**line, "stroke_width": 2.2, "stroke_linecap": "butt"},
            )
        case "sequential":
            return tag(
                "path",
                d="M-5.5 -4H5.5M-5.5 0H5.5M-5.5 4H5.5",
                **{**line, "stroke_width": 2.2, "stroke_linecap": "butt"},
            )
        case "compensation":
            return tag("path", d="M-0.4 -4.5L-6.5 0L-0.4 4.5ZM6 -4.5L-0.1 0L6 4.5Z", **{**line, "stroke_width": 1.2})
        case "collapsed":
            return tag("rect", x=-7, y=-7, width=14, height=14, **{**line, "stroke_width": 1.2}) + tag(
                "path", d="M-4 0H4M0 -4V4", **line
            )
        case "adhoc":
            return tag("path", d="M-6 1.6C-4 -2.6 -1.6 -2.2 0 0C1.6 2.2 4 2.6 6 -1.6", **{**line, "stroke_width": 2.2})
    return ""


GATEWAY_INK: Final = 3.2


def gateway(kind: str, ink: str, *, instantiates: bool = False, parallel: bool = False) -> str:
    """Return the sign in a gateway's diamond."""
    thick = {"stroke": ink, "stroke_width": GATEWAY_INK, "fill": "none"}
    thin = {"stroke": ink, "stroke_width": 1.2, "fill": "none"}
    match kind:
        case "exclusiveGateway":
            return tag("path", d="M-7 -8.4L7 8.4M7 -8.4L-7 8.4", **thick)
        case "parallelGateway":
            return tag("path", d="M-11 0H11M0 -11V11", **thick)
        case "inclusiveGateway":
            return tag("circle", r=9.8, **{**thick, "stroke_width": 2.8})
        case "complexGateway":
            return tag("path", d="M-10.5 0H10.5M0 -10.5V10.5M-7.4 -7.4L7.4 7.4M7.4 -7.4L-7.4 7.4", **thick)
        case "eventBasedGateway":
            rings = tag("circle", r=13, **thin) + ("" if instantiates else tag("circle", r=10.4, **thin))
            plus = "M-6 -1.8H-1.8V-6H1.8V-1.8H6V1.8H1.8V6H-1.8V1.8H-6Z"
            sign = plus if parallel else "M0 -6.4L6.2 -1.9L3.8 5.4H-3.8L-6.2 -1.9Z"
            return rings + tag("path", d=sign, **{**thin, "stroke_width": 1.3})
    return ""
