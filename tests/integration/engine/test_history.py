"""The history explains every row, and nobody changes it unseen."""

from typing import Any

import pytest
from sqlalchemy import Connection, select, text

from engine.store import tables
from engine.store.base.history import verify
from engine.store.projections.projector import replay
from tests.integration.engine.house import LEAVE, SECRET, House

PROJECTED = (tables.process_instance, tables.task, tables.task_offer, tables.incident)
# Kept beside the projection: the machine's own text and what a search finds in it, the ends of the chain, and the command that an incident can retry.
BESIDE = {"machine_state", "search_text", "revision", "history_seq", "history_hash", "anchor", "command"}


def rows_of(connection: Connection, table: Any, instance_id: str) -> dict[Any, dict[str, Any]]:
    if table is tables.process_instance:
        statement = select(table).where(table.c.id == instance_id)
    elif table is tables.task_offer:
        statement = select(table).join(tables.task).where(tables.task.c.instance_id == instance_id)
    else:
        statement = select(table).where(table.c.instance_id == instance_id)
    found = {}
    for row in connection.execute(statement):
        values = {name: value for name, value in row._mapping.items() if name not in BESIDE}
        found[tuple(row._mapping[column.key] for column in table.primary_key.columns)] = values
    return found


def lived_in(house: House) -> list[str]:
    """Four instances: untouched, claimed, half way, done."""
    li = house.person("li", "leaders")
    clerk = house.person("clerk")
    house.deploy(LEAVE)
    ids = [house.start("leave") for _ in range(4)]
    house.claim(house.task(ids[1]), li)
    for instance_id in ids[2:]:
        house.complete(house.task(instance_id), li, "agree")
    house.complete(house.task(ids[3]), clerk)
    return ids


def test_projections_rebuilt_from_history_give_the_same_rows(house: House) -> None:
    ids = lived_in(house)
    with house.database.read() as connection:
        for instance_id in ids:
            rebuilt = replay(connection, instance_id)
            for table in PROJECTED:
                assert rebuilt.tables.get(table, {}) == rows_of(connection, table, instance_id), table.name


def test_an_untouched_history_verifies(house: House) -> None:
    lived_in(house)
    with house.database.read() as connection:
        count, problems = verify(connection, SECRET)
    assert problems == []
    assert count > 20


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE history SET actor = 'wang' WHERE seq = 3",
        "UPDATE history SET payload = '{}' WHERE seq = 2",
        "UPDATE history SET at = '2020-01-01 00:00:00' WHERE seq = 2",
        "UPDATE history SET kind = 'TaskCancelled' WHERE kind = 'TaskClaimed'",
        "DELETE FROM history WHERE seq = 2",
        "DELETE FROM history WHERE seq = (SELECT max(seq) FROM history h WHERE h.stream = history.stream)",
        "UPDATE process_instance SET history_seq = history_seq - 1",
        "DELETE FROM stream_head",
    ],
)
def test_every_tampering_is_found(house: House, tampering: str) -> None:
    lived_in(house)
    with house.database.write() as connection:
        connection.execute(text(tampering))
    with house.database.read() as connection:
        _, problems = verify(connection, SECRET)
    assert problems


def test_a_chain_rewritten_without_the_secret_is_found(house: House) -> None:
    lived_in(house)
    with house.database.read() as connection:
        _, problems = verify(connection, b"another secret")
    assert problems
