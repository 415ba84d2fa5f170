"""What waits when the machine has come to rest: open tasks, timers and subscriptions, as values for the outside."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from SpiffWorkflow.util.task import TaskState

from engine.bpmn.assignment import open_task
from engine.bpmn.limits import failure
from engine.bpmn.scopes import copy
from engine.bpmn.specs.tasks import HumanTask, ServiceTask
from engine.bpmn.specs.triggers import MessageTrigger, SignalTrigger
from engine.bpmn.timers import Timer
from engine.bpmn.tokens import Instance, Token
from engine.runtime.step import OpenTask, Step, Subscription, SubscriptionKind, WaitingTimer


def waiting(instance: Instance) -> Step:
    """Return what waits now; nothing of what is told only once, and no variables."""
    tasks: list[OpenTask] = []
    timers: list[WaitingTimer] = []
    subscriptions: list[Subscription] = []
    for token in instance.walk():
        if token.state == TaskState.READY and isinstance(token.task_spec, HumanTask):
            tasks.append(open_task(token))
        elif token.state == TaskState.WAITING:
            timers.extend(_timer(token))
            subscriptions.extend(_subscription(token))
    return Step(
        tasks=tuple(tasks),
        timers=tuple(timers),
        subscriptions=tuple(subscriptions),
        ended=instance.ended,
        end_code=instance.end_code,
    )


def step_of(instance: Instance) -> Step:
    """Return everything that the outside needs to know, and forget what is told only once."""
    step = replace(
        waiting(instance),
        calls=tuple(instance.calls),
        thrown=tuple(instance.thrown),
        trace=tuple(instance.trace),
        variables=copy(instance.scope.local),
    )
    instance.calls, instance.thrown, instance.trace = [], [], []
    return step


def refuse_deadlock(instance: Instance) -> None:
    """Raise StepFailed when tokens are left but nothing from outside can move them."""
    stuck = None
    for token in instance.walk():
        if token.state == TaskState.READY or isinstance(token.task_spec, ServiceTask):
            return
        if token.state == TaskState.WAITING:
            if "arrived" not in token.internal_data:
                return
            stuck = stuck or token
    if stuck is not None:
        raise failure(
            stuck.task_spec,
            "deadlock",
            "流程停在这里：汇聚网关缺少的分支不会再到来，也没有待办、定时或消息可等",
            "the process is stuck here: the branches that this join misses cannot come any more, and no task, timer or "
            "message is left to wait for",
        )


def _facts(token: Token) -> dict[str, Any]:
    facts = token.task_spec.waits_as
    return {
        "token_id": token.id,
        "element_id": facts.id,
        "element_name": facts.name,
        "process_key": facts.process_key,
    }


def _timer(token: Token) -> list[WaitingTimer]:
    data = token.internal_data.get("timer")
    if data is None:
        return []
    limit, since = token.internal_data.get("limit", (None, None))
    watched = (token.parent.id,) if token.is_armed and token.parent.parent is not None else ()
    return [
        WaitingTimer(
            **_facts(token),
            due_at=Timer.from_json(data).due,
            limit=limit,
            since=None if since is None else datetime.fromisoformat(since),
            scope=(*token.workflow.path, *watched),
        )
    ]


def _subscription(token: Token) -> list[Subscription]:
    trigger = getattr(token.task_spec, "trigger", None)
    if isinstance(trigger, MessageTrigger):
        correlation = copy(token.internal_data["message"])
        return [
            Subscription(**_facts(token), kind=SubscriptionKind.MESSAGE, name=trigger.name, correlation=correlation)
        ]
    if isinstance(trigger, SignalTrigger):
        return [Subscription(**_facts(token), kind=SubscriptionKind.SIGNAL, name=trigger.name)]
    return []
