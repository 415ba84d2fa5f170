"""What all five lists have: saved views, columns of one's own, figures, and the list as a spreadsheet."""

import zipfile
from datetime import timedelta
from io import BytesIO
from xml.etree import ElementTree

import pytest

from engine.commands.running.instances import StartInstance
from engine.commands.tasks.copies import SendCopies
from tests.integration.web.office import Browser, Office
from web.lists.tabs import COLUMNS, SHOWN

PATHS = {"assigned": "", "offered": "/offered", "done": "/done", "started": "/started", "copies": "/copies"}
TABS = tuple(PATHS)


@pytest.fixture
def office(office: Office) -> Office:
    office.purchases()
    office.employ("boss")
    return office


@pytest.fixture
def zhang(office: Office) -> Browser:
    """Somebody with one row in each list: 空调 is done, 打印机 held, 桌子 offered; a copy of 空调."""
    zhang = office.person("zhang", "reviewers")
    office.person("li")
    started = {title: start(office, title) for title in ("空调", "打印机", "桌子")}
    done = office.task(started["空调"])
    zhang.get("/inbox/offered")
    zhang.send(f"{done}/claim")
    zhang.send(done, {"f.project": "x", "comment": "价格合理", "action": "outcome:approve"})
    zhang.send(f"{office.task(started['打印机'])}/claim")
    copy = SendCopies(instance_id=started["空调"], recipients=("zhang",), note="请知悉")
    office.house.engine.execute(copy, actor=office.house.admin)
    return zhang


def start(office: Office, title: str) -> str:
    command = StartInstance(key="purchase", title=title, business_key=f"NO-{title}", variables={"project": "=1+1"})
    return str(office.house.engine.execute(command, actor=office.house.actors["zhang"])["id"])


def titles(person: Browser) -> list[str]:
    return [each.get_text() for each in person.page.select(".bj-title-cell > a")]


def sheet(person: Browser, tab: str, query: str = "") -> list[list[str]]:
    """The cells of the export as text, the heads first; the note above them is cut off."""
    answer = person.client.get(f"/inbox/export/{tab}.xlsx{query}")
    assert answer.status_code == 200 and f"inbox-{tab}-" in answer.headers["Content-Disposition"]
    book = zipfile.ZipFile(BytesIO(answer.data))
    main = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    words = ["".join(each.itertext()) for each in ElementTree.fromstring(book.read("xl/sharedStrings.xml"))]
    rows: list[list[str]] = []
    for row in list(ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml")).iter(f"{main}row"))[1:]:
        line = [""] * len(rows[0]) if rows else []
        for cell in row:
            column = "".join(filter(str.isalpha, cell.attrib["r"]))
            text = cell.findtext(f"{main}v") or ""
            shown = words[int(text)] if cell.attrib.get("t") == "s" else text
            line[ord(column) - 65 : ord(column) - 64] = [shown]
        rows.append(line)
    return rows


def test_each_list_keeps_views_and_opens_with_the_default_one(zhang: Browser) -> None:
    for tab in TABS:
        path = f"/inbox{PATHS[tab]}"
        zhang.get(f"{path}?q=没有的")
        assert titles(zhang) == []

        zhang.send("/inbox/views", {"tab": tab, "name": "甲", "query": "q=没有的", "default": "1"})
        zhang.get(path)
        zhang.get(zhang.answer.headers["Location"])
        zhang.get(zhang.answer.headers["Location"])

        assert titles(zhang) == [] and zhang.page.select_one(".bj-chip[aria-current]").get_text().endswith("甲")
        zhang.get(f"{path}?view=all")
        assert titles(zhang)


def test_each_list_shows_the_columns_that_a_person_chose(zhang: Browser) -> None:
    for tab in TABS:
        wanted = [COLUMNS[tab][0], COLUMNS[tab][-1]]
        zhang.get(f"/inbox{PATHS[tab]}")
        before = len(zhang.page.select("thead th"))

        zhang.send("/inbox/views/columns", {"tab": tab, "column": wanted})

        assert len(zhang.page.select("thead th")) == before - len(SHOWN[tab]) + 2
        assert [box["value"] for box in zhang.page.select("input[name=column][checked]")] == wanted


def test_each_list_can_be_exported_as_it_stands_with_the_columns_one_sees(zhang: Browser) -> None:
    for tab in TABS:
        zhang.get(f"/inbox{PATHS[tab]}")
        link = next(each["href"] for each in zhang.page.select("main a") if "/inbox/export/" in each["href"])
        shown = titles(zhang)

        heads, *rows = sheet(zhang, tab)

        assert link.endswith(f"/{tab}.xlsx")
        assert [row[1] for row in rows] == shown and all(row[0].startswith("NO-") for row in rows)
        assert {each.get_text() for each in zhang.page.select("thead th")} - {"", "操作"} <= set(heads)
        assert sheet(zhang, tab, "?q=没有的")[1:] == []


def test_an_export_says_in_words_what_the_page_says(zhang: Browser, office: Office) -> None:
    office.house.now += timedelta(days=30)

    (held,) = sheet(zhang, "assigned")[1:]
    done = dict(zip(*sheet(zhang, "done")[:2], strict=True))
    started = [dict(zip(sheet(zhang, "started")[0], row, strict=True)) for row in sheet(zhang, "started")[1:]]
    copy = dict(zip(*sheet(zhang, "copies")[:2], strict=True))

    assert "超期" in held and any("工作日" in cell for cell in held)
    assert done["我的意见"] == "批准：价格合理"
    assert {row["状态"] for row in started} == {"进行中"} and "领导审批 · Boss" in {
        row["现在谁在办"] for row in started
    }
    assert copy["附言"] == "请知悉" and copy["阅读时间"] == ""


def test_nobody_exports_what_is_not_his(zhang: Browser, office: Office) -> None:
    wang = office.person("wang", "others")

    assert [sheet(wang, tab)[1:] for tab in TABS] == [[]] * 5
    assert wang.client.get("/inbox/export/everything.xlsx").status_code == 404


def test_five_tabs_tell_how_much_they_hold_and_the_script_gets_the_same_figures(zhang: Browser) -> None:
    zhang.get("/inbox")
    shown = {each["data-count"]: int(each.get_text()) for each in zhang.page.select(".bj-tabs [data-count]")}

    assert shown == {"assigned": 1, "offered": 1, "done": 1, "started": 3, "copies": 1}
    assert shown.items() <= zhang.client.get("/inbox/counts").json.items()


def test_a_view_is_renamed_but_not_to_the_name_of_another(zhang: Browser) -> None:
    for name in ("甲", "乙"):
        zhang.get("/inbox?view=all")
        zhang.send("/inbox/views", {"tab": "assigned", "name": name, "query": "q=x"})
    zhang.get("/inbox?view=all")
    forms = {
        form.input.find_next("input", {"name": "name"})["value"]: form for form in zhang.page.select(".bj-rename form")
    }
    address = forms["甲"]["action"]

    zhang.send(address, {"name": "乙"})
    assert zhang.status == 409 and "请换一个名称" in zhang.text
    zhang.get("/inbox?view=all")
    zhang.send(address, {"name": "丙"})
    zhang.get("/inbox?view=all")

    assert {"乙", "丙"} <= {chip.get_text(strip=True) for chip in zhang.page.select(".bj-chip")}


def test_more_conditions_stand_in_the_address_and_open_the_fold(zhang: Browser) -> None:
    expected = {
        "applicant=没有": [],
        "item=none": [],
        "value=1%2B1": ["打印机"],
        "value=1%2B1&field=project": ["打印机"],
        "value=1%2B1&field=amount": [],
        "due_from=2026-11-23": ["打印机"],
        "due_until=2026-11-22": [],
    }
    for query, found in expected.items():
        zhang.get(f"/inbox?{query}")

        assert titles(zhang) == found, query
        assert zhang.page.select_one("details.bj-filter__more[open]") is not None, query


def test_what_was_done_is_found_by_the_day_on_which_it_was_done(zhang: Browser) -> None:
    for query, found in (("done_from=2026-11-23", ["空调"]), ("done_until=2026-11-22", [])):
        zhang.get(f"/inbox/done?{query}")
        assert titles(zhang) == found, query
