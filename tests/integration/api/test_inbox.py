"""The inbox over HTTP: lists narrowed as on the page, saved views, columns, phrases."""

from datetime import timedelta

import pytest

from engine.commands.running.instances import StartInstance
from tests.integration.api.site import Client, Site
from tests.integration.engine.house import bpmn, flows

ORDER = bpmn(
    '<startEvent id="s"/><userTask id="check" name="核对" banjie:candidateGroups="leaders" banjie:limit="2wd" '
    'banjie:fields="price:hidden,*:read" banjie:outcomes="agree:同意,refuse:不同意"/><endEvent id="e"/>'
    + flows("s-check", "check-e"),
    key="order",
)


@pytest.fixture
def wang(site: Site) -> Client:
    wang = site.person("wang", "leaders")
    site.house.deploy(ORDER)
    for title, maker in (("空调", "格力"), ("打印机", "联想"), ("桌子", "宜家")):
        start = StartInstance(key="order", title=title, variables={"maker": maker, "price": "8848"})
        site.house.engine.execute(start, actor=site.house.actors["wang"])
    for task in wang.call("GET", "/tasks?tab=offered").json["items"]:
        if task["title"] != "桌子":
            wang.post(f"/tasks/{task['id']}/claim")
        if task["title"] == "打印机":
            wang.post(f"/tasks/{task['id']}/complete", {"outcome": "agree", "comment": "好"})
    return wang


def titles(client: Client, query: str) -> list[str]:
    answer = client.call("GET", f"/tasks?{query}")
    assert answer.status_code == 200, answer.json
    return sorted(task["title"] for task in answer.json["items"])


def test_the_lists_of_the_inbox_are_ones_own_by_tab(site, wang):
    li = site.person("li", "leaders")

    assert [titles(wang, f"tab={tab}") for tab in ("assigned", "offered", "done")] == [["空调"], ["桌子"], ["打印机"]]
    assert [titles(li, f"tab={tab}") for tab in ("assigned", "offered", "done")] == [[], ["桌子"], []]


def test_each_filter_of_the_page_narrows_the_list_of_the_api(site, wang):
    for query, found in {
        "q=空调": ["空调"],
        "q=格力": ["空调"],
        "q=8848": [],  # the step hides the price
        "value=格": ["空调"],
        "value=格力&field=maker": ["空调"],
        "value=格力&field=price": [],
        "value=8848&field=price": [],
        "process=order": ["空调"],
        "process=other": [],
        "item=other": [],
        "step=核对": ["空调"],
        "applicant=某": [],
        "urgency=0": ["空调"],
        "urgency=2": [],
        "lamp=red": [],
        "lamp=green": ["空调"],
        "overdue": [],
        "unread": ["空调"],
        "from=2026-11-23&until=2026-11-23": ["空调"],
        "until=2026-11-22": [],
        "due_from=2026-11-25&due_until=2026-11-25": ["空调"],
        "due_until=2026-11-24": [],
        "sort=urgent": ["空调"],
    }.items():
        assert titles(wang, f"tab=assigned&{query}") == found, query
    for query, found in {"done_from=2026-11-23": ["打印机"], "done_until=2026-11-22": []}.items():
        assert titles(wang, f"tab=done&{query}") == found, query
    assert titles(site.admin, "q=格力") == ["空调"] and titles(site.admin, "candidate=group:leaders&q=宜家") == ["桌子"]


def test_a_task_of_a_list_tells_its_lamp_and_the_working_days_that_are_left(site, wang):
    (task,) = wang.call("GET", "/tasks?tab=assigned").json["items"]
    site.house.now += timedelta(days=20)
    (late,) = wang.call("GET", "/tasks?tab=assigned&overdue=true").json["items"]
    (done,) = wang.call("GET", "/tasks?tab=done").json["items"]

    assert task["lamp"] == "green" and 0 < task["working_days_left"] <= 2 and task["read_at"] is None
    assert late["lamp"] == "red" and late["working_days_left"] < -5
    assert (done["outcome"], done["comment"], done["lamp"]) == ("agree", "好", "green")


@pytest.mark.parametrize(
    "query, field",
    [
        ("tab=done&assignee=wang", "tab"),
        ("overdue&lamp=green", "overdue"),
        ("field=maker", "field"),
        ("lamp=blue", "lamp"),
        ("from=yesterday", "from"),
        ("sort=random", "sort"),
        ("tab=copies", "tab"),
    ],
)
def test_filters_that_mean_nothing_are_refused_by_name(site, query, field):
    answer = site.person("li").call("GET", f"/tasks?{query}")

    assert answer.status_code == 422 and field in answer.json["fields"]


def test_a_filtered_list_pages_by_its_cursor(site, wang):
    for number in range(5):
        start = StartInstance(key="order", title=f"第{number}件", variables={"maker": "某厂"})
        site.house.engine.execute(start, actor=site.house.actors["wang"])
    found, after = [], ""
    while after is not None:
        page = wang.call("GET", f"/tasks?tab=offered&q=某厂&limit=2{f'&after={after}' if after else ''}").json
        found += [task["title"] for task in page["items"]]
        after = page["next"]

    assert sorted(found) == [f"第{number}件" for number in range(5)]


def test_views_are_saved_listed_changed_and_removed_by_their_owner_only(site):
    wang, li = site.person("wang"), site.person("li")
    first = wang.post("/views", {"tab": "done", "name": "上周", "query": "done_from=2026-11-16&evil=1"}).json["id"]
    second = wang.post("/views", {"tab": "assigned", "name": "急件", "query": "urgency=2", "is_default": True}).json[
        "id"
    ]

    assert [(row["id"], row["query"]) for row in wang.get("/views").json["items"]] == [
        (second, "urgency=2"),
        (first, "done_from=2026-11-16"),
    ]
    assert wang.patch(f"/views/{first}", {"name": "本周", "is_default": True}).status_code == 200
    (view,) = wang.call("GET", "/views?tab=done").json["items"]
    assert (view["name"], view["query"], view["is_default"]) == ("本周", "done_from=2026-11-16", True)
    assert li.patch(f"/views/{first}", {"name": "他的"}).status_code == 404
    li.delete(f"/views/{first}")
    assert len(wang.get("/views").json["items"]) == 2
    wang.delete(f"/views/{first}")
    assert [row["name"] for row in wang.get("/views").json["items"]] == ["急件"]
    wang.post("/views", {"tab": "assigned", "name": "慢件"})
    assert wang.patch(f"/views/{second}", {"name": "慢件"}).status_code == 409


def test_columns_are_chosen_by_list_and_strange_ones_are_refused(site):
    wang = site.person("wang")

    chosen = wang.put("/columns/started", {"shown": ["state", "number"]})

    assert chosen.json["shown"] == ["number", "state"]
    shown = {row["tab"]: row["shown"] for row in wang.get("/columns").json["items"]}
    assert shown["started"] == ["number", "state"] and "lamp" in shown["assigned"]
    assert wang.put("/columns/started", {"shown": ["lamp"]}).status_code == 422
    assert wang.put("/columns/everything", {"shown": []}).status_code == 422
    assert "holders" in wang.put("/columns/started", {"shown": []}).json["shown"]


def test_phrases_are_ones_own_and_those_of_the_bureau(site):
    wang, li = site.person("wang"), site.person("li")
    mine = wang.post("/phrases", {"body": "同意。"}).json["id"]
    shared = site.admin.post("/phrases", {"body": "请补充材料。", "shared": True}).json["id"]

    assert [row["body"] for row in wang.get("/phrases").json["items"]] == ["同意。", "请补充材料。"]
    assert [row["owner"] for row in li.get("/phrases").json["items"]] == [None]
    assert wang.patch(f"/phrases/{mine}", {"body": "同意，请办理。"}).status_code == 200
    assert wang.get("/phrases").json["items"][0]["body"] == "同意，请办理。"
    assert wang.patch(f"/phrases/{shared}", {"body": "x"}).status_code == 403
    assert li.patch(f"/phrases/{mine}", {"body": "x"}).status_code == 404
    assert li.delete(f"/phrases/{mine}").status_code == 404
    assert wang.delete(f"/phrases/{mine}").status_code == 204
    assert site.admin.delete(f"/phrases/{shared}").status_code == 204
    assert wang.get("/phrases").json["items"] == []
