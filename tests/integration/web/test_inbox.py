"""The inbox: four tabs, figures, search, lamps in words, paging by key."""

from datetime import timedelta

import pytest

from engine.commands.running.instances import StartInstance
from tests.integration.web.office import Browser, Office


@pytest.fixture
def office(office: Office) -> Office:
    office.purchases()
    return office


def start(office: Office, title: str, by: str = "zhang") -> str:
    command = StartInstance(key="purchase", title=title, business_key=f"NO-{title}", variables={"project": "x"})
    return str(office.house.engine.execute(command, actor=office.house.actors[by])["id"])


def test_a_task_moves_from_tab_to_tab_as_it_is_worked_on(office: Office) -> None:
    zhang = office.person("zhang", "reviewers")
    office.employ("boss")
    instance = start(office, "空调")
    path = office.task(instance)

    zhang.get("/inbox/offered")
    assert len(zhang.rows()) == 1 and "空调" in zhang.rows()[0]

    zhang.send(f"{path}/claim")
    zhang.get("/inbox")
    assert "空调" in zhang.rows()[0]
    zhang.get("/inbox/offered")
    assert zhang.rows() == [] and "没有待认领的任务" in zhang.text

    zhang.send(path, {"f.project": "x", "comment": "同意", "action": "outcome:approve"})
    zhang.get("/inbox/done")
    assert "批准" in zhang.rows()[0] and "同意" in zhang.rows()[0]

    zhang.get("/inbox/started")
    assert "进行中" in zhang.rows()[0] and "领导审批 · Boss" in zhang.rows()[0]


def test_the_menu_and_the_tabs_tell_how_much_waits(office: Office) -> None:
    zhang = office.person("zhang", "reviewers")
    for title in ("甲", "乙", "丙"):
        start(office, title)

    zhang.get("/inbox")
    figures = {each["data-count"]: each.get_text() for each in zhang.page.select("[data-count]")}
    answer = zhang.client.get("/inbox/counts")

    assert figures["offered"] == "3" and figures["assigned"] == "0"
    mine = ("assigned", "offered", "copies", "notices")
    assert {name: answer.json[name] for name in mine} == {"assigned": 0, "offered": 3, "copies": 0, "notices": 0}


def test_nearest_deadline_first_and_each_lamp_says_its_word(office: Office) -> None:
    zhang = office.person("zhang", "reviewers")
    monday = office.house.now
    for title, days in (("超期的", -7), ("今天的", -3), ("刚来的", 0)):
        office.house.now = monday + timedelta(days=days)
        start(office, title)
    office.house.now = monday + timedelta(days=0, hours=1)

    zhang.get("/inbox/offered")

    lamps = [row.select_one(".bj-lamp").get_text() for row in zhang.page.select("tbody tr")]
    titles = [row.select_one(".bj-title-cell a").get_text() for row in zhang.page.select("tbody tr")]
    assert titles == ["超期的", "今天的", "刚来的"]
    assert lamps[0] == "超期" and lamps[-1] == "正常"
    assert "工作日" in zhang.rows()[0]


@pytest.mark.parametrize(
    "query, found",
    [
        ("q=空调", ["空调"]),
        ("q=NO-打印机", ["打印机"]),
        ("q=没有的", []),
        ("q=%25", []),
        ("process=purchase", ["空调", "打印机"]),
        ("process=other", []),
        ("from=2026-11-23", ["空调", "打印机"]),
        ("until=2026-11-22", []),
        ("lamp=red", []),
    ],
)
def test_the_list_is_narrowed_by_what_stands_in_the_address(office: Office, query: str, found: list[str]) -> None:
    zhang = office.person("zhang", "reviewers")
    for title in ("空调", "打印机"):
        start(office, title)

    zhang.get(f"/inbox/offered?{query}")

    titles = [row.select_one(".bj-title-cell a").get_text() for row in zhang.page.select("tbody tr")]
    assert sorted(titles) == sorted(found)
    if not found:
        assert "没有符合条件的办件" in zhang.text


def test_pages_follow_each_other_without_gaps_while_tasks_come_and_go(office: Office) -> None:
    zhang = office.person("zhang", "reviewers")
    for number in range(45):
        start(office, f"第{number:02}件")
    seen: list[str] = []
    zhang.get("/inbox/offered")
    while True:
        seen += [row.select_one(".bj-title-cell a").get_text() for row in zhang.page.select("tbody tr")]
        following = zhang.page.find("a", rel="next")
        if following is None:
            break
        start(office, f"后来的{len(seen)}")
        zhang.get(following["href"])

    assert len(set(seen)) == len(seen) >= 45
    assert {f"第{number:02}件" for number in range(45)} <= set(seen)


@pytest.mark.parametrize("query", ["after=garbage", "after=WzEsMl0", "from=yesterday", "until=2026-13-01"])
def test_a_bad_address_is_told_in_words_and_is_no_accident(office: Office, query: str) -> None:
    zhang = office.person("zhang")

    zhang.get(f"/inbox?{query}")

    assert zhang.status == 422
    assert "无效" in zhang.text


def test_nobody_sees_the_tasks_of_other_groups(office: Office) -> None:
    office.person("zhang", "reviewers")
    wang = office.person("wang", "others")
    start(office, "空调")

    for tab in ("", "/offered", "/done", "/started"):
        wang.get(f"/inbox{tab}")
        assert wang.rows() == []


# ---------------------------------------------------------------- filters, orders, views, columns


def titles(person: Browser) -> list[str]:
    return [each.get_text() for each in person.page.select(".bj-title-cell > a")]


def test_the_lamp_of_a_row_is_what_the_filter_by_lamp_finds(office: Office) -> None:
    zhang = office.person("zhang", "reviewers")
    monday = office.house.now
    for title, days in (("超期的", -7), ("临期的", -5), ("正常的", 0)):
        office.house.now = monday + timedelta(days=days)
        start(office, title)
    office.house.now = monday + timedelta(hours=1)

    for lamp, found in (("red", ["超期的"]), ("amber", ["临期的"]), ("green", ["正常的"]), ("none", [])):
        zhang.get(f"/inbox/offered?lamp={lamp}")
        assert titles(zhang) == found, lamp


def test_the_order_stands_in_the_address_and_stays_while_one_pages(office: Office) -> None:
    zhang = office.person("zhang", "reviewers")
    for number in range(25):
        start(office, f"第{number:02}件")
        office.house.now += timedelta(minutes=1)

    zhang.get("/inbox/offered?sort=received")
    first = titles(zhang)
    following = zhang.page.find("a", rel="next")
    assert following is not None
    zhang.get(following["href"])

    assert first[0] == "第24件" and titles(zhang)[-1] == "第00件"


def test_a_saved_view_opens_the_list_and_its_address_shows_a_colleague_his_own(office: Office) -> None:
    zhang, wang = office.person("zhang", "reviewers"), office.person("wang", "reviewers")
    start(office, "空调"), start(office, "打印机")
    for number, person in ((0, zhang), (0, wang)):
        person.get("/inbox/offered")
        action = person.page.select_one(f"form[action$=claim]:nth-of-type({number + 1})")
        assert action is not None
        person.send(action["action"])
    zhang.get("/inbox?q=采购")

    zhang.send("/inbox/views", {"tab": "assigned", "name": "空调的", "query": "q=空调&after=x&evil=1", "default": "1"})
    view = zhang.answer.request.path + "?" + zhang.answer.request.query_string.decode()
    zhang.get("/inbox")

    assert zhang.status == 302 and "q=" in zhang.client.get(zhang.answer.headers["Location"]).headers["Location"]
    assert "after" not in view and "evil" not in view
    zhang.get("/inbox?view=all")
    address = next(chip["href"] for chip in zhang.page.select(".bj-chip") if "空调的" in chip.get_text())
    wang.get(address)
    wang.get(wang.answer.headers["Location"])
    assert wang.status == 200 and "空调的" not in wang.text
    zhang.send(f"{address}/remove", {"tab": "assigned"})
    zhang.get("/inbox")
    assert zhang.status == 200 and zhang.page.select(".bj-chip") == []


def test_nobody_removes_or_chooses_the_view_of_another(office: Office) -> None:
    zhang, wang = office.person("zhang"), office.person("wang")
    zhang.get("/inbox")
    zhang.send("/inbox/views", {"tab": "assigned", "name": "我的", "query": "q=x"})
    view = office.house.queries.inbox.views(office.house.actors["zhang"], "assigned")[0]["id"]

    wang.get("/inbox")
    wang.send(f"/inbox/views/{view}/remove", {"tab": "assigned"})
    wang.send(f"/inbox/views/{view}/default", {"tab": "assigned", "on": "1"})

    assert wang.status == 404
    assert office.house.queries.inbox.view(view) is not None


def test_the_columns_are_everybodys_own(office: Office) -> None:
    zhang = office.person("zhang", "reviewers")
    start(office, "空调")

    zhang.get("/inbox/offered")
    zhang.send("/inbox/views/columns", {"tab": "offered", "column": ["number", "due", "nonsense"]})

    heads = [each.get_text() for each in zhang.page.select("thead th")]
    assert heads == ["", "标题", "办件编号", "办理时限", "操作"]
    assert "NO-空调" in zhang.rows()[0]
    zhang.send("/inbox/views/columns", {"tab": "offered"})
    assert "灯色" in zhang.text
