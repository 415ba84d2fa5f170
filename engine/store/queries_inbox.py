"""Reading what belongs to a person's inbox beside the tasks: saved views and preferences."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select

from engine.access import Actor
from engine.store.database import Database
from engine.store.paging import Row
from engine.store.tables import preference, saved_view


class InboxQueries:
    """Reads what is the actor's own."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def views(self, actor: Actor, tab: str) -> list[Row]:
        """The actor's saved views of a list, by name."""
        mine = (saved_view.c.owner == actor.login) & (saved_view.c.tab == tab)
        return self._rows(select(saved_view).where(mine).order_by(saved_view.c.name))

    def view(self, view_id: str) -> Row | None:
        """One saved view, whoever saved it: its address can be passed on, and shows everybody their own list."""
        rows = self._rows(select(saved_view).where(saved_view.c.id == view_id))
        return rows[0] if rows else None

    def preference(self, actor: Actor, key: str) -> Any:
        """How the actor likes something; None when nothing was said."""
        mine = (preference.c.login == actor.login) & (preference.c.key == key)
        rows = self._rows(select(preference.c.value).where(mine))
        return rows[0]["value"] if rows else None

    def _rows(self, statement: Select[Any]) -> list[Row]:
        with self.database.read() as connection:
            return [dict(row._mapping) for row in connection.execute(statement)]
