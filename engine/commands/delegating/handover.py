"""离职交接: everything that somebody has goes to named people, with a line for each thing: moved, or refused and why.

One command, safe to repeat: what has moved is not there the second time, what was refused is tried again. What it finds it
moves through the same checks as every other way to a task; a node's ``allow`` does not bind it, recusal does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from engine.access import Verb, require
from engine.commands.ballots import ballot_members
from engine.commands.ballots.ballot_box import Box
from engine.commands.delegating import standing_in
from engine.commands.delegating.handover_duties import Duties
from engine.commands.delegating.handover_duties import hand_over as hand_over_duties
from engine.commands.delegating.proxies import END, schedule
from engine.commands.running import choosing, eligibility, moving, seats
from engine.commands.tasks import transfers
from engine.commands.tasks.handling import task_of
from engine.context import Command, CommandContext
from engine.errors import BanjieError, Conflict
from engine.records import record
from engine.runtime import proxy as domain
from engine.runtime.handover import Kind, LeaverHandedOver, Line, Receivers
from engine.runtime.proxy import ProxyRule, check_rule
from engine.runtime.signers import Plan, SignerReplaced, SignerState
from engine.runtime.task import TaskAssigned, TaskPaused, TaskState
from engine.store.rows import definitions, leaving, proxies, running

if TYPE_CHECKING:
    from engine.store.base.unit_of_work import Values

MOST = 500  # instances in one run; the rest is told as ``remaining``


@record
class HandOver(Command):
    """离职交接: hand over what ``leaver`` has; answers {id, moved, refused, remaining, report}.

    ``receivers`` are tried in their order; ``by_process`` names somebody of its own for a process key. ``groups_to`` joins the
    leaver's groups, ``posts_to`` gets his posts, ``leads_to`` the departments that he leads and his places as a deputy (vacant
    where it is empty). Proxies that the leaver granted are revoked.
    """

    leaver: str
    receivers: tuple[str, ...]
    by_process: Mapping[str, str] = field(default_factory=dict)
    groups_to: str = ""
    posts_to: str = ""
    leads_to: str = ""
    reason: str = ""

    def execute(self, context: CommandContext) -> dict[str, Any]:
        require(context.actor, Verb.HAND_OVER)
        receivers = Receivers(anyone=tuple(self.receivers), by_process=dict(self.by_process))
        context.person(self.leaver)
        duties = Duties(groups_to=self.groups_to, posts_to=self.posts_to, leads_to=self.leads_to)
        receivers.check(self.leaver, duties.people)
        for login in sorted(receivers.all | duties.people):
            _check_enabled(context, login)
        found = leaving.instances(context.uow, self.leaver)
        run = _Run(context, self.leaver, receivers, self.reason.strip()[:500] or "离职交接")
        # The rules first: no task may come back to the leaver by the end of one.
        lines = [*run.proxies()]
        for instance_id in found[:MOST]:
            lines.extend(run.instance(instance_id))
        lines.extend(hand_over_duties(context, self.leaver, duties))
        return self._told(context, lines, remaining=max(0, len(found) - MOST))

    def _told(self, context: CommandContext, lines: list[Line], *, remaining: int) -> dict[str, Any]:
        refused = sum(line.is_refused for line in lines)
        report = [line.to_json() for line in lines]
        answer = {"moved": len(lines) - refused, "refused": refused, "remaining": remaining, "report": report}
        if not lines:
            return {"id": None, **answer}
        told = LeaverHandedOver(
            handover_id=context.new_id(),
            leaver=self.leaver,
            moved=len(lines) - refused,
            refused=refused,
            report=tuple(report),
        )
        context.record_admin(told)
        return {"id": told.handover_id, **answer}


@dataclass(slots=True)
class _Run:
    context: CommandContext
    leaver: str
    receivers: Receivers
    reason: str

    # ---- what stands in one instance

    def instance(self, instance_id: str) -> Iterator[Line]:
        """Move what the leaver has in one instance, under its lock."""
        context = self.context
        instance = running.lock_instance(context.uow, instance_id)
        if instance is None or instance["ended_at"] is not None:
            return
        rows = leaving.tasks(context.uow, instance_id)
        seats.read(context, {row["token_id"] for row in rows})
        for row in rows:
            if row["closed_at"] is None and self._is_concerned(row):
                yield self._task(instance, row)
        for row in rows:
            yield from self._signers(instance, row)
        for ballot_id in leaving.votes(context.uow, self.leaver, instance_id):
            yield from self._vote(instance, ballot_id)
        yield from self._choices(instance)

    def _choices(self, instance: Values) -> Iterator[Line]:
        """Steps to come for which the leaver was chosen: within the list of the node, as for every choice."""
        elements = leaving.chosen(self.context.uow, self.leaver, instance["id"])
        if not elements:
            return
        compiled = definitions.compiled(self.context.uow, self.context.machine, instance["definition_id"])
        names = {info.id: info.name for info in compiled.user_tasks}
        for element_id in elements:
            about = {**instance, "id": instance["id"], "element_name": names.get(element_id) or element_id}
            about |= {"process_key": None}

            def choose(to: str, element_id: str = element_id) -> None:
                choosing.choose_again(self.context, instance, compiled, element_id, self.leaver, to)

            yield self._first(Kind.CHOICE, about, choose)

    def _is_concerned(self, row: Values) -> bool:
        if self.leaver in (row["assignee"], row["principal"]):
            return True
        # Offered to him alone: nobody else could take it. Otherwise the other candidates can.
        alone = row["candidate_users"] == [self.leaver] and not row["candidate_groups"]
        return row["state"] == TaskState.OFFERED.value and alone

    def _task(self, instance: Values, row: Values) -> Line:
        if row["principal"] is not None and row["principal"] != self.leaver:
            to = row["principal"]
            standing_in.give_back(self.context, row, "leaver")
            return Line(kind=Kind.RETURNED, id=row["id"], what=_name(row), to=to)
        return self._first(Kind.TASK, row, partial(self._transfer, instance, row))

    def _transfer(self, instance: Values, row: Values, to: str) -> None:
        """Through the checks of every transfer; but a task that waits for others goes on waiting, for its new holder."""
        context, task = self.context, task_of(row)
        if row["principal"] is None and task.state is not TaskState.WAITING:
            transfers.transfer(context, instance, task, to, reason=self.reason, way="hand-over")
            return
        if to in transfers.seated(context, row) - {self.leaver, row["assignee"]}:
            raise _has_a_seat(to, row)
        transfers.check_no_vote(context, row, to)
        eligibility.check(context, instance, eligibility.ElementFacts.of(row), to, way="assign")
        sender = row["assignee"]
        if row["principal"] is not None:
            standing_in.give_back(context, row, "leaver")
            sender = self.leaver
        assigned = TaskAssigned(task_id=row["id"], assignee=to, from_assignee=sender, reason=self.reason)
        context.record(row["instance_id"], assigned)
        if task.state is TaskState.WAITING:
            context.record(row["instance_id"], TaskPaused(task_id=row["id"], reason="handed-over"))

    def _signers(self, instance: Values, row: Values) -> Iterator[Line]:
        """Signatures of the leaver whose turn has not come."""
        for signer in Plan.from_json(row["signers"]).pending():
            if signer.login == self.leaver and signer.state is SignerState.PLANNED:
                yield self._first(Kind.SIGNER, row, partial(self._replace, instance, row, signer.id))

    def _replace(self, instance: Values, row: Values, signer_id: str, to: str) -> None:
        if to in transfers.seated(self.context, row) or to == row["assignee"]:
            raise _has_a_seat(to, row)
        eligibility.check(self.context, instance, eligibility.ElementFacts.of(row), to, way="sign")
        self.context.record(row["instance_id"], SignerReplaced(task_id=row["id"], signer_id=signer_id, login=to))

    def _vote(self, instance: Values, ballot_id: str) -> Iterator[Line]:
        """A vote of the leaver whose turn has not come: the new member takes his place in order, with all that belongs to it."""
        box = Box.of(self.context, ballot_id)
        member = box.member(self.leaver)
        if member is None or self.leaver in box.votes or member["task_id"] is not None:
            return
        about = {**box.row, "element_name": box.label, "title": instance["title"], "process_key": None}
        about |= {"definition_key": instance["definition_key"], "business_key": instance["business_key"]}
        yield self._first(Kind.MEMBER, about, partial(self._change_member, box))

    def _change_member(self, box: Box, to: str) -> None:
        ballot_members.replace_member(self.context, box.id, self.leaver, to, reason=self.reason)

    def _first(self, kind: Kind, row: Mapping[str, Any], move: Callable[[str], None]) -> Line:
        """Give it to the first receiver who may have it; else the line says why the last one may not."""
        refused: BanjieError | None = None
        for to in self.receivers.of(row["process_key"], row["definition_key"]):
            try:
                move(to)
            except Conflict as error:
                refused = error
            else:
                return Line(kind=kind, id=row["id"], what=_name(row), to=to)
        assert refused is not None
        return Line(kind=kind, id=row["id"], what=_name(row), zh=refused.zh, en=refused.en)

    # ---- what belongs to no instance

    def proxies(self) -> Iterator[Line]:
        """Nobody stands in for a leaver any more, and somebody else stands in where he did."""
        proxies.lock(self.context.uow)
        for rule in leaving.rules(self.context.uow, self.leaver):
            if rule.principal == self.leaver:
                self._revoke(rule)
                yield Line(kind=Kind.PRINCIPAL, id=rule.id, what=rule.proxy)
            else:
                yield self._first(Kind.PROXY, _as_row(rule), partial(self._stand_in, rule))

    def _stand_in(self, rule: ProxyRule, to: str) -> None:
        context = self.context
        start = max(rule.start, context.now)
        new = ProxyRule(
            id=context.new_id(),
            principal=rule.principal,
            proxy=to,
            start=start,
            end=rule.end,
            scope=rule.scope,
            power=rule.power,
            mode=rule.mode,
            reason=rule.reason,
        )
        others = [other for other in proxies.active(context.uow) if other.id != rule.id]
        check_rule(new, others, now=context.now)
        self._revoke(rule)
        context.record_admin(new.granted())
        schedule(context, new)

    def _revoke(self, rule: ProxyRule) -> None:
        self.context.record_admin(domain.ProxyRevoked(rule_id=rule.id, reason=self.reason))
        moving.insert_job(self.context, END, self.context.now, {"rule": rule.id})


def _name(row: Mapping[str, Any]) -> str:
    """Title, number and step, as far as there are any."""
    parts = (row.get("title"), row.get("business_key"), row.get("element_name"))
    return " · ".join(part for part in parts if part)


def _as_row(rule: ProxyRule) -> dict[str, Any]:
    return {"id": rule.id, "process_key": None, "definition_key": None, "title": rule.principal}


def _has_a_seat(login: str, row: Mapping[str, Any]) -> Conflict:
    return Conflict(
        f"{login} 已在「{row['element_name']}」中有自己的席位，不能再接收。",
        f'{login} already has a seat at "{row["element_name"]}" and cannot take over another.',
        login=login,
    )


def _check_enabled(context: CommandContext, login: str) -> None:
    if context.person(login)["disabled"]:
        raise Conflict(
            f"{login} 已停用，不能接收；请选择其他人。",
            f"{login} is disabled and cannot take over; choose somebody else.",
            login=login,
        )
