"""What the machine (SpiffWorkflow behind ``engine.bpmn``) tells after it has moved: values only, no behaviour.

A token id is the machine's own id (a UUID as text) of one waiting or running element; it stays the same while the token
waits. ``scope`` is the path of subprocess and call-activity token ids from the process down to the element.
"""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from typing import Any

from engine.records import record

Variables = Mapping[str, Any]  # JSON values under flat names


class TaskKind(StrEnum):
    """Which BPMN task waits for a person."""

    USER = "userTask"
    MANUAL = "manualTask"


@record
class OpenTask:
    """A task that waits for a person, with its assignment expressions already evaluated."""

    token_id: str
    element_id: str
    element_name: str
    process_key: str  # the process in which the element stands (another one inside a call activity)
    kind: TaskKind = TaskKind.USER
    scope: tuple[str, ...] = ()
    lane: str | None = None
    assignee: str | None = None  # a person's login
    candidate_users: tuple[str, ...] = ()
    candidate_groups: tuple[str, ...] = ()
    form_key: str | None = None
    priority: int = 50
    limit: str | None = None  # "5wd", "20nd", "2h", "1m"; see engine.calendar
    due_at: datetime | None = None  # of a model that says when instead of how long; a limit comes before it
    outcomes: tuple[str, ...] = ()  # codes the person may choose from, in order; empty = plain "complete"
    settings: Variables = field(default_factory=dict)  # every other banjie: attribute, by local name, as text
    loop_index: int | None = None  # 0-based, for multi-instance and loops
    added_by: str | None = None  # who added this instance of a multi-instance while it ran
    local_variables: Variables = field(
        default_factory=dict
    )  # what only this task sees (multi-instance item and the like)


@record
class WaitingTimer:
    """A timer event that waits; ``due_at`` is aware and in UTC.

    One that was set by ``wd(n)`` or ``nd(n)`` remembers its ``limit`` ("5wd") and from when it runs (``since``): a
    suspended clock or another calendar moves it. ``scope`` are the token ids of everything around it, from the process
    down, with the activity on which a boundary event sits.
    """

    token_id: str
    element_id: str
    element_name: str
    process_key: str
    due_at: datetime
    limit: str | None = None
    since: datetime | None = None
    scope: tuple[str, ...] = ()


class SubscriptionKind(StrEnum):
    MESSAGE = "message"
    SIGNAL = "signal"


@record
class Subscription:
    """A token that waits for a message or signal of this name; ``correlation`` is what a message must match ({} = anything)."""

    token_id: str
    element_id: str
    element_name: str
    process_key: str
    kind: SubscriptionKind
    name: str
    correlation: Variables = field(default_factory=dict)


@record
class ServiceCall:
    """A service task that has started and waits for ``Execution.complete_service`` or ``throw_error``."""

    token_id: str
    element_id: str
    element_name: str
    process_key: str
    verb: str  # e.g. "case.accept"
    inputs: Variables = field(default_factory=dict)  # evaluated <banjie:input>s
    settings: Variables = field(default_factory=dict)


@record
class ThrownEvent:
    """A message or signal that leaves the instance (nobody inside caught it, or it is meant for others)."""

    kind: SubscriptionKind
    name: str
    element_id: str
    correlation: Variables = field(default_factory=dict)
    payload: Variables = field(default_factory=dict)


class ActivityState(StrEnum):
    ENTERED = "entered"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


@record
class ActivityTrace:
    """One element was entered, completed or cancelled in this step; in the order in which it happened."""

    state: ActivityState
    token_id: str
    element_id: str
    element_name: str
    element_type: str  # BPMN local name: "userTask", "exclusiveGateway", "sequenceFlow", ...
    process_key: str
    scope: tuple[str, ...] = ()
    # The token from which this one came: the source of a sequence flow (on the flow's own entry, so a join has one for
    # each flow), the host of a boundary event, the body of a multi-instance instance. With it the history is a graph.
    origin: str | None = None
    # Where a passage has several at once: all arrivals of a join that is passed, all that an event subprocess interrupted.
    origins: tuple[str, ...] = ()
    renews: str | None = None  # the token in whose place this one was put by a return
    # A multi-instance body that was over goes on: its own instances count as before, what came of it does not.
    reopens: bool = False
    memory: Variables | None = None  # of a multi-instance body that is over: what it needs to go on


class EndKind(StrEnum):
    """How an instance ended in the machine."""

    COMPLETED = "completed"
    TERMINATED = "terminated"  # a terminate end event
    ERROR = "error"  # an error end event that nobody caught; ``Step.end_code`` is its code


@record
class Step:
    """Everything that the outside needs to know after the machine has come to rest.

    ``tasks``, ``timers`` and ``subscriptions`` are complete lists of what waits *now*, not differences: the caller compares
    them with its rows. ``calls``, ``thrown`` and ``trace`` are what is new since the last step.
    """

    tasks: tuple[OpenTask, ...] = ()
    timers: tuple[WaitingTimer, ...] = ()
    subscriptions: tuple[Subscription, ...] = ()
    calls: tuple[ServiceCall, ...] = ()
    thrown: tuple[ThrownEvent, ...] = ()
    trace: tuple[ActivityTrace, ...] = ()
    ended: EndKind | None = None
    end_code: str | None = None
    variables: Variables = field(default_factory=dict)  # the process instance's own scope, as it stands now
