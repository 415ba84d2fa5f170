"""A house with a committee of five, for tests of ballots."""

import pytest

from engine.store.base.database import Database
from tests.integration.ballots.committee import Committee


@pytest.fixture
def committee(database: Database) -> Committee:
    return Committee(database)
