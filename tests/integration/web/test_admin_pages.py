"""Administration: people, organisation, calendar, incidents, jobs, tokens."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from engine.access import Role
from engine.commands.tasks.handling import CompleteTask
from engine.errors import StepFailed
from tests.integration.engine.house import bpmn, flows
from tests.integration.web import samples
from tests.integration.web.office import PASSWORD, Browser, Office

YEAR = "date,kind,name,source\n2026-10-01..2026-10-07,rest,国庆节,国办发\n2026-10-10,work,国庆节调休上班\n"


@pytest.fixture
def admin(office: Office) -> Browser:
    browser = office.admin()
    browser.get("/admin/people")
    return browser


def test_a_new_person_gets_a_password_that_is_shown_once_and_works(office: Office, admin: Browser) -> None:
    admin.send("/admin/people/new", {"login": "li.si", "name": "李四", "roles": ["staff", "clerk"]})
    password = admin.page.select_one(".bj-secret code").get_text()

    li = Browser(office.app.test_client(), "li.si").sign_in(password)
    assert li.status == 200
    assert "临时密码" in li.messages[0]
    admin.get("/admin/people/li.si")
    assert password not in admin.answer.text
    assert [box["value"] for box in admin.page.select("input[name=roles][checked]")] == ["clerk", "staff"]


@pytest.mark.parametrize(
    "fields, said",
    [
        ({"login": "li si", "name": "李"}, "不能用"),
        ({"login": "system", "name": "李"}, "不能用"),
        ({"login": "li", "name": ""}, "名称不能为空"),
        ({"login": "ADMIN", "name": "李"}, "已存在"),
        ({"login": "li", "name": "李", "roles": ["system"]}, "没有角色"),
    ],
)
def test_what_is_wrong_with_a_new_person_is_told(admin: Browser, fields: dict[str, str], said: str) -> None:
    admin.send("/admin/people/new", fields)

    assert admin.status in (409, 422)
    assert said in admin.text


def test_changes_resets_and_disabling(office: Office, admin: Browser) -> None:
    zhang = office.person("zhang")
    admin.send("/admin/organisation/groups", {"key": "审查组", "name": "业务审查"})

    admin.send("/admin/people/zhang", {"name": "张三丰", "roles": ["staff"], "groups": ["审查组"]})
    assert admin.messages == ["已保存 张三丰。"]
    admin.send("/admin/people/zhang/password")
    fresh = admin.page.select_one(".bj-secret code").get_text()
    zhang.get("/inbox")
    assert zhang.status == 303
    assert zhang.sign_in(PASSWORD).status == 401
    assert zhang.sign_in(fresh).status == 200
    admin.send("/admin/people/zhang/disable")
    zhang.get("/inbox")
    assert zhang.status == 303
    admin.send("/admin/people/zhang/enable")
    assert zhang.sign_in(fresh).status == 200


def test_the_last_administrator_stays(admin: Browser) -> None:
    admin.send("/admin/people/admin/disable")
    assert admin.status == 409

    admin.send("/admin/people/admin", {"name": "管理员", "roles": ["staff"]})
    assert admin.status == 409
    assert "最后一位系统管理员" in admin.text


def test_departments_form_a_tree_without_circles(office: Office, admin: Browser) -> None:
    admin.send("/admin/organisation/departments", {"code": "A", "name": "审批局"})
    top = office.house.queries.admin.departments()[0]["id"]
    admin.send("/admin/organisation/departments", {"code": "B", "name": "受理科", "parent_id": top})
    below = next(row["id"] for row in office.house.queries.admin.departments() if row["code"] == "B")

    admin.send(f"/admin/organisation/departments/{top}", {"name": "审批局", "parent_id": below})

    assert admin.status == 409
    assert "不能是本部门或它的下级" in admin.text
    assert admin.page.select_one("td.bj-indent-1").get_text() == "受理科"


def test_a_group_without_people_is_marked(admin: Browser) -> None:
    admin.send("/admin/organisation/groups", {"key": "window", "name": "窗口"})

    assert "没有人" in admin.rows()[0]


def test_a_year_is_loaded_and_shown_in_colours(admin: Browser) -> None:
    admin.get("/calendar?year=2026")
    assert "未载入" in admin.text

    admin.upload("/calendar/years", "file", {"2026.csv": YEAR.encode()}, source="国办发明电")

    assert "2026 年工作日历已载入" in admin.messages[0]
    assert admin.page.find("td", attrs={"title": re.compile("2026-10-01")})["class"] == ["bj-day--holiday"]
    assert admin.page.find("td", attrs={"title": re.compile("2026-10-10")})["class"] == ["bj-day--makeup"]


@pytest.mark.parametrize(
    "data", [b"", b"2026-13-01,rest,x\n2026-10-01,maybe,y", "2026-10-01,休".encode("gb18030"), b"\xff\xfe\x00"]
)
def test_a_bad_year_file_changes_nothing_and_says_which_lines(admin: Browser, data: bytes) -> None:
    admin.get("/calendar")

    admin.upload("/calendar/years", "file", {"2026.csv": data})

    assert admin.status == 422
    assert admin.page.find(attrs={"role": "alert"}) is not None
    admin.get("/calendar?year=2026")
    assert "未载入" in admin.text


def test_one_day_is_changed(admin: Browser) -> None:
    admin.get("/calendar")

    admin.send("/calendar/days", {"day": "2026-12-07", "kind": "rest", "name": "防汛停工"})

    assert "防汛停工" in admin.text


@pytest.mark.parametrize("month, told", [(10, False), (11, True), (12, True)])
def test_from_november_on_an_administrator_is_told_that_next_years_calendar_is_missing(
    office: Office, month: int, told: bool
) -> None:
    office.house.now = datetime(2026, month, 15, 2, 0, tzinfo=UTC)
    admin, zhang = office.admin(), office.person("zhang")
    admin.get("/calendar")
    admin.upload("/calendar/years", "file", {"2026.csv": YEAR.encode()})

    admin.get("/inbox")
    zhang.get("/inbox")

    assert ("2027 年的工作日历还没有载入" in admin.text) is told
    assert "还没有载入" not in zhang.text


def test_an_incident_is_read_corrected_and_tried_again(office: Office, admin: Browser) -> None:
    office.deploy(stuck__bpmn=samples.STUCK)
    zhang = office.house.person("zhang")
    instance = office.house.start("stuck", n=3)
    with pytest.raises(StepFailed):
        office.house.engine.execute(CompleteTask(task_id=office.task(instance).rsplit("/", 1)[1]), actor=zhang)

    admin.get("/admin/incidents")
    assert "金额？" in admin.text
    row = office.house.queries.instances.incidents().rows[0]
    admin.send(f"/admin/incidents/{row['id']}/retry")
    assert "重试仍然失败" in admin.messages[0]
    admin.get(f"/instances/{instance}?tab=variables")
    admin.send(f"/instances/{instance}/variables", {"name": "n", "value": "1"})
    admin.send(f"/admin/incidents/{row['id']}/retry")

    assert "已重试成功" in admin.messages[0]
    assert office.house.state(instance) == "completed"


def test_an_incident_is_resolved_by_hand_with_the_reason(office: Office, admin: Browser) -> None:
    office.deploy(stuck__bpmn=samples.STUCK)
    zhang = office.house.person("zhang")
    instance = office.house.start("stuck", n=3)
    with pytest.raises(StepFailed):
        office.house.engine.execute(CompleteTask(task_id=office.task(instance).rsplit("/", 1)[1]), actor=zhang)
    row = office.house.queries.instances.incidents().rows[0]

    admin.get("/admin/incidents")
    admin.send(f"/admin/incidents/{row['id']}/resolve", {"comment": "已线下处理"})
    admin.get("/admin/incidents?state=resolved")

    assert "已线下处理" in admin.text


def test_a_waiting_job_is_listed_and_run_now(office: Office, admin: Browser) -> None:
    timer = bpmn(
        '<startEvent id="s"/><intermediateCatchEvent id="w" name="等一天"><timerEventDefinition><timeDuration>P1D</timeDuration>'
        '</timerEventDefinition></intermediateCatchEvent><endEvent id="e"/>' + flows("s-w", "w-e"),
        key="timer",
    )
    office.deploy(timer__bpmn=timer)
    office.house.start("timer")

    admin.get("/admin/jobs")
    assert "定时事件 等一天 w" in admin.rows()[0]
    job = office.house.queries.admin.jobs(state="waiting").rows[0]
    admin.send(f"/admin/jobs/{job['id']}/retry")

    assert office.house.queries.admin.jobs(state="waiting").rows[0]["due_at"] == office.house.now


def test_variables_are_corrected_as_json_and_bad_json_is_told(office: Office, admin: Browser) -> None:
    office.purchases()
    instance = office.house.start("purchase", project="x")
    admin.get(f"/instances/{instance}")

    admin.send(f"/instances/{instance}/variables", {"name": "project", "value": "no quotes"})
    assert admin.status == 422
    admin.send(f"/instances/{instance}/variables", {"name": "project", "value": '"空调"'})
    assert office.house.engine.variables(instance)["project"] == "空调"


def test_an_instance_is_terminated_with_the_reason_in_its_story(office: Office, admin: Browser) -> None:
    office.purchases()
    instance = office.house.start("purchase", project="x")
    admin.get(f"/instances/{instance}")

    admin.send(f"/instances/{instance}/terminate", {"reason": "重复发起"})

    assert "已终止" in admin.text
    assert office.house.state(instance) == "terminated"


def test_a_token_is_shown_once_works_and_can_be_revoked(office: Office) -> None:
    zhang = office.person("zhang")
    zhang.get("/account/tokens")
    zhang.send("/account/tokens", {"name": "对接系统", "scopes": ["read", "tasks"], "days": "30"})
    token = zhang.page.select_one(".bj-secret code").get_text()
    call = lambda: office.app.test_client().get("/api/v1/tasks", headers={"Authorization": f"Bearer {token}"})  # noqa: E731

    assert token.startswith("bj_") and call().status_code == 200
    zhang.get("/account/tokens")
    assert token not in zhang.answer.text
    zhang.send(zhang.page.select_one("form[action$=revoke]")["action"])
    assert call().status_code == 401


@pytest.mark.parametrize("fields", [{"days": "400"}, {"days": "0"}, {"days": "x"}, {"scopes": []}, {"name": ""}])
def test_a_token_without_measure_is_refused(office: Office, fields: dict[str, object]) -> None:
    zhang = office.person("zhang")
    zhang.get("/account/tokens")

    zhang.send("/account/tokens", {"name": "x", "scopes": ["read"], "days": "30", **fields})

    assert zhang.status == 422
    assert office.house.queries.admin.tokens() == []


def test_a_token_expires_by_the_engines_clock(office: Office) -> None:
    zhang = office.person("zhang")
    zhang.get("/account/tokens")
    zhang.send("/account/tokens", {"name": "x", "scopes": ["read"], "days": "30"})
    token = zhang.page.select_one(".bj-secret code").get_text()

    office.house.now += timedelta(days=31)
    answer = office.app.test_client().get("/api/v1/tasks", headers={"Authorization": f"Bearer {token}"})

    assert answer.status_code == 401


def test_nobody_revokes_the_tokens_of_others_but_administrators(office: Office) -> None:
    zhang, li, boss = office.person("zhang"), office.person("li"), office.person("boss", roles=(Role.ADMIN,))
    zhang.get("/account/tokens")
    zhang.send("/account/tokens", {"name": "x", "scopes": ["read"], "days": "30"})
    token_id = office.house.queries.admin.tokens()[0]["id"]

    li.get("/account/tokens")
    li.send(f"/account/tokens/{token_id}/revoke")
    assert li.status == 404
    boss.get("/account/tokens")
    boss.send(f"/account/tokens/{token_id}/revoke")
    assert boss.status == 200
