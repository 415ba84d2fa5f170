"""Cases 办件: search for those who oversee, and one case with overview, form, process, materials and documents."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as BaseResponse

from engine.access import Verb, may
from engine.calendar import Unit
from engine.commands.cases.filing import WithdrawCase, WithdrawCommitment
from engine.errors import NotFound
from web.cases import certificates, limitbars, limits, matters, nodes
from web.frame import deadlines, listing
from web.frame.auth import current_actor, services
from web.frame.filters import prefetch_names
from web.frame.policy import asks, asks_thing
from web.parts import ballots, casefile, diagrams, formview, newest, supervised, timeline, whofinds
from web.parts.casefile import CaseView
from web.wording import papers
from web.wording.i18n import translate as _
from web.wording.words_office import CASE_STATES

blueprint = Blueprint("cases", __name__, url_prefix="/cases")

TABS = ("overview", "form", "process", "clocks", "materials", "documents", "supervision")


@blueprint.get("")
@asks(Verb.VIEW_ALL_CASES)
def index() -> str:
    queries = services().queries
    page = queries.cases.page(
        text=listing.text("q"),
        item_code=listing.text("item") or None,
        state=listing.text("state") or None,
        created_from=listing.day_start("from"),
        created_until=listing.day_end("until"),
        after=listing.text("after", 500) or None,
        limit=listing.PAGE_SIZE,
        count=True,
    )
    holders = queries.people.at_work_on([row["instance_id"] for row in page.rows if row["instance_id"]])
    prefetch_names(task["assignee"] for tasks in holders.values() for task in tasks)
    units = queries.units.of_cases(row["id"] for row in page.rows)
    lamps = {row["id"]: casefile.lamp_of(row, units.get(row["id"], Unit.WD)) for row in page.rows}
    return render_template(
        "cases/index.html",
        rows=[row | {"lamp": lamps[row["id"]], "state_word": casefile.state_word(row)} for row in page.rows],
        holders=holders,
        pager=listing.pager(page.next, total=page.total),
        items=[(row["code"], row["name"]) for row in queries.definitions.items()],
        states=[(state, _(text)) for state, text in CASE_STATES.items()],
    )


@blueprint.get("/<no>")
@asks_thing(Verb.VIEW_CASE)
def show(no: str) -> str:
    """One case. Each tab is an address of its own, so that it works without scripts and can be sent to a colleague."""
    case = casefile.open_case(no)
    tab = request.args.get("tab", TABS[0])
    tab = tab if tab in TABS else TABS[0]
    views = {
        "overview": _overview,
        "form": _form,
        "process": _process_tab,
        "clocks": limits.shown,
        "supervision": supervised.shown,
    }
    shown: dict[str, Any] = views.get(tab, _files)(case)
    return render_template(
        "cases/show.html",
        case=case,
        row=case.row,
        item=case.item,
        judged=casefile.lamp_of(case.row),
        tab=tab,
        tabs=_tabs(case, tab),
        can_withdraw=case.may(Verb.WITHDRAW_CASE) and not case.row["decided_at"] and not case.row["finished_at"],
        can_withdraw_commitment=_has_open_commitment(case),
        **matters.offered(case),
        **certificates.rated(case),
        **shown,
    )


@blueprint.get("/<no>/receipt")
@asks_thing(Verb.VIEW_CASE)
def receipt(no: str) -> str:
    """The receipt to print; the query code stands on it only in the session that filed the case."""
    case = casefile.open_case(no)
    fresh = session.get("receipt") or {}
    return render_template(
        "cases/receipt.html",
        case=case,
        row=case.row,
        materials=services().queries.cases.materials(case.row["id"]),
        query_code=fresh.get("code") if fresh.get("no") == case.no else None,
    )


@blueprint.get("/<no>/sheet")
@asks_thing(Verb.VIEW_CASE)
def sheet(no: str) -> str:
    """审批表: the whole matter on paper."""
    case = casefile.open_case(no)
    return render_template("cases/sheet.html", case=case, row=case.row, **_form(case), **_process(case, whole=True))


@blueprint.get("/<no>/documents/<document_id>")
@asks_thing(Verb.VIEW_CASE)
def document(no: str, document_id: str) -> str:
    """One document as it was issued, for reading and printing."""
    case = casefile.open_case(no)
    row = services().queries.cases.document(document_id)
    if row is None or row["case_id"] != case.row["id"]:
        raise NotFound("没有这份文书。", "There is no such document.")
    return render_template("cases/document.html", case=case, row=case.row, document=row, paper=papers.paper(row))


@blueprint.post("/<no>/withdraw")
@asks_thing(Verb.WITHDRAW_CASE)
def withdraw(no: str) -> BaseResponse:
    services().engine.execute(WithdrawCase(no=no, reason=_reason()), actor=current_actor())
    flash(_("申请已撤回。"), "success")
    return redirect(url_for("cases.show", no=no), 303)


@blueprint.post("/<no>/withdraw-commitment")
@asks_thing(Verb.WITHDRAW_CASE)
def withdraw_commitment(no: str) -> BaseResponse:
    services().engine.execute(WithdrawCommitment(no=no, reason=_reason()), actor=current_actor())
    flash(_("承诺已撤回，办件转为一般程序。"), "success")
    return redirect(url_for("cases.show", no=no), 303)


@blueprint.get("/<no>/diagram.svg")
@asks_thing(Verb.VIEW_CASE)
def diagram_svg(no: str) -> Response:
    case = casefile.open_case(no)
    return diagrams.svg_of_instance(_instance(case))


# ---------------------------------------------------------------- tabs


def _tabs(case: CaseView, current: str) -> list[dict[str, Any]]:
    words = {
        "overview": _("概览"),
        "form": _("申请表"),
        "process": _("流程与过程"),
        "clocks": _("时限"),
        "materials": _("材料"),
        "documents": _("文书"),
        "supervision": _("督办"),
    }
    return [
        {"label": words[name], "url": url_for("cases.show", no=case.no, tab=name), "current": name == current}
        for name in TABS
    ]


def _overview(case: CaseView) -> dict[str, Any]:
    queries, row = services().queries, case.row
    opinions = queries.cases.opinions(row["id"])
    tasks = queries.people.at_work_on([row["instance_id"]]).get(row["instance_id"], []) if row["instance_id"] else []
    prefetch_names([each["given_by"] for each in opinions] + [task["assignee"] for task in tasks])
    now, calendar = services().engine.now(), queries.admin.calendar()
    materials = queries.cases.materials(row["id"])
    parent = queries.cases.by_id(row["parent_id"]) if row["parent_id"] else None
    return {
        "clocks": [each for each in casefile.clocks_of(case) if each.is_of_case],
        "bars": limitbars.of_case(case),
        "opinions": opinions,
        "open_tasks": [
            task | {"deadline": deadlines.of_row(task, now=now, calendar=calendar), "visible": visible}
            for task, visible in zip(deadlines.with_units(tasks), _visible(tasks), strict=True)
        ],
        "children": [casefile.related(child) for child in queries.cases.children(row["id"])],
        "parent": casefile.related(parent) if parent else None,
        "materials": materials,
        "incidents": queries.instances.incidents(instance_id=row["instance_id"]).rows if row["instance_id"] else [],
    }


def _visible(tasks: list[dict[str, Any]]) -> list[bool]:
    """Which tasks of one case the present person may open: a case is seen by more people than each of its tasks."""
    if not tasks:
        return []
    shared = services().queries.tasks.facts(tasks[0])
    seen = []
    for task in tasks:
        facts = replace(
            shared,
            task_id=task["id"],
            assignee=task["assignee"],
            closed_by=task["closed_by"],
            candidate_users=frozenset(task["candidate_users"]),
            candidate_groups=frozenset(task["candidate_groups"]),
        )
        seen.append(may(current_actor(), Verb.VIEW_TASK, facts).allowed)
    return seen


def _form(case: CaseView) -> dict[str, Any]:
    """The application form as it stands, for reading."""
    bound = formview.of_item(case.item, case.row["instance_id"])
    if bound is None:
        return {"form": None, "plain": case.row["form"]}
    return {"form": bound.view(case.row["form"], editable=False), "plain": None}


def _process_tab(case: CaseView) -> dict[str, Any]:
    """The story with what comes next; the sheet on paper tells the story alone."""
    shown = _process(case)
    tasks = {task["id"]: task for task in shown["tasks"]}
    steps = nodes.of_story(shown["story"], shown["tasks"])
    lines = [
        (entry, nodes.visit(entry, tasks[entry.task_id]) if entry.task_id in tasks else None)
        for entry in shown["story"]
    ]
    links = {node.element_id: f"#{node.ref}" for node in steps}
    return shown | {
        "who": whofinds.panel(_instance(case)),
        "nodes": steps,
        "picture": diagrams.drawn_with_links(_instance(case), shown["tasks"], links),
        "bars": limitbars.of_case(case),
        "lines": lines,
        "as_table": request.args.get("story") == "table",
    }


def _process(case: CaseView, *, whole: bool = False) -> dict[str, Any]:
    queries, now = services().queries, services().engine.now()
    instance_id = case.row["instance_id"]
    tasks = queries.tasks.of_instance(instance_id)
    told = newest.events_of(instance_id, whole=whole)
    history = told.events
    prefetch_names([event["actor"] for event in history] + [task["assignee"] for task in tasks])
    sees_history = may(current_actor(), Verb.VIEW_AUDIT).allowed
    return {
        "tasks": tasks,
        "told": told,
        "ballots": ballots.of_instance(instance_id, tasks),
        "story": timeline.build(history, deadlines.with_units(tasks), now=now, calendar=queries.admin.calendar()),
        "diagram": diagrams.of_instance(_instance(case), tasks),
        "history": history if sees_history else [],
    }


def _files(case: CaseView) -> dict[str, Any]:
    queries = services().queries.cases
    materials = queries.materials(case.row["id"])
    attachments = queries.attachments(case.row["id"])
    documents = queries.documents(case.row["id"])
    prefetch_names([each["uploaded_by"] for each in attachments] + [each["issued_by"] for each in documents])
    return {
        "materials": materials,
        "rules": {rule.code: rule for rule in case.item.materials},
        "loose": [each for each in attachments if not each["material_code"]],
        "documents": documents,
        **certificates.shown(case),
        "can_upload": case.may(Verb.CHANGE_CASE),
        "can_judge": case.may(Verb.JUDGE_MATERIAL),
        "back": request.full_path.rstrip("?"),
    }


def _instance(case: CaseView) -> dict[str, Any]:
    found = services().queries.instances.get(case.row["instance_id"] or "")
    if found is None:
        raise NotFound("办件没有对应的流程。", "The case has no process.")
    return found


def _has_open_commitment(case: CaseView) -> bool:
    """A signed commitment can be withdrawn until the decision."""
    commitment = case.parts.get("commitment") or {}
    return commitment.get("state") == "signed" and not case.row["decided_at"] and case.may(Verb.WITHDRAW_CASE)


def _reason() -> str:
    return request.form.get("reason", "").strip()[:2000]
