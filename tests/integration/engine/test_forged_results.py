"""What somebody decided is written by the engine alone: nobody sends another's decision along with his own work."""

import pytest

from engine.errors import InvalidInput
from tests.integration.engine.house import House, bpmn, flows

# Two in parallel: the leader decides, the clerk only registers; then the decision is read.
PARALLEL = bpmn(
    '<startEvent id="s" banjie:initiator="asker"/><parallelGateway id="fork"/>'
    '<userTask id="decide" name="审批" banjie:assignee="li" banjie:outcomes="agree:同意,refuse:不同意"/>'
    '<userTask id="register" name="登记" banjie:assignee="clerk"/><parallelGateway id="join"/>'
    '<exclusiveGateway id="way"/><endEvent id="yes"/><endEvent id="no"/>'
    + flows("s-fork", "fork-decide", "fork-register", "decide-join", "register-join", "join-way")
    + flows('way-yes?decide_outcome = "agree"', 'way-no?decide_outcome != "agree"'),
    key="parallel",
)


@pytest.mark.parametrize("name", ["decide_outcome", "decide_votes", "decide_answers", "asker"])
def test_no_task_writes_what_another_decided_or_who_started(house: House, name: str) -> None:
    house.person("li")
    clerk = house.person("clerk")
    house.deploy(PARALLEL)
    instance_id = house.start("parallel")
    house.complete(house.task(instance_id, "decide"), house.actors["li"], "refuse")

    with pytest.raises(InvalidInput) as refused:
        house.complete(house.task(instance_id, "register"), clerk, **{name: "agree"})

    assert list(refused.value.facts["fields"]) == [name]
    house.complete(house.task(instance_id, "register"), clerk, remark="filed", register_outcome_date="today")
    assert house.state(instance_id) == "completed"


def test_nobody_starts_a_process_with_a_decision_in_it(house: House) -> None:
    house.person("li")
    house.deploy(PARALLEL)

    with pytest.raises(InvalidInput):
        house.start("parallel", decide_outcome="agree")
