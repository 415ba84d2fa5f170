"""Around the page of a task: where it stands in the list from which one came, what comes next, and that it was opened."""

from collections.abc import Mapping
from typing import Any

from flask import flash, request, url_for

from engine.commands.administration.views import SetPreference
from engine.commands.tasks.opening import OpenTask
from engine.records import record
from web.frame.auth import current_actor, services
from web.frame.filters import group_name, person_name, prefetch_names
from web.lists import worklist
from web.wording.i18n import translate as _

PREFERENCE = "next-task"
NAMED = 4  # so many next steps are named one by one


@record(kw_only=False)
class Place:
    """Addresses of the neighbours in the list ("" at its ends), of the list itself, and what the page's forms carry on."""

    before: str
    behind: str
    back: str
    context: Mapping[str, str]
    goes_on: bool  # 处理后自动下一件


def place(row: Mapping[str, Any]) -> Place:
    """Find the task in the list that the address speaks of; without one, in 待办 (待认领 for an unclaimed one)."""
    actor, wanted = current_actor(), _list_of(row)
    if wanted.tab == "done" and row["closed_at"] is None:
        wanted = worklist.of_request("assigned")
    context = {"tab": wanted.tab, **wanted.address}
    before, behind = (wanted.beside(actor, dict(row), back=back) for back in (True, False))
    return Place(_task_url(before, context), _task_url(behind, context), list_url(wanted), context, _goes_on())


def opened(row: dict[str, Any]) -> dict[str, Any]:
    """Mark the task as read when its holder sees it for the first time; returns the row as the page shows it."""
    actor = current_actor()
    if row["state"] == "assigned" and row["assignee"] == actor.login and row["read_at"] is None:
        services().engine.execute(OpenTask(task_id=row["id"]), actor=actor)
    return row


def after(done: Mapping[str, Any], *, by_habit: bool = False) -> str:
    """Where to go when a task is done: to my next task of the same instance, to the next one of the list, or to the list.

    ``by_habit``: the form does not ask whether to go on, as the person did last counts.
    """
    actor, queries = current_actor(), services().queries
    goes_on = _goes_on() if by_habit else _remembered_wish()
    for row in queries.tasks.of_instance(done["instance_id"]):
        if row["state"] == "assigned" and row["assignee"] == actor.login:
            return url_for("tasks.show", task_id=row["id"])
    wanted = _list_of(done)
    if goes_on and wanted.tab != "done":
        behind = wanted.beside(actor, dict(done)) or next((row["id"] for row in wanted.page(actor, None, 1).rows), None)
        if behind is not None:
            return _task_url(str(behind), {"tab": wanted.tab, **wanted.address})
        flash(_("这个列表里没有下一件了。"), "info")
    return list_url(wanted)


def tell_onward(done: Mapping[str, Any]) -> None:
    """Say where the matter is now, so that nobody has to search for it: who has which step, or that it is over."""
    queries = services().queries
    waiting = queries.people.at_work_on([done["instance_id"]]).get(done["instance_id"], [])
    prefetch_names(row["assignee"] for row in waiting)
    told = list(dict.fromkeys(_with_whom(row) for row in waiting if row["id"] != done["id"]))
    if told:
        rest = _("等 {n} 处", n=len(told)) if len(told) > NAMED else ""
        flash(_("接下来：{steps}。", steps=_("；").join(told[:NAMED]) + rest), "info")
    elif (queries.instances.get(done["instance_id"]) or {}).get("state") == "completed":
        flash(_("全部环节已经办完。"), "info")


def _with_whom(row: Mapping[str, Any]) -> str:
    if row["assignee"]:
        return _("「{name}」由 {who} 办理", name=row["element_name"], who=person_name(row["assignee"]))
    groups = "、".join(group_name(key) for key in row["candidate_groups"])
    return _("「{name}」待 {who} 认领", name=row["element_name"], who=groups or _("办理人"))


def list_url(wanted: worklist.Worklist) -> str:
    """The list with its filters."""
    endpoint = {"assigned": "index", "offered": "offered", "done": "done"}[wanted.tab]
    address = {**wanted.address, "view": "all"} if wanted.address else {}
    return url_for(f"inbox.{endpoint}", **address)  # type: ignore[arg-type]


def _list_of(row: Mapping[str, Any]) -> worklist.Worklist:
    tab = None if "tab" in request.args else {"offered": "offered", "completed": "done"}.get(row["state"], "assigned")
    return worklist.of_request(tab)


def _task_url(task_id: str | None, context: Mapping[str, str]) -> str:
    return url_for("tasks.show", task_id=task_id, **context) if task_id else ""  # type: ignore[arg-type]


def _goes_on() -> bool:
    return services().queries.inbox.preference(current_actor(), PREFERENCE) is not False


def _remembered_wish() -> bool:
    """Whether the form asks to go on; a change of mind is kept for the next page."""
    if "next_asked" not in request.form:
        return False
    wish = "next" in request.form
    if _goes_on() != wish:
        services().engine.execute(SetPreference(key=PREFERENCE, value=wish), actor=current_actor())
    return wish
