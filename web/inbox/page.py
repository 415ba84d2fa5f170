"""The inbox: 待办, 待认领, 已办, 我发起的. 抄送我的 stands in web.tasks.copies, what all lists share in web.lists.tabs."""

from typing import Any

from flask import Blueprint, Response, g, jsonify, render_template
from werkzeug.wrappers import Response as BaseResponse

from engine.store.base.paging import Page
from web.frame import deadlines, listing, models
from web.frame.auth import current_actor, services
from web.frame.filters import prefetch_definitions, prefetch_names
from web.frame.policy import signed_in
from web.lists import menu, worklist
from web.lists import tabs as inboxlists
from web.lists.worklist import Worklist
from web.parts import ballots, colleagues, formview
from web.starting import again
from web.tasks import rowverbs
from web.wording.i18n import translate as _
from web.wording.words import INSTANCE_STATES

blueprint = Blueprint("inbox", __name__, url_prefix="/inbox")

# The conditions that stand behind 更多条件: the fold is open when one of them is set.
MORE = frozenset(worklist.FILTERS) - {"q", "process", "step", "lamp", "urgency", "from", "until", "sort"}


@blueprint.get("")
@signed_in
def index() -> str | BaseResponse:
    """待办: what I hold, nearest deadline first."""
    return _tasks("assigned")


@blueprint.get("/offered")
@signed_in
def offered() -> str | BaseResponse:
    """待认领: what is offered to me and my groups."""
    return _tasks("offered")


@blueprint.get("/done")
@signed_in
def done() -> str | BaseResponse:
    """已办: what I completed, newest first."""
    return _tasks("done")


@blueprint.get("/started")
@signed_in
def started() -> str | BaseResponse:
    """我发起的: instances and cases that I started, newest first, with those who have them now."""
    actor, queries = current_actor(), services().queries
    frame = inboxlists.frame(actor, "started")
    opening = inboxlists.opening(frame)
    if opening is not None:
        return opening
    page = started_page(listing.text("after", 500) or None)
    holders = queries.people.at_work_on([row["id"] for row in page.rows])
    prefetch_names(login for tasks in holders.values() for login in (task["assignee"] for task in tasks))
    return render_template(
        "inbox/started.html",
        **frame,
        rows=page.rows,
        holders=holders,
        urgeable={each: rowverbs.urgeable(actor, tasks) for each, tasks in holders.items()},
        cancellable=rowverbs.cancellable,
        copyable=again.offered,
        pager=listing.pager(page.next, total=inboxlists.total(frame)),
        searched=page.searched,
        processes=inboxlists.processes(),
        states=[(code, _(word)) for code, word in INSTANCE_STATES.items()],
    )


def started_page(after: str | None, limit: int = listing.PAGE_SIZE) -> Page:
    """One page of what the actor started, narrowed as the address says."""
    return services().queries.instances.started_by(
        current_actor(),
        text=listing.text("q"),
        definition_key=listing.text("process"),
        state=listing.text("state", 12),
        after=after,
        limit=limit,
    )


@blueprint.get("/counts")
@signed_in
def counts() -> Response:
    """The figures of the menu and the tabs, for the script that refreshes them."""
    actor = current_actor()
    return jsonify(menu.counts(actor) | inboxlists.figures(actor))


def _tasks(tab: str) -> str | BaseResponse:
    actor, queries = current_actor(), services().queries
    frame = inboxlists.frame(actor, tab)
    opening = inboxlists.opening(frame)
    if opening is not None:
        return opening
    wanted = worklist.of_request(tab)
    page = wanted.page(actor, listing.text("after", 500) or None)
    if tab == "done":
        prefetch_definitions(row["instance_id"] for row in page.rows)
    more = rowverbs.of_open(page.rows) if tab != "done" else {}
    prefetch_names([row["principal"] or row.get("proxy_for") for row in page.rows])
    prefetch_names(each.urges[0]["urged_by"] for each in more.values() if each.urges)
    return render_template(
        "inbox/tasks.html",
        **frame,
        ballots=ballots.progress(page.rows),
        list=wanted,
        rows=[_row(row, wanted) for row in deadlines.with_units(page.rows)],
        verbs=rowverbs.of_done(actor, page.rows) if tab == "done" else {},
        further=more,
        batchable=rowverbs.batchable(page.rows, more) if tab == "assigned" else frozenset(),
        pager=listing.pager(page.next, total=inboxlists.total(frame)),
        searched=page.searched,
        processes=inboxlists.processes(),
        items=queries.definitions.item_names(),
        steps=_steps(page),
        fields=_fields(),
        more=bool(MORE & wanted.address.keys()),
        link={"tab": tab, **wanted.address},
        colleagues=colleagues.listed(actor.login),
    )


def _row(row: dict[str, Any], wanted: Worklist) -> dict[str, Any]:
    used = deadlines.spent(row["created_at"], row["closed_at"], wanted.calendar) if row["closed_at"] is not None else ""
    return row | {"deadline": wanted.deadline(row), "used": used}


def _steps(page: Page) -> list[str]:
    """Names of steps to choose from: those of the chosen process, else those on the page."""
    known = models.definition_of(_chosen()).get("model", {}).get("user_tasks", [])
    names = [step.get("element_name") or step.get("name") or "" for step in known]
    return sorted({*filter(None, names), *(row["element_name"] for row in page.rows)})


def _fields() -> dict[str, str]:
    """{name: label} of the form fields of the chosen process, to choose from."""
    definition_id = _chosen()
    found: dict[str, str] = {}
    for form_key in models.definition_of(definition_id).get("model", {}).get("forms", {}):
        bound = formview.of_start(definition_id, form_key)
        if bound is not None:
            found |= {key: bound.form.label_of(key) for key in bound.form.keys}
    return found


def _chosen() -> str:
    """The newest version of the process that the filter names; "" when it names none."""
    if "chosen_definition" not in g:
        key = listing.text("process")
        latest = services().queries.definitions.latest(key) if key else None
        g.chosen_definition = str(latest["id"]) if latest else ""
    return str(g.chosen_definition)
