"""回避 on pages: declare it for oneself, order it for somebody, lift it."""

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from engine.access import Verb, may
from engine.commands.delegating.recusal import DeclareRecusal, LiftRecusal
from web.frame.auth import current_actor, services
from web.frame.policy import asks_thing
from web.parts import colleagues
from web.wording.i18n import translate as _

blueprint = Blueprint("recusals", __name__, url_prefix="/instances/<instance_id>/recusals")


@blueprint.post("")
@asks_thing(Verb.DECLARE_RECUSAL)
def declare(instance_id: str) -> Response:
    """For oneself, or (by a supervisor or administrator) for the chosen person."""
    login = colleagues.chosen("login") or None
    command = DeclareRecusal(instance_id=instance_id, reason=request.form.get("reason", ""), login=login)
    answer = services().engine.execute(command, actor=current_actor())
    flash(_("回避已登记，移交了 {n} 件任务。", n=len(answer["moved"])), "success")
    return redirect(_back(instance_id), 303)


@blueprint.post("/<recusal_id>/lift")
@asks_thing(Verb.MANAGE_RECUSALS)
def lift(instance_id: str, recusal_id: str) -> Response:
    command = LiftRecusal(instance_id=instance_id, recusal_id=recusal_id, reason=request.form.get("reason", ""))
    services().engine.execute(command, actor=current_actor())
    flash(_("回避已解除。"), "success")
    return redirect(_back(instance_id), 303)


def _back(instance_id: str) -> str:
    """The instance, or the inbox for whoever does not see it any more."""
    facts = services().queries.instances.facts(instance_id)
    if facts is not None and may(current_actor(), Verb.VIEW_INSTANCE, facts).allowed:
        return url_for("instances.show", instance_id=instance_id)
    return url_for("inbox.index")
