"""讨论: what people say about an instance, beside their decisions."""

from flask import Blueprint, flash, redirect, request
from werkzeug.wrappers import Response

from engine.access import Verb
from engine.commands.tasks.comments import AddComment, WithdrawComment
from engine.errors import NotFound
from web.frame.auth import current_actor, services
from web.frame.policy import asks_thing
from web.parts import colleagues, talk
from web.wording.i18n import translate as _

blueprint = Blueprint("comments", __name__, url_prefix="/comments")


@blueprint.post("/of/<instance_id>")
@asks_thing(Verb.COMMENT)
def add(instance_id: str) -> Response:
    """Say something; whoever is called by name may see the instance from now on."""
    command = AddComment(
        instance_id=instance_id,
        body=request.form.get("body", ""),
        mentions=tuple(colleagues.chosen_all("mention")),
        task_id=request.form.get("task") or None,
    )
    services().engine.execute(command, actor=current_actor())
    flash(_("已发表。"), "success")
    return redirect(talk.back(instance_id), 303)


@blueprint.post("/<comment_id>/withdraw")
@asks_thing(Verb.COMMENT)
def withdraw(comment_id: str) -> Response:
    """Take one's own words back."""
    row = services().queries.inbox.comment(comment_id)
    services().engine.execute(WithdrawComment(comment_id=comment_id), actor=current_actor())
    if row is None:
        raise NotFound("没有这条意见。", "There is no such comment.")
    flash(_("已收回。"), "success")
    return redirect(talk.back(row["instance_id"]), 303)
