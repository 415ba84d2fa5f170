"""A task of one person is refused: its node says what that leads to, as a ballot's does (P-2.1, D2)."""

from __future__ import annotations

import pytest

from engine.commands.returning.withdrawals import WithdrawTask
from engine.commands.running.prediction import predict
from engine.commands.tasks.handling import CompleteTask
from engine.errors import Conflict, ModelRefused
from tests.integration.engine.house import House, bpmn, flows


def office(house: House, way: str, more: str = "") -> str:
    """Draft (clerk), check (wang), approval (li) beside a branch of zhao; returns the instance at the approval."""
    for login in ("clerk", "wang", "li", "zhao"):
        house.person(login)
    own_way = way.startswith("flow:")
    house.deploy(
        bpmn(
            '<startEvent id="start"/><userTask id="draft" name="起草" banjie:assignee="clerk"/><parallelGateway id="fork"/>'
            '<userTask id="beside" name="并行" banjie:assignee="zhao"/>'
            '<userTask id="check" name="审核" banjie:assignee="wang"/>'
            f'<userTask id="approve" name="审批" banjie:assignee="li" banjie:onReject="{way}" {more} '
            'banjie:outcomes="agree:同意,refuse:不同意"/><parallelGateway id="join"/><endEvent id="end"/>'
            + ('<userTask id="tell" banjie:assignee="clerk"/><endEvent id="told"/>' if own_way else "")
            + flows("start-draft", "draft-fork", "fork-beside", "fork-check", "check-approve", "beside-join")
            + flows("approve-join", "join-end")
            + (flows("approve-tell", "tell-told") if own_way else "")
        )
    )
    instance = house.start("leave")
    house.complete(house.task(instance, "draft"), house.actors["clerk"])
    house.complete(house.task(instance, "check"), house.actors["wang"])
    return instance


def refuse(house: House, instance: str) -> str:
    task_id = str(house.task(instance, "approve")["id"])
    command = CompleteTask(task_id=task_id, outcome="refuse", comment="材料不符")
    house.engine.execute(command, actor=house.actors["li"])
    return task_id


def waiting(house: House, instance: str) -> list[str]:
    return sorted(row["element_id"] for row in house.open_tasks(instance))


def test_d2_p_2_1_a_refusal_ends_the_process_where_the_node_says_so(house: House) -> None:
    instance = office(house, "end")

    refuse(house, instance)

    row = house.queries.instances.get(instance)
    assert row is not None
    assert (row["state"], row["outcome"], waiting(house, instance)) == ("terminated", "refuse", [])
    (beside,) = (each for each in house.queries.tasks.of_instance(instance) if each["element_id"] == "beside")
    assert (beside["state"], beside["closed_by"]) == ("cancelled", "li")  # P-2.2: each keeps who caused it


@pytest.mark.parametrize(("more", "comes_back_to"), [("", "check"), ('banjie:resubmit="straight"', "approve")])
def test_p_2_1_p_3_6_a_refusal_returns_and_comes_back_as_the_node_says(
    house: House, more: str, comes_back_to: str
) -> None:
    instance = office(house, "return:draft", more)

    task_id = refuse(house, instance)

    # then the case is back at the draft with the refuser's words, and what it had forked into is gone
    assert waiting(house, instance) == ["draft"]
    (told,) = (row for row in house.queries.instances.history(instance, limit=1000) if row["kind"] == "TaskReturned")
    assert told["data"]["reason"] == "「审批」未同意：材料不符"
    # and nobody takes back what has returned
    with pytest.raises(Conflict, match="cannot be taken back"):
        house.engine.execute(WithdrawTask(task_id=task_id, reason="点错了"), actor=house.actors["li"])
    # and it comes back
    house.complete(house.task(instance, "draft"), house.actors["clerk"])
    assert waiting(house, instance) == sorted(["beside", comes_back_to])


def test_p_2_1_a_refusal_takes_the_flow_that_is_kept_for_it_and_an_approval_never_does(house: House) -> None:
    instance = office(house, "flow:approve_tell")
    refuse(house, instance)
    assert waiting(house, instance) == ["beside", "tell"]

    second = house.start("leave")
    house.complete(house.task(second, "draft"), house.actors["clerk"])
    house.complete(house.task(second, "check"), house.actors["wang"])
    house.complete(house.task(second, "approve"), house.actors["li"], "agree")
    assert waiting(house, second) == ["beside"]


def test_p_2_1_what_refuses_itself_takes_the_same_way(house: House) -> None:
    """C12: nobody is found and the node says fail."""
    house.deploy(
        bpmn(
            '<startEvent id="start"/><userTask id="approve" banjie:who="field(boss)" banjie:onEmpty="fail" '
            'banjie:outcomes="agree,refuse" banjie:onReject="end"/><endEvent id="end"/>'
            + flows("start-approve", "approve-end")
        )
    )
    instance = house.start("leave", boss="")
    assert house.state(instance) == "terminated"


@pytest.mark.parametrize(
    ("way", "code"),
    [("stop", "refusal-unreadable"), ("return:nowhere", "ballot-return-unknown"), ("flow:no", "ballot-flow-invalid")],
)
def test_p_2_1_a_way_that_does_not_exist_is_refused_at_the_upload(house: House, way: str, code: str) -> None:
    with pytest.raises(ModelRefused) as refused:
        office(house, way)
    assert code in str(refused.value.facts)


def test_p_2_1_which_way_a_refusal_takes_is_in_doubt_until_it_is_decided(house: House) -> None:
    instance = office(house, "flow:approve_tell")
    ahead = house.engine.ask(lambda context: predict(context, instance), actor=house.admin)["next"]
    assert {step["element_id"]: step["certain"] for step in ahead} == {"tell": False}
