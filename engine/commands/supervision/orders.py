"""Supervision orders 督办: issued in three levels, answered, sent back, escalated (by a person or by silence), closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.access import Role, Verb, require
from engine.approval.supervision.card import needed
from engine.approval.supervision.order import HIGHEST, Order, OrderLevel, OrderState
from engine.commands.cases.case_files import CaseFile
from engine.commands.running import jobs, moving
from engine.commands.supervision.card_files import ORDER_JOB, CardFile
from engine.commands.supervision.cards import card_file
from engine.context import Command
from engine.errors import InvalidInput
from engine.records import record
from engine.store import tables
from engine.store.rows import supervision

if TYPE_CHECKING:
    from engine.context import CommandContext
    from engine.store.base.unit_of_work import Values

UNANSWERED = "到期没有回复，自动升级"


def _open(context: CommandContext, order_id: str, verb: Verb) -> tuple[CardFile, Values, Order]:
    row = supervision.order_row(context.uow, order_id)
    facts = supervision.facts(row)
    require(context.actor, Verb.VIEW_CARD, facts)
    require(context.actor, verb, facts)
    return card_file(context, row["instance_id"]), row, supervision.order_of(row)


def _answer(context: CommandContext, order_id: str) -> dict[str, Any]:
    row = context.uow.get(tables.supervision_order, (order_id,)) or {}
    return {name: row[name] for name in ("id", "state", "level", "number")}


@record
class IssueOrder(Command):
    """发督办: to whoever has the case now (and, from level 2 on, the head); answers {id, state, level, number}."""

    no: str
    level: int
    text: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        require(context.actor, Verb.MANAGE_CARDS)
        if self.level not in set(OrderLevel):
            raise InvalidInput("督办分一、二、三级。", "An order has level 1, 2 or 3.", fields={"level": "1, 2, 3"})
        file = CaseFile.open(context, self.no, Verb.VIEW_CASE)
        order_id = CardFile(context, file).order(OrderLevel(self.level), needed(self.text, "text"))
        return _answer(context, order_id)


@record
class AnswerOrder(Command):
    """回复督办."""

    order_id: str
    text: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        file, _row, order = _open(context, self.order_id, Verb.ANSWER_CARD)
        file.tell(order.id, order.answer(self.text))
        return _answer(context, order.id)


@record
class ReturnOrder(Command):
    """退回重报: the answer does not do; the same time again."""

    order_id: str
    reason: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        file, _row, order = _open(context, self.order_id, Verb.MANAGE_CARDS)
        due_at = file.reply_due(order.level)
        file.tell(order.id, order.send_back(self.reason, due_at))
        moving.insert_job(context, ORDER_JOB, due_at, {"order_id": order.id})
        return _answer(context, order.id)


@record
class EscalateOrder(Command):
    """升级 to the next level."""

    order_id: str
    reason: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        file, row, order = _open(context, self.order_id, Verb.MANAGE_CARDS)
        _raise_level(file, row, order, self.reason)
        return _answer(context, order.id)


@record
class CloseOrder(Command):
    """销号: with the reason, also without an answer; the card that led to it is closed with it."""

    order_id: str
    reason: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        file, row, order = _open(context, self.order_id, Verb.MANAGE_CARDS)
        file.tell(order.id, order.close(self.reason))
        card_row = context.uow.get(tables.card, (row["card_id"],)) if row["card_id"] else None
        if card_row is not None:
            card = supervision.card_of(card_row)
            if card.may("close") and not card.appeal_open:
                file.tell(card.id, card.close(self.reason))
        return _answer(context, order.id)


def _raise_level(file: CardFile, row: Values, order: Order, reason: str) -> None:
    context, level = file.context, OrderLevel(min(order.level + 1, HIGHEST))
    _, heads = supervision.department(context.uow, row["department"])
    more = heads + (supervision.with_role(context.uow, Role.SUPERVISOR) if level is HIGHEST else ())
    due_at = file.reply_due(level)
    file.tell(order.id, order.escalate(reason, due_at, more))
    to = tuple(dict.fromkeys((*row["addressees"], *more)))
    file.notify_order(order.id, level, f"{row['body']}（{reason.strip()}）", due_at, to, row["department"])


def _due(context: CommandContext, job: Values) -> None:
    """Nobody answered an order in time: it goes up one level by itself; the highest one stays as it is, overdue."""
    row = supervision.order_row(context.uow, job["payload"]["order_id"])
    order = supervision.order_of(row)
    is_due = order.state is OrderState.OPEN and order.due_at <= context.now
    if is_due and order.level is not HIGHEST:
        _raise_level(card_file(context, row["instance_id"]), row, order, UNANSWERED)
    context.uow.delete(tables.job, (job["id"],))


jobs.HANDLERS[ORDER_JOB] = _due
