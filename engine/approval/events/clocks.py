"""What happens to clocks."""

from dataclasses import dataclass
from datetime import date, datetime

from engine.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockEvent(Event):
    """Base: a clock of a case (or of a task of it) changed; where it stands afterwards is part of the event."""

    clock_id: str
    case_id: str
    clock_kind: str
    state: str
    due_at: datetime
    due_date: date
    provisional: bool = False
    calendar_version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockStarted(ClockEvent):
    limit: str
    started_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockPaused(ClockEvent):
    paused_at: datetime
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockResumed(ClockEvent):
    resumed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockExtended(ClockEvent):
    extension: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockStopped(ClockEvent):
    stopped_at: datetime
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockReprojected(ClockEvent):
    """The calendar changed and with it the due date."""

    before: datetime
