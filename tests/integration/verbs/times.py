"""Nobody gains time by what he takes back (P-6.1): limits run while somebody is to act, timers keep their moments."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.integration.verbs.shapes import BEAT
from tests.integration.verbs.world import World

DAY = timedelta(days=1)


def check_limits(world: World) -> None:
    """The limit of a step runs as long as somebody is to act there, also once what was done is taken back, and no longer."""
    waiting = {row["token_id"] for row in world.open}
    for clock in world.clocks:
        waits = clock["token_id"] in waiting
        assert waits == (clock["state"] != "stopped"), f"{clock['state']}, the limit of {clock['token_id']}"


class Moments:
    """When the timers of one instance were due, and which of these moments have come."""

    def __init__(self) -> None:
        self.dues: dict[str, datetime] = {}  # by the token of the timer: when it was due first
        self.fired: set[tuple[str, str]] = set()

    def take(self, kind: str, told: dict[str, Any]) -> None:
        """The next event: whatever is taken back, a timer keeps its moments, and each of them comes once."""
        if kind == "TimerScheduled":
            due = datetime.fromisoformat(told["due_at"])
            later = due - self.dues.setdefault(told["token_id"], due)
            beats = told["element_id"].startswith(BEAT) and later % DAY == timedelta()
            assert not later or beats, f"{told['element_id']} is due {later} later than before"
        elif kind == "TimerFired":
            moment = (told["token_id"], told["due_at"])
            assert moment not in self.fired, f"{told['element_id']} has fired twice at {told['due_at']}"
            self.fired.add(moment)
