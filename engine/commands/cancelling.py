"""撤销: whoever started an instance ends it, until the point from which it takes an application (P-6.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine import access
from engine.access import InstanceFacts, Verb
from engine.commands import moving
from engine.commands.cases import WithdrawCase
from engine.commands.returns import checked_reason
from engine.commands.story import Story
from engine.context import Command, CommandContext
from engine.errors import Conflict, NotFound
from engine.runtime.step import ActivityState
from engine.store import cases, organisation, running

OUTCOME = "cancelled"
BARRIER = "cancelBarrier"  # banjie:cancelBarrier="true" on the task behind which the initiator cannot cancel any more


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelInstance(Command):
    """撤销申请: end my own instance; answers {id, state}.

    A case 办件 is not simply ended: it is withdrawn by its applicant (``WithdrawCase``), with its document and in its statistics.
    """

    instance_id: str
    reason: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        row = running.lock_instance(context.uow, self.instance_id)
        if row is None:
            raise NotFound(
                f"没有编号为 {self.instance_id} 的流程实例，或您无权查看。",
                f"No instance {self.instance_id}, or not for you to see.",
            )
        access.require(context.actor, Verb.CANCEL_INSTANCE, _facts(context, row))
        reason = checked_reason(self.reason, what=("撤销", "cancellation"))
        case = cases.of_instance(context.uow, self.instance_id)
        if case is not None:
            answer = WithdrawCase(no=case["no"], reason=reason).execute(context)
            return {"id": self.instance_id, "state": row["state"], "case_state": answer["state"]}
        instance = moving.load(context, self.instance_id, row=row)
        _check_before_barrier(context, instance)
        instance.terminate(reason, outcome=OUTCOME)
        return {"id": instance.id, "state": instance.row["state"]}


def _facts(context: CommandContext, row: Mapping[str, Any]) -> InstanceFacts:
    offered = organisation.open_tasks(context.uow, row["id"])
    return InstanceFacts(
        instance_id=row["id"],
        started_by=row["started_by"],
        involved=running.involved(context.uow, row["id"]),
        offered_users=frozenset(login for task in offered for login in task["candidate_users"]),
        offered_groups=frozenset(key for task in offered for key in task["candidate_groups"]),
    )


def _check_before_barrier(context: CommandContext, instance: moving.Moving) -> None:
    barriers = {
        (info.process_key, info.id) for info in instance.compiled.user_tasks if info.attributes.get(BARRIER) == "true"
    }
    if not barriers:
        return
    for passage in Story.of(context, instance.id).lineage.passages.values():
        if (passage.process_key, passage.element_id) in barriers and passage.state is ActivityState.COMPLETED:
            raise Conflict(
                f"「{passage.element_name or passage.element_id}」已办结，此后不能自行撤销；请提交撤回申请，经审批后终止。",
                f"{passage.element_name or passage.element_id} is done: from there on you cannot cancel by yourself; apply for "
                "a withdrawal, which has to be approved.",
                reason="past-barrier",
                element_id=passage.element_id,
            )
