"""Urging 催办 (P-8): one word to whoever has the task in fact, kept as a row, not too often, never on a suspended clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine import access
from engine.access import TaskFacts, Verb
from engine.approval.clock import ClockKind, ClockState
from engine.approval.supervision import events
from engine.approval.supervision.urging import check_frequency
from engine.commands.delegating.standing_in import has_rules
from engine.commands.notices.reaching import reached
from engine.commands.supervision.card_files import rules_of
from engine.context import Command
from engine.errors import BanjieError, Conflict, InvalidInput, NotFound
from engine.records import record
from engine.runtime.task import TaskState
from engine.store import tables
from engine.store.rows import clocks, proxies, running, supervision

if TYPE_CHECKING:
    from engine.context import CommandContext
    from engine.store.base.unit_of_work import Values

URGEABLE = frozenset({TaskState.OFFERED.value, TaskState.ASSIGNED.value, TaskState.WAITING.value})
MAX_TEXT, MAX_TASKS = 500, 100
USUAL = "请尽快办理。"


@record
class UrgeTask(Command):
    """催办 one task; answers {id, to}: the urge and the people whom it reached."""

    task_id: str
    text: str = ""

    def execute(self, context: CommandContext) -> dict[str, Any]:
        task = _task(context, self.task_id)
        text = _text(self.text)
        to = _check(context, task)
        return {"id": _urge(context, task, to, text, {}), "to": list(to)}


@record
class UrgeTasks(Command):
    """批量催办 by a supervisor: one message for each person, however many tasks it names (P-8.4).

    Answers {urged: [task ids], messages: {login: number of tasks}, refused: [{task_id, zh, en}]}: what may not be urged now
    does not keep the rest from being urged.
    """

    task_ids: tuple[str, ...]
    text: str = ""

    def execute(self, context: CommandContext) -> dict[str, Any]:
        access.require(context.actor, Verb.MANAGE_CARDS)
        text = _text(self.text)
        if not 1 <= len(set(self.task_ids)) <= MAX_TASKS:
            raise InvalidInput(
                f"一次催办 1 至 {MAX_TASKS} 个任务。",
                f"Urge 1 to {MAX_TASKS} tasks at once.",
                fields={"task_ids": "1-100"},
            )
        messages: dict[str, str] = {}  # person -> message
        told: dict[str, int] = {}
        urged, refused = [], []
        for task_id in sorted(set(self.task_ids)):
            try:
                task = _task(context, task_id)
                to = _check(context, task)
            except BanjieError as error:
                refused.append({"task_id": task_id, "zh": error.zh, "en": error.en})
                continue
            _urge(context, task, to, text, messages)
            urged.append(task_id)
            for login in to:
                told[login] = told.get(login, 0) + 1
        return {"urged": urged, "messages": told, "refused": refused}


@record
class ReadUrges(Command):
    """The one who was urged has opened the task. Answers {read}: how many."""

    idempotent = True

    task_id: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        task = _task(context, self.task_id)
        unread = [
            row for row in supervision.unread_urges(context.uow, self.task_id) if context.actor.login in row["to"]
        ]
        for row in unread:
            context.record(task["instance_id"], events.UrgeRead(urge_id=row["id"]))
        return {"read": len(unread)}


def _task(context: CommandContext, task_id: str) -> Values:
    """The task's row with its instance locked, if the actor may know of it."""
    instance = running.lock_instance_of_task(context.uow, task_id)
    row = None if instance is None else context.uow.get(tables.task, (task_id,))
    if row is None:
        raise NotFound(f"没有编号为 {task_id} 的任务，或您无权查看。", f"No task {task_id}, or not for you to see.")
    access.require(context.actor, Verb.VIEW_TASK, _facts(context, row))
    return row


def _facts(context: CommandContext, row: Values) -> TaskFacts:
    return TaskFacts(
        task_id=row["id"],
        assignee=row["assignee"],
        candidate_users=frozenset(row["candidate_users"]),
        candidate_groups=frozenset(row["candidate_groups"]),
        closed_by=row["closed_by"],
        involved=supervision.involved(context.uow, row["instance_id"]),
    )


def _check(context: CommandContext, task: Values) -> tuple[str, ...]:
    """Return whom an urge of this task reaches. Raises Forbidden, or Conflict with the reason why not now."""
    access.require(context.actor, Verb.URGE_TASK, _facts(context, task))
    if task["state"] not in URGEABLE:
        raise Conflict(
            f"「{task['element_name']}」已经办结，不用催办。", f"Task {task['element_name']} is closed already."
        )
    if _stands(context, task["instance_id"]):
        raise Conflict(
            f"「{task['element_name']}」所属办件正在暂停计时，恢复之前不能催办。",
            f"The clock of the case of {task['element_name']} stands still; it cannot be urged before it runs again.",
        )
    to = _in_fact(context, task)
    rules, _ = rules_of(context)
    before = supervision.urged_at(context.uow, task, to)
    check_frequency(rules.urging, before, now=context.now, calendar=context.calendar)
    if not to:
        raise Conflict(
            f"「{task['element_name']}」没有可以催办的人，请先指定办理人。",
            f"Nobody has {task['element_name']}; assign it first.",
        )
    return to


def _stands(context: CommandContext, instance_id: str) -> bool:
    found = [clock for clock in clocks.of_instance(context.uow, instance_id) if clock.kind is ClockKind.PROMISED]
    return bool(found) and found[-1].state is ClockState.PAUSED


def _in_fact(context: CommandContext, task: Values) -> tuple[str, ...]:
    """P-8.5: the holder (to whom it was transferred, or who stands in for somebody) and with whom he shares it; of a task
    whose holder asked others first, those who were asked; of an unclaimed one all candidates and those who stand in for
    them. Each once, never the one who urges."""
    rows = [row for row in supervision.open_tasks(context.uow, task["instance_id"]) if row.id == task["id"]]
    if task["state"] == TaskState.WAITING.value:
        open_tasks = supervision.open_tasks(context.uow, task["instance_id"])
        rows = [row for row in open_tasks if row.parent_id == task["id"] and row.state in URGEABLE]
    found: list[str] = []
    rules = proxies.running(context.uow, context.now) if has_rules(context, task["instance_id"]) else []
    for row in rows:
        if row.assignee:
            found.append(row.assignee)
        else:
            found += [*row.candidate_users, *supervision.members(context.uow, row.candidate_groups)]
        if rules:
            found += reached(context, dict(row._mapping), rules)
    return tuple(login for login in dict.fromkeys(found) if login != context.actor.login)


def _urge(context: CommandContext, task: Values, to: tuple[str, ...], text: str, messages: dict[str, str]) -> str:
    """Record the urge; people who were told in this command already get no second message."""
    urge_id = context.new_id()
    message_id = next((messages[login] for login in to if login in messages), urge_id)
    for login in to:
        messages.setdefault(login, message_id)
    told = events.TaskUrged(
        urge_id=urge_id,
        task_id=task["id"],
        element_id=task["element_id"],
        element_name=task["element_name"],
        definition_key=task["definition_key"],
        to=to,
        text=text,
        message_id=message_id,
    )
    context.record(task["instance_id"], told)
    return urge_id


def _text(text: str) -> str:
    text = text.strip() or USUAL
    if len(text) > MAX_TEXT:
        raise InvalidInput(
            f"催办的话最多 {MAX_TEXT} 字。", f"An urge has at most {MAX_TEXT} characters.", fields={"text": "max"}
        )
    return text
