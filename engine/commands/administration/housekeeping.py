"""Keeping the house: what has expired is removed, files that no row speaks of are deleted."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from engine.access import Verb, require
from engine.context import Command
from engine.records import record
from engine.store.rows import housekeeping

if TYPE_CHECKING:
    from engine.context import CommandContext

ORPHAN_AGE = timedelta(hours=24)


@record
class SweepHouse(Command):
    """Remove expired rows, and files older than a day that no row speaks of (a crash between writing a file and its row leaves
    one). ``real`` is the wall clock (ISO, aware): files and sessions live by it, whatever the engine's clock says.

    Answers {messages, answers, sessions, files}: how many of each.
    """

    real: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        require(context.actor, Verb.MANAGE_JOBS)
        real = datetime.fromisoformat(self.real)
        swept = housekeeping.sweep(context.uow, context.now, real)
        files = context.environment.files
        removed = 0
        if files is not None:
            for key in files.orphans(housekeeping.file_keys(context.uow), before=real - ORPHAN_AGE):
                files.delete(key)
                removed += 1
        return swept | {"files": removed}
