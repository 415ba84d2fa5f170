"""The one expression language: FEEL (DMN 1.3 chapter 10), with the dialects of Camunda and Flowable; see docs/feel.md.

Interpreted and bounded: no eval, no exec, no attribute of a Python object. Every fault is a FeelError.
"""

from engine.feel.errors import FeelError, FeelLimit, FeelSyntaxError, FeelTypeError, UnknownName
from engine.feel.expression import (
    HOST_FUNCTIONS,
    Expression,
    UnaryTests,
    compile,
    compile_unary_tests,
    is_expression,
)
from engine.feel.functions import BUILTINS
from engine.feel.functions.patterns import Pattern, compile_pattern
from engine.feel.lacking import LabelOf, empty, lacking
from engine.feel.script import Script, parse_script
from engine.feel.temporal import YearsMonths, parse_date, parse_date_time, parse_duration, parse_time
from engine.feel.values import Range, to_json

__all__ = [
    "BUILTINS",
    "HOST_FUNCTIONS",
    "Expression",
    "FeelError",
    "FeelLimit",
    "FeelSyntaxError",
    "FeelTypeError",
    "LabelOf",
    "Pattern",
    "Range",
    "Script",
    "UnaryTests",
    "UnknownName",
    "YearsMonths",
    "compile",
    "compile_pattern",
    "compile_unary_tests",
    "empty",
    "is_expression",
    "lacking",
    "parse_date",
    "parse_date_time",
    "parse_duration",
    "parse_script",
    "parse_time",
    "to_json",
]
