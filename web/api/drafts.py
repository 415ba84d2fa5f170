"""The caller's own draft of a task over HTTP: what was typed and not yet sent, as the page keeps it with 暂存 (A9)."""

from datetime import datetime
from typing import Any

from pydantic import Field

from engine.access import Verb
from engine.commands.tasks.drafts import DiscardDraft, SaveDraft
from engine.errors import NotFound
from web.api.acting import actor, execute, queries
from web.api.blueprint import blueprint
from web.api.endpoint import Answer, Noun
from web.api.reading import Body
from web.api.shapes import Identified, Out, Remark, Variables
from web.api.tasks import visible_task
from web.frame.policy import asks, asks_thing

tasks = Noun(blueprint, "tasks")


class Draft(Out):
    values: Variables = Field(description="By form field, unchecked, as it was typed.")
    comment: str
    updated_at: datetime


class NewDraft(Body):
    values: Variables = Field(default_factory=dict)
    comment: Remark = ""


@tasks.get("/tasks/<task_id>/draft", asks_thing(Verb.VIEW_TASK), zh="任务的草稿", answers={200: Draft}, errors=(404,))
def get_draft(task_id: str) -> Any:
    """Read the caller's draft of a task; nobody else can."""
    visible_task(task_id)
    row = queries().drafts.get(actor(), "task", task_id)
    if row is None:
        raise NotFound("这个任务没有您的草稿。", "There is no draft of yours of this task.", task_id=task_id)
    return {"comment": "", **row["data"], "updated_at": row["updated_at"]}


@tasks.put(
    "/tasks/<task_id>/draft",
    asks(Verb.ARRANGE_INBOX),
    zh="暂存",
    body=NewDraft,
    answers={200: Identified},
    errors=(404,),
)
def keep_draft(task_id: str, body: NewDraft) -> Any:
    """Keep what was typed; a newer draft takes the place of the older one. The history keeps none of it."""
    visible_task(task_id)
    return execute(SaveDraft(kind="task", ref=task_id, data={"values": body.values, "comment": body.comment}))


@tasks.delete("/tasks/<task_id>/draft", asks(Verb.ARRANGE_INBOX), zh="丢弃草稿", answers={204: None}, errors=(404,))
def discard_draft(task_id: str) -> Any:
    """Throw the caller's draft away; one that is gone already is no error."""
    visible_task(task_id)
    execute(DiscardDraft(kind="task", ref=task_id))
    return Answer(status=204)
