"""Ballots over HTTP: how one stands, and who voted what. A vote is cast by completing the member's task."""

from datetime import datetime
from typing import Any

from pydantic import Field

from engine.access import InstanceFacts, Verb, not_found
from engine.commands.returning.ballot_closing import CloseBallot
from engine.runtime.ballot import Choice, Ground
from engine.runtime.ballot_events import BallotState
from engine.runtime.task import Power
from engine.store.base.paging import Row
from web.api.acting import execute, queries, visible_instance
from web.api.blueprint import blueprint
from web.api.endpoint import Noun
from web.api.reading import Body
from web.api.shapes import Out, Remark
from web.frame.auth import services
from web.frame.policy import asks_thing
from web.parts.ballots import is_late

ballots = Noun(blueprint, "ballots")


class Vote(Out):
    choice: Choice | None = Field(description="Null while the ballot is secret and not closed.")
    outcome: str | None
    comment: str | None
    cast_at: datetime
    cast_by: str = Field(description="The voter, a proxy, or `system` for an earlier approval that counts again.")


class BallotMember(Out):
    login: str
    power: Power = Field(description="`advise`: gives an opinion and has no vote.")
    weight: int
    veto: bool
    chair: bool
    task_id: str | None = Field(description="Null while it is not this member's turn.")
    added_by: str | None
    due_at: datetime | None = Field(
        description="The end of this member's time: the member's own limit, or the ballot's."
    )
    overdue: bool = Field(description="The time is over without an answer, or was over when it was given.")
    vote: Vote | None


class Count(Out):
    approvals: int
    rejections: int
    abstentions: int
    voters: int
    yes: int = Field(description="The weight of the approvals; people, where there are no weights.")
    no: int


class Ballot(Out):
    id: str
    instance_id: str
    element_id: str
    element_name: str
    round: int
    state: BallotState
    mode: str = Field(description="As in the model, e.g. `ratio:2/3`.")
    secret: bool
    outcomes: list[str]
    members: list[BallotMember] = Field(description="In the order of the ballot.")
    members_count: int
    voted: int
    count: Count | None = Field(description="Null while the ballot is secret and not closed.")
    missing: int | None = Field(
        description="How many more approvals pass it; null when that is over or not to be told."
    )
    ground: Ground | None
    outcome: str | None
    opened_at: datetime
    decided_at: datetime | None
    decided_by: str | None


class BallotList(Out):
    items: list[Ballot]


@ballots.get(
    "/ballots/<ballot_id>", asks_thing(Verb.VIEW_INSTANCE), zh="一次会签", answers={200: Ballot}, errors=(404,)
)
def get_ballot(ballot_id: str) -> Any:
    """Get one ballot."""
    row = queries().ballots.get(ballot_id)
    if row is None:
        raise not_found(InstanceFacts(instance_id=ballot_id))
    visible_instance(row["instance_id"])
    return _told(row)


@ballots.get(
    "/process-instances/<instance_id>/ballots",
    asks_thing(Verb.VIEW_INSTANCE),
    zh="流程实例的会签",
    answers={200: BallotList},
    errors=(404,),
)
def list_ballots(instance_id: str) -> Any:
    """List the ballots of an instance, oldest first."""
    visible_instance(instance_id)
    return {"items": [_told(row) for row in queries().ballots.of_instance(instance_id)]}


class Closing(Body):
    reason: Remark = Field(min_length=1)


class Closed(Out):
    id: str
    instance_id: str
    state: BallotState
    outcome: str
    ground: Ground


@ballots.post(
    "/ballots/<ballot_id>/close",
    asks_thing(Verb.CLOSE_BALLOT),
    zh="提前结束会签",
    body=Closing,
    answers={200: Closed},
    errors=(404, 409),
)
def close_ballot(ballot_id: str, body: Closing) -> Any:
    """Close an open ballot with the votes that were cast: its chair, or an administrator, when members stay away.

    Below its quorum it has failed. The process goes on as after any decision.
    """
    return execute(CloseBallot(ballot_id=ballot_id, reason=body.reason))


def _told(row: Row) -> Row:
    until = row["decided_at"] or services().engine.now()
    seats = [seat | {"overdue": is_late(seat, until)} for seat in row["seats"]]
    return {**row, "members": seats, "members_count": row["members"]}
