"""The clocks of one instance within one command: started, stopped, suspended, extended, computed again; all of it recorded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.approval.clock import Clock, ClockKind, ClockState, Suspension
from engine.store import tables
from engine.store.rows import clocks as rows

if TYPE_CHECKING:
    from engine.calendar import Limit
    from engine.context import CommandContext
    from engine.events import Event
    from engine.store.base.unit_of_work import Values


@dataclass(slots=True)
class ClockDesk:
    """``stream`` is the process instance whose history tells the clocks, ``case_id`` the case that it handles, if any."""

    context: CommandContext
    stream: str
    case_id: str | None
    _rows: dict[str, Values] | None = None  # of all clocks
    _open: dict[str, Values] | None = None  # of those that had not stopped when they were asked for, and of new ones

    @property
    def rows(self) -> dict[str, Values]:
        """The rows of all clocks by id, in the order in which they began. A case may have had hundreds; only those that
        somebody asks for are read as clocks."""
        if self._rows is None:
            self._rows = {row["id"]: row for row in rows.rows_of(self.context.uow, self.stream)}
        return self._rows

    @property
    def _maybe_open(self) -> dict[str, Values]:
        if self._rows is not None:
            return self._rows
        if self._open is None:
            self._open = {row["id"]: row for row in rows.rows_of(self.context.uow, self.stream, open_only=True)}
        return self._open

    @property
    def clocks(self) -> dict[str, Clock]:
        """All clocks by id, in the same order."""
        return {clock_id: rows.read(self.context.uow, row) for clock_id, row in self.rows.items()}

    @property
    def now(self) -> datetime:
        return self.context.calendar.local(self.context.now)

    def get(self, clock_id: str) -> Clock:
        """The clock with this id. Raises KeyError."""
        return rows.read(self.context.uow, self._maybe_open.get(clock_id) or self.rows[clock_id])

    def open(self, *kinds: ClockKind) -> list[Clock]:
        """The clocks that have not stopped, of these kinds (all when none is named)."""
        return [
            rows.read(self.context.uow, row)
            for row in self._maybe_open.values()
            if row["state"] != ClockState.STOPPED and (not kinds or row["kind"] in kinds)
        ]

    def latest(self, kind: ClockKind) -> Clock | None:
        """The latest clock of a kind, or None."""
        found = next((row for row in reversed(self.rows.values()) if row["kind"] == kind), None)
        return None if found is None else rows.read(self.context.uow, found)

    # ---- moving

    def start(self, kind: ClockKind, budget: Limit, *, at: datetime | None = None, **options: Any) -> Clock:
        """Start a clock at ``at`` (now when left out), which may lie in the past; ``options`` are those of Clock.start."""
        clock_id = options.pop("id", None) or self.context.new_id()
        calendar = self.context.calendar
        clock, events = Clock.start(
            clock_id, kind, budget, case_id=self.case_id, at=at or self.now, calendar=calendar, **options
        )
        self.keep(clock, events)
        return clock

    def stop(self, clocks: Iterable[Clock], *, at: datetime | None = None) -> None:
        """Stop these clocks."""
        for clock in list(clocks):
            self.keep(*clock.stop(at or self.now, self.context.calendar))

    def pause(self, clocks: Iterable[Clock], suspension: Suspension) -> None:
        """Let these clocks stand still."""
        for clock in list(clocks):
            self.keep(*clock.pause(suspension))

    def resume(self, suspension_id: str | None = None, *, at: datetime | None = None, reason: str = "") -> None:
        """End one suspension, or all of them, in every clock that stands for it."""
        for clock in self.open():
            if any(suspension_id in (None, each.id) for each in clock.open_suspensions):
                self.keep(*clock.resume(at or self.now, self.context.calendar, suspension_id, reason=reason))

    def extend(self, clock: Clock, extension: Limit, **options: Any) -> Clock:
        """Add to a clock's budget; ``options`` are those of Clock.extend."""
        extended, events = clock.extend(extension, at=self.now, calendar=self.context.calendar, **options)
        self.keep(extended, events)
        return extended

    def replan(self, suspension_id: str, planned: Limit, reason: str) -> None:
        """Write another planned time of a suspension into every clock that stands for it."""
        for clock in self.open():
            if any(suspension_id == each.id for each in clock.open_suspensions):
                self.keep(*clock.replan(suspension_id, planned, reason=reason))

    def reproject(self, clock: Clock) -> bool:
        """Compute a clock's end by the calendar as it stands now; nothing is recorded when it stays the same."""
        moved, events = clock.reproject(self.context.calendar)
        if events:
            self.keep(moved, events)
        return bool(events)

    def keep(self, clock: Clock, events: Iterable[Event]) -> None:
        """Record what happened to a clock: its row follows, and what follows from that reads it there."""
        uow = self.context.uow
        for event in events:
            self.context.record(self.stream, event)
        rows.kept(uow, clock)
        row = uow.get(tables.clock, (clock.id,))
        assert row is not None  # its projector has just written it
        for known in (self._rows, self._open):
            if known is not None:
                known.setdefault(clock.id, row)
