"""The house of the engine's tests, and a server on loopback that it calls."""

import pytest

from engine.store.base.database import Database
from tests.integration.engine.house import House
from tests.unit.outgoing.conftest import Place, place

__all__ = ["Place", "place"]


@pytest.fixture
def house(database: Database) -> House:
    return House(database)
