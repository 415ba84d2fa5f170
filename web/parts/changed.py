"""What is different since the step before: which values of a task's form were changed by it, or since, and what they were.

Read from the history alone, and careful: a value is told only where the history says who wrote it and it still stands so. What
a script or a message has put in its place in between is not told as anybody's change.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from engine.forms.values import is_empty

Row = Mapping[str, Any]
WRITING = frozenset({"InstanceStarted", "TaskCompleted", "VariablesChanged"})


def since_step_before(task_id: str, values: Row, history: Sequence[Row]) -> dict[str, Any]:
    """{name: what it was} of those of ``values`` that the step before, or anybody since it was opened, has changed.

    ``history`` are the events of the instance, oldest first. What was not there before was None. Nothing is told of the first
    step, nor of a task that came back: whoever returned it changed nothing.
    """
    edge = _edge(task_id, history)
    if edge is None:
        return {}
    former: dict[str, Any] = {}
    later: dict[str, Any] = {}
    for event in history:
        if event["kind"] in WRITING:
            (former if event["seq"] < edge else later).update(event["data"].get("variables") or {})
    return {
        name: former.get(name)
        for name, value in later.items()
        if value == values.get(name) and not _same(value, former.get(name))
    }


def _edge(task_id: str, history: Sequence[Row]) -> int | None:
    """Where the step before began: members of a ballot and who was asked belong to one step, and so do parallel branches."""
    opened: dict[str, int] = {
        event["data"]["task_id"]: event["seq"] for event in history if event["kind"] == "TaskCreated"
    }
    mine = opened.get(task_id)
    ended = [
        each for each in history if each["kind"] in ("TaskCompleted", "TaskReturned") and each["seq"] < (mine or 0)
    ]
    if not ended:
        return None
    last = ended[-1]
    if last["kind"] == "TaskReturned":
        return int(last["seq"])
    edge = _began(last, opened)
    for event in reversed(ended[:-1]):
        if event["kind"] == "TaskReturned" or event["data"]["element_id"] != last["data"]["element_id"]:
            break
        edge = min(edge, _began(event, opened))
    return edge


def _began(completed: Row, opened: Mapping[str, int]) -> int:
    began = opened.get(completed["data"]["task_id"])
    return int(completed["seq"]) if began is None else began


def _same(value: Any, before: Any) -> bool:
    """Nothing is nothing, however it is written; a box that was never asked about was not ticked."""
    return value == before or (_nothing(value) and _nothing(before))


def _nothing(value: Any) -> bool:
    return is_empty(value) or value is False
