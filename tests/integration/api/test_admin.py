"""The administrators' nouns over HTTP: people, organisation, tokens, calendar, jobs, incidents, audit."""

import pytest

from engine.access import Role
from tests.integration.api.site import Client, Site
from tests.integration.engine.house import bpmn, flows

STUCK = bpmn(
    '<startEvent id="start"/><userTask id="a" name="A"/><exclusiveGateway id="g"/><endEvent id="x"/><endEvent id="y"/>'
    + flows("start-a", "a-g", "g-x?n = 1", "g-y?n = 2"),
    key="stuck",
)


@pytest.fixture
def admin(site: Site) -> Client:
    return site.admin


def test_people_are_added_changed_and_disabled(admin):
    made = admin.post(
        "/people", {"login": "wang.fang", "name": "王芳", "roles": ["clerk", "staff"], "mobile": "13800000000"}
    )
    assert (made.status_code, made.headers["Location"]) == (201, "/api/v1/people/wang.fang")

    assert admin.patch("/people/wang.fang", {"name": "王方"}).status_code == 200
    admin.post("/groups", {"key": "window", "name": "窗口"})
    admin.put("/people/wang.fang/groups", {"groups": ["window"]})
    admin.post("/people/wang.fang/disable")
    seen = admin.get("/people/wang.fang").json

    assert (seen["name"], seen["roles"], seen["groups"], seen["disabled"]) == (
        "王方",
        ["clerk", "staff"],
        ["window"],
        True,
    )
    assert admin.post("/people/wang.fang/enable").status_code == 200
    assert "password_hash" not in seen


def test_colleagues_see_names_and_groups_but_no_private_data(site: Site, admin):
    admin.post("/people", {"login": "wang", "name": "王芳", "mobile": "13800000000", "email": "w@example.cn"})
    li = site.person("li")

    for path in ("/people", "/people/wang"):
        text = li.get(path).get_data(as_text=True)
        assert "王芳" in text
        assert "13800000000" not in text
        assert "example.cn" not in text


def test_a_login_taken_and_a_role_that_nobody_may_have_are_refused(admin):
    admin.post("/people", {"login": "wang", "name": "王芳"})

    assert admin.post("/people", {"login": "Wang", "name": "王芳"}).status_code == 409
    assert admin.post("/people", {"login": "robot", "name": "R", "roles": ["system"]}).status_code == 422
    assert admin.post("/people", {"login": "x y", "name": "R"}).status_code == 422
    assert admin.patch("/people/nobody", {"name": "x"}).status_code == 404


def test_departments_stand_below_each_other_and_never_in_a_circle(admin):
    top = admin.post("/departments", {"code": "A", "name": "审批局"})
    below = admin.post("/departments", {"code": "B", "name": "窗口", "parent_id": top.json["id"]}).json

    assert admin.call("GET", top.headers["Location"].removeprefix("/api/v1")).json == top.json
    assert admin.patch(f"/departments/{top.json['id']}", {"parent_id": below["id"]}).status_code == 409
    assert admin.patch(f"/departments/{below['id']}", {"parent_id": "", "name": "综合窗口"}).json["parent_id"] is None
    assert [row["code"] for row in admin.get("/departments").json["items"]] == ["A", "B"]
    assert admin.get("/departments/x").status_code == 404


def test_groups_have_members(site: Site, admin):
    made = admin.post("/groups", {"key": "窗口/一", "name": "一号窗口"})
    assert made.status_code == 201
    site.person("li")
    admin.put("/people/li/groups", {"groups": ["窗口/一"]})

    assert admin.get("/groups").json["items"][0]["members"] == 1
    assert admin.patch("/groups/nobody", {"name": "x"}).status_code == 404


def test_one_group_by_its_address(site: Site, admin):
    made = admin.post("/groups", {"key": "window", "name": "窗口"})
    site.person("li")
    admin.put("/people/li/groups", {"groups": ["window"]})

    seen = admin.call("GET", made.headers["Location"].removeprefix("/api/v1")).json
    assert seen["members"] == [{"login": "li", "name": "Li"}]
    assert admin.patch("/groups/window", {"name": "综合窗口"}).json == {"key": "window"}


def test_a_token_can_neither_make_nor_list_tokens_of_its_owner(site: Site):
    li = site.person("li")

    assert li.post("/tokens", {"name": "more", "scopes": ["read"]}).status_code == 403
    assert li.get("/tokens").status_code == 403


def test_an_administrator_lists_and_revokes_tokens_and_never_sees_secrets(site: Site, admin):
    li = site.person("li")

    listed = admin.get("/tokens", login="li").json["items"]
    assert [token["login"] for token in listed] == ["li"]
    assert "hash" not in str(listed)
    assert admin.delete(f"/tokens/{listed[0]['id']}").status_code == 204
    assert li.get("/me").status_code == 401
    assert admin.delete("/tokens/unknown").status_code == 404


def test_one_can_ask_who_one_is(site: Site):
    site.person("zhao", "leaders", roles=(Role.CLERK, Role.STAFF))

    assert site.client("zhao", ["read", "tasks"]).get("/me").json == {
        "login": "zhao",
        "name": "Zhao",
        "roles": ["clerk", "staff"],
        "groups": ["leaders"],
        "department_id": None,
        "scopes": ["read", "tasks"],
    }


def test_the_calendar_is_loaded_read_and_corrected(admin):
    year = "date,kind,name\n2026-10-01,rest,国庆节\n2026-10-10,work,调休\n"

    loaded = admin.post("/calendar/years", {"text": year, "source": "国办发明电〔2025〕x号"})

    assert loaded.status_code == 201
    assert [row["year"] for row in admin.get("/calendar/years").json["items"]] == [2026]
    changed = admin.put("/calendar/days/2026-10-02", {"kind": "rest", "name": "国庆节"})
    assert (changed.status_code, changed.json["day"]) == (200, "2026-10-02")
    days = admin.call("GET", loaded.headers["Location"].removeprefix("/api/v1")).json["items"]
    assert [(day["day"], day["kind"]) for day in days] == [
        ("2026-10-01", "rest"),
        ("2026-10-02", "rest"),
        ("2026-10-10", "work"),
    ]


def test_a_calendar_that_makes_no_sense_is_refused(admin):
    assert admin.post("/calendar/years", {"text": "nonsense"}).status_code == 422
    assert admin.put("/calendar/days/2026-13-01", {"kind": "rest"}).status_code == 422
    assert admin.put("/calendar/days/20261001", {"kind": "rest"}).status_code == 422
    assert admin.put("/calendar/days/2026-10-01", {"kind": "party"}).status_code == 422
    assert admin.get("/calendar/years/2031").status_code == 404


def test_an_incident_is_read_retried_and_resolved(site: Site, admin):
    site.house.deploy(STUCK)
    instance = site.house.start("stuck", n=3)
    task = site.house.task(instance)["id"]
    wang = site.person("wang")
    admin.post(f"/tasks/{task}/assign", {"assignee": "wang"})

    failed = wang.post(f"/tasks/{task}/complete", {})
    assert (failed.status_code, failed.json["title"]) == (409, "step-failed")
    incident = admin.get("/incidents", instance=instance).json["items"][0]
    assert (incident["id"], incident["state"], incident["element_id"]) == (failed.json["incident_id"], "open", "g")

    assert admin.post(f"/incidents/{incident['id']}/retry").status_code == 409
    admin.patch(f"/process-instances/{instance}/variables", {"variables": {"n": 1}})
    assert admin.post(f"/incidents/{incident['id']}/retry").json["resolved"] is True
    assert site.house.state(instance) == "completed"
    assert admin.post(f"/incidents/{incident['id']}/resolve", {"comment": "done"}).status_code == 409


def test_an_incident_is_closed_by_hand_with_a_comment(site: Site, admin):
    site.house.deploy(STUCK)
    instance = site.house.start("stuck", n=3)
    site.person("wang")
    task = site.house.task(instance)["id"]
    admin.post(f"/tasks/{task}/assign", {"assignee": "wang"})
    incident = site.client("wang").post(f"/tasks/{task}/complete", {}).json["incident_id"]

    assert admin.post(f"/incidents/{incident}/resolve", {}).status_code == 422
    assert admin.post(f"/incidents/{incident}/resolve", {"comment": "变量已更正"}).status_code == 200
    listed = admin.get("/incidents", state="resolved").json["items"]
    assert [(row["resolved_by"], row["comment"]) for row in listed] == [("admin", "变量已更正")]


def test_jobs_are_listed_and_retried(site: Site, admin):
    timer = bpmn(
        '<startEvent id="start"/><intermediateCatchEvent id="wait"><timerEventDefinition><timeDuration>PT1H</timeDuration>'
        '</timerEventDefinition></intermediateCatchEvent><endEvent id="end"/>' + flows("start-wait", "wait-end"),
        key="timer",
    )
    site.house.deploy(timer)
    site.house.start("timer")

    job = admin.get("/jobs", state="waiting").json["items"][0]

    assert (job["kind"], job["element_id"], job["due_at"]) == ("timer", "wait", "2026-11-23T02:00:00Z")
    assert admin.post(f"/jobs/{job['id']}/retry").status_code == 200
    assert admin.post("/jobs/unknown/retry").status_code == 404


def test_what_administrators_did_is_listed_newest_first_and_pages(site: Site, admin):
    for number in range(3):
        admin.post("/departments", {"code": f"D{number}", "name": "部门"})

    page = admin.get("/audit", limit=2).json
    rest = admin.get("/audit", before=page["next"]).json["items"]

    assert [event["data"]["code"] for event in page["items"]] == ["D2", "D1"]
    assert rest[0]["data"]["code"] == "D0"
    assert {event["actor"] for event in page["items"]} == {"admin"}
