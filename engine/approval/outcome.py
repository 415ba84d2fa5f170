"""What a decision is called 结果名称: a licence is granted, a deregistration is not a licence, a confirmation confirms."""

from collections.abc import Mapping
from typing import Final

from engine.approval.case_state import LABELS, CaseState
from engine.approval.item import Item, ItemCode

Words = tuple[str, str]  # Chinese, English

# By the type of power in the item's code (GB/T 39554.1), what says yes and what says no.
_BY_TYPE: Final[Mapping[str, tuple[Words, Words]]] = {
    "01": (("准予许可", "Granted"), ("不予许可", "Refused")),
    "05": (("准予给付", "Benefit granted"), ("不予给付", "Benefit refused")),
    "07": (("予以确认", "Confirmed"), ("不予确认", "Not confirmed")),
    "08": (("予以奖励", "Awarded"), ("不予奖励", "Not awarded")),
}
_OTHERWISE: Final[tuple[Words, Words]] = (("予以办理", "Approved"), ("不予办理", "Not approved"))
_DEREGISTRATION: Final[tuple[Words, Words]] = (("准予注销", "Deregistered"), ("不予注销", "Deregistration refused"))


def words_of_result(item: Item) -> Mapping[str, Words]:
    """What ``granted`` and ``refused`` are called for an item."""
    yes, no = _DEREGISTRATION if item.publicity is not None else _of_type(item.code)
    return {"granted": yes, "refused": no}


def words_of_state(state: CaseState, item_code: str) -> Words:
    """What a state is called for a case of an item with this code: only the two decisions depend on it."""
    if state not in (CaseState.DECIDED_OK, CaseState.DECIDED_NO):
        return LABELS[state]
    return _of_type(item_code)[state is CaseState.DECIDED_NO]


def _of_type(item_code: str) -> tuple[Words, Words]:
    return _BY_TYPE.get(ItemCode.parse(item_code).item_type, _OTHERWISE)
