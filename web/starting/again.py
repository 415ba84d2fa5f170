"""复制再发: start again with what an earlier application of one's own was started with, as a draft that opens for review.

What goes over is what the start form of today lets one write and accepts: a field that is gone, locked or out of date stays
empty, and so does a box that must be ticked, for it is a declaration. Files are never copied: a material belongs to the
application that it was handed in with.
"""

from typing import Any

from flask import Blueprint, flash, redirect, url_for
from werkzeug.wrappers import Response

from engine.access import InstanceFacts, Verb, may, not_found, require
from engine.commands.cases.sealing import MASKED
from engine.commands.running.instances import BEGUN_ELSEWHERE
from engine.commands.tasks.drafts import SaveDraft
from engine.errors import Forbidden
from engine.forms.components import Kind
from engine.store.base.paging import Row
from web.frame import models
from web.frame.auth import current_actor, services
from web.frame.policy import asks_thing
from web.parts import casefile, formview
from web.parts.casefile import CaseView
from web.parts.formview import BoundForm
from web.starting import applications, start
from web.wording.i18n import translate as _

blueprint = Blueprint("again", __name__, url_prefix="/start/again")


def offered(row: Row) -> bool:
    """Whether a row of 我发起的 has the button; whether it can be started today is asked when it is pressed."""
    return row["definition_key"] not in BEGUN_ELSEWHERE and may(current_actor(), Verb.START_PROCESS).allowed


@blueprint.post("/<instance_id>")
@asks_thing(Verb.VIEW_INSTANCE)
def copy(instance_id: str) -> Response:
    """Fill a draft and open it. A draft of the same thing that waits already is opened instead, and never overwritten."""
    row = _own(instance_id)
    case = casefile.of_instance(instance_id)
    if case is None:
        ref, url, data = _of_process(row)
    else:
        require(current_actor(), Verb.FILE_CASE)
        ref, url, data = _of_case(case)
    name = row["title"] or row["definition_name"]
    waiting = services().queries.drafts.get(current_actor(), "start", ref)
    if waiting is not None and waiting["data"].get("copied_from") != instance_id:
        flash(_("这里还有您没有提交的草稿，没有覆盖它。先提交或删除这份草稿，再复制「{name}」。", name=name), "error")
    else:
        if waiting is None:
            command = SaveDraft(kind="start", ref=ref, data=data | {"copied_from": instance_id})
            services().engine.execute(command, actor=current_actor())
        flash(_("已按「{name}」填好草稿，请核对后提交。材料和附件不复制，请重新上传。", name=name), "success")
    return redirect(url, 303)


def _own(instance_id: str) -> Row:
    """The instance, if the present person started it."""
    queries, actor = services().queries, current_actor()
    row, facts = queries.instances.get(instance_id), queries.instances.facts(instance_id)
    if row is None or facts is None:
        raise not_found(InstanceFacts(instance_id=instance_id))
    require(actor, Verb.VIEW_INSTANCE, facts)
    if facts.started_by != actor.login:
        raise Forbidden(
            "只能复制自己发起的申请；请从「发起申请」新填一份。",
            "Only an application of one's own is copied; fill in a new one under “Start”.",
        )
    return row


def _of_process(row: Row) -> tuple[str, str, dict[str, Any]]:
    """Reference, address and data of the draft, with what was sent at the start, not what later steps made of it."""
    key = row["definition_key"]
    require(current_actor(), Verb.START_PROCESS)
    definition = start.startable(key)
    form = formview.of_start(definition["id"], models.form_key_of_start(definition["id"]))
    first = services().queries.instances.history(row["id"], limit=1)
    sent = first[0]["data"].get("variables", {}) if first else {}
    data = {"values": _writable(form, sent), "title": row["title"]}
    return start.draft_of(key), url_for("start.process", key=key), data


def _of_case(case: CaseView) -> tuple[str, str, dict[str, Any]]:
    """The same of a case, with its application form as it stands and its applicant, unless that one is sealed."""
    code = case.item.code
    application = applications.fresh(code)
    data: dict[str, Any] = {
        "values": _writable(application.form, case.row["form"]),
        # One that was made of applicant and item is made anew, of what then stands there.
        "title": "" if case.row["title"].endswith(f" · {case.item.name}") else case.row["title"],
        "channel": case.row["channel"],
        "urgency": case.row["urgency"],
    }
    if case.row["applicant_name"] != MASKED:
        data["applicant"] = case.row["applicant"] | {"agent": case.row["applicant"].get("agent") or {}}
    return code, url_for("applications.show", code=code, step="form"), data


def _writable(form: BoundForm | None, values: dict[str, Any]) -> dict[str, Any]:
    """Those of ``values`` that the form lets one write and finds in order."""
    if form is None:
        return {}
    known = {key: values[key] for key in form.form.keys if key in values}
    checked = form.form.check(known, now=services().engine.local_now(), rights=form.rights, original=form.original)
    return {key: value for key, value in checked.values.items() if value is not None and key not in _promises(form)}


def _promises(form: BoundForm) -> set[str]:
    """The boxes that must be ticked: what somebody declares or promises there, he declares anew each time."""
    return {each.key for each in form.form.walk() if each.kind is Kind.CHECKBOX and each.rules.required}
