"""Fixtures for tests of the engine as a whole."""

import pytest

from engine.store.base.database import Database
from tests.integration.engine.house import House


@pytest.fixture
def house(database: Database) -> House:
    return House(database)
