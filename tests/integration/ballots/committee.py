"""A house whose processes have one ballot: a committee of people votes, and what they decide is the next task."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from engine.access import Actor
from engine.commands.ballots.ballot_members import add_member, remove_member, reopen, replace_member, withdraw_vote
from engine.commands.tasks.handling import load_task
from engine.context import Command, CommandContext
from engine.records import record
from engine.store import tables
from tests.integration.engine.house import House, bpmn, flows


def ballot_process(ballot: str = "all", *, people: str = "a,b,c", more: str = "", form: str = "") -> bytes:
    """A process "council" whose task ``vote`` is a ballot; its result leads to the task ``yes`` or ``no`` of the clerk."""
    return bpmn(
        '<startEvent id="start"/>'
        f'<userTask id="vote" name="会签" banjie:candidateUsers="{people}" banjie:ballot="{ballot}" {more}{form}/>'
        '<exclusiveGateway id="decided" default="decided_no"/>'
        '<userTask id="yes" name="通过后" banjie:assignee="clerk"/>'
        '<userTask id="no" name="未通过后" banjie:assignee="clerk"/><endEvent id="end"/>'
        + flows(
            "start-vote", "vote-decided", 'decided-yes?vote_outcome = "approve"', "decided-no", "yes-end", "no-end"
        ),
        key="council",
    )


@dataclass
class Committee(House):
    """``a`` to ``e`` are people; ``cast`` votes, ``result`` is where the process stands."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for login in "abcde":
            self.person(login, "committee" if login in "abc" else "others")
        self.person("clerk")

    def open(self, ballot: str = "all", *, by: Actor | None = None, **options: str) -> str:
        """Deploy and start a process with this ballot; returns the instance's id."""
        self.deploy(ballot_process(ballot, **options))
        return self.start("council", by=by)

    def seat(self, instance_id: str, login: str) -> dict[str, Any]:
        """The open task of one person."""
        found = [row for row in self.open_tasks(instance_id) if row["assignee"] == login]
        assert len(found) == 1, [(row["element_id"], row["assignee"]) for row in self.open_tasks(instance_id)]
        return found[0]

    def seated(self, instance_id: str) -> list[str]:
        """Who holds an open task, in alphabetical order."""
        return sorted(row["assignee"] for row in self.open_tasks(instance_id))

    def cast(self, instance_id: str, login: str, outcome: str, **variables: Any) -> dict[str, Any]:
        return self.complete(self.seat(instance_id, login), self.actors[login], outcome, **variables)

    def result(self, instance_id: str) -> str:
        """The element at which the process stands: "vote" while the ballot is open."""
        return ",".join(sorted({row["element_id"] for row in self.open_tasks(instance_id)}))

    def variables(self, instance_id: str) -> dict[str, Any]:
        return self.engine.variables(instance_id)

    def rows(self, table: Any, **equal: Any) -> list[dict[str, Any]]:
        statement = select(table).where(*(table.c[name] == value for name, value in equal.items()))
        with self.database.read() as connection:
            return [dict(row._mapping) for row in connection.execute(statement)]

    def ballot(self, instance_id: str) -> dict[str, Any]:
        """The latest round."""
        return max(self.rows(tables.ballot, instance_id=instance_id), key=lambda row: row["round"])

    def states(self, instance_id: str) -> dict[str, str]:
        """The state of each member's task of the ballot."""
        rows = self.rows(tables.task, instance_id=instance_id, element_id="vote")
        return {row["assignee"]: row["state"] for row in rows}

    # ---- what other verbs will do

    def add(self, instance_id: str, login: str, *, by: str, **options: Any) -> None:
        ballot_id = self.ballot(instance_id)["id"]
        self.do(lambda context: add_member(context, None, ballot_id, login, added_by=by, **options), by)

    def remove(self, instance_id: str, login: str, *, by: str = "a") -> None:
        ballot_id = self.ballot(instance_id)["id"]
        self.do(lambda context: remove_member(context, None, ballot_id, login), by)

    def replace(self, instance_id: str, login: str, by: str) -> None:
        ballot_id = self.ballot(instance_id)["id"]
        self.do(lambda context: replace_member(context, ballot_id, login, by), "a")

    def withdraw(self, instance_id: str, login: str) -> None:
        task_id = next(
            row["id"]
            for row in self.rows(tables.task, instance_id=instance_id, element_id="vote", assignee=login)
            if row["state"] == "completed"
        )
        self.do(lambda context: withdraw_vote(context, None, load_task(context, task_id)[0]), login)

    def reopen(self, instance_id: str, token_id: str) -> None:
        ballot_id = self.ballot(instance_id)["id"]
        self.do(lambda context: reopen(context, ballot_id, token_id=token_id), "a")

    def do(self, what: Callable[[CommandContext], Any], by: str) -> None:
        self.engine.execute(Doing(what=what), actor=self.actors[by])


@record
class Doing(Command):
    """Runs a function in one transaction, as a command of another verb would."""

    what: Callable[[CommandContext], Any]

    def execute(self, context: CommandContext) -> dict[str, Any]:
        self.what(context)
        return {}
