"""What returns and withdrawals leave in the history."""

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum

from engine.events import Event
from engine.records import record


class Resubmit(StrEnum):
    """How the returned node goes on when it is completed again (P-3.6)."""

    STEP = "step"  # 重走: the whole way again
    STRAIGHT = "straight"  # 直接回到我: to the returner; what lies between is kept


@record
class TaskReturned(Event):
    """退回: the case went back to an earlier node, and everything that had come of it was retired (P-3.2).

    ``task_id`` is the returner's own task, closed by this; None when a ballot returned by its result.
    """

    return_id: str  # the new token in the target
    renewed: str  # the token of the target's execution that does not count any more
    element_id: str
    element_name: str = ""
    target_id: str
    target_name: str = ""
    task_id: str | None = None
    reason: str = ""
    resubmit: Resubmit = Resubmit.STEP
    round: int = 2  # of the target
    to_applicant: bool = (
        False  # the initiator is to act there again: the office's correction procedure may follow (P-3.8)
    )
    retired: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()  # elements between, which the straight way leaves out
    guarded: Mapping[str, str] = field(default_factory=dict)  # what belongs to them: field -> digest of its value
    outcome: str | None = None  # how the target had been completed before
    only_straight: bool = False  # something between can be done once only: there is no way back step by step


@record
class ReturnAnswered(Event):
    """The returned node was completed again. ``straight`` says which way it went, ``changed`` why not straight."""

    return_id: str
    element_id: str
    straight: bool = False
    changed: tuple[str, ...] = ()
    other_outcome: bool = False


@record
class DecisionWithdrawn(Event):
    """撤回: a decision was taken back while nobody had acted on it; its task waits again (P-6.1)."""

    task_id: str
    element_id: str
    element_name: str = ""
    reason: str = ""
    retired: tuple[str, ...] = ()
    undone: tuple[str, ...] = ()  # tasks that had come of it: they count as no round, for nobody has returned anything


@record
class TokenJumped(Event):
    """跳转: an administrator moved a token to another element."""

    token_id: str
    element_id: str
    target_id: str
    new_token: str
    reason: str = ""


@record
class InstanceReopened(Event):
    """重开: a finished instance goes on from an element that it has executed."""

    element_id: str
    element_name: str = ""
    reason: str = ""
