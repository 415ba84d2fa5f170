"""Filing a case in steps: 须知, 填表, 材料, 预览, 提交. What was filled in lives in a draft until the case is filed.

Every step is a page of its own and every button a plain form, so the whole way works without scripts and can be left and
taken up again on another day.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from engine import feel
from engine.access import Verb
from engine.approval.item import Item, deployed_item
from engine.approval.item.terms import Identification, MaterialClass, MaterialRule, Necessity
from engine.commands.cases.filing import CHANNELS, FileCase
from engine.commands.tasks.drafts import DiscardDraft, SaveDraft
from engine.errors import BanjieError, InvalidInput, NotFound
from web.frame.auth import current_actor, services
from web.frame.policy import asks
from web.parts import diagrams, formview, whofinds
from web.parts.formview import BoundForm
from web.parts.materials import ACCEPT, store
from web.wording.i18n import language
from web.wording.i18n import translate as _
from web.wording.words_office import CHANNELS as CHANNEL_WORDS

blueprint = Blueprint("applications", __name__, url_prefix="/start/item")

STEPS = ("guide", "form", "materials", "preview")
APPLICANT = ("name", "id_number", "legal_representative", "phone", "address")
AGENT = ("name", "id_number", "phone")


@dataclass
class Application:
    """What was filled in so far for one item; as JSON it is the draft."""

    item: Item
    process_key: str
    form: BoundForm | None
    data: dict[str, Any] = field(default_factory=dict)
    updated_at: Any = None

    @property
    def applicant(self) -> dict[str, Any]:
        found: dict[str, Any] = self.data.get("applicant", {})
        return found

    @property
    def values(self) -> dict[str, Any]:
        found: dict[str, Any] = self.data.get("values", {})
        return found

    @property
    def chosen(self) -> dict[str, list[str]]:
        """Whom the clerk chose for later steps: {element id: logins}."""
        found: dict[str, list[str]] = self.data.get("chosen", {})
        return found

    @cached_property
    def choices(self) -> list[dict[str, Any]]:
        """The later steps for which somebody is chosen when the case is filed."""
        definition = services().queries.definitions.latest(self.process_key)
        return [] if definition is None else whofinds.choices_at_start(definition["id"], self.values)

    @property
    def files(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.data.setdefault("files", [])
        return found

    @property
    def offered(self) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = self.data.get("offered", {})
        return found

    def needed(self, rule: MaterialRule) -> bool:
        """Whether a material is needed for what was filled in."""
        if rule.necessity is not Necessity.CONDITIONAL or not rule.condition:
            return rule.necessity is not Necessity.OPTIONAL
        try:
            return feel.compile(rule.condition).evaluate(self.values, now=services().engine.local_now()) is True
        except feel.FeelError:
            return False

    def lacking(self) -> list[MaterialRule]:
        """The needed materials of which neither a file nor paper is there."""
        there = {each["material_code"] for each in self.files} | set(self.offered)
        return [rule for rule in self.item.materials if self.needed(rule) and rule.code not in there]


@blueprint.get("/<code>")
@asks(Verb.FILE_CASE)
def show(code: str) -> str:
    application = _load(code)
    step = request.args.get("step", "form" if application.data else "guide")
    return _page(application, step if step in STEPS else "guide")


@blueprint.post("/<code>")
@asks(Verb.FILE_CASE)
def go(code: str) -> Response | tuple[str, int]:
    """One step on, back, or aside: what the page holds is kept in the draft whatever the button was."""
    application = _load(code)
    step, action = request.form.get("step", ""), request.form.get("action", "")
    if step == "preview" and action == "submit":
        return _file(application)
    refused = {"form": _take_form, "materials": _take_materials}.get(step, lambda each: [])(application)
    for sentence in refused:
        flash(sentence, "error")
    if action == "refresh":
        return _page(application, "form"), 200
    if step in ("form", "materials"):
        _save(application)
    if action == "draft":
        flash(_("已暂存，可以以后接着填。"), "success")
        return _to(code, step)
    if step == "form" and action == "next":
        try:
            _check(application)
        except InvalidInput as error:
            return _page(application, "form", error), error.status
    if refused or action in ("stay", "look") or action.startswith("remove:"):
        return _to(code, step)
    position = STEPS.index(step) if step in STEPS else 0
    return _to(code, STEPS[max(position - 1, 0)] if action == "back" else STEPS[min(position + 1, len(STEPS) - 1)])


@blueprint.post("/<code>/discard")
@asks(Verb.FILE_CASE)
def discard(code: str) -> Response:
    """Throw the draft away, with the files that were uploaded for it."""
    for each in _load(code).files:
        store().delete(each["key"])
    services().engine.execute(DiscardDraft(kind="start", ref=code), actor=current_actor())
    flash(_("草稿已删除。"), "success")
    return redirect(url_for("start.index"), 303)


# ---------------------------------------------------------------- taking what the page sent


def _take_form(application: Application) -> list[str]:
    sent = request.form
    data = application.data
    data["applicant"] = {
        "kind": sent.get("kind", ""),
        **{name: sent.get(f"applicant_{name}", "").strip()[:200] for name in APPLICANT},
        "agent": {name: sent.get(f"agent_{name}", "").strip()[:200] for name in AGENT}
        | {"authorised": "agent_authorised" in sent},
    }
    data["title"] = sent.get("title", "").strip()[:200]
    data["channel"] = sent.get("channel", "window")
    data["urgency"] = int(sent.get("urgency", "0")) if sent.get("urgency", "0") in ("0", "1", "2") else 0
    data["values"] = application.form.read(sent) if application.form else {}
    data["chosen"] = whofinds.chosen_in(sent)
    return []


def _take_materials(application: Application) -> list[str]:
    """Store new files, drop removed ones, note what came on paper; answers what was refused, in words."""
    refused = []
    action = request.form.get("action", "")
    if action.startswith("remove:"):
        for each in [each for each in application.files if each["key"] == action.removeprefix("remove:")]:
            application.files.remove(each)
            store().delete(each["key"])
    for rule in application.item.materials:
        for upload in request.files.getlist(f"file.{rule.code}"):
            if not upload.filename:
                continue
            try:
                stored = store().accept(upload.filename, upload.stream.read())
            except BanjieError as error:
                refused.append(error.message(language()))
                continue
            application.files.append(
                {
                    "key": stored.key,
                    "name": stored.name,
                    "media_type": stored.media_type,
                    "size": stored.size,
                    "sha256": stored.sha256,
                    "material_code": rule.code,
                }
            )
    forms = {rule.code: request.form.get(f"paper.{rule.code}", "") for rule in application.item.materials}
    application.data["offered"] = {code: {"form": form, "note": ""} for code, form in forms.items() if form}
    return refused


def _check(application: Application) -> None:
    """Raise InvalidInput for everything that is wrong with applicant and form; FileCase has the last word."""
    identified = application.item.identification is Identification.REQUIRED
    needed = ("name", "id_number" if identified else "phone")
    errors = {f"applicant.{name}": _("必填") for name in needed if not application.applicant.get(name)}
    if application.applicant.get("kind") not in _kinds(application.item):
        errors["applicant.kind"] = _("请选择")
    required = [choice["element_id"] for choice in application.choices if choice["required"]]
    errors |= {f"chosen.{each}": _("请选择") for each in required if not application.chosen.get(each)}
    english = dict(errors)
    if application.form is not None:
        try:
            application.form.check(application.values, services().engine.local_now())
        except InvalidInput as error:
            errors |= error.facts["fields"]
            english |= error.facts["fields_en"]
    if errors:
        raise InvalidInput("请更正标红的项目。", "Please correct the marked fields.", fields=errors, fields_en=english)


def _file(application: Application) -> Response | tuple[str, int]:
    given = application.applicant
    agent = given.get("agent") or {}
    applicant = {name: given.get(name, "") for name in ("kind", *APPLICANT)}
    command = FileCase(
        item_code=application.item.code,
        applicant=applicant | ({"agent": agent} if agent.get("name") else {}),
        form=application.values,
        title=application.data.get("title", ""),
        channel=application.data.get("channel", "window"),
        urgency=application.data.get("urgency", 0),
        offered=application.offered,
        attachments=tuple(application.files),
        chosen=application.chosen,
    )
    try:
        answer = services().engine.execute(command, actor=current_actor(), idempotency_key=formview.key_of_page())
    except InvalidInput as error:
        return _page(application, "form", error), error.status
    services().engine.execute(DiscardDraft(kind="start", ref=application.item.code), actor=current_actor())
    session["receipt"] = {"no": answer["no"], "code": answer["query_code"]}
    flash(_("已提交，办件编号 {no}。", no=answer["no"]), "success")
    return redirect(url_for("cases.receipt", no=answer["no"]), 303)


# ---------------------------------------------------------------- the page


def fresh(code: str) -> Application:
    """The item with nothing filled in, whatever waits in a draft. Raises NotFound."""
    row = services().queries.definitions.item(code)
    if row is None or row["disabled"]:
        raise NotFound(f"没有可以申请的事项 {code}。", f"There is no item {code} to apply for.")
    item = deployed_item(row["source"])
    return Application(item, row["process_key"], formview.of_item(item))


def _load(code: str) -> Application:
    """The item with what the present person's draft holds."""
    application = fresh(code)
    draft = services().queries.drafts.get(current_actor(), "start", code)
    if draft is not None:
        application.data, application.updated_at = dict(draft["data"]), draft["updated_at"]
    return application


def _save(application: Application) -> None:
    command = SaveDraft(kind="start", ref=application.item.code, data=application.data)
    services().engine.execute(command, actor=current_actor())


def _to(code: str, step: str) -> Response:
    return redirect(url_for("applications.show", code=code, step=step), 303)


def _page(application: Application, step: str, error: InvalidInput | None = None) -> str:
    item = application.item
    view = application.form.view(application.values, error, editable=step == "form") if application.form else None
    return render_template(
        "applications/show.html",
        item=item,
        application=application,
        step=step,
        form=view,
        problem=error.message(language()) if error else "",
        wrong=_page_errors(error, view.wrong if view else []),
        choices=application.choices,
        chosen=application.chosen,
        chosen_wrong=whofinds.wrong(error),
        labels=_labels(application),
        kinds=[(kind, _(text)) for kind, text in _kinds(item).items()],
        channels=sorted(CHANNELS, key=list(CHANNEL_WORDS).index),
        lacking=application.lacking(),
        main_lacking=[rule for rule in application.lacking() if rule.material_class is not MaterialClass.SECONDARY],
        accept=ACCEPT,
        key=formview.new_key(),
        **(_way(item) if step == "guide" else {}),
    )


def _way(item: Item) -> dict[str, Any]:
    """The process of an item, for whoever wants to know where an application goes."""
    row = services().queries.definitions.latest(item.process_key)
    return {"way": row, "diagram": diagrams.of_definition(row["id"], row["name"])} if row is not None else {}


def _labels(application: Application) -> dict[str, str]:
    """How the summary of errors calls what stands beside the form's own fields."""
    labels = {
        "applicant.name": _("申请人名称"),
        "applicant.id_number": _("证件号"),
        "applicant.phone": _("联系电话"),
        "applicant.kind": _("申请人类型"),
    }
    chosen = application.choices
    return labels | {
        f"chosen.{each['element_id']}": _("「{name}」的办理人", name=each["element_name"]) for each in chosen
    }


def _page_errors(error: InvalidInput | None, shown: list[Any]) -> dict[str, str]:
    """{name: sentence} of what is wrong beside the form's own fields."""
    own = {each.name for each in shown}
    return {name: found.message(language()) for name, found in formview.errors_of(error).items() if name not in own}


def _kinds(item: Item) -> Mapping[str, str]:
    """Who may apply: {code: word}."""
    words = {"person": "个人", "organisation": "单位"}
    return {kind: text for kind, text in words.items() if not item.audience or kind in item.audience}
