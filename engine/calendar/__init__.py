"""The working calendar of a region and the limits that are counted by it; pure, time is always an argument."""

from engine.calendar.days import DayKind, DayRow, OfficeHours
from engine.calendar.due import Due, DueMode, Pause, ReceiptRule
from engine.calendar.explanation import DayNote, ExplainedDay, Explanation, explain
from engine.calendar.limit import Limit, Unit
from engine.calendar.work_calendar import SHANGHAI, WorkCalendar
from engine.calendar.year_file import YearFileRefused, parse_year_file, write_year_file, year_of

__all__ = [
    "SHANGHAI",
    "DayKind",
    "DayNote",
    "DayRow",
    "Due",
    "DueMode",
    "ExplainedDay",
    "Explanation",
    "Limit",
    "OfficeHours",
    "Pause",
    "ReceiptRule",
    "Unit",
    "WorkCalendar",
    "YearFileRefused",
    "explain",
    "parse_year_file",
    "write_year_file",
    "year_of",
]
