"""Reading returns: what was returned in an instance, by whom, and how it came back; and what came of what one has done."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import bindparam, select

from engine.store.base.database import Database
from engine.store.base.paging import Row
from engine.store.base.unit_of_work import UnitOfWork
from engine.store.rows import returns
from engine.store.tables import process_instance, task

_AROUND = (
    select(
        *(task.c[name] for name in ("instance_id", "id", "state", "assignee", "created_at")),
        process_instance.c.state.label("instance_state"),
    )
    .join(process_instance, process_instance.c.id == task.c.instance_id)
    .where(task.c.instance_id.in_(bindparam("instance_ids", expanding=True)))
    .order_by(task.c.created_at, task.c.id)
)


class ReturnQueries:
    """Pages and API ask here."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def of_instance(self, instance_id: str) -> list[dict[str, Any]]:
        """The returns of an instance, oldest first, as rows of ``task_return``."""
        with self.database.read() as connection:
            return [dict(row._mapping) for row in returns.of_instance(UnitOfWork(connection), instance_id)]

    def around(self, instance_ids: Collection[str]) -> dict[str, list[Row]]:
        """All tasks of some instances, oldest first: {instance id: [{id, state, assignee, created_at, instance_state}]}."""
        found: dict[str, list[Row]] = {}
        with self.database.read() as connection:
            for row in connection.execute(_AROUND, {"instance_ids": sorted(set(instance_ids))}):
                found.setdefault(row.instance_id, []).append(dict(row._mapping))
        return found
