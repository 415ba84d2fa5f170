"""Keeping the working calendar: loading a year, changing a day, office hours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import date
from typing import Any

from engine.access import Verb, require
from engine.calendar import DayKind, DayRow, OfficeHours, WorkCalendar, parse_year_file
from engine.calendar.year_file import year_of
from engine.context import Command, CommandContext
from engine.events import Event
from engine.records import record
from engine.store import tables
from engine.store.rows.calendar import HOURS_KEY, VERSION_KEY, keep_revision, version_of


@record
class CalendarYearLoaded(Event):
    region: str
    year: int
    source: str
    days: int
    version: int


@record
class CalendarDayChanged(Event):
    region: str
    day: date
    day_kind: str
    name: str = ""
    source: str = ""
    version: int = 0


@record
class OfficeHoursChanged(Event):
    hours: Mapping[str, Any] = field(default_factory=dict)
    version: int = 0


@record
class LoadCalendarYear(Command):
    """Load one year from the text of a year file (see engine.calendar.year_file); it replaces what was listed for that year.

    Answers {year, days, version}. Raises YearFileRefused, with every bad line, before anything is changed.
    """

    text: str
    source: str = ""

    def execute(self, context: CommandContext) -> dict[str, Any]:
        require(context.actor, Verb.MANAGE_CALENDAR)
        rows = parse_year_file(self.text)
        year = year_of(rows)
        region = context.environment.region
        listed = tables.calendar_day.delete().where(
            tables.calendar_day.c.region == region,
            tables.calendar_day.c.day.between(date(year, 1, 1), date(year, 12, 31)),
        )
        context.uow.execute(listed)
        for row in rows:
            _put_day(context, region, row)
        source = self.source or next((row.source for row in rows if row.source), "")
        key = (region, year)
        loaded = {"source": source, "loaded_at": context.now, "loaded_by": context.actor.login}
        if context.uow.get(tables.calendar_year, key) is None:
            context.uow.insert(tables.calendar_year, {"region": region, "year": year, **loaded})
        else:
            context.uow.update(tables.calendar_year, key, loaded)
        version = _next_version(context, CalendarYearLoaded, f"{year} · {source}")
        context.record_admin(
            CalendarYearLoaded(region=region, year=year, source=source, days=len(rows), version=version)
        )
        return {"year": year, "days": len(rows), "version": version}


@record
class ChangeCalendarDay(Command):
    """Make one day a working, rest or half day, with its name and the document that says so."""

    day: str
    kind: str
    name: str = ""
    source: str = ""

    def execute(self, context: CommandContext) -> dict[str, Any]:
        require(context.actor, Verb.MANAGE_CALENDAR)
        row = DayRow(date=date.fromisoformat(self.day), kind=DayKind(self.kind), name=self.name, source=self.source)
        _put_day(context, context.environment.region, row)
        version = _next_version(context, CalendarDayChanged, f"{row.date} {row.kind.zh} {row.name}".strip())
        context.record_admin(
            CalendarDayChanged(
                region=context.environment.region,
                day=row.date,
                day_kind=row.kind.value,
                name=row.name,
                source=row.source,
                version=version,
            )
        )
        return row.to_json() | {"version": version}


@record
class ChangeOfficeHours(Command):
    """Set the opening hours: a list of OfficeHours as JSON, the last one for all the year."""

    hours: tuple[Mapping[str, Any], ...]

    def execute(self, context: CommandContext) -> dict[str, Any]:
        require(context.actor, Verb.MANAGE_CALENDAR)
        hours = [OfficeHours.from_json(dict(each)) for each in self.hours]
        WorkCalendar.from_rows([], region="", loaded_years=(), office_hours=tuple(hours))  # are they a whole year's?
        checked = [each.to_json() for each in hours]
        _put_setting(context, HOURS_KEY, checked)
        version = _next_version(context, OfficeHoursChanged, "；".join(each.text() for each in hours))
        context.record_admin(OfficeHoursChanged(hours={"hours": checked}, version=version))
        return {"hours": checked, "version": version}


def _put_day(context: CommandContext, region: str, row: DayRow) -> None:
    key = (region, row.date)
    values = {"kind": row.kind.value, "name": row.name, "source": row.source}
    if context.uow.get(tables.calendar_day, key) is None:
        context.uow.insert(tables.calendar_day, {"region": region, "day": row.date, **values})
    else:
        context.uow.update(tables.calendar_day, key, values)


def _next_version(context: CommandContext, event: type[Event], detail: str) -> int:
    """Count the versions, and keep the calendar as it stands under its new number."""
    version = version_of(context.uow) + 1
    _put_setting(context, VERSION_KEY, version)
    region, by = context.environment.region, context.actor.login
    keep_revision(context.uow, region, version, what=event.__name__, detail=detail, at=context.now, by=by)
    return version


def _put_setting(context: CommandContext, key: str, value: Any) -> None:
    if context.uow.get(tables.setting, (key,)) is None:
        context.uow.insert(tables.setting, {"key": key, "value": value})
    else:
        context.uow.update(tables.setting, (key,), {"value": value})
