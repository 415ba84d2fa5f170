"""A database on which every command runs to its end and leaves nothing: for walking all endpoints through one world."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from engine.store.base.database import Database


class Rehearsal(Database):
    """Once ``rehearsing``, what is written is taken back instead of committed."""

    rehearsing = False

    @contextmanager
    def write(self) -> Iterator[Connection]:
        if not self.rehearsing:
            with super().write() as connection:
                yield connection
            return
        with (
            self.engine.connect().execution_options(banjie_write=True) as connection,
            connection.begin() as transaction,
        ):
            yield connection
            transaction.rollback()
