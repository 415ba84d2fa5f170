"""Messages find the one who waits; signals find everybody; early messages wait."""

import pytest

from engine.access import SYSTEM
from engine.commands.running.messages import BroadcastSignal, CorrelateMessage
from engine.errors import Conflict, NotFound
from engine.runtime.correlation import digests
from engine.store.base.unit_of_work import UnitOfWork
from engine.store.rows import running
from tests.integration.engine.house import House, bpmn, flows

PAYMENT = bpmn(
    '<startEvent id="s"/><intermediateCatchEvent id="paid"><messageEventDefinition messageRef="M"/></intermediateCatchEvent>'
    '<userTask id="ship" banjie:assignee="li"/><endEvent id="e"/>' + flows("s-paid", "paid-ship", "ship-e"),
    key="payment",
    more='<message id="M" name="paid" banjie:correlationKey="order"/>',
)


def pay(house: House, order: int, **options: object) -> dict[str, object]:
    message = CorrelateMessage(name="paid", correlation={"order": order}, variables={"receipt": f"R{order}"}, **options)  # type: ignore[arg-type]
    return house.engine.execute(message, actor=SYSTEM)


def test_a_message_goes_to_the_instance_whose_key_it_matches(house: House) -> None:
    house.deploy(PAYMENT)
    first, second = house.start("payment", order=1), house.start("payment", order=2)
    assert pay(house, 2)["instance_id"] == second
    assert house.open_tasks(first) == []
    assert house.task(second)["element_id"] == "ship"


def test_a_message_with_more_keys_than_are_asked_for_one_by_one_finds_its_instance_too(house: House) -> None:
    house.deploy(PAYMENT)
    first, _second = house.start("payment", order=1), house.start("payment", order=2)
    many = dict.fromkeys("abcdefg", 0) | {"correlationKey": 1}
    answer = house.engine.execute(CorrelateMessage(name="paid", correlation=many), actor=SYSTEM)
    assert answer["instance_id"] == first


def test_a_message_reads_those_whom_it_may_be_meant_for_and_nobody_else(house: House) -> None:
    """In an office thousands of cases wait for one name; the one in question must be found however many they are."""
    house.deploy(PAYMENT)
    first = house.start("payment", order=1)
    for order in range(2, 6):
        house.start("payment", order=order)
    with house.engine.database.write() as connection:
        uow = UnitOfWork(connection)
        found = running.waiting_for_message(uow, "paid", digests({"order": 1, "correlationKey": 1}))
    assert [row.instance_id for row in found] == [first]


def test_a_message_that_nobody_awaits_is_refused_unless_it_may_wait(house: House) -> None:
    house.deploy(PAYMENT)
    with pytest.raises(NotFound):
        pay(house, 7)
    assert pay(house, 7, keep_seconds=3600)["kept"] is True
    late = house.start("payment", order=7)
    house.run_jobs()
    assert house.task(late)["element_id"] == "ship"


def test_a_message_that_could_mean_two_instances_is_refused(house: House) -> None:
    house.deploy(PAYMENT)
    house.start("payment", order=1)
    house.start("payment", order=1)
    with pytest.raises(Conflict, match="2 instances"):
        pay(house, 1)


def test_a_message_starts_the_process_that_it_starts(house: House) -> None:
    house.deploy(
        bpmn(
            '<startEvent id="s"><messageEventDefinition messageRef="M"/></startEvent>'
            '<userTask id="t" banjie:assignee="li"/><endEvent id="e"/>' + flows("s-t", "t-e"),
            key="ordered",
            more='<message id="M" name="order"/>',
        )
    )
    answer = house.engine.execute(CorrelateMessage(name="order", variables={"n": 3}), actor=SYSTEM)
    assert answer["started"] is True
    assert house.task(str(answer["instance_id"]))["element_id"] == "t"


def test_one_pool_sends_a_message_to_the_other(house: House) -> None:
    sender = bpmn(
        '<startEvent id="s"/><intermediateThrowEvent id="tell"><messageEventDefinition messageRef="M"/></intermediateThrowEvent>'
        '<endEvent id="e"/>' + flows("s-tell", "tell-e"),
        key="sender",
        more='<message id="M" name="paid" banjie:correlationKey="order"/>',
    )
    house.deploy(PAYMENT)
    house.deploy(sender)
    waiting = house.start("payment", order=5)
    house.start("sender", order=5)
    house.run_jobs()
    assert house.task(waiting)["element_id"] == "ship"


def test_a_signal_reaches_everybody_who_waits(house: House) -> None:
    house.deploy(
        bpmn(
            '<startEvent id="s"/><intermediateCatchEvent id="w"><signalEventDefinition signalRef="S"/></intermediateCatchEvent>'
            '<userTask id="t" banjie:assignee="li"/><endEvent id="e"/>' + flows("s-w", "w-t", "t-e"),
            key="listener",
            more='<signal id="S" name="holiday"/>',
        )
    )
    ids = [house.start("listener") for _ in range(3)]
    assert house.engine.execute(BroadcastSignal(name="holiday"), actor=SYSTEM) == {"receivers": 3}
    house.run_jobs()
    assert [house.task(instance_id)["element_id"] for instance_id in ids] == ["t"] * 3


def test_a_signal_is_heard_once_inside_the_instance_that_threw_it_and_once_by_each_other(house: House) -> None:
    both = bpmn(
        '<startEvent id="s"/><parallelGateway id="fork"/><intermediateCatchEvent id="w"><signalEventDefinition signalRef="S"/>'
        '</intermediateCatchEvent><userTask id="heard" banjie:assignee="li"/><endEvent id="e1"/>'
        '<userTask id="go" banjie:assignee="li"/><intermediateThrowEvent id="throw"><signalEventDefinition signalRef="S"/>'
        '</intermediateThrowEvent><endEvent id="e2"/>'
        + flows("s-fork", "fork-w", "w-heard", "heard-e1", "fork-go", "go-throw", "throw-e2"),
        key="both",
        more='<signal id="S" name="holiday"/>',
    )
    li = house.person("li")
    house.deploy(both)
    thrower, other = house.start("both"), house.start("both")
    house.complete(house.task(thrower, "go"), li)
    house.run_jobs()
    assert house.task(thrower)["element_id"] == "heard"
    assert {task["element_id"] for task in house.open_tasks(other)} == {"heard", "go"}
    assert house.kinds(thrower).count("SignalReceived") == 0
