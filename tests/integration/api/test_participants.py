"""One more at a multi-instance task, one less, and back again, over HTTP."""

from tests.integration.engine.house import bpmn, flows

MODEL = bpmn(
    '<startEvent id="s"/><userTask id="m" name="会办" banjie:assignee="${p}" banjie:outcomes="agree:同意">'
    '<multiInstanceLoopCharacteristics banjie:collection="=people" banjie:elementVariable="p"/></userTask>'
    '<userTask id="after" banjie:assignee="a"/><endEvent id="e"/>' + flows("s-m", "m-after", "after-e")
)


def test_people_join_leave_and_take_back_at_a_multi_instance(site):
    people = {login: site.person(login) for login in ("a", "b", "c")}
    site.house.deploy(MODEL)
    instance_id = site.house.start("leave", people=["a", "b"])
    tasks = {row["assignee"]: row["id"] for row in site.house.open_tasks(instance_id)}

    added = people["a"].post(f"/tasks/{tasks['a']}/signers", {"people": ["c"], "position": "beside", "power": "decide"})
    assert (added.status_code, added.json["signers"]) == (200, ["c"])
    seen = people["c"].get(f"/tasks/{tasks['a']}/asked").json["participants"]
    assert [(each["login"], each["state"], each["added_by"]) for each in seen] == [
        ("a", "assigned", None),
        ("b", "assigned", None),
        ("c", "assigned", "a"),
    ]

    people["b"].post(f"/tasks/{tasks['b']}/complete", {"outcome": "agree"})
    again = people["b"].post(f"/tasks/{tasks['b']}/withdraw", {"reason": "填错了"})
    assert (again.status_code, again.json["state"]) == (200, "assigned")

    assert people["b"].delete(f"/tasks/{tasks['b']}/signers/c").status_code == 403
    assert people["a"].delete(f"/tasks/{tasks['a']}/signers/c").status_code == 200
    for login in "ab":
        people[login].post(f"/tasks/{tasks[login]}/complete", {"outcome": "agree"})
    assert site.house.task(instance_id)["element_id"] == "after"

    over = people["b"].post(f"/tasks/{tasks['b']}/withdraw", {"reason": "填错了"})
    assert (over.status_code, over.json["state"], over.json["assignee"]) == (200, "assigned", "b")
    assert site.house.task(instance_id)["id"] == tasks["b"]
    people["b"].post(f"/tasks/{tasks['b']}/complete", {"outcome": "agree"})
    people["a"].post(f"/tasks/{site.house.task(instance_id)['id']}/complete", {})
    assert site.house.state(instance_id) == "completed"


def test_each_person_has_one_part_over_http_too(site):
    people = {login: site.person(login) for login in ("a", "b")}
    site.house.deploy(MODEL)
    instance_id = site.house.start("leave", people=["a", "b"])
    tasks = {row["assignee"]: row["id"] for row in site.house.open_tasks(instance_id)}
    refused = people["a"].post(f"/tasks/{tasks['a']}/assign", {"assignee": "b"})
    assert (refused.status_code, refused.json["ground"]) == (409, "own-instance")
