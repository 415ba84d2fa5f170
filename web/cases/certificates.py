"""The certificates of a case 证照: listed with their validity, printed, and ended one by one by who decides."""

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from engine.access import Verb
from engine.calendar import SHANGHAI
from engine.commands.cases.certificates import EndCertificate
from engine.commands.cases.leaders import ROLE
from web.frame.auth import current_actor, services
from web.frame.policy import asks_thing
from web.parts import formview
from web.parts.casefile import CaseView
from web.wording.i18n import translate as _

blueprint = Blueprint("certificates", __name__, url_prefix="/cases")


def shown(case: CaseView) -> dict[str, Any]:
    """What the tab of documents shows of them; the form to end one is drawn for who decides."""
    actor = current_actor()
    decides = case.item.roles.get(ROLE) in actor.groups or bool(actor.leads)
    return {
        "certificates": services().queries.cases.certificates(case.row),
        "can_end": decides and case.may(Verb.END_CERTIFICATE),
        "ends": [("cancelled", _("注销")), ("revoked", _("撤销"))],
        "today": services().engine.now().astimezone(SHANGHAI).date(),
    }


@blueprint.post("/<no>/certificates/end")
@asks_thing(Verb.END_CERTIFICATE)
def end(no: str) -> Response:
    """注销、撤销 one certificate."""
    sent = {name: request.form.get(name, "").strip()[:2000] for name in ("number", "state", "reason", "basis")}
    services().engine.execute(
        EndCertificate(no=no, **sent), actor=current_actor(), idempotency_key=formview.key_of_page()
    )
    flash(_("证照已注销或者撤销，决定书在“文书”里。"), "success")
    return redirect(url_for("cases.show", no=no, tab="documents"), 303)
