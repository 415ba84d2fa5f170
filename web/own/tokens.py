"""One's own API tokens: made here, shown once, revoked here; administrators see and revoke all."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.access import Verb, may
from engine.commands.administration.tokens import CreateToken, RevokeToken
from engine.errors import InvalidInput
from engine.people import MAX_TOKEN_DAYS, hash_secret, new_secret, token_text
from web.frame.auth import current_actor, services
from web.frame.policy import signed_in
from web.wording.i18n import language
from web.wording.i18n import translate as _
from web.wording.words import SCOPES

blueprint = Blueprint("tokens", __name__, url_prefix="/account/tokens")


@blueprint.get("")
@signed_in
def index() -> str:
    return _page()


@blueprint.post("")
@signed_in
def create() -> str | tuple[str, int]:
    actor, secret = current_actor(), new_secret()
    days = request.form.get("days", "")
    command = CreateToken(
        login=actor.login,
        name=request.form.get("name", ""),
        scopes=tuple(request.form.getlist("scopes")),
        days=int(days) if days.isdecimal() and len(days) < 6 else 0,
        secret_hash=hash_secret(secret),
    )
    try:
        answer = services().engine.execute(command, actor=actor)
    except InvalidInput as error:
        return _page(problem=error.message(language())), error.status
    return _page(made=token_text(answer["id"], secret))


@blueprint.post("/<token_id>/revoke")
@signed_in
def revoke(token_id: str) -> Response:
    services().engine.execute(RevokeToken(token_id=token_id), actor=current_actor())
    flash(_("令牌已撤销，立即失效。"), "success")
    return redirect(url_for("tokens.index"), 303)


def _page(*, made: str = "", problem: str = "") -> str:
    actor, queries = current_actor(), services().queries
    oversees = may(actor, Verb.MANAGE_PEOPLE).allowed
    return render_template(
        "account/tokens.html",
        rows=queries.admin.tokens(None if oversees else actor.login),
        oversees=oversees,
        scopes=[(scope, _(text)) for scope, text in SCOPES.items()],
        max_days=MAX_TOKEN_DAYS,
        made=made,
        problem=problem,
    )
