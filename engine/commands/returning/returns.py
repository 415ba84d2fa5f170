"""退回: from my task back to an earlier node (P-3.1): who may, from where, to where, and why not elsewhere.

What a return does stands in ``engine.commands.returning.going_back``; other verbs that lead back call its ``perform``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine import access
from engine.access import Verb
from engine.commands.returning.going_back import drop_calls as drop_calls
from engine.commands.returning.going_back import handlers
from engine.commands.returning.going_back import perform as perform
from engine.commands.running import moving
from engine.commands.running.story import HUMAN, Story
from engine.commands.tasks import handling as tasks
from engine.context import Command
from engine.errors import Conflict, InvalidInput
from engine.records import record
from engine.runtime.return_policy import ReturnPolicy, Visited
from engine.runtime.task import Power, Seat, Task
from engine.store import tables
from engine.store.projections import returns as projections_returns

if TYPE_CHECKING:
    from engine.commands.running.moving import Moving
    from engine.context import CommandContext
    from engine.runtime.returning import ReturnTarget

_PROJECTED = projections_returns  # importing this module makes its rows known
MAX_REASON = 2000


@record
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


@record(kw_only=False)
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
    known = handlers(context, [target.token_id for target in targets])
    initiator = instance.row["started_by"]
    visited = [
        Visited(
            element_id=target.element_id,
            possible=target.possible,
            human=target.element_type in HUMAN,
            by_initiator=initiator is not None and known.get(target.token_id) == initiator,
        )
        for target in targets
    ]
    refusals = ReturnPolicy.read(task.settings).refusals(visited)
    return [
        Offer(
            target,
            target.why() if not target.possible else refusals.get(target.element_id, ("", "")),
            known.get(target.token_id),
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
