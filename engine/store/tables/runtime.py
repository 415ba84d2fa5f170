"""What runs: instances, tasks, waits, jobs, incidents, and the history that explains them."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, text

from engine.store.tables.base import metadata
from engine.store.tables.types import Code, Id, Json, Login, Moment, Name

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
    Column("recused", Json),  # 回避: logins that may not act here; every command has this row under its lock
    Column(
        "returns", Integer, nullable=False, server_default=text("0")
    ),  # 退回: how often; then tasks count their rounds
    Column("started_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("revision", Integer, nullable=False),
    Column("history_seq", Integer, nullable=False),
    Column("history_hash", String(64), nullable=False),
    Column("anchor", Integer, nullable=False, server_default=text("0")),  # that told of this head; 0 since it changed
    Column("search_text", Text),  # what the form fields hold now, by name: see engine.runtime.searching
    Column("machine_state", Text),  # last column on purpose: lists never read it
    # 我发起的: my running and finished instances, newest first
    Index("ix_process_instance_started_by", "started_by", "started_at", "id"),
    Index("ix_process_instance_business_key", "business_key"),
    # all instances of a definition / all running ones, newest first (admin, API)
    Index("ix_process_instance_definition_key", "definition_key", "state", "started_at", "id"),
    Index("ix_process_instance_state", "state", "started_at", "id"),
    # what the next anchor tells of; the history's end is in no index, so that PostgreSQL can update a row where it stands
    Index("ix_process_instance_anchor", "id", sqlite_where=text("anchor = 0"), postgresql_where=text("anchor = 0")),
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
    # one token can have several tasks, its seats: see engine.runtime.task.Seat
    Column("seat", String(8), nullable=False, server_default="holder"),
    Column("power", String(8), nullable=False, server_default="decide"),
    Column("ballot_id", Id),
    Column(
        "round", Integer, nullable=False, server_default=text("1")
    ),  # how often the element was begun anew by a return
    Column("parent_id", Id),  # the task whose holder asked for this one
    Column("added_by", Login),  # who added this signer
    Column("delegated_by", Login),  # who asked for this advice
    Column("principal", Login),  # for whom a proxy holds it
    Column("signers", Json),  # whom its holder added before and after himself: engine.runtime.signers.Plan
    Column("why", Json),  # how its people were found, who was skipped and for what reason
    Column("read_at", Moment),  # when its holder first opened it
    Column(
        "announced_at", Moment
    ),  # when its holder was told of it, or needed not to be: see engine.commands.notices.notifications
    # copies from the instance, so that an inbox page is one range scan without joins
    Column("definition_key", Code, nullable=False),
    Column("definition_name", Name, nullable=False),
    Column("business_key", Code),
    Column("title", Name, nullable=False, server_default=""),
    Column("applicant", Name, nullable=False, server_default=""),
    Column("urgency", Integer, nullable=False, server_default=text("0")),
    Column(
        "urgency_sort", Integer, nullable=False, server_default=text("9")
    ),  # 9 - urgency: the most urgent first, ascending
    # 待办: what I hold, by deadline
    Index(
        "ix_task_assignee_due",
        "assignee",
        "due_sort",
        "id",
        postgresql_where=text("state = 'assigned'"),
        sqlite_where=text("state = 'assigned'"),
    ),
    # 待办, as people may sort it: newest first, most urgent first
    Index(
        "ix_task_assignee_received",
        "assignee",
        "created_at",
        "id",
        postgresql_where=text("state = 'assigned'"),
        sqlite_where=text("state = 'assigned'"),
    ),
    Index(
        "ix_task_assignee_urgency",
        "assignee",
        "urgency_sort",
        "due_sort",
        "id",
        postgresql_where=text("state = 'assigned'"),
        sqlite_where=text("state = 'assigned'"),
    ),
    # whose holder was not told yet (every minute)
    Index(
        "ix_task_unannounced",
        "id",
        postgresql_where=text("state = 'assigned' AND announced_at IS NULL"),
        sqlite_where=text("state = 'assigned' AND announced_at IS NULL"),
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
    # how many wait at each step (supervision board)
    Index(
        "ix_task_open_element",
        "definition_key",
        "element_id",
        "due_sort",
        postgresql_where=text("state IN ('offered', 'assigned')"),
        sqlite_where=text("state IN ('offered', 'assigned')"),
    ),
    # what was done since the figures were gathered (supervision board)
    Index(
        "ix_task_done",
        "closed_at",
        "id",
        postgresql_where=text("state = 'completed'"),
        sqlite_where=text("state = 'completed'"),
    ),
    # all seats of one token (every command on a task)
    Index("ix_task_token_id", "token_id"),
    # what is done for me by proxies
    Index(
        "ix_task_principal",
        "principal",
        "id",
        postgresql_where=text("principal IS NOT NULL AND closed_at IS NULL"),
        sqlite_where=text("principal IS NOT NULL AND closed_at IS NULL"),
    ),
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
    Column("created_at", Moment, nullable=False, server_default=text("CURRENT_TIMESTAMP")),
    Column("urgency_sort", Integer, nullable=False, server_default=text("9")),
    Index("ix_task_offer_task_id", "task_id"),
    # 待认领, as people may sort it
    Index("ix_task_offer_received", "candidate", "created_at", "task_id"),
    Index("ix_task_offer_urgency", "candidate", "urgency_sort", "due_sort", "task_id"),
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
    Column("correlation_digest", String(32), nullable=False, server_default=""),
    # Who waits for this message with these keys, or for this signal? Thousands of cases wait for one name.
    Index("ix_subscription_name", "kind", "name", "correlation_digest"),
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
