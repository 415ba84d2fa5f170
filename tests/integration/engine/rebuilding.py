"""The history explains the rows: rebuilt from it, they are the same."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from engine.store import tables
from engine.store.projections.projector import MemoryRows, replay
from tests.integration.engine.house import House

PROJECTED = (tables.task, tables.task_offer, tables.task_transfer)
BESIDE = {"read_at", "search_text"}


def assert_rebuilt(house: House, instance_id: str) -> None:
    """The tasks, offers and transfers of an instance are what its history alone says."""
    with house.database.read() as connection:
        rebuilt = replay(connection, instance_id)
        for table in PROJECTED:
            assert _in_memory(rebuilt, table) == _stored(connection, table, instance_id), table.name


def _in_memory(rows: MemoryRows, table: Any) -> dict[Any, dict[str, Any]]:
    return {key: _kept(row) for key, row in rows.tables.get(table, {}).items()}


def _stored(connection: Connection, table: Any, instance_id: str) -> dict[Any, dict[str, Any]]:
    if table is tables.task_offer:
        statement = select(table).join(tables.task).where(tables.task.c.instance_id == instance_id)
    else:
        statement = select(table).where(table.c.instance_id == instance_id)
    keys = [column.key for column in table.primary_key.columns]
    found = {}
    for row in connection.execute(statement):
        values = dict(row._mapping)
        found[tuple(values[key] for key in keys)] = _kept(values)
    return found


def _kept(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in BESIDE}
