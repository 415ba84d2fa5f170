"""Who a sealed applicant is: kept apart from the case, out of its history, its lists and its documents."""

from sqlalchemy import Column, ForeignKey, Table

from engine.store.tables.base import metadata
from engine.store.tables.types import Id, Json, Moment

sealed_applicant = Table(
    "sealed_applicant",
    metadata,
    Column("case_id", Id, ForeignKey("case_file.id"), primary_key=True),
    Column("applicant", Json, nullable=False),
    Column("sealed_at", Moment, nullable=False),
)
