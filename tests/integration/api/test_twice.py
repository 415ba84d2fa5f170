"""Acting once: two people at the same moment, and the same request again."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from tests.integration.api.site import Site
from tests.integration.engine.house import LEAVE


def test_of_two_people_who_complete_one_task_at_once_one_wins_and_one_is_told_who_and_when(site: Site):
    site.house.deploy(LEAVE)
    clients = {login: site.person(login, "leaders") for login in ("wang", "li")}
    for _ in range(5):
        path = f"/tasks/{site.house.task(site.house.start('leave'))['id']}/complete"

        with ThreadPoolExecutor(2) as pool:
            waiting = {login: pool.submit(each.post, path, {"outcome": "refuse"}) for login, each in clients.items()}
        answers = {login: future.result() for login, future in waiting.items()}

        by_status = {answer.status_code: login for login, answer in answers.items()}
        assert set(by_status) == {200, 409}
        loser = answers[by_status[409]].json
        assert loser["by"] == by_status[200]
        assert loser["at"]


def test_one_key_acts_once_and_gets_the_first_answer_again(site: Site):
    site.house.deploy(LEAVE)

    first = site.admin.post("/process-instances", {"key": "leave"}, key="k-1")
    again = site.admin.post("/process-instances", {"key": "leave"}, key="k-1")

    assert (again.status_code, again.json, again.headers["Location"]) == (201, first.json, first.headers["Location"])
    assert len(site.admin.get("/process-instances").json["items"]) == 1


def test_one_key_sent_five_times_at_once_acts_once(site: Site):
    site.house.deploy(LEAVE)
    admin = site.admin

    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda _: admin.post("/process-instances", {"key": "leave"}, key="k"), range(5)))

    assert Counter(answer.status_code for answer in answers) == {201: 5}
    assert len({answer.json["id"] for answer in answers}) == 1
    assert len(admin.get("/process-instances").json["items"]) == 1


def test_a_completion_sent_again_under_its_key_is_no_conflict(site: Site):
    site.house.deploy(LEAVE)
    wang = site.person("wang", "leaders")
    task = site.house.task(site.house.start("leave"))["id"]
    body = {"outcome": "agree", "comment": "同意"}

    first = wang.post(f"/tasks/{task}/complete", body, key="c-1")
    again = wang.post(f"/tasks/{task}/complete", body, key="c-1")

    assert (first.status_code, again.status_code, again.json) == (200, 200, first.json)
    assert wang.post(f"/tasks/{task}/complete", body).status_code == 409


def test_a_key_used_for_another_request_is_a_conflict(site: Site):
    site.house.deploy(LEAVE)
    site.admin.post("/process-instances", {"key": "leave"}, key="k")

    refused = site.admin.post("/process-instances", {"key": "leave", "title": "another"}, key="k")

    assert (refused.status_code, refused.json["idempotency_key"]) == (409, "k")


def test_a_deployment_sent_again_under_its_key_makes_one(site: Site):
    first = site.admin.upload("/deployments", {"leave.bpmn": LEAVE}, key="d")
    again = site.admin.upload("/deployments", {"leave.bpmn": LEAVE}, key="d")

    assert (first.status_code, again.status_code, again.json) == (201, 201, first.json)
    assert len(site.admin.get("/deployments").json["items"]) == 1


def test_an_answer_that_is_shown_once_takes_no_key(site: Site):
    site.person("li")

    assert site.admin.post("/people/li/password", key="k").status_code == 422
    assert len(site.admin.post("/people/li/password").json["password"]) >= 12
