"""Verbs of the hotline 12345 at the centre: from the caller's request to the unit; the answer, the call-back and the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.approval.case_state import CaseState
from engine.approval.clock import ClockKind
from engine.approval.document import DocumentKind
from engine.approval.document import hotline as document
from engine.approval.events import hotline as events
from engine.approval.filing import CaseAlerted
from engine.approval.hotline import EMERGENCY_NUMBERS, NOT_ACCEPTED, Next, Satisfaction
from engine.approval.item.terms import SourcedLimit
from engine.calendar import Limit
from engine.commands.cases.case_files import CaseFile
from engine.commands.cases.case_intake import text_of
from engine.commands.procedures.hotline_orders import (
    HANDLING_VARIABLES,
    ORDER,
    SIGN_IN_VARIABLES,
    UNIT_VARIABLES,
    handed_to,
    handling_times,
    order_of,
    rules_of,
)
from engine.commands.running.service_tasks import BpmnError, verb
from engine.store.rows import cases

if TYPE_CHECKING:
    from engine.commands.running.moving import Moving
    from engine.context import CommandContext
    from engine.runtime.step import ServiceCall


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
    return handed_to(file, order, note=text_of(call, "note")) | {"triage_problem": "", "return_problem": ""}


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


# ---------------------------------------------------------------- the answer and after it


@verb("hotline.send_back", "退回补充办理", "Send it back to the unit", results=HANDLING_VARIABLES)
def send_back(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """The centre found the reply incomplete; the unit goes on within the same limit, without the co-units."""
    file = CaseFile.of(context, moving)
    file.keep(ORDER, replace(order_of(file), co_units=()))
    return handling_times(file)


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
            CaseAlerted(
                case_id=file.id, alert="order-still-dissatisfied", zh=zh, en="Done again and still dissatisfied"
            )
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
    return handling_times(file)


@verb("hotline.close", "办结归档", "Close the order", results=("result",))
def close(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``result``: what the caller said, or limited (客观受限, explained)."""
    file = CaseFile.of(context, moving)
    result = text_of(call, "result")
    file.move(file.case.finish(file.now, result))
    file.stop_clocks()
    return {"result": result}
