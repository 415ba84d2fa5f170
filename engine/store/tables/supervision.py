"""Supervision 监督: cards and their appeals, orders, urges, scans; what is watched; and daily figures for the board."""

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, String, Table, Text, text

from engine.store.tables.base import metadata
from engine.store.tables.types import Big, Code, Id, Json, Login, Moment, Name

card = Table(
    "card",
    metadata,
    # 红黄牌: never deleted; what is wrong is withdrawn
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("case_file.id"), nullable=False),
    Column("case_no", String(40), nullable=False),
    Column("instance_id", Id, ForeignKey("process_instance.id"), nullable=False),
    Column("title", Name, nullable=False),
    Column("process_key", Code, nullable=False),
    Column("item_code", Code, nullable=False),
    Column("state", String(12), nullable=False),
    Column("level", String(8), nullable=False),
    Column("subject", String(16), nullable=False),
    Column("subject_key", String(80), nullable=False),  # the case, or one clock of it
    Column("issue", String(12), nullable=False),  # automatic, awaiting, manual
    Column("clock_id", Id),
    Column("rule_code", Code, nullable=False, server_default=""),
    Column("rules_id", Code, nullable=False, server_default=""),
    Column("rules_version", Integer, nullable=False, server_default=text("0")),
    Column("reason", Text, nullable=False),
    Column("reason_en", Text, nullable=False, server_default=""),
    Column("facts", Json, nullable=False),  # the sum of the clock when the card was issued
    Column("department", Code, nullable=False),
    Column("department_id", Id),
    Column("responsible", Json, nullable=False),  # logins
    Column("receivers", Json, nullable=False),  # logins
    Column("number", Name, nullable=False, server_default=""),  # of the notice 〔2026〕n号
    Column("document_id", Id),
    Column("issued_at", Moment, nullable=False),
    Column("issued_by", Login, nullable=False),
    Column("feedback_due", Moment),
    Column("appeal_due", Moment),
    Column("signed_at", Moment),
    Column("signed_by", Login),
    Column("answer", Text, nullable=False, server_default=""),
    Column("answered_at", Moment),
    Column("answered_by", Login),
    Column("closed_at", Moment),  # closed, withdrawn or superseded
    Column("closed_by", Login),
    Column("close_reason", Text, nullable=False, server_default=""),
    Column("ground", String(8)),  # why it was withdrawn: recheck, appeal, hand
    Column("superseded_by", Id),
    Column("order_id", Id),
    Column("run_id", Id),
    # 申诉
    Column("appeal_state", String(10)),  # open, withdrawn, rejected, referred
    Column("appeal_instance_id", Id),
    Column("appeal_text", Text, nullable=False, server_default=""),
    Column("appealed_at", Moment),
    Column("appealed_by", Login),
    Column("appeal_reply", Text, nullable=False, server_default=""),
    Column("replied_at", Moment),
    Column("replied_by", Login),
    # the cards of a case (every check of it)
    Index("ix_card_case_id", "case_id", "issued_at", "id"),
    # lists by state, newest first; of a department too
    Index("ix_card_state", "state", "level", "issued_at", "id"),
    Index("ix_card_issued", "issued_at", "id"),
    Index("ix_card_department", "department", "issued_at", "id"),
)

card_receiver = Table(
    "card_receiver",
    metadata,
    # 发给我的: whose cards; the responsible and all who are told
    Column("login", Login, primary_key=True),
    Column("card_id", Id, ForeignKey("card.id"), primary_key=True),
    Index("ix_card_receiver_card_id", "card_id"),
)

card_rules = Table(
    "card_rules",
    metadata,
    # the versions of the bureau's rule set; the highest one holds, and none means the shipped one
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("rules_id", Code, nullable=False),
    Column("name", Name, nullable=False),
    Column("source", Text, nullable=False),  # TOML as written
    Column("reason", Text, nullable=False, server_default=""),
    Column("changed_at", Moment, nullable=False),
    Column("changed_by", Login, nullable=False),
)

supervision_order = Table(
    "supervision_order",
    metadata,
    # 督办 in three levels
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("case_file.id"), nullable=False, index=True),
    Column("case_no", String(40), nullable=False),
    Column("instance_id", Id, ForeignKey("process_instance.id"), nullable=False),
    Column("title", Name, nullable=False),
    Column("card_id", Id, ForeignKey("card.id"), index=True),
    Column("level", Integer, nullable=False),
    Column("state", String(10), nullable=False),
    Column("department", Code, nullable=False),
    Column("department_id", Id),
    Column("addressees", Json, nullable=False),
    Column("body", Text, nullable=False),
    Column("number", Name, nullable=False, server_default=""),
    Column("document_id", Id),
    Column("issued_at", Moment, nullable=False),
    Column("issued_by", Login, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("answer", Text, nullable=False, server_default=""),
    Column("answered_at", Moment),
    Column("answered_by", Login),
    Column("closed_at", Moment),
    Column("closed_by", Login),
    Column("close_reason", Text, nullable=False, server_default=""),
    Column("steps", Json, nullable=False),  # sent back, escalated: [{what, at, by, reason, level}]
    Index("ix_supervision_order_state", "state", "due_at", "id"),
    Index("ix_supervision_order_issued", "issued_at", "id"),
    Index("ix_supervision_order_department", "department", "issued_at", "id"),
)

urge = Table(
    "urge",
    metadata,
    # 催办: shown in the flow record, counted in the figures
    Column("id", Id, primary_key=True),
    Column("instance_id", Id, ForeignKey("process_instance.id"), nullable=False),
    Column("task_id", Id, ForeignKey("task.id"), nullable=False),
    Column("element_id", Name, nullable=False),
    Column("element_name", Name, nullable=False),
    Column("definition_key", Code, nullable=False),
    Column("urged_by", Login, nullable=False),
    Column("urged_at", Moment, nullable=False),
    Column("to", Json, nullable=False),  # logins
    Column("channel", String(12), nullable=False),
    Column("body", Text, nullable=False),
    Column("message_id", Id, nullable=False),
    Column("read_at", Moment),
    Column("read_by", Login),
    Index("ix_urge_task_id", "task_id", "urged_at"),
    Index("ix_urge_instance_id", "instance_id", "urged_at"),
    Index("ix_urge_definition_key", "definition_key", "urged_at", "element_id"),
)

scan_run = Table(
    "scan_run",
    metadata,
    # 扫描记录: when, by whom, how much was found; what was answered is counted from the findings
    Column("id", Id, primary_key=True),
    Column("trigger", String(8), nullable=False),  # daily, hand
    Column("started_at", Moment, nullable=False, index=True),
    Column("started_by", Login, nullable=False),
    Column("found", Integer, nullable=False),
    Column("rules_version", Integer, nullable=False),
)

scan_finding = Table(
    "scan_finding",
    metadata,
    Column("id", Id, primary_key=True),
    Column("run_id", Id, ForeignKey("scan_run.id"), nullable=False),
    Column("clock_id", Id, nullable=False),
    Column("case_id", Id, ForeignKey("case_file.id"), nullable=False),
    Column("case_no", String(40), nullable=False),
    Column("title", Name, nullable=False),
    Column("item_code", Code, nullable=False),
    Column("department", Code, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("situation", String(8), nullable=False),  # near, over
    Column("answer", String(8)),  # finish, extend
    Column("note", Text, nullable=False, server_default=""),
    Column("answered_at", Moment),
    Column("answered_by", Login),
    Index("ix_scan_finding_run_id", "run_id", "due_at", "id"),
    Index("ix_scan_finding_department", "department", "run_id"),
)

watch = Table(
    "watch",
    metadata,
    # Clocks that run or stand, each with the moment at which somebody must look again. A queue like ``job``, no history: it
    # is written with every change of a clock and can be made anew from the clocks.
    Column("clock_id", Id, ForeignKey("clock.id"), primary_key=True),
    Column("case_id", Id, ForeignKey("case_file.id"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("state", String(10), nullable=False),
    Column("item_code", Code, nullable=False),
    Column("definition_key", Code, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("short", Boolean, nullable=False),  # a limit under five working days: near only on its last day
    Column("next_look", Moment, nullable=False),  # far in the future: never
    Column("carded", Boolean, nullable=False, server_default=text("false")),
    # What must be looked at now? (scan)
    Index("ix_watch_next_look", "next_look", "clock_id"),
    # How many are open, near, over; which ones? (board)
    Index("ix_watch_board", "kind", "state", "due_at", "short", "item_code"),
    Index("ix_watch_item", "kind", "item_code", "state", "due_at", "short"),
    Index("ix_watch_case_id", "case_id"),
)

case_day = Table(
    "case_day",
    metadata,
    # figures of whole cases by day and item; gathered from the rows, see engine.store.rows.figures
    Column("day", Date, primary_key=True),
    Column("item_code", Code, primary_key=True),
    Column("received", Integer, nullable=False),
    Column("decided", Integer, nullable=False),
    Column("late", Integer, nullable=False),
    Column("minutes", Big, nullable=False),  # working time without suspensions; a working day has 1,440
)

step_day = Table(
    "step_day",
    metadata,
    # figures of steps by the day on which they were done
    Column("day", Date, primary_key=True),
    Column("definition_key", Code, primary_key=True),
    Column("element_id", Name, primary_key=True),
    Column("element_name", Name, nullable=False),
    Column("done", Integer, nullable=False),
    Column("late", Integer, nullable=False),
    Column("minutes", Big, nullable=False),
    Column("limited", Integer, nullable=False),  # how many of them had a limit
    Column("limit_minutes", Big, nullable=False),
    Index("ix_step_day_definition_key", "definition_key", "day"),
)

figures_state = Table(
    "figures_state",
    metadata,
    # until when the figures were gathered; one row, locked by whoever gathers
    Column("name", String(10), primary_key=True),
    Column("until", Moment, nullable=False),
)
