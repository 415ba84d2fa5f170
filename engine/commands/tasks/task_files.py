"""A file for an action that is still to come: added to an open task by whoever may complete it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.access import Verb
from engine.commands.tasks import action_files
from engine.commands.tasks import handling as tasks
from engine.context import Command
from engine.records import record

if TYPE_CHECKING:
    from engine.context import CommandContext


@record
class AddActionFile(Command):
    """Add an attachment or one's signature to an open task before completing it. Answers {id}: the task's."""

    task_id: str
    file: Mapping[str, Any]  # see engine.commands.tasks.action_files

    def identity(self) -> dict[str, Any]:
        """The same upload sent again was stored under another key; its content is what makes it the same."""
        file = {name: value for name, value in self.file.items() if name != "key"}
        return {"command": type(self).__name__, "fields": {"task_id": self.task_id, "file": file}}

    def execute(self, context: CommandContext) -> dict[str, Any]:
        task, _ = tasks.load_task(context, self.task_id)
        task.check_open()
        tasks.require(context, Verb.COMPLETE_TASK, task)
        action_files.add(context, task, [self.file])
        return {"id": task.id}
