"""What is in the tables, read plainly: the facts by which commands are judged, and all rows, to see that a refusal changed none."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Table, bindparam, select

from engine.store import tables
from engine.store.base.database import Database

Row = dict[str, Any]
Rows = dict[str, list[tuple[Any, ...]]]

TABLES = tuple(tables.metadata.sorted_tables)
OPEN = ("offered", "assigned", "waiting")
ENDED = ("completed", "terminated", "failed")
APPLICATION = "withdrawal_application"


_ITS_TASKS = select(tables.task.c.id).where(tables.task.c.instance_id == bindparam("id"))
READ = {
    table: select(table).where(table.c.instance_id == bindparam("id"))
    if "instance_id" in table.c
    else select(table).where(table.c.id == bindparam("id"))
    if table is tables.process_instance
    else select(table).where(table.c.task_id.in_(_ITS_TASKS))
    if table is tables.task_offer
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
        tables.clock,
        tables.incident,
        tables.copy,
        tables.comment,
        tables.mention,
        tables.urge,
        tables.proxy_rule,
        tables.job,
        tables.membership,
    )
}
HISTORY = (
    select(tables.history)
    .where(tables.history.c.stream == bindparam("id"), tables.history.c.seq > bindparam("seq"))
    .order_by(tables.history.c.seq)
)
APPLICATIONS = select(tables.task).where(tables.task.c.definition_key == APPLICATION, tables.task.c.closed_at.is_(None))


@dataclass
class Past:
    """What the history has told so far, as far as it says what to try next."""

    seq: int = 0
    closed: dict[str, int] = field(default_factory=dict)  # task -> the event with which it was closed
    passed: set[str] = field(default_factory=set)  # elements

    def take(self, row: Any) -> None:
        """The next event."""
        self.seq = row.seq
        told = json.loads(row.payload)
        if row.kind.startswith("Task"):
            self.closed[told.get("task_id", "")] = row.seq
        elif row.kind.startswith("Activity"):
            self.passed.add(told["element_id"])


@dataclass
class World:
    """One instance, and what stands around it, at one moment: the only one in the database, but for applications about it."""

    rows: dict[Table, list[Row]]
    fresh: list[Any]  # the history since the moment before
    everything: Rows = field(repr=False)
    applications: list[Row]  # open tasks of applications for withdrawal
    elements: Sequence[str]  # of the process and its subprocesses
    past: Past

    @classmethod
    def of(cls, database: Database, instance_id: str, elements: Sequence[str], before: World | None) -> World:
        """Read all; what has not changed since the world before is not read out of its rows again."""
        about = {"id": instance_id}
        past = Past() if before is None else before.past
        with database.read() as connection:
            everything = all_rows(connection)
            if before is not None and everything == before.everything:
                return before.unchanged()
            rows = {
                table: before.rows[table]
                if before is not None and before.everything[table.name] == everything[table.name]
                else [dict(row._mapping) for row in connection.execute(statement, about)]
                for table, statement in READ.items()
            }
            fresh = list(connection.execute(HISTORY, about | {"seq": past.seq}))
            applications = [dict(row._mapping) for row in connection.execute(APPLICATIONS)]
        for row in fresh:
            past.take(row)
        return cls(rows, fresh, everything, applications, elements, past)

    def unchanged(self) -> World:
        """This world once more, with nothing new in its history."""
        self.fresh = []
        return self

    def __post_init__(self) -> None:
        (self.instance,) = self.rows[tables.process_instance]
        self.tasks = {row["id"]: row for row in self.rows[tables.task]}
        self.ballots = {row["id"]: row for row in self.rows[tables.ballot]}
        self.members = self.rows[tables.ballot_member]
        self.votes = self.rows[tables.ballot_vote]
        self.rules = self.rows[tables.proxy_rule]
        self.jobs = self.rows[tables.job]
        self.incidents = [row for row in self.rows[tables.incident] if row["state"] == "open"]
        self.recusals = self.rows[tables.recusal]
        self.clocks = self.rows[tables.clock]
        self.copies = self.rows[tables.copy]
        self.mentions = self.rows[tables.mention]
        self.urges = self.rows[tables.urge]
        self.groups: dict[str, set[str]] = {}
        for row in self.rows[tables.membership]:
            self.groups.setdefault(row["login"], set()).add(row["group_key"])

    @property
    def running(self) -> bool:
        return self.instance["state"] not in ENDED

    @cached_property
    def state(self) -> Mapping[str, Any]:
        """What the machine has stored."""
        found: dict[str, Any] = json.loads(self.instance["machine_state"])
        return found

    @cached_property
    def open(self) -> list[Row]:
        """The tasks that are not closed, oldest first."""
        found = [row for row in self.tasks.values() if row["state"] in OPEN]
        return sorted(found, key=lambda row: (row["created_at"], row["element_id"], row["assignee"] or "", row["id"]))

    @cached_property
    def closed(self) -> list[Row]:
        """The others, the last one first."""
        found = [row for row in self.tasks.values() if row["state"] not in OPEN]
        return sorted(found, key=lambda row: -self.past.closed.get(row["id"], 0))

    @property
    def in_order(self) -> list[Row]:
        return sorted(self.tasks.values(), key=lambda row: (row["created_at"], row["element_id"], row["id"]))

    @property
    def passed(self) -> set[str]:
        """The elements that the instance has come to."""
        return self.past.passed

    @cached_property
    def recused(self) -> frozenset[str]:
        """By the recusals themselves, not by their copy in the instance's row."""
        return frozenset(row["login"] for row in self.recusals if row["lifted_at"] is None)

    def candidates(self, task: Row) -> frozenset[str]:
        """Who is offered the task."""
        groups = set(task["candidate_groups"])
        return frozenset(task["candidate_users"]) | {login for login, mine in self.groups.items() if groups & mine}

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
    return {
        name
        for name in before
        if before[name] != after[name] and sorted(map(repr, before[name])) != sorted(map(repr, after[name]))
    }
