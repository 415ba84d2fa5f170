"""Random people join, leave, complete and begin again at a multi-instance task, also once it was over, against a list of who is
done."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.bpmn.driving import Run
from tests.unit.bpmn.test_participants import Table, shared

HALF = "nrOfCompletedInstances / nrOfInstances >= 0.5"
MOVES = st.lists(
    st.tuples(st.sampled_from(["add", "remove", "complete", "complete", "again"]), st.integers(0, 9)), max_size=18
)


@dataclass
class Oracle:
    """People in the order of their numbers; in order the first who is not done acts, else everybody who is not."""

    in_order: bool
    half: bool
    people: list[str]
    done: set[str] = field(default_factory=set)
    answers: dict[str, int] = field(default_factory=dict)
    over: bool = False

    @property
    def left(self) -> list[str]:
        return [login for login in self.people if login not in self.done]

    @property
    def open(self) -> list[str]:
        return self.left[:1] if self.in_order else self.left

    def count(self) -> None:
        """Somebody completed or left."""
        enough = self.half and 2 * len(self.done) >= len(self.people)
        self.over = bool(self.done) and (enough or not self.left)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.booleans(), st.booleans(), st.booleans(), st.integers(1, 4), MOVES)
def test_whoever_joins_leaves_or_begins_again_the_rest_is_right(
    in_order: bool, half: bool, reload: bool, size: int, moves: list[tuple[str, int]]
) -> None:
    oracle = Oracle(in_order, half, [f"p{number}" for number in range(size)])
    model = shared(sequential=in_order, into="answers", result="=answer", **({"until": HALF} if half else {}))
    case = Run(model, {"people": list(oracle.people)}, reload=reload)
    table = Table(case)
    for number, (move, which) in enumerate(moves):
        _do(table, oracle, move, which, number)
        if oracle.over:
            assert case.open == ["after"]
            done = [oracle.answers[login] for login in oracle.people if login in oracle.done]
            assert case.variables["answers"] == done
            login = sorted(oracle.done)[which % len(oracle.done)]
            table.take_back(login)
            oracle.done.remove(login)
            oracle.over = False
            assert "answers" not in case.variables
        assert sorted(map(str, table.open)) == sorted(oracle.open)
        assert [login for login, _ in table.people] == oracle.left
        assert table.numbers == (len(oracle.people), len(oracle.open), len(oracle.done))


def _do(table: Table, oracle: Oracle, move: str, which: int, number: int) -> None:
    if move == "add":
        login = f"n{number}"
        table.add(login)
        oracle.people.append(login)
    elif move == "remove" and len(oracle.people) > 1:
        login = oracle.left[which % len(oracle.left)]
        table.remove(login)
        oracle.people.remove(login)
        oracle.count()
    elif move == "complete":
        login = oracle.open[which % len(oracle.open)]
        table.complete(login, answer=number)
        oracle.done.add(login)
        oracle.answers[login] = number
        oracle.count()
    elif move == "again" and oracle.done:
        login = sorted(oracle.done)[which % len(oracle.done)]
        table.again(login)
        oracle.done.remove(login)
