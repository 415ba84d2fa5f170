"""Ballots: what is voted on, who votes, and the votes."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, text

from engine.store.tables.base import metadata
from engine.store.tables.types import Code, Id, Json, Login, Moment, Name

ballot = Table(
    "ballot",
    metadata,
    Column("id", Id, primary_key=True),
    Column("instance_id", Id, ForeignKey("process_instance.id"), nullable=False),
    Column("token_id", String(64), nullable=False),
    Column("element_id", Name, nullable=False),
    Column("element_name", Name, nullable=False),
    Column("place", Name, nullable=False),  # the element, with the index of its loop
    Column("round", Integer, nullable=False),
    Column("state", String(10), nullable=False),
    Column("mode", String(60), nullable=False),
    Column("secret", Boolean, nullable=False),
    Column("outcomes", Json, nullable=False),
    Column(
        "settings", Json, nullable=False
    ),  # of the node, as they were when it opened: the rules do not change on the way
    Column("why", Json),
    Column("members", Integer, nullable=False),  # how many vote
    Column("voted", Integer, nullable=False),  # how many have: shown of a secret ballot too
    Column("opened_at", Moment, nullable=False),
    Column("decided_at", Moment),
    Column("decided_by", Login),  # whose act was the last one
    Column("ground", String(12)),
    Column("outcome", Code),
    Column("tally", Json),
    # the ballots of an instance; the rounds of one place
    Index("ix_ballot_instance_id", "instance_id", "place", "round"),
)

ballot_member = Table(
    "ballot_member",
    metadata,
    Column("ballot_id", Id, ForeignKey("ballot.id"), primary_key=True),
    Column("login", Login, primary_key=True),  # one person has one vote, however many ways lead to it (P-1.4)
    Column("position", Integer, nullable=False),
    Column("state", String(10), nullable=False),
    Column("power", String(8), nullable=False),
    Column("weight", Integer, nullable=False),
    Column("veto", Boolean, nullable=False),
    Column("chair", Boolean, nullable=False),
    Column("task_id", Id),  # the seat, once it is open
    Column("added_by", Login),
    Column("why", Json),
)

ballot_vote = Table(
    "ballot_vote",
    metadata,
    Column("ballot_id", Id, ForeignKey("ballot.id"), primary_key=True),
    Column("login", Login, primary_key=True),
    Column("choice", String(8), nullable=False),
    Column("outcome", Code, nullable=False),
    Column("comment", Text, nullable=False, server_default=text("''")),
    Column("variables", Json, nullable=False),
    Column("cast_at", Moment, nullable=False),
    Column("cast_by", Login, nullable=False),  # somebody else than ``login``: a proxy, or the system
    Column("seq", Integer, nullable=False),  # of the event: which vote came later
    Column("task_id", Id),
)
