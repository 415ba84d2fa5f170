"""抄送我的: copies for me with read marks; sending copies from the page of a task or an instance."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.access import Verb
from engine.commands.tasks.copies import ReadCopy, SendCopies
from engine.store.base.paging import Page
from web.frame import listing
from web.frame.auth import current_actor, services
from web.frame.filters import person_name, prefetch_names
from web.frame.policy import asks_thing, signed_in
from web.lists import tabs as inboxlists
from web.parts import colleagues, talk
from web.wording.i18n import language
from web.wording.i18n import translate as _

NAMED = 10

blueprint = Blueprint("copies", __name__, url_prefix="/inbox/copies")


@blueprint.get("")
@signed_in
def index() -> str | Response:
    """抄送我的: newest first, unread ones in bold."""
    actor = current_actor()
    frame = inboxlists.frame(actor, "copies")
    opening = inboxlists.opening(frame)
    if opening is not None:
        return opening
    page = page_of(listing.text("after", 500) or None)
    prefetch_names(row["sent_by"] for row in page.rows)
    return render_template(
        "inbox/copies.html", **frame, rows=page.rows, pager=listing.pager(page.next), searched=page.searched
    )


def page_of(after: str | None, limit: int = listing.PAGE_SIZE) -> Page:
    """One page of the copies for the actor, narrowed as the address says."""
    return services().queries.inbox.copies(
        current_actor(), text=listing.text("q"), unread=listing.text("unread") == "1", after=after, limit=limit
    )


@blueprint.get("/<copy_id>")
@signed_in
def show(copy_id: str) -> Response:
    """Open a copy: it is read from now on, and its sender sees that."""
    answer = services().engine.execute(ReadCopy(copy_id=copy_id), actor=current_actor())
    return redirect(url_for("instances.show", instance_id=answer["instance_id"]), 303)


@blueprint.post("/of/<instance_id>")
@asks_thing(Verb.SEND_COPY)
def send(instance_id: str) -> Response:
    """抄送 an instance, or the step of a task, to people, groups, departments and posts."""
    command = SendCopies(
        instance_id=instance_id,
        recipients=(*request.form.getlist("recipient"), *colleagues.chosen_all("person")),
        task_id=request.form.get("task") or None,
        note=request.form.get("note", "")[:500],
    )
    answer = services().engine.execute(command, actor=current_actor())
    if answer["sent"]:
        flash(_("已抄送 {n} 人：{names}。", n=len(answer["sent"]), names=_names(answer["sent"])), "success")
    if answer["already"]:
        flash(_("{n} 人以前已经收到这一环节的抄送，没有重复发送。", n=len(answer["already"])), "info")
    if answer["nobody"]:
        flash(_("{n} 个组、部门或岗位里现在没有人。", n=len(answer["nobody"])), "info")
    return redirect(talk.back(instance_id), 303)


def _names(logins: list[str]) -> str:
    """Who got a copy, by name; of many the first, the page shows all of them."""
    prefetch_names(logins[:NAMED])
    shown = ("、" if language() == "zh" else ", ").join(person_name(login) for login in logins[:NAMED])
    return shown if len(logins) <= NAMED else _("{names} 等", names=shown)
