"""Materials of a case: which are needed, what was handed in, what was verified; and the verb that checks completeness."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine import feel
from engine.access import Verb
from engine.approval.item.terms import MaterialClass, MaterialForm, Necessity
from engine.approval.material import SlotState, lacking
from engine.approval.material import open_slots as slots_of
from engine.commands.cases.case_files import CaseFile
from engine.commands.running.service_tasks import verb
from engine.context import Command
from engine.errors import Conflict, InvalidInput, NotFound
from engine.records import record

if TYPE_CHECKING:
    from engine.approval.item.terms import MaterialRule
    from engine.approval.material import MaterialSlot
    from engine.commands.running.moving import Moving
    from engine.context import CommandContext
    from engine.runtime.step import ServiceCall

VERIFIED, REJECTED = "verified", "rejected"


@record
class JudgeMaterial(Command):
    """核验/退回: say that a material conforms, or does not and why. Answers {no, code, state}."""

    no: str
    code: str
    verdict: str
    reason: str = ""

    def execute(self, context: CommandContext) -> dict[str, Any]:
        file = CaseFile.open(context, self.no, Verb.JUDGE_MATERIAL)
        slot = file.slots.get(self.code)
        if slot is None:
            raise NotFound(
                f"办件{file.number}没有材料 {self.code}。", f"Case {file.number} has no material {self.code}."
            )
        if self.verdict == VERIFIED:
            file.keep_slot(slot.verify())
        elif self.verdict == REJECTED:
            if slot.state is SlotState.COMPLETED:
                raise Conflict(
                    "容缺补齐的材料请在“核验补齐材料”任务中整体判断是否合格。",
                    "What completes a tolerance is judged as a whole, in the task that verifies it.",
                )
            file.keep_slot(slot.reject(self.reason))
        else:
            raise InvalidInput(
                f"核验结论应为 {VERIFIED} 或 {REJECTED}。",
                f"The verdict is {VERIFIED} or {REJECTED}.",
                fields={"verdict": f"{VERIFIED} / {REJECTED}"},
            )
        return {"no": file.number, "code": self.code, "state": file.slots[self.code].state.value}


# ---------------------------------------------------------------- slots


def open_slots(file: CaseFile) -> None:
    """Open one slot for each material of the guide; the application form says which conditional ones are needed."""
    rules = file.item.materials
    file.keep_slots(slots_of(file.id, rules, _conditions(file)))


def apply_conditions(file: CaseFile) -> None:
    """Ask again which materials are needed, after the application form was changed."""
    needed = _conditions(file)
    changed = {
        code: replace(slot, required=needed[code])
        for code, slot in file.slots.items()
        if code in needed and slot.required != needed[code]
    }
    file.keep_slots(changed)


def offer(file: CaseFile, offered: Mapping[str, Mapping[str, Any]]) -> None:
    """Take what was handed in on paper: {code: {"form": "original" | "copy" | "electronic", "note": ""}}."""
    for code, details in offered.items():
        if code not in file.slots:
            raise InvalidInput(
                f"本事项没有编码为 {code} 的材料。",
                f"This item has no material {code}.",
                fields={f"offered.{code}": "没有此材料"},
            )
        form = MaterialForm(_one_of(code, str(details.get("form") or MaterialForm.ORIGINAL.value)))
        note = str(details.get("note") or "")[:500]
        moved = file.slots[code].submit((), at=file.now, by=file.context.actor.login, form=form, note=note)
        file.keep_slot(moved)


def _one_of(code: str, value: str) -> str:
    forms = [form.value for form in MaterialForm]
    if value not in forms:
        raise InvalidInput(
            f"材料 {code} 的形式应为 {'、'.join(forms)} 之一。",
            f"The form of material {code} is one of {', '.join(forms)}.",
            fields={f"offered.{code}": value},
        )
    return value


def _conditions(file: CaseFile) -> dict[str, bool]:
    rules = [rule for rule in file.item.materials if rule.necessity is Necessity.CONDITIONAL]
    return {rule.code: holds(file, rule.condition) for rule in rules}


def holds(file: CaseFile, condition: str) -> bool:
    """Evaluate a condition of the item (FEEL) over the application form. An empty one holds, and so does one that asks for
    a field that the form did not show: a forgotten field never lets a paper or a department slip."""
    if not condition:
        return True
    try:
        return feel.compile(condition).evaluate(file.row["form"], now=file.now) is True
    except feel.UnknownName:
        return True


# ---------------------------------------------------------------- completeness


COMPLETE, SECONDARY_MISSING, MAIN_MISSING = "complete", "secondary_missing", "main_missing"


@verb(
    "materials.check",
    "核对材料清单",
    "Check whether all materials are there",
    irreversible=False,
    results=(
        "materials_result",
        "missing_codes",
        "missing_text",
    ),
)
def check_materials(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Tell gateways: ``materials_result`` (complete, secondary_missing, main_missing), ``missing_text`` for the notice."""
    file = CaseFile.of(context, moving)
    missing = lacking(file.slots)
    tolerable = all(slot.material_class is MaterialClass.SECONDARY for slot in missing)
    result = COMPLETE if not missing else SECONDARY_MISSING if tolerable else MAIN_MISSING
    return {
        "materials_result": result,
        "missing_codes": [slot.code for slot in missing],
        "missing_text": listed(file, missing),
    }


def listed(file: CaseFile, slots: tuple[MaterialSlot, ...]) -> str:
    """One line for each lacking material: its name, and why it does not do or what is asked of it."""
    return "\n".join(f"{slot.name}：{_demand(file.item.material(slot.code), slot)}" for slot in slots)


def _demand(rule: MaterialRule, slot: MaterialSlot) -> str:
    if slot.state is SlotState.REJECTED and slot.reason:
        return slot.reason
    return rule.requirement or f"请提交{rule.form.zh}{rule.copies}份"
