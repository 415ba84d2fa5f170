"""Items, cases and moments for tests of the approval rules."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from engine.approval.applicant import Applicant, ApplicantKind
from engine.approval.case import Case
from engine.approval.case_state import CaseState
from engine.approval.credit import CreditEvent, CreditKind, CreditStanding
from engine.approval.item import Item, MaterialForm, read_item
from engine.approval.material import MaterialSlot, open_slots
from engine.calendar import SHANGHAI

ITEM_TOML = """
code = "11430105MB0000000M400011234500001"
name = "公共场所卫生许可"
name_en = "Hygiene permit for public places"
department = "wsjk"
process = "hygiene_permit"
infotype = "promised"
audience = ["person", "organisation"]

[limits]
statutory = { limit = "20wd", source = "《行政许可法》第四十二条" }
promised = { limit = "10wd", source = "本局承诺" }

[[materials]]
code = "M01"
name = "申请表"
class = "main"
form = "original"
copies = 2
requirement = "签字盖章"

[[materials]]
code = "M02"
name = "场所平面图"
class = "main"

[[materials]]
code = "M03"
name = "营业执照复印件"
class = "secondary"
form = "copy"
commitment_allowed = true

[[materials]]
code = "M04"
name = "检测报告"
class = "not_tolerable"
tags = ["health"]

[[materials]]
code = "M05"
name = "授权委托书"
class = "secondary"
necessity = "conditional"
condition = "agent = true"

[correction]
period = "15wd"

[tolerance]
gate = "before_decision"
timeout = "revoke_acceptance"

[commitment]
kind = "licence"
verify = { limit = "60wd", source = "浙江省保障“最多跑一次”改革规定第十四条" }
supplement = "60nd"

[forms]
start = "apply.form"

[roles]
window = "window"

[[legal_basis]]
title = "公共场所卫生管理条例"
article = "第四条"

[guide]
conditions = "经营场所符合卫生标准"
"""

PARALLEL_TOML = """
code = "11430105MB0000000M400019876500001"
name = "建筑工程施工许可"
department = "spj"
process = "construction_permit"
infotype = "joint"

[limits]
statutory = "45wd"
promised = "15wd"

[[materials]]
code = "M01"
name = "申请表"
class = "main"

[[materials]]
code = "M02"
name = "施工图审查合格书"
class = "main"

[parallel]
limit = "15wd"
merge = "lead_decides"

[[parallel.branches]]
code = "fire"
name = "消防设计审查"
department = "xfjy"
limit = "7wd"
kind = "licence_decision"
materials = ["M02"]

[[parallel.branches]]
code = "civil_defence"
name = "人防工程审查"
department = "rfb"
limit = "5wd"
timeout = "deemed_agree"
timeout_source = "《人防联审办法》第六条"

[[parallel.branches]]
code = "quality"
name = "质量安全监督"
department = "zaz"
limit = "5wd"
timeout = "return_to_lead"
needs = ["fire"]

[[legal_basis]]
title = "中华人民共和国建筑法"
article = "第七条"
"""


def an_item() -> Item:
    """A licence with promised limit, tolerance and commitment."""
    return read_item(ITEM_TOML)


def a_joint_item() -> Item:
    """A licence in parallel approval: fire decides, civil defence may be silent, quality goes back to the lead."""
    return read_item(PARALLEL_TOML)


def at(text: str) -> datetime:
    """A moment in the office's zone: ``at("2026-11-23 10:00")``."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def an_applicant() -> Applicant:
    return Applicant(kind=ApplicantKind.PERSON, name="王小明", id_number="430105199001011234", phone="13800000000")


def a_case(state: CaseState = CaseState.RECEIVED, **changes: Any) -> Case:
    """A case in ``state``, received on Monday 2026-11-23 at 10:00."""
    case, _ = Case.file(id="c1", number="43010520261123201000017", item=an_item(), applicant=an_applicant())
    return replace(case, state=state, **{"received_at": at("2026-11-23 10:00"), **changes})


def empty_slots(item: Item, *, agent: bool = False) -> dict[str, MaterialSlot]:
    return open_slots("c1", item.materials, {"M05": agent})


def hand_in(slots: dict[str, MaterialSlot], *codes: str, verified: bool = True) -> dict[str, MaterialSlot]:
    """The same slots with these materials handed in (and verified)."""
    changed = dict(slots)
    for code in codes:
        slot, _ = changed[code].submit(
            (f"file-{code}",), at=at("2026-11-23 10:00"), by="chuangkou", form=MaterialForm.ELECTRONIC
        )
        changed[code] = slot.verify()[0] if verified else slot
    return changed


def good_credit() -> CreditStanding:
    return CreditStanding()


def bad_credit() -> CreditStanding:
    record, _ = CreditEvent.record(
        "k1", an_applicant(), CreditKind.TOLERANCE_BREACH, reason="逾期未补齐", at=at("2026-06-01 10:00")
    )
    return CreditStanding(records=(record,))
