"""Documents of the office 文书: what is told to the applicant in writing, as data and plain text."""

from engine.approval.document.decisions import (
    certificate_ended,
    extension,
    grant,
    hearing_notice,
    penalty_transfer,
    rating_invitation,
    rectification,
    refusal,
    revocation,
    revocation_proposal,
    special_procedure,
    verification_notice,
    verification_record,
)
from engine.approval.document.intake import acceptance, acceptance_refused, correction, not_needed, receipt
from engine.approval.document.promises import (
    commitment_notice,
    commitment_promise,
    tolerance_extension,
    tolerance_notice,
    tolerance_promise,
    tolerance_timeout,
)
from engine.approval.document.value import Document, DocumentKind, Issuer, Remedies
from engine.approval.document.writer import Desk

__all__ = [
    "Desk",
    "Document",
    "DocumentKind",
    "Issuer",
    "Remedies",
    "acceptance",
    "acceptance_refused",
    "certificate_ended",
    "commitment_notice",
    "commitment_promise",
    "correction",
    "extension",
    "grant",
    "hearing_notice",
    "not_needed",
    "penalty_transfer",
    "rating_invitation",
    "receipt",
    "rectification",
    "refusal",
    "revocation",
    "revocation_proposal",
    "special_procedure",
    "tolerance_extension",
    "tolerance_notice",
    "tolerance_promise",
    "tolerance_timeout",
    "verification_notice",
    "verification_record",
]
