"""委派: the answer goes back to the one who asked, and nobody decides without the power to."""

from typing import Any

import pytest

from engine.commands.delegating.delegations import DelegateTask, RecallDelegation
from engine.commands.tasks.handling import AssignTask, CompleteTask
from engine.errors import Conflict, Forbidden, NotFound
from tests.integration.engine.house import House, bpmn, flows
from tests.integration.engine.rebuilding import assert_rebuilt


def office(house: House, settings: str = "") -> str:
    """Li holds 审批; wang, zhao, sun and zhou can be asked. Returns the instance."""
    for login in ("li", "wang", "zhao", "sun", "zhou"):
        house.person(login)
    house.deploy(
        bpmn(
            '<startEvent id="s"/><userTask id="approve" name="审批" banjie:assignee="li" '
            f'banjie:outcomes="agree:同意,refuse:不同意" banjie:limit="3wd" {settings}/><exclusiveGateway id="g" default="g_no"/>'
            '<userTask id="file" name="归档" banjie:assignee="sun"/><endEvent id="no"/><endEvent id="e"/>'
            + flows("s-approve", "approve-g", 'g-file?outcome = "agree"', "g-no", "file-e")
        )
    )
    return house.start("leave")


def delegate(house: House, task_id: str, by: str, to: str, **more: Any) -> str:
    command = DelegateTask(task_id=task_id, to=to, **more)
    return str(house.engine.execute(command, actor=house.actors[by])["delegate_task_id"])


def answer(house: House, task_id: str, by: str, outcome: str | None = None, **more: Any) -> dict[str, Any]:
    return house.engine.execute(CompleteTask(task_id=task_id, outcome=outcome, **more), actor=house.actors[by])


def row(house: House, task_id: str) -> dict[str, Any]:
    found = house.queries.tasks.get(task_id)
    assert found is not None
    return found


def states(house: House, *ids: str) -> list[str]:
    return [row(house, each)["state"] for each in ids]


def test_p_5_2_the_answer_goes_back_to_the_one_who_asked(house: House) -> None:
    instance = office(house)
    task = house.task(instance)["id"]

    asked = delegate(house, task, "li", "wang", question="面积核对过吗？")
    assert states(house, task, asked) == ["waiting", "assigned"]
    answer(house, asked, "wang", comment="核对过，无误")

    assert states(house, task, asked) == ["assigned", "completed"]
    assert row(house, asked)["comment"] == "核对过，无误"
    answer(house, task, "li", "agree")
    assert house.task(instance)["element_id"] == "file"
    assert_rebuilt(house, instance)


def test_p_5_2_three_who_ask_one_another_are_answered_in_turn(house: House) -> None:
    instance = office(house)
    first = house.task(instance)["id"]
    second = delegate(house, first, "li", "wang")
    third = delegate(house, second, "wang", "zhao")
    fourth = delegate(house, third, "zhao", "sun")

    answer(house, fourth, "sun", comment="四")
    assert states(house, first, second, third) == ["waiting", "waiting", "assigned"]
    answer(house, third, "zhao", comment="三")
    assert states(house, first, second) == ["waiting", "assigned"]
    answer(house, second, "wang", comment="二")

    assert states(house, first) == ["assigned"]
    assert_rebuilt(house, instance)


def test_p_5_2_a_fourth_level_is_refused(house: House) -> None:
    here = house.task(office(house))["id"]
    for by, to in [("li", "wang"), ("wang", "zhao"), ("zhao", "sun")]:
        here = delegate(house, here, by, to)

    with pytest.raises(Conflict, match="3 times"):
        delegate(house, here, "sun", "zhou")


def test_trap_2_5_twice_delegated_the_answer_goes_to_the_second_not_to_the_first(house: House) -> None:
    """A⇒B⇒C: elsewhere C's answer goes to A, and B never sees it, or A is lost."""
    first = house.task(office(house))["id"]
    second = delegate(house, first, "li", "wang")
    third = delegate(house, second, "wang", "zhao")

    answer(house, third, "zhao")

    assert (row(house, second)["state"], row(house, second)["assignee"]) == ("assigned", "wang")
    assert (row(house, first)["state"], row(house, first)["assignee"]) == ("waiting", "li")


def test_trap_2_5_after_a_transfer_the_answer_goes_to_the_new_holder(house: House) -> None:
    task = house.task(office(house))["id"]
    house.engine.execute(AssignTask(task_id=task, assignee="wang"), actor=house.actors["li"])

    answer(house, delegate(house, task, "wang", "zhao"), "zhao")

    assert (row(house, task)["state"], row(house, task)["assignee"]) == ("assigned", "wang")


@pytest.mark.parametrize("to", ["li", "wang"])
def test_trap_2_5_nobody_on_the_stack_is_asked_again(house: House, to: str) -> None:
    """B gives back: B⇒A would make A answer his own question."""
    asked = delegate(house, house.task(office(house))["id"], "li", "wang")

    with pytest.raises(Conflict):
        delegate(house, asked, "wang", to)


def test_trap_2_5_a_delegate_does_not_transfer_on(house: House) -> None:
    asked = delegate(house, house.task(office(house))["id"], "li", "wang")

    with pytest.raises(Conflict, match="in person"):
        house.engine.execute(AssignTask(task_id=asked, assignee="zhao"), actor=house.actors["wang"])


@pytest.mark.parametrize("outcome", ["agree", "refuse"])
def test_trap_2_2_trap_2_5_p_2_3_a_delegate_who_advises_cannot_decide(house: House, outcome: str) -> None:
    instance = office(house)
    asked = delegate(house, house.task(instance)["id"], "li", "wang")

    with pytest.raises(Conflict, match="without an outcome"):
        answer(house, asked, "wang", outcome)
    assert house.state(instance) == "running"


def test_trap_2_5_a_delegated_task_cannot_be_completed_by_its_holder(house: House) -> None:
    """Camunda 7 lets complete() pass a pending task."""
    task = house.task(office(house))["id"]
    delegate(house, task, "li", "wang")

    with pytest.raises(Conflict, match="waits for their answers"):
        answer(house, task, "li", "agree")


def test_trap_2_5_what_an_adviser_sends_cannot_steer_the_process(house: House) -> None:
    asked = delegate(house, house.task(office(house))["id"], "li", "wang")

    with pytest.raises(Conflict, match="nothing that you may write"):
        answer(house, asked, "wang", variables={"approved": True})


def test_p_5_2_the_power_to_decide_needs_the_node_and_the_delegator(house: House) -> None:
    task = house.task(office(house))["id"]
    with pytest.raises(Conflict, match="only advice"):
        delegate(house, task, "li", "wang", power="decide")


def test_p_5_2_a_delegate_with_power_decides_on_behalf(house: House) -> None:
    instance = office(house, 'banjie:delegatePower="decide"')
    task = house.task(instance)["id"]
    asked = delegate(house, task, "li", "wang", power="decide")

    answer(house, asked, "wang", "agree", comment="同意")

    assert house.task(instance)["element_id"] == "file"
    assert (row(house, task)["outcome"], row(house, task)["closed_by"]) == ("agree", "wang")
    told = [each for each in house.queries.instances.history(instance, limit=1000) if each["kind"] == "TaskCompleted"]
    assert [(each["actor"], each["acts_for"]) for each in told] == [("wang", None), ("wang", "li")]
    assert_rebuilt(house, instance)


def test_p_5_2_nobody_hands_on_more_than_he_has(house: House) -> None:
    task = house.task(office(house, 'banjie:delegatePower="decide"'))["id"]
    asked = delegate(house, task, "li", "wang", power="advise")

    with pytest.raises(Forbidden):
        delegate(house, asked, "wang", "zhao", power="decide")


def test_p_5_3_no_transfer_while_somebody_is_asked(house: House) -> None:
    task = house.task(office(house))["id"]
    delegate(house, task, "li", "wang")
    for actor in (house.actors["li"], house.admin):
        with pytest.raises(Conflict, match="waits for their answers"):
            house.engine.execute(AssignTask(task_id=task, assignee="zhao"), actor=actor)

    house.engine.execute(RecallDelegation(task_id=task), actor=house.actors["li"])
    house.engine.execute(AssignTask(task_id=task, assignee="zhao"), actor=house.actors["li"])
    assert row(house, task)["assignee"] == "zhao"


def test_p_5_3_a_recall_takes_back_everything_that_was_asked_further(house: House) -> None:
    instance = office(house)
    first = house.task(instance)["id"]
    second = delegate(house, first, "li", "wang")
    third = delegate(house, second, "wang", "zhao")

    house.engine.execute(RecallDelegation(task_id=first, reason="已有结论"), actor=house.actors["li"])

    assert states(house, first, second, third) == ["assigned", "cancelled", "cancelled"]
    with pytest.raises(Conflict):
        answer(house, third, "zhao")
    assert_rebuilt(house, instance)


def test_p_5_3_only_whoever_asked_recalls(house: House) -> None:
    task = house.task(office(house))["id"]
    delegate(house, task, "li", "wang")

    with pytest.raises(Forbidden):
        house.engine.execute(RecallDelegation(task_id=task), actor=house.actors["wang"])
    with pytest.raises(NotFound):
        house.engine.execute(RecallDelegation(task_id=task), actor=house.actors["zhou"])


def test_p_5_4_the_delegators_time_goes_on(house: House) -> None:
    task = house.task(office(house))["id"]
    due = row(house, task)["due_at"]
    asked = delegate(house, task, "li", "wang")

    assert row(house, task)["due_at"] == due == row(house, asked)["due_at"]


def test_trap_2_10_4_a_forged_request_does_not_pass_the_allow_of_the_node(house: House) -> None:
    task = house.task(office(house, 'banjie:allow="-delegate,-transfer"'))["id"]

    with pytest.raises(Conflict, match="does not allow delegate"):
        delegate(house, task, "li", "wang")
    with pytest.raises(Conflict, match="does not allow transfer"):
        house.engine.execute(AssignTask(task_id=task, assignee="wang"), actor=house.actors["li"])


def test_a_disabled_person_is_not_asked(house: House) -> None:
    from engine.commands.administration.people import DisablePerson

    task = house.task(office(house))["id"]
    house.engine.execute(DisablePerson(login="wang"), actor=house.admin)

    with pytest.raises(Conflict):
        delegate(house, task, "li", "wang")


def test_whoever_does_not_hold_the_task_asks_nobody(house: House) -> None:
    task = house.task(office(house))["id"]

    with pytest.raises(Forbidden):
        delegate(house, task, "admin" if house.admin else "", "wang")
    with pytest.raises(NotFound):
        delegate(house, task, "zhou", "wang")
