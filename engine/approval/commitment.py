"""Commitment 告知承诺: the office tells the conditions, the applicant promises in writing, the decision follows the
same day.

Rules R3-1 to R3-3, R3-7 and R3-8: who may choose it, what was told and signed, the withdrawal before the decision.
What is verified after the decision stands in :mod:`engine.approval.verification`.
"""

from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from engine.approval import events
from engine.approval.applicant import Applicant
from engine.approval.credit import Benefit, CreditStanding
from engine.approval.item import Item
from engine.approval.item.terms import EXCLUSION_TAGS, CommitmentKind
from engine.approval.reason import Decision, Reason
from engine.approval.stored import Stored
from engine.calendar import Due, WorkCalendar
from engine.errors import Conflict, InvalidInput
from engine.events import Event
from engine.records import record


def may_commit(
    item: Item,
    applicant: Applicant,
    *,
    credit: CreditStanding,
    now: datetime,
    chosen: bool,
    signs_by_agent: bool = False,
) -> Decision:
    """Decide whether this applicant may be granted this item on a commitment (R3-2), with every reason against it.

    Three conditions: the item allows it, the person is not excluded, the applicant chose it freely.
    """
    rules = item.commitment
    against: list[Reason] = []
    if rules is None or not rules.enabled:
        against.append(
            Reason(
                code="not-enabled",
                zh=f"事项“{item.name}”未实行告知承诺",
                en="The item is not granted on commitments",
                rule="R3-1",
            )
        )
    elif rules.kind is CommitmentKind.LICENCE and (touched := sorted(item.tags & rules.exclusion_tags)):
        words = "、".join(EXCLUSION_TAGS.get(tag, tag) for tag in touched)
        against.append(
            Reason(
                code="excluded",
                zh=f"事项涉及{words}，不适用告知承诺",
                en=f"The item touches {', '.join(touched)}",
                rule="国办发〔2020〕42号",
            )
        )
    against += credit.against(Benefit.COMMITMENT, now)
    if not chosen:
        against.append(
            Reason(
                code="not-chosen",
                zh="申请人没有选择告知承诺，按一般程序办理",
                en="The applicant chose the ordinary procedure",
                rule="国办发〔2020〕42号",
            )
        )
    if signs_by_agent:
        against += _against_agent(item, applicant)
    return Decision(against=tuple(against))


def _against_agent(item: Item, applicant: Applicant) -> list[Reason]:
    agent = applicant.agent
    if item.commitment is not None and not item.commitment.agent_may_sign:
        zh, en = "该承诺须由申请人本人签署", "The applicant has to sign in person"
        return [Reason(code="agent-may-not-sign", zh=zh, en=en, rule="3.3")]
    if agent is None or not agent.authorised:
        zh, en = "代办人没有签署承诺书的授权", "The agent is not authorised to sign"
        return [Reason(code="agent-not-authorised", zh=zh, en=en, rule="3.3")]
    return []


def decision_due(item: Item, accepted_at: datetime, calendar: WorkCalendar) -> Due:
    """Return until when the decision has to be made: the same working day unless the item says otherwise (R3-3)."""
    if item.commitment is None:
        raise InvalidInput(f"事项“{item.name}”未实行告知承诺。", f"Item {item.code} is not granted on commitments.")
    return calendar.due(accepted_at, item.commitment.decision.limit)


class CommitmentState(StrEnum):
    """Where a commitment stands."""

    OFFERED = "offered"  # the notice was given
    DECLINED = "declined"
    SIGNED = "signed"
    WITHDRAWN = "withdrawn"
    DECIDED = "decided"

    @property
    def zh(self) -> str:
        return {
            "offered": "已告知",
            "declined": "未选择",
            "signed": "已承诺",
            "withdrawn": "已撤回",
            "decided": "已决定",
        }[self.value]


_S = CommitmentState
COMMITMENT_MOVES: Final = {
    _S.OFFERED: frozenset({_S.SIGNED, _S.DECLINED}),
    _S.SIGNED: frozenset({_S.WITHDRAWN, _S.DECIDED}),
    _S.DECLINED: frozenset[CommitmentState](),
    _S.WITHDRAWN: frozenset[CommitmentState](),
    _S.DECIDED: frozenset[CommitmentState](),
}


@record
class Commitment(Stored):
    """One commitment of one case. ``proofs`` are the materials that it replaces, for the kind PROOF."""

    case_id: str
    kind: CommitmentKind
    state: CommitmentState = CommitmentState.OFFERED
    notice_no: str = ""
    promise_no: str = ""
    proofs: tuple[str, ...] = ()
    is_public: bool = True
    signed_at: datetime | None = None
    signed_by: str = ""
    by_agent: bool = False
    decided_at: datetime | None = None
    granted: bool | None = None

    @classmethod
    def offer(
        cls, item: Item, *, case_id: str, notice_no: str = "", proofs: tuple[str, ...] = ()
    ) -> tuple["Commitment", list[Event]]:
        """Give the notice 告知书, once and in writing."""
        rules = item.commitment
        if rules is None or not rules.enabled:
            raise Conflict(f"事项“{item.name}”未实行告知承诺。", f"Item {item.code} is not granted on commitments.")
        strange = [code for code in proofs if not item.material(code).commitment_allowed]
        if strange:
            raise Conflict(
                f"以下材料不能用承诺替代：{'、'.join(item.material(code).name for code in strange)}。",
                f"These materials cannot be replaced by a commitment: {', '.join(strange)}.",
                materials=strange,
            )
        offered = cls(case_id=case_id, kind=rules.kind, notice_no=notice_no, proofs=proofs, is_public=rules.is_public)
        return offered, [events.CommitmentOffered(case_id=case_id, notice_no=notice_no)]

    def decline(self) -> tuple["Commitment", list[Event]]:
        """The applicant chose the ordinary procedure; nothing may be demanded for that."""
        return self._moved(_S.DECLINED), [events.CommitmentDeclined(case_id=self.case_id)]

    def sign(
        self, decision: Decision, *, at: datetime, promise_no: str, signed_by: str, by_agent: bool = False
    ) -> tuple["Commitment", list[Event]]:
        """Take the signed promise 承诺书."""
        decision.require("按告知承诺办理", "be handled on a commitment")
        signed = replace(
            self._moved(_S.SIGNED), promise_no=promise_no, signed_at=at, signed_by=signed_by, by_agent=by_agent
        )
        told = events.CommitmentSigned(
            case_id=self.case_id, promise_no=promise_no, signed_by=signed_by, by_agent=by_agent
        )
        return signed, [told]

    @property
    def may_be_withdrawn(self) -> bool:
        """Is the button shown? Only between promise and decision (R3-7)."""
        return self.state is _S.SIGNED

    def withdraw(self, reason: str = "") -> tuple["Commitment", list[Event]]:
        """Withdraw before the decision; the case goes back to the ordinary procedure (安阳 26; 国办发〔2020〕42号)."""
        return self._moved(_S.WITHDRAWN), [events.CommitmentWithdrawn(case_id=self.case_id, reason=reason)]

    def decide(self, at: datetime, *, granted: bool) -> tuple["Commitment", list[Event]]:
        """Decide on the promise."""
        decided = replace(self._moved(_S.DECIDED), decided_at=at, granted=granted)
        return decided, [events.CommitmentDecided(case_id=self.case_id, decided_at=at, granted=granted)]

    def _moved(self, state: CommitmentState) -> "Commitment":
        if state not in COMMITMENT_MOVES[self.state]:
            raise Conflict(
                f"告知承诺现为“{self.state.zh}”，不能转为“{state.zh}”。",
                f"The commitment is {self.state.value} and cannot become {state.value}.",
                state=self.state.value,
                wanted=state.value,
            )
        return replace(self, state=state)
