"""Is an instance whole after an intervention? What the machine holds can end, and the rows say what the machine holds.

A fault raises StepFailed (reason "unsound"): the whole command is undone, and an incident tells what was tried.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from engine.commands.running.job_rows import timer_job_id
from engine.errors import StepFailed
from engine.runtime.step import SubscriptionKind
from engine.store.rows import organisation, running
from engine.store.rows import returns as rows_of

if TYPE_CHECKING:
    from engine.commands.running.moving import Moving


def check(instance: Moving) -> None:
    """Raise StepFailed unless every token can end, and tasks, timers, calls and subscriptions are those of living tokens."""
    context = instance.context
    try:
        instance.execution.check_sound()
    except StepFailed as error:
        error.facts.setdefault("instance_id", instance.id)
        raise
    waiting = instance.execution.waiting()
    open_tasks = organisation.open_tasks(context.uow, instance.id)
    _same(
        instance,
        "待办",
        "open tasks",
        {row["token_id"] for row in open_tasks},
        {task.token_id for task in waiting.tasks},
    )
    jobs = rows_of.jobs(context.uow, instance.id)
    timers = {timer_job_id(timer) for timer in waiting.timers}
    _same(instance, "定时作业", "timer jobs", {row.id for row in jobs if row.kind == "timer"}, timers)
    calls = {token_id for _, token_id in running.calls_of(context.uow, instance.id)}
    living = instance.execution.calling()
    if calls - living:
        _fail(instance, "外部调用", "outside calls", calls - living)
    held = {(row.token_id, row.kind, row.name) for row in rows_of.subscriptions(context.uow, instance.id)}
    awaited = {(each.token_id, SubscriptionKind(each.kind).value, each.name) for each in waiting.subscriptions}
    _same(instance, "消息等待", "subscriptions", held, awaited)


def _same(instance: Moving, zh: str, en: str, rows: Collection[object], tokens: Collection[object]) -> None:
    different = set(rows) ^ set(tokens)
    if different:
        _fail(instance, zh, en, different)


def _fail(instance: Moving, zh: str, en: str, what: Collection[object]) -> None:
    names = ", ".join(sorted(str(each) for each in what))
    raise StepFailed(
        f"流程实例的{zh}与流程状态不一致（{names}），本次操作已撤销。",
        f"The {en} of the instance are not those of its tokens ({names}); nothing was changed.",
        reason="unsound",
        instance_id=instance.id,
    )
