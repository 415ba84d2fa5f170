"""What happens to clocks."""

from collections.abc import Mapping
from dataclasses import field
from datetime import date, datetime
from typing import Any

from engine.events import Event
from engine.records import record


@record
class ClockEvent(Event):
    """Base: a clock of a case or of a step changed. The first event of a clock has the whole of it as ``value``; each later
    one has as ``change`` what became otherwise (:mod:`engine.approval.clock_change`). Histories of the first versions repeat
    the whole clock as ``value`` in every event, and are read as they were written."""

    clock_id: str
    case_id: str | None
    clock_kind: str
    state: str
    due_at: datetime
    due_date: date
    provisional: bool = False
    calendar_version: str = ""
    value: Mapping[str, Any] = field(default_factory=dict)
    change: Mapping[str, Any] = field(default_factory=dict)


@record
class ClockStarted(ClockEvent):
    limit: str
    started_at: datetime


@record
class ClockPaused(ClockEvent):
    """A suspension began; ``planned`` is the time told to the applicant."""

    paused_at: datetime
    cause: str
    suspension_id: str = ""
    reason: str = ""
    notice_no: str = ""
    planned: str | None = None
    approved_by: str = ""


@record
class ClockResumed(ClockEvent):
    """A suspension ended (all of them when ``suspension_id`` is empty)."""

    resumed_at: datetime
    suspension_id: str = ""
    reason: str = ""


@record
class ClockReplanned(ClockEvent):
    """An open suspension was given another planned time, in writing; ``planned`` is the whole of it."""

    suspension_id: str
    planned: str
    reason: str = ""


@record
class ClockExtended(ClockEvent):
    extension: str
    reason: str
    approved_by: str = ""
    notice_no: str = ""


@record
class ClockStopped(ClockEvent):
    stopped_at: datetime
    late: bool


@record
class ClockContinued(ClockEvent):
    """What had stopped it was taken back: it goes on as if it had never stopped."""

    stopped_at: datetime
    reason: str = ""


@record
class ClockReprojected(ClockEvent):
    """The calendar changed and with it the due date."""

    before: datetime
