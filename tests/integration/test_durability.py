"""What is committed survives a power cut. Other tests need not wait for the disk (tests/databases.py), so it is said here."""

from engine.store.base.database import Database


def test_a_commit_in_sqlite_waits_until_the_disk_has_it(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'house.sqlite3'}")

    with database.read() as connection:
        synchronous = connection.exec_driver_sql("PRAGMA synchronous").scalar()
        journal = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
    database.dispose()

    assert (synchronous, journal) == (2, "wal")  # 2: FULL
