"""转办: hand a task over for good, under the rules that every way of handing over shares (P-5.1, P-5.3, P-9.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.calendar import Limit
from engine.commands.ballots import ballot_members
from engine.commands.running import eligibility, moving, seats
from engine.commands.tasks import participants
from engine.runtime import member_limits
from engine.runtime.allowance import NodeVerb, check_allowed
from engine.runtime.signers import Plan, SignerReplaced
from engine.runtime.task import Seat, Task, TaskDueChanged
from engine.runtime.transfer import TransferScope, check_own, check_receiver, scope_of
from engine.store import tables

if TYPE_CHECKING:
    from engine.context import CommandContext
    from engine.store.base.unit_of_work import Values

_SHARING = participants  # importing this module tells eligibility who takes part in a multi-instance


def transfer(
    context: CommandContext, instance: Values, task: Task, receiver: str, *, reason: str = "", way: str = "transfer"
) -> None:
    """Make ``receiver`` the holder of an open task. Raises Conflict with the reason when that cannot be.

    ``instance`` is the locked row of its instance. ``way`` "transfer" is the holder's own verb, which the node can forbid;
    an administrator's ``assign`` and a ``hand-over`` are not bound by the node's ``allow`` and ``transferScope``.
    """
    task.check_open()
    row = _row(context, task)
    own = way == "transfer"
    if own:
        check_allowed(task.settings, NodeVerb.TRANSFER, task.label)
        check_own(task)
    context.person(receiver)
    check_receiver(
        task.label,
        task.assignee,
        receiver,
        by=context.actor.login,
        seated=seated(context, row),
        in_scope=not own or _in_scope(context, row, receiver),
    )
    check_no_vote(context, row, receiver)
    eligibility.check(
        context, instance, eligibility.ElementFacts.of(row), receiver, way="transfer" if own else "assign"
    )
    _record(context, row, task, receiver, reason)
    _begin_anew(context, instance, task)


def seated(context: CommandContext, row: Values) -> frozenset[str]:
    """Everybody else who sits at the token of ``row`` or whose turn to sign there is planned."""
    found: set[str] = set()
    for other in seats.of_token(context, row["token_id"]):
        found |= {signer.login for signer in Plan.from_json(other["signers"]).pending()}
        if other["closed_at"] is None and other["id"] != row["id"] and other["assignee"]:
            found |= {other["assignee"], other["principal"] or other["assignee"]}
    return frozenset(found)


def check_no_vote(context: CommandContext, row: Values, login: str) -> None:
    """Raise Conflict when ``login`` votes in the ballot of this seat, also when his turn has not come (P-1.4, P-4.6, P-5.1)."""
    if row["ballot_id"] is not None:
        ballot_members.check_stranger(context, row["ballot_id"], login)


def _record(context: CommandContext, row: Values, task: Task, receiver: str, reason: str) -> None:
    context.record(task.instance_id, *task.assign(receiver, reason=reason))
    if task.seat in (Seat.BEFORE, Seat.AFTER):
        replaced = SignerReplaced(task_id=row["parent_id"], signer_id=task.id, login=receiver)
        context.record(task.instance_id, replaced)


def _begin_anew(context: CommandContext, instance: Values, task: Task) -> None:
    """The new holder gets the rest of the time (P-9.4), or, where the model says ``transferClock="fresh"``, all of it."""
    if str(task.settings.get("transferClock") or "").strip() != "fresh":
        return
    running = moving.load(context, task.instance_id, row=instance)
    own = member_limits.read(task.settings) if task.seat is Seat.MEMBER else None
    text = next((each.limit for each in running.before.tasks if each.token_id == task.token_id), None)
    limit = own.limit if own is not None else Limit.parse(text) if text else None
    if limit is not None:
        due = context.calendar.due(context.now, limit)
        context.record(task.instance_id, TaskDueChanged(task_id=task.id, due_at=due.at, provisional=due.provisional))


def _in_scope(context: CommandContext, row: Values, receiver: str) -> bool:
    scope = scope_of(row["settings"], row["element_name"])
    if scope is TransferScope.ANY:
        return True
    if scope is TransferScope.CANDIDATES:
        return receiver in row["candidate_users"] or _is_in_any(context, receiver, row["candidate_groups"])
    holder = row["assignee"] or context.actor.login
    return bool(context.person(holder)["department_id"] == context.person(receiver)["department_id"])


def _is_in_any(context: CommandContext, login: str, groups: list[str]) -> bool:
    return any(context.uow.get(tables.membership, (login, key)) is not None for key in groups)


def _row(context: CommandContext, task: Task) -> Values:
    row = context.uow.get(tables.task, (task.id,))
    assert row is not None, task.id
    return row
