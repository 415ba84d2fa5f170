"""Messages and signals: from outside or from another instance, to whoever waits for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import timedelta
from typing import Any

from engine.access import Role, Verb, require
from engine.commands.running import forms, instances, moving
from engine.commands.running.variables import check_variables
from engine.context import Command, CommandContext
from engine.errors import Conflict, NotFound
from engine.records import record
from engine.runtime.correlation import correlates, digests
from engine.runtime.instance import InstanceState, MessageReceived, SignalReceived
from engine.runtime.step import SubscriptionKind
from engine.store import tables
from engine.store.base.unit_of_work import Values
from engine.store.rows import definitions, running

SIMPLE_KEY = "correlationKey"
MAX_TTL = timedelta(days=30)


@record
class CorrelateMessage(Command):
    """Deliver a message to the one token that waits for it, or start the process that it starts.

    ``correlation`` must match what the token waits for; a token without correlation takes any. Nobody there: NotFound, or, with
    ``keep_seconds``, the message waits that long for somebody. More than one: Conflict. Answers {delivered, instance_id, kept}.
    """

    name: str
    correlation: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)
    keep_seconds: int = 0

    def execute(self, context: CommandContext) -> dict[str, Any]:
        require(context.actor, Verb.SEND_MESSAGE)
        variables = check_variables(self.variables, trusted=True)
        correlation = _with_simple_key(check_variables(self.correlation, trusted=True))
        waiting = running.waiting_for_message(context.uow, self.name, digests(correlation))
        targets = sorted({row.instance_id for row in waiting if correlates(row.correlation, correlation)})
        if len(targets) > 1:
            raise Conflict(
                f"消息 {self.name!r} 有 {len(targets)} 个流程在等待，请在 correlation 中说明是哪一个。",
                f"{len(targets)} instances wait for the message {self.name!r}; say in correlation which one is meant.",
                instances=targets[:20],
            )
        if targets:
            return self._deliver(context, targets[0], correlation, variables)
        started = self._start(context, correlation, variables)
        return started if started is not None else self._keep(context, correlation, variables)

    def _deliver(
        self, context: CommandContext, instance_id: str, correlation: Mapping[str, Any], variables: Mapping[str, Any]
    ) -> dict[str, Any]:
        instance = moving.load(context, instance_id)
        if not any(w.kind is SubscriptionKind.MESSAGE and w.name == self.name for w in instance.before.subscriptions):
            # Between our look and the lock the instance moved on: look again from the start.
            raise Conflict("流程已经前进，请重试。", "The instance has moved on; try again.", retry=True)
        context.record(instance_id, MessageReceived(name=self.name, correlation=correlation, variables=variables))
        instance.move(lambda execution: execution.deliver_message(self.name, correlation, variables))
        return {"delivered": True, "instance_id": instance_id, "started": False, "kept": False}

    def _start(
        self, context: CommandContext, correlation: Mapping[str, Any], variables: Mapping[str, Any]
    ) -> dict[str, Any] | None:
        found = _definitions_started_by(context, "message", self.name)
        if not found:
            return None
        if len(found) > 1:
            keys = [definition["key"] for definition, _ in found]
            raise Conflict(
                f"消息 {self.name!r} 可以启动多个流程：{'、'.join(keys)}。请改用不同的消息名。",
                f"The message {self.name!r} starts several processes: {', '.join(keys)}. Give them different message names.",
                keys=keys,
            )
        definition, element = found[0]
        if not context.actor.is_any(Role.SYSTEM):  # what a process throws is of the engine's own making
            compiled = definitions.compiled(context.uow, context.machine, definition["id"])
            variables = forms.fit_start_form(context, definition, compiled, variables, element)
        started = instances.start(
            context, definition, {**correlation, **variables}, start_element=element, payload=dict(variables)
        )
        context.record(started.id, MessageReceived(name=self.name, correlation=correlation, variables=variables))
        return {"delivered": True, "instance_id": started.id, "started": True, "kept": False}

    def _keep(
        self, context: CommandContext, correlation: Mapping[str, Any], variables: Mapping[str, Any]
    ) -> dict[str, Any]:
        if self.keep_seconds <= 0:
            raise NotFound(
                f"没有流程在等待消息 {self.name!r}（或关联键不符）。可用 keep_seconds 让消息等候。",
                f"No instance waits for the message {self.name!r} with this correlation. With keep_seconds the message can wait.",
                name=self.name,
            )
        keep = min(timedelta(seconds=self.keep_seconds), MAX_TTL)
        context.uow.insert(
            tables.message_buffer,
            {
                "id": context.new_id(),
                "name": self.name,
                "correlation": correlation,
                "variables": variables,
                "received_at": context.now,
                "expires_at": context.now + keep,
                "sent_by": context.actor.login,
            },
        )
        return {"delivered": False, "instance_id": None, "started": False, "kept": True}


@record
class BroadcastSignal(Command):
    """Tell a signal to everybody who waits for it; each instance hears it in a transaction of its own. Answers {receivers}."""

    name: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    sender: str | None = None  # the instance that threw it; inside it the signal was heard at once

    def execute(self, context: CommandContext) -> dict[str, Any]:
        require(context.actor, Verb.SEND_SIGNAL)
        variables = check_variables(self.variables, trusted=True)
        targets = sorted(running.instances_waiting_for_signal(context.uow, self.name) - {self.sender})
        for instance_id in targets:
            payload = {"name": self.name, "variables": variables}
            moving.insert_job(context, "deliver-signal", context.now, payload, instance_id=instance_id)
        started = _definitions_started_by(context, "signal", self.name)
        for definition, element in started:
            instances.start(context, definition, variables, start_element=element, payload=variables)
        return {"receivers": len(targets) + len(started)}


@record
class DeliverSignal(Command):
    """Let one instance hear a signal; nothing happens when it no longer waits for it."""

    instance_id: str
    name: str
    variables: Mapping[str, Any] = field(default_factory=dict)

    def execute(self, context: CommandContext) -> dict[str, Any]:
        require(context.actor, Verb.SEND_SIGNAL)
        row = context.uow.get(tables.process_instance, (self.instance_id,))
        if row is None or row["state"] not in (InstanceState.RUNNING, InstanceState.INCIDENT):
            return {"delivered": False}
        instance = moving.load(context, self.instance_id)
        if not any(w.kind is SubscriptionKind.SIGNAL and w.name == self.name for w in instance.before.subscriptions):
            return {"delivered": False}
        context.record(instance.id, SignalReceived(name=self.name, variables=self.variables))
        instance.move(lambda execution: execution.deliver_signal(self.name, self.variables))
        return {"delivered": True}


def _with_simple_key(correlation: dict[str, Any]) -> dict[str, Any]:
    """A token that waits by one expression (``banjie:correlationKey``) knows no name for it: a single value is that key."""
    if len(correlation) == 1 and SIMPLE_KEY not in correlation:
        return {**correlation, SIMPLE_KEY: next(iter(correlation.values()))}
    return correlation


def _definitions_started_by(context: CommandContext, kind: str, name: str) -> list[tuple[Values, str]]:
    """The newest definitions with a start event of this kind and name, with the start event's id."""
    return [
        (definition, start["element_id"])
        for definition in running.startable(context.uow)
        for start in definition["model"].get("start_events", ())
        if start["kind"] == kind and start["reference"] == name
    ]
