"""What every flow node does: a token enters, runs, leaves along sequence flows.

The classes here are the library's specs with four of its hooks answered anew: nothing is predicted (``_predict_hook``),
entering records and arms (``_update_hook``), running does the element's work (``_run_hook``), leaving follows the flows
(``_on_complete_hook``). The library's rules of state and its order of calls stay.
"""

from typing import TYPE_CHECKING, Any, Final

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.limits import failure
from engine.records import record
from engine.runtime.step import ActivityState

if TYPE_CHECKING:
    from engine import feel
    from engine.bpmn.specs.activities import EventSubProcess
    from engine.bpmn.specs.events import BoundaryEvent
    from engine.bpmn.tokens import SubInstance, Token

ENTERED: Final = ActivityState.ENTERED
COMPLETED: Final = ActivityState.COMPLETED
STRAIGHT: Final = "straight"  # what a returned token remembers of the places to which it goes straight back (P-3.6)


@record(kw_only=False)
class Flow:
    """A sequence flow as its source sees it."""

    id: str
    name: str
    target: str
    condition: "feel.Expression | None" = None
    is_default: bool = False


@record(kw_only=False)
class Facts:
    """What the diagram says of any flow node."""

    id: str
    name: str
    type: str  # BPMN local name
    process_key: str
    lane: str | None = None


class ProcessSpec(BpmnProcessSpec):  # type: ignore[misc]
    """The flow nodes of one process or of the inside of one subprocess."""

    def __init__(self, name: str) -> None:
        super().__init__(name=name)
        # The library puts specs named "Start", "End" and "...EndJoin" beside those of the model, which may well have an
        # element of the same id. Only a start is needed, as the root of the tree, and not by name.
        self.start = Root(self)
        self.task_specs.clear()
        self.initial: str | None = (
            None  # the none start event, if there is one (in an event subprocess: its start event)
        )
        self.event_subprocesses: tuple[EventSubProcess, ...] = ()

    def node(self, name: str) -> "Node":
        """Return the flow node of that id. Raises KeyError."""
        node: Node = self.task_specs[name]
        return node


class Node(BpmnTaskSpec):  # type: ignore[misc]
    """A flow node. Subclasses say what happens on ``enter`` and ``run`` and which flows are taken."""

    is_boundary = False
    is_event_gateway = False
    is_event_subprocess = False
    is_body = False  # does it hold the instances of a loop?

    def __init__(self, process: ProcessSpec, facts: Facts, *, name: str | None = None) -> None:
        super().__init__(process, name or facts.id, lane=facts.lane)
        self.facts = facts
        self.element_id = facts.id
        self.element_name = facts.name
        self.element_type = facts.type
        self.process_key = facts.process_key
        self.incoming: tuple[str, ...] = ()
        self.outgoing: tuple[Flow, ...] = ()
        self.boundaries: tuple[BoundaryEvent, ...] = ()
        self.waits_as = facts  # the element that its waiting tokens name

    # -- what subclasses answer --------------------------------------------------------------------------------------

    def enter(self, token: "Token") -> bool:
        """Prepare the element for a token that has arrived; may it run at once?"""
        return True

    def run(self, token: "Token") -> None:
        """Do the element's work; the token leaves afterwards."""

    def choose(self, token: "Token") -> tuple[Flow, ...]:
        """Return the flows that a leaving token takes: all without condition, and those whose condition holds.

        BPMN 2.0 chapter 13.3.1: a default flow is taken when no condition holds.
        """
        return self.choose_among(token, self.outgoing)

    def choose_among(self, token: "Token", flows: tuple[Flow, ...]) -> tuple[Flow, ...]:
        """As ``choose``, among these flows only."""
        if all(flow.condition is None and not flow.is_default for flow in flows):
            return flows
        free = tuple(flow for flow in flows if flow.condition is None and not flow.is_default)
        held = tuple(flow for flow in flows if flow.condition is not None and token.holds(flow.condition))
        default = () if held else tuple(flow for flow in flows if flow.is_default)
        return free + held + default or self.no_flow()

    def came_from(self, token: "Token") -> "tuple[str, ...]":
        """All tokens that a leaving token has brought together; only a join brings any together."""
        return ()

    def memory_of(self, token: "Token") -> "dict[str, Any] | None":
        """What the history keeps of a leaving token, so that it can go on (P-6.1); only a multi-instance body has any."""
        return None

    def successors(self) -> list[str]:
        """The names of the nodes to which a token may go from here, by its boundary events too."""
        return [flow.target for flow in self.outgoing] + [boundary.name for boundary in self.boundaries]

    def inner_completed(self, token: "Token", inner: "Token") -> None:
        """A token that ran inside this one (an instance of a loop) has left."""
        raise AssertionError(f"{self.name} holds no inner tokens")

    def scope_finished(self, token: "Token", inner: "SubInstance") -> None:
        """The last token of the scope that this token opened is gone."""
        raise AssertionError(f"{self.name} opens no scope")

    # -- shared by all -----------------------------------------------------------------------------------------------

    def no_flow(self) -> tuple[Flow, ...]:
        raise failure(
            self,
            "no-flow",
            "没有一条出线的条件成立，也没有默认流；请补全条件或设置默认流",
            "no outgoing flow has a condition that holds, and there is no default flow",
        )

    def arrive(self, source: "Token", flow: Flow) -> None:
        """A token comes along ``flow``: by default it is a new activation of this node."""
        token = source._add_child(self)
        source.workflow.top_workflow.record_flow(flow, source, token)

    def start(
        self,
        token: "Token",
        origin: str | None = None,
        *,
        origins: "tuple[str, ...]" = (),
        renews: str | None = None,
    ) -> None:
        """Let a token that came by no sequence flow (a start event, an instance of a loop, a return) begin here."""
        token.workflow.top_workflow.record(ENTERED, token, origin, origins=origins, renews=renews)
        self._begin(token)

    def settle(self, token: "Token") -> None:
        """The activity is over: its boundary events can no longer happen."""
        for child in token.children:
            if child.task_spec.is_boundary:
                child.cancel()

    def finish(self, token: "Token") -> None:
        """The outside has done the work of a waiting token; it leaves with the next ``advance``."""
        self.settle(token)
        token._set_state(TaskState.STARTED)
        token.internal_data["done"] = True
        token.workflow.top_workflow.agenda.append(token)

    def _begin(self, token: "Token") -> None:
        for boundary in self.boundaries:
            boundary.arm(token)
        if self.enter(token):
            token._ready()

    # -- the library's hooks -----------------------------------------------------------------------------------------

    def test(self) -> None:
        """The compiler has checked the structure; the library would do it again for every token."""

    def _predict_hook(self, my_task: "Token") -> None:
        """Nothing is predicted: prediction multiplies in sequences of parallel blocks (8,189 tasks for ten of them)."""

    def _update_hook(self, my_task: "Token") -> bool:
        my_task.workflow.top_workflow.record(ENTERED, my_task)
        self._begin(my_task)
        return False  # _begin has made it ready if it may run

    def _on_ready_hook(self, my_task: "Token") -> None:
        if not self.manual:
            my_task.workflow.top_workflow.agenda.append(my_task)

    def _run_hook(self, my_task: "Token") -> bool:
        self.run(my_task)
        return True

    def _on_complete_hook(self, my_task: "Token") -> None:
        self.settle(my_task)
        my_task.workflow.top_workflow.record(
            COMPLETED, my_task, origins=self.came_from(my_task), memory=self.memory_of(my_task)
        )
        if STRAIGHT in my_task.internal_data:
            go_straight(my_task)
            return
        for flow in self.choose(my_task):
            target: Node = my_task.workflow.spec.task_specs[flow.target]
            target.arrive(my_task, flow)


def go_straight(token: "Token") -> None:
    """Put tokens back where a return has taken them away: ``[[node, old token, arrived or null], ...]``."""
    for name, old, arrived in token.internal_data[STRAIGHT]:
        node = token.workflow.spec.node(name)
        if arrived is None:
            node.start(token.put(node), token.id, renews=old)
        else:
            node.admit(token.workflow, arrived, renews=old)


class Root(Node):
    """What holds the tokens of one scope; it is no element and never runs."""

    def __init__(self, process: ProcessSpec) -> None:
        super().__init__(process, Facts(id="/", name="", type="", process_key=process.name))
