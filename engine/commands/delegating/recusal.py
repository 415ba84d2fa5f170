"""回避: somebody declares that he must not act in an instance, or is ordered not to; his open tasks move on at once.

From then on ``eligibility`` refuses him on every path, because his login stands in the instance's row. What he has done
before stays done and told. The ground in law: 行政许可法 names none of its own; 公务员回避规定 (2020) art. 12 to 15.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from engine.access import SYSTEM, InstanceFacts, Verb, not_found, require
from engine.commands.returning import ballot_recusal
from engine.commands.running import eligibility, moving, seats, who
from engine.commands.running.variables import check_variables
from engine.commands.tasks import answering
from engine.context import Command, CommandContext
from engine.errors import Conflict, InvalidInput, NotFound
from engine.records import record
from engine.runtime.instance import ENDED, InstanceState
from engine.runtime.proxy import TaskHandedBack
from engine.runtime.task import Seat
from engine.runtime.who.events import RecusalDeclared, RecusalGround, RecusalLifted
from engine.store import tables
from engine.store.projections.projector import Recorded
from engine.store.rows import organisation, running

if TYPE_CHECKING:
    from engine.commands.running.moving import Moving
    from engine.store.base.unit_of_work import Values


@record
class DeclareRecusal(Command):
    """回避: the actor (``login`` None) or, by a supervisor or administrator, somebody else may not act in this instance.

    Answers {id, login, moved}: ``moved`` are the open tasks that went to others.
    """

    instance_id: str
    reason: str
    login: str | None = None

    def execute(self, context: CommandContext) -> dict[str, Any]:
        row = _instance(context, self.instance_id)
        login = self.login or context.actor.login
        own = login == context.actor.login
        require(
            context.actor,
            Verb.DECLARE_RECUSAL if own else Verb.MANAGE_RECUSALS,
            organisation.facts(context.uow, row),
        )
        reason = _reason(self.reason)
        if InstanceState(row["state"]) in ENDED:
            raise Conflict("流程已经结束，无需回避。", "The instance has ended; there is nothing to be recused from.")
        context.person(login)
        if login in (row["recused"] or ()):
            raise Conflict(f"{login} 已对本办件回避。", f"{login} is recused from this instance already.", login=login)
        ground = RecusalGround.DECLARED if own else RecusalGround.ORDERED
        recusal_id, moved = declare(context, row, login, ground, reason)
        return {"id": recusal_id, "login": login, "moved": moved}


@record
class LiftRecusal(Command):
    """解除回避: a supervisor or administrator found that there is no ground (any more). Nobody lifts his own."""

    instance_id: str
    recusal_id: str
    reason: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        row = _instance(context, self.instance_id)
        require(context.actor, Verb.MANAGE_RECUSALS, organisation.facts(context.uow, row))
        found = context.uow.get(tables.recusal, (self.recusal_id,))
        if found is None or found["instance_id"] != self.instance_id:
            raise NotFound("没有这条回避记录。", "There is no such recusal.", recusal_id=self.recusal_id)
        if found["lifted_at"] is not None:
            raise Conflict("这条回避已经解除。", "This recusal was lifted already.", recusal_id=self.recusal_id)
        if found["login"] == context.actor.login:
            raise Conflict(
                "不能解除本人的回避，请由其他督查人员或管理员决定。",
                "Nobody lifts his own recusal; another supervisor or administrator decides.",
                login=found["login"],
            )
        lifted = RecusalLifted(recusal_id=self.recusal_id, login=found["login"], reason=_reason(self.reason))
        context.record(self.instance_id, lifted)
        return {"id": self.recusal_id, "login": found["login"]}


def declare(
    context: CommandContext, row: Values, login: str, ground: RecusalGround, reason: str
) -> tuple[str, list[str]]:
    """Record a recusal in the instance whose locked row is given, and let the person's open tasks move. No rights asked."""
    recusal_id = context.new_id()
    event = RecusalDeclared(recusal_id=recusal_id, login=login, ground=ground, reason=reason)
    context.record(row["id"], event, actor=SYSTEM.login if ground is RecusalGround.APPLICANT else None)
    touched = [task for task in organisation.open_tasks(context.uow, row["id"]) if _touches(context, task, login)]
    ballots = organisation.open_ballots(context.uow, row["id"])
    if not touched and not ballots:
        return recusal_id, []
    instance = moving.load(context, row["id"], row=row)
    seats.read(context, {task["token_id"] for task in touched})
    for task in touched:
        _leave(context, instance, task, login)
    for ballot_id in ballots:
        ballot_recusal.leave(context, instance, ballot_id, login, _because(login))
    return recusal_id, [task["id"] for task in touched]


def _leave(context: CommandContext, instance: Moving, task: Values, login: str) -> None:
    """One open task goes to others. A proxy gives it back; what a proxy has for the person goes back first."""
    if task["principal"] is not None:
        told = TaskHandedBack(
            task_id=task["id"],
            assignee=task["principal"],
            from_assignee=task["assignee"] or "",
            reason=_because(login),
        )
        context.record(instance.id, told)
        if told.assignee != login:
            return
    MOVES.get(Seat(task["seat"]), _cancel)(context, instance, task, _because(login))


# ---------------------------------------------------------------- the open tasks of the person

Move = Callable[["CommandContext", "Moving", "Values", str], None]
MOVES: dict[Seat, Move] = {}


def moves(seat: Seat) -> Callable[[Move], Move]:
    """Register how an open seat of this kind leaves its person: (context, instance, task row, reason)."""

    def register(function: Move) -> Move:
        MOVES[seat] = function
        return function

    return register


def _touches(context: CommandContext, task: Mapping[str, Any], login: str) -> bool:
    """Whether the person holds the task, holds it for somebody, or could take it."""
    if task["assignee"] is not None:
        return login in (task["assignee"], task["principal"])
    if login in task["candidate_users"]:
        return True
    directory = organisation.Directory(context.uow, task["definition_key"], task["element_id"])
    return any(login in (directory.group_members(key) or ()) for key in task["candidate_groups"])


@moves(Seat.HOLDER)
def _find_again(context: CommandContext, instance: Moving, task: Values, reason: str) -> None:
    """The one who decides alone: people are looked for again, by the policies of the node.

    What the person had asked of others is taken back with it; somebody who was asked and now decides himself is asked no more.
    """
    if task["assignee"] is not None:
        answering.ask_no_more(context, task, reason)
    who.find_again(instance, task, reason)
    for row in seats.open_of(context, task["token_id"]):
        if row["id"] != task["id"] and row["assignee"] is not None and row["assignee"] == task["assignee"]:
            MOVES.get(Seat(row["seat"]), _cancel)(context, instance, row, reason)


@moves(Seat.MEMBER)
@moves(Seat.ADVISER)
def _stays_with_the_ballot(context: CommandContext, instance: Moving, task: Values, reason: str) -> None:
    """The members of a ballot leave it with or without a seat: see ``engine.commands.returning.ballot_recusal``."""


def _cancel(context: CommandContext, instance: Moving, task: Values, reason: str) -> None:
    """Whoever was only asked beside the holder is not asked any more."""
    seats.cancel(context, task, reason)


def _because(login: str) -> str:
    return f"{login} 回避"


# ---------------------------------------------------------------- the applicant who works here


def applicant_works_here(context: CommandContext, recorded: Recorded) -> None:
    """Reaction: whoever works here and files for himself, or for somebody as agent, never handles the case."""
    case = context.uow.get(tables.case_file, (recorded.event.payload()["case_id"],))
    if case is None:
        return
    agent = (case["applicant"] or {}).get("agent") or {}
    numbers = {case["applicant_id"], agent.get("id_number")}
    hashes = {eligibility.identity_hash(context.environment.secret, number) for number in numbers if number}
    for login in organisation.people_with_identity(context.uow, hashes):
        row = context.uow.get(tables.process_instance, (recorded.stream,))  # brand new, or locked by this command
        if row is not None and login not in (row["recused"] or ()):
            declare(context, row, login, RecusalGround.APPLICANT, "本人是办件的申请人或代理人")


def _instance(context: CommandContext, instance_id: str) -> Values:
    row = running.lock_instance(context.uow, instance_id)
    if row is None:
        raise not_found(InstanceFacts(instance_id=instance_id))
    return row


def _reason(text: str) -> str:
    reason = str(check_variables({"reason": text})["reason"]).strip()
    if not reason or len(reason) > 2000:
        raise InvalidInput(
            "请填写理由，最多 2000 字。", "A reason is needed, of at most 2000 characters.", fields={"reason": "必填"}
        )
    return reason
