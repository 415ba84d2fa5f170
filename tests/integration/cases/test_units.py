"""What is left of a limit is told in its own unit: days of natural days, working days, office hours; wherever it is shown."""

import io
import json
import zipfile
from typing import Any

import pytest
from flask import Flask

from engine.cli.composition import OPERATOR
from engine.commands.administration.deployments import DeployResources
from tests.integration.cases.filing import SHOP
from tests.integration.cases.test_clocks import ITEM
from tests.integration.supervision.test_pages import app, desk
from tests.processes.bureau import Bureau

__all__ = ["app"]

PROCESS = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:banjie="urn:banjie:bpmn:1.0" id="d" targetNamespace="t">
  <process id="special" name="按自然日办理" isExecutable="true">
    <startEvent id="start"/>
    <serviceTask id="receive" banjie:verb="case.receive"/>
    <serviceTask id="accept" banjie:verb="case.accept"/>
    <parallelGateway id="fork"/>
    <userTask id="days" name="公示" banjie:candidateGroups="food_reviewers" banjie:limit="12nd"/>
    <userTask id="work" name="审查" banjie:candidateGroups="food_reviewers" banjie:limit="4wd"/>
    <userTask id="hours" name="响应" banjie:candidateGroups="food_reviewers" banjie:limit="20h"/>
    <endEvent id="e1"/><endEvent id="e2"/><endEvent id="e3"/>
    <sequenceFlow id="f1" sourceRef="start" targetRef="receive"/><sequenceFlow id="f2" sourceRef="receive" targetRef="accept"/>
    <sequenceFlow id="f3" sourceRef="accept" targetRef="fork"/><sequenceFlow id="f4" sourceRef="fork" targetRef="days"/>
    <sequenceFlow id="f5" sourceRef="fork" targetRef="work"/><sequenceFlow id="f6" sourceRef="fork" targetRef="hours"/>
    <sequenceFlow id="f7" sourceRef="days" targetRef="e1"/><sequenceFlow id="f8" sourceRef="work" targetRef="e2"/>
    <sequenceFlow id="f9" sourceRef="hours" targetRef="e3"/>
  </process>
</definitions>
"""


@pytest.fixture
def no(bureau: Bureau) -> str:
    """A case accepted on Wednesday 2026-09-30, before the golden week: promised 15 natural days, statutory 20."""
    item = ITEM.replace('"20wd"', '"20nd"\nextension = "10nd"').replace('"10wd"', '"15nd"')
    files = {"item.toml": item.encode(), "special.bpmn": PROCESS.encode()}
    bureau.engine.execute(DeployResources(name="special", files=files), actor=OPERATOR)
    bureau.at("2026-09-30 10:00")
    return bureau.file("000131990000", applicant=SHOP, offered={"M01": {}})


def task_ids(bureau: Bureau, no: str) -> dict[str, str]:
    return {row["element_id"]: row["id"] for row in bureau.queries.tasks.of_instance(bureau.case(no)["instance_id"])}


def text_of(workbook: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(workbook)) as packed:
        return "".join(packed.read(name).decode() for name in packed.namelist() if name.endswith(".xml"))


# Over the holidays of 10-01 to 10-07, with 10-10 (Saturday) worked: on 10-08 three working days were left of "4wd" (10-08 is
# the first), of the 12 natural days until 10-12 four days, of the 15 until 10-15 seven.
LEFT = {"days": "剩 4 天", "work": "剩 3 工作日", "hours": "剩 14 小时"}


def test_inbox_task_page_and_workbook_tell_what_is_left_in_the_unit_of_the_limit(
    bureau: Bureau, app: Flask, no: str
) -> None:
    bureau.at("2026-10-08 09:00")
    clerk = desk(bureau, app, "shipin")

    inbox = clerk.get("/inbox/offered")
    sheet = text_of(clerk.client.get("/inbox/export/offered.xlsx").data)
    for element, task_id in task_ids(bureau, no).items():
        assert LEFT[element] in clerk.get(f"/tasks/{task_id}"), element
        assert LEFT[element] in inbox and LEFT[element] in sheet, element
    assert "4 days left" in clerk.get("/inbox/offered?lang=en")


def test_the_case_its_limits_its_list_and_the_board_tell_days_of_natural_days(
    bureau: Bureau, app: Flask, no: str
) -> None:
    bureau.at("2026-10-13 09:00")
    head = desk(bureau, app, "ducha")

    for address in (f"/cases/{no}", f"/cases/{no}?tab=limits", "/cases", "/board", "/board/cases?lamp=amber"):
        assert "剩 2 天" in head.get(address), address
    sheet = text_of(head.client.get("/board/export.xlsx").data)
    assert "剩 2 天" in sheet

    bureau.at("2026-10-17 09:00")
    assert "超期 2 天" in head.get(f"/cases/{no}")


def test_the_api_names_the_unit_of_what_remains(bureau: Bureau, app: Flask, no: str) -> None:
    bureau.at("2026-10-08 09:00")
    clerk = desk(bureau, app, "shipin")

    def items(path: str, key: str) -> dict[str, Any]:
        return {each[key]: each for each in json.loads(clerk.get(f"/api/v1{path}"))["items"]}

    limits, tasks = items(f"/cases/{no}/clocks", "kind"), items("/tasks?tab=offered", "element_id")

    assert (limits["promised"]["remaining"], limits["promised"]["remaining_unit"]) == (7, "nd")
    told = {name: (task["remaining"], task["remaining_unit"]) for name, task in tasks.items()}
    assert told == {"days": (4, "nd"), "work": (3, "wd"), "hours": (14, "h")}
