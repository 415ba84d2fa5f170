"""Return to an earlier node: to which it can be returned, and why not to others (P-3.1)."""

import pytest

from engine.errors import Conflict
from engine.runtime.returning import Obstacle
from tests.unit.bpmn.bpmn_builder import (
    boundary,
    bpmn,
    call,
    end,
    flow,
    path,
    process,
    start,
    timer,
    user,
    xor,
)
from tests.unit.bpmn.returns.shapes import LINE, Start, finish, obstacles, possible


class TestTarget:
    def test_p_3_1_what_was_executed_on_the_way_here_is_possible_nearest_first(self, run: Start) -> None:
        case = run(LINE)
        case.complete("a")
        case.complete("b")
        assert possible(case, "c") == ["b", "a"]

    def test_trap_2_3_p_3_1_a_node_on_a_branch_that_never_ran_is_refused_with_the_possible_ones(
        self, run: Start
    ) -> None:
        case = run(
            bpmn(
                start(),
                user("a", name="申请"),
                xor("choice", default="choice-b"),
                user("b"),
                user("never"),
                user("c"),
                path("start", "a", "choice", "b", "c"),
                flow("choice", "never", when="false"),
                flow("never", "c"),
            )
        )
        case.complete("a")
        case.complete("b")
        with pytest.raises(Conflict, match='"b", "申请"') as refused:
            case.return_to("never", "c")
        assert refused.value.facts["possible"] == ["b", "a"]
        assert refused.value.facts["reason"] == "not-executed"

    def test_p_3_1_what_lies_ahead_is_refused_though_it_ran_in_an_earlier_round(self, run: Start) -> None:
        case = run(LINE)
        case.complete("a")
        case.complete("b")
        case.return_to("a", "c")
        with pytest.raises(Conflict, match="was not executed"):
            case.return_to("b", "a")

    def test_p_3_1_a_called_process_returns_into_its_caller_but_not_into_what_has_ended(self, run: Start) -> None:
        case = run(
            bpmn(
                start(),
                user("a"),
                call("first", "child"),
                call("second", "child"),
                end(),
                path("start", "a", "first", "second", "end"),
                definitions=process("child", start("cs"), user("work"), user("more"), path("cs", "work", "more")),
            )
        )
        case.complete("a")
        case.complete("work")
        case.complete("more")
        case.complete("work")
        assert possible(case, "more") == ["work", "first", "a"]
        case.return_to("first", "more")
        assert case.open == ["work"]
        finish(case)
        assert case.passed().count("second") == 1

    def test_p_3_1_a_task_cannot_be_returned_to_itself_while_it_is_open(self, run: Start) -> None:
        case = run(
            bpmn(
                start(),
                user("a"),
                boundary("late", "a", timer(duration="PT1H"), interrupting=False),
                user("reminder"),
                path("start", "a"),
                path("late", "reminder"),
            )
        )
        case.wait(hours=1)
        with pytest.raises(Conflict, match="not finished itself"):
            case.return_to("a", "reminder")
        assert obstacles(case, "reminder") == {"a": Obstacle.STILL_OPEN}
