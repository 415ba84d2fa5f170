"""Moving one process instance: give the machine a stimulus, let it run to rest, and write down what came of it."""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.calendar import Limit
from engine.commands import seats, who
from engine.commands.service_tasks import BpmnError, is_irreversible, perform
from engine.errors import NotFound, StepFailed
from engine.events import Event
from engine.runtime import instance as instances
from engine.runtime import step as steps
from engine.runtime.instance import InstanceState, check_open
from engine.runtime.job import JobState
from engine.runtime.lineage import told
from engine.runtime.searching import search_text
from engine.runtime.step import ActivityState, EndKind, OpenTask, ServiceCall, Step, WaitingTimer
from engine.runtime.task import TaskCreated
from engine.store import definitions, organisation, running, tables

if TYPE_CHECKING:
    from engine.bpmn.compiled import CompiledProcess
    from engine.bpmn.runner import Execution
    from engine.context import CommandContext
    from engine.store.unit_of_work import Values

MAX_CONCLUSIONS = 100  # tasks that one command may complete by itself, one after the other

_JOB_SPACE = uuid.UUID("6f1b0c39-93bf-4c33-b1c0-0a3a2f0f3c11")


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
    concluded: int = 0
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
        except StepFailed as error:
            error.facts.setdefault("instance_id", self.id)
            raise
        self._save(step)
        for follow in FOLLOWERS:
            follow(self, step)
        state = {"machine_state": self.execution.dump(), "search_text": search_text(step.variables)}
        context.uow.update(tables.process_instance, (self.id,), state)
        self.before = step
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
        refused: bool = False,
    ) -> Step:
        """Complete the token of a task, once, with what the model may route on: the outcome under a common and under a
        private name (the latter for parallel branches), the opinion, and ``variables``.

        ``refused`` sends it along the flow that the node keeps for a failed ballot, if there is one."""
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
        return self.move(lambda execution: execution.complete_task(token_id, given, refused=refused))

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
            self._record_trace(step)
            for follow in TRACERS:
                follow(self, step)
            self._throw(step)
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
        self._record(
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
        self._insert_job("service", call.token_id, call.element_id, self.context.now, payload)
        return True

    # ---- what came of it

    def _save(self, step: Step) -> None:
        self._save_tasks(step)
        self._save_timers(step)
        self._save_subscriptions(step)
        if step.ended is not None:
            self._end(step)

    def _save_tasks(self, step: Step) -> None:
        waiting = {task.token_id for task in step.tasks}
        known = {task.token_id for task in self.before.tasks}
        gone = [task.token_id for task in self.before.tasks if task.token_id not in waiting]
        seats.tokens_gone(self.context, gone, self.ending or self.leaving)
        for task in step.tasks:
            if task.token_id not in known:
                self._enter(task)

    def _enter(self, task: OpenTask) -> None:
        """Open the seats of a token that has just begun to wait: one, unless a setting of the node says otherwise."""
        self.context.seats.setdefault(task.token_id, [])
        for setting, opens in _OPENINGS.items():
            if task.settings.get(setting):
                opens(self, task)
                return
        if who.concerns(self.row, task.settings):
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
            "round": self._round(task),
            **seat,
        }
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

    def _round(self, task: OpenTask) -> int:
        """How often the element has begun, as far as a return has begun anything anew in this instance (P-3.7)."""
        known = self.rounds.get((task.process_key, task.element_id))
        if known is not None or not self.row.get("returns") or task.loop_index is not None:
            return known or 1
        return 1 + organisation.rounds_before(self.context.uow, self.id, task.element_id, task.token_id)

    def _due(self, task: OpenTask) -> tuple[datetime | None, bool]:
        if task.limit:
            due = self.context.calendar.due(self.context.now, Limit.parse(task.limit))
            return due.at, due.provisional
        return None, False

    def _save_timers(self, step: Step) -> None:
        old = {_timer_key(timer): timer for timer in self.before.timers}
        new = {_timer_key(timer): timer for timer in step.timers}
        for key, timer in old.items():
            if key not in new:
                self.context.uow.delete(tables.job, (timer_job_id(timer),))
        for key, timer in new.items():
            known = old.get(key)
            if known is not None and known.due_at == timer.due_at:
                continue
            if known is None:
                self._insert_timer(timer)
            else:
                again = {"due_at": timer.due_at, "state": JobState.WAITING.value, "attempts": 0, "leased_until": None}
                self.context.uow.update(tables.job, (timer_job_id(timer),), again)
            self._record(
                instances.TimerScheduled(
                    element_id=timer.element_id,
                    element_name=timer.element_name,
                    token_id=timer.token_id,
                    due_at=timer.due_at,
                )
            )

    def check_sound(self) -> None:
        """Raise StepFailed when the machine holds something that could never end."""
        try:
            self.execution.check_sound()
        except StepFailed as error:
            error.facts.setdefault("instance_id", self.id)
            raise

    def reschedule(self, dues: Mapping[str, datetime]) -> None:
        """Let waiting timers (by token id) be due at other times, without moving on."""
        for token_id, due_at in dues.items():
            self.execution.reschedule_timer(token_id, due_at)
        step = self.execution.waiting()
        self._save_timers(step)
        self.context.uow.update(tables.process_instance, (self.id,), {"machine_state": self.execution.dump()})
        self.before = step

    def _insert_timer(self, timer: WaitingTimer) -> None:
        self._insert_job("timer", timer.token_id, timer.element_id, timer.due_at, {}, job_id=timer_job_id(timer))

    def _insert_job(
        self,
        kind: str,
        token_id: str | None,
        element_id: str,
        due_at: datetime,
        payload: Any,
        job_id: str | None = None,
    ) -> None:
        insert_job(
            self.context,
            kind,
            due_at,
            payload,
            instance_id=self.id,
            token_id=token_id,
            element_id=element_id,
            job_id=job_id,
        )

    def _save_subscriptions(self, step: Step) -> None:
        old = {_subscription_key(self.id, waiting): waiting for waiting in self.before.subscriptions}
        new = {_subscription_key(self.id, waiting): waiting for waiting in step.subscriptions}
        for key in old.keys() - new.keys():
            self.context.uow.delete(tables.subscription, key)
        for key, waiting in new.items():
            if key not in old:
                self.context.uow.insert(
                    tables.subscription,
                    {
                        "instance_id": self.id,
                        "token_id": waiting.token_id,
                        "kind": waiting.kind.value,
                        "name": waiting.name,
                        "element_id": waiting.element_id,
                        "correlation": dict(waiting.correlation),
                    },
                )
                if waiting.kind is steps.SubscriptionKind.MESSAGE:
                    self._take_buffered(waiting)

    def _take_buffered(self, waiting: steps.Subscription) -> None:
        """A message that came before anybody waited for it is delivered now, by a job."""
        for row in running.buffered(self.context.uow, waiting.name, self.context.now):
            if correlates(waiting.correlation, row.correlation):
                self.context.uow.delete(tables.message_buffer, (row.id,))
                payload = {"name": row.name, "correlation": row.correlation, "variables": row.variables}
                insert_job(self.context, "message", self.context.now, payload)
                return

    def _record_trace(self, step: Step) -> None:
        """One event per element, with the tokens from which its token came: a return asks the history what descends from what."""
        # By element, not by token: a non-interrupting boundary event fires with a token of its own.
        due = {timer.element_id: timer for timer in self.before.timers if timer.due_at <= self.context.now}
        for trace in told(step.trace):
            self._record(
                _TRACED[trace.state](
                    element_id=trace.element_id,
                    element_name=trace.element_name,
                    element_type=trace.element_type,
                    process_key=trace.process_key,
                    token_id=trace.token_id,
                    origins=trace.origins,
                    inside=trace.inside,
                    renews=trace.renews,
                )
            )
            timer = due.pop(trace.element_id, None) if trace.state is ActivityState.COMPLETED else None
            if timer is not None:
                self._record(
                    instances.TimerFired(
                        element_id=timer.element_id,
                        element_name=timer.element_name,
                        token_id=timer.token_id,
                        due_at=timer.due_at,
                    )
                )

    def _throw(self, step: Step) -> None:
        """What leaves the instance is a job: its receivers are other instances with locks of their own."""
        for thrown in step.thrown:
            name, element_id, variables = thrown.name, thrown.element_id, dict(thrown.payload)
            payload: dict[str, Any] = {"name": name, "variables": variables}
            if thrown.kind is steps.SubscriptionKind.MESSAGE:
                payload["correlation"] = correlation = dict(thrown.correlation)
                told: Event = instances.MessageThrown(
                    name=name, element_id=element_id, correlation=correlation, variables=variables
                )
            else:
                told = instances.SignalThrown(name=name, element_id=element_id, variables=variables)
                payload["sender"] = self.id
            self._record(told)
            insert_job(self.context, thrown.kind.value, self.context.now, payload)

    def _end(self, step: Step) -> None:
        variables = step.variables
        if step.ended is EndKind.ERROR:
            self._record(instances.InstanceFailed(error_code=step.end_code))
        elif self.ending is not None:
            self._record(instances.InstanceTerminated(reason=self.ending, outcome=self.ending_as))
        else:  # a terminate end event too is an ordinary end: the model says so
            outcome = variables.get("result") or variables.get("outcome")
            self._record(instances.InstanceCompleted(outcome=outcome if isinstance(outcome, str) else None))
        cancel_jobs(self.context, self.id, keep=())

    def _record(self, event: Event) -> None:
        self.context.record(self.id, event)


_TRACED: Mapping[ActivityState, Callable[..., Event]] = {
    ActivityState.ENTERED: instances.ActivityEntered,
    ActivityState.COMPLETED: instances.ActivityCompleted,
    ActivityState.CANCELLED: instances.ActivityCancelled,
}


Concluding = Callable[[Moving, str, str | None, Mapping[str, Any]], None]
CONCLUDING: list[Concluding] = []  # asked before a task's token goes on: (instance, token id, outcome, variables)

Follower = Callable[[Moving, Step], None]
TRACERS: list[Follower] = []  # told what the machine went through, before the verbs that it calls are performed
FOLLOWERS: list[Follower] = []  # told when it has come to rest and its rows are written; ``before`` is what waited

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
    return Moving(context, row, compiled, execution, execution.waiting())


def insert_job(
    context: CommandContext,
    kind: str,
    due_at: datetime,
    payload: Any,
    *,
    instance_id: str | None = None,
    token_id: str | None = None,
    element_id: str | None = None,
    job_id: str | None = None,
) -> str:
    """Add a job row; it is seen by workers after the commit. Returns its id."""
    job_id = job_id or context.new_id()
    context.has_due_jobs = context.has_due_jobs or due_at <= context.now
    context.uow.insert(
        tables.job,
        {
            "id": job_id,
            "kind": kind,
            "state": JobState.WAITING.value,
            "due_at": due_at,
            "instance_id": instance_id,
            "token_id": token_id,
            "element_id": element_id,
            "payload": payload,
            "created_at": context.now,
        },
    )
    return job_id


def cancel_jobs(context: CommandContext, instance_id: str, *, keep: Iterable[str]) -> None:
    """Remove the waiting and dead jobs of an instance that has ended; nothing is left to do for them."""
    kept = set(keep)
    for job_id in running.jobs_of(context.uow, instance_id):
        if job_id not in kept:
            context.uow.delete(tables.job, (job_id,))


def timer_job_id(timer: WaitingTimer) -> str:
    """The id of the job that stands for a waiting timer: derived, so that it is found again without a query."""
    return str(uuid.uuid5(_JOB_SPACE, f"{timer.token_id}:{timer.element_id}"))


def correlates(awaited: Mapping[str, Any], offered: Mapping[str, Any]) -> bool:
    """Whether a message with ``offered`` keys is meant for a token that waits for ``awaited`` ones."""
    return all(name in offered and offered[name] == value for name, value in awaited.items())


def _timer_key(timer: WaitingTimer) -> tuple[str, str]:
    return (timer.token_id, timer.element_id)


def _subscription_key(instance_id: str, waiting: steps.Subscription) -> tuple[str, str, str, str]:
    return (instance_id, waiting.token_id, waiting.kind.value, waiting.name)
