"""Databases that tests begin with: made once in each process, then copied (SQLite) or brought back to how they stood (PostgreSQL)."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, Table, event, func, select

import migrations
from engine.store.base.database import Database
from engine.store.tables import metadata

SERVER = os.environ.get("BANJIE_TEST_DATABASE", "")

Kind = TypeVar("Kind", bound=Database)
Fill = Callable[[Database], None]

# The first database of each kind that this process opened; SQLAlchemy compiles a statement for a dialect, not for a database.
_first: dict[str, Database] = {}


def nothing(database: Database) -> None:
    """What a database without rows is filled with."""


class Beginning(Protocol):
    """How a database stands when a test begins."""

    @contextmanager
    def lend(self, folder: Path) -> Iterator[str]:
        """The address of a database that stands so; ``folder`` is the test's own."""


@contextmanager
def opened(url: str, kind: type[Kind] = Database) -> Iterator[Kind]:  # type: ignore[assignment]
    """Open a lent database. What earlier tests of this process compiled is known; on PostgreSQL the connections are theirs too."""
    database = kind(url)
    if not database.is_sqlite:
        # Shares pool and compiled statements, has listeners of its own.
        database.engine = _first.setdefault(url, database).engine.execution_options()
        yield database
        return
    _share_statements(database)
    event.listen(database.engine, "connect", _trust_the_power)
    yield database
    database.dispose()


def _share_statements(database: Database) -> None:
    """Compiling anew in each test what every test says was a third of the suite."""
    first = _first.setdefault("sqlite", database)
    database.engine.dialect = first.engine.dialect
    database.engine._compiled_cache = first.engine._compiled_cache


def _trust_the_power(connection: sqlite3.Connection, record: Any) -> None:
    """Tests may lose their data in a power cut, so they need not wait for the disk."""
    connection.execute("PRAGMA synchronous=OFF").close()


def make_tables(database: Database) -> None:
    """Make all tables as the code has them and say that no migration is needed; a test holds the two against each other."""
    metadata.create_all(database.engine)
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
        connection.exec_driver_sql(f"INSERT INTO alembic_version VALUES ('{migrations.head()}')")


class SQLiteFile:
    """A file with all tables and what ``fill`` puts into them; copying it is quicker than making the tables again."""

    def __init__(self, path: Path, fill: Fill = nothing) -> None:
        self._path = path
        with opened(f"sqlite:///{path}") as database:
            make_tables(database)
            fill(database)

    @contextmanager
    def lend(self, folder: Path) -> Iterator[str]:
        yield f"sqlite:///{shutil.copy(self._path, folder / self._path.name)}"


class Server:
    """The PostgreSQL server of this run; every xdist worker has databases of its own."""

    def __init__(self, worker: str) -> None:
        self._prefix = f"banjie_test_{worker}"
        self._admin = Database(SERVER, pool_size=1)

    def create(self, name: str) -> str:
        """Make an empty database and return its address."""
        self.drop(name)
        self._run(f"CREATE DATABASE {self._prefix}_{name}")
        url = self._admin.url.set(database=f"{self._prefix}_{name}")
        return url.render_as_string(hide_password=False)

    def drop(self, name: str) -> None:
        self._run(f"DROP DATABASE IF EXISTS {self._prefix}_{name} WITH (FORCE)")

    def close(self) -> None:
        self._admin.dispose()

    def _run(self, statement: str) -> None:
        with self._admin.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(statement)


class ServerDatabase:
    """A database with all tables and what ``fill`` puts into them, and beside them (schema ``kept``) the rows to come back to.

    Bringing changed rows back takes a few milliseconds. A new database (CREATE DATABASE … TEMPLATE) takes a hundred, and then
    each new connection learns all its tables again.
    """

    def __init__(self, server: Server, name: str, fill: Fill = nothing) -> None:
        self._server, self._name = server, name
        self._url = server.create(name)
        self._database = Database(self._url, pool_size=1)
        make_tables(self._database)
        fill(self._database)
        with self._database.write() as connection:
            connection.exec_driver_sql("CREATE SCHEMA kept")
            connection.exec_driver_sql(f"CREATE TABLE kept.moment AS SELECT {_THIS} AS transaction")
            connection.exec_driver_sql(_bring_back([_keep(connection, table) for table in metadata.sorted_tables]))

    @contextmanager
    def lend(self, folder: Path) -> Iterator[str]:
        yield self._url
        with self._database.write() as connection:
            connection.exec_driver_sql("SELECT kept.bring_back()")

    def close(self) -> None:
        self._database.dispose()
        if self._url in _first:
            _first.pop(self._url).dispose()
        self._server.drop(self._name)


_THIS = "txid_current() & 4294967295"  # rows know the transaction that wrote them by these bits


def _keep(connection: Connection, table: Table) -> str:
    """Copy the rows of a table aside; return the statements that bring them back.

    Rows that a test wrote are of a later transaction (xmin), and where it deleted some they are fewer. DELETE, not TRUNCATE:
    there are few rows, and it was six times as quick.
    """
    name, rows = table.name, connection.scalar(select(func.count()).select_from(table))
    if not rows:
        return f"IF EXISTS (SELECT FROM {name}) THEN DELETE FROM {name}; END IF;"
    connection.exec_driver_sql(f"CREATE TABLE kept.{name} AS TABLE {name}")
    return (
        f"IF EXISTS (SELECT FROM {name} WHERE xmin::text::bigint > moment) OR (SELECT count(*) FROM {name}) <> {rows} "
        f"THEN DELETE FROM {name}; INSERT INTO {name} SELECT * FROM kept.{name}; END IF;"
    )


def _bring_back(steps: list[str]) -> str:
    """One call for all tables, in any order: a replica does not look after foreign keys (and only a superuser may be one)."""
    return f"""
        CREATE FUNCTION kept.bring_back() RETURNS void LANGUAGE plpgsql SET session_replication_role = replica AS $$
        DECLARE moment bigint := (SELECT transaction FROM kept.moment);
        BEGIN
            {" ".join(steps)}
            UPDATE kept.moment SET transaction = {_THIS};
        END $$"""
