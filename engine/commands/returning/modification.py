"""跳转、重开: what only administrators do to an instance, each ending with a check that it is whole (trap 2.6)."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from engine import access
from engine.access import Verb
from engine.approval.case_state import CaseState
from engine.commands.returning.returns import checked_reason, drop_calls
from engine.commands.running import invariants, moving
from engine.commands.running.story import Story
from engine.context import Command
from engine.errors import Conflict, NotFound, StepFailed
from engine.records import record
from engine.runtime.instance import ENDED, InstanceState
from engine.runtime.return_events import InstanceReopened, TokenJumped
from engine.runtime.returning import Returned
from engine.store import tables
from engine.store.rows import cases, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.bpmn.runner import Execution
    from engine.commands.running.moving import Moving
    from engine.context import CommandContext
    from engine.store.base.unit_of_work import Values

NOWHERE = frozenset({"unsound", "deadlock"})  # reasons of a failed step: it stands at once, or would stand later


@record
class JumpInstance(Command):
    """跳转: move a waiting token to another element of its process or of one around it; answers {id, token_id, state}.

    ``token_id`` is that of an open task, a timer or a message; see GET of the instance.
    """

    instance_id: str
    token_id: str
    target: str
    reason: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        access.require(context.actor, Verb.REPAIR_INSTANCE)
        reason = checked_reason(self.reason, what=("跳转", "jump"))
        instance = moving.load(context, self.instance_id)
        waiting = instance.before
        known = {task.token_id: task.element_id for task in waiting.tasks}
        known |= {timer.token_id: timer.element_id for timer in waiting.timers}
        known |= {each.token_id: each.element_id for each in waiting.subscriptions}
        moved: list[str] = []

        def jump(execution: Execution) -> None:
            moved.append(execution.jump(self.token_id, self.target, now=context.now))
            jumped = TokenJumped(
                token_id=self.token_id,
                element_id=known.get(self.token_id, ""),
                target_id=self.target,
                new_token=moved[0],
                reason=reason,
            )
            context.record(instance.id, jumped)

        instance.leaving = "jumped"
        with _ends_nowhere("不能这样跳转，否则流程走不完。", "After such a jump the process could never end."):
            instance.move(jump)
            instance.execution.check_sound()
        _sweep_calls(context, instance)
        invariants.check(instance)
        return {"id": instance.id, "token_id": moved[0], "state": instance.row["state"]}


@contextmanager
def _ends_nowhere(zh: str, en: str) -> Iterator[None]:
    """What cannot go on afterwards is no failure of the instance but the wrong place to go to: refused, no incident."""
    try:
        yield
    except StepFailed as error:
        if error.facts.get("reason") not in NOWHERE:
            raise
        raise Conflict(
            f"{zh}{error.zh}。请另选环节。",
            f"{en} {error.en}. Choose another element.",
            reason="unsound",
            element_id=error.facts.get("element_id"),
        ) from error


@contextmanager
def _keeps_no_incident() -> Iterator[None]:
    """An instance that has ended keeps no incident: what stands in its way is told to whoever wants it to go on."""
    try:
        yield
    except StepFailed as error:
        raise Conflict(
            f"不能从这里重开：{error.zh}",
            f"It cannot be reopened there: {error.en}",
            reason=error.facts.get("reason"),
            element_id=error.facts.get("element_id"),
        ) from error


def _sweep_calls(context: CommandContext, instance: Moving) -> None:
    """Remove the calls to the outside whose service tasks went with the jump."""
    calling = {token_id for _, token_id in running.calls_of(context.uow, instance.id)}
    drop_calls(context, instance.id, calling - instance.execution.calling())


@record
class ReopenInstance(Command):
    """重开: a finished instance goes on from an element that it has executed; answers {id, element_id, state}.

    An instance of a case whose state is final stays closed: the case state machine knows no way back.
    """

    instance_id: str
    element_id: str
    reason: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        access.require(context.actor, Verb.REPAIR_INSTANCE)
        reason = checked_reason(self.reason, what=("重开", "reopening"))
        row = _locked(context, self.instance_id)
        _check_case(context, self.instance_id)
        instance = moving.open_instance(context, row)
        story = Story.of(context, instance.id)
        done: list[Returned] = []

        def reopen(execution: Execution) -> None:
            done.append(execution.reopen(self.element_id, story.lineage, now=context.now))
            passage = story.lineage.passages[done[0].renewed]
            reopened = InstanceReopened(element_id=passage.element_id, element_name=passage.element_name, reason=reason)
            context.record(instance.id, reopened)

        nowhere = _ends_nowhere("不能从这里重开，否则流程走不完。", "Reopened there, the process could never end.")
        with _keeps_no_incident(), nowhere:
            instance.move(reopen)
            instance.execution.check_sound()
        invariants.check(instance)
        return {"id": instance.id, "element_id": done[0].element_id, "state": instance.row["state"]}


def places_of(context: CommandContext, instance_id: str) -> dict[str, Any]:
    """Where an administrator may reopen an ended instance: {elements: [{element_id, name}]}; for ``ProcessEngine.ask``."""
    access.require(context.actor, Verb.REPAIR_INSTANCE)
    row = context.uow.get(tables.process_instance, (instance_id,))
    if row is None:
        raise access.not_found(access.InstanceFacts(instance_id=instance_id))
    if InstanceState(row["state"]) not in ENDED:
        return {"elements": []}
    execution = moving.open_instance(context, row).execution
    found = execution.reopenings(Story.of(context, instance_id).lineage)
    return {
        "elements": [
            {"element_id": passage.element_id, "name": passage.element_name or passage.element_id} for passage in found
        ]
    }


def tokens_of(context: CommandContext, instance_id: str) -> list[dict[str, Any]]:
    """What waits in a running instance and where each can be moved: [{token_id, element_id, name, targets}]."""
    access.require(context.actor, Verb.REPAIR_INSTANCE)
    row = context.uow.get(tables.process_instance, (instance_id,))
    if row is None or InstanceState(row["state"]) in ENDED:
        return []
    instance = moving.open_instance(context, row)
    waiting = instance.before
    names = {each.token_id: (each.element_id, each.element_name) for each in waiting.subscriptions}
    names |= {timer.token_id: (timer.element_id, timer.element_name) for timer in waiting.timers}
    names |= {task.token_id: (task.element_id, task.element_name) for task in waiting.tasks}
    return [
        {
            "token_id": token_id,
            "element_id": element_id,
            "name": name or element_id,
            "targets": [
                {"element_id": target, "name": label or target, "type": kind}
                for target, label, kind in instance.execution.landings(token_id)
            ],
        }
        for token_id, (element_id, name) in names.items()
    ]


def _locked(context: CommandContext, instance_id: str) -> Values:
    row = running.lock_instance(context.uow, instance_id)
    if row is None:
        raise NotFound(
            f"没有编号为 {instance_id} 的流程实例。",
            f"There is no process instance {instance_id}.",
            instance_id=instance_id,
        )
    if InstanceState(row["state"]) not in ENDED:
        raise Conflict(
            "流程还在办理中，不必重开；需要改变去向请用跳转或退回。",
            "The instance is still running and needs no reopening; use a jump or a return.",
            instance_id=instance_id,
            state=row["state"],
        )
    return row


def _check_case(context: CommandContext, instance_id: str) -> None:
    case = cases.of_instance(context.uow, instance_id)
    if case is None:
        return
    state = CaseState(case["state"])
    if state.is_ended:
        raise Conflict(
            f"办件 {case['no']} 已是「{state.label('zh')}」，这是最终状态，不能重开；确需纠正请依法撤销原决定后另行立案。",
            f"Case {case['no']} is {state.label('en')}, which is final: it cannot be reopened; revoke the decision and file anew.",
            case=case["no"],
            state=state.value,
        )
