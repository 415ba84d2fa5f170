"""The opinion of a co-department: its values, and what makes one valid."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from engine.approval.correction import CorrectionEntry
from engine.approval.stored import Stored
from engine.errors import InvalidInput
from engine.records import record

SYSTEM_BY_TIMEOUT: Final = "系统（超时默认）"


class OpinionValue(StrEnum):
    """What a co-department may answer (4.3)."""

    AGREE = "agree"
    AGREE_WITH_CONDITIONS = "agree_with_conditions"
    AGREE_FORWARD = "agree_forward"  # 同意但需转报上级
    DISAGREE = "disagree"
    NEEDS_CORRECTION = "needs_correction"
    NOT_OURS = "not_ours"
    DEEMED_AGREE = "deemed_agree"  # recorded by the system when the limit passed in silence

    @property
    def zh(self) -> str:
        return {
            "agree": "同意",
            "agree_with_conditions": "有条件同意",
            "agree_forward": "同意但需转报上级",
            "disagree": "不同意",
            "needs_correction": "需补正",
            "not_ours": "不属于本部门职责",
            "deemed_agree": "默认同意（超时）",
        }[self.value]


POSITIVE: Final = frozenset(
    {
        OpinionValue.AGREE,
        OpinionValue.AGREE_WITH_CONDITIONS,
        OpinionValue.AGREE_FORWARD,
        OpinionValue.NOT_OURS,
        OpinionValue.DEEMED_AGREE,
    }
)
# What each value has to say, beside itself.
_NEEDS: Final = {
    OpinionValue.DISAGREE: ("reason", "basis"),
    OpinionValue.AGREE_WITH_CONDITIONS: ("conditions",),
    OpinionValue.NOT_OURS: ("reason",),
    OpinionValue.NEEDS_CORRECTION: ("corrections",),
}
_WORDS: Final = {"reason": "理由", "basis": "依据", "conditions": "所附条件", "corrections": "补正清单"}


@record
class Opinion(Stored):
    """One answer. A refusal without reason and basis is not an opinion; somebody answers for everything that is
    given."""

    value: OpinionValue
    department: str
    given_by: str
    given_at: datetime
    reason: str = ""
    basis: str = ""
    conditions: str = ""
    corrections: tuple[CorrectionEntry, ...] = ()

    def __post_init__(self) -> None:
        empty = [name for name in _NEEDS.get(self.value, ()) if not self._says(name)]
        if empty:
            words = "、".join(_WORDS[name] for name in empty)
            raise InvalidInput(
                f"意见为“{self.value.zh}”时必须填写{words}。",
                f"The opinion {self.value.value} needs: {', '.join(empty)}.",
                fields={name: {"zh": f"请填写{_WORDS[name]}", "en": f"{name} is required"} for name in empty},
            )
        if (self.value is OpinionValue.DEEMED_AGREE) != (self.given_by == SYSTEM_BY_TIMEOUT):
            raise InvalidInput(
                "“默认同意”只能由系统在超时后记录。",
                "Deemed agreement is recorded by the system only, after the limit.",
            )

    @classmethod
    def deemed(cls, department: str, *, at: datetime, basis: str) -> "Opinion":
        """The silence of ``department`` after its limit, by ``basis``; its responsibility stays with it (4.4)."""
        return cls(
            value=OpinionValue.DEEMED_AGREE,
            department=department,
            given_by=SYSTEM_BY_TIMEOUT,
            given_at=at,
            reason="在规定时限内未反馈意见",
            basis=basis,
        )

    @property
    def is_positive(self) -> bool:
        return self.value in POSITIVE

    def _says(self, name: str) -> bool:
        if name == "corrections":
            return bool(self.corrections) and all(entry.requirement.strip() for entry in self.corrections)
        return bool(getattr(self, name).strip())
