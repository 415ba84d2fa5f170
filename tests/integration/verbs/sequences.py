"""Random sequences: made from a number, run, and made shorter as long as they fail in the same way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random

from engine.store.database import Database
from tests.integration.verbs.acting import STAFF, Move
from tests.integration.verbs.shapes import Block, random_shape, simpler
from tests.integration.verbs.story import Story

# How often each verb is tried: often enough that most sequences get somewhere.
WEIGHTS = {
    "complete": 30,
    "claim": 4,
    "unclaim": 2,
    "assign": 5,
    "delegate": 7,
    "recall": 3,
    "add": 10,
    "remove": 5,
    "send_back": 9,
    "withdraw": 8,
    "close": 2,
    "recuse": 3,
    "lift": 2,
    "grant": 4,
    "revoke": 2,
    "take": 2,
    "take_back": 2,
    "retry": 1,
    "terminate": 1,
    "cancel": 1,
    "jump": 3,
    "reopen": 3,
    "time": 5,
}
TRIES = 120  # runs that may be spent on making one failure shorter


@dataclass(frozen=True)
class Sequence:
    """A process and what is tried with it."""

    shape: Block
    initiator: str
    flags: int
    moves: tuple[Move, ...]

    @classmethod
    def of(cls, number: int) -> Sequence:
        random = Random(number)
        verbs = random.choices(list(WEIGHTS), list(WEIGHTS.values()), k=random.randint(8, 30))
        moves = tuple(Move(verb, *(random.randrange(100) for _ in range(4))) for verb in verbs)
        return cls(random_shape(random), random.choice(STAFF), random.randrange(8), moves)

    def run(self, database: Database) -> Story:
        """Raises AssertionError, or whatever the engine raises that it should not."""
        story = Story(database, self.shape)
        story.begin(self.initiator, self.flags)
        for move in self.moves:
            story.step(move)
        story.finish()
        return story

    def told(self, database: Database) -> str:
        """The sequence in words, up to where it fails."""
        said = [repr(self.shape), f"started by {self.initiator}, flags {self.flags}"]
        story = Story(database, self.shape)
        try:
            story.begin(self.initiator, self.flags)
            for move in self.moves:
                said.append(story.tell(move))
                story.step(move)
            said.append("the way to the end")
            story.finish()
        except Exception as error:
            said.append(f"{type(error).__name__}: {error}")
        return "\n".join(said)

    def shorter(self) -> Iterator[Sequence]:
        size = max(1, len(self.moves) // 2)
        while self.moves:
            for place in range(0, len(self.moves), size):
                yield replace(self, moves=self.moves[:place] + self.moves[place + size :])
            if size == 1:
                break
            size //= 2
        first, *rest = self.shape.parts
        for less in simpler(replace(self.shape, parts=[first, *rest])):
            if less.kind == "row":
                yield replace(self, shape=less)


def failure_of(database: Database, sequence: Sequence) -> Exception | None:
    """What goes wrong, or None."""
    try:
        sequence.run(database)
    except Exception as error:
        return error
    return None


def shortened(database: Database, sequence: Sequence, failure: Exception) -> Sequence:
    """The shortest sequence found that fails in the same way."""
    tries = 0
    again = True
    while again:
        again = False
        for less in sequence.shorter():
            tries += 1
            if tries > TRIES:
                return sequence
            found = failure_of(database, less)
            if found is not None and _way(found) == _way(failure):
                sequence, again = less, True
                break
    return sequence


def _way(failure: Exception) -> tuple[type[Exception], str]:
    """How it fails, without names and numbers."""
    words = (word for word in str(failure).split() if word.isalpha())
    return type(failure), " ".join(list(words)[:6])
