"""Event subprocesses, interrupting and not (BPMN 2.0 chapters 10.3.5 and 13.5.4)."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from engine.errors import StepFailed
from engine.runtime.step import EndKind
from tests.unit.bpmn.bpmn_builder import (
    boundary,
    bpmn,
    call,
    end,
    error,
    escalation,
    event_sub,
    inputs,
    message,
    on_error,
    on_escalation,
    on_message,
    on_signal,
    par,
    path,
    process,
    script,
    signal,
    start,
    sub,
    throw,
    timer,
    user,
)
from tests.unit.bpmn.conformance.rows import row
from tests.unit.bpmn.driving import Run

Start = Callable[..., Run]


def event_subprocess(*definition: str, interrupting: bool = True, task: str = "handle") -> str:
    begin = start("begin", *definition, isInterrupting="true" if interrupting else "false")
    return event_sub("event", begin, user(task), end("done"), path("begin", task, "done"))


def model(*definition: str, interrupting: bool = True, definitions: str = "") -> bytes:
    """Two tasks at once, beside an event subprocess with the task ``handle``."""
    return bpmn(
        start(),
        par("fork"),
        user("a"),
        user("b"),
        end(),
        path("start", "fork", "a", "end"),
        path("fork", "b", "end"),
        event_subprocess(*definition, interrupting=interrupting),
        definitions=definitions,
    )


HAPPENINGS = {
    "message": (on_message("M"), message("M"), lambda case: case.message("M", x=1)),
    "signal": (on_signal("S"), signal("S"), lambda case: case.signal("S", x=1)),
    "timer": (timer(cycle="R/PT1H"), "", lambda case: case.wait(hours=1)),
}


class OnEveryTrigger:
    """What holds for message, signal and timer alike; subclasses say which."""

    kind: str

    def test_interrupting_it_ends_everything_else_in_its_scope(self, run: Start) -> None:
        definition, definitions, happen = HAPPENINGS[self.kind]
        case = run(model(definition, definitions=definitions))
        assert case.open == ["a", "b"]
        happen(case)
        assert case.open == ["handle"]
        assert case.told()[:4] == ["cancelled a", "cancelled b", "entered event", "entered begin"]
        assert (case.step.timers, case.step.subscriptions) == ((), ())
        case.complete("handle")
        assert case.completed
        assert case.told()[-2:] == ["completed done", "completed event"]

    def test_non_interrupting_it_runs_beside_each_time(self, run: Start) -> None:
        definition, definitions, happen = HAPPENINGS[self.kind]
        case = run(model(definition, interrupting=False, definitions=definitions))
        happen(case)
        happen(case)
        assert sorted(case.open) == ["a", "b", "handle", "handle"]
        case.complete("handle")
        case.complete("a")
        case.complete("b")
        assert not case.completed
        case.complete("handle")
        assert case.completed

    @pytest.mark.parametrize("interrupting", [True, False])
    def test_it_does_not_keep_its_scope_alive(self, run: Start, interrupting: bool) -> None:
        definition, definitions, _ = HAPPENINGS[self.kind]
        case = run(model(definition, interrupting=interrupting, definitions=definitions))
        case.complete("a")
        case.complete("b")
        assert case.completed
        assert (case.step.timers, case.step.subscriptions) == ((), ())
        assert not any(trace.element_id in ("event", "begin") for trace in case.history)

    def test_inside_a_subprocess_it_touches_only_that(self, run: Start) -> None:
        definition, definitions, happen = HAPPENINGS[self.kind]
        inside = sub(
            "inside", start("s2"), user("work"), end("e2"), path("s2", "work", "e2"), event_subprocess(definition)
        )
        case = run(
            bpmn(
                start(),
                par("fork"),
                inside,
                user("outside"),
                user("after"),
                end(),
                path("start", "fork", "inside", "after", "end"),
                path("fork", "outside", "end"),
                definitions=definitions,
            )
        )
        happen(case)
        assert sorted(case.open) == ["handle", "outside"]
        case.complete("handle")
        assert sorted(case.open) == ["after", "outside"]


@row(
    "eventSubProcess/message",
    zh="可中断或不中断；不中断的每次都触发；不使所在流程保持运行",
    en="interrupting or not; a non-interrupting one each time; it does not keep its scope alive",
)
class TestMessageEventSubProcess(OnEveryTrigger):
    kind = "message"

    def test_it_waits_as_its_start_event_and_takes_the_payload(self, run: Start) -> None:
        case = run(model(on_message("M"), definitions=message("M", "withdrawn", key="= no")), {"no": 7})
        assert case.waiting == [("begin", "withdrawn")]
        assert case.subscription("begin").correlation == {"correlationKey": 7}
        assert case.message("withdrawn", {"correlationKey": 7}, why="moved")
        assert case.variables == {"no": 7, "why": "moved"}

    def test_inside_a_called_process_it_touches_only_that(self, run: Start) -> None:
        called = process(
            "child", start("cs"), user("work"), end("ce"), path("cs", "work", "ce"), event_subprocess(on_message("M"))
        )
        case = run(
            bpmn(
                start(),
                call("c", "child"),
                user("after"),
                path("start", "c", "after"),
                definitions=called + message("M"),
            )
        )
        case.message("M")
        assert case.open == ["handle"]
        assert case.task("handle").process_key == "child"
        case.complete("handle")
        assert case.open == ["after"]

    def test_nested_event_subprocesses_wait_while_they_are_inside(self, run: Start) -> None:
        inner = event_sub(
            "inner", start("begin2", on_message("N"), isInterrupting="true"), user("deep"), path("begin2", "deep")
        )
        outer = event_sub("event", start("begin", on_message("M")), user("handle"), path("begin", "handle"), inner)
        case = run(bpmn(start(), user("a"), path("start", "a"), outer, definitions=message("M") + message("N")))
        assert case.waiting == [("begin", "M")]
        case.message("M")
        assert case.waiting == [("begin2", "N")]
        case.message("N")
        assert case.open == ["deep"]


@row(
    "eventSubProcess/signal",
    zh="可中断或不中断；不中断的每次都触发",
    en="interrupting or not; a non-interrupting one each time",
)
class TestSignalEventSubProcess(OnEveryTrigger):
    kind = "signal"


@row(
    "eventSubProcess/timer",
    zh="可中断或不中断；从所在流程开始时计时",
    en="interrupting or not; timed from the start of its scope",
)
class TestTimerEventSubProcess(OnEveryTrigger):
    kind = "timer"

    def test_it_is_timed_from_the_start_of_its_scope(self, run: Start) -> None:
        case = run(model(timer(duration="PT3H"), interrupting=False))
        case.wait(hours=1)
        assert case.timers == {"begin": timedelta(hours=2)}
        case.wait(hours=2)
        assert sorted(case.open) == ["a", "b", "handle"]
        assert case.timers == {}


@row(
    "eventSubProcess/error",
    zh="总是中断；处理所在流程内没有边界事件处理的错误",
    en="always interrupts; catches errors that no boundary event inside its scope catches",
)
class TestErrorEventSubProcess:
    DEFINITIONS = error("E", "42") + error("F", "43")

    def test_it_catches_an_error_reported_by_the_outside(self, run: Start) -> None:
        case = run(model(on_error("E"), definitions=self.DEFINITIONS))
        case.fail("a", "42", why="broken")
        assert case.open == ["handle"]
        assert case.variables == {"why": "broken"}
        case.complete("handle")
        assert case.completed

    def test_it_catches_an_error_end_event_instead_of_ending_the_instance(self, run: Start) -> None:
        case = run(
            bpmn(
                start(),
                user("a"),
                end("bad", on_error("E")),
                path("start", "a", "bad"),
                event_subprocess(on_error()),
                definitions=self.DEFINITIONS,
            )
        )
        case.complete("a")
        assert case.open == ["handle"]
        assert case.ended is None

    def test_a_boundary_event_nearer_by_comes_first(self, run: Start) -> None:
        case = run(
            bpmn(
                start(),
                sub("s", start("s2"), user("a"), end("bad", on_error("E")), path("s2", "a", "bad")),
                boundary("b", "s", on_error("E")),
                user("near"),
                path("start", "s"),
                path("b", "near"),
                event_subprocess(on_error("E")),
                definitions=self.DEFINITIONS,
            )
        )
        case.complete("a")
        assert case.open == ["near"]

    def test_what_it_throws_itself_goes_outward(self, run: Start) -> None:
        rethrow = event_sub("event", start("begin", on_error()), end("again", on_error("E")), path("begin", "again"))
        inside = sub("s", start("s2"), user("a"), path("s2", "a"), rethrow)
        case = run(
            bpmn(
                start(),
                inside,
                boundary("b", "s", on_error("E")),
                user("outer"),
                path("start", "s"),
                path("b", "outer"),
                definitions=self.DEFINITIONS,
            )
        )
        case.fail("a", "43")
        assert case.open == ["outer"]

    def test_without_any_other_catcher_its_own_error_ends_the_instance(self, run: Start) -> None:
        rethrow = event_sub("event", start("begin", on_error()), end("again", on_error("E")), path("begin", "again"))
        case = run(bpmn(start(), user("a"), path("start", "a"), rethrow, definitions=self.DEFINITIONS))
        case.fail("a", "43")
        assert case.ended is EndKind.ERROR
        assert case.step.end_code == "42"

    def test_an_interrupting_event_subprocess_is_alone_in_its_scope(self, run: Start) -> None:
        by_message = event_sub(
            "first", start("begin1", on_message("M")), user("u"), end("bad", on_error("E")), path("begin1", "u", "bad")
        )
        case = run(
            bpmn(
                start(),
                user("a"),
                path("start", "a"),
                by_message,
                event_subprocess(on_error()),
                definitions=self.DEFINITIONS + message("M"),
            )
        )
        case.message("M")
        case.complete("u")
        assert case.ended is EndKind.ERROR

    def test_an_error_out_of_a_non_interrupting_one_is_caught_by_another(self, run: Start) -> None:
        beside = event_sub(
            "first",
            start("begin1", on_message("M"), isInterrupting="false"),
            user("u"),
            end("bad", on_error("E")),
            path("begin1", "u", "bad"),
        )
        case = run(
            bpmn(
                start(),
                user("a"),
                path("start", "a"),
                beside,
                event_subprocess(on_error()),
                definitions=self.DEFINITIONS + message("M"),
            )
        )
        case.message("M")
        case.complete("u")
        assert case.open == ["handle"]

    def test_another_code_is_not_caught(self, run: Start) -> None:
        case = run(model(on_error("E"), definitions=self.DEFINITIONS))
        with pytest.raises(StepFailed):
            case.fail("a", "43")


@row(
    "eventSubProcess/escalation",
    zh="可中断或不中断；不中断的每次都触发",
    en="interrupting or not; a non-interrupting one each time",
)
class TestEscalationEventSubProcess:
    @staticmethod
    def model(*, interrupting: bool) -> bytes:
        inside = sub(
            "s", start("s2"), throw("t", inputs(why="= reason"), on_escalation("X")), user("a"), path("s2", "t", "a")
        )
        return bpmn(
            start(),
            script("set", 'reason = "slow"'),
            inside,
            path("start", "set", "s"),
            event_subprocess(on_escalation("X"), interrupting=interrupting),
            definitions=escalation("X", "7"),
        )

    @pytest.mark.parametrize("interrupting, opened", [(True, ["handle"]), (False, ["a", "handle"])])
    def test_it_catches_what_climbs_out_of_a_subprocess(
        self, run: Start, interrupting: bool, opened: list[str]
    ) -> None:
        case = run(self.model(interrupting=interrupting))
        assert sorted(case.open) == opened
        assert case.variables["why"] == "slow"

    def test_non_interrupting_it_runs_each_time(self, run: Start) -> None:
        case = run(self.model(interrupting=False))
        case.escalate("a", "7")
        assert case.open.count("handle") == 2
