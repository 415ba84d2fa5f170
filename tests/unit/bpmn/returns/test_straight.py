"""After a return: step by step again, or straight back to who returned it (P-3.5, P-3.6)."""

import pytest

from engine.errors import Conflict
from tests.unit.bpmn.bpmn_builder import (
    bpmn,
    end,
    par,
    path,
    script,
    start,
    sub,
    task,
    user,
)
from tests.unit.bpmn.returns.shapes import FORKED, LINE, Start, finish, possible


class TestStraight:
    def test_p_3_6_straight_goes_back_to_the_returner_and_keeps_what_lies_between(self, run: Start) -> None:
        case = run(LINE)
        case.complete("a")
        case.complete("b")
        returned = case.return_to("a", "c", straight=True)
        assert returned.kept == ("b",)
        assert case.open == ["a"]
        case.complete("a")
        assert case.open == ["c"]
        finish(case)
        assert case.passed() == ["start", "a", "b", "a", "c", "end"]

    def test_p_3_6_all_that_was_retired_stands_again_where_it_stood(self, run: Start) -> None:
        case = run(FORKED)
        for name in ("a", "left1", "left2", "right1"):
            case.complete(name)  # left waits at the join
        case.return_to("a", "right2", straight=True)
        case.complete("a")
        assert case.open == ["right2"]
        case.complete("right2")
        assert case.open == ["z"]
        finish(case)
        assert case.passed().count("left1") == 1

    def test_p_3_6_what_lies_between_can_be_returned_to_afterwards(self, run: Start) -> None:
        case = run(LINE)
        case.complete("a")
        case.complete("b")
        case.return_to("a", "c", straight=True)
        case.complete("a")
        assert possible(case, "c") == ["b", "a"]
        case.return_to("b", "c")
        case.return_to("a", "b")
        finish(case)

    def test_p_3_6_what_waited_at_a_join_of_another_branch_does_not_come_back_to_it(self, run: Start) -> None:
        # while r1 is corrected, x and y meet at their own join and go on: nothing may wait there afterwards
        case = run(
            bpmn(
                start(),
                par("outer"),
                par("inner"),
                *(user(name) for name in ("x", "y", "left", "r1", "r2", "z")),
                par("inner-join"),
                par("outer-join"),
                end(),
                path("start", "outer", "inner", "x", "inner-join", "left", "outer-join", "z", "end"),
                path("inner", "y", "inner-join"),
                path("outer", "r1", "r2", "outer-join"),
            )
        )
        for name in ("x", "r1"):
            case.complete(name)
        case.return_to("r1", "r2", straight=True)
        for name in ("y", "r1"):
            case.complete(name)
        assert sorted(case.open) == ["left", "r2"]
        finish(case)

    def test_p_3_6_an_arrival_comes_back_to_a_join_at_which_others_wait(self, run: Start) -> None:
        # l1 goes to the outer join on its own flow, while the right branch arrives during the correction
        case = run(
            bpmn(
                start(),
                par("f"),
                user("l"),
                par("g"),
                user("l1"),
                user("l2"),
                user("r"),
                par("j"),
                user("z"),
                end(),
                path("start", "f", "l", "g", "l1", "j", "z", "end"),
                path("g", "l2", "j"),
                path("f", "r", "j"),
            )
        )
        case.complete("l")
        case.complete("l1")
        case.return_to("l", "l2", straight=True)
        case.complete("r")
        case.complete("l")
        assert case.open == ["l2"]
        case.complete("l2")
        assert case.open == ["z"]
        finish(case)

    def test_p_3_6_a_second_return_before_the_correction_forgets_the_straight_way(self, run: Start) -> None:
        case = run(LINE)
        case.complete("a")
        case.complete("b")
        case.return_to("b", "c", straight=True)
        case.return_to("a", "b")
        case.complete("a")
        assert case.open == ["b"]
        case.complete("b")
        assert case.open == ["c"]

    def test_p_3_6_returns_within_returns_come_back_one_after_the_other(self, run: Start) -> None:
        case = run(LINE)
        case.complete("a")
        case.complete("b")
        case.return_to("b", "c", straight=True)
        case.return_to("a", "b", straight=True)
        case.complete("a")
        assert case.open == ["b"]
        assert possible(case, "b") == ["a"]
        finish(case)

    def test_p_3_6_straight_can_be_given_up(self, run: Start) -> None:
        case = run(LINE)
        case.complete("a")
        case.complete("b")
        case.return_to("a", "c", straight=True)
        token = case.execution.returned_as(case.task("a").token_id)
        assert token == case.task("a").token_id
        case.execution.go_step_by_step(token)
        assert case.execution.returned_as(token) is None
        case.complete("a")
        assert case.open == ["b"]

    def test_p_3_6_a_subprocess_cannot_be_come_straight_back_into(self, run: Start) -> None:
        case = run(
            bpmn(
                start(),
                user("a"),
                sub("s", start("ss"), user("p"), path("ss", "p")),
                path("start", "a", "s"),
            )
        )
        case.complete("a")
        with pytest.raises(Conflict, match="step by step"):
            case.return_to("a", "p", straight=True)
        case = run(FORKED)
        for name in ("a", "left1", "left2", "right1", "right2"):
            case.complete(name)
        with pytest.raises(Conflict, match="whole fork"):
            case.return_to("fork", "z", straight=True)


def test_an_automatic_task_between_runs_again(run: Start) -> None:
    case = run(
        bpmn(
            start(),
            user("a"),
            task("t"),
            script("s", "count = count + 1"),
            user("b"),
            path("start", "a", "t", "s", "b"),
        ),
        {"count": 0},
    )
    case.complete("a")
    case.return_to("a", "b")
    case.complete("a")
    assert case.variables["count"] == 2
