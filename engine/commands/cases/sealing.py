"""Applicants who asked for confidentiality 身份保密: the case does not know who they are; who may look, says why, and it is told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine import feel
from engine.access import Verb
from engine.approval.applicant import Applicant
from engine.approval.filing import ApplicantRevealed, ApplicantSealed
from engine.commands.cases.case_files import CaseFile
from engine.context import Command
from engine.errors import Conflict, InvalidInput
from engine.records import record
from engine.store import tables

if TYPE_CHECKING:
    from engine.approval.item import Item
    from engine.context import CommandContext

MASKED = "保密申请人"


def is_sealed(item: Item, form: Mapping[str, Any], now: datetime) -> bool:
    """Does the item's rule seal the applicant of this application? When the rule cannot be answered, it does."""
    if not item.sealed_when:
        return False
    try:
        return feel.compile(item.sealed_when).evaluate(form, now=now) is not False
    except feel.FeelError:
        return True


def masked(applicant: Applicant) -> Applicant:
    """What the case, its lists and its documents know of a sealed applicant."""
    return Applicant(kind=applicant.kind, name=MASKED, id_number="")


def seal(file: CaseFile, applicant: Applicant) -> None:
    """Keep the identity beside the case. It is no part of the history, which people with other rights read."""
    file.context.uow.insert(
        tables.sealed_applicant,
        {"case_id": file.id, "applicant": applicant.to_json(), "sealed_at": file.context.now},
    )
    file.tell(ApplicantSealed(case_id=file.id))


@record
class RevealApplicant(Command):
    """查看保密申请人: answers {no, applicant}. Who looked, when and why stands in the history of the case."""

    told_once = frozenset({"applicant"})

    no: str
    reason: str

    def retell(self, context: CommandContext, answer: Mapping[str, Any]) -> dict[str, Any]:
        return self.execute(context)

    def execute(self, context: CommandContext) -> dict[str, Any]:
        file = CaseFile.open(context, self.no, Verb.REVEAL_APPLICANT)
        reason = self.reason.strip()[:500]
        if not reason:
            raise InvalidInput("请写明查看的理由。", "Please say why you need to know.", fields={"reason": "必填"})
        row = context.uow.get(tables.sealed_applicant, (file.id,))
        if row is None:
            raise Conflict(f"办件{file.number}的申请人没有保密。", f"The applicant of {file.number} is not sealed.")
        file.tell(ApplicantRevealed(case_id=file.id, reason=reason))
        return {"no": file.number, "applicant": row["applicant"]}
