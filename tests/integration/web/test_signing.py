"""Attachments, handwritten signature and phrases on the page of a task."""

import io
from typing import Any

import pytest
from PIL import Image

from engine.commands.administration.phrases import AddPhrase
from engine.commands.tasks.batch import ApproveInBatch
from engine.errors import Conflict, Forbidden
from engine.store import tables
from engine.store.projections.projector import replay
from tests.integration.engine.house import bpmn, flows
from tests.integration.web.office import Browser, Office


def png() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGBA", (60, 20), (0, 0, 0, 0)).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def zhang(office: Office) -> Browser:
    office.deploy(
        p__bpmn=bpmn(
            '<startEvent id="s"/><userTask id="t" name="签发" banjie:assignee="zhang" banjie:signature="required" '
            'banjie:outcomes="agree,refuse"/><endEvent id="e"/>' + flows("s-t", "t-e"),
            key="p",
        )
    )
    return office.person("zhang")


def submit(person: Browser, path: str, outcome: str, **files: Any) -> None:
    data = {"action": f"outcome:{outcome}", "comment": "同意"}
    sent = {name: [(io.BytesIO(content), file) for file, content in each] for name, each in files.items()}
    person.send(path, {**data, **sent}, content_type="multipart/form-data")


@pytest.mark.parametrize("outcome", ["agree", "refuse"])
def test_trap_2_2_no_outcome_goes_without_the_signature_that_the_node_asks_for(
    office: Office, zhang: Browser, outcome: str
) -> None:
    instance = office.house.start("p")
    path = office.task(instance)
    zhang.get(path)
    assert zhang.page.select_one("input[name=signature]") is not None

    submit(zhang, path, outcome)

    assert zhang.status == 422 and "需要手写签名" in zhang.text
    assert zhang.page.select_one("#signature-error") is not None
    submit(zhang, path, outcome, signature=[("mine.png", png())])
    assert office.house.state(instance) == "completed"


def test_only_a_picture_is_a_signature_and_a_batch_cannot_sign(office: Office, zhang: Browser) -> None:
    instance = office.house.start("p")
    path = office.task(instance)
    zhang.get(path)

    submit(zhang, path, "agree", signature=[("mine.png", b"<svg onload=alert(1)>")])

    assert zhang.status == 422 and office.house.queries.inbox.files_of(instance) == []
    with pytest.raises(Conflict, match="needs input"):
        office.house.engine.execute(ApproveInBatch(task_id=path.rsplit("/", 1)[1]), actor=office.house.actors["zhang"])


def test_what_came_with_an_action_is_shown_to_those_who_see_the_task_and_to_nobody_else(
    office: Office, zhang: Browser
) -> None:
    instance = office.house.start("p")
    path = office.task(instance)
    wang = office.person("wang")
    zhang.get(path)
    submit(zhang, path, "agree", signature=[("s.png", png())], attachments=[("说明.txt", "附件内容".encode())])

    zhang.get(path)
    link = zhang.page.select_one(".bj-copies a[href^='/action-files/']")
    assert link is not None and link.get_text() == "说明.txt"
    assert zhang.page.select_one("img.bj-signature") is not None
    assert zhang.client.get(link["href"]).data == "附件内容".encode()
    assert wang.client.get(link["href"]).status_code == 404
    with office.database.read() as connection:
        rebuilt = replay(connection, instance).tables[tables.action_file]
    assert {row["name"] for row in rebuilt.values()} == {"说明.txt", "signature.png"}


def test_phrases_are_ones_own_and_those_of_the_bureau(office: Office, zhang: Browser) -> None:
    wang, path = office.person("wang"), office.task(office.house.start("p"))
    with pytest.raises(Forbidden):
        office.house.engine.execute(AddPhrase(body="大家的", shared=True), actor=office.house.actors["wang"])
    office.house.engine.execute(AddPhrase(body="按规定办理。", shared=True), actor=office.house.admin)
    wang.get("/phrases")
    wang.send("/phrases", {"body": "王的"})
    zhang.get("/phrases")
    zhang.send("/phrases", {"body": "拟同意，请审批。"})

    zhang.get(path)

    offered = [each.get_text() for each in zhang.page.select("[data-phrases] button")]
    assert offered == ["拟同意，请审批。", "按规定办理。"]
    mine = zhang.get("/phrases").select_one("form[action$=remove]")
    assert mine is not None
    wang.get("/phrases")
    wang.send(mine["action"])
    assert wang.status == 404
