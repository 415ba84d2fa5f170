"""Return to an earlier node: what is retired, what goes on, and that every join counts right afterwards (P-3.1 to P-3.6)."""

from collections.abc import Callable

import pytest

from engine.errors import Conflict
from engine.runtime.returning import Obstacle
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
    link,
    message,
    multi,
    on_error,
    on_escalation,
    on_message,
    par,
    path,
    process,
    script,
    service,
    start,
    sub,
    task,
    throw,
    timer,
    user,
    xor,
)
from tests.unit.bpmn.driving import Run

Start = Callable[..., Run]

LINE = bpmn(start(), user("a"), user("b"), user("c"), end(), path("start", "a", "b", "c", "end"))

# a, then two branches (left1, left2 | right1, right2), then z
FORKED = bpmn(
    start(),
    user("a"),
    par("fork"),
    *(user(name) for name in ("left1", "left2", "right1", "right2")),
    par("join"),
    user("z"),
    end(),
    path("start", "a", "fork", "left1", "left2", "join", "z", "end"),
    path("fork", "right1", "right2", "join"),
)

# the left branch is itself a fork: x1 | y1, joined before left
NESTED = bpmn(
    start(),
    user("a"),
    par("outer"),
    user("before"),
    par("inner"),
    user("x"),
    user("y"),
    par("inner-join"),
    user("left"),
    user("right"),
    par("outer-join"),
    user("z"),
    end(),
    path("start", "a", "outer", "before", "inner", "x", "inner-join", "left", "outer-join", "z", "end"),
    path("inner", "y", "inner-join"),
    path("outer", "right", "outer-join"),
)


def possible(case: Run, source: str) -> list[str]:
    return [target.element_id for target in case.returns(source) if target.possible]


def obstacles(case: Run, source: str) -> dict[str, Obstacle]:
    return {target.element_id: target.obstacle for target in case.returns(source) if target.obstacle is not None}


def finish(case: Run) -> None:
    """Whoever has a task completes it, until the end: nothing is parked for ever, nothing comes twice."""
    for _ in range(100):
        if case.ended is not None:
            break
        case.complete(case.open[0])
    assert case.completed


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


class TestRetiredSet:
    def test_p_3_2_in_a_line_one_token_goes_and_one_comes(self, run: Start) -> None:
        case = run(LINE)
        case.complete("a")
        case.complete("b")
        returned = case.return_to("a", "c")
        assert case.open == ["a"]
        assert len(returned.retired) == 1
        finish(case)
        assert case.passed() == ["start", "a", "b", "a", "b", "c", "end"]

    def test_trap_2_3_p_3_2_timers_messages_and_calls_of_sibling_branches_go_too(self, run: Start) -> None:
        # The trap 2.3: with others, waits without a task keep running and reach the join a second time.
        case = run(
            bpmn(
                start(),
                user("a"),
                par("fork"),
                user("b"),
                catch("pause", timer(duration="P1D")),
                catch("paid", on_message("M")),
                call("called", "child"),
                service("outside", "http.request"),
                event_gateway("either"),
                catch("soon", timer(duration="PT1H")),
                par("join"),
                user("z"),
                end(),
                path("start", "a", "fork", "b", "join", "z", "end"),
                *(path("fork", name, "join") for name in ("pause", "paid", "called", "outside")),
                path("fork", "either", "soon", "join"),
                definitions=message("M")
                + process("child", start("cs"), user("work"), end("ce"), path("cs", "work", "ce")),
            )
        )
        case.complete("a")
        returned = case.return_to("a", "b")
        assert case.open == ["a"]
        assert case.timers == {}
        assert case.waiting == []
        assert len(returned.retired) == 6
        with pytest.raises(Conflict):
            case.execution.complete_service(case.call("outside").token_id, {})
        assert not case.message("M")
        case.complete("a")
        case.serve("outside")
        case.message("M")
        case.wait(days=1)
        assert sorted(case.open) == ["b", "work"]
        case.complete("work")
        case.complete("b")
        assert case.open == ["z"]
        finish(case)

    def test_p_3_2_tokens_that_do_not_descend_go_on(self, run: Start) -> None:
        case = run(FORKED)
        case.complete("a")
        right = case.task("right1").token_id
        case.complete("left1")
        case.return_to("left1", "left2")
        assert sorted(case.open) == ["left1", "right1"]
        assert case.task("right1").token_id == right

    def test_p_3_2_boundary_events_and_what_they_began_go_with_their_host(self, run: Start) -> None:
        case = run(
            bpmn(
                start(),
                user("a"),
                user("b"),
                boundary("hourly", "b", timer(cycle="R5/PT1H"), interrupting=False),
                user("reminded"),
                end(),
                path("start", "a", "b", "end"),
                path("hourly", "reminded"),
            )
        )
        case.complete("a")
        case.wait(hours=1)
        case.wait(hours=1)
        assert case.open.count("reminded") == 2
        case.return_to("a", "b")
        assert case.open == ["a"]
        assert case.timers == {}
        finish(case)

    def test_p_3_2_a_node_left_by_its_boundary_event_can_be_returned_to(self, run: Start) -> None:
        case = run(
            bpmn(
                start(),
                user("a"),
                boundary("late", "a", timer(duration="PT1H")),
                user("leader"),
                path("start", "a"),
                path("late", "leader"),
            )
        )
        case.wait(hours=1)
        case.return_to("a", "leader")
        assert case.open == ["a"]
        assert list(case.timers) == ["late"]

    def test_trap_2_3_p_3_2_from_one_instance_of_a_countersign_the_whole_countersign_goes(self, run: Start) -> None:
        # The trap 2.3: with others, multi-instance roots are left behind.
        case = run(
            bpmn(
                start(),
                user("a"),
                user("m", multi(over="=items", item="item", into="votes", result="=item")),
                user("z"),
                end(),
                path("start", "a", "m", "z", "end"),
            ),
            {"items": ["x", "y", "w"]},
        )
        case.complete("a")
        case.complete("m", 1)
        case.return_to("a", "m", 0)
        assert case.open == ["a"]
        case.complete("a")
        assert case.open == ["m"] * 3
        finish(case)
        assert case.variables["votes"] == ["x", "y", "w"]

    @pytest.mark.parametrize("sequential", [False, True])
    def test_p_3_2_a_countersign_as_target_begins_with_all_its_instances(self, run: Start, sequential: bool) -> None:
        case = run(
            bpmn(
                start(),
                user("m", multi(over="=items", item="item", sequential=sequential)),
                user("b"),
                end(),
                path("start", "m", "b", "end"),
            ),
            {"items": [1, 2]},
        )
        case.complete("m")
        case.complete("m")
        case.return_to("m", "b")
        assert case.open == (["m"] if sequential else ["m", "m"])
        case.complete("m")
        case.complete("m")
        assert case.open == ["b"]
        finish(case)

    def test_p_3_2_inside_a_multi_instance_subprocess_only_that_instance_goes_back(self, run: Start) -> None:
        case = run(
            bpmn(
                start(),
                user("a"),
                sub("s", multi(count="2"), start("ss"), user("p"), user("q"), end("se"), path("ss", "p", "q", "se")),
                end(),
                path("start", "a", "s", "end"),
            )
        )
        case.complete("a")
        case.complete("p", 0)
        case.complete("p", 0)
        assert case.open == ["q", "q"]
        case.return_to("p", "q", 1)
        assert sorted(case.open) == ["p", "q"]
        assert possible(case, "q") == ["p", "a"]
        case.return_to("a", "q")
        assert case.open == ["a"]
        finish(case)

    def test_p_3_2_in_a_loop_the_last_execution_counts(self, run: Start) -> None:
        case = run(
            bpmn(
                start(),
                user("a"),
                xor("again"),
                user("b"),
                user("c"),
                xor("more", default="more-end"),
                end(),
                path("start", "a", "again", "b", "c", "more"),
                flow("more", "again", when="=rework"),
                flow("more", "end"),
            ),
            {"rework": True},
        )
        for name in ("a", "b", "c", "b"):
            case.complete(name)
        case.return_to("b", "c")
        assert case.open == ["b"]
        case.complete("b", rework=False)
        case.return_to("a", "c")
        finish(case)

    def test_p_3_2_links_and_service_tasks_between_are_no_break(self, run: Start) -> None:
        case = run(
            bpmn(
                start(),
                user("a"),
                throw("out", link("L")),
                catch("in", link("L")),
                script("s", "x = 1"),
                user("b"),
                path("start", "a", "out"),
                path("in", "s", "b"),
            )
        )
        case.complete("a")
        assert possible(case, "b") == ["a"]
        case.return_to("a", "b")
        case.complete("a")
        assert case.open == ["b"]


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


class TestScopes:
    def test_from_inside_a_subprocess_to_before_it_the_whole_inside_goes(self, run: Start) -> None:
        case = run(
            bpmn(
                start(),
                user("a"),
                sub(
                    "s",
                    start("ss"),
                    par("f"),
                    user("p"),
                    user("q"),
                    par("j"),
                    end("se"),
                    path("ss", "f", "p", "j", "se"),
                    path("f", "q", "j"),
                ),
                end(),
                path("start", "a", "s", "end"),
            )
        )
        case.complete("a")
        case.complete("p")
        case.return_to("a", "q")
        assert case.open == ["a"]
        finish(case)
        assert case.passed().count("s") == 1

    def test_a_finished_subprocess_is_a_target_as_a_whole_and_its_inside_is_not(self, run: Start) -> None:
        case = run(
            bpmn(
                start(),
                sub("s", start("ss"), user("p"), end("se"), path("ss", "p", "se")),
                user("b"),
                end(),
                path("start", "s", "b", "end"),
            )
        )
        case.complete("p")
        assert possible(case, "b") == ["s"]
        with pytest.raises(Conflict, match="was not executed"):
            case.return_to("p", "b")
        case.return_to("s", "b")
        assert case.open == ["p"]
        finish(case)

    def test_an_event_subprocess_that_runs_beside_goes_on_when_a_message_began_it(self, run: Start) -> None:
        case = run(
            bpmn(
                start(),
                user("a"),
                user("b"),
                end(),
                path("start", "a", "b", "end"),
                event_sub(
                    "asked",
                    start("es", on_message("M"), isInterrupting="false"),
                    user("answer"),
                    end("ee"),
                    path("es", "answer", "ee"),
                ),
                definitions=message("M"),
            )
        )
        case.complete("a")
        case.message("M")
        case.return_to("a", "b")
        assert sorted(case.open) == ["a", "answer"]
        assert possible(case, "answer") == []
        assert [name for _, name in case.waiting] == ["M"]
        finish(case)

    def test_an_event_subprocess_that_a_retired_token_began_goes_with_it(self, run: Start) -> None:
        case = run(
            bpmn(
                start(),
                user("a"),
                throw("up", on_escalation("E")),
                user("b"),
                end(),
                path("start", "a", "up", "b", "end"),
                event_sub(
                    "told",
                    start("es", on_escalation("E"), isInterrupting="false"),
                    user("look"),
                    path("es", "look"),
                ),
                definitions=escalation("E", "e"),
            )
        )
        case.complete("a")
        assert sorted(case.open) == ["b", "look"]
        case.return_to("a", "b")
        assert case.open == ["a"]

    INTERRUPTED = bpmn(
        start(),
        user("a"),
        par("f"),
        user("p"),
        user("q"),
        par("j"),
        end(),
        path("start", "a", "f", "p", "j", "end"),
        path("f", "q", "j"),
        event_sub("stop", start("es", on_message("M")), user("decide"), end("ee"), path("es", "decide", "ee")),
        definitions=message("M"),
    )

    def test_from_an_event_subprocess_that_interrupted_to_before_all_that_it_ended(self, run: Start) -> None:
        case = run(self.INTERRUPTED)
        case.complete("a")
        case.complete("p")
        case.message("M")
        assert case.open == ["decide"]
        assert possible(case, "decide") == ["f", "a"]
        assert obstacles(case, "decide") == {"p": Obstacle.INTERRUPTED, "q": Obstacle.INTERRUPTED}
        case.return_to("a", "decide")
        assert case.open == ["a"]
        assert [name for _, name in case.waiting] == ["M"], "it can happen again"
        finish(case)

    def test_an_error_caught_at_a_boundary_leads_back_to_the_host(self, run: Start) -> None:
        case = run(
            bpmn(
                start(),
                user("a"),
                sub("s", start("ss"), user("p"), end("se", on_error("E")), path("ss", "p", "se")),
                boundary("caught", "s", on_error("E")),
                user("fix"),
                path("start", "a", "s"),
                path("caught", "fix"),
                definitions=error("E", "e"),
            )
        )
        case.complete("a")
        case.complete("p")
        assert possible(case, "fix") == ["s", "a"]
        case.return_to("s", "fix")
        assert case.open == ["p"]


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
