"""The working calendar and the settings of the house."""

from sqlalchemy import Column, Date, Integer, String, Table, text

from engine.store.tables.base import metadata
from engine.store.tables.types import Code, Json, Login, Moment, Name

calendar_day = Table(
    "calendar_day",
    metadata,
    Column("region", String(12), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("kind", String(8), nullable=False),  # work, rest, half_am, half_pm
    Column("name", Name, nullable=False, server_default=""),
    Column("source", Name, nullable=False, server_default=""),
)

calendar_year = Table(
    "calendar_year",
    metadata,
    Column("region", String(12), primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("source", Name, nullable=False),
    Column("loaded_at", Moment, nullable=False),
    Column("loaded_by", Login, nullable=False),
)

calendar_revision = Table(
    "calendar_revision",
    metadata,
    # each version of the calendar as it was: by it a date of long ago is explained
    Column("region", String(12), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("what", Name, nullable=False),  # the event that made it
    Column("detail", Name, nullable=False, server_default=""),
    Column("days", Json, nullable=False),  # [DayRow]
    Column("years", Json, nullable=False),
    Column("hours", Json, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("changed_by", Login, nullable=False),
    # what became of the open limits
    Column("seen", Integer, nullable=False, server_default=text("0")),
    Column("moved", Integer, nullable=False, server_default=text("0")),
    Column("failed", Integer, nullable=False, server_default=text("0")),
    Column("finished_at", Moment),
)

setting = Table(
    "setting",
    metadata,
    Column("key", Code, primary_key=True),
    Column("value", Json, nullable=False),
)
