"""The syntax tree: what FEEL (DMN chapter 10.3) and the JUEL dialect can say, as frozen values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class Node:
    """Base of all parts of an expression."""


@dataclass(frozen=True, slots=True)
class Literal(Node):
    value: Any  # a FEEL value that never changes


@dataclass(frozen=True, slots=True)
class Variable(Node):
    name: str
    optional: bool = False  # read as null when absent: only the JUEL idiom execution.getVariable("x")


@dataclass(frozen=True, slots=True)
class Path(Node):
    base: Node
    key: str


@dataclass(frozen=True, slots=True)
class Filter(Node):
    """``base[predicate]``: items for which the predicate is true, or the item at a 1-based index."""

    base: Node
    predicate: Node


@dataclass(frozen=True, slots=True)
class Subscript(Node):
    """JUEL's ``base[key]``: an entry of a map, or the item at a 0-based index."""

    base: Node
    key: Node


@dataclass(frozen=True, slots=True)
class Negate(Node):
    operand: Node


@dataclass(frozen=True, slots=True)
class Not(Node):
    operand: Node


@dataclass(frozen=True, slots=True)
class Empty(Node):
    """JUEL's ``empty x``: null, "", an empty list or an empty map."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """A chain of operators of one precedence, from the left: ``first op operand op operand ...``."""

    first: Node
    rest: tuple[tuple[str, Node], ...]  # + - * / ** and JUEL's %


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    operator: str  # = != < <= > >=
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Logic(Node):
    operator: str  # and, or
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Between(Node):
    value: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class UnaryComparison(Node):
    """``< 5``: a test of a value that stands outside; as an expression of its own it is a range (DMN 1.4)."""

    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class In(Node):
    """Does one of the tests hold for the value? In a ``cell`` of a decision table a test may be a whole condition."""

    value: Node
    tests: tuple[Node, ...]
    cell: bool = False


@dataclass(frozen=True, slots=True)
class RangeOf(Node):
    start: Node
    end: Node
    start_included: bool
    end_included: bool


@dataclass(frozen=True, slots=True)
class TypeName(Node):
    """A type: its name, the types in ``<...>``, and for contexts the names of the entries."""

    name: str
    arguments: tuple[TypeName, ...] = ()
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InstanceOf(Node):
    value: Node
    type: TypeName


@dataclass(frozen=True, slots=True)
class If(Node):
    condition: Node
    then: Node
    otherwise: Node
    strict: bool = False  # JUEL: a condition that is neither true nor false is an error, not the second branch


@dataclass(frozen=True, slots=True)
class Binding(Node):
    """``name in source`` or ``name in source..end``."""

    name: str
    source: Node
    end: Node | None = None


@dataclass(frozen=True, slots=True)
class For(Node):
    bindings: tuple[Binding, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class Quantified(Node):
    every: bool
    bindings: tuple[Binding, ...]
    condition: Node


@dataclass(frozen=True, slots=True)
class ListOf(Node):
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class ContextOf(Node):
    entries: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class FunctionOf(Node):
    parameters: tuple[str, ...]
    types: tuple[TypeName | None, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A call by name. ``names`` is empty for arguments by position, else it has one name for each argument."""

    name: str
    arguments: tuple[Node, ...]
    names: tuple[str, ...] = ()
    position: int = 0


@dataclass(frozen=True, slots=True)
class Invoke(Node):
    """A call of a function that is itself the value of an expression."""

    function: Node
    arguments: tuple[Node, ...]
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IsDefined(Node):
    operand: Node


@dataclass(frozen=True, slots=True)
class GetOrElse(Node):
    operand: Node
    default: Node


@dataclass(frozen=True, slots=True)
class Template(Node):
    """Text with expressions in it: each part's text, joined."""

    parts: tuple[Node, ...]


def children(node: Node) -> Iterator[Node]:
    """Yield the parts that stand directly under ``node``, in the order of the text."""
    for field in fields(node):
        yield from _nodes_in(getattr(node, field.name))


def _nodes_in(value: object) -> Iterator[Node]:
    if isinstance(value, Node):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _nodes_in(item)


def walk(root: Node) -> Iterator[Node]:
    """Yield ``root`` and every part of it, in no particular order, without recursion."""
    return (node for node, _ in _walk_with_depth(root))


def measure(root: Node) -> tuple[int, int]:
    """Return the number of parts and the depth of the tree."""
    depths = [depth for _, depth in _walk_with_depth(root)]
    return len(depths), max(depths)


def _walk_with_depth(root: Node) -> Iterator[tuple[Node, int]]:
    open_nodes = [(root, 1)]
    while open_nodes:
        node, depth = open_nodes.pop()
        yield node, depth
        open_nodes.extend((child, depth + 1) for child in children(node))
