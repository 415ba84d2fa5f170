"""Gateways: exclusive, parallel, inclusive; joins count what has arrived on each sequence flow, so loops are right."""

from typing import TYPE_CHECKING

from SpiffWorkflow.util.task import TaskState

from engine.bpmn.specs.base import COMPLETED, ENTERED, Facts, Flow, Node, ProcessSpec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.bpmn.tokens import Token


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
    (BPMN 2.0 chapter 13.4.1).
    """

    def arrive(self, source: "Token", flow: Flow) -> None:
        instance = source.workflow.top_workflow
        for activation in (*source.workflow.task_tree.children, *source.children):
            if activation.task_spec is not self or activation.state > TaskState.WAITING:
                continue
            arrived = activation.internal_data["arrived"]
            if flow.id not in arrived:
                instance.record_flow(flow, source, activation)
                arrived.append(flow.id)
                if activation.state == TaskState.WAITING:
                    self.complete_activation(activation)
                return
        token = source._add_child(self)
        token.internal_data["arrived"] = [flow.id]
        instance.record_flow(flow, source, token)

    def enter(self, token: "Token") -> bool:
        token._set_state(TaskState.WAITING)
        self.complete_activation(token)
        return False

    def complete_activation(self, token: "Token") -> None:
        """Make the activation ready if nothing is missing."""
        if len(token.internal_data["arrived"]) >= len(self.incoming):
            token._ready()


class ParallelGateway(Join):
    """Waits for one token on each incoming flow, then sends one along each outgoing flow."""


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
