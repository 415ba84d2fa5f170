"""The database's schema through time: Alembic revisions, numbered, each run whole or not at all.

``upgrade`` is what every start calls; ``revision`` writes the next step from the difference between the tables in the code
and a database that stands at the head.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect
from sqlalchemy.exc import DBAPIError

from engine.errors import BanjieError
from engine.store.base.database import Database, DatabaseUnavailable
from engine.store.base.failures import explained

if TYPE_CHECKING:
    from alembic.config import Config

HERE = Path(__file__).parent
VERSIONS = HERE / "versions"
LOCK = 0x62616E6A6965  # "banjie": two processes that start at once must not both upgrade


class SchemaMismatch(BanjieError):
    """The database's schema and the code do not belong together."""

    status = 503
    code = "schema-mismatch"


def head() -> str:
    """Return the newest revision, "" when there is none. From the file names: loading Alembic takes a third of a second."""
    return max((path.name.split("_")[0] for path in VERSIONS.glob("[0-9]*_*.py")), default="")


def current(url: str) -> str:
    """Return the revision at which the database stands, "" for an empty one."""
    with _explained(url) as database, database.read() as connection:
        return _current(connection)


def upgrade(url: str) -> list[str]:
    """Bring the database to the head and return the revisions that were run.

    Raises DatabaseUnavailable, or SchemaMismatch when the database was made by a newer version of the code.
    """
    with _explained(url) as database:
        database.check()
        with database.read() as connection:
            if _current(connection) == head():
                return []
        with _alone(database) as connection:
            before = _current(connection)  # again: another process may have been faster
            _check_known(before)
            return _run(connection, before)


def check(url: str) -> list[str]:
    """Return how the database differs from the tables in the code, one line for each difference; none is what we want."""
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    from migrations.comparison import OPTIONS

    with _explained(url) as database, database.read() as connection:
        context = MigrationContext.configure(connection, opts=dict(OPTIONS))
        return [str(difference) for difference in compare_metadata(context, OPTIONS["target_metadata"])]


def revision(message: str, url: str | None = None) -> Path:
    """Write the next revision: the difference between the tables in the code and a fresh database at the head.

    Without ``url`` that database is a temporary SQLite file.
    """
    from alembic import command

    number = f"{int(head() or 0) + 1:04}"
    with tempfile.TemporaryDirectory() as folder:
        url = url or f"sqlite:///{folder}/head.sqlite3"
        if head():
            upgrade(url)
        with _explained(url) as database, database.read() as connection:
            command.revision(_config(connection), message=message, autogenerate=True, rev_id=number)
    return next(VERSIONS.glob(f"{number}_*.py"))


def _config(connection: Connection) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config


def _current(connection: Connection) -> str:
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() or "")


def _check_known(revision: str) -> None:
    if revision and not any(VERSIONS.glob(f"{revision}_*.py")):
        raise SchemaMismatch(
            f"数据库是由更新的程序版本建立的（结构 {revision}，本程序到 {head()}）。请改用新版程序，或恢复旧数据库的备份。",
            f"The database was made by a newer version (schema {revision}, this program knows up to {head()}). "
            "Run that version, or restore a backup of the older database.",
        )


def _run(connection: Connection, before: str) -> list[str]:
    from alembic import command

    command.upgrade(_config(connection), "head")
    after = head()
    return [path.stem for path in sorted(VERSIONS.glob("[0-9]*_*.py")) if before < path.name[: len(after)] <= after]


@contextmanager
def _alone(database: Database) -> Iterator[Connection]:
    """A write transaction that holds off every other upgrade; SQLite's foreign keys rest, as its table copies need."""
    with database.engine.connect() as connection:
        if database.is_sqlite:
            connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")
        with connection.execution_options(banjie_write=True).begin():
            if not database.is_sqlite:
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
            yield connection
            if database.is_sqlite and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").first()):
                raise SchemaMismatch(
                    f"升级会破坏数据库内的引用（{broken[0]} → {broken[2]}），已全部撤回。请把此信息发给维护者。",
                    f"The upgrade would break references ({broken[0]} to {broken[2]}) and was undone. Tell the maintainers.",
                )


@contextmanager
def _explained(url: str) -> Iterator[Database]:
    """A database of our own, closed at the end, whose errors are sentences."""
    database = Database(url, pool_size=1)
    try:
        yield database
    except (DBAPIError, DatabaseUnavailable) as error:
        known = explained(error, database.url.render_as_string(hide_password=True))
        raise (known or error) from error
    finally:
        database.dispose()
