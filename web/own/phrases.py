"""常用语: one's own, and for administrators those of the bureau."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.access import Verb, may
from engine.commands.administration.phrases import AddPhrase, ChangePhrase, RemovePhrase
from web.frame.auth import current_actor, services
from web.frame.policy import signed_in
from web.wording.i18n import translate as _

blueprint = Blueprint("phrases", __name__, url_prefix="/phrases")


@blueprint.get("")
@signed_in
def index() -> str:
    rows = services().queries.inbox.phrases(current_actor())
    return render_template(
        "inbox/phrases.html",
        own=[row for row in rows if row["owner"]],
        shared=[row for row in rows if not row["owner"]],
        may_share=may(current_actor(), Verb.MANAGE_PHRASES).allowed,
    )


@blueprint.post("")
@signed_in
def add() -> Response:
    command = AddPhrase(body=request.form.get("body", ""), shared="shared" in request.form)
    services().engine.execute(command, actor=current_actor())
    flash(_("常用语已添加。"), "success")
    return redirect(url_for("phrases.index"), 303)


@blueprint.post("/<phrase_id>/change")
@signed_in
def change(phrase_id: str) -> Response:
    command = ChangePhrase(phrase_id=phrase_id, body=request.form.get("body", ""))
    services().engine.execute(command, actor=current_actor())
    flash(_("常用语已修改。"), "success")
    return redirect(url_for("phrases.index"), 303)


@blueprint.post("/<phrase_id>/remove")
@signed_in
def remove(phrase_id: str) -> Response:
    services().engine.execute(RemovePhrase(phrase_id=phrase_id), actor=current_actor())
    flash(_("常用语已删除。"), "success")
    return redirect(url_for("phrases.index"), 303)
