"""Fixtures for tests of the API: a small house with the real application in front of it."""

from pathlib import Path

import pytest

from engine.store.base.database import Database
from tests.integration.api.site import Site


@pytest.fixture
def site(database: Database, tmp_path: Path) -> Site:
    return Site(database, tmp_path / "uploads")
