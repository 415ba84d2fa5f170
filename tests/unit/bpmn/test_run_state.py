"""The stored state: small, whole, versioned, and only ever data."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bpmn.runner import Machine
from engine.errors import StepFailed
from tests.unit.bpmn.bpmn_builder import (
    boundary,
    bpmn,
    call,
    catch,
    end,
    event_gateway,
    flow,
    message,
    multi,
    on_message,
    par,
    path,
    process,
    start,
    sub,
    timer,
    user,
)
from tests.unit.bpmn.driving import NOW, Run, compiled

LINEAR = bpmn(
    start(),
    *(user(f"t{number}") for number in range(10)),
    end(),
    path("start", *(f"t{number}" for number in range(10)), "end"),
)
EVERYTHING = bpmn(
    start(),
    par("fork"),
    user("m", multi(over="=items", item="item", into="votes", result="=vote", sequential=True), assignee="=item"),
    boundary("b", "m", timer(cycle="R5/PT1H"), interrupting=False),
    user("reminded"),
    sub("s", multi(over="=items", item="item"), start("s2"), user("inner"), end("e2"), path("s2", "inner", "e2")),
    call("c", "child"),
    event_gateway("g"),
    catch("paid", on_message("M")),
    catch("late", timer(duration="P1D")),
    par("join"),
    end(),
    path("start", "fork", "m", "join", "end"),
    path("b", "reminded"),
    path("fork", "s", "join"),
    path("fork", "c", "join"),
    path("fork", "g", "paid", "join"),
    path("g", "late"),
    flow("fork", "join", id="direct"),
    definitions=message("M", key="items[1]")
    + process("child", start("cs"), user("work"), end("ce"), path("cs", "work", "ce")),
)


def test_it_is_small() -> None:
    case = Run(LINEAR)
    for number in range(5):
        case.complete(f"t{number}")
    assert len(case.execution.dump()) < 120  # of which 36 are the token's id


def test_case_data_is_stored_once_however_long_the_process_runs() -> None:
    data = {f"field{number}": {"text": "x" * 20, "numbers": [1, 2, 3]} for number in range(160)}
    size = len(json.dumps(data, separators=(",", ":")))
    assert size > 9_000
    model = bpmn(
        start(), *(user(f"t{number}") for number in range(30)), path("start", *(f"t{number}" for number in range(30)))
    )
    case = Run(model, data)
    for number in range(25):
        case.complete(f"t{number}", field1={"text": f"changed at {number}", "numbers": []})
    assert len(case.execution.dump()) < size + 200


def test_a_state_with_everything_in_it_reads_back_the_same() -> None:
    case = Run(EVERYTHING, {"items": ["a", "b", "c"]})
    case.complete("inner", index=1)
    case.complete("m", vote=1)
    case.wait(hours=1)
    text = case.execution.dump()
    read = case.machine.load(case.compiled, text)
    assert read.dump() == text
    told, again = case.execution.advance(NOW), read.advance(NOW)
    assert (told.tasks, told.timers, told.subscriptions, told.variables) == (
        again.tasks,
        again.timers,
        again.subscriptions,
        again.variables,
    )
    assert (len(told.tasks), len(told.timers), len(told.subscriptions)) == (5, 2, 1)


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63) + 1, 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(min_size=1, alphabet="abz中_ "), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from(["x", "y", "typename", "__class__", "v", "数量"]), values))
def test_every_value_comes_back_exactly(variables: dict[str, Any]) -> None:
    case = Run(LINEAR, variables)
    read = case.machine.load(case.compiled, case.execution.dump())
    assert repr(read.variables()) == repr(case.variables) == repr(variables)  # repr tells 1, 1.0 and True apart


def test_data_that_looks_like_a_class_of_the_library_stays_data() -> None:
    # With the library's own serialiser this key turns the value into an object, or makes the instance unreadable.
    data = {"typename": "UUID", "value": "6bf5e0a4-fc6c-4e19-b2a3-8f1f7a9d1b5e", "deep": {"typename": "os.system"}}
    case = Run(LINEAR, data, reload=True)
    case.complete("t0", typename="Task")
    assert case.variables == {**data, "typename": "Task"}


@pytest.mark.parametrize("version", [0, 2, "1", None, [1]])
def test_a_state_of_another_version_is_refused(version: object) -> None:
    case = Run(LINEAR)
    stored = {**json.loads(case.execution.dump()), "v": version}
    with pytest.raises(StepFailed) as caught:
        case.machine.load(case.compiled, json.dumps(stored))
    assert caught.value.facts["reason"] == "state-version"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{",
        '{"v":1}',
        '{"v":1,"p":"p"}',
        '{"v":1,"p":"other","s":{},"t":[]}',
        '{"v":1,"p":"p","s":{},"t":[["id","nowhere",16,-1]]}',
        '{"v":1,"p":"p","s":{},"t":[["id","t0",16,7]]}',
        '{"v":1,"p":"p","s":{},"t":[["id"]]}',
        '{"v":1,"p":"p","s":{},"t":{"a":1}}',
        '{"v":1,"p":"p","s":{},"t":[],"e":["nonsense",null]}',
    ],
)
def test_what_is_no_state_of_this_process_is_refused(text: str) -> None:
    with pytest.raises(StepFailed) as caught:
        Machine().load(compiled(LINEAR), text)
    assert caught.value.facts["reason"] in ("state-unreadable", "state-version")


def test_what_has_happened_must_be_told_before_it_can_be_stored() -> None:
    case = Run(LINEAR)
    case.execution.complete_task(case.task("t0").token_id, {})
    with pytest.raises(RuntimeError):
        case.execution.dump()
    case.advance()
    assert case.execution.dump()


def test_an_ended_instance_stays_ended() -> None:
    case = Run(bpmn(start(), end(), path("start", "end")), reload=True)
    assert case.completed
    assert case.wait(days=1).trace == ()
    assert case.completed
