"""Timers: dates, durations and cycles of ISO 8601, evaluated once when a token begins to wait; natural time, in UTC.

A model may write ``PT1H``, ``R3/P1D`` or ``2026-12-01T09:00:00+08:00`` as they are, or a FEEL expression that gives such
a text, a date, a date and time, or a duration. Months and days are counted in the machine's zone (a day is a calendar
day, the 31st plus a month is the last of the month); what is stored and told is UTC.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from engine import feel
from engine.bpmn.limits import MAX_CYCLES, MAX_TIMER_YEARS, MIN_CYCLE_SECONDS, failure
from engine.feel.temporal import YearsMonths, add_months
from engine.records import record

if TYPE_CHECKING:
    from engine.bpmn.tokens import Token

_NUMBER: Final = r"(\d{1,9}(?:[.,]\d{1,9})?)"
_DURATION = re.compile(
    rf"(-)?P(?:{_NUMBER}Y)?(?:{_NUMBER}M)?(?:{_NUMBER}W)?(?:{_NUMBER}D)?"
    rf"(?:T(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?"
)
_DATE_LIKE = re.compile(r"\d{4}-\d{2}-\d{2}(T.*)?")
_CYCLE_LIKE = re.compile(r"R\d{0,9}/.*", re.S)
_SHIFTED = re.compile(r"=?\s*(?:wd|nd)\([^()]*\)\s*[-+]\s*(?:duration\(\s*\"[^\"]*\"\s*\)|@\"[^\"]*\")")
_FOREVER: Final = -1
LIMIT_FUNCTIONS: Final = ("wd", "nd")  # host functions that count days; also the units of the limits


class TimerKind(StrEnum):
    """Which element of ``timerEventDefinition`` is given."""

    DATE = "timeDate"
    DURATION = "timeDuration"
    CYCLE = "timeCycle"


class BadTimer(Exception):
    """A text or value is no date, duration or cycle that we run; ``zh`` and ``en`` say why."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en


@record(kw_only=False)
class Duration:
    """A length of calendar time: whole months, whole days, and seconds."""

    months: int = 0
    days: int = 0
    seconds: float = 0.0

    @classmethod
    def parse(cls, text: str) -> "Duration":
        """Read ISO 8601: ``P1Y2M3DT4H5M6S``, ``P2W``; fractions only of weeks, days, hours, minutes and seconds."""
        match = _DURATION.fullmatch(text)
        if match is None or text[-1] in "PT":
            raise BadTimer(f"「{text}」不是 ISO 8601 时长", f'"{text}" is not an ISO 8601 duration')
        sign = -1 if match[1] else 1
        years, months, weeks, days, hours, minutes, seconds = (
            float((match[i] or "0").replace(",", ".")) for i in range(2, 9)
        )
        if not (years.is_integer() and months.is_integer()):
            raise BadTimer(f"「{text}」：年和月必须是整数", f'"{text}": years and months must be whole')
        days += 7 * weeks
        whole_days = int(days)
        seconds += 3600 * hours + 60 * minutes + 86_400 * (days - whole_days)
        return cls(sign * int(12 * years + months), sign * whole_days, sign * seconds).checked()

    @classmethod
    def of(cls, value: timedelta | YearsMonths) -> "Duration":
        """Take a FEEL duration."""
        if isinstance(value, YearsMonths):
            return cls(months=value.months).checked()
        return cls(days=value.days, seconds=value.seconds + value.microseconds / 1e6).checked()

    @property
    def approximate_seconds(self) -> float:
        """About how long it is."""
        return self.months * 2_629_746 + self.days * 86_400 + self.seconds

    def checked(self) -> "Duration":
        """Return self, or raise BadTimer when it is longer than a timer may be."""
        if abs(self.approximate_seconds) > MAX_TIMER_YEARS * 31_557_600:
            raise BadTimer(f"时长超过 {MAX_TIMER_YEARS} 年", f"a duration of more than {MAX_TIMER_YEARS} years")
        return self

    def after(self, start: datetime, zone: tzinfo, times: int = 1) -> datetime:
        """Return the moment ``times`` durations after ``start``, in UTC."""
        local = start.astimezone(zone)
        try:
            moved = add_months(local, self.months * times) if self.months else local
            if not isinstance(moved, datetime):
                raise OverflowError
            day = moved + timedelta(days=self.days * times)
            return (day.astimezone(UTC) + timedelta(seconds=self.seconds * times)).astimezone(UTC)
        except OverflowError:
            raise BadTimer("时间超出范围", "a time out of range") from None


def _iso(duration: Duration) -> str:
    negative = duration.approximate_seconds < 0
    months, days, seconds = abs(duration.months), abs(duration.days), abs(duration.seconds)
    parts = f"{months}M" * bool(months) + f"{days}D" * bool(days)
    clock = f"T{seconds:.6f}".rstrip("0").rstrip(".") + "S" if seconds or not parts else ""
    return f"{'-' if negative else ''}P{parts}{clock}"


@record(kw_only=False)
class Timer:
    """A timer that runs: when it is due, and for a cycle how it goes on."""

    due: datetime  # UTC
    every: Duration | None = None
    left: int = 1  # runs still to come, the due one included; -1 without end
    anchor: datetime | None = (
        None  # the first due time of a cycle: later ones are counted from it, so months do not drift
    )
    index: int = 0  # of the due run, counted from the anchor

    @property
    def repeats(self) -> bool:
        """Will it be due again after this time?"""
        return self.every is not None and self.left not in (0, 1)

    def after(self, now: datetime, zone: tzinfo) -> "Timer | None":
        """Return the timer after the run at ``now``; all times missed until then count as that one run."""
        if self.every is None or self.anchor is None:
            return None
        guess = (now - self.anchor).total_seconds() / self.every.approximate_seconds
        index = max(self.index + 1, int(guess) - 2)
        while (due := self.every.after(self.anchor, zone, index)) <= now:
            index += 1
        if self.left == _FOREVER:
            return replace(self, due=due, index=index)
        left = self.left - (index - self.index)
        return replace(self, due=due, left=left, index=index) if left > 0 else None

    def moved(self, due: datetime) -> "Timer":
        """Return the timer with another due time; a cycle goes on from there."""
        if self.every is None:
            return replace(self, due=due)
        return replace(self, due=due, anchor=due, index=0)

    def to_json(self) -> list[Any]:
        """Return it as stored."""
        if self.every is None or self.anchor is None:
            return [self.due.isoformat()]
        return [self.due.isoformat(), _iso(self.every), self.left, self.anchor.isoformat(), self.index]

    @classmethod
    def from_json(cls, data: list[Any]) -> "Timer":
        """Read what :meth:`to_json` gave."""
        due = datetime.fromisoformat(data[0])
        if len(data) == 1:
            return cls(due)
        return cls(due, Duration.parse(data[1]), data[2], datetime.fromisoformat(data[3]), data[4])


@record(kw_only=False)
class TimerExpression:
    """The text of a timer definition, compiled."""

    kind: TimerKind
    text: str
    expression: feel.Expression | None  # None: the text is ISO 8601 itself

    @classmethod
    def compile(cls, kind: TimerKind, text: str) -> "TimerExpression":
        """Compile; raises feel.FeelSyntaxError, or BadTimer for a literal that is none."""
        text = text.strip()
        if not _is_literal(text):
            return cls(kind, text, feel.compile(text))
        timer = cls(kind, text, None)
        timer.schedule(text, datetime(2000, 1, 1, tzinfo=UTC), UTC)
        return timer

    def start(self, token: "Token") -> tuple[Timer, str | None]:
        """Evaluate for a token that begins to wait; with the limit ("5wd") when the office's counting of days is the whole
        answer, or the answer lies so long before or behind its end (``wd(5) - duration("PT8H")``). Raises StepFailed."""
        instance = token.workflow.top_workflow
        calls: list[tuple[str, datetime]] = []
        if self.expression is None:
            value: Any = self.text
        else:
            counted, instance.functions = instance.functions, _listening(instance.functions, calls)
            try:
                value = token.evaluate_feel(self.expression)
            finally:
                instance.functions = counted
        try:
            timer = self.schedule(value, instance.now, instance.zone)
            shifted = len(calls) == 1 and _SHIFTED.fullmatch(self.text) is not None
            return timer, next((limit for limit, end in calls if shifted or end == timer.due), None)
        except BadTimer as error:
            raise failure(
                token.task_spec, "bad-timer", f"定时器「{self.text}」：{error.zh}", f'timer "{self.text}": {error.en}'
            ) from error

    def schedule(self, value: Any, now: datetime, zone: tzinfo) -> Timer:
        """Return the timer that a value means at ``now``. Raises BadTimer."""
        if isinstance(value, str):
            value = value.strip()
            if value[:1] == "R":
                return _cycle(value, now, zone)
            value = Duration.parse(value) if value.startswith(("P", "-P")) else _moment(value, zone)
        elif isinstance(value, timedelta | YearsMonths):
            value = Duration.of(value)
        elif isinstance(value, datetime):
            value = _in_zone(value, zone)
        elif isinstance(value, date):
            value = _in_zone(datetime.combine(value, time()), zone)
        if isinstance(value, datetime):
            return Timer(value)
        if not isinstance(value, Duration):
            raise BadTimer(f"值 {str(value)[:40]} 不是时间", f"the value {str(value)[:40]} is no time")
        if self.kind is TimerKind.CYCLE:
            return _repeating(_FOREVER, value.after(now, zone), value, zone)
        return Timer(value.after(now, zone))


def _listening(
    functions: Mapping[str, Callable[..., Any]], calls: list[tuple[str, datetime]]
) -> Mapping[str, Callable[..., Any]]:
    """The host functions, with a note in ``calls`` of each limit that was counted and where it ends."""

    def listen(name: str) -> Callable[..., Any]:
        def call(days: Any) -> Any:
            end = functions[name](days)
            calls.append((f"{float(days):g}{name}", end))
            return end

        return call

    return {**functions, **{name: listen(name) for name in LIMIT_FUNCTIONS if name in functions}}


def _is_literal(text: str) -> bool:
    return bool(
        (_DURATION.fullmatch(text) and text[-1:] not in ("P", "T", ""))
        or _DATE_LIKE.fullmatch(text)
        or _CYCLE_LIKE.fullmatch(text)
    )


def _moment(text: str, zone: tzinfo) -> datetime:
    try:
        return _in_zone(datetime.fromisoformat(text), zone)
    except (ValueError, OverflowError):
        raise BadTimer(
            f"「{text[:60]}」不是 ISO 8601 日期、时长或周期（不支持 cron）",
            f'"{text[:60]}" is not an ISO 8601 date, duration or cycle (cron is not supported)',
        ) from None


def _in_zone(moment: datetime, zone: tzinfo) -> datetime:
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError:
        raise BadTimer("时间超出范围", "a time out of range") from None


def _cycle(text: str, now: datetime, zone: tzinfo) -> Timer:
    """``R3/PT1H``, ``R/2026-01-01T00:00:00Z/P1D``, ``R3/PT1H/2026-12-31T00:00:00Z`` (the last run at the end)."""
    count, *rest = text[1:].split("/")
    if (count and not count.isdigit()) or not 1 <= len(rest) <= 2:
        raise BadTimer(f"「{text[:60]}」不是 ISO 8601 周期", f'"{text[:60]}" is not an ISO 8601 cycle')
    times = int(count) if count else _FOREVER
    if len(rest) == 1:
        every = Duration.parse(rest[0])
        return _repeating(times, every.after(now, zone), every, zone)
    if rest[1].startswith("P"):
        return _repeating(times, _moment(rest[0], zone), Duration.parse(rest[1]), zone)
    every, end = Duration.parse(rest[0]), _moment(rest[1], zone)
    if times == _FOREVER:
        raise BadTimer("带结束时间的周期必须写明次数", "a cycle with an end needs a count")
    return _repeating(times, every.after(end, zone, -(times - 1)), every, zone)


def _repeating(times: int, first: datetime, every: Duration, zone: tzinfo) -> Timer:
    if times == 0 or times > MAX_CYCLES:
        raise BadTimer(f"周期次数应为 1 到 {MAX_CYCLES}", f"a cycle repeats from 1 to {MAX_CYCLES} times")
    if every.approximate_seconds < MIN_CYCLE_SECONDS:
        raise BadTimer(
            f"周期间隔不能短于 {MIN_CYCLE_SECONDS} 秒", f"a cycle must be at least {MIN_CYCLE_SECONDS} seconds long"
        )
    return Timer(first, every, times, first)
