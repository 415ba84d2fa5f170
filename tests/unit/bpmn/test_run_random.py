"""Random structured processes, against a second, much simpler reading of the same blocks, and with and without reloading.

A process is a tree of blocks: a task, blocks in a row, a choice, a fork, an inclusive fork, a loop, a subprocess, a
multi-instance subprocess. The oracle interprets the tree itself and knows nothing of tokens and flows.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.bpmn.bpmn_builder import bpmn, end, flow, inc, multi, par, path, script, start, sub, task, user, xor
from tests.unit.bpmn.driving import Run

FLAGS = ("f0", "f1", "f2")


@dataclass
class Block:
    """A kind with its parts; ``flags`` are the variables that decide."""

    kind: str
    parts: list["Block"] = field(default_factory=list)
    flags: tuple[str, ...] = ()
    id: str = ""


def blocks() -> st.SearchStrategy[Block]:
    flag = st.sampled_from(FLAGS)
    leaf = st.sampled_from(["user", "user", "task", "script"]).map(Block)

    def grow(inner: st.SearchStrategy[Block]) -> st.SearchStrategy[Block]:
        several = st.lists(inner, min_size=2, max_size=3)
        return st.one_of(
            st.builds(Block, st.just("row"), several),
            st.builds(Block, st.just("choice"), st.lists(inner, min_size=2, max_size=2), flag.map(lambda f: (f,))),
            st.builds(Block, st.just("fork"), several),
            st.builds(Block, st.just("inclusive"), st.lists(inner, min_size=3, max_size=3), st.just(FLAGS[:2])),
            st.builds(
                Block,
                st.just("loop"),
                inner.map(lambda b: [Block("row", [Block("user"), b])]),
                flag.map(lambda f: (f,)),
            ),
            st.builds(Block, st.just("sub"), inner.map(lambda b: [b])),
            st.builds(Block, st.sampled_from(["each", "each in order"]), inner.map(lambda b: [b])),
        )

    # A task at the end shows whether a join before it lets a token through too early.
    return st.recursive(leaf, grow, max_leaves=10).map(lambda block: Block("row", [block, Block("user")]))


# -- the blocks as BPMN ------------------------------------------------------------------------------------------------


class Drawing:
    """Draws blocks; every block has one way in and one way out."""

    def __init__(self) -> None:
        self.number = 0

    def name(self, kind: str) -> str:
        self.number += 1
        return f"{kind}{self.number}"

    def draw(self, block: Block) -> tuple[str, str, list[str]]:
        """Return the first and the last element, and the XML."""
        if block.kind in ("user", "task", "script"):
            block.id = self.name(block.kind)
            make: dict[str, Callable[[str], str]] = {
                "user": user,
                "task": task,
                "script": lambda id: script(id, "s = 1"),
            }
            return block.id, block.id, [make[block.kind](block.id)]
        if block.kind == "row":
            drawn = [self.draw(part) for part in block.parts]
            joins = [flow(one[1], two[0]) for one, two in pairwise(drawn)]
            return drawn[0][0], drawn[-1][1], [*(xml for item in drawn for xml in item[2]), *joins]
        if block.kind == "loop":
            return self.loop(block)
        if block.kind in ("sub", "each", "each in order"):
            return self.subprocess(block)
        return self.branches(block)

    def loop(self, block: Block) -> tuple[str, str, list[str]]:
        first, last, xml = self.draw(block.parts[0])
        before, after, out = self.name("again"), self.name("more"), self.name("out")
        return (
            before,
            out,
            [
                xor(before),
                xor(after, default=f"{after}-{out}"),
                task(out),
                *xml,
                flow(before, first),
                flow(last, after),
                flow(after, before, when=block.flags[0]),
                flow(after, out),
            ],
        )

    def subprocess(self, block: Block) -> tuple[str, str, list[str]]:
        first, last, xml = self.draw(block.parts[0])
        id, begin, finish = self.name("sub"), self.name("start"), self.name("end")
        marker = {
            "each": multi(over="=items", item="item", into="out", result="=item"),
            "each in order": multi(over="=items", item="item", sequential=True),
        }.get(block.kind, "")
        return id, id, [sub(id, marker, start(begin), *xml, end(finish), flow(begin, first), flow(last, finish))]

    def branches(self, block: Block) -> tuple[str, str, list[str]]:
        split, join = self.name("split"), self.name("join")
        drawn = [self.draw(part) for part in block.parts]
        last = f"{split}-{drawn[-1][0]}"
        gateways = {
            "fork": (par(split), par(join)),
            "choice": (xor(split, default=last), xor(join)),
            "inclusive": (inc(split, default=last), inc(join)),
        }[block.kind]
        xml = [*gateways]
        for number, (first, end_of, inside) in enumerate(drawn):
            when = None if block.kind == "fork" or number == len(drawn) - 1 else block.flags[number]
            xml += [*inside, flow(split, first, when=when), flow(end_of, join)]
        return split, join, xml


# -- the blocks as the oracle sees them --------------------------------------------------------------------------------


class Live:
    """A running block: the open tasks in it, and whether it is over."""

    def __init__(self, block: Block, variables: Mapping[str, Any]) -> None:
        self.block = block
        self.inner: list[Live] = []
        self.place = 0
        self.over = False
        self.begin(variables)

    def begin(self, variables: Mapping[str, Any]) -> None:
        block = self.block
        if block.kind == "user":
            return
        if block.kind in ("task", "script"):
            self.over = True
            return
        chosen = block.parts[:1] if block.kind in ("row", "loop", "sub", "each in order") else list(block.parts)
        if block.kind == "choice":
            chosen = [block.parts[0 if variables[block.flags[0]] else 1]]
        elif block.kind == "inclusive":
            chosen = [part for part, flag in zip(block.parts, block.flags, strict=False) if variables[flag]] or [
                block.parts[-1]
            ]
        elif block.kind == "each":
            chosen = block.parts * len(variables["items"])
        self.inner = [Live(part, variables) for part in chosen]
        self.settle(variables)

    def settle(self, variables: Mapping[str, Any]) -> None:
        while not self.over and all(live.over for live in self.inner):
            self.place += 1
            kind = self.block.kind
            if kind == "row" and self.place < len(self.block.parts):
                self.inner = [Live(self.block.parts[self.place], variables)]
            elif (kind == "each in order" and self.place < len(variables["items"])) or (
                kind == "loop" and variables[self.block.flags[0]]
            ):
                self.inner = [Live(self.block.parts[0], variables)]
            else:
                self.over = True

    def open(self) -> Iterator["Live"]:
        if self.block.kind == "user" and not self.over:
            yield self
        for live in self.inner:
            yield from live.open()

    def complete(self, id: str, variables: Mapping[str, Any]) -> bool:
        """Complete one open task of that id; which of several alike does not matter."""
        if self.block.kind == "user" and self.block.id == id and not self.over:
            self.over = True
            return True
        for live in self.inner:
            if live.complete(id, variables):
                self.settle(variables)
                return True
        return False


def names(tasks: Iterator[Live]) -> list[str]:
    return sorted(live.block.id for live in tasks)


def alike(block: Block, inside: int = 0) -> bool:
    """Does the block hold the same task several times at once, so that it matters which of them is completed?"""
    if block.kind == "user":
        return inside > 0
    return any(alike(part, inside + (block.kind == "each")) for part in block.parts)


# Which of the open tasks is completed next, and what it decides; the first entry decides before anything runs.
choices = st.lists(st.tuples(st.integers(0, 50), st.booleans(), st.booleans(), st.booleans()), min_size=2, max_size=14)
thorough = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def model_of(block: Block) -> bytes:
    first, last, xml = Drawing().draw(block)
    return bpmn(start(), *xml, end(), path("start", first), path(last, "end"))


@thorough
@given(blocks(), choices)
def test_the_machine_and_the_oracle_open_the_same_tasks(
    block: Block, decisions: list[tuple[int, bool, bool, bool]]
) -> None:
    (_, *flags), *decisions = decisions
    variables: dict[str, Any] = {"items": [1, 2], **dict(zip(FLAGS, flags, strict=True))}
    model = model_of(block)
    case, oracle = Run(model, variables), Live(block, variables)
    for number, *flags in decisions:
        assert sorted(case.open) == names(oracle.open())
        assert case.completed == oracle.over
        if oracle.over:
            return
        if alike(block):
            number = 0  # both complete the first of several alike
        element = sorted(case.open)[number % len(case.open)]
        variables.update(zip(FLAGS, flags, strict=True))
        case.complete(element, **dict(zip(FLAGS, flags, strict=True)))
        assert oracle.complete(element, variables)


@thorough
@given(blocks(), choices)
def test_reloading_between_all_steps_changes_nothing(
    block: Block, decisions: list[tuple[int, bool, bool, bool]]
) -> None:
    (_, *flags), *decisions = decisions
    variables: dict[str, Any] = {"items": [1, 2], **dict(zip(FLAGS, flags, strict=True))}
    model = model_of(block)
    straight, reloaded = Run(model, variables), Run(model, variables, reload=True)
    for number, *flags in decisions:
        if straight.completed:
            break
        index = number % len(straight.step.tasks)
        for case in (straight, reloaded):
            case.complete_token(case.step.tasks[index].token_id, **dict(zip(FLAGS, flags, strict=True)))
    assert straight.whole_trace() == reloaded.whole_trace()
    assert straight.variables == reloaded.variables
    assert straight.ended == reloaded.ended
