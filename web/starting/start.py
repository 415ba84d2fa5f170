"""Starting something: items of the bureau and plain processes as cards; a form in steps with a draft."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.access import Verb
from engine.commands.running.instances import BEGUN_ELSEWHERE, StartInstance, begun_elsewhere
from engine.commands.tasks.drafts import DiscardDraft
from engine.errors import InvalidInput, NotFound
from web.frame import listing, models
from web.frame.auth import current_actor, services
from web.frame.policy import asks
from web.parts import diagrams, formview, whofinds
from web.starting import offers
from web.wording.i18n import language
from web.wording.i18n import translate as _

blueprint = Blueprint("start", __name__, url_prefix="/start")


@blueprint.get("")
@asks(Verb.START_PROCESS)
def index() -> str:
    """What can be started, searched and by kind; with the drafts that wait. All of it stands in the address."""
    text, kind = listing.text("q"), listing.text("kind", 20)
    everything = offers.offered()
    groups = offers.grouped(offers.found(everything, text))
    brief = not text and not kind and len(everything) > offers.AT_ONCE
    return render_template(
        "start/index.html",
        groups=groups,
        shown=[group for group in groups if group.kind == kind] or groups,
        kind=kind if kind in {group.kind for group in groups} else "",
        total=sum(len(group.offers) for group in groups if group.kind != offers.OFTEN),
        most=offers.OF_EACH if brief else None,
        nothing=not everything,
        drafts={row["ref"]: row for row in services().queries.drafts.of(current_actor(), "start")},
    )


@blueprint.get("/process/<key>")
@asks(Verb.START_PROCESS)
def process(key: str) -> str:
    return _process_page(startable(key))


@blueprint.post("/process/<key>")
@asks(Verb.START_PROCESS)
def begin(key: str) -> Response | str | tuple[str, int]:
    """暂存 keeps a draft, 预览 checks and shows, 提交 starts."""
    row = startable(key)
    form = formview.of_start(row["id"], models.form_key_of_start(row["id"]))
    typed = form.read(request.form) if form else {}
    title, action = request.form.get("title", "").strip()[:200], request.form.get("action", "")
    chosen = whofinds.chosen_in(request.form)
    if action == "draft":
        command = formview.save_draft("start", draft_of(key), typed, title=title, chosen=chosen)
        services().engine.execute(command, actor=current_actor())
        flash(_("已暂存，可以以后接着填。"), "success")
        return redirect(url_for("start.process", key=key), 303)
    if action in ("edit", "refresh"):
        return _process_page(row, typed=typed, title=title)
    starting = StartInstance(key=key, title=title, variables=typed, chosen=chosen, by_form=True)
    try:
        if action == "preview":
            services().engine.ask(starting.checked, actor=current_actor())
            return _process_page(row, typed=typed, title=title, preview=True)
        answer = services().engine.execute(starting, actor=current_actor(), idempotency_key=formview.key_of_page())
    except InvalidInput as error:
        return _process_page(row, typed=typed, title=title, error=error), error.status
    services().engine.execute(DiscardDraft(kind="start", ref=draft_of(key)), actor=current_actor())
    flash(_("已提交「{name}」。", name=title or row["name"]), "success")
    return redirect(url_for("instances.show", instance_id=answer["id"]), 303)


@blueprint.post("/process/<key>/discard")
@asks(Verb.START_PROCESS)
def discard(key: str) -> Response:
    services().engine.execute(DiscardDraft(kind="start", ref=draft_of(key)), actor=current_actor())
    flash(_("草稿已删除。"), "success")
    return redirect(url_for("start.index"), 303)


def draft_of(key: str) -> str:
    """Under which reference the draft of a process is kept."""
    return f"process:{key}"[:100]


def startable(key: str) -> dict[str, Any]:
    """The newest version of a process that is started here. Raises NotFound."""
    row = services().queries.definitions.latest(key)
    if row is None or row["suspended"]:
        raise NotFound(f"没有可以发起的流程 {key}。", f"There is no process {key} to start.")
    if key in BEGUN_ELSEWHERE:
        refusal = begun_elsewhere(row["name"])
        raise NotFound(refusal.zh, refusal.en)
    return row


def _process_page(
    row: dict[str, Any],
    *,
    typed: dict[str, Any] | None = None,
    title: str | None = None,
    preview: bool = False,
    error: InvalidInput | None = None,
) -> str:
    draft = formview.draft(current_actor(), "start", draft_of(row["key"])) if typed is None else None
    form = formview.of_start(row["id"], models.form_key_of_start(row["id"]))
    values = typed if typed is not None else (draft or {}).get("values")
    choices = whofinds.choices_at_start(row["id"], values)
    return render_template(
        "start/process.html",
        row=row,
        form=form.view(values, error, editable=not preview) if form else None,
        hidden=formview.hidden_inputs(form, typed or {}) if preview and form else [],
        title=title if title is not None else (draft or {}).get("title", ""),
        preview=preview,
        draft=draft,
        problem=error.message(language()) if error else "",
        choices=choices,
        chosen=whofinds.chosen_in(request.form) or (draft or {}).get("chosen", {}),
        chosen_wrong=whofinds.wrong(error),
        chosen_faults=whofinds.faults(error, choices),
        diagram=diagrams.of_definition(row["id"], row["name"]),
        documentation=models.definition_of(row["id"]).get("model", {}).get("documentation", ""),
        key=formview.new_key(),
    )
