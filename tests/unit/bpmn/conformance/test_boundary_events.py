"""Boundary events, interrupting and not, on tasks, subprocesses and calls (BPMN 2.0 chapters 10.5.4 and 13.5.3)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from engine.errors import Conflict, StepFailed
from tests.unit.bpmn.bpmn_builder import (
    boundary,
    bpmn,
    call,
    end,
    error,
    escalation,
    message,
    multi,
    on_error,
    on_escalation,
    on_message,
    on_signal,
    path,
    process,
    receive,
    service,
    signal,
    start,
    sub,
    timer,
    user,
)
from tests.unit.bpmn.conformance.rows import row
from tests.unit.bpmn.driving import NOW, Run

Start = Callable[..., Run]

CHILD = process("child", start("cs"), user("work"), end("ce"), path("cs", "work", "ce"))
HOSTS = {
    "userTask": user("host"),
    "serviceTask": service("host", "x.y"),
    "receiveTask": receive("host", "R"),
    "subProcess": sub("host", start("s2"), user("inner"), end("e2"), path("s2", "inner", "e2")),
    "callActivity": call("host", "child"),
    "multi-instance": user("host", multi(count="3")),
}


def model(host: str, *definition: str, interrupting: bool = True, definitions: str = "") -> bytes:
    """A host with one boundary event ``b``, behind which stands the user task ``handle``."""
    return bpmn(
        start(),
        host,
        boundary("b", "host", *definition, interrupting=interrupting),
        user("handle"),
        end(),
        end("end-b"),
        path("start", "host", "end"),
        path("b", "handle", "end-b"),
        definitions=definitions + CHILD + message("R"),
    )


HAPPENINGS = {
    "timer": (timer(duration="PT1H"), "", lambda case: case.wait(hours=1)),
    "message": (on_message("M"), message("M"), lambda case: case.message("M", x=1)),
    "signal": (on_signal("S"), signal("S"), lambda case: case.signal("S", x=1)),
}


class OnEveryHost:
    """What holds for timer, message and signal alike; subclasses say which."""

    kind: str

    @pytest.mark.parametrize("host", HOSTS)
    def test_interrupting_it_cancels_the_activity_with_all_inside(self, run: Start, host: str) -> None:
        definition, definitions, happen = HAPPENINGS[self.kind]
        case = run(model(HOSTS[host], definition, definitions=definitions))
        happen(case)
        assert case.open == ["handle"]
        assert "cancelled host" in case.told()
        assert (case.step.timers, case.step.subscriptions) == ((), ())
        assert case.passed()[-1] == "b"
        case.complete("handle")
        assert case.completed

    @pytest.mark.parametrize("host", HOSTS)
    def test_non_interrupting_it_fires_every_time_beside_the_activity(self, run: Start, host: str) -> None:
        definition, definitions, happen = HAPPENINGS[self.kind]
        if self.kind == "timer":
            definition = timer(cycle="R/PT1H")
        case = run(model(HOSTS[host], definition, interrupting=False, definitions=definitions))
        waiting = list(case.open)
        for times in (1, 2, 3):
            happen(case)
            assert sorted(case.open) == sorted(waiting + ["handle"] * times)
            assert "cancelled host" not in case.told()

    @pytest.mark.parametrize("interrupting", [True, False])
    def test_it_cannot_happen_any_more_when_the_activity_is_over(self, run: Start, interrupting: bool) -> None:
        definition, definitions, _ = HAPPENINGS[self.kind]
        case = run(model(HOSTS["userTask"], definition, interrupting=interrupting, definitions=definitions))
        case.complete("host")
        assert case.completed
        assert "b" not in case.passed()
        assert not any(trace.element_id == "b" for trace in case.history)


@row(
    "boundaryEvent/timer",
    zh="可中断或不中断；周期定时重复触发，逾期的多次合并为一次",
    en="interrupting or not; a cycle repeats, and overdue runs of it count as one",
)
class TestTimerBoundary(OnEveryHost):
    kind = "timer"

    def test_a_duration_fires_once_even_when_not_interrupting(self, run: Start) -> None:
        case = run(model(HOSTS["userTask"], timer(duration="PT1H"), interrupting=False))
        case.wait(hours=1)
        assert sorted(case.open) == ["handle", "host"]
        assert case.timers == {}
        case.wait(hours=5)
        assert len(case.open) == 2

    def test_a_cycle_with_a_count_stops_after_that_many(self, run: Start) -> None:
        case = run(model(HOSTS["userTask"], timer(cycle="R3/PT1H"), interrupting=False))
        for _ in range(5):
            case.wait(hours=1)
        assert case.open.count("handle") == 3

    def test_overdue_runs_count_as_one_and_the_next_is_in_the_future(self, run: Start) -> None:
        case = run(model(HOSTS["userTask"], timer(cycle="R/PT1H"), interrupting=False))
        case.wait(hours=5, minutes=20)
        assert case.open.count("handle") == 1
        assert case.timers == {"b": timedelta(minutes=40)}

    def test_overdue_runs_use_up_the_count(self, run: Start) -> None:
        case = run(model(HOSTS["userTask"], timer(cycle="R3/PT1H"), interrupting=False))
        case.wait(hours=2)
        assert case.open.count("handle") == 1
        case.wait(hours=1)
        assert case.open.count("handle") == 2
        assert case.timers == {}

    def test_months_of_a_cycle_do_not_drift(self, run: Start) -> None:
        first = datetime(2027, 1, 31, 12, tzinfo=UTC)
        case = run(model(HOSTS["userTask"], timer(cycle="R/2027-01-31T12:00:00Z/P1M"), interrupting=False))
        found = []
        for due in (first, datetime(2027, 2, 28, 12, tzinfo=UTC), datetime(2027, 3, 31, 12, tzinfo=UTC)):
            found.append(case.step.timers[0].due_at)
            case.now = due
            case.advance()
        assert found == [first, datetime(2027, 2, 28, 12, tzinfo=UTC), datetime(2027, 3, 31, 12, tzinfo=UTC)]

    def test_an_interrupting_cycle_fires_once(self, run: Start) -> None:
        case = run(model(HOSTS["userTask"], timer(cycle="R3/PT1H")))
        case.wait(hours=1)
        assert case.open == ["handle"]
        assert case.timers == {}

    def test_a_rescheduled_cycle_goes_on_from_there(self, run: Start) -> None:
        case = run(model(HOSTS["userTask"], timer(cycle="R/PT1H"), interrupting=False))
        case.execution.reschedule_timer(case.step.timers[0].token_id, NOW + timedelta(minutes=90))
        case.wait(minutes=90)
        assert case.open.count("handle") == 1
        assert case.timers == {"b": timedelta(hours=1)}

    def test_two_timers_on_one_task_fire_in_their_order(self, run: Start) -> None:
        two = bpmn(
            start(),
            user("host"),
            boundary("remind", "host", timer(duration="PT1H"), interrupting=False),
            boundary("give-up", "host", timer(duration="PT2H")),
            user("reminded"),
            user("gave-up"),
            path("start", "host"),
            path("remind", "reminded"),
            path("give-up", "gave-up"),
        )
        case = run(two)
        case.wait(hours=9)
        assert sorted(case.open) == ["gave-up", "reminded"]
        assert case.passed() == ["start", "remind", "give-up"]

    @pytest.mark.parametrize("cycle", ["R2000/PT1H", "R3/PT1S", "R0/PT1H", "R/PT0S", "R/P200Y"])
    def test_cycles_are_bounded(self, run: Start, cycle: str) -> None:
        with pytest.raises(StepFailed) as caught:
            run(model(HOSTS["userTask"], timer(cycle=f'="{cycle}"'), interrupting=False))
        assert caught.value.facts["reason"] == "bad-timer"
        assert caught.value.facts["element_id"] == "b"


@row(
    "boundaryEvent/message",
    zh="可中断或不中断；不中断的每次都触发",
    en="interrupting or not; a non-interrupting one fires every time",
)
class TestMessageBoundary(OnEveryHost):
    kind = "message"

    def test_the_payload_becomes_variables(self, run: Start) -> None:
        case = run(model(HOSTS["userTask"], on_message("M"), definitions=message("M")))
        case.message("M", reason="withdrawn")
        assert case.variables == {"reason": "withdrawn"}

    def test_the_cancelled_task_cannot_be_completed(self, run: Start) -> None:
        case = run(model(HOSTS["userTask"], on_message("M"), definitions=message("M")))
        token = case.task("host").token_id
        case.message("M")
        with pytest.raises(Conflict):
            case.execution.complete_task(token, {})

    def test_a_task_just_completed_is_not_interrupted_any_more(self, run: Start) -> None:
        case = run(model(HOSTS["userTask"], on_message("M"), definitions=message("M")))
        case.execution.complete_task(case.task("host").token_id, {})
        assert case.execution.deliver_message("M", {}, {}) is False
        case.advance()
        assert case.completed


@row(
    "boundaryEvent/signal",
    zh="可中断或不中断；不中断的每次都触发",
    en="interrupting or not; a non-interrupting one fires every time",
)
class TestSignalBoundary(OnEveryHost):
    kind = "signal"

    def test_an_inner_catcher_that_ends_with_its_host_does_not_get_it_too(self, run: Start) -> None:
        nested = bpmn(
            start(),
            sub(
                "host",
                start("s2"),
                user("work"),
                boundary("inner", "work", on_signal("S")),
                end("e2"),
                user("i"),
                path("s2", "work", "e2"),
                path("inner", "i", "e2"),
            ),
            boundary("outer", "host", on_signal("S")),
            user("o"),
            path("start", "host"),
            path("outer", "o"),
            definitions=signal("S"),
        )
        case = run(nested)
        case.signal("S")
        assert case.open == ["o"]


@row(
    "boundaryEvent/error",
    zh="总是中断；处理任务、子流程、调用活动中的错误",
    en="always interrupts; catches errors of tasks, subprocesses and calls",
)
class TestErrorBoundary:
    DEFINITIONS = error("E", "42")

    @pytest.mark.parametrize(
        "host, element",
        [
            ("userTask", "host"),
            ("serviceTask", "host"),
            ("subProcess", "inner"),
            ("callActivity", "work"),
            ("multi-instance", "host"),
        ],
    )
    def test_it_catches_an_error_reported_by_the_outside(self, run: Start, host: str, element: str) -> None:
        case = run(model(HOSTS[host], on_error("E"), definitions=self.DEFINITIONS))
        case.fail(element, "42", detail="broken")
        assert case.open == ["handle"]
        assert case.variables == {"detail": "broken"}
        assert "cancelled host" in case.told()

    def test_an_error_that_nobody_catches_is_an_incident(self, run: Start) -> None:
        case = run(model(HOSTS["serviceTask"], on_error("E"), definitions=self.DEFINITIONS))
        with pytest.raises(StepFailed) as caught:
            case.fail("host", "43")
        assert caught.value.facts["reason"] == "uncaught-error"
        assert caught.value.facts["error_code"] == "43"

    def test_an_error_reference_without_code_uses_its_name(self, run: Start) -> None:
        case = run(model(HOSTS["serviceTask"], on_error("E"), definitions=error("E")))
        case.fail("host", "E")
        assert case.open == ["handle"]


@row(
    "boundaryEvent/escalation",
    zh="可中断或不中断；不中断的每次都触发",
    en="interrupting or not; a non-interrupting one fires every time",
)
class TestEscalationBoundary:
    DEFINITIONS = escalation("X", "7")

    @pytest.mark.parametrize(
        "host, element",
        [("userTask", "host"), ("serviceTask", "host"), ("subProcess", "inner"), ("callActivity", "work")],
    )
    def test_non_interrupting_it_fires_every_time(self, run: Start, host: str, element: str) -> None:
        case = run(model(HOSTS[host], on_escalation("X"), interrupting=False, definitions=self.DEFINITIONS))
        for times in (1, 2):
            case.escalate(element, "7", n=times)
            assert case.open.count("handle") == times
        assert case.variables == {"n": 2}
        assert "cancelled host" not in [f"{trace.state} {trace.element_id}" for trace in case.history]

    def test_interrupting_it_ends_the_activity(self, run: Start) -> None:
        case = run(model(HOSTS["subProcess"], on_escalation(), definitions=self.DEFINITIONS))
        case.escalate("inner", "anything")
        assert case.open == ["handle"]

    def test_uncaught_it_changes_nothing(self, run: Start) -> None:
        case = run(model(HOSTS["userTask"], on_escalation("X"), definitions=self.DEFINITIONS))
        case.escalate("host", "8")
        assert case.open == ["host"]
