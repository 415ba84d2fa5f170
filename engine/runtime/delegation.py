"""委派: the holder asks somebody, who answers to the one who asked; a stack of at most three (P-5.2 to P-5.4)."""

from collections.abc import Sequence

from engine.errors import Conflict, Forbidden
from engine.events import Event
from engine.records import record
from engine.runtime.task import Power

MAX_DEPTH = 3


@record
class TaskDelegated(Event):
    """The holder of ``task_id`` asked ``delegate``; his own task waits. ``proxy_id``: a proxy rule asked in his name."""

    task_id: str
    delegate_task_id: str
    delegate: str
    power: Power = Power.ADVISE
    question: str = ""
    element_name: str = ""
    proxy_id: str | None = None


@record
class DelegationRecalled(Event):
    """The question was taken back before it was answered: by the one who asked, or because time ran out (P-9.3)."""

    task_id: str
    delegate_task_id: str
    delegate: str
    reason: str = ""


def check_delegate(label: str, stack: Sequence[str], delegate: str) -> None:
    """Raise Conflict unless the person on top of ``stack`` may ask ``delegate``.

    ``stack`` holds the logins from the first who asked to the one who asks now.
    """
    if delegate == stack[-1]:
        raise Conflict(
            f"不能把「{label}」委派给自己，请选择其他人。",
            f'You cannot delegate "{label}" to yourself; choose somebody else.',
            login=delegate,
        )
    if delegate in stack:
        raise Conflict(
            f"{delegate} 正在等待这件事的答复，不能再委派给他；请直接答复，或选择其他人。",
            f"{delegate} is waiting for this very answer; answer him, or choose somebody else.",
            login=delegate,
        )
    if len(stack) > MAX_DEPTH:
        raise Conflict(
            f"「{label}」已经委派了 {MAX_DEPTH} 层，不能再往下委派；请答复，或退给委派您的人。",
            f'"{label}" was delegated {MAX_DEPTH} times already; answer it, or hand it back to the one who asked.',
            limit=MAX_DEPTH,
        )


def granted_power(label: str, own: Power, wanted: Power, *, node_permits: bool) -> Power:
    """What the delegate may do: advise, or decide where the node permits it and the delegator himself may decide.

    ``node_permits`` is the node's ``banjie:delegatePower="decide"``. Nobody hands on more than he has.
    """
    if wanted is Power.ADVISE:
        return Power.ADVISE
    if not node_permits:
        raise Conflict(
            f"「{label}」只能委派他人提出意见，不能委派决定；请改为征求意见，或使用转办。",
            f'At "{label}" only advice can be delegated, not the decision; ask for advice, or transfer the task.',
        )
    check_decides(label, own)
    return Power.DECIDE


def check_decides(label: str, own: Power) -> None:
    """Raise Forbidden when somebody who was only asked for advice would decide, or let others decide (P-2.3)."""
    if own is not Power.DECIDE:
        raise Forbidden(
            f"您在「{label}」只被请求提出意见，不能作出决定；请只填写意见后提交。",
            f'At "{label}" you were asked for advice only and cannot decide; give your opinion without an outcome.',
        )
