"""Reading drafts; a draft is read by its owner only."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select

from engine.access import Actor
from engine.store.base.database import Database
from engine.store.base.paging import Row
from engine.store.tables import draft


class DraftQueries:
    """Reads the actor's own drafts."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def get(self, actor: Actor, kind: str, ref: str) -> Row | None:
        """The actor's draft of one task or one thing to start, or None."""
        mine = (draft.c.owner == actor.login) & (draft.c.kind == kind) & (draft.c.ref == ref)
        rows = self._rows(select(draft).where(mine))
        return rows[0] if rows else None

    def of(self, actor: Actor, kind: str) -> list[Row]:
        """All drafts of a kind of the actor, newest first."""
        mine = (draft.c.owner == actor.login) & (draft.c.kind == kind)
        return self._rows(select(draft).where(mine).order_by(draft.c.updated_at.desc(), draft.c.ref))

    def _rows(self, statement: Select[Any]) -> list[Row]:
        with self.database.read() as connection:
            return [dict(row._mapping) for row in connection.execute(statement)]
