"""A document of the office as data: kind, number, fields, paragraphs, legal basis, remedies. Plain text, escaped
elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from engine.approval import events
from engine.approval.stored import Stored
from engine.events import Event


class DocumentKind(StrEnum):
    """What the office writes."""

    RECEIPT = "receipt"
    ACCEPTANCE = "acceptance"
    CORRECTION = "correction"
    ACCEPTANCE_REFUSED = "acceptance_refused"
    NOT_NEEDED = "not_needed"
    TOLERANCE_NOTICE = "tolerance_notice"
    TOLERANCE_PROMISE = "tolerance_promise"
    TOLERANCE_TIMEOUT = "tolerance_timeout"
    COMMITMENT_NOTICE = "commitment_notice"
    COMMITMENT_PROMISE = "commitment_promise"
    GRANT = "grant"
    REFUSAL = "refusal"
    EXTENSION = "extension"
    SPECIAL_PROCEDURE = "special_procedure"
    VERIFICATION_NOTICE = "verification_notice"
    VERIFICATION_RECORD = "verification_record"
    RECTIFICATION = "rectification"
    REVOCATION_PROPOSAL = "revocation_proposal"
    REVOCATION = "revocation"

    @property
    def zh(self) -> str:
        return _TITLES[self.value][0]

    @property
    def word(self) -> str:
        """The character in the document's number that tells its kind."""
        return _TITLES[self.value][1]


_TITLES: Final = {
    "receipt": ("收件凭证", "收"),
    "acceptance": ("受理通知书", "受"),
    "correction": ("一次性补正告知书", "补"),
    "acceptance_refused": ("不予受理决定书", "不受"),
    "not_needed": ("不受理告知书", "免受"),
    "tolerance_notice": ("容缺受理告知书", "容"),
    "tolerance_promise": ("容缺补正承诺书", "容承"),
    "tolerance_timeout": ("容缺逾期处理决定书", "容决"),
    "commitment_notice": ("告知承诺告知书", "告"),
    "commitment_promise": ("告知承诺书", "承"),
    "grant": ("准予行政许可决定书", "许准"),
    "refusal": ("不予行政许可决定书", "许不"),
    "extension": ("延长办理期限通知书", "延"),
    "special_procedure": ("特别程序告知书", "特"),
    "verification_notice": ("核查通知书", "核"),
    "verification_record": ("核查记录", "核记"),
    "rectification": ("责令限期整改通知书", "改"),
    "revocation_proposal": ("撤销行政许可事先告知书", "撤告"),
    "revocation": ("撤销行政许可决定书", "撤"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedies(Stored):
    """What the addressee may do against a decision. The periods are parameters with their sources."""

    review_organ: str
    court: str
    review_days: int = 60
    review_source: str = "《中华人民共和国行政复议法》第二十条"
    litigation_months: int = 6
    litigation_source: str = "《中华人民共和国行政诉讼法》第四十六条"

    def text(self) -> str:
        """Return the paragraph on remedies."""
        return (
            f"如不服本决定，可以自收到本决定书之日起{self.review_days}日内依据{self.review_source}向{self.review_organ}"
            f"申请行政复议，也可以自收到本决定书之日起{self.litigation_months}个月内依据{self.litigation_source}"
            f"向{self.court}提起行政诉讼。"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer(Stored):
    """The organ that writes: its name, the word of its document numbers 机关代字, and how it is reached."""

    name: str
    word: str
    remedies: Remedies
    address: str = ""
    phone: str = ""

    def number_prefix(self, kind: DocumentKind, year: int) -> str:
        """Return the part of the number that shares one counter in a year: ``星行审受〔2026〕``."""
        return f"{self.word}{kind.word}〔{year}〕"

    def number(self, kind: DocumentKind, year: int, serial: int) -> str:
        """Return a number: ``星行审受〔2026〕12号``."""
        return f"{self.number_prefix(kind, year)}{serial}号"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document(Stored):
    """One document. ``fields`` are label and content in order; ``paragraphs`` the body."""

    kind: DocumentKind
    number: str
    case_id: str
    addressee: str
    issuer: str
    issued_on: date
    paragraphs: tuple[str, ...]
    fields: Mapping[str, str] = field(default_factory=dict)
    legal_basis: tuple[str, ...] = ()
    remedies: str = ""
    signatory: str = ""  # who signs a promise; "" when the organ issues

    @property
    def title(self) -> str:
        return self.kind.zh

    def text(self) -> str:
        """Return the whole document as plain text, one line for each paragraph."""
        lines = [self.issuer, self.title, self.number, ""]
        if not self.signatory:
            lines.append(f"{self.addressee}：")
        lines += [f"{label}：{content}" for label, content in self.fields.items()]
        lines += self.paragraphs
        if self.legal_basis:
            lines.append("依据：" + "；".join(self.legal_basis) + "。")
        if self.remedies:
            lines.append(self.remedies)
        lines += [
            "",
            self.signatory or self.issuer,
            f"{self.issued_on.year}年{self.issued_on.month}月{self.issued_on.day}日",
        ]
        return "\n".join(lines)

    def issue(self) -> list[Event]:
        """Return the event that it was issued."""
        told = events.DocumentIssued(
            case_id=self.case_id, document_kind=self.kind.value, number=self.number, title=self.title
        )
        return [told]
