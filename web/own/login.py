"""Signing in and out."""

from flask import Blueprint, Response, flash, g, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as BaseResponse

from engine.access import SYSTEM
from engine.commands.administration.people import SetLanguage
from engine.commands.administration.sessions import CountSignInTry
from engine.errors import TooManyRequests
from engine.passwords import Verdict
from engine.store.queries.people import SignedIn
from web.frame import csrf
from web.frame.auth import close_session, open_session, services
from web.frame.policy import public
from web.frame.security import safe_next
from web.wording import i18n
from web.wording.i18n import language
from web.wording.i18n import translate as _

blueprint = Blueprint("login", __name__)


@blueprint.get("/login")
@public
def show() -> str | BaseResponse:
    target = safe_next(request.args.get("next"))
    return redirect(target, 303) if g.get("identity") else _form(next=target)


@blueprint.post("/login")
@public
def enter() -> BaseResponse:
    """Check the password and open a session; the same answer, after the same work, whether or not the person exists."""
    login = request.form.get("login", "").strip()[:64]
    target = safe_next(request.form.get("next"))
    try:
        person, verdict = _checked(login, request.form.get("password", ""))
    except TooManyRequests as error:
        answer = Response(_form(login=login, next=target, problem=error.message(language())), status=429)
        answer.headers["Retry-After"] = str(error.facts["retry_after"])
        return answer
    if person is None or not verdict.right:
        problem = _("账号或密码不正确。")
        return Response(_form(login=login, next=target, problem=problem), status=401)
    session.pop(csrf.FIELD, None)  # what a page before sign-in knew is worth nothing after it
    response = redirect(target, 303)
    rehashed = services().passwords.hash(request.form["password"]) if verdict.rehash else None
    open_session(person, response, password_hash=rehashed)
    _keep_language(person, response)
    if person.must_change_password:
        flash(_("这是临时密码，请尽快换成自己的密码（右上角「修改密码」）。"), "warning")
    return response


def _keep_language(person: SignedIn, response: BaseResponse) -> None:
    """The language that was chosen on the page of signing in is the one that its reader wants from now on."""
    chosen = i18n.known(request.cookies.get(i18n.COOKIE))
    if chosen is not None:
        response.delete_cookie(i18n.COOKIE)  # the next person at this desk has a language of their own
        if chosen != person.language:
            services().engine.execute(SetLanguage(language=chosen), actor=person.actor())


def _checked(login: str, password: str) -> tuple[SignedIn | None, Verdict]:
    """Count the try first (parallel guesses must not slip through), then spend the same work on everybody."""
    subjects = (f"account:{login.lower()}", f"address:{request.remote_addr or ''}")
    at = services().wall_clock().isoformat()
    services().engine.execute(CountSignInTry(subjects=subjects, at=at), actor=SYSTEM)
    stored = services().queries.people.password_hash(login)
    verdict = services().passwords.verify(stored, password)
    # Who the person is matters only now: to ask for it before would take longer for those who exist.
    return services().queries.people.active(login) if verdict.right else None, verdict


@blueprint.post("/logout")
@public
def leave() -> BaseResponse:
    response = redirect(url_for("login.show"), 303)
    close_session(response)
    session.clear()
    flash(_("已退出登录。"), "success")
    return response


def _form(**values: str) -> str:
    return render_template("login/show.html", **{"login": "", "next": "/", "problem": "", **values})
