"""What people try: a number becomes a person, a task and a command, whether that person may or not.

``Act.lawful`` is the rule of the verb, stated a second time in terms of rows only (``rights``). It must hold whenever the command
was accepted; that a lawful act is accepted is not claimed (a node may forbid what people may do).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from engine.context import Command
from tests.integration.verbs import rights
from tests.integration.verbs.shapes import FLAGS
from tests.integration.verbs.world import Row, World

STAFF = ("a", "b", "c", "d", "e")
PEOPLE = (*STAFF, "boss", "sup")  # an administrator and a supervisor
RIGHTFUL = 80  # of a hundred numbers these mean what may succeed: most steps should be possible ones

T = TypeVar("T")
Answer = Mapping[str, Any]


@dataclass(frozen=True)
class Move:
    """One step: a verb and numbers below 100, of which 0 is the plainest choice."""

    verb: str
    who: int = 0
    what: int = 0
    other: int = 0
    how: int = 0

    def __repr__(self) -> str:
        return f"Move({self.verb!r}, {self.who}, {self.what}, {self.other}, {self.how})"


@dataclass
class Act:
    """A command, who gives it, and the rule that must hold when it is accepted; ``then`` asks what must be so afterwards."""

    by: str
    command: Command
    lawful: Callable[[], bool]
    then: Callable[[World, Answer], None] | None = None
    speaks_for: str | None = None  # who asked for what is tried again: it is he who acts

    def __str__(self) -> str:
        return f"{self.by}: {self.command}"


@dataclass
class Stage:
    """One moment, and the numbers of one move in it. ``dialogs`` are what the pages would offer."""

    world: World
    now: datetime
    dialogs: Dialogs
    move: Move = Move("")
    is_broken: bool = False  # the machine behind the service tasks stands still

    def pick(self, choices: Sequence[T], number: int) -> T | None:
        return choices[number % len(choices)] if choices else None

    def choose(self, likely: Sequence[T], any_of: Sequence[T] = ()) -> T | None:
        """One of those with which the verb may succeed; now and then any."""
        wild = self.move.what >= RIGHTFUL or not likely
        return self.pick(any_of or likely if wild else likely, self.move.what)

    @property
    def all_tasks(self) -> list[Row]:
        """The open ones twice: what is closed is tried less often."""
        return [*self.world.open, *self.world.open, *self.world.closed]

    @property
    def acting(self) -> list[Row]:
        return [row for row in self.world.open if row["state"] != "waiting"]

    @property
    def held(self) -> list[Row]:
        return [row for row in self.world.open if row["state"] == "assigned"]

    def actor(self, task: Row | None) -> str:
        """Whose task it is, for low numbers; else anybody."""
        if task is not None and self.move.who < RIGHTFUL:
            mine = sorted(self.world.may_act(task) - self.world.recused) or sorted(self.world.may_act(task))
            return self.pick(mine, self.move.who) or "boss"
        return self.anybody

    def only(self, *logins: str) -> str:
        """One of those who may, for low numbers; else anybody."""
        return self.pick(logins, self.move.other) or "boss" if self.move.who < RIGHTFUL else self.anybody

    @property
    def anybody(self) -> str:
        """Whoever it is; where somebody is recused, often him: he is the one who nearly may."""
        barred = sorted(self.world.recused) if self.move.who % 2 else ()
        return self.pick(barred or PEOPLE, self.move.who // 2) or "boss"

    def receivers(self, task: Row, by: str) -> list[str]:
        """Who could get something from this task."""
        return [
            login
            for login in PEOPLE
            if login not in (by, task["assignee"])
            and rights.is_stranger(self.world, task, login)
            and rights.is_eligible(self.world, task, login)
        ]

    def receiver(self, task: Row, by: str) -> str:
        likely = self.receivers(task, by) if self.move.other < RIGHTFUL else []
        return self.pick(likely or PEOPLE, self.move.other) or "boss"

    @property
    def flags(self) -> dict[str, bool]:
        return {name: bool(self.move.how >> place & 1) for place, name in enumerate(FLAGS)}


@dataclass
class Dialogs:
    """What the pages offer at this moment: it only says what to try, never whether it was right."""

    returns: Callable[[str, str], list[str]]  # (task, person) -> elements
    reopenings: Callable[[], list[str]]  # elements
    jumps: Callable[[], list[tuple[str, str]]]  # (token, element)


Build = Callable[[Stage], Act | None]
Chance = Callable[[Stage], object]


@dataclass(frozen=True)
class Verb:
    """How often it is tried, what it needs, and how it is done."""

    build: Build
    weight: int
    chance: Chance


VERBS: dict[str, Verb] = {}


def verb(weight: int, chance: Chance) -> Callable[[Build], Build]:
    """Register a verb. Where ``chance`` finds nothing it is tried seldom: a refusal has to be right, too."""

    def register(build: Build) -> Build:
        VERBS[build.__name__] = Verb(build, weight, chance)
        return build

    return register
