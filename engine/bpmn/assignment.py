"""Who gets a task: the ``banjie:`` attributes of a user task, evaluated once when the task is entered."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from engine.bpmn.expressions import Text
from engine.bpmn.limits import failure
from engine.bpmn.scopes import copy
from engine.bpmn.timers import BadTimer, TimerExpression, TimerKind
from engine.records import record
from engine.runtime.step import OpenTask, TaskKind

if TYPE_CHECKING:
    from engine.bpmn.tokens import Token

DEFAULT_PRIORITY: Final = 50


@record
class Assignment:
    """The compiled attributes of one user or manual task."""

    assignee: Text | None = None
    candidate_users: tuple[Text, ...] = ()
    candidate_groups: tuple[Text, ...] = ()
    form_key: Text | None = None
    priority: Text | None = None
    limit: Text | None = None
    due_date: Text | None = (
        None  # a date, a date and time, or a duration from entering, as Camunda and Flowable write it
    )
    outcomes: tuple[tuple[str, str], ...] = ()  # code and label, in order
    settings: tuple[tuple[str, Text], ...] = ()
    refusal_flow: str | None = None  # the outgoing flow that only a refusal takes

    def evaluate(self, token: "Token") -> dict[str, Any]:
        """Return what :func:`open_task` needs, as JSON; only what is not empty."""
        found = {
            "assignee": _one(token, self.assignee),
            "users": _several(token, self.candidate_users),
            "groups": _several(token, self.candidate_groups),
            "form": _one(token, self.form_key),
            "priority": _priority(token, self.priority),
            "limit": _one(token, self.limit),
            "due": _due(token, self.due_date),
            "settings": {name: text.value(token) for name, text in self.settings},
        }
        return {key: value for key, value in found.items() if value or value == 0}

    def assignee_of(self, token: "Token") -> str | None:
        """Whom the model names in the scope of ``token``."""
        return _one(token, self.assignee)


def open_task(token: "Token") -> OpenTask:
    """Return what the outside sees of an open user or manual task."""
    node = token.task_spec
    data = token.internal_data
    found = data["task"]
    return OpenTask(
        token_id=token.id,
        element_id=node.element_id,
        element_name=node.element_name,
        process_key=node.process_key,
        kind=TaskKind(node.element_type),
        scope=token.workflow.path,
        lane=node.lane,
        assignee=found.get("assignee"),
        candidate_users=tuple(found.get("users", ())),
        candidate_groups=tuple(found.get("groups", ())),
        form_key=found.get("form"),
        priority=found.get("priority", DEFAULT_PRIORITY),
        limit=found.get("limit"),
        due_at=datetime.fromisoformat(found["due"]) if "due" in found else None,
        outcomes=tuple(code for code, _ in node.assignment.outcomes),
        settings=copy(found.get("settings", {})),
        loop_index=data.get("index"),
        added_by=data.get("by"),
        local_variables=copy(token.local_variables()),
    )


def split(source: str) -> list[str]:
    """Split a comma separated list; commas inside an expression do not count."""
    if source.lstrip().startswith("="):
        return [source.strip()]
    parts, depth, start = [], 0, 0
    for at, character in enumerate(source):
        if character in "{([":
            depth += 1
        elif character in "})]":
            depth -= 1
        elif character == "," and depth <= 0:
            parts.append(source[start:at])
            start = at + 1
    parts.append(source[start:])
    return [part.strip() for part in parts if part.strip()]


def _one(token: "Token", text: Text | None) -> str | None:
    value = None if text is None else text.value(token)
    if value is None or isinstance(value, str):
        return value or None
    if type(value) is int:
        return str(value)  # a login or group may be written as a number
    raise failure(
        token.task_spec,
        "bad-assignment",
        f"任务设置的值应为文字，实为 {str(value)[:40]}",
        f"a setting of the task must be text, but is {str(value)[:40]}",
    )


def _several(token: "Token", texts: Iterable[Text]) -> list[str]:
    names: dict[str, None] = {}
    for text in texts:
        value = text.value(token)
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, str):
                names.update(dict.fromkeys(part.strip() for part in item.split(",") if part.strip()))
            elif type(item) is int:
                names[str(item)] = None
            elif item is not None:
                raise failure(
                    token.task_spec,
                    "bad-assignment",
                    f"候选人或候选组应为文字，实为 {str(item)[:40]}",
                    f"a candidate must be text, but is {str(item)[:40]}",
                )
    return list(names)


def _due(token: "Token", text: Text | None) -> str | None:
    """The moment at which the task is due, ISO 8601 in UTC."""
    value = None if text is None else text.value(token)
    if text is None or value is None or value == "":
        return None
    instance = token.workflow.top_workflow
    try:
        timer = TimerExpression(TimerKind.DURATION, text.literal, None).schedule(value, instance.now, instance.zone)
    except BadTimer as error:
        zh, en = f"到期时间「{text.literal}」：{error.zh}", f'the due date "{text.literal}": {error.en}'
        raise failure(token.task_spec, "bad-assignment", zh, en) from error
    return timer.due.isoformat()


def _priority(token: "Token", text: Text | None) -> int | None:
    value = None if text is None else text.value(token)
    if value is None or value == "":
        return None
    try:
        return int(value)
    except (TypeError, ValueError):
        raise failure(
            token.task_spec,
            "bad-assignment",
            f"优先级应为整数，实为 {str(value)[:40]}",
            f"the priority must be a whole number, but is {str(value)[:40]}",
        ) from None
