"""Limits as pages and the API show them: each clock with its lamp and its sum; what another calendar would move."""

from dataclasses import fields
from typing import Any

from engine.approval.clock import Clock, ClockState
from engine.approval.clock_kind import OF_STEPS, ClockKind
from engine.approval.clock_sum import ClockSum
from engine.calendar import DayRow, WorkCalendar, parse_year_file, year_of
from engine.records import record
from engine.store.queries.clocks import Preview
from web.frame import deadlines
from web.frame.auth import services
from web.frame.deadlines import Deadline
from web.parts.casefile import LEADING, PARTS, CaseView
from web.wording.i18n import translate as _
from web.wording.words_time import GROUNDS


@record(kw_only=False)
class ClockWithSum:
    """One clock for a page."""

    sum: ClockSum
    deadline: Deadline
    expected: Any  # its end when the open suspensions take all their planned time; None when nobody can say

    @property
    def clock(self) -> Clock:
        return self.sum.clock

    @property
    def subject(self) -> str:
        """Whose limit it is: the step, the department or the special procedure; "" for a limit of the whole case."""
        if self.sum.procedure is not None:
            return _(GROUNDS[self.sum.procedure.value])
        return self.clock.source if self.clock.kind in PARTS else ""

    @property
    def is_past_part(self) -> bool:
        """Whether it is of no interest any more, unless somebody asks: a part of the case that has ended."""
        return self.clock.kind in PARTS and self.clock.state is ClockState.STOPPED


def of_case(case: CaseView) -> list[ClockWithSum]:
    """The clocks of a case: those of the whole first, then the others, those of steps after them, stopped ones last."""
    now, calendar = services().engine.now(), services().queries.admin.calendar()
    found = [_view(each, now, calendar) for each in services().queries.clocks.of_case(case.row["id"], calendar)]
    order = {kind: position for position, kind in enumerate(LEADING)}

    def place(view: ClockWithSum) -> tuple[bool, int]:
        kind = view.clock.kind
        return view.clock.state is ClockState.STOPPED, len(order) + (
            kind in OF_STEPS
        ) if kind.value not in order else order[kind.value]

    return sorted(found, key=place)


def _view(each: ClockSum, now: Any, calendar: WorkCalendar) -> ClockWithSum:
    clock = each.clock
    judged = deadlines.deadline(
        clock.due.at,
        now=clock.stopped_at or clock.stands_since or now,
        calendar=calendar,
        since=clock.started_at,
        provisional=clock.due.provisional,
        unit=clock.budget.unit,
    )
    return ClockWithSum(each, judged, clock.expected(calendar) if clock.open_suspensions else None)


def as_json(case: CaseView) -> list[dict[str, Any]]:
    """The clocks of a case for the API."""
    now, calendar = services().engine.now(), services().queries.admin.calendar()
    return [_json(view, now, calendar) for view in of_case(case)]


def _json(view: ClockWithSum, now: Any, calendar: WorkCalendar) -> dict[str, Any]:
    clock = view.clock
    return {
        "id": clock.id,
        "kind": clock.kind.value,
        "state": clock.state.value,
        "limit": str(clock.budget),
        "extension": None if clock.extension is None else str(clock.extension),
        "source": clock.source,
        "started_at": clock.started_at,
        "due_at": clock.due.at,
        "due_date": clock.due.date,
        "provisional": clock.due.provisional,
        "stopped_at": clock.stopped_at,
        "remaining": round(clock.remaining(calendar, now), 2),
        "remaining_unit": clock.unit_left.value,
        "task_id": clock.task_id,
        "suspension_id": clock.about if clock.kind is ClockKind.SPECIAL else None,
        "procedure": None if view.sum.procedure is None else view.sum.procedure.value,
        "suspensions": [each.to_json() for each in clock.suspensions],
        "explanation": view.sum.to_json(),
    }


# ---------------------------------------------------------------- another calendar


def preview_of_year(text: str) -> Preview:
    """What loading this year file would move. Raises YearFileRefused."""
    rows = parse_year_file(text)
    year = year_of(rows)
    calendar = services().queries.admin.calendar()
    return _preview(calendar.with_days(rows, year=year))


def preview_of_day(row: DayRow) -> Preview:
    """What the change of one day would move."""
    return _preview(services().queries.admin.calendar().with_days([row]))


def _preview(proposed: WorkCalendar) -> Preview:
    changed = services().queries.admin.calendar().differs_from(proposed)
    return Preview() if changed is None else services().queries.clocks.preview(proposed, changed)


def preview_json(found: Preview) -> dict[str, Any]:
    """A preview for the API."""
    moves = [{each.name: getattr(move, each.name) for each in fields(move)} for move in found.moves]
    shifts = [{"days": days, "limits": limits} for days, limits in sorted(found.by_days.items())]
    counts = {"seen": found.seen, "moved": found.moved, "firmed": found.firmed, "broken": found.broken}
    return counts | {"by_days": shifts, "items": moves}
