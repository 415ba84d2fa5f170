"""People, for administrators: list, add, change, reset the password, disable."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine import passwords
from engine.access import Role, Verb
from engine.commands.administration.people import (
    ChangeMembership,
    ChangePerson,
    CreatePerson,
    DisablePerson,
    EnablePerson,
    SetPassword,
)
from engine.commands.administration.posts import SetIdentity, SetPosts
from engine.errors import BanjieError, Conflict, InvalidInput, NotFound
from web.frame import listing
from web.frame.auth import current_actor, services
from web.frame.policy import asks
from web.wording.i18n import language
from web.wording.i18n import translate as _
from web.wording.words import ROLES

blueprint = Blueprint("people", __name__, url_prefix="/admin/people")


@blueprint.get("")
@asks(Verb.MANAGE_PEOPLE)
def index() -> str:
    page = services().queries.admin.people(
        text=listing.text("q"),
        department_id=listing.text("department") or None,
        after=listing.text("after", 500) or None,
        limit=listing.PAGE_SIZE,
    )
    return render_template(
        "people/index.html", rows=page.rows, departments=_departments(), pager=listing.pager(page.next)
    )


@blueprint.get("/new")
@asks(Verb.MANAGE_PEOPLE)
def new() -> str:
    return _form(None, {"roles": [Role.STAFF.value]}, {})


@blueprint.post("/new")
@asks(Verb.MANAGE_PEOPLE)
def create() -> str | tuple[str, int]:
    """Add a person with a generated password, which is shown on the answer and nowhere else."""
    given = _given()
    password = passwords.generate()
    command = CreatePerson(
        login=request.form.get("login", "").strip(),
        name=given["name"],
        roles=given["roles"],
        department_id=given["department_id"] or None,
        groups=given["groups"],
        email=given["email"],
        mobile=given["mobile"],
        password_hash=services().passwords.hash(password),
        must_change_password=True,
    )
    try:
        services().engine.execute(command, actor=current_actor())
    except (InvalidInput, Conflict) as error:
        return _form(None, given | {"login": command.login}, _errors(error)), error.status
    return render_template("people/password.html", login=command.login, name=given["name"], password=password)


@blueprint.get("/<login>")
@asks(Verb.MANAGE_PEOPLE)
def show(login: str) -> str:
    row = _person(login)
    return _form(row, row, {})


@blueprint.post("/<login>")
@asks(Verb.MANAGE_PEOPLE)
def change(login: str) -> Response | tuple[str, int]:
    row, given = _person(login), _given()
    actor, engine = current_actor(), services().engine
    fields = {name: given[name] for name in ("name", "roles", "department_id", "email", "mobile")}
    try:
        engine.execute(ChangePerson(login=login, **fields), actor=actor)
        engine.execute(ChangeMembership(login=login, groups=given["groups"]), actor=actor)
    except (InvalidInput, Conflict) as error:
        return _form(row, row | given, _errors(error)), error.status
    flash(_("已保存 {name}。", name=given["name"]), "success")
    return redirect(url_for("people.show", login=login), 303)


@blueprint.post("/<login>/posts")
@asks(Verb.MANAGE_PEOPLE)
def posts(login: str) -> Response:
    """Which posts the person holds: the kept ones, and one more if it was chosen."""
    _person(login)
    held = [tuple(text.split("@", 1)) for text in request.form.getlist("held") if "@" in text]
    post, department = request.form.get("post", ""), request.form.get("post_department", "")
    if post and department:
        held.append((post, department))
    command = SetPosts(login=login, posts=tuple((key, place) for key, place in held))
    services().engine.execute(command, actor=current_actor())
    flash(_("岗位已保存。"), "success")
    return redirect(url_for("people.show", login=login), 303)


@blueprint.post("/<login>/identity")
@asks(Verb.MANAGE_PEOPLE)
def identity(login: str) -> Response:
    """The ID number of somebody who works here, kept as a keyed hash."""
    number = request.form.get("number", "").strip()
    services().engine.execute(SetIdentity(login=login, number=number), actor=current_actor())
    flash(_("证件号码已登记。") if number else _("证件号码已清除。"), "success")
    return redirect(url_for("people.show", login=login), 303)


@blueprint.post("/<login>/password")
@asks(Verb.MANAGE_PEOPLE)
def reset_password(login: str) -> str:
    """Give a person a new generated password, shown once; all sessions of the person end."""
    row = _person(login)
    password = passwords.generate()
    hashed = services().passwords.hash(password)
    services().engine.execute(
        SetPassword(login=login, password_hash=hashed, must_change_password=True), actor=current_actor()
    )
    return render_template("people/password.html", login=login, name=row["name"], password=password)


@blueprint.post("/<login>/disable")
@asks(Verb.MANAGE_PEOPLE)
def disable(login: str) -> Response:
    services().engine.execute(DisablePerson(login=login), actor=current_actor())
    held = services().queries.people.tasks_in_hand(login)
    if held:
        flash(_("已停用。此人手上还有 {n} 件任务，请改派给其他人。", n=held), "warning")
    else:
        flash(_("已停用，登录和令牌立即失效。"), "success")
    return redirect(url_for("people.show", login=login), 303)


@blueprint.post("/<login>/enable")
@asks(Verb.MANAGE_PEOPLE)
def enable(login: str) -> Response:
    services().engine.execute(EnablePerson(login=login), actor=current_actor())
    flash(_("已启用。"), "success")
    return redirect(url_for("people.show", login=login), 303)


def _given() -> dict[str, Any]:
    form = request.form
    return {
        "name": form.get("name", "").strip(),
        "roles": tuple(form.getlist("roles")),
        "groups": tuple(form.getlist("groups")),
        "department_id": form.get("department_id", ""),
        "email": form.get("email", "").strip(),
        "mobile": form.get("mobile", "").strip(),
    }


def _errors(error: BanjieError) -> dict[str, str]:
    """The sentence at the fields that it names, or above the form."""
    names = error.facts.get("fields") or {"": ""}
    return {name: error.message(language()) for name in names}


def _form(person: dict[str, Any] | None, values: dict[str, Any], errors: dict[str, str]) -> str:
    return render_template(
        "people/form.html",
        person=person,
        values=values,
        errors=errors,
        departments=_departments(),
        posts=[(row["key"], row["name"]) for row in services().queries.admin.posts()],
        groups=[(row["key"], row["name"]) for row in services().queries.admin.groups()],
        roles=[(role, _(text)) for role, text in ROLES.items()],
    )


def _departments() -> list[tuple[str, str]]:
    return [(row["id"], row["name"]) for row in services().queries.admin.departments()]


def _person(login: str) -> dict[str, Any]:
    row = services().queries.admin.person(login)
    if row is None:
        raise NotFound(f"没有账号 {login}。", f"There is no person {login}.")
    return row
