"""Return in, into and out of subprocesses, called processes and multi-instance work (P-3.2 to P-3.4)."""

import pytest

from engine.errors import Conflict
from engine.runtime.returning import Obstacle
from tests.unit.bpmn.bpmn_builder import (
    boundary,
    bpmn,
    end,
    error,
    escalation,
    event_sub,
    message,
    on_error,
    on_escalation,
    on_message,
    par,
    path,
    start,
    sub,
    throw,
    user,
)
from tests.unit.bpmn.returns.shapes import Start, finish, obstacles, possible


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
