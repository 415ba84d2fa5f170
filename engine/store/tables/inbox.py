"""The inbox and talking about a task: saved views, copies, comments, files of an action, phrases, notifications."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint, text

from engine.store.tables.base import metadata
from engine.store.tables.types import Code, Id, Json, Login, Moment, Name

saved_view = Table(
    "saved_view",
    metadata,
    # 常用查询: a name for what stands behind the question mark of a list's address
    Column("id", Id, primary_key=True),
    Column("owner", Login, ForeignKey("person.login"), nullable=False),
    Column("tab", String(12), nullable=False),
    Column("name", String(40), nullable=False),
    Column("query", Text, nullable=False),
    Column("is_default", Boolean, nullable=False, server_default=text("false")),
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("owner", "tab", "name"),
)

preference = Table(
    "preference",
    metadata,
    # how a person likes the pages: columns of a list, ways of being told
    Column("login", Login, ForeignKey("person.login"), primary_key=True),
    Column("key", Code, primary_key=True),
    Column("value", Json, nullable=False),
)

copy = Table(
    "copy",
    metadata,
    # 抄送: one row for each instance, node and person, however often it is sent
    Column("id", Id, primary_key=True),
    Column("instance_id", Id, ForeignKey("process_instance.id"), nullable=False),
    Column("element_id", Name, nullable=False),
    Column("element_name", Name, nullable=False, server_default=""),
    Column("recipient", Login, nullable=False),
    Column("sent_by", Login, nullable=False),  # "system" when the node itself says so
    Column("note", Text, nullable=False, server_default=""),
    Column("sent_at", Moment, nullable=False),
    Column("read_at", Moment),
    # as in task: a page of the list is one range scan without joins
    Column("definition_key", Code, nullable=False),
    Column("definition_name", Name, nullable=False),
    Column("business_key", Code),
    Column("title", Name, nullable=False, server_default=""),
    Column("applicant", Name, nullable=False, server_default=""),
    Column("urgency", Integer, nullable=False, server_default=text("0")),
    # no copy twice; and who got one of this instance
    UniqueConstraint("instance_id", "element_id", "recipient"),
    # 抄送我的, newest first
    Index("ix_copy_recipient", "recipient", "sent_at", "id"),
    # the figure on the tab
    Index(
        "ix_copy_unread",
        "recipient",
        "id",
        postgresql_where=text("read_at IS NULL"),
        sqlite_where=text("read_at IS NULL"),
    ),
)

comment = Table(
    "comment",
    metadata,
    # 讨论: what people say about an instance beside their decisions
    Column("id", Id, primary_key=True),
    Column("instance_id", Id, ForeignKey("process_instance.id"), nullable=False),
    Column("task_id", Id),
    Column("author", Login, nullable=False),
    Column("body", Text, nullable=False),
    Column("said_at", Moment, nullable=False),
    Column("withdrawn_at", Moment),
    Index("ix_comment_instance_id", "instance_id", "said_at", "id"),
)

mention = Table(
    "mention",
    metadata,
    # who was called by name in a comment, and may therefore see the instance
    Column("instance_id", Id, ForeignKey("process_instance.id"), primary_key=True),
    Column("login", Login, primary_key=True),
    Column("comment_id", Id, nullable=False),  # the first one
)

action_file = Table(
    "action_file",
    metadata,
    # what came with an action on a task: attachments, and the signature
    Column("id", Id, primary_key=True),
    Column("instance_id", Id, ForeignKey("process_instance.id"), nullable=False),
    Column("task_id", Id, ForeignKey("task.id"), nullable=False),
    Column("kind", String(12), nullable=False),  # attachment | signature
    Column("name", Name, nullable=False),
    Column("media_type", Code, nullable=False),
    Column("size", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("storage_key", String(64), nullable=False),
    Column("added_by", Login, nullable=False),
    Column("added_at", Moment, nullable=False),
    Column("removed_at", Moment),
    Index("ix_action_file_instance_id", "instance_id", "added_at", "id"),
    Index("ix_action_file_task_id", "task_id", "kind"),
)

phrase = Table(
    "phrase",
    metadata,
    # 常用语: of a person, or of the whole bureau when there is no owner
    Column("id", Id, primary_key=True),
    Column("owner", Login, ForeignKey("person.login"), index=True),
    Column("position", Integer, nullable=False, server_default=text("0")),
    Column("body", String(200), nullable=False),
    Column("created_at", Moment, nullable=False),
)

notification = Table(
    "notification",
    metadata,
    # one row for each thing that a person is told, whatever the ways on which it goes out
    Column("id", Id, primary_key=True),
    Column("recipient", Login, ForeignKey("person.login"), nullable=False),
    Column("kind", String(12), nullable=False),  # engine.runtime.notice.Kind
    Column("cause", String(120), nullable=False),  # what it is about, so that nothing is told twice
    Column("instance_id", Id, ForeignKey("process_instance.id")),
    Column("task_id", Id),
    Column("title", Name, nullable=False, server_default=""),
    Column("facts", Json, nullable=False),  # what the sentence names: step, who, date
    Column("created_at", Moment, nullable=False),
    Column("read_at", Moment),
    Column("digested_at", Moment),  # when it stood in a daily digest
    UniqueConstraint("recipient", "kind", "cause"),
    Index("ix_notification_recipient", "recipient", "created_at", "id"),
    Index(
        "ix_notification_unread",
        "recipient",
        "id",
        postgresql_where=text("read_at IS NULL"),
        sqlite_where=text("read_at IS NULL"),
    ),
)
