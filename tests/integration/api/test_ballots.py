"""Ballots over HTTP."""

from datetime import timedelta

import pytest

from tests.integration.api.site import Client, Site
from tests.integration.ballots.committee import ballot_process


@pytest.fixture
def people(site: Site) -> dict[str, Client]:
    return {login: site.person(login) for login in ("a", "b", "c", "clerk", "other")}


def begin(site: Site, people: dict[str, Client], more: str = "") -> tuple[str, dict[str, str]]:
    """Start a ballot of a, b and c: two of three; answers its id and the task of each."""
    site.house.deploy(ballot_process("ratio:2/3", more=more))
    instance_id = site.house.start("council", by=site.house.actors["clerk"])
    tasks = {row["assignee"]: row["id"] for row in site.house.open_tasks(instance_id)}
    return site.house.queries.ballots.of_instance(instance_id)[0]["id"], tasks


def test_a_member_votes_by_completing_the_task(site, people):
    ballot, tasks = begin(site, people)

    answer = people["a"].post(f"/tasks/{tasks['a']}/complete", {"outcome": "approve", "comment": "可行"})
    assert (answer.status_code, answer.json["state"], answer.json["instance_state"]) == (200, "completed", "running")

    seen = people["b"].get(f"/ballots/{ballot}").json
    assert (seen["state"], seen["voted"], seen["members_count"], seen["missing"]) == ("open", 1, 3, 1)
    assert seen["count"]["approvals"] == 1
    votes = {member["login"]: member["vote"] for member in seen["members"]}
    assert (votes["a"]["choice"], votes["a"]["comment"], votes["b"]) == ("approve", "可行", None)

    people["b"].post(f"/tasks/{tasks['b']}/complete", {"outcome": "approve"})
    seen = people["c"].get(f"/ballots/{ballot}").json
    assert (seen["state"], seen["outcome"], seen["ground"]) == ("passed", "approve", "threshold")
    assert people["c"].get(f"/tasks/{tasks['c']}").json["state"] == "superseded"

    late = people["c"].post(f"/tasks/{tasks['c']}/complete", {"outcome": "reject"})
    assert late.status_code == 409


def test_a_secret_vote_is_nowhere_to_be_read_before_the_ballot_is_closed(site, people):
    ballot, tasks = begin(site, people, 'banjie:secret="true" ')
    people["a"].post(f"/tasks/{tasks['a']}/complete", {"outcome": "reject", "comment": "不妥"})
    instance = people["b"].get(f"/ballots/{ballot}").json["instance_id"]

    for path in (f"/ballots/{ballot}", f"/process-instances/{instance}/history", f"/tasks/{tasks['a']}"):
        answer = people["b"].get(path)
        assert answer.status_code == 200
        assert "不妥" not in answer.get_data(as_text=True), path
    seen = people["b"].get(f"/ballots/{ballot}").json
    assert (seen["voted"], seen["count"], seen["missing"]) == (1, None, None)
    assert seen["members"][0]["vote"]["choice"] is None

    for login in "bc":
        people[login].post(f"/tasks/{tasks[login]}/complete", {"outcome": "approve"})
    assert people["b"].get(f"/ballots/{ballot}").json["members"][0]["vote"]["comment"] == "不妥"


def test_whoever_may_not_see_the_instance_finds_no_ballot(site, people):
    ballot, _tasks = begin(site, people)
    assert people["other"].get(f"/ballots/{ballot}").status_code == 404
    assert people["other"].get("/ballots/nothing").status_code == 404


def test_p_9_4_each_member_is_told_with_his_time_and_whether_it_is_over(site, people):
    ballot, tasks = begin(site, people, 'banjie:memberLimit="2wd" ')
    people["a"].post(f"/tasks/{tasks['a']}/complete", {"outcome": "approve"})
    site.house.run_jobs(timedelta(days=4))
    members = {member["login"]: member for member in people["b"].get(f"/ballots/{ballot}").json["members"]}
    assert {login: member["overdue"] for login, member in members.items()} == {"a": False, "b": True, "c": True}
    assert members["b"]["due_at"].startswith("2026-11-25")
