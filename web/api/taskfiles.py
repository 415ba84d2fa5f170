"""Attachments and signatures of tasks over HTTP: uploaded before the task is completed."""

from typing import Any, Literal

from pydantic import Field

from engine.access import Verb, require
from engine.commands.tasks.task_files import AddActionFile
from web.api.acting import actor, created, execute, queries
from web.api.blueprint import blueprint
from web.api.endpoint import Noun
from web.api.reading import Form, Upload
from web.api.shapes import Identified
from web.api.tasks import visible_task
from web.frame.policy import asks_thing
from web.tasks import actionfiles

taskfiles = Noun(blueprint, "tasks")


class TaskFileForm(Form):
    file: list[Upload] = Field(min_length=1, max_length=1, description="One file, judged by its content.")
    kind: Literal["attachment", "signature"] = Field(
        "attachment", description="A signature is a PNG; a newer one of the same person replaces it."
    )


@taskfiles.post(
    "/tasks/<task_id>/files",
    asks_thing(Verb.COMPLETE_TASK),
    zh="上传办理附件或签名",
    form=TaskFileForm,
    answers={201: Identified},
    errors=(404, 409),
)
def upload(task_id: str, form: TaskFileForm) -> Any:
    """Add an attachment or the signature to an open task.

    A step with `signature="required"` is completed, with whatever outcome, only by whoever has signed it.
    """
    row = visible_task(task_id)  # asked first: nothing is judged or kept of what comes to a task of others
    require(actor(), Verb.COMPLETE_TASK, queries().tasks.facts(row))
    stored = actionfiles.judged(form.kind, form.file[0])
    return created(execute(AddActionFile(task_id=task_id, file=stored)), f"/tasks/{task_id}")
