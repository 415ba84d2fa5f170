"""Reading deployments, definitions with their files and forms, and items."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select

from engine.store.base.database import Database
from engine.store.base.paging import Page, Row, behind, clamp, page
from engine.store.tables import deployment, item, process_definition, resource

_LISTED = [column for column in process_definition.c if column.key != "model"]


class DefinitionQueries:
    """Reads what was deployed."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def page(self, *, key: str | None = None, latest: bool = True, after: str | None = None, limit: int = 50) -> Page:
        """Definitions by key and version, newest versions only unless ``latest`` is False."""
        limit = clamp(limit)
        conditions: list[Any] = []
        if latest:
            conditions.append(process_definition.c.is_latest)
        if key is not None:
            conditions.append(process_definition.c.key == key)
        later = behind(after, process_definition.c.key, process_definition.c.version)
        if later is not None:
            conditions.append(later)
        order = (process_definition.c.key, process_definition.c.version)
        rows = self._rows(select(*_LISTED).where(*conditions).order_by(*order).limit(limit + 1))
        return page(rows, limit, "key", "version")

    def newest(self) -> list[Row]:
        """The newest version of every process, by key, without models: what a list to choose from needs, however many."""
        condition = process_definition.c.is_latest
        return self._rows(select(*_LISTED).where(condition).order_by(process_definition.c.key))

    def versions(self, key: str) -> list[Row]:
        """All versions of a process, the newest first, without models."""
        condition = process_definition.c.key == key
        return self._rows(select(*_LISTED).where(condition).order_by(process_definition.c.version.desc()))

    def startable(self) -> list[Row]:
        """The newest, not suspended definitions with a none start event, with their models."""
        condition = process_definition.c.is_latest & process_definition.c.suspended.is_(False)
        rows = self._rows(select(process_definition).where(condition).order_by(process_definition.c.name))
        return [row for row in rows if any(start["kind"] == "none" for start in row["model"].get("start_events", []))]

    def get(self, definition_id: str) -> Row | None:
        """One definition with its model, or None."""
        return self._one(select(process_definition).where(process_definition.c.id == definition_id))

    def latest(self, key: str) -> Row | None:
        """The newest version of a process, or None."""
        return self._one(
            select(process_definition).where(process_definition.c.is_latest, process_definition.c.key == key)
        )

    def xml(self, definition_id: str, *, normalised: bool = False) -> bytes | None:
        """The BPMN file of a definition, as uploaded or as the machine runs it."""
        row = self._one(
            select(resource.c.original, resource.c.normalised)
            .join(process_definition, process_definition.c.resource_id == resource.c.id)
            .where(process_definition.c.id == definition_id)
        )
        return None if row is None else row["normalised" if normalised else "original"]

    def form(self, definition_id: str, form_key: str) -> bytes | None:
        """The form that a definition (or one that it calls) is fixed to under ``form_key``, or None."""
        definition = self.get(definition_id)
        if definition is None:
            return None
        for candidate in (definition_id, *definition["pins"].values()):
            pinned = definition if candidate == definition_id else self.get(candidate)
            resource_id = (pinned or {}).get("model", {}).get("forms", {}).get(form_key)
            if resource_id is not None:
                row = self._one(select(resource.c.original).where(resource.c.id == resource_id))
                return None if row is None else bytes(row["original"])
        return None

    def latest_form(self, name: str) -> bytes | None:
        """The newest form file of this name (with or without its ending), or None."""
        names = [name, f"{name}.form", f"{name}.json"]
        statement = select(resource.c.original).where(resource.c.kind == "form", resource.c.name.in_(names))
        row = self._one(statement.order_by(resource.c.id.desc()).limit(1))
        return None if row is None else bytes(row["original"])

    def deployments(self, *, after: str | None = None, limit: int = 20) -> Page:
        """Deployments, newest first, each with its files' names and the definitions it brought."""
        limit = clamp(limit)
        later = behind(after, deployment.c.id, descending=True)
        conditions = [] if later is None else [later]
        rows = self._rows(select(deployment).where(*conditions).order_by(deployment.c.id.desc()).limit(limit + 1))
        found = page(rows, limit, "id")
        self._tell_contents(found.rows)
        return found

    def deployment(self, deployment_id: str) -> Row | None:
        """One deployment with its files' names and the definitions it brought, or None."""
        row = self._one(select(deployment).where(deployment.c.id == deployment_id))
        if row is not None:
            self._tell_contents([row])
        return row

    def _tell_contents(self, rows: list[Row]) -> None:
        ids = [row["id"] for row in rows]
        files = self._rows(
            select(resource.c.deployment_id, resource.c.name, resource.c.kind).where(resource.c.deployment_id.in_(ids))
        )
        brought = self._rows(select(*_LISTED).where(process_definition.c.deployment_id.in_(ids)))
        for row in rows:
            row["files"] = sorted(file["name"] for file in files if file["deployment_id"] == row["id"])
            row["definitions"] = [each for each in brought if each["deployment_id"] == row["id"]]

    def items(self) -> list[Row]:
        """The newest version of every item that can be applied for."""
        condition = item.c.is_latest & item.c.disabled.is_(False)
        return self._rows(select(item).where(condition).order_by(item.c.code))

    def item_names(self) -> list[tuple[str, str]]:
        """(code, name) of the newest version of every item, by code; also of those that are no longer applied for."""
        statement = select(item.c.code, item.c.name).where(item.c.is_latest).order_by(item.c.code)
        return [(row["code"], row["name"]) for row in self._rows(statement)]

    def item(self, code: str) -> Row | None:
        """The newest version of an item, or None."""
        return self._one(select(item).where(item.c.is_latest, item.c.code == code))

    def item_version(self, item_id: str) -> Row | None:
        """One version of an item, or None."""
        return self._one(select(item).where(item.c.id == item_id))

    def _one(self, statement: Select[Any]) -> Row | None:
        rows = self._rows(statement)
        return rows[0] if rows else None

    def _rows(self, statement: Select[Any]) -> list[Row]:
        with self.database.read() as connection:
            return [dict(row._mapping) for row in connection.execute(statement)]
