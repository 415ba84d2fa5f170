"""Random sequences: made from a number, run, and made shorter as long as they fail in the same way."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from random import Random

from engine.bpmn import tokens
from engine.store.base.database import Database
from tests.integration.verbs.acting import drawn
from tests.integration.verbs.shapes import Block, random_shape, simpler
from tests.integration.verbs.stage import STAFF, Move
from tests.integration.verbs.story import Story

TRIES = 120  # runs that may be spent on making one failure shorter


@dataclass(frozen=True)
class Sequence:
    """A process and what is tried with it."""

    shape: Block
    initiator: str
    flags: int
    moves: tuple[Move, ...]

    def run(self, database: Database) -> Story:
        """Raises AssertionError, or whatever the engine raises that it should not."""
        with ids_of(0):
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
            with ids_of(0):
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


@dataclass
class Outcome:
    """What became of one number: the sequence as far as it came, how often what was tried, and what went wrong."""

    sequence: Sequence
    tried: Counter[str] = field(default_factory=Counter)
    accepted: Counter[str] = field(default_factory=Counter)
    failure: Exception | None = None


def outcome_of(database: Database, number: int) -> Outcome:
    """Draw and run the sequence of a number: each step is drawn for the moment in which it is taken."""
    random = Random(number)
    shape, initiator, flags = random_shape(random), random.choice(STAFF), random.randrange(8)
    moves: list[Move] = []
    failure = None
    story = Story(database, shape)
    try:
        with ids_of(0):
            story.begin(initiator, flags)
            for _ in range(random.randint(8, 30)):
                moves.append(drawn(random, story.stage()))
                story.step(moves[-1])
            story.finish()
    except Exception as error:
        failure = error
    return Outcome(Sequence(shape, initiator, flags, tuple(moves)), story.tried, story.accepted, failure)


@contextmanager
def ids_of(number: int) -> Iterator[None]:
    """Ids by number, so that what happens to a sequence once happens to it again: rows made in one moment sort by their ids."""
    random, real = Random(number), uuid.uuid4

    def numbered() -> uuid.UUID:
        return uuid.UUID(int=random.getrandbits(128), version=4)

    uuid.uuid4 = tokens.uuid4 = numbered  # type: ignore[attr-defined]
    try:
        yield
    finally:
        uuid.uuid4 = tokens.uuid4 = real  # type: ignore[attr-defined]


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
