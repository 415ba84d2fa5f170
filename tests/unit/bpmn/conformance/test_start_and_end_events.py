"""Start and end events (BPMN 2.0 chapters 10.5.2, 10.5.3 and 13.5)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from engine.bpmn.compiled import StartKind
from engine.errors import InvalidInput
from engine.runtime.step import EndKind, SubscriptionKind
from tests.unit.bpmn.bpmn_builder import (
    boundary,
    bpmn,
    call,
    catch,
    end,
    error,
    escalation,
    flow,
    inputs,
    message,
    on_error,
    on_escalation,
    on_message,
    on_signal,
    par,
    path,
    process,
    signal,
    start,
    sub,
    task,
    terminating,
    timer,
    user,
)
from tests.unit.bpmn.conformance.rows import row
from tests.unit.bpmn.driving import NOW, Run, compiled

Start = Callable[..., Run]


@row("startEvent/none", zh="没有指明开始事件时从这里开始", en="begins here when no start event is named")
class TestNoneStart:
    def test_the_instance_begins_with_its_variables(self, run: Start) -> None:
        case = run(bpmn(start(), user("a"), end(), path("start", "a", "end")), {"x": [1, {"y": None}]})
        assert case.told() == ["entered start", "completed start", "flow start-a", "entered a"]
        assert case.variables == {"x": [1, {"y": None}]}


@row(
    "startEvent/message",
    zh="由外部按名称启动，内容成为变量",
    en="started from outside by name; the payload becomes variables",
)
class TestMessageStart:
    MODEL = bpmn(
        start("applied", on_message("M")),
        user("a"),
        end(),
        path("applied", "a", "end"),
        definitions=message("M", "apply"),
    )

    def test_it_is_told_by_the_compiled_process(self) -> None:
        [event] = compiled(self.MODEL).start_events
        assert (event.id, event.kind, event.event_name) == ("applied", StartKind.MESSAGE, "apply")

    def test_the_payload_becomes_variables(self, run: Start) -> None:
        case = run(self.MODEL, {"x": 1}, start="applied", payload={"y": 2})
        assert case.open == ["a"]
        assert case.variables == {"x": 1, "y": 2}

    def test_a_correlation_key_of_the_message_is_not_asked_for_at_the_start(self, run: Start) -> None:
        model = bpmn(
            start("s", on_message("M")), end(), path("s", "end"), definitions=message("M", "apply", key="= unknown")
        )
        assert run(model, start="s").completed

    def test_without_naming_it_the_process_cannot_be_started(self, run: Start) -> None:
        with pytest.raises(InvalidInput):
            run(self.MODEL)
        with pytest.raises(InvalidInput):
            run(self.MODEL, start="nowhere")


@row(
    "startEvent/timer",
    zh="到期时间由编译结果给出，由外部按时启动",
    en="the due times are told; the outside starts it in time",
)
class TestTimerStart:
    MODEL = bpmn(start("nightly", timer(cycle="R/P1D")), task("a"), end(), path("nightly", "a", "end"))

    def test_the_schedule_is_told(self) -> None:
        process = compiled(self.MODEL)
        [event] = process.start_events
        assert event.kind is StartKind.TIMER
        first = process.start_schedule("nightly", now=NOW, zone=UTC)
        assert first.due == NOW + timedelta(days=1)
        second = first.after(first.due, UTC)
        assert second is not None
        assert second.due == NOW + timedelta(days=2)

    def test_an_expression_gives_the_date(self) -> None:
        model = bpmn(start("s", timer(date='= date and time("2027-01-01T00:00:00Z")')), end(), path("s", "end"))
        assert compiled(model).start_schedule("s", now=NOW, zone=UTC).due == datetime(2027, 1, 1, tzinfo=UTC)

    def test_it_is_started_by_name(self, run: Start) -> None:
        assert run(self.MODEL, start="nightly").passed() == ["nightly", "a", "end"]


@row("startEvent/signal", zh="由外部按名称启动", en="started from outside by name")
class TestSignalStart:
    MODEL = bpmn(start("s", on_signal("S")), user("a"), end(), path("s", "a", "end"), definitions=signal("S", "alarm"))

    def test_it_is_told_and_started_by_name(self, run: Start) -> None:
        [event] = compiled(self.MODEL).start_events
        assert (event.kind, event.event_name) == (StartKind.SIGNAL, "alarm")
        case = run(self.MODEL, start="s", payload={"where": "hall"})
        assert case.open == ["a"]
        assert case.variables == {"where": "hall"}


@row("startEvent/several", zh="每次由其中一个开始", en="each instance begins at one of them")
class TestSeveralStartEvents:
    MODEL = bpmn(
        start("by-hand"),
        start("by-message", on_message("M")),
        user("a"),
        end(),
        path("by-hand", "a", "end"),
        path("by-message", "a"),
        definitions=message("M"),
    )

    @pytest.mark.parametrize("given, taken", [(None, "by-hand"), ("by-message", "by-message")])
    def test_only_the_one_that_was_triggered_begins(self, run: Start, given: str | None, taken: str) -> None:
        case = run(self.MODEL, start=given)
        assert case.passed() == [taken]
        case.complete("a")
        assert case.completed


@row("endEvent/none", zh="消耗令牌；没有令牌时流程结束", en="consumes its token; the instance ends when none is left")
class TestNoneEnd:
    def test_the_instance_ends_with_the_last_token(self, run: Start) -> None:
        model = bpmn(
            start(),
            par("fork"),
            user("a"),
            user("b"),
            end("e1"),
            end("e2"),
            path("start", "fork", "a", "e1"),
            path("fork", "b", "e2"),
        )
        case = run(model)
        case.complete("a")
        assert case.ended is None
        case.complete("b")
        assert case.completed

    def test_an_activity_without_outgoing_flow_ends_its_path(self, run: Start) -> None:
        case = run(bpmn(start(), user("a"), path("start", "a")))
        case.complete("a")
        assert case.completed


@row(
    "endEvent/message",
    zh="抛出消息；实例内有人等则先给它",
    en="throws its message; a catcher inside the instance comes first",
)
class TestMessageEnd:
    def test_the_message_leaves_the_instance_with_its_payload(self, run: Start) -> None:
        model = bpmn(
            start(),
            end("e", inputs(no="= case"), on_message("M")),
            path("start", "e"),
            definitions=message("M", "done"),
        )
        case = run(model, {"case": "2026-1"})
        [event] = case.thrown
        assert (event.kind, event.name, event.payload, event.element_id) == (
            SubscriptionKind.MESSAGE,
            "done",
            {"no": "2026-1"},
            "e",
        )
        assert case.completed


@row("endEvent/signal", zh="向实例内外所有等待者广播", en="tells everybody who waits, inside and outside")
class TestSignalEnd:
    def test_catchers_inside_get_it_and_it_leaves_the_instance(self, run: Start) -> None:
        model = bpmn(
            start(),
            par("fork"),
            catch("c1", on_signal("S")),
            user("a"),
            end("e1"),
            end("e2", inputs(by="= who"), on_signal("S")),
            path("start", "fork", "c1", "e1"),
            path("fork", "a", "e2"),
            definitions=signal("S", "stop"),
        )
        case = run(model, {"who": "li"})
        case.complete("a")
        assert case.completed
        assert [(event.kind, event.name, event.payload) for event in case.thrown] == [
            (SubscriptionKind.SIGNAL, "stop", {"by": "li"})
        ]
        assert case.variables["by"] == "li"


@row(
    "endEvent/error",
    zh="由最内层匹配的边界事件处理；无人处理时实例以该错误结束",
    en="caught by the innermost matching boundary event; uncaught it ends the instance with its code",
)
class TestErrorEnd:
    @staticmethod
    def model(*boundaries: str) -> bytes:
        handlers = "".join(
            user(f"handle-{name}") + end(f"end-{name}") + path(name, f"handle-{name}", f"end-{name}")
            for name in ("b1", "b2")
            if any(f'id="{name}"' in item for item in boundaries)
        )
        return bpmn(
            start(),
            sub(
                "outer",
                start("s1"),
                sub(
                    "inner",
                    start("s2"),
                    par("fork"),
                    user("work"),
                    user("other"),
                    end("fail", on_error("E")),
                    end("fine"),
                    path("s2", "fork", "work", "fail"),
                    path("fork", "other", "fine"),
                ),
                end("e1"),
                path("s1", "inner", "e1"),
            ),
            end(),
            path("start", "outer", "end"),
            *boundaries,
            handlers,
            definitions=error("E", "42") + error("F", "43"),
        )

    def test_it_climbs_to_the_boundary_event_with_its_code(self, run: Start) -> None:
        case = run(self.model(boundary("b1", "outer", on_error("F")), boundary("b2", "outer", on_error("E"))))
        case.complete("work")
        assert case.open == ["handle-b2"]
        assert {"cancelled other", "cancelled inner", "cancelled outer"} <= set(case.told())
        case.complete("handle-b2")
        assert case.completed

    def test_a_boundary_event_without_a_code_catches_all(self, run: Start) -> None:
        case = run(self.model(boundary("b1", "outer", on_error())))
        case.complete("work")
        assert case.open == ["handle-b1"]

    def test_the_very_code_comes_before_catch_all(self, run: Start) -> None:
        case = run(self.model(boundary("b1", "outer", on_error()), boundary("b2", "outer", on_error("E"))))
        case.complete("work")
        assert case.open == ["handle-b2"]

    def test_uncaught_it_ends_the_instance(self, run: Start) -> None:
        case = run(self.model(boundary("b1", "outer", on_error("F"))))
        case.complete("work")
        assert case.ended is EndKind.ERROR
        assert case.step.end_code == "42"
        assert case.step.tasks == ()
        assert case.told()[-3:] == ["cancelled other", "cancelled inner", "cancelled outer"]


@row(
    "endEvent/escalation",
    zh="由外层边界事件处理（可不中断）；无人处理时继续",
    en="caught by an outer boundary event, interrupting or not; uncaught it changes nothing",
)
class TestEscalationEnd:
    @staticmethod
    def model(*, interrupting: bool, catcher: str = "X") -> bytes:
        return bpmn(
            start(),
            sub(
                "inside",
                start("s2"),
                par("fork"),
                user("a"),
                user("b"),
                end("up", on_escalation("X")),
                end("e2"),
                path("s2", "fork", "a", "up"),
                path("fork", "b", "e2"),
            ),
            boundary("told", "inside", on_escalation(catcher), interrupting=interrupting),
            user("boss"),
            end(),
            end("end-boss"),
            path("start", "inside", "end"),
            path("told", "boss", "end-boss"),
            definitions=escalation("X", "late") + escalation("Y", "other"),
        )

    def test_a_non_interrupting_catcher_runs_beside(self, run: Start) -> None:
        case = run(self.model(interrupting=False))
        case.complete("a")
        assert sorted(case.open) == ["b", "boss"]
        case.complete("b")
        case.complete("boss")
        assert case.completed

    def test_an_interrupting_catcher_ends_the_subprocess(self, run: Start) -> None:
        case = run(self.model(interrupting=True))
        case.complete("a")
        assert case.open == ["boss"]

    def test_another_code_is_not_caught_and_nothing_changes(self, run: Start) -> None:
        case = run(self.model(interrupting=True, catcher="Y"))
        case.complete("a")
        assert case.open == ["b"]
        case.complete("b")
        assert case.completed


@row(
    "endEvent/terminate",
    zh="只结束所在的流程、子流程或被调用流程",
    en="ends its own process, subprocess or called process, and nothing outside of it",
)
class TestTerminateEnd:
    def test_it_ends_the_process_with_all_that_runs(self, run: Start) -> None:
        model = bpmn(
            start(),
            par("fork"),
            user("a"),
            sub("inside", start("s2"), user("b"), end("e2"), path("s2", "b", "e2")),
            end("stop", terminating()),
            end(),
            path("start", "fork", "a", "stop"),
            path("fork", "inside", "end"),
        )
        case = run(model)
        case.complete("a")
        assert case.ended is EndKind.TERMINATED
        assert case.step.tasks == ()
        assert case.told() == [
            "completed a",
            "flow a-stop",
            "entered stop",
            "completed stop",
            "cancelled b",
            "cancelled inside",
        ]

    def test_inside_a_called_process_it_ends_only_that(self, run: Start) -> None:
        called = process(
            "child",
            start("cs"),
            par("fork"),
            user("x"),
            user("y"),
            end("stop", terminating()),
            end("ce"),
            path("cs", "fork", "x", "stop"),
            path("fork", "y", "ce"),
        )
        model = bpmn(
            start(),
            par("split"),
            call("c", "child"),
            user("other"),
            end(),
            flow("start", "split"),
            path("split", "c", "end"),
            path("split", "other", "end"),
            definitions=called,
        )
        case = run(model)
        case.complete("x")
        assert case.open == ["other"]
        case.complete("other")
        assert case.completed
