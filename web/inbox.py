"""The inbox: 待办, 待认领, 已办, 我发起的. 抄送我的 stands in web.copies."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from engine.access import Actor
from engine.store.inbox_lists import COUNT_CAP
from engine.store.paging import Page
from web import ballots, deadlines, formview, listing, menu, models, worklist
from web.auth import current_actor, services
from web.filters import prefetch_definitions, prefetch_names
from web.i18n import translate as _
from web.policy import signed_in
from web.words import INSTANCE_STATES
from web.worklist import Worklist

blueprint = Blueprint("inbox", __name__, url_prefix="/inbox")

# What a list can show beside the title and the actions, in this order; and what it shows to somebody who has chosen nothing.
COLUMNS = {
    "assigned": ("lamp", "number", "applicant", "process", "step", "received", "due"),
    "offered": ("lamp", "number", "applicant", "process", "step", "received", "due"),
    "done": ("number", "applicant", "process", "step", "opinion", "closed", "used"),
}
SHOWN = {
    "assigned": frozenset({"lamp", "applicant", "step", "received", "due"}),
    "offered": frozenset({"lamp", "applicant", "step", "received", "due"}),
    "done": frozenset({"applicant", "step", "opinion", "closed", "used"}),
}
ENDPOINTS = {
    "assigned": "inbox.index",
    "offered": "inbox.offered",
    "done": "inbox.done",
    "started": "inbox.started",
    "copies": "copies.index",
}


@dataclass(frozen=True, slots=True)
class Tab:
    label: str
    url: str
    current: bool
    count: int | None = None
    id: str = ""


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
def started() -> str:
    """我发起的: instances and cases that I started, newest first, with those who have them now."""
    actor, queries = current_actor(), services().queries
    text, process, state = listing.text("q"), listing.text("process"), listing.text("state", 12)
    after = listing.text("after", 500) or None
    page = queries.instances.started_by(actor, text=text, definition_key=process, state=state, after=after)
    holders = queries.people.at_work_on([row["id"] for row in page.rows])
    prefetch_names(login for tasks in holders.values() for login in (task["assignee"] for task in tasks))
    return render_template(
        "inbox/started.html",
        tabs=tabs("started", actor),
        rows=page.rows,
        holders=holders,
        pager=listing.pager(page.next),
        searched=page.searched,
        processes=_processes(),
        states=[(code, _(word)) for code, word in INSTANCE_STATES.items()],
        filtered=bool(text or process or state),
        key=formview.new_key(),
    )


@blueprint.get("/counts")
@signed_in
def counts() -> Response:
    """The figures of the menu, for the script that refreshes them."""
    return jsonify(menu.counts(current_actor()))


def tabs(current: str, actor: Actor) -> list[Tab]:
    """The tabs of the inbox with what waits behind them."""
    queries = services().queries
    figures = queries.tasks.counts(actor) | {"copies": queries.inbox.unread_copies(actor)}
    return [
        Tab(title(name), url_for(endpoint), name == current, figures.get(name), name)
        for name, endpoint in ENDPOINTS.items()
    ]


def title(tab: str) -> str:
    return {
        "assigned": _("待办"),
        "offered": _("待认领"),
        "done": _("已办"),
        "started": _("我发起的"),
        "copies": _("抄送我的"),
    }[tab]


def _tasks(tab: str) -> str | BaseResponse:
    actor, queries = current_actor(), services().queries
    views = queries.inbox.views(actor, tab)
    opening = next((view for view in views if view["is_default"]), None)
    if opening is not None and not request.args:
        return redirect(url_for("views.show", view_id=opening["id"]))
    wanted = worklist.of_request(tab)
    page = wanted.page(actor, listing.text("after", 500) or None)
    if tab == "done":
        prefetch_definitions(row["instance_id"] for row in page.rows)
    shown_tabs = tabs(tab, actor)
    columns = _columns(actor, tab)
    return render_template(
        "inbox/tasks.html",
        ballots=ballots.progress(page.rows),
        tab=tab,
        title=title(tab),
        tabs=shown_tabs,
        list=wanted,
        rows=[_row(row, wanted) for row in page.rows],
        pager=listing.pager(page.next, total=_total(shown_tabs, wanted, page)),
        searched=page.searched,
        processes=_processes(),
        steps=_steps(page),
        filtered=wanted.is_narrowed,
        more=any(listing.text(name) for name in ("step", "urgency", "unread", "from", "until")),
        views=views,
        view=listing.text("view"),
        columns=columns,
        all_columns=COLUMNS[tab],
        names=_column_names(),
        link={"tab": tab, **wanted.address},
        colleagues=[each for each in queries.people.active_names() if each["login"] != actor.login],
        key=formview.new_key(),
    )


def _row(row: dict[str, Any], wanted: Worklist) -> dict[str, Any]:
    calendar = wanted.calendar
    used = deadlines.spent(row["created_at"], row["closed_at"], calendar) if row["closed_at"] is not None else ""
    return row | {"deadline": deadlines.of_row(row, now=wanted.now, calendar=calendar), "used": used}


def _total(shown: list[Tab], wanted: Worklist, page: Page) -> int | None:
    """The figure of the tab, unless it was cut off or the list is narrowed."""
    count = next(tab.count for tab in shown if tab.current)
    if wanted.is_narrowed or count is None or count >= COUNT_CAP:
        return None
    return count


def _processes() -> list[tuple[str, str]]:
    """(key, name) of all processes, for the filter."""
    return [(row["key"], row["name"]) for row in services().queries.definitions.page(limit=200).rows]


def _steps(page: Page) -> list[str]:
    """Names of steps to choose from: those of the chosen process, else those on the page."""
    key = listing.text("process")
    latest = services().queries.definitions.latest(key) if key else None
    known = models.definition_of(latest["id"]).get("model", {}).get("user_tasks", []) if latest else []
    names = [step.get("element_name") or step.get("name") or "" for step in known]
    return sorted({*filter(None, names), *(row["element_name"] for row in page.rows)})


def _columns(actor: Actor, tab: str) -> list[str]:
    """The columns that this person wants to see, in the order of the list."""
    chosen = services().queries.inbox.preference(actor, f"columns.{tab}")
    wanted = set(chosen) if isinstance(chosen, list) else SHOWN[tab]
    return [name for name in COLUMNS[tab] if name in wanted]


def _column_names() -> dict[str, str]:
    return {
        "lamp": _("灯色"),
        "number": _("办件编号"),
        "applicant": _("申请人"),
        "process": _("流程"),
        "step": _("环节"),
        "received": _("收到时间"),
        "due": _("办理时限"),
        "opinion": _("我的意见"),
        "closed": _("办理时间"),
        "used": _("用时"),
    }
