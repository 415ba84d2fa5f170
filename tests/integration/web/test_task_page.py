"""The task page: what an approver sees and does, without scripts."""

import re
from datetime import timedelta

import pytest

from engine.commands.running.instances import StartInstance
from engine.commands.tasks.handling import AssignTask, ClaimTask, CompleteTask
from engine.store import tables
from tests.integration.web.office import Office

FILLED = {"f.project": "机房空调", "f.risk": "low", "f.reason": "换新"}


@pytest.fixture
def case(office: Office) -> str:
    """A purchase of 500 that waits for the reviewers; zhang and li are two of them, boss decides."""
    office.purchases()
    for login in ("zhang", "li"):
        office.employ(login, "reviewers")
    office.employ("boss")
    return office.house.start("purchase", amount=500, secret="底价480万", project="空调")


def at_desk(office: Office, login: str):
    from tests.integration.web.office import Browser

    return Browser(office.app.test_client(), login).sign_in()


def test_the_form_shows_what_the_rights_allow_and_no_more(office: Office, case: str) -> None:
    zhang = at_desk(office, "zhang")

    zhang.get(office.task(case))

    assert zhang.page.find("input", attrs={"name": "f.project"})["value"] == "空调"
    assert zhang.page.find(attrs={"name": "f.amount"}) is None  # read: shown as text
    assert "500" in zhang.text
    assert "内部底价" not in zhang.answer.text and "底价480万" not in zhang.answer.text  # hidden: not sent at all
    outcomes = [each for each in zhang.page.select("button[name=action]") if each["value"].startswith("outcome:")]
    assert [each.get_text() for each in outcomes] == ["批准", "驳回"]


def test_the_enter_key_in_a_field_never_decides(office: Office, case: str) -> None:
    """Browsers press the first button of the form."""
    zhang = at_desk(office, "zhang")

    zhang.get(office.task(case))

    assert zhang.page.select("#work button, button[form=work]")[0]["value"] == "refresh"


def test_claim_fill_in_and_complete_leads_to_the_inbox(office: Office, case: str) -> None:
    zhang = at_desk(office, "zhang")
    path = office.task(case)
    zhang.get(path)

    zhang.send(f"{path}/claim")
    assert zhang.messages[0] == "已认领，请办理。"
    zhang.send(path, {**FILLED, "comment": "同意采购", "action": "outcome:approve"})

    assert zhang.status == 200
    assert zhang.messages == [
        "「业务审查」已办理。",
        "接下来：「领导审批」由 Boss 办理。",
    ]  # nobody searches for his matter
    done = office.house.queries.tasks.done(office.house.actors["zhang"]).rows[0]
    assert (done["outcome"], done["comment"]) == ("approve", "同意采购")
    variables = office.house.engine.variables(case)
    assert (variables["project"], variables["reason"], variables["amount"]) == ("机房空调", "换新", 500)


def test_what_is_wrong_comes_back_with_what_was_typed(office: Office, case: str) -> None:
    zhang = at_desk(office, "zhang")
    path = office.task(case)
    zhang.get(path)

    zhang.send(path, {"f.project": "", "f.reason": "先写着", "comment": "看过了", "action": "outcome:approve"})

    assert zhang.status == 422
    field = zhang.page.find("input", attrs={"name": "f.project"})
    assert field["aria-invalid"] == "true"
    assert zhang.page.find(id=field["aria-describedby"].split()[0]).get_text() == "必填"
    assert zhang.page.find("input", attrs={"name": "f.reason"})["value"] == "先写着"
    assert zhang.page.find("textarea", id="comment").get_text() == "看过了"
    assert zhang.page.select_one(".bj-error-summary a")["href"] == "#" + field["id"]


def test_a_condition_shows_its_field_on_the_way_without_scripts(office: Office, case: str) -> None:
    zhang = at_desk(office, "zhang")
    path = office.task(case)
    zhang.get(path)
    assert zhang.page.find(attrs={"name": "f.why"}) is None

    zhang.send(path, {**FILLED, "f.risk": "high", "action": "outcome:approve"})
    assert zhang.status == 422
    assert zhang.page.find(attrs={"name": "f.why"}) is not None

    zhang.send(path, {**FILLED, "f.risk": "high", "f.why": "金额大", "action": "outcome:approve"})
    assert zhang.status == 200


def test_a_list_grows_by_a_row_without_scripts(office: Office, case: str) -> None:
    zhang = at_desk(office, "zhang")
    path = office.task(case)
    zhang.get(path)

    zhang.send(path, {**FILLED, "f.goods[0].name": "空调", "action": "refresh"})

    names = [each["name"] for each in zhang.page.select("input[name^='f.goods']")]
    assert names == ["f.goods[0].name", "f.goods[1].name"]
    assert zhang.page.find("input", attrs={"name": "f.project"})["value"] == "机房空调"


@pytest.mark.parametrize("name, value", [("f.amount", "1"), ("f.secret", "1"), ("f.result", "x")])
def test_fields_without_the_right_to_write_are_not_taken_from_a_forged_form(
    office: Office, case: str, name: str, value: str
) -> None:
    zhang = at_desk(office, "zhang")
    path = office.task(case)
    zhang.get(path)

    zhang.send(path, {**FILLED, name: value, "action": "outcome:approve"})

    variables = office.house.engine.variables(case)
    assert (variables["amount"], variables["secret"]) == (500, "底价480万")
    assert "result" not in variables


def test_an_outcome_that_the_model_does_not_offer_is_refused(office: Office, case: str) -> None:
    zhang = at_desk(office, "zhang")
    path = office.task(case)
    zhang.get(path)

    zhang.send(path, {**FILLED, "action": "outcome:steal"})

    assert zhang.status == 409
    assert office.house.state(case) == "running"


def test_where_an_opinion_is_required_it_is_asked_for_at_its_field(office: Office, case: str) -> None:
    zhang = at_desk(office, "zhang")
    path = office.task(case)
    zhang.get(path)

    zhang.send(path, {**FILLED, "action": "outcome:reject"})

    assert zhang.status == 422
    assert zhang.page.find(id="comment-error").get_text() == "必填"


def test_a_task_that_a_colleague_took_is_shown_for_reading_with_who_and_when(office: Office, case: str) -> None:
    path = office.task(case)
    office.house.engine.execute(ClaimTask(task_id=path.rsplit("/", 1)[1]), actor=office.house.actors["li"])
    zhang = at_desk(office, "zhang")

    zhang.get(path)

    assert zhang.messages == ["已由 Li 于 2026-11-23 09:00 认领，您可以查看，不能办理。"]
    assert zhang.page.select("#work input[name^='f.']") == []
    assert not [each for each in zhang.page.select("button[name=action]") if each["value"] != "refresh"]


def test_who_claims_second_sees_the_task_with_who_took_it_and_when(office: Office, case: str) -> None:
    path = office.task(case)
    zhang = at_desk(office, "zhang")
    zhang.get(path)
    office.house.engine.execute(ClaimTask(task_id=path.rsplit("/", 1)[1]), actor=office.house.actors["li"])

    zhang.send(f"{path}/claim")

    assert zhang.status == 409
    assert zhang.messages == ["已由 Li 于 2026-11-23 09:00 认领，您可以查看，不能办理。"]


def test_who_was_offered_it_too_or_has_handed_it_on_in_another_window_gets_409_and_his_words_back(
    office: Office, case: str
) -> None:
    path = office.task(case)
    task_id, actors = path.rsplit("/", 1)[1], office.house.actors
    zhang, li = at_desk(office, "zhang"), office.person("li2", "reviewers")
    zhang.get(path)
    office.house.engine.execute(ClaimTask(task_id=task_id), actor=actors["li2"])

    zhang.send(path, {**FILLED, "comment": "我写了很久的意见", "action": "outcome:approve"})
    assert zhang.status == 409
    assert zhang.messages[0] == "已由 Li2 于 2026-11-23 09:00 认领，您可以查看，不能办理。"
    assert "我写了很久的意见" in zhang.messages[1]

    li.get(path)
    office.house.engine.execute(AssignTask(task_id=task_id, assignee="zhang"), actor=actors["li2"])
    li.send(path, {**FILLED, "action": "outcome:approve"})
    assert li.status == 409
    assert li.messages[0] == "自 2026-11-23 09:00 起由 Zhang 办理，您可以查看，不能办理。"
    assert "换新" in li.messages[1]  # what he filled in, beside what stands


def test_after_a_transfer_comes_the_next_task_of_the_same_list_too(office: Office, case: str) -> None:
    zhang = at_desk(office, "zhang")
    mine, other = office.task(case), office.task(office.house.start("purchase", project="y"))
    for path in (mine, other):
        office.house.engine.execute(ClaimTask(task_id=path.rsplit("/", 1)[1]), actor=office.house.actors["zhang"])
    zhang.get(f"{mine}?tab=assigned&sort=received")
    transfer = zhang.page.select_one("#verb-transfer form")
    assert transfer is not None and "sort=received" in transfer["action"]

    zhang.send(transfer["action"], {"assignee": "li", "reason": "出差"})

    assert zhang.page.select_one("form#work")["action"].startswith(other)


def test_the_slower_of_two_gets_a_409_with_who_when_what_and_his_own_words(office: Office, case: str) -> None:
    path = office.task(case)
    zhang = at_desk(office, "zhang")
    zhang.get(path)
    command = CompleteTask(
        task_id=path.rsplit("/", 1)[1], outcome="approve", comment="可以买", variables={"project": "x"}
    )
    office.house.engine.execute(command, actor=office.house.actors["li"])

    zhang.send(path, {**FILLED, "comment": "我写了很久的意见", "action": "outcome:approve"})

    assert zhang.status == 409
    assert "已由 Li 于 2026-11-23 09:00 办理" in zhang.messages[0]
    assert "批准" in zhang.messages[0] and "可以买" in zhang.messages[0]
    assert "没有提交" in zhang.messages[1] and "我写了很久的意见" in zhang.messages[1]
    assert zhang.page.find("textarea", id="comment") is None


def test_the_first_look_of_the_holder_is_the_read_mark(office: Office, case: str) -> None:
    zhang = at_desk(office, "zhang")
    task = office.house.task(case)
    office.house.engine.execute(ClaimTask(task_id=task["id"]), actor=office.house.actors["zhang"])
    zhang.get("/inbox")
    assert len(zhang.page.select("tr.bj-unread")) == 1
    at_desk(office, "li").get(office.task(case))  # a candidate who only looks
    assert office.house.task(case)["read_at"] is None

    zhang.get(office.task(case))
    first = office.house.task(case)["read_at"]
    office.house.now += timedelta(hours=1)
    zhang.get(office.task(case))

    assert first is not None and office.house.task(case)["read_at"] == first
    zhang.get("/inbox")
    assert zhang.page.select("tr.bj-unread") == []
    office.house.engine.execute(AssignTask(task_id=task["id"], assignee="li"), actor=office.house.actors["zhang"])
    assert office.house.task(case)["read_at"] is None  # the next holder has not seen it yet
    assert office.house.kinds(case).count("TaskOpened") == 1


def test_a11_whoever_sent_it_sees_whether_it_was_opened(office: Office, case: str) -> None:
    task = office.house.task(case)
    office.house.engine.execute(ClaimTask(task_id=task["id"]), actor=office.house.actors["zhang"])
    admin = office.admin()  # who has started it
    admin.get(f"/instances/{case}")
    assert "未读" in admin.page.select_one(".bj-timeline .bj-now").get_text()

    office.house.now += timedelta(minutes=30)
    at_desk(office, "zhang").get(office.task(case))

    admin.get(f"/instances/{case}")
    assert "09:30 已读" in admin.page.select_one(".bj-timeline .bj-now").get_text()


def test_after_a_task_comes_the_next_of_the_list_from_which_one_came(office: Office, case: str) -> None:
    zhang, actors = at_desk(office, "zhang"), office.house.actors
    tasks = []
    for title in ("甲", "乙", "丙"):
        office.house.now += timedelta(minutes=1)
        command = StartInstance(key="purchase", title=title, variables={"project": title})
        instance = office.house.engine.execute(command, actor=actors["zhang"])["id"]
        tasks.append(office.house.task(instance)["id"])
        office.house.engine.execute(ClaimTask(task_id=tasks[-1]), actor=actors["zhang"])

    zhang.get(f"/tasks/{tasks[1]}?tab=assigned&sort=received")
    before, behind = (zhang.page.select_one(f"a[rel={rel}]") for rel in ("prev", "next"))
    assert before is not None and before["href"] == f"/tasks/{tasks[2]}?tab=assigned&sort=received"
    assert behind is not None and behind["href"] == f"/tasks/{tasks[0]}?tab=assigned&sort=received"

    sent = {**FILLED, "next_asked": "1", "next": "1", "action": "outcome:approve"}
    zhang.send(zhang.page.select_one("form#work")["action"], sent)

    assert zhang.answer.request.path == f"/tasks/{tasks[0]}"
    zhang.send(zhang.page.select_one("form#work")["action"], {**FILLED, "next_asked": "1", "action": "outcome:approve"})
    assert zhang.answer.request.path == "/inbox"  # not asked for this time, and remembered
    zhang.get(f"/tasks/{tasks[2]}")
    assert zhang.page.select_one("input[name=next]").get("checked") is None


def test_the_same_page_sent_twice_acts_once(office: Office, case: str) -> None:
    zhang = at_desk(office, "zhang")
    path = office.task(case)
    zhang.get(path)
    data = {**FILLED, "action": "outcome:approve", "key": zhang.page.find("input", attrs={"name": "key"})["value"]}
    token = zhang.token

    first = zhang.client.post(path, data={"csrf": token, **data})
    second = zhang.client.post(path, data={"csrf": token, **data})

    assert (first.status_code, second.status_code) == (303, 303)
    assert office.house.kinds(case).count("TaskCompleted") == 1


def test_a_draft_comes_back_and_belongs_to_nobody_else(office: Office, case: str) -> None:
    zhang, li = at_desk(office, "zhang"), at_desk(office, "li")
    path = office.task(case)
    zhang.get(path)

    zhang.send(path, {"f.project": "写了一半", "comment": "待补", "action": "draft"})
    zhang.get(path)
    li.get(path)

    assert zhang.page.find("input", attrs={"name": "f.project"})["value"] == "写了一半"
    assert zhang.page.find("textarea", id="comment").get_text() == "待补"
    assert li.page.find("input", attrs={"name": "f.project"})["value"] == "空调"
    assert office.house.state(case) == "running"

    zhang.send(path, {**FILLED, "action": "outcome:approve"})
    with office.database.read() as connection:
        assert connection.execute(tables.draft.select()).all() == []


def test_give_back_and_hand_over(office: Office, case: str) -> None:
    zhang, li = at_desk(office, "zhang"), at_desk(office, "li")
    path = office.task(case)
    zhang.get(path)
    zhang.send(f"{path}/claim")

    zhang.send(f"{path}/unclaim")
    assert zhang.messages == ["已放回，其他人可以认领。"]
    zhang.send(f"{path}/claim")
    zhang.send(f"{path}/assign", {"assignee": "li", "reason": "出差"})

    li.get("/inbox")
    assert len(li.rows()) == 1
    li.get(path)
    assert "转办给 Li" in li.text and "出差" in li.text


def test_names_and_values_from_strangers_are_shown_as_text(office: Office, case: str) -> None:
    attack = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    instance = office.house.start("purchase", project=attack)
    office.house.engine.execute(
        CompleteTask(
            task_id=office.task(instance).rsplit("/", 1)[1],
            outcome="approve",
            comment=attack,
            variables={"project": attack[:19]},
        ),
        actor=office.house.actors["zhang"],
    )
    boss = at_desk(office, "boss")

    boss.get(office.task(instance))

    assert "<script>alert" not in boss.answer.text and "<img src=x" not in boss.answer.text
    assert attack in boss.page.get_text()


def test_a_stranger_to_the_case_gets_the_same_answer_as_for_no_task(office: Office, case: str) -> None:
    office.employ("wang")
    wang = at_desk(office, "wang")

    wang.get(office.task(case))
    hidden = (wang.status, re.sub(r"[0-9a-f-]{36}", "", wang.text))
    wang.get("/tasks/00000000-0000-4000-8000-000000000000")

    assert wang.status == 404
    assert hidden == (wang.status, re.sub(r"[0-9a-f-]{36}", "", wang.text))


def test_the_diagram_is_a_picture_that_can_run_nothing(office: Office, case: str) -> None:
    zhang = at_desk(office, "zhang")
    zhang.get(office.task(case))
    source = zhang.page.select_one(".bj-diagram img")["src"]

    answer = zhang.client.get(source)

    assert answer.content_type.startswith("image/svg+xml")
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "业务审查" in answer.text and "<script" not in answer.text
