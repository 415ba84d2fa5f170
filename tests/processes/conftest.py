"""A bureau for every test: the sample organisation and the repository's processes, furnished once and copied."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.store.database import Database
from tests.conftest import SERVER, make_tables
from tests.processes.bureau import Bureau, furnish


@pytest.fixture
def bureau(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bureau]:
    if SERVER:
        server = request.getfixturevalue("_furnished_server")
        database = Database(server.create("bureau", template="furnished"))
    else:
        template: Path = request.getfixturevalue("_furnished_file")
        database = Database(f"sqlite:///{shutil.copy(template, tmp_path / 'bureau.sqlite3')}")
    yield Bureau(database)
    database.dispose()


@pytest.fixture(scope="session")
def _furnished_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bureau") / "bureau.sqlite3"
    database = Database(f"sqlite:///{path}")
    make_tables(database)
    furnish(database)
    database.dispose()
    return path


@pytest.fixture(scope="session")
def _furnished_server(_server: Any) -> Any:
    """The PostgreSQL server of this run, with a furnished database to copy from."""
    database = Database(_server.create("furnished"), pool_size=1)
    make_tables(database)
    furnish(database)
    database.dispose()
    return _server
