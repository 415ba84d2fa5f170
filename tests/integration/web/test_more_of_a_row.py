"""更多 in the rows of 待办 and 待认领 (转办, 委派, 催办记录), without scripts: it leads to the verb's place on the page of the task."""

from datetime import timedelta

import pytest
from bs4 import Tag

from engine.access import Role
from engine.commands.delegating.delegations import DelegateTask
from engine.commands.supervision.urging import UrgeTask
from tests.integration.engine.house import bpmn, flows
from tests.integration.web.office import Browser, Office


def furnish(office: Office, settings: str = 'banjie:assignee="li"') -> str:
    """The id of the open task 审批 of a process that clerk has started."""
    for login in ("li", "wang", "clerk"):
        office.employ(login, "window")
    node = f'<userTask id="a" name="审批" banjie:outcomes="agree:同意" {settings}/>'
    office.house.deploy(bpmn(f'<startEvent id="s"/>{node}<endEvent id="e"/>' + flows("s-a", "a-e")))
    return str(office.house.task(office.house.start("leave", by=office.house.actors["clerk"]))["id"])


def at_desk(office: Office, login: str) -> Browser:
    return Browser(office.app.test_client(), login).sign_in()


def urge(office: Office, task_id: str, text: str) -> None:
    office.house.engine.execute(UrgeTask(task_id=task_id, text=text), actor=office.house.actors["clerk"])


def more(browser: Browser, path: str = "/inbox") -> list[str]:
    """What stands under 更多 in the only row of the list."""
    browser.get(path)
    (row,) = browser.page.select("tbody tr[data-row]")
    return [each.get_text() for each in row.select("details.bj-more a")]


def follow(browser: Browser, text: str) -> Tag:
    """Go where the entry leads; what its address points to."""
    link = next(each for each in browser.page.select(".bj-more a") if each.get_text() == text)
    path, _, anchor = str(link["href"]).partition("#")
    browser.get(path)
    found = browser.page.find(id=anchor)
    assert isinstance(found, Tag)
    return found


@pytest.mark.parametrize(
    ("entry", "verb", "button"), [("转办", "assign", "确认转办"), ("委派", "delegate", "确认委派")]
)
def test_the_entry_leads_to_its_form_and_the_form_stands_open(
    office: Office, entry: str, verb: str, button: str
) -> None:
    task_id = furnish(office)
    li = at_desk(office, "li")
    assert more(li, "/inbox?sort=received") == ["转办", "委派"]

    place = follow(li, entry)

    assert place.name == "details" and place.has_attr("open") and button in place.get_text()
    assert len(li.page.select("details.bj-verb[open]")) == 1, "one at a time"
    form = place.select_one(f"form[action^='/tasks/{task_id}/{verb}']")
    assert form is not None
    li.send(str(form["action"]), {"assignee": "wang", "to": "wang"})
    assert entry in li.messages[0]
    assert more(at_desk(office, "wang")) == (["转办", "委派"] if entry == "转办" else ["委派"])


@pytest.mark.parametrize(("allow", "entries"), [("-transfer", ["委派"]), ("-delegate", ["转办"]), ("cc", [])])
def test_what_the_node_forbids_is_not_offered_and_an_empty_menu_does_not_stand_there(
    office: Office, allow: str, entries: list[str]
) -> None:
    furnish(office, f'banjie:assignee="li" banjie:allow="{allow}"')
    li = at_desk(office, "li")

    assert more(li) == entries
    assert len(li.page.select("details.bj-more")) == bool(entries)


def test_who_is_asked_in_person_cannot_hand_the_question_on(office: Office) -> None:
    task_id = furnish(office)
    office.house.engine.execute(DelegateTask(task_id=task_id, to="wang"), actor=office.house.actors["li"])

    assert more(at_desk(office, "wang")) == ["委派"]


def test_the_row_tells_how_often_it_was_urged_and_leads_to_who_urged_when(office: Office) -> None:
    task_id = furnish(office)
    urge(office, task_id, "申请人等着开业")
    office.house.now += timedelta(hours=3)
    urge(office, task_id, "今天必须办")
    li = at_desk(office, "li")
    assert more(li) == ["转办", "委派", "催办记录 2 次"]
    assert "最近 Clerk 2026-11-23 12:00" in li.rows()[0]

    place = follow(li, "催办记录 2 次")

    record = place.select_one("details[open]")
    assert record is not None
    lines = [" ".join(each.get_text(" ").split()) for each in record.select("li")]
    assert len(lines) == 2 and "今天必须办" in lines[0] and "申请人等着开业" in lines[1], "latest first"
    assert all("Clerk → Li" in line and ("已读" in line or "未读" in line) for line in lines)


def test_whoever_may_claim_sees_the_urges_and_only_an_administrator_gives_it_to_another(office: Office) -> None:
    task_id = furnish(office, 'banjie:candidateGroups="window"')
    office.employ("boss", "window", roles=(Role.ADMIN, Role.STAFF))
    li = at_desk(office, "li")
    assert more(li, "/inbox/offered") == [] and li.page.select("details.bj-more") == []
    urge(office, task_id, "还没人认领")

    assert more(li, "/inbox/offered") == ["催办记录 1 次"]
    assert "还没人认领" in follow(li, "催办记录 1 次").get_text()
    boss = at_desk(office, "boss")
    assert more(boss, "/inbox/offered") == ["转办", "催办记录 1 次"]
    assert follow(boss, "转办").has_attr("open")


def test_in_english_too(office: Office) -> None:
    task_id = furnish(office)
    urge(office, task_id, "soon")
    li = at_desk(office, "li")

    assert more(li, "/inbox?lang=en") == ["Hand over", "Delegate", "Urged 1 time"]
    assert "last by Clerk" in li.rows()[0]


@pytest.mark.parametrize(
    ("allow", "offered"),
    [("transfer,batch", ["批量同意", "批量转办"]), ("-batch", ["批量转办"]), ("-transfer", ["批量同意"])],
)
def test_what_is_done_in_one_go_stands_only_where_the_designer_allowed_it(
    office: Office, allow: str, offered: list[str]
) -> None:
    furnish(office, f'banjie:assignee="li" banjie:allow="{allow}"')
    li = at_desk(office, "li")
    li.get("/inbox")

    assert [each.get_text() for each in li.page.select("#batch summary")] == offered


def test_what_one_narrows_by_every_day_stands_beside_the_keyword_and_not_in_the_fold(office: Office) -> None:
    furnish(office)
    li = at_desk(office, "li")
    li.get("/inbox?step=审批&urgency=0&from=2026-11-23&until=2026-11-23")

    fold = li.page.select_one("details.bj-filter__more")
    assert fold is not None and not fold.has_attr("open") and len(li.rows()) == 1
    for name in ("q", "process", "step", "lamp", "urgency", "from", "until"):
        field = li.page.select_one(f".bj-filter [name={name}]")
        assert field is not None and fold not in field.parents, name
