"""A limit as law and guides write it: a number and a unit (5 working days, 20 days, 2 hours, 1 month)."""

import re
from enum import StrEnum
from functools import lru_cache
from typing import Final

from engine.errors import InvalidInput
from engine.records import record

MAX_VALUE: Final = 9999  # nothing in administrative law is longer; keeps dates far from the end of the calendar


class Unit(StrEnum):
    """What a limit counts. Stable text values; they are also the suffixes of the short form."""

    WD = "wd"  # working days 工作日 (行政许可法 82)
    ND = "nd"  # natural days 自然日 (民法典 200)
    HOUR = "h"  # hours of office time 工作小时
    MONTH = "m"  # calendar months (民法典 202)

    @property
    def zh(self) -> str:
        return {"wd": "个工作日", "nd": "日", "h": "小时", "m": "个月"}[self.value]

    @property
    def en(self) -> str:
        return {"wd": "working day", "nd": "day", "h": "office hour", "m": "month"}[self.value]


@record(kw_only=False)
class Limit:
    """A length of time in one unit.

    ``value`` is at least 0; working days and hours may have a half (``0.5wd``), days and months are whole. Zero working
    days means "on the same day" (即办). ``str(limit)`` is the short form, which is also how it is stored.
    """

    value: int | float
    unit: Unit

    def __post_init__(self) -> None:
        whole = float(self.value).is_integer()
        halves = float(self.value * 2).is_integer() and self.unit in (Unit.WD, Unit.HOUR)
        if not 0 <= self.value <= MAX_VALUE or not (whole or halves):
            raise InvalidInput(
                f"时限“{self.value}{self.unit.zh}”无效：应为 0 到 {MAX_VALUE} 的整数，工作日和小时可以带半个。",
                f"The limit {self.value}{self.unit} is not valid: use a whole number from 0 to {MAX_VALUE}; "
                "working days and hours may have a half.",
            )
        if whole:
            object.__setattr__(self, "value", int(self.value))

    @classmethod
    def parse(cls, text: str) -> "Limit":
        """Read ``5wd``, ``20nd``, ``2h``, ``1m``, or Chinese: ``5个工作日``, ``二十日``, ``2小时``, ``1个月``,
        ``当日``.

        ``日`` and ``天`` without ``工作`` are natural days (民法典 200). Periods of the licence law itself are
        working days (art. 82), so an item writes them as ``工作日``. Raises :class:`InvalidInput`."""
        return _parsed(text)

    def __str__(self) -> str:
        return f"{self.value:g}{self.unit.value}"

    def text(self, language: str = "zh") -> str:
        """Return it in words: ``5个工作日``, ``5 working days``."""
        if language.startswith("zh"):
            return "当日" if self == _TODAY else f"{self.value:g}{self.unit.zh}"
        return "the same day" if self == _TODAY else f"{self.value:g} {self.unit.en}{'' if self.value == 1 else 's'}"

    def __add__(self, other: "Limit") -> "Limit":
        return Limit(self.value + self._same_unit(other).value, self.unit)

    def __sub__(self, other: "Limit") -> "Limit":
        """Subtract, never below zero."""
        return Limit(max(0, self.value - self._same_unit(other).value), self.unit)

    def within(self, other: "Limit") -> bool | None:
        """Is this never longer than ``other``? None when the two units cannot be compared without a calendar.

        n natural days never end after n working days: a natural period that ends on a holiday rolls to the next working
        day, and the n-th working day is itself a working day at least n days away.
        """
        if self.unit is other.unit:
            return self.value <= other.value
        if self.value == 0:
            return True
        if self.unit is Unit.ND and other.unit is Unit.WD and self.value <= other.value:
            return True
        return None

    def _same_unit(self, other: "Limit") -> "Limit":
        if self.unit is not other.unit:
            raise InvalidInput(
                f"时限单位不同：{self.text()}与{other.text()}不能相加减。",
                f"The limits {self} and {other} have different units.",
            )
        return other

    def to_json(self) -> str:
        return str(self)

    @classmethod
    def from_json(cls, value: str) -> "Limit":
        return _parsed(value)


@lru_cache(maxsize=1024)  # each clock that is read brings its limits as text: a handful, again and again
def _parsed(text: str) -> Limit:
    compact = re.sub(r"\s+", "", text).lower()
    if compact in _SAME_DAY:
        return Limit(0, Unit.WD)
    match = _SHORT.fullmatch(compact) or _CHINESE.fullmatch(compact)
    number = None if match is None else _number(match["value"])
    if match is None or number is None:
        raise InvalidInput(
            f"看不懂时限“{text}”。请写 5wd（工作日）、20nd（自然日）、2h（小时）、1m（月）或“5个工作日”。",
            f"Cannot read the limit {text!r}. Write 5wd (working days), 20nd (days), 2h (hours) or 1m (months).",
        )
    return Limit(number, _UNITS[match["unit"]])


_SHORT: Final = re.compile(r"(?P<value>\d{1,4}(?:\.\d)?)(?P<unit>wd|nd|h|m)")
_CHINESE: Final = re.compile(
    r"(?P<value>\d{1,4}(?:\.\d)?|[零〇一二两三四五六七八九十百半]+)个?(?P<unit>工作日|自然日|日|天|工作小时|小时|月)(?:内|以内)?"
)
_UNITS: Final = {
    "wd": Unit.WD, "工作日": Unit.WD,
    "nd": Unit.ND, "自然日": Unit.ND, "日": Unit.ND, "天": Unit.ND,
    "h": Unit.HOUR, "工作小时": Unit.HOUR, "小时": Unit.HOUR,
    "m": Unit.MONTH, "月": Unit.MONTH,
}  # fmt: skip
_SAME_DAY: Final = frozenset({"当日", "当天", "当场", "即时", "即办"})
_TODAY: Final = Limit(0, Unit.WD)
_DIGITS: Final = {char: digit for digit, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}


def _number(text: str) -> int | float | None:
    """Read ``15``, ``0.5`` or a Chinese number below one thousand; None when it is neither."""
    if text[0].isascii():
        return float(text) if "." in text else int(text)
    if text == "半":
        return 0.5
    total, digit = 0, None
    for char in text:
        if char in _DIGITS:
            digit = _DIGITS[char]
        elif char in "十百":
            total += (1 if digit is None else digit) * (10 if char == "十" else 100)
            digit = None
        else:
            return None
    return total + (digit or 0)
