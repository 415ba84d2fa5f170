"""Which failures are the database's own, and which are the statement's."""

import sqlite3

import psycopg
import pytest
from psycopg import errors
from sqlalchemy.exc import DBAPIError

from engine.store.base.database import is_gone

SERVER_GONE = [
    psycopg.OperationalError("server closed the connection unexpectedly"),
    psycopg.OperationalError("connection refused"),
    errors.AdminShutdown("terminating connection due to administrator command"),
    errors.CrashShutdown("terminating connection because of crash of another server process"),
    errors.CannotConnectNow("the database system is starting up"),
    errors.TooManyConnections("sorry, too many clients already"),
    errors.DiskFull("could not extend file"),
    errors.IoError("could not read block"),
    errors.ReadOnlySqlTransaction("cannot execute UPDATE in a read-only transaction"),
    sqlite3.OperationalError("disk I/O error"),
    sqlite3.OperationalError("database or disk is full"),
    sqlite3.OperationalError("unable to open database file"),
    sqlite3.OperationalError("attempt to write a readonly database"),
    sqlite3.DatabaseError("database disk image is malformed"),
]
OURS = [
    errors.UniqueViolation("duplicate key"),
    errors.SyntaxError("syntax error"),
    errors.SerializationFailure("could not serialize access"),
    errors.DeadlockDetected("deadlock detected"),
    errors.LockNotAvailable("canceling statement due to lock timeout"),
    sqlite3.OperationalError("database is locked"),
    sqlite3.OperationalError("no such table: task"),
    sqlite3.IntegrityError("UNIQUE constraint failed"),
]


def wrapped(error: Exception) -> BaseException:
    kind = psycopg.Error if isinstance(error, psycopg.Error) else sqlite3.Error
    return DBAPIError.instance("SELECT 1", {}, error, kind)


@pytest.mark.parametrize("error", SERVER_GONE, ids=str)
def test_a_server_or_disk_that_fails_is_gone(error: Exception) -> None:
    assert is_gone(wrapped(error))


@pytest.mark.parametrize("error", OURS, ids=str)
def test_a_statement_that_fails_is_not(error: Exception) -> None:
    assert not is_gone(wrapped(error))


def test_what_is_no_failure_of_a_database_is_not() -> None:
    assert not is_gone(ValueError("x"))
    assert not is_gone(None)
