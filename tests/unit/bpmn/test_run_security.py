"""No text of a model ever runs as Python: not in any place, not before and not after a reload."""

import contextlib
from collections.abc import Callable
from pathlib import Path

import pytest
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine, TaskDataEnvironment
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec

from engine.bpmn.lockdown import ScriptsDisabled
from engine.errors import BanjieError
from tests.unit.bpmn.bpmn_builder import (
    boundary,
    bpmn,
    call,
    catch,
    end,
    event_gateway,
    flow,
    inputs,
    loop,
    mappings,
    message,
    multi,
    on_message,
    par,
    path,
    process,
    script,
    service,
    start,
    task,
    throw,
    timer,
    user,
    xor,
)
from tests.unit.bpmn.driving import Run

# Behind a user task, so that each of them is met first straight and then in an instance that was read back.
_HEAD = (start(), user("first"))
_TAIL = (user("last"), end(), path("last", "end"))


def _at(*parts: str, definitions: str = "") -> bytes:
    return bpmn(*_HEAD, path("start", "first", "x", "last"), *parts, *_TAIL, definitions=definitions)


PLACES: dict[str, Callable[[str], bytes]] = {
    "script": lambda bad: _at(script("x", f"y = {bad}")),
    "exclusive condition": lambda bad: bpmn(
        *_HEAD,
        xor("x"),
        *_TAIL,
        path("start", "first", "x"),
        flow("x", "last", when=bad),
        flow("x", "end", when="true"),
    ),
    "condition of a task": lambda bad: bpmn(
        *_HEAD, task("x"), *_TAIL, path("start", "first", "x"), flow("x", "last", when=bad)
    ),
    "timer date": lambda bad: _at(catch("x", timer(date=bad))),
    "timer duration": lambda bad: _at(catch("x", timer(duration=bad))),
    "timer cycle": lambda bad: _at(user("x"), boundary("b", "x", timer(cycle=bad), interrupting=False)),
    "timer behind an event gateway": lambda bad: bpmn(
        *_HEAD, event_gateway("x"), catch("c", timer(duration=bad)), *_TAIL, path("start", "first", "x", "c", "last")
    ),
    "loop condition": lambda bad: _at(task("x", loop(bad))),
    "cardinality": lambda bad: _at(task("x", multi(count=bad))),
    "collection": lambda bad: _at(task("x", multi(over=bad, item="i"))),
    "completion condition": lambda bad: _at(task("x", multi(count="2", until=bad))),
    "output element": lambda bad: _at(task("x", multi(count="2", into="out", result=bad))),
    "service input": lambda bad: _at(service("x", "v.w", inputs=inputs(a=f"= {bad}"))),
    "verb": lambda bad: _at(service("x", f"= {bad}")),
    "setting": lambda bad: _at(user("x", hint=f"${{{bad}}}")),
    "assignee": lambda bad: _at(user("x", assignee=f"${{{bad}}}")),
    "candidates": lambda bad: _at(user("x", candidateGroups=f"= {bad}")),
    "limit": lambda bad: _at(user("x", limit=f"#{{{bad}}}")),
    "in mapping": lambda bad: _at(
        call("x", "child", mappings(into={"a": bad})),
        definitions=process("child", start("s2"), end("e2"), path("s2", "e2")),
    ),
    "out mapping": lambda bad: _at(
        call("x", "child", mappings(out={"a": bad})),
        definitions=process("child", start("s2"), end("e2"), path("s2", "e2")),
    ),
    "payload": lambda bad: _at(throw("x", inputs(a=f"= {bad}"), on_message("M")), definitions=message("M")),
    "correlation key": lambda bad: _at(catch("x", on_message("M")), definitions=message("M", key=bad)),
    "thrown correlation": lambda bad: _at(throw("x", on_message("M")), definitions=message("M", key=bad)),
    "correlation property": lambda bad: _at(
        throw("x", on_message("M")),
        definitions=message("M")
        + f'<correlationProperty id="P"><correlationPropertyRetrievalExpression messageRef="M"><messagePath>{bad.replace("<", "&lt;")}'
        "</messagePath></correlationPropertyRetrievalExpression></correlationProperty>",
    ),
}
ATTACKS = {
    "import": "__import__('os').system('touch {proof}')",
    "open": "open('{proof}', 'w')",
    "subclasses": "().__class__.__base__.__subclasses__()",
    "lambda": "(lambda: open('{proof}', 'w'))()",
    "walrus": "[y := open('{proof}', 'w')][0]",
    "double quotes": '__import__("os").system("touch {proof}")',
    "format": '"{{0.__class__}}".format(1)',
}


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("reload", [False, True], ids=["straight", "reloaded"])
def test_a_hostile_expression_runs_nothing(tmp_path: Path, place: str, attack: str, reload: bool) -> None:
    proof = tmp_path / "proof"
    model = PLACES[place](ATTACKS[attack].format(proof=proof))
    found: object = None
    with contextlib.suppress(BanjieError):  # refused by the compiler, or an incident; or else it means nothing in FEEL
        case = Run(model, reload=reload)
        case.complete("first")
        case.wait(hours=1)
        found = dict(case.variables)
    assert not proof.exists()
    assert found in (None, {}, {"y": None}, {"a": None}, {"out": [None, None]})


def test_text_of_a_model_in_places_that_are_not_evaluated_stays_text() -> None:
    text = "__import__('os').system('true')"
    model = bpmn(start(), user("a", formKey=text, assignee=text, name=text), end(), path("start", "a", "end"))
    found = Run(model).task("a")
    assert found.form_key == found.assignee == found.element_name == text


@pytest.mark.parametrize("method", ["evaluate", "execute"])
def test_the_librarys_own_environment_is_disabled(method: str) -> None:
    with pytest.raises(ScriptsDisabled):
        getattr(TaskDataEnvironment(), method)("1 + 1", {})


def test_an_engine_that_the_library_makes_itself_runs_nothing() -> None:
    workflow = BpmnWorkflow(BpmnProcessSpec("p"), deserializing=True)
    assert isinstance(workflow.script_engine, PythonScriptEngine)
    with pytest.raises(ScriptsDisabled):
        workflow.script_engine.environment.evaluate("1 + 1", {})


def test_our_own_environment_refuses_everything() -> None:
    case = Run(bpmn(start(), user("a"), path("start", "a")), reload=True)
    environment = case.execution._instance.script_engine.environment
    for method in ("evaluate", "execute", "call_service"):
        with pytest.raises(ScriptsDisabled):
            getattr(environment, method)("1 + 1", {})


def test_task_data_of_the_library_stays_empty() -> None:
    case = Run(bpmn(start(), par("f"), user("a"), user("b"), path("start", "f", "a"), path("f", "b")), {"x": 1})
    case.complete("a", y=2)
    assert all(token.data == {} for token in case.execution._instance.walk())
