"""Clocks and moments for tests of supervision."""

from datetime import datetime

from engine.approval.clock import Clock, ClockKind, Suspension, SuspensionKind
from engine.calendar import SHANGHAI, DueMode, Limit, WorkCalendar


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def clock(
    kind: ClockKind,
    limit: str,
    start: str,
    calendar: WorkCalendar,
    *,
    mode: DueMode = DueMode.END_OF_DAY,
    pauses: tuple[tuple[str, str | None], ...] = (),
    stopped: str | None = None,
) -> Clock:
    """A clock with suspensions for a hearing."""
    running, _ = Clock.start(
        f"{kind.value}-{start}", kind, Limit.parse(limit), case_id="c", at=at(start), calendar=calendar, mode=mode
    )
    for first, last in pauses:
        suspension = Suspension(
            kind=SuspensionKind.HEARING, start=at(first), reason="听证", notice_no="特1号", planned=Limit.parse("9wd")
        )
        running, _ = running.pause(suspension)
        if last is not None:
            running, _ = running.resume(at(last), calendar)
    if stopped is not None:
        running, _ = running.stop(at(stopped), calendar)
    return running
