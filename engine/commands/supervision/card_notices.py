"""Who is told of cards and orders: on the page always, by mail and webhook as each of them likes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from engine.approval.supervision import events
from engine.approval.supervision.order import OrderLevel
from engine.approval.supervision.rules import Level
from engine.commands.notices.notifications import tell
from engine.runtime.notice import Kind
from engine.store import tables

if TYPE_CHECKING:
    from engine.context import CommandContext
    from engine.store.base.unit_of_work import Values
    from engine.store.projections.projector import Recorded

_CARDS_EN = {"warn": "Warning", "yellow": "Yellow card", "red": "Red card"}


def card_out(context: CommandContext, recorded: Recorded) -> None:
    """Reaction: a card went out, at once or when a supervisor confirmed it. One that waits is told to nobody yet."""
    event: Any = recorded.event
    row = context.uow.get(tables.card, (event.card_id,)) or {}
    if row["state"] == "awaiting":
        return
    facts = {
        "about": "card",
        "what": Level(row["level"]).zh,
        "what_en": _CARDS_EN[row["level"]],
        "why": row["reason"],
        "why_en": row["reason_en"] or row["reason"],
    }
    _tell_all(context, row, row["receivers"], row["id"], facts)


def order_out(context: CommandContext, recorded: Recorded) -> None:
    """Reaction: a supervision order, or its next level, went out."""
    event: Any = recorded.event
    row = context.uow.get(tables.supervision_order, (event.order_id,)) or {}
    facts = {
        "about": "order",
        "what": OrderLevel(row["level"]).zh,
        "what_en": f"Supervision order of level {row['level']}",
        "why": row["body"][:100],
        "why_en": row["body"][:100],
    }
    _tell_all(context, row, row["addressees"], f"{row['id']}@{row['level']}", facts)


def _tell_all(context: CommandContext, row: Values, logins: list[str], cause: str, facts: Mapping[str, str]) -> None:
    for login in logins:
        tell(context, login, Kind.CARD, cause, row["instance_id"], title=row["title"], facts=facts)


REACTIONS: Mapping[type[Any], Callable[[CommandContext, Recorded], None]] = {
    events.CardIssued: card_out,
    events.CardConfirmed: card_out,
    events.OrderIssued: order_out,
    events.OrderEscalated: order_out,
}
