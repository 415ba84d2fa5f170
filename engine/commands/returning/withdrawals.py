"""撤回: take back one's own vote or decision, while nobody has acted on it (P-6.1, P-6.2)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine import access
from engine.access import SYSTEM, Verb
from engine.bpmn.expressions import LOOP_COUNTER
from engine.commands.ballots import ballot_members
from engine.commands.ballots.ballot_box import Box
from engine.commands.returning import reopening_ballots, reopening_instances
from engine.commands.returning.returns import checked_reason, drop_calls
from engine.commands.running import invariants, moving, seats
from engine.commands.running.story import Story
from engine.commands.tasks import answering, participants
from engine.commands.tasks import handling as tasks
from engine.commands.tasks.participants import Table
from engine.context import Command
from engine.errors import Conflict
from engine.records import record
from engine.runtime.allowance import NodeVerb, check_allowed
from engine.runtime.instance import InstanceState, check_open
from engine.runtime.return_events import DecisionWithdrawn
from engine.runtime.signers import Plan, Position
from engine.runtime.task import Seat, Task, TaskReopened, TaskState
from engine.store import tables
from engine.store.projections.returns import RETURNED
from engine.store.rows import running

if TYPE_CHECKING:
    from collections.abc import Iterable, Set

    from engine.bpmn.participants import Participation
    from engine.bpmn.runner import Execution
    from engine.commands.running.moving import Moving
    from engine.context import CommandContext
    from engine.store.base.unit_of_work import Values

REASON = "withdrawn"


@record
class WithdrawTask(Command):
    """撤回我的办理: my vote while the ballot is open, else my decision while nobody has acted on it; answers {id, state}.

    The task waits for me again. Only my vote is reopened: the others' stay (P-6.2).
    """

    task_id: str
    reason: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        task, row = tasks.load_task(context, self.task_id)
        tasks.require(context, Verb.WITHDRAW_TASK, task)
        reason = checked_reason(self.reason, what=("撤回", "withdrawal"))
        task_row = _check_mine(context, task)
        check_allowed(task.settings, NodeVerb.WITHDRAW, task.label)
        instance = moving.load(context, task.instance_id, row=row)
        tasks.check_eligible(context, row, task, context.actor.login, way="complete")
        unsigned = bool(Plan.from_json(task_row["signers"]).pending(Position.AFTER))
        answering.sign_again(context, task_row, REASON)
        if task.ballot_id is not None and Box.of(context, task.ballot_id).is_open:
            ballot_members.withdraw_vote(context, instance, task, reason=reason)
        elif unsigned and any(each.token_id == task.token_id for each in instance.before.tasks):
            # Nothing has come of it yet: it waits for those who sign after it, and the token with it.
            instance.record(_withdrawn(task, reason))
            context.record(instance.id, _reopened(task, task_row, reason))
        elif (table := Table.of(context, instance, task_row)) is not None:
            table.take_back(reason)
        elif (found := _running_around(context, instance, task, task_row)) is not None:
            _take_back_within(context, instance, task, task_row, found, reason)
        else:
            _take_back(context, instance, task, task_row, reason)
        now = context.uow.get(tables.task, (task.id,)) or {}
        return {"id": task.id, "instance_id": instance.id, "state": now["state"], "assignee": now["assignee"]}


def check_withdrawable(context: CommandContext, task_id: str) -> None:
    """Raise what ``WithdrawTask`` would refuse now; for ``ProcessEngine.ask``."""
    row = context.uow.get(tables.task, (task_id,))
    if row is None:
        raise access.not_found(access.TaskFacts(task_id=task_id, assignee=None))
    task = tasks.task_of(row)
    tasks.require(context, Verb.WITHDRAW_TASK, task)
    _check_mine(context, task)
    check_allowed(task.settings, NodeVerb.WITHDRAW, task.label)
    instance_row = context.uow.get(tables.process_instance, (task.instance_id,))
    assert instance_row is not None
    check_open(task.instance_id, InstanceState(instance_row["state"]))
    instance = moving.open_instance(context, instance_row)
    tasks.check_eligible(context, instance_row, task, context.actor.login, way="complete")
    votes = task.ballot_id is not None and Box.of(context, task.ballot_id).is_open
    waits = any(each.token_id == task.token_id for each in instance.before.tasks)
    if votes or waits or Table.of(context, instance, row) is not None:
        return
    found = _running_around(context, instance, task, row)
    if found is None:
        _check_untouched(context, instance, task)
    else:
        _check_turn(context, instance, task, row, found)


def _check_mine(context: CommandContext, task: Task) -> Values:
    """Raise Conflict unless the task was decided by its own holder or voter."""
    row = context.uow.get(tables.task, (task.id,))
    assert row is not None
    if task.state is not TaskState.COMPLETED or row["outcome"] == RETURNED:
        raise Conflict(
            f"「{task.label}」没有可以撤回的办理：它{'已被您退回' if row['outcome'] == RETURNED else '尚未办结或已取消'}。",
            f"There is nothing to take back at {task.label}: it was {'returned' if row['outcome'] == RETURNED else task.state.value}.",
            task_id=task.id,
            state=task.state.value,
        )
    if task.seat not in (Seat.HOLDER, Seat.MEMBER):
        raise Conflict(
            f"您在「{task.label}」的答复已交给征询人，不能撤回；需要更正请直接告知对方。",
            f"Your answer at {task.label} has gone to whoever asked; it cannot be taken back. Tell them what is wrong.",
            task_id=task.id,
            seat=task.seat.value,
        )
    return row


# ---------------------------------------------------------------- the decision


def _take_back(context: CommandContext, instance: Moving, task: Task, row: Values, reason: str) -> None:
    story, undone = _check_untouched(context, instance, task)
    followed = tuple(each["id"] for each in story.tasks_of(context, undone))
    opened: tuple[str, ...] = ()

    def go_back(execution: Execution) -> None:
        nonlocal opened
        taken = execution.take_back(
            task.token_id, story.lineage, now=context.now, seen=row["local_variables"], added_by=_joined_by(row)
        )
        opened = taken.opened
        instance.go_on(execution)
        instance.record(_withdrawn(task, reason, taken.retired, followed))
        # The task's rows are there already: they are opened again below, not made.
        again = tuple(each for each in execution.waiting().tasks if each.token_id in (task.token_id, *opened))
        instance.before = replace(instance.before, tasks=instance.before.tasks + again)

    instance.leaving = REASON
    instance.move(go_back)
    instance.leaving = "process-moved-on"
    _check_waits(instance, task)
    drop_calls(context, instance.id, undone)
    if task.ballot_id is not None:
        reopening_instances.open_again(context, instance, opened)
        reopening_ballots.without_vote(context, instance, task, task.ballot_id, reason=reason)
    else:
        if participants.may_be_one_of_several(row):
            participants.keep_what_was_sent(context, story, row)
        context.record(instance.id, _reopened(task, row, reason))
        reopening_instances.open_again(context, instance, opened)
    invariants.check(instance)


def _joined_by(row: Values) -> str | None:
    """Who has added this instance of a multi-instance; a member of a ballot was added to the ballot, not to the node."""
    added_by: str | None = row["added_by"] if row["ballot_id"] is None else None
    return added_by


# ---------------------------------------------------------------- a ballot that is one instance of a running multi-instance


def _running_around(context: CommandContext, instance: Moving, task: Task, row: Values) -> Participation | None:
    """The multi-instance of which the ballot of this task, by now decided, was one instance, as long as it runs."""
    if task.ballot_id is None or LOOP_COUNTER not in row["local_variables"]:
        return None
    lineage = Story.of(context, instance.id).lineage
    return instance.execution.participation(task.token_id, now=context.now, lineage=lineage)


def _check_turn(context: CommandContext, instance: Moving, task: Task, row: Values, found: Participation) -> None:
    """Raise Conflict when, one ballot after the other, somebody has acted in the one whose turn it is: its votes would be lost."""
    if not found.in_order:
        return
    mine = row["local_variables"][LOOP_COUNTER] - 1
    for each in found.people():
        if each.token_id is None:
            continue
        if each.number < mine:
            raise Conflict(
                f"「{task.label}」按顺序表决，排在前面的一份正在重新表决，请待其结束后再撤回。",
                f"The ballots of {task.label} follow one another, and an earlier one is open again; take yours back when it is over.",
                reason="not-their-turn",
                task_id=task.id,
            )
        check_not_acted(context, task, seats.of_token(context, each.token_id))


def _take_back_within(
    context: CommandContext, instance: Moving, task: Task, row: Values, found: Participation, reason: str
) -> None:
    """The ballot is open again while the others, decided or not, stay as they are; in order its turn comes back."""
    assert task.ballot_id is not None
    _check_turn(context, instance, task, row, found)

    def go_back(execution: Execution) -> None:
        found.begin_again(task.token_id, row["local_variables"], None)
        instance.go_on(execution)
        again = tuple(each for each in execution.waiting().tasks if each.token_id == task.token_id)
        instance.before = replace(instance.before, tasks=instance.before.tasks + again)

    instance.record(_withdrawn(task, reason))
    instance.leaving = REASON
    instance.move(go_back)
    instance.leaving = "process-moved-on"
    reopening_ballots.without_vote(context, instance, task, task.ballot_id, reason=reason)
    invariants.check(instance)


# ---------------------------------------------------------------- what bars it


def _check_waits(instance: Moving, task: Task) -> None:
    """Raise Conflict when what was taken back has gone on at once: a date at which the node is left is over."""
    if all(each.token_id != task.token_id for each in instance.before.tasks):
        raise Conflict(
            f"「{task.label}」的办理不能撤回：该环节的截止时间已过，撤回后会立即离开本环节；需要更正请由后一环节退回或由管理员处理。",
            f"What you did at {task.label} cannot be taken back: its time is over by now, and it would be left at once; ask whoever "
            "comes next for a return, or an administrator.",
            reason="time-over",
            task_id=task.id,
        )


def _check_untouched(context: CommandContext, instance: Moving, task: Task) -> tuple[Story, set[str]]:
    """Raise Conflict when nobody can take back what came of a decision; the story, and the tokens that would go."""
    story = Story.of(context, instance.id)
    undoing = instance.execution.undoing(task.token_id, story.lineage)
    undone = story.lineage.with_insides(undoing.removed) - {task.token_id, undoing.token_id}
    check_not_acted(context, task, story.tasks_of(context, undone))
    check_reversible(context, instance, story, undone)
    return story, undone


def _withdrawn(
    task: Task, reason: str, retired: tuple[str, ...] = (), undone: tuple[str, ...] = ()
) -> DecisionWithdrawn:
    return DecisionWithdrawn(
        task_id=task.id,
        element_id=task.element_id,
        element_name=task.element_name,
        reason=reason,
        retired=retired,
        undone=undone,
    )


def _reopened(task: Task, row: Values, reason: str) -> TaskReopened:
    return TaskReopened(task_id=task.id, assignee=row["assignee"] or row["closed_by"], reason=reason)


def check_not_acted(context: CommandContext, task: Task, rows: Iterable[Values]) -> None:
    """Raise Conflict when somebody has acted on what came of the decision, or, where the node says so, has opened it."""
    bar_opened = str(task.settings.get("withdrawUntil") or "").strip() == "opened"
    for row in rows:
        acted = row["closed_by"] if row["state"] == TaskState.COMPLETED.value else None
        if acted is not None and acted != SYSTEM.login:
            raise _too_late(task, row, f"已由 {acted} 办理", f"{acted} has already acted on", acted)
        if row["state"] == TaskState.WAITING.value:
            raise _too_late(
                task, row, f"已由 {row['assignee']} 征询他人", f"{row['assignee']} has asked others about", ""
            )
        if bar_opened and row["read_at"] is not None:
            who = row["assignee"] or "办理人"
            raise _too_late(task, row, f"已被 {who} 打开", f"{row['assignee'] or 'somebody'} has opened", who)


def _too_late(task: Task, row: Values, zh: str, en: str, by: str) -> Conflict:
    return Conflict(
        f"「{task.label}」的办理不能撤回：后续的「{row['element_name']}」{zh}；需要更正请联系对方退回。",
        f"What you did at {task.label} cannot be taken back: {en} {row['element_name']}; ask for a return.",
        reason="acted",
        task_id=row["id"],
        by=by,
    )


def check_reversible(context: CommandContext, instance: Moving, story: Story, undone: Set[str]) -> None:
    """Raise Conflict when something came of the decision that nobody can take back (P-6.1)."""
    for token_id in undone:
        done = story.performed.get(token_id)
        if done is not None and done.get("irreversible"):
            verb = context.environment.verbs.get(done["verb"])
            raise _irreversible(verb.zh if verb else done["verb"], verb.en if verb else done["verb"])
    elements = {story.lineage.passages[token_id].element_id for token_id in undone}
    for element_id in story.thrown:
        if element_id in elements:
            raise _irreversible("发出消息", "a message was sent")
    for job_id, token_id in running.calls_of(context.uow, instance.id):
        job = context.uow.get(tables.job, (job_id,))
        if token_id in undone and job is not None and job["leased_by"] is not None:
            raise _irreversible("正在进行的外部调用", "a call to the outside that is on its way")


def _irreversible(zh: str, en: str) -> Conflict:
    return Conflict(
        f"不能撤回：其后已执行「{zh}」，它不能收回；需要更正请联系后续办理人退回，或由管理员处理。",
        f"It cannot be taken back: what followed ({en}) is irreversible; ask whoever comes next for a return, or an administrator.",
        reason="irreversible",
    )
