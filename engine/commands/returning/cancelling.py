"""撤销: whoever started an instance ends it, until the point from which it takes an application (P-6.3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine import access
from engine.access import InstanceFacts, Verb
from engine.bpmn import deciding
from engine.commands.cases.case_intake import text_of
from engine.commands.cases.filing import WithdrawCase, check_withdrawable
from engine.commands.returning.returns import checked_reason
from engine.commands.running import instances, moving
from engine.commands.running.service_tasks import verb
from engine.commands.running.story import Story
from engine.context import Command, CommandContext
from engine.errors import BanjieError, Conflict, NotFound
from engine.records import record
from engine.runtime.instance import ENDED, InstanceState, check_open
from engine.runtime.step import ActivityState
from engine.store import tables
from engine.store.rows import cases, definitions, organisation, returns, running

if TYPE_CHECKING:
    from engine.runtime.lineage import Passage
    from engine.runtime.step import ServiceCall
    from engine.store.base.unit_of_work import Values

OUTCOME = "cancelled"
WITHDRAWN = "withdrawn"
PROCESS = "withdrawal_application"
instances.BEGUN_ELSEWHERE.add(PROCESS)


@record
class CancelInstance(Command):
    """撤销申请: end my own instance; answers {id, state}.

    A case 办件 is not simply ended: it is withdrawn by its applicant (``WithdrawCase``), with its document and in its statistics.
    """

    instance_id: str
    reason: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        row = _own(context, self.instance_id)
        reason = checked_reason(self.reason, what=("撤销", "cancellation"))
        case = cases.of_instance(context.uow, self.instance_id)
        if case is not None:
            answer = WithdrawCase(no=case["no"], reason=reason).execute(context)
            return {"id": self.instance_id, "state": row["state"], "case_state": answer["state"]}
        instance = moving.load(context, self.instance_id, row=row)
        _check_before_barrier(context, instance)
        instance.terminate(reason, outcome=OUTCOME)
        return {"id": instance.id, "state": instance.row["state"]}


@record
class ApplyForWithdrawal(Command):
    """撤回申请: ask for the end of my own instance when I cannot cancel it any more (P-6.3); answers {id, application_id}.

    Starts the process ``withdrawal_application``; the instance itself goes on meanwhile.
    """

    instance_id: str
    reason: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        row = _own(context, self.instance_id)
        check_open(self.instance_id, InstanceState(row["state"]))
        reason = checked_reason(self.reason, what=("撤回申请", "withdrawal"))
        if cases.of_instance(context.uow, self.instance_id) is not None:
            raise Conflict(
                "办件由申请人撤回，不走撤回申请；已作出决定的，依法不能撤回。",
                "A case is withdrawn by its applicant, not by an application; once decided it cannot be withdrawn.",
                instance_id=self.instance_id,
            )
        _check_no_application(context, self.instance_id)
        steps = [task["element_name"] for task in organisation.open_tasks(context.uow, self.instance_id)]
        started = instances.start(
            context,
            _process(context),
            {
                "withdrawn_instance": self.instance_id,
                "withdrawn_title": row["title"],
                "withdrawn_number": row["business_key"] or "",
                "withdrawn_step": "、".join(dict.fromkeys(steps)),
                "withdraw_reason": reason,
            },
            business_key=self.instance_id,
            title=f"撤回申请 · {row['title']}"[:200],
        )
        return {"id": self.instance_id, "application_id": started.id}


@verb(
    "instance.end_withdrawn",
    "终止已同意撤回的流程",
    "End an instance whose withdrawal was granted",
    results=("withdrawal_result",),
)
def end_withdrawn(context: CommandContext, moved: moving.Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``instance`` and ``reason``. ``withdrawal_result``: withdrawn, or too_late when the instance has ended by itself."""
    instance_id, application = text_of(call, "instance"), moved.row
    row = running.lock_instance(context.uow, instance_id)
    is_about = instance_id == application["business_key"] and application["definition_key"] == PROCESS
    if row is None or not is_about or row["started_by"] != application["started_by"]:
        raise Conflict(
            "这个流程不是发起人对该流程的撤回申请，不能终止它。",
            "This process is no application of its initiator to withdraw that instance.",
        )
    if InstanceState(row["state"]) in ENDED:
        return {"withdrawal_result": "too_late"}
    moving.load(context, instance_id, row=row).terminate(text_of(call, "reason"), outcome=WITHDRAWN)
    return {"withdrawal_result": WITHDRAWN}


def _check_no_application(context: CommandContext, instance_id: str) -> None:
    open_one = returns.open_application(context.uow, PROCESS, instance_id)
    if open_one is not None:
        raise Conflict(
            "已有一件撤回申请正在审批，请等待结果。",
            "An application for withdrawal is being decided already; wait for its result.",
            application_id=open_one,
        )


def _process(context: CommandContext) -> Values:
    try:
        return definitions.latest(context.uow, PROCESS)
    except NotFound as error:
        raise Conflict(
            f"没有撤回申请流程 {PROCESS}，请管理员先部署它。", f"There is no process {PROCESS}; deploy it first."
        ) from error


def _own(context: CommandContext, instance_id: str) -> Values:
    """Lock the actor's own instance. Raises NotFound or Forbidden."""
    return _checked(context, instance_id, running.lock_instance(context.uow, instance_id))


def _checked(context: CommandContext, instance_id: str, row: Values | None) -> Values:
    if row is None:
        raise NotFound(
            f"没有编号为 {instance_id} 的流程实例，或您无权查看。", f"No instance {instance_id}, or not for you to see."
        )
    access.require(context.actor, Verb.CANCEL_INSTANCE, _facts(context, row))
    return row


def _facts(context: CommandContext, row: Mapping[str, Any]) -> InstanceFacts:
    offered = organisation.open_tasks(context.uow, row["id"])
    return InstanceFacts(
        instance_id=row["id"],
        started_by=row["started_by"],
        involved=running.involved(context.uow, row["id"]),
        offered_users=frozenset(login for task in offered for login in task["candidate_users"]),
        offered_groups=frozenset(key for task in offered for key in task["candidate_groups"]),
    )


def way_out(context: CommandContext, instance_id: str) -> dict[str, Any]:
    """How its initiator can end an instance now: {way: "cancel", "apply" or "none", why: the refusal or None}.

    "apply" goes with the reason why cancelling is too late; "none" says why neither is possible. For ``ProcessEngine.ask``;
    raises NotFound or Forbidden.
    """
    row = _checked(context, instance_id, context.uow.get(tables.process_instance, (instance_id,)))
    case = cases.of_instance(context.uow, instance_id)
    try:
        check_open(instance_id, InstanceState(row["state"]))
        if case is not None:
            check_withdrawable(context, case["no"])
            return {"way": "cancel", "why": None}
    except BanjieError as error:
        return {"way": "none", "why": error}
    try:
        _check_before_barrier(context, moving.open_instance(context, row))
    except Conflict as too_late:
        try:
            _check_no_application(context, instance_id)
            _process(context)
        except Conflict as error:
            return {"way": "none", "why": error}
        return {"way": "apply", "why": too_late}
    return {"way": "cancel", "why": None}


def _check_before_barrier(context: CommandContext, instance: moving.Moving) -> None:
    """Raise Conflict behind the point that the model names; without one, when the decision is made or cannot be unmade (P-6.3)."""
    story = Story.of(context, instance.id)
    passages = story.lineage.passages.values()
    done = [passage for passage in passages if passage.state is ActivityState.COMPLETED]
    barriers = deciding.barriers(instance.compiled)
    if barriers:
        behind = [passage for passage in done if _element(passage) in barriers]
        said = ("已办结", "is done")
    else:
        marked = deciding.marked_irreversible(instance.compiled)
        behind = [passage for passage in done if _element(passage) in marked]
        said = ("已执行且不能收回", "was carried out and cannot be undone")
        if not behind:
            behind = _decided(instance, done, [each for each in passages if each.state is ActivityState.ENTERED])
            said = ("已作出决定", "has decided")
    if behind:
        name = behind[-1].element_name or behind[-1].element_id
        raise Conflict(
            f"「{name}」{said[0]}，此后不能自行撤销；请提交撤回申请，经审批后终止。",
            f"{name} {said[1]}: from there on you cannot cancel by yourself; apply for a withdrawal, which has to be approved.",
            reason="past-barrier",
            element_id=behind[-1].element_id,
        )


def _decided(instance: moving.Moving, done: list[Passage], living: list[Passage]) -> list[Passage]:
    """The decisions that were made, oldest first, once none is to come any more: neither open nor ahead of anything that lives."""
    decisions = deciding.decisions(instance.compiled)
    made = [passage for passage in done if _element(passage) in decisions]
    if not made or any(_element(passage) in decisions for passage in living):
        return []
    forwards = deciding.Forwards(instance.compiled)
    if any(not decisions.isdisjoint(forwards.ahead(*_element(passage))) for passage in living):
        return []
    return made


def _element(passage: Passage) -> tuple[str, str]:
    return passage.process_key, passage.element_id
