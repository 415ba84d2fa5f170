"""The office: items, cases, clocks, materials, opinions, documents, credit, drafts."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint, text

from engine.store.tables.base import metadata
from engine.store.tables.types import Big, Code, Id, Json, Login, Moment, Name

item = Table(
    "item",
    metadata,
    Column("id", Id, primary_key=True),
    Column("code", Code, nullable=False),
    Column("version", Integer, nullable=False),
    Column("name", Name, nullable=False),
    Column("process_key", Code, nullable=False),
    Column("deployment_id", Id, ForeignKey("deployment.id"), nullable=False),
    Column("is_latest", Boolean, nullable=False, server_default=text("true")),
    Column("disabled", Boolean, nullable=False, server_default=text("false")),
    Column("sha256", String(64), nullable=False),
    Column("source", Text, nullable=False),  # item.toml as uploaded
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("code", "version"),
    Index("ix_item_latest", "is_latest", "code"),
)

case_file = Table(
    "case_file",
    metadata,
    Column("id", Id, primary_key=True),
    Column("no", String(40), nullable=False, unique=True),  # 23 digits; children have "-01"
    Column("item_id", Id, ForeignKey("item.id"), nullable=False),
    Column("item_code", Code, nullable=False),
    Column("item_name", Name, nullable=False),
    Column("instance_id", Id, ForeignKey("process_instance.id"), index=True),
    Column("parent_id", Id, ForeignKey("case_file.id"), index=True),
    Column("state", String(24), nullable=False),
    Column("title", Name, nullable=False),
    Column("applicant_kind", String(16), nullable=False),  # person, organisation
    Column("applicant_name", Name, nullable=False),
    Column("applicant_id", String(40), nullable=False),  # ID card or unified social credit code
    Column("applicant", Json, nullable=False),  # contact, agent, address …
    Column("channel", String(10), nullable=False),  # window, online, …
    Column("urgency", Integer, nullable=False, server_default=text("0")),
    Column("form", Json, nullable=False),  # the application form as it stands
    Column("facts", Json, nullable=False),  # tolerance, commitment, correction: see engine.approval
    Column("filed_by", Login, nullable=False),
    Column("received_at", Moment),
    Column("accepted_at", Moment),
    Column("decided_at", Moment),
    Column("finished_at", Moment),
    Column("result", String(24)),
    Column("promised_due", Moment),
    Column("statutory_due", Moment),
    Column("due_provisional", Boolean, nullable=False, server_default=text("false")),
    Column("query_code_hash", String(64)),
    Column("created_at", Moment, nullable=False),
    Index("ix_case_file_state", "state", "created_at", "id"),
    Index("ix_case_file_created", "created_at", "id"),
    Index("ix_case_file_applicant_id", "applicant_id", "created_at"),
    Index("ix_case_file_filed_by", "filed_by", "created_at", "id"),
    Index("ix_case_file_item_code", "item_code", "created_at", "id"),
    # what was decided since the figures were gathered (supervision board)
    Index("ix_case_file_decided", "decided_at", "id"),
)

case_number = Table(
    "case_number",
    metadata,
    # the daily counter of case numbers, taken under the row's lock
    Column("prefix", String(24), primary_key=True),
    Column("last", Integer, nullable=False),
)

clock = Table(
    "clock",
    metadata,
    Column("id", Id, primary_key=True),
    Column("instance_id", Id, ForeignKey("process_instance.id")),
    Column("case_id", Id, ForeignKey("case_file.id")),  # None: a step of a process without a case
    Column("task_id", Id, ForeignKey("task.id")),
    Column("token_id", Id),  # of the task or timer that it measures
    Column("kind", String(16), nullable=False),
    Column("state", String(10), nullable=False),
    Column("limit_text", String(20), nullable=False),  # "5wd"
    Column("started_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("provisional", Boolean, nullable=False, server_default=text("false")),
    Column("calendar_version", Integer, nullable=False),
    Column("stopped_at", Moment),
    Column("facts", Json, nullable=False),
    Index("ix_clock_case_id", "case_id", "kind"),
    # what a new calendar computes again, in the order in which it is worked off
    Index(
        "ix_clock_open",
        "instance_id",
        "id",
        postgresql_where=text("state <> 'stopped'"),
        sqlite_where=text("state <> 'stopped'"),
    ),
    Index(
        "ix_clock_due",
        "due_at",
        "id",
        postgresql_where=text("state = 'running'"),
        sqlite_where=text("state = 'running'"),
    ),
)

clock_ledger = Table(
    "clock_ledger",
    metadata,
    # append-only: what stopped a clock, let it run again, lengthened it, or moved its end
    Column("id", Id, primary_key=True),
    Column("clock_id", Id, ForeignKey("clock.id"), nullable=False),
    Column("instance_id", Id, ForeignKey("process_instance.id"), nullable=False),
    Column("case_id", Id, ForeignKey("case_file.id")),
    Column("seq", Integer, nullable=False),  # in the history of the instance
    Column("kind", String(12), nullable=False),  # suspended, resumed, replanned, extended, continued, reprojected
    Column("at", Moment, nullable=False),  # the moment of law
    Column("suspension_id", Id, nullable=False, server_default=""),
    Column("cause", String(24), nullable=False, server_default=""),
    Column("limit_text", String(20)),  # planned time of a suspension, length of an extension
    Column("reason", Text, nullable=False, server_default=""),
    Column("notice_no", Name, nullable=False, server_default=""),
    Column("approved_by", Name, nullable=False, server_default=""),
    Column("due_before", Moment),
    Column("due_at", Moment, nullable=False),
    Column("provisional", Boolean, nullable=False, server_default=text("false")),
    Column("calendar_version", Integer, nullable=False),
    Column("recorded_at", Moment, nullable=False),
    Column("recorded_by", Login, nullable=False),
    Index("ix_clock_ledger_clock_id", "clock_id", "seq"),
    Index("ix_clock_ledger_case_id", "case_id", "seq"),
    # what one version of the calendar moved, by the ends that limits had before it
    Index(
        "ix_clock_ledger_moved",
        "calendar_version",
        "due_before",
        "id",
        postgresql_where=text("kind = 'reprojected'"),
        sqlite_where=text("kind = 'reprojected'"),
    ),
)

material = Table(
    "material",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("case_file.id"), nullable=False),
    Column("code", Code, nullable=False),
    Column("name", Name, nullable=False),
    Column("class", String(16), nullable=False, key="class_"),  # MAIN, SECONDARY, NOT_TOLERABLE
    Column("required", Boolean, nullable=False),
    Column("state", String(16), nullable=False),
    Column("remark", Text, nullable=False, server_default=""),
    Column("facts", Json, nullable=False),
    UniqueConstraint("case_id", "code"),
)

attachment = Table(
    "attachment",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("case_file.id"), nullable=False, index=True),
    Column("material_code", Code),
    Column("version", Integer, nullable=False),
    Column("name", Name, nullable=False),
    Column("media_type", Code, nullable=False),
    Column("size", Big, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("storage_key", String(64), nullable=False, unique=True),
    Column("uploaded_by", Login, nullable=False),
    Column("uploaded_at", Moment, nullable=False),
    Column("removed_at", Moment),
)

opinion = Table(
    "opinion",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("case_file.id"), nullable=False),
    Column("round", Integer, nullable=False, server_default=text("1")),
    Column("branch", Code, nullable=False),  # the co-department's code
    Column("task_id", Id, ForeignKey("task.id")),
    Column("value", String(24), nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("basis", Text, nullable=False, server_default=""),
    Column("conditions", Text, nullable=False, server_default=""),
    Column("corrections", Json, nullable=False),
    Column("deemed", Boolean, nullable=False, server_default=text("false")),
    Column("given_by", Login, nullable=False),
    Column("given_at", Moment, nullable=False),
    UniqueConstraint("case_id", "round", "branch"),
)

document = Table(
    "document",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("case_file.id"), nullable=False, index=True),
    Column("kind", String(40), nullable=False),
    Column("number", Name, nullable=False),
    Column("title", Name, nullable=False),
    Column("body", Text, nullable=False),  # plain text; escaped wherever it is shown
    Column("facts", Json, nullable=False),
    Column("issued_by", Login, nullable=False),
    Column("issued_at", Moment, nullable=False),
    UniqueConstraint("kind", "number"),
)

document_number = Table(
    "document_number",
    metadata,
    Column("prefix", String(60), primary_key=True),
    Column("last", Integer, nullable=False),
)

credit_event = Table(
    "credit_event",
    metadata,
    Column("id", Id, primary_key=True),
    Column("applicant_id", String(40), nullable=False),
    Column("applicant_name", Name, nullable=False),
    Column("kind", String(24), nullable=False),
    Column("case_id", Id, ForeignKey("case_file.id")),
    Column("reason", Text, nullable=False),
    Column("recorded_at", Moment, nullable=False),
    Column("expires_at", Moment),
    Column("repaired_at", Moment),
    Column("repaired_by", Login),
    Index("ix_credit_event_applicant_id", "applicant_id", "repaired_at"),
)

draft = Table(
    "draft",
    metadata,
    Column("id", Id, primary_key=True),
    Column("owner", Login, ForeignKey("person.login"), nullable=False),
    Column("kind", String(10), nullable=False),  # start, task
    Column("ref", Code, nullable=False),  # item code or definition key; task id
    Column("data", Json, nullable=False),
    Column("updated_at", Moment, nullable=False),
    UniqueConstraint("owner", "kind", "ref"),
)
