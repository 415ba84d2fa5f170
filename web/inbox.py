"""The inbox: 待办, 待认领, 已办, 我发起的."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, url_for

from engine.calendar import SHANGHAI, WorkCalendar
from engine.store.paging import Page
from engine.store.inbox_lists import TaskFilter
from engine.store.queries_tasks import COUNT_CAP
from web import deadlines, listing, menu
from web.auth import current_actor, services
from web.filters import prefetch_names
from web.i18n import translate as _
from web.policy import signed_in

blueprint = Blueprint("inbox", __name__, url_prefix="/inbox")


@dataclass(frozen=True, slots=True)
class Tab:
    label: str
    url: str
    current: bool
    count: int | None = None
    id: str = ""


@blueprint.get("")
@signed_in
def index() -> str:
    """待办: what I hold, nearest deadline first."""
    return _tasks("assigned", services().queries.tasks.assigned)


@blueprint.get("/offered")
@signed_in
def offered() -> str:
    """待认领: what is offered to me and my groups."""
    return _tasks("offered", services().queries.tasks.offered)


@blueprint.get("/done")
@signed_in
def done() -> str:
    """已办: what I completed, newest first."""
    return _tasks("done", services().queries.tasks.done)


@blueprint.get("/started")
@signed_in
def started() -> str:
    """我发起的: instances and cases that I started, newest first, with those who have them now."""
    actor, queries = current_actor(), services().queries
    page = queries.instances.started_by(actor, text=listing.text("q"), after=listing.text("after", 500) or None)
    holders = queries.people.at_work_on([row["id"] for row in page.rows])
    prefetch_names(login for tasks in holders.values() for login in (task["assignee"] for task in tasks))
    return render_template(
        "inbox/started.html",
        tabs=_tabs("started", queries.tasks.counts(actor)),
        rows=page.rows,
        holders=holders,
        pager=listing.pager(page.next),
        filtered=bool(listing.text("q")),
    )


@blueprint.get("/counts")
@signed_in
def counts() -> Response:
    """The figures of the menu, for the script that refreshes them."""
    return jsonify(menu.counts(current_actor()))


def _tasks(tab: str, read: Callable[..., Page]) -> str:
    actor, queries, now = current_actor(), services().queries, services().engine.now()
    calendar = queries.admin.calendar()
    narrow = _narrow(now, calendar)
    page = read(actor, narrow, after=listing.text("after", 500) or None, limit=listing.PAGE_SIZE)
    figures = queries.tasks.counts(actor)
    filtered = narrow != TaskFilter()
    return render_template(
        "inbox/tasks.html",
        tab=tab,
        title=_title(tab),
        tabs=_tabs(tab, figures),
        rows=[_row(row, now, calendar) for row in page.rows],
        pager=listing.pager(page.next, total=_total(tab, figures, filtered, page)),
        processes=_processes(),
        filtered=filtered,
    )


def _narrow(now: datetime, calendar: WorkCalendar) -> TaskFilter:
    return TaskFilter(
        text=listing.text("q"),
        definition_key=listing.text("process"),
        element_name=listing.text("step", 200),
        due_before=_due_before(listing.text("lamp"), now, calendar),
        created_from=listing.day_start("from"),
        created_until=listing.day_end("until"),
        urgency=listing.number("urgency"),
    )


def _due_before(lamp: str, now: datetime, calendar: WorkCalendar) -> datetime | None:
    if lamp == "red":
        return now
    if lamp == "amber":
        day = calendar.working_day(calendar.local_date(now), deadlines.WARN_DAYS)
        return datetime.combine(day, time.max, SHANGHAI)
    return None


def _row(row: dict[str, Any], now: datetime, calendar: WorkCalendar) -> dict[str, Any]:
    used = deadlines.spent(row["created_at"], row["closed_at"], calendar) if row["closed_at"] is not None else ""
    return row | {"deadline": deadlines.of_row(row, now=now, calendar=calendar), "used": used}


def _total(tab: str, figures: dict[str, int], filtered: bool, page: Page) -> int | None:
    """The figure of the tab, unless it was cut off or the list is narrowed."""
    if filtered or tab not in figures or figures[tab] >= COUNT_CAP:
        return None
    return figures[tab]


def _title(tab: str) -> str:
    return {"assigned": _("待办"), "offered": _("待认领"), "done": _("已办"), "started": _("我发起的")}[tab]


def _tabs(current: str, figures: dict[str, int]) -> list[Tab]:
    endpoints = {"assigned": "index", "offered": "offered", "done": "done", "started": "started"}
    return [
        Tab(_title(name), url_for(f"inbox.{endpoint}"), name == current, figures.get(name), name)
        for name, endpoint in endpoints.items()
    ]


def _processes() -> list[tuple[str, str]]:
    """(key, name) of all processes, for the filter."""
    return [(row["key"], row["name"]) for row in services().queries.definitions.page(limit=200).rows]
