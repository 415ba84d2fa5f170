"""Process instances over HTTP."""

from datetime import datetime
from typing import Any

from flask import Response
from pydantic import Field

from engine.access import Verb, may
from engine.commands.running.instances import SetVariables, StartInstance, TerminateInstance
from engine.errors import InvalidInput
from engine.runtime.instance import InstanceState
from engine.runtime.task import OPEN
from engine.store.base.paging import Row
from web.api.acting import actor, created, engine, execute, queries, visible_instance
from web.api.blueprint import blueprint
from web.api.endpoint import Answer, Content, Noun
from web.api.reading import Body, Query
from web.api.shapes import Code, Id, Listing, Login, Name, Out, PageQuery, Remark, Variables
from web.frame.policy import asks, asks_thing
from web.parts import diagrams

instances = Noun(blueprint, "process-instances")

# Fields of events that hold variables, what was applied for and by whom, or the state of a part that is made of them.
_VALUES = frozenset(
    {
        "variables",
        "local_variables",
        "result",
        "correlation",
        "memory",
        "form",
        "applicant",
        "applicant_id",
        "value",
        "facts",
    }
)
_INNER = frozenset({"query_code_hash", "storage_key"})  # nobody's but the engine's


class Start(Body):
    key: Code | None = Field(None, description="The newest version of this process.")
    definition_id: Id | None = Field(None, description="Or this very version.")
    business_key: Code | None = None
    title: Name = ""
    variables: Variables = Field(
        {},
        description="A caller without the role `admin` is held to the form of the start event, where it has one: its fields "
        "and nothing else, each in order. An administrator's token may send any variables; those that are fields of the form "
        "are checked for their type only. Without a form any variables are taken from everybody.",
    )
    chosen: dict[Name, list[Login]] = Field(
        {}, max_length=50, description="Whom the caller chooses for later steps: {element_id: [logins]}."
    )


class Started(Out):
    id: str
    state: InstanceState
    definition_id: str


class InstanceSummary(Out):
    id: str
    definition_id: str
    definition_key: str
    definition_version: int
    definition_name: str
    business_key: str | None
    title: str
    applicant: str
    state: InstanceState
    outcome: str | None
    started_by: str | None
    started_at: datetime
    ended_at: datetime | None


class OpenTask(Out):
    id: str
    element_id: str
    element_name: str
    state: str
    assignee: str | None
    candidate_users: list[str]
    candidate_groups: list[str]
    created_at: datetime
    due_at: datetime | None


class Instance(InstanceSummary):
    variables: Variables | None = Field(
        description="As they are now; null unless the caller oversees processes or started this one: forms hide fields."
    )
    tasks: list[OpenTask] = Field(description="The open tasks.")


class InstanceList(Listing):
    items: list[InstanceSummary]


class InstancesQuery(PageQuery):
    definition_key: Name | None = None
    state: InstanceState | None = None
    business_key: Name | None = None


class HistoryQuery(Query):
    after: int = Field(0, ge=0, lt=2**31, description="The `next` of the page before: a sequence number.")
    limit: int = Field(200, ge=1, le=1000)


class HistoryEvent(Out):
    seq: int
    at: datetime
    actor: str
    acts_for: str | None
    kind: str
    data: Variables


class History(Out):
    items: list[HistoryEvent]
    next: int | None


class Termination(Body):
    reason: Remark = Field(min_length=1)


class TerminationQuery(Query):
    reason: Remark = Field("", description="Kept in the history.")


class StateOfInstance(Out):
    id: str
    state: InstanceState


class Correction(Body):
    variables: Variables


class Corrected(Out):
    id: str
    variables: Variables


@instances.post(
    "/process-instances",
    asks(Verb.START_PROCESS),
    zh="发起流程",
    body=Start,
    answers={201: Started},
    errors=(404, 409),
)
def start(body: Start) -> Answer:
    """Start a process.

    `key` starts the newest version, `definition_id` that very version.

    422 names every field of the start form that is wrong, missing or unknown. `form` of `GET
    /process-definitions/{definition_id}` is what it asks for.
    """
    if (body.key is None) == (body.definition_id is None):
        raise InvalidInput(
            "请给出 key 或 definition_id，二者取一。",
            "Give either key or definition_id.",
            fields={"key": "二者取一"},
            fields_en={"key": "one of the two"},
        )
    result = execute(
        StartInstance(
            key=body.key or "",
            definition_id=body.definition_id,
            business_key=body.business_key,
            title=body.title,
            variables=body.variables,
            chosen=body.chosen,
        )
    )
    return created(result, f"/process-instances/{result['id']}")


@instances.get(
    "/process-instances",
    asks_thing(Verb.VIEW_INSTANCE),
    zh="流程实例",
    query=InstancesQuery,
    answers={200: InstanceList},
)
def list_instances(query: InstancesQuery) -> Any:
    """List process instances, newest first.

    Administrators, supervisors and auditors see all of them, everybody else those that they started.
    """
    everything = may(actor(), Verb.VIEW_ALL_INSTANCES).allowed
    page = queries().instances.all(
        definition_key=query.definition_key,
        state=query.state.value if query.state else None,
        business_key=query.business_key,
        started_by=None if everything else actor().login,
        after=query.after,
        limit=query.limit,
    )
    return {"items": page.rows, "next": page.next}


@instances.get(
    "/process-instances/<instance_id>",
    asks_thing(Verb.VIEW_INSTANCE),
    zh="一个流程实例",
    answers={200: Instance},
    errors=(404,),
)
def get_instance(instance_id: str) -> Any:
    """Get an instance: its state, variables and open tasks."""
    row = visible_instance(instance_id)
    tasks = [task for task in queries().tasks.of_instance(instance_id) if task["state"] in OPEN]
    return row | {"variables": engine().variables(instance_id) if _sees_variables(row) else None, "tasks": tasks}


@instances.get(
    "/process-instances/<instance_id>/history",
    asks_thing(Verb.VIEW_INSTANCE),
    zh="流程实例的历史",
    query=HistoryQuery,
    answers={200: History},
    errors=(404,),
)
def get_history(instance_id: str, query: HistoryQuery) -> Any:
    """Get the history of an instance: every event with its sequence number, who and when.

    Values of variables, of the application and of its applicant are told only to those who oversee processes and to whoever
    started this one; words that were taken back only to those who oversee.
    """
    row = visible_instance(instance_id)
    rows = queries().instances.history(instance_id, after=query.after, limit=query.limit)
    hidden = _INNER if _sees_variables(row) else _INNER | _VALUES
    for event in rows:
        inside = hidden | {"body"} if hidden is not _INNER and event["kind"] == "DocumentKept" else hidden
        event["data"] = {name: value for name, value in event["data"].items() if name not in inside}
    if not may(actor(), Verb.VIEW_AUDIT).allowed:
        _without_withdrawn(rows, instance_id)
    return {"items": rows, "next": rows[-1]["seq"] if len(rows) == query.limit else None}


@instances.get(
    "/process-instances/<instance_id>/diagram.svg",
    asks_thing(Verb.VIEW_INSTANCE),
    zh="流程实例的图",
    answers={200: Content("image/svg+xml", "The diagram; what is done and what is active is marked.")},
    errors=(404,),
)
def get_diagram(instance_id: str) -> Response:
    """Get the diagram of an instance with its progress."""
    row = visible_instance(instance_id)
    return diagrams.svg_of_instance(row)


@instances.post(
    "/process-instances/<instance_id>/terminate",
    asks(Verb.TERMINATE_INSTANCE),
    zh="终止流程实例",
    body=Termination,
    answers={200: StateOfInstance},
    errors=(404, 409),
)
def terminate(instance_id: str, body: Termination) -> Any:
    """Terminate an instance before its end, with all its tasks, timers and jobs."""
    return execute(TerminateInstance(instance_id=instance_id, reason=body.reason))


@instances.delete(
    "/process-instances/<instance_id>",
    asks(Verb.TERMINATE_INSTANCE),
    zh="终止流程实例",
    query=TerminationQuery,
    answers={204: None},
    errors=(404, 409),
)
def delete_instance(instance_id: str, query: TerminationQuery) -> Answer:
    """Terminate an instance; its history stays."""
    execute(TerminateInstance(instance_id=instance_id, reason=query.reason))
    return Answer(status=204)


@instances.patch(
    "/process-instances/<instance_id>/variables",
    asks(Verb.SET_VARIABLES),
    zh="更正流程变量",
    body=Correction,
    answers={200: Corrected},
    errors=(404, 409),
)
def correct_variables(instance_id: str, body: Correction) -> Any:
    """Correct process variables by hand; recorded in the history."""
    return execute(SetVariables(instance_id=instance_id, variables=body.variables))


def _without_withdrawn(rows: list[Row], instance_id: str) -> None:
    said = [event for event in rows if event["kind"] == "CommentAdded"]
    standing = {comment["id"] for comment in queries().inbox.comments_of(instance_id)} if said else set()
    for event in said:
        if event["data"]["comment_id"] not in standing:
            event["data"] = event["data"] | {"body": ""}


def _sees_variables(row: Row) -> bool:
    """Participants see of the variables what their task's form shows, and no more."""
    return may(actor(), Verb.VIEW_AUDIT).allowed or actor().login == row["started_by"]
