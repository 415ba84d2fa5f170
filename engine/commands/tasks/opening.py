"""A task is opened by its holder for the first time: the read mark, for the list and for whoever may still withdraw."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from engine.commands.tasks.handling import load_task
from engine.context import Command
from engine.records import record
from engine.runtime.inbox import TaskOpened
from engine.runtime.task import TaskState
from engine.store import tables

if TYPE_CHECKING:
    from engine.context import CommandContext


@record
class OpenTask(Command):
    """The holder has the task before his eyes; the first time counts. Anybody else who looks changes nothing."""

    idempotent: ClassVar[bool] = True
    task_id: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        task, _ = load_task(context, self.task_id)
        row = context.uow.get(tables.task, (task.id,)) or {}
        mine = task.state is TaskState.ASSIGNED and task.assignee == context.actor.login
        if mine and row["read_at"] is None:
            context.record(task.instance_id, TaskOpened(task_id=task.id))
        return {"id": task.id, "read_at": row["read_at"].isoformat() if row.get("read_at") else None}
