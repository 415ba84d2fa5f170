"""Definitions are immutable versions; an upload with an error stores nothing; calls are fixed at deployment."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from engine.access import Role
from engine.commands.administration.deployments import ActivateDefinition, DeployResources, SuspendDefinition
from engine.errors import Conflict, Forbidden, ModelRefused
from engine.store import tables
from tests.integration.engine.house import LEAVE, House, bpmn, flows


def child(assignee: str) -> bytes:
    return bpmn(
        f'<startEvent id="cs"/><userTask id="ct" banjie:assignee="{assignee}"/><endEvent id="ce"/>'
        + flows("cs-ct", "ct-ce"),
        key="child",
    )


PARENT = bpmn(
    '<startEvent id="s"/><callActivity id="calls" calledElement="child"/><endEvent id="e"/>'
    + flows("s-calls", "calls-e"),
    key="parent",
)


def stored(house: House) -> tuple[int, int, int]:
    """How many deployments, files and definitions there are."""
    with house.database.read() as connection:
        counted = (tables.deployment, tables.resource, tables.process_definition)
        found = [connection.scalar(select(func.count()).select_from(table)) or 0 for table in counted]
    return (found[0], found[1], found[2])


def test_the_same_file_again_makes_no_new_version(house: House) -> None:
    first = house.deploy(LEAVE)
    before = stored(house)
    again = house.deploy(LEAVE)
    assert first["definitions"][0]["created"] is True
    assert again["created"] is False
    assert again["definitions"][0] == {**first["definitions"][0], "created": False}
    assert stored(house) == before


def test_a_changed_file_is_a_new_version_and_running_instances_stay_on_theirs(house: House) -> None:
    house.deploy(LEAVE)
    old = house.start("leave")
    house.deploy(LEAVE.replace("审批".encode(), "领导审批".encode()))
    new = house.start("leave")
    assert house.task(old)["element_name"] == "审批"
    assert house.task(new)["element_name"] == "领导审批"
    versions = [row["version"] for row in house.queries.definitions.page(key="leave", latest=False).rows]
    assert versions == [1, 2]


def test_an_upload_with_an_error_stores_nothing(house: House) -> None:
    broken = bpmn('<startEvent id="s"/><userTask id="t"/><endEvent id="e"/>' + flows("s-t", "t-nowhere"), key="broken")
    with pytest.raises(ModelRefused) as refused:
        house.deploy(LEAVE, broken)
    assert stored(house) == (0, 0, 0)
    findings = refused.value.facts["findings"]
    assert any(finding["element"] == "t_nowhere" and finding["severity"] == "error" for finding in findings)


@pytest.mark.parametrize("form", [b"{", b'{"components": 3}', b'{"components": [{"type": "rocket", "key": "a"}]}'])
def test_an_upload_with_a_broken_form_stores_nothing(house: House, form: bytes) -> None:
    with pytest.raises(ModelRefused) as refused:
        house.deploy(LEAVE, leave__form=form)

    assert stored(house) == (0, 0, 0)
    assert refused.value.facts["findings"][0]["severity"] == "error"
    assert refused.value.facts["findings"][0]["file"] == "leave.form"


def test_a_dry_run_only_reports(house: House) -> None:
    command = DeployResources(name="try", files={"leave.bpmn": LEAVE}, dry_run=True)
    answer = house.engine.execute(command, actor=house.admin)
    assert answer["report"][0]["ok"] is True
    assert stored(house) == (0, 0, 0)


def test_a_call_runs_the_version_that_was_newest_when_its_caller_was_deployed(house: House) -> None:
    li, wang = house.person("li"), house.person("wang")
    house.deploy(PARENT, child("li"))
    house.deploy(child("wang"))
    instance_id = house.start("parent")
    assert house.task(instance_id)["assignee"] == "li"
    house.complete(house.task(instance_id), li)
    assert house.state(instance_id) == "completed"

    # deployed again, the caller takes the newer version: that makes it a version of its own
    house.deploy(PARENT)
    assert house.task(house.start("parent"))["assignee"] == "wang"
    assert [row["version"] for row in house.queries.definitions.page(key="parent", latest=False).rows] == [1, 2]
    assert wang.login == "wang"


def test_a_call_to_nowhere_is_refused(house: House) -> None:
    with pytest.raises(ModelRefused):
        house.deploy(PARENT)


def test_a_suspended_version_is_not_started_and_its_instances_go_on(house: House) -> None:
    li = house.person("li", "leaders")
    definition = house.deploy(LEAVE)["definitions"][0]
    instance_id = house.start("leave")
    house.engine.execute(SuspendDefinition(definition_id=definition["id"]), actor=house.admin)
    with pytest.raises(Conflict, match="suspended"):
        house.start("leave")
    house.complete(house.task(instance_id), li, "refuse")
    assert house.state(instance_id) == "completed"
    house.engine.execute(ActivateDefinition(definition_id=definition["id"]), actor=house.admin)
    house.start("leave")


def test_only_designers_deploy(house: House) -> None:
    clerk = house.person("clerk", roles=(Role.CLERK, Role.STAFF))
    with pytest.raises(Forbidden):
        house.engine.execute(DeployResources(name="x", files={"leave.bpmn": LEAVE}), actor=clerk)


def test_a_timer_start_event_starts_instances_of_the_newest_version_only(house: House) -> None:
    def nightly(assignee: str) -> bytes:
        return bpmn(
            '<startEvent id="s"><timerEventDefinition><timeCycle>R3/PT24H</timeCycle></timerEventDefinition></startEvent>'
            f'<userTask id="t" banjie:assignee="{assignee}"/><endEvent id="e"/>' + flows("s-t", "t-e"),
            key="nightly",
        )

    for login in ("old", "new"):
        house.person(login)
        house.deploy(nightly(login))
    house.run_jobs(timedelta(hours=24))
    house.run_jobs(timedelta(hours=24))
    house.run_jobs(timedelta(hours=24))
    house.run_jobs(timedelta(hours=24))
    assert [row["assignee"] for row in house.queries.tasks.open().rows] == ["new"] * 3
