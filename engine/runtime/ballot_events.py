"""What happens to ballots, and the states of a ballot and of its members; each event stands in the instance's history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from typing import Any

from engine.events import Event
from engine.records import record
from engine.runtime.ballot import Choice, Ground
from engine.runtime.task import Power


class BallotState(StrEnum):
    """Where a ballot stands."""

    OPEN = "open"  # 表决中
    PASSED = "passed"  # 通过
    FAILED = "failed"  # 未通过
    CANCELLED = "cancelled"  # its token went another way


class MemberState(StrEnum):
    """Where a member of a ballot stands. Whether he has voted is not here: a vote is a row of its own."""

    MEMBER = "member"
    REMOVED = "removed"  # 减签, or handed over to somebody else: no voter any more


@record
class BallotOpened(Event):
    """``members`` in the order of the ballot: {login, weight, veto, chair, power, why}; ``why`` tells who was skipped."""

    ballot_id: str
    token_id: str
    element_id: str
    element_name: str = ""
    place: str = ""  # the element, with the index of its loop: a ballot that is opened there again is the next round
    round: int = 1
    mode: str = ""  # as in the model: "ratio:2/3"
    secret: bool = False
    outcomes: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    members: tuple[Mapping[str, Any], ...] = ()
    why: Mapping[str, Any] = field(default_factory=dict)


@record
class VoteCast(Event):
    """``login`` is the voter; a proxy who votes for him is the actor of the event. Of a ``secret`` ballot nobody may read the
    values before it is closed: readers of the history take them out (``engine.store.queries.ballots.seal``)."""

    ballot_id: str
    login: str
    choice: Choice
    outcome: str
    element_id: str = ""
    element_name: str = ""
    task_id: str | None = None  # None: an earlier approval that counts again, for the reason in ``comment``
    comment: str = ""
    variables: Mapping[str, Any] = field(default_factory=dict)
    secret: bool = False
    cast_by: str = (
        ""  # who gave the answer, where it is not the actor: somebody signed after it, or time ran out (P-4.1)
    )


@record
class VoteWithdrawn(Event):
    ballot_id: str
    login: str
    element_id: str = ""
    element_name: str = ""
    task_id: str | None = None
    reason: str = ""


@record
class VoterAdded(Event):
    """加签: somebody joined an open ballot, beside the others."""

    ballot_id: str
    login: str
    added_by: str
    element_id: str = ""
    element_name: str = ""
    weight: int = 1
    power: Power = Power.DECIDE
    reason: str = ""


@record
class VoterRemoved(Event):
    """减签: a member who had not voted left an open ballot."""

    ballot_id: str
    login: str
    element_id: str = ""
    element_name: str = ""
    reason: str = ""


@record
class VoterReplaced(Event):
    """A member whose turn has not come gave way to ``by``, with place, weight, veto and chair. An open seat goes by
    ``TaskAssigned``."""

    ballot_id: str
    login: str
    by: str
    element_id: str = ""
    element_name: str = ""
    reason: str = ""


@record
class BallotDecided(Event):
    """``tally``: {yes, no, approvals, rejections, abstentions, voters}. ``votes`` are those of a secret ballot, now open."""

    ballot_id: str
    element_id: str
    passed: bool
    ground: Ground
    outcome: str
    element_name: str = ""
    tally: Mapping[str, int] = field(default_factory=dict)
    votes: tuple[Mapping[str, Any], ...] = ()
    reason: str = ""  # of a node that decided itself: by which rule


@record
class BallotReopened(Event):
    """The decision was withdrawn while nobody had acted on it; the votes stay, the open members may vote again."""

    ballot_id: str
    token_id: str
    element_id: str = ""
    element_name: str = ""
    reason: str = ""


@record
class BallotCancelled(Event):
    ballot_id: str
    element_id: str = ""
    element_name: str = ""
    reason: str = ""
