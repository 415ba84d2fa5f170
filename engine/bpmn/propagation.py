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
            trigger.caught(token, correlation, payload)
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


def catch(token: "Token", kind: Kind, code: str | None, payload: dict[str, Any]) -> bool:
    """Give the code to what catches it innermost around ``token``; was there anything?

    That is a boundary event on an activity, or an event subprocess of a scope (then the scope's root is watched). In one place a
    catcher of this very code comes before one that catches all.
    """
    current: Token | None = token
    inside: Token | None = None  # through which we came up
    while current is not None:
        through = None if inside is None else inside.task_spec
        fitting = [catcher for catcher in _catchers(current, through) if catcher.catches(kind, code)]
        if fitting:
            catcher = next((catcher for catcher in fitting if not catcher.catches_all), fitting[0])
            catcher.caught(current, payload, inside or current)
            return True
        inside = current
        current = current.parent if current.parent is not None else current.workflow.host
    return False


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
    if not catch(token, Kind.ERROR, code, payload):
        token.workflow.top_workflow.end(EndKind.ERROR, code)


def throw_error(token: "Token", code: str | None, message: str, payload: dict[str, Any]) -> None:
    """The outside reports a BPMN error at a waiting task. Raises StepFailed when nobody catches it."""
    if not catch(token, Kind.ERROR, code, payload):
        raise failure(
            token.task_spec,
            "uncaught-error",
            f"没有边界事件处理错误「{code}」：{message}",
            f'no boundary event catches the error "{code}": {message}',
            error_code=code,
            error_message=message,
        )


def throw_escalation(token: "Token", code: str | None, payload: dict[str, Any]) -> bool:
    """An escalation: its catcher runs (beside the thrower, unless it interrupts); without one nothing happens."""
    return catch(token, Kind.ESCALATION, code, payload)


def terminate_scope(token: "Token") -> None:
    """A terminate end event: everything else in its process or subprocess is cancelled, nothing outside of it."""
    container = token.workflow
    container.cancel_all(but=token)
    if container.host is None:
        instance = token.workflow.top_workflow
        instance.ended = EndKind.TERMINATED
