"""Clocks of a case 时限: a budget, a start, what stood still, and the due date that follows from them.

A clock holds facts only: its due date can be computed again at any time by any calendar, which is how a change of the
calendar reaches open cases and how a due date is explained in front of a court. Suspensions and the extension are
never taken back; they are the entries of a ledger that only grows.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from engine.approval import events
from engine.approval.item import Item
from engine.approval.stored import Stored
from engine.calendar import Due, DueMode, Explanation, Limit, Pause, ReceiptRule, Unit, WorkCalendar, explain
from engine.errors import Conflict, InvalidInput
from engine.events import Event


class ClockKind(StrEnum):
    """What a clock measures."""

    STATUTORY = "statutory"
    PROMISED = "promised"
    STEP = "step"  # one task
    BRANCH = "branch"  # one co-department
    PRE_ACCEPT = "pre_accept"
    NOTICE = "notice"  # the office's five days for the correction notice
    CORRECTION = "correction"  # the applicant's time to correct
    TOLERANCE = "tolerance"
    DECISION = "decision"  # the same day, on a commitment
    SUPPLEMENT = "supplement"
    VERIFICATION = "verification"
    RECTIFICATION = "rectification"
    STATEMENT = "statement"
    SPECIAL = "special"  # the planned time of a special procedure
    DELIVERY = "delivery"

    @property
    def zh(self) -> str:
        return {
            "statutory": "法定时限",
            "promised": "承诺时限",
            "step": "环节时限",
            "branch": "并联分支时限",
            "pre_accept": "预受理时限",
            "notice": "补正告知时限",
            "correction": "补正期限",
            "tolerance": "容缺补正期限",
            "decision": "当场决定时限",
            "supplement": "补交材料期限",
            "verification": "核查期限",
            "rectification": "整改期限",
            "statement": "陈述申辩期限",
            "special": "特别程序时限",
            "delivery": "送达时限",
        }[self.value]


class ClockState(StrEnum):
    """Does it run?"""

    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"


class SuspensionKind(StrEnum):
    """Why clocks stand still. The first eight are the closed list of art. 45; the others are local practice."""

    HEARING = "hearing"
    TENDER = "tender"
    AUCTION = "auction"
    INSPECTION = "inspection"
    TESTING = "testing"
    QUARANTINE = "quarantine"
    APPRAISAL = "appraisal"
    EXPERT_REVIEW = "expert_review"
    PUBLICITY = "publicity"
    SITE_SURVEY = "site_survey"
    CONSULTATION = "consultation"
    FACT_FINDING = "fact_finding"
    TOLERANCE = "tolerance"
    OTHER = "other"

    @property
    def zh(self) -> str:
        return _SUSPENSION_WORDS[self.value]


_SUSPENSION_WORDS: Final = {
    "hearing": "听证", "tender": "招标", "auction": "拍卖", "inspection": "检验", "testing": "检测",
    "quarantine": "检疫", "appraisal": "鉴定", "expert_review": "专家评审", "publicity": "公示",
    "site_survey": "现场踏勘", "consultation": "征求意见", "fact_finding": "核实", "tolerance": "容缺逾期挂起",
    "other": "挂起",
}  # fmt: skip

ART_45: Final = frozenset(
    {
        SuspensionKind.HEARING,
        SuspensionKind.TENDER,
        SuspensionKind.AUCTION,
        SuspensionKind.INSPECTION,
        SuspensionKind.TESTING,
        SuspensionKind.QUARANTINE,
        SuspensionKind.APPRAISAL,
        SuspensionKind.EXPERT_REVIEW,
    }
)
_OFFICE_CLOCKS: Final = frozenset({ClockKind.PROMISED, ClockKind.STEP, ClockKind.BRANCH})


def pauses(kind: SuspensionKind, item: Item) -> frozenset[ClockKind]:
    """Return the clocks that a suspension of this kind stops: the statutory one only on a ground of art. 45."""
    if kind in ART_45:
        return _OFFICE_CLOCKS | {ClockKind.STATUTORY}
    return _OFFICE_CLOCKS if item.limits.promised_pauses_for_local_procedures else frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspension(Stored):
    """One time in which a clock stood still. ``planned`` is the time told to the applicant in writing (art. 45)."""

    kind: SuspensionKind
    start: datetime
    end: datetime | None = None
    reason: str = ""
    notice_no: str = ""
    planned: Limit | None = None
    approved_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock(Stored):
    """One clock. ``due`` is its end by the calendar version that it names; while paused, as if resumed at once."""

    id: str
    case_id: str
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

    @classmethod
    def start(
        cls,
        id: str,
        kind: ClockKind,
        budget: Limit,
        *,
        case_id: str,
        at: datetime,
        calendar: WorkCalendar,
        mode: DueMode = DueMode.END_OF_DAY,
        receipt: ReceiptRule = ReceiptRule.AS_IS,
        task_id: str | None = None,
        source: str = "",
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
        )
        return clock, [clock._event(events.ClockStarted, limit=budget.to_json(), started_at=at)]

    @property
    def limit(self) -> Limit:
        """The budget with its extension."""
        return self.budget if self.extension is None else self.budget + self.extension

    # -- moving

    def pause(self, suspension: Suspension) -> tuple["Clock", list[Event]]:
        """Stand still from ``suspension.start`` on. The statutory clock stops only on a ground of art. 45 of which the
        applicant was told in writing how long it will take."""
        self._only(ClockState.RUNNING, zh="暂停", en="be paused")
        if self.kind is ClockKind.STATUTORY and (
            suspension.kind not in ART_45 or not suspension.notice_no or suspension.planned is None
        ):
            raise Conflict(
                f"{suspension.kind.zh}不能暂停法定时限：须属于行政许可法第四十五条所列情形，并已书面告知所需时间。",
                f"A suspension for {suspension.kind.value} does not stop the statutory clock: it takes a ground of "
                "art. 45 and a written notice of the time needed.",
                suspension=suspension.kind.value,
            )
        paused = replace(self, state=ClockState.PAUSED, suspensions=(*self.suspensions, replace(suspension, end=None)))
        return paused, [paused._event(events.ClockPaused, paused_at=suspension.start, cause=suspension.kind.value)]

    def resume(self, at: datetime, calendar: WorkCalendar) -> tuple["Clock", list[Event]]:
        """Run again from ``at`` on; the end moves by what the suspension took."""
        self._only(ClockState.PAUSED, zh="恢复", en="be resumed")
        resumed = replace(self, state=ClockState.RUNNING, suspensions=self._closed(at))
        resumed = replace(resumed, due=resumed.project(calendar))
        return resumed, [resumed._event(events.ClockResumed, resumed_at=at)]

    def extend(
        self, extension: Limit, *, at: datetime, reason: str, calendar: WorkCalendar
    ) -> tuple["Clock", list[Event]]:
        """Add to the budget, once, and only before the limit has run out (行政许可法 42)."""
        if self.state is ClockState.STOPPED or self.extension is not None or at > self.due.at:
            raise Conflict(
                f"{self.kind.zh}不能延长：只能在期限届满前（{self.due.date}）延长一次。",
                f"The {self.kind.value} limit cannot be extended: once, and before it ends on {self.due.date}.",
                due=self.due.at.isoformat(),
            )
        if not reason.strip():
            raise InvalidInput(
                "延长期限应当将理由告知申请人，请填写理由。", "Please give the reasons for the extension."
            )
        extended = replace(self, extension=extension, due=replace(self, extension=extension).project(calendar))
        return extended, [extended._event(events.ClockExtended, extension=extension.to_json(), reason=reason)]

    def stop(self, at: datetime) -> tuple["Clock", list[Event]]:
        """The thing was done (or the case ended) at ``at``; a suspension that is open ends with it."""
        if self.state is ClockState.STOPPED:
            raise Conflict(f"{self.kind.zh}已停止。", f"The {self.kind.value} clock has stopped.")
        stopped = replace(self, state=ClockState.STOPPED, stopped_at=at, suspensions=self._closed(at))
        return stopped, [stopped._event(events.ClockStopped, stopped_at=at, late=stopped.is_late)]

    def reproject(self, calendar: WorkCalendar) -> tuple["Clock", list[Event]]:
        """Compute the end again by another calendar; nothing changes and is told when the end stays the same."""
        if self.state is ClockState.STOPPED:
            return self, []
        due = self.project(calendar)
        if (due.at, due.date, due.provisional) == (self.due.at, self.due.date, self.due.provisional):
            return self, []
        moved = replace(self, due=due)
        return moved, [moved._event(events.ClockReprojected, before=self.due.at)]

    def project(self, calendar: WorkCalendar) -> Due:
        """Return the end by ``calendar``; an open suspension has taken nothing yet."""
        standing = next((each.start for each in self.suspensions if each.end is None), None)
        return calendar.due(
            self.started_at,
            self.limit,
            self.mode,
            receipt=self.receipt,
            pauses=[Pause(each.start, each.end) for each in self.suspensions],
            as_of=standing,
        )

    # -- asking

    @property
    def is_late(self) -> bool:
        """Was it stopped after its end?"""
        return self.stopped_at is not None and self.stopped_at > self.due.at

    def is_overdue(self, now: datetime) -> bool:
        """Is it running and past its end? A clock that stands is not overdue, unless it was before."""
        standing = next((each.start for each in self.suspensions if each.end is None), now)
        return self.state is not ClockState.STOPPED and min(now, standing) > self.due.at

    def remaining(self, calendar: WorkCalendar, now: datetime) -> float:
        """Return what is left at ``now`` in the clock's own unit (months in days), below zero when it is over.

        Working days as whole and half days: 0 means "due today". Hours are hours of office time.
        """
        moment = next((each.start for each in self.suspensions if each.end is None), self.stopped_at or now)
        if self.budget.unit is Unit.HOUR:
            return calendar.office_time_between(moment, self.due.at).total_seconds() / 3600
        if self.budget.unit is Unit.WD:
            return calendar.working_days_between(moment, self.due.date)
        return float((self.due.date - calendar.local_date(moment)).days)

    def explain(self, calendar: WorkCalendar) -> Explanation:
        """Return the readable sum of the due date."""
        return explain(calendar, self.due)

    def _closed(self, at: datetime) -> tuple[Suspension, ...]:
        return tuple(
            each if each.end is not None else replace(each, end=max(at, each.start)) for each in self.suspensions
        )

    def _only(self, state: ClockState, *, zh: str, en: str) -> None:
        if self.state is not state:
            raise Conflict(
                f"{self.kind.zh}现为“{self.state.value}”，不能{zh}。",
                f"The {self.kind.value} clock is {self.state.value} and cannot {en}.",
                state=self.state.value,
            )

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
