"""Never act twice: the same request again, and two requests at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from engine.commands.running.instances import StartInstance
from engine.commands.tasks.handling import CompleteTask
from engine.errors import BanjieError, Conflict
from tests.integration.engine.house import LEAVE, House


def test_the_same_request_with_one_key_acts_once(house: House) -> None:
    house.deploy(LEAVE)
    command = StartInstance(key="leave")
    first = house.engine.execute(command, actor=house.admin, idempotency_key="k1")
    again = house.engine.execute(command, actor=house.admin, idempotency_key="k1")
    assert again == first
    assert len(house.queries.instances.all().rows) == 1


def test_a_key_used_for_another_request_is_refused(house: House) -> None:
    house.deploy(LEAVE)
    house.engine.execute(StartInstance(key="leave"), actor=house.admin, idempotency_key="k1")
    with pytest.raises(Conflict, match="already used"):
        house.engine.execute(StartInstance(key="leave", title="other"), actor=house.admin, idempotency_key="k1")


def test_a_key_belongs_to_its_person(house: House) -> None:
    li = house.person("li")
    house.deploy(LEAVE)
    command = StartInstance(key="leave")
    first = house.engine.execute(command, actor=house.admin, idempotency_key="k1")
    other = house.engine.execute(command, actor=li, idempotency_key="k1")
    assert first["id"] != other["id"]


def test_a_refused_request_may_be_asked_again_under_its_key(house: House) -> None:
    command = StartInstance(key="leave")
    with pytest.raises(BanjieError):
        house.engine.execute(command, actor=house.admin, idempotency_key="k1")
    house.deploy(LEAVE)
    assert house.engine.execute(command, actor=house.admin, idempotency_key="k1")["state"] == "running"


def test_of_ten_people_who_complete_one_task_at_once_one_wins_and_nine_are_told_who(house: House) -> None:
    people = [house.person(f"leader_{i}", "leaders") for i in range(10)]
    house.deploy(LEAVE)
    instance_id = house.start("leave")
    task = house.task(instance_id)

    def complete(person: Any) -> Any:
        try:
            return house.engine.execute(CompleteTask(task_id=task["id"], outcome="agree"), actor=person)
        except Conflict as refused:
            return refused

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(complete, people))
    winners = [answer for answer in answers if isinstance(answer, dict)]
    losers = [answer for answer in answers if isinstance(answer, Conflict)]
    assert (len(winners), len(losers)) == (1, 9)
    done_by = next(
        row["actor"] for row in house.queries.instances.history(instance_id) if row["kind"] == "TaskCompleted"
    )
    assert {loser.facts.get("by") for loser in losers} == {done_by}
    assert house.kinds(instance_id).count("TaskCompleted") == 1


def test_one_key_sent_five_times_at_once_acts_once(house: House) -> None:
    house.deploy(LEAVE)
    command = StartInstance(key="leave")
    with ThreadPoolExecutor(5) as pool:
        answers = list(
            pool.map(lambda _: house.engine.execute(command, actor=house.admin, idempotency_key="k"), range(5))
        )
    assert len({answer["id"] for answer in answers}) == 1
    assert len(house.queries.instances.all().rows) == 1


def test_two_branches_completed_at_once_both_arrive_and_the_join_goes_on_once(house: House) -> None:
    from tests.integration.engine.house import bpmn, flows

    a, b = house.person("a"), house.person("b")
    house.deploy(
        bpmn(
            '<startEvent id="s"/><parallelGateway id="fork"/><userTask id="ta" banjie:assignee="a"/>'
            '<userTask id="tb" banjie:assignee="b"/><parallelGateway id="join"/>'
            '<userTask id="last" banjie:assignee="a"/><endEvent id="e"/>'
            + flows("s-fork", "fork-ta", "fork-tb", "ta-join", "tb-join", "join-last", "last-e"),
            key="both",
        )
    )
    ids = [house.start("both") for _ in range(5)]
    work = [(house.task(instance_id, f"t{who.login}"), who) for instance_id in ids for who in (a, b)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda pair: house.complete(pair[0], pair[1]), work))
    assert [house.task(instance_id)["element_id"] for instance_id in ids] == ["last"] * 5
