"""Tolerance 容缺受理: a case is accepted although secondary materials are missing, on a written promise to bring them.

Rules R2-1 to R2-10. May this case be tolerated, until when, which step waits for the materials, and what follows when
they do not come. The slots of the materials hold what is there; a tolerance holds what was promised.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from engine.approval import events
from engine.approval.applicant import Applicant
from engine.approval.credit import Benefit, CreditEvent, CreditKind, CreditStanding
from engine.approval.item import Item
from engine.approval.item.check import SENSITIVE_TAGS
from engine.approval.item.terms import InfoType, MaterialClass, ToleranceGate, ToleranceTimeout
from engine.approval.material import PROMISED, MaterialSlot, SlotMoved, Slots, SlotState, lacking
from engine.approval.reason import Decision, Reason
from engine.approval.stored import Stored
from engine.calendar import Due, Limit, Unit, WorkCalendar
from engine.errors import Conflict, InvalidInput
from engine.events import Event
from engine.records import record

_GATES: Final = (ToleranceGate.BEFORE_DECISION, ToleranceGate.BEFORE_ISSUE, ToleranceGate.BEFORE_COMPLETION_FILING)


@record
class ToleranceDecision(Decision):
    """Whether a case may be tolerated: ``materials`` are the codes that would be promised."""

    materials: tuple[str, ...] = ()
    needs_supervisor: bool = False


def may_tolerate(
    item: Item, slots: Slots, *, credit: CreditStanding, now: datetime, applicant_agrees: bool
) -> ToleranceDecision:
    """Decide whether the case may be accepted with what is lacking, with every reason against it.

    The white list of the guide rules: everything that is lacking has to be a secondary material (浙江 4, 11; 滨州 11).
    """
    rules = item.tolerance
    against: list[Reason] = []
    missing = lacking(slots)
    if rules is None or not rules.enabled:
        against.append(
            Reason(
                code="not-enabled", zh=f"事项“{item.name}”未开通容缺受理", en="The item allows no tolerance", rule="2.3"
            )
        )
    if item.infotype is InfoType.ON_THE_SPOT:
        against.append(
            Reason(
                code="on-the-spot", zh="即办件不适用容缺受理", en="An on-the-spot item is not tolerated", rule="R2-9"
            )
        )
    if not missing:
        against.append(
            Reason(
                code="nothing-lacking",
                zh="材料齐全，应当正常受理",
                en="Nothing is lacking; accept it",
                rule="行政许可法32",
            )
        )
    against += [reason for slot in missing for reason in _against_material(item, slot)]
    against += credit.against(Benefit.TOLERANCE, now)
    if not applicant_agrees:
        against.append(
            Reason(
                code="not-agreed",
                zh="申请人没有自愿选择容缺受理",
                en="The applicant has not chosen tolerance",
                rule="2.1",
            )
        )
    return ToleranceDecision(
        against=tuple(against),
        materials=tuple(slot.code for slot in missing),
        needs_supervisor=rules is not None and rules.needs_supervisor,
    )


def _against_material(item: Item, slot: MaterialSlot) -> list[Reason]:
    rule = item.material(slot.code)
    if rule.material_class is MaterialClass.SECONDARY and not rule.tags & SENSITIVE_TAGS:
        return []
    if rule.material_class is MaterialClass.MAIN:
        zh, en = f"缺少主件“{rule.name}”，不得容缺", f"The main material {rule.code} is lacking"
        return [Reason(code="main-lacking", zh=zh, en=en, rule="2.2")]
    zh, en = f"“{rule.name}”不在可容缺材料清单中", f"Material {rule.code} is not on the list of tolerable ones"
    return [Reason(code="not-tolerable", zh=zh, en=en, rule="2.2")]


def tolerance_deadline(item: Item, accepted_at: datetime, calendar: WorkCalendar) -> Due:
    """Return the latest deadline for the completion (R2-2).

    At most ``deadline_at_most`` (20 working days) and ``deadline_before_promised`` (2 working days) before the
    promised limit ends, before the statutory limit ends in any case, and never less than one working day.
    """
    rules, mode = item.tolerance, item.limits.mode
    if rules is None:
        raise InvalidInput(f"事项“{item.name}”未开通容缺受理。", f"Item {item.code} allows no tolerance.")
    promised = calendar.due(accepted_at, item.limits.promised.limit, mode).date
    statutory = calendar.due(accepted_at, item.limits.statutory.limit, mode).date
    last = min(
        calendar.due(accepted_at, rules.deadline_at_most.limit, mode).date,
        _earlier(calendar, promised, rules.deadline_before_promised.limit),
        calendar.working_day(statutory, -1),
    )
    return calendar.due(accepted_at, _working_days(calendar, accepted_at, last), mode)


def _earlier(calendar: WorkCalendar, day: date, limit: Limit) -> date:
    return calendar.working_day(day, -int(limit.value)) if limit.value else day


def _working_days(calendar: WorkCalendar, start: datetime, last: date) -> Limit:
    return Limit(max(1, int(calendar.working_days_between(start, last))), Unit.WD)


class ToleranceState(StrEnum):
    """Where a promise stands."""

    OPEN = "open"
    SUSPENDED = "suspended"  # late, in the second time that the item gives
    FULFILLED = "fulfilled"
    TIMED_OUT = "timed_out"
    ENDED = "ended"  # the case ended otherwise


@record
class TimeOut:
    """What follows when a promise was not kept in time. ``outcome`` is None while the second time runs."""

    tolerance: "Tolerance"
    slots: dict[str, MaterialSlot]
    events: list[Event]
    outcome: ToleranceTimeout | None = None
    credit: CreditEvent | None = None


@record
class Tolerance(Stored):
    """One promise 容缺补正承诺. Gate, outcome and chances are those of the day on which it was signed: the applicant
    was told of them."""

    case_id: str
    promise_no: str
    materials: tuple[str, ...]
    signed_at: datetime
    signed_by: str
    deadline: Due
    gate: ToleranceGate
    outcome: ToleranceTimeout
    recorrections: int
    suspend: Limit | None = None
    returned: int = 0
    extended: bool = False  # for force majeure, which is done once
    state: ToleranceState = ToleranceState.OPEN

    @classmethod
    def promise(
        cls,
        decision: ToleranceDecision,
        item: Item,
        slots: Slots,
        *,
        case_id: str,
        promise_no: str,
        accepted_at: datetime,
        signed_by: str,
        calendar: WorkCalendar,
        until: date | None = None,
        supervisor: str = "",
    ) -> tuple["Tolerance", dict[str, MaterialSlot], list[Event]]:
        """Take the signed promise; the case is accepted at ``accepted_at`` (R2-1). ``until`` may be earlier than the
        latest deadline. Returns the tolerance, all slots, and the events."""
        decision.require("容缺受理", "accept with tolerance")
        rules = item.tolerance
        assert rules is not None  # the decision would not have allowed it
        if decision.needs_supervisor and not supervisor:
            raise Conflict(
                f"事项“{item.name}”的容缺受理须经首席代表同意。",
                f"Tolerance for item {item.code} needs a supervisor's consent.",
            )
        deadline = tolerance_deadline(item, accepted_at, calendar)
        if until is not None:
            deadline = _chosen(calendar, accepted_at, until, deadline)
        tolerance = cls(
            case_id=case_id,
            promise_no=promise_no,
            materials=decision.materials,
            signed_at=accepted_at,
            signed_by=signed_by,
            deadline=deadline,
            gate=rules.gate,
            outcome=rules.timeout,
            recorrections=rules.recorrections,
            suspend=None if rules.suspend is None else rules.suspend.limit,
        )
        promised = events.TolerancePromised(
            case_id=case_id,
            promise_no=promise_no,
            materials=decision.materials,
            deadline=deadline.at,
            provisional=deadline.provisional,
            signed_by=signed_by,
        )
        changed, told = _each(slots, decision.materials, lambda slot: slot.tolerate(deadline.date))
        return tolerance, changed, [promised, *told]

    @property
    def is_open(self) -> bool:
        return self.state in (ToleranceState.OPEN, ToleranceState.SUSPENDED)

    def outstanding(self, slots: Slots) -> tuple[str, ...]:
        """Return the promised materials that are not verified yet."""
        return tuple(code for code in self.materials if slots[code].state in PROMISED)

    def undelivered(self, slots: Slots) -> tuple[str, ...]:
        """Return the promised materials that have not come; what came in time and waits for verification is not
        late."""
        return tuple(code for code in self.materials if slots[code].state is SlotState.TOLERATED)

    def guard(self, slots: Slots, step: ToleranceGate) -> Decision:
        """May the case take ``step``? Not while something promised is outstanding and the gate has been reached
        (R2-4)."""
        open_codes = self.outstanding(slots)
        if not self.is_open or not open_codes or _GATES.index(step) < _GATES.index(self.gate):
            return Decision()
        names = "、".join(slots[code].name for code in open_codes)
        return Decision(
            against=(
                Reason(
                    code="tolerance-outstanding",
                    zh=f"容缺材料尚未补齐核验：{names}（期限{self.deadline.date}）",
                    en=f"Promised materials are outstanding: {', '.join(open_codes)} (until {self.deadline.date})",
                    rule="R2-4",
                ),
            )
        )

    def reminders(self, item: Item, calendar: WorkCalendar) -> tuple[date, ...]:
        """Return the days on which the applicant is reminded (R2-5)."""
        before = () if item.tolerance is None else item.tolerance.reminders
        return tuple(sorted({_earlier(calendar, self.deadline.date, limit) for limit in before}))

    def return_completion(
        self, slots: Slots, reasons: Mapping[str, str], *, now: datetime
    ) -> tuple["Tolerance", dict[str, MaterialSlot], list[Event]]:
        """What came does not conform: it may come again, once and only inside the deadline (R2-10)."""
        self._only_open()
        if now > self.deadline.at or self.returned >= self.recorrections:
            raise Conflict(
                f"容缺补正期限{self.deadline.date}已过或再次补正的机会已用完，应按逾期处理。",
                f"The deadline {self.deadline.date} is over or all chances are used; treat it as a time-out.",
                deadline=self.deadline.at.isoformat(),
                returned=self.returned,
            )
        changed, told = _each(slots, tuple(reasons), lambda slot: slot.return_completion(reasons[slot.code]))
        returned = events.ToleranceCompletionReturned(
            case_id=self.case_id,
            materials=tuple(reasons),
            reason="；".join(reasons.values()),
            round=self.returned + 1,
        )
        return replace(self, returned=self.returned + 1), changed, [*told, returned]

    def fulfil(self, slots: Slots) -> tuple["Tolerance", list[Event]]:
        """Everything promised is there and verified."""
        self._only_open()
        open_codes = self.outstanding(slots)
        if open_codes:
            raise Conflict(
                f"容缺材料尚未补齐核验：{'、'.join(slots[code].name for code in open_codes)}。",
                f"Promised materials are outstanding: {', '.join(open_codes)}.",
                materials=list(open_codes),
            )
        return replace(self, state=ToleranceState.FULFILLED), [events.ToleranceFulfilled(case_id=self.case_id)]

    def extend(
        self, slots: Slots, until: Due, *, reason: str, approved_by: str
    ) -> tuple["Tolerance", dict[str, MaterialSlot], list[Event]]:
        """A later deadline, for force majeure only, by the lead (民政 six-step rule)."""
        self._only_open()
        if not reason.strip() or not approved_by.strip():
            raise InvalidInput(
                "容缺期限只能因不可抗力延长，须写明理由和批准人。",
                "A tolerance is extended for force majeure only: give the reason and who approved it.",
            )
        if until.at <= self.deadline.at:
            raise InvalidInput(
                f"新期限{until.date}不晚于原期限{self.deadline.date}。",
                f"The new deadline {until.date} is not later than {self.deadline.date}.",
            )
        extended = events.ToleranceExtended(
            case_id=self.case_id, deadline=until.at, reason=reason, approved_by=approved_by
        )
        changed, told = _each(slots, self.undelivered(slots), lambda slot: slot.tolerate(until.date))
        return replace(self, deadline=until, extended=True), changed, [extended, *told]

    def moved(self, slots: Slots, deadline: Due) -> tuple["Tolerance", dict[str, MaterialSlot], list[Event]]:
        """Another calendar: the same number of working days ends on another day."""
        changed, told = _each(slots, self.undelivered(slots), lambda slot: slot.tolerate(deadline.date))
        return replace(self, deadline=deadline), changed, told

    def time_out(
        self,
        slots: Slots,
        *,
        now: datetime,
        calendar: WorkCalendar,
        applicant: Applicant,
        credit_id: str,
        nonconforming: tuple[str, ...] = (),
    ) -> TimeOut:
        """The deadline is over (R2-6 to R2-8). Nothing happens when everything was delivered in time;
        ``nonconforming`` names what was delivered, does not conform and has no further chance.

        With a second time in the item, the promised clock stands and a new deadline runs; otherwise the materials
        lapse, the item's outcome follows and the breach is recorded under ``credit_id``.
        """
        self._only_open()
        if now <= self.deadline.at:
            raise Conflict(
                f"容缺补正期限{self.deadline.date}尚未届满。",
                f"The deadline {self.deadline.date} is not over.",
                deadline=self.deadline.at.isoformat(),
            )
        missing = tuple(dict.fromkeys((*self.undelivered(slots), *nonconforming)))
        if not missing:
            return TimeOut(tolerance=self, slots=dict(slots), events=[])
        if self.suspend is not None and self.state is ToleranceState.OPEN:
            return self._second_time(slots, missing, self.suspend, calendar)
        changed, told = _each(slots, missing, MaterialSlot.lapse)
        names = "、".join(slots[code].name for code in missing)
        credit, recorded = CreditEvent.record(
            credit_id,
            applicant,
            CreditKind.TOLERANCE_BREACH,
            reason=f"承诺{self.promise_no}逾期未补齐：{names}",
            at=now,
            case_id=self.case_id,
        )
        over = events.ToleranceTimedOut(case_id=self.case_id, outcome=self.outcome.value, missing=missing)
        return TimeOut(
            tolerance=replace(self, state=ToleranceState.TIMED_OUT),
            slots=changed,
            events=[*told, over, *recorded],
            outcome=self.outcome,
            credit=credit,
        )

    def end(self, reason: str) -> tuple["Tolerance", list[Event]]:
        """The case ended otherwise; nothing is owed any more."""
        self._only_open()
        return replace(self, state=ToleranceState.ENDED), [events.ToleranceEnded(case_id=self.case_id, reason=reason)]

    def _second_time(self, slots: Slots, missing: tuple[str, ...], limit: Limit, calendar: WorkCalendar) -> TimeOut:
        deadline = calendar.due(self.deadline.at, limit, self.deadline.mode)
        suspended = events.ToleranceSuspended(case_id=self.case_id, deadline=deadline.at, missing=missing)
        changed, told = _each(slots, missing, lambda slot: slot.tolerate(deadline.date))
        tolerance = replace(self, state=ToleranceState.SUSPENDED, deadline=deadline)
        return TimeOut(tolerance=tolerance, slots=changed, events=[suspended, *told])

    def _only_open(self) -> None:
        if not self.is_open:
            raise Conflict(
                f"容缺承诺{self.promise_no}已结束（{self.state.value}）。",
                f"Promise {self.promise_no} is closed ({self.state.value}).",
                state=self.state.value,
            )


def _chosen(calendar: WorkCalendar, accepted_at: datetime, until: date, latest: Due) -> Due:
    """Return the deadline that the applicant chose; not later than the latest one, and a working day."""
    if until > latest.date or calendar.working_days_between(accepted_at, until) < 1:
        raise InvalidInput(
            f"承诺补正日期应在受理次日至{latest.date}之间。",
            f"The promised day has to lie after acceptance and not after {latest.date}.",
            fields={"until": {"zh": f"不晚于{latest.date}", "en": f"not later than {latest.date}"}},
        )
    return calendar.due(accepted_at, _working_days(calendar, accepted_at, until), latest.mode)


def _each(
    slots: Slots, codes: tuple[str, ...], move: Callable[[MaterialSlot], SlotMoved]
) -> tuple[dict[str, MaterialSlot], list[Event]]:
    """Move the slots with these codes; return all slots and the events in order."""
    changed, told = dict(slots), list[Event]()
    for code in codes:
        changed[code], more = move(slots[code])
        told += more
    return changed, told
