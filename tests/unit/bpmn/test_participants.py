"""People join, leave and begin again at a running multi-instance user task (P-1.3, P-4, P-6.1, P-6.2)."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from engine.bpmn.participants import Participation
from engine.errors import Conflict
from engine.runtime.lineage import Lineage
from engine.runtime.returning import Returned
from tests.unit.bpmn.bpmn_builder import boundary, bpmn, end, multi, path, start, timer, user
from tests.unit.bpmn.driving import Run

Start = Callable[..., Run]


def shared(*more: str, assignee: str = "= p", sequential: bool = False, **loop: str) -> bytes:
    """A multi-instance task m over ``people`` as ``p``, then the task after."""
    marker = multi(over="=people", item="p", sequential=sequential, **loop)
    return bpmn(
        start(), user("m", marker, assignee=assignee), *more, user("after"), end(), path("start", "m", "after", "end")
    )


class Table:
    """What is done to the participants of ``m``, with save and load between all steps."""

    def __init__(self, case: Run) -> None:
        self.case = case
        self.known: dict[str, tuple[str, Mapping[str, Any], str | None]] = {}  # who -> token, what it saw, who added it
        self._look()

    def _look(self) -> None:
        for task in self.case.step.tasks:
            if task.element_id == "m" and task.assignee:
                self.known[task.assignee] = (task.token_id, task.local_variables, task.added_by)

    def now(self, token_id: str | None = None) -> Participation:
        found = self.case.execution.participation(
            token_id or self.case.task("m").token_id, now=self.case.now, lineage=Lineage.of(self.case.passages)
        )
        assert found is not None
        return found

    def _rest(self) -> None:
        self.case.advance()
        if self.case.ended is None:
            self.case.execution.check_sound()
        self._look()

    def add(self, login: str, by: str = "boss") -> None:
        self.case._between()
        self.now().add(login, by)
        self._rest()

    def remove(self, login: str) -> None:
        self.case._between()
        table = self.now()
        table.remove(next(each for each in table.people() if each.login == login))
        self._rest()

    def complete(self, login: str, **variables: Any) -> None:
        self.case.complete_token(self.known[login][0], **variables)
        self._look()

    def again(self, login: str) -> bool:
        self.case._between()
        token_id, seen, by = self.known[login]
        waits = self.now(token_id).begin_again(token_id, dict(seen), by)
        self._rest()
        return waits

    def take_back(self, login: str) -> Returned:
        """Take back what somebody completed, after the node is over."""
        token_id, seen, by = self.known[login]
        taken = self.case.take_back(token_id, seen=dict(seen), added_by=by)
        self._look()
        return taken

    @property
    def open(self) -> list[str | None]:
        return [task.assignee for task in self.case.step.tasks if task.element_id == "m"]

    @property
    def people(self) -> list[tuple[str | None, bool]]:
        """Who is not done, and whether he acts now."""
        return [(each.login, each.token_id is not None) for each in self.now().people()]

    @property
    def numbers(self) -> tuple[int, int, int]:
        """nrOfInstances, nrOfActiveInstances, nrOfCompletedInstances."""
        seen = self.case.execution.variables(self.case.task("m").token_id)
        return seen["nrOfInstances"], seen["nrOfActiveInstances"], seen["nrOfCompletedInstances"]


ABC = {"people": ["a", "b", "c"]}


class TestAtOnce:
    def test_p_4_1_who_is_added_has_an_instance_of_his_own_and_the_numbers_go_up(self, run: Start) -> None:
        table = Table(run(shared(), ABC))
        table.add("d", by="a")
        assert table.open == ["a", "b", "c", "d"]
        assert table.numbers == (4, 4, 0)
        added = table.case.task("m", 3)
        assert (added.local_variables, added.loop_index, added.added_by) == ({"p": "d", "loopCounter": 4}, 3, "a")
        for login in "abcd":
            assert table.case.open != ["after"]
            table.complete(login)
        assert table.case.open == ["after"]

    def test_p_1_3_the_condition_is_read_with_the_new_numbers_when_the_next_one_completes(self, run: Start) -> None:
        table = Table(run(shared(until="nrOfCompletedInstances / nrOfInstances >= 0.5"), ABC))
        table.add("d")
        table.complete("a")
        assert table.open == ["b", "c", "d"]
        table.complete("d")
        assert table.case.open == ["after"]

    def test_p_1_3_removing_the_last_open_one_ends_the_node(self, run: Start) -> None:
        # Flowable's deleteMultiInstanceExecution leaves such a node waiting for ever.
        table = Table(run(shared(), ABC))
        table.complete("a")
        table.complete("b")
        table.remove("c")
        assert table.case.open == ["after"]
        assert "cancelled m" in table.case.told()

    def test_p_1_3_the_condition_is_asked_at_once_when_somebody_leaves(self, run: Start) -> None:
        table = Table(run(shared(until="nrOfCompletedInstances / nrOfInstances >= 0.5"), ABC))
        table.complete("a")
        assert table.numbers == (3, 2, 1)
        table.remove("c")
        assert table.case.open == ["after"]

    def test_before_anybody_is_done_no_departure_is_enough(self, run: Start) -> None:
        table = Table(run(shared(until="nrOfInstances - nrOfCompletedInstances <= 2"), ABC))
        table.remove("c")
        assert table.open == ["a", "b"]
        table.complete("a")
        assert table.case.open == ["after"]

    def test_a_condition_that_reads_the_one_who_completes_is_asked_as_it_was_asked_last(self, run: Start) -> None:
        until = 'p = "a" and verdict = "yes" and nrOfInstances <= 2'
        table = Table(run(shared(until=until, into="verdicts", result="=verdict"), ABC))
        table.complete("a", verdict="yes")
        assert table.open == ["b", "c"]
        table.remove("c")
        assert table.case.open == ["after"]
        assert table.case.variables["verdicts"] == ["yes"]

    def test_who_was_asked_last_counts_no_more_once_he_begins_again(self, run: Start) -> None:
        until = 'verdict = "yes" and nrOfInstances <= 3'
        table = Table(run(shared(until=until, into="verdicts", result="=verdict"), {"people": ["a", "b", "c", "d"]}))
        table.complete("b", verdict="no")
        table.complete("a", verdict="yes")
        table.again("a")
        table.remove("d")
        assert table.open == ["c", "a"]
        table.complete("a", verdict="yes")
        assert table.case.variables["verdicts"] == ["yes", "no"]

    def test_p_6_2_only_mine_is_open_again(self, run: Start) -> None:
        table = Table(run(shared(into="verdicts", result="=verdict"), ABC))
        table.complete("a", verdict=1)
        table.complete("b", verdict=2)
        token = table.known["a"][0]
        assert table.again("a")
        assert table.open == ["c", "a"]
        assert table.case.task("m", 1).token_id == token
        assert table.case.task("m", 1).local_variables == {"p": "a", "loopCounter": 1}
        assert table.numbers == (3, 2, 1)
        table.complete("c", verdict=3)
        assert table.open == ["a"]
        table.complete("a", verdict=4)
        assert table.case.variables["verdicts"] == [4, 2, 3]

    def test_again_and_again(self, run: Start) -> None:
        table = Table(run(shared(), ABC))
        for _ in range(3):
            table.complete("b")
            table.again("b")
        table.remove("a")
        table.remove("c")
        assert table.open == ["b"]
        table.complete("b")
        assert table.case.open == ["after"]

    def test_numbers_are_given_once(self, run: Start) -> None:
        table = Table(run(shared(into="who", result="=p"), ABC))
        table.remove("c")
        table.add("d")
        assert [task.loop_index for task in table.case.step.tasks] == [0, 1, 3]
        for login in "dba":
            table.complete(login)
        assert table.case.variables["who"] == ["a", "b", "d"]

    def test_the_boundary_timer_stays_one(self, run: Start) -> None:
        table = Table(run(shared(boundary("late", "m", timer(duration="PT1H")), path("late", "after")), ABC))
        table.add("d")
        table.complete("d")
        table.again("d")
        assert list(table.case.timers) == ["late"]
        table.case.wait(hours=2)
        assert table.case.open == ["after"]


class TestInOrder:
    ONE_BY_ONE: Mapping[str, Any] = {"sequential": True}

    def test_p_4_1_who_is_added_comes_last_and_his_turn_does_come(self, run: Start) -> None:
        # Trap 2.4: with others the extra turn finds no element.
        table = Table(run(shared(sequential=True), ABC))
        table.add("d", by="a")
        assert table.people == [("a", True), ("b", False), ("c", False), ("d", False)]
        assert table.numbers == (4, 1, 0)
        for login in "abcd":
            assert table.open == [login]
            table.complete(login)
        assert table.case.open == ["after"]

    def test_the_one_whose_turn_it_is_leaves_and_the_next_has_it(self, run: Start) -> None:
        table = Table(run(shared(sequential=True), ABC))
        table.remove("a")
        assert table.open == ["b"]
        assert table.numbers == (2, 1, 0)
        table.complete("b")
        table.remove("c")
        assert table.case.open == ["after"]

    def test_one_who_is_to_come_leaves(self, run: Start) -> None:
        table = Table(run(shared(sequential=True), ABC))
        table.add("d")
        table.remove("b")
        table.remove("d")
        assert table.people == [("a", True), ("c", False)]
        table.complete("a")
        table.remove("c")
        assert table.case.open == ["after"]

    def test_p_6_2_the_turn_goes_back_and_what_others_did_stays(self, run: Start) -> None:
        table = Table(run(shared(sequential=True, into="done", result="=p"), ABC))
        table.complete("a")
        table.complete("b")
        assert table.again("a")
        assert table.people == [("a", True), ("c", False)]
        assert table.numbers == (3, 1, 1)
        table.complete("a")
        assert table.open == ["c"]
        table.complete("c")
        assert table.case.variables["done"] == ["a", "b", "c"]

    def test_two_begin_again_and_the_earlier_one_goes_first(self, run: Start) -> None:
        table = Table(run(shared(sequential=True), ABC))
        table.complete("a")
        table.complete("b")
        assert table.again("a")
        assert not table.again("b")
        assert table.people == [("a", True), ("b", False), ("c", False)]
        for login in "abc":
            table.complete(login)
        assert table.case.open == ["after"]

    def test_who_joined_keeps_his_place_when_the_turn_goes_back(self, run: Start) -> None:
        table = Table(run(shared(sequential=True), {"people": ["a"]}))
        table.add("d", by="a")
        table.complete("a")
        table.again("a")
        assert [(each.login, each.added_by) for each in table.now().people()] == [("a", None), ("d", "a")]
        assert table.now().joined == 1
        table.remove("d")
        assert table.now().joined == 0


class TestItems:
    def test_objects_get_the_login_where_the_model_reads_it_and_nothing_else_of_another_person(
        self, run: Start
    ) -> None:
        people = [{"login": "a", "unit": "u1"}, {"login": "b", "unit": "u2"}]
        for in_order in (False, True):
            table = Table(run(shared(assignee="${p.login}", sequential=in_order), {"people": people}))
            table.add("d")
            table.complete("a")
            table.complete("b")
            assert table.case.task("m").local_variables["p"] == {"login": "d", "unit": None}

    @pytest.mark.parametrize(
        "marker",
        [multi(count="2"), multi(over="=people"), multi(over="=people", item="q")],
        ids=["count", "-", "other"],
    )
    def test_instances_that_stand_for_nobody_are_told_as_such(self, run: Start, marker: str) -> None:
        task = user("m", marker, assignee="${people[loopCounter]}")
        case = run(bpmn(start(), task, end(), path("start", "m", "end")), ABC)
        assert not Table(case).now().is_of_people

    def test_an_item_that_cannot_be_made_from_a_login_is_refused(self, run: Start) -> None:
        table = Table(run(shared(assignee='="u-" + p'), ABC))
        assert table.now().is_of_people
        with pytest.raises(Conflict, match="not one for each person"):
            table.now().add("x", "a")

    def test_other_tasks_have_no_participants(self, run: Start) -> None:
        case = run(shared(), {"people": ["a"]})
        over = case.task("m").token_id
        case.complete("m")
        assert case.execution.participation(case.task("after").token_id, now=case.now) is None
        lineage = Lineage.of(case.passages)
        assert case.execution.participation(over, now=case.now, lineage=lineage) is None
