"""Embedded subprocess and call activity: a token whose inside is a scope of its own tokens."""

from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from engine.bpmn.scopes import Scope, copy
from engine.bpmn.specs.awaited import AWAITED, awaited_by
from engine.bpmn.specs.base import Facts, Node, ProcessSpec
from engine.bpmn.specs.events import Catcher
from engine.bpmn.specs.triggers import CatchTrigger, CodeTrigger
from engine.records import record

if TYPE_CHECKING:
    from engine import feel
    from engine.bpmn.tokens import SubInstance, Token


class SubProcess(Node):
    """``subProcess``: its tokens see and write the variables around it."""

    def __init__(self, process: ProcessSpec, facts: Facts, spec_key: str, *, name: str | None = None) -> None:
        super().__init__(process, facts, name=name)
        self.spec_key = spec_key

    def enter(self, token: "Token") -> bool:
        self.open(token, token.scope)
        return False

    def open(self, token: "Token", scope: Scope, *, called: bool = False) -> None:
        """Start the inside with a token in its none start event."""
        token._set_state(TaskState.STARTED)
        instance = token.workflow.top_workflow
        spec: ProcessSpec = instance.subprocess_specs[self.spec_key]
        inner = instance.open_scope(token, spec, scope, called=called)
        inner.arm()
        assert spec.initial is not None  # the compiler sees to it
        start = spec.node(spec.initial)
        start.start(inner.task_tree._add_child(start))

    def scope_finished(self, token: "Token", inner: "SubInstance") -> None:
        token._ready()


@record(kw_only=False)
class Mappings:
    """The ``banjie:in`` or ``banjie:out`` elements of a call: expressions with the names that receive their values."""

    items: "tuple[tuple[str, feel.Expression], ...]" = ()
    all: bool = False  # every variable under its own name, before the single ones

    def __bool__(self) -> bool:
        return self.all or bool(self.items)

    def evaluate(self, token: "Token") -> dict[str, Any]:
        """Return what goes across, read in the scope of ``token``."""
        values: dict[str, Any] = copy(token.scope.flat()) if self.all else {}
        values.update({target: token.evaluate(source) for target, source in self.items})
        return values


class CallActivity(SubProcess):
    """``callActivity``: the called process has its own variables; ``in`` and ``out`` mappings carry values across.

    Without any mapping all variables go in and all come back, as in Camunda 8.
    """

    def __init__(
        self,
        process: ProcessSpec,
        facts: Facts,
        spec_key: str,
        inputs: Mappings,
        outputs: Mappings,
        *,
        name: str | None = None,
    ) -> None:
        super().__init__(process, facts, spec_key, name=name)
        free = not inputs and not outputs
        self.going_in = Mappings(all=True) if free else inputs
        self.coming_out = Mappings(all=True) if free else outputs

    def enter(self, token: "Token") -> bool:
        self.open(token, Scope(self.going_in.evaluate(token)), called=True)
        return False

    def scope_finished(self, token: "Token", inner: "SubInstance") -> None:
        outer, token.scope = token.scope, inner.scope
        try:  # the out mappings read the variables of the called process
            values = self.coming_out.evaluate(token)
        finally:
            token.scope = outer
        for name, value in values.items():
            outer.write(name, value)
        token._ready()


class EventSubProcess(SubProcess, Catcher):
    """``subProcess`` with ``triggeredByEvent``: catches for the scope in which it stands (BPMN 2.0 chapter 13.5.4).

    An interrupting one ends everything else in its scope and then runs in its place; another one runs beside, each time
    that its event happens. The scope is over when no token is left in it; what still waits for an event then goes too.
    """

    is_event_subprocess = True

    def __init__(
        self,
        process: ProcessSpec,
        facts: Facts,
        spec_key: str,
        trigger: CatchTrigger | CodeTrigger,
        *,
        interrupts: bool,
        waits_as: Facts,
    ) -> None:
        super().__init__(process, facts, spec_key)
        self.trigger = trigger
        self.interrupts = interrupts
        self.waits_as = waits_as  # its start event
        process.event_subprocesses = (*process.event_subprocesses, self)

    def happen(self, token: "Token", payload: dict[str, Any]) -> None:
        self._begin_with(token if self.interrupts else token.put(self), payload, None)

    def caught(self, watched: "Token", payload: dict[str, Any], thrower: "Token") -> None:
        self._begin_with(watched._add_child(self), payload, thrower.id)

    def _begin_with(self, token: "Token", payload: dict[str, Any], thrower: str | None) -> None:
        """Run with ``token``. What interrupts descends from all that it ends; what is thrown, from its thrower; a message, signal
        or timer comes to the scope as a whole, so what it starts beside the others descends from none of them."""
        origins = () if thrower is None else (thrower,)
        kept: dict[str, Any] = {}
        if self.interrupts:
            kept = {AWAITED: awaited_by(token.workflow.task_tree)}
            others = [other for other in token.workflow.task_tree.children if other is not token]
            origins = tuple(other.id for other in others if not other.is_armed)
            token.workflow.cancel_all(but=token)
        token.internal_data = kept
        token.receive(payload)
        self.start(token, origins=origins)
