"""One return, carried out: what the machine retires, what the office cannot do twice, who gets it, how it comes back (P-3).

``perform`` is for every verb that leads back: 退回 (``engine.commands.returning.returns``), a failed ballot with ``onReject="return:…"``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.commands.running import eligibility, invariants, moving, seats
from engine.commands.running.story import Story
from engine.errors import BanjieError, Conflict
from engine.forms.rights import Right, parse_rights
from engine.runtime.return_events import Resubmit, ReturnAnswered, TaskReturned
from engine.runtime.task import Seat, TaskAssigned, TaskState
from engine.store import tables
from engine.store.rows import returns as rows_of
from engine.store.rows import running
from engine.store.tables.types import dump

if TYPE_CHECKING:
    from engine.bpmn.runner import Execution
    from engine.commands.running.moving import Moving
    from engine.context import CommandContext
    from engine.runtime.returning import Returned
    from engine.store.base.unit_of_work import Values

REASON = "returned"
MARKS = frozenset({"outcome", "comment"})  # of whichever task came last; they belong to no node


def perform(
    context: CommandContext,
    instance: Moving,
    from_token: str,
    target: str,
    reason: str,
    resubmit: Resubmit | str = Resubmit.STEP,
    *,
    task_id: str | None = None,
    story: Story | None = None,
) -> Returned:
    """Return from the waiting token ``from_token`` to the element ``target``, and record what came of it.

    ``task_id`` is the task whose holder returns; without it (a failed ballot) the seats of the token are cancelled. Raises
    Conflict with the possible nodes, or when something between cannot be done twice.
    """
    return _Return(
        context=context,
        instance=instance,
        from_token=from_token,
        target=target,
        reason=reason,
        way=Resubmit(resubmit),
        task_id=task_id,
        story=story or Story.of(context, instance.id),
    ).perform()


@dataclass(slots=True, kw_only=True)
class _Return:
    context: CommandContext
    instance: Moving
    from_token: str
    target: str
    reason: str
    way: Resubmit
    task_id: str | None
    story: Story
    done: Returned | None = None

    def perform(self) -> Returned:
        context, instance = self.context, self.instance
        instance.leaving = REASON
        instance.move(self._go_back)
        instance.leaving, instance.rounds = "process-moved-on", {}
        assert self.done is not None
        drop_calls(context, instance.id, self.story.lineage.with_insides(self.done.undone))
        invariants.check(instance)
        _give_back(context, instance, self.done)
        return self.done

    def _go_back(self, execution: Execution) -> None:
        """Before the machine runs on: retire and begin anew, and tell it before anything that comes of it is told."""
        before = execution.variables()
        straight = self.way is Resubmit.STRAIGHT
        self.done = returned = execution.return_to(
            self.target, self.from_token, self.story.lineage, now=self.context.now, straight=straight
        )
        only_straight = _check_once(self.context, self.story, returned, self.way)
        passage = self.story.lineage.passages[returned.renewed]
        key = (passage.process_key, passage.element_id)
        self.instance.rounds[key] = 1 + rows_of.last_round(self.context.uow, self.instance.id, *key)
        guarded = _guarded(self.context, self.story, returned) if straight else frozenset()
        self._tell(
            returned,
            target_id=passage.element_id,
            target_name=passage.element_name,
            round=self.instance.rounds[key],
            guarded={name: digest(before.get(name)) for name in sorted(guarded)},
            outcome=before.get(f"{passage.element_id}_outcome"),
            only_straight=only_straight,
        )

    def _tell(self, returned: Returned, **more: Any) -> None:
        source = next(task for task in self.instance.before.tasks if task.token_id == self.from_token)
        handler = handlers(self.context, [returned.renewed]).get(returned.renewed)
        told = TaskReturned(
            return_id=returned.token_id,
            renewed=returned.renewed,
            element_id=source.element_id,
            element_name=source.element_name,
            task_id=self.task_id,
            reason=self.reason,
            resubmit=self.way,
            to_applicant=handler is not None and handler == self.instance.row["started_by"],
            retired=returned.retired,
            kept=returned.kept,
            **more,
        )
        self.context.record(self.instance.id, told)


def handlers(context: CommandContext, tokens: list[str]) -> dict[str, str]:
    """Who completed the tasks of these tokens."""
    rows = running.seats_of_tokens(context.uow, tokens) if tokens else []
    done = TaskState.COMPLETED.value
    return {
        row["token_id"]: row["closed_by"] for row in rows if row["state"] == done and row["seat"] == Seat.HOLDER.value
    }


def drop_calls(context: CommandContext, instance_id: str, tokens: Collection[str]) -> None:
    """Remove the jobs by which retired service tasks wait for an answer from outside; an answer on its way finds nothing."""
    for job_id, token_id in running.calls_of(context.uow, instance_id):
        if token_id in tokens:
            context.uow.delete(tables.job, (job_id,))


def _check_once(context: CommandContext, story: Story, returned: Returned, way: Resubmit) -> bool:
    """Is there something between that the office can do only once? Then only the straight way is open."""
    for token_id in story.lineage.with_insides(returned.undone):
        done = story.performed.get(token_id)
        if done is None or not done.get("irreversible"):
            continue
        verb = context.environment.verbs.get(done["verb"])
        if verb is None or verb.leaves_house:
            continue  # a call can be made again
        if way is Resubmit.STRAIGHT:
            return True
        raise Conflict(
            f"退回后要重新执行「{verb.zh}」，它只能做一次；请选「补正后直接回到我」，或退回到它之后的环节。",
            f'After this return "{verb.en}" would be done again, which can be done only once; choose "straight back to me", or a '
            "node after it.",
            reason="done-once",
            verb=verb.name,
        )
    return False


def _guarded(context: CommandContext, story: Story, returned: Returned) -> frozenset[str]:
    """The fields that belong to the nodes between: what they filled in, what they alone may write, what their ways hung on."""
    between = returned.undone - {returned.renewed, *returned.retired}
    names = set(returned.decided_on)
    for row in story.tasks_of(context, between):
        names |= story.filled.get(row["id"], {}).keys()
        rights = parse_rights(str(row["settings"].get("fields", "")))
        names |= {key for key, right in rights.items() if right in (Right.WRITE, Right.REQUIRED) and key != "*"}
    return frozenset(names) - MARKS


def digest(value: Any) -> str:
    """A short fingerprint of a JSON value: enough to see that it has changed, without keeping it twice."""
    return hashlib.sha256(dump(value).encode()).hexdigest()[:16]


def _give_back(context: CommandContext, instance: Moving, returned: Returned) -> None:
    """A returned task that lies in a pool goes to whoever did it last, if that person may still act; it can be put back."""
    handler = handlers(context, [returned.renewed]).get(returned.renewed)
    if handler is None:
        return
    for row in seats.open_of(context, returned.token_id):
        if row["state"] != TaskState.OFFERED.value or row["seat"] != Seat.HOLDER.value:
            continue
        try:
            eligibility.check(context, instance.row, eligibility.ElementFacts.of(row), handler, way="assign")
        except BanjieError:
            continue  # recused or disabled meanwhile: it stays in the pool
        context.record(instance.id, TaskAssigned(task_id=row["id"], assignee=handler, reason=REASON))


# ---------------------------------------------------------------- coming back


def _answered(instance: Moving, token_id: str, outcome: str | None, variables: Mapping[str, Any]) -> None:
    """A task is about to be completed: if it was returned, does it go straight back, and may it (P-3.6)?"""
    if not instance.row.get("returns"):
        return
    context = instance.context
    straight = instance.execution.returned_as(token_id)
    row = context.uow.get(tables.task_return, (straight or token_id,))
    if row is None or row["answered_at"] is not None:
        return
    changed: tuple[str, ...] = ()
    other = straight is not None and outcome != row["outcome_before"]
    if straight is not None:
        changed = _changed(row["guarded"], {**instance.execution.variables(), **variables})
        if changed or other:
            _check_may_step(row, changed)
            instance.execution.go_step_by_step(straight)
    went = straight is not None and not changed and not other
    answered = ReturnAnswered(
        return_id=row["id"], element_id=row["target_id"], straight=went, changed=changed, other_outcome=other
    )
    context.record(instance.id, answered)


def _changed(guarded: Mapping[str, str], values: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(name for name, known in guarded.items() if digest(values.get(name)) != known)


def _check_may_step(row: Values, changed: Iterable[str]) -> None:
    if not row["only_straight"]:
        return
    names = "、".join(changed)
    cause_zh = f"您改了由中间环节负责的内容（{names}）" if names else "您选了与上次不同的办理结果"
    cause_en = (
        f"you changed what belongs to nodes between ({names})" if names else "you chose another outcome than before"
    )
    raise Conflict(
        f"不能直接回到退回人：{cause_zh}，而中间的步骤不能重做；请保持原样，或请退回人另行处理。",
        f"It cannot go straight back: {cause_en}, and what lies between cannot be done twice; leave it as it was, or ask whoever "
        "returned it.",
        reason="only-straight",
    )


moving.CONCLUDING.append(_answered)
