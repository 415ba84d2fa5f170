"""Where the tokens of a process that was drawn of blocks may stand.

A block has one way in and one way out. So at rest a running process has exactly one thread in its outermost block, and from
there on inwards: one part of a row, of a choice or of a loop; each branch of a fork either runs or has arrived at the join,
never both; a subprocess that runs has a thread inside. ``threads`` counts them in the stored state, which it reads as plain
JSON: it shares no code with the machine and knows neither commands nor history.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.integration.verbs.shapes import LEAVES, Block

Token = list[Any]  # [id, element, state, parent, data?, scope?, inside?]


@dataclass
class Found:
    """How many threads run in a block: on its way through, and beside it (after a timer that interrupts nothing)."""

    main: int = 0
    beside: int = 0

    def __add__(self, other: Found) -> Found:
        return Found(self.main + other.main, self.beside + other.beside)


class Standing:
    """The tokens of one scope, by element; ``arrived`` are the flows at whose ends they wait in joins, each with its count."""

    def __init__(self, tokens: Iterable[Token]) -> None:
        self.rows = list(tokens)
        self.at: dict[str, list[int]] = {}
        self.arrived: dict[str, int] = {}
        for place, row in enumerate(self.rows):
            if row[3] >= 0:
                continue
            self.at.setdefault(row[1], []).append(place)
            for flow_id in (row[4] if len(row) > 4 else {}).get("arrived", ()):
                self.arrived[flow_id] = self.arrived.get(flow_id, 0) + 1

    def count(self, element: str) -> int:
        return len(self.at.get(element, ()))

    def insides(self, element: str) -> list[Standing]:
        """The scopes within the tokens at ``element``: one, or one for each instance of a multi-instance."""
        found = []
        for place in self.at.get(element, ()):
            bodies = [row for row in self.rows if row[3] == place and row[1] == f"{element}#instance"]
            for row in bodies or [self.rows[place]]:
                if len(row) > 6:
                    found.append(Standing(row[6][2]))
        return found


def check_threads(block: Block, state: Mapping[str, Any]) -> None:
    """Raise AssertionError when a token of a running instance is lost or doubled. ``state`` is what the machine has stored."""
    standing = Standing(state["t"])
    found = threads(block, standing)
    assert found.main <= 1, f"{found.main} threads in {block}"
    assert found.main + found.beside >= 1, f"no thread in {block}: {state['t']}"


def threads(block: Block, standing: Standing) -> Found:
    """Count the threads in a block; raise AssertionError where there are more or fewer than can be."""
    if block.kind in LEAVES:
        return _at_most_one(block, Found(standing.count(block.id)))
    if block.kind in ("sub", "each", "each in order", "call"):
        return _scope(block, standing)
    if block.kind in ("fork", "inclusive"):
        return _fork(block, standing)
    if block.kind == "reminded":
        host, other = (threads(part, standing) for part in block.parts)
        return Found(host.main, host.beside + other.main)
    if block.kind == "beaten":  # it leads there on each of three days
        return Found(threads(block.parts[0], standing).main, standing.count(block.parts[1].id))
    return _at_most_one(block, sum((threads(part, standing) for part in block.parts), Found()))


def _at_most_one(block: Block, found: Found) -> Found:
    assert found.main <= 1, f"{found.main} threads in {block}"
    return found


def _scope(block: Block, standing: Standing) -> Found:
    here = standing.count(block.id)
    assert here <= 1, f"{block} runs {here} times"
    insides = [threads(block.parts[0], inside) for inside in standing.insides(block.id)]
    for inside in insides:
        assert inside.main <= 1 and inside.main + inside.beside >= 1, f"{inside} in {block}"
    assert bool(insides) == bool(here), f"{block} runs without its inside"
    if block.kind != "each":
        assert len(insides) <= 1, f"{len(insides)} insides of {block}"
    return Found(here)


def _fork(block: Block, standing: Standing) -> Found:
    found = [threads(part, standing) for part in block.parts]
    arrived = [standing.arrived.get(f"{block.id}-{number}", 0) for number in range(len(found))]
    both = [inside.main + waits for inside, waits in zip(found, arrived, strict=True)]
    beside = sum(inside.beside for inside in found)
    if not any(both):
        return Found(0, beside)
    assert max(both) <= 1, f"a branch of {block} runs twice: {both}"
    assert any(inside.main for inside in found), f"all branches of {block} have arrived and the join waits"
    if block.kind == "fork":
        assert min(both) == 1, f"a branch of {block} is lost: {both}"
    return Found(1, beside)
