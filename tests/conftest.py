"""Databases for tests: SQLite by default, or the PostgreSQL server named by BANJIE_TEST_DATABASE; one suite for both.

``database``        an open ``engine.store.base.database.Database`` with all tables and no rows
``database_url``    its address, for tests that open it themselves
``empty_database_url``  the address of a database without tables
"""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TypeAlias

import pytest
from hypothesis import HealthCheck, settings

from engine.store.base.database import Database
from tests import databases
from tests.databases import Beginning, Fill, Server, ServerDatabase, SQLiteFile

Make: TypeAlias = Callable[[str, Fill], AbstractContextManager[Beginning]]

# What somebody has set for an installation of his own is none of the tests' business; these are what tests are told.
OURS = ("BANJIE_TEST_DATABASE", "BANJIE_VERB_FIRST", "BANJIE_VERB_SEQUENCES", "BANJIE_ROUNDS", "BANJIE_ORACLE")
for name in [each for each in os.environ if each.startswith("BANJIE_") and each not in OURS]:
    del os.environ[name]

# A busy machine is no fault: no example fails for being slow. At a desk each run tries other examples; what lets a change
# in tries the same ones every time, so that it judges the change and not the dice.
settings.register_profile(
    "banjie",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("banjie")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with databases.opened(database_url) as opened:
        yield opened


@pytest.fixture
def database_url(_with_tables: Beginning, tmp_path: Path) -> Iterator[str]:
    with _with_tables.lend(tmp_path) as url:
        yield url


@pytest.fixture
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if not databases.SERVER:
        yield f"sqlite:///{tmp_path / 'empty.sqlite3'}"
        return
    server: Server = request.getfixturevalue("_server")
    yield server.create("empty")
    server.drop("empty")


@pytest.fixture(scope="session")
def _with_tables(_make: Make) -> Iterator[Beginning]:
    with _make("tables", databases.nothing) as made:
        yield made


@pytest.fixture(scope="session")
def furnished(_make: Make) -> Iterator[Beginning]:
    """The sample bureau with the repository's processes."""
    from tests.processes.bureau import furnish

    with _make("furnished", furnish) as made:
        yield made


@pytest.fixture(scope="session")
def _make(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Make:
    @contextmanager
    def make(name: str, fill: Fill) -> Iterator[Beginning]:
        if not databases.SERVER:
            yield SQLiteFile(tmp_path_factory.mktemp(name) / "banjie.sqlite3", fill)
            return
        made = ServerDatabase(request.getfixturevalue("_server"), name, fill)
        yield made
        made.close()

    return make


@pytest.fixture(scope="session")
def _server(worker_id: str) -> Iterator[Server]:
    server = Server(worker_id)
    yield server
    server.close()
