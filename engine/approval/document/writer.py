"""The desk at which documents are written: who issues, about which case, to whom, on which day."""

from collections.abc import Iterable, Mapping
from datetime import date

from engine.approval.applicant import Applicant
from engine.approval.case import Case
from engine.approval.document.value import Document, DocumentKind, Issuer
from engine.approval.item import Item
from engine.calendar import Due
from engine.records import record


@record
class Desk:
    """What all documents of a case have in common."""

    issuer: Issuer
    item: Item
    case: Case
    applicant: Applicant
    on: date

    def write(
        self,
        kind: DocumentKind,
        serial: int,
        paragraphs: Iterable[str],
        *,
        fields: Mapping[str, str] | None = None,
        legal_basis: Iterable[str] = (),
        with_remedies: bool = False,
        signatory: str = "",
    ) -> Document:
        """Return the document with the ``serial``-th number of its kind in the year."""
        return Document(
            kind=kind,
            number=self.issuer.number(kind, self.on.year, serial),
            case_id=self.case.id,
            addressee=self.applicant.name,
            issuer=self.issuer.name,
            issued_on=self.on,
            paragraphs=tuple(paragraphs),
            fields={**self.head(), **(fields or {})},
            legal_basis=tuple(legal_basis),
            remedies=self.issuer.remedies.text(kind.noun) if with_remedies else "",
            signatory=signatory,
        )

    def head(self) -> dict[str, str]:
        """Return the fields that every document shows."""
        head = {
            "办件编号": self.case.number,
            "事项名称": self.item.name,
            "事项编码": self.item.code,
            "申请人": self.applicant.name,
            "证件号码": self.applicant.id_number,
        }
        if self.applicant.legal_representative:
            head["法定代表人"] = self.applicant.legal_representative
        if self.applicant.agent is not None:
            head["代办人"] = self.applicant.agent.name
        return head

    @property
    def basis(self) -> tuple[str, ...]:
        """The legal basis of the item, as cited."""
        return tuple(each.cite() for each in self.item.legal_basis)


def day(on: date) -> str:
    """Return a date as documents write it: ``2026年11月23日``."""
    return f"{on.year}年{on.month}月{on.day}日"


def until(due: Due) -> str:
    """Return a due date as documents write it; a provisional one says so."""
    return day(due.date) + ("（暂定，以公布的放假安排为准）" if due.provisional else "")


def numbered(entries: Iterable[str]) -> list[str]:
    """Return entries as numbered lines."""
    return [f"{number}. {entry}" for number, entry in enumerate(entries, start=1)]
