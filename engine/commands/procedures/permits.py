"""Verbs of 证照并销: after a deregistration the permits of the subject are looked up, asked about, cancelled and collected."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from engine.approval.certificate import CertificateState
from engine.approval.document import DocumentKind
from engine.approval.document import publicity as document
from engine.approval.events import publicity as events
from engine.approval.permits import Permit, Permits
from engine.commands.cases import certificates
from engine.commands.cases.case_files import CaseFile
from engine.commands.cases.case_intake import text_of
from engine.commands.procedures.publicity import rules_of
from engine.commands.running.service_tasks import verb
from engine.store.rows import matters

if TYPE_CHECKING:
    from engine.approval.certificate import Certificate
    from engine.approval.item.services import PermitRule
    from engine.commands.running.moving import Moving
    from engine.context import CommandContext
    from engine.runtime.step import ServiceCall

    Owned = tuple[CaseFile, Certificate]

PART: Final = "permits"


def _certificates(file: CaseFile) -> dict[str, list[Owned]]:
    """The applicant's certificates that are in force, each with the case that granted it, by the code of its item."""
    found: dict[str, list[Owned]] = defaultdict(list)
    for row in matters.with_certificate(file.context.uow, file.row["applicant_id"]):
        other = CaseFile(file.context, row)
        found[row["item_code"]] += [(other, each) for each in certificates.in_force(other)]
    return found


def _of_rule(rule: PermitRule, made: Mapping[str, list[Owned]]) -> list[Owned]:
    """The certificates that a permit of the list means: all that its item granted, or the one of a package that it names."""
    owned = made.get(rule.item, ())
    return [(case, each) for case, each in owned if not rule.licence or rule.licence in (each.title, each.code)]


@verb("permits.list", "查询许可证", "Look up the permits of the subject", results=("all_permits", "permit_choices"))
def list_permits(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Those of the item's list, with the certificates that this system made for the subject. ``permit_choices`` are for the
    form, ``all_permits`` (code, label, group, limit) for a multi-instance."""
    file = CaseFile.of(context, moving)
    rules, made = rules_of(file), _certificates(file)
    listed: list[dict[str, Any]] = []
    choices = []
    for each in rules.permits:
        numbers = [owned.number for _, owned in _of_rule(each, made)]
        label = Permit(code=each.code, name=each.name, numbers=tuple(numbers)).words
        limit = rules.permit_check.limit.to_json()
        listed.append({"code": each.code, "label": label, "group": each.group, "limit": limit})
        choices.append({"value": each.code, "label": label})
    return {"all_permits": listed, "permit_choices": choices}


@verb("permits.cancel", "注销许可证", "Cancel the permits", results=("permits_result", "permits_text"))
def cancel(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``answers``: {code, outcome (cancel or keep), reason} of each department. Cancelled on the day on which it is
    done (行政许可法 70); the applicant is told what stays and why. ``permits_result`` is all, part or none."""
    file = CaseFile.of(context, moving)
    names, made = {each.code: each for each in rules_of(file).permits}, _certificates(file)
    decided = []
    for answer in call.inputs.get("answers") or ():
        permit = names[str(answer["code"])]
        cancelled, owned = answer.get("outcome") == "cancel", _of_rule(permit, made)
        numbers = tuple(each.number for _, each in owned)
        reason = "" if cancelled else str(answer.get("reason") or "")
        decided.append(Permit(code=permit.code, name=permit.name, numbers=numbers, cancelled=cancelled, reason=reason))
        if cancelled:
            for other, each in owned:
                certificates.end(other, each, CertificateState.CANCELLED, by=file.number, reason="主体已注销")
    permits = Permits(decided=tuple(decided))
    file.keep(PART, permits, permits.told(file.id))
    file.issue(DocumentKind.PERMITS_CANCELLED, lambda desk, serial: document.permits(desk, serial, permits))
    return {"permits_result": permits.result, "permits_text": "\n".join(each.words for each in permits.gone)}


@verb("permits.collect", "收缴、作废证照", "Collect the papers and tell those who supervise")
def collect(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``text``: which papers were handed in, which were declared void in public."""
    file = CaseFile.of(context, moving)
    permits, text = file.part(PART, Permits) or Permits(), text_of(call, "text")
    file.keep(PART, replace(permits, collected=text), [events.PermitsCollected(case_id=file.id, text=text)])
    return {}
