"""Incidents: steps that failed and wait for an administrator, to be tried again or resolved by hand."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.access import Verb
from engine.commands.running.incidents import ResolveIncident, RetryIncident
from engine.errors import StepFailed
from web.frame import listing
from web.frame.auth import current_actor, services
from web.frame.filters import person_name
from web.frame.policy import asks
from web.wording.i18n import language
from web.wording.i18n import translate as _

blueprint = Blueprint("incidents", __name__, url_prefix="/admin/incidents")


@blueprint.get("")
@asks(Verb.MANAGE_INCIDENTS)
def index() -> str:
    state = listing.text("state") or "open"
    queries = services().queries.instances
    page = queries.incidents(state=state, after=listing.text("after", 500) or None, limit=listing.PAGE_SIZE)
    instances = {row["instance_id"]: queries.get(row["instance_id"]) for row in page.rows if row["instance_id"]}
    return render_template(
        "incidents/index.html", rows=page.rows, instances=instances, state=state, pager=listing.pager(page.next)
    )


@blueprint.post("/<incident_id>/retry")
@asks(Verb.MANAGE_INCIDENTS)
def retry(incident_id: str) -> Response:
    """Try the failed step again; when it fails again, the incident stays and says why."""
    try:
        answer = services().engine.execute(RetryIncident(incident_id=incident_id), actor=current_actor())
        if "asks" in answer:
            told = _("这一步是秘密表决，系统没有保存内容；请通知 {name} 重新表决。", name=person_name(answer["asks"]))
            flash(told, "info")
        else:
            flash(_("已重试成功，流程继续。"), "success")
    except StepFailed as error:
        flash(_("重试仍然失败：{reason}", reason=error.message(language())), "error")
    return redirect(url_for("incidents.index"), 303)


@blueprint.post("/<incident_id>/resolve")
@asks(Verb.MANAGE_INCIDENTS)
def resolve(incident_id: str) -> Response:
    """Close an incident by hand, with the reason."""
    comment = request.form.get("comment", "").strip()[:2000]
    answer = services().engine.execute(ResolveIncident(incident_id=incident_id, comment=comment), actor=current_actor())
    if answer.get("given_up"):
        flash(_("异常已标记为处理完毕；失败的作业没有再执行，仍可在「作业」中重试。"), "info")
    else:
        flash(_("异常已标记为处理完毕。"), "success")
    return redirect(url_for("incidents.index"), 303)
