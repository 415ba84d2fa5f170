"""Reading clocks 时限: those of a case with their ledgers, versions of the calendar, and what another calendar would move."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Select, select

from engine.approval.clock import Clock
from engine.approval.clock_sum import ClockSum, sum_of, with_procedures
from engine.calendar import WorkCalendar
from engine.records import record
from engine.store.base.database import Database
from engine.store.base.paging import Page, Row, behind, clamp, page
from engine.store.rows import calendar as calendars
from engine.store.tables import calendar_revision, clock, clock_ledger, process_instance

CHUNK = 2_000
SHOWN = 100  # of the limits that would move


@record
class Move:
    """One open limit that would end at another time. ``days`` is by how many days, earlier below zero."""

    case_no: str | None
    title: str
    kind: str
    before: datetime
    after: datetime
    days: int
    firm: bool  # its date was provisional and would not be any more


@dataclass(slots=True, kw_only=True)
class Preview:
    """What another calendar would do to open limits: how many were looked at, how many would move, by how much, and the
    first of them by their present end."""

    seen: int = 0
    moved: int = 0
    firmed: int = 0
    broken: int = 0
    by_days: Counter[int] = field(default_factory=Counter)
    moves: list[Move] = field(default_factory=list)


class ClockQueries:
    """Reads clocks."""

    def __init__(self, database: Database, region: str) -> None:
        self.database = database
        self.region = region

    def of_case(self, case_id: str, calendar: WorkCalendar) -> list[ClockSum]:
        """The clocks of a case in the order in which they began, each with its sum; those that have stopped by the calendar
        by which they were counted."""
        rows = self._rows(select(clock).where(clock.c.case_id == case_id))
        known: dict[str, WorkCalendar] = {}
        found = []
        for row in sorted(rows, key=lambda row: row["facts"]["seq"]):
            each = Clock.from_json(row["facts"])
            counted = sum_of(each, calendar)
            version = each.due.calendar_version
            if not counted.agrees and version:
                if version not in known:
                    known[version] = self.calendar_of(int(version)) or calendar
                counted = sum_of(each, known[version])
            found.append(counted)
        return with_procedures(found)

    def ledger(self, case_id: str) -> list[Row]:
        """The ledger of a case's clocks: what stopped, resumed, lengthened or moved them, in order. ``cause`` of what belongs
        to a suspension is that of the suspension."""
        entries = select(clock_ledger, clock.c.kind.label("clock_kind")).join(
            clock, clock.c.id == clock_ledger.c.clock_id
        )
        rows = self._rows(entries.where(clock_ledger.c.case_id == case_id).order_by(clock_ledger.c.seq))
        causes = {row["suspension_id"]: row["cause"] for row in rows if row["suspension_id"] and row["cause"]}
        return [row | {"cause": row["cause"] or causes.get(row["suspension_id"], "")} for row in rows]

    # ---- calendars

    def revisions(self, *, after: str | None = None, limit: int = 50) -> Page:
        """The versions of the calendar, newest first, with what became of the open limits."""
        limit, later = clamp(limit), behind(after, calendar_revision.c.version, descending=True)
        listed = [column for column in calendar_revision.c if column.key not in ("days", "years", "hours")]
        conditions = [calendar_revision.c.region == self.region, *([] if later is None else [later])]
        statement = select(*listed).where(*conditions).order_by(calendar_revision.c.version.desc())
        return page(self._rows(statement.limit(limit + 1)), limit, "version")

    def calendar_of(self, version: int) -> WorkCalendar | None:
        """The calendar as it was, or None when that version was not kept."""
        key = (calendar_revision.c.region == self.region) & (calendar_revision.c.version == version)
        rows = self._rows(select(calendar_revision).where(key))
        return calendars.of_revision(rows[0]) if rows else None

    def preview(self, proposed: WorkCalendar, changed: tuple[date, date] | None) -> Preview:
        """What ``proposed`` would move. ``changed`` are the first and the last day that it sees differently: a limit that
        ends before or begins after them stays; None when all days may differ (office hours)."""
        found = Preview()
        for row in self._open(changed, proposed):
            found.seen += 1
            try:
                now = Clock.from_json(row.facts)
                due = now.project(proposed)
            except Exception:  # one damaged row is counted and does not hide the rest
                found.broken += 1
                continue
            firm = now.due.provisional and not due.provisional
            found.firmed += firm
            if due.at == now.due.at:
                continue
            days = (due.date - now.due.date).days
            found.moved += 1
            found.by_days[days] += 1
            if len(found.moves) < SHOWN:
                found.moves.append(
                    Move(
                        case_no=row.business_key,
                        title=row.title,
                        kind=row.kind,
                        before=now.due.at,
                        after=due.at,
                        days=days,
                        firm=firm,
                    )
                )
        return found

    def _open(self, changed: tuple[date, date] | None, proposed: WorkCalendar) -> Iterator[Any]:
        """Open clocks that may see one of the changed days, by their end, in chunks."""
        columns = (clock.c.id, clock.c.kind, clock.c.due_at, clock.c.facts)
        statement = select(*columns, process_instance.c.business_key, process_instance.c.title).join(
            process_instance, process_instance.c.id == clock.c.instance_id
        )
        statement = statement.where(clock.c.state != "stopped").order_by(clock.c.due_at, clock.c.id).limit(CHUNK)
        if changed is not None:
            first = datetime.combine(changed[0], time(0), proposed.timezone)
            last = datetime.combine(changed[1], time(23, 59, 59), proposed.timezone)
            statement = statement.where(clock.c.due_at >= first, clock.c.started_at <= last)
        after: tuple[datetime, str] | None = None
        while True:
            chunk = statement
            if after is not None:
                later = (clock.c.due_at > after[0]) | ((clock.c.due_at == after[0]) & (clock.c.id > after[1]))
                chunk = statement.where(later)
            with self.database.read() as connection:
                rows = connection.execute(chunk).all()
            yield from rows
            if len(rows) < CHUNK:
                return
            after = (rows[-1].due_at, rows[-1].id)

    def _rows(self, statement: Select[Any]) -> list[Row]:
        with self.database.read() as connection:
            return [dict(row._mapping) for row in connection.execute(statement)]
