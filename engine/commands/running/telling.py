"""What a step of the machine has done, told to the history: its trace, what it threw, how it ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from engine.commands.running.job_rows import cancel_jobs, insert_job
from engine.events import Event
from engine.runtime import instance as instances
from engine.runtime.lineage import told
from engine.runtime.step import ActivityState, EndKind, Step, SubscriptionKind

if TYPE_CHECKING:
    from engine.commands.running.moving import Moving

_TRACED: Mapping[ActivityState, Callable[..., Event]] = {
    ActivityState.ENTERED: instances.ActivityEntered,
    ActivityState.COMPLETED: instances.ActivityCompleted,
    ActivityState.CANCELLED: instances.ActivityCancelled,
}


def tell_trace(instance: Moving, step: Step) -> None:
    """One event per element, with the tokens from which its token came: a return asks the history what descends from what."""
    # By element, not by token: a non-interrupting boundary event fires with a token of its own.
    waited = (*instance.before.timers, *instance.continued)
    due = {timer.element_id: timer for timer in waited if timer.due_at <= instance.context.now}
    for trace in told(step.trace):
        memory = {} if trace.memory is None else {"memory": trace.memory}
        instance.record(
            _TRACED[trace.state](
                element_id=trace.element_id,
                element_name=trace.element_name,
                element_type=trace.element_type,
                process_key=trace.process_key,
                token_id=trace.token_id,
                origins=trace.origins,
                inside=trace.inside,
                renews=trace.renews,
                reopens=trace.reopens,
                **memory,
            )
        )
        timer = due.pop(trace.element_id, None) if trace.state is ActivityState.COMPLETED else None
        if timer is not None:
            instance.record(
                instances.TimerFired(
                    element_id=timer.element_id,
                    element_name=timer.element_name,
                    token_id=timer.token_id,
                    due_at=timer.due_at,
                )
            )


def tell_thrown(instance: Moving, step: Step) -> None:
    """What leaves the instance is a job: its receivers are other instances with locks of their own."""
    for thrown in step.thrown:
        name, element_id, variables = thrown.name, thrown.element_id, dict(thrown.payload)
        payload: dict[str, Any] = {"name": name, "variables": variables}
        if thrown.kind is SubscriptionKind.MESSAGE:
            payload["correlation"] = correlation = dict(thrown.correlation)
            event: Event = instances.MessageThrown(
                name=name, element_id=element_id, correlation=correlation, variables=variables
            )
        else:
            event = instances.SignalThrown(name=name, element_id=element_id, variables=variables)
            payload["sender"] = instance.id
        instance.record(event)
        insert_job(instance.context, thrown.kind.value, instance.context.now, payload)


def tell_end(instance: Moving, step: Step) -> None:
    """How the instance ended; what was to be done for it later is to be done no more."""
    variables = step.variables
    if step.ended is EndKind.ERROR:
        instance.record(instances.InstanceFailed(error_code=step.end_code))
    elif instance.ending is not None:
        instance.record(instances.InstanceTerminated(reason=instance.ending, outcome=instance.ending_as))
    else:  # a terminate end event too is an ordinary end: the model says so
        outcome = variables.get("result") or variables.get("outcome")
        instance.record(instances.InstanceCompleted(outcome=outcome if isinstance(outcome, str) else None))
    cancel_jobs(instance.context, instance.id, keep=())
