"""The certificates of a case 证照: each by itself, listed, and ended by who decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.access import Verb
from engine.approval import certificate, document
from engine.approval.certificate import Certificate, CertificateState
from engine.approval.document import DocumentKind
from engine.commands.cases import leaders
from engine.commands.cases.case_files import CaseFile
from engine.context import Command
from engine.errors import Forbidden, InvalidInput, NotFound
from engine.records import record
from engine.store.rows import matters

if TYPE_CHECKING:
    from engine.context import CommandContext


def of(file: CaseFile) -> list[Certificate]:
    """The certificates of a case, those of before each was kept by itself too."""
    facts = file.facts
    papers = [] if certificate.are_kept(facts) else matters.papers(file.context.uow, file.id)
    return certificate.of_case(facts, holder=str(file.row["applicant_name"]), papers=papers)


def in_force(file: CaseFile) -> list[Certificate]:
    """Those that nobody has ended."""
    return [each for each in of(file) if each.is_valid]


def end(file: CaseFile, each: Certificate, state: CertificateState, *, by: str, reason: str = "") -> None:
    """This certificate is out of force from today; the case tells it."""
    file.tell(each.end(state, file.now.date(), case_id=file.id, by=by, reason=reason))


@record
class EndCertificate(Command):
    """注销、撤销 one certificate of a case; the others of its package stay. By who decides the item, with the reason and the rule
    that allows it; told in writing, with the remedies. Answers {no, number, state}."""

    no: str
    number: str
    state: str
    reason: str
    basis: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        file = CaseFile.open(context, self.no, Verb.END_CERTIFICATE)
        if not leaders.leads(file, context.actor.login, context.actor.groups):
            raise Forbidden(
                f"证照的注销、撤销由作出许可决定的负责人办理：请找{leaders.named(file)}。",
                f"A certificate is ended by who decides on licences: ask {leaders.named(file)}.",
            )
        wanted = {each.value: each for each in CertificateState if each is not CertificateState.VALID}
        missing = [name for name in ("reason", "basis") if not getattr(self, name).strip()]
        if self.state not in wanted or missing:
            raise InvalidInput(
                "请选择注销或者撤销，并写明理由和依据。",
                "Say whether it is cancelled or revoked, with the reason and the rule that allows it.",
                fields=dict.fromkeys(missing or ["state"], "required"),
            )
        found = next((each for each in of(file) if each.number == self.number), None)
        if found is None:
            raise NotFound(
                f"办件{file.number}没有编号为{self.number}的证照。",
                f"Case {file.number} has no certificate {self.number}.",
            )
        state = wanted[self.state]
        end(file, found, state, by=context.actor.login, reason=self.reason.strip())
        file.issue(
            DocumentKind.REVOCATION if state is CertificateState.REVOKED else DocumentKind.CERTIFICATE_CANCELLED,
            lambda desk, serial: document.certificate_ended(
                desk, serial, found, state, reason=self.reason.strip(), basis=self.basis.strip()
            ),
        )
        return {"no": file.number, "number": found.number, "state": state.value}
