"""Which step comes next, and the act that it means: verbs with a chance are drawn more often than those without."""

from __future__ import annotations

from random import Random

from tests.integration.verbs import acts_of_asking, acts_on_instances, acts_on_tasks
from tests.integration.verbs.shapes import FRAGILE
from tests.integration.verbs.stage import VERBS, Act, Move, Stage

ROOMS = (acts_on_tasks, acts_of_asking, acts_on_instances)  # importing them makes their verbs known
# Steps that nobody takes: time goes on; another server takes over; the machine behind service tasks stops, or runs again.
WITHOUT = {"time": 6, "restart": 2, "outage": 0.2}
HOPELESS = 0.4  # the weight of a verb with nothing to do


def drawn(random: Random, stage: Stage) -> Move:
    """A random step for this moment."""
    weights: dict[str, float] = dict(WITHOUT)
    if any(element.startswith(FRAGILE) for element in stage.world.elements):
        weights["outage"] = 150 if stage.world.incidents and stage.is_broken else 4
    for name, verb in VERBS.items():
        weights[name] = verb.weight if verb.chance(stage) else HOPELESS
    (name,) = random.choices(list(weights), list(weights.values()))
    return Move(name, *(random.randrange(100) for _ in range(4)))


def act_of(stage: Stage) -> Act | None:
    """The act that a move means here and now; None when there is nothing to do it to."""
    return VERBS[stage.move.verb].build(stage)
