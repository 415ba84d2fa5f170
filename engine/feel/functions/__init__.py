"""The built-in functions of FEEL, one module for each kind of value; importing this package declares them all."""

from engine.feel.functions import booleans, contexts, conversion, dates, lists, numeric, patterns, ranges, strings
from engine.feel.functions.registry import BUILTINS, Builtin

__all__ = [
    "BUILTINS",
    "Builtin",
    "booleans",
    "contexts",
    "conversion",
    "dates",
    "lists",
    "numeric",
    "patterns",
    "ranges",
    "strings",
]
