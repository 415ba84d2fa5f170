"""待认领 of a proxy: what is offered to those for whom he stands in, within the scope of each rule (P-7.2).

Only for people who are somebody's proxy (``Actor.stands_in``): everybody else's list is read as if there were no proxies.
Whether a task falls under a rule is asked of rows that the merged ranges of the pools give, a hundred at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from engine.access import Actor
from engine.records import record
from engine.store.base.database import Database
from engine.store.base.paging import Page, Row
from engine.store.queries import proxy_figures
from engine.store.queries.inbox_lists import NO_FILTER, Offers, Order, TaskFilter
from engine.store.queries.proxy_standing import FOR, Standing
from engine.store.queries.tasks import Keep, TaskQueries


@record(kw_only=False)
class MarkedOffers:
    """``Offers`` whose rows say for whom they may be claimed."""

    standing: Standing
    offers: Offers

    def key_at(self, connection: Connection, order: Order, after: str | None, place: int) -> list[Any] | None:
        return self.offers.key_at(connection, order, after, place)

    def rows(
        self,
        connection: Connection,
        order: Order,
        after: str | None,
        count: int,
        *,
        narrow: TaskFilter = NO_FILTER,
        end: Sequence[Any] | None = None,
    ) -> list[Row]:
        found = self.offers.rows(connection, order, after, count, narrow=narrow, end=end)
        return self.standing.marked(connection, found)


class ProxyOfferQueries:
    """Reads what somebody may claim or take in the place of others."""

    def __init__(self, database: Database, tasks: TaskQueries) -> None:
        self.database = database
        self.tasks = tasks

    def page(
        self,
        actor: Actor,
        now: datetime,
        narrow: TaskFilter = NO_FILTER,
        *,
        keep: Keep | None = None,
        **options: Any,
    ) -> Page:
        """待认领 of a proxy: his own offers, and those of his principals, each marked with ``FOR``."""
        with self.database.read() as connection:
            standing = Standing.of(connection, actor, now)
        if not standing.groups:
            return self.tasks.offered(actor, narrow, keep=keep, **options)
        source = MarkedOffers(standing, Offers(standing.candidates))
        return self.tasks.listed(
            source, narrow, keep=lambda row: row[FOR] != "" and (keep is None or keep(row)), **options
        )

    def count(self, actor: Actor, now: datetime) -> int:
        """How many tasks are offered to the actor and, in his reach as a proxy, to his principals; at most COUNT_CAP."""
        with self.database.read() as connection:
            return proxy_figures.count(connection, Standing.of(connection, actor, now))

    def principal(self, actor: Actor, now: datetime, row: Row) -> str | None:
        """For whom the actor may take this open task, or None. No statement for somebody who is nobody's proxy."""
        if not actor.stands_in or row["state"] not in ("offered", "assigned") or row["assignee"] == actor.login:
            return None
        with self.database.read() as connection:
            standing = Standing.of(connection, actor, now)
            return standing.marked(connection, [row])[0][FOR] or None

    def may_take_any(self, actor: Actor, now: datetime, instance_id: str) -> bool:
        """Whether the actor may take any open task of an instance in somebody's place."""
        if not actor.stands_in:
            return False
        rows = [row for row in self.tasks.of_instance(instance_id) if row["state"] in ("offered", "assigned")]
        with self.database.read() as connection:
            standing = Standing.of(connection, actor, now)
            return any(row[FOR] for row in standing.marked(connection, rows))
