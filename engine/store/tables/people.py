"""Who works here: departments, posts, people, groups, sessions, tokens; and who approves: choices, turns, recusals."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, text

from engine.store.tables.base import metadata
from engine.store.tables.types import Code, Id, Json, Login, Moment, Name

department = Table(
    "department",
    metadata,
    Column("id", Id, primary_key=True),
    Column("code", Code, nullable=False, unique=True),
    Column("name", Name, nullable=False),
    Column("parent_id", Id, ForeignKey("department.id"), index=True),
    # Logins without a foreign key: people refer to departments, and both ways would be a circle.
    Column("leader", Login),  # 负责人
    Column("deputies", Json),  # 副职, in their order
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
    # Keyed hash of the ID number: tells that an applicant works here, and nothing else.
    Column("identity_hash", String(64), index=True),
    Column("created_at", Moment, nullable=False),
    # Who is disabled? (read with the lock of every instance)
    Index("ix_person_disabled", "login", postgresql_where=text("disabled"), sqlite_where=text("disabled = 1")),
)

post = Table(
    "post",
    metadata,
    Column("key", Code, primary_key=True),
    Column("name", Name, nullable=False),
)

person_post = Table(
    "person_post",
    metadata,
    Column("login", Login, ForeignKey("person.login"), primary_key=True),
    Column("post_key", Code, ForeignKey("post.key"), primary_key=True),
    Column("department_id", Id, ForeignKey("department.id"), primary_key=True),
    # Who holds this post (in this department)?
    Index("ix_person_post_post_key", "post_key", "department_id", "login"),
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

recusal = Table(
    "recusal",
    metadata,
    # 回避: the logins in force also stand in process_instance.recused
    Column("id", Id, primary_key=True),
    Column("instance_id", Id, nullable=False),
    Column("login", Login, nullable=False),
    Column("ground", String(12), nullable=False),  # declared, ordered, applicant
    Column("reason", Text, nullable=False),
    Column("declared_by", Login, nullable=False),
    Column("declared_at", Moment, nullable=False),
    Column("lifted_at", Moment),
    Column("lifted_by", Login),
    Column("lifted_why", Text),
    Index("ix_recusal_instance_id", "instance_id", "declared_at"),
)

choice = Table(
    "choice",
    metadata,
    # whom the initiator, or whoever acted before, chose for an element of an instance
    Column("instance_id", Id, primary_key=True),
    Column("element_id", Name, primary_key=True),
    Column("chosen_by", Login, nullable=False),
    Column("chosen_at", Moment, nullable=False),
    Column("by", String(8), nullable=False),  # start, previous
    Column("logins", Json, nullable=False),
)

turn = Table(
    "turn",
    metadata,
    # round robin: who got the task of this element last; the history of each instance tells how it came about
    Column("definition_key", Code, primary_key=True),
    Column("element_id", Name, primary_key=True),
    Column("login", Login, nullable=False),
)
