"""Starting processes and filing cases, in steps, without scripts."""

import io

import pytest
from PIL import Image

from engine.access import Role
from engine.commands.cases.filing import FileCase
from engine.commands.running.instances import StartInstance
from engine.store import tables
from tests.integration.engine.house import bpmn, flows
from tests.integration.web.office import Browser, Office
from web.starting import offers

CLERK = (Role.CLERK, Role.STAFF)
ITEM = "/start/item/000131010001"
APPLICANT = {"kind": "person", "applicant_name": "陈小明", "applicant_id_number": "330102199001011234"}


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(out, "PNG")
    return out.getvalue()


def test_everybody_starts_processes_and_clerks_file_cases_too(office: Office) -> None:
    office.purchases()
    office.stalls()
    zhang, chen = office.person("zhang"), office.person("chen", roles=CLERK)

    zhang.get("/start")
    chen.get("/start")

    assert [each.get_text() for each in zhang.page.select(".bj-card h3")] == ["采购申请"]
    assert [each.get_text() for each in chen.page.select(".bj-card h3")] == ["食品摊贩备案", "采购申请"]


def test_what_one_starts_most_stands_first_and_every_kind_has_a_tab_and_is_searched(office: Office) -> None:
    office.purchases()
    office.stalls()
    chen = office.person("chen", roles=CLERK)
    for _ in range(2):
        office.house.engine.execute(
            StartInstance(key="purchase", variables={"project": "x", "amount": 1}), actor=office.house.actors["chen"]
        )

    chen.get("/start")
    assert [each.get_text() for each in chen.page.select(".bj-start-category")] == ["常用", "行政许可", "内部流程"]
    assert [each.get_text() for each in chen.page.select("[aria-labelledby=kind-often] h3")] == ["采购申请"]
    tabs = [" ".join(each.get_text(" ").split()) for each in chen.page.select(".bj-tabs a")]
    assert tabs == ["全部 2", "常用 1", "行政许可 1", "内部流程 1"]

    chen.get("/start?kind=01")
    assert [each.get_text() for each in chen.page.select(".bj-card h3")] == ["食品摊贩备案"]
    chen.get("/start?q=采购")
    assert [each.get_text() for each in chen.page.select(".bj-start-category")] == ["常用", "内部流程"]
    chen.get("/start?q=没有这个")
    assert chen.page.select(".bj-card") == [] and "清除条件" in chen.text


def test_of_items_that_share_a_process_the_one_that_was_filed_stands_first(office: Office) -> None:
    office.stalls()
    chen = office.person("chen", roles=CLERK)
    item = tables.item
    with office.database.write() as connection:
        row = dict(connection.execute(item.select()).one()._mapping)
        code = "000131010009"
        other = {"id": code, "code": code, "source": row["source"].replace(row["code"], code)}
        connection.execute(item.insert(), row | other)
    filed = FileCase(
        item_code=row["code"],
        applicant={"kind": "person", "name": "陈小明", "id_number": "330102199001011234"},
        form={"stall": "A1"},
    )
    office.house.engine.execute(filed, actor=office.house.actors["chen"])

    chen.get("/start")

    often = chen.page.select("[aria-labelledby=kind-often] h3 a")
    assert [each["href"].rsplit("/", 1)[1] for each in often] == [row["code"]]


def test_a_bureau_with_a_thousand_items_shows_some_of_each_kind_and_finds_the_rest(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.purchases()
    office.stalls()
    chen = office.person("chen", roles=CLERK)
    item = tables.item
    with office.database.write() as connection:
        row = dict(connection.execute(item.select()).one()._mapping)
        code, name = row["code"], "食品摊贩备案"
        others = [str(int(code) + n).zfill(12) for n in range(1, 30)]
        rows = [
            row | {"id": each, "code": each, "source": row["source"].replace(code, each).replace(name, f"备案{each}")}
            for each in others
        ]
        connection.execute(item.insert(), rows)
    monkeypatch.setattr(offers, "AT_ONCE", 20)

    chen.get("/start")
    assert len(chen.page.select("[aria-labelledby=kind-01] .bj-card")) == offers.OF_EACH
    more = chen.page.find("a", string="行政许可共 30 项，看全部")
    assert more is not None and chen.page.select("[data-filter-cards]") == []

    chen.get(str(more["href"]))
    assert len(chen.page.select(".bj-card")) == 30 and chen.page.select("[data-filter-cards]") != []
    chen.get(f"/start?q={others[-1]}")
    assert [each.get_text() for each in chen.page.select(".bj-card h3")] == [f"备案{others[-1]}"]


def test_what_begins_on_the_page_of_a_case_or_card_is_not_offered_as_a_start(office: Office) -> None:
    office.purchases()
    steps = '<startEvent id="s"/><userTask id="approve" banjie:assignee="=approver"/><endEvent id="e"/>'
    office.house.deploy(bpmn(steps + flows("s-approve", "approve-e"), key="limit_extension"))
    zhang = office.person("zhang")

    zhang.get("/start")
    assert [each.get_text() for each in zhang.page.select(".bj-card h3")] == ["采购申请"]
    zhang.get("/start/process/limit_extension")
    assert zhang.status == 404 and "从它的页面申请" in zhang.text


def test_the_guide_of_an_item_tells_what_people_need_and_no_settings(office: Office) -> None:
    office.stalls()
    chen = office.person("chen", roles=CLERK)

    chen.get(ITEM)

    assert "不收费" in chen.page.get_text() and "title_field" not in chen.page.get_text()
    steps = [each.get_text() for each in chen.page.select(".bj-start-way li b")]
    assert steps == ["窗口受理", "作出决定"]
    assert chen.page.select_one(".bj-start-way img[alt*=流程图]") is not None


def test_a_process_is_started_by_form_preview_and_submission(office: Office) -> None:
    office.purchases()
    zhang = office.person("zhang", "reviewers")
    zhang.get("/start/process/purchase")

    zhang.send("/start/process/purchase", {"f.project": "", "action": "preview"})
    assert zhang.status == 422
    zhang.send(
        "/start/process/purchase", {"title": "买空调", "f.project": "空调", "f.amount": "500", "action": "preview"}
    )
    hidden = {each["name"]: each["value"] for each in zhang.page.select("form[method=post] input[type=hidden]")}
    assert zhang.status == 200 and hidden["f.project"] == "空调"
    zhang.send("/start/process/purchase", {**hidden, "action": "submit"})

    assert zhang.messages == ["已提交「买空调」。"]
    instance = office.house.queries.instances.started_by(office.house.actors["zhang"]).rows[0]
    assert instance["title"] == "买空调"
    assert office.house.engine.variables(instance["id"])["amount"] == 500


def test_a_preview_sent_twice_starts_one_instance(office: Office) -> None:
    office.purchases()
    zhang = office.person("zhang")
    zhang.get("/start/process/purchase")
    data = {"csrf": zhang.token, "f.project": "空调", "action": "submit", "key": "k" * 32}

    answers = [zhang.client.post("/start/process/purchase", data=data) for _ in range(2)]

    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert len(office.house.queries.instances.all().rows) == 1


def test_a_draft_waits_until_it_is_sent_or_thrown_away(office: Office) -> None:
    office.purchases()
    zhang = office.person("zhang")
    zhang.get("/start/process/purchase")

    zhang.send("/start/process/purchase", {"title": "草稿", "f.project": "写了一半", "action": "draft"})
    zhang.get("/start")
    assert "有草稿" in zhang.text
    zhang.get("/start/process/purchase")
    assert zhang.page.find("input", attrs={"name": "f.project"})["value"] == "写了一半"

    zhang.send("/start/process/purchase/discard")
    zhang.get("/start/process/purchase")
    assert zhang.page.find("input", attrs={"name": "f.project"})["value"] == ""


@pytest.fixture
def clerk(office: Office) -> Browser:
    office.stalls()
    browser = office.person("chen", "window", roles=CLERK)
    browser.get(ITEM)
    return browser


def test_a_case_is_filed_from_guide_to_receipt(office: Office, clerk: Browser) -> None:
    assert "5个工作日" in clerk.text and "申请书" in clerk.text
    clerk.send(ITEM, {"step": "guide", "action": "next"})
    clerk.send(ITEM, {"step": "form", "action": "next", **APPLICANT, "f.stall": "A-12"})
    assert "step=materials" in clerk.answer.request.url
    clerk.upload(ITEM, "file.M01", {"申请书.png": picture()}, step="materials", action="next")
    assert "缺次要材料：健康证明" in clerk.text and "申请书.png" in clerk.text
    clerk.send(ITEM, {"step": "preview", "action": "submit", "key": "k" * 32})

    no = clerk.page.select_one(".bj-paper__big").get_text()
    case = office.house.queries.cases.get(no)
    assert clerk.status == 200 and len(no) == 23
    assert (case["applicant_name"], case["form"]) == ("陈小明", {"stall": "A-12"})
    assert "查询密码" in clerk.text
    materials = {row["code"]: row for row in office.house.queries.cases.materials(case["id"])}
    assert materials["M01"]["state"] == "submitted" and materials["M02"]["state"] == "missing"
    assert [each["name"] for each in materials["M01"]["attachments"]] == ["申请书.png"]
    assert office.house.queries.drafts.of(office.house.actors["chen"], "start") == []


def test_what_is_wrong_with_applicant_and_form_is_told_at_once_and_nothing_is_lost(clerk: Browser) -> None:
    clerk.send(ITEM, {"step": "form", "action": "next", "kind": "person", "applicant_name": "陈小明"})

    assert clerk.status == 422
    assert "证件号：必填" in clerk.text and "摊位：必填" in clerk.text
    clerk.get(f"{ITEM}?step=form")
    assert clerk.page.find(id="applicant_name")["value"] == "陈小明"


def test_the_way_can_be_left_and_taken_up_another_day(office: Office, clerk: Browser) -> None:
    clerk.send(ITEM, {"step": "form", "action": "draft", **APPLICANT, "f.stall": "A-12"})
    clerk.send(ITEM, {"step": "materials", "action": "stay", "paper.M01": "original"})

    again = Browser(office.app.test_client(), "chen").sign_in()
    again.get(f"{ITEM}?step=preview")

    assert "陈小明" in again.text and "A-12" in again.text and "已收原件" in again.text


def test_a_file_that_is_not_what_it_says_is_refused_by_name_and_the_rest_is_kept(
    office: Office, clerk: Browser
) -> None:
    clerk.send(ITEM, {"step": "form", "action": "next", **APPLICANT, "f.stall": "A-12"})
    clerk.upload(
        ITEM,
        "file.M01",
        {"good.png": picture(), "evil.png": b"<script>alert(1)</script>", "page.html": b"<h1>x</h1>"},
        step="materials",
        action="next",
    )

    assert sum("不能上传" in each for each in clerk.messages) == 2
    assert any("evil.png" in each for each in clerk.messages)
    assert "step=materials" in clerk.answer.request.url and "good.png" in clerk.text


def test_a_file_of_the_draft_can_be_removed_again(office: Office, clerk: Browser) -> None:
    clerk.send(ITEM, {"step": "form", "action": "next", **APPLICANT, "f.stall": "A-12"})
    clerk.upload(ITEM, "file.M01", {"a.png": picture()}, step="materials", action="stay")
    button = clerk.page.find("button", attrs={"value": lambda value: value and value.startswith("remove:")})
    stored = [path for path in office.uploads.rglob("*") if path.is_file()]

    clerk.send(ITEM, {"step": "materials", "action": button["value"]})

    assert "a.png" not in clerk.text
    assert len(stored) == 1 and not stored[0].exists()


def test_a_submission_sent_twice_files_one_case(office: Office, clerk: Browser) -> None:
    clerk.send(ITEM, {"step": "form", "action": "next", **APPLICANT, "f.stall": "A-12"})
    data = {"csrf": clerk.token, "step": "preview", "action": "submit", "key": "k" * 32}

    clerk.client.post(ITEM, data=data)
    clerk.client.post(ITEM, data=data)

    assert len(office.house.queries.cases.page().rows) == 1


def test_who_is_no_clerk_cannot_file(office: Office) -> None:
    office.stalls()
    zhang = office.person("zhang")

    zhang.get(ITEM)

    assert zhang.status == 403
