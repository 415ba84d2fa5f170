"""Who works here: departments, people, groups, sessions, tokens."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, text

from engine.store.tables.base import metadata
from engine.store.types import Code, Id, Json, Login, Moment, Name

department = Table(
    "department",
    metadata,
    Column("id", Id, primary_key=True),
    Column("code", Code, nullable=False, unique=True),
    Column("name", Name, nullable=False),
    Column("parent_id", Id, ForeignKey("department.id"), index=True),
)

person = Table(
    "person",
    metadata,
    Column("login", Login, primary_key=True),
    Column("name", Name, nullable=False),
    Column("department_id", Id, ForeignKey("department.id"), index=True),
    Column("email", Name, nullable=False, server_default=""),
    Column("mobile", String(40), nullable=False, server_default=""),
    Column("roles", Json, nullable=False),  # of access.Role
    Column("password_hash", Text),
    Column("must_change_password", Boolean, nullable=False, server_default=text("false")),
    Column("disabled", Boolean, nullable=False, server_default=text("false")),
    Column("language", String(5), nullable=False, server_default="zh"),
    Column("created_at", Moment, nullable=False),
)

group = Table(
    "candidate_group",
    metadata,
    Column("key", Code, primary_key=True),
    Column("name", Name, nullable=False),
    Column("department_id", Id, ForeignKey("department.id"), index=True),
)

membership = Table(
    "membership",
    metadata,
    Column("login", Login, ForeignKey("person.login"), primary_key=True),
    Column("group_key", Code, ForeignKey("candidate_group.key"), primary_key=True),
    Index("ix_membership_group_key", "group_key", "login"),
)

session = Table(
    "session",
    metadata,
    Column("id_hash", String(64), primary_key=True),
    Column("login", Login, ForeignKey("person.login"), nullable=False, index=True),
    Column("csrf", String(64), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False, index=True),
    Column("address", String(64), nullable=False, server_default=""),
)

api_token = Table(
    "api_token",
    metadata,
    Column("id", Id, primary_key=True),
    Column("login", Login, ForeignKey("person.login"), nullable=False, index=True),
    Column("name", Name, nullable=False),
    Column("secret_hash", String(64), nullable=False, unique=True),
    Column("scopes", Json, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("revoked_at", Moment),
)

login_throttle = Table(
    "login_throttle",
    metadata,
    Column("subject", String(120), primary_key=True),  # "account:zhang" or "address:10.0.0.7"
    Column("failures", Integer, nullable=False),
    Column("blocked_until", Moment, nullable=False),
)
