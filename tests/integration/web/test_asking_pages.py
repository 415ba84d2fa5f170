"""Delegating, adding signers, proxies and hand-over as people do it, without scripts."""

from datetime import timedelta

import pytest

from engine.access import Role
from engine.calendar import SHANGHAI
from engine.commands.delegating.delegations import DelegateTask
from tests.integration.engine.house import bpmn, flows
from tests.integration.web.office import Browser, Office

PEOPLE = ("li", "wang", "zhao")


@pytest.fixture
def task(office: Office) -> str:
    """The address of a task that li holds; wang and zhao can be asked."""
    open_office(office)
    return office.task(office.house.start("leave"))


def open_office(office: Office, settings: str = "") -> None:
    for login in PEOPLE:
        office.employ(login)
    office.employ("boss", roles=(Role.ADMIN, Role.STAFF))
    office.house.deploy(
        bpmn(
            '<startEvent id="s"/><userTask id="a" name="审批" banjie:assignee="li" banjie:outcomes="agree:同意,refuse:不同意" '
            f'{settings}/><endEvent id="e"/>' + flows("s-a", "a-e")
        )
    )


def at_desk(office: Office, login: str) -> Browser:
    return Browser(office.app.test_client(), login).sign_in()


def held(office: Office, login: str) -> str:
    """The address of the one open task that a person holds."""
    (row,) = office.house.queries.tasks.open(assignee=login).rows
    return f"/tasks/{row['id']}"


def test_delegate_answer_and_go_on(office: Office, task: str) -> None:
    li, wang = at_desk(office, "li"), at_desk(office, "wang")
    li.get(task)

    li.send(f"{task}/delegate", {"to": "wang", "question": "面积核对过吗？"})
    assert li.messages[0] == "已委派，等答复后再由您办理。"
    assert "Li 正在征询他人，等候答复后继续办理。" in li.text

    wang.get(held(office, "wang"))
    assert "受委派 由 Li 提出 · 只提意见，不作决定" in wang.text and "面积核对过吗？" in wang.text
    assert not [each for each in wang.page.select("button[name=action]") if each["value"].startswith("outcome:")]
    wang.send(held(office, "wang"), {"comment": "核对过", "action": "complete"})

    li.get(task)
    assert any("Wang 受委派 · 提供意见 已答复" in row and "核对过" in row for row in li.rows())
    li.send(task, {"action": "outcome:agree"})
    assert li.messages[0] == "「审批」已办理。"


def test_a_delegation_is_recalled_with_a_button(office: Office, task: str) -> None:
    li = at_desk(office, "li")
    li.get(task)
    li.send(f"{task}/delegate", {"to": "wang"})
    recall = li.page.find("button", string="撤回委派")
    assert recall is not None and recall.parent is not None

    li.send(str(recall.parent["action"]))

    assert li.messages[0] == "已撤回委派，请继续办理。"
    assert "撤回对 Wang 的委派" in li.text and li.page.find("button", string="同意") is not None


def test_sign_before_in_order_and_remove_one(office: Office, task: str) -> None:
    li = at_desk(office, "li")
    li.get(task)

    li.send(
        f"{task}/signers",
        {"people": ["wang", "zhao", "", "", ""], "position": "before", "power": "advise", "in_order": "true"},
    )
    assert li.messages[0] == "已加签。"
    shown = [row for row in li.rows() if "前加签" in row]
    assert ["待答复" in shown[0], "还没轮到" in shown[1]] == [True, True]

    while (button := li.page.find("button", string="减签")) is not None and button.parent is not None:
        li.send(str(button.parent["action"]))
    assert li.page.find("button", string="同意") is not None
    assert "减签 Zhao" in li.text


@pytest.mark.parametrize("in_order", ["false", "true"])
def test_one_more_beside_me_at_a_multi_instance_is_seen_and_removed(office: Office, in_order: str) -> None:
    for login in ("li", "wang", "zhao"):
        office.employ(login)
    loop = (
        f'<multiInstanceLoopCharacteristics isSequential="{in_order}" banjie:collection="=people" '
        'banjie:elementVariable="p"/>'
    )
    office.house.deploy(
        bpmn(
            '<startEvent id="s"/><userTask id="a" name="会办" banjie:assignee="${p}" banjie:outcomes="agree:同意">'
            f'{loop}</userTask><endEvent id="e"/>' + flows("s-a", "a-e")
        )
    )
    office.house.start("leave", people=["li", "wang"])
    li = at_desk(office, "li")
    task = held(office, "li")
    li.get(task)
    assert [row for row in li.rows() if row.startswith("Wang")]

    li.send(f"{task}/signers", {"people": ["zhao"], "position": "as-me", "power": "advise"})
    assert li.messages[0] == "已加签。"
    assert "并加签：Zhao" in li.text
    (shown,) = [row for row in li.rows() if row.startswith("Zhao Li 加签")]
    assert ("还没轮到" if in_order == "true" else "办理中") in shown

    (button,) = li.page.find_all("button", string="减签")
    li.send(str(button.parent["action"]))
    assert not [row for row in li.rows() if row.startswith("Zhao")]


def test_a_refusal_is_a_plain_sentence(office: Office, task: str) -> None:
    li = at_desk(office, "li")
    li.get(task)

    li.send(f"{task}/delegate", {"to": "li"})

    assert li.status == 409
    assert "不能把「审批」委派给自己，请选择其他人。" in li.text


def test_trap_2_10_4_what_the_node_forbids_has_no_button(office: Office) -> None:
    open_office(office, 'banjie:allow="cc"')
    task = office.task(office.house.start("leave"))
    li = at_desk(office, "li")

    li.get(task)

    for path in ("delegate", "signers", "assign"):
        assert li.page.find(attrs={"action": f"{task}/{path}"}) is None
        assert li.page.find(attrs={"formaction": f"{task}/{path}"}) is None


def test_a_transfer_is_shown_from_hand_to_hand(office: Office, task: str) -> None:
    li, wang = at_desk(office, "li"), at_desk(office, "wang")
    li.get(task)
    li.send(f"{task}/assign", {"assignee": "wang", "reason": "出差"})

    wang.get(task)

    assert "Li → Wang 出差" in wang.text


def test_a_proxy_acts_and_the_story_says_for_whom(office: Office, task: str) -> None:
    li, wang = at_desk(office, "li"), at_desk(office, "wang")
    li.get("/proxies")
    li.send("/proxies", {"proxy": "wang", "mode": "move", "power": "decide", "reason": "休假", **period(office)})
    assert li.messages == ["代理已保存。"]
    assert any("Li Wang" in row and "代理中" in row and "休假" in row for row in li.rows())
    office.house.run_jobs()

    wang.get(task)
    assert "Wang 代 Li 办理" in wang.text
    li.get("/proxies")
    assert "他人正在代我办理" in li.text
    wang.send(task, {"action": "outcome:agree", "comment": "同意"})

    li.get(task)
    assert "Wang 代 Li" in li.text


def test_a_principal_takes_back_and_a_proxy_takes(office: Office, task: str) -> None:
    li, wang = at_desk(office, "li"), at_desk(office, "wang")
    li.get("/proxies")
    li.send("/proxies", {"proxy": "wang", "mode": "share", **period(office)})

    wang.get("/proxies")
    take = wang.page.find("button", string="代办")
    assert take is not None and take.parent is not None
    wang.send(str(take.parent["action"]))
    assert wang.messages[0] == "已由您代办。"

    li.get(task)
    li.send(f"{task}/take-back")
    assert li.messages[0] == "已收回，由您本人办理。"


def test_what_is_wrong_with_a_proxy_comes_back_with_what_was_typed(office: Office, task: str) -> None:
    li = at_desk(office, "li")
    li.get("/proxies")

    li.send("/proxies", {"proxy": "wang", "start": "", "end": "2026-12-01T09:00", "reason": "休假"})

    assert li.status == 422
    assert "须为带时区的日期时间" in li.text
    reason = li.page.find("input", attrs={"name": "reason"})
    assert reason is not None and reason["value"] == "休假"


def test_an_administrator_grants_and_revokes_for_others(office: Office, task: str) -> None:
    boss = at_desk(office, "boss")
    boss.get("/admin/proxies")
    boss.send("/admin/proxies", {"principal": "li", "proxy": "zhao", **period(office)})
    assert any("Li Zhao" in row for row in boss.rows())

    revoke = boss.page.find("button", string="撤销")
    assert revoke is not None and revoke.parent is not None
    boss.send(str(revoke.parent["action"]), {"from": "all"})

    assert boss.messages == ["代理已撤销，未办的任务会转回。"]
    assert any("已撤销" in row for row in boss.rows())


def test_d9_a_leaver_is_handed_over_with_a_report(office: Office, task: str) -> None:
    boss = at_desk(office, "boss")
    boss.get("/admin/people/li/hand-over")

    boss.send("/admin/people/li/hand-over", {"receivers": ["wang", "", ""], "reason": "调离"})

    assert boss.messages == ["已交接 1 项，0 项未能交接。"]
    assert any("任务" in row and "Wang" in row for row in boss.rows())
    boss.send("/admin/people/li/hand-over", {"receivers": ["wang", "", ""]})
    assert boss.messages == ["没有需要交接的内容。"]


def test_the_pages_speak_english(office: Office, task: str) -> None:
    li = at_desk(office, "li")
    command = DelegateTask(task_id=task.rsplit("/", 1)[1], to="wang")
    office.house.engine.execute(command, actor=office.house.actors["li"])

    li.get(f"{task}?lang=en")

    assert "Delegated · Advises" in li.text and "Waits for others" in li.text


def period(office: Office) -> dict[str, str]:
    """From now for a day, as the form has it: local times."""
    now = office.house.now.astimezone(SHANGHAI).replace(tzinfo=None)
    return {"start": now.isoformat(), "end": (now + timedelta(days=1)).isoformat()}
