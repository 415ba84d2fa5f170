"""Saved views of a list, and which columns it shows: each person's own."""

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from engine.commands.administration.views import ChangeView, RemoveView, SaveView, SetDefaultView, SetPreference
from engine.errors import NotFound
from web.frame.auth import current_actor, services
from web.frame.policy import signed_in
from web.lists import tabs as inboxlists
from web.lists import worklist
from web.wording.i18n import translate as _

blueprint = Blueprint("views", __name__, url_prefix="/inbox/views")


@blueprint.get("/<view_id>")
@signed_in
def show(view_id: str) -> Response:
    """The list of a view. Whoever gets this address from a colleague sees their own tasks through the same filter."""
    row = services().queries.inbox.view(view_id)
    if row is None:
        raise NotFound("没有这个常用查询，可能已被删除。", "There is no such view; it may have been removed.")
    return redirect(f"{_list_url(row['tab'])}?{row['query']}&view={row['id']}")


@blueprint.post("")
@signed_in
def save() -> Response:
    """保存为常用: the filters of the list from which one comes."""
    tab, query = request.form.get("tab", ""), worklist.checked_query(request.form.get("query", ""))
    command = SaveView(tab=tab, name=request.form.get("name", ""), query=query, is_default="default" in request.form)
    answer = services().engine.execute(command, actor=current_actor())
    flash(_("已保存为常用查询「{name}」。", name=" ".join(command.name.split())), "success")
    return redirect(url_for("views.show", view_id=answer["id"]), 303)


@blueprint.post("/<view_id>/default")
@signed_in
def make_default(view_id: str) -> Response:
    """Let the list open with this view, or no longer."""
    tab = request.form.get("tab", "assigned")
    chosen = view_id if request.form.get("on") == "1" else None
    services().engine.execute(SetDefaultView(tab=tab, view_id=chosen), actor=current_actor())
    return redirect(url_for("views.show", view_id=view_id), 303)


@blueprint.post("/<view_id>/rename")
@signed_in
def rename(view_id: str) -> Response:
    command = ChangeView(view_id=view_id, name=request.form.get("name", ""))
    services().engine.execute(command, actor=current_actor())
    flash(_("常用查询已改名。"), "success")
    return redirect(url_for("views.show", view_id=view_id), 303)


@blueprint.post("/<view_id>/remove")
@signed_in
def remove(view_id: str) -> Response:
    services().engine.execute(RemoveView(view_id=view_id), actor=current_actor())
    flash(_("常用查询已删除。"), "success")
    return redirect(f"{_list_url(request.form.get('tab', ''))}?view=all", 303)


@blueprint.post("/columns")
@signed_in
def columns() -> Response:
    """Which columns a list shows; none chosen means the usual ones."""
    tab = request.form.get("tab", "")
    known = inboxlists.COLUMNS.get(tab, ())
    chosen = [name for name in known if name in request.form.getlist("column")]
    command = SetPreference(key=f"columns.{tab}", value=chosen or None)
    services().engine.execute(command, actor=current_actor())
    query = worklist.checked_query(request.form.get("query", ""))
    return redirect(f"{_list_url(tab)}?{query}&view={_view_of(request.form)}", 303)


def _view_of(form: MultiDict[str, str]) -> str:
    view = form.get("view", "")
    return view if view.replace("-", "").isalnum() else "all"


def _list_url(tab: str) -> str:
    return url_for(inboxlists.ENDPOINTS.get(tab, "inbox.index"))
