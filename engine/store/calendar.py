"""The working calendar as stored; cached until an administrator changes it."""

from threading import Lock

from sqlalchemy import select

from engine.calendar import DayKind, DayRow, OfficeHours, WorkCalendar
from engine.store.tables import calendar_day, calendar_year, setting
from engine.store.unit_of_work import UnitOfWork

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
