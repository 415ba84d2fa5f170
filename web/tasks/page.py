"""One task: see it, claim it, give it back, hand it over, keep a draft, complete it."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.access import TaskFacts, Verb, may, not_found, require
from engine.approval.material import SlotState
from engine.commands.tasks import action_files
from engine.commands.tasks.drafts import DiscardDraft
from engine.commands.tasks.handling import AssignTask, ClaimTask, CompleteTask, UnclaimTask
from engine.errors import BanjieError, Conflict, InvalidInput
from engine.records import record
from engine.runtime.allowance import NodeVerb, allows
from engine.runtime.task import OPEN, TaskState
from web.frame import deadlines, models
from web.frame.auth import current_actor, services
from web.frame.filters import prefetch_names
from web.frame.policy import asks_thing
from web.parts import (
    ballots,
    casefile,
    changed,
    colleagues,
    diagrams,
    formview,
    newest,
    standingin,
    supervised,
    talk,
    timeline,
    whofinds,
)
from web.tasks import actionfiles, asking, returns, tasknav
from web.wording.i18n import language
from web.wording.i18n import translate as _
from web.wording.words import OUTCOMES

blueprint = Blueprint("tasks", __name__, url_prefix="/tasks")

HANDED_IN = frozenset({SlotState.SUBMITTED.value, SlotState.VERIFIED.value, SlotState.COMPLETED.value})


@blueprint.get("/<task_id>")
@asks_thing(Verb.VIEW_TASK)
def show(task_id: str) -> str:
    return _page(task_id)


@blueprint.post("/<task_id>")
@asks_thing(Verb.COMPLETE_TASK)
def submit(task_id: str) -> Response | tuple[str, int]:
    """The buttons of the form: an outcome completes, 暂存 keeps a draft. What is wrong comes back with what was typed."""
    row, facts = _task(task_id)
    action = request.form.get("action", "")
    form = formview.of_task(row)
    typed = form.read(request.form) if form else {}
    comment = request.form.get("comment", "")
    lost = _Lost(comment=comment, fields=form.differing(typed) if form else ())
    if row["state"] in OPEN and not may(current_actor(), Verb.COMPLETE_TASK, facts).allowed and _went_away(row, facts):
        return _page(task_id, lost=lost), Conflict.status
    row = _task_for(task_id, Verb.COMPLETE_TASK)
    if action == "refresh":
        return _page(task_id, typed=typed, comment=comment), 200
    if action == "draft":
        kept = formview.save_draft("task", task_id, typed, comment=comment, chosen=whofinds.chosen_in(request.form))
        services().engine.execute(kept, actor=current_actor())
        flash(_("已暂存，只有您自己能看到。"), "success")
        return redirect(url_for("tasks.show", task_id=task_id), 303)
    outcome = action.removeprefix("outcome:") if action.startswith("outcome:") else None
    chosen = whofinds.chosen_in(request.form)
    try:
        files = actionfiles.sent(request.files)
        command = CompleteTask(
            task_id=task_id, outcome=outcome, comment=comment, variables=typed, chosen=chosen, files=files
        )
        services().engine.execute(command, actor=current_actor(), idempotency_key=formview.key_of_page())
    except InvalidInput as error:
        return _page(task_id, error=error, typed=typed, comment=comment), error.status
    except Conflict as error:
        if (services().queries.tasks.get(task_id) or row)["state"] in OPEN:
            raise
        return _page(task_id, lost=lost), error.status  # somebody was faster: what they did, and what was typed here
    services().engine.execute(DiscardDraft(kind="task", ref=task_id), actor=current_actor())
    flash(_("「{name}」已办理。", name=row["element_name"]), "success")
    tasknav.tell_onward(row)
    return redirect(tasknav.after(row), 303)


@blueprint.post("/<task_id>/claim")
@asks_thing(Verb.CLAIM_TASK)
def claim(task_id: str) -> Response | tuple[str, int]:
    """认领. Who comes second sees the task, with who took it and when."""
    row, facts = _task(task_id)
    if row["state"] in OPEN:
        for_another = current_actor().login in facts.proxies
        require(current_actor(), Verb.TAKE_AS_PROXY if for_another else Verb.CLAIM_TASK, facts)
    try:
        services().engine.execute(ClaimTask(task_id=task_id), actor=current_actor())
    except Conflict as error:
        taken = services().queries.tasks.get(task_id) or row
        if (
            taken["state"] == "offered"
            or not may(current_actor(), Verb.VIEW_TASK, standingin.task_facts(taken)).allowed
        ):
            raise
        return _page(task_id), error.status
    flash(_("已认领，请办理。"), "success")
    return redirect(url_for("tasks.show", task_id=task_id), 303)


@blueprint.post("/<task_id>/unclaim")
@asks_thing(Verb.UNCLAIM_TASK)
def unclaim(task_id: str) -> Response:
    _task_for(task_id, Verb.UNCLAIM_TASK)
    services().engine.execute(UnclaimTask(task_id=task_id), actor=current_actor())
    flash(_("已放回，其他人可以认领。"), "success")
    return redirect(url_for("inbox.offered"), 303)


@blueprint.post("/<task_id>/assign")
@asks_thing(Verb.ASSIGN_TASK)
def assign(task_id: str) -> Response | tuple[str, int]:
    """转办: hand the task over to somebody else."""
    row = _task_for(task_id, Verb.ASSIGN_TASK)
    assignee = colleagues.chosen("assignee")
    reason = request.form.get("reason", "").strip()[:500]
    services().engine.execute(AssignTask(task_id=task_id, assignee=assignee, reason=reason), actor=current_actor())
    prefetch_names([assignee])
    flash(_("「{name}」已转办。", name=row["element_name"]), "success")
    return redirect(tasknav.after(row, by_habit=True), 303)


@blueprint.get("/<task_id>/diagram")
@asks_thing(Verb.VIEW_TASK)
def diagram(task_id: str) -> str:
    """The process and where this task stands in it."""
    row, _facts = _task(task_id)
    instance = services().queries.instances.get(row["instance_id"]) or {}
    return render_template("tasks/diagram.html", task=row, diagram=diagrams.of_instance(instance))


# ---------------------------------------------------------------- the page


def _task(task_id: str) -> tuple[dict[str, Any], TaskFacts]:
    """The task and its facts; the same NotFound for one that is not there and one that is not to be seen."""
    queries = services().queries.tasks
    row = queries.get(task_id)
    if row is None:
        raise not_found(TaskFacts(task_id=task_id, assignee=None))
    facts = standingin.task_facts(row)
    require(current_actor(), Verb.VIEW_TASK, facts)
    return row, facts


def _task_for(task_id: str, verb: Verb) -> dict[str, Any]:
    """The task, if the present person may do ``verb`` on it. Of a closed one the command tells who was faster, and when."""
    row, facts = _task(task_id)
    if row["state"] in OPEN:
        require(current_actor(), verb, facts)
    return row


@record
class _Lost:
    """What somebody typed on a page that was not true any more."""

    comment: str
    fields: tuple[tuple[str, str], ...] = ()  # label and value, where it is not what stands


def _went_away(row: dict[str, Any], facts: TaskFacts) -> bool:
    """Whether the present person had the task before him and somebody else has it now: offered to both, or handed on."""
    actor = current_actor()
    handed_on = {link["sender"] for link in services().queries.asking.transfers(row["id"])}
    return row["assignee"] is not None and (facts.offered_to(actor) or actor.login in handed_on)


def _page(
    task_id: str,
    *,
    error: BanjieError | None = None,
    typed: dict[str, Any] | None = None,
    comment: str | None = None,
    lost: _Lost | None = None,
) -> str:
    row, facts = _task(task_id)
    tasknav.opened(row)
    actor, queries, now = current_actor(), services().queries, services().engine.now()
    instance = queries.instances.get(row["instance_id"]) or {}
    calendar = queries.admin.calendar()
    can_complete = row["state"] in OPEN and may(actor, Verb.COMPLETE_TASK, facts).allowed
    draft = formview.draft(actor, "task", task_id) if can_complete and typed is None else None
    form = formview.of_task(row, instance)
    rows = deadlines.with_units(queries.tasks.of_instance(row["instance_id"]))
    limited = next((each for each in rows if each["id"] == task_id), row)
    told = newest.events_of(row["instance_id"])
    prefetch_names([event["actor"] for event in told.events] + [task["assignee"] for task in rows])
    drawn = models.user_task(instance.get("definition_id", ""), row["process_key"], row["element_id"])
    return render_template(
        "tasks/show.html",
        task=row,
        place=tasknav.place(row),
        lost=lost,
        urges=supervised.of_task(row),
        instance=instance,
        returned=returns.returned_to(row, told.events),
        deadline=deadlines.of_row(limited, now=now, calendar=calendar),
        form=form.view(
            typed if typed is not None else (draft or {}).get("values"),
            error,
            editable=can_complete,
            former=changed.since_step_before(task_id, form.original, told.events) if row["state"] in OPEN else None,
        )
        if form
        else None,
        comment=comment if comment is not None else (draft or {}).get("comment", ""),
        draft=draft,
        **_refusal(error),
        part="story" if lost else "form" if error else request.args.get("part", ""),
        signs=action_files.needs_signature(row["settings"]),
        phrases=queries.inbox.phrases(actor) if can_complete else [],
        documentation=drawn.get("documentation", ""),
        outcomes=_outcomes(row, instance),
        **_verbs(row, facts, instance),
        talk=talk.about(row["instance_id"]),
        talk_task=row["id"],
        colleagues=colleagues.listed(row["assignee"]),
        **_materials(row),
        ballots=ballots.of_task(row),
        account=whofinds.account_of(row),
        **(whofinds.behind_task(row, error) if can_complete else {"choices": [], "upcoming": None}),
        chosen=whofinds.chosen_in(request.form) or (draft or {}).get("chosen", {}),
        told=told,
        story=timeline.build(told.events, rows, now=now, calendar=calendar),
        diagram=diagrams.of_instance(instance, rows),
        key=formview.new_key(),
    )


def _refusal(error: BanjieError | None) -> dict[str, Any]:
    """What is wrong with what was sent, in one sentence and beside each field, and what has to be chosen again."""
    return {
        "problem": error.message(language()) if error else "",
        "comment_error": formview.message_for(error, "comment"),
        "signature_error": formview.message_for(error, "signature"),
        "chosen_wrong": whofinds.wrong(error),
        "not_kept": actionfiles.not_kept(request.files),
    }


def _materials(row: dict[str, Any]) -> dict[str, Any]:
    """The case that the task belongs to, with its materials; nothing for a process that runs alone."""
    case = casefile.of_instance(row["instance_id"])
    if case is None:
        return {"case": None}
    materials = services().queries.cases.materials(case.row["id"])
    files = services().queries.cases.attachments(case.row["id"])
    prefetch_names(each["uploaded_by"] for each in files)
    loose = [each for each in files if not each["material_code"]]
    return {
        "case": case,
        "materials": materials,
        "handed_in": len([each for each in materials if each["state"] in HANDED_IN]) + len(loose),
        "related": casefile.around(case.row),
        "rules": {rule.code: rule for rule in case.item.materials},
        "loose": loose,
        "can_upload": case.may(Verb.CHANGE_CASE),
        "can_judge": case.may(Verb.JUDGE_MATERIAL),
        "back": url_for("tasks.show", task_id=row["id"], part="materials"),
    }


def _verbs(row: dict[str, Any], facts: TaskFacts, instance: dict[str, Any]) -> dict[str, Any]:
    """Which buttons the page has; the server asks again when one is pressed."""
    actor, panel = current_actor(), asking.panel(row, facts)
    is_open = row["state"] in OPEN
    can_complete = is_open and may(actor, Verb.COMPLETE_TASK, facts).allowed
    can_claim = row["state"] == "offered" and may(actor, Verb.CLAIM_TASK, facts).allowed
    is_held = is_open or row["state"] == TaskState.WAITING.value
    return {
        "asking": panel,
        "can_complete": can_complete,
        "can_claim": can_claim,
        "can_unclaim": _can_unclaim(row, facts),
        "can_return": returns.can_return(row, facts),
        "can_withdraw": returns.can_withdraw(row, facts, instance),
        "can_assign": panel.can_transfer,
        "can_copy": allows(row["settings"], NodeVerb.CC),
        "stands_in_for": standingin.for_whom(row) if actor.login in facts.proxies and not can_claim else None,
        "can_urge": is_held and not (can_complete or can_claim) and may(actor, Verb.URGE_TASK, facts).allowed,
        "can_recuse": can_complete or can_claim,
    }


def _can_unclaim(row: dict[str, Any], facts: TaskFacts) -> bool:
    """Only what was claimed can be given back: a task without candidates can only be handed over."""
    has_candidates = bool(row["candidate_users"] or row["candidate_groups"])
    return row["state"] == "assigned" and has_candidates and may(current_actor(), Verb.UNCLAIM_TASK, facts).allowed


def _outcomes(row: dict[str, Any], instance: dict[str, Any]) -> list[tuple[str, str]]:
    """(code, label) of the buttons, in the order of the model."""
    labels = models.outcome_labels(instance.get("definition_id", ""), row["process_key"], row["element_id"])
    found = []
    for code in row["outcomes"]:
        label = labels.get(code, code)
        found.append((code, _(OUTCOMES[code]) if label == code and code in OUTCOMES else label))
    return found
