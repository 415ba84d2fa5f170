"""The machine: starts, moves, stores and restores process instances. No database, no HTTP, no clock."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any, NoReturn

from SpiffWorkflow.util.task import TaskState

from engine.bpmn import modifying, propagation, returning, soundness, state
from engine.bpmn.compiled import CompiledProcess
from engine.bpmn.compiler import compile_process
from engine.bpmn.limits import MAX_SECONDS, MAX_STEPS, Budget
from engine.bpmn.participants import Participation
from engine.bpmn.rest import refuse_deadlock, step_of, waiting
from engine.bpmn.scopes import Scope, copy, plain_variables
from engine.bpmn.specs.activities import CallActivity
from engine.bpmn.specs.base import STRAIGHT
from engine.bpmn.specs.events import StartEvent
from engine.bpmn.specs.gateways import InclusiveGateway
from engine.bpmn.specs.tasks import HumanTask, ServiceTask
from engine.bpmn.timers import Timer
from engine.bpmn.tokens import Instance, Token
from engine.errors import Conflict
from engine.runtime.lineage import Lineage, Passage, Undoing
from engine.runtime.returning import Returned, ReturnTarget
from engine.runtime.step import EndKind, Step, Variables

Functions = Callable[[datetime], Mapping[str, Callable[..., Any]]]


class Machine:
    """Compiles definitions (kept in an LRU cache by definition id) and opens instances of them. Thread-safe.

    ``zone`` is the zone of the office: dates without a zone, days and months are read in it. ``functions`` gives the
    host functions of expressions (``wd``, ``nd``...) for a point in time.
    """

    def __init__(
        self,
        *,
        zone: tzinfo = UTC,
        functions: Functions | None = None,
        cache_size: int = 256,
        max_steps: int = MAX_STEPS,
        max_seconds: float = MAX_SECONDS,
    ) -> None:
        self.zone = zone
        self.functions = functions
        self.max_steps = max_steps
        self.max_seconds = max_seconds
        self._cache_size = cache_size
        self._cache: OrderedDict[str, CompiledProcess] = OrderedDict()
        self._lock = threading.Lock()

    def compile(self, definition_id: str, process_key: str, sources: Mapping[str, bytes]) -> CompiledProcess:
        """Return the compiled definition. ``sources`` are the normalised files of its whole closure by name.

        A definition never changes, so one compiled before is returned as it is. Raises ModelRefused.
        """
        cached = self.cached(definition_id)
        if cached is not None:
            return cached
        compiled = compile_process(definition_id, process_key, sources)
        with self._lock:
            self._cache[definition_id] = compiled
            while len(self._cache) > self._cache_size:
                self._cache.popitem(last=False)
        return compiled

    def cached(self, definition_id: str) -> CompiledProcess | None:
        """Return the compiled definition if it is still known, so that the caller need not fetch the files."""
        with self._lock:
            compiled = self._cache.get(definition_id)
            if compiled is not None:
                self._cache.move_to_end(definition_id)
            return compiled

    def start(
        self,
        compiled: CompiledProcess,
        variables: Variables,
        *,
        now: datetime,
        start_element: str | None = None,
        payload: Variables | None = None,
    ) -> "Execution":
        """Make a new instance with a token in its none start event, or in ``start_element`` (message, timer, signal).

        ``payload`` is what the message or signal carries; it becomes variables. Raises InvalidInput, StepFailed.
        """
        event = compiled.start_event(start_element)
        instance = self._instance(compiled)
        instance.set_time(now)
        instance.scope.update(variables)
        given = plain_variables(payload or {})
        instance.scope.local.update(given)
        node = compiled.root.node(event.id)
        instance.arm()
        token = instance.task_tree._add_child(node)
        if isinstance(node, StartEvent) and node.message is not None:
            node.message.begin_conversation(token, given)
        node.start(token)
        return Execution(self, instance)

    def load(self, compiled: CompiledProcess, text: str) -> "Execution":
        """Return the instance that :meth:`Execution.dump` has written. Raises StepFailed."""
        instance = self._instance(compiled)
        state.restore(text, instance)
        return Execution(self, instance)

    def _instance(self, compiled: CompiledProcess) -> Instance:
        return Instance(compiled, Scope(), self.zone, self.functions)


class Execution:
    """One instance in memory: give it what has happened, then ``advance``. After an error, throw it away.

    Methods that take a token id raise Conflict when that token does not wait any more.
    """

    def __init__(self, machine: Machine, instance: Instance) -> None:
        self._machine = machine
        self._instance = instance
        self._failed = False

    @property
    def ended(self) -> EndKind | None:
        """How the instance ended, or None."""
        return self._instance.ended

    def waiting(self) -> Step:
        """Return what waits now, without moving on: tasks, timers and subscriptions, and how the instance ended."""
        return waiting(self._instance)

    # -- what has happened outside -----------------------------------------------------------------------------------

    def complete_task(self, token_id: str, variables: Variables, *, refused: bool = False) -> None:
        """A person has completed the user or manual task; ``variables`` go where they are at home.

        ``refused``: the token leaves by the flow that the model keeps for a refusal, where it names one.
        """
        token = self._token(token_id)
        if not isinstance(token.task_spec, HumanTask) or token.state != TaskState.READY:
            _not_open(token_id)
        token.scope.update(variables)
        if refused:
            token.internal_data["refused"] = True
        token.task_spec.finish(token)

    def complete_service(self, token_id: str, variables: Variables) -> None:
        """The service call has succeeded. With a ``resultVariable`` the whole result is stored under that name."""
        token = self._token(token_id)
        node = token.task_spec
        if not isinstance(node, ServiceTask) or token.state != TaskState.STARTED or "done" in token.internal_data:
            _not_open(token_id)
        result = node.call.result_variable
        token.scope.update(variables if result is None else {result: variables})
        node.finish(token)

    def throw_error(self, token_id: str, code: str, message: str, variables: Variables) -> None:
        """A BPMN error at a waiting task: the innermost boundary event that catches it goes on.

        Raises StepFailed (reason "uncaught-error") when there is none.
        """
        propagation.throw_error(self._working(token_id), code, message, plain_variables(variables))

    def throw_escalation(self, token_id: str, code: str, variables: Variables) -> bool:
        """An escalation at a waiting task; was it caught? Uncaught ones are without effect (BPMN 2.0 10.5.6)."""
        return propagation.throw_escalation(self._working(token_id), code, plain_variables(variables))

    def deliver_message(self, name: str, correlation: Variables, payload: Variables) -> bool:
        """Give a message to the first token that waits for it and whose correlation it matches; was there one?"""
        return propagation.deliver_message(self._instance, name, plain_variables(correlation), plain_variables(payload))

    def deliver_signal(self, name: str, payload: Variables) -> int:
        """Give a signal to all tokens that wait for it; how many did?"""
        return propagation.deliver_signal(self._instance, name, plain_variables(payload))

    def set_variables(self, variables: Variables, scope: str | None = None) -> None:
        """Set variables of the process instance, or those nearest to the token ``scope`` (a multi-instance instance, or
        a token inside a called process)."""
        if scope is None:
            self._instance.scope.local.update(plain_variables(variables))
        else:
            self._token(scope).scope.local.update(plain_variables(variables))

    def store_variables(self, token_id: str, variables: Variables) -> None:
        """Write what somebody at a waiting task sent before the task is completed; they go where they are at home."""
        self._token(token_id).scope.update(plain_variables(variables))

    def variables(self, scope: str | None = None) -> dict[str, Any]:
        """Return a copy of what the process instance, or the token ``scope``, can see."""
        seen = self._instance.scope if scope is None else self._token(scope).scope
        found: dict[str, Any] = copy(seen.flat())
        return found

    def reschedule_timer(self, token_id: str, due_at: datetime | None) -> None:
        """Let a waiting timer be due at another (aware) time, or (None) as if it began now; a cycle goes on from there."""
        token = self._token(token_id)
        if token.state != TaskState.WAITING or "timer" not in token.internal_data:
            _not_open(token_id)
        if due_at is None:
            token.task_spec.trigger.listen(token)
            return
        timer = Timer.from_json(token.internal_data["timer"])
        token.internal_data["timer"] = timer.moved(due_at.astimezone(UTC)).to_json()

    def terminate(self, reason: str) -> None:
        """End the instance from outside: everything that waits is cancelled."""
        if self._instance.ended is None:
            self._instance.end(EndKind.TERMINATED, reason or None)

    def end_process(self, token_id: str, reason: str) -> bool:
        """End the process in which a task waits, with everything in it, as a terminate end event on its top would.

        A called process goes back to its caller with its variables, and the caller goes on; the outermost one ends the
        instance. Was it the outermost?
        """
        container = self._token(token_id).workflow
        while container.host is not None and not isinstance(container.host.task_spec, CallActivity):
            container = container.host.workflow
        if container.host is None:
            self.terminate(reason)
            return True
        container.cancel_all()
        container.finish()
        return False

    def participation(self, token_id: str, *, now: datetime, lineage: Lineage | None = None) -> Participation | None:
        """The multi-instance user task, as long as it runs, of which a token is one instance; with the ``lineage`` of the whole
        history also of which it was one. None for every other token."""
        self._instance.set_time(now)
        return Participation.of(self._instance, token_id, lineage)

    # -- going back --------------------------------------------------------------------------------------------------

    def possible_returns(self, from_token: str, lineage: Lineage) -> list[ReturnTarget]:
        """Where the task ``from_token`` can return to, nearest first, and why not elsewhere. ``lineage`` is that of the whole
        history of this instance."""
        return returning.possible_returns(self._token(from_token), lineage)

    def return_to(
        self, target_element: str, from_token: str, lineage: Lineage, *, now: datetime, straight: bool = False
    ) -> Returned:
        """Return from a task to an element executed before it: everything that descends from there is cancelled (P-3.2).

        The element stands in the task's scope or in one around it. ``straight``: when it is completed again, what is cancelled
        now stands again where it stood (P-3.6). Raises Conflict, with the possible elements, when it is not possible.
        """
        self._instance.set_time(now)
        return returning.return_to(target_element, self._token(from_token), lineage, straight=straight)

    def returned_as(self, token_id: str) -> str | None:
        """The token whose completion leads straight back to whoever returned the task ``token_id``: that task itself, or the
        multi-instance body around it; None when it goes step by step."""
        token = self._token(token_id)
        found = next((each for each in (token, token.parent) if STRAIGHT in each.internal_data), None)
        return None if found is None else found.id

    def go_step_by_step(self, token_id: str) -> None:
        """Let a returned task (as ``returned_as`` names it) go the whole way again after all."""
        self._token(token_id).internal_data.pop(STRAIGHT, None)

    def undoing(self, token_id: str, lineage: Lineage) -> Undoing:
        """What would go if the decision made with a token were taken back. Raises Conflict when it cannot be."""
        return modifying.undoing_of(self._instance, token_id, lineage)

    def take_back(
        self,
        token_id: str,
        lineage: Lineage,
        *,
        now: datetime,
        seen: Variables | None = None,
        added_by: str | None = None,
    ) -> Returned:
        """Let the token of a completed task wait again under its old id, and undo what came of it (P-6.1).

        ``seen``: of one instance of a multi-instance that is over, what variables of its own it saw; ``added_by``: who added it.
        """
        self._instance.set_time(now)
        return modifying.take_back(self._instance, token_id, lineage, seen or {}, added_by)

    def jump(self, from_token: str, element_id: str, *, now: datetime) -> str:
        """Move a waiting token to any element of its scope or of one around it; returns the new token."""
        self._instance.set_time(now)
        token_id: str = modifying.jump(self._token(from_token), element_id).id
        return token_id

    def landings(self, from_token: str) -> list[tuple[str, str, str]]:
        """Where a waiting token can be moved: (element id, name, BPMN type)."""
        nodes = modifying.landings(self._token(from_token))
        return [(node.element_id, node.element_name, node.element_type) for node in nodes]

    def reopenings(self, lineage: Lineage) -> list[Passage]:
        """Where an ended instance can be reopened, latest first."""
        return modifying.reopenings(self._instance, lineage)

    def reopen(self, element_id: str, lineage: Lineage, *, now: datetime) -> Returned:
        """Let an ended instance go on from an executed element."""
        self._instance.set_time(now)
        return modifying.reopen(self._instance, element_id, lineage)

    def calling(self) -> set[str]:
        """The tokens of service tasks that wait for an answer."""
        return {token.id for token in self._instance.walk() if isinstance(token.task_spec, ServiceTask)}

    def check_sound(self) -> None:
        """Raise StepFailed when, at rest, something waits that could never come or never end."""
        soundness.check(self._instance)

    # -- moving on ---------------------------------------------------------------------------------------------------

    def advance(self, now: datetime) -> Step:
        """Run to rest at the time ``now`` (aware): automatic elements, then timers due at or before ``now``, in order.

        Raises StepFailed; nothing of the step may then be kept.
        """
        self._failed, failed_before = True, self._failed  # until all has gone well
        if failed_before:
            raise RuntimeError("this execution has failed before; load the stored state again")
        instance = self._instance
        instance.set_time(now)
        budget = Budget(self._machine.max_steps, self._machine.max_seconds)
        while instance.ended is None:
            if self._run_agenda(budget) or self._release_inclusive() or self._fire_timer(now):
                continue
            refuse_deadlock(instance)
            break
        step = step_of(instance)
        self._failed = False
        return step

    def dump(self) -> str:
        """Return the state as text, for :meth:`Machine.load`; after ``advance``, not before."""
        if self._failed:
            raise RuntimeError("the step has failed; nothing of it may be stored")
        return state.dump(self._instance)

    def _run_agenda(self, budget: Budget) -> bool:
        """Run everything that needs nobody; was there anything?"""
        instance = self._instance
        moved = bool(instance.agenda)
        while instance.agenda:
            token = instance.agenda.popleft()
            if token.id in instance.tasks:  # it may have been cancelled meanwhile
                budget.spend(token.task_spec)
                token.run()
        return moved

    def _release_inclusive(self) -> bool:
        """Let one inclusive join go on for which nothing can come any more."""
        for token in self._instance.walk():
            node = token.task_spec
            if isinstance(node, InclusiveGateway) and token.state == TaskState.WAITING and node.may_fire(token):
                token._ready()
                return True
        return False

    def _fire_timer(self, now: datetime) -> bool:
        """Fire the timer that is due first, if one is due."""
        due = [
            (Timer.from_json(token.internal_data["timer"]), token)
            for token in self._instance.walk()
            if token.state == TaskState.WAITING and "timer" in token.internal_data
        ]
        due = [(timer, token) for timer, token in due if timer.due <= now]
        if not due:
            return False
        timer, token = min(due, key=lambda pair: pair[0].due)
        following = timer.after(now, self._machine.zone)
        if following is not None:
            token.internal_data["timer"] = following.to_json()
        token.task_spec.fire(token, following is not None)
        return True

    def _token(self, token_id: str) -> Token:
        token = self._instance.tasks.get(token_id)
        if token is None or token.parent is None:
            _not_open(token_id)
        return token

    def _working(self, token_id: str) -> Token:
        """Return a task that somebody outside works on."""
        token = self._token(token_id)
        if not isinstance(token.task_spec, HumanTask | ServiceTask) or "done" in token.internal_data:
            _not_open(token_id)
        return token


def _not_open(token_id: str) -> NoReturn:
    raise Conflict(
        "这个环节已经不再等待处理，请刷新后再看",
        "This task does not wait any more; refresh and look again",
        token_id=token_id,
    )
