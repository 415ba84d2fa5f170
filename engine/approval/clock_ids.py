"""The ids of the clocks of steps: derived from what they measure, so that they are found without a query."""

import uuid
from typing import Final

_SPACE: Final = uuid.UUID("b0f5b2c1-6a39-4b2f-9d57-6a1f2e8c7d10")


def clock_id(token_id: str, element_id: str = "") -> str:
    """The id of the clock of a task or a timer."""
    return str(uuid.uuid5(_SPACE, f"{token_id}:{element_id}"))


def seat_clock_id(task_id: str) -> str:
    """The id of the clock of one member of a ballot."""
    return clock_id(task_id, "member")
