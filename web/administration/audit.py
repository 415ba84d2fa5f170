"""What administrators and sign-ins did, from the history that cannot be changed."""

from flask import Blueprint, render_template, request, url_for

from engine.access import Verb
from web.frame import listing
from web.frame.auth import services
from web.frame.filters import prefetch_names
from web.frame.policy import asks

blueprint = Blueprint("audit", __name__, url_prefix="/admin/audit")


@blueprint.get("")
@asks(Verb.VIEW_AUDIT)
def index() -> str:
    size = 50
    rows = services().queries.admin.admin_history(before=listing.number("before"), limit=size)
    prefetch_names(row["actor"] for row in rows)
    more = url_for("audit.index", before=rows[-1]["seq"]) if len(rows) == size and rows[-1]["seq"] > 1 else None
    first = url_for("audit.index") if "before" in request.args else None
    return render_template(
        "audit/index.html", rows=rows, pager=listing.Pager(first_url=first, next_url=more, size=size)
    )
