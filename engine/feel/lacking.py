"""What is missing for an expression that has no value yet, for people who wait for it."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from engine.feel.errors import FeelError, UnknownName
from engine.feel.expression import Expression

LabelOf = Callable[[str], str]  # how people call a variable


def lacking(
    expression: Expression, variables: Mapping[str, Any], error: FeelError, label_of: LabelOf = str
) -> tuple[str, str]:
    """Return in both languages why ``expression`` failed: a variable is not there, or nobody has filled it in.

    An error that has another reason speaks for itself.
    """
    if isinstance(error, UnknownName):
        return _told([error.name], label_of)
    return empty(expression, variables, label_of) or (error.zh, error.en)


def empty(expression: Expression, variables: Mapping[str, Any], label_of: LabelOf = str) -> tuple[str, str] | None:
    """Return in both languages which variables of ``expression`` are null; None when none is."""
    found = sorted(name for name in expression.names if name in variables and variables[name] is None)
    return _told(found, label_of) if found else None


def _told(names: Collection[str], label_of: LabelOf) -> tuple[str, str]:
    labels = list(dict.fromkeys(map(label_of, names)))
    listed_zh, listed_en = "、".join(f"「{each}」" for each in labels), " and ".join(f'"{each}"' for each in labels)
    return f"还没有{listed_zh}的值", f"{listed_en} {'has' if len(labels) == 1 else 'have'} no value yet"
