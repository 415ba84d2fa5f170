"""Remedies against an answer 行政复议、行政诉讼: who decides, until when the organ defends it, and what came out."""

from dataclasses import replace
from enum import StrEnum
from typing import TypeAlias

from engine.approval.events import disclosure as events
from engine.approval.stored import Stored
from engine.errors import Conflict, InvalidInput
from engine.events import Event
from engine.records import record

Remedied: TypeAlias = "tuple[Remedies, list[Event]]"


class RemedyKind(StrEnum):
    """Before whom the answer is contested."""

    REVIEW = "review"  # 行政复议
    LITIGATION = "litigation"  # 行政诉讼

    @property
    def zh(self) -> str:
        return {"review": "行政复议", "litigation": "行政诉讼"}[self.value]


class RemedyResult(StrEnum):
    """What was decided (行政复议法 63-69, 行政诉讼法 69-77). Only ``REANSWER`` opens the request again."""

    UPHELD = "upheld"  # 维持, 驳回
    WITHDRAWN = "withdrawn"  # 撤回、调解、终止
    UNLAWFUL = "unlawful"  # 确认违法, without a new answer
    REANSWER = "reanswer"  # 撤销、变更，责令重新答复

    @property
    def zh(self) -> str:
        return {"upheld": "维持", "withdrawn": "撤回或者终止", "unlawful": "确认违法", "reanswer": "责令重新答复"}[
            self.value
        ]

    @property
    def corrected(self) -> bool:
        """Was the organ put right 纠正? The annual report counts it so (条例 50)."""
        return self in (RemedyResult.UNLAWFUL, RemedyResult.REANSWER)


@record
class Remedy(Stored):
    """One review or lawsuit; ``result`` is "" while it is pending."""

    kind: RemedyKind
    organ: str  # who decides: the organ of review or the court
    number: str  # of its case
    result: str = ""
    decision: str = ""  # the number of the decision or judgement
    days: int = 0  # working days given for the new answer
    premature: bool = False  # a lawsuit without the review that has to come first


@record
class Remedies(Stored):
    """All of them, in the order in which they came; one is pending at a time."""

    taken: tuple[Remedy, ...] = ()

    @property
    def pending(self) -> Remedy | None:
        """The one that is not decided yet."""
        return next((each for each in self.taken if not each.result), None)

    @property
    def reviewed(self) -> bool:
        """Was the answer that stands reviewed? A review that ordered a new answer was about the one before."""
        reviewed = False
        for each in self.taken:
            if each.result == RemedyResult.REANSWER.value:
                reviewed = False
            elif each.kind is RemedyKind.REVIEW and each.result in (
                RemedyResult.UPHELD.value,
                RemedyResult.UNLAWFUL.value,
            ):
                reviewed = True
        return reviewed

    def take(self, case_id: str, kind: RemedyKind, organ: str, number: str, *, review_first: bool = False) -> Remedied:
        """The organ got the copy of an application or a claim. ``review_first``: this answer has to be reviewed before a court
        may hear of it; a claim without a review is written down all the same, since the time to defend it runs, and marked.
        Raises Conflict while another one is pending."""
        if self.pending is not None:
            raise Conflict(
                f"{self.pending.kind.zh}（{self.pending.number}）尚未登记结果，请先登记。",
                f"The {self.pending.kind.value} {self.pending.number} is pending; write down what came out of it first.",
            )
        premature = review_first and kind is RemedyKind.LITIGATION and not self.reviewed
        told = events.RemedyTaken(case_id=case_id, remedy=kind.value, organ=organ, number=number, premature=premature)
        taken = Remedy(kind=kind, organ=organ, number=number, premature=premature)
        return replace(self, taken=(*self.taken, taken)), [told]

    def conclude(self, case_id: str, result: RemedyResult, decision: str, days: int = 0) -> Remedied:
        """What was decided; ``days`` for the new answer where one was ordered. Raises Conflict when nothing is pending."""
        pending = self.pending
        if pending is None:
            raise Conflict("没有尚未登记结果的复议或者诉讼。", "No remedy is pending.")
        if result is RemedyResult.REANSWER and days < 1:
            raise InvalidInput(
                "请填写决定或者判决给出的重新答复期限（工作日）。",
                "Give the working days within which the new answer was ordered.",
                fields={"reanswer_days": "required"},
            )
        done = replace(pending, result=result.value, decision=decision, days=days)
        told = events.RemedyConcluded(
            case_id=case_id, remedy=pending.kind.value, number=pending.number, result=result.value, decision=decision
        )
        return replace(self, taken=tuple(done if each is pending else each for each in self.taken)), [told]
