"""Several tasks at once, from the lists: what to do, the ticked tasks, and the result for each."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.access import Verb, may
from engine.commands.tasks.batch import MAX_ITEMS, command_for, item_key
from engine.errors import BanjieError, InvalidInput
from engine.records import record
from web.frame import errors
from web.frame.auth import current_actor, services
from web.frame.filters import prefetch_names
from web.frame.policy import signed_in
from web.lists import tabs as inboxlists
from web.lists import worklist
from web.parts import colleagues, formview
from web.wording.i18n import translate as _

blueprint = Blueprint("batch", __name__, url_prefix="/inbox/batch")


@record(kw_only=False)
class Result:
    """What became of one item; ``error`` None says that it was done."""

    task_id: str
    error: BanjieError | None = None


def run(action: str, task_ids: Sequence[str], asked: Mapping[str, Any], key: str | None) -> list[Result]:
    """Do it to one task after another, each in a transaction of its own. Raises InvalidInput when nothing can be tried at all."""
    wanted = list(dict.fromkeys(task_ids))
    if not 1 <= len(wanted) <= MAX_ITEMS:
        raise InvalidInput(
            f"请勾选 1 至 {MAX_ITEMS} 件任务。",
            f"Choose 1 to {MAX_ITEMS} tasks.",
            fields={"task_ids": f"1–{MAX_ITEMS}"},
        )
    commands = [command_for(action, task_id, asked) for task_id in wanted]
    results = []
    for task_id, command in zip(wanted, commands, strict=True):
        try:
            services().engine.execute(command, actor=current_actor(), idempotency_key=item_key(key, task_id))
            results.append(Result(task_id))
        except BanjieError as error:
            results.append(Result(task_id, error))
    return results


@blueprint.post("")
@signed_in
def submit() -> str | Response:
    """The bar above a list. When everything went well one is back in the list, otherwise every item says what became of it."""
    action = request.form.get("action", "")
    task_ids = [task_id for ticked in request.form.getlist("task") for task_id in ticked.split(",") if task_id]
    comment = request.form.get(f"{action}_comment", "").strip()[:2000]
    asked = {"comment": comment, "assignee": colleagues.chosen("assignee")}
    tab = request.form.get("tab", "")
    back = _back(tab)
    if not task_ids:
        flash(_("请先勾选要办理的任务。"), "warning")
        return redirect(back, 303)
    results = run(action, task_ids, asked, formview.key_of_page())
    done = [result for result in results if result.error is None]
    if len(done) == len(results):
        flash(_done_sentence(action, len(done)), "success")
        return redirect(back, 303)
    rows = {result.task_id: _visible(result.task_id) for result in results}
    prefetch_names([asked["assignee"]])
    return render_template(
        "inbox/batch.html",
        action=action,
        results=sorted(results, key=lambda result: result.error is None),
        done=len(done),
        rows=rows,
        sentence=_done_sentence(action, len(done)) if done else "",
        reason=errors.in_words,
        back=back,
        came_from=inboxlists.title(tab if tab in ("offered", "started", "done") else "assigned"),
    )


def _visible(task_id: str) -> dict[str, Any]:
    """The task, if this person may still see it; after a transfer that may be no longer so."""
    queries = services().queries.tasks
    row = queries.get(task_id)
    if row is None or not may(current_actor(), Verb.VIEW_TASK, queries.facts(row)).allowed:
        return {}
    return row


def _back(tab: str) -> str:
    query = worklist.checked_query(request.form.get("query", ""))
    endpoint = {"offered": "inbox.offered", "started": "inbox.started", "done": "inbox.done"}.get(tab, "inbox.index")
    return url_for(endpoint) + (f"?{query}&view=all" if query else "")


def _done_sentence(action: str, n: int) -> str:
    return {
        "approve": _("已同意 {n} 件。", n=n),
        "transfer": _("已转办 {n} 件。", n=n),
        "claim": _("已认领 {n} 件。", n=n),
        "urge": _("已催办 {n} 件。", n=n),
    }.get(action, "")
