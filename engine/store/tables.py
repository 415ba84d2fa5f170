"""All tables of the engine. Each index answers a question that a page or a worker asks; the question stands beside it.

Runtime rows (task, job, subscription) hold what is open or recent; ``history`` holds everything for ever and can rebuild
the projections (see ``projections``). Times are UTC.
"""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from engine.store.types import Big, Code, Id, Json, Login, Moment, Name

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# ---------------------------------------------------------------- definitions

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

# ---------------------------------------------------------------- runtime

process_instance = Table(
    "process_instance",
    metadata,
    Column("id", Id, primary_key=True),
    Column("definition_id", Id, ForeignKey("process_definition.id"), nullable=False),
    Column("definition_key", Code, nullable=False),
    Column("definition_version", Integer, nullable=False),
    Column("definition_name", Name, nullable=False),
    Column("business_key", Code),
    Column("title", Name, nullable=False, server_default=""),
    Column("applicant", Name, nullable=False, server_default=""),
    Column("urgency", Integer, nullable=False, server_default=text("0")),  # 0 普通 1 加急 2 特急
    Column("state", String(12), nullable=False),
    Column("outcome", Code),
    Column("started_by", Login),
    Column("started_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("revision", Integer, nullable=False),
    Column("history_seq", Integer, nullable=False),
    Column("history_hash", String(64), nullable=False),
    Column("machine_state", Text),  # last column on purpose: lists never read it
    # 我发起的: my running and finished instances, newest first
    Index("ix_process_instance_started_by", "started_by", "started_at", "id"),
    Index("ix_process_instance_business_key", "business_key"),
    # all instances of a definition / all running ones, newest first (admin, API)
    Index("ix_process_instance_definition_key", "definition_key", "state", "started_at", "id"),
    Index("ix_process_instance_state", "state", "started_at", "id"),
)

task = Table(
    "task",
    metadata,
    Column("id", Id, primary_key=True),
    Column("instance_id", Id, ForeignKey("process_instance.id"), nullable=False),
    Column("token_id", String(64), nullable=False),
    Column("element_id", Name, nullable=False),
    Column("element_name", Name, nullable=False),
    Column("process_key", Code, nullable=False),
    Column("kind", String(12), nullable=False),
    Column("state", String(10), nullable=False),
    Column("lane", Name),
    Column("assignee", Login),
    Column("candidate_users", Json, nullable=False),
    Column("candidate_groups", Json, nullable=False),
    Column("form_key", Name),
    Column("priority", Integer, nullable=False),
    Column("outcomes", Json, nullable=False),
    Column("settings", Json, nullable=False),
    Column("local_variables", Json, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("claimed_at", Moment),
    Column("due_at", Moment),
    Column("due_sort", Moment, nullable=False),  # due_at, or far in the future: one column to order and page by
    Column("due_provisional", Boolean, nullable=False, server_default=text("false")),
    Column("closed_at", Moment),
    Column("closed_by", Login),
    Column("outcome", Code),
    Column("comment", Text, nullable=False, server_default=""),
    Column("deemed", Boolean, nullable=False, server_default=text("false")),
    # copies from the instance, so that an inbox page is one range scan without joins
    Column("definition_key", Code, nullable=False),
    Column("definition_name", Name, nullable=False),
    Column("business_key", Code),
    Column("title", Name, nullable=False, server_default=""),
    Column("applicant", Name, nullable=False, server_default=""),
    Column("urgency", Integer, nullable=False, server_default=text("0")),
    # 待办: what I hold, by deadline
    Index(
        "ix_task_assignee_due",
        "assignee",
        "due_sort",
        "id",
        postgresql_where=text("state = 'assigned'"),
        sqlite_where=text("state = 'assigned'"),
    ),
    # 已办: what I closed, newest first
    Index(
        "ix_task_closed_by",
        "closed_by",
        "closed_at",
        "id",
        postgresql_where=text("state = 'completed'"),
        sqlite_where=text("state = 'completed'"),
    ),
    # the tasks of an instance (every command)
    Index("ix_task_instance_id", "instance_id", "state"),
    # all open tasks by deadline (admin, API)
    Index(
        "ix_task_open_due",
        "due_sort",
        "id",
        postgresql_where=text("state IN ('offered', 'assigned')"),
        sqlite_where=text("state IN ('offered', 'assigned')"),
    ),
)

task_offer = Table(
    "task_offer",
    metadata,
    # 待认领: one row for each candidate of an unclaimed task; a page merges one short range per group of mine
    Column("candidate", String(120), primary_key=True),  # "user:zhang" or "group:window"
    Column("due_sort", Moment, primary_key=True),
    Column("task_id", Id, ForeignKey("task.id"), primary_key=True),
    Index("ix_task_offer_task_id", "task_id"),
)

subscription = Table(
    "subscription",
    metadata,
    Column("instance_id", Id, ForeignKey("process_instance.id"), primary_key=True),
    Column("token_id", String(80), primary_key=True),
    Column("kind", String(8), primary_key=True),
    Column("name", Name, primary_key=True),
    Column("element_id", Name, nullable=False),
    Column("correlation", Json, nullable=False),
    # Who waits for this message or signal?
    Index("ix_subscription_name", "kind", "name"),
)

message_buffer = Table(
    "message_buffer",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Name, nullable=False, index=True),
    Column("correlation", Json, nullable=False),
    Column("variables", Json, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
    Column("sent_by", Login),
)

job = Table(
    "job",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("state", String(10), nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("instance_id", Id, ForeignKey("process_instance.id")),
    Column("token_id", String(64)),
    Column("element_id", Name),
    Column("payload", Json, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("max_attempts", Integer, nullable=False, server_default=text("5")),
    Column("leased_by", String(80)),
    Column("leased_until", Moment),
    Column("last_error", Text),
    Column("created_at", Moment, nullable=False),
    Column("finished_at", Moment),
    # What is due? (workers)
    Index(
        "ix_job_due", "due_at", "id", postgresql_where=text("state = 'waiting'"), sqlite_where=text("state = 'waiting'")
    ),
    # The jobs of an instance; is an earlier one of it still open?
    Index("ix_job_instance_id", "instance_id", "state", "due_at"),
    # The dead ones (admin)
    Index(
        "ix_job_dead", "finished_at", "id", postgresql_where=text("state = 'dead'"), sqlite_where=text("state = 'dead'")
    ),
)

incident = Table(
    "incident",
    metadata,
    Column("id", Id, primary_key=True),
    Column("instance_id", Id, ForeignKey("process_instance.id"), index=True),
    Column("state", String(10), nullable=False),
    Column("reason", Code, nullable=False),
    Column("element_id", Name, nullable=False, server_default=""),
    Column("element_name", Name, nullable=False, server_default=""),
    Column("zh", Text, nullable=False),
    Column("en", Text, nullable=False),
    Column("job_id", Id),
    Column("command", Json),  # the failed command, to be tried again
    Column("opened_at", Moment, nullable=False),
    Column("resolved_at", Moment),
    Column("resolved_by", Login),
    Column("comment", Text, nullable=False, server_default=""),
    Index("ix_incident_state", "state", "opened_at", "id"),
)

history = Table(
    "history",
    metadata,
    Column("stream", Id, primary_key=True),  # an instance id, or "admin"
    Column("seq", Integer, primary_key=True),  # 1, 2, 3 … without gaps
    Column("at", Moment, nullable=False),
    Column("actor", Login, nullable=False),  # a login, or "system"
    Column("acts_for", Login),  # the person on whose behalf
    Column("kind", String(60), nullable=False),
    Column("payload", Text, nullable=False),  # JSON text exactly as hashed
    Column("hash", String(64), nullable=False),  # HMAC over this row and the hash before it
)

stream_head = Table(
    "stream_head",
    metadata,
    # where a history that does not belong to an instance ends ("admin")
    Column("stream", Id, primary_key=True),
    Column("history_seq", Integer, nullable=False),
    Column("history_hash", String(64), nullable=False),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("actor", Login, primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("request", String(64), nullable=False),  # hash of what was asked
    Column("response", Json, nullable=False),
    Column("created_at", Moment, nullable=False, index=True),
)

# ---------------------------------------------------------------- people

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

# ---------------------------------------------------------------- office

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
    Column("case_id", Id, ForeignKey("case_file.id"), nullable=False),
    Column("task_id", Id, ForeignKey("task.id")),
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
    Index(
        "ix_clock_due",
        "due_at",
        "id",
        postgresql_where=text("state = 'running'"),
        sqlite_where=text("state = 'running'"),
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

# ---------------------------------------------------------------- calendar and settings

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
