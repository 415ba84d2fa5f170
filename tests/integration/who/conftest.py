"""Fixtures for tests of who approves."""

import pytest

from engine.store.base.database import Database
from tests.integration.who.bureau import Bureau


@pytest.fixture
def bureau(database: Database) -> Bureau:
    return Bureau(database)
