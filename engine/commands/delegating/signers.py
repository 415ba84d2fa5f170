"""加签与减签: let others sign before, after or beside me; take them out before they have acted (P-4.1 to P-4.7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.access import Role, Verb
from engine.commands.ballots import ballot_members
from engine.commands.ballots.ballot_box import Box
from engine.commands.delegating import recusal
from engine.commands.delegating.delegations import power_of
from engine.commands.running import eligibility, moving, seats
from engine.commands.tasks import answering, participants, transfers
from engine.commands.tasks.handling import load_task, require
from engine.commands.tasks.participants import Table
from engine.context import Command, CommandContext
from engine.errors import Conflict, Forbidden, InvalidInput
from engine.records import record
from engine.runtime import participation
from engine.runtime.allowance import NodeVerb, check_allowed
from engine.runtime.signers import (
    MAX_SIGNERS,
    Plan,
    Position,
    Signer,
    SignerRemoved,
    SignersAdded,
    SignerState,
    check_power,
    check_removable,
    check_room,
    check_signers,
)
from engine.runtime.task import Power, Seat, Task
from engine.store import tables

if TYPE_CHECKING:
    from engine.commands.running.moving import Moving
    from engine.store.base.unit_of_work import Values


@record
class AddSigners(Command):
    """加签: ``people`` sign before me (my task waits), after me, or beside me (in my ballot); answers {id, signers, state}.

    ``power`` is advise (an opinion) or decide (a refusal is the node's). ``in_order``: one after the other as they stand.
    """

    task_id: str
    people: tuple[str, ...]
    position: str
    power: str = Power.ADVISE.value
    in_order: bool = False
    reason: str = ""

    def execute(self, context: CommandContext) -> dict[str, Any]:
        task, instance = load_task(context, self.task_id)
        task.check_open()
        require(context, Verb.ADD_SIGNERS, task)
        check_allowed(task.settings, NodeVerb.ADD_SIGN, task.label)
        position, power = _position(self.position), power_of(self.power)
        row = answering.task_row(context, task.id)
        if position is Position.BESIDE and task.ballot_id is None:
            return self._take_part(context, instance, task, row, power)
        self._check_people(context, instance, task, row)
        _check_position(task, position)
        if position is Position.BESIDE:
            check_decides_for(task, power)
            joined = [self._join(context, row, login, power) for login in self.people]
            return {"id": task.id, "instance_id": task.instance_id, "signers": joined, "state": row["state"]}
        check_power(task.label, task.power, power, can_refuse=bool(answering.verdicts_of(row)))
        added = self._add(context, row, position, power)
        return {"id": task.id, "instance_id": task.instance_id, "signers": added, "state": row["state"]}

    def _take_part(
        self, context: CommandContext, instance: Values, task: Task, row: Values, power: Power
    ) -> dict[str, Any]:
        """Further instances of a multi-instance of people; each named by his login, as in a ballot."""
        table = Table.of(context, moving.load(context, task.instance_id, row=instance), row)
        if table is None:
            raise _no_table(task)
        if not table.found.is_of_people:
            raise participation.not_of_people(task.label, task.element_id)
        participation.check_power(task.label, task.power, power)
        self._check_people(context, instance, task, row, table)
        table.add(self.people, by=voter_of(row), reason=self.reason.strip()[:500])
        state = answering.task_row(context, task.id)["state"]
        return {"id": task.id, "instance_id": task.instance_id, "signers": list(self.people), "state": state}

    def _check_people(
        self, context: CommandContext, instance: Values, task: Task, row: Values, table: Table | None = None
    ) -> None:
        """Raise what speaks against one of them; ``table`` are those who take part in a multi-instance with this task."""
        people = tuple(self.people)
        seated = transfers.seated(context, row) | (
            {row["principal"]} - {None}
        )  # whose task a proxy has decides himself
        known = _count(context, row)
        if table is not None:
            seated, known = seated | table.people(), known + table.found.joined
        check_signers(task.label, people, by=context.actor.login, seated=seated)
        limit = _limit(task.settings)
        check_room(task.label, depth=depth_of(context, row), known=known, more=len(people), limit=limit)
        for login in people:
            context.person(login)
            transfers.check_no_vote(context, row, login)
            eligibility.check(context, instance, eligibility.ElementFacts.of(row), login, way="sign")

    def _join(self, context: CommandContext, row: Values, login: str, power: Power) -> str:
        """A further member of my ballot, with my weight, in this round; named by his login until he has a task."""
        ballot_members.add_member(
            context,
            None,
            row["ballot_id"],
            login,
            added_by=voter_of(row),
            power=power,
            reason=self.reason.strip()[:500],
        )
        return login

    def _add(self, context: CommandContext, row: Values, position: Position, power: Power) -> list[str]:
        ids = [context.new_id() for _ in self.people]
        batch = Plan.from_json(row["signers"]).batch(ids, self.people, position, power, in_order=self.in_order)
        told = SignersAdded(
            task_id=row["id"],
            position=position,
            signers=tuple(signer.to_json() for signer in batch),
            reason=self.reason.strip()[:500],
            element_name=row["element_name"],
        )
        context.record(row["instance_id"], told)
        if position is Position.BEFORE:
            seats.pause(context, row, "signers-before")
        answering.ask_due(context, row, position)
        return ids


@record
class RemoveSigner(Command):
    """减签: whoever added a signer, or an administrator, takes him out before he has acted; the rest is decided anew (P-4.4)."""

    task_id: str
    signer_id: str
    reason: str = ""

    def execute(self, context: CommandContext) -> dict[str, Any]:
        task, instance = load_task(context, self.task_id)
        require(context, Verb.REMOVE_SIGNER, task)
        row = answering.task_row(context, task.id)
        member = _joined(context, row, self.signer_id)
        if member is not None:
            _remove_member(context, row, member, self.reason.strip()[:500])
            return _answer(row)
        plan = Plan.from_json(row["signers"])
        if participants.may_be_one_of_several(row) and not plan.knows(self.signer_id):
            table = Table.of(context, moving.load(context, task.instance_id, row=instance), row)
            if table is not None and table.found.is_of_people:
                is_admin, reason = context.actor.is_any(Role.ADMIN), self.reason.strip()[:500]
                table.remove(self.signer_id, by=voter_of(row), is_admin=is_admin, reason=reason)
                return _answer(answering.task_row(context, task.id))
        signer = plan.get(self.signer_id)
        check_removable(signer)
        _check_undecided(context, task)
        running = moving.load(context, task.instance_id, row=instance)
        remove(context, running, row, signer, self.reason.strip()[:500])
        return _answer(row)


def voter_of(row: Values) -> str:
    """Whose vote the seat of a ballot is: its holder's, or that of the one for whom he holds it (P-7.4)."""
    return str(row["principal"] or row["assignee"])


def _joined(context: CommandContext, row: Values, login: str) -> Values | None:
    """The member of the ballot who was added beside somebody, by login; None when nobody was."""
    member = None if row["ballot_id"] is None else Box.of(context, row["ballot_id"]).member(login)
    return member if member is not None and member["added_by"] is not None else None


def _remove_member(context: CommandContext, row: Values, member: Values, reason: str) -> None:
    """Only the adder, or an administrator, removes; the ballot is counted again (P-4.4)."""
    if member["added_by"] != voter_of(row) and not context.actor.is_any(Role.ADMIN):
        raise Forbidden(
            f"{member['login']} 不是您加签的，只有加签人或管理员可以减签。",
            f"{member['login']} was not added by you; only whoever added him, or an administrator, may remove him.",
            login=member["login"],
        )
    ballot_members.remove_member(context, None, row["ballot_id"], member["login"], reason=reason)


def _answer(row: Values) -> dict[str, Any]:
    return {key: row[key] for key in ("id", "instance_id", "state", "assignee")}


def remove(context: CommandContext, instance: Moving, row: Values, signer: Signer, reason: str) -> None:
    """Take a signer of the task ``row`` out, with all that he asked of others, and let the rest go on (P-4.4)."""
    told = SignerRemoved(task_id=row["id"], signer_id=signer.id, login=signer.login, reason=reason)
    context.record(row["instance_id"], told)
    answering.close_below(context, signer.id, "removed")
    if signer.position is Position.BEFORE:
        answering.go_on_before(context, row)
    else:
        answering.go_on_after(context, instance, row)


def _leaves(context: CommandContext, instance: Moving, row: Values, reason: str) -> None:
    """Who may not act does not sign; the others go on without him."""
    asker = answering.task_row(context, row["parent_id"])
    remove(context, instance, asker, Plan.from_json(asker["signers"]).get(row["id"]), reason)


for _seat in (Seat.BEFORE, Seat.AFTER):
    recusal.moves(_seat)(_leaves)


def _check_undecided(context: CommandContext, task: Task) -> None:
    if not seats.open_of(context, task.token_id):
        raise Conflict(
            f"「{task.label}」已经结束，没有可以减签的人；请刷新页面查看最新情况。",
            f'"{task.label}" is over and nobody waits to sign there; reload the page.',
            task_id=task.id,
            state=task.state.value,
        )


def depth_of(context: CommandContext, row: Values) -> int:
    """How deep signers of this task would stand: 1 for those of the holder, 2 for those of his signers …"""
    depth, here = 1, row
    while here["parent_id"] is not None and here["seat"] in (Seat.BEFORE.value, Seat.AFTER.value):
        depth += 1
        here = context.uow.get(tables.task, (here["parent_id"],)) or {"parent_id": None}
    return depth


def _count(context: CommandContext, row: Values) -> int:
    """How many were added at this node, whether they have signed or not."""
    plans = (Plan.from_json(each["signers"]) for each in seats.of_token(context, row["token_id"]))
    count = sum(signer.state is not SignerState.REMOVED for plan in plans for signer in plan.signers)
    if row["ballot_id"] is not None:
        count += sum(member["added_by"] is not None for member in Box.of(context, row["ballot_id"]).members)
    return count


def _limit(settings: Mapping[str, Any]) -> int:
    text = str(settings.get("maxSigners") or "").strip()
    return int(text) if text.isdecimal() else MAX_SIGNERS


def _position(text: str) -> Position:
    try:
        return Position(text)
    except ValueError:
        raise InvalidInput(
            "加签位置只能是 before（前加签）、after（后加签）或 beside（并加签）。",
            "The position is before, after or beside.",
            fields={"position": "before / after / beside"},
        ) from None


def check_decides_for(task: Task, power: Power) -> None:
    """Raise Conflict when somebody who only advises would add a voter (nobody hands on more than he has)."""
    if power is Power.DECIDE and task.power is not Power.DECIDE:
        check_power(task.label, task.power, power, can_refuse=True)


def _no_table(task: Task) -> Conflict:
    return Conflict(
        f"「{task.label}」不是会签，没有可以并加的席位；请改为前加签或后加签。",
        f'"{task.label}" is no ballot, so nobody can be added beside you; add them before or after you.',
        task_id=task.id,
    )


def _check_position(task: Task, position: Position) -> None:
    if position is Position.AFTER and task.is_sealed:
        raise Conflict(
            f"「{task.label}」是秘密表决，不能后加签：您的一票在计票前不能让人看到。请改为前加签。",
            f'"{task.label}" is a secret ballot: nobody can sign after your vote without seeing it. Add them before you.',
            task_id=task.id,
        )
