"""Moving one process instance: give the machine a stimulus, let it run to rest, and write down what came of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.calendar import Limit
from engine.commands.running import seats, who
from engine.commands.running.job_rows import cancel_jobs as cancel_jobs
from engine.commands.running.job_rows import insert_job as insert_job
from engine.commands.running.job_rows import timer_job_id as timer_job_id
from engine.commands.running.service_tasks import BpmnError, is_irreversible, perform
from engine.commands.running.telling import tell_end, tell_thrown, tell_trace
from engine.commands.running.waits import save_subscriptions, save_timers
from engine.errors import NotFound, StepFailed, together
from engine.events import Event
from engine.runtime import instance as instances
from engine.runtime import participation, refusal
from engine.runtime.instance import InstanceState, check_open
from engine.runtime.refusal import Refused
from engine.runtime.searching import search_text
from engine.runtime.step import OpenTask, ServiceCall, Step, WaitingTimer
from engine.runtime.task import TaskCreated
from engine.runtime.who.choices import NotChosen
from engine.store import tables
from engine.store.rows import definitions, organisation, running

if TYPE_CHECKING:
    from engine.bpmn.compiled import CompiledProcess
    from engine.bpmn.runner import Execution
    from engine.context import CommandContext
    from engine.store.base.unit_of_work import Values

MAX_CONCLUSIONS = 100  # tasks that one command may complete by itself, one after the other


@dataclass(slots=True)
class Moving:
    """One instance under its lock, within one command."""

    context: CommandContext
    row: Values
    compiled: CompiledProcess
    execution: Execution
    before: Step = field(default_factory=Step)  # what waited when the command began, or after the last move
    leaving: str = "process-moved-on"  # why tasks are cancelled whose tokens go
    ending: str | None = None  # why a person ends the instance before its end
    ending_as: str | None = None  # the outcome of an instance that is ended so
    afterwards: deque[Callable[[], object]] = field(default_factory=deque)  # what a move led to, done when it is stored
    had_incident: bool = False  # when the command began
    concluded: int = 0
    continued: tuple[WaitingTimer, ...] = ()  # timers that a withdrawal has brought back in this move
    rounds: dict[tuple[str, str], int] = field(default_factory=dict)  # of (process, element): what a return begins anew

    @property
    def id(self) -> str:
        return str(self.row["id"])

    @property
    def variables(self) -> Mapping[str, Any]:
        """A copy of the process instance's variables."""
        return self.execution.variables()

    def move(self, stimulus: Callable[[Execution], object] | None = None) -> Step:
        """Apply ``stimulus``, run to rest, perform service calls, and record everything. Raises StepFailed with the instance's id."""
        context = self.context
        try:
            if stimulus is not None:
                stimulus(self.execution)
            step = self._run()
            self._save(step)
            for follow in FOLLOWERS:
                follow(self, step)
        except StepFailed as error:
            error.facts.setdefault("instance_id", self.id)
            raise
        state = {"machine_state": self.execution.dump(), "search_text": search_text(step.variables)}
        context.uow.update(tables.process_instance, (self.id,), state)
        self.before, self.continued = step, ()
        while self.afterwards:
            self.afterwards.popleft()()
        return self.before

    def conclude(
        self,
        token_id: str,
        element_id: str,
        outcome: str | None,
        *,
        variables: Mapping[str, Any] | None = None,
        comment: str = "",
        refused: Refused | None = None,
    ) -> Step:
        """Complete the token of a task, once, with what the model may route on: the outcome under a common and under a
        private name (the latter for parallel branches), the opinion, and ``variables``.

        A refusal takes the way that the node has for it (P-2.1). Of a ballot ``refused`` says so; of a task of one person its
        negative outcome does."""
        self.concluded += 1
        if self.concluded > MAX_CONCLUSIONS:
            raise _goes_in_a_circle(self.id, element_id)
        for look in CONCLUDING:
            look(self, token_id, outcome, variables or {})
        given = dict(variables or {})
        if outcome is not None:
            given |= {"outcome": outcome, "comment": comment}
            if element_id.isidentifier():
                given[f"{element_id}_outcome"] = outcome
        refused = refused or self._refusal(token_id, outcome, comment)
        if refused is not None and refused.way.kind in REFUSALS:
            self.move(lambda execution: execution.store_variables(token_id, given))
            REFUSALS[refused.way.kind](self, refused)
            return self.before
        is_refused = refused is not None
        return self.move(lambda execution: execution.complete_task(token_id, given, refused=is_refused))

    def _refusal(self, token_id: str, outcome: str | None, comment: str) -> Refused | None:
        """Whether completing a task that is no ballot with this outcome is a refusal for which its node has a way."""
        task = next((each for each in self.before.tasks if each.token_id == token_id), None)
        way = None if task is None else refusal.of_one_person(task.settings, task.outcomes, outcome)
        if task is None or way is None or outcome is None:
            return None
        label = task.element_name or task.element_id
        return Refused(
            token_id=token_id,
            element_id=task.element_id,
            element_name=task.element_name,
            outcome=outcome,
            reason=f"「{label}」未同意" + (f"：{comment}" if comment else ""),
            way=way,
        )

    def terminate(self, reason: str, *, outcome: str | None = None) -> Step:
        """End the instance now: all its tokens, tasks, timers and jobs (P-2.2). ``outcome`` is how it ends, if that is a result."""
        self.ending, self.ending_as = reason, outcome
        return self.move(lambda execution: execution.terminate(reason))

    def end_process(self, token_id: str, reason: str, *, outcome: str | None = None) -> Step:
        """End the process in which a task waits (P-2.2): the instance, or a called process, whose caller goes on with its
        variables (P-2.4)."""
        before, self.leaving = self.leaving, reason

        def end(execution: Execution) -> None:
            if execution.end_process(token_id, reason):
                self.ending, self.ending_as = reason, outcome

        step = self.move(end)
        self.leaving = before
        return step

    def _run(self) -> Step:
        """Advance until no service call is left that can be performed here and now."""
        while True:
            step = self.execution.advance(self.context.now)
            tell_trace(self, step)
            for follow in TRACERS:
                follow(self, step)
            tell_thrown(self, step)
            inside = [call for call in step.calls if not self._defer(call)]
            if not inside:
                return step
            for call in inside:
                self._perform(call)

    def _perform(self, call: ServiceCall) -> None:
        try:
            result = perform(self.context, self, call)
        except BpmnError as error:
            self.execution.throw_error(call.token_id, error.code, str(error), error.variables)
            return
        self.execution.complete_service(call.token_id, result)
        self.record(
            instances.ServicePerformed(
                element_id=call.element_id,
                verb=call.verb,
                result=result,
                token_id=call.token_id,
                irreversible=is_irreversible(self.context, call.verb, call.settings),
            )
        )

    def _defer(self, call: ServiceCall) -> bool:
        """Turn a call that leaves the house into a job; return whether it was one."""
        verb = self.context.environment.verbs.get(call.verb)
        if verb is None or not verb.leaves_house:
            return False
        payload = {"verb": call.verb, "inputs": dict(call.inputs), "settings": dict(call.settings)}
        insert_job(
            self.context,
            "service",
            self.context.now,
            payload,
            instance_id=self.id,
            token_id=call.token_id,
            element_id=call.element_id,
        )
        return True

    # ---- what came of it

    def _save(self, step: Step) -> None:
        self._save_tasks(step)
        save_timers(self, step)
        save_subscriptions(self, step)
        if step.ended is not None:
            tell_end(self, step)

    def _save_tasks(self, step: Step) -> None:
        waiting = {task.token_id for task in step.tasks}
        known = {task.token_id for task in self.before.tasks}
        gone = [task.token_id for task in self.before.tasks if task.token_id not in waiting]
        seats.tokens_gone(self.context, gone, self.ending or self.leaving)
        lacking = []
        for task in step.tasks:
            if task.token_id not in known:
                try:
                    self._enter(task)
                except NotChosen as fault:  # all choices that are missing are told, not only the first
                    lacking.append(fault)
        if lacking:
            raise together(lacking, NotChosen)

    def _enter(self, task: OpenTask) -> None:
        """Open the seats of a token that has just begun to wait: one, unless a setting of the node says otherwise."""
        self.context.seats.setdefault(task.token_id, [])
        for setting, opens in _OPENINGS.items():
            if task.settings.get(setting):
                opens(self, task)
                return
        if who.concerns(self.row, task.settings) or who.names_nobody(self, task):
            who.enter(self, task)
            return
        seats.record_created(self.context, self.id, self.created(task))

    def created(self, task: OpenTask, **seat: Any) -> TaskCreated:
        """The event that opens a seat of a token that has just begun to wait; ``seat`` are fields that win."""
        due_at, provisional = self._due(task)
        groups = task.candidate_groups
        if not task.assignee and not task.candidate_users and not groups and task.lane:
            groups = (task.lane,)  # a lane named like a group stands for it
        values: dict[str, Any] = {
            "task_id": task.token_id,
            "assignee": task.assignee,
            "candidate_users": task.candidate_users,
            "candidate_groups": groups,
            "outcomes": task.outcomes,
            "settings": dict(task.settings),
            "round": self.round(task),
            **seat,
        }
        if task.added_by is not None:
            values |= {"added_by": task.added_by, "why": participation.why(task.added_by, values.get("why", {}))}
        return TaskCreated(
            token_id=task.token_id,
            element_id=task.element_id,
            element_name=task.element_name,
            process_key=task.process_key,
            task_kind=task.kind.value,
            lane=task.lane,
            form_key=task.form_key,
            priority=task.priority,
            due_at=due_at,
            due_provisional=provisional,
            local_variables=dict(task.local_variables),
            **values,
        )

    def round(self, task: OpenTask) -> int:
        """How often the element has begun, as far as a return has begun anything anew in this instance (P-3.7)."""
        known = self.rounds.get((task.process_key, task.element_id))
        if known is not None or not self.row.get("returns") or task.loop_index is not None:
            return known or 1
        return 1 + organisation.rounds_before(self.context.uow, self.id, task.element_id, task.token_id)

    def _due(self, task: OpenTask) -> tuple[datetime | None, bool]:
        if task.limit:
            due = self.context.calendar.due(self.context.now, Limit.parse(task.limit))
            return due.at, due.provisional
        return task.due_at, False

    def go_on(self, execution: Execution) -> None:
        """Let the limits and timers go on that a withdrawal has brought back, within the stimulus: before anything that is due
        happens."""
        known = {timer.token_id for timer in self.before.timers}
        for follow in CONTINUED:
            follow(self, execution)
        self.continued = tuple(timer for timer in execution.waiting().timers if timer.token_id not in known)

    def reschedule(self, dues: Mapping[str, datetime]) -> None:
        """Let waiting timers (by token id) be due at other times, without moving on."""
        for token_id, due_at in dues.items():
            self.execution.reschedule_timer(token_id, due_at)
        step = self.execution.waiting()
        save_timers(self, step)
        self.context.uow.update(tables.process_instance, (self.id,), {"machine_state": self.execution.dump()})
        self.before = step

    def record(self, event: Event) -> None:
        """Record an event in the history of the instance."""
        self.context.record(self.id, event)


Refusing = Callable[[Moving, Refused], None]
# By the kind of ``onReject``: what follows instead of going on; see commands.refusals.
REFUSALS: dict[str, Refusing] = {}

Concluding = Callable[[Moving, str, str | None, Mapping[str, Any]], None]
CONCLUDING: list[Concluding] = []  # asked before a task's token goes on: (instance, token id, outcome, variables)

Follower = Callable[[Moving, Step], None]
TRACERS: list[Follower] = []  # told what the machine went through, before the verbs that it calls are performed
FOLLOWERS: list[Follower] = []  # told when it has come to rest and its rows are written; ``before`` is what waited

Continuing = Callable[[Moving, "Execution"], None]
CONTINUED: list[Continuing] = []  # told that tasks wait again which were complete, before the machine runs

Opening = Callable[[Moving, OpenTask], None]
_OPENINGS: dict[str, Opening] = {}


def opens(setting: str) -> Callable[[Opening], Opening]:
    """Register what opens the seats of a user task that has this setting, instead of the one plain seat."""

    def register(function: Opening) -> Opening:
        _OPENINGS[setting] = function
        return function

    return register


def _goes_in_a_circle(instance_id: str, element_id: str) -> StepFailed:
    return StepFailed(
        f"流程经过 {element_id} 时自动通过了 {MAX_CONCLUSIONS} 次仍未停下，请检查回路的条件和该环节的人员设置。",
        f"The process went through tasks like {element_id} by itself {MAX_CONCLUSIONS} times without a rest; "
        "check the conditions of the loop and the people of the task.",
        instance_id=instance_id,
        element_id=element_id,
        reason="goes-in-a-circle",
    )


def load(context: CommandContext, instance_id: str, *, row: Values | None = None) -> Moving:
    """Lock the instance, load its state, and return it ready to move. Raises NotFound, or Conflict when it has ended."""
    if row is None:
        row = running.lock_instance(context.uow, instance_id)
        if row is None:
            raise NotFound(
                f"没有编号为 {instance_id} 的流程实例。",
                f"There is no process instance {instance_id}.",
                instance_id=instance_id,
            )
    check_open(instance_id, InstanceState(row["state"]))
    return open_instance(context, row)


def open_instance(context: CommandContext, row: Values) -> Moving:
    """Load the state of an instance whose row is known: under its lock to move it, or only to look."""
    instance_id = row["id"]
    compiled = definitions.compiled(context.uow, context.machine, row["definition_id"])
    try:
        execution = context.machine.load(compiled, row["machine_state"])
    except StepFailed as error:
        error.facts.setdefault("instance_id", instance_id)
        raise
    had_incident = row["state"] == InstanceState.INCIDENT
    return Moving(context, row, compiled, execution, execution.waiting(), had_incident=had_incident)
