"""A multi-instance user task that was over goes on when somebody takes back what he completed there (P-6.1, P-6.2)."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from engine.errors import Conflict
from engine.runtime.lineage import Lineage
from tests.unit.bpmn.bpmn_builder import boundary, bpmn, end, flow, multi, par, path, script, start, sub, timer, user
from tests.unit.bpmn.driving import Run
from tests.unit.bpmn.test_participants import ABC, Table, shared

Start = Callable[..., Run]
HALF = "nrOfCompletedInstances / nrOfInstances >= 0.5"
RESULTS = {"into": "verdicts", "result": "=verdict"}


def completed(table: Table, *logins: str) -> None:
    for login in logins:
        table.complete(login, verdict=f"{login} says")


@pytest.mark.parametrize("sequential", [False, True])
def test_p_6_1_the_last_one_is_open_again_and_all_is_as_before(run: Start, sequential: bool) -> None:
    table = Table(run(shared(sequential=sequential, **RESULTS), ABC))
    completed(table, "a", "b")
    before = dict(table.case.variables)
    table.complete("c", verdict="c says")
    assert (table.case.open, table.case.variables["verdicts"]) == (["after"], ["a says", "b says", "c says"])
    table.take_back("c")
    assert (table.open, table.numbers) == (["c"], (3, 1, 2))
    assert table.case.variables == before
    completed(table, "c")
    assert (table.case.open, table.case.variables["verdicts"]) == (["after"], ["a says", "b says", "c says"])


def test_p_6_1_those_whom_the_condition_had_cancelled_are_open_again(run: Start) -> None:
    table = Table(run(shared(until=HALF, **RESULTS), {"people": ["a", "b", "c", "d"]}))
    tokens = {login: table.known[login][0] for login in "abcd"}
    completed(table, "b", "d")
    assert table.case.open == ["after"]
    taken = table.take_back("d")
    assert set(taken.opened) == {tokens["a"], tokens["c"]}
    assert {task.assignee: task.token_id for task in table.case.step.tasks} == {login: tokens[login] for login in "acd"}
    assert table.numbers == (4, 3, 1)
    completed(table, "a")
    assert table.case.variables["verdicts"] == ["a says", "b says"]


def test_p_6_2_who_was_not_the_last_takes_back_only_his_own(run: Start) -> None:
    table = Table(run(shared(**RESULTS), ABC))
    completed(table, "a", "b", "c")
    table.take_back("a")
    assert (table.open, table.numbers) == (["a"], (3, 1, 2))
    assert "verdicts" not in table.case.variables
    table.again("c")
    assert sorted(map(str, table.open)) == ["a", "c"]


def test_in_order_the_turns_that_had_not_come_are_still_to_come(run: Start) -> None:
    table = Table(run(shared(until=HALF, sequential=True), {"people": ["a", "b", "c", "d"]}))
    completed(table, "a", "b")
    assert table.case.open == ["after"]
    table.take_back("a")
    assert table.people == [("a", True), ("c", False), ("d", False)]
    assert table.numbers == (4, 1, 1)
    completed(table, "a")
    assert table.case.open == ["after"]


def test_who_had_joined_and_left_stays_joined_and_gone(run: Start) -> None:
    table = Table(run(shared(sequential=True), ABC))
    table.add("d", by="a")
    table.remove("b")
    completed(table, "a", "c", "d")
    table.take_back("d")
    assert table.people == [("d", True)]
    assert table.now().joined == 1
    table.remove("d")
    assert table.case.open == ["after"]


def test_trap_2_4_a_departure_that_was_enough_stays_and_what_was_completed_is_taken_back(run: Start) -> None:
    table = Table(run(shared(**RESULTS), ABC))
    completed(table, "a", "b")
    table.remove("c")
    assert table.case.open == ["after"]
    table.take_back("a")
    assert (table.open, table.numbers) == (["a"], (2, 1, 1))


def test_it_is_over_and_goes_on_as_often_as_people_like(run: Start) -> None:
    table = Table(run(shared(until=HALF, **RESULTS), ABC))
    completed(table, "a", "b")
    for login in ("b", "a", "b"):
        table.take_back(login)
        completed(table, "c")
        assert table.case.open == ["after"]
        table.take_back("c")
        assert table.numbers == (3, 2, 1)
        completed(table, login)
    assert table.case.variables["verdicts"] == ["a says", "b says"]
    table.case.complete("after")
    assert table.case.completed


def test_what_the_results_had_replaced_is_there_again_and_what_was_written_since_stays(run: Start) -> None:
    table = Table(run(shared(**RESULTS), {**ABC, "verdicts": "of the first round"}))
    completed(table, "a", "b", "c")
    table.take_back("c")
    assert table.case.variables["verdicts"] == "of the first round"
    completed(table, "c")
    table.case.execution.set_variables({"verdicts": "by hand"})
    table.case.advance()
    table.take_back("c")
    assert table.case.variables["verdicts"] == "by hand"


def behind(*more: str) -> bytes:
    """The task m over ``people`` in one of two branches, with what follows it up to the join."""
    return bpmn(
        start(), par("f"), user("m", multi(over="=people", item="p"), assignee="= p"), user("other"), par("j"),
        user("after"), end(), *more, path("start", "f", "m", "j", "after", "end"), flow("f", "other"), flow("other", "j"),
    )  # fmt: skip


def test_p_6_2_it_reaches_through_a_join_and_the_other_branch_has_still_arrived(run: Start) -> None:
    table = Table(run(behind(), ABC))
    table.case.complete("other")
    completed(table, "a", "b", "c")
    assert table.case.open == ["after"]
    table.take_back("b")
    assert table.open == ["b"]
    completed(table, "b")
    assert table.case.open == ["after"]


def test_p_6_2_it_leaves_a_join_that_still_waits_for_another_branch(run: Start) -> None:
    table = Table(run(behind(), ABC))
    completed(table, "a", "b", "c")
    table.take_back("c")
    assert sorted(table.case.open) == ["m", "other"]
    table.case.complete("other")
    assert table.case.open == ["m"]
    completed(table, "c")
    assert table.case.open == ["after"]


def test_what_ran_by_itself_is_undone_and_done_again(run: Start) -> None:
    model = bpmn(
        start(), user("m", multi(over="=people", item="p"), assignee="= p"), script("count", "n = n + 1"),
        user("after"), end(), path("start", "m", "count", "after", "end"),
    )  # fmt: skip
    table = Table(run(model, {**ABC, "n": 0}))
    completed(table, "a", "b", "c")
    table.take_back("c")
    completed(table, "c")
    assert table.case.variables["n"] == 2
    assert [each.element_id for each in Lineage.of(table.case.passages).passages.values()].count("count") == 1


def reminded(interrupting: bool) -> bytes:
    return shared(
        boundary("late", "m", timer(duration="P1D"), interrupting=interrupting),
        user("reminder"), end("told"), flow("late", "reminder"), flow("reminder", "told"),
    )  # fmt: skip


def test_a_reminder_that_runs_beside_goes_on_and_does_not_come_twice(run: Start) -> None:
    table = Table(run(reminded(False), ABC))
    table.case.wait(days=1)
    completed(table, "a", "b", "c")
    table.take_back("c")
    assert sorted(table.case.open) == ["m", "reminder"]
    assert table.case.timers == {}


def test_a_deadline_that_had_not_passed_runs_again(run: Start) -> None:
    table = Table(run(reminded(True), ABC))
    completed(table, "a", "b", "c")
    table.take_back("c")
    assert list(table.case.timers) == ["late"]
    table.case.wait(days=1)
    assert table.case.open == ["reminder"]


def test_what_a_deadline_ended_nobody_takes_back(run: Start) -> None:
    table = Table(run(reminded(True), ABC))
    completed(table, "a")
    table.case.wait(days=1)
    with pytest.raises(Conflict):
        table.take_back("a")


def test_the_history_says_what_led_to_what_lives_now(run: Start) -> None:
    table = Table(run(shared(until=HALF), ABC))
    completed(table, "a", "b")
    after = table.case.task("after").token_id
    table.take_back("b")
    lineage = Lineage.of(table.case.passages)
    assert after not in lineage.passages
    instances = {
        each.token_id: each.state.value for each in lineage.passages.values() if each.element_type == "userTask"
    }
    assert instances == {
        table.known["a"][0]: "completed",
        table.known["b"][0]: "entered",
        table.known["c"][0]: "entered",
    }
    completed(table, "c")
    assert [each.element_id for each in table.case.returns("after")] == ["m"]


def test_p_3_6_after_a_straight_return_the_old_instances_do_not_count_again(run: Start) -> None:
    table = Table(run(shared(**RESULTS), ABC))
    completed(table, "a", "b", "c")
    table.case.return_to("m", "after", straight=True)
    table._look()
    completed(table, "a", "b", "c")
    assert table.case.open == ["after"]
    table.take_back("c")
    assert (table.open, table.numbers) == (["c"], (3, 1, 2))
    body = table.now().body_id
    lineage = Lineage.of(table.case.passages)
    assert sum(each.origins == (body,) for each in lineage.passages.values()) == 3
    completed(table, "c")
    assert table.case.open == ["after"]


def test_what_a_return_has_undone_nobody_takes_back(run: Start) -> None:
    table = Table(run(shared(), ABC))
    completed(table, "a", "b", "c")
    old: Mapping[str, Any] = dict(table.known)
    table.case.return_to("m", "after")
    with pytest.raises(Conflict):
        table.case.take_back(old["c"][0], seen=old["c"][1])


def test_the_last_one_of_a_subprocess_that_ended_asks_for_a_return(run: Start) -> None:
    inside = [start("s"), user("m", multi(over="=people", item="p"), assignee="= p"), end("e"), path("s", "m", "e")]
    table = Table(
        run(bpmn(start(), sub("box", "", *inside), user("after"), end(), path("start", "box", "after", "end")), ABC)
    )
    completed(table, "a", "b", "c")
    with pytest.raises(Conflict) as refused:
        table.take_back("c")
    assert refused.value.facts["reason"] == "scope-ended"


def test_a_body_that_is_over_burdens_the_state_with_nothing(run: Start) -> None:
    table = Table(run(shared(**RESULTS), ABC))
    completed(table, "a", "b", "c")
    assert "queue" not in table.case.execution.dump() and '"open"' not in table.case.execution.dump()
