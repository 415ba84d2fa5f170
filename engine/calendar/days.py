"""What a day is for the office: worked, free, half; under which name, by whose word; and the hours of the day."""

from datetime import date, time
from enum import StrEnum
from typing import Any, Final, Self, TypeAlias

from engine.errors import InvalidInput
from engine.records import record

DAY_US: Final = 86_400_000_000  # microseconds of one day
MonthDay: TypeAlias = tuple[int, int]


class DayKind(StrEnum):
    """How a day counts. Stable text values."""

    WORK = "work"  # also a make-up Saturday or Sunday 调休上班
    REST = "rest"
    HALF_AM = "half_am"  # worked in the morning only 上午上班
    HALF_PM = "half_pm"  # worked in the afternoon only 下午上班

    @property
    def halves(self) -> int:
        """How many half working days this day is worth: 2, 1 or 0."""
        return {"work": 2, "rest": 0}.get(self.value, 1)

    @property
    def zh(self) -> str:
        return {"work": "上班", "rest": "休息", "half_am": "上午上班", "half_pm": "下午上班"}[self.value]


@record
class DayRow:
    """One listed day of a region's calendar, as it is stored: what it is, its name (春节) and the document that says
    so."""

    date: date
    kind: DayKind
    name: str = ""
    source: str = ""

    def to_json(self) -> dict[str, Any]:
        return {"date": self.date.isoformat(), "kind": self.kind.value, "name": self.name, "source": self.source}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        return cls(
            date=date.fromisoformat(value["date"]),
            kind=DayKind(value["kind"]),
            name=value.get("name", ""),
            source=value.get("source", ""),
        )


@record
class OfficeHours:
    """Opening hours of a working day, for the whole year or for a season (夏季作息).

    ``first`` and ``last`` are (month, day), both inclusive, and may run over New Year; None means all year. Raises
    :class:`InvalidInput` when the times do not follow each other.
    """

    am_start: time = time(9, 0)
    am_end: time = time(12, 0)
    pm_start: time = time(13, 30)
    pm_end: time = time(17, 30)
    first: MonthDay | None = None
    last: MonthDay | None = None
    name: str = ""

    def __post_init__(self) -> None:
        if not self.am_start < self.am_end <= self.pm_start < self.pm_end:
            raise InvalidInput(
                f"办公时间顺序不对：{self.text()}。",
                f"The office hours {self.text()} are not in order.",
            )
        if (self.first is None) != (self.last is None):
            raise InvalidInput("季节办公时间要同时写起止月日。", "Seasonal office hours need a first and a last day.")

    def covers(self, day: date) -> bool:
        """Do these hours hold on ``day``?"""
        if self.first is None or self.last is None:
            return True
        month_day = (day.month, day.day)
        if self.first <= self.last:
            return self.first <= month_day <= self.last
        return month_day >= self.first or month_day <= self.last

    def sessions(self, kind: DayKind) -> tuple[tuple[time, time], ...]:
        """Return the opening times of a day of ``kind``, in order."""
        morning, afternoon = (self.am_start, self.am_end), (self.pm_start, self.pm_end)
        match kind:
            case DayKind.WORK:
                return (morning, afternoon)
            case DayKind.HALF_AM:
                return (morning,)
            case DayKind.HALF_PM:
                return (afternoon,)
            case DayKind.REST:
                return ()

    def text(self) -> str:
        return f"{self.am_start:%H:%M}–{self.am_end:%H:%M}, {self.pm_start:%H:%M}–{self.pm_end:%H:%M}"

    def to_json(self) -> dict[str, Any]:
        return {
            "am_start": self.am_start.isoformat("minutes"),
            "am_end": self.am_end.isoformat("minutes"),
            "pm_start": self.pm_start.isoformat("minutes"),
            "pm_end": self.pm_end.isoformat("minutes"),
            "first": None if self.first is None else list(self.first),
            "last": None if self.last is None else list(self.last),
            "name": self.name,
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        return cls(
            am_start=time.fromisoformat(value["am_start"]),
            am_end=time.fromisoformat(value["am_end"]),
            pm_start=time.fromisoformat(value["pm_start"]),
            pm_end=time.fromisoformat(value["pm_end"]),
            first=_month_day(value.get("first")),
            last=_month_day(value.get("last")),
            name=value.get("name", ""),
        )


def _month_day(value: list[int] | None) -> MonthDay | None:
    return None if value is None else (value[0], value[1])


def microseconds(at: time) -> int:
    """Return the time of day as microseconds since midnight."""
    return ((at.hour * 60 + at.minute) * 60 + at.second) * 1_000_000 + at.microsecond
