"""The bureau's calendar as a fixture."""

import pytest

from engine.calendar import WorkCalendar
from tests.unit.calendar.years import bureau_calendar


@pytest.fixture(scope="session")
def bureau() -> WorkCalendar:
    return bureau_calendar()
