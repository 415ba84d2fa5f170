"""Reading returns: what was returned in an instance, by whom, and how it came back."""

from typing import Any

from engine.store import returns
from engine.store.database import Database
from engine.store.unit_of_work import UnitOfWork


class ReturnQueries:
    """Pages and API ask here."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def of_instance(self, instance_id: str) -> list[dict[str, Any]]:
        """The returns of an instance, oldest first, as rows of ``task_return``."""
        with self.database.read() as connection:
            return [dict(row._mapping) for row in returns.of_instance(UnitOfWork(connection), instance_id)]
