"""What was deployed: deployments, their files, versions of processes."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from engine.store.tables.base import metadata
from engine.store.tables.types import Code, Id, Json, Login, Moment, Name

deployment = Table(
    "deployment",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Name, nullable=False),
    Column("comment", Text, nullable=False, server_default=""),
    Column("created_at", Moment, nullable=False),
    Column("created_by", Login, nullable=False),
)

resource = Table(
    "resource",
    metadata,
    Column("id", Id, primary_key=True),
    Column("deployment_id", Id, ForeignKey("deployment.id"), nullable=False, index=True),
    Column("name", Name, nullable=False),
    Column("kind", String(10), nullable=False),  # bpmn, form, item
    Column("sha256", String(64), nullable=False),
    Column("original", LargeBinary, nullable=False),
    Column("normalised", LargeBinary),  # what the machine compiles; BPMN only
)

process_definition = Table(
    "process_definition",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", Code, nullable=False),
    Column("version", Integer, nullable=False),
    Column("name", Name, nullable=False),
    Column("deployment_id", Id, ForeignKey("deployment.id"), nullable=False, index=True),
    Column("resource_id", Id, ForeignKey("resource.id"), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("suspended", Boolean, nullable=False, server_default=text("false")),
    Column("is_latest", Boolean, nullable=False, server_default=text("true")),
    Column("pins", Json, nullable=False),  # {called key: definition id}
    Column("model", Json, nullable=False),  # what the reader found
    UniqueConstraint("key", "version"),
    # Which definitions can be started? (start page, API)
    Index("ix_process_definition_latest", "is_latest", "key"),
)
