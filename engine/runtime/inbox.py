"""What happens around tasks beside deciding them: a task is opened, a copy is sent and read."""

from dataclasses import dataclass

from engine.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskOpened(Event):
    """The holder opened the task for the first time since it came (已阅)."""

    task_id: str
