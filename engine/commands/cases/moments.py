"""Moments that follow a clock: its end, and the openings of the working days on which it is spoken of before (3 days left)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from engine.approval.clock_kind import ClockKind

if TYPE_CHECKING:
    from engine.approval.clock import Clock
    from engine.calendar import Limit, WorkCalendar
    from engine.commands.cases.case_files import CaseFile

WARNINGS: Final[dict[ClockKind, Callable[[CaseFile], Iterable[Limit]]]] = {}


def warned_before(*kinds: ClockKind) -> Callable[[Callable[[CaseFile], Iterable[Limit]]], Callable[..., Any]]:
    """Register how many working days before their ends clocks of these kinds are spoken of. A timer of the process that
    waits for such a morning is tied to the clock and moves with it."""

    def register(function: Callable[[CaseFile], Iterable[Limit]]) -> Callable[[CaseFile], Iterable[Limit]]:
        WARNINGS.update(dict.fromkeys(kinds, function))
        return function

    return register


def morning_before(calendar: WorkCalendar, clock: Clock, days: int) -> datetime:
    """When the office opens ``days`` working days before the day on which the clock ends."""
    return calendar.opening(calendar.working_day(clock.due.date, -days) if days else clock.due.date)


def tie_to_warning(file: CaseFile, due_at: datetime, calendar: WorkCalendar) -> dict[str, Any] | None:
    """What ties a timer to the clock before whose end it warns: {clock_id, before}; None when it is none of those moments."""
    for clock in reversed(file.time.open(*WARNINGS)):
        for limit in WARNINGS[clock.kind](file):
            if morning_before(calendar, clock, int(limit.value)) == due_at:
                return {"clock_id": clock.id, "before": int(limit.value)}
    return None


def moment_of(tie: Mapping[str, Any], clock: Clock, calendar: WorkCalendar) -> datetime:
    """When a timer that is tied so to a running clock is due."""
    if "before" in tie:
        return morning_before(calendar, clock, tie["before"])
    return clock.due.at + timedelta(seconds=tie.get("after", 0))
