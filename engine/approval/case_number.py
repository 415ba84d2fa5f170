"""The number of a case: 23 digits with a check digit, children of a bundle with ``-01``; and the query password.

Region 6, day of receipt 8, kind of handling 1, department 2, serial of the day 5, check digit 1 by ISO 7064 MOD 11,10
(the method of GB/T 17710). Numbers of provincial platforms are kept beside it, they do not replace it.
"""

import hashlib
import hmac
import re
from dataclasses import replace
from datetime import date
from typing import Final, Self

from engine.approval.item.terms import InfoType
from engine.errors import InvalidInput
from engine.records import record

LAST_SERIAL: Final = 99_999
LAST_CHILD: Final = 99
_NUMBER: Final = re.compile(r"(\d{6})(\d{8})([1-4])(\d{2})(\d{5})(\d)(?:-(\d{2}))?", re.ASCII)


@record
class CaseNumber:
    """The parts of a case number. ``str()`` gives the number; ``child`` 0 is the case itself or the bundle."""

    region: str
    day: date
    infotype: InfoType
    department: str
    serial: int
    child: int = 0

    def __post_init__(self) -> None:
        if not (re.fullmatch(r"[0-9]{6}", self.region) and re.fullmatch(r"[0-9]{2}", self.department)):
            raise InvalidInput(
                f"办件编号需要 6 位区划和 2 位部门号，现为“{self.region}”和“{self.department}”。",
                f"A case number needs a region of 6 and a department of 2 digits, not {self.region!r} and "
                f"{self.department!r}.",
            )
        if not 1 <= self.serial <= LAST_SERIAL or not 0 <= self.child <= LAST_CHILD:
            raise InvalidInput(
                f"{self.day}的流水号{self.serial}-{self.child}超出范围（每日{LAST_SERIAL}件、每件{LAST_CHILD}个子件）。",
                f"Serial {self.serial}-{self.child} of {self.day} is out of range ({LAST_SERIAL} a day, "
                f"{LAST_CHILD} children).",
            )

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a case number as people write it (spaces are ignored). Raises :class:`InvalidInput` with the reason."""
        compact = re.sub(r"\s+", "", text)
        match = _NUMBER.fullmatch(compact)
        if match is None:
            raise InvalidInput(
                f"“{text}”不是办件编号：应为 23 位数字，子件加“-01”。",
                f"{text!r} is not a case number: 23 digits, and -01 for a child.",
            )
        digits = compact[:23]
        if check_digit(digits[:22]) != digits[22]:
            raise InvalidInput(
                f"办件编号“{text}”校验位不符，可能抄错了一位。",
                f"The check digit of case number {text!r} is wrong; one digit may be mistyped.",
            )
        try:
            day = date(int(match[2][:4]), int(match[2][4:6]), int(match[2][6:]))
        except ValueError:
            raise InvalidInput(
                f"办件编号“{text}”中的日期{match[2]}不存在。", f"There is no day {match[2]} as in case number {text!r}."
            ) from None
        return cls(
            region=match[1],
            day=day,
            infotype=InfoType.from_digit(match[3]),
            department=match[4],
            serial=int(match[5]),
            child=int(match[7] or 0),
        )

    @property
    def prefix(self) -> str:
        """The 17 digits that share one daily counter."""
        return f"{self.region}{self.day:%Y%m%d}{self.infotype.digit}{self.department}"

    def with_child(self, child: int) -> "CaseNumber":
        """Return the number of the ``child``-th case (from 1) of this bundle."""
        return replace(self, child=child)

    def __str__(self) -> str:
        digits = f"{self.prefix}{self.serial:05d}"
        return f"{digits}{check_digit(digits)}" + (f"-{self.child:02d}" if self.child else "")


def check_digit(digits: str) -> str:
    """Return the ISO 7064 MOD 11,10 check digit of ``digits``; it finds every single wrong digit."""
    product = 10
    for digit in digits:
        total = (product + int(digit)) % 10 or 10
        product = total * 2 % 11
    return str((11 - product) % 10)


def is_case_number(text: str) -> bool:
    """Is this a case number with the right check digit?"""
    try:
        CaseNumber.parse(text)
    except InvalidInput:
        return False
    return True


def query_password(secret: bytes, case_id: str) -> str:
    """Return the 6 digits with which an applicant may look up a case: drawn by the installation's secret, so that they
    can be told again to whoever asks the same thing twice, and need not be kept."""
    drawn = hmac.new(secret, f"query-password:{case_id}".encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(drawn, 'big') % 1_000_000:06d}"
