"""How much one instance may take: bounds on steps, time, tokens and nesting, and the error that names the element."""

import time
from typing import TYPE_CHECKING, Any, Final

from engine.errors import StepFailed

if TYPE_CHECKING:
    from engine.bpmn.specs.base import Node

MAX_STEPS: Final = 1_000  # automatic steps of one ``advance``
MAX_SECONDS: Final = 5.0  # of the processor, for one ``advance``
MAX_TOKENS: Final = 20_000  # living tokens of one instance, waiting ones included
MAX_CALL_DEPTH: Final = 12  # call activities inside each other
MAX_INSTANCES: Final = 1_000  # of one multi-instance activity
MAX_TIMER_YEARS: Final = 100
MIN_CYCLE_SECONDS: Final = 60
MAX_CYCLES: Final = 1_000  # of a cycle with a count; a cycle without one goes on for as long as its element waits


def failure(node: "Node | None", reason: str, zh: str, en: str, **facts: Any) -> StepFailed:
    """Make the error of a step that cannot be taken at ``node``; ``reason`` is a stable kebab-case code."""
    if node is None:
        return StepFailed(zh, en, reason=reason, **facts)
    label = node.element_name or node.element_id
    return StepFailed(
        f"在「{label}」：{zh}",
        f'At "{label}": {en}',
        reason=reason,
        element_id=node.element_id,
        element_name=node.element_name,
        process_key=node.process_key,
        **facts,
    )


class Budget:
    """Counts the automatic steps of one ``advance`` and watches the time that they take.

    What bounds our own work is the time that this thread has had of the processor: a machine that is busy with others, stood
    still for a copy of itself or waited for its disk is no fault of the model. The time of the process is always an argument.
    """

    def __init__(self, steps: int = MAX_STEPS, seconds: float = MAX_SECONDS) -> None:
        self.steps = steps
        self.left = steps
        self.seconds = seconds
        self.until = time.thread_time() + seconds

    def spend(self, node: "Node") -> None:
        """Take one step at ``node``, or raise StepFailed."""
        self.left -= 1
        if self.left < 0:
            raise failure(
                node,
                "too-many-steps",
                f"一次推进超过 {self.steps} 个自动步骤，可能是没有出口的循环",
                f"more than {self.steps} automatic steps in one go, probably an endless loop",
                limit=self.steps,
            )
        if time.thread_time() > self.until:
            raise failure(
                node,
                "too-slow",
                f"自动步骤占用处理器超过 {self.seconds:g} 秒",
                f"the automatic steps took more than {self.seconds:g} seconds of the processor",
                limit=self.seconds,
            )
