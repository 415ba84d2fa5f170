"""The syntax tree: what FEEL (DMN chapter 10.3) and the JUEL dialect can say, as frozen values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from engine.records import record


@record(kw_only=False)
class Node:
    """Base of all parts of an expression."""


@record(kw_only=False)
class Literal(Node):
    value: Any  # a FEEL value that never changes


@record(kw_only=False)
class Variable(Node):
    name: str
    optional: bool = False  # read as null when absent: only the JUEL idiom execution.getVariable("x")


@record(kw_only=False)
class Path(Node):
    base: Node
    key: str


@record(kw_only=False)
class Filter(Node):
    """``base[predicate]``: items for which the predicate is true, or the item at a 1-based index."""

    base: Node
    predicate: Node


@record(kw_only=False)
class Subscript(Node):
    """JUEL's ``base[key]``: an entry of a map, or the item at a 0-based index."""

    base: Node
    key: Node


@record(kw_only=False)
class Negate(Node):
    operand: Node


@record(kw_only=False)
class Not(Node):
    operand: Node


@record(kw_only=False)
class Empty(Node):
    """JUEL's ``empty x``: null, "", an empty list or an empty map."""

    operand: Node


@record(kw_only=False)
class Arithmetic(Node):
    """A chain of operators of one precedence, from the left: ``first op operand op operand ...``."""

    first: Node
    rest: tuple[tuple[str, Node], ...]  # + - * / ** and JUEL's %


@record(kw_only=False)
class Comparison(Node):
    operator: str  # = != < <= > >=
    left: Node
    right: Node


@record(kw_only=False)
class Logic(Node):
    operator: str  # and, or
    operands: tuple[Node, ...]


@record(kw_only=False)
class Between(Node):
    value: Node
    low: Node
    high: Node


@record(kw_only=False)
class UnaryComparison(Node):
    """``< 5``: a test of a value that stands outside; as an expression of its own it is a range (DMN 1.4)."""

    operator: str
    operand: Node


@record(kw_only=False)
class In(Node):
    """Does one of the tests hold for the value? In a ``cell`` of a decision table a test may be a whole condition."""

    value: Node
    tests: tuple[Node, ...]
    cell: bool = False


@record(kw_only=False)
class RangeOf(Node):
    start: Node
    end: Node
    start_included: bool
    end_included: bool


@record(kw_only=False)
class TypeName(Node):
    """A type: its name, the types in ``<...>``, and for contexts the names of the entries."""

    name: str
    arguments: tuple[TypeName, ...] = ()
    keys: tuple[str, ...] = ()


@record(kw_only=False)
class InstanceOf(Node):
    value: Node
    type: TypeName


@record(kw_only=False)
class If(Node):
    condition: Node
    then: Node
    otherwise: Node
    strict: bool = False  # JUEL: a condition that is neither true nor false is an error, not the second branch


@record(kw_only=False)
class Binding(Node):
    """``name in source`` or ``name in source..end``."""

    name: str
    source: Node
    end: Node | None = None


@record(kw_only=False)
class For(Node):
    bindings: tuple[Binding, ...]
    body: Node


@record(kw_only=False)
class Quantified(Node):
    every: bool
    bindings: tuple[Binding, ...]
    condition: Node


@record(kw_only=False)
class ListOf(Node):
    items: tuple[Node, ...]


@record(kw_only=False)
class ContextOf(Node):
    entries: tuple[tuple[str, Node], ...]


@record(kw_only=False)
class FunctionOf(Node):
    parameters: tuple[str, ...]
    types: tuple[TypeName | None, ...]
    body: Node


@record(kw_only=False)
class Call(Node):
    """A call by name. ``names`` is empty for arguments by position, else it has one name for each argument."""

    name: str
    arguments: tuple[Node, ...]
    names: tuple[str, ...] = ()
    position: int = 0


@record(kw_only=False)
class Invoke(Node):
    """A call of a function that is itself the value of an expression."""

    function: Node
    arguments: tuple[Node, ...]
    names: tuple[str, ...] = ()


@record(kw_only=False)
class IsDefined(Node):
    operand: Node


@record(kw_only=False)
class GetOrElse(Node):
    operand: Node
    default: Node


@record(kw_only=False)
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
