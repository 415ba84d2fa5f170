"""Verbs of the materials that a holder may hand in after a decision on commitment 领证后限期补交."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.approval.clock import ClockKind
from engine.approval.filing import CaseAlerted
from engine.approval.material import lacking
from engine.commands.cases import materials
from engine.commands.cases.case_files import CaseFile
from engine.commands.cases.case_intake import text_of, wake_up
from engine.commands.procedures.verifications import open_for_cause, rules_of
from engine.commands.running.service_tasks import verb

if TYPE_CHECKING:
    from engine.approval.material import MaterialSlot
    from engine.commands.running.moving import Moving
    from engine.context import CommandContext
    from engine.runtime.step import ServiceCall


def _owed(file: CaseFile) -> tuple[MaterialSlot, ...]:
    """What is needed, may come after the decision, and has not come or does not conform."""
    return tuple(slot for slot in lacking(file.slots) if file.item.material(slot.code).after_decision)


@verb(
    "supplement.open",
    "确定领证后补交的材料",
    "Say what has to be handed in after the decision, and until when",
    results=("later_owed", "later_text", "later_due", "later_until"),
)
def open_supplement(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """``later_owed`` for the gateway, ``later_due`` for a timer: the time runs from the decision, as the notice
    told the applicant."""
    file = CaseFile.of(context, moving)
    owed, limit = _owed(file), rules_of(file).supplement
    if not owed or limit is None:
        return {"later_owed": False, "later_text": ""}
    clock = file.start_clock(ClockKind.SUPPLEMENT, limit, at=file.case.decided_at)
    return {
        "later_owed": True,
        "later_text": materials.listed(file, owed),
        "later_due": wake_up(clock.due),
        "later_until": clock.due.date.isoformat(),
    }


@verb(
    "supplement.take",
    "核对补交的材料",
    "Check what was handed in after the decision",
    results=("later_owed", "later_text"),
)
def take(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """``later_owed`` stays true while something is lacking or was rejected; then ``later_text`` says what."""
    file = CaseFile.of(context, moving)
    owed = _owed(file)
    if not owed:
        file.stop_clocks(ClockKind.SUPPLEMENT)
    return {"later_owed": bool(owed), "later_text": materials.listed(file, owed)}


@verb("supplement.overdue", "补交逾期，转核查", "Not handed in in time: check the case", results=("verification_no",))
def overdue(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``process`` (key of the verification's process), ``verification_id`` (of the case that the decision opened).
    The supervisor is told; a case that was not drawn is checked for this cause, one that was drawn is checked anyway."""
    file = CaseFile.of(context, moving)
    names = "、".join(slot.name for slot in _owed(file))
    file.stop_clocks(ClockKind.SUPPLEMENT)
    file.tell(
        CaseAlerted(
            case_id=file.id,
            alert="supplement-overdue",
            zh=f"领证后应当补交的材料逾期未补交：{names}",
            en="What had to be handed in after the decision did not come in time",
        )
    )
    reason = f"领证后逾期未补交材料：{names}"
    number = open_for_cause(file, text_of(call, "verification_id"), text_of(call, "process"), reason)
    return {} if number is None else {"verification_no": number}
