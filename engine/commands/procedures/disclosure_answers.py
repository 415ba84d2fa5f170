"""Verbs of requests for government information 政府信息公开: opinions of others, extension, the answer and its service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.approval.case_state import CaseState
from engine.approval.clock import ClockKind, SuspensionKind
from engine.approval.disclosure import Answer, Opinion, Role
from engine.approval.document import DocumentKind
from engine.approval.document import disclosure as document
from engine.calendar import Limit, Unit
from engine.commands.cases import suspending
from engine.commands.cases.case_files import CaseFile
from engine.commands.cases.case_intake import text_of, wake_up
from engine.commands.procedures.disclosure_requests import (
    REQUEST,
    UNTIL,
    days_of,
    ends_of,
    extend_reply,
    refuse,
    request_of,
    rules_of,
    wanted_of,
)
from engine.commands.procedures.remedies import OPEN_UNTIL, open_remedies, time_for_remedies
from engine.commands.running.service_tasks import BpmnError, verb

if TYPE_CHECKING:
    from engine.commands.running.moving import Moving
    from engine.context import CommandContext
    from engine.runtime.step import ServiceCall

SERVICE = {"window": "当面领取", "mail": "邮寄", "online": "网上送达"}


# ---------------------------------------------------------------- opinions of others


@verb(
    "disclosure.consult",
    "征求意见",
    "Ask third parties and other organs",
    results=("ask_third_party", "ask_co_producer", "third_party_due", "co_producer_due", "search_problem"),
)
def consult(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``third_party``, ``co_producer``: names, empty when not asked. In writing, 15 working days each, which do not
    count (条例 32-34). Throws NOBODY_TO_ASK with ``search_problem`` when nobody is named or was asked before."""
    file = CaseFile.of(context, moving)
    rules = rules_of(file)
    names = {Role.THIRD_PARTY: text_of(call, "third_party"), Role.CO_PRODUCER: text_of(call, "co_producer")}
    known = {each.role for each in request_of(file).asked}
    wanted = {role: name for role, name in names.items() if name and role not in known}
    if not wanted:
        problem = "请写明第三方或者共同制作机关；已经征求过意见的不再征求"
        raise BpmnError("NOBODY_TO_ASK", problem, {"search_problem": problem})
    dues = {}
    for role, name in wanted.items():
        limit = rules.third_party if role is Role.THIRD_PARTY else rules.co_producer
        suspension = suspending.begin(
            file, SuspensionKind.CONSULTATION, reason=f"征求{role.zh}{name}的意见", planned=limit.limit
        )
        due = context.calendar.due(file.now, limit.limit, file.item.limits.mode)
        file.keep(REQUEST, *request_of(file).ask(file.id, role, name, suspension.id))
        _write_letter(file, role, name, due)
        dues[role] = wake_up(due)
    return {
        "ask_third_party": Role.THIRD_PARTY in wanted,
        "ask_co_producer": Role.CO_PRODUCER in wanted,
        "third_party_due": dues.get(Role.THIRD_PARTY, ""),
        "co_producer_due": dues.get(Role.CO_PRODUCER, ""),
        "search_problem": "",
    }


def _write_letter(file: CaseFile, role: Role, name: str, due: Any) -> None:
    wanted = wanted_of(file)
    kind = DocumentKind.DISCLOSURE_CONSULTATION if role is Role.THIRD_PARTY else DocumentKind.DISCLOSURE_COOPERATION
    file.issue(
        kind,
        lambda desk, serial: document.consultation(desk, serial, role=role, name=name, wanted=wanted, due=due),
    )


@verb("disclosure.hear", "登记意见", "Record an opinion, or silence", results=("asked_text", *UNTIL))
def hear(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``role`` (third_party or co_producer), ``opinion`` (agree or object; empty is silence), ``reason``. A silent
    co-producer agrees, a silent third party leaves it to the organ. The time to answer runs again when all were heard."""
    file = CaseFile.of(context, moving)
    role, opinion = Role(text_of(call, "role")), Opinion(text_of(call, "opinion") or Opinion.SILENT.value)
    before = request_of(file)
    request, told = before.hear(file.id, role, opinion, text_of(call, "reason"))
    file.keep(REQUEST, request, told)
    for each in before.asked:
        if each.role is role and each.opinion is None:
            suspending.end(file, each.suspension_id, reason=f"{role.zh}意见已收到或者逾期")
    return {"asked_text": "\n".join(each.words() for each in request.asked), **ends_of(file)}


# ---------------------------------------------------------------- extension


@verb("disclosure.request_extension", "申请延期答复", "Ask for an extension", results=("search_problem",))
def request_extension(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``days``. Throws NOT_EXTENDABLE with ``search_problem``: once, before the end, 20 working days at most."""
    file = CaseFile.of(context, moving)
    request, clock = request_of(file), file.clock(ClockKind.STATUTORY)
    assert clock is not None  # it runs since the receipt
    against = request.against_extension(days_of(call), rules_of(file), at=file.now, due=clock.due.at)
    refuse("NOT_EXTENDABLE", "search_problem", against)
    file.keep(REQUEST, replace(request, extension_requested_at=file.now))
    return {"search_problem": ""}


@verb("disclosure.extend", "延期答复并告知", "Extend the time to answer", results=UNTIL)
def extend(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``days``, ``reason``, ``approved_by``: with consent of the head of the office, told to the applicant (条例 33)."""
    file = CaseFile.of(context, moving)
    return extend_reply(file, Limit(days_of(call), Unit.WD), text_of(call, "reason"), text_of(call, "approved_by"))


# ---------------------------------------------------------------- the answer


@verb("disclosure.answer", "制作答复书", "Write the answer", results=("answer_number", "decide_problem"))
def answer(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``kind``, ``text``, ``reason``, ``basis``, ``public_interest``. Throws ANSWER_INCOMPLETE with ``decide_problem``
    when something is kept back without its rule, or given against who was asked. A third party who objected is told."""
    file = CaseFile.of(context, moving)
    kind, text = Answer(text_of(call, "kind")), text_of(call, "text")
    reason, basis, public_interest = (text_of(call, name) for name in ("reason", "basis", "public_interest"))
    request = request_of(file)
    against = request.against_answer(kind, reason=reason, basis=basis, public_interest=public_interest)
    refuse("ANSWER_INCOMPLETE", "decide_problem", against)
    if file.case.state is CaseState.ACCEPTED:
        file.move(file.case.start_review())
    file.move(file.case.answer(file.now, kind.value))
    asked = [each.words() for each in request.asked]
    written = file.issue(
        DocumentKind.DISCLOSURE_REPLY,
        lambda desk, serial: document.answered(desk, serial, kind, text=text, reason=reason, basis=basis, asked=asked),
    )
    for each in request.asked:
        if kind.gives and each.role is Role.THIRD_PARTY and each.opinion is Opinion.OBJECT:
            _tell_third_party(file, each.name, text, public_interest)
    return {"answer_number": written.number, "decide_problem": ""}


def _tell_third_party(file: CaseFile, name: str, content: str, reason: str) -> None:
    file.issue(
        DocumentKind.DISCLOSURE_OVERRIDE,
        lambda desk, serial: document.override(desk, serial, name=name, content=content, reason=reason),
    )


@verb("disclosure.serve", "送达并归档", "Serve the answer and close", results=("result", *OPEN_UNTIL))
def serve(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``method`` (window, mail, online), ``receiver``, ``tracking``. The time to answer runs until the answer has left
    the house: that is when it stops. From then on it may be contested, until ``remedy_due``."""
    file = CaseFile.of(context, moving)
    way = SERVICE.get(text_of(call, "method"), text_of(call, "method"))
    receiver, number = text_of(call, "receiver"), text_of(call, "tracking")
    file.issue(
        DocumentKind.DISCLOSURE_SERVICE,
        lambda desk, serial: document.served(desk, serial, way=way, receiver=receiver, number=number),
    )
    result = str(file.row["result"])
    file.move(file.case.finish(file.now))
    file.stop_clocks()
    return {"result": result, **open_remedies(file, time_for_remedies(file))}
