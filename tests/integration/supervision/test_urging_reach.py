"""Urging reaches whoever has the task in fact, by whichever way it came to him, and never while the clock stands (P-8.1 to P-8.5)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.access import Actor
from engine.commands.cases.suspending import ResumeCase, SuspendCase
from engine.commands.delegating.delegations import DelegateTask
from engine.commands.delegating.proxies import GrantProxy
from engine.commands.delegating.signers import AddSigners
from engine.commands.supervision.urging import UrgeTask
from engine.commands.tasks.handling import AssignTask
from engine.errors import Conflict
from engine.store.base.database import Database
from tests.integration.engine.house import House, bpmn, flows
from tests.integration.supervision.watching import accepted
from tests.processes.bureau import Bureau


@pytest.fixture
def house(database: Database) -> House:
    house = House(database)
    for login in ("boss", "li", "wang", "zhao"):
        house.person(login)
    house.deploy(
        bpmn(
            '<startEvent id="start"/><userTask id="approve" banjie:assignee="li" banjie:outcomes="agree,refuse"/>'
            '<endEvent id="end"/>' + flows("start-approve", "approve-end")
        )
    )
    return house


def urge(house: House, task_id: str, by: str = "boss") -> list[str]:
    return list(house.engine.execute(UrgeTask(task_id=task_id), actor=house.actors[by])["to"])


def started(house: House) -> tuple[str, Actor]:
    """A task of li; boss has started the instance."""
    return str(house.task(house.start("leave", by=house.actors["boss"]))["id"]), house.actors["li"]


def test_p_8_1_whoever_started_it_urges_without_a_case_too(house: House) -> None:
    task_id, _ = started(house)
    assert urge(house, task_id) == ["li"]


def test_p_8_5_it_goes_to_the_delegate_who_was_asked(house: House) -> None:
    task_id, li = started(house)
    house.engine.execute(DelegateTask(task_id=task_id, to="wang"), actor=li)
    assert urge(house, task_id) == ["wang"]


def test_p_8_5_it_goes_to_the_signers_whose_turn_it_is(house: House) -> None:
    task_id, li = started(house)
    command = AddSigners(task_id=task_id, people=("wang", "zhao"), position="before", in_order=True)
    house.engine.execute(command, actor=li)
    assert urge(house, task_id) == ["wang"]


def test_p_8_5_it_goes_to_the_proxy(house: House) -> None:
    start, end = house.now.isoformat(), (house.now + timedelta(days=3)).isoformat()
    house.engine.execute(GrantProxy(proxy="zhao", start=start, end=end), actor=house.actors["wang"])
    house.run_jobs()
    task_id, li = started(house)
    house.engine.execute(AssignTask(task_id=task_id, assignee="wang"), actor=li)
    assert urge(house, task_id) == ["zhao"]


def test_p_8_2_nobody_is_urged_twice_by_way_of_two_seats_of_one_step(house: House) -> None:
    task_id, li = started(house)
    asked = house.engine.execute(DelegateTask(task_id=task_id, to="wang"), actor=li)["delegate_task_id"]
    urge(house, task_id)
    with pytest.raises(Conflict, match="may be urged again"):
        urge(house, asked)


def test_p_8_2_never_while_the_clock_stands(bureau: Bureau) -> None:
    no = accepted(bureau)
    task_id = bureau.task("shipin", no, "review")["id"]
    begun = bureau.execute(SuspendCase(no=no, kind="testing", reason="抽样检测", planned="5wd"), "shipin")
    with pytest.raises(Conflict, match="stands still"):
        bureau.execute(UrgeTask(task_id=task_id), "chuangkou")

    bureau.execute(ResumeCase(no=no, suspension_id=begun["suspension_id"]), "shipin")

    assert bureau.execute(UrgeTask(task_id=task_id), "chuangkou")["to"] == ["shipin"]
