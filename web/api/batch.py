"""Several tasks at once over HTTP: a result for each, and no item depends on another."""

from typing import Any, Literal

from pydantic import Field

from engine.access import Verb
from web.api.blueprint import blueprint
from web.api.endpoint import Noun
from web.api.reading import Body, idempotency_key
from web.api.shapes import Code, Id, Login, Out, Remark
from web.frame.policy import asks_thing
from web.inbox import batch as batches

batch = Noun(blueprint, "tasks")


class Batch(Body):
    action: Literal["approve", "transfer", "claim", "urge"]
    task_ids: list[Id] = Field(min_length=1, max_length=100)
    outcome: Code | None = Field(None, description="With `approve`: instead of the step's own positive outcome.")
    comment: Remark = Field("", description="The opinion, the reason of a transfer, or the words of an urge.")
    assignee: Login | None = Field(None, description="With `transfer`: to whom.")


class BatchResult(Out):
    id: str
    done: bool
    status: int = Field(description="What the single request would have answered.")
    code: str = Field("", description="Why not, as `title` of a problem.")
    detail: str = ""
    detail_en: str = ""
    needs_input: bool = Field(False, description="The step needs more than a batch can give: open it on its own.")


class BatchResults(Out):
    done: int
    results: list[BatchResult]


@batch.post(
    "/tasks/batch",
    asks_thing(Verb.COMPLETE_TASK),
    zh="批量办理任务",
    body=Batch,
    answers={200: BatchResults},
)
def work(body: Batch) -> Any:
    """Do the same to several tasks.

    Each is a transaction of its own: what is refused for one does not stop the others. With an Idempotency-Key every item
    acts once, however often the batch is sent.
    """
    asked = {"comment": body.comment, "assignee": body.assignee or "", "outcome": body.outcome}
    results = batches.run(body.action, body.task_ids, asked, idempotency_key())
    return {"done": sum(result.error is None for result in results), "results": [_shown(each) for each in results]}


def _shown(result: batches.Result) -> dict[str, Any]:
    error = result.error
    if error is None:
        return {"id": result.task_id, "done": True, "status": 200}
    told = {"code": error.code, "detail": error.zh, "detail_en": error.en}
    needs = bool(error.facts.get("needs_input"))
    return {"id": result.task_id, "done": False, "status": error.status, "needs_input": needs, **told}
