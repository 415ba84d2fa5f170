"""撤回, 撤销, 申请撤回 and 催办 in the rows of 已办 and 我发起的, without scripts: one page, one reason, one button."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.integration.engine.house import bpmn, flows
from tests.integration.web.office import Browser, Office

MODEL = bpmn(
    '<startEvent id="s"/><userTask id="draft" name="拟稿" banjie:assignee="clerk"/>'
    '<userTask id="review" name="审核" banjie:assignee="boss" banjie:outcomes="agree:同意,refuse:不同意"/>'
    '<userTask id="file" name="归档" banjie:assignee="filer"/><endEvent id="e"/>'
    + flows("s-draft", "draft-review", "review-file", "file-e")
)
APPLICATION = Path("processes/withdrawal_application")


@pytest.fixture
def instance(office: Office) -> str:
    """A process that clerk has started and drafted; boss has it now."""
    for login in ("clerk", "boss", "filer"):
        office.employ(login)
    office.employ("head", "deciders")
    office.house.deploy(MODEL)
    instance = office.house.start("leave", by=office.house.actors["clerk"])
    complete(office, instance, "clerk")
    return instance


def complete(office: Office, instance: str, login: str, outcome: str | None = None) -> None:
    office.house.complete(office.house.task(instance), office.house.actors[login], outcome)


def at_desk(office: Office, login: str) -> Browser:
    return Browser(office.app.test_client(), login).sign_in()


def verbs(browser: Browser, tab: str) -> list[str]:
    """What stands in the only row of a list."""
    browser.get(f"/inbox/{tab}")
    (row,) = browser.page.select("tbody tr")
    return [each.get_text() for each in row.select(".bj-actions a, .bj-actions button")]


def follow(browser: Browser, text: str) -> None:
    link = next(each for each in browser.page.select(".bj-actions a") if each.get_text() == text)
    browser.get(str(link["href"]))


def test_what_i_did_is_taken_back_from_its_row_while_nobody_has_acted_on_it(office: Office, instance: str) -> None:
    clerk = at_desk(office, "clerk")
    assert verbs(clerk, "done") == ["查看", "撤回", "催办", "流程图"]
    follow(clerk, "撤回")
    form = clerk.page.select_one("main form[action$='/withdraw']")
    assert form is not None and form.select_one("textarea[required]") is not None

    clerk.send(str(form["action"]), {"reason": " "})
    assert clerk.status == 422 and "请填写撤回原因。" in clerk.text
    clerk.send(str(form["action"]), {"reason": "写错了"})
    assert clerk.messages == ["「拟稿」已撤回，请重新办理。"]
    assert office.house.task(instance)["element_id"] == "draft"


def test_once_somebody_has_acted_the_button_is_gone_and_its_page_says_why(office: Office, instance: str) -> None:
    office.house.now += timedelta(minutes=5)
    complete(office, instance, "boss", "agree")
    clerk, boss = at_desk(office, "clerk"), at_desk(office, "boss")
    assert verbs(clerk, "done") == ["查看", "催办", "流程图"]
    row = next(each for each in office.house.queries.tasks.of_instance(instance) if each["element_id"] == "draft")
    assert verbs(boss, "done") == ["查看", "撤回", "催办", "流程图"]
    clerk.get(f"/tasks/{row['id']}/withdraw")
    assert clerk.status == 200 and "后续的「审核」已由 boss 办理" in clerk.text
    assert clerk.page.select_one("main form[action$='/withdraw']") is None
    boss.get(f"/tasks/{row['id']}/withdraw")
    assert boss.status == 403, "it is not his"


def test_what_i_started_is_cancelled_from_its_row(office: Office, instance: str) -> None:
    clerk = at_desk(office, "clerk")
    assert verbs(clerk, "started") == ["查看", "催办", "撤销申请", "复制再发"]
    follow(clerk, "撤销申请")
    clerk.send(f"/instances/{instance}/cancel", {"from": "started", "reason": ""})
    assert clerk.status == 422 and "请填写撤销原因" in clerk.text
    clerk.send(f"/instances/{instance}/cancel", {"from": "started", "reason": "不办了"})
    assert clerk.messages == ["已撤销。"] and clerk.page.select_one("h1").get_text() == "我发起的"
    assert office.house.state(instance) == "terminated"
    assert verbs(clerk, "started") == ["查看", "复制再发"]


def test_behind_the_decision_the_same_button_leads_to_the_application(office: Office, instance: str) -> None:
    files = {path.name: path.read_bytes() for path in [APPLICATION / "process.bpmn", *APPLICATION.glob("forms/*")]}
    office.deploy(**{name.replace(".", "__"): data for name, data in files.items()})
    complete(office, instance, "boss", "agree")
    clerk, head = at_desk(office, "clerk"), at_desk(office, "head")
    assert "撤销申请" in verbs(clerk, "started")
    follow(clerk, "撤销申请")
    assert "「审核」已作出决定，此后不能自行撤销；请提交撤回申请，经审批后终止。" in clerk.text
    form = clerk.page.select_one("main form[action$='/withdrawal-application']")
    assert form is not None and clerk.page.select_one("main form[action$='/cancel']") is None
    clerk.send(str(form["action"]), {"from": "started", "reason": "计划有变"})
    assert clerk.messages == ["撤回申请已提交，等待审批；流程继续办理。"]
    assert len(clerk.rows()) == 2 and office.house.state(instance) == "running"
    clerk.get(f"/instances/{instance}/cancel")
    assert "已有一件撤回申请正在审批，请等待结果。" in clerk.text

    head.get("/inbox/offered")
    (row,) = office.house.queries.tasks.open(candidate="group:deciders").rows
    head.send(f"/tasks/{row['id']}", {"action": "outcome:approve", "comment": "可以"})
    found = office.house.queries.instances.get(instance)
    assert found is not None and (found["state"], found["outcome"]) == ("terminated", "withdrawn")


def test_nobody_is_offered_to_urge_himself(office: Office, instance: str) -> None:
    clerk, boss = at_desk(office, "clerk"), at_desk(office, "boss")
    clerk.get("/inbox/done")
    (urge,) = (form for form in clerk.page.select("tbody form") if form.get_text(strip=True) == "催办")
    clerk.send(str(urge["action"]), {each["name"]: each["value"] for each in urge.select("input")})
    assert clerk.messages == ["已催办 1 件。"] and clerk.page.select_one("h1").get_text() == "已办"

    own = office.house.start("leave", by=office.house.actors["clerk"])
    clerk.get("/inbox/started")
    mine = next(row for row in clerk.page.select("tbody tr") if own in str(row))
    assert "催办" not in mine.get_text()
    boss.get("/inbox/started")
    assert boss.rows() == []


def test_what_a_node_forbids_has_no_button_in_the_row(office: Office) -> None:
    office.employ("clerk")
    office.employ("boss")
    model = MODEL.replace(b'banjie:assignee="clerk"', b'banjie:assignee="clerk" banjie:allow="-withdraw"')
    office.house.deploy(model)
    instance = office.house.start("leave", by=office.house.actors["clerk"])
    complete(office, instance, "clerk")
    assert verbs(at_desk(office, "clerk"), "done") == ["查看", "催办", "流程图"]


def test_d14_a_copy_goes_to_a_whole_group_and_the_page_tells_who_got_it(office: Office, instance: str) -> None:
    office.employ("deputy", "deciders")
    clerk = at_desk(office, "clerk")
    clerk.get(f"/instances/{instance}")
    form = clerk.page.select_one("form[action*='/inbox/copies/of/']")
    assert form is not None
    assert "group:deciders" in [option["value"] for option in form.select("option")]
    clerk.send(str(form["action"]), {"recipient": "group:deciders", "note": "请知悉"})
    assert clerk.messages == ["已抄送 2 人：Deputy、Head。"]
    clerk.send(str(form["action"]), {"recipient": "group:deciders"})
    assert clerk.messages == ["2 人以前已经收到这一环节的抄送，没有重复发送。"]
