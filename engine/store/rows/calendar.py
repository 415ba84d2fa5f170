"""The working calendar as stored; cached until an administrator changes it."""

from collections.abc import Mapping
from datetime import datetime
from threading import Lock
from typing import Any

from sqlalchemy import select

from engine.calendar import DayKind, DayRow, OfficeHours, WorkCalendar
from engine.store.base.unit_of_work import UnitOfWork
from engine.store.tables import calendar_day, calendar_revision, calendar_year, setting

VERSION_KEY = "calendar.version"
HOURS_KEY = "calendar.office_hours"


class CalendarCache:
    """Loads the calendar of one region once per version; every transaction asks only for the version."""

    def __init__(self, region: str) -> None:
        self.region = region
        self._lock = Lock()
        self._calendar: WorkCalendar | None = None

    def get(self, uow: UnitOfWork) -> WorkCalendar:
        """Return the calendar as it stands in this transaction."""
        version = str(version_of(uow))
        known = self._calendar
        if known is None or known.version != version:
            known = load(uow, self.region, version)
            with self._lock:
                self._calendar = known
        return known


def version_of(uow: UnitOfWork) -> int:
    """Return the number of the present calendar; it grows with every change."""
    row = uow.get(setting, (VERSION_KEY,))
    return int(row["value"]) if row else 0


def keep_revision(uow: UnitOfWork, region: str, version: int, *, what: str, detail: str, at: datetime, by: str) -> None:
    """Keep the calendar as it stands under its version."""
    calendar = load(uow, region, str(version))
    uow.insert(
        calendar_revision,
        {
            "region": region,
            "version": version,
            "what": what,
            "detail": detail[:200],
            "days": [row.to_json() for row in sorted(calendar.days.values(), key=lambda row: row.date)],
            "years": sorted(calendar.loaded_years),
            "hours": [hours.to_json() for hours in calendar.office_hours],
            "changed_at": at,
            "changed_by": by,
            "seen": 0,
            "moved": 0,
            "failed": 0,
            "finished_at": None,
        },
    )


def of_revision(row: Mapping[str, Any]) -> WorkCalendar:
    """Build the calendar as it was from the row of its revision."""
    return WorkCalendar.from_rows(
        [DayRow.from_json(value) for value in row["days"]],
        region=row["region"],
        loaded_years=row["years"],
        office_hours=tuple(OfficeHours.from_json(value) for value in row["hours"]),
        version=str(row["version"]),
    )


def tell_progress(
    uow: UnitOfWork,
    region: str,
    version: int,
    *,
    seen: int = 0,
    moved: int = 0,
    failed: int = 0,
    finished_at: datetime | None = None,
) -> None:
    """Add to what a revision tells of the open limits that were computed again."""
    row = uow.get(calendar_revision, (region, version))
    if row is not None:
        counts = {"seen": row["seen"] + seen, "moved": row["moved"] + moved, "failed": row["failed"] + failed}
        uow.update(calendar_revision, (region, version), counts | {"finished_at": finished_at})


def load(uow: UnitOfWork, region: str, version: str) -> WorkCalendar:
    """Build the calendar of ``region`` from its rows."""
    rows = [
        DayRow(date=row.day, kind=DayKind(row.kind), name=row.name, source=row.source)
        for row in uow.all(select(calendar_day).where(calendar_day.c.region == region))
    ]
    years = [row.year for row in uow.all(select(calendar_year.c.year).where(calendar_year.c.region == region))]
    hours = uow.get(setting, (HOURS_KEY,))
    office_hours = tuple(OfficeHours.from_json(value) for value in hours["value"]) if hours else (OfficeHours(),)
    return WorkCalendar.from_rows(rows, region=region, loaded_years=years, office_hours=office_hours, version=version)
