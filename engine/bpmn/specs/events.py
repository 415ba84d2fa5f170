"""Events: start, end, intermediate catch and throw, boundary; and the receive task, which is a catching activity."""

from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from engine.bpmn import propagation
from engine.bpmn.specs.base import ENTERED, Facts, Flow, Node, ProcessSpec
from engine.bpmn.specs.triggers import (
    CatchTrigger,
    CodeTrigger,
    Kind,
    MessageTrigger,
    Payload,
    SignalTrigger,
)

if TYPE_CHECKING:
    from engine.bpmn.tokens import Token


class StartEvent(Node):
    """A start event of any kind: what starts it is outside; a token begins here."""

    def __init__(self, process: ProcessSpec, facts: Facts, message: MessageTrigger | None = None) -> None:
        super().__init__(process, facts)
        self.message = message  # that starts the instance


class CatchEvent(Node):
    """An intermediate catch event, or a receive task: waits for its trigger."""

    def __init__(self, process: ProcessSpec, facts: Facts, trigger: CatchTrigger, *, name: str | None = None) -> None:
        super().__init__(process, facts, name=name)
        self.trigger = trigger

    def enter(self, token: "Token") -> bool:
        token._set_state(TaskState.WAITING)
        self.listen(token)
        return False

    def listen(self, token: "Token") -> None:
        """Evaluate what the token waits for."""
        self.trigger.listen(token)

    def fire(self, token: "Token", repeats: bool) -> None:
        """The timer is due."""
        self.happen(token, {})

    def happen(self, token: "Token", payload: dict[str, Any]) -> None:
        """The trigger has come. ``payload`` is plain."""
        parent = token.parent
        if parent.task_spec.is_event_gateway:
            parent.task_spec.happened(token)
        token.receive(payload)
        self.settle(token)
        token._ready()


class Catcher(Node):
    """What catches events for something that runs: a boundary event for its host, an event subprocess for its scope.

    Message, signal and timer wait with an *armed* token, a child of what they watch; that token has entered nothing yet
    and is in no trace. Errors and escalations need none: whoever throws looks for the catcher.
    """

    trigger: CatchTrigger | CodeTrigger
    interrupts: bool

    def catches(self, kind: Kind, code: str | None) -> bool:
        """Does it catch this error or escalation?"""
        return isinstance(self.trigger, CodeTrigger) and self.trigger.catches(kind, code)

    @property
    def catches_all(self) -> bool:
        """Does it catch whatever code comes?"""
        return isinstance(self.trigger, CodeTrigger) and self.trigger.code is None

    def arm(self, watched: "Token") -> None:
        """Begin to wait for what may happen while ``watched`` runs."""
        if isinstance(self.trigger, CodeTrigger):
            return
        token = watched._add_child(self)
        token._set_state(TaskState.WAITING)
        self.trigger.listen(token)

    def fire(self, token: "Token", repeats: bool) -> None:
        """The timer is due, and will be again if it ``repeats``."""
        self.happen(token, {})
        if not self.interrupts and not repeats:
            token.cancel()

    def happen(self, token: "Token", payload: dict[str, Any]) -> None:
        """The trigger of the armed ``token`` has come; one that does not interrupt goes on waiting for the next."""
        raise NotImplementedError

    def caught(self, watched: "Token", payload: dict[str, Any], thrower: "Token") -> None:
        """An error or escalation thrown within ``watched`` is caught here; ``thrower`` is the token just below ``watched`` through
        which it came up, or ``watched`` itself."""
        raise NotImplementedError


class BoundaryEvent(Catcher):
    """A boundary event: catches for the activity on which it sits."""

    is_boundary = True

    def __init__(
        self, process: ProcessSpec, facts: Facts, trigger: CatchTrigger | CodeTrigger, *, interrupts: bool
    ) -> None:
        super().__init__(process, facts)
        self.trigger = trigger
        self.interrupts = interrupts

    def happen(self, token: "Token", payload: dict[str, Any]) -> None:
        host = token.parent
        if self.interrupts:
            token.move_up()
            self.leave_host(host, token, payload)
        else:
            self.leave_host(host, host.put(self), payload)

    def caught(self, watched: "Token", payload: dict[str, Any], thrower: "Token") -> None:
        self.leave_host(watched, watched.put(self), payload)

    def leave_host(self, host: "Token", token: "Token", payload: dict[str, Any]) -> None:
        """Begin the path of the boundary event with ``token``, which already stands beside the host."""
        instance = token.workflow.top_workflow
        if self.interrupts:
            host.cancel()
        token.internal_data = {}
        instance.record(ENTERED, token, host.id)
        token.receive(payload)
        token._ready()


class MessageThrow:
    """How a message is thrown; shared by events and send tasks."""

    def __init__(self, trigger: MessageTrigger, payload: Payload) -> None:
        self.trigger = trigger
        self.payload = payload

    def throw(self, token: "Token") -> None:
        """Deliver it inside the instance if somebody waits for it, else let it leave."""
        payload = self.payload.evaluate(token)
        correlation = self.trigger.correlate(token, payload)
        propagation.throw_message(token, self.trigger.name, correlation, payload)


class SignalThrow:
    """How a signal is thrown."""

    def __init__(self, trigger: SignalTrigger, payload: Payload) -> None:
        self.trigger = trigger
        self.payload = payload

    def throw(self, token: "Token") -> None:
        """Tell everybody, inside and outside."""
        propagation.throw_signal(token, self.trigger.name, self.payload.evaluate(token))


class CodeThrow:
    """How an error or an escalation is thrown."""

    def __init__(self, trigger: CodeTrigger, payload: Payload) -> None:
        self.trigger = trigger
        self.payload = payload

    def throw(self, token: "Token") -> None:
        """Look for the innermost boundary event that catches it."""
        payload = self.payload.evaluate(token)
        if self.trigger.kind is Kind.ERROR:
            propagation.throw_error_end(token, self.trigger.code, payload)
        else:
            propagation.throw_escalation(token, self.trigger.code, payload)


class Terminate:
    """What a terminate end event does: its own scope ends, no other."""

    def throw(self, token: "Token") -> None:
        """Cancel all other tokens of the scope."""
        propagation.terminate_scope(token)


Throw = MessageThrow | SignalThrow | CodeThrow | Terminate


class ThrowEvent(Node):
    """An intermediate throw event or an end event: throws as it is left. An end event has no outgoing flow."""

    def __init__(self, process: ProcessSpec, facts: Facts, thrown: Throw | None) -> None:
        super().__init__(process, facts)
        self.thrown = thrown

    def choose(self, token: "Token") -> tuple[Flow, ...]:
        if self.thrown is not None:
            self.thrown.throw(token)
            if token.id not in token.workflow.tasks:
                return ()  # what it threw has ended its own scope
        return super().choose(token)


class LinkThrow(Node):
    """A link throw event: the token goes on in the link catch event of the same name (BPMN 2.0 chapter 10.5.6)."""

    def __init__(self, process: ProcessSpec, facts: Facts, target: str) -> None:
        super().__init__(process, facts)
        self.target = target

    def successors(self) -> list[str]:
        return [self.target]

    def choose(self, token: "Token") -> tuple[Flow, ...]:
        target = token.workflow.spec.node(self.target)
        target.start(token.put(target), token.id)
        return ()


class LinkCatch(Node):
    """A link catch event: goes on at once when a token comes from its throw event."""
