"""The readable sum of a clock: from when, how much, what was skipped, what stopped it, what was added, when it ends.

In front of a court a date is worth what can be counted after it: every line names its rule or its paper, and the days can be
checked with a finger on a wall calendar.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from engine.approval.clock import Clock, ClockState
from engine.approval.clock_kind import ClockKind
from engine.approval.suspension import Suspension, SuspensionKind
from engine.calendar import Due, DueMode, Explanation, Unit, WorkCalendar, explain
from engine.calendar.days import DAY_US
from engine.records import record


@record(kw_only=False)
class SumLine:
    """One line. ``code`` is from, limit, extension, counted, skipped, suspension, suspended, held, due, provisional,
    standing, stopped or calendar."""

    code: str
    zh: str
    en: str

    def text(self, language: str = "zh") -> str:
        return self.zh if language.startswith("zh") else self.en


@record
class ClockSum:
    """A clock with the lines of its sum and, for working days, every day with its count."""

    clock: Clock
    explanation: Explanation
    lines: tuple[SumLine, ...]
    procedure: SuspensionKind | None = None  # whose planned time it counts

    @property
    def agrees(self) -> bool:
        """Does the calendar at hand still give the date that the clock shows? Another calendar may not."""
        return self.explanation.due.at == self.clock.due.at

    def to_json(self) -> dict[str, Any]:
        return {
            "lines": [{"code": line.code, "zh": line.zh, "en": line.en} for line in self.lines],
            "days": [day.to_json() for day in self.explanation.days],
            "text": {"zh": self.text("zh"), "en": self.text("en")},
        }

    def text(self, language: str = "zh") -> str:
        """The sum as one paragraph."""
        then, end = ("；", "。") if language.startswith("zh") else ("; ", ".")
        return then.join(line.text(language) for line in self.lines) + end


def sum_of(clock: Clock, calendar: WorkCalendar) -> ClockSum:
    """Return the sum of ``clock`` by ``calendar``: the present one, or for a clock that has stopped the one of its version."""
    due = clock.project(calendar)
    explanation = explain(calendar, due)
    zh, en = explanation.parts("zh"), explanation.parts("en")
    lines: list[SumLine] = []
    told = False
    for (code, chinese), (_, english) in zip(zh, en, strict=True):
        if code == "limit":
            lines += _limit(clock)
        elif code == "paused":
            continue  # told with its reason and its notice
        else:
            if code in ("held", "due") and not told:
                lines += _suspensions(clock, due, calendar)
                told = True
            lines.append(SumLine(code, chinese, english))
    lines += _end(clock)
    return ClockSum(clock=clock, explanation=explanation, lines=tuple(lines))


def with_procedures(sums: Iterable[ClockSum]) -> list[ClockSum]:
    """Say of each clock of a special procedure which one it is; ``sums`` are all those of a case."""
    listed = list(sums)
    kinds = {each.id: each.kind for counted in listed for each in counted.clock.suspensions if each.id}
    return [replace(each, procedure=kinds[each.clock.about]) if each.clock.about in kinds else each for each in listed]


def _limit(clock: Clock) -> Iterator[SumLine]:
    source = f"（{clock.source}）" if clock.source else ""
    source_en = f" ({clock.source})" if clock.source else ""
    yield SumLine("limit", f"时限{clock.budget.text()}{source}", f"limit {clock.budget.text('en')}{source_en}")
    if clock.extension is not None:
        # The planned time of a procedure is not approved: the applicant is told of it again (art. 45).
        added = "延长计划时间并再次告知" if clock.kind is ClockKind.SPECIAL else "经批准延长"
        yield SumLine(
            "extension",
            f"{added}{clock.extension.text()}，合计{clock.limit.text()}",
            f"extended by {clock.extension.text('en')}, {clock.limit.text('en')} in all",
        )


def _suspensions(clock: Clock, due: Due, calendar: WorkCalendar) -> Iterator[SumLine]:
    for suspension in clock.suspensions:
        yield _suspension(clock, suspension, calendar)
    taken = sum(_taken(clock, pause.start, pause.end or pause.start, calendar) for pause in due.pauses)
    if len(due.pauses) and (len(clock.suspensions) > 1 or clock.state is ClockState.PAUSED):
        amount, amount_en = _amount(clock, taken)
        yield SumLine(
            "suspended",
            f"暂停合计扣除{amount}（重叠的时间只扣一次）",
            f"{amount_en} taken by suspensions in all (what overlaps counts once)",
        )


def _suspension(clock: Clock, suspension: Suspension, calendar: WorkCalendar) -> SumLine:
    start = calendar.local(suspension.start)
    planned = suspension.planned
    told = [suspension.notice_no, f"计划{planned.text()}" if planned else "", suspension.basis]
    told_en = [suspension.notice_no, f"{planned.text('en')} planned" if planned else ""]
    papers, papers_en = "，".join(filter(None, told)), ", ".join(filter(None, told_en))
    papers, papers_en = papers and f"（{papers}）", papers_en and f" ({papers_en})"
    kind = suspension.kind.value.replace("_", " ")
    if suspension.end is None:
        return SumLine(
            "suspension",
            f"{suspension.kind.zh}{papers}：自{start:%Y-%m-%d %H:%M}起暂停，尚未结束",
            f"{kind}{papers_en}: suspended since {start:%Y-%m-%d %H:%M}, not over yet",
        )
    end = calendar.local(suspension.end)
    amount, amount_en = _amount(clock, _taken(clock, start, end, calendar))
    return SumLine(
        "suspension",
        f"{suspension.kind.zh}{papers}：{start:%Y-%m-%d %H:%M}至{end:%Y-%m-%d %H:%M}暂停，扣除{amount}",
        f"{kind}{papers_en}: suspended from {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M}, {amount_en} taken",
    )


def _taken(clock: Clock, first: datetime, last: datetime, calendar: WorkCalendar) -> float:
    """What a suspension takes of this clock's own measure: working days, days, or hours."""
    match clock.budget.unit:
        case Unit.WD if clock.mode is DueMode.SAME_TIME and clock.limit.value:
            local = calendar.local(first), calendar.local(last)
            return round(calendar.working_scale.between(*local) / (2 * DAY_US), 2)
        case Unit.WD:
            return calendar.working_days_between(first, last)
        case Unit.HOUR:
            return round(calendar.office_time_between(first, last).total_seconds() / 3600, 2)
        case _:
            return float((calendar.local_date(last) - calendar.local_date(first)).days)


_UNITS: Final = {Unit.WD: ("个工作日", "working day"), Unit.HOUR: ("小时", "office hour")}


def _amount(clock: Clock, taken: float) -> tuple[str, str]:
    zh, en = _UNITS.get(clock.budget.unit, ("天", "day"))
    return f"{taken:g}{zh}", f"{taken:g} {en}{'' if taken == 1 else 's'}"


def _end(clock: Clock) -> Iterator[SumLine]:
    if clock.state is ClockState.PAUSED:
        yield SumLine(
            "standing",
            "现在暂停计时，恢复后按实际暂停的时间顺延",
            "it stands now, and will end later by what the suspension takes",
        )
    if clock.stopped_at is not None:
        late = "，已超期" if clock.is_late else ""
        yield SumLine(
            "stopped",
            f"于{clock.stopped_at.astimezone(clock.due.at.tzinfo):%Y-%m-%d %H:%M}停止{late}",
            f"stopped at {clock.stopped_at.astimezone(clock.due.at.tzinfo):%Y-%m-%d %H:%M}{', late' if late else ''}",
        )
    if clock.due.calendar_version:
        version = clock.due.calendar_version
        yield SumLine("calendar", f"依据工作日历第{version}版", f"by version {version} of the working calendar")
