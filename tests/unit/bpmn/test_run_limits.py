"""An instance is bounded, and a long life does not make it grow."""

import time
from typing import Any

import pytest

from engine.bpmn import limits
from engine.bpmn.runner import Machine
from engine.errors import StepFailed
from tests.unit.bpmn.bpmn_builder import (
    boundary,
    bpmn,
    call,
    end,
    flow,
    loop,
    message,
    multi,
    on_message,
    par,
    path,
    script,
    start,
    sub,
    task,
    timer,
    user,
    xor,
)
from tests.unit.bpmn.driving import Run

REWORK = bpmn(
    start(),
    xor("again"),
    user("fill"),
    boundary("remind", "fill", timer(cycle="R/P1D"), interrupting=False),
    task("reminded"),
    par("fork"),
    user("a"),
    sub("b", start("s2"), user("inner"), end("e2"), path("s2", "inner", "e2")),
    par("join"),
    user("check", multi(count="2", into="votes", result="=good")),
    xor("g", default="g-again"),
    end(),
    path("start", "again", "fill", "fork", "a", "join", "check", "g"),
    path("fork", "b", "join"),
    path("remind", "reminded"),
    flow("g", "end", when="votes = [true, true]"),
    flow("g", "again"),
)


def round_of(case: Run, *, good: bool) -> None:
    case.complete("fill")
    case.complete("a")
    case.complete("inner")
    case.complete("check", good=good)
    case.complete("check", good=good)


def test_the_state_keeps_its_size_over_a_thousand_rounds_of_rework() -> None:
    case = Run(REWORK)
    round_of(case, good=False)
    after_one, tokens = len(case.execution.dump()), len(case.execution._instance.tasks)
    for _ in range(999):
        round_of(case, good=False)
    assert len(case.execution.dump()) == after_one
    assert len(case.execution._instance.tasks) == tokens
    round_of(case, good=True)
    assert case.completed


def test_two_thousand_rounds_of_return_and_resubmit_still_find_the_open_task() -> None:
    # The library's own listing stops at depth 1,000: an instance then has no open task and calls itself completed.
    model = bpmn(
        start(),
        user("fill"),
        user("check"),
        xor("g", default="g-fill"),
        end(),
        path("start", "fill", "check", "g"),
        flow("g", "end", when="good"),
        flow("g", "fill"),
    )
    case = Run(model, reload=True)
    for _ in range(2_000):
        case.complete("fill")
        case.complete("check", good=False)
        assert case.open == ["fill"]
        assert case.ended is None
    case.complete("fill")
    case.complete("check", good=True)
    assert case.completed
    assert len(case.execution.dump()) < 200


def test_parallel_blocks_in_a_row_do_not_multiply() -> None:
    # Predicted ahead, twenty blocks of two branches would be more than two million tasks.
    parts, ids = [start(), end()], ["start"]
    for number in range(20):
        parts += [
            par(f"f{number}"),
            task(f"a{number}"),
            task(f"b{number}"),
            par(f"j{number}"),
            path(f"f{number}", f"a{number}", f"j{number}"),
            path(f"f{number}", f"b{number}", f"j{number}"),
        ]
        parts.append(path(ids[-1], f"f{number}"))
        ids.append(f"j{number}")
    case = Run(bpmn(*parts, path(ids[-1], "end")))
    assert case.completed
    assert len(case.passed()) == 2 + 20 * 4


def test_a_long_chain_is_no_problem() -> None:
    ids = [f"t{number}" for number in range(900)]
    case = Run(bpmn(start(), *(task(id) for id in ids), end(), path("start", *ids, "end")))
    assert case.completed


def reason(model: bytes, variables: dict[str, Any] | None = None, machine: Machine | None = None) -> tuple[str, str]:
    with pytest.raises(StepFailed) as caught:
        Run(model, variables, machine=machine)
    return caught.value.facts["reason"], caught.value.facts["element_id"]


def test_a_loop_without_waiting_is_stopped_at_a_thousand_steps() -> None:
    model = bpmn(
        start(),
        xor("g", default="g-t"),
        task("t"),
        end(),
        path("start", "g"),
        flow("g", "end", when="false"),
        flow("g", "t"),
        path("t", "g"),
    )
    what, where = reason(model)
    assert what == "too-many-steps"
    assert where in ("g", "t")


def test_the_steps_of_each_advance_count_anew() -> None:
    ids = [f"t{number}" for number in range(600)]
    model = bpmn(
        start(),
        *(task(id) for id in ids[:300]),
        user("u"),
        *(task(id) for id in ids[300:]),
        end(),
        path("start", *ids[:300], "u", *ids[300:], "end"),
    )
    case = Run(model, machine=Machine(max_steps=400))
    case.complete("u")
    assert case.completed


def test_the_time_of_one_advance_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(float(second) for second in range(1_000))
    monkeypatch.setattr(time, "thread_time", lambda: next(clock))
    model = bpmn(start(), task("a", loop("true")), path("start", "a"))
    assert reason(model) == ("too-slow", "a")


def test_a_machine_that_stood_still_is_no_fault_of_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    hours = iter(float(3600 * hour) for hour in range(1_000))
    monkeypatch.setattr(time, "monotonic", lambda: next(hours))
    assert Run(bpmn(start(), task("a"), task("b"), end(), path("start", "a", "b", "end"))).completed


def test_tokens_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.bpmn.tokens.MAX_TOKENS", 500)
    nested = sub("m", multi(count="40"), start("s2"), user("w", multi(count="40")), end("e2"), path("s2", "w", "e2"))
    assert reason(bpmn(start(), nested, path("start", "m")))[0] == "too-many-tokens"


def test_a_fork_bomb_is_stopped() -> None:
    model = bpmn(
        start(),
        xor("again"),
        par("fork"),
        task("a"),
        task("b"),
        path("start", "again", "fork", "a", "again"),
        path("fork", "b", "again"),
    )
    assert reason(model)[0] == "too-many-steps"


def test_calls_are_bounded_in_depth_but_twelve_are_fine() -> None:
    files = {
        f"p{n}.bpmn": bpmn(start(), call("c", f"p{n + 1}"), end(), path("start", "c", "end"), key=f"p{n}")
        for n in range(13)
    }
    files["last.bpmn"] = bpmn(start(), user("deep"), path("start", "deep"), key="p13")
    assert Run(files, key="p1").open == ["deep"]
    with pytest.raises(StepFailed) as caught:
        Run(files, key="p0")
    assert caught.value.facts["reason"] == "calls-too-deep"
    assert caught.value.facts["limit"] == limits.MAX_CALL_DEPTH


def test_nothing_of_a_failed_step_can_be_stored() -> None:
    model = bpmn(start(), user("a"), script("s", "x = missing"), path("start", "a", "s"))
    case = Run(model)
    case.execution.complete_task(case.task("a").token_id, {})
    with pytest.raises(StepFailed):
        case.advance()
    with pytest.raises(RuntimeError):
        case.execution.dump()


def test_a_thousand_instances_are_allowed() -> None:
    case = Run(
        bpmn(
            start(),
            user("m", multi(count="1000", until="nrOfCompletedInstances = 2")),
            end(),
            path("start", "m", "end"),
        )
    )
    assert len(case.open) == 1_000
    case.complete("m")
    case.complete("m")
    assert case.completed


def test_a_message_storm_on_a_non_interrupting_boundary_event_makes_tokens_not_depth() -> None:
    model = bpmn(
        start(),
        user("a"),
        boundary("b", "a", on_message("M"), interrupting=False),
        task("t"),
        path("start", "a"),
        path("b", "t"),
        definitions=message("M"),
    )
    case = Run(model)
    for _ in range(300):
        assert case.message("M")
    assert len(case.execution._instance.tasks) == 3
