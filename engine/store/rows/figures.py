"""Daily figures for the board, gathered from the rows: cases received and decided, steps done, in working time without
suspensions.

``gather`` adds what happened since it ran last, up to a little before now, so that whatever is still being committed is not
missed; ``recent`` computes the rest the same way when a page asks. Together they are exact at any moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, Table, bindparam, case, func, select

from engine.approval.clock import Clock, ClockKind
from engine.approval.supervision.measure import used
from engine.calendar import Pause, Unit, WorkCalendar
from engine.calendar.days import DAY_US
from engine.calendar.due import merged
from engine.store.base.unit_of_work import UnitOfWork
from engine.store.tables import case_day, case_file, clock, figures_state, step_day, task

LAG: Final = timedelta(minutes=2)  # longer than any command with all its retries
DAY_MINUTES: Final = 1_440  # a working day is as long as a day
SLICE: Final = timedelta(days=7)
BATCH: Final = 2_000
STATE: Final = "board"
BEGINNING: Final = datetime(2000, 1, 1, tzinfo=UTC)

CaseKey = tuple[date, str]
StepKey = tuple[date, str, str]


@dataclass(slots=True)
class CaseFigures:
    """Cases of one item on one day. ``minutes``: working time of those that were decided."""

    received: int = 0
    decided: int = 0
    late: int = 0
    minutes: int = 0

    def add(self, other: CaseFigures) -> None:
        self.received += other.received
        self.decided += other.decided
        self.late += other.late
        self.minutes += other.minutes


@dataclass(slots=True)
class StepFigures:
    """One step on one day; ``limited`` of ``done`` had a limit, together ``limit_minutes`` long."""

    element_name: str = ""
    done: int = 0
    late: int = 0
    minutes: int = 0
    limited: int = 0
    limit_minutes: int = 0

    def add(self, other: StepFigures) -> None:
        self.element_name = other.element_name or self.element_name
        self.done += other.done
        self.late += other.late
        self.minutes += other.minutes
        self.limited += other.limited
        self.limit_minutes += other.limit_minutes


@dataclass(slots=True)
class Figures:
    """What happened in a span of time."""

    cases: dict[CaseKey, CaseFigures] = field(default_factory=dict)
    steps: dict[StepKey, StepFigures] = field(default_factory=dict)

    def case(self, key: CaseKey) -> CaseFigures:
        return self.cases.setdefault(key, CaseFigures())

    def step(self, key: StepKey) -> StepFigures:
        return self.steps.setdefault(key, StepFigures())


# ---------------------------------------------------------------- gathering


def gather(uow: UnitOfWork, calendar: WorkCalendar, now: datetime, *, anew: bool = False) -> bool:
    """Add what happened since the last time to ``case_day`` and ``step_day``; ``anew`` begins from nothing.

    At most a week at once, so that nobody waits long for the write lock; returns whether there is more. One at a time: the
    row of the state is locked."""
    row = uow.first(figures_state.select().where(figures_state.c.name == STATE).with_for_update())
    if anew:
        uow.execute(case_day.delete())
        uow.execute(step_day.delete())
    end = now - LAG
    since = _first(uow, end) if row is None or anew else row.until
    until = min(end, since + SLICE)
    if until <= since:
        return False
    found = between(uow.connection, calendar, since, until)
    _add(uow, case_day, ("day", "item_code"), found.cases, ("received", "decided", "late", "minutes"))
    sums = ("done", "late", "minutes", "limited", "limit_minutes")
    _add(uow, step_day, ("day", "definition_key", "element_id"), found.steps, sums, ("element_name",))
    if row is None:
        uow.execute(figures_state.insert(), {"name": STATE, "until": until})
    else:
        uow.execute(figures_state.update().where(figures_state.c.name == STATE).values(until=until))
    return until < end


def _first(uow: UnitOfWork, end: datetime) -> datetime:
    """Just before the first thing that can be counted; in an empty house, ``end``."""
    filed = select(func.min(case_file.c.created_at))
    done = select(func.min(task.c.closed_at)).where(task.c.state == "completed")
    starts = [row[0] for row in uow.all(filed.union_all(done)) if row[0] is not None]
    return min(starts) - timedelta(seconds=1) if starts else end - timedelta(seconds=1)


def gathered_until(connection: Connection) -> datetime:
    """Until when the figures are in the tables."""
    until: datetime | None = connection.scalar(select(figures_state.c.until).where(figures_state.c.name == STATE))
    return until or BEGINNING


def between(connection: Connection, calendar: WorkCalendar, since: datetime, until: datetime | None) -> Figures:
    """What happened after ``since`` and until ``until`` (to the end when None)."""
    found = Figures()
    _received(connection, calendar, since, until, found)
    _decided(connection, calendar, since, until, found)
    _done(connection, calendar, since, until, found)
    return found


def _add(
    uow: UnitOfWork,
    table: Table,
    keys: Sequence[str],
    found: Mapping[tuple[Any, ...], CaseFigures | StepFigures],
    sums: Sequence[str],
    same: Sequence[str] = (),
) -> None:
    """Add figures to the rows of their keys: those that are there grow, the others are new. Two statements, however many."""
    if not found:
        return
    first = min(key[0] for key in found)
    present = {tuple(row) for row in uow.all(select(*(table.c[name] for name in keys)).where(table.c.day >= first))}
    rows = [
        {f"k_{name}": part for name, part in zip(keys, key, strict=True)}
        | {f"v_{name}": getattr(figures, name) for name in (*sums, *same)}
        for key, figures in found.items()
    ]
    grown = [row for key, row in zip(found, rows, strict=True) if key in present]
    fresh = [row for key, row in zip(found, rows, strict=True) if key not in present]
    if grown:
        where = [table.c[name] == bindparam(f"k_{name}") for name in keys]
        values = {name: table.c[name] + bindparam(f"v_{name}") for name in sums}
        values |= {name: bindparam(f"v_{name}") for name in same}
        uow.execute(table.update().where(*where).values(values), grown)
    if fresh:
        uow.execute(table.insert(), [{name[2:]: value for name, value in row.items()} for row in fresh])


# ---------------------------------------------------------------- reading the rows


def _span(column: Any, since: datetime, until: datetime | None) -> list[Any]:
    return [column > since] if until is None else [column > since, column <= until]


def _received(
    connection: Connection, calendar: WorkCalendar, since: datetime, until: datetime | None, found: Figures
) -> None:
    columns = (case_file.c.created_at, case_file.c.item_code)
    statement = select(*columns).where(*_span(case_file.c.created_at, since, until), case_file.c.parent_id.is_(None))
    for row in _rows(connection, statement):
        found.case((calendar.local_date(row.created_at), row.item_code)).received += 1


def _decided(
    connection: Connection, calendar: WorkCalendar, since: datetime, until: datetime | None, found: Figures
) -> None:
    columns = (case_file.c.id, case_file.c.item_code, case_file.c.decided_at)
    statement = select(*columns).where(*_span(case_file.c.decided_at, since, until))
    for rows in _batches(_rows(connection, statement)):
        promised = promised_clocks(connection, [row.id for row in rows])
        for row in rows:
            figures = found.case((calendar.local_date(row.decided_at), row.item_code))
            figures.decided += 1
            measured = promised.get(row.id)
            if measured is not None:
                figures.late += measured.is_late
                figures.minutes += minutes_used(measured, row.decided_at, calendar)


def promised_clocks(connection: Connection, case_ids: Sequence[str]) -> dict[str, Clock]:
    """The latest promised clock of each case."""
    statement = select(clock.c.case_id, clock.c.facts).where(
        clock.c.case_id.in_(case_ids), clock.c.kind == ClockKind.PROMISED.value
    )
    rows = sorted(connection.execute(statement), key=lambda row: row.facts.get("seq", 0))
    return {row.case_id: Clock.from_json(row.facts) for row in rows}


def minutes_used(measured: Clock, until: datetime, calendar: WorkCalendar) -> int:
    """The working time that a clock used, in minutes of working days of 24 hours, whatever its own unit."""
    if measured.limit.unit is Unit.WD:
        return round(used(measured, until, calendar) * DAY_MINUTES)
    spans = [(each.start, each.end) for each in measured.suspensions]
    return working_minutes(measured.started_at, measured.stopped_at or until, spans, calendar)


def _done(
    connection: Connection, calendar: WorkCalendar, since: datetime, until: datetime | None, found: Figures
) -> None:
    names = ("instance_id", "definition_key", "element_id", "element_name", "created_at", "closed_at", "due_at")
    statement = select(*(task.c[name] for name in names)).where(
        task.c.state == "completed", *_span(task.c.closed_at, since, until)
    )
    for rows in _batches(_rows(connection, statement)):
        stood = _suspensions(connection, {row.instance_id for row in rows})
        for row in rows:
            spans = stood.get(row.instance_id, ())
            figures = found.step((calendar.local_date(row.closed_at), row.definition_key, row.element_id))
            figures.element_name = row.element_name
            figures.done += 1
            figures.minutes += working_minutes(row.created_at, row.closed_at, spans, calendar)
            if row.due_at is not None:
                figures.limited += 1
                figures.late += row.closed_at > row.due_at
                figures.limit_minutes += working_minutes(row.created_at, row.due_at, spans, calendar)


def _suspensions(connection: Connection, instances: Iterable[str]) -> dict[str, list[tuple[datetime, datetime | None]]]:
    """When the promised clocks of these instances stood still: only the few that ever did."""
    statement = (
        select(case_file.c.instance_id, clock.c.facts)
        .join(clock, clock.c.case_id == case_file.c.id)
        .where(case_file.c.instance_id.in_(sorted(instances)), clock.c.kind == ClockKind.PROMISED.value)
    )
    found: dict[str, list[tuple[datetime, datetime | None]]] = {}
    for row in connection.execute(statement):
        for span in row.facts["suspensions"]:
            end = None if span.get("end") is None else datetime.fromisoformat(span["end"])
            found.setdefault(row.instance_id, []).append((datetime.fromisoformat(span["start"]), end))
    return found


def working_minutes(
    first: datetime, last: datetime, spans: Iterable[tuple[datetime, datetime | None]], calendar: WorkCalendar
) -> int:
    """The working time from ``first`` to ``last`` without ``spans``; rest days have no length."""
    start, end = calendar.local(first), calendar.local(last)
    if end <= start:
        return 0
    scale = calendar.working_scale
    standing = merged([Pause(begun, over) for begun, over in spans if begun < end], start, end) if spans else []
    taken = sum(scale.between(calendar.local(a), calendar.local(min(b, end))) for a, b in standing)
    return round((scale.between(start, end) - taken) * DAY_MINUTES / (2 * DAY_US))


def _rows(connection: Connection, statement: Select[Any]) -> Iterator[Row[Any]]:
    yield from connection.execute(statement.execution_options(yield_per=BATCH))


def _batches(rows: Iterable[Row[Any]]) -> Iterator[list[Row[Any]]]:
    batch: list[Row[Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == 500:
            yield batch
            batch = []
    if batch:
        yield batch


# ---------------------------------------------------------------- reading the figures


def stored_cases(
    connection: Connection, since: date, items: Sequence[str] | None
) -> Iterator[tuple[CaseKey, CaseFigures]]:
    """The gathered figures of cases from a day on."""
    statement = case_day.select().where(case_day.c.day >= since)
    if items is not None:
        statement = statement.where(case_day.c.item_code.in_(items))
    for row in connection.execute(statement):
        yield (row.day, row.item_code), CaseFigures(row.received, row.decided, row.late, row.minutes)


def stored_steps(
    connection: Connection, since: date, keys: Sequence[str] | None
) -> Iterator[tuple[StepKey, StepFigures]]:
    """The gathered figures of steps from a day on, summed over the days."""
    sums = [func.sum(step_day.c[name]).label(name) for name in ("done", "late", "minutes", "limited", "limit_minutes")]
    name = func.max(step_day.c.element_name).label("element_name")
    statement = select(step_day.c.definition_key, step_day.c.element_id, name, *sums).where(step_day.c.day >= since)
    if keys is not None:
        statement = statement.where(step_day.c.definition_key.in_(keys))
    for row in connection.execute(statement.group_by(step_day.c.definition_key, step_day.c.element_id)):
        figures = StepFigures(
            row.element_name, int(row.done), int(row.late), int(row.minutes), int(row.limited), int(row.limit_minutes)
        )
        yield (since, row.definition_key, row.element_id), figures


def counted(condition: Any) -> Any:
    """How many rows fulfil a condition, within one scan."""
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
