"""Clocks of a case 时限: a budget, a start, what stood still, and the due date that follows from them.

A clock holds facts only: its due date can be computed again at any time by any calendar, which is how a change of the
calendar reaches open cases and how a due date is explained in front of a court. Suspensions and the extension are
never taken back; they are the entries of a ledger that only grows.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from engine.approval import events
from engine.approval.clock_change import difference
from engine.approval.clock_kind import ClockKind
from engine.approval.item import Item
from engine.approval.stored import Stored
from engine.approval.suspension import ART_45, Suspension, SuspensionKind, pauses
from engine.calendar import Due, DueMode, Explanation, Limit, Pause, ReceiptRule, Unit, WorkCalendar, explain
from engine.errors import Conflict, InvalidInput
from engine.events import Event
from engine.records import record

__all__ = [
    "ART_45",
    "Clock",
    "ClockKind",
    "ClockState",
    "Suspension",
    "SuspensionKind",
    "pauses",
    "start_of_acceptance",
]


class ClockState(StrEnum):
    """Does it run?"""

    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"


@record
class Clock(Stored):
    """One clock. ``due`` is its end by the calendar version that it names; while paused, as if resumed at once.

    ``token_id`` is the task or timer of the process that it measures, ``about`` the suspension whose planned time it
    measures, ``within`` the special procedure in which it runs: the steps of a hearing do not stand while it is held.
    """

    id: str
    case_id: str | None  # None in a process without a case
    kind: ClockKind
    budget: Limit
    started_at: datetime
    due: Due
    mode: DueMode = DueMode.END_OF_DAY
    receipt: ReceiptRule = ReceiptRule.AS_IS
    task_id: str | None = None
    state: ClockState = ClockState.RUNNING
    suspensions: tuple[Suspension, ...] = ()
    extension: Limit | None = None
    stopped_at: datetime | None = None
    source: str = ""  # the rule from which the budget comes
    token_id: str = ""
    about: str = ""
    within: str = ""

    @classmethod
    def start(
        cls,
        id: str,
        kind: ClockKind,
        budget: Limit,
        *,
        case_id: str | None,
        at: datetime,
        calendar: WorkCalendar,
        mode: DueMode = DueMode.END_OF_DAY,
        receipt: ReceiptRule = ReceiptRule.AS_IS,
        task_id: str | None = None,
        source: str = "",
        token_id: str = "",
        about: str = "",
        within: str = "",
    ) -> tuple["Clock", list[Event]]:
        """Start a clock at ``at``, which may lie in the past (deemed acceptance)."""
        clock = cls(
            id=id,
            case_id=case_id,
            kind=kind,
            budget=budget,
            started_at=at,
            due=calendar.due(at, budget, mode, receipt=receipt),
            mode=mode,
            receipt=receipt,
            task_id=task_id,
            source=source,
            token_id=token_id,
            about=about,
            within=within,
        )
        told = {"value": clock.to_json(), "limit": budget.to_json(), "started_at": at}
        return clock, [clock._event(events.ClockStarted, **told)]

    @property
    def limit(self) -> Limit:
        """The budget with its extension."""
        return self.budget if self.extension is None else self.budget + self.extension

    # -- moving

    def pause(self, suspension: Suspension) -> tuple["Clock", list[Event]]:
        """Stand still from ``suspension.start`` on; a clock that stands already stands until the last one has ended. The
        statutory clock stops only on a ground of art. 45 (or of a law that the item names) of which the applicant was told in
        writing how long it will take."""
        self._not_stopped("暂停", "be paused")
        if suspension.id in {each.id for each in self.open_suspensions}:
            raise Conflict(
                f"{self.kind.zh}已因同一{suspension.kind.zh}暂停。",
                f"The {self.kind.value} clock stands already for this {suspension.kind.value}.",
            )
        if self.kind is ClockKind.STATUTORY:
            _told_by_law(suspension)
        paused = replace(self, state=ClockState.PAUSED, suspensions=(*self.suspensions, replace(suspension, end=None)))
        return paused, [paused._changed(self, events.ClockPaused, paused_at=suspension.start, **_told(suspension))]

    def resume(
        self, at: datetime, calendar: WorkCalendar, suspension_id: str | None = None, *, reason: str = ""
    ) -> tuple["Clock", list[Event]]:
        """End one suspension (all that are open when none is named); with the last one the clock runs again from ``at`` on,
        and its end has moved by what all of them together took."""
        if self.state is not ClockState.PAUSED:
            raise Conflict(
                f"{self.kind.zh}没有暂停，不能恢复。",
                f"The {self.kind.value} clock is {self.state.value} and cannot be resumed.",
                state=self.state.value,
            )
        closed = self._closed(at, suspension_id)
        state = ClockState.PAUSED if any(each.end is None for each in closed) else ClockState.RUNNING
        resumed = replace(self, state=state, suspensions=closed)
        resumed = resumed._ending(calendar)
        told = {"suspension_id": suspension_id or "", "reason": reason}
        return resumed, [resumed._changed(self, events.ClockResumed, resumed_at=at, **told)]

    def replan(self, suspension_id: str, planned: Limit, *, reason: str) -> tuple["Clock", list[Event]]:
        """The open suspension will take another time than was planned, as the applicant was told."""
        changed = tuple(
            replace(each, planned=planned) if each.id == suspension_id and each.end is None else each
            for each in self.suspensions
        )
        replanned = replace(self, suspensions=changed)
        told = {"suspension_id": suspension_id, "planned": planned.to_json(), "reason": reason}
        return replanned, [replanned._changed(self, events.ClockReplanned, **told)]

    def extend(
        self,
        extension: Limit,
        *,
        at: datetime,
        reason: str,
        calendar: WorkCalendar,
        asked_at: datetime | None = None,
        approved_by: str = "",
        notice_no: str = "",
    ) -> tuple["Clock", list[Event]]:
        """Add to the budget, once, and only if it was asked for before the limit had run out (行政许可法 42). The planned
        time of a special procedure may be extended again, each time told in writing."""
        again = self.extension is not None and self.kind is not ClockKind.SPECIAL
        if self.state is ClockState.STOPPED or again or self.is_overdue(asked_at or at):
            raise Conflict(
                f"{self.kind.zh}不能延长：只能在期限届满前（{self.due.date}）延长一次。",
                f"The {self.kind.value} limit cannot be extended: once, and before it ends on {self.due.date}.",
                due=self.due.at.isoformat(),
            )
        if not reason.strip():
            raise InvalidInput(
                "延长期限应当将理由告知申请人，请填写理由。", "Please give the reasons for the extension."
            )
        total = extension if self.extension is None else self.extension + extension
        extended = replace(self, extension=total)
        extended = extended._ending(calendar)
        told = {"reason": reason, "approved_by": approved_by, "notice_no": notice_no}
        return extended, [extended._changed(self, events.ClockExtended, extension=extension.to_json(), **told)]

    def stop(self, at: datetime, calendar: WorkCalendar) -> tuple["Clock", list[Event]]:
        """The thing was done (or the case ended) at ``at``; a suspension that is open ends with it, and the end moves by
        what it took."""
        if self.state is ClockState.STOPPED:
            raise Conflict(f"{self.kind.zh}已停止。", f"The {self.kind.value} clock has stopped.")
        stopped = replace(self, state=ClockState.STOPPED, stopped_at=at, suspensions=self._closed(at))
        if self.state is ClockState.PAUSED:
            stopped = stopped._ending(calendar)
        return stopped, [stopped._changed(self, events.ClockStopped, stopped_at=at, late=stopped.is_late)]

    def go_on(self, suspensions: Iterable[Suspension], calendar: WorkCalendar) -> tuple["Clock", list[Event]]:
        """What had stopped it was taken back: it goes on as if it had never stopped, so that nobody gains time (P-6.1). It stands, or
        has stood, for what of ``suspensions``, those of its case, came or lasted since."""
        stopped_at = self.stopped_at
        if stopped_at is None:
            raise Conflict(f"{self.kind.zh}没有停止。", f"The {self.kind.value} clock has not stopped.")
        since = {each.id: each for each in suspensions if each.end is None or each.end > stopped_at}
        closed = tuple(since.pop(each.id, each) if each.end == stopped_at else each for each in self.suspensions)
        known = {each.id for each in closed}
        later = tuple(each for each in since.values() if each.start >= stopped_at and each.id not in known)
        stood = (*closed, *later)
        state = ClockState.PAUSED if any(each.end is None for each in stood) else ClockState.RUNNING
        gone_on = replace(self, state=state, stopped_at=None, suspensions=stood)._ending(calendar)
        return gone_on, [gone_on._changed(self, events.ClockContinued, stopped_at=stopped_at)]

    def reproject(self, calendar: WorkCalendar) -> tuple["Clock", list[Event]]:
        """Compute the end again by another calendar; nothing changes and is told when the end stays the same."""
        if self.state is ClockState.STOPPED:
            return self, []
        moved = self._ending(calendar)
        due = moved.due
        if (due.at, due.date, due.provisional) == (self.due.at, self.due.date, self.due.provisional):
            return self, []
        return moved, [moved._changed(self, events.ClockReprojected, before=self.due.at)]

    def project(self, calendar: WorkCalendar) -> Due:
        """Return the end by ``calendar`` with the pauses that moved it; an open suspension has taken nothing yet."""
        return self._project(calendar, self.stands_since)

    def _ending(self, calendar: WorkCalendar) -> "Clock":
        """The clock with its end by ``calendar``. What moved it stands in the suspensions and is not kept twice."""
        return replace(self, due=replace(self.project(calendar), pauses=()))

    def expected(self, calendar: WorkCalendar) -> Due | None:
        """Return the end as it will be when the open suspensions take all their planned time; None when one of them has
        none, for then nobody can say."""
        ends = [
            None if each.planned is None else calendar.due(each.start, each.planned).at
            for each in self.open_suspensions
        ]
        known = [end for end in ends if end is not None]
        if len(known) < len(ends):
            return None
        return self._project(calendar, max(known)) if known else self.due

    def _project(self, calendar: WorkCalendar, as_of: datetime | None) -> Due:
        return calendar.due(
            self.started_at,
            self.limit,
            self.mode,
            receipt=self.receipt,
            pauses=[Pause(each.start, each.end) for each in self.suspensions],
            as_of=as_of,
        )

    # -- asking

    @property
    def open_suspensions(self) -> tuple[Suspension, ...]:
        """What it stands for now."""
        return tuple(each for each in self.suspensions if each.end is None)

    @property
    def stands_since(self) -> datetime | None:
        """From when on the time has not been counted yet: where the open suspensions begin or, where they overlap with
        one that has ended, its end, since what that one took is in the due date already."""
        opened = [each.start for each in self.open_suspensions]
        if not opened:
            return None
        return max([min(opened), *(each.end for each in self.suspensions if each.end is not None)])

    @property
    def is_late(self) -> bool:
        """Was it stopped after its end?"""
        return self.stopped_at is not None and self.stopped_at > self.due.at

    def is_overdue(self, now: datetime) -> bool:
        """Is it running and past its end? A clock that stands is not overdue, unless it was before."""
        return self.state is not ClockState.STOPPED and min(now, self.stands_since or now) > self.due.at

    @property
    def unit_left(self) -> Unit:
        """In what the remaining time is told: the clock's own unit, of months their days."""
        return Unit.ND if self.budget.unit is Unit.MONTH else self.budget.unit

    def remaining(self, calendar: WorkCalendar, now: datetime) -> float:
        """Return what is left at ``now`` in the clock's own unit (months in days), below zero when it is over.

        Working days as whole and half days: 0 means "due today". Hours are hours of office time.
        """
        moment = self.stands_since or self.stopped_at or now
        if self.budget.unit is Unit.HOUR:
            return calendar.office_time_between(moment, self.due.at).total_seconds() / 3600
        if self.budget.unit is Unit.WD:
            return calendar.working_days_between(moment, self.due.date)
        return float((self.due.date - calendar.local_date(moment)).days)

    def explain(self, calendar: WorkCalendar) -> Explanation:
        """Return the readable sum of the due date."""
        return explain(calendar, self.project(calendar))

    def _closed(self, at: datetime, suspension_id: str | None = None) -> tuple[Suspension, ...]:
        return tuple(
            each
            if each.end is not None or suspension_id not in (None, each.id)
            else replace(each, end=max(at, each.start))
            for each in self.suspensions
        )

    def _not_stopped(self, zh: str, en: str) -> None:
        if self.state is ClockState.STOPPED:
            raise Conflict(
                f"{self.kind.zh}已停止，不能{zh}。",
                f"The {self.kind.value} clock has stopped and cannot {en}.",
                state=self.state.value,
            )

    def _changed(self, was: "Clock", event: type[events.ClockEvent], /, **facts: Any) -> Event:
        """What happened to the clock as it ``was``: the event tells what became otherwise, and no more."""
        return self._event(event, change=difference(was, self), **facts)

    def _event(self, event: type[events.ClockEvent], **facts: Any) -> Event:
        return event(
            clock_id=self.id,
            case_id=self.case_id,
            clock_kind=self.kind.value,
            state=self.state.value,
            due_at=self.due.at,
            due_date=self.due.date,
            provisional=self.due.provisional,
            calendar_version=self.due.calendar_version,
            **facts,
        )


def _told_by_law(suspension: Suspension) -> None:
    by_law = suspension.kind in ART_45 or suspension.basis
    if not by_law or not suspension.notice_no or suspension.planned is None:
        raise Conflict(
            f"{suspension.kind.zh}不能暂停法定时限：须属于行政许可法第四十五条所列情形，并已书面告知所需时间。",
            f"A suspension for {suspension.kind.value} does not stop the statutory clock: it takes a ground of "
            "art. 45 and a written notice of the time needed.",
            suspension=suspension.kind.value,
        )


def _told(suspension: Suspension) -> dict[str, Any]:
    return {
        "cause": suspension.kind.value,
        "suspension_id": suspension.id,
        "reason": suspension.reason,
        "notice_no": suspension.notice_no,
        "planned": None if suspension.planned is None else suspension.planned.to_json(),
        "approved_by": suspension.approved_by,
    }


def start_of_acceptance(
    item: Item, *, case_id: str, accepted_at: datetime, calendar: WorkCalendar, ids: Iterable[str]
) -> tuple[list[Clock], list[Event]]:
    """Start the statutory and the promised clock of an accepted case; ``ids`` gives one id for each."""
    new_ids = iter(ids)
    clocks, told = [], list[Event]()
    for kind, limit in (
        (ClockKind.STATUTORY, item.limits.statutory),
        (ClockKind.PROMISED, item.limits.promised),
    ):
        clock, more = Clock.start(
            next(new_ids),
            kind,
            limit.limit,
            case_id=case_id,
            at=accepted_at,
            calendar=calendar,
            mode=item.limits.mode,
            source=limit.source,
        )
        clocks.append(clock)
        told += more
    return clocks, told
