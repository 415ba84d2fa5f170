"""Credit events of applicants: who broke a promise, and whether it was repaired."""

from flask import Blueprint, render_template

from engine.access import Verb
from web import listing
from web.auth import services
from web.filters import prefetch_names
from web.policy import asks

blueprint = Blueprint("credit", __name__, url_prefix="/admin/credit")


@blueprint.get("")
@asks(Verb.MANAGE_CREDIT)
def index() -> str:
    rows = services().queries.admin.credit_events(applicant_id=listing.text("applicant") or None)
    prefetch_names(row["repaired_by"] for row in rows)
    return render_template("credit/index.html", rows=rows, repairable=False)
