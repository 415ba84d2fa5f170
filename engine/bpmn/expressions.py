"""Expressions of a model: compiled once, evaluated by ``engine.feel`` in the scope of a token, and nowhere else."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine

from engine import feel
from engine.bpmn.limits import failure
from engine.bpmn.lockdown import ClosedEnvironment
from engine.bpmn.scopes import copy, plain
from engine.errors import BanjieError, InvalidInput

if TYPE_CHECKING:
    from engine.bpmn.tokens import Token

LOOP_COUNTER: Final = "loopCounter"  # 1-based as in BPMN 2.0 (chapter 10.3.8) and Camunda 8

_MARKED = re.compile(r"[$#]\{[^{}]*\}")
_WHOLE = re.compile(r"\s*(=.*|[$#]\{[^{}]*\}\s*)", re.S)


def is_marked(text: str) -> bool:
    """Is an attribute's text an expression (``= ...``, ``${...}``, ``#{...}``) and not a literal?"""
    return _WHOLE.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Text:
    """An attribute's text: a literal, an expression, or a literal with ``${...}`` in it; in this order of parts."""

    parts: tuple[str | feel.Expression, ...]

    @classmethod
    def compile(cls, source: str) -> "Text":
        """Compile; raises feel.FeelSyntaxError."""
        if is_marked(source):
            return cls((feel.compile(source.strip()),))
        parts: list[str | feel.Expression] = []
        end = 0
        for mark in _MARKED.finditer(source):
            if mark.start() > end:
                parts.append(source[end : mark.start()])
            parts.append(feel.compile(mark[0]))
            end = mark.end()
        if end < len(source):
            parts.append(source[end:])
        return cls(tuple(parts))

    @property
    def names(self) -> frozenset[str]:
        """The variables that it reads."""
        return frozenset().union(*(part.names for part in self.parts if not isinstance(part, str)))

    def value(self, token: "Token") -> Any:
        """Return the literal's text, or the value of the expression as JSON."""
        if len(self.parts) == 1:
            part = self.parts[0]
            return part if isinstance(part, str) else token.evaluate(part)
        return "".join(part if isinstance(part, str) else _shown(token.evaluate(part)) for part in self.parts)


def _shown(value: Any) -> str:
    return "" if value is None else str(value)


class FeelEngine(PythonScriptEngine):  # type: ignore[misc]
    """The library's script engine with FEEL in it: compiled expressions only, read in the token's scope."""

    def __init__(self) -> None:
        super().__init__(environment=ClosedEnvironment())

    def evaluate(self, task: "Token", expression: feel.Expression, external_context: Any = None) -> Any:
        """Return the FEEL value. Raises StepFailed that names the element; an unknown name is never null."""
        instance = task.workflow.top_workflow
        try:
            return expression.evaluate(variables_for(task, expression), now=instance.now, functions=instance.functions)
        except BanjieError as error:
            raise _failed(task, error, expression.source) from error

    def execute(self, task: "Token", script: feel.Script, external_context: Any = None) -> bool:
        """Run a script of ``result = FEEL`` lines and write its results into the token's scope."""
        instance = task.workflow.top_workflow
        try:
            results = script.run(task.scope.view(), now=instance.now, functions=instance.functions)
            task.scope.update({name: feel.to_json(value) for name, value in results.items()})
        except BanjieError as error:
            raise _failed(task, error) from error
        return True


def variables_for(token: "Token", expression: feel.Expression) -> Mapping[str, Any]:
    """Return what the expression may read.

    JUEL counts from 0 (lists, and ``loopCounter`` in Camunda 7 and Flowable), FEEL from 1: in a ``${...}`` expression
    the loop counter is therefore shown one less, so that ``${approvers[loopCounter]}`` means what its author meant.
    """
    scope = token.scope
    if LOOP_COUNTER in expression.names and expression.source.lstrip()[:1] in ("$", "#") and LOOP_COUNTER in scope:
        return {**scope.flat(), LOOP_COUNTER: scope[LOOP_COUNTER] - 1}
    return scope.view()


def to_plain(token: "Token", value: Any) -> Any:
    """Return a FEEL value as our own JSON value, or raise StepFailed."""
    try:
        return plain(feel.to_json(value))
    except (BanjieError, InvalidInput) as error:
        raise _failed(token, error) from error


def boolean(token: "Token", expression: feel.Expression) -> bool:
    """Evaluate a condition; anything but true and false is an error, null included."""
    value = token.evaluate_feel(expression)
    if value is True or value is False:
        return value
    raise failure(
        token.task_spec,
        "not-boolean",
        f"条件「{expression.source.strip()}」的结果不是真或假",
        f'the condition "{expression.source.strip()}" gives neither true nor false',
        expression=expression.source,
    )


def integer(token: "Token", expression: feel.Expression, least: int, most: int) -> int:
    """Evaluate a count between ``least`` and ``most``."""
    value = token.evaluate(expression)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if type(value) is not int or not least <= value <= most:
        shown = str(value)[:40]
        raise failure(
            token.task_spec,
            "bad-count",
            f"「{expression.source.strip()}」应为 {least} 到 {most} 的整数，实为 {shown}",
            f'"{expression.source.strip()}" must be a whole number from {least} to {most}, but is {shown}',
            expression=expression.source,
        )
    return value


def evaluate_alone(expression: feel.Expression, variables: Mapping[str, Any], now: datetime) -> Any:
    """Evaluate outside of any token (a start timer, a message that starts an instance); raises feel.FeelError."""
    return expression.evaluate(variables, now=now, functions={})


def _failed(token: "Token", error: BanjieError, source: str = "") -> BanjieError:
    facts = {key: value for key, value in error.facts.items() if key not in ("element_id", "element_name", "reason")}
    if source:
        facts["expression"] = source
    shown = f"「{source.strip()}」" if source else ""
    return failure(
        token.task_spec,
        error.code,
        f"{shown}{error.zh}",
        f"{source.strip()}{': ' if source else ''}{error.en}",
        **facts,
    )


__all__ = [
    "LOOP_COUNTER",
    "FeelEngine",
    "Text",
    "boolean",
    "copy",
    "evaluate_alone",
    "integer",
    "is_marked",
    "to_plain",
]
