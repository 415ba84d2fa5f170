"""离职交接: everything goes to named people, with a line for each thing, and doing it again does no harm."""

from datetime import timedelta
from typing import Any

import pytest

from engine.access import Role
from engine.commands.administration.people import DisablePerson
from engine.commands.delegating.delegations import DelegateTask
from engine.commands.delegating.handover import HandOver
from engine.commands.delegating.proxies import GrantProxy
from engine.commands.delegating.signers import AddSigners
from engine.commands.tasks.handling import CompleteTask
from engine.errors import Conflict, Forbidden, InvalidInput
from engine.store import tables
from tests.integration.engine.house import House, bpmn, flows
from tests.integration.engine.rebuilding import assert_rebuilt

PEOPLE = ("li", "wang", "zhao", "sun", "zhou")


def office(house: House) -> None:
    """Li holds the task of leave; a, b and li vote in turn; whoever is in the pool may take an errand."""
    for login in PEOPLE:
        house.person(login, *(("pool",) if login == "li" else ()))
    house.person("boss", roles=(Role.ADMIN,))
    house.deploy(one("leave", 'banjie:assignee="li" banjie:outcomes="agree,refuse"'))
    house.deploy(one("errand", 'banjie:candidateUsers="li"'))
    house.deploy(one("votes", 'banjie:ballot="sequential" banjie:candidateUsers="sun,li,zhou"'))


def one(key: str, people: str) -> bytes:
    return bpmn(
        f'<startEvent id="s"/><userTask id="a" name="审批" {people}/><endEvent id="e"/>' + flows("s-a", "a-e"), key=key
    )


def hand_over(house: House, *receivers: str, **more: Any) -> dict[str, Any]:
    command = HandOver(leaver="li", receivers=receivers, **more)
    return house.engine.execute(command, actor=house.actors["boss"])


def lines(answer: dict[str, Any]) -> list[tuple[str, str | None]]:
    return [(line["kind"], line["to"]) for line in answer["report"]]


def do(house: House, command: Any, by: str) -> dict[str, Any]:
    return house.engine.execute(command, actor=house.actors[by])


def row(house: House, task_id: str) -> dict[str, Any]:
    found = house.queries.tasks.get(task_id)
    assert found is not None
    return found


def test_d9_all_open_tasks_go_to_the_receiver(house: House) -> None:
    office(house)
    instances = [house.start("leave"), house.start("leave"), house.start("errand")]

    answer = hand_over(house, "wang", reason="调离")

    assert lines(answer)[:3] == [("task", "wang")] * 3
    assert (answer["moved"], answer["refused"], answer["remaining"]) == (4, 0, 0)  # and the group
    assert {house.task(each)["assignee"] for each in instances} == {"wang"}
    for each in instances:
        assert_rebuilt(house, each)


def test_d9_a_process_can_have_a_receiver_of_its_own(house: House) -> None:
    office(house)
    leave, errand = house.start("leave"), house.start("errand")

    hand_over(house, "wang", by_process={"errand": "zhao"})

    assert house.task(leave)["assignee"] == "wang"
    assert house.task(errand)["assignee"] == "zhao"


def test_d9_it_is_safe_to_repeat(house: House) -> None:
    office(house)
    house.start("leave")
    first = hand_over(house, "wang", groups_to="wang")

    second = hand_over(house, "wang", groups_to="wang")

    assert first["moved"] == 2
    assert (second["id"], second["moved"], second["refused"], second["report"]) == (None, 0, 0, [])


def test_d9_what_nobody_may_have_is_refused_with_the_reason_and_tried_again(house: House) -> None:
    office(house)
    first, second = house.start("leave"), house.start("leave")
    recuse(house, second, "wang")

    answer = hand_over(house, "wang")
    refused = [line for line in answer["report"] if line["refused"]]
    assert answer["refused"] == 1 and "回避" in refused[0]["zh"] and refused[0]["id"] == house.task(second)["id"]
    assert house.task(first)["assignee"] == "wang"

    again = hand_over(house, "wang", "zhao")
    assert lines(again) == [("task", "zhao")]


def test_d9_what_he_was_asked_is_answered_by_the_receiver_to_the_one_who_asked(house: House) -> None:
    office(house)
    instance = house.start("leave")
    do(house, HandOver(leaver="li", receivers=("sun",)), "boss")  # sun holds it and asks li
    task = house.task(instance)["id"]
    asked = do(house, DelegateTask(task_id=task, to="li"), "sun")["delegate_task_id"]

    hand_over(house, "wang")

    assert (row(house, asked)["assignee"], row(house, asked)["delegated_by"]) == ("wang", "sun")
    do(house, CompleteTask(task_id=asked), "wang")
    assert row(house, task)["state"] == "assigned"
    assert_rebuilt(house, instance)


def test_d9_what_he_asked_is_answered_to_the_receiver(house: House) -> None:
    office(house)
    instance = house.start("leave")
    task = house.task(instance)["id"]
    asked = do(house, DelegateTask(task_id=task, to="sun"), "li")["delegate_task_id"]

    hand_over(house, "wang")
    assert (row(house, task)["state"], row(house, task)["assignee"]) == ("waiting", "wang")
    do(house, CompleteTask(task_id=asked), "sun")

    assert (row(house, task)["state"], row(house, task)["assignee"]) == ("assigned", "wang")
    assert_rebuilt(house, instance)


def test_d9_his_signatures_go_over_those_to_come_too(house: House) -> None:
    office(house)
    instance = house.start("leave")
    hand_over(house, "sun")
    task = house.task(instance)["id"]
    add = AddSigners(task_id=task, people=("zhou", "li"), position="before", in_order=True)
    zhou, li = do(house, add, "sun")["signers"]

    assert lines(hand_over(house, "wang")) == [("signer", "wang")]
    do(house, CompleteTask(task_id=zhou), "zhou")
    assert row(house, li)["assignee"] == "wang"

    do(house, CompleteTask(task_id=li), "wang")
    assert row(house, task)["state"] == "assigned"
    assert_rebuilt(house, instance)


def test_d9_a_vote_whose_turn_has_not_come_goes_over(house: House) -> None:
    office(house)
    instance = house.start("votes")

    answer = hand_over(house, "wang")

    assert ("member", "wang") in lines(answer)
    for login in ("sun", "wang", "zhou"):
        do(house, CompleteTask(task_id=house.task(instance)["id"], outcome="approve"), login)
    assert house.state(instance) == "completed"


def test_d9_a_seat_of_a_ballot_is_refused_to_another_member(house: House) -> None:
    office(house)
    instance = house.start("votes")
    do(house, CompleteTask(task_id=house.task(instance)["id"], outcome="approve"), "sun")

    answer = hand_over(house, "zhou")

    assert [line["refused"] for line in answer["report"] if line["kind"] == "task"] == [True]
    assert lines(hand_over(house, "zhou", "wang"))[:1] == [("task", "wang")]


def test_d9_proxies_end_or_go_over(house: House) -> None:
    office(house)
    period = {"start": house.now.isoformat(), "end": (house.now + timedelta(days=9)).isoformat()}
    do(house, GrantProxy(proxy="zhao", **period), "li")
    do(house, GrantProxy(proxy="li", **period), "sun")
    instance = house.start("leave")  # zhao holds it on behalf of li
    assert house.task(instance)["principal"] == "li"

    answer = hand_over(house, "wang")
    house.run_jobs()

    assert {("principal", None), ("proxy", "wang"), ("task", "wang")} <= set(lines(answer))
    found = house.task(instance)
    assert (found["assignee"], found["principal"]) == ("wang", None)
    with house.database.read() as connection:
        rules = connection.execute(tables.proxy_rule.select().where(tables.proxy_rule.c.active)).all()
    assert [(rule.principal, rule.proxy) for rule in rules] == [("sun", "wang")]
    assert_rebuilt(house, instance)


def test_d9_what_he_did_for_others_goes_back_to_them(house: House) -> None:
    office(house)
    house.deploy(one("trip", 'banjie:assignee="sun"'))
    period = {"start": house.now.isoformat(), "end": (house.now + timedelta(days=9)).isoformat()}
    do(house, GrantProxy(proxy="li", mode="move", **period), "sun")
    instance = house.start("trip")
    assert house.task(instance)["assignee"] == "li"

    hand_over(house, "wang")
    house.run_jobs()

    # Wang stands in for sun now, so what went back to sun comes to him.
    found = house.task(instance)
    assert (found["assignee"], found["principal"]) == ("wang", "sun")


def test_d9_groups_are_left_and_joined(house: House) -> None:
    office(house)

    hand_over(house, "wang", groups_to="zhao")

    with house.database.read() as connection:
        members = {each.login for each in connection.execute(tables.membership.select())}
    assert members == {"zhao"}


def test_d9_the_report_is_kept(house: House) -> None:
    office(house)
    house.start("leave")
    answer = hand_over(house, "wang")

    with house.database.read() as connection:
        (kept,) = connection.execute(tables.handover.select()).all()
    assert (kept.id, kept.leaver, kept.by_login, kept.moved) == (answer["id"], "li", "boss", answer["moved"])
    assert kept.report == answer["report"]


def test_d9_a_leaver_who_is_disabled_already_is_handed_over_too(house: House) -> None:
    office(house)
    instance = house.start("leave")
    do(house, DisablePerson(login="li"), "boss")

    hand_over(house, "wang")

    assert house.task(instance)["assignee"] == "wang"


def test_d9_refused_are_nobody_the_leaver_himself_the_disabled_and_whoever_is_no_administrator(house: House) -> None:
    office(house)
    do(house, DisablePerson(login="zhao"), "boss")

    for receivers, error in [((), InvalidInput), (("li",), InvalidInput), (("zhao",), Conflict)]:
        with pytest.raises(error):
            hand_over(house, *receivers)
    with pytest.raises(Forbidden):
        do(house, HandOver(leaver="li", receivers=("wang",)), "sun")


def recuse(house: House, instance: str, login: str) -> None:
    with house.database.write() as connection:
        where = tables.process_instance.c.id == instance
        connection.execute(tables.process_instance.update().where(where).values(recused=[login]))
