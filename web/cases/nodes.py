"""The steps of an instance behind its diagram: who had each, when, with what opinion, in how much time of how much."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from engine.calendar import Limit
from engine.errors import InvalidInput
from engine.records import record
from web.frame.filters import moment
from web.parts.timeline import Entry
from web.wording.i18n import language
from web.wording.i18n import translate as _


@record
class Visit:
    """One task of a step: its line of the story, when it came, and its limit in words."""

    entry: Entry
    received: datetime
    due: datetime | None
    limit: str


@record
class Node:
    """A step that was come to. ``ref`` is the id of its place on the page."""

    element_id: str
    name: str
    ref: str
    is_open: bool
    visits: tuple[Visit, ...]


def of_story(story: Sequence[Entry], tasks: Sequence[Mapping[str, Any]]) -> list[Node]:
    """The steps in the order in which they were come to first; what is no task has no place here."""
    by_id = {task["id"]: task for task in tasks}
    visits: dict[str, list[Visit]] = {}
    names: dict[str, str] = {}
    for entry in story:
        task = by_id.get(entry.task_id)
        if task is not None:
            names.setdefault(task["element_id"], task["element_name"] or task["element_id"])
            visits.setdefault(task["element_id"], []).append(visit(entry, task))
    return [
        Node(
            element_id=element_id,
            name=names[element_id],
            ref=f"node-{element_id}",
            is_open=any(each.entry.mood == "now" for each in found),
            visits=tuple(found),
        )
        for element_id, found in visits.items()
    ]


def visit(entry: Entry, task: Mapping[str, Any]) -> Visit:
    """What a page tells of one task."""
    return Visit(entry=entry, received=task["created_at"], due=task["due_at"], limit=_limit(task))


def _limit(task: Mapping[str, Any]) -> str:
    """What the model allows for the step; where an expression or the item says it, the day on which it ends."""
    if task["due_at"] is None:
        return ""
    try:
        return Limit.parse(str(task["settings"].get("limit") or "")).text(language())
    except InvalidInput:
        return _("到 {day}", day=moment(task["due_at"]))
