"""Random graphs of all kinds of elements under random events: whatever happens, what the machine tells stays consistent."""

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bpmn.runner import Machine
from engine.errors import BanjieError, ModelRefused
from engine.runtime.step import ActivityState
from tests.unit.bpmn.bpmn_builder import (
    boundary,
    bpmn,
    call,
    catch,
    end,
    error,
    escalation,
    event_gateway,
    event_sub,
    flow,
    inc,
    message,
    multi,
    on_error,
    on_escalation,
    on_message,
    on_signal,
    par,
    path,
    process,
    service,
    signal,
    start,
    sub,
    task,
    terminating,
    throw,
    timer,
    user,
    xor,
)
from tests.unit.bpmn.driving import Run

DEFINITIONS = (
    message("M")
    + signal("S")
    + error("E")
    + escalation("X")
    + process("child", start("cs"), user("called"), end("ce", on_escalation("X")), path("cs", "called", "ce"))
)


def _inside(id: str, *loop: str) -> str:
    names = [f"{id}-{name}" for name in ("start", "task", "end")]
    return sub(id, *loop, start(names[0]), user(names[1]), end(names[2], on_escalation("X")), path(*names))


WAITING: dict[str, Callable[[str], str]] = {
    "user": user,
    "service": lambda id: service(id, "v.w"),
    "sub": _inside,
    "each": lambda id: user(id, multi(count="2", until="f1")),
    "each sub": lambda id: _inside(id, multi(count="2", sequential=True)),
    "call": lambda id: call(id, "child"),
}
PASSING: dict[str, Callable[[str], str]] = {
    "task": task,
    "parallel": par,
    "timer": lambda id: catch(id, timer(duration="PT1H")),
    "message": lambda id: catch(id, on_message("M")),
    "signal": lambda id: throw(id, on_signal("S")),
    "escalate": lambda id: throw(id, on_escalation("X")),
    "tell": lambda id: throw(id, on_message("M")),
}
ENDING: dict[str, Callable[[str], str]] = {
    "end": end,
    "terminate": lambda id: end(id, terminating()),
    "error": lambda id: end(id, on_error("E")),
}
EVENTS = {
    "timer": timer(cycle="R/PT1H"),
    "message": on_message("M"),
    "signal": on_signal("S"),
    "error": on_error("E"),
    "escalation": on_escalation("X"),
}
KINDS = [*WAITING, *WAITING, *PASSING, *ENDING, "exclusive", "inclusive", "events"]


@st.composite
def models(draw: st.DrawFn) -> bytes:
    kinds = ["user", *draw(st.lists(st.sampled_from(KINDS), min_size=2, max_size=9))]
    ids = [f"{kind.replace(' ', '-')}{number}" for number, kind in enumerate(kinds)]
    parts = [start(), path("start", ids[0])]
    some = st.lists(st.sampled_from(ids), min_size=1, max_size=3, unique=True)
    for id, kind in zip(ids, kinds, strict=True):
        targets = draw(some)
        if kind in ENDING:
            parts.append(ENDING[kind](id))
        elif kind == "events":
            names = [f"{id}-{name}" for name in ("timer", "message", "signal")]
            catches = (timer(duration="PT2H"), on_message("M"), on_signal("S"))
            parts.append(event_gateway(id))
            parts += [catch(name, definition) for name, definition in zip(names, catches, strict=True)]
            parts += [path(id, name, targets[number % len(targets)]) for number, name in enumerate(names)]
        elif kind in ("exclusive", "inclusive"):
            make = xor if kind == "exclusive" else inc
            parts.append(make(id, default=f"{id}-{targets[-1]}"))
            parts += [flow(id, target, when=f"f{number}") for number, target in enumerate(targets[:-1])]
            parts.append(flow(id, targets[-1]))
        else:
            parts.append((WAITING | PASSING)[kind](id))
            parts += [flow(id, target) for target in (targets if kind == "parallel" else targets[:1])]
        if kind in WAITING and draw(st.booleans()):
            event = draw(st.sampled_from(list(EVENTS)))
            interrupting = event == "error" or draw(st.booleans())
            parts.append(boundary(f"{id}-on", id, EVENTS[event], interrupting=interrupting))
            parts.append(path(f"{id}-on", draw(st.sampled_from(ids))))
    if draw(st.booleans()):
        event = draw(st.sampled_from(list(EVENTS)))
        interrupting = event == "error" or draw(st.booleans())
        begin = start("begin", EVENTS[event], isInterrupting="true" if interrupting else "false")
        parts.append(event_sub("event-sub", begin, user("handled"), path("begin", "handled")))
    return bpmn(*parts, definitions=DEFINITIONS)


def act(case: Run, kind: str, number: int, flags: dict[str, bool]) -> None:
    """Let one thing happen, if it can."""
    tasks, calls = case.step.tasks, _open_calls(case)
    if kind == "complete" and tasks:
        case.complete_token(tasks[number % len(tasks)].token_id, **flags)
    elif kind == "serve" and calls:
        case.execution.complete_service(calls[number % len(calls)], flags)
        case.advance()
    elif kind in ("error", "escalate") and (tasks or calls):
        tokens = [*(task.token_id for task in tasks), *calls]
        report = case.execution.throw_error if kind == "error" else _escalate(case)
        report(tokens[number % len(tokens)], "E" if kind == "error" else "X", "", flags)
        case.advance()
    elif kind == "message":
        case.message("M", **flags)
    elif kind == "signal":
        case.signal("S", **flags)
    elif kind == "wait":
        case.wait(hours=1)


def _escalate(case: Run) -> Callable[[str, str, str, dict[str, Any]], object]:
    return lambda token, code, _, variables: case.execution.throw_escalation(token, code, variables)


def _open_calls(case: Run) -> list[str]:
    closed = {trace.token_id for trace in case.history if trace.state is not ActivityState.ENTERED}
    return [call.token_id for call in case.calls if call.token_id not in closed]


def check(case: Run) -> None:
    """What must hold after every step."""
    life: dict[str, list[str]] = {}
    for trace in case.history:
        if trace.element_type != "sequenceFlow":
            life.setdefault(trace.token_id, []).append(trace.state.value)
    for states in life.values():
        assert states in (["entered"], ["entered", "completed"], ["entered", "cancelled"])
    alive = {token for token, states in life.items() if states == ["entered"]}
    assert {task.token_id for task in case.step.tasks} <= alive
    for trace in case.history:
        assert set(trace.scope) <= life.keys()
        assert trace.origin is None or trace.origin in life
        assert case.compiled.element(trace.element_id, trace.process_key) is not None
    if case.ended is not None:
        assert not alive
        assert (case.step.tasks, case.step.timers, case.step.subscriptions) == ((), (), ())


happenings = st.lists(
    st.tuples(
        st.sampled_from(
            ["complete", "complete", "complete", "serve", "error", "escalate", "message", "signal", "wait"]
        ),
        st.integers(0, 9),
        st.booleans(),
        st.booleans(),
    ),
    max_size=10,
)


@settings(max_examples=120)
@given(models(), happenings)
def test_whatever_happens_what_is_told_is_consistent_and_survives_reloading(
    model: bytes, what: list[tuple[str, int, bool, bool]]
) -> None:
    machine = Machine(max_steps=80)
    variables = {"f0": True, "f1": False}
    try:
        cases = [Run(model, variables, reload=reload, machine=machine) for reload in (False, True)]
    except ModelRefused:
        raise
    except BanjieError:
        return  # an endless loop or a deadlock at once
    straight, reloaded = cases
    for kind, number, *flags in what:
        outcomes = [attempt(case, kind, number, dict(zip(("f0", "f1"), flags, strict=True))) for case in cases]
        assert outcomes[0] == outcomes[1]
        check(straight)
        assert straight.whole_trace() == reloaded.whole_trace()
        assert straight.variables == reloaded.variables
        assert [task.element_id for task in straight.step.tasks] == [task.element_id for task in reloaded.step.tasks]
        assert straight.timers == reloaded.timers
        assert straight.waiting == reloaded.waiting
        if straight.ended is not None:
            return


def attempt(case: Run, kind: str, number: int, flags: dict[str, bool]) -> tuple[Any, ...]:
    """Let one thing happen; when the step fails, go on from what was stored, as the process engine does."""
    case._between()
    stored, now = case.execution.dump(), case.now
    try:
        act(case, kind, number, flags)
    except BanjieError as failure:
        case.execution, case.now = case.machine.load(case.compiled, stored), now
        return failure.code, failure.facts.get("reason"), failure.facts.get("element_id")
    return ()
