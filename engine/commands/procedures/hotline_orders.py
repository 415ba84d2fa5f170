"""An order of the hotline within one command: its rules, its clocks, and how it is handed to a unit."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.approval.clock import ClockKind
from engine.approval.document import DocumentKind
from engine.approval.document import hotline as document
from engine.approval.hotline import ORDER as ORDER
from engine.approval.hotline import Order
from engine.commands.cases.case_files import CaseFile
from engine.commands.cases.case_intake import wake_up
from engine.commands.cases.moments import morning_before, warned_before
from engine.errors import Conflict

if TYPE_CHECKING:
    from engine.approval.clock import Clock
    from engine.approval.item.services import HotlineRules, Unit
    from engine.approval.reason import Reason
    from engine.calendar import Limit

UNIT_VARIABLES = ("order_unit", "order_unit_name", "order_group", "co_units", "designated", "needs_signing")
SIGN_IN_VARIABLES = ("sign_in_limit", "sign_in_remind", "sign_in_latest")
CONSULT_VARIABLES = ("consult_units", "consult_limit", "consult_until")
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


def request_text(file: CaseFile) -> str:
    """What the caller asks for."""
    return str(file.row["form"].get("request") or file.row["title"])


def in_words(reasons: list[Reason]) -> str:
    """Everything that speaks against it, in one line for a form."""
    return "；".join(reason.zh for reason in reasons)


def co_units_of(rules: HotlineRules, order: Order) -> list[dict[str, str]]:
    """The units that help, as the model's multi-instance wants them."""
    return units_as_values(tuple(rules.unit(code) for code in order.co_units))


def units_as_values(units: tuple[Unit, ...]) -> list[dict[str, str]]:
    """Units as a collection of a multi-instance."""
    return [{"code": unit.code, "name": unit.name, "group": unit.group} for unit in units]


def handling_clock(file: CaseFile) -> Clock:
    """The clock by which the order has to be answered: that of the redo, where there is one."""
    clock = file.clock(ClockKind.REDO) or file.clock(ClockKind.PROMISED)
    if clock is None:
        raise Conflict(f"工单{file.number}还没有派单。", f"Order {file.number} was not dispatched yet.")
    return clock


def handed_to(file: CaseFile, order: Order, *, note: str = "") -> dict[str, Any]:
    """Hand the order to its unit: the letter, the limits to sign for it and to ask for its return."""
    rules = rules_of(file)
    due = handling_clock(file).due
    request = request_text(file)
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
        "co_units": co_units_of(rules, order),
        "designated": order.designated,
        "needs_signing": True,
        "sign_in_limit": rules.sign_in.limit.to_json(),
        "sign_in_remind": wake_up(sign_in.due),
        "sign_in_latest": wake_up(latest.due),
    }


def handling_times(file: CaseFile) -> dict[str, Any]:
    """What the unit's task and its timers need to know of the limit."""
    clock = handling_clock(file)
    left = max(0, int(file.context.calendar.working_days_between(file.now, clock.due.date)))
    return {
        "handling_limit": f"{left}wd",
        "handling_until": clock.due.date.isoformat(),
        "handling_warn": warn_at(file, clock).isoformat(),
        "handling_over": wake_up(clock.due),
        "co_units": co_units_of(rules_of(file), order_of(file)),
        "needs_signing": False,
    }


def warn_at(file: CaseFile, clock: Clock) -> datetime:
    """The opening of the working day on which the unit is warned."""
    return morning_before(file.context.calendar, clock, int(rules_of(file).warning.limit.value))


@warned_before(ClockKind.PROMISED, ClockKind.REDO)
def _warnings(file: CaseFile) -> tuple[Limit, ...]:
    return () if file.item.hotline is None else (file.item.hotline.warning.limit,)
