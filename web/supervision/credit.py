"""Credit events of applicants: who broke a promise, and whether it was repaired."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.access import Verb
from engine.commands.procedures.credit import RepairCredit
from web.frame import listing
from web.frame.auth import current_actor, services
from web.frame.filters import prefetch_names
from web.frame.policy import asks
from web.wording.i18n import translate as _

blueprint = Blueprint("credit", __name__, url_prefix="/admin/credit")


@blueprint.get("")
@asks(Verb.MANAGE_CREDIT)
def index() -> str:
    page = services().queries.admin.credit_events(
        applicant_id=listing.text("applicant") or None, after=listing.text("after", 500) or None
    )
    prefetch_names(row["repaired_by"] for row in page.rows)
    return render_template("credit/index.html", rows=page.rows, pager=listing.pager(page.next, size=50))


@blueprint.post("/<credit_id>/repair")
@asks(Verb.MANAGE_CREDIT)
def repair(credit_id: str) -> Response:
    """信用修复: the applicant may use tolerance and commitment again."""
    reason = request.form.get("reason", "").strip()[:500]
    services().engine.execute(RepairCredit(credit_id=credit_id, reason=reason), actor=current_actor())
    flash(_("失信记录已修复。"), "success")
    return redirect(url_for("credit.index"), 303)
