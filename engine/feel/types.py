"""Does a value belong to a type: ``instance of`` and the types of parameters (DMN 10.3.2.9)."""

from typing import Any

from engine.feel.run import Run
from engine.feel.syntax import TypeName
from engine.feel.values import kind


def conforms(value: Any, expected: TypeName, run: Run) -> bool:
    """Is the value of this type? null belongs to every type here; ``instance of`` asks before."""
    run.spend(1)
    if value is None or expected.name == "Any":
        return True
    if kind(value) != expected.name:
        return False
    if not expected.arguments:
        return True
    if expected.name == "list":
        return all(conforms(item, expected.arguments[0], run) for item in value)
    if expected.name == "context":
        pairs = zip(expected.keys, expected.arguments, strict=True)
        return all(key in value and conforms(value[key], argument, run) for key, argument in pairs)
    if expected.name == "range":
        return all(conforms(end, expected.arguments[0], run) for end in (value.start, value.end))
    return len(expected.arguments) - 1 == len(value.parameters)
