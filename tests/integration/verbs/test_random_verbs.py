"""Random people do random things to random processes, through the engine's one door and on a real database.

Every sequence begins with a fresh process of a random shape. After each step all that ``checks`` states must hold; a refusal
must have changed nothing at all; what was accepted must have been lawful; and at the end an office that only wants to be done
always comes to an end. State is stored and loaded between all steps, as it is in production, and now and then by a new server.

Each sequence follows from its number. BANJIE_VERB_SEQUENCES=5000 runs that many, from BANJIE_VERB_FIRST on, and prints how often
each verb was tried and accepted. One that fails is made shorter before it is told. (A generator of our own: hypothesis repeats
and mutates what it has drawn, and of sequences that can do the most only once they are long, it made far fewer different ones
in the same time.)
"""

from __future__ import annotations

import os
from collections import Counter

from engine.store.base.database import Database
from tests.integration.verbs.sequences import outcome_of, shortened
from tests.integration.verbs.stage import VERBS

SEQUENCES = int(os.environ.get("BANJIE_VERB_SEQUENCES", "10"))
FIRST = int(os.environ.get("BANJIE_VERB_FIRST", "1"))
MANY = 300  # sequences from which on the shares are no accident
SELDOM = 0.005  # of all steps


def test_whatever_people_do_everything_stays_whole(database: Database) -> None:
    tried: Counter[str] = Counter()
    accepted: Counter[str] = Counter()
    for number in range(FIRST, FIRST + SEQUENCES):
        outcome = outcome_of(database, number)
        if outcome.failure is not None:
            short = shortened(database, outcome.sequence, outcome.failure)
            raise AssertionError(f"sequence {number}: {outcome.failure}\n{short.told(database)}") from outcome.failure
        tried += outcome.tried
        accepted += outcome.accepted
    print(table_of(tried, accepted))
    if SEQUENCES >= MANY:
        seldom = {verb for verb in VERBS if accepted[verb] < SELDOM * tried.total()}
        assert not seldom, f"in less than one of two hundred steps people {', '.join(sorted(seldom))}"


def table_of(tried: Counter[str], accepted: Counter[str]) -> str:
    """How often each verb was tried and accepted."""
    lines = [f"{SEQUENCES} sequences, {tried.total()} steps, {accepted.total()} accepted"]
    lines += [f"{verb:12} {tried[verb]:7} tried {accepted[verb]:7} accepted" for verb in sorted(tried)]
    return "\n".join(lines)


def test_a_number_means_the_same_sequence_each_time(database: Database) -> None:
    once, again = outcome_of(database, 2), outcome_of(database, 2)
    assert (once.sequence, once.accepted) == (again.sequence, again.accepted)
