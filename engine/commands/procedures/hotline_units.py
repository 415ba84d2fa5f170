"""Verbs of the hotline at the unit: reminding, signing, returning, consulting, taking back, extending."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.approval.case_state import CaseState
from engine.approval.clock import ClockKind, ClockState
from engine.approval.document import DocumentKind
from engine.approval.document import hotline as document
from engine.approval.filing import CaseAlerted, CaseReminded
from engine.approval.hotline import Opinion, Settlement
from engine.calendar import Limit
from engine.calendar import Unit as Measure
from engine.commands.cases.case_files import CaseFile
from engine.commands.cases.case_intake import text_of, wake_up
from engine.commands.procedures.hotline_orders import (
    CONSULT_VARIABLES,
    HANDLING_VARIABLES,
    ORDER,
    SIGN_IN_VARIABLES,
    UNIT_VARIABLES,
    handed_to,
    handling_clock,
    handling_times,
    in_words,
    order_of,
    rules_of,
    units_as_values,
    warn_at,
)
from engine.commands.running.service_tasks import BpmnError, verb

if TYPE_CHECKING:
    from engine.approval.item.services import HotlineRules, Unit
    from engine.commands.running.moving import Moving
    from engine.context import CommandContext
    from engine.runtime.step import ServiceCall


# ---------------------------------------------------------------- at the unit


@verb("hotline.remind", "催办", "Remind the unit of its limit")
def remind(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``stage`` (sign_in or handling). A timer is only a wake-up call: nothing is said when the limit has moved, or of
    the same day twice."""
    file = CaseFile.of(context, moving)
    stage = text_of(call, "stage")
    clock = file.clock(ClockKind.SIGN_IN) if stage == "sign_in" else handling_clock(file)
    if clock is None or clock.state is not ClockState.RUNNING:
        return {}
    soon = stage == "sign_in" or file.now >= warn_at(file, clock)
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
    clock = file.clock(ClockKind.SIGN_IN_LATEST) if stage == "sign_in" else handling_clock(file)
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
    return handling_times(file) | {"extension_problem": ""}


@verb(
    "hotline.request_return",
    "申请退单",
    "Ask for the return of the order",
    results=("return_problem", "return_said", "consult_choices"),
)
def request_return(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``reason`` (other_unit, duplicate, unclear, not_acceptable), ``text``. Throws NOT_RETURNABLE with
    ``return_problem`` when it is too late, a forbidden reason is used, or the unit was designated. ``consult_choices`` are the
    other units, with whom it may have to meet."""
    file = CaseFile.of(context, moving)
    order, rules = order_of(file), rules_of(file)
    reason, text = text_of(call, "reason"), text_of(call, "text")
    until = file.clock(ClockKind.RETURN)
    against = order.against_return(reason, text, rules, at=file.now, until=None if until is None else until.due.at)
    if against:
        problem = in_words(against)
        raise BpmnError("NOT_RETURNABLE", problem, {"return_problem": problem})
    file.keep(ORDER, *order.request_return(file.id, reason, text))
    file.stop_clocks(ClockKind.RETURN, ClockKind.SIGN_IN, ClockKind.SIGN_IN_LATEST)
    file.start_clock(ClockKind.SETTLEMENT, rules.settlement)
    others = [{"value": unit.code, "label": unit.name} for unit in rules.units if unit.code != order.unit]
    return {"return_problem": "", "return_said": text, "consult_choices": others}


@verb(
    "hotline.settle_return",
    "审核退单申请",
    "Answer the request for a return",
    results=("return_settled", "return_problem", *CONSULT_VARIABLES, *UNIT_VARIABLES, *SIGN_IN_VARIABLES),
)
def settle_return(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``decision`` (approved, refused, designated, consult), ``text``, ``unit`` and ``co_units`` (for designated; no
    ``co_units``: those of the dispatch), ``units`` (for consult). After a refusal the limit to sign begins again; who is
    designated may not return the order any more; who meets is ``consult_units``, until ``consult_until``."""
    file = CaseFile.of(context, moving)
    rules, settlement = rules_of(file), Settlement(text_of(call, "decision"))
    text = text_of(call, "text")
    unit = rules.unit(text_of(call, "unit")) if settlement is Settlement.DESIGNATED else None
    co_units = _units(call, "co_units", rules) if "co_units" in call.inputs else None
    order, told = order_of(file).settle_return(file.id, settlement, text, unit, file.now, co_units=co_units)
    file.keep(ORDER, order, told)
    file.stop_clocks(ClockKind.SETTLEMENT)
    if settlement is Settlement.APPROVED:
        return {"return_settled": settlement.value, "return_problem": ""}
    if settlement is Settlement.CONSULT:
        return _consultation(file, order.consulting(_units(call, "units", rules), rules))
    problem = f"退单申请被驳回：{text or '请按规定办理'}" if settlement is Settlement.REFUSED else ""
    return handed_to(file, order, note=text) | {"return_settled": settlement.value, "return_problem": problem}


def _units(call: ServiceCall, name: str, rules: HotlineRules) -> tuple[Unit, ...]:
    return tuple(rules.unit(str(code)) for code in call.inputs.get(name) or ())


def _consultation(file: CaseFile, units: tuple[Unit, ...]) -> dict[str, Any]:
    limit = rules_of(file).consultation.limit
    return {
        "return_settled": Settlement.CONSULT.value,
        "return_problem": "",
        "consult_units": units_as_values(units),
        "consult_limit": limit.to_json(),
        "consult_until": wake_up(file.context.calendar.due(file.now, limit, file.item.limits.mode)),
    }


@verb("hotline.consulted", "汇总会商意见", "Collect what the units said", results=("consult_text",))
def consulted(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``opinions``: a list of {name, answer (lead, co, unable; empty: silent), text}. The limit of the centre to
    designate begins; that of the order went on all the time."""
    file = CaseFile.of(context, moving)
    opinions = [
        Opinion(unit_name=str(each["name"]), answer=str(each.get("answer") or ""), text=str(each.get("text") or ""))
        for each in call.inputs.get("opinions") or ()
    ]
    file.tell(order_of(file).consulted(file.id, opinions))
    file.start_clock(ClockKind.SETTLEMENT, rules_of(file).settlement)
    return {"consult_text": "\n".join(each.zh for each in opinions)}


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
    against = order.against_extension(days, rules_of(file), at=file.now, due=handling_clock(file).due.at)
    if against:
        problem = in_words(against)
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
    extension = Limit(_days(call), Measure.WD)
    file.move(file.case.extend(extension, approved_by=text_of(call, "approved_by"), reason=reason))
    file.time.extend(handling_clock(file), extension, reason=reason, asked_at=order.extension_requested_at)
    file.keep(ORDER, replace(order, extended=True))
    due = handling_clock(file).due
    file.issue(
        DocumentKind.ORDER_EXTENSION,
        lambda desk, serial: document.order_extension(desk, serial, due=due, reason=reason),
    )
    return handling_times(file)


# ---------------------------------------------------------------- standing still


@verb("hotline.resume", "恢复办理", "Go on after the order was held", results=HANDLING_VARIABLES)
def resume(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """The order was held 挂起, or the centre did not agree: the task of the unit and its timers follow the limit as it is now."""
    return handling_times(CaseFile.of(context, moving))
