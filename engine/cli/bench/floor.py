"""The floor: the least that a step can cost on this database, by SQLAlchemy Core alone."""

import os
import uuid
from datetime import UTC, datetime

from sqlalchemy import Column, Integer, MetaData, String, Table, Text, bindparam, select

from engine.store.base.database import Database

_metadata = MetaData()
_instance = Table(
    "bench_floor_instance", _metadata, Column("id", String(36), primary_key=True), Column("state", Text, nullable=False)
)
_event = Table(
    "bench_floor_event",
    _metadata,
    Column("instance", String(36), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("at", String(40), nullable=False),
    Column("payload", Text, nullable=False),
)
_inbox = Table(
    "bench_floor_inbox",
    _metadata,
    Column("id", String(36), primary_key=True),
    Column("person", String(64), nullable=False, index=True),
)

_READ = select(_instance).where(_instance.c.id == bindparam("k"))
_WRITE = _instance.update().where(_instance.c.id == bindparam("k")).values(state=bindparam("v"))
_MOVE = _inbox.update().where(_inbox.c.id == bindparam("k")).values(person=bindparam("p"))


class Floor:
    """One step as bare statements: read one row, update a 4 KB blob, insert one event, move one inbox row, commit."""

    def __init__(self, database: Database) -> None:
        self.database = database
        _metadata.drop_all(database.engine)
        _metadata.create_all(database.engine)
        self.id = str(uuid.uuid4())
        self.blob = os.urandom(2048).hex()
        self.seq = 0
        with database.write() as connection:
            connection.execute(_instance.insert(), {"id": self.id, "state": self.blob})
            connection.execute(_inbox.insert(), {"id": self.id, "person": "p0"})

    def step(self, i: int) -> None:
        self.seq += 1
        with self.database.write() as connection:
            connection.execute(_READ, {"k": self.id}).one()
            connection.execute(_WRITE, {"k": self.id, "v": self.blob})
            now = datetime.now(UTC).isoformat()
            event = {"instance": self.id, "seq": self.seq, "at": now, "payload": "{}"}
            connection.execute(_event.insert(), event)
            connection.execute(_MOVE, {"k": self.id, "p": f"p{i}"})

    def close(self) -> None:
        _metadata.drop_all(self.database.engine)
