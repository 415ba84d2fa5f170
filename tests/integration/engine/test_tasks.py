"""Tasks from offer to completion, as several people see them."""

from datetime import timedelta

import pytest

from engine.commands.tasks.handling import AssignTask, CompleteTask, UnclaimTask
from engine.errors import Conflict, Forbidden, InvalidInput, NotFound
from tests.integration.engine.house import LEAVE, House, bpmn, flows


def test_a_task_is_offered_to_its_group_and_claimed_by_one(house: House) -> None:
    # given two leaders and a request that waits for one of them
    li, wang = house.person("li", "leaders"), house.person("wang", "leaders")
    house.deploy(LEAVE)
    task = house.task(house.start("leave"))
    assert [row["id"] for row in house.queries.tasks.offered(li).rows] == [task["id"]]

    # when Li claims it
    house.claim(task, li)

    # then Wang's pool is empty, Li holds it, and Wang is told who was faster
    assert house.queries.tasks.offered(wang).rows == []
    assert [row["id"] for row in house.queries.tasks.assigned(li).rows] == [task["id"]]
    assert house.queries.tasks.counts(li) == {"assigned": 1, "offered": 0}
    with pytest.raises(Conflict) as refused:
        house.claim(task, wang)
    assert refused.value.facts["by"] == "li"


def test_the_second_to_complete_is_told_who_and_when(house: House) -> None:
    li, wang = house.person("li", "leaders"), house.person("wang", "leaders")
    house.deploy(LEAVE)
    task = house.task(house.start("leave"))
    house.complete(task, li, "agree")
    with pytest.raises(Conflict) as refused:
        house.complete(task, wang, "refuse")
    assert refused.value.facts["by"] == "li"
    assert refused.value.facts["at"].startswith("2026-11-23T01:00")


def test_a_given_back_task_is_offered_again(house: House) -> None:
    li, wang = house.person("li", "leaders"), house.person("wang", "leaders")
    house.deploy(LEAVE)
    task = house.task(house.start("leave"))
    house.claim(task, li)
    house.engine.execute(UnclaimTask(task_id=task["id"]), actor=li)
    assert [row["id"] for row in house.queries.tasks.offered(wang).rows] == [task["id"]]


def test_the_outcome_decides_the_way(house: House) -> None:
    li = house.person("li", "leaders")
    clerk = house.person("clerk")
    house.deploy(LEAVE)
    agreed, refused = house.start("leave"), house.start("leave")
    house.complete(house.task(agreed), li, "agree")
    house.complete(house.task(refused), li, "refuse")
    assert house.task(agreed)["element_id"] == "file"
    assert house.state(refused) == "completed"
    house.complete(house.task(agreed), clerk)
    assert house.state(agreed) == "completed"
    assert [row["element_name"] for row in house.queries.tasks.done(li).rows] == ["审批", "审批"]


def test_an_outcome_that_the_model_does_not_offer_is_refused_and_changes_nothing(house: House) -> None:
    li = house.person("li", "leaders")
    house.deploy(LEAVE)
    instance_id = house.start("leave")
    before = house.kinds(instance_id)
    with pytest.raises(Conflict):
        house.complete(house.task(instance_id), li, "maybe")
    assert house.kinds(instance_id) == before


def test_an_outsider_does_not_learn_that_the_task_exists(house: House) -> None:
    stranger = house.person("stranger", "others")
    house.deploy(LEAVE)
    task = house.task(house.start("leave"))
    with pytest.raises(NotFound):
        house.complete(task, stranger, "agree")


def test_nobody_completes_what_somebody_else_holds(house: House) -> None:
    li, wang = house.person("li", "leaders"), house.person("wang", "leaders")
    house.deploy(LEAVE)
    task = house.task(house.start("leave"))
    house.claim(task, li)
    with pytest.raises(Forbidden, match="li holds it"):
        house.complete(task, wang, "agree")


def test_a_transferred_task_belongs_to_the_other_person(house: House) -> None:
    li, wang = house.person("li", "leaders"), house.person("wang")
    house.deploy(LEAVE)
    task = house.task(house.start("leave"))
    house.claim(task, li)
    house.engine.execute(AssignTask(task_id=task["id"], assignee="wang", reason="出差"), actor=li)
    with pytest.raises(Forbidden):
        house.complete(task, li, "agree")
    house.complete(task, wang, "agree")


def test_a_limit_in_working_days_gives_the_task_its_due_date(house: House) -> None:
    house.deploy(LEAVE)
    task = house.task(house.start("leave"))
    # Monday 2026-11-23 plus three working days, at closing time (17:30 in UTC+8); no year is loaded, so it is provisional.
    assert task["due_at"].isoformat() == "2026-11-26T09:30:00+00:00"
    assert task["due_provisional"] is True


def test_variables_with_reserved_or_broken_names_are_refused(house: House) -> None:
    li = house.person("li", "leaders")
    house.deploy(LEAVE)
    task = house.task(house.start("leave"))
    for name in ("initiator", "a b", "1st", ""):
        with pytest.raises(InvalidInput):
            house.engine.execute(CompleteTask(task_id=task["id"], outcome="agree", variables={name: 1}), actor=li)
    for value in (float("nan"), "a\0b", "\ud800", 1 << 200):
        with pytest.raises(InvalidInput):
            house.engine.execute(CompleteTask(task_id=task["id"], outcome="agree", variables={"x": value}), actor=li)


def test_the_start_event_may_have_its_own_name_for_who_starts(house: House) -> None:
    li = house.person("li", "staff")
    house.deploy(
        bpmn(
            '<startEvent id="s" banjie:initiator="applicant"/><userTask id="a" banjie:assignee="${applicant}"/>'
            '<endEvent id="e"/>' + flows("s-a", "a-e")
        )
    )

    task = house.task(house.start("leave", by=li, applicant="somebody else"))

    assert task["assignee"] == "li"


def test_a_due_date_of_the_model_is_that_of_the_task_and_a_limit_comes_before_it(house: House) -> None:
    tasks = '<userTask id="a" banjie:dueDate="PT2H"/><userTask id="b" banjie:dueDate="PT2H" banjie:limit="1wd"/>'
    paths = flows("s-a", "s-b", "a-e", "b-e")
    house.deploy(bpmn(f'<startEvent id="s"/>{tasks}<endEvent id="e"/>{paths}', key="due"))

    instance = house.start("due", by=house.admin)

    due = {each["element_id"]: each["due_at"] for each in house.open_tasks(instance)}
    assert due["a"] == house.now + timedelta(hours=2)
    assert due["b"].date() == (house.now + timedelta(days=1)).date()
