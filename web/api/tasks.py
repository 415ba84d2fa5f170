"""Tasks over HTTP."""

from datetime import datetime
from typing import Any

from pydantic import Field

from engine import forms
from engine.access import TaskFacts, Verb, may, not_found, require
from engine.commands.tasks.handling import AssignTask, ClaimTask, CompleteTask, UnclaimTask
from engine.errors import NotFound
from engine.runtime.instance import InstanceState
from engine.runtime.task import OPEN, Power, Seat, TaskState
from engine.store.base.paging import Row
from web.api.acting import actor, execute, queries
from web.api.blueprint import blueprint
from web.api.endpoint import Noun
from web.api.reading import Body
from web.api.shapes import Code, Login, Name, Out, Remark, Variables
from web.frame.policy import asks_thing
from web.parts import formview, standingin

tasks = Noun(blueprint, "tasks")


class TaskSummary(Out):
    id: str
    instance_id: str
    definition_key: str
    definition_name: str
    business_key: str | None
    title: str
    applicant: str
    urgency: int
    element_id: str
    element_name: str
    state: TaskState
    assignee: str | None
    candidate_users: list[str]
    candidate_groups: list[str]
    priority: int
    created_at: datetime
    due_at: datetime | None
    due_provisional: bool = Field(description="The calendar of the year of `due_at` is not yet published.")
    seat: Seat = Field(description="One token can have several tasks: as what this person sits there.")
    power: Power = Field(description="`advise`: an opinion without an outcome.")
    ballot_id: str | None = Field(description="Of a member or adviser: see `GET /ballots/{id}`.")
    principal: str | None = Field(description="For whom a proxy holds it.")
    proxy_for: str | None = Field(
        None, description="In a list of offers: for whom the caller may claim it, as a proxy."
    )


class Task(TaskSummary):
    kind: str
    lane: str | None
    form_key: str | None
    outcomes: list[str] = Field(description="Codes of which `complete` takes one; empty means none is needed.")
    settings: Variables
    local_variables: Variables
    claimed_at: datetime | None
    closed_at: datetime | None
    closed_by: str | None
    outcome: str | None
    comment: str


class FormOption(Out):
    label: str
    value: Any


class FormField(Out):
    name: str = Field(description='The key of the variable, or "list[0].column".')
    label: str
    kind: str
    value: Any
    readonly: bool
    required: bool
    options: list[FormOption]


class TaskForm(Out):
    form_key: str
    fields: list[FormField] = Field(description="What this task shows, with its rights, conditions and present values.")


class StateOfTask(Out):
    id: str
    instance_id: str
    state: TaskState
    assignee: str | None


class Completed(StateOfTask):
    instance_state: InstanceState


class Assignment(Body):
    assignee: Login
    reason: Remark = ""


class Completion(Body):
    outcome: Code | None = None
    comment: Remark = ""
    variables: Variables = Field({})
    chosen: dict[Name, list[Login]] = Field(
        {}, max_length=50, description="Whom the caller chooses for later steps: {element_id: [logins]}."
    )


@tasks.get("/tasks/<task_id>", asks_thing(Verb.VIEW_TASK), zh="一个任务", answers={200: Task}, errors=(404,))
def get_task(task_id: str) -> Row:
    """Get one task."""
    return visible_task(task_id)


@tasks.get(
    "/tasks/<task_id>/form",
    asks_thing(Verb.VIEW_TASK),
    zh="任务的表单",
    answers={200: TaskForm},
    errors=(404,),
)
def get_form(task_id: str) -> Any:
    """Get the form of a task as its holder sees it now.

    `complete` takes the values of the fields that are not readonly, as `variables`.
    """
    row = visible_task(task_id)
    bound = formview.of_task(row)
    if bound is None:
        raise NotFound(f"任务 {task_id} 没有表单。", f"Task {task_id} has no form.", task_id=task_id)
    may_write = may(actor(), Verb.COMPLETE_TASK, queries().tasks.facts(row)).allowed and row["state"] in OPEN
    view = bound.view(None, editable=may_write)
    return {"form_key": row["form_key"], "fields": [told(each) for each in view.flat()]}


def told(field: forms.Field) -> dict[str, Any]:
    options = [{"label": option.label, "value": option.value} for option in field.options]
    shown = {name: getattr(field, name) for name in ("name", "label", "value", "readonly", "required")}
    return shown | {"kind": field.kind.value, "options": options}


def visible_task(task_id: str) -> Row:
    row = queries().tasks.get(task_id)
    facts = TaskFacts(task_id=task_id, assignee=None) if row is None else standingin.task_facts(row)
    require(actor(), Verb.VIEW_TASK, facts)
    if row is None:
        raise not_found(facts)
    return row


@tasks.post(
    "/tasks/<task_id>/claim",
    asks_thing(Verb.CLAIM_TASK),
    zh="认领任务",
    answers={200: StateOfTask},
    errors=(404, 409),
)
def claim(task_id: str) -> Any:
    """Claim an unclaimed task."""
    return execute(ClaimTask(task_id=task_id))


@tasks.post(
    "/tasks/<task_id>/unclaim",
    asks_thing(Verb.UNCLAIM_TASK),
    zh="放回任务",
    answers={200: StateOfTask},
    errors=(404, 409),
)
def unclaim(task_id: str) -> Any:
    """Give a claimed task back to its candidates."""
    return execute(UnclaimTask(task_id=task_id))


@tasks.post(
    "/tasks/<task_id>/assign",
    asks_thing(Verb.ASSIGN_TASK),
    zh="转办任务",
    body=Assignment,
    answers={200: StateOfTask},
    errors=(404, 409),
)
def assign(task_id: str, body: Assignment) -> Any:
    """Hand a task to another person."""
    return execute(AssignTask(task_id=task_id, assignee=body.assignee, reason=body.reason))


@tasks.post(
    "/tasks/<task_id>/complete",
    asks_thing(Verb.COMPLETE_TASK),
    zh="办理任务",
    body=Completion,
    answers={200: Completed},
    errors=(404, 409),
)
def complete(task_id: str, body: Completion) -> Any:
    """Complete a task with an outcome, an opinion and variables.

    An unclaimed task may be completed by any of its candidates. If somebody else was faster, the answer is 409 with `by`
    and `at`.
    """
    command = CompleteTask(
        task_id=task_id, outcome=body.outcome, comment=body.comment, variables=body.variables, chosen=body.chosen
    )
    return execute(command)
