"""Documents of intake: receipt, acceptance, the one correction notice, and the refusals to accept."""

from collections.abc import Iterable

from engine.approval.case import Acceptance
from engine.approval.correction import MergedCorrection
from engine.approval.document.value import Document, DocumentKind
from engine.approval.document.writer import Desk, day, numbered, until
from engine.approval.material import LACKING, Slots, SlotState
from engine.calendar import Due

ART_32 = "《中华人民共和国行政许可法》第三十二条"


def receipt(desk: Desk, serial: int, slots: Slots) -> Document:
    """收件凭证: what was handed in, before anybody decided on acceptance."""
    had = [slot for slot in slots.values() if slot.state not in LACKING and slot.state is not SlotState.WAIVED]
    return desk.write(
        DocumentKind.RECEIPT,
        serial,
        ["现收到你（单位）提交的下列材料：", *numbered(f"{slot.name}（{slot.state.zh}）" for slot in had)],
    )


def acceptance(desk: Desk, serial: int, *, promised: Due, statutory: Due) -> Document:
    """受理通知书. On deemed acceptance it says so and names the day of receipt."""
    accepted_at = desk.case.accepted_at
    assert accepted_at is not None  # a case without acceptance has no notice of it
    if desk.case.acceptance is Acceptance.DEEMED:
        opening = (
            f"因本机关未在规定期限内一次性告知补正内容，依法自收到申请材料之日即{day(accepted_at.date())}起视为受理。"
        )
    else:
        opening = f"你（单位）提出的{desk.item.name}申请，经审查，申请材料齐全、符合法定形式，现予受理。"
        if desk.case.acceptance is Acceptance.TOLERANCE:
            opening = f"你（单位）提出的{desk.item.name}申请，主件齐全，根据容缺受理承诺，现予受理。"
    return desk.write(
        DocumentKind.ACCEPTANCE,
        serial,
        [opening, f"本机关承诺于{until(promised)}前作出决定，法定期限至{until(statutory)}。"],
        fields={
            "受理日期": day(accepted_at.date()),
            "承诺办结日期": until(promised),
            "法定办结日期": until(statutory),
        },
        legal_basis=[ART_32, *desk.basis],
    )


def correction(desk: Desk, serial: int, entries: Iterable[MergedCorrection], *, due: Due) -> Document:
    """一次性补正告知书: everything of all departments, once."""
    lines = []
    for entry in entries:
        name = desk.item.material(entry.material).name if entry.material else "申请书"
        lines.append(f"{name}：{'；'.join(entry.requirements)}")
    return desk.write(
        DocumentKind.CORRECTION,
        serial,
        [
            f"你（单位）提出的{desk.item.name}申请，申请材料不齐全或者不符合法定形式，现一次性告知需要补正的全部内容：",
            *numbered(lines),
            f"请于{until(due)}前补正；逾期未补正的，按{_OUTCOMES[desk.item.correction.outcome.value]}处理。",
        ],
        fields={"补正期限": until(due)},
        legal_basis=[ART_32],
    )


def acceptance_refused(desk: Desk, serial: int, *, reason: str, basis: str = "") -> Document:
    """不予受理决定书, with reasons and remedies."""
    return desk.write(
        DocumentKind.ACCEPTANCE_REFUSED,
        serial,
        [f"你（单位）提出的{desk.item.name}申请，经审查，决定不予受理。", f"理由：{reason}"],
        legal_basis=[basis] if basis else [ART_32],
        with_remedies=True,
    )


def not_needed(desk: Desk, serial: int, *, reason: str) -> Document:
    """不受理告知书: the matter needs no licence."""
    return desk.write(
        DocumentKind.NOT_NEEDED,
        serial,
        [f"你（单位）申请的事项依法不需要取得行政许可，现即时告知不受理。理由：{reason}"],
        legal_basis=[ART_32],
        with_remedies=True,
    )


_OUTCOMES = {"closed_not_corrected": "补正不来办结", "deemed_withdrawn": "视为撤回申请"}
