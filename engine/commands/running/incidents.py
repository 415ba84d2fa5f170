"""Incidents: opened when a step failed; read, retried or resolved by an administrator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from engine.access import Verb, require
from engine.context import COMMANDS, Command, CommandContext, command_from_json
from engine.errors import Conflict, NotFound
from engine.records import record
from engine.runtime.incident import IncidentOpened, IncidentResolved, IncidentRetried, IncidentState
from engine.runtime.instance import ENDED, InstanceResumed, InstanceState
from engine.runtime.job import JobState
from engine.store import tables
from engine.store.base.unit_of_work import Values
from engine.store.rows import people, running


@record
class OpenIncident(Command):
    """Keep what failed and why. The same failure of the same element is one incident, however often it is tried."""

    instance_id: str
    reason: str
    zh: str
    en: str
    element_id: str = ""
    element_name: str = ""
    job_id: str | None = None
    failed: Mapping[str, Any] = field(default_factory=dict)

    def execute(self, context: CommandContext) -> dict[str, Any]:
        instance = _locked_instance(context, self.instance_id)
        table = tables.incident
        same = running.same_incident(context.uow, self.instance_id, self.reason, self.element_id, job_id=self.job_id)
        if same is not None:
            self._bury_job(context)
            return {"incident_id": same, "opened": False}
        incident_id = context.new_id()
        if InstanceState(instance["state"]) in ENDED:
            raise Conflict("流程实例已结束，不能记录异常。", "The instance has ended; no incident can be kept on it.")
        context.record(
            self.instance_id,
            IncidentOpened(
                incident_id=incident_id,
                reason=self.reason,
                zh=self.zh,
                en=self.en,
                element_id=self.element_id,
                element_name=self.element_name,
                job_id=self.job_id,
            ),
        )
        context.uow.update(table, (incident_id,), {"command": _kept(context, self.failed)})
        self._bury_job(context)
        return {"incident_id": incident_id, "opened": True}

    def _bury_job(self, context: CommandContext) -> None:
        if self.job_id is not None and context.uow.get(tables.job, (self.job_id,)) is not None:
            dead = {"state": JobState.DEAD.value, "last_error": self.en, "finished_at": context.now}
            free = {"leased_by": None, "leased_until": None}
            context.uow.update(tables.job, (self.job_id,), dead | free)


@record
class RetryIncident(Command):
    """Run the failed command again, as the person who first asked for it; success resolves the incident.

    What may not be kept, a secret vote, is not run: its task still waits, and the answer's ``asks`` names whose it is.
    """

    incident_id: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        require(context.actor, Verb.MANAGE_INCIDENTS)
        incident = _open_incident(context, self.incident_id)
        context.record(incident["instance_id"], IncidentRetried(incident_id=self.incident_id))
        resolve(context, incident, comment="retried")
        failed = incident["command"]
        if not failed:
            return {"incident_id": self.incident_id, "resolved": True}
        if incident["job_id"] is not None:
            again = {"state": JobState.WAITING.value, "attempts": 0, "due_at": context.now, "leased_until": None}
            if context.uow.get(tables.job, (incident["job_id"],)) is not None:
                context.uow.update(tables.job, (incident["job_id"],), again | {"finished_at": None})
            return {"incident_id": self.incident_id, "resolved": True}
        if failed["fields"] is None:
            return {"incident_id": self.incident_id, "resolved": True, "asks": failed["actor"]}
        administrator, context.actor = context.actor, people.actor(context.uow, failed["actor"])
        try:
            answer = command_from_json(failed).execute(context)
        finally:
            context.actor = administrator
        return {"incident_id": self.incident_id, "resolved": True, "answer": answer}


@record
class ResolveIncident(Command):
    """Close an incident by hand, saying what was done about it. A dead job is not run again by that: the answer's ``given_up``, and
    the history, tell which. ``RetryIncident`` runs it again, before; ``RetryJob`` also afterwards."""

    incident_id: str
    comment: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        require(context.actor, Verb.MANAGE_INCIDENTS)
        incident = _open_incident(context, self.incident_id)
        given_up = _dead_job(context, incident)
        resolve(context, incident, comment=self.comment, given_up=given_up)
        return {"incident_id": self.incident_id, "resolved": True} | ({"given_up": given_up} if given_up else {})


def _dead_job(context: CommandContext, incident: Values) -> str | None:
    job = None if incident["job_id"] is None else context.uow.get(tables.job, (incident["job_id"],))
    return job["id"] if job is not None and job["state"] == JobState.DEAD.value else None


def _kept(context: CommandContext, failed: Mapping[str, Any]) -> dict[str, Any] | None:
    """The failed command as it may be stored."""
    if not failed:
        return None
    return dict(failed) | {"fields": COMMANDS[failed["command"]].kept_for_retry(context, failed["fields"])}


def resolve(context: CommandContext, incident: Values, *, comment: str, given_up: str | None = None) -> None:
    """Mark an incident as resolved; the instance runs again when it was the last open one."""
    stream = incident["instance_id"]
    context.record(stream, IncidentResolved(incident_id=incident["id"], comment=comment, given_up=given_up))
    still = running.open_incidents(context.uow, stream)
    instance = context.uow.get(tables.process_instance, (stream,))
    if still == 0 and instance is not None and instance["state"] == InstanceState.INCIDENT:
        context.record(stream, InstanceResumed())


def _open_incident(context: CommandContext, incident_id: str) -> Values:
    found = context.uow.get(tables.incident, (incident_id,))
    if found is None:
        raise NotFound(f"没有编号为 {incident_id} 的异常。", f"There is no incident {incident_id}.")
    _locked_instance(context, found["instance_id"])
    if found["state"] != IncidentState.OPEN.value:
        raise Conflict(
            f"此异常已由 {found['resolved_by']} 处理。",
            f"This incident was already resolved by {found['resolved_by']}.",
            by=found["resolved_by"],
        )
    return found


def _locked_instance(context: CommandContext, instance_id: str) -> Values:
    row = running.lock_instance(context.uow, instance_id)
    if row is None:
        raise NotFound(f"没有编号为 {instance_id} 的流程实例。", f"There is no process instance {instance_id}.")
    return row
