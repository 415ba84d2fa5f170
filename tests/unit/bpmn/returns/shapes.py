"""Shapes that are returned in, and what is asked of a run."""

from collections.abc import Callable

from engine.runtime.returning import Obstacle
from tests.unit.bpmn.bpmn_builder import (
    bpmn,
    end,
    par,
    path,
    start,
    user,
)
from tests.unit.bpmn.driving import Run

Start = Callable[..., Run]

LINE = bpmn(start(), user("a"), user("b"), user("c"), end(), path("start", "a", "b", "c", "end"))

# a, then two branches (left1, left2 | right1, right2), then z
FORKED = bpmn(
    start(),
    user("a"),
    par("fork"),
    *(user(name) for name in ("left1", "left2", "right1", "right2")),
    par("join"),
    user("z"),
    end(),
    path("start", "a", "fork", "left1", "left2", "join", "z", "end"),
    path("fork", "right1", "right2", "join"),
)

# the left branch is itself a fork: x1 | y1, joined before left
NESTED = bpmn(
    start(),
    user("a"),
    par("outer"),
    user("before"),
    par("inner"),
    user("x"),
    user("y"),
    par("inner-join"),
    user("left"),
    user("right"),
    par("outer-join"),
    user("z"),
    end(),
    path("start", "a", "outer", "before", "inner", "x", "inner-join", "left", "outer-join", "z", "end"),
    path("inner", "y", "inner-join"),
    path("outer", "right", "outer-join"),
)


def possible(case: Run, source: str) -> list[str]:
    return [target.element_id for target in case.returns(source) if target.possible]


def obstacles(case: Run, source: str) -> dict[str, Obstacle]:
    return {target.element_id: target.obstacle for target in case.returns(source) if target.obstacle is not None}


def finish(case: Run) -> None:
    """Whoever has a task completes it, until the end: nothing is parked for ever, nothing comes twice."""
    for _ in range(100):
        if case.ended is not None:
            break
        case.complete(case.open[0])
    assert case.completed
