"""Which names an expression takes from outside, and which functions it calls: for the checks at upload."""

from dataclasses import dataclass, field

from engine.feel import syntax as s
from engine.feel.functions import BUILTINS


@dataclass(slots=True)
class FreeNames:
    """``required`` must be there when the expression runs; ``optional`` may be absent or may be keys of list items."""

    required: set[str] = field(default_factory=set)
    optional: set[str] = field(default_factory=set)
    functions: set[str] = field(default_factory=set)


def free_names(root: s.Node) -> FreeNames:
    """Return the names that ``root`` does not bind itself: loop variables, parameters and keys of contexts are bound."""
    found = FreeNames()
    _visit(root, frozenset({"?"}), False, found)  # the input of a decision table cell is no variable
    found.optional -= found.required
    return found


def _visit(node: s.Node, bound: frozenset[str], lenient: bool, found: FreeNames) -> None:
    match node:
        case s.Variable(name, optional):
            if name not in bound:
                (found.optional if optional or lenient else found.required).add(name)
        case s.For(bindings, body):
            _visit(body, _bind(bindings, bound | {"partial"}, lenient, found), lenient, found)
        case s.Quantified(_, bindings, condition):
            _visit(condition, _bind(bindings, bound, lenient, found), lenient, found)
        case s.FunctionOf(parameters, _, body):
            _visit(body, bound | set(parameters), lenient, found)
        case s.ContextOf(entries):
            for key, value in entries:
                _visit(value, bound | {key} if isinstance(value, s.FunctionOf) else bound, lenient, found)
                bound |= {key}
        case s.Filter(base, predicate):
            _visit(base, bound, lenient, found)
            # A name in a filter may be a key of the items, which only the data can tell.
            _visit(predicate, bound | {"item"}, True, found)
        case s.IsDefined(operand):
            _visit(operand, bound, True, found)
        case s.GetOrElse(operand, default):
            _visit(operand, bound, True, found)
            _visit(default, bound, lenient, found)
        case s.Call(name, arguments):
            if name not in bound:
                found.functions.add(name)
            _visit_arguments(arguments, bound, lenient, found)
        case s.Invoke(function, arguments):
            _visit(function, bound, lenient, found)
            _visit_arguments(arguments, bound, lenient, found)
        case _:
            for child in s.children(node):
                _visit(child, bound, lenient, found)


def _visit_arguments(arguments: tuple[s.Node, ...], bound: frozenset[str], lenient: bool, found: FreeNames) -> None:
    for argument in arguments:
        # The name of a built-in function may stand for the function: sort(list, before).
        is_function = isinstance(argument, s.Variable) and argument.name in BUILTINS
        _visit(argument, bound, lenient or is_function, found)


def _bind(bindings: tuple[s.Binding, ...], bound: frozenset[str], lenient: bool, found: FreeNames) -> frozenset[str]:
    for binding in bindings:
        _visit(binding.source, bound, lenient, found)
        if binding.end is not None:
            _visit(binding.end, bound, lenient, found)
        bound |= {binding.name}
    return bound
