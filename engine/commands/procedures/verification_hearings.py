"""Verbs around a revocation 撤销: the hearing is told in time, and what has to be punished is handed over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from engine.approval import document
from engine.approval.document import DocumentKind
from engine.calendar import Limit
from engine.commands.cases.case_files import CaseFile
from engine.commands.cases.case_intake import text_of
from engine.commands.running.service_tasks import verb

if TYPE_CHECKING:
    from engine.commands.running.moving import Moving
    from engine.context import CommandContext
    from engine.runtime.step import ServiceCall

BEFORE, WITHIN = Limit.parse("7wd"), Limit.parse("20wd")  # 行政许可法 48, 47; working days by art. 82


@verb(
    "verification.notify_hearing",
    "发出听证通知书",
    "Tell the holder of the hearing",
    results=("hearing_limit", "hearing_problem"),
)
def notify_hearing(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``date``, ``place``, ``chair``. Seven working days before, and within twenty (行政许可法 47, 48): else no
    notice is written, and ``hearing_problem`` says why. ``hearing_limit``: until the day of the hearing."""
    file = CaseFile.of(context, moving)
    on, calendar = date.fromisoformat(text_of(call, "date")), context.calendar
    first, last = (calendar.due(file.now, limit, file.item.limits.mode).date for limit in (BEFORE, WITHIN))
    if not first <= on <= last:
        problem = f"听证应当七日前通知、二十日内组织（工作日）：请安排在{first}至{last}之间"
        return {"hearing_limit": None, "hearing_problem": problem}
    place, chair = text_of(call, "place"), text_of(call, "chair")
    file.issue(
        DocumentKind.HEARING_NOTICE,
        lambda desk, serial: document.hearing_notice(desk, serial, on=on, place=place, chair=chair),
    )
    days = int(calendar.working_days_between(file.now, on))
    return {"hearing_limit": f"{days}wd", "hearing_problem": ""}


@verb("verification.transfer", "发出处罚移送函", "Hand the case over to who may punish")
def transfer(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``organ``, ``law``, ``facts``, ``revocation`` (the number of the decision). After the revocation, to the organ that may punish (行政许可法 79)."""
    file = CaseFile.of(context, moving)
    organ, law, facts, revocation = (text_of(call, name) for name in ("organ", "law", "facts", "revocation"))
    file.issue(
        DocumentKind.PENALTY_TRANSFER,
        lambda desk, serial: document.penalty_transfer(
            desk, serial, organ=organ, law=law, facts=facts, revocation=revocation
        ),
    )
    return {}
