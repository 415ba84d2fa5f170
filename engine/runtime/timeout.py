"""What a step does when its limit is over: ``banjie:onTimeout``, only with the ground for it recorded (P-9.2, P-9.3)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from engine.records import record

SETTING: Final = "onTimeout"
BASIS: Final = "timeoutBasis"


class OnTimeout(StrEnum):
    """The last rung of the ladder; reminders and cards come before it by themselves."""

    PASS = "pass"  # noqa: S105 - the system approves; in the first round only (P-3.7)
    FAIL = "fail"  # the system gives the negative outcome
    LEADER = "leader"  # the leader of whoever has it gets it


USAGE: Final = tuple(each.value for each in OnTimeout)


@record(kw_only=False)
class Timeout:
    """The settings of one step, read."""

    action: OnTimeout
    basis: str = ""

    @property
    def rule(self) -> str:
        return f"{SETTING}={self.action.value}"

    @property
    def is_decision(self) -> bool:
        return self.action is not OnTimeout.LEADER


def read(settings: Mapping[str, Any]) -> Timeout | None:
    """Read the settings of a step. None when there are none, when they cannot be read, and when a decision has no basis."""
    text = str(settings.get(SETTING) or "").strip()
    basis = str(settings.get(BASIS) or "").strip()[:200]
    if text not in USAGE:
        return None
    found = Timeout(OnTimeout(text), basis)
    return found if basis or not found.is_decision else None
