"""Rows of ballots, as commands need them; the instance's lock covers them all (P-1.6)."""

from __future__ import annotations

from sqlalchemy import bindparam

from engine.store.base.unit_of_work import UnitOfWork, Values
from engine.store.tables import ballot, ballot_member, ballot_vote

_LAST = (
    ballot.select()
    .where(ballot.c.instance_id == bindparam("instance_id"), ballot.c.place == bindparam("place"))
    .order_by(ballot.c.round.desc())
    .limit(1)
)
_MEMBERS = (
    ballot_member.select()
    .where(ballot_member.c.ballot_id == bindparam("ballot_id"))
    .order_by(ballot_member.c.position, ballot_member.c.login)
)
_VOTES = ballot_vote.select().where(ballot_vote.c.ballot_id == bindparam("ballot_id")).order_by(ballot_vote.c.seq)


def last_at(uow: UnitOfWork, instance_id: str, place: str) -> Values | None:
    """The latest round of the ballots of one place, or None."""
    row = uow.first(_LAST, {"instance_id": instance_id, "place": place})
    return None if row is None else uow.remember(ballot, dict(row._mapping))


def members(uow: UnitOfWork, ballot_id: str) -> list[Values]:
    """All members in order, the removed ones too."""
    rows = uow.all(_MEMBERS, {"ballot_id": ballot_id})
    return [uow.remember(ballot_member, dict(row._mapping)) for row in rows]


def votes(uow: UnitOfWork, ballot_id: str) -> list[Values]:
    """All votes, in the order in which they were cast."""
    rows = uow.all(_VOTES, {"ballot_id": ballot_id})
    return [uow.remember(ballot_vote, dict(row._mapping)) for row in rows]
