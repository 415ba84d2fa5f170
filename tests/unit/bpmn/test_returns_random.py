"""Random processes, completed and returned at random, against an oracle that knows blocks and no tokens (P-3.1 to P-3.6).

The oracle keeps the tree of what has run. To return is to cut it: at the nearest row or loop that holds both the returner and,
further left, the target, everything right of the target goes. So "no token lost, none doubled" is not asked of the machine; it
follows from opening the same tasks, offering the same targets, and coming to the end together.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from engine.errors import Conflict
from engine.runtime.returning import ReturnTarget
from tests.unit.bpmn.bpmn_builder import bpmn, end, path, start
from tests.unit.bpmn.driving import Run
from tests.unit.bpmn.test_run_random import FLAGS, Block, Drawing, alike, blocks, thorough

IN_ORDER = ("row", "loop", "choice", "sub", "each in order")
FORKS = ("fork", "inclusive")
SCOPES = ("sub", "each", "each in order")
Variables = Mapping[str, Any]


class NamedDrawing(Drawing):
    """Remembers by which element a subprocess or a fork is returned to as a whole."""

    def draw(self, block: Block) -> tuple[str, str, list[str]]:
        first, last, xml = super().draw(block)
        if block.kind in SCOPES + FORKS:
            block.id = first
        return first, last, xml


class Tree:
    """A block that has begun: its parts that have begun, in order, the last one (or, in a fork, all) perhaps still running."""

    def __init__(self, block: Block, variables: Variables) -> None:
        self.block = block
        self.parts: list[Tree] = []
        self.over = block.kind in ("task", "script")
        self.straight: tuple[Tree, list[Tree]] | None = None  # where to go when this task is completed again
        if block.kind in IN_ORDER:
            chosen = [block.parts[0]]
            if block.kind == "choice":
                chosen = [block.parts[0 if variables[block.flags[0]] else 1]]
            self.parts = [Tree(part, variables) for part in chosen]
        elif block.kind == "fork":
            self.parts = [Tree(part, variables) for part in block.parts]
        elif block.kind == "inclusive":
            chosen = [part for part, flag in zip(block.parts, block.flags, strict=False) if variables[flag]]
            self.parts = [Tree(part, variables) for part in chosen or block.parts[-1:]]
        elif block.kind == "each":
            self.parts = [Tree(block.parts[0], variables) for _ in variables["items"]]
        self.settle(variables)

    def settle(self, variables: Variables) -> None:
        kind = self.block.kind
        while not self.over and self.parts and all(part.over for part in self.parts):
            begun = len(self.parts)
            if kind == "row" and begun < len(self.block.parts):
                self.parts.append(Tree(self.block.parts[begun], variables))
            elif (kind == "each in order" and begun < len(variables["items"])) or (
                kind == "loop" and variables[self.block.flags[0]]
            ):
                self.parts.append(Tree(self.block.parts[0], variables))
            else:
                self.over = True

    def open(self) -> "Iterator[list[Tree]]":
        """The ways down to the open tasks."""
        if self.over:
            return
        if self.block.kind == "user":
            yield [self]
        for part in self.parts:
            for way in part.open():
                yield [self, *way]

    def copy(self) -> "Tree":
        made = object.__new__(Tree)
        made.block, made.over, made.straight = self.block, self.over, None
        made.parts = [part.copy() for part in self.parts]
        return made

    def begin_insides_anew(self, variables: Variables) -> None:
        """What is come straight back to is entered again: the inside of a subprocess begins anew."""
        for index, part in enumerate(self.parts):
            if part.over:
                continue
            if part.block.kind in SCOPES:
                self.parts[index] = Tree(part.block, variables)
            else:
                part.begin_insides_anew(variables)
        self.settle(variables)

    def places(self) -> "Iterator[list[Tree]]":
        """The ways down to what can be returned to in this finished block, the latest first."""
        if self.block.kind in ("user", *SCOPES, *FORKS):
            yield [self]
        if self.block.kind in ("row", "loop", "choice") or (self.block.kind == "inclusive" and len(self.parts) == 1):
            for part in reversed(self.parts):
                for way in part.places():
                    yield [self, *way]


def settle_up(way: list[Tree], variables: Variables) -> None:
    for tree in reversed(way):
        tree.settle(variables)


def complete(way: list[Tree], variables: Variables) -> None:
    task = way[-1]
    if task.straight is None:
        task.over = True
    else:
        tree, parts = task.straight
        task.straight = None
        tree.parts = parts
        tree.begin_insides_anew(variables)
        way = way[: way.index(tree) + 1]
    settle_up(way, variables)


def targets(way: list[Tree]) -> dict[str, tuple[int, list[Tree]]]:
    """What the task at the end of ``way`` can return to: id -> depth at which the tree is cut, and the way down from there."""
    found: dict[str, tuple[int, list[Tree]]] = {}
    for depth in range(len(way) - 2, -1, -1):
        tree = way[depth]
        if tree.block.kind in ("row", "loop"):
            for part in reversed(tree.parts[:-1]):
                for down in part.places():
                    found.setdefault(down[-1].block.id, (depth, down))
        elif tree.block.kind in FORKS:
            found.setdefault(tree.block.id, (depth, []))
    here = {tree.block.id for tree in way if tree.block.kind in ("user", *SCOPES)}  # not to an earlier round of itself
    return {id: where for id, where in found.items() if id not in here}


def return_to(way: list[Tree], depth: int, down: list[Tree], variables: Variables, *, straight: bool) -> None:
    tree = way[depth]
    if not down:  # the fork around us
        way[depth - 1].parts[way[depth - 1].parts.index(tree)] = Tree(tree.block, variables)
        settle_up(way[:depth], variables)
        return
    before = [part.copy() for part in tree.parts]
    above = tree
    for part in down[:-1]:
        cut_after(above, part)
        above = part
    cut_after(above, down[-1])
    above.parts[-1] = fresh = Tree(down[-1].block, variables)
    if straight:
        fresh.straight = (tree, before)
    settle_up([*way[: depth + 1], *down[:-1]], variables)


def cut_after(tree: Tree, part: Tree) -> None:
    tree.over = False
    del tree.parts[tree.parts.index(part) + 1 :]


def can_be_straight(way: list[Tree], depth: int, down: list[Tree]) -> bool:
    inside = any(tree.block.kind in SCOPES for tree in way[depth + 1 :])
    return bool(down) and down[-1].block.kind == "user" and not inside


def names(tree: Tree) -> list[str]:
    return sorted(way[-1].block.id for way in tree.open())


def offered(found: list[ReturnTarget]) -> set[str]:
    return {target.element_id for target in found if target.possible}


def model_of(block: Block) -> bytes:
    first, last, xml = NamedDrawing().draw(block)
    return bpmn(start(), *xml, end(), path("start", first), path(last, "end"))


# Who acts, on what (0 completes, else a return), straight or step by step, and what the form decides.
acts = st.lists(
    st.tuples(st.integers(0, 50), st.integers(0, 50), st.booleans(), st.booleans(), st.booleans(), st.booleans()),
    min_size=4,
    max_size=25,
)


@thorough
@given(blocks(), acts)
def test_the_machine_and_the_oracle_return_to_the_same_places(block: Block, sequence: list[tuple[Any, ...]]) -> None:
    assume(not alike(block))
    (*_, f0, f1, f2), *sequence = sequence
    variables: dict[str, Any] = {"items": [1, 2], **dict(zip(FLAGS, (f0, f1, f2), strict=True))}
    case, oracle = Run(model_of(block), variables, reload=True), Tree(block, variables)
    for who, what, straight, *flags in sequence:
        assert sorted(case.open) == names(oracle)
        if oracle.over:
            break
        way = sorted(oracle.open(), key=lambda way: way[-1].block.id)[who % len(case.open)]
        source, possible = way[-1].block.id, targets(way)
        assert offered(case.returns(source)) == set(possible)
        if what % 2 == 0 or not possible:
            variables.update(zip(FLAGS, flags, strict=True))
            case.complete(source, **dict(zip(FLAGS, flags, strict=True)))
            complete(way, variables)
            continue
        target = sorted(possible)[what // 2 % len(possible)]
        depth, down = possible[target]
        straight = straight and can_be_straight(way, depth, down)
        case.return_to(target, source, straight=straight)
        return_to(way, depth, down, variables, straight=straight)
    finish(case, oracle, variables)


def finish(case: Run, oracle: Tree, variables: dict[str, Any]) -> None:
    """All decide against another round; then both must come to the end together."""
    variables.update(dict.fromkeys(FLAGS, False))
    for _ in range(200):
        assert sorted(case.open) == names(oracle)
        if oracle.over:
            break
        way = next(oracle.open())
        case.complete(way[-1].block.id, **dict.fromkeys(FLAGS, False))
        complete(way, variables)
    assert case.completed
    assert oracle.over


@thorough
@given(blocks(), acts)
def test_whatever_is_returned_everything_can_still_come_to_its_end(
    block: Block, sequence: list[tuple[Any, ...]]
) -> None:
    """Multi-instance subprocesses with people inside too, where the oracle could not tell one instance from another."""
    case = Run(model_of(block), {"items": [1, 2], **dict.fromkeys(FLAGS, True)}, reload=True)
    for who, what, straight, *flags in sequence:
        if case.completed:
            return
        task = case.step.tasks[who % len(case.step.tasks)]
        index = [each.token_id for each in case.step.tasks if each.element_id == task.element_id].index(task.token_id)
        possible = sorted(offered(case.returns(task.element_id, index)))
        if what % 2 == 0 or not possible:
            case.complete_token(task.token_id, **dict(zip(FLAGS, flags, strict=True)))
            continue
        target = possible[what // 2 % len(possible)]
        with suppress(Conflict):  # of what is offered only the straight way can be refused
            case.return_to(target, task.element_id, index, straight=straight)
            straight = False
        if straight:
            case.return_to(target, task.element_id, index)
        open_now = [each.token_id for each in case.step.tasks]
        assert len(open_now) == len(set(open_now))
        assert task.token_id not in open_now
    last = block.parts[-1].id
    for _ in range(300):
        if case.completed:
            break
        case.complete_token(case.step.tasks[0].token_id, **dict.fromkeys(FLAGS, False))
    assert case.completed
    assert case.passed().count(last) >= 1


@thorough
@given(blocks(), acts)
def test_p_6_1_what_is_taken_back_at_once_has_never_been(block: Block, sequence: list[tuple[Any, ...]]) -> None:
    """Taking back may reach through joins that others had come to: their arrivals wait there again (P-6.2)."""
    assume(not alike(block))
    (*_, f0, f1, f2), *sequence = sequence
    variables: dict[str, Any] = {"items": [1, 2], **dict(zip(FLAGS, (f0, f1, f2), strict=True))}
    case = Run(model_of(block), variables, reload=True)
    for who, *_, f0, f1, f2 in sequence:
        if case.completed:
            return
        before = sorted(case.open)
        element = before[who % len(before)]
        token = case.task(element).token_id
        case.complete(element, f0=f0, f1=f1, f2=f2)
        after = sorted(case.open)
        if case.completed:
            return
        inside = next(passage.inside for passage in case.passages if passage.token_id == token)
        try:
            case.take_back(token)
        except Conflict:
            assert inside is not None  # only of a subprocess that has ended with it
            continue
        assert sorted(case.open) == before
        assert case.task(element).token_id == token
        case.complete(element)
        assert sorted(case.open) == after
