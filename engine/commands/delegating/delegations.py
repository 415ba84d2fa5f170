"""委派: ask somebody and wait for the answer; take the question back (P-5.2, P-5.3, P-9.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.access import Verb
from engine.commands.delegating import recusal
from engine.commands.running import eligibility, seats
from engine.commands.tasks import transfers
from engine.commands.tasks.answering import advisers_settings, recall_delegates
from engine.commands.tasks.handling import load_task, require
from engine.context import Command, CommandContext
from engine.errors import Conflict, InvalidInput
from engine.records import record
from engine.runtime.allowance import NodeVerb, check_allowed
from engine.runtime.delegation import TaskDelegated, check_delegate, granted_power
from engine.runtime.task import Power, Seat, TaskState
from engine.store import tables

if TYPE_CHECKING:
    from engine.commands.running.moving import Moving
    from engine.store.base.unit_of_work import Values


@record
class DelegateTask(Command):
    """委派: ``to`` answers to me, meanwhile my task waits and my time goes on (P-5.4); answers {id, delegate_task_id, state}.

    ``power`` is advise, or decide where the node says ``delegatePower="decide"``: then an answer with an outcome is mine.
    """

    task_id: str
    to: str
    question: str = ""
    power: str = Power.ADVISE.value

    def execute(self, context: CommandContext) -> dict[str, Any]:
        task, instance = load_task(context, self.task_id)
        task.check_open()
        require(context, Verb.DELEGATE_TASK, task)
        check_allowed(task.settings, NodeVerb.DELEGATE, task.label)
        permitted = str(task.settings.get("delegatePower") or "").strip() == Power.DECIDE.value
        power = granted_power(task.label, task.power, power_of(self.power), node_permits=permitted)
        row = _row(context, task.id)
        context.person(self.to)
        check_delegate(task.label, stack_of(context, row), self.to)
        _check_free(context, row, self.to)
        transfers.check_no_vote(context, row, self.to)
        eligibility.check(context, instance, eligibility.ElementFacts.of(row), self.to, way="delegate")
        seat_id = delegate(context, row, self.to, power=power, question=self.question.strip()[:500])
        return {"id": task.id, "instance_id": task.instance_id, "delegate_task_id": seat_id, "state": row["state"]}


@record
class RecallDelegation(Command):
    """撤回委派: whoever asked takes the question back, and with it all that was asked further; the task is his again."""

    task_id: str
    reason: str = ""

    def execute(self, context: CommandContext) -> dict[str, Any]:
        task, _ = load_task(context, self.task_id)
        require(context, Verb.RECALL_DELEGATION, task)
        row = _row(context, task.id)
        if not recall(context, row, self.reason.strip()[:500] or "recalled"):
            raise Conflict(
                f"「{task.label}」没有等待答复的委派，无需撤回；请刷新页面查看最新情况。",
                f'"{task.label}" has no delegation that waits for an answer; reload the page.',
                task_id=task.id,
                state=task.state.value,
            )
        return {"id": task.id, "instance_id": task.instance_id, "state": row["state"], "assignee": row["assignee"]}


def delegate(
    context: CommandContext, row: Values, to: str, *, power: Power, question: str = "", proxy_id: str | None = None
) -> str:
    """Let the task of ``row`` wait for ``to``; returns the id of the delegate's task. What may be asked is checked before."""
    seat_id = context.new_id()
    seats.pause(context, row, "delegated")
    told = TaskDelegated(
        task_id=row["id"],
        delegate_task_id=seat_id,
        delegate=to,
        power=power,
        question=question,
        element_name=row["element_name"],
        proxy_id=proxy_id,
    )
    context.record(row["instance_id"], told)
    decides = power is Power.DECIDE
    return seats.open_seat(
        context,
        row["instance_id"],
        like=row,
        seat=Seat.DELEGATE,
        assignee=to,
        power=power,
        parent_id=row["id"],
        delegated_by=row["assignee"],
        why={"asked_by": row["assignee"], "question": question} | ({"proxy_rule": proxy_id} if proxy_id else {}),
        task_id=seat_id,
        outcomes=tuple(row["outcomes"]) if decides else (),
        settings=dict(row["settings"]) if decides else advisers_settings(row["settings"]),
    )


def recall(context: CommandContext, row: Values, reason: str) -> bool:
    """Take back what the holder of ``row`` asked by delegation; False when there is nothing to take back."""
    if row["state"] != TaskState.WAITING.value or not recall_delegates(context, row, reason):
        return False
    seats.resume(context, row, "recalled")
    return True


@recusal.moves(Seat.DELEGATE)
def _leaves(context: CommandContext, instance: Moving, row: Values, reason: str) -> None:
    """Who may not act is not asked any more; whoever asked him goes on."""
    asker = context.uow.get(tables.task, (row["parent_id"],))
    if asker is not None:
        recall(context, asker, reason)


def stack_of(context: CommandContext, row: Values) -> tuple[str, ...]:
    """The logins from the first who asked to the holder of ``row`` (P-5.2)."""
    found: list[str] = []
    here: Values | None = row
    while here is not None:
        found.append(here["assignee"] or "")
        asked = here["seat"] == Seat.DELEGATE.value and here["parent_id"]
        here = context.uow.get(tables.task, (here["parent_id"],)) if asked else None
    return tuple(reversed(found))


def power_of(text: str) -> Power:
    """Read the power that somebody is given; raises InvalidInput."""
    try:
        return Power(text)
    except ValueError:
        raise InvalidInput(
            "权限只能是“提供意见”（advise）或“可作决定”（decide）。",
            "The power is advise or decide.",
            fields={"power": "advise / decide"},
        ) from None


def _check_free(context: CommandContext, row: Values, to: str) -> None:
    """Who has a say of his own here (a member of the ballot, a signer, also one whose turn has not come) is asked for nobody
    else's; nor is the person for whom a proxy has the task: it is his already."""
    if to == row["principal"] or to in transfers.seated(context, row):
        raise Conflict(
            f"{to} 在「{row['element_name']}」已有自己的席位，不能再受委派；请选择其他人。",
            f'{to} already has a seat at "{row["element_name"]}"; choose somebody else.',
            login=to,
        )


def _row(context: CommandContext, task_id: str) -> Values:
    row = context.uow.get(tables.task, (task_id,))
    assert row is not None, task_id
    return row
