"""What follows a decision on the page of a case: its certificates 证照, listed and ended one by one, and its rating 好差评."""

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from engine.access import Verb
from engine.approval.rating import GRADES, Rating
from engine.calendar import SHANGHAI
from engine.commands.cases.certificates import EndCertificate
from engine.commands.cases.leaders import ROLE
from engine.commands.procedures.ratings import RateCase
from web.frame.auth import current_actor, services
from web.frame.policy import asks_thing
from web.parts import formview
from web.parts.casefile import CaseView
from web.wording.i18n import translate as _
from web.wording.words_office import RATING_CHANNELS, RATING_GRADES, RATING_REASONS

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


def rated(case: CaseView) -> dict[str, Any]:
    """The rating of the case, for who may write it down or oversees: those who were rated do not see it here."""
    sees = case.may(Verb.RATE_CASE) or case.may(Verb.VIEW_ALL_CASES)
    given = case.parts.get("rating")
    return {
        "rating": Rating.from_json(given) if given and sees else None,
        "can_rate": not given and case.row["state"] == "finished" and case.may(Verb.RATE_CASE),
        "grades": [(code, _(word)) for code, word in RATING_GRADES.items()],
        "rating_channels": [(code, _(word)) for code, word in RATING_CHANNELS.items()],
        "rating_reasons": [(code, _(word)) for code, word in RATING_REASONS.items()],
    }


@blueprint.post("/<no>/rating")
@asks_thing(Verb.RATE_CASE)
def rate(no: str) -> Response:
    """登记评价, at the counter or by telephone."""
    grade = request.form.get("grade", "")
    command = RateCase(
        no=no,
        grade=int(grade) if grade in {str(each) for each in GRADES} else 0,
        reasons=tuple(request.form.getlist("reasons")),
        text=request.form.get("text", "").strip()[:1000],
        channel=request.form.get("channel", "window"),
        anonymous=bool(request.form.get("anonymous")),
    )
    given = services().engine.execute(command, actor=current_actor(), idempotency_key=formview.key_of_page())
    flash(_("评价已登记，转回访核实。") if given["state"] == "open" else _("评价已登记。"), "success")
    return redirect(url_for("cases.show", no=no), 303)


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
