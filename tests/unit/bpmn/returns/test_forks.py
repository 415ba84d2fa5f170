"""Return in and across parallel and inclusive branches: every join counts right afterwards (P-3.2 to P-3.4)."""

import pytest

from engine.errors import Conflict
from engine.runtime.returning import Obstacle
from tests.unit.bpmn.bpmn_builder import (
    bpmn,
    end,
    flow,
    inc,
    par,
    path,
    start,
    user,
)
from tests.unit.bpmn.returns.shapes import FORKED, NESTED, Start, finish, obstacles, possible


class TestForks:
    def test_trap_2_3_p_3_3_a_target_before_the_fork_retires_all_branches(self, run: Start) -> None:
        case = run(FORKED)
        case.complete("a")
        case.complete("right1")
        case.complete("right2")  # parked at the join
        case.return_to("a", "left1")
        assert case.open == ["a"]
        case.complete("a")
        case.complete("left1")
        case.complete("left2")
        assert case.open == ["right1"], "the old arrival of the right branch does not count"
        finish(case)
        assert case.passed().count("z") == 1

    def test_trap_2_3_p_3_3_inside_one_branch_only_that_branch_and_its_arrival_stays_due(self, run: Start) -> None:
        case = run(FORKED)
        case.complete("a")
        case.complete("right1")
        case.complete("right2")
        case.complete("left1")
        case.return_to("left1", "left2")
        assert case.open == ["left1"], "the right branch waits at the join and goes on waiting"
        case.complete("left1")
        case.complete("left2")
        assert case.open == ["z"]
        finish(case)

    def test_trap_2_3_p_3_3_after_a_joined_fork_the_node_before_it_is_possible(self, run: Start) -> None:
        # The trap 2.3: with others, nothing before a parallel gateway can be returned to after its join.
        case = run(FORKED)
        for name in ("a", "left1", "left2", "right1", "right2"):
            case.complete(name)
        case.return_to("a", "z")
        assert case.open == ["a"]
        finish(case)
        assert case.passed().count("z") == 1

    def test_p_3_4_a_finished_branch_after_its_join_is_refused_and_names_the_fork(self, run: Start) -> None:
        case = run(FORKED)
        for name in ("a", "left1", "left2", "right1", "right2"):
            case.complete(name)
        assert possible(case, "z") == ["fork", "a"]
        assert obstacles(case, "z") == dict.fromkeys(("left1", "left2", "right1", "right2"), Obstacle.JOINED)
        with pytest.raises(Conflict, match="has been joined") as refused:
            case.return_to("left2", "z")
        assert refused.value.facts["possible"] == ["fork", "a"]
        assert {target.fork for target in case.returns("z") if not target.possible} == {"fork"}

    def test_p_3_4_the_whole_fork_can_be_reopened(self, run: Start) -> None:
        case = run(FORKED)
        for name in ("a", "left1", "left2", "right1", "right2"):
            case.complete(name)
        case.return_to("fork", "z")
        assert sorted(case.open) == ["left1", "right1"]
        finish(case)
        assert case.passed().count("z") == 1

    def test_p_3_4_a_parallel_branch_is_not_before_this_one(self, run: Start) -> None:
        case = run(FORKED)
        case.complete("a")
        case.complete("left1")
        assert obstacles(case, "right1") == {"left1": Obstacle.OTHER_BRANCH}
        with pytest.raises(Conflict, match="another parallel branch"):
            case.return_to("left1", "right1")

    def test_nested_from_the_inner_fork_to_before_it_the_outer_branch_goes_on(self, run: Start) -> None:
        case = run(NESTED)
        case.complete("a")
        case.complete("before")
        case.complete("y")  # parked at the inner join
        case.complete("right")  # parked at the outer join
        case.return_to("before", "x")
        assert case.open == ["before"]
        case.complete("before")
        case.complete("x")
        assert case.open == ["y"], "the first y does not count"
        case.complete("y")
        case.complete("left")
        assert case.open == ["z"], "right does"
        finish(case)

    def test_nested_after_the_inner_join_its_fork_is_reopened_and_the_outer_branch_goes_on(self, run: Start) -> None:
        case = run(NESTED)
        for name in ("a", "before", "x", "y"):
            case.complete(name)
        assert {target.element_id: target.fork for target in case.returns("left") if target.fork} == {
            "x": "inner",
            "y": "inner",
        }
        case.return_to("inner", "left")
        assert sorted(case.open) == ["right", "x", "y"]
        finish(case)
        assert case.passed().count("z") == 1

    def test_a_second_fork_behind_the_first_does_not_hide_it(self, run: Start) -> None:
        case = run(
            bpmn(
                start(),
                par("f1"),
                user("p"),
                user("q"),
                par("j1"),
                par("f2"),
                user("r"),
                user("s"),
                par("j2"),
                user("z"),
                end(),
                path("start", "f1", "p", "j1", "f2", "r", "j2", "z", "end"),
                path("f1", "q", "j1"),
                path("f2", "s", "j2"),
            )
        )
        case.complete("p")
        case.complete("q")
        case.complete("s")
        assert possible(case, "r") == ["f2", "f1"]
        case.return_to("f1", "r")
        finish(case)
        assert case.passed().count("z") == 1

    def test_one_gateway_that_joins_and_forks_is_passed_again_at_once(self, run: Start) -> None:
        case = run(
            bpmn(
                start(),
                par("f"),
                user("p"),
                user("q"),
                par("both"),
                user("r"),
                user("s"),
                par("j"),
                end(),
                path("start", "f", "p", "both", "r", "j", "end"),
                path("f", "q", "both", "s", "j"),
            )
        )
        case.complete("p")
        case.complete("q")
        case.complete("s")
        case.return_to("both", "r")
        assert sorted(case.open) == ["r", "s"]
        assert possible(case, "r") == ["both", "f"]
        finish(case)

    def test_a_fork_without_a_gateway_and_branches_that_never_meet(self, run: Start) -> None:
        case = run(
            bpmn(start(), user("a"), user("b"), user("c"), path("start", "a", "b"), path("a", "c")),
        )
        case.complete("a")
        case.return_to("a", "c")
        assert case.open == ["a"]
        case.complete("a")
        case.complete("b")
        case.return_to("a", "c")
        assert case.open == ["a"], "b has ended; it will be asked again"
        finish(case)

    def test_a_branch_that_left_its_partner_at_a_join_of_another_branch_is_no_half_return(self, run: Start) -> None:
        # not block-structured: l forks again, one part joins with the right branch and ends there
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
                end("e1"),
                end("e2"),
                path("start", "f", "l", "g", "l1", "j", "e1"),
                path("g", "l2", "e2"),
                path("f", "r", "j"),
            )
        )
        for name in ("l", "l1", "r"):
            case.complete(name)
        assert obstacles(case, "l2") == {"l": Obstacle.JOINED, "g": Obstacle.JOINED, "l1": Obstacle.OTHER_BRANCH} | {
            "r": Obstacle.OTHER_BRANCH
        }
        assert possible(case, "l2") == ["f"]


class TestInclusive:
    MODEL = bpmn(
        start(),
        user("a"),
        inc("split", default="split-c"),
        user("x"),
        user("y"),
        user("c"),
        inc("join"),
        user("z"),
        end(),
        path("start", "a", "split"),
        flow("split", "x", when="=fx"),
        flow("split", "y", when="=fy"),
        flow("split", "c"),
        *(flow(name, "join") for name in "xyc"),
        path("join", "z", "end"),
    )

    def test_all_branches_go_and_the_next_choice_is_a_new_one(self, run: Start) -> None:
        case = run(self.MODEL, {"fx": True, "fy": True})
        case.complete("a")
        case.complete("x")
        case.return_to("a", "y")
        case.complete("a", fx=False)
        assert case.open == ["y"]
        case.complete("y")
        assert case.open == ["z"], "the join does not wait for what was returned"
        finish(case)

    def test_where_one_branch_was_chosen_its_node_is_no_half_of_a_fork(self, run: Start) -> None:
        case = run(self.MODEL, {"fx": True, "fy": False})
        case.complete("a")
        case.complete("x")
        case.return_to("x", "z")
        assert case.open == ["x"]
        finish(case)

    def test_where_two_were_chosen_only_the_whole_fork_is_reopened(self, run: Start) -> None:
        case = run(self.MODEL, {"fx": True, "fy": True})
        for name in ("a", "x", "y"):
            case.complete(name)
        assert possible(case, "z") == ["split", "a"]
        case.return_to("split", "z")
        assert sorted(case.open) == ["x", "y"]
        finish(case)
