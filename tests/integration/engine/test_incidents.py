"""A failing step leaves nothing behind and opens an incident that an administrator can read, retry or resolve."""

import pytest

from engine.access import Role
from engine.commands.returning.modification import JumpInstance
from engine.commands.running.incidents import ResolveIncident, RetryIncident
from engine.commands.running.instances import SetVariables
from engine.errors import Conflict, Forbidden, StepFailed
from tests.integration.engine.house import House, bpmn, flows
from tests.integration.engine.rebuilding import assert_rebuilt

FRAGILE = bpmn(
    '<startEvent id="s"/><userTask id="ask" name="询问" banjie:assignee="li"/>'
    '<exclusiveGateway id="route" name="金额" default="route_small"/><endEvent id="big"/><endEvent id="small"/>'
    + flows("s-ask", "ask-route", "route-big?amount > 1000", "route-small"),
    key="fragile",
)


def failed(house: House) -> tuple[str, str]:
    """An instance whose gateway asks for a variable that nobody set; returns its id and the incident's."""
    li = house.person("li")
    house.deploy(FRAGILE)
    instance_id = house.start("fragile")
    with pytest.raises(StepFailed) as error:
        house.complete(house.task(instance_id), li)
    return instance_id, error.value.facts["incident_id"]


FRAGILE_THEN_A_TASK = bpmn(
    '<startEvent id="s"/><parallelGateway id="both"/><userTask id="ask" banjie:assignee="li"/>'
    '<userTask id="beside" banjie:assignee="wang"/><exclusiveGateway id="route" default="route_small"/>'
    '<userTask id="big" banjie:assignee="wang"/><userTask id="small" banjie:assignee="wang"/>'
    '<endEvent id="e1"/><endEvent id="e2"/><endEvent id="e3"/>'
    + flows(
        "s-both",
        "both-ask",
        "both-beside",
        "ask-route",
        "route-big?amount > 1000",
        "route-small",
        "big-e1",
        "small-e2",
        "beside-e3",
    ),
    key="fragile",
)


def stuck(house: House) -> tuple[str, str]:
    """An instance of ``FRAGILE_THEN_A_TASK`` at its gateway; returns its id and the incident's."""
    li = house.person("li")
    instance_id = house.start("fragile")
    with pytest.raises(StepFailed) as error:
        house.complete(house.task(instance_id, "ask"), li)
    return instance_id, error.value.facts["incident_id"]


def test_the_step_is_rolled_back_and_the_incident_names_the_element(house: House) -> None:
    instance_id, incident_id = failed(house)
    assert house.task(instance_id)["element_id"] == "ask"
    assert "TaskCompleted" not in house.kinds(instance_id)
    assert house.state(instance_id) == "incident"
    (incident,) = house.queries.instances.incidents().rows
    assert incident["id"] == incident_id
    assert incident["element_id"] == "route"
    assert "amount" in incident["zh"]


def test_the_same_failure_again_is_the_same_incident(house: House) -> None:
    instance_id, incident_id = failed(house)
    with pytest.raises(StepFailed) as error:
        house.complete(house.task(instance_id), house.actors["li"])
    assert error.value.facts["incident_id"] == incident_id
    assert len(house.queries.instances.incidents().rows) == 1


def test_a_mended_instance_goes_on_when_the_incident_is_retried(house: House) -> None:
    instance_id, incident_id = failed(house)
    house.engine.execute(SetVariables(instance_id=instance_id, variables={"amount": 5000}), actor=house.admin)
    house.engine.execute(RetryIncident(incident_id=incident_id), actor=house.admin)
    assert house.state(instance_id) == "completed"
    completed = next(row for row in house.queries.instances.history(instance_id) if row["kind"] == "TaskCompleted")
    assert completed["actor"] == "li"
    assert house.queries.instances.incidents().rows == []


def test_a_retry_that_fails_again_leaves_the_incident_open(house: House) -> None:
    instance_id, incident_id = failed(house)
    with pytest.raises(StepFailed):
        house.engine.execute(RetryIncident(incident_id=incident_id), actor=house.admin)
    assert [row["id"] for row in house.queries.instances.incidents().rows] == [incident_id]
    assert house.state(instance_id) == "incident"


def test_an_incident_is_resolved_by_hand_with_a_reason_and_only_once(house: House) -> None:
    instance_id, incident_id = failed(house)
    house.engine.execute(ResolveIncident(incident_id=incident_id, comment="已电话说明"), actor=house.admin)
    assert house.state(instance_id) == "running"
    with pytest.raises(Conflict):
        house.engine.execute(ResolveIncident(incident_id=incident_id, comment="again"), actor=house.admin)


def closed(house: House, incident_id: str) -> tuple[str, str, str]:
    """State, who and why."""
    rows = house.queries.instances.incidents(state=None).rows
    row = next(row for row in rows if row["id"] == incident_id)
    return row["state"], row["resolved_by"], row["comment"]


def test_an_incident_that_a_later_success_overtakes_is_closed_by_it(house: House) -> None:
    instance_id, incident_id = failed(house)
    house.engine.execute(SetVariables(instance_id=instance_id, variables={"amount": 5}), actor=house.admin)
    assert house.state(instance_id) == "incident"  # mended, but nobody has gone on yet
    house.complete(house.task(instance_id), house.actors["li"])
    assert house.state(instance_id) == "completed"
    assert closed(house, incident_id) == ("resolved", "li", "流程实例已结束")
    assert_rebuilt(house, instance_id)


def test_an_incident_is_closed_when_its_element_is_passed_and_the_instance_runs_again(house: House) -> None:
    house.person("wang")
    house.deploy(FRAGILE_THEN_A_TASK)
    instance_id, incident_id = stuck(house)
    house.engine.execute(SetVariables(instance_id=instance_id, variables={"amount": 5}), actor=house.admin)
    house.complete(house.task(instance_id, "ask"), house.actors["li"])
    assert (house.state(instance_id), closed(house, incident_id)) == ("running", ("resolved", "li", "该步骤后来已走通"))
    assert_rebuilt(house, instance_id)
    with pytest.raises(Conflict, match="already resolved by li"):
        house.engine.execute(RetryIncident(incident_id=incident_id), actor=house.admin)


def test_an_incident_stays_open_when_another_branch_goes_on(house: House) -> None:
    house.person("wang")
    house.deploy(FRAGILE_THEN_A_TASK)
    instance_id, incident_id = stuck(house)
    house.complete(house.task(instance_id, "beside"), house.actors["wang"])
    assert (house.state(instance_id), closed(house, incident_id)[0]) == ("incident", "open")


def test_an_incident_is_closed_when_the_task_from_which_it_was_tried_is_left_another_way(house: House) -> None:
    house.person("wang")
    house.deploy(FRAGILE_THEN_A_TASK)
    instance_id, incident_id = stuck(house)
    token_id = house.task(instance_id, "ask")["token_id"]
    jump = JumpInstance(instance_id=instance_id, token_id=token_id, target="small", reason="改走小额")
    house.engine.execute(jump, actor=house.admin)
    assert (house.state(instance_id), closed(house, incident_id)[2]) == ("running", "出错的任务已办结或已不再等待")


def test_only_administrators_touch_incidents(house: House) -> None:
    _, incident_id = failed(house)
    auditor = house.person("auditor", roles=(Role.AUDITOR,))
    for command in (RetryIncident(incident_id=incident_id), ResolveIncident(incident_id=incident_id, comment="x")):
        with pytest.raises(Forbidden):
            house.engine.execute(command, actor=auditor)


def test_a_start_that_fails_leaves_no_instance(house: House) -> None:
    house.deploy(
        bpmn(
            '<startEvent id="s"/><exclusiveGateway id="g"/><endEvent id="a"/><endEvent id="b"/>'
            + flows("s-g", "g-a?x > 1", "g-b?x <= 1"),
            key="at_once",
        )
    )
    with pytest.raises(StepFailed):
        house.start("at_once")
    assert house.queries.instances.all().rows == []
    assert house.queries.instances.incidents().rows == []
