"""Reading what a version of the calendar moved: the ledgers of all limits by version, nothing is kept twice."""

from typing import Any

from sqlalchemy import Select, select, text

from engine.calendar import SHANGHAI
from engine.store.base.database import Database
from engine.store.base.paging import Page, Row, behind, clamp, page
from engine.store.tables import calendar_revision, case_file, clock, clock_ledger, process_instance

_KEY = (clock_ledger.c.due_before, clock_ledger.c.id)


class MoveQueries:
    """Reads the log of re-projections."""

    def __init__(self, database: Database, region: str) -> None:
        self.database = database
        self.region = region

    def revision(self, version: int) -> Row | None:
        """What made this version of the calendar, by whom and when, with its counts of limits; None when it was not kept."""
        listed = [column for column in calendar_revision.c if column.key not in ("days", "years", "hours")]
        key = (calendar_revision.c.region == self.region) & (calendar_revision.c.version == version)
        rows = self._rows(select(*listed).where(key))
        return rows[0] if rows else None

    def page(self, version: int, *, after: str | None = None, limit: int = 50) -> Page:
        """The limits that this version moved, by the end that they had: {id, case_no, instance_id, title, kind, before, after,
        days, provisional, moved_at}. ``days`` is in calendar days, earlier below zero, 0 for another time of the same day or
        a provisional date that became firm; ``case_no`` is None for a process without a case."""
        limit, statement = clamp(limit), moved_by(version)
        later = behind(after, *_KEY)
        if later is not None:
            statement = statement.where(later)
        found = page(self._rows(statement.limit(limit + 1)), limit, "before", "id")
        return Page([_told(row) for row in found.rows], found.next)

    def first(self, version: int, most: int) -> list[Row]:
        """The same without pages, at most ``most`` of them: for a workbook."""
        return [_told(row) for row in self._rows(moved_by(version).limit(most))]

    def _rows(self, statement: Select[Any]) -> list[Row]:
        with self.database.read() as connection:
            return [dict(row._mapping) for row in connection.execute(statement)]


def moved_by(version: int) -> Select[Any]:
    """The query for what a version moved, by the ends before it."""
    entries = (
        clock_ledger.join(clock, clock.c.id == clock_ledger.c.clock_id)
        .join(process_instance, process_instance.c.id == clock_ledger.c.instance_id)
        .join(case_file, case_file.c.id == clock_ledger.c.case_id, isouter=True)
    )
    columns = (
        *(
            clock_ledger.c.id,
            clock_ledger.c.instance_id,
            clock_ledger.c.provisional,
            clock.c.kind,
            process_instance.c.title,
        ),
        *(clock_ledger.c.due_before.label("before"), clock_ledger.c.due_at.label("after")),
        *(clock_ledger.c.recorded_at.label("moved_at"), case_file.c.no.label("case_no")),
    )
    # Written out, or no database sees that the index of such entries serves it.
    of_version = (clock_ledger.c.kind == text("'reprojected'")) & (clock_ledger.c.calendar_version == version)
    return (
        select(*columns).select_from(entries).where(of_version, clock_ledger.c.due_before.is_not(None)).order_by(*_KEY)
    )


def _told(row: Row) -> Row:
    days = row["after"].astimezone(SHANGHAI).date() - row["before"].astimezone(SHANGHAI).date()
    return row | {"days": days.days}
