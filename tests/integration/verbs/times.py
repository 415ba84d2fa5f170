"""Nobody gains time by what he takes back (P-6.1): limits run while somebody is to act, timers keep their moments."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from tests.integration.verbs.shapes import BEAT, LATE
from tests.integration.verbs.world import World

DAY = timedelta(days=1)
Timer: TypeAlias = tuple[str, str]  # the token of the activity at which it sits, and the timer's element


def check_limits(world: World) -> None:
    """The limit of a step runs as long as somebody is to act there, also once what was done is taken back, and no longer."""
    waiting = {row["token_id"] for row in world.open}
    for clock in world.clocks:
        waits = clock["token_id"] in waiting
        assert waits == (clock["state"] != "stopped"), f"{clock['state']}, the limit of {clock['token_id']}"


class Moments:
    """When the boundary timers of one instance are due, and which of these moments have come. An activity that is taken back has its
    old token: so its timers must have their old moments, and none that has come."""

    def __init__(self) -> None:
        self.first: dict[Timer, datetime] = {}  # when it was due first
        self.last: dict[Timer, datetime] = {}  # the latest of its moments that has come
        self.armed: dict[str, Timer] = {}  # by its own token

    def take(self, kind: str, told: dict[str, Any]) -> None:
        """The next event: each moment comes once."""
        timer = self.armed.get(told.get("token_id", ""))
        if kind == "TimerFired" and timer is not None:
            due = datetime.fromisoformat(told["due_at"])
            assert timer not in self.last or self.last[timer] < due, f"{timer} has fired twice at {due}"
            self.last[timer] = due

    def look(self, scopes: Iterable[list[list[Any]]]) -> None:
        """What waits now, as the machine has stored it, scope by scope."""
        for rows in scopes:
            for token, element, _, host, *data in rows:
                if element.startswith((LATE, BEAT)) and "timer" in (data[0] if data else {}):
                    self._waits((rows[host][0], element), token, datetime.fromisoformat(data[0]["timer"][0]))

    def _waits(self, timer: Timer, token: str, due: datetime) -> None:
        self.armed[token] = timer
        later = due - self.first.setdefault(timer, due)
        assert later % DAY == timedelta() if timer[1].startswith(BEAT) else not later, f"{timer} is due {later} later"
        assert timer not in self.last or self.last[timer] < due, f"{timer} is due again at {due}"
