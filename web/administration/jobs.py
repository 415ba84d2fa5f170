"""Jobs: timers and calls that wait for their moment, and those that failed for good."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from engine.access import Verb
from engine.commands.running.jobs import RetryJob
from web.frame import listing, models
from web.frame.auth import current_actor, services
from web.frame.policy import asks
from web.wording.i18n import translate as _

blueprint = Blueprint("jobs", __name__, url_prefix="/admin/jobs")


@blueprint.get("")
@asks(Verb.MANAGE_JOBS)
def index() -> str:
    state = listing.text("state") or "waiting"
    queries = services().queries.admin
    page = queries.jobs(state=state, after=listing.text("after", 500) or None, limit=listing.PAGE_SIZE)
    counts = queries.job_counts(services().engine.now())
    titles = services().queries.instances.titles(row["instance_id"] for row in page.rows)
    return render_template(
        "jobs/index.html",
        rows=page.rows,
        titles=titles,
        names=_names(page.rows),
        state=state,
        counts=counts,
        pager=listing.pager(page.next),
    )


def _names(rows: list[dict[str, Any]]) -> dict[str, str]:
    """{job id: what the element of the job is called in its model}; nameless ones are left out."""
    about = {row["id"]: row for row in rows if row["instance_id"] and row["element_id"]}
    used = services().queries.instances.definitions_of([row["instance_id"] for row in about.values()])
    named = {}
    for job_id, row in about.items():
        model = models.definition_of(used.get(row["instance_id"], "")).get("model", {})
        named[job_id] = (model.get("element_names", {}).get(row["element_id"]) or [""])[0]
    return {job_id: name for job_id, name in named.items() if name}


@blueprint.post("/<job_id>/retry")
@asks(Verb.MANAGE_JOBS)
def retry(job_id: str) -> Response:
    """Let a job run now, with all its attempts."""
    services().engine.execute(RetryJob(job_id=job_id), actor=current_actor())
    flash(_("作业已排到现在执行。"), "success")
    return redirect(url_for("jobs.index"), 303)
