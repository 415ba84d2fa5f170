"""A service task that calls an outside interface: by a job, once for the process however often it is tried."""

from datetime import timedelta
from typing import Any

import pytest

from engine.job_executor import JobExecutor
from tests.integration.engine.house import House, bpmn, flows
from tests.unit.outgoing.conftest import Place, caller_to, say


def process(place: Place) -> bytes:
    """Ask for a record, then let somebody look at it; an unknown record (404) has a way of its own."""
    inputs = (
        f'<banjie:input name="url">{place.url("/records")}</banjie:input>'
        '<banjie:input name="method">POST</banjie:input>'
        '<banjie:input name="body">={"id": id}</banjie:input>'
    )
    return bpmn(
        '<startEvent id="start"/><serviceTask id="ask" banjie:verb="http.request" banjie:resultVariable="answer">'
        f"<extensionElements>{inputs}</extensionElements></serviceTask>"
        '<userTask id="look" name="看结果" banjie:assignee="admin"/><endEvent id="end"/>'
        '<boundaryEvent id="unknown" attachedToRef="ask"><errorEventDefinition errorRef="e404"/></boundaryEvent>'
        '<userTask id="fill" name="补录" banjie:assignee="admin"/><endEvent id="end2"/>'
        + flows("start-ask", "ask-look", "look-end", "unknown-fill", "fill-end2"),
        key="records",
        more='<error id="e404" errorCode="HTTP_404"/>',
    )


def run(house: House, place: Place, later: timedelta = timedelta()) -> None:
    house.now += later
    JobExecutor(house.engine, caller=caller_to(place), threads=1).run_until_idle()


@pytest.fixture
def instance(house: House, place: Place) -> str:
    house.deploy(process(place))
    return house.start("records", id="R-1")


def elements(house: House, instance: str) -> list[str]:
    return [task["element_id"] for task in house.open_tasks(instance)]


def test_the_answer_becomes_a_variable_and_the_process_goes_on(house: House, place: Place, instance: str) -> None:
    place.answer = lambda handler: say(handler, 200, {"name": "某公司"})
    assert elements(house, instance) == []

    run(house, place)

    assert elements(house, instance) == ["look"]
    assert house.engine.variables(instance)["answer"] == {"status": 200, "body": {"name": "某公司"}}
    assert [each["body"] for each in place.asked] == [b'{"id": "R-1"}']


def test_a_refusal_goes_the_way_that_the_model_has_for_it(house: House, place: Place, instance: str) -> None:
    place.answer = lambda handler: say(handler, 404, {"error": "unknown"})

    run(house, place)

    assert elements(house, instance) == ["fill"]


def test_a_trouble_that_passes_is_tried_again_with_the_same_key(house: House, place: Place, instance: str) -> None:
    answers: list[Any] = [503, 200]
    place.answer = lambda handler: say(handler, answers.pop(0), {})

    run(house, place)
    assert elements(house, instance) == []
    run(house, place, later=timedelta(minutes=1))

    assert elements(house, instance) == ["look"]
    assert len({each["headers"]["Idempotency-Key"] for each in place.asked}) == 1
    assert len(place.asked) == 2


def test_a_trouble_that_stays_ends_in_an_incident_that_an_administrator_sees(
    house: House, place: Place, instance: str
) -> None:
    place.answer = lambda handler: say(handler, 503)

    for _ in range(5):
        run(house, place, later=timedelta(hours=2))

    incident = house.queries.instances.incidents(instance_id=instance).rows[0]
    assert (incident["reason"], incident["element_id"]) == ("job-dead", "ask")
    assert "503" in incident["zh"]


def test_a_place_that_is_not_on_the_list_is_an_incident_at_once(house: House, place: Place, instance: str) -> None:
    JobExecutor(house.engine, caller=caller_to(place, host="other.gov.cn"), threads=1).run_until_idle()

    incident = house.queries.instances.incidents(instance_id=instance).rows[0]
    assert incident["reason"] == "uncaught-error"
    assert "127.0.0.1" in incident["zh"]
    assert place.asked == []
