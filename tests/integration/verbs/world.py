"""What is in the tables, read plainly: the facts by which commands are judged, and all rows, to see that a refusal changed none."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Table, bindparam, select

from engine.store import tables
from engine.store.database import Database

Row = dict[str, Any]
Rows = dict[str, list[tuple[Any, ...]]]

TABLES = tuple(tables.metadata.sorted_tables)
OPEN = ("offered", "assigned", "waiting")
ENDED = ("completed", "terminated", "failed")


READ = {
    table: select(table).where(table.c.instance_id == bindparam("id"))
    if "instance_id" in table.c
    else select(table).where(table.c.id == bindparam("id"))
    if table is tables.process_instance
    else select(table)
    for table in (
        tables.process_instance,
        tables.task,
        tables.task_offer,
        tables.task_transfer,
        tables.task_return,
        tables.ballot,
        tables.ballot_member,
        tables.ballot_vote,
        tables.recusal,
        tables.incident,
        tables.proxy_rule,
        tables.job,
    )
}
HISTORY = (
    select(tables.history)
    .where(tables.history.c.stream == bindparam("id"), tables.history.c.seq > bindparam("seq"))
    .order_by(tables.history.c.seq)
)


@dataclass
class World:
    """One instance, and what stands around it, at one moment: the only one in the database."""

    rows: dict[Table, list[Row]]
    fresh: list[Any]  # the history since the moment before
    everything: Rows = field(repr=False)
    people: Mapping[str, frozenset[str]]  # login: groups
    elements: Sequence[str] = ()  # of the process and its subprocesses

    @classmethod
    def of(
        cls,
        database: Database,
        instance_id: str,
        people: Mapping[str, frozenset[str]],
        elements: Sequence[str],
        seq: int,
    ) -> World:
        """Read all; the history only after event ``seq``."""
        about = {"id": instance_id}
        with database.read() as connection:
            rows = {
                table: [dict(row._mapping) for row in connection.execute(statement, about)]
                for table, statement in READ.items()
            }
            fresh = list(connection.execute(HISTORY, about | {"seq": seq}))
            return cls(rows, fresh, all_rows(connection), people, elements)

    def __post_init__(self) -> None:
        (self.instance,) = self.rows[tables.process_instance]
        self.tasks = {row["id"]: row for row in self.rows[tables.task]}
        self.ballots = {row["id"]: row for row in self.rows[tables.ballot]}
        self.members = self.rows[tables.ballot_member]
        self.votes = self.rows[tables.ballot_vote]
        self.rules = self.rows[tables.proxy_rule]
        self.jobs = self.rows[tables.job]
        self.incidents = self.rows[tables.incident]
        self.recusals = self.rows[tables.recusal]

    @property
    def running(self) -> bool:
        return self.instance["state"] not in ENDED

    @property
    def state(self) -> dict[str, Any]:
        """What the machine has stored."""
        found: dict[str, Any] = json.loads(self.instance["machine_state"])
        return found

    @property
    def open(self) -> list[Row]:
        """The tasks that are not closed, oldest first."""
        found = [row for row in self.tasks.values() if row["state"] in OPEN]
        return sorted(found, key=lambda row: (row["created_at"], row["element_id"], row["assignee"] or "", row["id"]))

    @property
    def recused(self) -> frozenset[str]:
        """By the recusals themselves, not by their copy in the instance's row."""
        return frozenset(row["login"] for row in self.recusals if row["lifted_at"] is None)

    def candidates(self, task: Row) -> frozenset[str]:
        """Who is offered the task."""
        groups = frozenset(task["candidate_groups"])
        return frozenset(task["candidate_users"]) | {login for login, mine in self.people.items() if groups & mine}

    def may_act(self, task: Row) -> frozenset[str]:
        """Whose task it is now: its holder's, or, as long as nobody holds it, its candidates'."""
        return frozenset({task["assignee"]}) if task["assignee"] else self.candidates(task)

    def seats(self, token_id: str) -> list[Row]:
        return [row for row in self.tasks.values() if row["token_id"] == token_id]

    def members_of(self, ballot_id: str) -> list[Row]:
        """Who is a member now, in order."""
        found = [row for row in self.members if row["ballot_id"] == ballot_id and row["state"] == "member"]
        return sorted(found, key=lambda row: row["position"])

    def votes_of(self, ballot_id: str) -> list[Row]:
        return [row for row in self.votes if row["ballot_id"] == ballot_id]


def all_rows(connection: Connection) -> Rows:
    """Every row of every table, as the driver gives it: this is done at every step."""
    cursor, found = connection.connection.cursor(), {}
    for table in TABLES:
        cursor.execute(f'SELECT * FROM "{table.name}"')
        found[table.name] = [tuple(row) for row in cursor.fetchall()]
    cursor.close()
    return found


def differing(before: Rows, after: Rows) -> set[str]:
    """The tables whose rows are not the same."""
    return {name for name in before if sorted(map(repr, before[name])) != sorted(map(repr, after[name]))}
