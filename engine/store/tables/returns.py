"""Returns to earlier nodes: one row each, for pages, for rounds, and for the straight way back."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, text

from engine.store.tables.base import metadata
from engine.store.tables.types import Code, Id, Json, Login, Moment, Name

task_return = Table(
    "task_return",
    metadata,
    # 退回
    Column("id", String(64), primary_key=True),  # the token that began the target anew
    Column("instance_id", Id, ForeignKey("process_instance.id"), nullable=False),
    Column("task_id", Id),  # the returner's task; NULL: a ballot returned by its result
    Column("element_id", Name, nullable=False),
    Column("element_name", Name, nullable=False),
    Column("target_id", Name, nullable=False),
    Column("target_name", Name, nullable=False),
    Column("reason", Text, nullable=False),
    Column("resubmit", String(8), nullable=False),  # engine.runtime.return_events.Resubmit
    Column("only_straight", Boolean, nullable=False, server_default=text("false")),
    Column("round", Integer, nullable=False),
    Column("to_applicant", Boolean, nullable=False, server_default=text("false")),
    Column("kept", Json, nullable=False),
    Column("guarded", Json, nullable=False),
    Column("outcome_before", Code),
    Column("returned_by", Login, nullable=False),
    Column("returned_at", Moment, nullable=False),
    Column("answered_at", Moment),
    Column("answered_by", Login),
    Column("went_straight", Boolean),
    # the returns of an instance, for its page and for the rounds of its nodes
    Index("ix_task_return_instance_id", "instance_id", "returned_at", "id"),
)
