"""A database that goes away at chosen moments, as a real one does when its server is killed or a cable is pulled."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from engine.store.base.database import DatabaseUnavailable
from tests.integration.api.rehearsal import Rehearsal


class FailingDatabase(Rehearsal):
    """``faults`` are what happens to the next write transactions, one each; ``down`` refuses everything.

    "cut": the connection goes before the commit. "lost": it goes while the commit is under way, which is not kept. "kept": the
    same, but the commit was kept and only its answer is lost.
    """

    faults: tuple[str, ...] = ()
    down = False

    @contextmanager
    def read(self) -> Iterator[Connection]:
        self._refuse_when_down()
        with super().read() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        self._refuse_when_down()
        fault, *rest = self.faults or ("",)
        self.faults = tuple(rest)
        self.rehearsing = fault in ("cut", "lost")
        with super().write() as connection:
            yield connection
        self.rehearsing = False
        if fault:
            raise gone(in_doubt=fault != "cut")

    def _refuse_when_down(self) -> None:
        if self.down:
            raise gone(connecting=True)


def gone(*, in_doubt: bool = False, connecting: bool = False) -> DatabaseUnavailable:
    error = DatabaseUnavailable("数据库暂时不能使用。", "The database cannot be used just now.", retry_after=5)
    error.in_doubt, error.connecting = in_doubt, connecting
    return error
