"""撤销 by whoever started an instance; 跳转 and 重开 by administrators, on a page of their own."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.access import InstanceFacts, Verb, may, not_found
from engine.commands.returning.cancelling import ApplyForWithdrawal, CancelInstance, way_out
from engine.commands.returning.modification import JumpInstance, ReopenInstance, places_of, tokens_of
from engine.context import Command
from engine.errors import Conflict, InvalidInput
from engine.runtime.instance import ENDED, InstanceState
from web.frame.auth import current_actor, services
from web.frame.filters import prefetch_names
from web.frame.policy import asks, asks_thing
from web.parts import diagrams
from web.wording.i18n import language
from web.wording.i18n import translate as _

blueprint = Blueprint("repairs", __name__, url_prefix="/instances")


def can_cancel(row: dict[str, Any], facts: InstanceFacts) -> bool:
    """Whether the page of an instance has the button; how far it has come is asked when it is pressed."""
    running = InstanceState(row["state"]) not in ENDED
    return running and may(current_actor(), Verb.CANCEL_INSTANCE, facts).allowed


def can_repair() -> bool:
    return may(current_actor(), Verb.REPAIR_INSTANCE).allowed


@blueprint.get("/<instance_id>/cancel")
@asks_thing(Verb.CANCEL_INSTANCE)
def reconsider(instance_id: str) -> str:
    """撤销 while it is possible, 申请撤回 when it is too late for that, or why neither: one page, one reason, one button."""
    return _page(instance_id)


@blueprint.post("/<instance_id>/cancel")
@asks_thing(Verb.CANCEL_INSTANCE)
def cancel(instance_id: str) -> Response | tuple[str, int]:
    """撤销."""
    command = CancelInstance(instance_id=instance_id, reason=request.form.get("reason", ""))
    return _done(command, instance_id, _("已撤销。"))


@blueprint.post("/<instance_id>/withdrawal-application")
@asks_thing(Verb.CANCEL_INSTANCE)
def apply(instance_id: str) -> Response | tuple[str, int]:
    """提交撤回申请."""
    command = ApplyForWithdrawal(instance_id=instance_id, reason=request.form.get("reason", ""))
    return _done(command, instance_id, _("撤回申请已提交，等待审批；流程继续办理。"))


def _page(instance_id: str, problem: str = "") -> str:
    found = services().engine.ask(lambda context: way_out(context, instance_id), actor=current_actor())
    row = services().queries.instances.get(instance_id) or {}
    return render_template(
        "instances/cancel.html",
        instance=row,
        way=found["way"],
        why=found["why"].message(language()) if found["why"] else "",
        problem=problem,
        reason=request.form.get("reason", ""),
        from_list=_from_list(),
    )


def _done(command: Command, instance_id: str, sentence: str) -> Response | tuple[str, int]:
    """Back to where one came from; with the page again when the reason is missing or the way has changed meanwhile."""
    try:
        services().engine.execute(command, actor=current_actor())
    except (InvalidInput, Conflict) as error:
        return _page(instance_id, error.message(language())), error.status
    flash(sentence, "success")
    if _from_list():
        return redirect(url_for("inbox.started"), 303)
    return redirect(url_for("instances.show", instance_id=instance_id), 303)


def _from_list() -> bool:
    return request.values.get("from") == "started"


@blueprint.get("/<instance_id>/repair")
@asks(Verb.REPAIR_INSTANCE)
def show(instance_id: str) -> str:
    """What waits in the instance and where it can be moved; or where an ended one can go on; and its returns."""
    queries, engine, actor = services().queries, services().engine, current_actor()
    row = queries.instances.get(instance_id)
    if row is None:
        raise not_found(InstanceFacts(instance_id=instance_id))
    returns = queries.returns.of_instance(instance_id)
    prefetch_names([each["returned_by"] for each in returns] + [each["answered_by"] for each in returns])
    return render_template(
        "instances/repair.html",
        instance=row,
        ended=InstanceState(row["state"]) in ENDED,
        tokens=engine.ask(lambda context: tokens_of(context, instance_id), actor=actor),
        places=engine.ask(lambda context: places_of(context, instance_id), actor=actor)["elements"],
        returns=returns,
        diagram=diagrams.of_instance(row),
    )


@blueprint.post("/<instance_id>/jump")
@asks(Verb.REPAIR_INSTANCE)
def jump(instance_id: str) -> Response:
    """跳转."""
    form = request.form
    command = JumpInstance(
        instance_id=instance_id,
        token_id=form.get("token", ""),
        target=form.get("target", ""),
        reason=form.get("reason", ""),
    )
    services().engine.execute(command, actor=current_actor())
    flash(_("已跳转。"), "success")
    return redirect(url_for("repairs.show", instance_id=instance_id), 303)


@blueprint.post("/<instance_id>/reopen")
@asks(Verb.REPAIR_INSTANCE)
def reopen(instance_id: str) -> Response:
    """重开."""
    form = request.form
    command = ReopenInstance(instance_id=instance_id, element_id=form.get("element", ""), reason=form.get("reason", ""))
    services().engine.execute(command, actor=current_actor())
    flash(_("流程已重开。"), "success")
    return redirect(url_for("repairs.show", instance_id=instance_id), 303)
