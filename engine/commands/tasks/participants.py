"""加签、减签、撤回 at a running multi-instance task: one instance for each person, no votes (P-1.3, P-4, P-6).

The machine knows who is there and who is to come; the rows tell who holds what now. Whoever has acted is told by the history.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from engine.bpmn.expressions import LOOP_COUNTER
from engine.commands.running import eligibility, moving, seats
from engine.commands.running.story import Story
from engine.commands.tasks import drafts
from engine.runtime import participation
from engine.runtime.instance import ENDED, InstanceState
from engine.runtime.participation import Participant, ParticipantAdded, ParticipantRemoved
from engine.runtime.return_events import DecisionWithdrawn
from engine.runtime.signers import Plan
from engine.runtime.step import ActivityState
from engine.runtime.task import Power, Seat, TaskReopened, TaskState
from engine.store import tables

if TYPE_CHECKING:
    from engine.bpmn.participants import Participation
    from engine.bpmn.runner import Execution
    from engine.commands.running.moving import Moving
    from engine.context import CommandContext
    from engine.store.base.unit_of_work import Values

REASON = "withdrawn"
_GONE = frozenset({TaskState.CANCELLED.value, TaskState.SUPERSEDED.value})


def may_be_one_of_several(row: Mapping[str, Any]) -> bool:
    """Whether a task may be one instance of a multi-instance, by its row alone; only the machine knows."""
    return row["seat"] == Seat.HOLDER.value and LOOP_COUNTER in row["local_variables"]


@dataclass
class Table:
    """Those who take part in the node of a task, as long as it runs."""

    context: CommandContext
    instance: Moving
    row: Values
    found: Participation
    known: Story | None = None

    @classmethod
    def of(cls, context: CommandContext, instance: Moving, row: Values) -> Table | None:
        """None for a task that is no instance of a multi-instance, and when that is over."""
        if not may_be_one_of_several(row):
            return None
        found = instance.execution.participation(row["token_id"], now=context.now)
        if found is not None:
            return cls(context, instance, row, found)
        story = Story.of(context, instance.id)
        found = instance.execution.participation(row["token_id"], now=context.now, lineage=story.lineage)
        return None if found is None else cls(context, instance, row, found, story)

    @cached_property
    def story(self) -> Story:
        return self.known or Story.of(self.context, self.instance.id)

    @property
    def label(self) -> str:
        return str(self.row["element_name"] or self.row["element_id"])

    @cached_property
    def open(self) -> list[tuple[Participant, Values | None]]:
        """Who is not done, in order, each with his task; None while his turn has not come."""
        people = self.found.people()
        seats.read(self.context, [each.token_id for each in people if each.token_id is not None])
        return [(each, self._task(each.token_id)) for each in people]

    @cached_property
    def done(self) -> list[Values]:
        """The tasks of those who have acted, in order."""
        if not self.found.done:
            return []
        mine = (self.found.body_id,)
        passages = self.story.lineage.passages.values()
        tokens = [each.token_id for each in passages if each.origins == mine and each.state is ActivityState.COMPLETED]
        seats.read(self.context, tokens)
        rows = (self._task(token_id) for token_id in tokens)
        found = [row for row in rows if row is not None and row["state"] == TaskState.COMPLETED.value]
        return sorted(found, key=lambda row: int(row["local_variables"][LOOP_COUNTER]))

    def _task(self, token_id: str | None) -> Values | None:
        return None if token_id is None else self.context.uow.get(tables.task, (token_id,))

    def people(self) -> frozenset[str]:
        """Everybody who acts, asks, is asked, has acted or is to act here (P-4.6)."""
        found: set[str | None] = set()
        for participant, row in self.open:
            if row is None:
                found.add(participant.login)
                continue
            for seat in (row, *seats.open_of(self.context, row["token_id"])):
                found |= {seat["assignee"], seat["principal"]}
        for row in self.done:
            found |= {row["closed_by"], row["principal"]}
        return frozenset(login for login in found if login is not None)

    @property
    def others(self) -> frozenset[str]:
        """Who has a say of his own beside that of this task: an instance that is open, to come or done, or the power to decide for
        whoever has one."""
        found: set[str | None] = set()
        for participant, row in self.open:
            if row is None:
                found.add(participant.login)
            elif row["token_id"] != self.row["token_id"]:
                found |= {row["assignee"], row["closed_by"], row["principal"], *self._deciding_for(row)}
        for row in self.done:
            found |= {row["closed_by"], row["principal"], *self._deciding_for(row)}
        return frozenset(login for login in found if login is not None)

    def _deciding_for(self, row: Values) -> set[str]:
        """Who decides at an instance beside its holder: has been asked with that power, or is to sign with it."""
        found: set[str] = set()
        for seat in seats.of_token(self.context, row["token_id"]):
            plan = Plan.from_json(seat["signers"])
            found |= {signer.login for signer in plan.pending() if signer.power is Power.DECIDE}
            asked = seat["parent_id"] is not None and seat["power"] == Power.DECIDE.value
            if asked and seat["assignee"] is not None and seat["state"] not in _GONE:
                found.add(seat["assignee"])
        return found

    @property
    def names_twice(self) -> bool:
        """Whether the model itself has somebody act more than once: its collection leads to one person several times."""
        named = [each.login for each, _ in self.open] + [self.found.named(row["local_variables"]) for row in self.done]
        known = [login for login in named if login is not None]
        return len(set(known)) < len(known)

    # ---- changes

    def add(self, people: Sequence[str], *, by: str, reason: str) -> None:
        """One instance more for each; who may join has been asked already."""

        def join(execution: Execution) -> None:
            for login in people:
                self.found.add(login, by)

        for login in people:
            self.instance.record(ParticipantAdded(**self._about, login=login, added_by=by, reason=reason))
        self.instance.move(join)

    def remove(self, who: str, *, by: str, is_admin: bool, reason: str) -> None:
        """Take out somebody who has not acted, by login or by the id of the task; the rest may be enough (P-1.3, P-4.4)."""
        participant, row = self._find(who, by)
        shown = (row["assignee"] if row is not None else None) or participant.login or who
        participation.check_may_remove(participant, shown, by=by, is_admin=is_admin)
        participation.check_not_last(self.label, shown, total=self.found.total)
        self.instance.record(ParticipantRemoved(**self._about, login=shown, reason=reason))
        if participant.token_id is not None:
            seats.tokens_gone(self.context, [participant.token_id], "removed")
        self.instance.move(lambda execution: self.found.remove(participant))

    def _find(self, who: str, by: str) -> tuple[Participant, Values | None]:
        """Of several of that name the one whom ``by`` has added, else the last."""
        fitting = [pair for pair in self.open if who in _names(*pair) and not _has_acted(pair[1])]
        if fitting:
            return max(fitting, key=lambda pair: (pair[0].added_by == by, pair[0].number))
        signed = [row for _, row in self.open if row is not None and _has_acted(row)]  # and waits for those after him
        if any(who in (row["id"], row["closed_by"], row["principal"]) for row in (*self.done, *signed)):
            raise participation.acted(self.label, who)
        raise participation.unknown(self.label, who)

    def take_back(self, reason: str) -> None:
        """What was completed with this task waits again with what was sent; only this one (P-6.2). In order the turn goes back:
        whoever had it waits, and somebody before may have it first."""
        row, instance = self.row, self.instance
        holder = row["assignee"] or row["closed_by"]
        keep_what_was_sent(self.context, self.story, row)
        waits = False

        def go_back(execution: Execution) -> None:
            nonlocal waits
            waits = self.found.begin_again(row["token_id"], row["local_variables"], row["added_by"])
            instance.go_on(execution)
            # The task's row is there already: it is opened again below, not made.
            again = tuple(each for each in execution.waiting().tasks if each.token_id == row["token_id"])
            instance.before = replace(instance.before, tasks=instance.before.tasks + again)

        about = {name: row[name] for name in ("element_id", "element_name")}
        instance.record(DecisionWithdrawn(task_id=row["id"], **about, reason=reason))
        leaving, instance.leaving = instance.leaving, REASON
        instance.move(go_back)
        instance.leaving = leaving
        instance.record(TaskReopened(task_id=row["id"], assignee=holder, reason=reason))
        if not waits:
            seats.cancel(self.context, self._task(row["id"]) or row, "not-their-turn")

    @property
    def _about(self) -> dict[str, Any]:
        return {
            "task_id": self.row["id"],
            "element_id": self.row["element_id"],
            "element_name": self.row["element_name"],
        }


def keep_what_was_sent(context: CommandContext, story: Story, row: Values) -> None:
    """What somebody sent with an instance that he takes back is there as a draft: with the instance it was gone."""
    filled, comment = story.filled.get(row["id"], {}), row["comment"]
    values = {name: value for name, value in filled.items() if value is not None}
    if values or comment:
        holder = row["assignee"] or row["closed_by"]
        drafts.keep(context, holder, "task", row["id"], {"values": values, "comment": comment})


def _names(participant: Participant, row: Values | None) -> tuple[str | None, ...]:
    return (participant.login,) if row is None else (row["id"], row["assignee"], row["principal"])


def _has_acted(row: Values | None) -> bool:
    return row is not None and row["state"] == TaskState.COMPLETED.value


def _taking_part(context: CommandContext, row: Mapping[str, Any], instance: Moving | None) -> frozenset[str]:
    """Who has a part of his own in the running multi-instance of a task, beside that task: its people count once each (P-1.4,
    P-5.1). Nobody where its collection names somebody twice itself."""
    holder = context.uow.get(tables.task, (row["token_id"],)) or dict(row)  # or it opens just now
    if instance is None:
        instance_row = context.uow.get(tables.process_instance, (row["instance_id"],))
        if instance_row is None:
            return frozenset()
        instance = moving.open_instance(context, instance_row)
    table = Table.of(context, instance, holder)
    if table is None or not table.found.is_of_people or table.names_twice:
        return frozenset()
    return table.others


eligibility.SHARING.append(_taking_part)


def account(context: CommandContext, row: Values) -> list[dict[str, Any]]:
    """Who takes part in the running node of a task, in order: {id, login, principal, state, added_by, outcome, closed_at}.

    ``state`` is that of the task, or planned for somebody whose turn has not come (``id`` is then null). Empty when the task is no
    instance of a multi-instance of people, or that is over.
    """
    instance_row = context.uow.get(tables.process_instance, (row["instance_id"],))
    if not may_be_one_of_several(row) or instance_row is None or InstanceState(instance_row["state"]) in ENDED:
        return []
    table = Table.of(context, moving.open_instance(context, instance_row), row)
    if table is None or not table.found.is_of_people:
        return []
    told = {int(each["local_variables"][LOOP_COUNTER]) - 1: _told(each) for each in table.done}
    for participant, task in table.open:
        planned = {"id": None, "login": participant.login, "principal": None, "state": "planned", "outcome": None}
        added = {"added_by": participant.added_by, "closed_at": None}
        told[participant.number] = planned | added if task is None else _told(task)
    return [told[number] for number in sorted(told)]


def _told(row: Values) -> dict[str, Any]:
    names = ("id", "principal", "state", "added_by", "outcome", "closed_at")
    return {"login": row["assignee"] or row["closed_by"]} | {name: row[name] for name in names}
