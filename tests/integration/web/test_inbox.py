"""The inbox: four tabs, figures, search, lamps in words, paging by key."""

from datetime import timedelta

import pytest

from engine.commands.instances import StartInstance
from tests.integration.web.office import Office


@pytest.fixture
def office(office: Office) -> Office:
    office.purchases()
    return office


def start(office: Office, title: str, by: str = "zhang") -> str:
    command = StartInstance(key="purchase", title=title, business_key=f"NO-{title}", variables={"project": "x"})
    return str(office.house.engine.execute(command, actor=office.house.actors[by])["id"])


def test_a_task_moves_from_tab_to_tab_as_it_is_worked_on(office: Office) -> None:
    zhang = office.person("zhang", "reviewers")
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
    assert "进行中" in zhang.rows()[0] and "领导审批 · boss" in zhang.rows()[0]


def test_the_menu_and_the_tabs_tell_how_much_waits(office: Office) -> None:
    zhang = office.person("zhang", "reviewers")
    for title in ("甲", "乙", "丙"):
        start(office, title)

    zhang.get("/inbox")
    figures = {each["data-count"]: each.get_text() for each in zhang.page.select("[data-count]")}
    answer = zhang.client.get("/inbox/counts")

    assert figures["offered"] == "3" and figures["assigned"] == "0"
    assert answer.json == {"assigned": 0, "offered": 3}


def test_nearest_deadline_first_and_each_lamp_says_its_word(office: Office) -> None:
    zhang = office.person("zhang", "reviewers")
    monday = office.house.now
    for title, days in (("超期的", -7), ("今天的", -3), ("刚来的", 0)):
        office.house.now = monday + timedelta(days=days)
        start(office, title)
    office.house.now = monday + timedelta(days=0, hours=1)

    zhang.get("/inbox/offered")

    lamps = [row.select_one(".bj-lamp").get_text() for row in zhang.page.select("tbody tr")]
    titles = [row.select("td")[1].a.get_text() for row in zhang.page.select("tbody tr")]
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

    titles = [row.select("td")[1].a.get_text() for row in zhang.page.select("tbody tr")]
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
        seen += [row.select("td")[1].a.get_text() for row in zhang.page.select("tbody tr")]
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
