"""Expressions of a model: compiled once, evaluated by ``engine.feel`` in the scope of a token, and nowhere else."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine

from engine import feel
from engine.bpmn.limits import failure
from engine.bpmn.lockdown import ClosedEnvironment
from engine.bpmn.scopes import plain
from engine.errors import BanjieError
from engine.records import record

if TYPE_CHECKING:
    from engine.bpmn.tokens import Token

LOOP_COUNTER: Final = "loopCounter"  # 1-based as in BPMN 2.0 (chapter 10.3.8) and Camunda 8


@record(kw_only=False)
class Text:
    """An attribute's text: the value itself, or marked as an expression (``= ...``, or with ``${...}`` in it)."""

    literal: str
    expression: feel.Expression | None = None

    @classmethod
    def compile(cls, source: str) -> "Text":
        """Compile; raises feel.FeelSyntaxError."""
        return cls(source, feel.compile(source.strip()) if feel.is_expression(source) else None)

    @property
    def names(self) -> frozenset[str]:
        """The variables that the text reads."""
        return frozenset() if self.expression is None else self.expression.names

    def value(self, token: "Token") -> Any:
        """Return the literal, or the value of the expression as JSON."""
        return self.literal if self.expression is None else token.evaluate(self.expression)


class FeelEngine(PythonScriptEngine):  # type: ignore[misc]
    """The library's script engine with FEEL in it: compiled expressions only, read in the token's scope."""

    def __init__(self) -> None:
        super().__init__(environment=ClosedEnvironment())

    def evaluate(self, task: "Token", expression: feel.Expression, external_context: Any = None) -> Any:
        """Return the FEEL value. Raises StepFailed that names the element; an unknown name is never null."""
        return self._call(task, expression, expression.evaluate)

    def condition(self, task: "Token", expression: feel.Expression) -> bool:
        """Return true or false; anything else is an error, null included."""
        return bool(self._call(task, expression, expression.evaluate_condition))

    def execute(self, task: "Token", script: feel.Script, external_context: Any = None) -> bool:
        """Run a script of ``result = FEEL`` lines and write its results into the token's scope."""
        task.scope.update(self._call(task, script, script.run))
        return True

    def _call(self, task: "Token", source: feel.Expression | feel.Script, evaluate: Callable[..., Any]) -> Any:
        instance = task.workflow.top_workflow
        try:
            return evaluate(_variables(task, source), now=instance.now, functions=instance.functions)
        except BanjieError as error:
            raise _failed(task, error, source.source) from error


def _variables(token: "Token", source: feel.Expression | feel.Script) -> Mapping[str, Any]:
    """Return what the expression may read.

    JUEL counts from 0 (lists, and ``loopCounter`` in Camunda 7 and Flowable), FEEL from 1: in a ``${...}`` expression
    the loop counter is therefore shown one less, so that ``${approvers[loopCounter]}`` means what its author meant.
    """
    scope, text = token.scope, source.source
    is_juel = ("${" in text or "#{" in text) and not text.lstrip().startswith("=")
    if is_juel and LOOP_COUNTER in source.names and LOOP_COUNTER in scope:
        return {**scope.flat(), LOOP_COUNTER: scope[LOOP_COUNTER] - 1}
    return scope.view()


def to_plain(token: "Token", value: Any) -> Any:
    """Return a FEEL value as our own JSON value, or raise StepFailed."""
    try:
        return plain(feel.to_json(value))
    except BanjieError as error:
        raise _failed(token, error) from error


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


def _failed(token: "Token", error: BanjieError, source: str = "") -> BanjieError:
    facts = {**error.facts, "expression": source} if source else error.facts
    for name in ("element_id", "element_name", "process_key", "reason"):
        facts.pop(name, None)
    return failure(token.task_spec, error.code, error.zh, error.en, **facts)
