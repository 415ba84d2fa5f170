"""Who takes back what he completed at BPMN's own multi-instance, while it runs and after it (P-6.1, P-6.2, trap 2.6)."""

from __future__ import annotations

import pytest

from engine.commands.returning.returns import ReturnTask
from engine.commands.returning.withdrawals import WithdrawTask
from engine.errors import Conflict, Forbidden, NotFound
from tests.integration.engine.house import House
from tests.integration.engine.multi_instance import Office, shared

# ---------------------------------------------------------------- withdraw


def test_trap_2_6_p_6_1_p_6_2_only_mine_is_open_again_while_the_multi_instance_runs(house: House) -> None:
    office = Office(house, shared())
    office.complete("qian", "refuse")
    office.complete("sun")
    task = office.task("qian")["id"]
    answer = office.withdraw("qian")
    assert (answer["id"], answer["state"], answer["assignee"]) == (task, "assigned", "qian")
    assert office.people == [("qian", "assigned"), ("sun", "completed"), ("li", "assigned")]
    seen = house.engine.variables(office.id, office.task("qian")["token_id"])
    assert (seen["nrOfCompletedInstances"], seen["nrOfActiveInstances"]) == (1, 2)
    office.complete("li")
    office.complete("qian")
    assert office.variable("opinions") == ["agree", "agree", "agree"]


def test_what_was_sent_is_there_again_as_a_draft(house: House) -> None:
    office = Office(house, shared())
    house.complete(office.task("sun"), house.actors["sun"], "agree", floor=3)
    office.withdraw("sun")
    draft = house.queries.drafts.get(house.actors["sun"], "task", office.task("sun")["id"])
    assert draft is not None
    assert draft["data"] == {"values": {"floor": 3}, "comment": ""}


def test_p_3_2_once_the_node_is_over_the_next_one_returns_the_whole_of_it(house: House) -> None:
    office = Office(house, shared())
    for login in ("qian", "sun", "li"):
        office.complete(login)
    command = ReturnTask(task_id=house.task(office.id, "after")["id"], target="m", reason="重新会办")
    office.act("zhao", command)
    assert office.open == ["li", "qian", "sun"]


def test_p_6_1_not_where_the_model_forbids_it(house: House) -> None:
    office = Office(house, shared(attributes=' banjie:allow="-withdraw"'))
    office.complete("qian")
    with pytest.raises(Conflict):
        office.withdraw("qian")


def test_in_order_the_turn_goes_back_and_what_others_did_stays(house: House) -> None:
    office = Office(house, shared(in_order=True))
    office.complete("qian")
    office.complete("sun")
    office.withdraw("qian")
    assert office.people == [("qian", "assigned"), ("sun", "completed"), ("li", "planned")]
    assert office.task("li")["state"] == "cancelled"
    office.complete("qian")
    assert office.open == ["li"]
    office.complete("li")
    assert office.variable("opinions") == ["agree", "agree", "agree"]


def test_in_order_two_take_back_and_the_earlier_one_goes_first(house: House) -> None:
    office = Office(house, shared(in_order=True))
    office.complete("qian")
    office.complete("sun")
    office.withdraw("qian")
    assert office.withdraw("sun")["state"] == "cancelled"
    assert office.people == [("qian", "assigned"), ("sun", "planned"), ("li", "planned")]
    for login in ("qian", "sun", "li"):
        office.complete(login)
    assert office.open == ["after"]


def test_who_was_added_takes_back_too_and_stays_whom_somebody_added(house: House) -> None:
    office = Office(house, shared())
    office.add("qian", "zhou")
    office.complete("zhou")
    office.withdraw("zhou")
    office.remove("qian", "zhou")
    assert office.open == ["li", "qian", "sun"]


def test_nobody_takes_back_what_another_did(house: House) -> None:
    office = Office(house, shared())
    office.complete("sun")
    with pytest.raises((Forbidden, NotFound)):
        office.act("qian", WithdrawTask(task_id=office.task("sun")["id"], reason="x"))
