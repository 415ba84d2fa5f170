"""Tasks over HTTP."""

import json

import pytest

from tests.integration.api.site import Client, Site
from tests.integration.engine.house import LEAVE


@pytest.fixture
def started(site: Site) -> str:
    site.house.deploy(LEAVE)
    return site.house.start("leave", days=3)


@pytest.fixture
def wang(site: Site) -> Client:
    return site.person("wang", "leaders")


@pytest.fixture
def li(site: Site) -> Client:
    return site.person("li", "leaders")


def task_id(site: Site, started: str) -> str:
    return str(site.house.task(started)["id"])


def test_a_task_is_claimed_given_back_and_completed(site, started, wang):
    task = task_id(site, started)

    claimed = wang.post(f"/tasks/{task}/claim")
    assert (claimed.status_code, claimed.json["state"], claimed.json["assignee"]) == (200, "assigned", "wang")

    given_back = wang.post(f"/tasks/{task}/unclaim")
    assert (given_back.status_code, given_back.json["state"], given_back.json["assignee"]) == (200, "offered", None)

    completed = wang.post(f"/tasks/{task}/complete", {"outcome": "refuse", "comment": "人手不足"})
    assert (completed.status_code, completed.json["state"]) == (200, "completed")
    assert completed.json["instance_state"] == "completed"

    seen = wang.get(f"/tasks/{task}").json
    assert (seen["closed_by"], seen["outcome"], seen["comment"]) == ("wang", "refuse", "人手不足")


def test_a_task_tells_what_its_client_needs(site, started, wang):
    task = wang.get(f"/tasks/{task_id(site, started)}").json

    assert task["element_name"] == "审批"
    assert task["outcomes"] == ["agree", "refuse"]
    assert task["candidate_groups"] == ["leaders"]
    assert task["due_at"].startswith("2026-11-2")
    assert task["instance_id"] == started


def test_a_task_is_handed_to_somebody_else(site, started, wang, li):
    task = task_id(site, started)
    wang.post(f"/tasks/{task}/claim")

    assert wang.post(f"/tasks/{task}/assign", {"assignee": "li", "reason": "出差"}).json["assignee"] == "li"
    assert li.get("/tasks").json["items"][0]["id"] == task


def test_who_completes_second_is_told_who_was_first_and_when(site, started, wang, li):
    task = task_id(site, started)
    wang.post(f"/tasks/{task}/complete", {"outcome": "agree"})

    refused = li.post(f"/tasks/{task}/complete", {"outcome": "agree"})

    assert refused.status_code == 409
    assert refused.content_type == "application/problem+json"
    assert refused.json["by"] == "wang"
    assert refused.json["at"].startswith("2026-11-23T01:00")


def test_a_held_task_is_refused_with_the_name_of_its_holder(site, started, wang, li):
    task = task_id(site, started)
    wang.post(f"/tasks/{task}/claim")

    refused = li.post(f"/tasks/{task}/complete", {"outcome": "agree"})

    assert (refused.status_code, refused.json["by"]) == (403, "wang")


def test_an_outcome_that_the_model_does_not_offer_is_a_conflict_with_the_offered_ones(site, started, wang):
    refused = wang.post(f"/tasks/{task_id(site, started)}/complete", {"outcome": "maybe"})

    assert (refused.status_code, refused.json["outcomes"]) == (409, ["agree", "refuse"])


def test_a_task_that_one_may_not_know_of_is_not_found_and_not_forbidden(site, started):
    stranger = site.person("stranger")
    task = task_id(site, started)

    known, unknown = stranger.get(f"/tasks/{task}"), stranger.get("/tasks/no-such-task")

    assert (known.status_code, unknown.status_code) == (404, 404)
    assert known.json["detail"].replace(task, "X") == unknown.json["detail"].replace("no-such-task", "X")
    assert stranger.post(f"/tasks/{task}/claim").status_code == 404
    assert stranger.post(f"/tasks/{task}/complete", {"outcome": "agree"}).status_code == 404


def test_the_form_of_a_task_shows_what_the_task_may_see_and_no_more(site, wang):
    form = {
        "type": "default",
        "components": [
            {"type": "number", "key": "days", "label": "天数"},
            {"type": "textfield", "key": "salary", "label": "工资"},
            {"type": "textarea", "key": "opinion", "label": "意见", "validate": {"required": True}},
        ],
    }
    process = LEAVE.replace(
        b'id="approve"', b'id="approve" banjie:formKey="leave" banjie:fields="opinion:write,days:read,*:hidden"'
    )
    files = {"leave.bpmn": process, "leave.form": json.dumps(form).encode()}
    assert site.admin.upload("/deployments", files).status_code == 201
    started = site.house.start("leave", days=3, salary="9000")
    task = task_id(site, started)

    shown = wang.get(f"/tasks/{task}/form").json

    assert [(field["name"], field["value"], field["readonly"]) for field in shown["fields"]] == [
        ("days", 3, True),
        ("opinion", None, False),
    ]
    refused = wang.post(f"/tasks/{task}/complete", {"outcome": "agree"})
    assert (refused.status_code, set(refused.json["fields"])) == (422, {"opinion"})
    assert (
        wang.post(f"/tasks/{task}/complete", {"outcome": "agree", "variables": {"opinion": "同意"}}).status_code == 200
    )


def test_a_task_without_a_form_has_none(site, started, wang):
    assert wang.get(f"/tasks/{task_id(site, started)}/form").status_code == 404


def test_a9_a_draft_is_kept_for_its_writer_alone(site, started, wang, li):
    path = f"/tasks/{task_id(site, started)}/draft"
    assert wang.get(path).status_code == 404

    wang.put(path, {"values": {"days": "4"}, "comment": "拟同意"})
    wang.put(path, {"values": {"days": "5"}, "comment": "拟同意"})

    kept = wang.get(path).json
    assert (kept["values"], kept["comment"]) == ({"days": "5"}, "拟同意")
    assert li.get(path).status_code == 404
    assert wang.delete(path).status_code == wang.delete(path).status_code == 204
    assert wang.get(path).status_code == 404
    assert site.person("chen").put(path, {"comment": "x"}).status_code == 404  # who may not see the task


def test_a_list_without_filter_is_what_one_holds(site, started, wang):
    assert wang.get("/tasks").json["items"] == []
    wang.post(f"/tasks/{task_id(site, started)}/claim")

    assert [task["id"] for task in wang.get("/tasks").json["items"]] == [task_id(site, started)]


def test_a_candidate_finds_what_is_offered_to_the_person_or_the_group(site, started, wang):
    expected = [task_id(site, started)]

    for candidate in ("wang", "group:leaders"):
        assert [task["id"] for task in wang.get("/tasks", candidate=candidate).json["items"]] == expected
    assert [task["id"] for task in wang.get("/tasks", instance=started, candidate="wang").json["items"]] == expected
    assert wang.get("/tasks", instance=started, assignee="wang").json["items"] == []


@pytest.mark.parametrize("query", [{"assignee": "li"}, {"candidate": "li"}, {"candidate": "group:others"}])
def test_only_overseers_list_the_tasks_of_others(site, started, wang, li, query):
    assert wang.get("/tasks", **query).status_code == 403
    assert site.admin.get("/tasks", **query).status_code == 200


def test_an_overseer_without_filter_sees_all_open_tasks(site, started, wang):
    assert [task["id"] for task in site.admin.get("/tasks").json["items"]] == [task_id(site, started)]


def test_holder_and_candidate_together_make_no_sense(site, wang):
    assert wang.get("/tasks", assignee="wang", candidate="wang").status_code == 422


def test_a_list_pages_by_key_and_every_task_stands_on_exactly_one_page(site, wang):
    site.house.deploy(LEAVE)
    expected = {task_id(site, site.house.start("leave")) for _ in range(7)}
    seen: list[str] = []
    cursor = None

    while True:
        page = wang.get("/tasks", candidate="wang", limit=3, **({"after": cursor} if cursor else {})).json
        seen += [task["id"] for task in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break

    assert len(seen) == 7
    assert set(seen) == expected


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "W10",
        "WzFd",
        "W251bGwsIDFd",
        "WzFlOTk5LCAiYSJd",
        "W3sidCI6ICJ4In0sICJhIl0",
        "WzEwMDAwMDAwMDAwMDAwMDAwMDAwMCwgImEiXQ",
    ],
)
def test_a_cursor_that_is_none_is_refused(wang, cursor):
    for query in ({}, {"candidate": "wang"}):
        assert wang.get("/tasks", after=cursor, **query).status_code == 422
