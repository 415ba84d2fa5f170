"""Return to an earlier node: what is retired by it, and what goes on (P-3.2, P-3.3)."""

import pytest

from engine.errors import Conflict
from tests.unit.bpmn.bpmn_builder import (
    boundary,
    bpmn,
    call,
    catch,
    end,
    event_gateway,
    flow,
    link,
    message,
    multi,
    on_message,
    par,
    path,
    process,
    script,
    service,
    start,
    sub,
    throw,
    timer,
    user,
    xor,
)
from tests.unit.bpmn.returns.shapes import FORKED, LINE, Start, finish, possible


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
