"""转办: responsibility moves, in a chain that is kept."""

from datetime import timedelta

import pytest

from engine.commands.tasks.handling import AssignTask, CompleteTask
from engine.errors import Conflict
from engine.store import tables
from tests.integration.engine.house import House, bpmn, flows
from tests.integration.engine.rebuilding import assert_rebuilt


def office(house: House, settings: str = "", people: str = 'banjie:assignee="li"') -> str:
    for login, department in [("li", "d1"), ("wang", "d1"), ("zhao", "d2")]:
        house.person(login)
        with house.database.write() as connection:
            known = connection.execute(tables.department.select().where(tables.department.c.id == department)).first()
            if known is None:
                row = {"id": department, "code": department, "name": department}
                connection.execute(tables.department.insert(), row)
            where = tables.person.c.login == login
            connection.execute(tables.person.update().where(where).values(department_id=department))
    house.deploy(
        bpmn(
            f'<startEvent id="s"/><userTask id="approve" name="审批" {people} banjie:limit="3wd" {settings}/>'
            '<endEvent id="e"/>' + flows("s-approve", "approve-e")
        )
    )
    return house.start("leave")


def hand(house: House, task_id: str, by: str, to: str, reason: str = "") -> None:
    house.engine.execute(AssignTask(task_id=task_id, assignee=to, reason=reason), actor=house.actors[by])


def test_p_5_1_the_chain_is_kept_as_rows(house: House) -> None:
    instance = office(house)
    task = house.task(instance)["id"]
    hand(house, task, "li", "wang", "出差")
    house.now += timedelta(hours=2)
    hand(house, task, "wang", "zhao", "不属本科室")

    with house.database.read() as connection:
        rows = connection.execute(tables.task_transfer.select().order_by(tables.task_transfer.c.seq)).all()
    assert [(row.sender, row.receiver, row.reason, row.by_login) for row in rows] == [
        ("li", "wang", "出差", "li"),
        ("wang", "zhao", "不属本科室", "wang"),
    ]
    assert rows[1].at - rows[0].at == timedelta(hours=2)
    assert_rebuilt(house, instance)


def test_trap_2_5_p_5_1_refused_to_the_holder_himself_and_to_a_disabled_person(house: House) -> None:
    from engine.commands.administration.people import DisablePerson

    task = house.task(office(house))["id"]
    house.engine.execute(DisablePerson(login="wang"), actor=house.admin)

    with pytest.raises(Conflict, match="already held"):
        hand(house, task, "li", "li")
    with pytest.raises(Conflict, match="disabled"):
        hand(house, task, "li", "wang")


@pytest.mark.parametrize(
    ("settings", "people", "to", "possible"),
    [
        ('banjie:transferScope="department"', 'banjie:assignee="li"', "wang", True),
        ('banjie:transferScope="department"', 'banjie:assignee="li"', "zhao", False),
        ('banjie:transferScope="candidates"', 'banjie:candidateUsers="li,wang"', "wang", True),
        ('banjie:transferScope="candidates"', 'banjie:candidateUsers="li,wang"', "zhao", False),
        ("", 'banjie:assignee="li"', "zhao", True),
    ],
)
def test_p_5_1_refused_out_of_the_nodes_scope(
    house: House, settings: str, people: str, to: str, possible: bool
) -> None:
    task = house.task(office(house, settings, people))
    house.claim(task, house.actors["li"])

    if possible:
        hand(house, task["id"], "li", to)
    else:
        with pytest.raises(Conflict, match="scope"):
            hand(house, task["id"], "li", to)
        house.engine.execute(AssignTask(task_id=task["id"], assignee=to), actor=house.admin)


@pytest.mark.parametrize(("settings", "fresh"), [("", False), ('banjie:transferClock="fresh"', True)])
def test_trap_2_9_p_9_4_the_new_holder_gets_the_rest_unless_the_model_says_otherwise(
    house: House, settings: str, fresh: bool
) -> None:
    instance = office(house, settings)
    before = house.task(instance)
    house.now += timedelta(days=1)

    hand(house, before["id"], "li", "wang")

    after = house.task(instance)
    assert (after["due_at"] > before["due_at"]) is fresh
    assert after["claimed_at"] == house.now  # P-5.4: from this moment the new holder answers for it
    assert_rebuilt(house, instance)


def test_a_transferred_task_is_done_by_the_last_of_the_chain(house: House) -> None:
    instance = office(house)
    task = house.task(instance)["id"]
    hand(house, task, "li", "wang")

    house.engine.execute(CompleteTask(task_id=task), actor=house.actors["wang"])

    assert house.state(instance) == "completed"
