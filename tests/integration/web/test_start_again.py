"""复制再发: what goes over into a new application, what does not, and whose draft is safe."""

import json

from engine.access import Role
from engine.commands.tasks.handling import CompleteTask
from tests.integration.web import samples
from tests.integration.web.office import Browser, Office
from tests.integration.web.test_start_pages import APPLICANT, CLERK, ITEM, picture

PROCESS = "/start/process/purchase"


def started(office: Office, zhang: Browser) -> str:
    """A purchase that zhang started with the form, and that a reviewer has changed since."""
    zhang.get(PROCESS)
    zhang.send(PROCESS, {"title": "买空调", "f.project": "空调", "f.amount": "500", "action": "submit"})
    instance = str(office.house.queries.instances.started_by(office.house.actors["zhang"]).rows[0]["id"])
    office.house.person("boss")
    reviewer = office.house.person("li", "reviewers")
    values = {"project": "机房空调", "risk": "low"}
    task = office.house.task(instance)["id"]
    office.house.engine.execute(CompleteTask(task_id=task, outcome="approve", variables=values), actor=reviewer)
    return instance


def again(browser: Browser) -> None:
    """Press 复制再发 in the only row of 我发起的."""
    browser.get("/inbox/started")
    (form,) = browser.page.select("form[action^='/start/again/']")
    assert form.get_text(strip=True) == "复制再发"
    browser.send(str(form["action"]))


def shown(browser: Browser, name: str) -> str:
    return str(browser.page.select_one(f"[name='{name}']")["value"])  # type: ignore[index]


def test_a_draft_opens_with_what_was_sent_at_the_start_and_nothing_is_started(office: Office) -> None:
    office.purchases()
    zhang = office.person("zhang")
    instance = started(office, zhang)
    assert office.house.engine.variables(instance)["project"] == "机房空调"

    again(zhang)

    assert zhang.answer.request.path == PROCESS
    assert (shown(zhang, "title"), shown(zhang, "f.project"), shown(zhang, "f.amount")) == ("买空调", "空调", "500")
    assert any("请核对后提交" in each for each in zhang.messages)
    assert len(office.house.queries.instances.all().rows) == 1
    draft = office.house.queries.drafts.get(office.house.actors["zhang"], "start", "process:purchase")
    assert draft is not None and draft["data"]["values"] == {"project": "空调", "amount": 500}, "no variable of later"


def test_only_what_the_form_of_today_lets_one_write_goes_over(office: Office) -> None:
    office.purchases()
    zhang = office.person("zhang")
    started(office, zhang)
    locked = samples.APPLY_FORM.replace(b'"key": "amount"', b'"key": "amount", "readonly": true')
    office.deploy(purchase__bpmn=samples.PURCHASE, apply__form=locked, review__form=samples.REVIEW_FORM)

    again(zhang)

    draft = office.house.queries.drafts.get(office.house.actors["zhang"], "start", "process:purchase")
    assert draft is not None and draft["data"]["values"] == {"project": "空调"}


def test_what_was_promised_once_is_promised_anew(office: Office) -> None:
    form = json.loads(samples.APPLY_FORM)
    promise = {"type": "checkbox", "key": "true_words", "label": "承诺内容真实", "validate": {"required": True}}
    form["components"] += [promise, {"type": "checkbox", "key": "urgent", "label": "加急"}]
    office.deploy(
        purchase__bpmn=samples.PURCHASE, apply__form=json.dumps(form).encode(), review__form=samples.REVIEW_FORM
    )
    zhang = office.person("zhang")
    zhang.get(PROCESS)
    zhang.send(PROCESS, {"f.project": "空调", "f.true_words": "true", "f.urgent": "true", "action": "submit"})

    again(zhang)

    ticked = {each["name"]: each.has_attr("checked") for each in zhang.page.select("#fields input[type=checkbox]")}
    assert ticked == {"f.true_words": False, "f.urgent": True}


def test_a_draft_that_waits_is_opened_and_never_overwritten(office: Office) -> None:
    office.purchases()
    zhang = office.person("zhang")
    started(office, zhang)
    zhang.get(PROCESS)
    zhang.send(PROCESS, {"f.project": "写了一半", "action": "draft"})

    again(zhang)

    assert shown(zhang, "f.project") == "写了一半"
    assert any("没有覆盖它" in each for each in zhang.messages)
    zhang.send(f"{PROCESS}/discard")
    again(zhang)
    again(zhang)
    assert shown(zhang, "f.project") == "空调", "pressed twice it is the same draft"
    assert not any("没有覆盖它" in each for each in zhang.messages)


def test_what_can_not_be_started_any_more_is_told_at_the_click(office: Office) -> None:
    office.purchases()
    zhang = office.person("zhang")
    started(office, zhang)
    definition = office.house.queries.definitions.latest("purchase")
    assert definition is not None
    admin = office.admin()
    admin.send(f"/deployments/definitions/{definition['id']}/suspend")

    again(zhang)

    assert zhang.status == 404 and "没有可以发起的流程" in zhang.text


def test_a_case_goes_over_with_its_applicant_and_without_its_files(office: Office) -> None:
    office.stalls()
    chen = office.person("chen", "window", roles=CLERK)
    chen.get(ITEM)
    chen.send(ITEM, {"step": "form", "action": "next", "title": "摊贩", **APPLICANT, "f.stall": "A-12"})
    chen.upload(ITEM, "file.M01", {"申请书.png": picture()}, step="materials", action="next")
    chen.send(ITEM, {"step": "preview", "action": "submit", "key": "k" * 32})

    again(chen)

    assert chen.answer.request.path == ITEM
    assert (shown(chen, "applicant_name"), shown(chen, "f.stall"), shown(chen, "title")) == ("陈小明", "A-12", "摊贩")
    chen.get(f"{ITEM}?step=materials")
    assert "申请书.png" not in chen.text
    chen.send(ITEM, {"step": "preview", "action": "submit", "key": "m" * 32})
    assert chen.status == 200 and len(office.house.queries.cases.page().rows) == 2


def test_nobody_copies_what_somebody_else_has_started(office: Office) -> None:
    office.purchases()
    zhang, admin = office.person("zhang"), office.admin()
    instance = started(office, zhang)
    assert Role.ADMIN in office.house.admin.roles

    admin.send(f"/start/again/{instance}")
    assert admin.status == 403 and "只能复制自己发起的申请" in admin.text
