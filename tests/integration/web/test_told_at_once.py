"""A missing opinion, signature and a wrong field are told together: nobody mends the one only to be told the other."""

import io

import pytest

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
    assert error.zh == "请填写办理意见。表单有误：项目名称：必填"
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


def test_attachments_that_a_refused_page_lost_are_named(zhang: Browser) -> None:
    sent = {"action": "outcome:agree", "comment": "同意", "attachments": (io.BytesIO(b"x"), "说明.txt")}
    zhang.send(zhang.answer.request.path, sent, content_type="multipart/form-data")

    assert zhang.status == 422
    lost = zhang.page.select_one("#attachments-again")
    assert lost is not None and "说明.txt" in lost.get_text()
