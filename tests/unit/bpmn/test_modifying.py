"""Take back, jump and reopen in the machine, and the check that the instance is whole afterwards (P-6.1, P-6.2, trap 2.6)."""

from collections.abc import Callable

import pytest

from engine.errors import Conflict, StepFailed
from engine.runtime.step import EndKind
from tests.unit.bpmn.bpmn_builder import (
    boundary,
    bpmn,
    end,
    event_sub,
    flow,
    message,
    multi,
    on_message,
    par,
    path,
    start,
    sub,
    terminating,
    timer,
    user,
    xor,
)
from tests.unit.bpmn.driving import Run
from tests.unit.bpmn.returns.shapes import FORKED, LINE, finish

Start = Callable[..., Run]


class TestTakeBack:
    def test_p_6_1_the_token_waits_again_under_its_old_id(self, run: Start) -> None:
        case = run(LINE)
        token = case.task("a").token_id
        case.complete("a")
        case.take_back(token)
        assert case.open == ["a"]
        assert case.task("a").token_id == token
        finish(case)

    def test_p_6_2_through_a_join_the_other_branch_stays_arrived(self, run: Start) -> None:
        # Trap 2.6: with others, whoever came last cannot take back, or all are asked again.
        case = run(FORKED)
        for name in ("a", "left1", "left2", "right1"):
            case.complete(name)
        token = case.task("right2").token_id
        case.complete("right2")
        assert case.open == ["z"]
        case.take_back(token)
        assert case.open == ["right2"]
        case.complete("right2")
        assert case.open == ["z"]
        finish(case)
        assert case.passed().count("left2") == 1

    def test_p_6_2_a_branch_that_moves_on_beside_is_not_touched(self, run: Start) -> None:
        case = run(FORKED)
        case.complete("a")
        token = case.task("left1").token_id
        case.complete("left1")
        right = case.task("right1").token_id
        case.take_back(token)
        assert sorted(case.open) == ["left1", "right1"]
        assert case.task("right1").token_id == right
        finish(case)

    def test_boundary_timers_of_the_task_wait_again(self, run: Start) -> None:
        case = run(
            bpmn(
                start(),
                user("a"),
                boundary("late", "a", timer(duration="PT1H")),
                user("b"),
                path("start", "a", "b"),
                path("late", "b"),
            )
        )
        token = case.task("a").token_id
        case.complete("a")
        case.take_back(token)
        assert list(case.timers) == ["late"]

    def test_a_step_that_was_returned_meanwhile_cannot_be_taken_back(self, run: Start) -> None:
        case = run(LINE)
        case.complete("a")
        token = case.task("b").token_id
        case.complete("b")
        case.return_to("a", "c")
        with pytest.raises(Conflict, match="was returned"):
            case.take_back(token)

    def test_a_step_inside_a_finished_subprocess_cannot_be_taken_back(self, run: Start) -> None:
        case = run(bpmn(start(), sub("s", start("ss"), user("p"), path("ss", "p")), user("b"), path("start", "s", "b")))
        token = case.task("p").token_id
        case.complete("p")
        with pytest.raises(Conflict, match="subprocess in which it stands has ended"):
            case.take_back(token)

    def test_one_of_several_instances_cannot_be_taken_back(self, run: Start) -> None:
        case = run(bpmn(start(), user("m", multi(count="2")), user("b"), path("start", "m", "b")))
        token = case.task("m").token_id
        case.complete("m")
        with pytest.raises(Conflict, match="multi-instance"):
            case.take_back(token)


class TestJump:
    def test_a_token_can_be_moved_ahead_and_back(self, run: Start) -> None:
        case = run(LINE)
        case.jump("a", "c")
        assert case.open == ["c"]
        case.jump("c", "a")
        finish(case)

    def test_out_of_a_subprocess(self, run: Start) -> None:
        case = run(bpmn(start(), sub("s", start("ss"), user("p"), path("ss", "p")), user("b"), path("start", "s", "b")))
        case.jump("p", "b")
        assert case.open == ["b"]
        with pytest.raises(Conflict, match="neither in the process"):
            case.jump("b", "p")
        case.jump("b", "s")
        assert case.open == ["p"]

    @pytest.mark.parametrize(
        ("target", "why"), [("join", "waits for all"), ("start", "triggered"), ("nowhere", "neither")]
    )
    def test_not_to_joins_events_or_nothing(self, run: Start, target: str, why: str) -> None:
        case = run(FORKED)
        with pytest.raises(Conflict, match=why):
            case.jump("a", target)

    def test_a_jump_into_one_branch_would_starve_its_join_and_is_unsound(self, run: Start) -> None:
        case = run(FORKED)
        with pytest.raises(StepFailed, match="a join behind it would wait for ever") as failed:
            case.jump("a", "left2")
        assert failed.value.facts["element_id"] == "left2"

    def test_a_jump_out_of_a_branch_for_which_a_join_waits_is_unsound(self, run: Start) -> None:
        case = run(FORKED)
        for name in ("a", "left1", "left2"):
            case.complete(name)
        with pytest.raises(StepFailed, match="cannot come any more") as failed:
            case.jump("right1", "z")
        assert failed.value.facts["reason"] == "unsound"
        assert failed.value.facts["element_id"] == "join"

    def test_a_return_afterwards_goes_by_what_really_happened(self, run: Start) -> None:
        case = run(LINE)
        case.jump("a", "c")
        assert [target.element_id for target in case.returns("c") if target.possible] == ["a"]
        case.return_to("a", "c")
        finish(case)


class TestReopen:
    def test_a_finished_instance_goes_on_from_a_chosen_element(self, run: Start) -> None:
        case = run(LINE)
        finish(case)
        case.reopen("b")
        assert case.ended is None
        assert case.open == ["b"]
        finish(case)
        assert case.passed() == ["start", "a", "b", "c", "end", "b", "c", "end"]

    def test_a_fork_is_reopened_as_a_whole(self, run: Start) -> None:
        case = run(FORKED)
        finish(case)
        with pytest.raises(Conflict, match="parallel branches") as refused:
            case.reopen("left1")
        assert refused.value.facts["possible"] == ["z", "join", "fork", "a"]
        case.reopen("fork")
        finish(case)

    def test_a_terminated_instance_is_reopened_where_all_that_was_cut_off_comes_again(self, run: Start) -> None:
        case = run(FORKED)
        case.complete("a")
        case.complete("left1")
        case.execution.terminate("by mistake")
        case.advance()
        assert case.ended is EndKind.TERMINATED
        with pytest.raises(Conflict):
            case.reopen("left1")
        case.reopen("a")
        finish(case)

    def test_event_subprocesses_wait_again(self, run: Start) -> None:
        case = run(
            bpmn(
                start(),
                user("a"),
                end(),
                path("start", "a", "end"),
                event_sub("es", start("on", on_message("M")), user("x"), path("on", "x")),
                definitions=message("M"),
            )
        )
        finish(case)
        case.reopen("a")
        assert [name for _, name in case.waiting] == ["M"]

    def test_where_a_terminate_end_event_ended_others(self, run: Start) -> None:
        case = run(
            bpmn(
                start(),
                par("f"),
                user("p"),
                user("q"),
                end("stop", terminating()),
                end("quiet"),
                path("start", "f", "p", "stop"),
                path("f", "q", "quiet"),
            )
        )
        case.complete("p")
        assert case.ended is EndKind.TERMINATED
        case.reopen("f")
        assert sorted(case.open) == ["p", "q"]


def test_what_is_running_is_sound_at_every_rest(run: Start) -> None:
    case = run(
        bpmn(
            start(),
            xor("again"),
            user("a"),
            xor("more", default="more-end"),
            end(),
            path("start", "again", "a", "more", "end"),
            flow("more", "again", when="=x"),
        ),
        {"x": True},
    )
    case.complete("a")
    case.execution.check_sound()
