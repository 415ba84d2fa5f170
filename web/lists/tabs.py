"""What the five lists of the inbox have in common: tabs with figures, saved views, and columns of one's own."""

from collections.abc import Mapping
from typing import Any

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from engine.access import Actor
from engine.records import record
from engine.store.queries.inbox_lists import COUNT_CAP
from web.frame import listing
from web.frame.auth import services
from web.lists import menu, worklist
from web.parts import formview
from web.wording.i18n import translate as _

# What a list can show beside the title and the actions, in this order; and what it shows to somebody who has chosen nothing.
COLUMNS = {
    "assigned": ("lamp", "number", "applicant", "process", "step", "received", "due"),
    "offered": ("lamp", "number", "applicant", "process", "step", "received", "due"),
    "done": ("number", "applicant", "process", "step", "opinion", "closed", "used"),
    "started": ("number", "applicant", "process", "state", "holders", "started", "ended"),
    "copies": ("number", "applicant", "process", "copied_step", "sent_by", "note", "sent", "read"),
}
SHOWN = {
    "assigned": frozenset({"lamp", "applicant", "step", "received", "due"}),
    "offered": frozenset({"lamp", "applicant", "step", "received", "due"}),
    "done": frozenset({"applicant", "step", "opinion", "closed", "used"}),
    "started": frozenset({"applicant", "process", "state", "holders", "started"}),
    "copies": frozenset({"applicant", "copied_step", "sent_by", "note", "sent", "read"}),
}
ENDPOINTS = {
    "assigned": "inbox.index",
    "offered": "inbox.offered",
    "done": "inbox.done",
    "started": "inbox.started",
    "copies": "copies.index",
}
# Which of the words in an address narrow a list; the others mean nothing there.
NARROWED_BY = {"started": ("q", "process", "state"), "copies": ("q", "unread")}


@record(kw_only=False)
class Tab:
    label: str
    url: str
    current: bool
    count: int = 0
    id: str = ""


def title(tab: str) -> str:
    return {
        "assigned": _("待办"),
        "offered": _("待认领"),
        "done": _("已办"),
        "started": _("我发起的"),
        "copies": _("抄送我的"),
    }[tab]


def column_names() -> dict[str, str]:
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
        "state": _("状态"),
        "holders": _("现在谁在办"),
        "started": _("发起时间"),
        "ended": _("结束时间"),
        "copied_step": _("抄送环节"),
        "sent_by": _("抄送人"),
        "note": _("附言"),
        "sent": _("抄送时间"),
        "read": _("阅读时间"),
    }


def columns(actor: Actor, tab: str) -> list[str]:
    """The columns that this person wants to see, in the order of the list."""
    chosen = services().queries.inbox.preference(actor, f"columns.{tab}")
    wanted = set(chosen) if isinstance(chosen, list) else SHOWN[tab]
    return [name for name in COLUMNS[tab] if name in wanted]


def figures(actor: Actor) -> dict[str, int]:
    """What the tabs count, each at most COUNT_CAP: what stands in the list, of the copies those that were not opened."""
    queries = services().queries
    return {
        **menu.waiting(actor),
        "done": queries.tasks.done_count(actor),
        "started": queries.instances.started_count(actor),
    }


def total(frame: Mapping[str, Any]) -> int | None:
    """How many rows the whole list has; None where it is narrowed, was cut off, or the tab counts something else."""
    count = next(tab.count for tab in frame["tabs"] if tab.current)
    return None if frame["filtered"] or frame["tab"] == "copies" or count >= COUNT_CAP else count


def address(tab: str) -> Mapping[str, str]:
    """The filters of this list that are set in the present address."""
    given = worklist.present_address()
    return {name: given[name] for name in NARROWED_BY.get(tab, worklist.FILTERS) if name in given}


def opening(frame: Mapping[str, Any]) -> Response | None:
    """The list opens with the view that the person made its default, when the address says nothing itself."""
    if request.args:
        return None
    default = next((view for view in frame["views"] if view["is_default"]), None)
    return redirect(url_for("views.show", view_id=default["id"])) if default else None


def frame(actor: Actor, tab: str) -> dict[str, Any]:
    """What the templates of all lists need around the rows."""
    given = address(tab)
    return {
        "tab": tab,
        "title": title(tab),
        "tabs": tabs(tab, actor),
        "views": services().queries.inbox.views(actor, tab),
        "view": listing.text("view"),
        "here": worklist.query_of(given),
        "columns": columns(actor, tab),
        "all_columns": COLUMNS[tab],
        "names": column_names(),
        "filtered": any(name != "sort" for name in given),
        "key": formview.new_key(),
    }


def tabs(current: str, actor: Actor) -> list[Tab]:
    """The tabs of the inbox with what waits behind them."""
    counted = figures(actor)
    return [
        Tab(title(name), url_for(endpoint), name == current, counted[name], name)
        for name, endpoint in ENDPOINTS.items()
    ]


def processes() -> list[tuple[str, str]]:
    """(key, name) of all processes, for the filter."""
    return [(row["key"], row["name"]) for row in services().queries.definitions.newest()]
