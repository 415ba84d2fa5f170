"""Verbs of 证照并销: after a deregistration the permits of the subject are looked up, asked about, cancelled and collected."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from engine.approval.document import DocumentKind
from engine.approval.document import publicity as document
from engine.approval.events import publicity as events
from engine.approval.filing import CertificateCancelled
from engine.approval.permits import Permit, Permits
from engine.commands.cases.case_files import CaseFile
from engine.commands.cases.case_intake import text_of
from engine.commands.procedures.publicity import rules_of
from engine.commands.running.service_tasks import verb
from engine.store.rows import matters

if TYPE_CHECKING:
    from engine.commands.running.moving import Moving
    from engine.context import CommandContext
    from engine.runtime.step import ServiceCall
    from engine.store.base.unit_of_work import Values

PART: Final = "permits"


def _certificates(file: CaseFile) -> dict[str, list[Values]]:
    """The applicant's cases with a certificate that is in force, by the code of their item."""
    found: dict[str, list[Values]] = defaultdict(list)
    for row in matters.with_certificate(file.context.uow, file.row["applicant_id"]):
        if not row["facts"]["certificate"].get("cancelled_on"):
            found[row["item_code"]].append(row)
    return found


@verb("permits.list", "查询许可证", "Look up the permits of the subject", results=("all_permits", "permit_choices"))
def list_permits(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Those of the item's list, with the certificates that this system made for the subject. ``permit_choices`` are for the
    form, ``all_permits`` (code, label, group, limit) for a multi-instance."""
    file = CaseFile.of(context, moving)
    rules, made = rules_of(file), _certificates(file)
    listed: list[dict[str, Any]] = []
    choices = []
    for each in rules.permits:
        numbers = [row["facts"]["certificate"]["number"] for row in made.get(each.item, ())]
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
        cancelled, rows = answer.get("outcome") == "cancel", made.get(permit.item, ())
        numbers = tuple(row["facts"]["certificate"]["number"] for row in rows)
        reason = "" if cancelled else str(answer.get("reason") or "")
        decided.append(Permit(code=permit.code, name=permit.name, numbers=numbers, cancelled=cancelled, reason=reason))
        if cancelled:
            _end_certificates(file, rows)
    permits = Permits(decided=tuple(decided))
    file.keep(PART, permits, permits.told(file.id))
    file.issue(DocumentKind.PERMITS_CANCELLED, lambda desk, serial: document.permits(desk, serial, permits))
    return {"permits_result": permits.result, "permits_text": "\n".join(each.words for each in permits.gone)}


def _end_certificates(file: CaseFile, rows: list[Values] | tuple[()]) -> None:
    """The certificates of other cases are out of force; each of those cases tells it."""
    for row in rows:
        other = CaseFile(file.context, row)
        number = row["facts"]["certificate"]["number"]
        other.tell(CertificateCancelled(case_id=other.id, number=number, on=file.now.date(), by=file.number))


@verb("permits.collect", "收缴、作废证照", "Collect the papers and tell those who supervise")
def collect(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``text``: which papers were handed in, which were declared void in public."""
    file = CaseFile.of(context, moving)
    permits, text = file.part(PART, Permits) or Permits(), text_of(call, "text")
    file.keep(PART, replace(permits, collected=text), [events.PermitsCollected(case_id=file.id, text=text)])
    return {}
