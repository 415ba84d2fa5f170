"""Returning and taking back as people do it, without scripts."""

import pytest

from tests.integration.engine.house import bpmn, flows
from tests.integration.web.office import Browser, Office


@pytest.fixture
def task(office: Office) -> str:
    """The address of 审核, which boss holds; clerk has drafted it, and files it afterwards."""
    for login in ("clerk", "boss"):
        office.employ(login)
    office.house.deploy(
        bpmn(
            '<startEvent id="s"/><userTask id="draft" name="拟稿" banjie:assignee="clerk"/>'
            '<userTask id="check" name="核稿" banjie:assignee="clerk"/><userTask id="review" name="审核" banjie:assignee="boss" '
            'banjie:outcomes="agree:同意,refuse:不同意"/><userTask id="file" name="归档" banjie:assignee="clerk"/><endEvent id="e"/>'
            + flows("s-draft", "draft-check", "check-review", "review-file", "file-e")
        )
    )
    instance = office.house.start("leave", by=office.house.actors["clerk"])
    for element in ("draft", "check"):
        office.house.complete(office.house.task(instance, element), office.house.actors["clerk"])
    return office.task(instance, "review")


def at_desk(office: Office, login: str) -> Browser:
    return Browser(office.app.test_client(), login).sign_in()


def test_return_says_where_to_why_and_how_it_comes_back(office: Office, task: str) -> None:
    boss, clerk = at_desk(office, "boss"), at_desk(office, "clerk")
    boss.get(task)
    link = boss.page.select_one("#verb-return a")  # what scripts fetch into the panel
    assert link is not None
    boss.get(str(link["href"]))
    assert [each["value"] for each in boss.page.select("input[name=target]")] == ["check", "draft"]

    boss.send(f"{task}/return", {"target": "draft", "reason": " ", "resubmit": "straight"})
    assert boss.status == 422 and "请填写退回原因。" in boss.text
    assert [each["value"] for each in boss.page.select("input[name=target][checked]")] == ["draft"]
    boss.send(f"{task}/return", {"target": "draft", "reason": "写明天数", "resubmit": "straight"})
    assert boss.messages[0] == "「审核」已退回。"

    (row,) = office.house.queries.tasks.open(assignee="clerk").rows
    clerk.get(f"/tasks/{row['id']}")
    assert "Boss 于 2026-11-23 09:00 退回 · 办结后直接送回退回人" in clerk.text
    assert "审核：退回到「拟稿」，补正后直接送回" in clerk.text and "写明天数" in clerk.text
    clerk.send(f"/tasks/{row['id']}", {"action": "complete"})
    boss.get("/inbox")
    assert len(boss.rows()) == 1
    boss.get("/inbox/done")
    assert any("退回 写明天数" in each for each in boss.rows())


def test_what_a_node_forbids_has_no_button_and_is_refused(office: Office) -> None:
    office.employ("boss")
    office.house.deploy(
        bpmn(
            '<startEvent id="s"/><userTask id="a" name="审核" banjie:assignee="boss" banjie:returnPolicy="none"/><endEvent id="e"/>'
            + flows("s-a", "a-e")
        )
    )
    task = office.task(office.house.start("leave"))
    boss = at_desk(office, "boss")
    boss.get(task)

    assert boss.page.select_one("#verb-return") is None
    boss.send(f"{task}/return", {"target": "s", "reason": "x"})
    assert boss.status == 409


def test_a_decision_is_taken_back_until_somebody_acts_on_it(office: Office, task: str) -> None:
    boss, clerk = at_desk(office, "boss"), at_desk(office, "clerk")
    boss.get(task)
    boss.send(task, {"action": "outcome:agree"})
    boss.get(task)
    assert boss.page.select_one("#verb-withdraw") is not None

    boss.send(f"{task}/withdraw", {"reason": "看漏了"})
    assert boss.messages == ["「审核」已撤回，请重新办理。"]
    assert "撤回办理：审核" in boss.text and "看漏了" in boss.text

    boss.send(task, {"action": "outcome:agree"})
    (row,) = office.house.queries.tasks.open(assignee="clerk").rows
    clerk.get(f"/tasks/{row['id']}")
    clerk.send(f"/tasks/{row['id']}", {"action": "complete"})
    boss.get(task)
    assert boss.page.select_one("#verb-withdraw") is None  # the process is over


def test_an_instance_of_several_is_taken_back_while_it_runs_and_after_it(office: Office) -> None:
    for login in ("li", "wang", "clerk"):
        office.employ(login)
    office.house.deploy(
        bpmn(
            '<startEvent id="s"/><userTask id="m" name="会办" banjie:assignee="${p}" banjie:outcomes="agree:同意">'
            '<multiInstanceLoopCharacteristics banjie:collection="=people" banjie:elementVariable="p"/></userTask>'
            '<userTask id="file" name="归档" banjie:assignee="clerk"/><endEvent id="e"/>'
            + flows("s-m", "m-file", "file-e")
        )
    )
    instance = office.house.start("leave", people=["li", "wang"])
    tasks = {row["assignee"]: f"/tasks/{row['id']}" for row in office.house.open_tasks(instance)}
    li, wang = at_desk(office, "li"), at_desk(office, "wang")
    for person, others in ((li, ()), (li, (wang,))):
        for each in (person, *others):
            each.get(tasks[each.login])
            each.send(tasks[each.login], {"action": "outcome:agree"})
        li.get(
            f"{tasks['li']}/withdraw"
        )  # asked while the other one is at it, and again once the case is with the clerk
        assert li.page.find("button", string="确认撤回") is not None
        li.send(f"{tasks['li']}/withdraw", {"reason": "看漏了"})
        assert li.messages[0] == "「会办」已撤回，请重新办理。"
    assert [row["assignee"] for row in office.house.open_tasks(instance)] == ["li"]
