"""提前结束表决 on pages: by the chair of a ballot or an administrator."""

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from engine.access import Verb
from engine.commands.returning.ballot_closing import CloseBallot
from web.frame.auth import current_actor, services
from web.frame.policy import asks_thing
from web.wording.i18n import translate as _

blueprint = Blueprint("ballots", __name__, url_prefix="/ballots/<ballot_id>")


@blueprint.post("/close")
@asks_thing(Verb.CLOSE_BALLOT)
def close(ballot_id: str) -> Response:
    """Decide it with the votes that were cast."""
    command = CloseBallot(ballot_id=ballot_id, reason=request.form.get("reason", ""))
    answer = services().engine.execute(command, actor=current_actor())
    result = _("会签通过") if answer["state"] == "passed" else _("会签未通过")
    flash(_("表决已结束：{result}。", result=result), "success")
    return redirect(url_for("instances.show", instance_id=answer["instance_id"]), 303)
