"""The working calendars of past and present years, from the chinesecalendar package; what it does not know stays open.

An administrator loads later years from the State Council's notice, as ``./banjie calendar import`` explains.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from engine.access import Actor
from engine.calendar import DayKind, DayRow, write_year_file
from engine.commands.administration.calendar import LoadCalendarYear
from engine.process_engine import ProcessEngine

YEARS = (2024, 2025, 2026)


def load(engine: ProcessEngine, actor: Actor) -> None:
    """Load the years that the package knows."""
    for year in YEARS:
        engine.execute(LoadCalendarYear(text=year_file(year), source=source()), actor=actor)


def year_file(year: int) -> str:
    """Return one year in the format that administrators load: days off on weekdays, and make-up days on weekends."""
    return write_year_file(_special_days(year))


def source() -> str:
    """Where the days come from."""
    from importlib.metadata import version

    return f"chinesecalendar {version('chinesecalendar')}"


def _special_days(year: int) -> Iterator[DayRow]:
    day = date(year, 1, 1)
    while day.year == year:
        row = _special(day)
        if row is not None:
            yield row
        day += timedelta(days=1)


def _special(day: date) -> DayRow | None:
    import chinese_calendar  # all its years are sets of days, built when it is loaded: for a first start only

    is_free, name = chinese_calendar.get_holiday_detail(day)
    holiday = chinese_calendar.Holiday(name).chinese if name is not None else ""
    if is_free and holiday:
        return DayRow(date=day, kind=DayKind.REST, name=holiday, source=source())
    if not is_free and day.weekday() >= 5:
        return DayRow(date=day, kind=DayKind.WORK, name=f"{holiday}调休上班", source=source())
    return None
