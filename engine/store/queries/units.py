"""In what the limits of listed tasks and cases count: what is left of them is told in their own unit."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy import select

from engine.approval.clock_ids import clock_id, seat_clock_id
from engine.approval.clock_kind import ClockKind
from engine.calendar import Limit, Unit
from engine.runtime.task import Seat
from engine.store.base.database import Database
from engine.store.tables import clock

# Those whose ends stand in the row of a case, see engine.store.projections.clocks.
_OF_CASE: Final = (ClockKind.STATUTORY, ClockKind.PROMISED, ClockKind.VERIFICATION, ClockKind.REDO)


class UnitQueries:
    """Reads units, for a page of rows in one statement."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def of_tasks(self, rows: Iterable[Mapping[str, Any]]) -> dict[str, Unit]:
        """{task id: unit} of those of these tasks whose limit has a clock; a date that a model gives has no unit."""
        asked = {row["id"]: _clocks_of(row) for row in rows if row["due_at"] is not None}
        ids = sorted({each for ids in asked.values() for each in ids})
        if not ids:
            return {}
        with self.database.read() as connection:
            found = connection.execute(select(clock.c.id, clock.c.limit_text).where(clock.c.id.in_(ids)))
            units = {row.id: Limit.parse(row.limit_text).unit for row in found}
        firsts = {task_id: next((units[each] for each in ids if each in units), None) for task_id, ids in asked.items()}
        return {task_id: unit for task_id, unit in firsts.items() if unit is not None}

    def of_cases(self, case_ids: Iterable[str]) -> dict[str, Unit]:
        """{case id: unit of the limit that lists show}."""
        ids = sorted(set(case_ids))
        if not ids:
            return {}
        kinds = [kind.value for kind in _OF_CASE]
        columns = (clock.c.case_id, clock.c.kind, clock.c.limit_text, clock.c.started_at)
        statement = select(*columns).where(clock.c.case_id.in_(ids), clock.c.kind.in_(kinds))
        with self.database.read() as connection:
            rows = connection.execute(statement).all()
        # The promised limit stands in lists, whenever it began; of several the latest.
        rows = sorted(rows, key=lambda row: (row.kind != ClockKind.STATUTORY, row.started_at))
        return {row.case_id: Limit.parse(row.limit_text).unit for row in rows}


def _clocks_of(row: Mapping[str, Any]) -> list[str]:
    """The clock of a member with a limit of his own, or of whoever he asks, before that of the token."""
    ids = [clock_id(row["token_id"])]
    if row["seat"] != Seat.HOLDER.value:
        ids = [seat_clock_id(each) for each in (row["id"], row["parent_id"]) if each] + ids
    return ids
