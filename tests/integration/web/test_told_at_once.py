"""A missing opinion and a wrong field are told together: nobody mends the one only to be told the other."""

import pytest

from engine.commands.tasks import CompleteTask
from engine.errors import InvalidInput
from tests.integration.web.office import Office


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
