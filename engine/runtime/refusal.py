"""What a refused node leads to: ``banjie:onReject``, of a task of one person and of a ballot alike (P-2.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from engine.records import record
from engine.runtime.who import policies

SETTING: Final = "onReject"
USAGE: Final = ("continue", "end", "return:…", "flow:…")
_TAKES_ARGUMENT: Final[Mapping[str, bool]] = {"continue": False, "end": False, "return": True, "flow": True}


@record(kw_only=False)
class OnReject:
    """The choice of the node: ``continue``, ``end``, ``return`` to an element, or along a ``flow``."""

    kind: str = "continue"
    argument: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.argument}" if self.argument else self.kind


@record
class Refused:
    """A node that was refused: its token, and why, in a sentence that the story keeps."""

    token_id: str
    element_id: str
    element_name: str
    outcome: str
    reason: str
    way: OnReject

    @property
    def label(self) -> str:
        return self.element_name or self.element_id


CONTINUE: Final = OnReject()


def read(text: str) -> OnReject | None:
    """Read ``onReject``; "" is ``continue``, None is what cannot be read."""
    if not text.strip():
        return OnReject()
    kind, mark, argument = (part.strip() for part in text.partition(":"))
    if kind not in _TAKES_ARGUMENT or _TAKES_ARGUMENT[kind] != bool(argument) or (mark and not argument):
        return None
    return OnReject(kind, argument)


def of_one_person(settings: Mapping[str, Any], outcomes: Sequence[str], outcome: str | None) -> OnReject | None:
    """What follows when a task that is no ballot is completed with ``outcome``; None when that is no refusal.

    The negative outcome is one of the usual words (refuse, reject …), else the last of several.
    """
    text = str(settings.get(SETTING) or "")
    if not text or outcome is None or settings.get("ballot") or outcome != policies.rejecting(tuple(outcomes)):
        return None
    return read(text) or OnReject()
