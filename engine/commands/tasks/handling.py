"""What people do with tasks: claim, give back, hand over, complete."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field, replace
from typing import TYPE_CHECKING, Any

from engine import access
from engine.access import TaskFacts, Verb
from engine.commands.running import choosing, eligibility, moving, seats
from engine.commands.running.forms import check_task_form, in_order
from engine.commands.running.variables import check_variables
from engine.commands.tasks import action_files, transfers
from engine.context import Command, CommandContext
from engine.errors import BanjieError, InvalidInput, NotFound, gathered, together
from engine.records import record
from engine.runtime.instance import InstanceState, check_open
from engine.runtime.task import Power, Seat, Task, TaskCompleted, TaskState
from engine.runtime.who.choices import NotChosen
from engine.store import tables
from engine.store.rows import running

if TYPE_CHECKING:
    from engine.store.base.unit_of_work import Values


Claiming = Callable[[CommandContext, str], dict[str, Any] | None]
CLAIMING: list[Claiming] = []  # asked first: who claims in the place of somebody else has his answer from here


@record
class ClaimTask(Command):
    """认领: an unclaimed task becomes mine, or, for a proxy, mine on behalf of whom it is offered to; answers {id, state, assignee}."""

    task_id: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        for claim in CLAIMING:
            answer = claim(context, self.task_id)
            if answer is not None:
                return answer
        task, instance = load_task(context, self.task_id)
        task.check_open()
        require(context, Verb.CLAIM_TASK, task)
        check_eligible(context, instance, task, context.actor.login, way="claim")
        context.record(task.instance_id, *task.claim(context.actor.login))
        return _answer(context, task)


@record
class UnclaimTask(Command):
    """放回: a claimed task goes back to its candidates."""

    task_id: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        task, _ = load_task(context, self.task_id)
        task.check_open()
        require(context, Verb.UNCLAIM_TASK, task)
        override = context.actor.is_any(access.Role.ADMIN)
        context.record(task.instance_id, *task.unclaim(context.actor.login, may_override=override))
        return _answer(context, task)


@record
class AssignTask(Command):
    """转办: hand an open task to another person, or, for an administrator, 改派; see ``transfers.transfer`` for who may get it."""

    task_id: str
    assignee: str
    reason: str = ""

    def execute(self, context: CommandContext) -> dict[str, Any]:
        task, instance = load_task(context, self.task_id)
        task.check_open()
        require(context, Verb.ASSIGN_TASK, task)
        way = "transfer" if task.assignee == context.actor.login else "assign"
        transfers.transfer(context, instance, task, self.assignee, reason=self.reason, way=way)
        return _answer(context, task)


@record
class CompleteTask(Command):
    """办理: complete a task with a form, an outcome and an opinion; the process moves on in the same transaction.

    An unclaimed task may be completed by any of its candidates. ``variables`` are checked against the task's form and its
    field rights; without a form any well-named JSON variables are taken. The outcome is kept as ``outcome`` and as
    ``<element id>_outcome``, the latter for parallel branches.
    """

    task_id: str
    outcome: str | None = None
    comment: str = ""
    variables: Mapping[str, Any] = field(default_factory=dict)
    chosen: Mapping[str, list[str]] = field(default_factory=dict)  # element id: whom I choose for a later step
    files: tuple[Mapping[str, Any], ...] = ()  # attachments and signature: see engine.commands.tasks.action_files

    def identity(self) -> dict[str, Any]:
        """The same page sent again was stored under other keys; the content of its files is what makes it the same."""
        asked = self.as_json()
        files = [{name: value for name, value in file.items() if name != "key"} for file in self.files]
        return asked | {"fields": asked["fields"] | {"files": files}} if files else asked

    def execute(self, context: CommandContext) -> dict[str, Any]:
        task, row = load_task(context, self.task_id)
        task.check_open()
        require(context, Verb.COMPLETE_TASK, task)
        check_eligible(context, row, task, context.actor.login, way="complete")
        task.check_outcome(self.outcome)
        instance = moving.load(context, task.instance_id, row=row)
        try:
            comment, _, variables = gathered(
                lambda: self._checked_comment(task),
                lambda: action_files.check_signed(context, task, self.files),
                lambda: check_task_form(context, instance, task, self.variables, self.outcome),
            )
        except InvalidInput as fault:
            raise together([fault, *self._unchosen(context, instance, task)]) from None
        action_files.add(context, task, self.files)
        self._go_on(context, instance, task, comment, variables)
        return _answer(context, task) | {"instance_state": instance.row["state"]}

    def _go_on(
        self,
        context: CommandContext,
        instance: moving.Moving,
        task: Task,
        comment: str,
        variables: Mapping[str, Any],
    ) -> None:
        """Tell what was decided, keep the choices, and let the process run."""
        completed = TaskCompleted(task_id=task.id, element_id=task.element_id, element_name=task.element_name)
        if not task.is_sealed:  # a secret vote is kept by its ballot alone
            completed = replace(completed, outcome=self.outcome, comment=comment, variables=variables)
        context.record(task.instance_id, completed)
        if self.chosen:
            at = _place(context, task)
            choosing.keep(
                context, instance.row, instance.compiled, self.chosen, "previous", element=at, variables=variables
            )
        seats.give(
            context, instance, seats.Answer(task=task, outcome=self.outcome, comment=comment, variables=variables)
        )

    def _unchosen(self, context: CommandContext, instance: moving.Moving, task: Task) -> list[InvalidInput]:
        """Whom one has to choose besides, where something else is wrong already and nothing of this will be kept.

        Which steps the case comes to is known when it goes there: it goes, with what is in order of the form.
        """
        if not choosing.asks(instance.compiled, "previous", _place(context, task)):
            return []
        variables = in_order(context, instance, task, self.variables, self.outcome)
        try:
            self._go_on(context, instance, task, "", variables)
        except NotChosen as fault:
            return [fault]
        except BanjieError:
            pass  # without what is wrong it does not come that far
        return []

    @classmethod
    def kept_for_retry(cls, context: CommandContext, fields: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """A secret vote that could not be counted is nowhere to be read: its voter casts it again."""
        row = context.uow.get(tables.task, (fields["task_id"],))
        return None if row is not None and task_of(row).is_sealed else fields

    def _checked_comment(self, task: Task) -> str:
        """The opinion, which may not be empty where the node or the outcome asks for one."""
        comment = str(check_variables({"comment": self.comment})["comment"]).strip()
        if len(comment) > 4000:
            raise InvalidInput(
                "意见最多 4000 字。",
                "An opinion has at most 4000 characters.",
                fields={"comment": "最多 4000 字"},
                fields_en={"comment": "at most 4000 characters"},
            )
        needed = str(task.settings.get("requireComment", "")).split(",")
        if not comment and ("true" in needed or (self.outcome and self.outcome in needed)):
            fields, english = {"comment": "必填"}, {"comment": "is required"}
            raise InvalidInput("请填写办理意见。", "An opinion is required here.", fields=fields, fields_en=english)
        return comment


def _place(context: CommandContext, task: Task) -> tuple[str, str]:
    return (context.uow.get(tables.task, (task.id,)) or {})["process_key"], task.element_id


def load_task(context: CommandContext, task_id: str) -> tuple[Task, Values]:
    """Lock the task's instance, then read the task: no two people can act on one instance at the same time.

    Returns the task and the instance's row; the other seats of its token are read with it. Raises NotFound also when the
    actor may not see the task.
    """
    row = running.lock_instance_of_task(context.uow, task_id)
    if row is None:
        raise NotFound(f"没有编号为 {task_id} 的任务。", f"There is no task {task_id}.", task_id=task_id)
    rows = running.seats_of_task(context.uow, task_id)
    seats.remember(context, {rows[0]["token_id"]}, rows)
    found = next(each for each in rows if each["id"] == task_id)
    task = task_of(found)
    if found["principal"] is not None and found["assignee"] == context.actor.login:
        context.acts_for = found["principal"]  # "B on behalf of A" (P-7.4)
    require(context, Verb.VIEW_TASK, task)
    if task.state in (TaskState.OFFERED, TaskState.ASSIGNED):
        check_open(row["id"], InstanceState(row["state"]))
    return task, row


def check_eligible(context: CommandContext, instance: Values, task: Task, login: str, *, way: str) -> None:
    """Raise Conflict unless ``login`` may act at the task's element (recusal, four eyes, own application, disabled)."""
    row = context.uow.get(tables.task, (task.id,))
    assert row is not None
    eligibility.check(context, instance, eligibility.ElementFacts.of(row), login, way=way, principal=row["principal"])


def task_of(row: Mapping[str, Any]) -> Task:
    """Build the rules' view of a task from its row."""
    return Task(
        id=row["id"],
        instance_id=row["instance_id"],
        token_id=row["token_id"],
        element_id=row["element_id"],
        element_name=row["element_name"],
        state=TaskState(row["state"]),
        assignee=row["assignee"],
        candidate_users=tuple(row["candidate_users"]),
        candidate_groups=tuple(row["candidate_groups"]),
        outcomes=tuple(row["outcomes"]),
        form_key=row["form_key"],
        settings=row["settings"],
        closed_by=row["closed_by"],
        closed_at=row["closed_at"],
        seat=Seat(row["seat"]),
        power=Power(row["power"]),
        ballot_id=row["ballot_id"],
    )


def require(context: CommandContext, verb: Verb, task: Task) -> None:
    """Raise Forbidden, or NotFound for whoever may not know of the task, unless the actor may do ``verb`` on it.

    Who may see it by the instance (its starter, an earlier holder) is looked up only when the task alone says no.
    """
    facts = facts_of(task)
    if access.may(context.actor, verb, facts).allowed:
        return
    instance = context.uow.get(tables.process_instance, (task.instance_id,)) or {}
    starter = {instance["started_by"]} if instance.get("started_by") else set()
    people = running.involved(context.uow, task.instance_id) | starter
    access.require(context.actor, verb, replace(facts, involved=people))


def facts_of(task: Task) -> TaskFacts:
    """What the access rules need to know of a task."""
    return TaskFacts(
        task_id=task.id,
        assignee=task.assignee,
        candidate_users=frozenset(task.candidate_users),
        candidate_groups=frozenset(task.candidate_groups),
        closed_by=task.closed_by,
    )


def _answer(context: CommandContext, task: Task) -> dict[str, Any]:
    row = context.uow.get(tables.task, (task.id,)) or {}
    return {"id": task.id, "instance_id": task.instance_id, "state": row["state"], "assignee": row["assignee"]}
