"""The bar above a list: tick, choose, and see what became of each."""

from engine.commands.running.instances import StartInstance
from engine.commands.tasks.handling import ClaimTask
from tests.integration.engine.house import bpmn, flows
from tests.integration.web.office import Browser, Office


def desk(office: Office, more: str = "") -> Browser:
    zhang = office.person("zhang", "reviewers")
    office.employ("wang")
    office.deploy(
        p__bpmn=bpmn(
            '<startEvent id="s"/><userTask id="t" name="审批" banjie:candidateGroups="reviewers" '
            f'banjie:outcomes="agree,refuse" {more}/><endEvent id="e"/>' + flows("s-t", "t-e"),
            key="p",
        )
    )
    return zhang


def held(office: Office, *titles: str) -> list[str]:
    found = []
    for title in titles:
        command = StartInstance(key="p", title=title)
        instance = office.house.engine.execute(command, actor=office.house.actors["wang"])["id"]
        found.append(str(office.house.task(instance)["id"]))
        office.house.engine.execute(ClaimTask(task_id=found[-1]), actor=office.house.actors["zhang"])
    return found


def test_ticked_tasks_are_approved_and_one_is_back_in_the_same_list(office: Office) -> None:
    zhang = desk(office)
    ids = held(office, "甲", "乙", "丙")
    zhang.get("/inbox?sort=received")
    boxes = [box["value"] for box in zhang.page.select("input[name=task]")]
    key = zhang.page.select_one("#batch input[name=key]")["value"]
    assert sorted(boxes) == sorted(ids)

    fields = {
        "task": ids[:2],
        "action": "approve",
        "approve_comment": "同意",
        "tab": "assigned",
        "query": "sort=received",
    }
    zhang.send("/inbox/batch", {**fields, "key": key})

    assert zhang.messages == ["已同意 2 件。"]
    assert zhang.answer.request.full_path.startswith("/inbox?sort=received")
    assert len(zhang.rows()) == 1 and "丙" in zhang.rows()[0]
    zhang.send("/inbox/batch", {**fields, "key": key})  # the page sent again by the browser
    assert zhang.messages == ["已同意 2 件。"]
    assert len(office.house.queries.tasks.done(office.house.actors["zhang"]).rows) == 2


def test_what_was_refused_says_why_and_leads_to_the_task(office: Office) -> None:
    zhang = desk(office, 'banjie:requireComment="agree"')
    ids = held(office, "甲", "乙")
    zhang.get("/inbox")

    zhang.send("/inbox/batch", {"task": ids, "action": "approve", "tab": "assigned"})

    assert "2 件都没有办成" in zhang.text
    assert all("需要逐件填写" in row for row in zhang.rows())
    assert [a["href"] for a in zhang.page.select("tbody a")] == [f"/tasks/{task_id}" for task_id in ids]


def test_nothing_ticked_is_told(office: Office) -> None:
    zhang = desk(office)
    held(office, "甲")
    zhang.get("/inbox")

    zhang.send("/inbox/batch", {"action": "approve", "tab": "assigned"})

    assert zhang.messages == ["请先勾选要办理的任务。"]


def test_a_pool_is_claimed_at_once(office: Office) -> None:
    zhang = desk(office)
    office.employ("chen", "reviewers")
    for title in ("甲", "乙"):
        office.house.engine.execute(StartInstance(key="p", title=title), actor=office.house.actors["wang"])
    zhang.get("/inbox/offered")
    boxes = [box["value"] for box in zhang.page.select("input[name=task]")]

    zhang.send("/inbox/batch", {"task": boxes, "action": "claim", "tab": "offered"})

    assert zhang.messages == ["已认领 2 件。"]
    assert zhang.rows() == []
