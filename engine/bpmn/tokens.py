"""Tokens and the instances that hold them: the library's Task and workflows, kept small.

The library keeps every task for ever and predicts those to come; both make its tree grow without end (and its joins,
data and completion wrong in loops). Here a task is a *token*: it exists from the moment it enters an element until it
leaves. What has left goes out of the tree at once, what may come is not in it, so the tree of an instance holds exactly
what lives: the root of each process or subprocess, under it the tokens, under a multi-instance body its instances, under
an activity its armed boundary events. History is told by the trace, not by the tree.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.expressions import FeelEngine, to_plain
from engine.bpmn.limits import MAX_CALL_DEPTH, MAX_TOKENS, failure
from engine.bpmn.scopes import Scope
from engine.runtime.step import ActivityState, ActivityTrace, EndKind, ServiceCall, ThrownEvent

if TYPE_CHECKING:
    from engine import feel
    from engine.bpmn.compiled import CompiledProcess
    from engine.bpmn.specs.base import Flow, Node, ProcessSpec

_ENGINE = FeelEngine()  # has no state


class Token(Task):  # type: ignore[misc]
    """A token in an element. ``internal_data`` holds what the element must remember; it is JSON."""

    task_spec: "Node"
    workflow: "Instance | SubInstance"
    parent: Any  # the token that holds this one; None for the root of a scope

    def __init__(
        self,
        workflow: "Instance | SubInstance",
        task_spec: "Node",
        parent: "Token | None" = None,
        state: int = TaskState.FUTURE,
        id: str | None = None,
    ) -> None:
        super().__init__(workflow, task_spec, parent, state, id or str(uuid4()))
        self.scope: Scope = workflow.scope if parent is None else parent.scope
        if len(workflow.tasks) > MAX_TOKENS:
            raise failure(
                task_spec,
                "too-many-tokens",
                f"一个实例中同时存在超过 {MAX_TOKENS} 个令牌",
                f"more than {MAX_TOKENS} tokens in one instance",
                limit=MAX_TOKENS,
            )

    def _add_child(self, task_spec: "Node", state: int = TaskState.FUTURE) -> "Token":
        return Token(self.workflow, task_spec, self, state)

    def _set_state(self, value: int) -> None:
        self._state = value  # the library's own version reads the clock and builds a log record each time

    @property
    def is_armed(self) -> bool:
        """Does it wait for an event without having entered its element: for a boundary event, an event subprocess, a
        target of an event-based gateway?"""
        if self._state != TaskState.WAITING:
            return False
        node = self.task_spec
        return node.is_boundary or node.is_event_subprocess or self.parent.task_spec.is_event_gateway

    @property
    def has_own_scope(self) -> bool:
        """Does it have variables of its own (a multi-instance body or instance, a loop)?"""
        outer = self.workflow.scope if self.parent is None else self.parent.scope
        return self.scope is not outer

    def local_variables(self) -> dict[str, Any]:
        """What this token sees beyond the process instance's own variables: those of the multi-instance instances
        around it and, in a called process, that process's."""
        found: dict[str, Any] = {}
        current: Token | None = self
        while current is not None:
            if current.has_own_scope and not current.task_spec.is_body:
                found = {**current.scope.local, **found}
            host = current.workflow.host
            if current.parent is None and host is not None and current.scope is not host.scope:
                return {**current.scope.local, **found}
            current = host if current.parent is None else current.parent
        return found

    def evaluate_feel(self, expression: "feel.Expression") -> Any:
        """Return the FEEL value of an expression in this token's scope. Raises StepFailed."""
        return _ENGINE.evaluate(self, expression)

    def evaluate(self, expression: "feel.Expression") -> Any:
        """Return the value of an expression as JSON. Raises StepFailed."""
        return to_plain(self, self.evaluate_feel(expression))

    def holds(self, condition: "feel.Expression") -> bool:
        """Does the condition hold in this token's scope? Raises StepFailed when it gives neither true nor false."""
        return _ENGINE.condition(self, condition)

    @contextmanager
    def seeing(self, scope: Scope) -> Iterator[None]:
        """Let expressions be read here as if this were the token's scope."""
        own, self.scope = self.scope, scope
        try:
            yield
        finally:
            self.scope = own

    def receive(self, payload: Mapping[str, Any]) -> None:
        """Take the variables that an event brings; they are plain."""
        for name, value in payload.items():
            self.scope.write(name, value)

    def put(self, task_spec: "Node") -> "Token":
        """Put a new token beside this one, into an element that the caller will start."""
        return Token(self.workflow, task_spec, self.parent, TaskState.FUTURE)

    def put_inside(self, task_spec: "Node", id: str | None = None) -> "Token":
        """Put a new token below this one; ``id`` is that of an earlier one that waits anew."""
        return Token(self.workflow, task_spec, self, TaskState.FUTURE, id)

    def move_up(self) -> None:
        """Become a sibling of the parent (a boundary event leaves its host, an event its gateway)."""
        old = self.parent
        new = old.parent
        old._children.remove(self.id)
        new._children.insert(new._children.index(old.id) + 1, self.id)
        self.parent = new
        self.scope = new.scope

    def complete(self) -> None:
        """Leave the element; unless what it did has ended its own scope meanwhile."""
        if self.id in self.workflow.tasks:
            super().complete()

    def cancel(self) -> None:
        """End this token and all that depends on it, innermost first."""
        instance = self.workflow.top_workflow
        inner = instance.subprocesses.pop(self.id, None)
        if inner is not None:
            inner.cancel_all()
            inner.forget_root()
        for child in self.children:
            child.cancel()
        if not self.has_state(TaskState.FINISHED_MASK):
            if not self.is_armed:
                instance.record(ActivityState.CANCELLED, self)
            self._set_state(TaskState.CANCELLED)
        self.workflow.remove(self)


class _Container:
    """What an instance and the inside of a subprocess or called process have in common."""

    spec: "ProcessSpec"
    scope: Scope
    tasks: dict[str, Token]
    task_tree: Token
    host: Token | None  # in which this runs; None for the instance itself
    path: tuple[str, ...]  # token ids of the hosts, from the instance down to here
    call_depth: int
    _remove_task: Callable[[str], None]  # the library's

    def _plant(self, root_id: str) -> None:
        self.task_tree = Token(self, self.spec.start, None, TaskState.COMPLETED, root_id)  # type: ignore[arg-type]

    def walk(self) -> Iterator[Token]:
        """All living tokens of this process and of those inside it, in the order that is also stored."""
        yield from _walk(self.task_tree)

    def remove(self, token: Token) -> None:
        """Take a token out of the tree, with what may be below it."""
        if token.id in self.tasks:
            self._remove_task(token.id)

    def forget_root(self) -> None:
        self.tasks.pop(self.task_tree.id, None)

    def cancel_all(self, *, but: Token | None = None) -> None:
        """Cancel every token of this scope."""
        for token in self.task_tree.children:
            if token is not but:
                token.cancel()

    def _task_completed_notify(self, token: Token) -> None:
        """A token has left its element: its followers take its place in the tree."""
        if token.id not in self.tasks:
            return  # an event that it threw has ended its scope
        parent = token.parent
        at = parent._children.index(token.id)
        for child in token.children:
            child.parent = parent
        parent._children[at : at + 1] = token._children
        token._children = []
        del self.tasks[token.id]
        if parent is not self.task_tree:
            parent.task_spec.inner_completed(parent, token)
        elif self._is_over():
            self.finish()

    def _is_over(self) -> bool:
        """Is no token left but those that only wait to start an event subprocess? They go with the scope."""
        children = self.task_tree.children
        if not all(token.is_armed for token in children):
            return False
        for token in children:
            token.cancel()
        return True

    def arm(self) -> None:
        """Let the event subprocesses of this scope begin to wait."""
        for event_subprocess in self.spec.event_subprocesses:
            event_subprocess.arm(self.task_tree)

    def finish(self) -> None:
        raise NotImplementedError


def _walk(root: Token) -> Iterator[Token]:
    subprocesses = root.workflow.top_workflow.subprocesses
    for token in root.children:
        yield token
        inner = subprocesses.get(token.id)
        if inner is not None:
            yield from _walk(inner.task_tree)
        if token._children:
            yield from _walk(token)


class Instance(_Container, BpmnWorkflow):  # type: ignore[misc]
    """One running process instance."""

    subprocesses: "dict[str, SubInstance]"
    correlations: dict[str, dict[str, Any]]  # correlation key -> its properties, once a message has set them

    def __init__(
        self,
        compiled: "CompiledProcess",
        scope: Scope,
        zone: tzinfo = UTC,
        functions: "Callable[[datetime], Mapping[str, Callable[..., Any]]] | None" = None,
    ) -> None:
        self.compiled = compiled
        self.host = None
        self.scope = scope
        self.path = ()
        self.call_depth = 0
        self.agenda: deque[Token] = deque()
        self.trace: list[ActivityTrace] = []
        self.calls: list[ServiceCall] = []
        self.thrown: list[ThrownEvent] = []
        self.ended: EndKind | None = None
        self.end_code: str | None = None
        self.zone = zone
        self.now = datetime.min.replace(tzinfo=UTC)
        self.functions: Mapping[str, Callable[..., Any]] = {}
        self._make_functions = functions
        super().__init__(compiled.root, compiled.specs, script_engine=_ENGINE, deserializing=True)
        self._plant("/")

    def set_time(self, now: datetime) -> None:
        """Let ``now`` (aware) be the time of all that follows, read in the zone of the office."""
        if now.tzinfo is None:
            raise ValueError("now must be an aware datetime")
        self.now = now.astimezone(self.zone)
        self.functions = {} if self._make_functions is None else self._make_functions(self.now)

    def record(
        self,
        state: ActivityState,
        token: Token,
        origin: str | None = None,
        *,
        origins: tuple[str, ...] = (),
        renews: str | None = None,
        reopens: bool = False,
        memory: dict[str, Any] | None = None,
    ) -> None:
        """Tell that an element was entered, completed or cancelled, and from where (see ActivityTrace)."""
        node = token.task_spec
        self.trace.append(
            ActivityTrace(
                state=state,
                token_id=token.id,
                element_id=node.element_id,
                element_name=node.element_name,
                element_type=node.element_type,
                process_key=node.process_key,
                scope=token.workflow.path,
                origin=origin,
                origins=origins,
                renews=renews,
                reopens=reopens,
                memory=memory,
            )
        )

    def record_flow(self, flow: "Flow", source: Token, target: Token) -> None:
        """Tell that a token went along a sequence flow."""
        self.trace.append(
            ActivityTrace(
                state=ActivityState.COMPLETED,
                token_id=target.id,
                element_id=flow.id,
                element_name=flow.name,
                element_type="sequenceFlow",
                process_key=source.task_spec.process_key,
                scope=source.workflow.path,
                origin=source.id,
            )
        )

    def open_scope(self, host: Token, spec: "ProcessSpec", scope: Scope, *, called: bool = False) -> "SubInstance":
        """Start the inside of a subprocess or a called process."""
        depth = host.workflow.call_depth + called
        if depth > MAX_CALL_DEPTH:
            raise failure(
                host.task_spec,
                "calls-too-deep",
                f"调用活动嵌套超过 {MAX_CALL_DEPTH} 层",
                f"call activities nested more than {MAX_CALL_DEPTH} deep",
                limit=MAX_CALL_DEPTH,
            )
        inner = SubInstance(spec, host, self, scope, depth)
        self.subprocesses[host.id] = inner
        return inner

    def finish(self) -> None:
        """The last token is gone."""
        self.completed = True
        if self.ended is None:
            self.ended = EndKind.COMPLETED

    def end(self, kind: EndKind, code: str | None = None) -> None:
        """End the whole instance now."""
        self.ended = kind
        self.end_code = code
        self.success = kind is EndKind.COMPLETED
        self.cancel_all()
        self.agenda.clear()
        self.finish()


class SubInstance(_Container, BpmnSubWorkflow):  # type: ignore[misc]
    """The inside of an embedded subprocess or of a called process, while it runs."""

    host: Token
    top_workflow: Instance
    correlations: dict[str, dict[str, Any]]

    def __init__(self, spec: "ProcessSpec", host: Token, top: Instance, scope: Scope, call_depth: int) -> None:
        self.host = host
        self.scope = scope
        self.path = (*host.workflow.path, host.id)
        self.call_depth = call_depth
        super().__init__(spec, host.id, top, deserializing=True)
        self.tasks = top.tasks  # one index for the whole instance
        if self.is_embedded:
            self.correlations = host.workflow.correlations
        self._plant(f"{host.id}/")

    @property
    def is_embedded(self) -> bool:
        """Does it share the variables and conversations of what is around it? A called process does not, and each
        instance of a multi-instance subprocess holds conversations of its own."""
        return self.scope is self.host.workflow.scope

    @property
    def parent_workflow(self) -> "Instance | SubInstance":
        return self.host.workflow

    def finish(self) -> None:
        """The last token inside is gone: the host goes on."""
        self.completed = True
        self.top_workflow.subprocesses.pop(self.host.id, None)
        self.forget_root()
        self.host.task_spec.scope_finished(self.host, self)
