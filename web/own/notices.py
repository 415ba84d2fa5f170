"""通知: what a person was told, and on which ways he wants to be told."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.commands.administration.views import SetPreference
from engine.commands.notices.notifications import ReadNotice
from engine.runtime.notice import Channel, Kind, sentence, wanted
from web.frame import listing
from web.frame.auth import current_actor, services
from web.frame.policy import signed_in
from web.wording.i18n import language
from web.wording.i18n import translate as _

blueprint = Blueprint("notices", __name__, url_prefix="/notices")


@blueprint.get("")
@signed_in
def index() -> str:
    """Everything that I was told, newest first; unread in bold."""
    unread = listing.text("unread") == "1"
    after = listing.text("after", 500) or None
    page = services().queries.inbox.notices(current_actor(), unread=unread, after=after, limit=listing.PAGE_SIZE)
    rows = [row | {"line": line(row), "note": row["facts"].get("note", "")} for row in page.rows]
    return render_template("inbox/notices.html", rows=rows, pager=listing.pager(page.next), unread=unread)


@blueprint.get("/<notice_id>")
@signed_in
def show(notice_id: str) -> Response:
    """Open what a notice is about; it is read from now on."""
    services().engine.execute(ReadNotice(notice_id=notice_id), actor=current_actor())
    row: dict[str, Any] = services().queries.inbox.notice(notice_id) or {}
    if row.get("task_id"):
        return redirect(url_for("tasks.show", task_id=row["task_id"]), 303)
    if row.get("kind") == Kind.COPIED.value:
        return redirect(url_for("copies.show", copy_id=row["cause"]), 303)
    if row.get("kind") == Kind.CARD.value:
        about = row["facts"]["about"]
        return redirect(url_for(f"supervision.{about}", **{f"{about}_id": row["cause"].partition("@")[0]}), 303)
    if row.get("kind") == Kind.ASKED.value:
        return redirect(url_for("cases.show", no=row["facts"]["no"], tab="clocks"), 303)
    if row.get("instance_id"):
        return redirect(url_for("instances.show", instance_id=row["instance_id"]), 303)
    return redirect(url_for("inbox.index"), 303)


@blueprint.post("/read")
@signed_in
def read_all() -> Response:
    services().engine.execute(ReadNotice(), actor=current_actor())
    flash(_("已全部标为已读。"), "success")
    return redirect(url_for("notices.index"), 303)


@blueprint.get("/settings")
@signed_in
def settings() -> str:
    """Which ways for which kind. The page itself always tells."""
    preference = services().queries.inbox.preference(current_actor(), "notices")
    chosen = {kind: wanted(preference, kind) for kind in Kind}
    return render_template(
        "inbox/notice_settings.html",
        kinds=kinds(),
        channels={Channel.MAIL: _("电子邮件"), Channel.HOOK: _("消息接口（如政务钉钉、企业微信）")},
        available=services().engine.environment.announcing.channels,
        chosen=chosen,
        digest_at=services().engine.environment.announcing.digest_at.strftime("%H:%M"),
    )


@blueprint.post("/settings")
@signed_in
def choose() -> Response:
    chosen = {
        kind.value: [channel.value for channel in Channel if f"{kind.value}.{channel.value}" in request.form]
        for kind in Kind
    }
    services().engine.execute(SetPreference(key="notices", value=chosen), actor=current_actor())
    flash(_("通知方式已保存。"), "success")
    return redirect(url_for("notices.settings"), 303)


def line(row: dict[str, Any]) -> str:
    """What a notice says, in one line."""
    return sentence(Kind(row["kind"]), row["title"], row["facts"], language())


def kinds() -> dict[Kind, str]:
    return {
        Kind.TASK: _("新的待办"),
        Kind.RETURNED: _("退回给我"),
        Kind.URGED: _("催办"),
        Kind.MENTIONED: _("讨论中提到我"),
        Kind.COPIED: _("抄送给我"),
        Kind.DUE_SOON: _("即将到期"),
        Kind.CARD: _("黄红牌和督办"),
        Kind.ASKED: _("提请我批准，或答复我的申请、征询"),
        Kind.DIGEST: _("每日汇总"),
    }
