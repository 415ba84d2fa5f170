"""Departments and candidate groups, for administrators."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.access import Verb
from engine.commands.administration.people import ChangeDepartment, ChangeGroup, CreateDepartment, CreateGroup
from engine.commands.administration.posts import ChangePost, CreatePost, LeadDepartment
from engine.context import Command
from engine.errors import Conflict, InvalidInput, NotFound
from web.frame.auth import current_actor, services
from web.frame.filters import prefetch_names
from web.frame.policy import asks
from web.parts import colleagues
from web.wording.i18n import language
from web.wording.i18n import translate as _

blueprint = Blueprint("organisation", __name__, url_prefix="/admin/organisation")


@blueprint.get("")
@asks(Verb.MANAGE_PEOPLE)
def index() -> str:
    return _page()


@blueprint.post("/departments")
@asks(Verb.MANAGE_PEOPLE)
def create_department() -> Response | tuple[str, int]:
    parent = request.form.get("parent_id") or None
    return _do(lambda name: CreateDepartment(code=request.form.get("code", "").strip(), name=name, parent_id=parent))


@blueprint.get("/departments/<department_id>")
@asks(Verb.MANAGE_PEOPLE)
def department(department_id: str) -> str:
    rows = {row["id"]: row for row in services().queries.admin.departments()}
    if department_id not in rows:
        raise NotFound("没有这个部门。", "There is no such department.")
    return render_template(
        "organisation/department.html",
        row=rows[department_id],
        departments=_tree(list(rows.values())),
        colleagues=colleagues.listed(),
    )


@blueprint.post("/departments/<department_id>")
@asks(Verb.MANAGE_PEOPLE)
def change_department(department_id: str) -> Response | tuple[str, int]:
    parent = request.form.get("parent_id", "")
    return _do(lambda name: ChangeDepartment(department_id=department_id, name=name, parent_id=parent))


@blueprint.post("/departments/<department_id>/leader")
@asks(Verb.MANAGE_PEOPLE)
def lead(department_id: str) -> Response | tuple[str, int]:
    """任命: leader and deputies; the deputies stand in in the order of the list."""
    deputies = tuple(colleagues.chosen_all("deputies"))
    leader = colleagues.chosen("leader")
    return _do(lambda name: LeadDepartment(department_id=department_id, leader=leader, deputies=deputies))


@blueprint.post("/posts")
@asks(Verb.MANAGE_PEOPLE)
def create_post() -> Response | tuple[str, int]:
    return _do(lambda name: CreatePost(key=request.form.get("key", "").strip(), name=name))


@blueprint.get("/posts/<path:key>")
@asks(Verb.MANAGE_PEOPLE)
def post(key: str) -> str:
    row = next((row for row in services().queries.admin.posts() if row["key"] == key), None)
    if row is None:
        raise NotFound(f"没有岗位 {key}。", f"There is no post {key}.")
    departments = {each["id"]: each["name"] for each in services().queries.admin.departments()}
    return render_template("organisation/post.html", row=row, departments=departments)


@blueprint.post("/posts/<path:key>")
@asks(Verb.MANAGE_PEOPLE)
def change_post(key: str) -> Response | tuple[str, int]:
    return _do(lambda name: ChangePost(key=key, name=name))


@blueprint.post("/groups")
@asks(Verb.MANAGE_PEOPLE)
def create_group() -> Response | tuple[str, int]:
    department_id = request.form.get("department_id") or None
    key = request.form.get("key", "").strip()
    return _do(lambda name: CreateGroup(key=key, name=name, department_id=department_id))


@blueprint.get("/groups/<path:key>")
@asks(Verb.MANAGE_PEOPLE)
def group(key: str) -> str:
    row = next((row for row in services().queries.admin.groups() if row["key"] == key), None)
    if row is None:
        raise NotFound(f"没有办理组 {key}。", f"There is no group {key}.")
    members = services().queries.admin.members(key)
    departments = _tree(services().queries.admin.departments())
    return render_template("organisation/group.html", row=row, members=members, departments=departments)


@blueprint.post("/groups/<path:key>")
@asks(Verb.MANAGE_PEOPLE)
def change_group(key: str) -> Response | tuple[str, int]:
    department_id = request.form.get("department_id", "")
    return _do(lambda name: ChangeGroup(key=key, name=name, department_id=department_id))


def _do(build: Callable[[str], Command]) -> Response | tuple[str, int]:
    """Execute the command that ``build`` makes of the given name; a refusal is shown above the lists."""
    try:
        services().engine.execute(build(request.form.get("name", "").strip()), actor=current_actor())
    except (InvalidInput, Conflict) as error:
        return _page(problem=error.message(language())), error.status
    flash(_("已保存。"), "success")
    return redirect(url_for("organisation.index"), 303)


def _page(problem: str = "") -> str:
    queries = services().queries
    departments = queries.admin.departments()
    prefetch_names(row["leader"] for row in departments)
    people = queries.people.in_departments()
    return render_template(
        "organisation/index.html",
        departments=_tree(departments),
        people=people,
        names={row["id"]: row["name"] for row in departments},
        groups=queries.admin.groups(),
        posts=queries.admin.posts(),
        problem=problem,
    )


def _tree(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Departments with their ``depth``, each behind its parent."""
    children: dict[str | None, list[dict[str, Any]]] = {}
    for row in rows:
        children.setdefault(row["parent_id"], []).append(row)
    ordered: list[dict[str, Any]] = []

    def walk(parent_id: str | None, depth: int) -> None:
        for row in children.get(parent_id, []):
            ordered.append(row | {"depth": depth})
            walk(row["id"], depth + 1)

    walk(None, 0)
    return ordered
