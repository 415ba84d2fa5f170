"""Several tasks at once: many single commands, each in a transaction of its own, with a result for each.

A batch is not a command: what is refused for one task must not keep the others from being done, and what was done stays
done. Repeating a batch under the same key repeats nothing: every item has a key of its own (see ``item_key``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from engine.commands.tasks.handling import AssignTask, ClaimTask, CompleteTask, load_task
from engine.context import COMMANDS, Command
from engine.errors import Conflict, InvalidInput
from engine.records import record
from engine.runtime.allowance import NodeVerb, check_allowed
from engine.runtime.task import Power

if TYPE_CHECKING:
    from engine.context import CommandContext
    from engine.runtime.task import Task

MAX_ITEMS = 100
# Codes that say yes. A node with other words names its own: banjie:batchOutcome="filed".
POSITIVE = ("approve", "agree", "accept", "pass", "yes", "confirm")


@record
class ApproveInBatch(Command):
    """批量同意, one item: complete a task with its positive outcome and nothing typed but an opinion.

    Refused where the node forbids it (``banjie:allow="-batch"``), where no outcome is the positive one, and where the node
    needs more than an opinion: a form field, a choice of people, a signature. Who is asked for advice has to give some.
    """

    task_id: str
    outcome: str | None = None
    comment: str = ""

    def execute(self, context: CommandContext) -> dict[str, Any]:
        task, _ = load_task(context, self.task_id)
        task.check_open()
        check_allowed(task.settings, NodeVerb.BATCH, task.label)
        if task.power is Power.ADVISE and not self.comment.strip():
            raise Conflict(
                f"「{task.label}」是向您征求意见，批量办理时也请写明意见，或逐件答复。",
                f"At {task.label} you are asked for your opinion: write it for the batch too, or answer on its own page.",
                task_id=task.id,
                needs_input=True,
            )
        command = CompleteTask(task_id=task.id, outcome=self.outcome or positive(task), comment=self.comment)
        try:
            return command.execute(context)
        except InvalidInput as error:
            raise Conflict(
                f"「{task.label}」需要逐件填写后办理：{error.zh}",
                f"{task.label} needs input; open it on its own: {error.en}",
                task_id=task.id,
                needs_input=True,
                fields=error.facts.get("fields", {}),
            ) from error


@record
class TransferInBatch(Command):
    """批量转办, one item."""

    task_id: str
    assignee: str
    reason: str = ""

    def execute(self, context: CommandContext) -> dict[str, Any]:
        task, _ = load_task(context, self.task_id)
        task.check_open()
        check_allowed(task.settings, NodeVerb.BATCH, task.label)
        return AssignTask(task_id=task.id, assignee=self.assignee, reason=self.reason).execute(context)


def positive(task: Task) -> str | None:
    """The outcome with which a batch says yes; None where the node offers none at all. Raises Conflict where it is unclear."""
    named = str(task.settings.get("batchOutcome") or "").strip()
    if named in task.outcomes:
        return named
    found = [code for code in task.outcomes if code in POSITIVE]
    if task.outcomes and len(found) != 1:
        raise Conflict(
            f"「{task.label}」的办理结果里不能确定哪一个是同意，请逐件办理；模型可以用 batchOutcome 写明。",
            f"It is not clear which outcome of {task.label} says yes; open it on its own. The model may name it: batchOutcome.",
            task_id=task.id,
            needs_input=True,
        )
    return found[0] if found else None


Maker = Callable[[str, Mapping[str, Any]], Command]

# What can be done to several tasks at once: the command for one of them, from what was asked for all.
ACTIONS: Mapping[str, Maker] = {
    "approve": lambda task_id, asked: ApproveInBatch(
        task_id=task_id, outcome=asked.get("outcome") or None, comment=asked.get("comment", "")
    ),
    "transfer": lambda task_id, asked: TransferInBatch(
        task_id=task_id, assignee=asked.get("assignee", ""), reason=asked.get("comment", "")
    ),
    "claim": lambda task_id, asked: ClaimTask(task_id=task_id),
    "urge": lambda task_id, asked: COMMANDS["UrgeTask"](  # type: ignore[call-arg]
        task_id=task_id, **({"text": asked["comment"]} if asked.get("comment") else {})
    ),
}


def command_for(action: str, task_id: str, asked: Mapping[str, Any]) -> Command:
    """The command that does ``action`` to one task. Raises InvalidInput for an action that is not known here."""
    maker = ACTIONS.get(action)
    if maker is None or (action == "urge" and "UrgeTask" not in COMMANDS):
        raise InvalidInput(
            f"不能批量做「{action}」。", f"{action!r} cannot be done to several tasks.", fields={"action": "?"}
        )
    return maker(task_id, asked)


def item_key(key: str | None, task_id: str) -> str | None:
    """The idempotency key of one item of a batch."""
    return None if key is None else f"{key[:150]}/{task_id}"
