"""Reading tasks: the lists of the inbox, one task, and what the access rules need to know of it. The SQL: ``inbox_lists``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, func, select

from engine.access import Actor, TaskFacts
from engine.forms import Right, parse_rights, right_of
from engine.runtime.searching import fields_with
from engine.store.base.database import Database
from engine.store.base.paging import Page, Row, clamp, cursor_of, page
from engine.store.queries.inbox_lists import (
    CLOSED,
    COUNT_CAP,
    DUE,
    NO_FILTER,
    WINDOW,
    Offers,
    Order,
    Rows,
    Source,
    TaskFilter,
    counted_offers,
    numbered,
)
from engine.store.queries.informed import informed
from engine.store.tables import process_instance, task

CHUNK = 100  # matching rows that a search takes at once

Keep = Callable[[Row], bool]


class TaskQueries:
    """Reads tasks. Every list pages by key."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def assigned(self, actor: Actor, narrow: TaskFilter = NO_FILTER, **options: Any) -> Page:
        """待办: what the actor holds. ``options`` are those of ``listed``."""
        mine = and_(task.c.state == "assigned", task.c.assignee == actor.login)
        return self.listed(Rows(mine), narrow, **options)

    def offered(self, actor: Actor, narrow: TaskFilter = NO_FILTER, **options: Any) -> Page:
        """待认领: unclaimed tasks of which the actor is a candidate.

        One short range per candidate, merged: the cost grows with the number of groups, not of tasks.
        """
        return self.listed(Offers(candidates_of(actor)), narrow, **options)

    def done(self, actor: Actor, narrow: TaskFilter = NO_FILTER, **options: Any) -> Page:
        """已办: what the actor completed, newest first."""
        mine = and_(task.c.state == "completed", task.c.closed_by == actor.login)
        return self.listed(Rows(mine), narrow, **{"order": CLOSED, **options})

    def listed(
        self,
        source: Source,
        narrow: TaskFilter = NO_FILTER,
        *,
        order: Order = DUE,
        keep: Keep | None = None,
        after: str | None = None,
        limit: int = 20,
    ) -> Page:
        """One page of a list in ``order``, narrowed by a filter and by ``keep``, a question to each row that SQL cannot answer.

        A narrowed page looks at no more than WINDOW rows; see ``inbox_lists`` and ``Page.searched``.
        """
        limit = clamp(limit)
        with self.database.read() as connection:
            if narrow == NO_FILTER and keep is None:
                return page(source.rows(connection, order, after, limit + 1), limit, *order.columns)
            return _searched(connection, source, narrow, order, keep, after, limit)

    def counts(self, actor: Actor) -> dict[str, int]:
        """The figures on the tabs: {"assigned", "offered"}, each at most COUNT_CAP."""
        candidates = candidates_of(actor)
        parameters = numbered(candidates) | {"cap": COUNT_CAP}
        with self.database.read() as connection:
            assigned = connection.scalar(_HELD, {"login": actor.login}) or 0
            offered = connection.scalar(counted_offers(len(candidates)), parameters) or 0
        return {"assigned": assigned, "offered": min(offered, COUNT_CAP)}

    def done_count(self, actor: Actor) -> int:
        """How many tasks the actor completed, at most COUNT_CAP."""
        with self.database.read() as connection:
            return connection.scalar(_DONE, {"login": actor.login}) or 0

    def open(
        self,
        *,
        assignee: str | None = None,
        candidate: str | None = None,
        instance_id: str | None = None,
        narrow: TaskFilter = NO_FILTER,
        **options: Any,
    ) -> Page:
        """Open tasks by deadline, narrowed by holder, by candidate ("user:…" or "group:…"), by instance and by a filter.
        ``options`` are those of ``listed``."""
        options = {"limit": 50, **options}
        if candidate is not None:
            if instance_id is not None:
                narrow = replace(narrow, instance_id=instance_id)
            return self.listed(Offers([candidate]), narrow, **options)
        conditions: list[ColumnElement[bool]] = [task.c.state.in_(["offered", "assigned"])]
        if assignee is not None:
            conditions = [task.c.state == "assigned", task.c.assignee == assignee]
        if instance_id is not None:
            conditions.append(task.c.instance_id == instance_id)
        return self.listed(Rows(and_(*conditions)), narrow, **options)

    def of_instance(self, instance_id: str) -> list[Row]:
        """All tasks of an instance, in the order of their creation."""
        statement = select(task).where(task.c.instance_id == instance_id).order_by(task.c.created_at, task.c.id)
        return self._rows(statement)

    def get(self, task_id: str) -> Row | None:
        """One task, or None."""
        rows = self._rows(select(task).where(task.c.id == task_id))
        return rows[0] if rows else None

    def facts(self, row: Mapping[str, Any]) -> TaskFacts:
        """What the access rules need to know of a task: its people, and whoever is involved in its instance."""
        people_of = (task.c.assignee, task.c.closed_by, task.c.principal)
        statement = select(*people_of).where(task.c.instance_id == row["instance_id"])
        starter = select(process_instance.c.started_by).where(process_instance.c.id == row["instance_id"])
        with self.database.read() as connection:
            people = {login for found in connection.execute(statement) for login in found if login}
            started_by = connection.scalar(starter)
            told = informed(connection, row["instance_id"])
        return TaskFacts(
            task_id=row["id"],
            assignee=row["assignee"],
            candidate_users=frozenset(row["candidate_users"]),
            candidate_groups=frozenset(row["candidate_groups"]),
            closed_by=row["closed_by"],
            involved=frozenset(people | ({started_by} if started_by else set())),
            informed=told,
        )

    def _rows(self, statement: Select[Any]) -> list[Row]:
        with self.database.read() as connection:
            return [dict(row._mapping) for row in connection.execute(statement)]


def candidates_of(actor: Actor) -> list[str]:
    """The candidate texts under which tasks are offered to the actor."""
    return [f"user:{actor.login}", *(f"group:{key}" for key in sorted(actor.groups))]


_HELD = select(func.count()).select_from(
    select(task.c.id)
    .where(task.c.state == "assigned", task.c.assignee == bindparam("login"))
    .limit(COUNT_CAP)
    .subquery()
)


_DONE = select(func.count()).select_from(
    select(task.c.id)
    .where(task.c.state == "completed", task.c.closed_by == bindparam("login"))
    .limit(COUNT_CAP)
    .subquery()
)


def _searched(
    connection: Connection,
    source: Source,
    narrow: TaskFilter,
    order: Order,
    keep: Keep | None,
    after: str | None,
    limit: int,
) -> Page:
    """Look through the window behind ``after`` until the page is full or the window has ended."""
    end = source.key_at(connection, order, after, WINDOW)
    found: list[Row] = []
    cursor, rows = after, [Row()]
    while rows:
        rows = source.rows(connection, order, cursor, CHUNK, narrow=narrow, end=end)
        found += [row for row in rows if _shows(row, narrow) and (keep is None or keep(row))]
        if len(found) > limit:
            return page(found, limit, *order.columns)
        if len(rows) < CHUNK:
            break
        cursor = cursor_of([rows[-1][name] for name in order.columns])
    if end is None:
        return Page(found)
    return Page(found, cursor_of(end), searched=WINDOW)


def _shows(row: Row, narrow: TaskFilter) -> bool:
    """Whether the keyword stands in something that the task shows: a hidden field must not be found out by searching."""
    if not narrow.reads_fields:
        return True
    rights = parse_rights(str(row["settings"].get("fields", "")))

    def seen(keyword: str, only: str = "") -> bool:
        names = fields_with(row["search_text"], keyword)
        return any(right_of(name, rights) is not Right.HIDDEN for name in names if only in ("", name))

    if narrow.form_value and not seen(narrow.form_value, narrow.form_field):
        return False
    return not narrow.text or bool(row["in_row"]) or seen(narrow.text)
