"""Asking others: how a task passed from hand to hand, who stands in for whom, what a leaver handed over."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, text

from engine.store.tables.base import metadata
from engine.store.tables.types import Id, Json, Login, Moment

task_transfer = Table(
    "task_transfer",
    metadata,
    # 转办: one link of a chain
    Column("task_id", Id, ForeignKey("task.id"), primary_key=True),
    Column("seq", Integer, primary_key=True),  # its number in the instance's history
    Column("instance_id", Id, ForeignKey("process_instance.id"), nullable=False),
    Column("sender", Login),  # NULL: it lay in a pool
    Column("receiver", Login, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("by_login", Login, nullable=False),
    Column("at", Moment, nullable=False),
    # the chains of an instance, for its page
    Index("ix_task_transfer_instance_id", "instance_id", "seq"),
)

proxy_rule = Table(
    "proxy_rule",
    metadata,
    # 代理: who stands in for whom during [starts_at, ends_at)
    Column("id", Id, primary_key=True),
    Column("principal", Login, ForeignKey("person.login"), nullable=False),
    Column("proxy", Login, ForeignKey("person.login"), nullable=False),
    Column("starts_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False),
    Column("scope", Json, nullable=False),  # engine.runtime.proxy.ProxyScope
    Column("power", String(8), nullable=False),
    Column("mode", String(8), nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("granted_by", Login, nullable=False),
    Column("granted_at", Moment, nullable=False),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    Column("revoked_at", Moment),
    Column("revoked_by", Login),
    Column("revoke_reason", Text, nullable=False, server_default=""),
    # whose proxies: mine, and those for whom I stand in
    Index("ix_proxy_rule_principal", "principal", "ends_at", "id"),
    Index("ix_proxy_rule_proxy", "proxy", "ends_at", "id"),
    # all that may hold now (every task that is offered)
    Index(
        "ix_proxy_rule_active",
        "ends_at",
        "starts_at",
        postgresql_where=text("active"),
        sqlite_where=text("active"),
    ),
)

handover = Table(
    "handover",
    metadata,
    # 离职交接: one row for each time it was run, with what moved and what did not
    Column("id", Id, primary_key=True),
    Column("leaver", Login, ForeignKey("person.login"), nullable=False),
    Column("by_login", Login, nullable=False),
    Column("at", Moment, nullable=False),
    Column("moved", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
    Column("report", Json, nullable=False),
    Index("ix_handover_leaver", "leaver", "at", "id"),
)
