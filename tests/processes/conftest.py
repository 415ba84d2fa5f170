"""A bureau for every test: the sample organisation and the repository's processes, furnished once and copied."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from engine.commands.service_tasks import VERBS
from engine.store.database import Database
from engine.store.tables import history
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
    _verbs_bring_back_what_they_declare(database)
    database.dispose()


def _verbs_bring_back_what_they_declare(database: Database) -> None:
    """The check of a model trusts these declarations, so every walk holds them against what happened."""
    performed = select(history.c.payload).where(history.c.kind == "ServicePerformed")
    with database.read() as connection:
        for text in connection.execute(performed).scalars():
            event = json.loads(text)
            strange = event.get("result", {}).keys() - set(VERBS[event["verb"]].results)
            assert not strange, f"{event['verb']} brings back {strange}, which it does not declare"


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
