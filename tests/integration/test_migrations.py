"""The migrations lead to the tables of the code, whole or not at all, also when two processes start at once."""

import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import MetaData, Table

import migrations
from engine.runtime.correlation import digest
from engine.store.base.database import Database, DatabaseUnavailable
from engine.store.queries.moves import moved_by
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


def test_rows_of_the_first_version_come_along_with_what_new_columns_say_of_them(empty_database_url, monkeypatch):
    """Given a database of revision 0001 with a case at work, when it is upgraded, its lists stay in order and complete."""
    from alembic import command

    real_upgrade = command.upgrade
    with monkeypatch.context() as patch:
        patch.setattr(command, "upgrade", lambda config, revision: real_upgrade(config, "0001"))
        migrations.upgrade(empty_database_url)
    then = datetime(2026, 9, 21, 2, 0, tzinfo=UTC)
    work = {"instance_id": "i", "created_at": then, "due_sort": then, "urgency": 2}
    _insert(empty_database_url, "deployment", id="d")
    _insert(empty_database_url, "resource", id="r", deployment_id="d")
    _insert(empty_database_url, "process_definition", id="p", deployment_id="d", resource_id="r")
    _insert(empty_database_url, "process_instance", id="i", definition_id="p")
    _insert(empty_database_url, "task", id="held", state="assigned", claimed_at=then, **work)
    _insert(empty_database_url, "task", id="free", state="offered", **work)
    _insert(empty_database_url, "task_offer", candidate="group:g", due_sort=then, task_id="free")
    _insert(empty_database_url, "item", id="m", deployment_id="d")
    _insert(empty_database_url, "case_file", id="c", item_id="m", instance_id="i")
    _insert(empty_database_url, "clock", id="k", case_id="c")
    awaited = {"instance_id": "i", "token_id": "t", "kind": "message", "name": "paid"}
    _insert(empty_database_url, "subscription", **awaited, correlation='{"b":[1.0],"a":"甲"}')

    migrations.upgrade(empty_database_url)

    assert _rows(empty_database_url, "SELECT id, urgency_sort FROM task ORDER BY id") == [("free", 7), ("held", 7)]
    told = _rows(empty_database_url, "SELECT id FROM task WHERE announced_at = claimed_at")
    assert told == [("held",)]
    offered = "SELECT task.id FROM task JOIN task_offer ON task_offer.task_id = task.id "
    like_its_task = "AND task_offer.created_at = task.created_at AND task_offer.urgency_sort = 7"
    assert _rows(empty_database_url, offered + like_its_task) == [("free",)]
    assert _rows(empty_database_url, "SELECT instance_id FROM clock") == [("i",)]
    told = _rows(empty_database_url, "SELECT correlation_digest FROM subscription")
    assert told == [(digest({"a": "甲", "b": [1]}),)]


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


def test_what_a_version_of_the_calendar_moved_is_found_by_its_index(empty_database_url):
    migrations.upgrade(empty_database_url)
    database = Database(empty_database_url, pool_size=1)
    asked = moved_by(3).limit(51).compile(database.engine, compile_kwargs={"literal_binds": True})
    with database.read() as connection:
        if database.is_sqlite:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}").all()
        else:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # so few rows would be read as they lie
            plan = connection.exec_driver_sql(f"EXPLAIN {asked}").all()
    database.dispose()

    assert "ix_clock_ledger_moved" in str(plan) and "TEMP B-TREE" not in str(plan)


def _insert(url, table, **values):
    """Insert a row of the table as it stands in the database; what is needed and not given is something short."""
    database = Database(url, pool_size=1)
    with database.write() as connection:
        found = Table(table, MetaData(), autoload_with=connection)
        for column in found.columns:
            if column.name not in values and not column.nullable and column.server_default is None:
                values[column.name] = _something(column)
        connection.execute(found.insert(), values)
    database.dispose()


def _something(column):
    kind = column.type.python_type
    return {datetime: datetime(2026, 9, 21, tzinfo=UTC), int: 1, bytes: b"x", bool: False}.get(kind, "x")


def _rows(url, statement):
    database = Database(url, pool_size=1)
    with database.read() as connection:
        found = [tuple(row) for row in connection.exec_driver_sql(statement)]
    database.dispose()
    return found


def _set_version(url, version):
    _execute(url, f"UPDATE alembic_version SET version_num = '{version}'")


def _execute(url, statement):
    database = Database(url, pool_size=1)
    with database.write() as connection:
        connection.exec_driver_sql(statement)
    database.dispose()
