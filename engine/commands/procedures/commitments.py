"""Verbs of commitment 告知承诺: eligibility and notice, the signed promise, declining, and withdrawing before the decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.approval import document
from engine.approval.applicant import Agent
from engine.approval.case import Acceptance
from engine.approval.clock import ClockKind
from engine.approval.commitment import Commitment, CommitmentState, may_commit
from engine.approval.document import Desk, Document, DocumentKind
from engine.approval.material import lacking
from engine.commands.cases import materials
from engine.commands.cases.case_files import CaseFile
from engine.commands.cases.case_intake import take_correction, text_of, wake_up
from engine.commands.running.service_tasks import verb
from engine.errors import Conflict
from engine.store.rows import cases

if TYPE_CHECKING:
    from engine.commands.running.moving import Moving
    from engine.context import CommandContext
    from engine.events import Event
    from engine.runtime.step import ServiceCall

ORDINARY = {"route": "ordinary"}


@verb(
    "commitment.check",
    "核查告知承诺资格和信用，出具告知书",
    "Check eligibility and credit; give the notice",
    results=("commitment_eligible", "commitment_reasons", "route"),
)
def check(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """``commitment_eligible`` for the gateway. Who is eligible gets the notice 告知书 and may choose; who is not is told why
    and takes the ordinary procedure (国办发〔2020〕42号)."""
    file = CaseFile.of(context, moving)
    credit = cases.credit_standing(context.uow, file.row["applicant_id"])
    decision = may_commit(file.item, file.applicant, credit=credit, now=file.now, chosen=True)
    reasons = "\n".join(reason.zh for reason in decision.against)
    told: dict[str, Any] = {"commitment_eligible": decision.allowed, "commitment_reasons": reasons}
    if not decision.allowed:
        return told | ORDINARY
    notice = file.issue(DocumentKind.COMMITMENT_NOTICE, document.commitment_notice)
    file.keep("commitment", *Commitment.offer(file.item, case_id=file.id, notice_no=notice.number))
    return told


def _commitment(file: CaseFile) -> Commitment:
    commitment = file.part("commitment", Commitment)
    if commitment is None:
        raise Conflict(f"办件{file.number}没有告知承诺。", f"Case {file.number} has no commitment.")
    return commitment


@verb("commitment.decline", "登记不作承诺", "The applicant chose the ordinary procedure", results=("route",))
def decline(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Nothing more may be demanded of who does not commit."""
    file = CaseFile.of(context, moving)
    file.keep("commitment", *_commitment(file).decline())
    return ORDINARY


@verb("commitment.sign", "登记承诺书", "Take the signed commitment", results=("commitment_number",))
def sign(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``signer``, ``agent``, ``authorised``: an agent signs only with an authorisation."""
    file = CaseFile.of(context, moving)
    agent = text_of(call, "agent")
    applicant = file.applicant
    if agent:
        applicant = replace(applicant, agent=Agent(name=agent, authorised=call.inputs.get("authorised") is True))
    credit = cases.credit_standing(context.uow, file.row["applicant_id"])
    decision = may_commit(file.item, applicant, credit=credit, now=file.now, chosen=True, signs_by_agent=bool(agent))
    signed_by = text_of(call, "signer") + (f"（代办人：{agent}）" if agent else "")
    taken: list[tuple[Commitment, list[Event]]] = []

    def write(desk: Desk, serial: int) -> Document:
        number = desk.issuer.number(DocumentKind.COMMITMENT_PROMISE, desk.on.year, serial)
        taken.append(
            _commitment(file).sign(decision, at=file.now, promise_no=number, signed_by=signed_by, by_agent=bool(agent))
        )
        return document.commitment_promise(desk, serial, taken[0][0])

    written = file.issue(DocumentKind.COMMITMENT_PROMISE, write)
    file.keep("commitment", *taken[0])
    return {"commitment_number": written.number}


@verb(
    "commitment.check_materials",
    "核对减省后的材料",
    "Check the materials that are needed before the decision",
    results=("materials_result", "missing_codes", "missing_text"),
)
def check_materials(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """As ``materials.check``, without what may be handed in after the decision 领证后限期补交."""
    file = CaseFile.of(context, moving)
    missing = tuple(slot for slot in lacking(file.slots) if not file.item.material(slot.code).after_decision)
    return {
        "materials_result": materials.MAIN_MISSING if missing else materials.COMPLETE,
        "missing_codes": [slot.code for slot in missing],
        "missing_text": materials.listed(file, missing),
    }


@verb(
    "commitment.withdraw",
    "登记撤回承诺",
    "The commitment is withdrawn before the decision",
    results=("route", "accepted", "correction_rounds", "notice_due"),
)
def withdraw(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``reason``. The ordinary procedure starts anew: its clocks run from the acceptance of complete materials
    (R3-7), and the office has its five days for a correction notice again, for more materials are needed now."""
    file = CaseFile.of(context, moving)
    commitment = _commitment(file)
    if commitment.state is CommitmentState.OFFERED:
        file.keep("commitment", *commitment.decline())
    else:
        file.keep("commitment", *commitment.withdraw(text_of(call, "reason")))
    take_correction(file)
    file.stop_clocks()
    if file.case.acceptance is Acceptance.COMMITMENT:
        file.move(file.case.return_to_ordinary())
    rules = file.item.correction
    clock = file.start_clock(ClockKind.NOTICE, rules.notice, receipt=rules.receipt)
    return ORDINARY | {"accepted": False, "correction_rounds": 0, "notice_due": wake_up(clock.due)}
