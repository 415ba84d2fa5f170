"""Running jobs: the row is the truth, so running one late or twice is harmless."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import datetime
from typing import Any

from engine.access import Verb, require
from engine.bpmn.timers import Timer
from engine.commands.running import instances, messages, moving, overtaken
from engine.commands.running.service_tasks import is_irreversible
from engine.context import Command, CommandContext
from engine.errors import BanjieError, Conflict, NotFound, StepFailed
from engine.records import record
from engine.runtime.instance import ENDED, InstanceState, ServicePerformed
from engine.runtime.job import JobState, next_try
from engine.store import tables
from engine.store.base.unit_of_work import Values
from engine.store.rows import definitions, running


@record
class RunJob(Command):
    """Carry out one due job under the lease of ``worker``. Nothing happens when it is done, moved, or leased to another."""

    job_id: str
    worker: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        row = running.lock_job(context.uow, self.job_id)
        if row is None or row["state"] != JobState.WAITING.value:
            return {"ran": False, "reason": "gone"}
        if row["leased_by"] not in (None, self.worker):
            return {"ran": False, "reason": "leased"}
        if row["due_at"] > context.now:
            return {"ran": False, "reason": "not-due"}
        try:
            HANDLERS[row["kind"]](context, row)
        except BanjieError as error:
            error.facts.setdefault("job_id", self.job_id)
            raise
        overtaken.job_ran(context, row)
        return {"ran": True}


def _finish(context: CommandContext, job: Values) -> None:
    """The effect and the end of the job are one transaction; the history keeps what happened, the row may go."""
    context.uow.delete(tables.job, (job["id"],))


def _run_timer(context: CommandContext, job: Values) -> None:
    instance = context.uow.get(tables.process_instance, (job["instance_id"],))
    if instance is None or InstanceState(instance["state"]) in ENDED:
        _finish(context, job)
        return
    moved = moving.load(context, job["instance_id"], row=instance)
    waiting = {moving.timer_job_id(timer): timer for timer in moved.before.timers}
    timer = waiting.get(job["id"])
    if timer is None:
        _finish(context, job)
        return
    if timer.due_at > context.now:
        # The timer was moved (a suspended clock, a new calendar): the machine's state is right, the row follows.
        context.uow.update(tables.job, (job["id"],), {"due_at": timer.due_at, "leased_by": None, "leased_until": None})
        return
    moved.move()
    if job["id"] in {moving.timer_job_id(again) for again in moved.before.timers}:
        context.uow.update(tables.job, (job["id"],), {"leased_by": None, "leased_until": None})


def _run_message(context: CommandContext, job: Values) -> None:
    payload = job["payload"]
    message = messages.CorrelateMessage(
        name=payload["name"],
        correlation=payload.get("correlation", {}),
        variables=payload["variables"],
        keep_seconds=int(
            messages.MAX_TTL.total_seconds()
        ),  # thrown before the other side waits: it waits for the other side
    )
    message.execute(context)
    _finish(context, job)


def _run_signal(context: CommandContext, job: Values) -> None:
    payload = job["payload"]
    messages.BroadcastSignal(
        name=payload["name"], variables=payload["variables"], sender=payload.get("sender")
    ).execute(context)
    _finish(context, job)


def _deliver_signal(context: CommandContext, job: Values) -> None:
    payload = job["payload"]
    messages.DeliverSignal(
        instance_id=job["instance_id"], name=payload["name"], variables=payload["variables"]
    ).execute(context)
    _finish(context, job)


def _start_by_timer(context: CommandContext, job: Values) -> None:
    payload = job["payload"]
    definition = definitions.by_id(context.uow, payload["definition_id"])
    if definition["is_latest"] and not definition["suspended"]:
        instances.start(context, definition, {}, start_element=payload["element_id"])
        again = Timer.from_json(payload["timer"]).after(context.now, context.machine.zone)
        if again is not None:
            payload = payload | {"timer": again.to_json()}
            moving.insert_job(context, "start-timer", again.due, payload, element_id=payload["element_id"])
    _finish(context, job)


HANDLERS: dict[str, Callable[[CommandContext, Values], None]] = {
    "timer": _run_timer,
    "message": _run_message,
    "signal": _run_signal,
    "deliver-signal": _deliver_signal,
    "start-timer": _start_by_timer,
}
# "service" jobs leave the house: the job executor makes the call outside any transaction and then records the answer.


@record
class RecordAnswer(Command):
    """The outside answered a service task's call: put the answer into the process and go on."""

    job_id: str
    worker: str
    result: Mapping[str, Any] = field(default_factory=dict)
    error_code: str | None = None
    error_message: str = ""

    def execute(self, context: CommandContext) -> dict[str, Any]:
        row = running.lock_job(context.uow, self.job_id)
        if row is None or row["state"] != JobState.WAITING.value or row["leased_by"] not in (None, self.worker):
            return {"ran": False}
        instance = context.uow.get(tables.process_instance, (row["instance_id"],))
        _finish(context, row)
        if instance is None or InstanceState(instance["state"]) in ENDED:
            return {"ran": False}
        try:
            self._go_on(context, row)
        except BanjieError as error:
            error.facts.setdefault("job_id", self.job_id)
            raise
        overtaken.job_ran(context, row)
        return {"ran": True}

    def _go_on(self, context: CommandContext, row: Values) -> None:
        moved = moving.load(context, row["instance_id"])
        token_id, payload = row["token_id"], row["payload"]
        if self.error_code is not None:
            code, message = self.error_code, self.error_message
            moved.move(lambda execution: execution.throw_error(token_id, code, message, {}))
            return
        context.record(
            moved.id,
            ServicePerformed(
                element_id=row["element_id"],
                verb=payload["verb"],
                result=self.result,
                token_id=token_id,
                irreversible=is_irreversible(context, payload["verb"], payload.get("settings", {})),
            ),
        )
        moved.move(lambda execution: execution.complete_service(token_id, self.result))


@record
class PostponeJob(Command):
    """A job failed: try again later, or, after the last attempt, mark it dead and raise StepFailed, which opens an incident."""

    job_id: str
    worker: str
    error: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        row = running.lock_job(context.uow, self.job_id)
        if row is None or row["state"] != JobState.WAITING.value or row["leased_by"] not in (None, self.worker):
            return {"state": "gone"}
        attempts = row["attempts"] + 1
        if attempts < row["max_attempts"]:
            again = next_try(attempts, context.now)
            self._set(context, attempts=attempts, due_at=again)
            return {"state": JobState.WAITING.value, "due_at": again.isoformat()}
        if row["instance_id"] is not None:
            raise StepFailed(
                f"作业（{row['kind']}）失败 {attempts} 次：{self.error}",
                f"The job ({row['kind']}) failed {attempts} times: {self.error}",
                reason="job-dead",
                instance_id=row["instance_id"],
                element_id=row["element_id"],
                job_id=self.job_id,
            )
        self._set(context, attempts=attempts, state=JobState.DEAD.value, finished_at=context.now)
        return {"state": JobState.DEAD.value}

    def _set(self, context: CommandContext, **values: Any) -> None:
        free = {"last_error": self.error[:4000], "leased_by": None, "leased_until": None}
        context.uow.update(tables.job, (self.job_id,), free | values)


@record
class RetryJob(Command):
    """Let a waiting or dead job run now, with all its attempts (administrators)."""

    job_id: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        require(context.actor, Verb.MANAGE_JOBS)
        row = running.lock_job(context.uow, self.job_id)
        if row is None:
            raise NotFound(
                f"没有编号为 {self.job_id} 的作业，或已完成。", f"There is no job {self.job_id}; it may be done."
            )
        if row["leased_until"] is not None and row["leased_by"] is not None and row["state"] == JobState.WAITING.value:
            raise Conflict(f"作业正由 {row['leased_by']} 执行。", f"The job is being run by {row['leased_by']}.")
        again: dict[str, datetime | str | int | None] = {
            "state": JobState.WAITING.value,
            "attempts": 0,
            "due_at": context.now,
            "finished_at": None,
        }
        context.uow.update(tables.job, (self.job_id,), again)
        return {"id": self.job_id, "state": JobState.WAITING.value}
