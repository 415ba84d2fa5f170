"""退回: from a task back to an earlier node (P-3.1 to P-3.8).

The machine knows what is retired and what goes on (``engine.bpmn.returning``). Here stands what the office decides: where the
node lets its holder return to, what cannot be done twice, who gets the returned task, and whether it comes straight back.

Other verbs that lead back (a failed ballot with ``onReject="return:…"``) call ``perform``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine import access
from engine.access import Verb
from engine.commands import eligibility, invariants, moving, seats, tasks
from engine.commands.moving import Moving
from engine.commands.story import HUMAN, Story
from engine.context import Command
from engine.errors import BanjieError, Conflict, InvalidInput
from engine.forms.rights import Right, parse_rights
from engine.runtime.return_events import Resubmit, ReturnAnswered, TaskReturned
from engine.runtime.return_policy import ReturnPolicy, Visited
from engine.runtime.returning import Returned, ReturnTarget
from engine.runtime.task import Power, Seat, Task, TaskAssigned, TaskState
from engine.store import projections_returns, running, tables
from engine.store import returns as rows_of
from engine.store.types import dump

if TYPE_CHECKING:
    from engine.bpmn.runner import Execution
    from engine.context import CommandContext
    from engine.store.unit_of_work import Values

_PROJECTED = projections_returns  # importing this module makes its rows known
REASON = "returned"
MARKS = frozenset({"outcome", "comment"})  # of whichever task came last; they belong to no node
MAX_REASON = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnTask(Command):
    """退回: close my task by returning to an earlier node; answers {id, return_id, target, retired, instance_state}.

    ``target`` is one of ``offered``. ``resubmit`` is how it comes back: "step" the whole way again, "straight" to me; empty for
    what the node prescribes, or "step".
    """

    task_id: str
    target: str
    reason: str
    resubmit: str = ""

    def execute(self, context: CommandContext) -> dict[str, Any]:
        task, row = tasks.load_task(context, self.task_id)
        task.check_open()
        tasks.require(context, Verb.RETURN_TASK, task)
        tasks.check_eligible(context, row, task, context.actor.login, way="complete")
        check_may_return(task)
        reason = checked_reason(self.reason)
        policy = ReturnPolicy.read(task.settings)
        resubmit = policy.resubmit(self.resubmit)
        instance = moving.load(context, task.instance_id, row=row)
        story = Story.of(context, instance.id)
        refused = next((each for each in offered(context, instance, task, story) if each.id == self.target), None)
        if refused is not None and not refused.possible:
            zh, en = refused.why
            raise Conflict(
                f"不能退回到「{refused.label}」：{zh}。",
                f'"{refused.label}" cannot be returned to: {en}.',
                reason="not-allowed",
                element_id=self.target,
            )
        returned = perform(
            context, instance, task.token_id, self.target, reason, resubmit, task_id=task.id, story=story
        )
        return {
            "id": task.id,
            "instance_id": instance.id,
            "return_id": returned.token_id,
            "target": returned.element_id,
            "retired": len(returned.retired),
            "instance_state": instance.row["state"],
        }


def check_may_return(task: Task) -> None:
    """Raise Conflict for a seat that does not decide the node by itself."""
    if task.seat is Seat.MEMBER:
        raise Conflict(
            f"「{task.label}」是会签环节，一个人不能替大家退回；请投反对票，环节可设置未通过时退回（onReject）。",
            f"{task.label} is a ballot, and one member cannot return it for all; vote against it: the node can return when the "
            "ballot fails (onReject).",
            task_id=task.id,
        )
    if task.seat is not Seat.HOLDER or task.power is not Power.DECIDE:
        raise Conflict(
            f"您在「{task.label}」只提意见，不能退回；请把意见告诉主办人。",
            f"You only give an opinion at {task.label} and cannot return it; tell its holder.",
            task_id=task.id,
        )


def checked_reason(reason: str, *, what: tuple[str, str] = ("退回", "return")) -> str:
    """The reason without blanks around; raises InvalidInput when there is none or it is too long."""
    text = reason.strip()
    if not text:
        raise InvalidInput(
            f"请填写{what[0]}原因。",
            f"A {what[1]} needs a reason.",
            fields={"reason": "必填"},
            fields_en={"reason": "required"},
        )
    if len(text) > MAX_REASON or "\0" in text:
        raise InvalidInput(
            f"{what[0]}原因最多 {MAX_REASON} 字。",
            f"The reason of a {what[1]} has at most {MAX_REASON} characters.",
            fields={"reason": f"最多 {MAX_REASON} 字"},
        )
    return text


# ---------------------------------------------------------------- where to


@dataclass(frozen=True, slots=True)
class Offer:
    """A node on the way here, for the dialog of 退回."""

    target: ReturnTarget
    why: tuple[str, str] = ("", "")  # why not; empty: possible
    handler: str | None = None  # who completed it last

    @property
    def id(self) -> str:
        return self.target.element_id

    @property
    def label(self) -> str:
        return self.target.label

    @property
    def possible(self) -> bool:
        return not self.why[0]

    def as_json(self) -> dict[str, Any]:
        return {
            "element_id": self.id,
            "name": self.label,
            "possible": self.possible,
            "why": self.why[0],
            "why_en": self.why[1],
            "handler": self.handler,
            "reopens_fork": self.target.reopens,
        }


def offered(context: CommandContext, instance: Moving, task: Task, story: Story) -> list[Offer]:
    """Every node executed around the task, nearest first, with the reason why not: the graph's, the policy's, or the law's."""
    targets = instance.execution.possible_returns(task.token_id, story.lineage)
    handlers = _handlers(context, [target.token_id for target in targets])
    initiator = instance.row["started_by"]
    visited = [
        Visited(
            element_id=target.element_id,
            possible=target.possible,
            human=target.element_type in HUMAN,
            by_initiator=initiator is not None and handlers.get(target.token_id) == initiator,
        )
        for target in targets
    ]
    refusals = ReturnPolicy.read(task.settings).refusals(visited)
    return [
        Offer(
            target,
            target.why() if not target.possible else refusals.get(target.element_id, ("", "")),
            handlers.get(target.token_id),
        )
        for target in targets
    ]


def offers_of(context: CommandContext, task_id: str) -> dict[str, Any]:
    """What the dialog of 退回 shows for a task: its targets and ways back; for ``ProcessEngine.ask``."""
    row = context.uow.get(tables.task, (task_id,))
    if row is None:
        raise access.not_found(access.TaskFacts(task_id=task_id, assignee=None))
    task = tasks.task_of(row)
    tasks.require(context, Verb.RETURN_TASK, task)
    task.check_open()
    check_may_return(task)
    instance_row = context.uow.get(tables.process_instance, (task.instance_id,))
    assert instance_row is not None
    instance = moving.open_instance(context, instance_row)
    policy = ReturnPolicy.read(task.settings)
    found = offered(context, instance, task, Story.of(context, instance.id))
    return {"targets": [offer.as_json() for offer in found], "resubmit": [each.value for each in policy.ways_back]}


def _handlers(context: CommandContext, tokens: list[str]) -> dict[str, str]:
    """Who completed the tasks of these tokens."""
    rows = running.seats_of_tokens(context.uow, tokens) if tokens else []
    done = TaskState.COMPLETED.value
    return {
        row["token_id"]: row["closed_by"] for row in rows if row["state"] == done and row["seat"] == Seat.HOLDER.value
    }


# ---------------------------------------------------------------- the return itself


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
    way = Resubmit(resubmit)
    told = story or Story.of(context, instance.id)
    found: list[Returned] = []
    source = next(task for task in instance.before.tasks if task.token_id == from_token)

    def go_back(execution: Execution) -> None:
        before = execution.variables()
        returned = execution.return_to(
            target, from_token, told.lineage, now=context.now, straight=way is Resubmit.STRAIGHT
        )
        found.append(returned)
        only_straight = _check_once(context, told, returned, way)
        passage = told.lineage.passages[returned.renewed]
        key = (passage.process_key, passage.element_id)
        instance.rounds[key] = 1 + rows_of.last_round(context.uow, instance.id, *key)
        guarded = _guarded(context, instance, told, returned) if way is Resubmit.STRAIGHT else frozenset()
        handler = _handlers(context, [returned.renewed]).get(returned.renewed)
        context.record(
            instance.id,
            TaskReturned(
                return_id=returned.token_id,
                renewed=returned.renewed,
                element_id=source.element_id,
                element_name=source.element_name,
                target_id=passage.element_id,
                target_name=passage.element_name,
                task_id=task_id,
                reason=reason,
                resubmit=way,
                round=instance.rounds[key],
                to_applicant=handler is not None and handler == instance.row["started_by"],
                retired=returned.retired,
                kept=returned.kept,
                guarded={name: digest(before.get(name)) for name in sorted(guarded)},
                outcome=before.get(f"{passage.element_id}_outcome"),
                only_straight=only_straight,
            ),
        )

    instance.leaving = REASON
    instance.move(go_back)
    instance.leaving, instance.rounds = "process-moved-on", {}
    drop_calls(context, instance.id, told.lineage.with_insides(found[0].undone))
    invariants.check(instance)
    _give_back(context, instance, found[0])
    return found[0]


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


def _guarded(context: CommandContext, instance: Moving, story: Story, returned: Returned) -> frozenset[str]:
    """The fields that belong to the nodes between: what they filled in, what they alone may write, what their ways hung on."""
    between = returned.undone - {returned.renewed, *returned.retired}
    names = set(returned.decided_on)
    for row in story.tasks_of(context, between):
        names |= story.filled.get(row["id"], frozenset())
        rights = parse_rights(str(row["settings"].get("fields", "")))
        names |= {key for key, right in rights.items() if right in (Right.WRITE, Right.REQUIRED) and key != "*"}
    return frozenset(names) - MARKS


def digest(value: Any) -> str:
    """A short fingerprint of a JSON value: enough to see that it has changed, without keeping it twice."""
    return hashlib.sha256(dump(value).encode()).hexdigest()[:16]


def _give_back(context: CommandContext, instance: Moving, returned: Returned) -> None:
    """A returned task that lies in a pool goes to whoever did it last, if that person may still act; it can be put back."""
    handler = _handlers(context, [returned.renewed]).get(returned.renewed)
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
