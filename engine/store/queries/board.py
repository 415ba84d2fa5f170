"""Reading for the board: what is open and how it stands, what happened in a span of days, what waits at each step.

Open cases are counted by ranges of an index of ``watch``; what happened comes from the daily figures and, for the last
minutes, from the rows themselves. So a page costs the same with a thousand cases and with a million.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from engine.calendar import WorkCalendar
from engine.records import record
from engine.store.base.database import Database
from engine.store.base.paging import Page, Row, behind, clamp, page
from engine.store.base.totals import counted, counting
from engine.store.rows import figures
from engine.store.rows.figures import CaseFigures, StepFigures
from engine.store.tables import case_file, item, task, watch

NEAR_DAYS = 2  # working days left at which a case is near its end


class Lamp:
    """How an open case stands."""

    RED, AMBER, GREEN, PAUSED, TODAY = "red", "amber", "green", "paused", "today"
    ALL = (RED, AMBER, GREEN, PAUSED)


@record
class Moments:
    """The present moment and the two borders that divide open cases; local to the office."""

    now: datetime
    near_until: datetime  # the end of the second working day from now
    today_until: datetime

    @classmethod
    def of(cls, now: datetime, calendar: WorkCalendar) -> Moments:
        local = calendar.local(now)
        after = datetime.combine(local.date() + timedelta(days=1), time(0), local.tzinfo)
        last = calendar.working_day(local.date(), NEAR_DAYS)
        return cls(
            now=now,
            near_until=datetime.combine(last + timedelta(days=1), time(0), local.tzinfo),
            today_until=after,
        )

    def condition(self, lamp: str) -> ColumnElement[bool]:
        """Which rows of ``watch`` have this lamp."""
        running = watch.c.state == "running"
        near = or_(
            and_(watch.c.short.is_(False), watch.c.due_at <= self.near_until), watch.c.due_at <= self.today_until
        )
        found: dict[str, ColumnElement[bool]] = {
            Lamp.RED: and_(running, watch.c.due_at < self.now),
            Lamp.AMBER: and_(running, watch.c.due_at >= self.now, near),
            Lamp.GREEN: and_(running, watch.c.due_at > self.today_until, ~near),
            Lamp.PAUSED: watch.c.state == "paused",
            Lamp.TODAY: and_(running, watch.c.due_at >= self.now, watch.c.due_at <= self.today_until),
        }
        return found.get(lamp, watch.c.state.in_(["running", "paused"]))

    def lamp(self, row: Any) -> str:
        """The lamp of one row of ``watch``."""
        if row["state"] == "paused":
            return Lamp.PAUSED
        if row["due_at"] < self.now:
            return Lamp.RED
        near = row["due_at"] <= self.today_until or (not row["short"] and row["due_at"] <= self.near_until)
        return Lamp.AMBER if near else Lamp.GREEN


@record
class Span:
    """What a board is narrowed to. ``items`` and ``processes`` None mean all."""

    first: date
    last: date
    items: tuple[str, ...] | None = None
    processes: tuple[str, ...] | None = None


@dataclass(slots=True)
class Happened:
    """What happened in a span: by day for cases, by step for steps."""

    days: dict[date, CaseFigures] = field(default_factory=dict)
    items: dict[str, CaseFigures] = field(default_factory=dict)
    steps: dict[tuple[str, str], StepFigures] = field(default_factory=dict)

    @property
    def total(self) -> CaseFigures:
        whole = CaseFigures()
        for day in self.days.values():
            whole.add(day)
        return whole


class BoardQueries:
    """Reads the board."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def lamps(self, moments: Moments, items: Sequence[str] | None = None) -> dict[str, int]:
        """How many open cases (accepted, not decided) have each lamp, and how many are due today."""
        wanted = (*Lamp.ALL, Lamp.TODAY)
        with self.database.read() as connection:
            return {
                lamp: connection.scalar(
                    select(func.count()).where(watch.c.kind == "promised", moments.condition(lamp), *_of(items))
                )
                or 0
                for lamp in wanted
            }

    def overdue_by_item(self, moments: Moments, items: Sequence[str] | None = None) -> dict[str, int]:
        """{item code: overdue cases}."""
        statement = (
            select(watch.c.item_code, func.count().label("n"))
            .where(watch.c.kind == "promised", moments.condition(Lamp.RED), *_of(items))
            .group_by(watch.c.item_code)
        )
        with self.database.read() as connection:
            return {row.item_code: row.n for row in connection.execute(statement)}

    def cases(
        self,
        moments: Moments,
        lamps: Collection[str],
        items: Sequence[str] | None = None,
        *,
        after: str | None = None,
        limit: int = 20,
    ) -> Page:
        """Open cases with these lamps by their promised end, each with ``lamp``."""
        limit = clamp(limit)
        columns = (watch.c.clock_id, watch.c.due_at, watch.c.short, watch.c.state.label("clock_state"))
        about = ("id", "no", "title", "item_code", "item_name", "instance_id", "state", "applicant_name", "accepted_at")
        more = ("urgency", "due_provisional")
        wanted = (watch.c.kind == "promised", or_(*(moments.condition(lamp) for lamp in lamps)), *_of(items))
        statement = (
            select(*columns, *(case_file.c[name] for name in (*about, *more)))
            .join(case_file, case_file.c.id == watch.c.case_id)
            .where(*wanted)
        )
        later = behind(after, watch.c.due_at, watch.c.clock_id)
        if later is not None:
            statement = statement.where(later)
        statement = statement.order_by(watch.c.due_at, watch.c.clock_id).limit(limit + 1)
        rows = self._rows(statement)
        for row in rows:
            row["lamp"] = moments.lamp({**row, "state": row["clock_state"]})
        return counted(page(rows, limit, "due_at", "clock_id"), after, self._rows, counting(watch, wanted))

    def happened(self, span: Span, calendar: WorkCalendar) -> tuple[Happened, datetime]:
        """What happened in the span, and until when the daily figures were gathered."""
        found = Happened()
        with self.database.read() as connection:
            until = figures.gathered_until(connection)
            begun = datetime.combine(span.first, time(0), calendar.timezone)
            recent = figures.between(connection, calendar, max(until, begun - timedelta(seconds=1)), None)
            cases = [*figures.stored_cases(connection, span.first, span.items), *recent.cases.items()]
            steps = [*figures.stored_steps(connection, span.first, span.processes), *recent.steps.items()]
        for (day, code), of_case in cases:
            if span.first <= day <= span.last and (span.items is None or code in span.items):
                found.days.setdefault(day, CaseFigures()).add(of_case)
                found.items.setdefault(code, CaseFigures()).add(of_case)
        for (_day, key, element), of_step in steps:
            if span.processes is None or key in span.processes:
                found.steps.setdefault((key, element), StepFigures()).add(of_step)
        return found, until

    def decided(self, span: Span, calendar: WorkCalendar, *, after: str | None = None, limit: int = 20) -> Page:
        """Cases decided in the span, latest first, each with ``minutes`` (working time used), ``late`` and ``promised_due``."""
        limit = clamp(limit)
        names = (
            "id",
            "no",
            "title",
            "item_code",
            "item_name",
            "instance_id",
            "applicant_name",
            "accepted_at",
            "decided_at",
        )
        begun = datetime.combine(span.first, time(0), calendar.timezone)
        over = datetime.combine(span.last + timedelta(days=1), time(0), calendar.timezone)
        in_span = (case_file.c.decided_at >= begun, case_file.c.decided_at < over)
        of_items = () if span.items is None else (case_file.c.item_code.in_(span.items),)
        statement = select(*(case_file.c[name] for name in (*names, "result", "promised_due"))).where(
            *in_span, *of_items
        )
        later = behind(after, case_file.c.decided_at, case_file.c.id, descending=True)
        if later is not None:
            statement = statement.where(later)
        ordered = statement.order_by(case_file.c.decided_at.desc(), case_file.c.id.desc()).limit(limit + 1)
        with self.database.read() as connection:
            found = page([dict(row._mapping) for row in connection.execute(ordered)], limit, "decided_at", "id")
            promised = figures.promised_clocks(connection, [row["id"] for row in found.rows])
        for row in found.rows:
            clock = promised.get(row["id"])
            row["late"] = clock is not None and clock.is_late
            row["minutes"] = 0 if clock is None else figures.minutes_used(clock, row["decided_at"], calendar)
        return counted(found, after, self._rows, counting(case_file, in_span, of_items))

    def waiting(self, processes: Sequence[str] | None, now: datetime) -> dict[tuple[str, str], tuple[int, int]]:
        """What waits at each step: {(definition key, element id): (open tasks, of these over their limit)}."""
        columns = (task.c.definition_key, task.c.element_id)
        late = figures.counted(task.c.due_sort < now).label("late")
        statement = select(*columns, func.count().label("n"), late).where(task.c.state.in_(["offered", "assigned"]))
        if processes is not None:
            statement = statement.where(task.c.definition_key.in_(processes))
        with self.database.read() as connection:
            rows = connection.execute(statement.group_by(*columns))
            return {(row.definition_key, row.element_id): (row.n, int(row.late)) for row in rows}

    def catalogue(self) -> list[dict[str, Any]]:
        """The items in their newest version: {code, name, process_key, source}."""
        statement = select(item.c.code, item.c.name, item.c.process_key, item.c.source).where(item.c.is_latest)
        with self.database.read() as connection:
            return [dict(row._mapping) for row in connection.execute(statement.order_by(item.c.code))]

    def _rows(self, statement: Select[Any]) -> list[Row]:
        with self.database.read() as connection:
            return [dict(row._mapping) for row in connection.execute(statement)]


def _of(items: Sequence[str] | None) -> list[ColumnElement[bool]]:
    return [] if items is None else [watch.c.item_code.in_(items)]
