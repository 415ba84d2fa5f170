"""Jobs: timers and calls that wait for their moment, and those that failed for good."""

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from engine.access import Verb
from engine.commands.jobs import RetryJob
from web import listing
from web.auth import current_actor, services
from web.i18n import translate as _
from web.policy import asks

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
        "jobs/index.html", rows=page.rows, titles=titles, state=state, counts=counts, pager=listing.pager(page.next)
    )


@blueprint.post("/<job_id>/retry")
@asks(Verb.MANAGE_JOBS)
def retry(job_id: str) -> Response:
    """Let a job run now, with all its attempts."""
    services().engine.execute(RetryJob(job_id=job_id), actor=current_actor())
    flash(_("作业已排到现在执行。"), "success")
    return redirect(url_for("jobs.index"), 303)
