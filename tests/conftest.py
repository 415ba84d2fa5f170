"""Databases for tests: SQLite by default, or the PostgreSQL server named by BANJIE_TEST_DATABASE; one suite for both.

``database``        an open ``engine.store.database.Database`` with all tables and no rows
``database_url``    its address, for tests that open it themselves
``empty_database_url``  the address of a database without tables
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

import migrations
from engine.store.database import Database
from engine.store.tables import metadata

# A busy machine is no fault: no example fails for being slow. At a desk each run tries other examples; what lets a change
# in tries the same ones every time, so that it judges the change and not the dice.
settings.register_profile(
    "banjie",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("banjie")

SERVER = os.environ.get("BANJIE_TEST_DATABASE", "")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.dispose()


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if not SERVER:
        template: Path = request.getfixturevalue("_sqlite_template")
        yield f"sqlite:///{shutil.copy(template, tmp_path / 'banjie.sqlite3')}"
        return
    server: Server = request.getfixturevalue("_server")
    yield server.with_tables
    server.empty_tables()


@pytest.fixture
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if not SERVER:
        yield f"sqlite:///{tmp_path / 'empty.sqlite3'}"
        return
    server: Server = request.getfixturevalue("_server")
    yield server.create("empty")
    server.drop("empty")


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database with all tables; copying the file is quicker than making the tables again."""
    path = tmp_path_factory.mktemp("template") / "banjie.sqlite3"
    database = Database(f"sqlite:///{path}")
    make_tables(database)
    database.dispose()
    return path


def make_tables(database: Database) -> None:
    """Make all tables as the code has them and say that no migration is needed; a test holds the two against each other."""
    metadata.create_all(database.engine)
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
        connection.exec_driver_sql(f"INSERT INTO alembic_version VALUES ('{migrations.head()}')")


class Server:
    """The PostgreSQL server of this run; every xdist worker has databases of its own."""

    def __init__(self, worker: str) -> None:
        self._prefix = f"banjie_test_{worker}"
        self._admin = Database(SERVER, pool_size=1)
        self.with_tables = self.create("tables")
        self._database = Database(self.with_tables, pool_size=1)
        make_tables(self._database)

    def create(self, name: str, template: str = "") -> str:
        """Make an empty database, or a copy of another one of this run that nobody has open; return its address."""
        self.drop(name)
        copied = f" TEMPLATE {self._prefix}_{template}" if template else ""
        self._run(f"CREATE DATABASE {self._prefix}_{name}{copied}")
        url = self._admin.url.set(database=f"{self._prefix}_{name}")
        return url.render_as_string(hide_password=False)

    def drop(self, name: str) -> None:
        self._run(f"DROP DATABASE IF EXISTS {self._prefix}_{name} WITH (FORCE)")

    def empty_tables(self) -> None:
        """Remove all rows. DELETE, not TRUNCATE: nearly all tables are empty, and it was six times as quick."""
        with self._database.write() as connection:
            for table in reversed(metadata.sorted_tables):
                connection.execute(table.delete())

    def close(self) -> None:
        self._database.dispose()
        self.drop("tables")
        self._admin.dispose()

    def _run(self, statement: str) -> None:
        with self._admin.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(statement)


@pytest.fixture(scope="session")
def _server(worker_id: str) -> Iterator[Server]:
    server = Server(worker_id)
    yield server
    server.close()
