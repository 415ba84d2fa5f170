"""A missing opinion, signature and a wrong field are told together: nobody mends the one only to be told the other."""

import io

import pytest

from engine.commands.running.instances import StartInstance
from engine.commands.tasks.handling import CompleteTask
from engine.errors import InvalidInput
from tests.integration.engine.house import bpmn, flows
from tests.integration.web import samples
from tests.integration.web.office import Browser, Office


@pytest.fixture
def task(office: Office) -> str:
    """A review that may not be refused without an opinion, nor at all without the name of the project."""
    office.purchases()
    office.employ("boss")
    return str(office.house.task(office.house.start("purchase"))["id"])


def test_the_command_refuses_with_both(office: Office, task: str) -> None:
    li = office.house.person("li", "reviewers")
    with pytest.raises(InvalidInput) as refused:
        office.house.engine.execute(CompleteTask(task_id=task, outcome="reject"), actor=li)
    error = refused.value
    assert error.zh == "请填写办理意见。表单有误：项目名称：必填。"
    assert error.facts["fields"] == {"comment": "必填", "project": "必填"}
    assert error.facts["fields_en"] == {"comment": "is required", "project": "is required"}


@pytest.mark.parametrize(
    ("given", "left"),
    [({"comment": "超预算"}, {"project"}), ({"variables": {"project": "空调"}}, {"comment"})],
    ids=["only the field", "only the opinion"],
)
def test_one_alone_is_told_alone(office: Office, task: str, given: dict[str, object], left: set[str]) -> None:
    li = office.house.person("li", "reviewers")
    with pytest.raises(InvalidInput) as refused:
        office.house.engine.execute(CompleteTask(task_id=task, outcome="reject", **given), actor=li)  # type: ignore[arg-type]
    assert set(refused.value.facts["fields"]) == left


def test_the_page_names_both_in_its_summary_and_leads_to_both(office: Office, task: str) -> None:
    li = office.person("li", "reviewers")
    li.get(f"/tasks/{task}")
    li.send(f"/tasks/{task}", {"action": "outcome:reject", "f.project": ""})
    assert li.status == 422
    links = li.page.select("#errors a")
    assert [each.get_text() for each in links] == ["项目名称：必填", "意见：必填"]
    assert all(li.page.find(id=str(each["href"]).lstrip("#")) is not None for each in links)


@pytest.fixture
def zhang(office: Office) -> Browser:
    """Somebody who is to sign, with an opinion, a form and a signature; the task's page is before him."""
    office.deploy(
        p__bpmn=bpmn(
            '<startEvent id="s"/><userTask id="t" name="签发" banjie:assignee="zhang" banjie:signature="required" '
            'banjie:requireComment="true" banjie:formKey="review" banjie:outcomes="agree,refuse"/><endEvent id="e"/>'
            + flows("s-t", "t-e"),
            key="p",
        ),
        review__form=samples.REVIEW_FORM,
    )
    zhang = office.person("zhang")
    zhang.get(office.task(office.house.start("p")))
    return zhang


def test_a_missing_signature_is_told_with_the_opinion_and_the_fields(zhang: Browser) -> None:
    zhang.send(zhang.answer.request.path, {"action": "outcome:agree", "f.project": ""})

    assert zhang.status == 422
    told = [each.get_text() for each in zhang.page.select("#errors a")]
    assert told == ["项目名称：必填", "意见：必填", "手写签名：请签名"]
    assert all(zhang.page.find(id=str(each["href"]).lstrip("#")) is not None for each in zhang.page.select("#errors a"))
    beside = [each.get_text() for each in zhang.page.select("#comment-error, #signature-error")]
    assert beside == ["必填", "请签名"]


APPLY = """{"id": "apply", "components": [
    {"type": "textfield", "key": "project", "label": "项目名称", "validate": {"required": true}}]}""".encode()
DECIDE = 'banjie:outcomes="agree:同意,refuse:退回"'
# The starter chooses the chief; whoever reviews chooses, on agreeing, two who act in parallel.
CHOSEN = bpmn(
    '<startEvent id="s" banjie:formKey="apply"/>'
    f'<userTask id="review" name="审查" banjie:assignee="zhang" banjie:formKey="review" banjie:requireComment="true" {DECIDE}/>'
    '<exclusiveGateway id="g" default="g_e"/><parallelGateway id="fork"/><parallelGateway id="join"/>'
    '<userTask id="a" name="会办甲" banjie:who="chosen(previous)"/><userTask id="b" name="会办乙" banjie:who="chosen(previous)"/>'
    '<userTask id="chief" name="签批" banjie:who="chosen(start)"/><userTask id="deputy" name="副签" banjie:who="chosen(start)"/>'
    '<endEvent id="e"/>'
    + flows("s-review", "review-g", 'g-fork?outcome = "agree"', "g-e", "fork-a", "fork-b", "a-join", "b-join")
    + flows("join-chief", "chief-deputy", "deputy-e"),
    key="chosen",
)


@pytest.fixture
def reviewer(office: Office) -> Browser:
    office.deploy(chosen__bpmn=CHOSEN, apply__form=APPLY, review__form=samples.REVIEW_FORM)
    office.employ("boss")
    office.employ("deputy")
    return office.person("zhang")


def begin(office: Office) -> str:
    chosen = {"chief": ["boss"], "deputy": ["deputy"]}
    command = StartInstance(key="chosen", variables={"project": "空调"}, chosen=chosen)
    return office.task(str(office.house.engine.execute(command, actor=office.house.admin)["id"]))


def named(browser: Browser) -> list[str]:
    """What the summary tells, where every line leads to a control of the page."""
    links = browser.page.select("#errors a")
    assert all(browser.page.find(id=str(each["href"]).lstrip("#")) is not None for each in links)
    return [each.get_text() for each in links]


def test_at_the_start_missing_choices_are_told_with_the_fields_before_the_preview(reviewer: Browser) -> None:
    reviewer.get("/start/process/chosen")
    reviewer.send("/start/process/chosen", {"f.project": "", "action": "preview"})

    assert reviewer.status == 422
    assert named(reviewer) == ["项目名称：必填", "「签批」的办理人：必选", "「副签」的办理人：必选"]
    assert reviewer.page.select_one("#chosen-deputy-error") is not None


def test_at_the_start_over_the_api_too(office: Office, reviewer: Browser) -> None:
    command = StartInstance(key="chosen", variables={"x": 1}, chosen={"chief": ["boss", "zhang"], "other": ["boss"]})
    with pytest.raises(InvalidInput) as refused:
        office.house.engine.execute(command, actor=office.house.actors["zhang"])

    facts = refused.value.facts
    assert set(facts["fields"]) == {"x", "project", "chosen.chief", "chosen.deputy", "chosen.other"}
    assert facts["fields"].keys() == facts["fields_en"].keys()


def test_at_a_task_all_choices_that_are_missing_are_told_with_field_and_opinion(
    office: Office, reviewer: Browser
) -> None:
    address = begin(office)
    reviewer.get(address)
    reviewer.send(address, {"action": "outcome:agree", "f.project": ""})

    assert reviewer.status == 422
    assert named(reviewer) == ["项目名称：必填", "意见：必填", "「会办甲」的办理人：必选", "「会办乙」的办理人：必选"]
    [task] = office.house.open_tasks(instance_id := office.house.queries.instances.all().rows[0]["id"])
    assert task["element_id"] == "review" and "TaskCompleted" not in office.house.kinds(instance_id)

    reviewer.send(address, {"action": "outcome:agree", "f.project": "空调", "comment": "同意", "chosen.a": "boss"})
    assert named(reviewer) == ["「会办乙」的办理人：必选"]


def test_nobody_is_asked_to_choose_for_steps_to_which_the_outcome_does_not_lead(
    office: Office, reviewer: Browser
) -> None:
    address = begin(office)
    reviewer.get(address)
    reviewer.send(address, {"action": "outcome:refuse", "f.project": ""})

    assert named(reviewer) == ["项目名称：必填", "意见：必填"]


def test_attachments_that_a_refused_page_lost_are_named(zhang: Browser) -> None:
    sent = {"action": "outcome:agree", "comment": "同意", "attachments": (io.BytesIO(b"x"), "说明.txt")}
    zhang.send(zhang.answer.request.path, sent, content_type="multipart/form-data")

    assert zhang.status == 422
    lost = zhang.page.select_one("#attachments-again")
    assert lost is not None and "说明.txt" in lost.get_text()


def test_a_draft_keeps_whom_one_has_chosen_at_the_start_and_at_a_task(office: Office, reviewer: Browser) -> None:
    for address in ("/start/process/chosen", begin(office)):
        element = "chief" if address.startswith("/start") else "a"
        reviewer.get(address)
        reviewer.send(address, {"action": "draft", f"chosen.{element}": "boss"})
        reviewer.get(address)

        assert [each["value"] for each in reviewer.page.select(f"#chosen-{element} option[selected]")] == ["boss"]
