"""Process instances: the list for those who oversee, and one instance with diagram, story, tasks and variables."""

import json
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from engine.access import InstanceFacts, Verb, may, not_found, require
from engine.commands.running.instances import SetVariables, TerminateInstance
from engine.errors import InvalidInput
from engine.runtime.instance import ENDED, InstanceState
from web.cases import nodes, repairs
from web.frame import deadlines, listing
from web.frame.auth import current_actor, services
from web.frame.filters import prefetch_names
from web.frame.policy import asks, asks_thing
from web.parts import ballots, casefile, diagrams, newest, standingin, timeline, whofinds
from web.wording.i18n import translate as _
from web.wording.words import INSTANCE_STATES

blueprint = Blueprint("instances", __name__, url_prefix="/instances")


@blueprint.get("")
@asks(Verb.VIEW_ALL_INSTANCES)
def index() -> str:
    queries = services().queries
    page = queries.instances.all(
        definition_key=listing.text("process") or None,
        state=listing.text("state") or None,
        text=listing.text("q"),
        after=listing.text("after", 500) or None,
        limit=listing.PAGE_SIZE,
    )
    holders = queries.people.at_work_on([row["id"] for row in page.rows])
    prefetch_names(row["started_by"] for row in page.rows)
    return render_template(
        "instances/index.html",
        rows=page.rows,
        holders=holders,
        pager=listing.pager(page.next),
        searched=page.searched,
        processes=[(row["key"], row["name"]) for row in queries.definitions.newest()],
        states=[(state, _(text)) for state, text in INSTANCE_STATES.items()],
    )


@blueprint.get("/<instance_id>")
@asks_thing(Verb.VIEW_INSTANCE)
def show(instance_id: str) -> str | BaseResponse:
    """One instance; an instance that belongs to a case is shown as the case."""
    case_no = services().queries.cases.number_of_instance(instance_id)
    if case_no is not None and request.args.get("tab") != "variables" and casefile.can_open(case_no):
        return redirect(url_for("cases.show", no=case_no), 302)
    row, facts = _instance(instance_id)
    queries, now = services().queries, services().engine.now()
    tasks = queries.tasks.of_instance(instance_id)
    told = newest.events_of(instance_id)
    history = told.events
    prefetch_names([event["actor"] for event in history] + [task["assignee"] for task in tasks])
    story = timeline.build(history, deadlines.with_units(tasks), now=now, calendar=queries.admin.calendar())
    steps = nodes.of_story(story, tasks)
    sees_variables = may(current_actor(), Verb.SET_VARIABLES).allowed or may(current_actor(), Verb.VIEW_AUDIT).allowed
    return render_template(
        "instances/show.html",
        instance=row,
        ended=InstanceState(row["state"]) in ENDED,
        case_no=case_no,
        ballots=ballots.of_instance(instance_id, tasks),
        who=whofinds.panel(row, facts),
        story=story,
        told=told,
        nodes=steps,
        picture=diagrams.drawn_with_links(row, tasks, {node.element_id: f"#{node.ref}" for node in steps}),
        history=history if may(current_actor(), Verb.VIEW_AUDIT).allowed else [],
        diagram=diagrams.of_instance(row, tasks),
        variables=services().engine.variables(instance_id) if sees_variables else None,
        incidents=queries.instances.incidents(instance_id=instance_id).rows,
        can_terminate=may(current_actor(), Verb.TERMINATE_INSTANCE, facts).allowed,
        can_cancel=repairs.can_cancel(row, facts),
        can_repair=repairs.can_repair(),
        can_set=may(current_actor(), Verb.SET_VARIABLES, facts).allowed,
        tab=request.args.get("tab", "overview"),
    )


@blueprint.get("/<instance_id>/diagram.svg")
@asks_thing(Verb.VIEW_INSTANCE)
def diagram_svg(instance_id: str) -> Response:
    row, _facts = _instance(instance_id)
    return diagrams.svg_of_instance(row)


@blueprint.post("/<instance_id>/terminate")
@asks(Verb.TERMINATE_INSTANCE)
def terminate(instance_id: str) -> BaseResponse:
    reason = request.form.get("reason", "").strip()[:2000]
    services().engine.execute(TerminateInstance(instance_id=instance_id, reason=reason), actor=current_actor())
    flash(_("流程已终止。"), "success")
    return redirect(url_for("instances.show", instance_id=instance_id), 303)


@blueprint.post("/<instance_id>/variables")
@asks(Verb.SET_VARIABLES)
def set_variables(instance_id: str) -> BaseResponse:
    """Correct one variable by hand; the value is JSON, so that numbers and lists stay what they are."""
    name, text = request.form.get("name", "").strip(), request.form.get("value", "")
    try:
        value: Any = json.loads(text)
    except ValueError:
        raise InvalidInput(
            f"「{text[:50]}」不是 JSON；文字要加英文双引号。", f"{text[:50]!r} is not JSON; put quotes around a text."
        ) from None
    services().engine.execute(SetVariables(instance_id=instance_id, variables={name: value}), actor=current_actor())
    flash(_("变量 {name} 已更正。", name=name), "success")
    return redirect(url_for("instances.show", instance_id=instance_id, tab="variables"), 303)


def _instance(instance_id: str) -> tuple[dict[str, Any], InstanceFacts]:
    queries = services().queries.instances
    row, facts = queries.get(instance_id), queries.facts(instance_id)
    if row is None or facts is None:
        raise not_found(InstanceFacts(instance_id=instance_id))
    facts = standingin.instance_facts(facts, instance_id)
    require(current_actor(), Verb.VIEW_INSTANCE, facts)
    return row, facts
