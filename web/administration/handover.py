"""离职交接: hand over what a leaver has, and read the reports."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.access import Verb
from engine.commands.delegating.handover import HandOver
from engine.errors import BanjieError, Conflict, InvalidInput, NotFound
from web.frame.auth import current_actor, services
from web.frame.filters import prefetch_names
from web.frame.policy import asks
from web.parts import colleagues
from web.wording.i18n import language
from web.wording.i18n import translate as _

blueprint = Blueprint("handover", __name__, url_prefix="/admin/people")

PLACES = 3  # receivers, tried in their order


@blueprint.get("/<login>/hand-over")
@asks(Verb.HAND_OVER)
def show(login: str) -> str:
    return _page(login)


@blueprint.post("/<login>/hand-over")
@asks(Verb.HAND_OVER)
def hand_over(login: str) -> Response | tuple[str, int]:
    """Hand over; the page shows the report, line for line."""
    form = request.form
    command = HandOver(
        leaver=login,
        receivers=tuple(dict.fromkeys(colleagues.chosen_all("receivers")))[:PLACES],
        groups_to=colleagues.chosen("groups_to"),
        posts_to=colleagues.chosen("posts_to"),
        leads_to=colleagues.chosen("leads_to"),
        reason=form.get("reason", "").strip()[:500],
    )
    try:
        answer = services().engine.execute(command, actor=current_actor())
    except (InvalidInput, Conflict) as error:
        return _page(login, error), error.status
    if answer["remaining"]:
        flash(_("先交接了一批，还有 {n} 件，请再交接一次。", n=answer["remaining"]), "warning")
    elif answer["id"] is None:
        flash(_("没有需要交接的内容。"), "success")
    else:
        flash(_("已交接 {n} 项，{refused} 项未能交接。", n=answer["moved"], refused=answer["refused"]), "success")
    return redirect(url_for("handover.show", login=login), 303)


def _page(login: str, error: BanjieError | None = None) -> str:
    queries = services().queries
    person = queries.admin.person(login)
    if person is None:
        raise NotFound(f"没有账号 {login}。", f"There is no person {login}.")
    reports = queries.asking.handovers(login)
    prefetch_names([line["to"] for report in reports for line in report["report"]])
    return render_template(
        "asking/handover.html",
        person=person,
        held=queries.people.tasks_in_hand(login),
        reports=reports,
        colleagues=colleagues.listed(login),
        typed=request.form,
        chosen=request.form.getlist("receivers") + [""] * PLACES,
        places=PLACES,
        problem=error.message(language()) if error else "",
        language=language(),
    )
