"""P-6.1, P-6.2: each instance of a multi-instance is a ballot; a vote in one that is decided is taken back, also once all are over."""

from __future__ import annotations

from typing import Any

import pytest

from engine.commands.ballots.ballot_members import check_stranger
from engine.commands.delegating.recusal import DeclareRecusal
from engine.commands.returning.withdrawals import WithdrawTask, check_withdrawable
from engine.errors import Conflict
from engine.store import tables
from tests.integration.ballots.committee import Committee
from tests.integration.engine.house import bpmn, flows
from tests.integration.engine.rebuilding import assert_rebuilt


def house_of_ballots(*, in_order: bool = False, until: str = "", more: str = "") -> bytes:
    """One ballot for each of ``lots``, all people of ``a,b,c`` vote in each; then the clerk."""
    until = f"<completionCondition>{until}</completionCondition>" if until else ""
    return bpmn(
        '<startEvent id="start"/>'
        f'<userTask id="vote" name="会签" banjie:candidateUsers="a,b,c" banjie:ballot="count:2" {more}>'
        f'<multiInstanceLoopCharacteristics isSequential="{str(in_order).lower()}" banjie:collection="=lots" '
        'banjie:elementVariable="lot" banjie:outputCollection="results" banjie:outputElement="=lot + vote_outcome">'
        f"{until}</multiInstanceLoopCharacteristics></userTask>"
        '<userTask id="file" name="归档" banjie:assignee="clerk"/><endEvent id="end"/>'
        + flows("start-vote", "vote-file", "file-end"),
        key="lots",
    )


def opened(committee: Committee, lots: str = "xy", **options: Any) -> str:
    committee.deploy(house_of_ballots(**options))
    return committee.start("lots", lots=list(lots))


def seat(committee: Committee, instance_id: str, login: str, lot: str) -> dict[str, Any]:
    rows = committee.rows(tables.task, instance_id=instance_id, assignee=login)
    found = [row for row in rows if row["local_variables"].get("lot") == lot]
    return max(found, key=lambda row: (row["closed_at"] is None, row["state"] == "completed"))


def vote(committee: Committee, instance_id: str, lot: str, **choices: str) -> None:
    for login, outcome in choices.items():
        committee.complete(seat(committee, instance_id, login, lot), committee.actors[login], outcome)


def take_back(committee: Committee, instance_id: str, login: str, lot: str) -> dict[str, Any]:
    task_id = seat(committee, instance_id, login, lot)["id"]
    actor = committee.actors[login]
    committee.engine.ask(lambda context: check_withdrawable(context, task_id), actor=actor)
    return committee.engine.execute(WithdrawTask(task_id=task_id, reason="看错了"), actor=actor)


def open_seats(committee: Committee, instance_id: str) -> list[str]:
    rows = committee.open_tasks(instance_id)
    return sorted(f"{row['assignee']}{row['local_variables'].get('lot', '')}" for row in rows)


def states(committee: Committee, instance_id: str) -> list[tuple[str, str, int]]:
    rows = committee.rows(tables.ballot, instance_id=instance_id)
    return sorted((row["place"], row["state"], row["voted"]) for row in rows)


@pytest.mark.parametrize("who", ["a", "b"])
def test_p_6_1_a_vote_is_taken_back_when_all_ballots_are_over(committee: Committee, who: str) -> None:
    instance_id = opened(committee)
    vote(committee, instance_id, "x", a="approve", b="approve")
    vote(committee, instance_id, "y", a="approve", b="approve")
    assert open_seats(committee, instance_id) == ["clerk"]
    assert committee.variables(instance_id)["results"] == ["xapprove", "yapprove"]

    assert take_back(committee, instance_id, who, "y")["state"] == "assigned"

    # the other votes stay; who was not needed may vote; the results are gone again
    assert open_seats(committee, instance_id) == sorted([f"{who}y", "cy"])
    assert states(committee, instance_id) == [("vote[0]", "passed", 2), ("vote[1]", "open", 1)]
    assert "results" not in committee.variables(instance_id)
    assert_rebuilt(committee, instance_id)
    vote(committee, instance_id, "y", **{who: "reject"})
    vote(committee, instance_id, "y", c="reject")
    assert open_seats(committee, instance_id) == ["clerk"]
    assert committee.variables(instance_id)["results"] == ["xapprove", "yreject"]
    assert_rebuilt(committee, instance_id)


def test_p_6_1_also_in_the_ballot_that_was_decided_first(committee: Committee) -> None:
    instance_id = opened(committee)
    vote(committee, instance_id, "x", a="approve", b="approve")
    vote(committee, instance_id, "y", a="approve", b="approve")
    take_back(committee, instance_id, "a", "x")
    assert states(committee, instance_id) == [("vote[0]", "open", 1), ("vote[1]", "passed", 2)]
    take_back(committee, instance_id, "b", "y")  # and the other one, while the first is open
    assert states(committee, instance_id) == [("vote[0]", "open", 1), ("vote[1]", "open", 1)]
    vote(committee, instance_id, "x", a="approve")
    vote(committee, instance_id, "y", b="approve")
    assert open_seats(committee, instance_id) == ["clerk"]
    assert_rebuilt(committee, instance_id)


def test_p_6_2_ballots_that_were_not_needed_go_on_with_their_votes(committee: Committee) -> None:
    instance_id = opened(committee, lots="xyz", until="nrOfCompletedInstances &gt;= 1")
    vote(committee, instance_id, "z", c="approve")
    vote(committee, instance_id, "y", b="reject")
    vote(committee, instance_id, "x", a="approve", b="approve")
    assert open_seats(committee, instance_id) == ["clerk"]
    ids = {row["place"]: row["id"] for row in committee.rows(tables.ballot, instance_id=instance_id)}

    take_back(committee, instance_id, "b", "x")

    assert open_seats(committee, instance_id) == ["ay", "az", "bx", "bz", "cx", "cy"]
    assert states(committee, instance_id) == [("vote[0]", "open", 1), ("vote[1]", "open", 1), ("vote[2]", "open", 1)]
    assert {row["place"]: row["id"] for row in committee.rows(tables.ballot, instance_id=instance_id)} == ids
    assert_rebuilt(committee, instance_id)
    vote(committee, instance_id, "z", b="approve")
    assert committee.variables(instance_id)["results"] == ["zapprove"]
    assert_rebuilt(committee, instance_id)


def test_p_1_4_one_person_has_one_vote_in_a_ballot_that_is_open_again(committee: Committee) -> None:
    instance_id = opened(committee)
    for lot in "xy":
        vote(committee, instance_id, lot, a="approve", b="approve")
    take_back(committee, instance_id, "b", "y")
    ballot_id = seat(committee, instance_id, "b", "y")["ballot_id"]
    with pytest.raises(Conflict, match="one person has one vote"):
        committee.do(lambda context: check_stranger(context, ballot_id, "a"), "b")
    votes = committee.rows(tables.ballot_vote, ballot_id=ballot_id)
    assert [row["login"] for row in votes] == ["a"]


def test_p_6_1_not_after_somebody_has_acted_on_what_followed(committee: Committee) -> None:
    instance_id = opened(committee)
    vote(committee, instance_id, "x", a="approve", b="approve")
    vote(committee, instance_id, "y", a="approve", b="approve")
    committee.complete(committee.task(instance_id), committee.actors["clerk"])
    with pytest.raises(Conflict):
        take_back(committee, instance_id, "b", "y")


def test_p_6_1_while_other_ballots_of_the_node_are_open(committee: Committee) -> None:
    instance_id = opened(committee)
    vote(committee, instance_id, "y", c="approve")
    vote(committee, instance_id, "x", a="approve", b="approve")
    take_back(committee, instance_id, "b", "x")
    assert open_seats(committee, instance_id) == ["ay", "bx", "by", "cx"]
    assert states(committee, instance_id) == [("vote[0]", "open", 1), ("vote[1]", "open", 1)]
    vote(committee, instance_id, "x", c="reject", b="reject")
    vote(committee, instance_id, "y", a="approve")
    assert committee.variables(instance_id)["results"] == ["xreject", "yapprove"]
    assert_rebuilt(committee, instance_id)


def test_in_order_the_turn_comes_back_unless_somebody_has_voted_in_the_next_ballot(committee: Committee) -> None:
    instance_id = opened(committee, in_order=True)
    vote(committee, instance_id, "x", a="approve", b="approve")
    take_back(committee, instance_id, "b", "x")
    assert open_seats(committee, instance_id) == ["bx", "cx"]
    vote(committee, instance_id, "x", b="approve")
    vote(committee, instance_id, "y", c="approve")
    with pytest.raises(Conflict, match="c has already acted"):
        take_back(committee, instance_id, "b", "x")
    vote(committee, instance_id, "y", a="approve")
    take_back(committee, instance_id, "a", "x")  # all are over: the decision on y stays
    assert open_seats(committee, instance_id) == ["ax", "cx"]
    with pytest.raises(Conflict, match="an earlier one is open again"):
        take_back(committee, instance_id, "c", "y")
    vote(committee, instance_id, "x", a="reject", c="approve")
    assert committee.variables(instance_id)["results"] == ["xapprove", "yapprove"]
    assert_rebuilt(committee, instance_id)


def test_a_secret_ballot_tells_nothing_of_the_votes_that_stay(committee: Committee) -> None:
    instance_id = opened(committee, more='banjie:secret="true"')
    for lot in "xy":
        vote(committee, instance_id, lot, a="approve", b="approve")
    take_back(committee, instance_id, "b", "y")
    assert open_seats(committee, instance_id) == ["by", "cy"]
    vote(committee, instance_id, "y", c="reject", b="reject")
    assert committee.variables(instance_id)["results"] == ["xapprove", "yreject"]
    assert_rebuilt(committee, instance_id)


def test_who_was_recused_since_then_has_no_seat_in_what_goes_on(committee: Committee) -> None:
    instance_id = opened(committee, lots="xy", until="nrOfCompletedInstances &gt;= 1")
    vote(committee, instance_id, "y", a="approve")
    vote(committee, instance_id, "x", a="approve", b="approve")
    declared = DeclareRecusal(instance_id=instance_id, reason="亲属")
    committee.engine.execute(declared, actor=committee.actors["c"])
    take_back(committee, instance_id, "b", "x")
    assert open_seats(committee, instance_id) == ["bx", "by"]
    assert_rebuilt(committee, instance_id)
