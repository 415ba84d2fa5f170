"""Credit of applicants: breaches that were recorded, and what they block until they are repaired or expire."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from engine.approval import events
from engine.approval.applicant import Applicant
from engine.approval.reason import Reason
from engine.approval.stored import Stored
from engine.errors import Conflict, InvalidInput
from engine.events import Event
from engine.records import record


class CreditKind(StrEnum):
    """What was breached."""

    TOLERANCE_BREACH = "tolerance_breach"
    FALSE_COMMITMENT = "false_commitment"
    COMMITMENT_BROKEN = "commitment_broken"
    SERIOUS = "serious"  # on a national list; recorded from outside

    @property
    def zh(self) -> str:
        return {
            "tolerance_breach": "容缺失信",
            "false_commitment": "虚假承诺",
            "commitment_broken": "未履行承诺",
            "serious": "严重失信主体",
        }[self.value]


class Benefit(StrEnum):
    """A favour of procedure that a breach may block."""

    TOLERANCE = "tolerance"
    COMMITMENT = "commitment"


# A broken tolerance also blocks commitments and the other way round (R2-8; 西安, 阜新; 国办发〔2020〕42号).
BLOCKS: Final[Mapping[CreditKind, frozenset[Benefit]]] = {kind: frozenset(Benefit) for kind in CreditKind}


@record
class CreditEvent(Stored):
    """One recorded breach. It blocks until ``repaired_at`` or ``expires_at``."""

    id: str
    applicant_id: str
    applicant_name: str
    kind: CreditKind
    reason: str
    recorded_at: datetime
    case_id: str | None = None
    expires_at: datetime | None = None
    repaired_at: datetime | None = None
    repaired_by: str = ""

    @classmethod
    def record(
        cls,
        id: str,
        applicant: Applicant,
        kind: CreditKind,
        *,
        reason: str,
        at: datetime,
        case_id: str | None = None,
        expires_at: datetime | None = None,
    ) -> tuple["CreditEvent", list[Event]]:
        """Record a breach of ``applicant``."""
        recorded = cls(
            id=id,
            applicant_id=applicant.id_number,
            applicant_name=applicant.name,
            kind=kind,
            reason=reason,
            recorded_at=at,
            case_id=case_id,
            expires_at=expires_at,
        )
        told = events.CreditEventRecorded(
            credit_id=id,
            applicant_id=recorded.applicant_id,
            applicant_name=recorded.applicant_name,
            credit_kind=kind.value,
            reason=reason,
            recorded_at=at,
            case_id=case_id,
            expires_at=expires_at,
        )
        return recorded, [told]

    def blocks(self, benefit: Benefit, now: datetime) -> bool:
        """Does it block ``benefit`` now?"""
        expired = self.expires_at is not None and self.expires_at <= now
        return self.repaired_at is None and not expired and benefit in BLOCKS[self.kind]

    def repair(self, at: datetime, *, by: str, reason: str) -> tuple["CreditEvent", list[Event]]:
        """信用修复, with a reason."""
        if self.repaired_at is not None:
            raise Conflict(
                f"{self.applicant_name}的这条失信记录已于{self.repaired_at:%Y-%m-%d}修复。",
                f"This record of {self.applicant_name} was repaired on {self.repaired_at:%Y-%m-%d}.",
            )
        if not reason.strip():
            raise InvalidInput("请填写信用修复的理由。", "Please give the reason for the repair.")
        told = events.CreditRepaired(
            credit_id=self.id, applicant_id=self.applicant_id, repaired_at=at, repaired_by=by, reason=reason
        )
        return replace(self, repaired_at=at, repaired_by=by), [told]


@record
class CreditStanding:
    """What is known of an applicant's credit. ``credit_class`` is the platform's class (A, B, C), "" when unknown."""

    records: tuple[CreditEvent, ...] = ()
    credit_class: str = ""

    def against(self, benefit: Benefit, now: datetime) -> tuple[Reason, ...]:
        """Return what speaks against granting ``benefit`` now."""
        return tuple(
            Reason(
                code="credit-blocked",
                zh=f"申请人有未修复的失信记录：{record.kind.zh}（{record.recorded_at:%Y-%m-%d}，{record.reason}）",
                en=f"The applicant has an open record: {record.kind.value} ({record.recorded_at:%Y-%m-%d}, {record.reason})",
                rule="R2-8；国办发〔2020〕42号",
            )
            for record in self.records
            if record.blocks(benefit, now)
        )
