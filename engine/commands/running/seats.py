"""The seats of a token: one waiting user task of the machine can have several ``task`` rows.

How the seat model works, for everybody who builds a verb on it:

* **Which rows.** ``of_token`` gives all tasks of a token, read with at most one statement in one command; ``open_of`` those
  on which somebody works or waits. ``tasks.load_task`` reads the seats of the acting task in the statement that it needs
  anyway, so a plain task costs nothing more.
* **A new seat.** ``open_seat(context, instance_id, like=row, seat=…, assignee=…)`` puts a further person at the table of
  ``row``'s token. Ask ``eligibility.check`` first.
* **A seat ends** by ``TaskCompleted`` (somebody answered: ``CompleteTask`` records it), ``supersede`` (decided without it),
  or ``cancel`` (its question went away). ``pause`` and ``resume`` are for a holder who asks others first.
* **An answer** is first stored, whole (P-4.5), and then given to the function that ``@answers(Seat.X)`` registered for the
  kind of its seat. The holder's answer concludes the token; a member's is a vote (``engine.commands.ballots.voting``).
* **The token is completed once**, by ``Moving.conclude(token_id, element_id, outcome, …)``.
* **A token goes away** (boundary event, return, end of the instance): ``Moving`` cancels all its open seats and tells the
  functions registered with ``@on_token_gone``.
* **Whoever joins, leaves or hands over a seat of a ballot** does it by ``ballots.add_member``, ``remove_member`` and
  ``transfer_member``, which count again afterwards (P-1.3).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any

from engine.errors import Conflict
from engine.records import record
from engine.runtime.signers import Plan, Position
from engine.runtime.task import (
    OPEN,
    Power,
    Seat,
    Task,
    TaskCancelled,
    TaskCreated,
    TaskPaused,
    TaskResumed,
    TaskState,
    TaskSuperseded,
)
from engine.store import tables
from engine.store.rows import running

if TYPE_CHECKING:
    from engine.commands.running.moving import Moving
    from engine.context import CommandContext
    from engine.store.base.unit_of_work import Values

# What a further seat takes over from the first one of its token.
_SHARED = ("token_id", "element_id", "element_name", "process_key", "lane", "form_key", "priority", "round")


# ---------------------------------------------------------------- reading


def of_token(context: CommandContext, token_id: str) -> list[Values]:
    """All tasks of a token as they stand now, oldest first, the closed ones too."""
    read(context, [token_id])
    found = (context.uow.get(tables.task, (task_id,)) for task_id in context.seats[token_id])
    return [row for row in found if row is not None]


def open_of(context: CommandContext, token_id: str) -> list[Values]:
    """The tasks of a token that are not closed: offered, assigned or waiting for the answers of others."""
    return [row for row in of_token(context, token_id) if row["closed_at"] is None]


def root_of(context: CommandContext, row: Values) -> Values:
    """The seat of the node's own (a holder's, a member's) for which, in the end, somebody was asked; of those, itself."""
    while row["parent_id"] is not None:
        above = context.uow.get(tables.task, (row["parent_id"],))
        if above is None:
            break
        row = above
    return row


def awaits_signers(context: CommandContext, row: Values) -> bool:
    """Whether somebody has answered here, and the answer still waits for those who sign after it."""
    if row["state"] != TaskState.COMPLETED.value:
        return False
    for signer in Plan.from_json(row["signers"]).pending(Position.AFTER):
        seat = context.uow.get(tables.task, (signer.id,))
        if seat is not None and (seat["closed_at"] is None or awaits_signers(context, seat)):
            return True
    return False


def read(context: CommandContext, token_ids: Iterable[str]) -> None:
    """Read the tasks of these tokens at once, as far as they are not known yet."""
    unknown = [token_id for token_id in token_ids if token_id not in context.seats]
    if unknown:
        remember(context, unknown, running.seats_of_tokens(context.uow, unknown))


def remember(context: CommandContext, token_ids: Iterable[str], rows: Iterable[Values]) -> None:
    """Keep that ``rows`` are all tasks of ``token_ids``."""
    for token_id in token_ids:
        context.seats[token_id] = []
    for row in rows:
        context.seats[row["token_id"]].append(row["id"])


# ---------------------------------------------------------------- opening and closing


def record_created(context: CommandContext, instance_id: str, event: TaskCreated) -> str:
    """Record a new task and keep it among the seats of its token; returns its id."""
    context.record(instance_id, event)
    if event.token_id in context.seats:
        context.seats[event.token_id].append(event.task_id)
    return event.task_id


def open_seat(
    context: CommandContext,
    instance_id: str,
    *,
    like: Mapping[str, Any],
    seat: Seat,
    assignee: str,
    power: Power = Power.DECIDE,
    parent_id: str | None = None,
    added_by: str | None = None,
    delegated_by: str | None = None,
    principal: str | None = None,
    ballot_id: str | None = None,
    why: Mapping[str, Any] | None = None,
    **others: Any,
) -> str:
    """Give ``assignee`` a seat at the token of the task row ``like``; returns the new task's id.

    It has the element's form, deadline and settings. Who only advises sees the form without writing it and has no outcomes
    to choose from. ``others`` are further fields of ``TaskCreated``, which win.
    """
    of_token(context, like["token_id"])
    settings, outcomes = dict(like["settings"]), tuple(like["outcomes"])
    if power is Power.ADVISE:
        settings, outcomes = advisers_settings(settings), ()
    values: dict[str, Any] = {
        **{name: like[name] for name in _SHARED},
        "task_kind": like["kind"],
        "due_at": like["due_at"],
        "due_provisional": like["due_provisional"],
        "outcomes": outcomes,
        "settings": settings,
        "local_variables": dict(like["local_variables"]),
        **others,
    }
    event = TaskCreated(
        task_id=values.pop("task_id", None) or context.new_id(),
        assignee=assignee,
        seat=seat,
        power=power,
        parent_id=parent_id,
        added_by=added_by,
        delegated_by=delegated_by,
        principal=principal,
        ballot_id=ballot_id,
        why=dict(why or {}),
        **values,
    )
    return record_created(context, instance_id, event)


def advisers_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of whoever only advises: he reads the form and writes what the node's ``adviserFields`` lets him.

    What the node demands of its decision (``requireFields``) it does not demand of an opinion.
    """
    kept = {name: value for name, value in settings.items() if name != "requireFields"}
    return kept | {"fields": str(settings.get("adviserFields") or "*:read")}


def cancel(context: CommandContext, row: Mapping[str, Any], reason: str) -> None:
    """Close an open seat because its question went away. A closed one stays as it is."""
    if row["closed_at"] is None:
        context.record(row["instance_id"], TaskCancelled(task_id=row["id"], reason=reason))


def supersede(context: CommandContext, row: Mapping[str, Any], reason: str = "") -> None:
    """Close an open seat because the matter was decided without it (P-1.5). A closed one stays as it is."""
    if row["closed_at"] is None:
        context.record(row["instance_id"], TaskSuperseded(task_id=row["id"], reason=reason))


def pause(context: CommandContext, row: Mapping[str, Any], reason: str) -> None:
    """Let a held task wait for the answers of others; nobody can act on it meanwhile."""
    if row["state"] != TaskState.ASSIGNED.value:
        raise Conflict(
            f"「{row['element_name']}」现在不能征询他人，请先认领并在待办中办理。",
            f"{row['element_name']} cannot wait for others now: claim it first.",
            task_id=row["id"],
            state=row["state"],
        )
    context.record(row["instance_id"], TaskPaused(task_id=row["id"], reason=reason))


def resume(context: CommandContext, row: Mapping[str, Any], reason: str = "") -> None:
    """Give a waiting task back to its holder. One that does not wait stays as it is."""
    if row["state"] == TaskState.WAITING.value:
        context.record(row["instance_id"], TaskResumed(task_id=row["id"], reason=reason))


def is_open(row: Mapping[str, Any]) -> bool:
    """Whether somebody can act on the task now."""
    return TaskState(row["state"]) in OPEN


# ---------------------------------------------------------------- answers


@record
class Answer:
    """What a person sent with an action; already recorded when a function of ``ANSWERS`` sees it."""

    task: Task
    outcome: str | None = None
    comment: str = ""
    variables: Mapping[str, Any] = field(default_factory=dict)
    is_stored: bool = False  # ``variables`` were written into the process before: others have signed since

    @property
    def unwritten(self) -> Mapping[str, Any]:
        """The variables that are still to be written into the process."""
        return {} if self.is_stored else self.variables


Answered = Callable[["CommandContext", "Moving", Answer], None]
ANSWERS: dict[Seat, Answered] = {}


def answers(seat: Seat) -> Callable[[Answered], Answered]:
    """Register what follows when a task of this kind of seat is completed."""

    def register(function: Answered) -> Answered:
        ANSWERS[seat] = function
        return function

    return register


Holding = Callable[["CommandContext", "Moving", Answer], bool]
_HOLDING: list[Holding] = []


def holds_back(function: Holding) -> Holding:
    """Register what may keep a stored answer waiting for others: it takes the answer over by returning True."""
    _HOLDING.append(function)
    return function


def give(context: CommandContext, instance: Moving, answer: Answer) -> None:
    """Let what follows from a stored answer happen, unless somebody has to sign after it first."""
    if not any(function(context, instance, answer) for function in _HOLDING):
        follow(context, instance, answer)


def follow(context: CommandContext, instance: Moving, answer: Answer) -> None:
    """Let what follows from an answer happen now."""
    ANSWERS[answer.task.seat](context, instance, answer)


@answers(Seat.HOLDER)
def _holder_answered(context: CommandContext, instance: Moving, answer: Answer) -> None:
    """One person decides alone: the token goes on."""
    task = answer.task
    instance.conclude(
        task.token_id, task.element_id, answer.outcome, variables=answer.unwritten, comment=answer.comment
    )


# ---------------------------------------------------------------- tokens that go away

Gone = Callable[["CommandContext", "Values", str], None]
_ON_GONE: list[Gone] = []


def on_token_gone(function: Gone) -> Gone:
    """Register what is told of each task whose token went away while the task was open: (context, task row, reason)."""
    _ON_GONE.append(function)
    return function


def tokens_gone(context: CommandContext, token_ids: Iterable[str], reason: str) -> None:
    """Cancel all open seats of tokens that do not wait any more."""
    gone = list(token_ids)
    read(context, gone)
    for token_id in gone:
        for row in of_token(context, token_id):
            if row["closed_at"] is None:
                cancel(context, row, reason)
                for function in _ON_GONE:
                    function(context, row, reason)
