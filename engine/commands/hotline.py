"""Verbs of the hotline 12345: from the caller's request to the unit, its return, its extension, the answer and the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from engine.approval.case_state import CaseState
from engine.approval.clock import ClockKind, ClockState
from engine.approval.document import DocumentKind
from engine.approval.document import hotline as document
from engine.approval.events import hotline as events
from engine.approval.filing import CaseAlerted, CaseReminded
from engine.approval.hotline import (
    EMERGENCY_NUMBERS,
    NOT_ACCEPTED,
    Next,
    Order,
    Satisfaction,
    Settlement,
)
from engine.approval.item.terms import SourcedLimit
from engine.calendar import Limit, Unit
from engine.commands.case_files import CaseFile
from engine.commands.case_intake import text_of, wake_up
from engine.commands.service_tasks import BpmnError, verb
from engine.errors import Conflict
from engine.store import cases

if TYPE_CHECKING:
    from engine.approval.clock import Clock
    from engine.approval.item.services import HotlineRules
    from engine.approval.reason import Reason
    from engine.commands.moving import Moving
    from engine.context import CommandContext
    from engine.runtime.step import ServiceCall

ORDER = "order"  # the part of the case
UNIT_VARIABLES = ("order_unit", "order_unit_name", "order_group", "co_units", "designated", "needs_signing")
SIGN_IN_VARIABLES = ("sign_in_limit", "sign_in_remind", "sign_in_latest")
HANDLING_VARIABLES = ("handling_limit", "handling_until", "handling_warn", "handling_over", "co_units", "needs_signing")


def rules_of(file: CaseFile) -> HotlineRules:
    """The item's ``[hotline]`` table; raises Conflict for an item that has none."""
    rules = file.item.hotline
    if rules is None:
        raise Conflict(f"事项“{file.item.name}”没有热线规则。", f"Item {file.item.code} has no [hotline] rules.")
    return rules


def order_of(file: CaseFile) -> Order:
    """The order as it stands; a new one before its first dispatch."""
    return file.part(ORDER, Order) or Order()


def _request(file: CaseFile) -> str:
    return str(file.row["form"].get("request") or file.row["title"])


def _words(reasons: list[Reason]) -> str:
    return "；".join(reason.zh for reason in reasons)


# ---------------------------------------------------------------- at the centre


@verb(
    "hotline.register",
    "登记诉求",
    "Register the request",
    results=(
        "received_at",
        "order_topics",
        "order_units",
        "forbidden_text",
        "triage_problem",
        "return_problem",
        "extension_problem",
        *UNIT_VARIABLES,
    ),
)
def register(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """The choices of the forms come from the item: ``order_topics`` (派单目录), ``order_units``, ``forbidden_text`` (what is no
    reason to return an order)."""
    file = CaseFile.of(context, moving)
    rules = rules_of(file)
    case = file.move(file.case.receive(file.now))
    return {
        "received_at": (case.received_at or file.now).isoformat(),
        "order_topics": [{"value": topic.code, "label": topic.name} for topic in rules.catalogue],
        "order_units": [{"value": unit.code, "label": unit.name} for unit in rules.units],
        "forbidden_text": "、".join(f"“{reason}”" for reason in rules.forbidden_reasons),
        "triage_problem": "",
        "return_problem": "",
        "extension_problem": "",
        "order_unit": "",
        "order_unit_name": "",
        "order_group": "",
        "co_units": [],
        "designated": False,
        "needs_signing": True,
    }


@verb(
    "hotline.dispatch",
    "派单",
    "Dispatch the order to a unit",
    results=("triage_problem", "return_problem", *UNIT_VARIABLES, *SIGN_IN_VARIABLES),
)
def dispatch(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``topic``, ``unit`` (empty: by the catalogue), ``co_units``, ``complexity`` (simple or complex), ``note``.

    The caller's limit runs from the first dispatch; a return or 改派 does not begin it anew. ``sign_in_remind`` and
    ``sign_in_latest`` are for timers.
    """
    file = CaseFile.of(context, moving)
    rules = rules_of(file)
    topic = rules.topic(text_of(call, "topic"))
    others = tuple(rules.unit(str(code)) for code in call.inputs.get("co_units") or ())
    if file.case.state is CaseState.RECEIVED:
        file.move(file.case.accept(file.now))
    order, told = order_of(file).dispatch(
        file.id,
        topic,
        rules.unit(text_of(call, "unit") or topic.unit),
        others,
        complex=text_of(call, "complexity") == "complex",
        at=file.now,
    )
    file.keep(ORDER, order, told)
    if order.dispatches == 1:
        file.start_clock(ClockKind.PROMISED, order.limit(rules))
    return _handed_to(file, order, note=text_of(call, "note")) | {"triage_problem": "", "return_problem": ""}


def _handed_to(file: CaseFile, order: Order, *, note: str = "") -> dict[str, Any]:
    """Hand the order to its unit: the letter, the limits to sign for it and to ask for its return."""
    rules = rules_of(file)
    due = _handling_clock(file).due
    request = _request(file)
    file.issue(
        DocumentKind.ORDER_TRANSFER,
        lambda desk, serial: document.order_transfer(desk, serial, order, request=request, due=due, note=note),
    )
    file.stop_clocks(ClockKind.SIGN_IN, ClockKind.RETURN, ClockKind.SIGN_IN_LATEST, ClockKind.SETTLEMENT)
    latest = file.start_clock(ClockKind.SIGN_IN_LATEST, rules.sign_in_latest)
    if not order.designated:
        file.start_clock(ClockKind.RETURN, rules.returning)
    sign_in = file.start_clock(ClockKind.SIGN_IN, rules.sign_in)
    return {
        "order_unit": order.unit,
        "order_unit_name": order.unit_name,
        "order_group": rules.unit(order.unit).group,
        "co_units": _co_units(rules, order),
        "designated": order.designated,
        "needs_signing": True,
        "sign_in_limit": rules.sign_in.limit.to_json(),
        "sign_in_remind": wake_up(sign_in.due),
        "sign_in_latest": wake_up(latest.due),
    }


def _co_units(rules: HotlineRules, order: Order) -> list[dict[str, str]]:
    units = [rules.unit(code) for code in order.co_units]
    return [{"code": unit.code, "name": unit.name, "group": unit.group} for unit in units]


def _handling_clock(file: CaseFile) -> Clock:
    """The clock by which the order has to be answered: that of the redo, where there is one."""
    clock = file.clock(ClockKind.REDO) or file.clock(ClockKind.PROMISED)
    if clock is None:
        raise Conflict(f"工单{file.number}还没有派单。", f"Order {file.number} was not dispatched yet.")
    return clock


@verb("hotline.answer_directly", "直接答复", "Answer at once and close", results=("result",))
def answer_directly(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``reply``: the centre answers from its knowledge base, while the caller is on the line."""
    file = CaseFile.of(context, moving)
    if file.case.state is CaseState.RECEIVED:
        file.move(file.case.accept(file.now))
    file.move(file.case.answer(file.now, "direct"))
    order = replace(order_of(file), unit_name=file.desk.issuer.name)
    reply, signer = text_of(call, "reply"), context.actor.name or context.actor.login
    file.issue(
        DocumentKind.ORDER_REPLY,
        lambda desk, serial: document.order_reply(desk, serial, order, reply=reply, signer=signer),
    )
    file.move(file.case.finish(file.now))
    file.stop_clocks()
    return {"result": "direct"}


@verb("hotline.reject", "不予受理", "Refuse the request", results=("result",))
def reject(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``ground`` (litigation, petition, discipline, disclosure, secret, settled, not_public), ``note`` (where to turn
    to). In writing."""
    file = CaseFile.of(context, moving)
    ground = NOT_ACCEPTED.get(text_of(call, "ground"), text_of(call, "ground"))
    note = text_of(call, "note")
    if file.case.state is CaseState.RECEIVED:
        file.move(file.case.refuse_acceptance(file.now, ground))
    else:
        file.move(file.case.terminate(file.now, ground))
    file.issue(
        DocumentKind.ORDER_REFUSED,
        lambda desk, serial: document.order_refused(desk, serial, ground=ground, note=note),
    )
    file.stop_clocks()
    return {"result": "rejected"}


@verb("hotline.hand_over", "转紧急电话", "Hand an emergency over", results=("result",))
def hand_over(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``number`` (110, 119, 120, 122): at once, and the order ends here."""
    file = CaseFile.of(context, moving)
    number = text_of(call, "number")
    if file.case.state is CaseState.ACCEPTED:
        file.move(file.case.start_review())
    file.move(file.case.forward(file.now, EMERGENCY_NUMBERS.get(number, number)))
    file.stop_clocks()
    return {"result": "handed_over"}


@verb("hotline.merge", "并入已有工单", "Merge a duplicate into another order", results=("result", "triage_problem"))
def merge(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``into``: the number of an open order. Throws NOT_MERGEABLE (with ``triage_problem``) for anything else."""
    file = CaseFile.of(context, moving)
    number = text_of(call, "into").replace(" ", "")
    row = cases.by_number(context.uow, number) if number and number != file.number else None
    if row is None or row["item_code"] != file.row["item_code"] or CaseState(row["state"]).is_ended:
        problem = f"没有可以并入的在办工单“{number}”"
        raise BpmnError("NOT_MERGEABLE", problem, {"triage_problem": problem})
    other = CaseFile(context, row)
    kept = order_of(other)
    linked = replace(kept, copies=(*kept.copies, file.number))
    other.keep(ORDER, linked, [events.OrderCopyLinked(case_id=other.id, number=file.number)])
    file.tell(events.OrderMerged(case_id=file.id, into=number))
    file.move(file.case.terminate(file.now, f"与工单{number}反映同一事项，并入办理"))
    file.stop_clocks()
    return {"result": "merged", "triage_problem": ""}


# ---------------------------------------------------------------- at the unit


@verb("hotline.remind", "催办", "Remind the unit of its limit")
def remind(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``stage`` (sign_in or handling). A timer is only a wake-up call: nothing is said when the limit has moved, or of
    the same day twice."""
    file = CaseFile.of(context, moving)
    stage = text_of(call, "stage")
    clock = file.clock(ClockKind.SIGN_IN) if stage == "sign_in" else _handling_clock(file)
    if clock is None or clock.state is not ClockState.RUNNING:
        return {}
    soon = stage == "sign_in" or file.now >= _warn_at(file, clock)
    day = file.now.date().isoformat()
    known = {(entry["subject"], entry["day"]) for entry in file.facts.get("reminders", ())}
    if soon and (stage, day) not in known:
        zh = f"工单尚未签收，请{order_of(file).unit_name}立即签收" if stage == "sign_in" else ""
        file.tell(
            CaseReminded(
                case_id=file.id,
                subject=stage,
                day=day,
                zh=zh or f"工单将于{clock.due.date.isoformat()}期满，请按期办结或者在期满前申请延期",
                en="Sign for the order" if zh else f"The order is due on {clock.due.date.isoformat()}",
            )
        )
    return {}


@verb("hotline.overdue", "逾期督办", "Tell the supervisor that a limit is over")
def overdue(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``stage`` (sign_in or handling); only when it is really over by the clock's own row."""
    file = CaseFile.of(context, moving)
    stage = text_of(call, "stage")
    clock = file.clock(ClockKind.SIGN_IN_LATEST) if stage == "sign_in" else _handling_clock(file)
    if clock is not None and clock.state is ClockState.RUNNING and clock.is_overdue(file.now):
        unit = order_of(file).unit_name
        zh = f"{unit}逾期未签收工单" if stage == "sign_in" else f"{unit}逾期未办结工单"
        en = f"{unit} has not signed for the order" if stage == "sign_in" else f"{unit} has not answered the order"
        file.tell(CaseAlerted(case_id=file.id, alert=f"order-{stage}-overdue".replace("_", "-"), zh=zh, en=en))
    return {}


@verb("hotline.sign", "签收", "The unit signs for the order", results=(*HANDLING_VARIABLES, "extension_problem"))
def sign(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """``handling_warn`` and ``handling_over`` are for timers, ``handling_limit`` is what is left."""
    file = CaseFile.of(context, moving)
    latest = file.clock(ClockKind.SIGN_IN_LATEST)
    order, told = order_of(file).sign(file.id, at=file.now, latest=None if latest is None else latest.due.at)
    file.keep(ORDER, order, told)
    file.stop_clocks(ClockKind.SIGN_IN, ClockKind.RETURN, ClockKind.SIGN_IN_LATEST, ClockKind.SETTLEMENT)
    if file.case.state is CaseState.ACCEPTED:
        file.move(file.case.start_review())
    return _handling_times(file) | {"extension_problem": ""}


def _handling_times(file: CaseFile) -> dict[str, Any]:
    clock = _handling_clock(file)
    left = max(0, int(file.context.calendar.working_days_between(file.now, clock.due.date)))
    return {
        "handling_limit": f"{left}wd",
        "handling_until": clock.due.date.isoformat(),
        "handling_warn": _warn_at(file, clock).isoformat(),
        "handling_over": wake_up(clock.due),
        "co_units": _co_units(rules_of(file), order_of(file)),
        "needs_signing": False,
    }


def _warn_at(file: CaseFile, clock: Clock) -> datetime:
    """The opening of the working day on which the unit is warned."""
    calendar, day = file.context.calendar, clock.due.date
    for _ in range(int(rules_of(file).warning.limit.value)):
        day -= timedelta(days=1)
        while not calendar.is_working(day):
            day -= timedelta(days=1)
    return calendar.opening(day)


@verb("hotline.request_return", "申请退单", "Ask for the return of the order", results=("return_problem", "return_said"))
def request_return(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``reason`` (other_unit, duplicate, unclear, not_acceptable), ``text``. Throws NOT_RETURNABLE with
    ``return_problem`` when it is too late, a forbidden reason is used, or the unit was designated."""
    file = CaseFile.of(context, moving)
    order, rules = order_of(file), rules_of(file)
    reason, text = text_of(call, "reason"), text_of(call, "text")
    until = file.clock(ClockKind.RETURN)
    against = order.against_return(
        reason, text, rules, at=file.now, until=None if until is None else until.due.at
    )
    if against:
        problem = _words(against)
        raise BpmnError("NOT_RETURNABLE", problem, {"return_problem": problem})
    file.keep(ORDER, *order.request_return(file.id, reason, text))
    file.stop_clocks(ClockKind.RETURN, ClockKind.SIGN_IN, ClockKind.SIGN_IN_LATEST)
    file.start_clock(ClockKind.SETTLEMENT, rules.settlement)
    return {"return_problem": "", "return_said": text}


@verb(
    "hotline.settle_return",
    "审核退单申请",
    "Answer the request for a return",
    results=("return_settled", "return_problem", *UNIT_VARIABLES, *SIGN_IN_VARIABLES),
)
def settle_return(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``decision`` (approved, refused, designated), ``text``, ``unit`` (for designated). After a refusal the limit to
    sign begins again; who is designated may not return the order any more."""
    file = CaseFile.of(context, moving)
    rules, settlement = rules_of(file), Settlement(text_of(call, "decision"))
    text = text_of(call, "text")
    unit = rules.unit(text_of(call, "unit")) if settlement is Settlement.DESIGNATED else None
    order, told = order_of(file).settle_return(file.id, settlement, text, unit, file.now)
    file.keep(ORDER, order, told)
    file.stop_clocks(ClockKind.SETTLEMENT)
    if settlement is Settlement.APPROVED:
        return {"return_settled": settlement.value, "return_problem": ""}
    problem = f"退单申请被驳回：{text or '请按规定办理'}" if settlement is Settlement.REFUSED else ""
    return _handed_to(file, order, note=text) | {"return_settled": settlement.value, "return_problem": problem}


@verb("hotline.recall", "收回改派", "Take the order back to dispatch it to another unit", results=("triage_problem",))
def recall(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``reason``."""
    file = CaseFile.of(context, moving)
    reason = text_of(call, "reason") or "热线中心改派"
    file.keep(ORDER, *order_of(file).recall(file.id, reason))
    file.stop_clocks(ClockKind.SIGN_IN, ClockKind.RETURN, ClockKind.SIGN_IN_LATEST, ClockKind.SETTLEMENT)
    return {"triage_problem": f"收回改派：{reason}"}


# ---------------------------------------------------------------- extension


@verb("hotline.request_extension", "申请延期", "Ask for an extension", results=("extension_problem",))
def request_extension(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``days``, ``reason``. Throws NOT_EXTENDABLE with ``extension_problem``: once, before the limit ends."""
    file = CaseFile.of(context, moving)
    order, days, reason = order_of(file), _days(call), text_of(call, "reason")
    against = order.against_extension(days, rules_of(file), at=file.now, due=_handling_clock(file).due.at)
    if against:
        problem = _words(against)
        raise BpmnError("NOT_EXTENDABLE", problem, {"extension_problem": problem})
    file.keep(ORDER, *order.request_extension(file.id, days, reason, file.now))
    return {"extension_problem": ""}


def _days(call: ServiceCall) -> int:
    try:
        return int(float(text_of(call, "days") or 0))
    except ValueError:
        return 0


@verb("hotline.extend", "延期", "Extend the limit of the order", results=HANDLING_VARIABLES)
def extend(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``days``, ``reason``, ``approved_by``. What counts is that it was asked for before the limit ended; the caller
    is told in writing."""
    file = CaseFile.of(context, moving)
    order, reason = order_of(file), text_of(call, "reason")
    extension = Limit(_days(call), Unit.WD)
    file.move(file.case.extend(extension, approved_by=text_of(call, "approved_by"), reason=reason))
    file.time.extend(_handling_clock(file), extension, reason=reason, asked_at=order.extension_requested_at)
    file.keep(ORDER, replace(order, extended=True))
    due = _handling_clock(file).due
    file.issue(
        DocumentKind.ORDER_EXTENSION,
        lambda desk, serial: document.order_extension(desk, serial, due=due, reason=reason),
    )
    return _handling_times(file)


# ---------------------------------------------------------------- the answer and after it


@verb("hotline.send_back", "退回补充办理", "Send it back to the unit", results=HANDLING_VARIABLES)
def send_back(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """The centre found the reply incomplete; the unit goes on within the same limit, without the co-units."""
    file = CaseFile.of(context, moving)
    file.keep(ORDER, replace(order_of(file), co_units=()))
    return _handling_times(file)


@verb("hotline.answer", "答复诉求人", "Answer the caller", results=("call_back_limit",))
def answer(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``reply``, ``signer``. The limit stops; the caller is called back."""
    file = CaseFile.of(context, moving)
    order, rules = order_of(file), rules_of(file)
    file.move(file.case.answer(file.now, "replied"))
    file.stop_clocks(ClockKind.PROMISED, ClockKind.REDO)
    reply, signer = text_of(call, "reply"), text_of(call, "signer")
    file.issue(
        DocumentKind.ORDER_REPLY,
        lambda desk, serial: document.order_reply(desk, serial, order, reply=reply, signer=signer),
    )
    file.start_clock(ClockKind.CALL_BACK, rules.call_back)
    return {"call_back_limit": rules.call_back.limit.to_json()}


@verb("hotline.call_back", "登记回访结果", "Record what the caller said", results=("order_next", "satisfaction"))
def call_back(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``satisfaction`` (satisfied, fairly, dissatisfied, unreachable), ``fault`` (subjective or objective), ``text``.
    ``order_next`` becomes close, redo, or supervise when it was done again often enough."""
    file = CaseFile.of(context, moving)
    satisfaction, fault = Satisfaction(text_of(call, "satisfaction")), text_of(call, "fault")
    order, what_next, told = order_of(file).call_back(
        file.id, satisfaction, fault, text_of(call, "text"), rules_of(file)
    )
    file.keep(ORDER, order, told)
    file.stop_clocks(ClockKind.CALL_BACK)
    if what_next is Next.SUPERVISE:
        zh = f"工单重办{order.redos}次诉求人仍不满意，转督办"
        file.tell(
            CaseAlerted(case_id=file.id, alert="order-still-dissatisfied", zh=zh, en="Done again and still dissatisfied")
        )
    limited = satisfaction is Satisfaction.DISSATISFIED and what_next is Next.CLOSE
    return {"order_next": what_next.value, "satisfaction": "limited" if limited else satisfaction.value}


@verb("hotline.redo", "重办", "Have it done again", results=HANDLING_VARIABLES)
def redo(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``reason``, ``limit`` (the supervisor's, else the item's). A new clock runs."""
    file = CaseFile.of(context, moving)
    reason = text_of(call, "reason") or "诉求人不满意"
    order, told = order_of(file).redo(file.id, reason)
    file.keep(ORDER, order, told)
    file.move(file.case.redo())
    given = text_of(call, "limit")
    limit = SourcedLimit(Limit.parse(given), "督办单") if given else rules_of(file).redo
    clock = file.start_clock(ClockKind.REDO, limit)
    file.issue(
        DocumentKind.ORDER_REDO,
        lambda desk, serial: document.order_redo(desk, serial, order, reason=reason, due=clock.due),
    )
    return _handling_times(file)


@verb("hotline.close", "办结归档", "Close the order", results=("result",))
def close(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``result``: what the caller said, or limited (客观受限, explained)."""
    file = CaseFile.of(context, moving)
    result = text_of(call, "result")
    file.move(file.case.finish(file.now, result))
    file.stop_clocks()
    return {"result": result}
