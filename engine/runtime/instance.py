"""Process instances: their states, the allowed moves, and the events they cause."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from typing import Any

from engine.errors import Conflict
from engine.events import Event
from engine.records import record


class InstanceState(StrEnum):
    """Where an instance stands."""

    RUNNING = "running"  # tokens move or wait
    INCIDENT = "incident"  # a step failed; waits for an administrator, the rest of the instance can still move
    COMPLETED = "completed"  # reached its end
    TERMINATED = "terminated"  # ended before its end, by the model or by a person
    FAILED = "failed"  # an error end event that nobody caught


ENDED = frozenset({InstanceState.COMPLETED, InstanceState.TERMINATED, InstanceState.FAILED})

MOVES: Mapping[InstanceState, frozenset[InstanceState]] = {
    InstanceState.RUNNING: frozenset({InstanceState.INCIDENT}) | ENDED,
    InstanceState.INCIDENT: frozenset({InstanceState.RUNNING}) | ENDED,
    # An administrator may reopen what has ended: see engine.commands.returning.modification.
    InstanceState.COMPLETED: frozenset({InstanceState.RUNNING}),
    InstanceState.TERMINATED: frozenset({InstanceState.RUNNING}),
    InstanceState.FAILED: frozenset({InstanceState.RUNNING}),
}


def check_open(instance_id: str, state: InstanceState) -> None:
    """Raise Conflict when the instance has ended."""
    if state in ENDED:
        raise Conflict(
            f"流程实例 {instance_id} 已经结束（{state.value}），不能再办理。",
            f"Process instance {instance_id} has ended ({state.value}) and takes no further step.",
            instance_id=instance_id,
            state=state.value,
        )


@record
class InstanceStarted(Event):
    definition_id: str
    definition_key: str
    definition_version: int
    definition_name: str
    business_key: str | None = None
    title: str = ""
    started_by: str | None = None
    parent_instance_id: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)


@record
class InstanceCompleted(Event):
    outcome: str | None = None


@record
class InstanceTerminated(Event):
    reason: str = ""
    outcome: str | None = None  # of an instance that a decision ended, such as a failed ballot


@record
class InstanceFailed(Event):
    error_code: str | None = None


@record
class InstanceResumed(Event):
    """The last open incident is resolved; the instance runs again."""


@record
class InstanceRetitled(Event):
    """What the inbox shows of an instance changed: title, applicant, urgency."""

    title: str | None = None
    applicant: str | None = None
    urgency: int | None = None


@record
class ActivityEntered(Event):
    element_id: str
    element_name: str = ""
    element_type: str = ""
    process_key: str = ""
    token_id: str = ""
    # the graph of tokens: see engine.runtime.lineage
    origins: tuple[str, ...] = ()
    inside: str | None = None
    renews: str | None = None
    reopens: bool = False


@record
class ActivityCompleted(Event):
    element_id: str
    element_name: str = ""
    element_type: str = ""
    process_key: str = ""
    token_id: str = ""
    # the graph of tokens: see engine.runtime.lineage
    origins: tuple[str, ...] = ()
    inside: str | None = None
    renews: str | None = None
    reopens: bool = False
    memory: Mapping[str, Any] | None = None


@record
class ActivityCancelled(Event):
    element_id: str
    element_name: str = ""
    element_type: str = ""
    process_key: str = ""
    token_id: str = ""
    # the graph of tokens: see engine.runtime.lineage
    origins: tuple[str, ...] = ()
    inside: str | None = None
    renews: str | None = None
    reopens: bool = False


@record
class VariablesChanged(Event):
    """Somebody other than a task set process variables (an administrator, a message, a verb)."""

    variables: Mapping[str, Any] = field(default_factory=dict)
    source: str = ""


@record
class MessageReceived(Event):
    name: str
    element_id: str = ""
    correlation: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)


@record
class MessageThrown(Event):
    name: str
    element_id: str = ""
    correlation: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)


@record
class SignalReceived(Event):
    name: str
    variables: Mapping[str, Any] = field(default_factory=dict)


@record
class SignalThrown(Event):
    name: str
    element_id: str = ""
    variables: Mapping[str, Any] = field(default_factory=dict)


@record
class TimerScheduled(Event):
    element_id: str
    due_at: datetime
    token_id: str = ""
    element_name: str = ""


@record
class TimerFired(Event):
    element_id: str
    due_at: datetime
    token_id: str = ""
    element_name: str = ""


@record
class ServicePerformed(Event):
    """A service task did its work; ``result`` is what went back into the process."""

    element_id: str
    verb: str
    result: Mapping[str, Any] = field(default_factory=dict)
    token_id: str = ""
    irreversible: bool = False  # what it did cannot be taken back (P-6.1)
