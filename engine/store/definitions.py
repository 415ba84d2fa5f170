"""Definitions as the machine needs them: the XML of a definition and of everything it calls, compiled once per process."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, select

from engine.errors import NotFound
from engine.store.tables import process_definition, resource
from engine.store.unit_of_work import UnitOfWork, Values

_SOURCE = (
    select(
        process_definition.c.id,
        process_definition.c.key,
        process_definition.c.pins,
        resource.c.normalised,
        resource.c.id.label("file"),
    )
    .join(resource, resource.c.id == process_definition.c.resource_id)
    .where(process_definition.c.id.in_(bindparam("ids", expanding=True)))
)


def sources(uow: UnitOfWork, definition_id: str) -> tuple[str, dict[str, bytes]]:
    """Return the process key and the normalised XML files (by resource id) of a definition's pinned closure."""
    row = uow.first(_SOURCE, {"ids": [definition_id]})
    if row is None:
        raise NotFound(f"没有编号为 {definition_id} 的流程定义。", f"There is no process definition {definition_id}.")
    files = {row.file: row.normalised}
    called = [called_id for called_id in row.pins.values() if called_id != definition_id]
    if called:
        for other in uow.all(_SOURCE, {"ids": called}):
            files[other.file] = other.normalised
    return row.key, files


def compiled(uow: UnitOfWork, machine: Any, definition_id: str) -> Any:
    """Return the compiled process of a definition, from the machine's cache where it is there."""
    found = machine.cached(definition_id)
    if found is None:
        key, files = sources(uow, definition_id)
        found = machine.compile(definition_id, key, files)
    return found


def latest(uow: UnitOfWork, key: str) -> Values:
    """Return the newest version of a process, or raise NotFound."""
    statement = process_definition.select().where(process_definition.c.is_latest, process_definition.c.key == key)
    row = uow.first(statement)
    if row is None:
        raise NotFound(
            f"没有键为 {key!r} 的流程。请先部署，或检查拼写。",
            f"There is no process with the key {key!r}. Deploy it first, or check the spelling.",
            key=key,
        )
    return uow.remember(process_definition, dict(row._mapping))


def by_id(uow: UnitOfWork, definition_id: str) -> Values:
    """Return a definition's row, or raise NotFound."""
    row = uow.get(process_definition, (definition_id,))
    if row is None:
        raise NotFound(f"没有编号为 {definition_id} 的流程定义。", f"There is no process definition {definition_id}.")
    return row
