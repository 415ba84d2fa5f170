"""扫描记录 and 监察规则: what the scans found and who answered; the bureau's rule set in its versions."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.access import Verb, may
from engine.approval.supervision.reader import SHIPPED, shipped, shipped_text
from engine.commands.limits.scanning import AnswerFinding, ScanClocks
from engine.commands.supervision.cards import ChangeCardRules
from engine.errors import BanjieError
from web.frame import listing
from web.frame.auth import current_actor, services
from web.frame.policy import asks, asks_thing
from web.supervision.boardview import departments_of
from web.supervision.page import back_to, department_names, tabs_of
from web.wording.i18n import language
from web.wording.i18n import translate as _

blueprint = Blueprint("scanning", __name__, url_prefix="/supervision")

# ---------------------------------------------------------------- scans


@blueprint.get("/scans")
@asks(Verb.VIEW_BOARD)
def index() -> str:
    """扫描记录: when, by whom, how much was found and answered."""
    queries = services().queries.supervision
    runs = queries.runs(after=listing.text("runs", 500) or None)
    wanted = listing.text("run", 36) or (runs.rows[0]["id"] if runs.rows else "")
    run = next((row for row in runs.rows if row["id"] == wanted), None) or (queries.run(wanted) if wanted else None)
    departments = departments_of(current_actor())
    found = None
    if run is not None:
        narrow: dict[str, Any] = {}
        if departments is not None:
            narrow = {"codes": queries.department_codes(departments), "login": current_actor().login}
        found = queries.findings(run["id"], after=listing.text("after", 500) or None, **narrow)
    rules, _version = queries.rules()
    return render_template(
        "supervision/scans.html",
        tabs=tabs_of("scans"),
        runs=runs.rows,
        runs_pager=listing.pager(runs.next, name="runs"),
        run=run,
        rows=found.rows if found else [],
        pager=listing.pager(found.next if found else None),
        departments=department_names(),
        scan=rules.scan,
        can_manage=may(current_actor(), Verb.MANAGE_CARDS).allowed,
    )


@blueprint.post("/scans")
@asks(Verb.MANAGE_CARDS)
def start() -> Response:
    """巡检: scan now."""
    made = services().engine.execute(ScanClocks(), actor=current_actor())
    flash(_("扫描完成，发现 {n} 件。", n=made["found"]), "success")
    return redirect(url_for("scanning.index", run=made["run_id"]), 303)


@blueprint.post("/findings/<finding_id>")
@asks_thing(Verb.ANSWER_CARD)
def answer(finding_id: str) -> Response:
    """及时办结 or 申请延期."""
    command = AnswerFinding(
        finding_id=finding_id, answer=request.form.get("answer", ""), note=request.form.get("note", "")
    )
    services().engine.execute(command, actor=current_actor())
    flash(_("已记录。"), "success")
    return redirect(back_to(url_for("scanning.index")), 303)


# ---------------------------------------------------------------- rules


@blueprint.route("/rules", methods=["GET", "POST"])
@asks(Verb.MANAGE_CARD_RULES)
def rules() -> Response | tuple[str, int] | str:
    """监察规则: read, take a shipped set, or write another version."""
    queries = services().queries.supervision
    present, version = queries.rules()
    text, problem, status = "", "", 200
    if request.method == "POST":
        text, named = request.form.get("text", ""), request.form.get("shipped", "")
        command = ChangeCardRules(text="" if named else text, shipped=named, reason=request.form.get("reason", ""))
        try:
            services().engine.execute(command, actor=current_actor())
        except BanjieError as error:
            problem, status = error.message(language()), error.status
        else:
            flash(_("新规则已生效，正在按它重新核对所有时钟。"), "success")
            return redirect(url_for("scanning.rules"), 303)
    shown = listing.text("from", 12)
    page = render_template(
        "supervision/rules.html",
        rules=present,
        version=version,
        versions=queries.rule_versions(),
        shipped=[shipped(name) for name in SHIPPED],
        text=text or (shipped_text(shown) if shown in SHIPPED else version["source"]),
        problem=problem,
    )
    return page if status == 200 else (page, status)
