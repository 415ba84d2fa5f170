"""The working calendar and the settings of the house."""

from sqlalchemy import Column, Date, Integer, String, Table

from engine.store.tables.base import metadata
from engine.store.types import Code, Json, Login, Moment, Name

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

setting = Table(
    "setting",
    metadata,
    Column("key", Code, primary_key=True),
    Column("value", Json, nullable=False),
)
