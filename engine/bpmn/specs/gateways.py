"""Gateways: exclusive, parallel, inclusive; joins count what has arrived on each sequence flow, so loops are right."""

from typing import TYPE_CHECKING

from SpiffWorkflow.util.task import TaskState

from engine.bpmn.specs.base import COMPLETED, ENTERED, Facts, Flow, Node, ProcessSpec

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from engine.bpmn.tokens import Instance, SubInstance, Token


class ExclusiveGateway(Node):
    """Passes every token on, along the first flow (in the order of the file) whose condition holds."""

    def choose(self, token: "Token") -> tuple[Flow, ...]:
        default: Flow | None = None
        for flow in self.outgoing:
            if flow.is_default:
                default = flow
            elif flow.condition is None or token.holds(flow.condition):
                return (flow,)
        if default is not None:
            return (default,)
        return self.outgoing and self.no_flow()


class Join(Node):
    """A gateway that waits for several tokens. One living token of it is one *activation*: the flows that have arrived.

    A token on a flow that the activation already has opens the next activation: excess tokens wait for their own turn
    (BPMN 2.0 chapter 13.4.1). An activation remembers from which token each arrival came, so that a return can take it back.
    """

    def arrive(self, source: "Token", flow: Flow) -> None:
        instance = source.workflow.top_workflow
        activation = self._open_activation((*source.workflow.task_tree.children, *source.children), flow.id)
        if activation is None:
            token = source._add_child(self)
            token.internal_data["arrived"] = {flow.id: source.id}
            instance.record_flow(flow, source, token)
            return
        instance.record_flow(flow, source, activation)
        activation.internal_data["arrived"][flow.id] = source.id
        if activation.state == TaskState.WAITING:
            self.complete_activation(activation)

    def _open_activation(self, tokens: "Iterable[Token]", flow_id: str) -> "Token | None":
        for token in tokens:
            is_open = token.task_spec is self and token.state <= TaskState.WAITING
            if is_open and flow_id not in token.internal_data["arrived"]:
                return token
        return None

    def admit(
        self, container: "Instance | SubInstance", arrived: "Mapping[str, str]", *, renews: str | None = None
    ) -> None:
        """Let tokens wait here that had arrived before: flow -> the token that came along it."""
        missing = dict(arrived)
        for flow_id in arrived:
            activation = self._open_activation(container.task_tree.children, flow_id)
            if activation is not None:
                activation.internal_data["arrived"][flow_id] = missing.pop(flow_id)
                self.complete_activation(activation)
        if missing:
            token = container.task_tree._add_child(self)
            token.internal_data["arrived"] = missing
            origins = tuple(dict.fromkeys(missing.values()))
            container.top_workflow.record(ENTERED, token, origins=origins, renews=renews)
            self.enter(token)

    def came_from(self, token: "Token") -> tuple[str, ...]:
        return tuple(dict.fromkeys(token.internal_data["arrived"].values()))

    def enter(self, token: "Token") -> bool:
        token._set_state(TaskState.WAITING)
        self.complete_activation(token)
        return False

    def complete_activation(self, token: "Token") -> None:
        """Make the activation ready if nothing is missing."""
        if len(token.internal_data["arrived"]) >= len(self.incoming):
            token._ready()


class ParallelGateway(Join):
    """Waits for one token on each incoming flow, then sends one along each outgoing flow, whatever conditions are written there
    (BPMN 2.0 chapter 13.4.1)."""

    def choose(self, token: "Token") -> tuple[Flow, ...]:
        return self.outgoing


class InclusiveGateway(Join):
    """Waits for every token that can still come (BPMN 2.0 chapter 13.4.3), then takes every flow whose condition holds.

    Whether one can still come is asked when nothing else moves; see :meth:`may_fire`.
    """

    def __init__(self, process: ProcessSpec, facts: Facts) -> None:
        super().__init__(process, facts)
        self.reachable: Mapping[str, frozenset[str]] = {}  # node -> my incoming flows that a token in it can reach

    def may_fire(self, token: "Token") -> bool:
        """Can no other token of this scope reach a flow that is still empty?

        A token that can also reach a flow that has arrived is not waited for: it would come behind in a loop.
        """
        arrived = frozenset(token.internal_data["arrived"])
        for other in token.workflow.task_tree.children:
            if other.task_spec is self:
                continue
            reachable = self.reachable.get(other.task_spec.name, frozenset())
            if reachable - arrived and not reachable & arrived:
                return False
        return True


class EventGateway(Node):
    """Waits for the first of the events behind it; the others then cannot happen any more."""

    is_event_gateway = True

    def enter(self, token: "Token") -> bool:
        token._set_state(TaskState.WAITING)
        for flow in self.outgoing:
            event: Node = token.workflow.spec.task_specs[flow.target]
            child = token._add_child(event)
            child._set_state(TaskState.WAITING)
            child.internal_data["flow"] = flow.id
            event.listen(child)
        return False

    def happened(self, child: "Token") -> None:
        """The event of ``child`` has happened: the gateway is passed, the token goes on in the event."""
        token = child.parent
        instance = token.workflow.top_workflow
        for other in token.children:
            if other is not child:
                other.cancel()
        instance.record(COMPLETED, token)
        taken = child.internal_data.pop("flow")
        flow = next(flow for flow in self.outgoing if flow.id == taken)
        instance.record_flow(flow, token, child)
        child.move_up()
        token._set_state(TaskState.COMPLETED)
        token.workflow.remove(token)
        instance.record(ENTERED, child)
