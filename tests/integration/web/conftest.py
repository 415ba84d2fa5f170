"""Fixtures for tests of the pages: an office with the real application on the test's database."""

from pathlib import Path

import pytest

from engine.store.base.database import Database
from tests.integration.web.office import Office


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    return Office(database, tmp_path / "uploads")
