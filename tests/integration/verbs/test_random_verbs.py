"""Random people do random things to random processes, through the engine's one door and on a real database.

Every sequence begins with a fresh process of a random shape. After each step all that ``checks`` states must hold; a refusal
must have changed nothing at all; what was accepted must have been lawful; and at the end an office that only wants to be done
always comes to an end. State is stored and loaded between all steps, as it is in production.

Each sequence follows from its number. BANJIE_VERB_SEQUENCES=5000 runs that many, from BANJIE_VERB_FIRST on. One that fails is
made shorter before it is told. (A generator of our own: hypothesis repeats and mutates what it has drawn, and of sequences that
can do the most only once they are long, it made far fewer different ones in the same time.)
"""

from __future__ import annotations

import os

from engine.store.database import Database
from tests.integration.verbs.sequences import Sequence, failure_of, shortened

SEQUENCES = int(os.environ.get("BANJIE_VERB_SEQUENCES", "10"))
FIRST = int(os.environ.get("BANJIE_VERB_FIRST", "1"))


def test_whatever_people_do_everything_stays_whole(database: Database) -> None:
    for number in range(FIRST, FIRST + SEQUENCES):
        sequence = Sequence.of(number)
        failure = failure_of(database, sequence)
        if failure is not None:
            short = shortened(database, sequence, failure)
            raise AssertionError(f"sequence {number}: {failure}\n{short.told(database)}") from failure
