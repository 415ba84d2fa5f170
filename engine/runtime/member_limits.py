"""The limit of each member of a ballot (P-9.4): how long, and what follows when it has passed (P-9.2, P-9.3); pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import Any, Final

from engine.calendar import Limit
from engine.errors import InvalidInput
from engine.records import record

LIMIT, OVERDUE, BASIS = "memberLimit", "memberOverdue", "memberOverdueBasis"
SETTINGS: Final = (LIMIT, OVERDUE, BASIS)


class Overdue(StrEnum):
    """What becomes of a member's vote when his limit has passed."""

    NONE = "none"  # it is late, and can still be cast
    ABSTAIN = "abstain"  # it counts as an abstention
    APPROVE = "approve"  # it counts as an approval: only with a basis
    REJECT = "reject"  # likewise


@record(kw_only=False)
class MemberLimit:
    """What a node says of the time of each of its members."""

    limit: Limit
    overdue: Overdue
    basis: str


def read(settings: Mapping[str, Any]) -> MemberLimit | None:
    """The limit of each member, or None where the node has none or one that cannot be read (the upload has said so)."""
    text = str(settings.get(LIMIT) or "").strip()
    if not text:
        return None
    try:
        limit = Limit.parse(text)
    except InvalidInput:
        return None
    word, basis = str(settings.get(OVERDUE) or "").strip(), str(settings.get(BASIS) or "").strip()[:200]
    overdue = Overdue(word) if word in set(Overdue) else Overdue.NONE
    if overdue in (Overdue.APPROVE, Overdue.REJECT) and not basis:
        overdue = Overdue.NONE  # nobody's silence decides without a ground in law (P-9.2)
    return MemberLimit(limit, overdue, basis)


def faults(text: Callable[[str], str], *, is_open: bool, may_abstain: bool) -> Iterator[tuple[str, str, str]]:
    """What is wrong with the settings: (setting, zh, en). ``is_open``: whether the limit is an expression."""
    limit, word = text(LIMIT), text(OVERDUE)
    if limit and read({LIMIT: limit}) is None:
        yield (
            LIMIT,
            f"{LIMIT}=「{limit}」读不懂；例：2wd（工作日）、3nd（自然日）、4h",
            f"{LIMIT}=“{limit}” cannot be read; use 2wd, 3nd or 4h",
        )
    if word and word not in set(Overdue):
        words = "、".join(Overdue)
        yield (
            OVERDUE,
            f"{OVERDUE}=「{word}」不认识；可用：{words}",
            f"{OVERDUE}=“{word}” is none of {', '.join(Overdue)}",
        )
    if word and not limit and not is_open:
        yield OVERDUE, f"写了 {OVERDUE} 但没有 {LIMIT}；请补上时限", f"{OVERDUE} needs a {LIMIT}"
    if word in (Overdue.APPROVE, Overdue.REJECT) and not text(BASIS):
        yield (
            OVERDUE,
            f"{OVERDUE}={word} 须写明依据（{BASIS}），没有依据不得以沉默代替表态",
            f"{OVERDUE}={word} needs its ground in {BASIS}: nobody's silence decides without one",
        )
    if word == Overdue.ABSTAIN and not may_abstain:
        yield OVERDUE, f"{OVERDUE}=abstain 但本表决不许弃权；请加 abstain=true", f"{OVERDUE}=abstain needs abstain=true"
