"""Reading process instances: lists, one instance, its history and what its diagram shows."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from engine.access import Actor, InstanceFacts
from engine.runtime.task import OPEN
from engine.store.base.database import Database
from engine.store.base.paging import Page, Row, behind, clamp, page
from engine.store.queries.ballots import seal
from engine.store.queries.inbox_lists import COUNT_CAP
from engine.store.queries.informed import informed
from engine.store.queries.windows import holds, newest_first
from engine.store.tables import case_file, history, incident, process_instance, recusal, task

_LISTED = [
    column
    for column in process_instance.c
    if column.key not in ("machine_state", "search_text", "history_hash", "anchor")
]


class InstanceQueries:
    """Reads instances. Lists are newest first and page by key."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def started_by(
        self,
        actor: Actor,
        *,
        text: str = "",
        definition_key: str = "",
        state: str = "",
        after: str | None = None,
        limit: int = 20,
    ) -> Page:
        """我发起的: what the actor started."""
        return self.all(
            started_by=actor.login,
            text=text,
            definition_key=definition_key or None,
            state=state or None,
            after=after,
            limit=limit,
        )

    def lately_started(self, actor: Actor, *, most: int = 200) -> list[str]:
        """What the actor started, latest first: the code of the item where it was a case, otherwise the key of the process."""
        what = func.coalesce(case_file.c.item_code, process_instance.c.definition_key).label("what")
        mine = (
            select(what)
            .outerjoin(case_file, case_file.c.instance_id == process_instance.c.id)
            .where(process_instance.c.started_by == actor.login)
        )
        ordered = mine.order_by(process_instance.c.started_at.desc(), process_instance.c.id.desc())
        return [str(row["what"]) for row in self._rows(ordered.limit(most))]

    def started_count(self, actor: Actor) -> int:
        """How many instances the actor started, at most COUNT_CAP."""
        mine = select(process_instance.c.id).where(process_instance.c.started_by == actor.login).limit(COUNT_CAP)
        return int(self._rows(select(func.count().label("n")).select_from(mine.subquery()))[0]["n"])

    def all(
        self,
        *,
        definition_key: str | None = None,
        state: str | None = None,
        business_key: str | None = None,
        started_by: str | None = None,
        text: str = "",
        after: str | None = None,
        limit: int = 50,
    ) -> Page:
        """All instances, narrowed. Whoever may not see them all gets those with ``started_by`` set to themselves."""
        given = {
            "definition_key": definition_key,
            "state": state,
            "business_key": business_key,
            "started_by": started_by,
        }
        conditions = [process_instance.c[name] == value for name, value in given.items() if value]
        return self._newest_first(conditions, text, after, limit)

    def get(self, instance_id: str) -> Row | None:
        """One instance without its machine state, or None."""
        rows = self._rows(select(*_LISTED).where(process_instance.c.id == instance_id))
        return rows[0] if rows else None

    def titles(self, instance_ids: Iterable[str | None]) -> dict[str, str]:
        """What some instances are called: {id: title}; those without a title are left out."""
        columns = process_instance.c.id, process_instance.c.title
        statement = select(*columns).where(process_instance.c.id.in_({each for each in instance_ids if each}))
        return {row["id"]: row["title"] for row in self._rows(statement) if row["title"]}

    def definitions_of(self, instance_ids: list[str]) -> dict[str, str]:
        """{instance id: definition id} of a page of instances, in one statement."""
        named = select(process_instance.c.id, process_instance.c.definition_id)
        return {
            row["id"]: row["definition_id"] for row in self._rows(named.where(process_instance.c.id.in_(instance_ids)))
        }

    def facts(self, instance_id: str) -> InstanceFacts | None:
        """What the access rules need to know of an instance, or None when there is none."""
        people = select(
            *(task.c.state, task.c.assignee, task.c.closed_by, task.c.principal),
            *(task.c.candidate_users, task.c.candidate_groups),
        )
        with self.database.read() as connection:
            header = connection.execute(
                select(process_instance.c.started_by, case_file.c.filed_by)
                .join(case_file, case_file.c.instance_id == process_instance.c.id, isouter=True)
                .where(process_instance.c.id == instance_id)
            ).first()
            if header is None:
                return None
            rows = connection.execute(people.where(task.c.instance_id == instance_id)).all()
            told = informed(connection, instance_id)
        open_rows = [row for row in rows if row.state in OPEN]
        unclaimed = [row for row in open_rows if row.assignee is None]
        involved = {login for row in rows for login in (row.assignee, row.closed_by, row.principal) if login}
        return InstanceFacts(
            instance_id=instance_id,
            started_by=header.filed_by or header.started_by,
            involved=frozenset(involved),
            informed=told,
            offered_users=frozenset(login for row in open_rows for login in row.candidate_users),
            offered_groups=frozenset(key for row in open_rows for key in row.candidate_groups),
            holders=frozenset(row.assignee for row in open_rows if row.assignee),
            unclaimed_users=frozenset(login for row in unclaimed for login in row.candidate_users),
            unclaimed_groups=frozenset(key for row in unclaimed for key in row.candidate_groups),
        )

    def recusals(self, instance_id: str) -> list[Row]:
        """The recusals of an instance, oldest first, the lifted ones too."""
        statement = select(recusal).where(recusal.c.instance_id == instance_id)
        return self._rows(statement.order_by(recusal.c.declared_at, recusal.c.id))

    def history(self, instance_id: str, *, after: int = 0, limit: int = 200) -> list[Row]:
        """Events of an instance behind sequence number ``after``: {seq, at, actor, acts_for, kind, data}.

        Votes of a secret ballot that is not closed come without their values, for everybody.
        """
        statement = (
            select(history)
            .where(history.c.stream == instance_id, history.c.seq > after)
            .order_by(history.c.seq)
            .limit(max(1, min(limit, 1000)))
        )
        with self.database.read() as connection:
            return seal(connection, [_event(row) for row in connection.execute(statement)])

    def newest_history(self, instance_id: str, *, limit: int | None) -> list[Row]:
        """The last ``limit`` events of an instance (all: None), oldest first; each as ``history`` gives it."""
        statement = select(history).where(history.c.stream == instance_id).order_by(history.c.seq.desc()).limit(limit)
        with self.database.read() as connection:
            return seal(connection, [_event(row) for row in connection.execute(statement)][::-1])

    def element_states(self, instance_id: str) -> dict[str, str]:
        """What the diagram shows: {element id: "done" | "active" | "cancelled"}, the latest word on each element."""
        kinds = {"ActivityEntered": "active", "ActivityCompleted": "done", "ActivityCancelled": "cancelled"}
        statement = (
            select(history.c.kind, history.c.payload)
            .where(history.c.stream == instance_id, history.c.kind.in_(kinds))
            .order_by(history.c.seq)
        )
        states: dict[str, str] = {}
        for row in self._rows(statement):
            states[json.loads(row["payload"])["element_id"]] = kinds[row["kind"]]
        for row in self._rows(
            select(task.c.element_id).where(task.c.instance_id == instance_id, task.c.state.in_(OPEN))
        ):
            states[row["element_id"]] = "active"
        open_incidents = select(incident.c.element_id).where(
            incident.c.instance_id == instance_id, incident.c.state == "open", incident.c.element_id != ""
        )
        for row in self._rows(open_incidents):
            states[row["element_id"]] = "failed"
        return states

    def incidents(
        self, *, instance_id: str | None = None, state: str | None = "open", after: str | None = None, limit: int = 50
    ) -> Page:
        """Incidents, oldest first."""
        limit = clamp(limit)
        conditions: list[ColumnElement[bool]] = []
        if instance_id is not None:
            conditions.append(incident.c.instance_id == instance_id)
        if state is not None:
            conditions.append(incident.c.state == state)
        later = behind(after, incident.c.opened_at, incident.c.id)
        if later is not None:
            conditions.append(later)
        ordered = select(incident).where(*conditions).order_by(incident.c.opened_at, incident.c.id).limit(limit + 1)
        return page(self._rows(ordered), limit, "opened_at", "id")

    def open_incidents(self) -> int:
        """How many incidents are open; not more than ``COUNT_CAP``."""
        some = select(incident.c.id).where(incident.c.state == "open").limit(COUNT_CAP).subquery()
        with self.database.read() as connection:
            return int(connection.execute(select(func.count()).select_from(some)).scalar_one())

    def count_by_state(self) -> dict[str, int]:
        """How many instances stand where."""
        statement = select(process_instance.c.state, func.count().label("n")).group_by(process_instance.c.state)
        return {row["state"]: row["n"] for row in self._rows(statement)}

    def _newest_first(self, conditions: list[Any], text: str, after: str | None, limit: int) -> Page:
        later = behind(after, process_instance.c.started_at, process_instance.c.id, descending=True)
        listed = select(*_LISTED).where(*conditions, *([] if later is None else [later]))
        keys = (process_instance.c.started_at, process_instance.c.id)
        with self.database.read() as connection:
            return newest_first(
                connection,
                listed,
                keys,
                clamp(limit),
                (lambda near: [holds(near, text, "business_key", "title", "applicant")]) if text else None,
            )

    def _rows(self, statement: Select[Any]) -> list[Row]:
        with self.database.read() as connection:
            return [dict(row._mapping) for row in connection.execute(statement)]


def _event(row: Any) -> Row:
    kept = {name: row._mapping[name] for name in ("seq", "at", "actor", "acts_for", "kind")}
    return kept | {"data": json.loads(row.payload)}
