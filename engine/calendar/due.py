"""The answer of the calendar: when a limit ends, from what, by which rules, and whether that is firm."""

import datetime as dt
from collections.abc import Iterable
from enum import StrEnum
from typing import Any, Self

from engine.calendar.limit import Limit
from engine.errors import InvalidInput
from engine.records import record


class DueMode(StrEnum):
    """At what time of the last day a limit of days or months ends. Limits in hours always end to the second."""

    END_OF_DAY = "end_of_day"  # when the office closes (民法典 203 second paragraph, second sentence)
    MIDNIGHT = "midnight"  # at 24:00 (民法典 203 second paragraph, first sentence)
    SAME_TIME = "same_time"  # to the second: rest days stand still, "one second over is over"


class ReceiptRule(StrEnum):
    """What happens to something that arrives when nobody works."""

    AS_IS = "as_is"  # its own day is the start day, whatever day that is
    NEXT_WORKING_DAY = "next_working_day"  # after closing or on a rest day it counts as received at the next opening


@record(kw_only=False)
class Pause:
    """A time in which a clock stood still; ``end`` is None while it still stands. Both aware."""

    start: dt.datetime
    end: dt.datetime | None = None

    def __post_init__(self) -> None:
        if self.end is not None and self.end < self.start:
            raise InvalidInput(
                f"暂停结束时间{self.end:%Y-%m-%d %H:%M}早于开始时间{self.start:%Y-%m-%d %H:%M}。",
                f"The pause ends ({self.end.isoformat()}) before it starts ({self.start.isoformat()}).",
            )

    def to_json(self) -> dict[str, Any]:
        return {"start": self.start.isoformat(), "end": None if self.end is None else self.end.isoformat()}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        end = value.get("end")
        return cls(dt.datetime.fromisoformat(value["start"]), None if end is None else dt.datetime.fromisoformat(end))


@record
class Due:
    """When a limit ends, with everything that is needed to compute or explain it again.

    ``at`` is aware, in the calendar's zone; at midnight mode it is 00:00 of the day after ``date``. ``provisional``
    means that a day which was looked at belongs to a year nobody has loaded: the date stands by weekdays only and
    will be computed again. ``pauses`` are those that moved this due date, merged and clipped."""

    at: dt.datetime
    date: dt.date  # the last day of the period
    provisional: bool
    start: dt.datetime  # as asked, before any receipt rule
    counted_from: dt.datetime  # after the receipt rule; its day is not counted (民法典 201)
    limit: Limit
    mode: DueMode = DueMode.END_OF_DAY
    receipt: ReceiptRule = ReceiptRule.AS_IS
    unrolled: dt.date  # before a last day that is a holiday moved to the next working day (民法典 203)
    pauses: tuple[Pause, ...] = ()
    calendar_version: str = ""

    @property
    def rolled(self) -> bool:
        """Did the last day move because it was a holiday?"""
        return self.unrolled != self.date

    def to_json(self) -> dict[str, Any]:
        return {
            "at": self.at.isoformat(),
            "date": self.date.isoformat(),
            "provisional": self.provisional,
            "start": self.start.isoformat(),
            "counted_from": self.counted_from.isoformat(),
            "limit": self.limit.to_json(),
            "mode": self.mode.value,
            "receipt": self.receipt.value,
            "unrolled": self.unrolled.isoformat(),
            "pauses": [pause.to_json() for pause in self.pauses],
            "calendar_version": self.calendar_version,
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        return cls(
            at=dt.datetime.fromisoformat(value["at"]),
            date=dt.date.fromisoformat(value["date"]),
            provisional=value["provisional"],
            start=dt.datetime.fromisoformat(value["start"]),
            counted_from=dt.datetime.fromisoformat(value["counted_from"]),
            limit=Limit.from_json(value["limit"]),
            mode=DueMode(value["mode"]),
            receipt=ReceiptRule(value["receipt"]),
            unrolled=dt.date.fromisoformat(value["unrolled"]),
            pauses=tuple(Pause.from_json(pause) for pause in value["pauses"]),
            calendar_version=value["calendar_version"],
        )


def merged(
    pauses: Iterable[Pause], since: dt.datetime, as_of: dt.datetime | None
) -> list[tuple[dt.datetime, dt.datetime]]:
    """Return the pauses in order, without overlaps, from ``since`` on; an open one ends for now at ``as_of``."""
    spans: list[tuple[dt.datetime, dt.datetime]] = []
    for pause in sorted(pauses, key=lambda each: each.start):
        end = pause.end or as_of
        if end is None:
            raise InvalidInput(
                "时钟仍在暂停，计算截止时间需要给出当前时间。",
                "The clock still stands: give as_of to compute where its end would be now.",
            )
        start = max(pause.start, since)
        if end <= start:
            continue
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], end))
        else:
            spans.append((start, end))
    return spans
