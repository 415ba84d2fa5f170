"""Opening databases: SQLite inside the house, PostgreSQL for production, the same to everybody above."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from engine.errors import Unavailable

WAIT_SECONDS: Final = 15  # for another writer of a SQLite file


RETRY_AFTER: Final = 5  # seconds that a caller should wait for a database that is gone

# Classes and codes of SQLSTATE that speak of the server and not of the statement: connections, resources, shutting down,
# the disk, and a server that became read-only because another one took over.
_GONE: Final = ("08", "53", "57P0", "58", "25006")
_SQLITE_GONE: Final = (
    "disk i/o error",
    "disk is full",
    "unable to open database",
    "readonly database",
    "malformed",
    "is not a database",
)


class DatabaseUnavailable(Unavailable):
    """The database does not answer or is broken.

    ``in_doubt``: it went while a commit was under way, so that nobody knows whether that was kept. ``connecting``: there was
    not even a connection, so that asking again at once is of no use.
    """

    code = "database-unavailable"
    in_doubt = False
    connecting = False


class Database:
    """One database. ``read`` and ``write`` open a connection with a transaction that ends with the block."""

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _sqlite(url) if self.is_sqlite else _postgresql(url, pool_size)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A read transaction; nothing is committed. Raises DatabaseUnavailable when the database goes."""
        with self.engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A write transaction: committed when the block ends well, rolled back when it raises.

        SQLite takes its only write lock at once (BEGIN IMMEDIATE): a command that reads first and writes later would
        otherwise fail when another writer came between. Raises DatabaseUnavailable when the database goes.
        """
        committing = False
        try:
            with self.engine.connect().execution_options(banjie_write=True) as connection, connection.begin():
                yield connection
                committing = True
        except DatabaseUnavailable as error:
            error.in_doubt = committing and not self.is_sqlite
            error.zh = f"没有保存任何修改：{error.zh}"
            error.en = f"Nothing was changed: {error.en[0].lower()}{error.en[1:]}"
            raise

    def check(self) -> None:
        """Raise DatabaseUnavailable with the way out when the database cannot be used."""
        try:
            with self.read() as connection:
                connection.exec_driver_sql("SELECT 1")
                if self.is_sqlite:
                    connection.exec_driver_sql("SELECT count(*) FROM sqlite_master")
        except (DBAPIError, DatabaseUnavailable) as error:
            shown = self.url.render_as_string(hide_password=True)
            said = error.orig if isinstance(error, DBAPIError) else error.__cause__
            reason = next(iter(str(said).strip().splitlines()), "")
            raise DatabaseUnavailable(
                f"数据库 {shown} 无法使用：{reason}。请检查地址、账号和文件，或从备份恢复。",
                f"The database {shown} cannot be used: {reason}. Check address, account and file, or restore a backup.",
            ) from error

    def dispose(self) -> None:
        self.engine.dispose()


def is_worth_again(error: BaseException) -> bool:
    """Whether the whole command should be run again: contention, or a row that a twin of this request wrote first.

    A second look settles both: the twin's answer is found, or the next free number is taken.
    """
    return isinstance(error, IntegrityError) or is_contention(error)


def is_contention(error: BaseException) -> bool:
    """Whether the command should simply be run again: lock time-out, deadlock, serialisation failure."""
    if not isinstance(error, DBAPIError):
        return False
    state = getattr(error.orig, "sqlstate", None)
    if state in ("40001", "40P01", "55P03"):
        return True
    return isinstance(error, OperationalError) and "database is locked" in str(error.orig)


def is_gone(error: BaseException | None) -> bool:
    """Whether the database itself failed (cut connection, shutting down, disk), whatever the statement was."""
    if not isinstance(error, DBAPIError):
        return False
    if isinstance(error.orig, sqlite3.Error):
        reason = str(error.orig).lower()
        return any(part in reason for part in _SQLITE_GONE)
    state = getattr(error.orig, "sqlstate", None)
    if state is None:  # said by the driver and not by the server
        return error.connection_invalidated or isinstance(error, OperationalError)
    return str(state).startswith(_GONE)


def _telling(engine: Engine) -> Engine:
    """Let every statement, commit and connect of ``engine`` raise DatabaseUnavailable when the database is gone."""

    @event.listens_for(engine, "handle_error", retval=True)
    def tell(context: ExceptionContext) -> BaseException | None:
        if context.is_pre_ping or not is_gone(context.sqlalchemy_exception):
            return None
        told = DatabaseUnavailable(
            "数据库暂时不能使用。请过几秒再试；一直如此时请告诉管理员。",
            "The database cannot be used just now. Try again in a few seconds; if it stays so, tell an administrator.",
            retry_after=RETRY_AFTER,
        )
        told.connecting = context.connection is None
        return told

    return engine


def _postgresql(url: str, pool_size: int) -> Engine:
    # A lock that is not granted within ten seconds is contention; the command is then run again.
    return _telling(
        create_engine(
            url,
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_pre_ping=True,
            connect_args={"options": "-c lock_timeout=10s -c timezone=UTC", "connect_timeout": 10},
        )
    )


def _sqlite(url: str) -> Engine:
    engine = _telling(create_engine(url, connect_args={"timeout": WAIT_SECONDS}))

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, see below
        cursor = connection.cursor()
        _turn_to_wal(cursor)
        # FULL: a power cut after the commit must not lose the commit.
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA cache_size=-32000")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        write = connection.get_execution_options().get("banjie_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


def _turn_to_wal(cursor: sqlite3.Cursor) -> None:
    """Write ahead, for as long as the file lives.

    Two processes that first open an empty file at once both want it alone, and for that SQLite does not call its own
    waiting: one of them is told "locked" at once. By the next try the other has done it.
    """
    give_up = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > give_up:
                raise
        time.sleep(0.02)
