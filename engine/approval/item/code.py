"""The codes of an item: 12 digits of the national catalogue, 31 with the organ, 33 with the variant (GB/T 39554.1)."""

import re
from typing import Final, Self

from engine.errors import InvalidInput
from engine.records import record

# 行政权力 01-10 and 公共服务 20; provinces add their own, so an unknown type is not an error.
ITEM_TYPES: Final = {
    "01": "行政许可", "02": "行政处罚", "03": "行政强制", "04": "行政征收", "05": "行政给付", "06": "行政检查",
    "07": "行政确认", "08": "行政奖励", "09": "行政裁决", "10": "其他行政权力", "20": "公共服务",
}  # fmt: skip
LICENCE: Final = "01"
SERVICE: Final = "20"
_USCC: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100: no I, O, S, V, Z

_BASIC = r"(?P<basic>\d{2}(?P<type>\d{2})[0-9A-Z]{8})"
_CODE: Final = re.compile(rf"(?:(?P<organ>[0-9A-Z]{{18}})(?P<level>\d))?{_BASIC}(?P<variant>[0-9A-Z]{{2}})?")


@record
class ItemCode:
    """基本编码 (12), with the organ's unified social credit code and its level 实施编码 (31), with 业务办理项 (33)."""

    basic: str
    item_type: str  # two digits, see ITEM_TYPES
    organ: str = ""  # 18 characters
    level: str = ""  # 行使层级: 1国家 2省 3市 4县 5镇 6村
    variant: str = ""  # 2 characters

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a code of 12, 31 or 33 characters; raises :class:`InvalidInput`."""
        match = _CODE.fullmatch(text)
        if match is None or (match["variant"] and not match["organ"]):
            raise InvalidInput(
                f"事项编码“{text}”应为 12 位基本编码、31 位实施编码或 33 位业务办理项编码。",
                f"The item code {text!r} must have 12, 31 or 33 characters (GB/T 39554.1).",
            )
        return cls(
            basic=match["basic"],
            item_type=match["type"],
            organ=match["organ"] or "",
            level=match["level"] or "",
            variant=match["variant"] or "",
        )

    @property
    def organ_check(self) -> str:
        """The check character that belongs to the organ's credit code (GB 32100, MOD 31); "" without an organ, and for one that
        holds a character which no credit code has."""
        if not self.organ or not set(self.organ[:17]) <= set(_USCC):
            return ""
        total = sum(_USCC.index(character) * pow(3, place, 31) for place, character in enumerate(self.organ[:17]))
        return _USCC[-total % 31]

    @property
    def is_licence(self) -> bool:
        """Does the licence law 行政许可法 govern it?"""
        return self.item_type == LICENCE

    def __str__(self) -> str:
        return f"{self.organ}{self.level}{self.basic}{self.variant}"
