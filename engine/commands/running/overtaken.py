"""An incident that was overtaken: what failed has come right since, or nothing waits for it any more.

It is closed in the transaction that overtakes it, by whoever acts there. A step that failed for a person is overtaken when its
element is passed, or the task from which it was tried waits no more; that of a job when the job has run, or what it was for has
gone. Where an instance has no incident this costs nothing.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from engine.commands.running import incidents, moving
from engine.runtime.instance import ActivityCompleted, InstanceState
from engine.store import tables
from engine.store.rows import running

if TYPE_CHECKING:
    from engine.commands.running.moving import Moving
    from engine.context import CommandContext
    from engine.runtime.step import Step
    from engine.store.base.unit_of_work import Values

ENDED = "流程实例已结束"
PASSED = "该步骤后来已走通"
TASK_GONE = "出错的任务已办结或已不再等待"
JOB_RAN = "作业后来执行成功"
JOB_GONE = "作业所属的环节已不再等待"


def _moved(instance: Moving, step: Step) -> None:
    """Follower: the instance has come to rest."""
    if not instance.had_incident:
        return
    context = instance.context
    for incident_id in running.incidents_of(context.uow, instance.id):
        incident = context.uow.get(tables.incident, (incident_id,))
        reason = None if incident is None else _overtaken(instance, step, incident)
        if incident is not None and reason is not None:
            incidents.resolve(context, incident, comment=reason)


moving.FOLLOWERS.append(_moved)


def _overtaken(instance: Moving, step: Step, incident: Values) -> str | None:
    """Why the incident is over, or None."""
    if step.ended is not None:
        return ENDED
    context = instance.context
    if incident["job_id"] is not None:
        job = context.uow.get(tables.job, (incident["job_id"],))
        waits = {task.token_id for task in step.tasks} | {timer.token_id for timer in step.timers}
        waits |= instance.execution.calling()
        gone = job is not None and job["token_id"] is not None and job["token_id"] not in waits
        return JOB_GONE if gone else None
    told = (row for row in context.pending(instance.id) if row["kind"] == ActivityCompleted.__name__)
    if incident["element_id"] and any(
        json.loads(row["payload"])["element_id"] == incident["element_id"] for row in told
    ):
        return PASSED
    fields = (incident["command"] or {}).get("fields") or {}
    task = context.uow.get(tables.task, (fields["task_id"],)) if fields.get("task_id") else None
    return TASK_GONE if task is not None and task["closed_at"] is not None else None


def job_ran(context: CommandContext, job: Values) -> None:
    """A job has done its work: what it had failed with before is over."""
    instance_id = job["instance_id"]
    instance = None if instance_id is None else context.uow.get(tables.process_instance, (instance_id,))
    if instance is None or instance["state"] != InstanceState.INCIDENT:
        return
    for incident_id in running.incidents_of(context.uow, instance_id):
        incident = context.uow.get(tables.incident, (incident_id,))
        if incident is not None and incident["job_id"] == job["id"]:
            incidents.resolve(context, incident, comment=JOB_RAN)
