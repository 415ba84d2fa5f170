"""Judging a case: which card is due for it now by which rule, and when somebody has to look again."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from engine.approval.clock import Clock, ClockKind, ClockState
from engine.approval.clock_sum import sum_of
from engine.approval.supervision.measure import bound, used
from engine.approval.supervision.rules import Level, Measure, Rule, RuleSet, Subject
from engine.calendar import WorkCalendar
from engine.records import record

# Of these a case has one that counts, the latest; of the others several may run at once.
WHOLE_CASE = frozenset({ClockKind.PROMISED, ClockKind.STATUTORY})


@record
class Verdict:
    """The highest card that is due for one subject (``key``: the case, or one clock of it); ``rule`` None means none."""

    subject: Subject
    key: str
    is_over: bool  # the thing was done: warnings are pointless
    rule: Rule | None = None
    clock: Clock | None = None
    since: datetime | None = None


@record
class Judgement:
    """All verdicts on a case, and for each clock the next moment at which one may change."""

    verdicts: tuple[Verdict, ...]
    next_looks: dict[str, datetime]


def judge(
    rules: RuleSet, process_key: str, clocks: Sequence[Clock], *, now: datetime, calendar: WorkCalendar
) -> Judgement:
    """Judge all ``clocks`` of a case (in the order in which they began) at ``now``."""
    best: dict[tuple[Subject, str], Verdict] = {}
    next_looks: dict[str, datetime] = {}
    for rule in rules.of_process(process_key):
        for clock in judged_by(rule, clocks):
            key = (rule.subject, (clock.case_id or clock.id) if clock.kind in WHOLE_CASE else clock.id)
            over = clock.state is ClockState.STOPPED
            verdict = best.setdefault(key, Verdict(subject=key[0], key=key[1], is_over=over))
            from_when = bound(rule, clock, calendar, rules.measure)
            if from_when is None:
                continue
            moment = clock.stopped_at if over and clock.stopped_at is not None else now
            if from_when.is_passed(moment):
                pointless = over and rule.level is Level.WARN
                if not pointless and (verdict.rule is None or rule.level.rank > verdict.rule.level.rank):
                    best[key] = Verdict(
                        subject=key[0], key=key[1], is_over=over, rule=rule, clock=clock, since=from_when.at
                    )
            elif not over:
                known = next_looks.get(clock.id)
                next_looks[clock.id] = from_when.at if known is None else min(known, from_when.at)
    return Judgement(verdicts=tuple(best.values()), next_looks=next_looks)


def first_look(
    rules: RuleSet, process_key: str, clock: Clock, *, now: datetime, calendar: WorkCalendar
) -> datetime | None:
    """When a clock that has just changed must be looked at: ``now`` when a rule holds already, None when never."""
    moments = []
    for rule in rules.of_process(process_key):
        if rule.clock is clock.kind:
            from_when = bound(rule, clock, calendar, rules.measure)
            if from_when is not None and (clock.stopped_at is None or from_when.is_passed(clock.stopped_at)):
                moments.append(max(from_when.at, now))
    return min(moments, default=None)


def judged_by(rule: Rule, clocks: Iterable[Clock]) -> list[Clock]:
    """The clocks that a rule looks at."""
    found = [clock for clock in clocks if clock.kind is rule.clock]
    return found[-1:] if rule.clock in WHOLE_CASE else found


def facts_of(verdict: Verdict, measure: Measure, now: datetime, calendar: WorkCalendar) -> dict[str, Any]:
    """The facts that a card shows: the sum of its clock as it stood when the card was issued."""
    if verdict.clock is None:
        return {}
    return facts_of_clock(verdict.clock, verdict.since, measure, now, calendar)


def facts_of_clock(
    clock: Clock, since: datetime | None, measure: Measure, now: datetime, calendar: WorkCalendar
) -> dict[str, Any]:
    """The same for a clock that some other thing than a rule of time made a card of; ``since``: from when the card was due."""
    spent = used(clock, now, calendar)
    counted = sum_of(clock, calendar)
    return {
        "clock": clock.kind.value,
        "limit": clock.limit.to_json(),
        "started_at": clock.started_at.isoformat(),
        "stopped_at": None if clock.stopped_at is None else clock.stopped_at.isoformat(),
        "due_at": clock.due.at.isoformat(),
        "provisional": clock.due.provisional,
        "used": round(spent, 4),
        "over": round(spent - clock.limit.value, 4),
        "measure": measure.value,
        "since": None if since is None else since.isoformat(),
        "calendar_version": calendar.version,
        "suspensions": [
            {
                "kind": span.kind.value,
                "start": span.start.isoformat(),
                "end": None if span.end is None else span.end.isoformat(),
                "reason": span.reason,
                "notice_no": span.notice_no,
            }
            for span in clock.suspensions
        ],
        "sum": {"zh": counted.text("zh"), "en": counted.text("en")},
    }
