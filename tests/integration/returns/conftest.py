"""Fixtures for tests of returns, withdrawals and repairs."""

import pytest

from engine.access import Actor
from engine.store.base.database import Database
from tests.integration.engine.house import House
from tests.integration.returns.desk import Desk


@pytest.fixture
def house(database: Database) -> House:
    return House(database)


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


@pytest.fixture
def li(house: House) -> Actor:
    return house.person("li", "leaders")
