"""What waits in the machine, as rows: a job for each timer, a subscription for each message and signal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.commands.running.job_rows import insert_job, timer_job_id
from engine.runtime import correlation
from engine.runtime.instance import TimerScheduled
from engine.runtime.job import JobState
from engine.runtime.step import Step, Subscription, SubscriptionKind, WaitingTimer
from engine.store import tables
from engine.store.rows import running

if TYPE_CHECKING:
    from engine.commands.running.moving import Moving


def save_timers(instance: Moving, step: Step) -> None:
    """Make the jobs of timers those of ``step``."""
    old = {_timer_key(timer): timer for timer in instance.before.timers}
    new = {_timer_key(timer): timer for timer in step.timers}
    for key, timer in old.items():
        if key not in new:
            instance.context.uow.delete(tables.job, (timer_job_id(timer),))
    for key, timer in new.items():
        known = old.get(key)
        if known is not None and known.due_at == timer.due_at:
            continue
        if known is None:
            _insert_timer(instance, timer)
        else:
            again = {"due_at": timer.due_at, "state": JobState.WAITING.value, "attempts": 0, "leased_until": None}
            instance.context.uow.update(tables.job, (timer_job_id(timer),), again)
        instance.record(
            TimerScheduled(
                element_id=timer.element_id,
                element_name=timer.element_name,
                token_id=timer.token_id,
                due_at=timer.due_at,
            )
        )


def _insert_timer(instance: Moving, timer: WaitingTimer) -> None:
    insert_job(
        instance.context,
        "timer",
        timer.due_at,
        {},
        instance_id=instance.id,
        token_id=timer.token_id,
        element_id=timer.element_id,
        job_id=timer_job_id(timer),
    )


def save_subscriptions(instance: Moving, step: Step) -> None:
    """Make the subscriptions those of ``step``."""
    old = {_subscription_key(instance.id, waiting): waiting for waiting in instance.before.subscriptions}
    new = {_subscription_key(instance.id, waiting): waiting for waiting in step.subscriptions}
    for key in old.keys() - new.keys():
        instance.context.uow.delete(tables.subscription, key)
    for key, waiting in new.items():
        if key not in old:
            instance.context.uow.insert(
                tables.subscription,
                {
                    "instance_id": instance.id,
                    "token_id": waiting.token_id,
                    "kind": waiting.kind.value,
                    "name": waiting.name,
                    "element_id": waiting.element_id,
                    "correlation": dict(waiting.correlation),
                    "correlation_digest": correlation.digest(waiting.correlation),
                },
            )
            if waiting.kind is SubscriptionKind.MESSAGE:
                _take_buffered(instance, waiting)


def _take_buffered(instance: Moving, waiting: Subscription) -> None:
    """A message that came before anybody waited for it is delivered now, by a job."""
    for row in running.buffered(instance.context.uow, waiting.name, instance.context.now):
        if correlation.correlates(waiting.correlation, row.correlation):
            instance.context.uow.delete(tables.message_buffer, (row.id,))
            payload = {"name": row.name, "correlation": row.correlation, "variables": row.variables}
            insert_job(instance.context, "message", instance.context.now, payload)
            return


def _timer_key(timer: WaitingTimer) -> tuple[str, str]:
    return (timer.token_id, timer.element_id)


def _subscription_key(instance_id: str, waiting: Subscription) -> tuple[str, str, str, str]:
    return (instance_id, waiting.token_id, waiting.kind.value, waiting.name)
