"""撤回 at a multi-instance that was over: the instances that its end had cancelled wait again (P-6.1, P-6.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.commands.returning import reopening_ballots
from engine.commands.running import eligibility, seats, who
from engine.commands.tasks import answering
from engine.errors import Conflict
from engine.runtime.signers import Position
from engine.runtime.task import TaskReopened, TaskState
from engine.store import tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.commands.running.moving import Moving
    from engine.context import CommandContext

REASON = "withdrawn"


def open_again(context: CommandContext, instance: Moving, tokens: Sequence[str]) -> None:
    """The tasks that were cancelled because the others were enough wait again for whoever had them, or are offered again (P-6.2).

    What their holders had asked of others stays taken back. Whoever may not act any more does not get his again.
    """
    seats.read(context, tokens)
    for token_id in tokens:
        ballot_id = reopening_ballots.cancelled_at(context, token_id)
        if ballot_id is not None:
            reopening_ballots.go_on(context, instance, ballot_id, reason=REASON)
            continue
        row = context.uow.get(tables.task, (token_id,))
        if row is None or row["closed_at"] is None:
            continue
        if row["state"] == TaskState.COMPLETED.value:  # his answer waited for those who sign after him
            answering.sign_again(context, row, REASON)
        answering.drop_signers(context, row, Position.BEFORE, reason=REASON)
        instance.record(TaskReopened(task_id=row["id"], assignee=row["assignee"], reason=REASON))
        again = context.uow.get(tables.task, (token_id,)) or row
        if again["assignee"] is None:
            continue
        facts = eligibility.ElementFacts.of(again)
        try:
            eligibility.check(
                context, instance.row, facts, again["assignee"], way="assign", principal=again["principal"]
            )
        except Conflict as refused:
            who.find_again(instance, again, refused.zh)
