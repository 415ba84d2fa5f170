"""What an event waits for or throws: timer, message, signal, error, escalation; values, evaluated when a token listens."""

from contextlib import suppress
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from engine.bpmn.scopes import Scope
from engine.errors import StepFailed
from engine.records import record

if TYPE_CHECKING:
    from engine import feel
    from engine.bpmn.expressions import Text
    from engine.bpmn.timers import TimerExpression
    from engine.bpmn.tokens import Token

CORRELATION_KEY = "correlationKey"  # the property under which a simple correlation key is known


@record(kw_only=False)
class TimerTrigger:
    """Waits for a point in time."""

    expression: "TimerExpression"

    def listen(self, token: "Token") -> None:
        """Evaluate the timer once; the token keeps the result, and by which limit it was set."""
        timer, limit = self.expression.start(token)
        token.internal_data["timer"] = timer.to_json()
        if limit is not None:
            token.internal_data["limit"] = [limit, token.workflow.top_workflow.now.isoformat()]


@record(kw_only=False)
class CorrelationProperty:
    """How a property of a correlation key is read from a message (BPMN 2.0 chapter 8.4.2)."""

    name: str
    keys: tuple[str, ...]
    retrieve: "feel.Expression"
    binding: "feel.Expression | None" = None  # of the process's correlation subscription: what the process expects


@record(kw_only=False)
class MessageTrigger:
    """Waits for (or throws) a message of this name."""

    name: str
    properties: tuple[CorrelationProperty, ...] = ()
    key: "feel.Expression | None" = None  # banjie:correlationKey

    def listen(self, token: "Token") -> None:
        """Evaluate what a message must match; the token keeps the result."""
        correlation: dict[str, Any] = {}
        if self.key is not None:
            correlation[CORRELATION_KEY] = token.evaluate(self.key)
        known = token.workflow.correlations
        for item in self.properties:
            if item.binding is not None:
                correlation[item.name] = token.evaluate(item.binding)
            for key in item.keys:
                if item.name in known.get(key, ()):
                    correlation[item.name] = known[key][item.name]
        token.internal_data["message"] = correlation

    def matches(self, token: "Token", name: str, correlation: dict[str, Any]) -> bool:
        """Is this the message that the token waits for?"""
        wanted: dict[str, Any] = token.internal_data.get("message", {})
        return name == self.name and all(key in correlation and correlation[key] == wanted[key] for key in wanted)

    def caught(self, token: "Token", correlation: dict[str, Any], payload: dict[str, Any]) -> None:
        """The first message of a conversation sets its correlation keys: by what its sender names, else by what it carries."""
        _initialise_keys(token, self.properties, self._carried(token, payload) | correlation)

    def _carried(self, token: "Token", payload: dict[str, Any]) -> dict[str, Any]:
        """The properties that can be read out of a message, and out of nothing else."""
        outer, found = token.scope, {}
        token.scope = Scope(payload)
        try:
            for item in self.properties:
                with suppress(StepFailed):  # it does not carry this one
                    found[item.name] = token.evaluate(item.retrieve)
        finally:
            token.scope = outer
        return found

    def correlate(self, token: "Token", payload: dict[str, Any]) -> dict[str, Any]:
        """Return the correlation of a message that is thrown here; it also sets keys not yet set."""
        correlation = self.begin_conversation(token, payload)
        if self.key is not None:
            correlation[CORRELATION_KEY] = token.evaluate(self.key)
        return correlation

    def begin_conversation(self, token: "Token", payload: dict[str, Any]) -> dict[str, Any]:
        """Read the correlation properties out of a message that is thrown or that starts the instance."""
        outer = token.scope
        token.scope = Scope(payload, outer)
        try:
            correlation = {item.name: token.evaluate(item.retrieve) for item in self.properties}
        finally:
            token.scope = outer
        _initialise_keys(token, self.properties, correlation)
        return correlation


def _initialise_keys(token: "Token", properties: tuple[CorrelationProperty, ...], correlation: dict[str, Any]) -> None:
    known = token.workflow.correlations
    for key in dict.fromkeys(key for item in properties for key in item.keys):
        names = [item.name for item in properties if key in item.keys]
        if key not in known and all(name in correlation for name in names):
            known[key] = {name: correlation[name] for name in names}


@record(kw_only=False)
class SignalTrigger:
    """Waits for (or throws) a signal of this name."""

    name: str

    def listen(self, token: "Token") -> None:
        """A signal has nothing to evaluate."""


class Kind(StrEnum):
    """Which of the two events that climb out of scopes."""

    ERROR = "error"
    ESCALATION = "escalation"


@record(kw_only=False)
class CodeTrigger:
    """Catches (or throws) an error or an escalation; ``code`` None catches every one."""

    kind: Kind
    code: str | None

    def listen(self, token: "Token") -> None:
        """It is found when it is thrown, on the way out."""

    def catches(self, kind: Kind, code: str | None) -> bool:
        """Does it catch this one?"""
        return kind is self.kind and self.code in (None, code)


CatchTrigger = TimerTrigger | MessageTrigger | SignalTrigger


@record(kw_only=False)
class Payload:
    """The variables that a thrown event carries: the ``banjie:input``s of the element."""

    inputs: "tuple[tuple[str, Text], ...]" = ()

    def evaluate(self, token: "Token") -> dict[str, Any]:
        """Return them, evaluated."""
        return {name: text.value(token) for name, text in self.inputs}


__all__ = [
    "CORRELATION_KEY",
    "CatchTrigger",
    "CodeTrigger",
    "CorrelationProperty",
    "Kind",
    "MessageTrigger",
    "Payload",
    "SignalTrigger",
    "TimerTrigger",
]
