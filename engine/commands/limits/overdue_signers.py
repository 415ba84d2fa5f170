"""Time is over, somebody has decided, and those who sign after him are silent: what stands (P-4.4, P-9.3).

A decision that was made in time is not undone because an adviser was silent: it stands, whatever the node's rule. Where the
signature of somebody decides, his silence is what the node's rule says, as if the decision had not been made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.access import SYSTEM
from engine.commands.notices.notifications import tell
from engine.commands.running import seats
from engine.commands.running.seats import Answer
from engine.commands.tasks import answering
from engine.commands.tasks.handling import task_of
from engine.runtime.notice import Kind
from engine.runtime.signers import Plan, Position
from engine.runtime.task import Power, Seat
from engine.store import tables

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from engine.commands.running.moving import Moving
    from engine.context import CommandContext
    from engine.store.base.unit_of_work import Values

_ASKED = frozenset({Seat.DELEGATE.value, Seat.BEFORE.value, Seat.AFTER.value})


# ---------------------------------------------------------------- who is silent


def due_of(context: CommandContext, row: Values) -> datetime | None:
    """When the time of an answer is over: the row's own end, or, once it is closed, that of whoever signs after it (which
    still follows the clock)."""
    if row["closed_at"] is None:
        found: datetime | None = row["due_at"]
        return found
    return max((seat["due_at"] for seat in _signing(context, row) if seat["due_at"] is not None), default=None)


def deciders(context: CommandContext, row: Values) -> list[Values | None]:
    """Who is to sign after ``row``, may refuse, and is silent: his task, or None while his turn has not come.

    Of a signer who has signed, and waits for somebody after him, it is that one.
    """
    found: list[Values | None] = []
    for signer in Plan.from_json(row["signers"]).pending(Position.AFTER):
        seat = context.uow.get(tables.task, (signer.id,))
        if seat is not None and seat["closed_at"] is not None:
            found += deciders(context, seat)
        elif signer.power is Power.DECIDE:
            found.append(seat)
    return found


def _signing(context: CommandContext, row: Values) -> list[Values]:
    """The open tasks of those who sign after ``row``, and after them."""
    found: list[Values] = []
    for signer in Plan.from_json(row["signers"]).pending(Position.AFTER):
        seat = context.uow.get(tables.task, (signer.id,))
        if seat is not None:
            found += [seat] if seat["closed_at"] is None else _signing(context, seat)
    return found


# ---------------------------------------------------------------- what stands


def let_stand(context: CommandContext, instance: Moving, row: Values, reason: str) -> None:
    """The stored decision takes its way without those who were silent."""
    answering.drop_signers(context, row, Position.AFTER, reason=reason)
    answering.go_on_after(context, instance, row)


def overrule(context: CommandContext, instance: Moving, row: Values, outcome: str, reason: str) -> None:
    """The answer of ``row`` is ``outcome`` by the node's rule, because a signature on which it depends is missing."""
    answering.drop_signers(context, row, Position.AFTER, reason=reason)
    seats.follow(context, instance, Answer(task=task_of(row), outcome=outcome, comment=reason))
    tell_decided(context, row, reason, "the time is over, and a signature on which your decision depends is missing")


# ---------------------------------------------------------------- telling them


def asked(context: CommandContext, row: Values) -> list[Values]:
    """The open tasks of everybody who was asked at the token of ``row``."""
    return [each for each in seats.open_of(context, row["token_id"]) if each["seat"] in _ASKED]


def tell_dropped(context: CommandContext, were_asked: Iterable[Values]) -> None:
    """Tell those who are asked no more, because the system has acted, that what they have not sent counts nothing."""
    facts = {
        "what": "不再征询您的意见",
        "what_en": "You are asked no more",
        "why": "办理期限已到，系统按规定处理；尚未提交的意见不再计入",
        "why_en": "the time is over and the system has acted by rule; what you have not sent is not counted",
    }
    for row in were_asked:
        if row["closed_at"] is not None and row["closed_by"] in (SYSTEM.login, None) and row["assignee"]:
            about = {**facts, "step": row["element_name"]}
            cause = f"{row['id']}@timeout"
            tell(context, row["assignee"], Kind.ASKED, cause, row["instance_id"], task_id=row["id"], facts=about)


def tell_decided(context: CommandContext, row: Values, zh: str, en: str) -> None:
    """Tell whoever had the task, and for whom he had it, that the system has decided by rule, and by which (P-9.3)."""
    facts = {
        "what": f"系统已代您办结「{row['element_name'] or row['element_id']}」",
        "what_en": f'The system has decided "{row["element_name"] or row["element_id"]}" for you',
        "why": zh,
        "why_en": en,
        "step": row["element_name"],
    }
    cause = f"{row['id']}@decided-{context.now:%Y%m%d%H%M}"  # what is taken back can be decided once more
    for login in dict.fromkeys((row["assignee"], row["principal"])):
        if login is not None:
            tell(context, login, Kind.ASKED, cause, row["instance_id"], task_id=row["id"], facts=facts)
