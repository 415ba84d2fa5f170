"""What pages and the API show of who approves: choices to make, the account of a task, recusals, and who comes next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.access import InstanceFacts, Verb, may
from engine.commands.running import choosing
from engine.commands.running.prediction import predict
from engine.context import CommandContext
from engine.errors import BanjieError
from engine.runtime.instance import ENDED, InstanceState
from engine.runtime.task import Seat
from engine.runtime.who.in_words import in_words
from engine.store import tables
from engine.store.rows import definitions
from web.frame.auth import current_actor, services
from web.frame.filters import prefetch_names
from web.parts import colleagues, formview
from web.wording.i18n import choose, language
from web.wording.i18n import translate as _

PREFIX = "chosen."  # of the fields of a page in which people are chosen


def choices_of_task(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The later steps for which whoever completes this task chooses somebody."""
    found = services().engine.ask(lambda context: _choices_behind(context, row), actor=current_actor())
    return [_as_json(each) for each in found]


def behind_task(row: Mapping[str, Any], error: BanjieError | None = None) -> dict[str, Any]:
    """What the page of an open task tells of later steps, read at once.

    ``choices`` as ``choices_of_task``, ``chosen_faults`` what an error says of them, ``upcoming`` what comes directly behind, by the resolver that will decide: {next, all}.
    """
    at = (row["process_key"], row["element_id"])
    choices, upcoming = services().engine.ask(
        lambda context: (_choices_behind(context, row), predict(context, row["instance_id"], behind=at)),
        actor=current_actor(),
    )
    prefetch_names(login for step in upcoming.get("next", ()) for login in step["people"])
    told = [_as_json(each) for each in choices]
    return {"choices": told, "chosen_faults": faults(error, told), "upcoming": upcoming}


def _choices_behind(context: CommandContext, row: Mapping[str, Any]) -> list[choosing.Choice]:
    instance = context.uow.get(tables.process_instance, (row["instance_id"],))
    if instance is None or InstanceState(instance["state"]) in ENDED:
        return []
    compiled = definitions.compiled(context.uow, context.machine, instance["definition_id"])
    at = (row["process_key"], row["element_id"])
    if not choosing.asks(compiled, "previous", at):
        return []
    execution = context.machine.load(compiled, instance["machine_state"])
    return choosing.offered(context, instance, compiled, "previous", element=at, variables=execution.variables())


def choices_at_start(definition_id: str, variables: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """The steps for which whoever starts the process chooses somebody, as far as ``variables``, the form, tell who may be."""

    def offered(context: CommandContext) -> list[choosing.Choice]:
        definition = definitions.by_id(context.uow, definition_id)
        compiled = definitions.compiled(context.uow, context.machine, definition["id"])
        if not choosing.asks(compiled, "start"):
            return []
        row = {"id": "", "started_by": context.actor.login, "recused": None}
        return choosing.offered(context, row, compiled, "start", variables=variables)

    return [_as_json(each) for each in services().engine.ask(offered, actor=current_actor())]


def prediction(instance_id: str) -> dict[str, Any]:
    """What waits now and who comes next."""
    found = services().engine.ask(lambda context: predict(context, instance_id), actor=current_actor())
    prefetch_names(login for step in found.get("next", ()) for login in step["people"])
    return found


def chosen_in(form: Any) -> dict[str, list[str]]:
    """What a posted page says of choices: {element id: logins}; empty selects are left out."""
    names = {name for name in form if name.startswith(PREFIX)}
    found = {name.removeprefix(PREFIX): [each for each in form.getlist(name) if each] for name in sorted(names)}
    return {element_id: logins for element_id, logins in found.items() if logins}


def panel(instance: Mapping[str, Any], facts: InstanceFacts | None = None) -> dict[str, Any]:
    """What the pages of an instance and of a case show: who comes next, and the recusals with what may be done."""
    actor, instance_id = current_actor(), instance["id"]
    ended = InstanceState(instance["state"]) in ENDED
    recusals = services().queries.instances.recusals(instance_id)
    prefetch_names([login for each in recusals for login in (each["login"], each["declared_by"], each["lifted_by"])])
    facts = facts or services().queries.instances.facts(instance_id)
    manages = may(actor, Verb.MANAGE_RECUSALS, facts).allowed
    recused = set(instance.get("recused") or ())
    return {
        "instance_id": instance_id,
        "ahead": None if ended else prediction(instance_id),
        "recusals": recusals,
        "can_recuse": not ended and actor.login not in recused and may(actor, Verb.DECLARE_RECUSAL, facts).allowed,
        "can_order": not ended and manages,
        "can_lift": manages,
        "me": actor.login,
        "people": colleagues.listed() if manages and not ended else [],
    }


def account_of(row: Mapping[str, Any]) -> dict[str, Any] | None:
    """Why a task is whose; of a plain one, for which nobody was looked for, what the model wrote says it."""
    told = account(row["why"])
    if told is not None or row["parent_id"] is not None or row["seat"] != Seat.HOLDER.value:
        return told  # who was asked by a colleague reads so above
    if row["candidate_users"] or row["candidate_groups"]:
        prefetch_names(row["candidate_users"])
        found = [{"login": login, "text": choose(*in_words("candidateUsers"))} for login in row["candidate_users"]]
        return _NOTHING | {"found": found, "groups": list(row["candidate_groups"])}
    if row["assignee"] is None or row["principal"] is not None or row["claimed_at"] != row["created_at"]:
        return None  # transferred, or held for another: the head of the page tells it
    return _NOTHING | {"found": [{"login": row["assignee"], "text": choose(*in_words("assignee"))}]}


def account(why: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The account of a task in the reader's language; None when there is nothing to tell."""
    if not why:
        return None
    notes = [_said(note) for note in why.get("notes", ())]
    skipped = [_said(note) for note in why.get("skipped", ())]
    prefetch_names(each["login"] for each in (*why.get("found", ()), *skipped) if each["login"])
    found, automatic = why.get("found", []), why.get("automatic")
    if not (found or skipped or notes or automatic):
        return None
    return {
        "who": why.get("who", ""),
        "found": [{"login": each["login"], "text": choose(*in_words(each["by"]))} for each in found],
        "groups": [],
        "skipped": skipped,
        "notes": notes,
        "pick": why.get("pick"),
        "automatic": automatic and {"rule": automatic["rule"], "text": choose(automatic["zh"], automatic["en"])},
    }


_NOTHING: dict[str, Any] = {
    "who": "",
    "found": [],
    "groups": [],
    "skipped": [],
    "notes": [],
    "pick": None,
    "automatic": None,
}


def _said(note: Mapping[str, Any]) -> dict[str, Any]:
    return {"login": note.get("login"), "text": choose(note["zh"], note["en"])}


def _as_json(choice: choosing.Choice) -> dict[str, Any]:
    return {
        "element_id": choice.element_id,
        "element_name": choice.element_name,
        "most": choice.most,
        "required": choice.required,
        "people": list(choice.people),
    }


def faults(error: BanjieError | None, choices: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, str]]:
    """What is wrong with the choices of a page, for its summary: id of the control, its label, the sentence."""
    found = wrong(error)
    return [
        (
            f"chosen-{choice['element_id']}",
            _("「{name}」的办理人", name=choice["element_name"]),
            found[choice["element_id"]],
        )
        for choice in choices
        if choice["element_id"] in found
    ]


def wrong(error: BanjieError | None) -> dict[str, str]:
    """{element id: what is wrong} of the choices that an error names."""
    fields = formview.errors_of(error)
    return {
        name.removeprefix(PREFIX): each.message(language()) for name, each in fields.items() if name.startswith(PREFIX)
    }
