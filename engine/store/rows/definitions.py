"""Definitions as the machine needs them: the XML of a definition and of everything it calls, compiled once per process."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Row, bindparam, select

from engine.errors import NotFound
from engine.store.base.unit_of_work import UnitOfWork, Values
from engine.store.tables import group, item, process_definition, resource

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


def lock_latest(uow: UnitOfWork, key: str) -> Values | None:
    """Lock the newest version of a process against a second deployment, and return its row, or None."""
    statement = process_definition.select().where(process_definition.c.is_latest, process_definition.c.key == key)
    row = uow.first(statement.with_for_update())
    return None if row is None else uow.remember(process_definition, dict(row._mapping))


def lock_latest_item(uow: UnitOfWork, code: str) -> Values | None:
    """Lock the newest version of an item, and return its row, or None."""
    row = uow.first(item.select().where(item.c.is_latest, item.c.code == code).with_for_update())
    return None if row is None else uow.remember(item, dict(row._mapping))


def newest(uow: UnitOfWork, key: str) -> Values | None:
    """Return the row of the newest version of a process, or None."""
    statement = process_definition.select().where(process_definition.c.is_latest, process_definition.c.key == key)
    row = uow.first(statement)
    return None if row is None else uow.remember(process_definition, dict(row._mapping))


def items_of(uow: UnitOfWork, process_keys: Iterable[str]) -> Sequence[Row[Any]]:
    """The newest version of each item with one of these processes: {code, source}."""
    wanted = item.c.is_latest & item.c.process_key.in_(sorted(process_keys))
    return uow.all(select(item.c.code, item.c.source).where(wanted).order_by(item.c.code))


def keys(uow: UnitOfWork) -> list[str]:
    """The keys of all processes."""
    return [row.key for row in uow.all(select(process_definition.c.key).where(process_definition.c.is_latest))]


def group_keys(uow: UnitOfWork) -> list[str]:
    """The keys of all candidate groups."""
    return [row.key for row in uow.all(select(group.c.key))]


def forms(uow: UnitOfWork) -> dict[str, bytes]:
    """The newest content of every form file, by its name."""
    statement = select(resource.c.name, resource.c.original).where(resource.c.kind == "form").order_by(resource.c.id)
    return {row.name: row.original for row in uow.all(statement)}


def originals(uow: UnitOfWork, resource_ids: Sequence[str]) -> dict[str, bytes]:
    """The content of these files as they were uploaded, by id."""
    if not resource_ids:
        return {}
    statement = select(resource.c.id, resource.c.original).where(resource.c.id.in_(resource_ids))
    return {row.id: row.original for row in uow.all(statement)}


def form_id(uow: UnitOfWork, names: list[str], sha256: str | None) -> str | None:
    """The newest resource that is a form under one of these names (and with this content), or None."""
    wanted = (resource.c.kind == "form") & resource.c.name.in_(names)
    if sha256 is not None:
        wanted &= resource.c.sha256 == sha256
    row = uow.first(select(resource.c.id).where(wanted).order_by(resource.c.id.desc()).limit(1))
    return None if row is None else str(row.id)
