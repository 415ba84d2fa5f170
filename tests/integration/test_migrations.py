"""The migrations lead to the tables of the code, whole or not at all, also when two processes start at once."""

import threading

import pytest

import migrations
from engine.store.database import Database, DatabaseUnavailable
from migrations import SchemaMismatch


def test_migrations_build_exactly_the_tables_of_the_code(empty_database_url):
    applied = migrations.upgrade(empty_database_url)

    assert applied[-1].startswith(migrations.head())
    assert migrations.check(empty_database_url) == []


def test_revisions_are_numbered_without_gaps():
    numbers = sorted(path.name.split("_")[0] for path in migrations.VERSIONS.glob("*.py"))

    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]


def test_a_second_upgrade_finds_nothing_to_do(empty_database_url):
    migrations.upgrade(empty_database_url)

    assert migrations.upgrade(empty_database_url) == []
    assert migrations.current(empty_database_url) == migrations.head()


def test_two_processes_that_start_at_once_upgrade_once(empty_database_url):
    applied, barrier = [], threading.Barrier(2)

    def start():
        barrier.wait()
        applied.extend(migrations.upgrade(empty_database_url))

    threads = [threading.Thread(target=start) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(applied) == len(set(applied)) == int(migrations.head())


def test_a_database_of_a_newer_version_is_refused_and_left_alone(empty_database_url):
    migrations.upgrade(empty_database_url)
    _set_version(empty_database_url, "9999")

    with pytest.raises(SchemaMismatch, match="newer version"):
        migrations.upgrade(empty_database_url)

    assert migrations.current(empty_database_url) == "9999"


def test_a_failing_revision_leaves_nothing_behind(empty_database_url, monkeypatch):
    from alembic import command

    def upgrade_and_fail(config, revision):
        real_upgrade(config, revision)
        raise RuntimeError("a mistake in the last revision")

    real_upgrade = command.upgrade
    monkeypatch.setattr(command, "upgrade", upgrade_and_fail)

    with pytest.raises(RuntimeError):
        migrations.upgrade(empty_database_url)

    assert migrations.current(empty_database_url) == ""


def test_a_difference_between_tables_and_migrations_is_named(empty_database_url):
    migrations.upgrade(empty_database_url)
    _execute(empty_database_url, "ALTER TABLE setting ADD COLUMN forgotten INTEGER")

    differences = migrations.check(empty_database_url)

    assert len(differences) == 1
    assert "forgotten" in differences[0]


def test_a_file_that_is_no_database_is_named(tmp_path):
    path = tmp_path / "banjie.sqlite3"
    path.write_text("this is a letter, not a database\n" * 100)

    with pytest.raises(DatabaseUnavailable, match=r"banjie\.sqlite3"):
        migrations.upgrade(f"sqlite:///{path}")


def _set_version(url, version):
    _execute(url, f"UPDATE alembic_version SET version_num = '{version}'")


def _execute(url, statement):
    database = Database(url, pool_size=1)
    with database.write() as connection:
        connection.exec_driver_sql(statement)
    database.dispose()
