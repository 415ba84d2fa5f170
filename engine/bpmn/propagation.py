"""How events travel: messages and signals to those who wait, errors and escalations outward to the one who catches."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from engine.bpmn.limits import failure
from engine.bpmn.specs.triggers import Kind, MessageTrigger, SignalTrigger
from engine.runtime.step import EndKind, SubscriptionKind, ThrownEvent

if TYPE_CHECKING:
    from engine.bpmn.specs.base import Node
    from engine.bpmn.specs.events import Catcher
    from engine.bpmn.tokens import Instance, Token


def deliver_message(instance: "Instance", name: str, correlation: dict[str, Any], payload: dict[str, Any]) -> bool:
    """Give a message to the first token that waits for it; was there one? All values are plain."""
    for token in instance.walk():
        trigger = getattr(token.task_spec, "trigger", None)
        if (
            isinstance(trigger, MessageTrigger)
            and token.state == TaskState.WAITING
            and trigger.matches(token, name, correlation)
        ):
            trigger.caught(token, correlation)
            token.task_spec.happen(token, payload)
            return True
    return False


def deliver_signal(instance: "Instance", name: str, payload: dict[str, Any]) -> int:
    """Give a signal to every token that waits for it now; how many have it?"""
    caught = 0
    for token in list(instance.walk()):
        trigger = getattr(token.task_spec, "trigger", None)
        if (
            isinstance(trigger, SignalTrigger)
            and trigger.name == name
            and token.state == TaskState.WAITING
            and token.id in instance.tasks  # an earlier catcher may have ended it
        ):
            token.task_spec.happen(token, payload)
            caught += 1
    return caught


def throw_message(token: "Token", name: str, correlation: dict[str, Any], payload: dict[str, Any]) -> None:
    """A message goes to a token of this instance that waits for it, else out of the house."""
    instance = token.workflow.top_workflow
    if not deliver_message(instance, name, correlation, payload):
        instance.thrown.append(
            ThrownEvent(
                kind=SubscriptionKind.MESSAGE,
                name=name,
                element_id=token.task_spec.element_id,
                correlation=correlation,
                payload=payload,
            )
        )


def throw_signal(token: "Token", name: str, payload: dict[str, Any]) -> None:
    """A signal goes to every catcher of this instance, and out to those of all others."""
    instance = token.workflow.top_workflow
    instance.thrown.append(
        ThrownEvent(kind=SubscriptionKind.SIGNAL, name=name, element_id=token.task_spec.element_id, payload=payload)
    )
    deliver_signal(instance, name, payload)


def find_catcher(token: "Token", kind: Kind, code: str | None) -> "tuple[Token, Catcher] | None":
    """Return what catches the code innermost around ``token``, and the token that it watches.

    That is a boundary event on an activity, or an event subprocess of a scope (then the token is the scope's root). In one
    place a catcher of this very code comes before one that catches all.
    """
    current: Token | None = token
    inside: Node | None = None  # the element through which we came up
    while current is not None:
        fitting = [catcher for catcher in _catchers(current, inside) if catcher.catches(kind, code)]
        if fitting:
            return current, next((catcher for catcher in fitting if not catcher.catches_all), fitting[0])
        inside = current.task_spec
        current = current.parent if current.parent is not None else current.workflow.host
    return None


def _catchers(token: "Token", inside: "Node | None") -> "Iterable[Catcher]":
    if token.parent is not None:
        return token.task_spec.boundaries
    catchers = token.workflow.spec.event_subprocesses
    if inside is None or not inside.is_event_subprocess:
        return catchers
    # What an event subprocess throws it does not catch itself; an interrupting one is alone in its scope.
    return () if getattr(inside, "interrupts", False) else [catcher for catcher in catchers if catcher is not inside]


def throw_error_end(token: "Token", code: str | None, payload: dict[str, Any]) -> None:
    """An error end event: its catcher goes on; without one the instance ends with the error."""
    catcher = find_catcher(token, Kind.ERROR, code)
    if catcher is None:
        token.workflow.top_workflow.end(EndKind.ERROR, code)
    else:
        watched, found = catcher
        found.caught(watched, payload)


def throw_error(token: "Token", code: str | None, message: str, payload: dict[str, Any]) -> None:
    """The outside reports a BPMN error at a waiting task. Raises StepFailed when nobody catches it."""
    catcher = find_catcher(token, Kind.ERROR, code)
    if catcher is None:
        raise failure(
            token.task_spec,
            "uncaught-error",
            f"没有边界事件处理错误「{code}」：{message}",
            f'no boundary event catches the error "{code}": {message}',
            error_code=code,
            error_message=message,
        )
    watched, found = catcher
    found.caught(watched, payload)


def throw_escalation(token: "Token", code: str | None, payload: dict[str, Any]) -> bool:
    """An escalation: its catcher runs (beside the thrower, unless it interrupts); without one nothing happens."""
    catcher = find_catcher(token, Kind.ESCALATION, code)
    if catcher is None:
        return False
    watched, found = catcher
    found.caught(watched, payload)
    return True


def terminate_scope(token: "Token") -> None:
    """A terminate end event: everything else in its process or subprocess is cancelled, nothing outside of it."""
    container = token.workflow
    container.cancel_all(but=token)
    if container.host is None:
        instance = token.workflow.top_workflow
        instance.ended = EndKind.TERMINATED
