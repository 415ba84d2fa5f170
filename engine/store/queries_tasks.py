"""Reading tasks: the four tabs of the inbox, one task, and what the access rules need to know of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, TextClause, and_, bindparam, func, or_, select, text

from engine.access import Actor, TaskFacts
from engine.store.database import Database
from engine.store.paging import Page, Row, behind, clamp, page, values_of
from engine.store.tables import process_instance, task, task_offer
from engine.store.types import Moment

COUNT_CAP = 1000  # beyond this a page shows "999+": counting a million rows for a badge helps nobody


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFilter:
    """What an inbox is narrowed by; all parts optional."""

    text: str = ""  # in number, title or applicant
    definition_key: str = ""
    element_name: str = ""
    due_before: datetime | None = None
    created_from: datetime | None = None
    created_until: datetime | None = None
    urgency: int | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        if self.text:
            pattern = f"%{_escaped(self.text)}%"
            columns = (task.c.business_key, task.c.title, task.c.applicant)
            found.append(or_(*(column.ilike(pattern, escape="\\") for column in columns)))
        if self.definition_key:
            found.append(task.c.definition_key == self.definition_key)
        if self.element_name:
            found.append(task.c.element_name == self.element_name)
        if self.due_before is not None:
            found.append(task.c.due_sort <= self.due_before)
        if self.created_from is not None:
            found.append(task.c.created_at >= self.created_from)
        if self.created_until is not None:
            found.append(task.c.created_at < self.created_until)
        if self.urgency is not None:
            found.append(task.c.urgency == self.urgency)
        return found


NO_FILTER = TaskFilter()


class TaskQueries:
    """Reads tasks. Every list pages by key."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def assigned(
        self, actor: Actor, narrow: TaskFilter = NO_FILTER, *, after: str | None = None, limit: int = 20
    ) -> Page:
        """待办: what the actor holds, by deadline."""
        mine = and_(task.c.state == "assigned", task.c.assignee == actor.login)
        return self._by_due(mine, narrow, after, limit)

    def offered(
        self, actor: Actor, narrow: TaskFilter = NO_FILTER, *, after: str | None = None, limit: int = 20
    ) -> Page:
        """待认领: unclaimed tasks of which the actor is a candidate, by deadline.

        One short range scan per candidate, merged: the cost grows with the number of groups, not of tasks.
        """
        return self._offered(candidates_of(actor), narrow, after, limit)

    def done(self, actor: Actor, narrow: TaskFilter = NO_FILTER, *, after: str | None = None, limit: int = 20) -> Page:
        """已办: what the actor completed, newest first."""
        limit = clamp(limit)
        conditions = [task.c.state == "completed", task.c.closed_by == actor.login, *narrow.conditions()]
        later = behind(after, task.c.closed_at, task.c.id, descending=True)
        statement = select(task).where(*conditions, *([] if later is None else [later]))
        ordered = statement.order_by(task.c.closed_at.desc(), task.c.id.desc()).limit(limit + 1)
        return page(self._rows(ordered), limit, "closed_at", "id")

    def counts(self, actor: Actor) -> dict[str, int]:
        """The figures on the tabs: {"assigned", "offered"}, each at most COUNT_CAP."""
        candidates = candidates_of(actor)
        parameters = _numbered(candidates) | {"cap": COUNT_CAP}
        with self.database.read() as connection:
            assigned = connection.scalar(_HELD, {"login": actor.login}) or 0
            offered = connection.scalar(_offer_count(len(candidates)), parameters) or 0
        return {"assigned": assigned, "offered": min(offered, COUNT_CAP)}

    def open(
        self,
        *,
        assignee: str | None = None,
        candidate: str | None = None,
        instance_id: str | None = None,
        after: str | None = None,
        limit: int = 50,
    ) -> Page:
        """Open tasks by deadline, narrowed by holder, by candidate ("user:…" or "group:…") or by instance."""
        if candidate is not None:
            narrow = [] if instance_id is None else [task.c.instance_id == instance_id]
            return self._offered([candidate], NO_FILTER, after, limit, narrow)
        conditions: list[ColumnElement[bool]] = [task.c.state.in_(["offered", "assigned"])]
        if assignee is not None:
            conditions = [task.c.state == "assigned", task.c.assignee == assignee]
        if instance_id is not None:
            conditions.append(task.c.instance_id == instance_id)
        return self._by_due(and_(*conditions), NO_FILTER, after, limit)

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
        statement = select(task.c.assignee, task.c.closed_by).where(task.c.instance_id == row["instance_id"])
        starter = select(process_instance.c.started_by).where(process_instance.c.id == row["instance_id"])
        with self.database.read() as connection:
            people = {login for pair in connection.execute(statement) for login in pair if login}
            started_by = connection.scalar(starter)
        return TaskFacts(
            task_id=row["id"],
            assignee=row["assignee"],
            candidate_users=frozenset(row["candidate_users"]),
            candidate_groups=frozenset(row["candidate_groups"]),
            closed_by=row["closed_by"],
            involved=frozenset(people | ({started_by} if started_by else set())),
        )

    def _by_due(self, condition: ColumnElement[bool], narrow: TaskFilter, after: str | None, limit: int) -> Page:
        limit = clamp(limit)
        later = behind(after, task.c.due_sort, task.c.id)
        conditions = [condition, *narrow.conditions(), *([] if later is None else [later])]
        statement = select(task).where(*conditions).order_by(task.c.due_sort, task.c.id).limit(limit + 1)
        return page(self._rows(statement), limit, "due_sort", "id")

    def _offered(
        self,
        candidates: Sequence[str],
        narrow: TaskFilter,
        after: str | None,
        limit: int,
        more: Sequence[ColumnElement[bool]] = (),
    ) -> Page:
        limit = clamp(limit)
        conditions = [*narrow.conditions(), *more]
        with self.database.read() as connection:
            if conditions:
                found = connection.execute(_narrowed_offers(candidates, conditions, after, limit + 1))
            else:
                parameters = _numbered(candidates) | {"count": limit + 1}
                if after:
                    parameters["due"], parameters["id"] = values_of(
                        after, (task_offer.c.due_sort, task_offer.c.task_id)
                    )
                found = connection.execute(_nearest_offers(len(candidates), bool(after)), parameters)
            ids = [row.task_id for row in found]
            rows = connection.execute(_BY_IDS, {"ids": ids}).all() if ids else []
        by_id = {row.id: dict(row._mapping) for row in rows}
        return page([by_id[task_id] for task_id in ids if task_id in by_id], limit, "due_sort", "id")

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
_BY_IDS = select(task).where(task.c.id.in_(bindparam("ids", expanding=True)))

# A person in twenty groups is a union of twenty-one short range scans. Written as text, once for each number of groups: building
# such a statement out of expressions takes the library ten times as long as the database needs to answer it.


@cache
def _nearest_offers(candidates: int, later: bool) -> TextClause:
    behind_cursor = "AND (due_sort, task_id) > (:due, :id) " if later else ""
    scans = " UNION ALL ".join(
        f"SELECT * FROM (SELECT due_sort, task_id FROM task_offer WHERE candidate = :c{i} {behind_cursor}"  # noqa: S608
        f"ORDER BY due_sort, task_id LIMIT :count) AS b{i}"
        for i in range(candidates)
    )
    statement = text(
        f"SELECT DISTINCT due_sort, task_id FROM ({scans}) AS merged ORDER BY due_sort, task_id LIMIT :count"  # noqa: S608
    )
    return statement.bindparams(bindparam("due", type_=Moment)) if later else statement


@cache
def _offer_count(candidates: int) -> TextClause:
    scans = " UNION ALL ".join(
        f"SELECT * FROM (SELECT task_id FROM task_offer WHERE candidate = :c{i} LIMIT :cap) AS b{i}"  # noqa: S608
        for i in range(candidates)
    )
    return text(f"SELECT count(DISTINCT task_id) FROM ({scans}) AS merged")  # noqa: S608


def _numbered(candidates: Sequence[str]) -> dict[str, Any]:
    return {f"c{i}": candidate for i, candidate in enumerate(candidates)}


def _narrowed_offers(
    candidates: Sequence[str], conditions: Sequence[ColumnElement[bool]], after: str | None, count: int
) -> Select[Any]:
    """With a filter, the tasks themselves must be looked at: one scan over all candidates."""
    joined = task_offer.join(task, task.c.id == task_offer.c.task_id)
    later = behind(after, task_offer.c.due_sort, task_offer.c.task_id)
    wanted = [task_offer.c.candidate.in_(candidates), *conditions, *([] if later is None else [later])]
    statement = select(task_offer.c.due_sort, task_offer.c.task_id).select_from(joined).where(*wanted).distinct()
    return statement.order_by(task_offer.c.due_sort, task_offer.c.task_id).limit(count)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
