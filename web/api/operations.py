"""Jobs, incidents and the administrators' history over HTTP."""

from datetime import datetime
from typing import Any

from pydantic import Field

from engine.access import Verb
from engine.commands.running.incidents import ResolveIncident, RetryIncident
from engine.commands.running.jobs import RetryJob
from engine.runtime.incident import IncidentState
from engine.runtime.job import JobState
from web.api.acting import execute, queries
from web.api.blueprint import blueprint
from web.api.endpoint import Noun
from web.api.reading import Body, Query
from web.api.shapes import Id, Listing, Out, PageQuery, Remark, Variables
from web.frame.policy import asks

jobs = Noun(blueprint, "jobs")
incidents = Noun(blueprint, "incidents")
audit = Noun(blueprint, "audit")


class Job(Out):
    id: str
    kind: str
    state: str
    due_at: datetime
    instance_id: str | None
    element_id: str | None
    attempts: int
    max_attempts: int
    last_error: str | None
    created_at: datetime


class JobList(Listing):
    items: list[Job]


class JobsQuery(PageQuery):
    state: JobState | None = None


class StateOfJob(Out):
    id: str
    state: str


class Incident(Out):
    id: str
    instance_id: str | None
    state: IncidentState
    reason: str
    element_id: str
    element_name: str
    zh: str
    en: str
    job_id: str | None
    opened_at: datetime
    resolved_at: datetime | None
    resolved_by: str | None
    comment: str


class IncidentList(Listing):
    items: list[Incident]


class IncidentsQuery(PageQuery):
    state: IncidentState | None = IncidentState.OPEN
    instance: Id | None = None


class Resolution(Body):
    comment: Remark = Field(min_length=1, description="What was done about it.")


class ResolvedIncident(Out):
    incident_id: str
    resolved: bool
    asks: str | None = Field(
        None, description="Set when it was a secret vote, of which nothing is kept: who has to vote again."
    )
    given_up: str | None = Field(
        None,
        description="Set when it was closed by hand and its job stays dead: the job, which `/jobs/{id}/retry` can still run.",
    )


class AuditQuery(Query):
    before: int | None = Field(None, ge=0, lt=2**31, description="The `next` of the page before: a sequence number.")
    limit: int = Field(50, ge=1, le=200)


class AuditEvent(Out):
    seq: int
    at: datetime
    actor: str
    kind: str
    data: Variables


class AuditList(Out):
    items: list[AuditEvent]
    next: int | None


@jobs.get("/jobs", asks(Verb.MANAGE_JOBS), zh="作业", query=JobsQuery, answers={200: JobList})
def list_jobs(query: JobsQuery) -> Any:
    """List jobs by due time."""
    state = query.state.value if query.state else None
    page = queries().admin.jobs(state=state, after=query.after, limit=query.limit)
    return {"items": page.rows, "next": page.next}


@jobs.post("/jobs/<job_id>/retry", asks(Verb.MANAGE_JOBS), zh="重试作业", answers={200: StateOfJob}, errors=(404, 409))
def retry_job(job_id: str) -> Any:
    """Let a waiting or dead job run now, with all its attempts."""
    return execute(RetryJob(job_id=job_id))


@incidents.get("/incidents", asks(Verb.MANAGE_INCIDENTS), zh="异常", query=IncidentsQuery, answers={200: IncidentList})
def list_incidents(query: IncidentsQuery) -> Any:
    """List incidents, oldest first."""
    state = query.state.value if query.state else None
    page = queries().instances.incidents(instance_id=query.instance, state=state, after=query.after, limit=query.limit)
    return {"items": page.rows, "next": page.next}


@incidents.post(
    "/incidents/<incident_id>/retry",
    asks(Verb.MANAGE_INCIDENTS),
    zh="重试异常的步骤",
    answers={200: ResolvedIncident},
    errors=(404, 409),
)
def retry_incident(incident_id: str) -> Any:
    """Run the failed step again; success resolves the incident."""
    return execute(RetryIncident(incident_id=incident_id))


@incidents.post(
    "/incidents/<incident_id>/resolve",
    asks(Verb.MANAGE_INCIDENTS),
    zh="关闭异常",
    body=Resolution,
    answers={200: ResolvedIncident},
    errors=(404, 409),
)
def resolve_incident(incident_id: str, body: Resolution) -> Any:
    """Close an incident by hand, saying what was done."""
    return execute(ResolveIncident(incident_id=incident_id, comment=body.comment))


@audit.get("/audit", asks(Verb.VIEW_AUDIT), zh="管理操作记录", query=AuditQuery, answers={200: AuditList})
def list_audit(query: AuditQuery) -> Any:
    """List what administrators did, newest first."""
    rows = queries().admin.admin_history(before=query.before, limit=query.limit)
    return {"items": rows, "next": rows[-1]["seq"] if len(rows) == query.limit else None}
