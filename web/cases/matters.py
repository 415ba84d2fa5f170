"""What a case page offers beside its tasks for orders, publicity and sealed applicants: urge, take back, object, look up."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.access import Verb
from engine.commands.cases.sealing import MASKED, RevealApplicant
from engine.commands.procedures.hotline_callers import RecallOrder, UrgeOrder
from engine.commands.procedures.publicity import RaiseObjection
from engine.commands.procedures.remedies import TakeRemedy
from web.frame.auth import current_actor, services
from web.frame.policy import asks_thing
from web.parts import casefile, formview
from web.parts.casefile import CaseView
from web.wording.i18n import translate as _
from web.wording.words_office import OBJECTORS

blueprint = Blueprint("matters", __name__, url_prefix="/cases")


def offered(case: CaseView) -> dict[str, Any]:
    """Which of these the present person may do now; the template draws nothing for the others."""
    order = case.parts.get("order") or {}
    publicity = case.parts.get("publicity") or {}
    is_open = not case.row["finished_at"] and not case.row["decided_at"]
    return {
        "can_guide": bool(order.get("dispatches")) and is_open and case.may(Verb.GUIDE_ORDER),
        "can_object": bool(publicity) and not publicity.get("outcome") and is_open and case.may(Verb.TAKE_OBJECTION),
        "can_contest": case.row["state"] == "finished"
        and bool(case.parts.get("disclosure"))
        and case.may(Verb.TAKE_REMEDY),
        "remedy_kinds": [("review", _("行政复议")), ("litigation", _("行政诉讼"))],
        "can_reveal": case.row["applicant_name"] == MASKED and case.may(Verb.REVEAL_APPLICANT),
        "objectors": [(code, _(word)) for code, word in OBJECTORS.items()],
    }


@blueprint.post("/<no>/urge")
@asks_thing(Verb.GUIDE_ORDER)
def urge(no: str) -> Response:
    """催办, when the caller rings again."""
    _execute(UrgeOrder(no=no, text=_sent("text")))
    flash(_("催办已登记并转告承办单位。"), "success")
    return _back(no)


@blueprint.post("/<no>/recall")
@asks_thing(Verb.GUIDE_ORDER)
def recall(no: str) -> Response:
    """改派: back to the centre, which dispatches it anew."""
    _execute(RecallOrder(no=no, reason=_sent("reason")))
    flash(_("工单已收回，请重新派单。"), "success")
    return _back(no)


@blueprint.post("/<no>/objections")
@asks_thing(Verb.TAKE_OBJECTION)
def objections(no: str) -> Response:
    """提出异议, taken at the counter or out of a letter."""
    _execute(RaiseObjection(no=no, by=_sent("by"), name=_sent("name"), text=_sent("text")))
    flash(_("异议已登记，转登记机关审查。"), "success")
    return _back(no)


@blueprint.post("/<no>/remedies")
@asks_thing(Verb.TAKE_REMEDY)
def remedies(no: str) -> Response:
    """行政复议、行政诉讼, when the copy of the application or the claim came."""
    taken = _execute(TakeRemedy(no=no, kind=_sent("kind"), organ=_sent("organ"), number=_sent("number")))
    if taken["premature"]:
        flash(_("已登记，转法制机构答辩。该答复应当先申请行政复议，原告未经复议，答辩时请提出。"), "warning")
    else:
        flash(_("已登记，转法制机构答辩。"), "success")
    return _back(no)


@blueprint.post("/<no>/applicant")
@asks_thing(Verb.REVEAL_APPLICANT)
def applicant(no: str) -> str:
    """Who a sealed applicant is. The answer of a POST, so that no address and no history of the browser leads to it."""
    answer = _execute(RevealApplicant(no=no, reason=_sent("reason")))
    return render_template("cases/applicant.html", case=casefile.open_case(no), applicant=answer["applicant"])


def _execute(command: Any) -> dict[str, Any]:
    return services().engine.execute(command, actor=current_actor(), idempotency_key=formview.key_of_page())


def _sent(name: str) -> str:
    return request.form.get(name, "").strip()[:2000]


def _back(no: str) -> Response:
    return redirect(url_for("cases.show", no=no), 303)
