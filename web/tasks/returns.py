"""退回 and 撤回: lead a case back from my task to an earlier one; take back what I did while nobody has acted on it."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.access import TaskFacts, Verb, may, not_found, require
from engine.commands.returning.returns import ReturnTask, offers_of
from engine.commands.returning.withdrawals import WithdrawTask, check_withdrawable
from engine.errors import Conflict, InvalidInput
from engine.runtime.allowance import NodeVerb, allows
from engine.runtime.instance import InstanceState
from engine.runtime.return_policy import Reach, ReturnPolicy
from engine.runtime.task import OPEN, Power, Seat, TaskState
from engine.store.projections.returns import RETURNED
from web.frame.auth import current_actor, services
from web.frame.filters import prefetch_names
from web.frame.policy import asks_thing
from web.lists import worklist
from web.tasks import tasknav
from web.wording.i18n import language
from web.wording.i18n import translate as _

blueprint = Blueprint("returns", __name__, url_prefix="/tasks")


def can_return(row: Mapping[str, Any], facts: TaskFacts) -> bool:
    """Whether the page of a task has the button; where to is looked up when it is pressed."""
    if row["state"] not in OPEN or row["seat"] != Seat.HOLDER.value or row["power"] != Power.DECIDE.value:
        return False
    if ReturnPolicy.read(row["settings"]).reach is Reach.NONE:
        return False
    return may(current_actor(), Verb.RETURN_TASK, facts).allowed


def can_withdraw(row: Mapping[str, Any], facts: TaskFacts, instance: Mapping[str, Any]) -> bool:
    """Whether what the present person did here may still be taken back, as far as the rows tell; the command knows all."""
    return (
        row["state"] == TaskState.COMPLETED.value
        and row["outcome"] != RETURNED
        and row["seat"] in (Seat.HOLDER.value, Seat.MEMBER.value)
        and instance.get("state") == InstanceState.RUNNING.value
        and allows(row["settings"], NodeVerb.WITHDRAW)
        and may(current_actor(), Verb.WITHDRAW_TASK, facts).allowed
    )


def returned_to(row: Mapping[str, Any], history: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """The return by which this task came back to its holder: {at, actor, data}; None when it came forward."""
    mine = [each for each in history if each["kind"] == "TaskReturned" and each["data"]["return_id"] == row["token_id"]]
    return mine[-1] if mine else None


@blueprint.get("/<task_id>/return")
@asks_thing(Verb.RETURN_TASK)
def choose(task_id: str) -> str:
    """Where this task can be returned to, and how it comes back."""
    return _page(_task(task_id))


@blueprint.post("/<task_id>/return")
@asks_thing(Verb.RETURN_TASK)
def perform(task_id: str) -> Response | tuple[str, int]:
    """退回."""
    row, form = _task(task_id), request.form
    command = ReturnTask(
        task_id=task_id,
        target=form.get("target", ""),
        reason=form.get("reason", ""),
        resubmit=form.get("resubmit", ""),
    )
    try:
        services().engine.execute(command, actor=current_actor())
    except InvalidInput as error:
        return _page(row, problem=error.message(language())), error.status
    flash(_("「{name}」已退回。", name=row["element_name"]), "success")
    return redirect(tasknav.after(row, by_habit=True), 303)


@blueprint.get("/<task_id>/withdraw")
@asks_thing(Verb.WITHDRAW_TASK)
def reconsider(task_id: str) -> str:
    """Whether what I decided can still be taken back; with the reason to be written, or why not."""
    row = _task(task_id, Verb.WITHDRAW_TASK)
    refused = None
    try:
        services().engine.ask(lambda context: check_withdrawable(context, task_id), actor=current_actor())
    except Conflict as error:
        refused = error.message(language())
    return render_template("tasks/withdraw.html", task=row, refused=refused)


@blueprint.post("/<task_id>/withdraw")
@asks_thing(Verb.WITHDRAW_TASK)
def withdraw(task_id: str) -> Response | tuple[str, int]:
    """撤回 what I decided, or my vote."""
    row = _task(task_id, Verb.WITHDRAW_TASK)
    command = WithdrawTask(task_id=task_id, reason=request.form.get("reason", ""))
    try:
        services().engine.execute(command, actor=current_actor())
    except InvalidInput as error:
        return render_template("tasks/withdraw.html", task=row, problem=error.message(language())), error.status
    flash(_("「{name}」已撤回，请重新办理。", name=row["element_name"]), "success")
    return redirect(url_for("tasks.show", task_id=task_id), 303)


def _page(row: Mapping[str, Any], problem: str = "") -> str:
    found = services().engine.ask(lambda context: offers_of(context, row["id"]), actor=current_actor())
    prefetch_names(target["handler"] for target in found["targets"])
    return render_template(
        "tasks/return.html",
        task=row,
        targets=found["targets"],
        ways=found["resubmit"],
        chosen=request.form.get("target")
        or next((each["element_id"] for each in found["targets"] if each["possible"]), ""),
        typed=request.form,
        context=worklist.context_of_request(),
        problem=problem,
    )


def _task(task_id: str, verb: Verb = Verb.RETURN_TASK) -> dict[str, Any]:
    queries = services().queries.tasks
    row = queries.get(task_id)
    if row is None:
        raise not_found(TaskFacts(task_id=task_id, assignee=None))
    facts = queries.facts(row)
    require(current_actor(), Verb.VIEW_TASK, facts)
    if verb is not Verb.RETURN_TASK or row["state"] in OPEN:  # of a closed one the command tells who was faster
        require(current_actor(), verb, facts)
    return row
