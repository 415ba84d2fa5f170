"""Used time and the moments at which it passes a bound, to the second; suspensions are deducted by what they took."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Final

from engine.approval.clock import Clock
from engine.approval.supervision.rules import Measure, Rule
from engine.calendar import DueMode, Limit, Pause, Unit, WorkCalendar
from engine.calendar.days import DAY_US
from engine.calendar.due import merged
from engine.calendar.scale import Scale
from engine.records import record

HOUR_US: Final = 3_600_000_000
Span = tuple[datetime, datetime | None]  # None: it still stands


@record(kw_only=False)
class Bound:
    """From when on a rule holds: after ``at``, or with ``inclusive`` at it already."""

    at: datetime
    inclusive: bool = False

    def is_passed(self, moment: datetime) -> bool:
        return moment > self.at or (self.inclusive and moment == self.at)


def bound(rule: Rule, clock: Clock, calendar: WorkCalendar, measure: Measure) -> Bound | None:
    """Return from when on ``rule`` holds for ``clock``; None when it is not for such limits, or never while the clock
    stands still."""
    limit = clock.limit
    if not rule.fits(limit):
        return None
    if rule.share_at_least is not None or rule.share_above is not None:
        share = rule.share_at_least if rule.share_at_least is not None else rule.share_above
        assert share is not None
        inclusive = rule.share_at_least is not None
        at = _share_moment(clock, share, calendar, measure, first=inclusive)
        return None if at is None else Bound(at, inclusive=inclusive)
    # used, rounded up, minus limit >= k: the used time has passed limit + k - 1; "> k" is ">= k + 1".
    over = rule.out_above if rule.out_above is not None else (rule.out_at_least or 0) - 1
    at = _moment(clock, over, calendar, measure)
    return None if at is None else Bound(at)


def used(clock: Clock, now: datetime, calendar: WorkCalendar) -> float:
    """Return the time used until ``now`` (or until the clock stopped) in the limit's own unit: working days of 24 hours,
    office hours, natural days (also for months); what suspensions took is left out."""
    until = calendar.local(min(now, clock.stopped_at) if clock.stopped_at is not None else now)
    start = calendar.local(clock.started_at)
    if until <= start:
        return 0.0
    spans = merged([Pause(span.start, span.end) for span in clock.suspensions], start, until)
    spans = [(first, min(last, until)) for first, last in spans if first < until]
    unit = clock.limit.unit
    if unit in (Unit.WD, Unit.HOUR):
        scale: Scale = calendar.working_scale if unit is Unit.WD else calendar.office_scale
        length = 2 * DAY_US if unit is Unit.WD else HOUR_US
        taken = sum(scale.between(calendar.local(first), calendar.local(last)) for first, last in spans)
        return max(0, scale.between(start, until) - taken) / length
    lost = sum(((last - first) for first, last in spans), timedelta(0))
    return max(timedelta(0), until - start - lost) / timedelta(days=1)


def _moment(clock: Clock, over: int, calendar: WorkCalendar, measure: Measure) -> datetime | None:
    """When the used time passes the limit plus ``over`` units."""
    limit = clock.limit
    if limit.unit is Unit.HOUR:
        # As the clock: its hours are over when the last of them has gone by, at noon. To the second: nothing more is used before
        # the office opens again, so one second over is one second of the afternoon.
        reached = _spent if measure is Measure.TO_THE_SECOND else _advanced
        return reached(calendar.office_scale, clock, int((limit.value + over) * HOUR_US), calendar)
    if limit.unit is not Unit.WD:
        due = _due(clock, limit, clock.mode, calendar)
        return None if due is None else due + timedelta(days=over)
    if measure is Measure.TO_THE_SECOND or clock.mode is DueMode.SAME_TIME:
        return _spent(calendar.working_scale, clock, int((limit.value + over) * 2 * DAY_US), calendar)
    days = limit.value + over
    if days < 0:
        return calendar.local(clock.started_at)
    if over >= 0:
        return _due(clock, Limit(days, Unit.WD), clock.mode, calendar)
    # Before the end whole working days count, from the midnight of each: no warning is issued while the office is closed.
    gone = _due(clock, Limit(days, Unit.WD), DueMode.MIDNIGHT, calendar)
    return None if gone is None else _day_begins(gone, calendar)


def _day_begins(moment: datetime, calendar: WorkCalendar) -> datetime:
    """The midnight with which the first working day at or after ``moment`` begins."""
    day = calendar.local(moment).date()
    worked = calendar.next_working_day(day)
    return moment if worked == day else datetime.combine(worked, time(0), calendar.timezone)


def _share_moment(
    clock: Clock, share: float, calendar: WorkCalendar, measure: Measure, *, first: bool
) -> datetime | None:
    """When ``share`` of the limit is used: the first such moment, else the last at which no more than that is used."""
    limit, start = clock.limit, calendar.local(clock.started_at)
    to_the_second = measure is Measure.TO_THE_SECOND
    if limit.unit is Unit.HOUR:
        reached = _advanced if first or not to_the_second else _spent
        return reached(calendar.office_scale, clock, round(limit.value * share * HOUR_US), calendar)
    if limit.unit is Unit.WD and (to_the_second or clock.mode is DueMode.SAME_TIME):
        reached = _advanced if first else _spent
        return reached(calendar.working_scale, clock, round(limit.value * share * 2 * DAY_US), calendar)
    due = _due(clock, limit, clock.mode, calendar)
    if due is None:
        return None
    if limit.unit is Unit.WD:  # by the office's time, as the lamps of the lists
        spans = _spans(clock, start)
        taken = sum(calendar.office_scale.between(first, last) for first, last in spans if last is not None)
        whole = calendar.office_scale.between(start, calendar.local(due)) - taken
        return _advanced(calendar.office_scale, clock, round(whole * share), calendar)
    return start + (due - start) * share


def _due(clock: Clock, limit: Limit, mode: DueMode, calendar: WorkCalendar) -> datetime | None:
    standing = next((span.start for span in clock.suspensions if span.end is None), None)
    pauses = [Pause(span.start, span.end) for span in clock.suspensions if span.end is not None]
    due = calendar.due(clock.started_at, limit, mode, receipt=clock.receipt, pauses=pauses).at
    if standing is not None and clock.stopped_at is None and standing <= due:
        return None
    return due


def _spent(scale: Scale, clock: Clock, amount: int, calendar: WorkCalendar) -> datetime | None:
    """The last moment at which no more than ``amount`` of the scale is used; None when the clock stands still before that.

    Days of rest use nothing: what is used up with the end of a Friday is passed when Monday begins. One more unit takes one
    more microsecond, so the moment before the first of those is the last."""
    if amount < 0:
        return calendar.local(clock.started_at)
    passed = _advanced(scale, clock, amount + 1, calendar)
    return None if passed is None else passed - timedelta(microseconds=1)


def _advanced(scale: Scale, clock: Clock, amount: int, calendar: WorkCalendar) -> datetime | None:
    """When ``amount`` of the scale has been used; None when the clock stands still before that."""
    start = calendar.local(clock.started_at)
    if amount < 0:  # so much is used before the clock begins
        return start
    end = scale.advance(start, amount)
    for first, last in _spans(clock, start):
        if first > end:
            break
        if last is None:
            return None
        amount += scale.between(first, last)
        end = scale.advance(start, amount)
    return end


def _spans(clock: Clock, start: datetime) -> Sequence[Span]:
    """The clock's suspensions in order and without overlaps, the one that still stands last."""
    zone = start.tzinfo
    closed = [Pause(span.start, span.end) for span in clock.suspensions if span.end is not None]
    spans: list[Span] = [(first.astimezone(zone), last.astimezone(zone)) for first, last in merged(closed, start, None)]
    standing = min((span.start for span in clock.suspensions if span.end is None), default=None)
    if standing is not None:
        begun = max(standing.astimezone(zone), start)
        spans = [(first, last) for first, last in spans if first < begun] + [(begun, None)]
    return spans
