"""Verbs of requests for government information 政府信息公开 until they are handled: receipt, correction, reasons and fees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from engine.approval.case_state import CaseState
from engine.approval.clock import ClockKind
from engine.approval.disclosure import Answer, Request, Way, page_fee, request_fee
from engine.approval.document import DocumentKind
from engine.approval.document import disclosure as document
from engine.approval.events import disclosure as events
from engine.approval.filing import CaseAlerted
from engine.calendar import Limit, Unit
from engine.commands.cases.case_files import CaseFile
from engine.commands.cases.case_intake import lines_of, text_of, wake_up
from engine.commands.procedures.disclosure_requests import (
    REPLY,
    REQUEST,
    UNTIL,
    days_of,
    extend_reply,
    number_of,
    refuse,
    request_of,
    rules_of,
    start_reply_clocks,
    wanted_of,
)
from engine.commands.running.service_tasks import BpmnError, verb
from engine.store.rows import matters

if TYPE_CHECKING:
    from engine.commands.running.moving import Moving
    from engine.context import CommandContext
    from engine.runtime.step import ServiceCall


# ---------------------------------------------------------------- receipt and correction


@verb(
    "disclosure.register",
    "登记申请",
    "Register the request",
    results=(
        *UNTIL,
        "received_on",
        "notice_due",
        "notice_until",
        "requests_this_month",
        "examine_problem",
        "judge_problem",
        "search_problem",
        "decide_problem",
        "answer_kind",
        "asked_text",
    ),
)
def register(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``way`` (in_person, signed_mail, ordinary_mail, internet, fax), ``signed_on`` (for signed mail).

    The day of receipt is the day of handing in, of signing for the letter, or of this confirmation (条例 31). From it run the
    seven working days for a correction notice (``notice_due`` is for a timer) and the twenty to answer.
    """
    file = CaseFile.of(context, moving)
    way = Way(text_of(call, "way") or Way.IN_PERSON.value)
    received_at = _signed_at(file, text_of(call, "signed_on")) if way is Way.SIGNED_MAIL else file.now
    file.move(file.case.receive(received_at))
    request = Request(way=way, received_on=received_at.date())
    file.keep(
        REQUEST,
        request,
        [events.RequestRegistered(case_id=file.id, way=way.value, received_on=received_at.date())],
    )
    notice = file.start_clock(ClockKind.CLARIFICATION, file.item.correction.notice, at=received_at)
    until = start_reply_clocks(file, at=received_at)
    statutory = file.clock(ClockKind.STATUTORY)
    assert statutory is not None  # just started
    wanted, due = wanted_of(file), statutory.due
    file.issue(
        DocumentKind.DISCLOSURE_RECEIPT,
        lambda desk, serial: document.registered(
            desk, serial, way=way, received_on=received_at.date(), wanted=wanted, due=due
        ),
    )
    empty = ("examine_problem", "judge_problem", "search_problem", "decide_problem", "answer_kind", "asked_text")
    return {
        **until,
        "received_on": received_at.date().isoformat(),
        "notice_due": wake_up(notice.due),
        "notice_until": notice.due.date.isoformat(),
        "requests_this_month": _requests_this_month(file),
        **dict.fromkeys(empty, ""),
    }


def _signed_at(file: CaseFile, text: str) -> datetime:
    """The end of the day on which the letter was signed for, never in the future."""
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        return file.now
    return min(file.now, datetime.combine(day, time(17, 0), tzinfo=file.now.tzinfo))


def _requests_this_month(file: CaseFile) -> int:
    first = file.now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return matters.count_filed(
        file.context.uow, file.row["applicant_id"], file.item.code, since=first, until=file.context.now
    )


@verb(
    "disclosure.notify_correction",
    "发出补正告知书",
    "Ask for a correction",
    results=("correction_due", "correction_until", "correction_text", "examine_problem"),
)
def notify_correction(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``items`` (one a line). Once, within seven working days of receipt; else NOT_CORRECTABLE is thrown with
    ``examine_problem``. The time to answer ends here and is counted anew from the corrected request (条例 30)."""
    file = CaseFile.of(context, moving)
    request, notice = request_of(file), file.clock(ClockKind.CLARIFICATION)
    until = None if notice is None else notice.due.at
    refuse("NOT_CORRECTABLE", "examine_problem", request.against_correction(at=file.now, until=until))
    items = lines_of(call.inputs.get("items"))
    file.move(file.case.request_correction(()))
    file.stop_clocks(ClockKind.CLARIFICATION, *REPLY)
    clock = file.start_clock(ClockKind.CORRECTION, file.item.correction.period)
    file.keep(REQUEST, replace(request, corrections=request.corrections + 1))
    file.issue(
        DocumentKind.DISCLOSURE_CORRECTION,
        lambda desk, serial: document.correction(desk, serial, items, due=clock.due),
    )
    return {
        "correction_due": wake_up(clock.due),
        "correction_until": clock.due.date.isoformat(),
        "correction_text": "\n".join(items),
        "examine_problem": "",
    }


@verb("disclosure.take_correction", "收到补正，重新计算期限", "Take the correction; count anew", results=UNTIL)
def take_correction(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """The twenty working days are counted from the day on which the corrected request came (条例 30)."""
    file = CaseFile.of(context, moving)
    file.stop_clocks(ClockKind.CORRECTION)
    file.move(file.case.corrected())
    file.keep(REQUEST, *request_of(file).restart(file.id, "correction"))
    return start_reply_clocks(file)


@verb("disclosure.abandon", "视为放弃申请", "The request counts as abandoned", results=("result",))
def abandon(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``reason``. Not corrected (条例 30) or not paid (办法) in time, without a good reason."""
    file = CaseFile.of(context, moving)
    file.move(file.case.abandon(file.now, text_of(call, "reason") or "逾期未办理，视为放弃申请"))
    file.stop_clocks()
    return {"result": "abandoned"}


@verb("disclosure.notice_lapsed", "补正告知期限已过", "The time to ask for a correction is over")
def notice_lapsed(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Seven working days went by without examining the request: it has to be answered as it stands."""
    file = CaseFile.of(context, moving)
    zh = "收到申请7个工作日内没有审查，不能再要求补正，应当按现有内容答复"
    file.tell(
        CaseAlerted(case_id=file.id, alert="correction-lapsed", zh=zh, en="No correction can be asked for any more")
    )
    return {}


@verb("disclosure.accept", "转办理", "The request is clear: handle it")
def accept(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """The content is clear (应录尽录); the time to answer has been running since the receipt."""
    file = CaseFile.of(context, moving)
    _accept(file)
    return {}


def _accept(file: CaseFile) -> None:
    if file.case.state is CaseState.RECEIVED:
        file.stop_clocks(ClockKind.CLARIFICATION)
        file.move(file.case.accept(file.now))


# ---------------------------------------------------------------- too many requests


@verb(
    "disclosure.demand_reasons",
    "要求说明理由",
    "Demand reasons for so many requests",
    results=("reasons_due", "reasons_until"),
)
def demand_reasons(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """条例 35. Who gives none in time has none."""
    file = CaseFile.of(context, moving)
    _accept(file)
    clock = file.start_clock(ClockKind.REASONS, rules_of(file).reasons)
    number = _requests_this_month(file)
    file.tell(events.ReasonsDemanded(case_id=file.id, requests=number))
    file.issue(
        DocumentKind.DISCLOSURE_REASONS,
        lambda desk, serial: document.reasons(desk, serial, requests=number, due=clock.due),
    )
    return {"reasons_due": wake_up(clock.due), "reasons_until": clock.due.date.isoformat()}


@verb("disclosure.propose", "拟作不予处理答复", "Propose an answer that gives nothing", results=("answer_kind",))
def propose(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``kind`` (not_information or excessive). It still takes a signature and is told in writing."""
    file = CaseFile.of(context, moving)
    _accept(file)
    file.stop_clocks(ClockKind.REASONS)
    return {"answer_kind": Answer(text_of(call, "kind")).value}


@verb("disclosure.delay", "确定延迟答复的期限", "Set a later date for a reasonable request", results=UNTIL)
def delay(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``days``, ``reason``: a reasonable time, told to the applicant (条例 35). It takes the place of the extension."""
    file = CaseFile.of(context, moving)
    file.stop_clocks(ClockKind.REASONS)
    return extend_reply(file, Limit(days_of(call), Unit.WD), text_of(call, "reason"), "政府信息公开工作机构")


@verb("disclosure.reasons_accepted", "理由合理", "The reasons are accepted")
def reasons_accepted(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """The request is handled like any other."""
    CaseFile.of(context, moving).stop_clocks(ClockKind.REASONS)
    return {}


@verb(
    "disclosure.charge",
    "发出收费通知",
    "Charge a fee",
    results=("fee_amount", "payment_due", "payment_until", "judge_problem"),
)
def charge(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``by`` (requests or pages), ``pages``. Throws NOT_CHARGEABLE with ``judge_problem`` below the free number. Until
    it is paid the time to answer does not run, and then it is counted anew (办法)."""
    file = CaseFile.of(context, moving)
    by_pages = text_of(call, "by") == "pages"
    number = number_of(call, "pages") if by_pages else _requests_this_month(file)
    amount = page_fee(number) if by_pages else request_fee(number)
    words = f"{number}页" if by_pages else f"本月第{number}件"
    if not amount:
        problem = f"未超过免费的数量（{words}），不能收取信息处理费"
        raise BpmnError("NOT_CHARGEABLE", problem, {"judge_problem": problem})
    file.stop_clocks(ClockKind.REASONS, *REPLY)
    file.keep(
        REQUEST,
        replace(request_of(file), fee=amount),
        [events.FeeCharged(case_id=file.id, amount=amount, by="pages" if by_pages else "requests")],
    )
    _stand_still(file, "等待申请人缴纳信息处理费")
    clock = file.start_clock(ClockKind.PAYMENT, rules_of(file).payment)
    file.issue(
        DocumentKind.DISCLOSURE_FEE,
        lambda desk, serial: document.fee(desk, serial, amount=amount, words=words, due=clock.due),
    )
    until = {"payment_due": wake_up(clock.due), "payment_until": clock.due.date.isoformat()}
    return {"fee_amount": amount, "judge_problem": "", **until}


def _stand_still(file: CaseFile, reason: str) -> None:
    if file.case.state is CaseState.ACCEPTED:
        file.move(file.case.start_review())
    file.move(file.case.pause(file.now, reason, special=False))


@verb("disclosure.paid", "登记缴费，重新计算期限", "The fee was paid; count anew", results=UNTIL)
def paid(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """The time to answer is counted anew from the day after the payment (办法)."""
    file = CaseFile.of(context, moving)
    file.stop_clocks(ClockKind.PAYMENT)
    file.move(file.case.resume(file.now))
    request, told = replace(request_of(file), paid=True).restart(file.id, "payment")
    file.keep(REQUEST, request, told)
    return start_reply_clocks(file)
