"""From events of ballots to rows: ballots, their members, their votes."""

from engine.runtime import ballot_events as ballots
from engine.runtime.ballot_events import BallotState, MemberState
from engine.runtime.task import Power, TaskAssigned, TaskCreated
from engine.store import tables
from engine.store.base.unit_of_work import Values
from engine.store.projections.projector import Recorded, Rows, projects


@projects(ballots.BallotOpened)
def _opened(rows: Rows, recorded: Recorded, event: ballots.BallotOpened) -> None:
    rows.insert(
        tables.ballot,
        {
            "id": event.ballot_id,
            "instance_id": recorded.stream,
            "token_id": event.token_id,
            "element_id": event.element_id,
            "element_name": event.element_name or event.element_id,
            "place": event.place,
            "round": event.round,
            "state": BallotState.OPEN.value,
            "mode": event.mode,
            "secret": event.secret,
            "outcomes": list(event.outcomes),
            "settings": dict(event.settings),
            "why": dict(event.why) or None,
            "members": sum(member["power"] == Power.DECIDE for member in event.members),
            "voted": 0,
            "opened_at": recorded.at,
            **_UNDECIDED,
        },
    )
    for position, member in enumerate(event.members):
        _join(rows, event.ballot_id, position, **member)


_UNDECIDED = {"decided_at": None, "decided_by": None, "ground": None, "outcome": None, "tally": None}


def _join(
    rows: Rows,
    ballot_id: str,
    position: int,
    *,
    login: str,
    power: str = Power.DECIDE.value,
    weight: int = 1,
    veto: bool = False,
    chair: bool = False,
    added_by: str | None = None,
    why: Values | None = None,
) -> None:
    row = {
        "ballot_id": ballot_id,
        "login": login,
        "position": position,
        "state": MemberState.MEMBER.value,
        "power": str(power),
        "weight": weight,
        "veto": veto,
        "chair": chair,
        "task_id": None,
        "added_by": added_by,
        "why": why or None,
    }
    if rows.get(tables.ballot_member, (ballot_id, login)) is None:
        rows.insert(tables.ballot_member, row)
    else:  # removed before, and asked again
        rows.update(tables.ballot_member, (ballot_id, login), row)


@projects(TaskCreated)
def _seated(rows: Rows, recorded: Recorded, event: TaskCreated) -> None:
    """A member's seat is open. Who holds it may be a proxy; the member is the principal."""
    login = event.principal or event.assignee
    if event.ballot_id is None or login is None:
        return
    if rows.get(tables.ballot_member, (event.ballot_id, login)) is not None:
        rows.update(tables.ballot_member, (event.ballot_id, login), {"task_id": event.task_id})


@projects(ballots.VoteCast)
def _vote_cast(rows: Rows, recorded: Recorded, event: ballots.VoteCast) -> None:
    rows.insert(
        tables.ballot_vote,
        {
            "ballot_id": event.ballot_id,
            "login": event.login,
            "choice": event.choice.value,
            "outcome": event.outcome,
            "comment": event.comment,
            "variables": dict(event.variables),
            "cast_at": recorded.at,
            "cast_by": event.cast_by or recorded.actor,
            "seq": recorded.seq,
            "task_id": event.task_id,
        },
    )
    _count(rows, event.ballot_id, voted=1)


@projects(ballots.VoteWithdrawn)
def _vote_withdrawn(rows: Rows, recorded: Recorded, event: ballots.VoteWithdrawn) -> None:
    rows.delete(tables.ballot_vote, (event.ballot_id, event.login))
    _count(rows, event.ballot_id, voted=-1)


@projects(ballots.VoterAdded)
def _voter_added(rows: Rows, recorded: Recorded, event: ballots.VoterAdded) -> None:
    _join(
        rows,
        event.ballot_id,
        recorded.seq,  # behind everybody who was there before, whatever has left since
        login=event.login,
        power=event.power.value,
        weight=event.weight,
        added_by=event.added_by,
    )
    if event.power is Power.DECIDE:
        _count(rows, event.ballot_id, members=1)


@projects(ballots.VoterRemoved)
def _voter_removed(rows: Rows, recorded: Recorded, event: ballots.VoterRemoved) -> None:
    member = _member(rows, event.ballot_id, event.login)
    if member["power"] == Power.DECIDE.value:
        _count(rows, event.ballot_id, members=-1)
    rows.update(tables.ballot_member, (event.ballot_id, event.login), {"state": MemberState.REMOVED.value})


@projects(TaskAssigned)
def _handed_over(rows: Rows, recorded: Recorded, event: TaskAssigned) -> None:
    """转办: a member's seat went to somebody else, with its place, weight, veto and chair."""
    seat = rows.get(tables.task, (event.task_id,))
    if seat is None or seat["ballot_id"] is None or seat["principal"] is not None or event.from_assignee is None:
        return
    member = rows.get(tables.ballot_member, (seat["ballot_id"], event.from_assignee))
    if member is not None and member["task_id"] == event.task_id:
        _give_way(rows, member, event.assignee)


@projects(ballots.VoterReplaced)
def _voter_replaced(rows: Rows, recorded: Recorded, event: ballots.VoterReplaced) -> None:
    _give_way(rows, _member(rows, event.ballot_id, event.login), event.by)


def _give_way(rows: Rows, member: Values, by: str) -> None:
    """``by`` takes the member's place, with everything that belongs to it."""
    ballot_id, login, task_id = member["ballot_id"], member["login"], member["task_id"]
    inherited = {name: member[name] for name in ("power", "weight", "veto", "chair")}
    _join(rows, ballot_id, member["position"], login=by, added_by=login, **inherited)
    rows.update(tables.ballot_member, (ballot_id, by), {"task_id": task_id})
    rows.update(tables.ballot_member, (ballot_id, login), {"state": MemberState.REMOVED.value, "task_id": None})


@projects(ballots.BallotDecided)
def _decided(rows: Rows, recorded: Recorded, event: ballots.BallotDecided) -> None:
    rows.update(
        tables.ballot,
        (event.ballot_id,),
        {
            "state": (BallotState.PASSED if event.passed else BallotState.FAILED).value,
            "decided_at": recorded.at,
            "decided_by": recorded.actor,
            "ground": event.ground.value,
            "outcome": event.outcome,
            "tally": dict(event.tally),
        },
    )
    for vote in event.votes:  # a secret ballot is closed: its votes stand in their tasks like any others
        if vote.get("task_id"):
            shown = {"outcome": vote["outcome"], "comment": vote.get("comment", "")}
            rows.update(tables.task, (vote["task_id"],), shown)


@projects(ballots.BallotReopened)
def _reopened(rows: Rows, recorded: Recorded, event: ballots.BallotReopened) -> None:
    again = {"state": BallotState.OPEN.value, "token_id": event.token_id, **_UNDECIDED}
    rows.update(tables.ballot, (event.ballot_id,), again)


@projects(ballots.BallotCancelled)
def _cancelled(rows: Rows, recorded: Recorded, event: ballots.BallotCancelled) -> None:
    values = {"state": BallotState.CANCELLED.value, "decided_at": recorded.at, "decided_by": recorded.actor}
    rows.update(tables.ballot, (event.ballot_id,), values)


def _member(rows: Rows, ballot_id: str, login: str) -> Values:
    row = rows.get(tables.ballot_member, (ballot_id, login))
    if row is None:
        raise LookupError(f"the history names member {login} of ballot {ballot_id}, who has no row")
    return row


def _count(rows: Rows, ballot_id: str, *, members: int = 0, voted: int = 0) -> None:
    row = rows.get(tables.ballot, (ballot_id,))
    if row is None:
        raise LookupError(f"the history names ballot {ballot_id}, which has no row")
    counted = {"members": row["members"] + members, "voted": row["voted"] + voted}
    rows.update(tables.ballot, (ballot_id,), counted)
