"""Process instances over HTTP."""

from engine.access import Role
from tests.integration.api.site import Client, Site
from tests.integration.engine.house import LEAVE


def test_an_instance_is_started_and_read(site: Site):
    site.house.deploy(LEAVE)
    li = site.person("li")

    started = li.post("/process-instances", {"key": "leave", "business_key": "L-1", "variables": {"天数": 3}})

    assert started.status_code == 201
    assert started.headers["Location"] == f"/api/v1/process-instances/{started.json['id']}"
    seen = li.call("GET", started.headers["Location"].removeprefix("/api/v1")).json
    assert (seen["state"], seen["business_key"], seen["started_by"]) == ("running", "L-1", "li")
    assert seen["variables"]["天数"] == 3
    assert [task["element_id"] for task in seen["tasks"]] == ["approve"]


def test_a_version_can_be_started_by_its_id(site: Site):
    definition = site.house.deploy(LEAVE)["definitions"][0]["id"]

    assert site.admin.post("/process-instances", {"definition_id": definition}).json["definition_id"] == definition


def test_either_key_or_version_is_needed(site: Site):
    site.house.deploy(LEAVE)

    assert site.admin.post("/process-instances", {}).status_code == 422
    assert site.admin.post("/process-instances", {"key": "leave", "definition_id": "x"}).status_code == 422


def test_an_unknown_process_is_not_found_with_the_key(site: Site):
    refused = site.admin.post("/process-instances", {"key": "holiday"})

    assert (refused.status_code, refused.json["key"]) == (404, "holiday")


def test_a_suspended_version_is_a_conflict(site: Site):
    definition = site.house.deploy(LEAVE)["definitions"][0]["id"]
    site.admin.post(f"/process-definitions/{definition}/suspend")

    assert site.admin.post("/process-instances", {"key": "leave"}).status_code == 409


def test_the_history_tells_who_did_what_in_order_and_pages(site: Site):
    site.house.deploy(LEAVE)
    instance = site.house.start("leave")

    whole = site.admin.get(f"/process-instances/{instance}/history").json
    first = site.admin.get(f"/process-instances/{instance}/history", limit=2).json
    rest = site.admin.get(f"/process-instances/{instance}/history", after=first["next"]).json

    assert [event["seq"] for event in whole["items"]] == list(range(1, len(whole["items"]) + 1))
    assert whole["items"][0]["kind"] == "InstanceStarted"
    assert whole["items"][0]["actor"] == "admin"
    assert first["items"] + rest["items"] == whole["items"]
    assert whole["next"] is None


def test_participants_see_the_story_but_not_the_values_that_forms_may_hide(site: Site):
    site.house.deploy(LEAVE)
    wang = site.person("wang", "leaders")
    instance = site.house.start("leave", salary="九千元整")

    assert wang.get(f"/process-instances/{instance}").json["variables"] is None
    history = wang.get(f"/process-instances/{instance}/history")
    assert history.json["items"][0]["kind"] == "InstanceStarted"
    assert "九千元整" not in history.get_data(as_text=True) and "\\u4e5d" not in history.get_data(as_text=True)
    assert site.admin.get(f"/process-instances/{instance}").json["variables"]["salary"] == "九千元整"


def test_an_instance_of_others_is_not_found(site: Site):
    site.house.deploy(LEAVE)
    instance = site.house.start("leave")
    stranger = site.person("stranger")

    for path in ("", "/history", "/diagram.svg"):
        assert stranger.get(f"/process-instances/{instance}{path}").status_code == 404
        assert site.admin.get(f"/process-instances/no-such{path}").status_code == 404


def test_one_lists_what_one_started_and_overseers_list_everything(site: Site):
    site.house.deploy(LEAVE)
    li = site.person("li")
    site.person("zhao", roles=(Role.SUPERVISOR,))
    mine = li.post("/process-instances", {"key": "leave"}).json["id"]
    other = site.house.start("leave")

    assert [row["id"] for row in li.get("/process-instances").json["items"]] == [mine]
    everything = site.client("zhao").get("/process-instances", definition_key="leave", state="running").json
    assert {row["id"] for row in everything["items"]} == {mine, other}


def test_the_diagram_is_a_picture_that_may_run_nothing(site: Site):
    site.house.deploy(LEAVE)
    instance = site.house.start("leave")

    picture = site.admin.get(f"/process-instances/{instance}/diagram.svg")

    assert picture.mimetype == "image/svg+xml"
    assert picture.data.startswith(b"<svg")
    assert "审批" in picture.get_data(as_text=True)
    assert "default-src 'none'" in picture.headers["Content-Security-Policy"]
    assert "script" not in picture.headers["Content-Security-Policy"]


def test_an_administrator_corrects_variables_and_terminates(site: Site):
    site.house.deploy(LEAVE)
    instance = site.house.start("leave")

    corrected = site.admin.patch(f"/process-instances/{instance}/variables", {"variables": {"days": 5}})
    assert corrected.json["variables"]["days"] == 5
    ended = site.admin.post(f"/process-instances/{instance}/terminate", {"reason": "申请人撤回"})
    assert ended.json["state"] == "terminated"
    assert site.admin.post(f"/process-instances/{instance}/terminate", {"reason": "again"}).status_code == 409
    assert site.admin.get("/tasks", instance=instance).json["items"] == []


def test_deleting_an_instance_ends_it_and_keeps_its_history(site: Site):
    site.house.deploy(LEAVE)
    instance = site.house.start("leave")

    deleted = site.admin.delete(f"/process-instances/{instance}", query_string={"reason": "错误发起"})

    assert (deleted.status_code, deleted.data) == (204, b"")
    history = site.admin.get(f"/process-instances/{instance}/history").json["items"]
    assert [event["data"] for event in history if event["kind"] == "InstanceTerminated"] == [{"reason": "错误发起"}]


def test_words_that_were_taken_back_are_read_by_overseers_alone(site: Site):
    site.house.deploy(LEAVE)
    wang = site.person("wang", "leaders")
    site.person("zhao", roles=(Role.AUDITOR,))
    instance = site.house.start("leave")
    said = wang.post(f"/process-instances/{instance}/comments", {"body": "口误"}).json["id"]
    wang.post(f"/process-instances/{instance}/comments", {"body": "说清楚"})
    assert wang.delete(f"/comments/{said}").status_code in (200, 204)

    def read(client: Client) -> str:
        return client.get(f"/process-instances/{instance}/history").get_data(as_text=True)

    assert "说清楚" in read(wang)
    assert "口误" not in read(wang)
    assert "口误" in read(site.client("zhao"))
