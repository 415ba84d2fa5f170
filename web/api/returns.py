"""Going back over HTTP: return, withdraw, cancel; and for administrators jump and reopen."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from engine.access import Verb
from engine.commands.returning.cancelling import ApplyForWithdrawal, CancelInstance
from engine.commands.returning.modification import JumpInstance, ReopenInstance, places_of
from engine.commands.returning.returns import MAX_REASON, ReturnTask, offers_of
from engine.commands.returning.withdrawals import WithdrawTask
from engine.runtime.instance import InstanceState
from web.api.acting import actor, engine, execute, queries, visible_instance
from web.api.blueprint import blueprint
from web.api.endpoint import Noun
from web.api.instances import StateOfInstance
from web.api.reading import Body
from web.api.shapes import Out
from web.api.tasks import StateOfTask
from web.frame.policy import asks, asks_thing

tasks = Noun(blueprint, "tasks")
instances = Noun(blueprint, "process-instances")

Reason = Annotated[str, StringConstraints(min_length=1, max_length=MAX_REASON)]
Element = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Token = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class Target(Out):
    element_id: str
    name: str
    possible: bool
    why: str = Field(description="Why not, in Chinese; empty when possible.")
    why_en: str
    handler: str | None = Field(description="Who completed it last, and gets it again.")
    reopens_fork: bool = Field(description="It is a fork: all its branches begin anew.")


class Targets(Out):
    targets: list[Target] = Field(description="The nodes executed on the way here, nearest first.")
    resubmit: list[Literal["step", "straight"]] = Field(description="How it may come back; the first is the default.")


class Return(Body):
    target: Element
    reason: Reason
    resubmit: Literal["", "step", "straight"] = Field(
        "", description="`straight`: back to the caller when it is completed again; `step`: the whole way again."
    )


class ReturnedTask(Out):
    id: str
    instance_id: str
    return_id: str
    target: str
    retired: int = Field(description="How many open tokens went, the caller's among them.")
    instance_state: InstanceState


class ReturnOfInstance(Out):
    id: str
    element_id: str
    element_name: str
    target_id: str
    target_name: str
    reason: str
    resubmit: Literal["step", "straight"]
    round: int = Field(description="Of the target: 2 when it was returned for the first time.")
    to_applicant: bool
    kept: list[str] = Field(description="Elements that the straight way leaves out.")
    returned_by: str
    returned_at: datetime
    answered_at: datetime | None
    answered_by: str | None
    went_straight: bool | None = Field(description="null while it is not completed again.")


class ReturnsOfInstance(Out):
    returns: list[ReturnOfInstance] = Field(description="Oldest first.")


class Because(Body):
    reason: Reason


class CancelledInstance(StateOfInstance):
    case_state: str | None = Field(None, description="Of a case: what it has become.")


class Application(Out):
    id: str
    application_id: str = Field(description="The instance of `withdrawal_application`.")


class Jump(Body):
    token_id: Token = Field(description="Of an open task, a timer or a message for which the instance waits.")
    target: Element
    reason: Reason


class Jumped(StateOfInstance):
    token_id: str = Field(description="The new token.")


class Reopening(Body):
    element_id: Element
    reason: Reason


class Reopened(StateOfInstance):
    element_id: str


class Place(Out):
    element_id: str
    name: str


class Places(Out):
    elements: list[Place] = Field(description="Latest first; empty while the instance runs.")


@tasks.get(
    "/tasks/<task_id>/returns",
    asks_thing(Verb.RETURN_TASK),
    zh="任务可以退回到哪里",
    answers={200: Targets},
    errors=(404, 409),
)
def get_targets(task_id: str) -> Any:
    """Get where the holder of a task can return it to, and why not elsewhere."""
    return engine().ask(lambda context: offers_of(context, task_id), actor=actor())


@tasks.post(
    "/tasks/<task_id>/return",
    asks_thing(Verb.RETURN_TASK),
    zh="退回",
    body=Return,
    answers={200: ReturnedTask},
    errors=(404, 409),
)
def return_task(task_id: str, body: Return) -> Any:
    """Return to an earlier node; everything that is open and descends from its last execution is cancelled."""
    command = ReturnTask(task_id=task_id, target=body.target, reason=body.reason, resubmit=body.resubmit)
    return execute(command)


@tasks.post(
    "/tasks/<task_id>/withdraw",
    asks_thing(Verb.WITHDRAW_TASK),
    zh="撤回自己的办理",
    body=Because,
    answers={200: StateOfTask},
    errors=(404, 409),
)
def withdraw_task(task_id: str, body: Because) -> Any:
    """Take back one's vote or instance while ballot or multi-instance is open, or one's decision while nobody has acted on it."""
    return execute(WithdrawTask(task_id=task_id, reason=body.reason))


@instances.get(
    "/process-instances/<instance_id>/returns",
    asks_thing(Verb.VIEW_INSTANCE),
    zh="流程实例的退回记录",
    answers={200: ReturnsOfInstance},
    errors=(404,),
)
def get_returns(instance_id: str) -> Any:
    """Get the returns of an instance."""
    visible_instance(instance_id)
    return {"returns": queries().returns.of_instance(instance_id)}


@instances.post(
    "/process-instances/<instance_id>/cancel",
    asks_thing(Verb.CANCEL_INSTANCE),
    zh="撤销自己发起的流程",
    body=Because,
    answers={200: CancelledInstance},
    errors=(404, 409),
)
def cancel_instance(instance_id: str, body: Because) -> Any:
    """End an instance that the caller started, before the point that its model sets; a case is withdrawn by its applicant."""
    return execute(CancelInstance(instance_id=instance_id, reason=body.reason))


@instances.post(
    "/process-instances/<instance_id>/withdrawal-application",
    asks_thing(Verb.CANCEL_INSTANCE),
    zh="提交撤回申请",
    body=Because,
    answers={200: Application},
    errors=(404, 409),
)
def apply_for_withdrawal(instance_id: str, body: Because) -> Any:
    """Ask for the end of an instance that the caller started and cannot cancel any more; it is decided in a process."""
    return execute(ApplyForWithdrawal(instance_id=instance_id, reason=body.reason))


@instances.post(
    "/process-instances/<instance_id>/jump",
    asks(Verb.REPAIR_INSTANCE),
    zh="跳转",
    body=Jump,
    answers={200: Jumped},
    errors=(404, 409),
)
def jump_instance(instance_id: str, body: Jump) -> Any:
    """Move a token to another element; an instance that could not end afterwards is refused (500, nothing is changed)."""
    command = JumpInstance(instance_id=instance_id, token_id=body.token_id, target=body.target, reason=body.reason)
    return execute(command)


@instances.get(
    "/process-instances/<instance_id>/reopenings",
    asks(Verb.REPAIR_INSTANCE),
    zh="流程实例可以从哪里重开",
    answers={200: Places},
    errors=(404,),
)
def get_reopenings(instance_id: str) -> Any:
    """Get where an ended instance can be reopened."""
    return engine().ask(lambda context: places_of(context, instance_id), actor=actor())


@instances.post(
    "/process-instances/<instance_id>/reopen",
    asks(Verb.REPAIR_INSTANCE),
    zh="重开",
    body=Reopening,
    answers={200: Reopened},
    errors=(404, 409),
)
def reopen_instance(instance_id: str, body: Reopening) -> Any:
    """Let an ended instance go on from an element that it has executed."""
    return execute(ReopenInstance(instance_id=instance_id, element_id=body.element_id, reason=body.reason))
