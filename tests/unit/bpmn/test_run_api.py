"""The border of the machine: copies, JSON only, errors for the caller, one compiled definition for all threads."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest

from engine.bpmn.compiler import compile_process
from engine.bpmn.runner import Machine
from engine.errors import Conflict, InvalidInput, ModelRefused
from engine.runtime.step import EndKind
from tests.unit.bpmn.bpmn_builder import (
    boundary,
    bpmn,
    call,
    catch,
    end,
    flow,
    inc,
    message,
    multi,
    on_message,
    on_signal,
    par,
    path,
    process,
    script,
    signal,
    start,
    sub,
    timer,
    user,
    xor,
)
from tests.unit.bpmn.driving import NOW, Run, compiled

ONE_TASK = bpmn(start(), user("a", name="Review\n it"), user("b"), end(), path("start", "a", "b", "end"))


class TestBorder:
    def test_what_goes_in_is_copied(self) -> None:
        given = {"items": [{"x": 1}]}
        case = Run(ONE_TASK, given)
        given["items"][0]["x"] = 2
        assert case.execution.variables() == {"items": [{"x": 1}]}

    def test_what_comes_out_is_a_copy(self) -> None:
        case = Run(ONE_TASK, {"items": [1]})
        case.step.variables["items"].append(2)
        case.execution.variables()["items"].append(3)
        assert case.execution.variables() == {"items": [1]}

    def test_copies_within_the_instance_are_independent_too(self) -> None:
        model = bpmn(
            start(),
            script("s", "y = x"),
            call("c", "child"),
            end(),
            path("start", "s", "c", "end"),
            definitions=process("child", start("s2"), user("w"), path("s2", "w")),
        )
        case = Run(model, {"x": [1]})
        inner = case.execution._token(case.task("w").token_id).scope
        assert inner["x"] is not case.execution._instance.scope["x"]

    @pytest.mark.parametrize(
        "bad",
        [
            datetime(2026, 1, 1, tzinfo=UTC),
            Decimal(1),
            {1, 2},
            b"x",
            object(),
            float("nan"),
            float("inf"),
            2**63,
            "\0",
            "\ud800",
            {1: 2},
            {"": 1},
        ],
    )
    def test_what_is_not_json_is_refused_by_name(self, bad: object) -> None:
        case = Run(ONE_TASK)
        for act in (
            lambda: Run(ONE_TASK, {"field": bad}),
            lambda: case.execution.complete_task(case.task("a").token_id, {"field": [bad]}),
            lambda: case.execution.set_variables({"field": {"inner": bad}}),
            lambda: case.execution.deliver_message("m", {}, {"field": bad}),
        ):
            with pytest.raises(InvalidInput) as caught:
                act()
            assert "field" in caught.value.facts["fields"]

    def test_too_deep_is_refused(self) -> None:
        deep: list[Any] = []
        for _ in range(50):
            deep = [deep]
        with pytest.raises(InvalidInput):
            Run(ONE_TASK, {"field": deep})

    def test_a_refused_completion_leaves_the_task_open(self) -> None:
        case = Run(ONE_TASK)
        with pytest.raises(InvalidInput):
            case.execution.complete_task(case.task("a").token_id, {"good": 1, "bad": {1}})
        case.complete("a")
        assert case.variables == {}

    def test_members_of_text_enums_become_text(self) -> None:
        class Colour(StrEnum):
            RED = "red"

        case = Run(ONE_TASK, {"c": Colour.RED, "t": (1, 2)})
        assert type(case.variables["c"]) is str
        assert case.variables == {"c": "red", "t": [1, 2]}

    def test_names_are_on_one_line(self) -> None:
        assert Run(ONE_TASK).task("a").element_name == "Review it"

    def test_a_time_without_zone_is_a_mistake_of_the_caller(self) -> None:
        with pytest.raises(ValueError, match="aware"):
            Run(ONE_TASK).execution.advance(datetime(2026, 1, 1))  # noqa: DTZ001


class TestTokens:
    @pytest.mark.parametrize("token", ["nonsense", "", "/"])
    def test_a_token_that_does_not_wait_is_a_conflict(self, token: str) -> None:
        execution = Run(ONE_TASK).execution
        for act in (
            lambda: execution.complete_task(token, {}),
            lambda: execution.complete_service(token, {}),
            lambda: execution.throw_error(token, "x", "", {}),
            lambda: execution.throw_escalation(token, "x", {}),
            lambda: execution.reschedule_timer(token, NOW),
            lambda: execution.set_variables({}, scope=token),
        ):
            with pytest.raises(Conflict):
                act()

    def test_a_user_task_is_no_service_call_and_no_timer(self) -> None:
        case = Run(ONE_TASK)
        token = case.task("a").token_id
        with pytest.raises(Conflict):
            case.execution.complete_service(token, {})
        with pytest.raises(Conflict):
            case.execution.reschedule_timer(token, NOW)

    def test_token_ids_stay_while_the_token_waits(self) -> None:
        case = Run(ONE_TASK, reload=True)
        token = case.task("a").token_id
        case.wait(days=1)
        case.wait(days=1)
        assert case.task("a").token_id == token

    def test_terminating_cancels_all_that_waits(self) -> None:
        case = Run(bpmn(start(), sub("s", start("s2"), user("a"), path("s2", "a")), path("start", "s")), reload=True)
        case.execution.terminate("withdrawn")
        case.advance()
        assert case.ended is EndKind.TERMINATED
        assert case.step.end_code == "withdrawn"
        assert case.told() == ["cancelled a", "cancelled s"]
        case.execution.terminate("again")
        assert case.advance().end_code == "withdrawn"

    def test_variables_can_be_set_in_the_scope_of_an_instance(self) -> None:
        case = Run(bpmn(start(), user("m", multi(count="2")), path("start", "m")), {"x": 0}, reload=True)
        first, second = (task.token_id for task in case.step.tasks)
        case.execution.set_variables({"x": 1}, scope=first)
        case.advance()
        case._between()
        assert case.execution.variables(first)["x"] == 1
        assert case.execution.variables(second)["x"] == 0
        case.execution.set_variables({"x": 5})
        assert case.advance().variables == {"x": 5}

    def test_the_trace_is_a_graph(self) -> None:
        model = bpmn(
            start(),
            par("fork"),
            user("a"),
            user("b"),
            par("join"),
            end(),
            path("start", "fork", "a", "join", "end"),
            path("fork", "b", "join"),
        )
        case = Run(model)
        case.complete("a")
        case.complete("b")
        ids = {trace.element_id: trace.token_id for trace in case.history if trace.element_type != "sequenceFlow"}
        edges = {(trace.origin, trace.token_id) for trace in case.history if trace.element_type == "sequenceFlow"}
        assert edges == {
            (ids["start"], ids["fork"]),
            (ids["fork"], ids["a"]),
            (ids["fork"], ids["b"]),
            (ids["a"], ids["join"]),
            (ids["b"], ids["join"]),
            (ids["join"], ids["end"]),
        }


MIXED = bpmn(
    start(),
    xor("again"),
    inc("split", default="split-c"),
    user("a", multi(over="=items", item="item", into="votes", result="=item")),
    sub("b", start("s2"), user("w"), script("calc", "total = total + 1"), end("e2"), path("s2", "w", "calc", "e2")),
    boundary("late", "b", timer(duration="PT1H")),
    user("c"),
    inc("join"),
    xor("g", default="g-again"),
    end(),
    path("start", "again", "split"),
    flow("split", "a", when="x"),
    flow("split", "b", when="true"),
    flow("split", "c"),
    path("a", "join", "g"),
    path("b", "join"),
    path("late", "c", "join"),
    flow("g", "end", when="total >= 3"),
    flow("g", "again"),
)


def one_life(machine: Machine, number: int) -> tuple[Any, ...]:
    case = Run(
        MIXED,
        {"items": list(range(number % 4)), "x": number % 2 == 0, "total": 0},
        machine=machine,
        reload=number % 3 == 0,
    )
    while not case.completed:
        if number % 5 == 0 and case.timers and case.variables["total"] == 1:
            case.wait(hours=1)
            case.complete("c", total=3)
        while case.open:
            case.complete(sorted(case.open)[number % len(case.open)])
    return tuple(case.whole_trace()), dict(case.variables)["total"]


class TestOneDefinitionForAll:
    def test_a_hundred_interleaved_instances_in_threads_do_not_disturb_each_other(self) -> None:
        machine = Machine()
        alone = {number: one_life(Machine(), number) for number in range(20)}
        barrier = threading.Barrier(10)

        def work(numbers: range) -> list[tuple[int, tuple[Any, ...]]]:
            barrier.wait()
            return [(number, one_life(machine, number)) for number in numbers]

        with ThreadPoolExecutor(10) as pool:
            found = [item for part in pool.map(work, [range(n, n + 10) for n in range(0, 100, 10)]) for item in part]
        assert len(found) == 100
        assert all(life == alone[number % 20] for number, life in found if number < 20)
        assert {total for _, (_, total) in found} == {3}

    def test_running_changes_nothing_in_the_compiled_process(self) -> None:
        process = compile_process("d", "p", {"m": MIXED})
        nodes = [node for spec in (process.root, *process.specs.values()) for node in spec.task_specs.values()]
        before = [_shown(vars(node)) for node in nodes]
        machine = Machine()
        machine._cache["definition"] = process
        for number in range(20):
            one_life(machine, number)
        assert [_shown(vars(node)) for node in nodes] == before

    def test_a_definition_is_compiled_once_and_the_least_used_is_forgotten(self) -> None:
        machine = Machine(cache_size=2)
        sources = {"m": ONE_TASK}
        first = machine.compile("d1", "p", sources)
        assert machine.compile("d1", "p", {}) is first
        machine.compile("d2", "p", sources)
        machine.compile("d1", "p", sources)
        machine.compile("d3", "p", sources)
        assert machine.cached("d1") is first
        assert machine.cached("d2") is None


def _shown(state: dict[str, Any]) -> str:
    events = {
        name: (event.hard_subscribers, event.weak_subscribers)
        for name, event in state.items()
        if name.endswith("_event")
    }
    return repr({**{name: value for name, value in state.items() if not name.endswith("_event")}, **events})


class TestCompiledProcess:
    FILES = {  # noqa: RUF012
        "main.bpmn": bpmn(
            start("s1", formKey="apply", initiator="applicant"),
            start("s2", on_message("M")),
            start("s3", timer(cycle="R/P1D")),
            user("a", outcomes="ok:同意,no", assignee="=x", name="审核"),
            sub("inner", start("i1"), catch("wait", on_signal("S")), end("i2"), path("i1", "wait", "i2")),
            call("c", "child"),
            end(),
            path("s1", "a", "inner", "c", "end"),
            path("s2", "a"),
            path("s3", "a"),
            name="主流程",
            definitions=message("M", "apply") + signal("S", "go"),
        ),
        "child.bpmn": bpmn(start(), call("c2", "grandchild"), path("start", "c2"), key="child"),
        "grandchild.bpmn": bpmn(start(), user("deep"), path("start", "deep"), key="grandchild"),
    }

    def test_it_tells_what_the_rooms_above_ask(self) -> None:
        process = compiled(self.FILES)
        assert (process.process_key, process.name, process.definition_id) == ("p", "主流程", "definition")
        assert [(event.id, str(event.kind), event.event_name) for event in process.start_events] == [
            ("s1", "none", None),
            ("s2", "message", "apply"),
            ("s3", "timer", None),
        ]
        assert (process.start_events[0].form_key, process.start_events[0].initiator) == ("apply", "applicant")
        assert process.called == {"child", "grandchild"}
        assert process.messages == {"apply"}
        assert process.signals == {"go"}
        tasks = {info.id: info for info in process.user_tasks}
        assert tasks["a"].outcomes == (("ok", "同意"), ("no", "no"))
        assert tasks["a"].attributes["assignee"] == "=x"
        assert tasks["deep"].process_key == "grandchild"

    def test_every_element_is_known_by_id_nested_and_called_ones_too(self) -> None:
        process = compiled(self.FILES)
        found = process.element("wait")
        assert found is not None
        assert (found.type, found.parent) == ("intermediateCatchEvent", "inner")
        assert process.element("s1-a") is not None
        assert process.element("deep", "grandchild") is not None
        assert process.element("deep") is None

    def test_what_happens_has_ids_of_the_file_only(self) -> None:
        case = Run(self.FILES, {"x": "li"})
        case.complete("a")
        case.signal("go")
        case.complete("deep")
        assert case.completed
        for trace in case.history:
            known = case.compiled.element(trace.element_id, trace.process_key)
            assert known is not None
            assert (known.name, known.type) == (trace.element_name, trace.element_type)

    @pytest.mark.parametrize(
        "sources, key",
        [
            ({"m": ONE_TASK}, "other"),
            ({"m": bpmn(start(), call("c", "missing"), path("start", "c"))}, "p"),
            ({"m": b"<not xml"}, "p"),
            ({"m": bpmn(start(), sub("s", user("a")), path("start", "s"))}, "p"),
            ({"m": bpmn(start("s", on_message("M")), call("c", "p"), path("s", "c"), definitions=message("M"))}, "p"),
            ({"m": bpmn(start(), xor("g"), end(), path("start", "g"), flow("g", "end", when="1 +"))}, "p"),
            ({"m": bpmn(start(), user("u", assignee="${"), path("start", "u"))}, "p"),
            ({"m": bpmn(start(), script("s", "1 + 1"), path("start", "s"))}, "p"),
            ({"m": bpmn(start(), catch("c", timer(cycle="R0/PT1H")), path("start", "c"))}, "p"),
        ],
    )
    def test_what_cannot_be_compiled_is_refused(self, sources: dict[str, bytes], key: str) -> None:
        with pytest.raises(ModelRefused):
            Machine().compile("d", key, sources)
