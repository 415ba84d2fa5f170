"""One ballot under its instance's lock: its rules, its members and their votes, as rows that the running command sees."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.errors import Conflict, NotFound
from engine.runtime import ballot as rules
from engine.runtime.ballot import Choice, Tally, Verdict, Voter
from engine.runtime.ballot_events import BallotState, MemberState
from engine.runtime.ballot_settings import BallotNode, parse
from engine.runtime.task import Power
from engine.store import tables
from engine.store.rows import ballots as rows_of

if TYPE_CHECKING:
    from engine.context import CommandContext
    from engine.store.base.unit_of_work import Values


@dataclass(slots=True)
class Box:
    """A ballot as it stands now. Read it anew (``Box.of``) after an event that changes members or votes."""

    row: Values
    node: BallotNode
    members: list[Values]  # those who are members now, advisers too, in order
    votes: dict[str, Values]  # in the order in which they were cast
    previous: bool  # whether the round before passed

    @classmethod
    def of(cls, context: CommandContext, ballot_id: str) -> Box:
        """Raises NotFound when there is no such ballot."""
        row = context.uow.get(tables.ballot, (ballot_id,))
        if row is None:
            raise NotFound(f"没有编号为 {ballot_id} 的表决。", f"There is no ballot {ballot_id}.", ballot_id=ballot_id)
        members = rows_of.members(context.uow, ballot_id)
        return cls(
            row=row,
            node=node_of(row),
            members=[member for member in members if member["state"] == MemberState.MEMBER.value],
            votes={vote["login"]: vote for vote in rows_of.votes(context.uow, ballot_id)},
            previous=bool((row["why"] or {}).get("previous_passed")),
        )

    @property
    def id(self) -> str:
        return str(self.row["id"])

    @property
    def is_open(self) -> bool:
        return bool(self.row["state"] == BallotState.OPEN.value)

    @property
    def label(self) -> str:
        return str(self.row["element_name"])

    @property
    def about(self) -> dict[str, Any]:
        """The fields by which events of this ballot name it."""
        return {
            "ballot_id": self.id,
            "element_id": self.row["element_id"],
            "element_name": self.row["element_name"],
        }

    @property
    def voters(self) -> list[Voter]:
        return voters_of(self.members)

    @property
    def choices(self) -> dict[str, Choice]:
        return {login: Choice(vote["choice"]) for login, vote in self.votes.items()}

    @property
    def seated(self) -> list[str]:
        """Who may have an open seat now: who has to vote, and the advisers."""
        advisers = [member["login"] for member in self.members if member["power"] == Power.ADVISE.value]
        return rules.seated(self.node.ballot, self.voters, self.choices) + advisers

    def counted(self, context: CommandContext, login: str) -> None:
        """Take in the vote that was just recorded."""
        vote = context.uow.get(tables.ballot_vote, (self.id, login))
        assert vote is not None
        self.votes[login] = vote

    def verdict(self) -> Verdict | None:
        """The result, if it is certain by now."""
        return rules.decide(self.node.ballot, self.voters, self.choices, previous=self.previous)

    def verdict_if(self, choice: Choice, logins: Iterable[str]) -> Verdict | None:
        """What the result would be if these people had voted so."""
        choices = self.choices | dict.fromkeys(logins, choice)
        return rules.decide(self.node.ballot, self.voters, choices, previous=self.previous)

    def tally(self) -> Tally:
        return rules.count(self.node.ballot, self.voters, self.choices)

    def member(self, login: str) -> Values | None:
        return next((member for member in self.members if member["login"] == login), None)

    def has_voted(self, login: str) -> bool:
        """Whether this person has cast a vote, of his own or for another (P-7.4)."""
        return login in self.votes or any(vote["cast_by"] == login for vote in self.votes.values())

    def member_at(self, task_id: str) -> Values | None:
        """The member whose seat this task is, whoever holds it (a proxy)."""
        return next((member for member in self.members if member["task_id"] == task_id), None)

    def check_open(self) -> None:
        """Raise Conflict when the ballot is decided."""
        if not self.is_open:
            raise Conflict(
                f"「{self.label}」的表决已经结束，不能再变动。",
                f"The ballot of {self.label} is over and takes no change.",
                ballot_id=self.id,
                state=self.row["state"],
            )


def node_of(row: Mapping[str, Any]) -> BallotNode:
    """The rules of a ballot's row, as they were when it opened."""
    node, _ = parse(row["settings"], row["outcomes"])
    return node


def voters_of(members: list[Values]) -> list[Voter]:
    """The members who vote, in order; advisers never do."""
    return [
        Voter(login=member["login"], weight=member["weight"], veto=member["veto"], chair=member["chair"])
        for member in members
        if member["power"] == Power.DECIDE.value
    ]
