"""Another calendar: until when cards and supervision orders that nobody has answered yet are to be answered."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from engine.approval.supervision import events
from engine.commands.running import jobs, moving
from engine.commands.supervision.card_files import FEEDBACK_JOB, ORDER_JOB
from engine.store import tables
from engine.store.rows import supervision

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.context import CommandContext
    from engine.store.base.unit_of_work import Values
    from engine.store.projections.projector import Recorded

JOB: Final = "answer-dates"
BATCH: Final = 100


def calendar_changed(context: CommandContext, recorded: Recorded) -> None:
    """Reaction to a new version of the calendar."""
    if supervision.unanswered(context.uow, context.now, after="", count=1):
        moving.insert_job(context, JOB, context.now, {"after": ""})


def _batch(context: CommandContext, job: Values) -> None:
    """Compute the dates of the next ones, each under the lock of its case, and leave a job for those behind them."""
    context.uow.delete(tables.job, (job["id"],))
    found = supervision.unanswered(context.uow, context.now, after=job["payload"]["after"], count=BATCH)
    for key, is_card in found:
        if is_card:
            _card(context, supervision.card_row(context.uow, key))
        else:
            _order(context, supervision.order_row(context.uow, key))
    if len(found) == BATCH:
        moving.insert_job(context, JOB, context.now, {"after": found[-1][0]})


def _card(context: CommandContext, row: Values) -> None:
    rules = supervision.rules_of(context.uow, row["rules_version"])
    due = context.calendar.due
    dates = {
        "feedback_due": due(row["issued_at"], rules.feedback).at,
        "appeal_due": due(row["issued_at"], rules.appeal).at,
    }
    if row["feedback_due"] is None or not _moved(row, dates):
        return
    context.record(row["instance_id"], events.CardDatesMoved(card_id=row["id"], **dates))
    moving.insert_job(context, FEEDBACK_JOB, dates["feedback_due"], {"card_id": row["id"]})


def _order(context: CommandContext, row: Values) -> None:
    rules, _ = supervision.rules(context.uow)
    begun = datetime.fromisoformat(row["steps"][-1]["at"]) if row["steps"] else row["issued_at"]
    due_at = context.calendar.due(begun, rules.orders.reply[row["level"] - 1]).at
    if row["state"] != "open" or not _moved(row, {"due_at": due_at}):
        return
    context.record(row["instance_id"], events.OrderDueMoved(order_id=row["id"], due_at=due_at))
    moving.insert_job(context, ORDER_JOB, due_at, {"order_id": row["id"]})


def _moved(row: Values, dates: Mapping[str, Any]) -> bool:
    return any(row[name] != at for name, at in dates.items())


jobs.HANDLERS[JOB] = _batch
