"""Whoever completed an instance of a multi-instance that is over takes it back, while nobody has acted on what follows (P-6.1, P-6.2)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from engine.commands.delegating.delegations import DelegateTask
from engine.commands.delegating.recusal import DeclareRecusal
from engine.commands.delegating.signers import AddSigners
from engine.commands.returning.returns import ReturnTask
from engine.commands.returning.withdrawals import WithdrawTask, check_withdrawable
from engine.commands.running.service_tasks import VERBS, verb
from engine.commands.tasks.handling import AssignTask
from engine.errors import Conflict
from tests.integration.engine.house import House, bpmn, flows
from tests.integration.engine.multi_instance import Office, shared

TWO = "nrOfCompletedInstances >= 2"
EVERYBODY = ("qian", "sun", "li")


def done(house: House, *people: str, **model: object) -> Office:
    """The node is over, by what these people have completed."""
    office = Office(house, shared(**model))  # type: ignore[arg-type]
    for login in people:
        office.complete(login)
    assert office.open == ["after"]
    return office


@pytest.mark.parametrize("in_order", [False, True])
def test_p_6_1_the_last_one_takes_back_and_only_his_is_open_again(house: House, in_order: bool) -> None:
    office = done(house, *EVERYBODY, in_order=in_order)
    after, mine = house.task(office.id, "after")["id"], office.task("li")["id"]
    answer = office.withdraw("li")
    assert (answer["id"], answer["state"], answer["assignee"]) == (mine, "assigned", "li")
    assert office.open == ["li"]
    assert office.people == [("qian", "completed"), ("sun", "completed"), ("li", "assigned")]
    assert "opinions" not in house.engine.variables(office.id)
    told = office.told("DecisionWithdrawn")[0]
    assert (told["reason"], told["undone"]) == ("填错了", [after])
    office.complete("li", "refuse")
    assert office.variable("opinions") == ["agree", "agree", "refuse"]


def test_p_6_1_who_was_not_the_last_takes_back_too(house: House) -> None:
    office = done(house, *EVERYBODY)
    office.withdraw("qian")
    office.withdraw("sun")
    assert office.people == [("qian", "assigned"), ("sun", "assigned"), ("li", "completed")]
    for login in ("sun", "qian"):
        office.complete(login)
    assert office.open == ["after"]


def test_p_6_1_those_whom_the_condition_cancelled_have_their_tasks_again(house: House) -> None:
    office = Office(house, shared(until=TWO))
    before = office.task("li")["id"]
    office.complete("sun")
    office.complete("qian")
    assert office.task("li")["state"] == "cancelled"
    office.withdraw("qian")
    assert (office.open, office.task("li")["id"]) == (["li", "qian"], before)
    seen = house.engine.variables(office.id, before)
    assert (seen["nrOfCompletedInstances"], seen["nrOfActiveInstances"], seen["nrOfInstances"]) == (1, 2, 3)
    office.complete("li", "refuse")
    assert (office.open, office.variable("opinions")) == (["after"], ["agree", "refuse"])


def test_p_6_2_a_task_that_was_handed_on_is_again_with_whoever_had_it(house: House) -> None:
    office = Office(house, shared(until=TWO))
    office.act("li", AssignTask(task_id=office.task("li")["id"], assignee="zhou"))
    for login in ("qian", "sun"):
        office.complete(login)
    office.withdraw("sun")
    assert office.open == ["sun", "zhou"]


def test_p_6_2_a_task_that_nobody_had_claimed_is_offered_again(house: House) -> None:
    office = Office(house, shared(until=TWO, attributes=' banjie:assignee="=null" banjie:candidateUsers="${p}, wu"'))
    for login in ("qian", "sun"):
        task = next(row for row in house.open_tasks(office.id) if login in row["candidate_users"])
        house.complete(task, house.actors[login], "agree")
    done = [row for row in house.queries.tasks.of_instance(office.id) if row["state"] == "completed"]
    mine = next(row for row in done if row["closed_by"] == "sun")
    office.act("sun", WithdrawTask(task_id=mine["id"], reason="填错了"))
    offered = [row for row in house.open_tasks(office.id) if row["state"] == "offered"]
    assert [row["candidate_users"] for row in offered] == [["li", "wu"]]
    house.claim(offered[0], house.actors["wu"])


def test_p_6_2_what_holders_had_asked_of_others_stays_taken_back(house: House) -> None:
    office = Office(house, shared(until=TWO))
    before = AddSigners(task_id=office.task("li")["id"], people=("zhou",), position="before", power="advise")
    office.act("li", before)
    for login in ("qian", "sun"):
        office.complete(login)
    office.withdraw("sun")
    assert (office.open, office.task("li")["state"]) == (["li", "sun"], "assigned")
    office.complete("li")
    assert office.open == ["after"]


def test_an_answer_that_waited_for_a_signature_is_decided_anew_and_signed(house: House) -> None:
    office = Office(house, shared(until=TWO))
    office.act("li", AddSigners(task_id=office.task("li")["id"], people=("zhou",), position="after", power="advise"))
    for login in ("li", "qian", "sun"):
        office.complete(login)
    office.withdraw("sun")
    assert office.open == ["li", "sun"]
    office.complete("li")
    assert office.open == ["sun", "zhou"]


def test_whoever_was_recused_meanwhile_does_not_get_his_again(house: House) -> None:
    office = Office(house, shared(until=TWO, attributes=' banjie:onExcluded="users:wu" banjie:onEmpty="users:wu"'))
    for login in ("qian", "sun"):
        office.complete(login)
    office.act("admin", DeclareRecusal(instance_id=office.id, reason="亲属", login="li"))
    office.withdraw("sun")
    assert office.open == ["sun", "wu"]


def test_what_was_sent_is_there_again_as_a_draft(house: House) -> None:
    office = Office(house, shared())
    for login in EVERYBODY:
        house.complete(office.task(login), house.actors[login], "agree", floor=3)
    office.withdraw("li")
    draft = house.queries.drafts.get(house.actors["li"], "task", office.task("li")["id"])
    assert draft is not None
    assert draft["data"] == {"values": {"floor": 3}, "comment": ""}


def test_who_was_added_and_closed_the_node_takes_back_and_may_still_be_removed(house: House) -> None:
    office = Office(house, shared())
    office.add("qian", "zhou")
    for login in (*EVERYBODY, "zhou"):
        office.complete(login)
    office.withdraw("zhou")
    assert office.people[-1] == ("zhou", "assigned")
    office.remove("qian", "zhou")
    assert office.open == ["after"]


def test_trap_2_6_not_once_somebody_has_acted_on_what_follows(house: House) -> None:
    office = done(house, *EVERYBODY)
    office.act("zhao", AddSigners(task_id=house.task(office.id, "after")["id"], people=("wu",), position="before"))
    wu = next(row for row in house.open_tasks(office.id) if row["assignee"] == "wu")
    house.complete(wu, house.actors["wu"])
    with pytest.raises(Conflict) as refused:
        office.withdraw("li")
    assert refused.value.facts["reason"] == "acted"


def test_the_page_asks_what_the_command_would_refuse_while_it_runs_and_after_it(house: House) -> None:
    office = Office(house, shared())
    office.complete("qian")
    ask = office.task("qian")["id"]

    def may() -> None:
        house.engine.ask(lambda context: check_withdrawable(context, ask), actor=house.actors["qian"])

    may()
    for login in ("sun", "li"):
        office.complete(login)
    may()
    after = house.task(office.id, "after")["id"]
    office.act("zhao", DelegateTask(task_id=after, to="wu", question="?"))
    with pytest.raises(Conflict, match="has asked others"):
        may()


@pytest.mark.parametrize("several", [False, True])
def test_p_6_1_not_where_the_node_would_be_left_at_once_because_its_date_is_over(house: House, several: bool) -> None:
    loop = '<multiInstanceLoopCharacteristics banjie:collection="=people" banjie:elementVariable="p"/>'
    date = (house.now + timedelta(hours=1)).isoformat()
    house.person("qian")
    house.deploy(
        bpmn(
            f'<startEvent id="s"/><userTask id="m" name="会办" banjie:assignee="{"${p}" if several else "qian"}">'
            f'{loop if several else ""}</userTask><boundaryEvent id="late" attachedToRef="m"><timerEventDefinition>'
            f"<timeDate>{date}</timeDate></timerEventDefinition></boundaryEvent>"
            '<userTask id="after" banjie:assignee="qian"/><userTask id="other" banjie:assignee="qian"/><endEvent id="e"/>'
            + flows("s-m", "m-after", "after-e", "late-other", "other-e")
        )
    )
    instance_id = house.start("leave", people=["qian"])
    task = house.task(instance_id)
    house.complete(task, house.actors["qian"])
    house.now += timedelta(hours=2)
    with pytest.raises(Conflict, match="its time is over"):
        house.engine.execute(WithdrawTask(task_id=task["id"], reason="填错了"), actor=house.actors["qian"])
    assert (house.state(instance_id), house.task(instance_id)["element_id"]) == ("running", "after")


def test_trap_2_6_p_6_1_nothing_irreversible_lies_between(house: House) -> None:
    @verb("test.issue", "发证", "Issue the licence")
    def issue(context: object, moving: object, call: object) -> Mapping[str, Any]:
        return {}

    try:
        model = shared().replace(b'targetRef="after"', b'targetRef="issue"', 1)
        issuing = '<serviceTask id="issue" banjie:verb="test.issue"/>' + flows("issue-after")
        office = Office(house, model.replace(b"</process>", issuing.encode() + b"</process>"))
        for login in EVERYBODY:
            office.complete(login)
        with pytest.raises(Conflict, match="Issue the licence"):
            office.withdraw("li")
        # nor after the way straight back over it, which has done it once for both rounds
        back = ReturnTask(task_id=house.task(office.id, "after")["id"], target="m", reason="补正", resubmit="straight")
        office.act("zhao", back)
        for login in EVERYBODY:
            office.complete(login)
        with pytest.raises(Conflict, match="Issue the licence"):
            office.withdraw("li")
    finally:
        VERBS.pop("test.issue")
