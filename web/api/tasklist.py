"""Lists of tasks over HTTP: one's own as on the page, with the page's filters, and those of others for whoever oversees."""

from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from engine import plain
from engine.access import Actor, Verb, may
from engine.calendar import Unit
from engine.errors import Forbidden
from engine.runtime.task import TaskState
from engine.store.base.paging import Page, Row
from web.api.acting import actor, engine, queries, visible_instance
from web.api.shapes import Code, Day, Flag, Id, Listing, Login, Name, PageQuery
from web.api.tasks import TaskSummary, tasks
from web.frame import deadlines
from web.frame.policy import asks_thing
from web.lists import worklist
from web.lists.worklist import Worklist
from web.parts import standingin

_GROUP = "group:"
_LISTS = ("assignee", "candidate", "instance", "tab", "after", "limit", "overdue")


class ListedTask(TaskSummary):
    lamp: Literal["red", "amber", "green", "none"] = Field(description="Of the deadline, by the working calendar.")
    working_days_left: float | None = Field(description="Until `due_at`, negative when overdue; null without one.")
    remaining: float | None = Field(
        description="Until `due_at` in `remaining_unit`, negative when overdue; null without one."
    )
    remaining_unit: Literal["wd", "nd", "h"] = Field(
        description="The unit of the limit: working days, days (a limit of months too), office hours."
    )
    read_at: datetime | None = Field(description="When its holder opened it.")
    closed_at: datetime | None
    outcome: str | None
    comment: str


class TaskList(Listing):
    items: list[ListedTask]
    searched: int | None = Field(
        None, description="A filter looked at this many tasks and stopped: an empty page may have a `next`."
    )


class TasksQuery(PageQuery):
    tab: Literal["assigned", "offered", "done"] | None = Field(
        None, description="The caller's own list, as on the page: 待办, 待认领, 已办."
    )
    assignee: Login | None = Field(None, description="Held by this person.")
    candidate: Name | None = Field(
        None, description="Unclaimed and offered to this person (also through groups), or to `group:KEY`."
    )
    instance: Id | None = Field(None, description="Of this process instance.")
    q: Code | None = Field(None, description="In number, title, applicant, or a form field that the task shows.")
    process: Code | None = Field(None, description="Key of the process.")
    item: Code | None = Field(None, description="Code of the item, for cases.")
    step: Name | None = Field(None, description="Name of the step.")
    applicant: Code | None = Field(None, description="Part of the applicant's name.")
    value: Code | None = Field(None, description="Part of what a form field holds that the task shows.")
    field: Code | None = Field(None, description="With `value`: only in the form field of this name.")
    lamp: Literal["red", "amber", "green", "none"] | None = Field(None, description="Not in `done`.")
    overdue: Flag = Field(False, description="The same as `lamp=red`.")
    urgency: Literal["0", "1", "2"] | None = Field(None, description="普通, 加急, 特急.")
    unread: Flag = Field(False, description="With `tab=assigned`: not opened by the caller.")
    received_from: Day | None = Field(None, alias="from", description="First day of receipt.")
    received_until: Day | None = Field(None, alias="until", description="Last day of receipt.")
    due_from: Day | None = Field(None, description="First day of the deadline.")
    due_until: Day | None = Field(None, description="Last day of the deadline.")
    done_from: Day | None = Field(None, description="With `tab=done`: first day of handling.")
    done_until: Day | None = Field(None, description="With `tab=done`: last day of handling.")
    sort: Literal["due", "received", "urgent"] | None = Field(
        None, description="By deadline if not given; `done` is newest first."
    )


@tasks.get("/tasks", asks_thing(Verb.VIEW_TASK), zh="任务", query=TasksQuery, answers={200: TaskList}, errors=(404,))
def list_tasks(query: TasksQuery) -> Any:
    """List tasks, narrowed and sorted as on the page of the inbox.

    With `tab`, one of the caller's own lists. Without, open tasks: what the caller holds, or, for administrators, supervisors
    and auditors, all. Only these may ask for the tasks of other people and of groups they are not in.
    """
    _check(query)
    wanted = worklist.of_words(query.tab or "assigned", _words(query))
    if query.tab is not None:
        narrow = replace(wanted.narrow, instance_id=query.instance or "")
        page = replace(wanted, narrow=narrow).page(actor(), query.after, query.limit)
    else:
        page = _of_instance(query, wanted) if query.instance else _of_people(query, wanted)
    return {
        "items": [_judged(row, wanted) for row in deadlines.with_units(page.rows)],
        "next": page.next,
        "searched": page.searched,
    }


def _check(query: TasksQuery) -> None:
    if query.assignee is not None and query.candidate is not None:
        raise plain.refused("candidate", "不能与 assignee 同时使用", "cannot stand beside assignee")
    if query.tab is not None and (query.assignee or query.candidate):
        raise plain.refused("tab", "不能与 assignee、candidate 同时使用", "cannot stand beside assignee or candidate")
    if query.overdue and query.lamp not in (None, "red"):
        raise plain.refused("overdue", "与 lamp 矛盾", "contradicts lamp")
    if query.field is not None and query.value is None:
        raise plain.refused("field", "须与 value 同时使用", "needs a value")


def _words(query: TasksQuery) -> dict[str, str]:
    """The filter as it would stand in the address of the page."""
    given = query.model_dump(mode="json", by_alias=True, exclude_none=True, exclude=set(_LISTS))
    words = {name: "1" if value is True else str(value) for name, value in given.items() if value is not False}
    return words | ({"lamp": "red"} if query.overdue else {})


def _judged(row: Row, wanted: Worklist) -> Row:
    due, at = row["due_at"], row["closed_at"] or wanted.now
    days = wanted.calendar.working_days_between
    left = None if due is None else float(days(at, due) if at <= due else -days(due, at))
    unit = Unit.ND if row["unit"] is Unit.MONTH else row["unit"]
    remaining = None if due is None else round(deadlines.amount(at, due, wanted.calendar, unit), 2)
    lamp = wanted.deadline(row).colour
    return row | {"lamp": lamp, "working_days_left": left, "remaining": remaining, "remaining_unit": unit.value}


def _options(query: TasksQuery, wanted: Worklist) -> dict[str, Any]:
    return {"order": wanted.order, "keep": wanted.keep, "after": query.after, "limit": query.limit}


def _of_instance(query: TasksQuery, wanted: Worklist) -> Page:
    """The open tasks of one instance, as far as the actor may see them."""
    assert query.instance is not None
    visible_instance(query.instance)
    page = queries().tasks.open(
        assignee=query.assignee, instance_id=query.instance, narrow=wanted.narrow, **_options(query, wanted)
    )
    candidate = None if query.candidate is None else _candidate(query.candidate)
    rows = [row for row in page.rows if may(actor(), Verb.VIEW_TASK, standingin.task_facts(row)).allowed]
    return replace(page, rows=[row for row in rows if candidate is None or _is_offered(row, candidate)])


def _of_people(query: TasksQuery, wanted: Worklist) -> Page:
    oversees = may(actor(), Verb.VIEW_ALL_INSTANCES).allowed
    assignee, candidate = query.assignee, query.candidate
    options = _options(query, wanted)
    if candidate is not None:
        if not oversees and not _is_own(candidate):
            raise _not_yours()
        if candidate == actor().login and actor().stands_in:
            return queries().proxy_offers.page(actor(), engine().now(), wanted.narrow, **options)
        return queries().tasks.offered(_candidate(candidate), wanted.narrow, **options)
    if not oversees:
        assignee = assignee or actor().login
        if assignee != actor().login:
            raise _not_yours()
    return queries().tasks.open(assignee=assignee, narrow=wanted.narrow, **options)


def _is_own(candidate: str) -> bool:
    """Whether the caller is this candidate, or in this group."""
    if candidate.startswith(_GROUP):
        return candidate.removeprefix(_GROUP) in actor().groups
    return candidate == actor().login


def _candidate(text: str) -> Actor:
    """The person, with all groups, or a stand-in that is in nothing but the one group."""
    if text.startswith(_GROUP):
        return Actor(login="", groups=frozenset({text.removeprefix(_GROUP)}))
    if text == actor().login:
        return actor()
    return queries().admin.actor(text) or Actor(login=text)


def _is_offered(row: Row, candidate: Actor) -> bool:
    return row["state"] == TaskState.OFFERED and queries().tasks.facts(row).offered_to(candidate)


def _not_yours() -> Forbidden:
    return Forbidden("您只能查看自己的任务和本组的任务。", "You may only list your own tasks and those of your groups.")
