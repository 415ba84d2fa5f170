"""On the page of a task: delegate it, take the question back, let others sign, take them out; what was asked and answered."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from engine.access import Role, TaskFacts, Verb, may, not_found, require
from engine.commands.delegating.delegations import DelegateTask, RecallDelegation
from engine.commands.delegating.proxies import TakeAsProxy, TakeBackFromProxy
from engine.commands.delegating.signers import AddSigners, RemoveSigner
from engine.commands.tasks import participants
from engine.context import Command
from engine.records import record
from engine.runtime.allowance import NodeVerb, allows
from engine.runtime.signers import Position
from engine.runtime.task import OPEN, Power, Seat, TaskState
from web.frame.auth import current_actor, services
from web.frame.filters import outcome_label, prefetch_names
from web.frame.policy import asks_thing
from web.parts import colleagues, standingin
from web.wording.i18n import translate as _
from web.wording.words_asking import SEATS

blueprint = Blueprint("asking", __name__, url_prefix="/tasks")

PLACES = 5  # people that one dialog can name
AS_ME = "as-me"  # one more instance of the same task


@record
class Panel:
    """What the page of a task shows of this: which buttons, who was asked, how it came to whoever holds it."""

    asked: list[dict[str, Any]]
    participants: list[dict[str, Any]]  # who takes part in a multi-instance task with this one
    transfers: list[dict[str, Any]]
    role: str  # as what its holder sits there, "" for the plain holder
    question: str
    asked_by: str
    can_transfer: bool
    can_delegate: bool
    can_delegate_decision: bool
    can_recall: bool
    can_sign: bool
    can_sign_beside: bool
    can_remove: bool
    can_take_back: bool


def panel(row: dict[str, Any], facts: TaskFacts) -> Panel:
    """Everything that the page of this task needs to know; the server asks again when a button is pressed."""
    queries, actor, settings = services().queries.asking, current_actor(), row["settings"]
    asked, transfers = queries.asked(row), queries.transfers(row["id"])
    prefetch_names([each["login"] for each in asked] + [link["sender"] for link in transfers])
    prefetch_names([link["receiver"] for link in transfers])
    why = row["why"] or {}
    table = participants_of(row)
    prefetch_names([login for each in table for login in (each["login"], each["principal"], each["added_by"])])
    open_asked = any(each["closed_at"] is None and each["seat"] == Seat.DELEGATE.value for each in asked)
    return Panel(
        asked=asked,
        participants=[_seated(each, row) for each in table],
        transfers=transfers,
        role="" if row["seat"] == Seat.HOLDER.value else _(SEATS[row["seat"]]),
        question=why.get("question", ""),
        asked_by=row["delegated_by"] or row["added_by"] or "",
        can_transfer=can_transfer(row, facts),
        can_delegate=can_delegate(row, facts),
        can_delegate_decision=str(settings.get("delegatePower") or "") == Power.DECIDE.value
        and row["power"] == Power.DECIDE.value,
        can_recall=row["state"] == TaskState.WAITING.value
        and open_asked
        and may(actor, Verb.RECALL_DELEGATION, facts).allowed,
        can_sign=_holds(row, facts) and allows(settings, NodeVerb.ADD_SIGN),
        can_sign_beside=row["ballot_id"] is not None,
        can_remove=may(actor, Verb.REMOVE_SIGNER, facts).allowed,
        can_take_back=row["principal"] == actor.login and row["state"] in OPEN,
    )


def can_transfer(row: Mapping[str, Any], facts: TaskFacts) -> bool:
    """Whether 转办 is offered: who was asked in person answers in person. Needs the row and its people only, so lists ask too."""
    in_person = row["seat"] in (Seat.DELEGATE.value, Seat.BEFORE.value, Seat.AFTER.value)
    return _may_assign(row, facts) and (not _is_own(row) or not in_person) and _allowed(row)


def can_delegate(row: Mapping[str, Any], facts: TaskFacts) -> bool:
    """Whether 委派 is offered; as cheap as ``can_transfer``."""
    return _holds(row, facts) and allows(row["settings"], NodeVerb.DELEGATE)


def participants_of(row: dict[str, Any]) -> list[dict[str, Any]]:
    """Who takes part in the running multi-instance task of which this is one instance; nobody for any other task."""
    found: list[dict[str, Any]] = []
    if participants.may_be_one_of_several(row):
        found = services().engine.ask(lambda context: participants.account(context, row), actor=current_actor())
    return found


def _seated(each: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
    """A participant as the page shows him; whether the present person may take him out, as far as the rows tell."""
    actor = current_actor()
    adder = each["added_by"] is not None and each["added_by"] == (row["principal"] or row["assignee"])
    is_mine = adder and actor.login == row["assignee"]
    waits = each["closed_at"] is None and each["id"] != row["id"]
    return each | {
        "outcome": outcome_label(row, each["outcome"]) if each["outcome"] else "",
        "can_remove": waits and (is_mine or actor.is_any(Role.ADMIN)),
    }


def _holds(row: Mapping[str, Any], facts: TaskFacts) -> bool:
    return row["state"] == TaskState.ASSIGNED.value and may(current_actor(), Verb.DELEGATE_TASK, facts).allowed


def _is_own(row: Mapping[str, Any]) -> bool:
    return bool(row["assignee"] == current_actor().login)


def _may_assign(row: Mapping[str, Any], facts: TaskFacts) -> bool:
    return row["state"] in OPEN and may(current_actor(), Verb.ASSIGN_TASK, facts).allowed


def _allowed(row: Mapping[str, Any]) -> bool:
    """The node's ``allow`` binds whoever holds the task, not an administrator who gives it to another."""
    return not _is_own(row) or allows(row["settings"], NodeVerb.TRANSFER)


# ---------------------------------------------------------------- the dialogs


@blueprint.post("/<task_id>/delegate")
@asks_thing(Verb.DELEGATE_TASK)
def delegate(task_id: str) -> Response:
    """委派: somebody answers me first."""
    form = request.form
    command = DelegateTask(
        task_id=task_id,
        to=colleagues.chosen("to"),
        question=form.get("question", "").strip()[:500],
        power=form.get("power", Power.ADVISE.value),
    )
    return _do(task_id, Verb.DELEGATE_TASK, command, lambda: _("已委派，等答复后再由您办理。"))


@blueprint.post("/<task_id>/recall")
@asks_thing(Verb.RECALL_DELEGATION)
def recall(task_id: str) -> Response:
    """撤回委派."""
    reason = request.form.get("reason", "").strip()[:500]
    command = RecallDelegation(task_id=task_id, reason=reason)
    return _do(task_id, Verb.RECALL_DELEGATION, command, lambda: _("已撤回委派，请继续办理。"))


@blueprint.post("/<task_id>/signers")
@asks_thing(Verb.ADD_SIGNERS)
def add_signers(task_id: str) -> Response:
    """加签: before, after or beside me. Beside me at a multi-instance task (``as-me``) there is one power only."""
    form = request.form
    as_me = form.get("position") == AS_ME
    command = AddSigners(
        task_id=task_id,
        people=tuple(colleagues.chosen_all("people"))[:PLACES],
        position=Position.BESIDE.value if as_me else form.get("position", ""),
        power=Power.DECIDE.value if as_me else form.get("power", Power.ADVISE.value),
        in_order=form.get("in_order") == "true",
        reason=form.get("reason", "").strip()[:500],
    )
    return _do(task_id, Verb.ADD_SIGNERS, command, lambda: _("已加签。"))


@blueprint.post("/<task_id>/signers/<signer_id>/remove")
@asks_thing(Verb.REMOVE_SIGNER)
def remove_signer(task_id: str, signer_id: str) -> Response:
    """减签."""
    command = RemoveSigner(task_id=task_id, signer_id=signer_id)
    return _do(task_id, Verb.REMOVE_SIGNER, command, lambda: _("已减签。"))


@blueprint.post("/<task_id>/take")
@asks_thing(Verb.TAKE_AS_PROXY)
def take(task_id: str) -> Response:
    """代办: take a task of somebody for whom I stand in."""
    services().engine.execute(TakeAsProxy(task_id=task_id), actor=current_actor())
    flash(_("已由您代办。"), "success")
    return redirect(url_for("tasks.show", task_id=task_id), 303)


@blueprint.post("/<task_id>/take-back")
@asks_thing(Verb.TAKE_BACK_TASK)
def take_back(task_id: str) -> Response:
    """收回代办."""
    return _do(task_id, Verb.VIEW_TASK, TakeBackFromProxy(task_id=task_id), lambda: _("已收回，由您本人办理。"))


def _do(task_id: str, verb: Verb, command: Command, said: Callable[[], str]) -> Response:
    row = services().queries.tasks.get(task_id)
    facts = TaskFacts(task_id=task_id, assignee=None) if row is None else standingin.task_facts(row)
    require(current_actor(), verb, facts)
    if row is None:
        raise not_found(facts)
    services().engine.execute(command, actor=current_actor())
    flash(said(), "success")
    return redirect(url_for("tasks.show", task_id=task_id), 303)
