"""The board's figures and urging over HTTP."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field

from engine.access import Verb
from engine.commands.supervision.urging import UrgeTask, UrgeTasks
from engine.store.queries.board import Lamp
from web.api.acting import execute, queries, visible_instance
from web.api.blueprint import blueprint
from web.api.endpoint import Noun
from web.api.reading import Body, Query
from web.api.shapes import Code, Id, Listing, Out, PageQuery, Remark
from web.frame.policy import asks, asks_thing
from web.supervision.boardview import Board

supervision = Noun(blueprint, "supervision")


# ---------------------------------------------------------------- the board


class BoardQuery(Query):
    department: Code | None = None
    process: Code | None = Field(None, description="The key of a process.")
    days: int = Field(30, description="7, 30, 90 or 365.")


class BoardDay(Out):
    day: date
    received: int
    decided: int
    late: int


class BoardStep(Out):
    process_key: str
    element_id: str
    name: str
    done: int
    mean: float | None = Field(description="Working days, without suspensions.")
    limit: float | None
    late: int
    waiting: int
    waiting_late: int
    urged: int


class BoardFigures(Out):
    as_of: datetime
    open: int = Field(description="Accepted and not decided.")
    red: int
    amber: int
    green: int
    paused: int
    due_today: int
    mean: float | None = Field(description="Mean working days of decided cases, without suspensions.")
    on_time: float | None = Field(description="Share decided in time, 0 to 1.")
    days: list[BoardDay]
    steps: list[BoardStep]
    overdue: dict[str, int] = Field(description="Overdue cases by the code of the responsible department.")


class OpenCase(Out):
    no: str
    title: str
    item_code: str
    lamp: str
    due_at: datetime
    due_provisional: bool


class OpenCaseList(Listing):
    items: list[OpenCase]


class OpenCasesQuery(PageQuery):
    department: Code | None = None
    process: Code | None = None
    lamp: Literal["red", "amber", "green", "paused", "today"] | None = None


@supervision.get("/board", asks(Verb.VIEW_BOARD), zh="时限看板", query=BoardQuery, answers={200: BoardFigures})
def get_board(query: BoardQuery) -> Any:
    """Get the figures of the board.

    Heads of departments see their own departments, supervisors, auditors and administrators all of them.
    """
    board = Board.of_request(query.department or "", query.process or "", query.days)
    lamps = {name: board.lamps[name] for name in (Lamp.RED, Lamp.AMBER, Lamp.GREEN, Lamp.PAUSED)}
    return lamps | {
        "as_of": board.now,
        "open": board.open,
        "due_today": board.lamps[Lamp.TODAY],
        "mean": board.mean,
        "on_time": board.on_time,
        "days": [
            {"day": day, "received": found.received, "decided": found.decided, "late": found.late}
            for day, found in board.day_rows
        ],
        "steps": [{name: getattr(row, name) for name in BoardStep.model_fields} for row in board.steps],
        "overdue": {code: count for code, _name, count in board.overdue},
    }


@supervision.get(
    "/board/cases", asks(Verb.VIEW_BOARD), zh="在办件（按灯色）", query=OpenCasesQuery, answers={200: OpenCaseList}
)
def list_open_cases(query: OpenCasesQuery) -> Any:
    """List open cases, the most urgent first."""
    board = Board.of_request(query.department or "", query.process or "")
    page = board.list((query.lamp or "all",), after=query.after, limit=query.limit)
    return {"items": page.rows, "next": page.next}


# ---------------------------------------------------------------- urging


class Urged(Out):
    id: str
    to: list[str]


class TaskUrging(Body):
    text: Remark = ""


class UrgingMany(TaskUrging):
    task_ids: list[Id] = Field(min_length=1, max_length=100)


class NotUrged(Out):
    task_id: str
    zh: str
    en: str


class UrgedMany(Out):
    urged: list[str]
    messages: dict[str, int] = Field(description="How many tasks each person's one message names.")
    refused: list[NotUrged]


class Urge(Out):
    id: str
    task_id: str
    element_name: str
    urged_by: str
    urged_at: datetime
    to: list[str]
    body: str
    channel: str
    message_id: str
    read_at: datetime | None
    read_by: str | None


class UrgeList(Out):
    items: list[Urge]


@supervision.post(
    "/tasks/<task_id>/urge",
    asks_thing(Verb.URGE_TASK),
    zh="催办",
    body=TaskUrging,
    answers={200: Urged},
    errors=(404, 409),
)
def urge_task(task_id: str, body: TaskUrging) -> Any:
    """Urge whoever has a task in fact.

    For those who started or handled the matter before, and supervisors. Not too often, never while the clock stands still.
    """
    return execute(UrgeTask(task_id=task_id, text=body.text))


@supervision.post("/urges", asks(Verb.MANAGE_CARDS), zh="批量催办", body=UrgingMany, answers={200: UrgedMany})
def urge_tasks(body: UrgingMany) -> Any:
    """Urge several tasks at once: one message for each person."""
    return execute(UrgeTasks(task_ids=tuple(body.task_ids), text=body.text))


@supervision.get(
    "/process-instances/<instance_id>/urges",
    asks_thing(Verb.VIEW_INSTANCE),
    zh="催办记录",
    answers={200: UrgeList},
    errors=(404,),
)
def list_urges(instance_id: str) -> Any:
    """List the urges of an instance, oldest first, each with when it was read."""
    visible_instance(instance_id)
    return {"items": queries().supervision.urges(instance_id)}
