"""User tasks: their states, who holds them, and the events they cause."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from typing import Any

from engine.errors import Conflict, Forbidden
from engine.events import Event
from engine.records import record


class TaskState(StrEnum):
    """Where a task stands."""

    OFFERED = "offered"  # 待认领: candidates see it, nobody holds it
    ASSIGNED = "assigned"  # 待办: one person holds it
    WAITING = "waiting"  # 待征询: its holder asked others first (delegation, signers before); nobody can act on it
    COMPLETED = "completed"  # 已办
    CANCELLED = "cancelled"  # the process went another way
    SUPERSEDED = "superseded"  # 已由他人决定: the ballot was decided without this vote (P-1.5)


class Seat(StrEnum):
    """As what a person sits at the table of one token. One token of the machine can have several tasks."""

    HOLDER = "holder"  # 办理人: the one who decides alone
    MEMBER = "member"  # 会签成员: one vote of a ballot
    ADVISER = "adviser"  # 会商: gives an opinion, decides nothing
    BEFORE = "before"  # 前加签: must answer before the task that asked
    AFTER = "after"  # 后加签: answers after it
    DELEGATE = "delegate"  # 受委托: answers the holder who asked (P-5.2)


class Power(StrEnum):
    """What the answer of a seat may do."""

    DECIDE = "decide"
    ADVISE = "advise"


OPEN = frozenset({TaskState.OFFERED, TaskState.ASSIGNED})
CLOSED = frozenset({TaskState.COMPLETED, TaskState.CANCELLED, TaskState.SUPERSEDED})

MOVES: Mapping[TaskState, frozenset[TaskState]] = {
    TaskState.OFFERED: frozenset({TaskState.ASSIGNED}) | CLOSED,
    TaskState.ASSIGNED: frozenset({TaskState.OFFERED, TaskState.ASSIGNED, TaskState.WAITING}) | CLOSED,
    TaskState.WAITING: frozenset({TaskState.ASSIGNED}) | CLOSED,
    TaskState.COMPLETED: frozenset({TaskState.ASSIGNED}),  # a withdrawn vote (P-6.1)
    TaskState.CANCELLED: frozenset(),
    TaskState.SUPERSEDED: frozenset({TaskState.OFFERED, TaskState.ASSIGNED}),  # the withdrawn vote had decided
}


@record
class TaskCreated(Event):
    task_id: str
    token_id: str
    element_id: str
    element_name: str = ""
    process_key: str = ""
    task_kind: str = "userTask"
    lane: str | None = None
    assignee: str | None = None
    candidate_users: tuple[str, ...] = ()
    candidate_groups: tuple[str, ...] = ()
    form_key: str | None = None
    priority: int = 50
    due_at: datetime | None = None
    due_provisional: bool = False
    outcomes: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    local_variables: Mapping[str, Any] = field(default_factory=dict)
    seat: Seat = Seat.HOLDER
    power: Power = Power.DECIDE
    ballot_id: str | None = None
    round: int = 1
    parent_id: str | None = None
    added_by: str | None = None
    delegated_by: str | None = None
    principal: str | None = None
    why: Mapping[str, Any] = field(default_factory=dict)


@record
class TaskClaimed(Event):
    task_id: str
    assignee: str


@record
class TaskUnclaimed(Event):
    task_id: str


@record
class TaskAssigned(Event):
    """Somebody with the right to do so gave the task to ``assignee`` (转办 or by an administrator)."""

    task_id: str
    assignee: str
    from_assignee: str | None = None
    reason: str = ""


@record
class TaskCompleted(Event):
    task_id: str
    element_id: str
    element_name: str = ""
    outcome: str | None = None
    comment: str = ""
    variables: Mapping[str, Any] = field(default_factory=dict)
    deemed: bool = False  # recorded by the system because nobody answered in time


@record
class TaskCancelled(Event):
    task_id: str
    reason: str = ""


@record
class TaskSuperseded(Event):
    """The ballot was decided without this vote (P-1.5): in nobody's 待办 and in nobody's 已办."""

    task_id: str
    reason: str = ""


@record
class TaskPaused(Event):
    """Its holder asked others first; until they have answered nobody can act on it."""

    task_id: str
    reason: str = ""


@record
class TaskResumed(Event):
    """Those who were asked have answered, or are asked no more; the holder goes on."""

    task_id: str
    reason: str = ""


@record
class TaskReopened(Event):
    """A closed task waits for ``assignee`` again, or, without one, is offered again: a vote or the decision was withdrawn (P-6.1)."""

    task_id: str
    assignee: str | None
    token_id: str | None = None  # where it waits now, if the machine's token is another one than before
    reason: str = ""


@record
class TaskDueChanged(Event):
    task_id: str
    due_at: datetime | None
    provisional: bool = False


@record
class Task:
    """A task as the rules see it."""

    id: str
    instance_id: str
    token_id: str
    element_id: str
    element_name: str
    state: TaskState
    assignee: str | None
    candidate_users: tuple[str, ...]
    candidate_groups: tuple[str, ...]
    outcomes: tuple[str, ...] = ()
    form_key: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    closed_by: str | None = None
    closed_at: datetime | None = None
    seat: Seat = Seat.HOLDER
    power: Power = Power.DECIDE
    ballot_id: str | None = None

    @property
    def label(self) -> str:
        """How sentences name the task."""
        return self.element_name or self.element_id

    @property
    def is_sealed(self) -> bool:
        """Whether the answer is a vote of a secret ballot: nobody may read it before the ballot is closed."""
        return self.seat is Seat.MEMBER and str(self.settings.get("secret", "")).strip() == "true"

    def check_open(self) -> None:
        """Raise Conflict, with who and when, when nobody can act on the task now."""
        if self.state is TaskState.WAITING:
            raise Conflict(
                f"「{self.label}」已由 {self.assignee} 征询他人，等答复后才能办理；也可以先撤回征询。",
                f"{self.assignee} asked others about {self.label} first; it waits for their answers, or until they are recalled.",
                task_id=self.id,
                state=self.state.value,
                by=self.assignee,
            )
        if self.state is TaskState.SUPERSEDED:
            raise Conflict(
                f"「{self.label}」的表决已有结果，您这一票不再需要。",
                f"The ballot of {self.label} is decided; this vote is no longer needed.",
                task_id=self.id,
                state=self.state.value,
            )
        if self.state not in OPEN:
            by = self.closed_by or "系统"
            at = self.closed_at.isoformat(timespec="minutes") if self.closed_at else ""
            done = "办理" if self.state is TaskState.COMPLETED else "取消"
            raise Conflict(
                f"「{self.element_name or self.element_id}」已由 {by} 于 {at} {done}，不能重复办理。",
                f"Task {self.element_name or self.element_id} was already {self.state.value} by {by} at {at}.",
                task_id=self.id,
                state=self.state.value,
                by=self.closed_by,
                at=at,
            )

    def claim(self, person: str) -> list[Event]:
        """认领: take an offered task. Claiming what one already holds changes nothing."""
        self.check_open()
        if self.assignee == person:
            return []
        if self.assignee is not None:
            raise Conflict(
                f"「{self.element_name or self.element_id}」已由 {self.assignee} 认领。",
                f"Task {self.element_name or self.element_id} is already claimed by {self.assignee}.",
                task_id=self.id,
                state=self.state.value,
                by=self.assignee,
            )
        return [TaskClaimed(task_id=self.id, assignee=person)]

    def unclaim(self, person: str, *, may_override: bool = False) -> list[Event]:
        """放回: give a claimed task back to its candidates. A task without candidates cannot be given back."""
        self.check_open()
        if self.assignee is None:
            return []
        if self.assignee != person and not may_override:
            raise Forbidden(
                f"「{self.element_name}」由 {self.assignee} 持有，只有本人可以放回。",
                f"Task {self.element_name} is held by {self.assignee}; only that person may give it back.",
                by=self.assignee,
            )
        if not self.candidate_users and not self.candidate_groups:
            raise Conflict(
                f"「{self.element_name}」是指定给 {self.assignee} 的，没有其他候选人，请改用转办。",
                f"Task {self.element_name} has no candidates to give it back to; transfer it instead.",
                task_id=self.id,
            )
        return [TaskUnclaimed(task_id=self.id)]

    def assign(self, person: str, *, reason: str = "") -> list[Event]:
        """转办/改派: make ``person`` the holder."""
        self.check_open()
        if self.assignee == person:
            return []
        return [TaskAssigned(task_id=self.id, assignee=person, from_assignee=self.assignee, reason=reason)]

    def check_outcome(self, outcome: str | None) -> None:
        """Raise Conflict when ``outcome`` is not one of those that the model offers, or when this seat only advises (P-2.3)."""
        if self.power is Power.ADVISE and outcome is not None:
            raise Conflict(
                f"您在「{self.label}」只提意见，不作决定；请只填写意见后提交。",
                f"At {self.label} you give an opinion and decide nothing; send the opinion without an outcome.",
                task_id=self.id,
            )
        if self.outcomes and outcome not in self.outcomes:
            offered = "、".join(self.outcomes)
            raise Conflict(
                f"「{self.element_name}」的办理结果只能是 {offered}，收到的是 {outcome!r}。",
                f"Task {self.element_name} takes one of the outcomes {', '.join(self.outcomes)}, not {outcome!r}.",
                task_id=self.id,
                outcomes=list(self.outcomes),
            )
