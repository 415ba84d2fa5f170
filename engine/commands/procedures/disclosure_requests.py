"""A request for information within one command: its rules, its clocks, and what both its halves need."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.approval.case_state import CaseState
from engine.approval.clock import ClockKind
from engine.approval.disclosure import Request
from engine.approval.document import DocumentKind
from engine.approval.document import disclosure as document
from engine.calendar import Limit
from engine.commands.cases.case_files import CaseFile
from engine.commands.cases.case_intake import text_of
from engine.commands.running.service_tasks import BpmnError
from engine.errors import Conflict, RuleForbids

if TYPE_CHECKING:
    from engine.approval.item.services import DisclosureRules
    from engine.approval.reason import Reason
    from engine.runtime.step import ServiceCall

REQUEST = "disclosure"  # the part of the case
REPLY = (ClockKind.STATUTORY, ClockKind.PROMISED)
UNTIL = ("answer_until", "promised_until")


def rules_of(file: CaseFile) -> DisclosureRules:
    """The item's ``[disclosure]`` table; raises Conflict for an item that has none."""
    rules = file.item.disclosure
    if rules is None:
        raise Conflict(f"事项“{file.item.name}”没有信息公开规则。", f"Item {file.item.code} has no [disclosure] rules.")
    return rules


def request_of(file: CaseFile) -> Request:
    """The request as it stands."""
    return file.part(REQUEST, Request) or Request()


def wanted_of(file: CaseFile) -> str:
    """What the applicant asks for."""
    return str(file.row["form"].get("wanted") or file.row["title"])


def refuse(code: str, variable: str, reasons: list[Reason]) -> None:
    """Throw the model's error ``code`` when something speaks against it; ``variable`` tells the form why."""
    if reasons:
        words = "；".join(reason.zh for reason in reasons)
        raise BpmnError(code, words, {variable: words})


def start_reply_clocks(file: CaseFile, *, at: datetime | None = None) -> dict[str, Any]:
    """Start the statutory and the promised clock to answer."""
    statutory = file.start_clock(ClockKind.STATUTORY, file.item.limits.statutory, at=at)
    promised = file.start_clock(ClockKind.PROMISED, file.item.limits.promised, at=at)
    return {"answer_until": statutory.due.date.isoformat(), "promised_until": promised.due.date.isoformat()}


def number_of(call: ServiceCall, name: str) -> int:
    """A number among the inputs; 0 when it is none."""
    try:
        return int(float(text_of(call, name) or 0))
    except ValueError:
        return 0


def days_of(call: ServiceCall) -> int:
    """The input ``days``."""
    return number_of(call, "days")


def ends_of(file: CaseFile) -> dict[str, Any]:
    """The last days to answer, as forms show them."""
    clocks = {"answer_until": file.clock(ClockKind.STATUTORY), "promised_until": file.clock(ClockKind.PROMISED)}
    return {name: clock.due.date.isoformat() for name, clock in clocks.items() if clock is not None}


def extend_reply(file: CaseFile, extension: Limit, reason: str, approved_by: str) -> dict[str, Any]:
    """Extend the time to answer, and tell the applicant. Raises RuleForbids when it was over before anybody asked."""
    request, reply = request_of(file), file.clock(ClockKind.STATUTORY)
    if reply is None or reply.extension is not None or reply.is_overdue(request.extension_requested_at or file.now):
        raise RuleForbids(
            f"办件{file.number}的答复期限已经届满或者延期过，不能再延：请按现有期限答复。",
            f"The time to answer request {file.number} is over or was extended before: answer it as it stands.",
        )
    if not file.case.state.may_become(CaseState.EXTENDED):
        file.move(file.case.start_review())
    file.move(file.case.extend(extension, approved_by=approved_by, reason=reason))
    for kind in REPLY:
        clock = file.clock(kind)
        asked_at = request.extension_requested_at or file.now
        # A promise that was broken before stays broken; the law's own limit is what is extended.
        if clock is not None and not (kind is ClockKind.PROMISED and clock.is_overdue(asked_at)):
            file.time.extend(clock, extension, reason=reason, asked_at=asked_at, approved_by=approved_by)
    file.keep(REQUEST, replace(request, extended=True))
    statutory = file.clock(ClockKind.STATUTORY)
    assert statutory is not None
    file.issue(
        DocumentKind.DISCLOSURE_EXTENSION,
        lambda desk, serial: document.extended(desk, serial, due=statutory.due, reason=reason),
    )
    return ends_of(file)
