"""Forms know the day of the office: in China it is tomorrow already while it is still today in UTC, from midnight to eight."""

import json
from datetime import UTC, datetime

import pytest

from engine.bpmn.runner import Machine
from engine.calendar import SHANGHAI
from engine.commands.running.instances import StartInstance
from engine.errors import InvalidInput
from tests.integration.engine.house import House, bpmn, flows

APPLY = json.dumps(
    {
        "id": "apply",
        "components": [
            {"type": "datetime", "key": "day", "label": "日期", "subtype": "date", "disallowPassedDates": True},
            {"type": "datetime", "key": "at", "label": "时间", "subtype": "datetime", "disallowPassedDates": True},
            {
                "type": "textfield",
                "key": "why",
                "label": "当日办理的理由",
                "conditional": {"hide": "=day = null or date(day) != today()"},
                "validate": {"required": True},
            },
        ],
    }
).encode()
VISIT = bpmn(
    '<startEvent id="s" banjie:formKey="apply"/><userTask id="t" banjie:assignee="li"/><endEvent id="e"/>'
    + flows("s-t", "t-e"),
    key="visit",
)


@pytest.fixture
def office(house: House) -> House:
    """A house in China, at half past seven in the morning of the 24th; in UTC it is the 23rd."""
    house.engine.environment.machine = Machine(zone=SHANGHAI)
    house.now = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    house.person("li")
    house.deploy(VISIT, apply__form=APPLY)
    return house


def faults(office: House, **variables: str) -> dict[str, str]:
    with pytest.raises(InvalidInput) as refused:
        office.engine.execute(StartInstance(key="visit", variables=variables), actor=office.actors["li"])
    return dict(refused.value.facts["fields"])


def test_yesterday_is_past_before_eight_in_the_morning_too(office: House) -> None:
    assert set(faults(office, day="2026-11-23")) == {"day"}
    assert office.start("visit", by=office.actors["li"], day="2026-11-25")


def test_an_hour_without_zone_is_one_of_the_office(office: House) -> None:
    assert set(faults(office, at="2026-11-24T07:00")) == {"at"}
    assert office.start("visit", by=office.actors["li"], at="2026-11-24T08:00")


def test_today_in_the_condition_of_a_field_is_the_day_of_the_office(office: House) -> None:
    assert set(faults(office, day="2026-11-24")) == {"why"}
