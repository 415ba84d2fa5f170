"""One's own account: the password."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from engine import passwords
from engine.access import SYSTEM
from engine.commands.administration.people import SetPassword
from engine.commands.administration.sessions import CountSignInTry
from engine.errors import InvalidInput
from web.frame.auth import current_identity, services
from web.frame.policy import signed_in
from web.wording.i18n import language
from web.wording.i18n import translate as _

blueprint = Blueprint("account", __name__, url_prefix="/account")


@blueprint.get("/password")
@signed_in
def password() -> str:
    return _form({})


@blueprint.post("/password")
@signed_in
def change_password() -> BaseResponse | tuple[str, int]:
    identity = current_identity()
    errors = _check(identity.person.login)
    if errors:
        return _form(errors), 422
    command = SetPassword(
        login=identity.person.login,
        password_hash=services().passwords.hash(request.form["new"]),
        keep_session=identity.session_hash,
    )
    services().engine.execute(command, actor=identity.actor)
    flash(_("密码已修改，其他电脑上的登录已退出。"), "success")
    return redirect(url_for("account.password"), 303)


def _check(login: str) -> dict[str, str]:
    """The old password is asked again (a session left open must not be enough), and guessing it is braked as at sign-in."""
    errors: dict[str, str] = {}
    new = request.form.get("new", "")
    at = services().wall_clock().isoformat()
    services().engine.execute(CountSignInTry(subjects=(f"account:{login.lower()}",), at=at), actor=SYSTEM)
    stored = services().queries.people.password_hash(login)
    if not services().passwords.verify(stored, request.form.get("old", "")).right:
        errors["old"] = _("现在的密码不正确。")
    if new != request.form.get("again", ""):
        errors["again"] = _("两次输入的新密码不一致。")
    try:
        passwords.check_strength(new, login=login)
    except InvalidInput as error:
        errors["new"] = error.message(language())
    return errors


def _form(errors: dict[str, Any]) -> str:
    return render_template("account/password.html", errors=errors, min_length=passwords.MIN_LENGTH)
