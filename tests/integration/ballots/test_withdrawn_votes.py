"""P-6.1, P-4.1: a vote or decision that waits for signatures after it is taken back; whoever signs, signs what is decided anew."""

from __future__ import annotations

from typing import Any

import pytest

from engine.commands.delegating.signers import AddSigners
from engine.commands.returning.returns import ReturnTask
from engine.commands.returning.withdrawals import WithdrawTask
from engine.errors import Conflict
from engine.store import tables
from tests.integration.ballots.committee import Committee
from tests.integration.engine.house import bpmn, flows
from tests.integration.engine.rebuilding import assert_rebuilt


def sign_after(committee: Committee, task: dict[str, Any], by: str, *people: str, **options: Any) -> None:
    command = AddSigners(task_id=task["id"], people=people, position="after", **options)
    committee.engine.execute(command, actor=committee.actors[by])


def withdraw(committee: Committee, task: dict[str, Any], by: str) -> dict[str, Any]:
    return committee.engine.execute(WithdrawTask(task_id=task["id"], reason="看错了"), actor=committee.actors[by])


def test_p_6_1_a_vote_that_waits_for_signatures_is_taken_back_and_signed_anew(committee: Committee) -> None:
    instance_id = committee.open("all", people="a,b")
    mine = committee.seat(instance_id, "a")
    sign_after(committee, mine, "a", "d", "e", in_order=True)
    committee.cast(instance_id, "a", "approve")
    assert committee.seated(instance_id) == ["b", "d"]

    assert withdraw(committee, mine, "a")["state"] == "assigned"

    assert committee.seated(instance_id) == ["a", "b"]  # nobody is asked to sign what does not stand any more
    committee.cast(instance_id, "a", "approve")
    assert committee.seated(instance_id) == ["b", "d"]
    committee.complete(committee.seat(instance_id, "d"), committee.actors["d"])
    committee.complete(committee.seat(instance_id, "e"), committee.actors["e"])
    committee.cast(instance_id, "b", "approve")
    assert committee.task(instance_id)["element_id"] == "yes"
    assert_rebuilt(committee, instance_id)


def test_p_6_1_a_signed_vote_is_signed_again_when_it_is_cast_again(committee: Committee) -> None:
    instance_id = committee.open("all", people="a,b")
    mine = committee.seat(instance_id, "a")
    sign_after(committee, mine, "a", "d", power="decide")
    committee.cast(instance_id, "a", "approve")
    committee.complete(committee.seat(instance_id, "d"), committee.actors["d"], "approve")

    withdraw(committee, mine, "a")
    committee.cast(instance_id, "a", "approve")

    assert committee.seated(instance_id) == ["b", "d"]
    committee.complete(committee.seat(instance_id, "d"), committee.actors["d"], "reject")
    assert committee.task(instance_id)["element_id"] == "no"
    assert_rebuilt(committee, instance_id)


@pytest.mark.parametrize("signed", [False, True])
def test_p_6_1_a_plain_decision_likewise(committee: Committee, signed: bool) -> None:
    body = (
        '<startEvent id="s"/><userTask id="check" name="审核" banjie:assignee="a" banjie:outcomes="agree,refuse"/>'
        '<userTask id="file" name="归档" banjie:assignee="clerk"/><endEvent id="e"/>'
        + flows("s-check", "check-file", "file-e")
    )
    committee.deploy(bpmn(body, key="plain"))
    instance_id = committee.start("plain")
    mine = committee.seat(instance_id, "a")
    sign_after(committee, mine, "a", "d")
    committee.complete(mine, committee.actors["a"], "agree")
    if signed:
        committee.complete(committee.seat(instance_id, "d"), committee.actors["d"])
        assert committee.seated(instance_id) == ["clerk"]

    assert withdraw(committee, mine, "a")["state"] == "assigned"

    assert committee.seated(instance_id) == ["a"]
    committee.complete(committee.seat(instance_id, "a"), committee.actors["a"], "agree")
    assert committee.seated(instance_id) == ["d"]
    committee.complete(committee.seat(instance_id, "d"), committee.actors["d"])
    assert committee.seated(instance_id) == ["clerk"]
    assert_rebuilt(committee, instance_id)


def test_p_6_2_after_the_decision_the_signed_vote_alone_is_asked_again(committee: Committee) -> None:
    instance_id = committee.open("all", people="a,b")
    mine = committee.seat(instance_id, "a")
    committee.cast(instance_id, "b", "approve")
    sign_after(committee, mine, "a", "d")
    committee.cast(instance_id, "a", "approve")
    committee.complete(committee.seat(instance_id, "d"), committee.actors["d"])
    assert committee.task(instance_id)["element_id"] == "yes"

    withdraw(committee, mine, "a")

    assert committee.seated(instance_id) == ["a"]
    committee.cast(instance_id, "a", "approve")
    assert committee.seated(instance_id) == ["d"]
    committee.complete(committee.seat(instance_id, "d"), committee.actors["d"])
    assert committee.task(instance_id)["element_id"] == "yes"
    assert_rebuilt(committee, instance_id)


def test_p_3_5_p_6_2_a_ballot_to_which_the_case_came_back_is_opened_again_by_a_withdrawal(
    committee: Committee,
) -> None:
    """A returning token: the second round has a token, rows and votes of its own, and the first stays as it was."""
    instance_id = committee.open("all", people="a,b")
    for login in "ab":
        committee.cast(instance_id, login, "approve")
    back = ReturnTask(task_id=committee.task(instance_id)["id"], target="vote", reason="重议")
    committee.engine.execute(back, actor=committee.actors["clerk"])
    committee.cast(instance_id, "a", "approve")
    mine = committee.seat(instance_id, "b")
    committee.cast(instance_id, "b", "approve")
    assert committee.task(instance_id)["element_id"] == "yes"

    withdraw(committee, mine, "b")

    first, second = sorted(committee.rows(tables.ballot, instance_id=instance_id), key=lambda row: row["round"])
    assert (first["state"], second["state"]) == ("passed", "open")
    assert first["token_id"] != second["token_id"] == mine["token_id"]
    assert committee.seated(instance_id) == ["b"]  # a has voted in this round
    committee.cast(instance_id, "b", "reject")
    assert committee.task(instance_id)["element_id"] == "no"
    votes = {(row["ballot_id"], row["login"]): row["choice"] for row in committee.rows(tables.ballot_vote)}
    assert votes[first["id"], "b"] == "approve"
    assert votes[second["id"], "b"] == "reject"
    assert_rebuilt(committee, instance_id)


def test_p_6_1_who_decided_before_a_return_does_not_take_it_back(committee: Committee) -> None:
    instance_id = committee.open("all", people="a,b")
    mine = committee.seat(instance_id, "a")
    for login in "ba":
        committee.cast(instance_id, login, "approve")
    back = ReturnTask(task_id=committee.task(instance_id)["id"], target="vote", reason="重议")
    committee.engine.execute(back, actor=committee.actors["clerk"])

    with pytest.raises(Conflict):
        withdraw(committee, mine, "a")  # the vote of the first round, while the second is open
    assert committee.seated(instance_id) == ["a", "b"]


def test_p_6_1_when_the_turn_goes_back_nobody_goes_on_signing_for_whoever_had_it(committee: Committee) -> None:
    instance_id = committee.open("sequential", people="a,b")
    mine = committee.seat(instance_id, "a")
    committee.cast(instance_id, "a", "approve")
    command = AddSigners(task_id=committee.seat(instance_id, "b")["id"], people=("d",), position="before")
    committee.engine.execute(command, actor=committee.actors["b"])
    assert committee.seated(instance_id) == ["d"]

    withdraw(committee, mine, "a")

    assert committee.seated(instance_id) == ["a"]
    committee.cast(instance_id, "a", "approve")
    committee.cast(instance_id, "b", "approve")
    assert committee.task(instance_id)["element_id"] == "yes"
    assert_rebuilt(committee, instance_id)
