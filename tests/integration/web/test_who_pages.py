"""Who approves, on pages: why a task is whose, who comes next, choosing people, recusal, leaders and posts."""

from __future__ import annotations

import pytest

from engine.access import Role
from engine.store import tables
from tests.integration.engine.house import bpmn, flows
from tests.integration.web.office import Browser, Office

OUTCOMES = 'banjie:outcomes="approve:同意,reject:不同意"'
CHOSEN = bpmn(
    '<startEvent id="s"/><userTask id="fill" name="填写" banjie:assignee="${initiator}"/>'
    f'<userTask id="check" name="复核" banjie:who="chosen(previous)" {OUTCOMES}/>'
    f'<userTask id="sign" name="签发" banjie:who="chosen(start)" banjie:onSelf="exclude" {OUTCOMES}/>'
    '<endEvent id="e"/>' + flows("s-fill", "fill-check", "check-sign", "sign-e"),
    key="chosen",
)
SKIPS = bpmn(
    '<startEvent id="s"/><userTask id="fill" name="填写" banjie:assignee="${initiator}"/>'
    f'<userTask id="check" name="复核" banjie:who="users(zhang, li)" banjie:differentFrom="fill" {OUTCOMES}/>'
    '<endEvent id="e"/>' + flows("s-fill", "fill-check", "check-e"),
    key="skips",
)


@pytest.fixture
def office(office: Office) -> Office:
    office.deploy(chosen__bpmn=CHOSEN, skips__bpmn=SKIPS)
    return office


def test_people_are_chosen_at_the_start_and_by_the_step_before(office: Office) -> None:
    zhang, li, wang = office.person("zhang"), office.person("li"), office.person("wang")
    page = zhang.get("/start/process/chosen")
    options = [option["value"] for option in page.select("#chosen-sign option")]
    assert "li" in options
    assert "zhang" not in options  # who starts it may not sign
    start = {"title": "采购", "key": "1"}
    zhang.send("/start/process/chosen", start | {"action": "submit"})
    assert zhang.status == 422
    assert "请选择「签发」的办理人" in zhang.text
    preview = zhang.send("/start/process/chosen", start | {"action": "preview", "chosen.sign": "wang"})
    assert preview.select_one("input[name='chosen.sign']")["value"] == "wang"
    zhang.send("/start/process/chosen", start | {"action": "submit", "chosen.sign": "wang"})
    instance_id = office.house.queries.instances.all(definition_key="chosen").rows[0]["id"]

    task = office.task(instance_id)
    zhang.get(task)
    zhang.send(task, {"action": "complete", "key": "2"})
    assert zhang.status == 422
    assert zhang.page.select_one("#chosen-check")["aria-invalid"] == "true"
    zhang.send(task, {"action": "complete", "key": "3", "chosen.check": "li"})
    li.get(office.task(instance_id, "check"))
    assert "为什么由这些人办理" in li.text
    li.send(office.task(instance_id, "check"), {"action": "outcome:approve", "key": "4"})
    wang.get(office.task(instance_id, "sign"))
    assert wang.status == 200


def test_the_instance_tells_who_was_left_out_and_who_comes_next(office: Office) -> None:
    zhang, li = office.person("zhang"), office.person("li")
    instance_id = office.house.start("skips", by=office.house.actors["zhang"])
    page = zhang.get(f"/instances/{instance_id}")
    coming = page.select_one("section[aria-label='接下来']")
    assert coming is not None
    assert "复核" in coming.text
    assert "Li" in coming.text
    assert "已办理「填写」" in coming.text
    office.house.complete(office.house.task(instance_id), office.house.actors["zhang"])
    li.get(office.task(instance_id))
    assert "未列入：" in li.text
    assert "已办理「填写」，本环节须由不同的人办理" in li.text
    assert "复核：办理人的确定" in zhang.get(f"/instances/{instance_id}").text


def test_whoever_recuses_himself_is_led_away_and_a_supervisor_lifts_it(office: Office) -> None:
    zhang, li = office.person("zhang"), office.person("li")
    ducha = office.person("ducha", roles=(Role.STAFF, Role.SUPERVISOR))
    instance_id = office.house.start("skips", by=office.house.actors["zhang"])
    office.house.complete(office.house.task(instance_id), office.house.actors["zhang"])
    li.get(office.task(instance_id))
    li.send(f"/instances/{instance_id}/recusals", {"reason": "申请人是我的亲属"})
    assert "回避已登记，移交了 1 件任务。" in li.messages
    assert office.house.task(instance_id)["assignee"] == "admin"
    page = ducha.get(f"/instances/{instance_id}")
    assert "申请人是我的亲属" in page.text
    assert "Li 回避" in page.text
    lift = page.select_one("form[action$='/lift']")
    assert lift is not None
    ducha.send(str(lift["action"]), {"reason": "核实无关系"})
    assert "回避已解除。" in ducha.messages
    ducha.send(f"/instances/{instance_id}/recusals", {"reason": "利害关系", "login": "li"})
    assert "责令回避" in ducha.page.text
    assert zhang.get(f"/instances/{instance_id}").select("form[action$='/lift']") == []


def test_leaders_and_posts_are_kept_on_the_organisations_pages(office: Office) -> None:
    admin = office.admin()
    office.person("zhang")
    admin.get("/admin/organisation")
    admin.send("/admin/organisation/departments", {"code": "spj", "name": "审批局"})
    [department] = office.house.queries.admin.departments()
    page = admin.get(f"/admin/organisation/departments/{department['id']}")
    form = page.select_one("form[action$='/leader']")
    assert form is not None
    admin.send(str(form["action"]), {"leader": "zhang", "deputies": "admin"})
    assert "Zhang" in admin.get("/admin/organisation").text
    admin.send("/admin/organisation/posts", {"key": "kz", "name": "科长"})
    assert "科长" in admin.page.text
    admin.get("/admin/people/zhang")
    admin.send("/admin/people/zhang/posts", {"post": "kz", "post_department": department["id"]})
    assert "科长（审批局）" in admin.page.text
    assert "审批局" in admin.get("/admin/organisation/posts/kz").text
    admin.get("/admin/people/zhang")
    admin.send("/admin/people/zhang/identity", {"number": "510104199001011234"})
    assert "证件号码已登记。" in admin.messages
    admin.send("/admin/people/zhang/posts", {})
    with office.database.read() as connection:
        assert connection.execute(tables.person_post.select()).all() == []


PLAIN = bpmn(
    '<startEvent id="s"/><userTask id="fill" name="填写" banjie:assignee="zhang"/>'
    '<userTask id="check" name="复核" banjie:candidateUsers="li" banjie:candidateGroups="legal"/>'
    '<userTask id="sign" name="签发" banjie:who="leader(of: users(li)) else users(wang)"/>'
    '<endEvent id="e"/>' + flows("s-fill", "fill-check", "check-sign", "sign-e"),
    key="plain",
)


def test_c1_c2_c4_the_page_of_every_task_tells_why_it_is_mine(office: Office) -> None:
    office.deploy(plain__bpmn=PLAIN)
    zhang, li, wang = office.person("zhang"), office.person("li", "legal"), office.person("wang")

    def why(person: Browser, element_id: str) -> str:
        page = person.get(office.task(instance_id, element_id))
        return " ".join(page.select_one("section[aria-label='为什么由这些人办理']").get_text(" ").split())

    instance_id = office.house.start("plain", by=office.house.actors["zhang"])
    assert why(zhang, "fill").endswith("Zhang 模型指定的办理人")
    office.house.complete(office.house.task(instance_id), office.house.actors["zhang"])
    assert why(li, "check").endswith("Li 模型列名的候选人 提供给办理组：legal")
    office.house.complete(office.house.task(instance_id), office.house.actors["li"])
    assert "Wang 模型列名" in why(wang, "sign") and "改用备用策略" in why(wang, "sign")
    wang.get(office.task(instance_id, "sign") + "?lang=en")
    assert "named by the model" in wang.text
