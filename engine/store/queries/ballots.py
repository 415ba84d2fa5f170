"""Reading ballots: how one stands, who voted what, what is missing. Of a secret ballot the values are told only when it is closed."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, select

from engine.runtime import ballot as rules
from engine.runtime.ballot import Choice, Voter
from engine.runtime.ballot_events import BallotState, MemberState, VoteCast
from engine.runtime.ballot_settings import parse
from engine.runtime.task import Power
from engine.store.base.database import Database
from engine.store.base.paging import Row
from engine.store.tables import ballot, ballot_member, ballot_vote, task

CLOSED = frozenset({BallotState.PASSED.value, BallotState.FAILED.value})
_VALUES = ("choice", "outcome", "comment", "variables")  # what a secret ballot keeps to itself
_BY_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_PROGRESS = select(*(ballot.c[name] for name in ("id", "members", "voted", "state", "mode", "round"))).where(
    ballot.c.id.in_(_BY_IDS)
)
# With each member his own time, as his task has it: when it began, its end, and when he was done.
_MEMBERS = (
    select(
        ballot_member,
        task.c.due_at,
        task.c.due_provisional,
        task.c.created_at.label("since"),
        task.c.closed_at,
        task.c.state.label("task_state"),
    )
    .outerjoin(task, task.c.id == ballot_member.c.task_id)
    .where(ballot_member.c.ballot_id == bindparam("ballot_id"))
    .order_by(ballot_member.c.position, ballot_member.c.login)
)
_STATES = select(ballot.c.id, ballot.c.state).where(ballot.c.id.in_(_BY_IDS))


class BallotQueries:
    """Ballots for pages and API."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def get(self, ballot_id: str) -> Row | None:
        """One ballot with its ``seats`` (members in order, each with ``vote`` or None, and the time of his task:
        ``since``, ``due_at``, ``closed_at``, ``task_state``) and how it stands: ``count``, a
        ``Tally`` as a dict, and ``missing``, how many approvals still decide it; both None while a secret ballot is open."""
        with self.database.read() as connection:
            row = connection.execute(ballot.select().where(ballot.c.id == ballot_id)).first()
            return None if row is None else _told(connection, dict(row._mapping))

    def of_instance(self, instance_id: str) -> list[Row]:
        """The ballots of an instance, oldest first, each as ``get`` tells it."""
        statement = ballot.select().where(ballot.c.instance_id == instance_id).order_by(ballot.c.opened_at, ballot.c.id)
        with self.database.read() as connection:
            return [_told(connection, dict(row._mapping)) for row in connection.execute(statement).all()]

    def progress(self, ballot_ids: Collection[str]) -> dict[str, Row]:
        """For a page of tasks, in one statement: {ballot id: {members, voted, state, mode, round}}, as in 会签 2/3."""
        if not ballot_ids:
            return {}
        with self.database.read() as connection:
            rows = connection.execute(_PROGRESS, {"ids": sorted(set(ballot_ids))}).all()
        return {row.id: dict(row._mapping) for row in rows}


def is_sealed(row: Mapping[str, Any]) -> bool:
    """Whether nobody may read the votes of this ballot's row yet; those of a cancelled secret ballot nobody ever may."""
    return bool(row["secret"]) and row["state"] not in CLOSED


def seal(connection: Connection, rows: list[Row]) -> list[Row]:
    """Take the values out of the votes of secret ballots that are not closed, from rows of a history ({kind, data, …})."""
    votes = [row for row in rows if row["kind"] == VoteCast.__name__ and row["data"].get("secret")]
    if not votes:
        return rows
    wanted = sorted({row["data"]["ballot_id"] for row in votes})
    closed = {row.id for row in connection.execute(_STATES, {"ids": wanted}) if row.state in CLOSED}
    for row in votes:
        if row["data"]["ballot_id"] not in closed:
            row["data"] = {name: value for name, value in row["data"].items() if name not in _VALUES}
    return rows


def _told(connection: Connection, row: Row) -> Row:
    members = connection.execute(_MEMBERS, {"ballot_id": row["id"]}).all()
    votes = {
        vote.login: dict(vote._mapping)
        for vote in connection.execute(ballot_vote.select().where(ballot_vote.c.ballot_id == row["id"]))
    }
    present = [dict(member._mapping) for member in members if member.state == MemberState.MEMBER.value]
    sealed = is_sealed(row)
    seats = [member | {"vote": _vote(votes.get(member["login"]), sealed)} for member in present]
    return row | {"seats": seats, "sealed": sealed} | _standing(row, present, votes, sealed)


def _vote(vote: Row | None, sealed: bool) -> Row | None:
    return {**vote, **dict.fromkeys(_VALUES)} if vote is not None and sealed else vote


def _standing(row: Row, members: list[Row], votes: Mapping[str, Row], sealed: bool) -> Row:
    if sealed:
        return {"count": None, "missing": None}
    rule = parse(row["settings"], row["outcomes"])[0].ballot
    voters = [
        Voter(login=member["login"], weight=member["weight"], veto=member["veto"], chair=member["chair"])
        for member in members
        if member["power"] == Power.DECIDE.value
    ]
    choices = {login: Choice(vote["choice"]) for login, vote in votes.items()}
    previous = bool((row["why"] or {}).get("previous_passed"))
    missing = None
    if row["state"] == BallotState.OPEN.value:
        missing = rules.approvals_missing(rule, voters, choices, previous=previous)
    return {"count": dataclasses.asdict(rules.count(rule, voters, choices)), "missing": missing}
