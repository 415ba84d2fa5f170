"""Materials of a case."""

from datetime import date

import pytest

from engine.approval import events
from engine.approval.item import MaterialForm
from engine.approval.material import SLOT_MOVES, MaterialSlot, SlotState, lacking, open_slots, unverified
from engine.errors import Conflict, InvalidInput
from tests.unit.approval.builders import an_item, at, empty_slots, hand_in

ITEM = an_item()
NOW = at("2026-11-23 10:00")


def submit(slot: MaterialSlot, *files: str) -> MaterialSlot:
    return slot.submit(files, at=NOW, by="wang", form=MaterialForm.ELECTRONIC)[0]


def test_a_case_starts_with_one_empty_slot_for_each_material_of_the_guide() -> None:
    slots = empty_slots(ITEM)

    assert list(slots) == ["M01", "M02", "M03", "M04", "M05"]
    assert {slot.state for slot in slots.values()} == {SlotState.MISSING}


def test_a_conditional_material_is_needed_when_its_condition_holds_or_nobody_knows() -> None:
    assert not empty_slots(ITEM, agent=False)["M05"].required
    assert empty_slots(ITEM, agent=True)["M05"].required
    assert open_slots("c1", ITEM.materials, {})["M05"].required


def test_what_is_lacking_is_missing_or_does_not_conform() -> None:
    slots = hand_in(empty_slots(ITEM), "M01", "M02", "M03", "M04", verified=False)
    slots["M02"], _ = slots["M02"].reject("没有签字")

    assert [slot.code for slot in lacking(slots)] == ["M02"]
    assert [slot.code for slot in unverified(slots)] == ["M01", "M03", "M04"]


def test_each_submission_is_a_version_that_stays() -> None:
    slot = submit(empty_slots(ITEM)["M01"], "f1")
    slot, told = slot.reject("没有签字")
    assert told == [
        events.MaterialRejected(
            case_id="c1", code="M01", before="submitted", after="rejected", version=1, reason="没有签字"
        )
    ]

    slot = submit(slot, "f2", "f3")

    assert [(version.number, version.files) for version in slot.versions] == [(1, ("f1",)), (2, ("f2", "f3"))]
    assert slot.reason == ""
    assert MaterialSlot.from_json(slot.to_json()) == slot


def test_what_was_tolerated_is_completed_by_the_submission() -> None:
    slot, _ = empty_slots(ITEM)["M03"].tolerate(date(2026, 12, 3))

    slot = submit(slot, "f1")

    assert slot.state is SlotState.COMPLETED
    assert slot.verify()[0].state is SlotState.VERIFIED
    assert slot.return_completion("看不清")[0].state is SlotState.TOLERATED


def test_a_commitment_replaces_only_a_proof_for_which_the_guide_allows_it() -> None:
    slots = empty_slots(ITEM)

    assert slots["M03"].replace_by_commitment(ITEM.material("M03"))[0].state is SlotState.COMMITTED
    with pytest.raises(Conflict, match="not on the list"):
        slots["M01"].replace_by_commitment(ITEM.material("M01"))


def test_nothing_is_verified_that_was_not_handed_in() -> None:
    with pytest.raises(Conflict) as refused:
        empty_slots(ITEM)["M01"].verify()

    assert refused.value.zh == "材料“申请表”现为“未提交”，不能转为“已核验”。"


def test_rejections_returns_and_waivers_carry_reasons() -> None:
    slot = submit(empty_slots(ITEM)["M01"])
    with pytest.raises(InvalidInput):
        slot.reject("")
    with pytest.raises(InvalidInput):
        empty_slots(ITEM)["M01"].waive(" ")
    assert empty_slots(ITEM)["M01"].waive("数据共享取得")[0].state is SlotState.WAIVED


def test_a_lapsed_material_stays_lapsed() -> None:
    assert not SLOT_MOVES[SlotState.LAPSED]
    assert set(SLOT_MOVES) == set(SlotState)
