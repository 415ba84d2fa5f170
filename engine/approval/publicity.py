"""Publicity before a simple deregistration 简易注销公示: who may use it, who may object, what counts, who may apply again.

Sources: 市场主体登记管理条例 (2021) 33 and 实施细则 47-49; 公司法 (2023) 240; 国市监注发〔2021〕45号 (20 days, fault tolerance).
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from engine.approval.events import publicity as events
from engine.approval.item.services import PublicityRules
from engine.approval.reason import Decision, Reason
from engine.approval.stored import Stored
from engine.calendar import Due
from engine.events import Event
from engine.records import record

Published: TypeAlias = "tuple[Publicity, list[Event]]"
ART_33 = "《市场主体登记管理条例》第三十三条"
ART_48 = "《市场主体登记管理条例实施细则》第四十八条"
ART_49 = "《市场主体登记管理条例实施细则》第四十九条"


class Objector(StrEnum):
    """Who may object: organs, and whoever has an interest of their own."""

    TAX = "tax"
    SOCIAL_INSURANCE = "social_insurance"
    OTHER_ORGAN = "other_organ"
    CREDITOR = "creditor"
    EMPLOYEE = "employee"
    INVESTOR = "investor"
    OTHER = "other"  # anybody else: heard, but it is no objection in the sense of the law

    @property
    def zh(self) -> str:
        return {
            "tax": "税务机关",
            "social_insurance": "人力资源和社会保障部门",
            "other_organ": "其他有关部门",
            "creditor": "债权人",
            "employee": "职工",
            "investor": "投资人",
            "other": "其他人",
        }[self.value]

    @property
    def is_organ(self) -> bool:
        return self in (Objector.TAX, Objector.SOCIAL_INSURANCE, Objector.OTHER_ORGAN)


class Outcome(StrEnum):
    """How the publicity ended."""

    COMPLETED = "completed"
    STOPPED = "stopped"  # 终止: an objection stands
    LAPSED = "lapsed"  # nobody applied in time afterwards


@record
class Objection(Stored):
    """One objection and what became of it."""

    number: int
    by: Objector
    name: str
    text: str
    raised_at: datetime
    valid: bool | None = None
    reason: str = ""


@record
class Earlier:
    """An earlier application of the same subject."""

    number: str
    is_open: bool
    outcome: str  # of Outcome, "granted", or another result


def may_use(
    rules: PublicityRules,
    *,
    excluded: Iterable[str],
    no_debts: bool,
    all_committed: bool,
    earlier: Iterable[Earlier],
    resolved: bool,
) -> Decision:
    """Return whether a subject may be deregistered in the simple way, with everything that speaks against it.

    ``excluded`` are codes of the item's situations (细则 48). ``resolved``: the applicant shows that what stopped an earlier
    application has been settled; without it an application that an objection stopped does not come back (容错).
    """
    against = [
        Reason(code=f"excluded-{code}".replace("_", "-"), zh=rules.excluded.get(code, code), en=code, rule=ART_48)
        for code in excluded
        if code != "none"
    ]
    if not no_debts:
        against.append(
            Reason(
                code="debts",
                zh="存在未清偿的债权债务、清偿费用、职工工资、社会保险费用、法定补偿金或者应缴税款",
                en="debts, wages, insurance or taxes are not settled",
                rule=ART_33,
            )
        )
    if not all_committed:
        against.append(
            Reason(code="no-commitment", zh="没有全体投资人的书面承诺", en="not all investors committed", rule=ART_33)
        )
    for each in earlier:
        against += _against_again(each, resolved=resolved)
    return Decision(against=tuple(against))


def _against_again(earlier: Earlier, *, resolved: bool) -> list[Reason]:
    if earlier.is_open:
        zh, en = f"已有在办的简易注销申请{earlier.number}", f"{earlier.number} is under way"
        return [Reason(code="under-way", zh=zh, en=en)]
    if earlier.outcome == "granted":
        zh, en = f"已经准予注销登记（{earlier.number}）", f"deregistered by {earlier.number}"
        return [Reason(code="deregistered", zh=zh, en=en)]
    if earlier.outcome == Outcome.STOPPED.value and not resolved:
        return [
            Reason(
                code="objection-unresolved",
                zh=f"上次申请{earlier.number}因异议终止，异议事由消除后才能再次申请，请说明并提交证明",
                en=f"{earlier.number} was stopped by an objection; show that it has been settled",
                rule="国市监注发〔2021〕45号",
            )
        ]
    return []


@record
class Publicity(Stored):
    """What is kept of a publicity beside its case. ``published`` is False where it was only pushed to the organs."""

    published: bool = True
    round: int = 0
    until: datetime | None = None
    objections: tuple[Objection, ...] = ()
    outcome: Outcome | None = None
    submission_extended: bool = False

    def open(self, case_id: str, due: Due, *, published: bool) -> Published:
        """Begin, or begin again: the whole period runs anew, for what was shown before did not count."""
        number = self.round + 1
        told = events.PublicityOpened(case_id=case_id, round=number, until=due.date, published=published)
        return replace(self, round=number, until=due.at, published=published), [told]

    def against_objection(self, by: Objector, name: str, text: str, *, at: datetime) -> list[Reason]:
        """Return what keeps an objection from being taken up at ``at``: it comes in time, with a name, and with facts."""
        against = []
        if self.until is None or at > self.until or self.outcome is not None:
            against.append(
                Reason(
                    code="not-in-time",
                    zh="不在公示（异议）期内，请向登记机关投诉或者依法起诉",
                    en="the publicity is over; complain to the registrar or sue",
                    rule=ART_49,
                )
            )
        if not name.strip():
            against.append(Reason(code="anonymous", zh="请写明异议人的名称", en="say who objects"))
        if len(text.strip()) < 5:
            against.append(Reason(code="no-facts", zh="请写明异议的事实和理由", en="give the facts of the objection"))
        return against

    def raise_objection(self, case_id: str, by: Objector, name: str, text: str, at: datetime) -> Published:
        """Take up an objection, after ``against_objection`` found nothing."""
        number = len(self.objections) + 1
        objection = Objection(number=number, by=by, name=name, text=text, raised_at=at)
        told = events.ObjectionRaised(case_id=case_id, number=number, by=by.value, name=name, text=text)
        return replace(self, objections=(*self.objections, objection)), [told]

    def judge(self, case_id: str, number: int, *, valid: bool, reason: str) -> Published:
        """Say whether an objection stands. That of somebody without an interest of his own never does."""
        judged = tuple(
            replace(each, valid=valid, reason=reason) if each.number == number else each for each in self.objections
        )
        told = events.ObjectionJudged(case_id=case_id, number=number, valid=valid, reason=reason)
        return replace(self, objections=judged), [told]

    def against_judgement(self, number: int, *, valid: bool) -> list[Reason]:
        """Return what speaks against judging so: an organ's objection is not the registrar's to reject (条例 33), and who has
        no interest of his own cannot stop it."""
        objection = next((each for each in self.objections if each.number == number), None)
        if objection is None:
            return [Reason(code="unknown", zh="没有这件异议", en="there is no such objection")]
        if objection.by.is_organ and not valid:
            zh = f"{objection.by.zh}提出的异议由其自行撤回，登记机关不能认定不成立"
            return [Reason(code="organ", zh=zh, en="only the organ itself can take its objection back", rule=ART_33)]
        if objection.by is Objector.OTHER and valid:
            zh = "异议人与被注销人没有利害关系，不能据此终止简易注销"
            return [Reason(code="no-interest", zh=zh, en="the objector has no interest of his own", rule=ART_49)]
        return []

    def fail(self, case_id: str, reason: str) -> Published:
        """The publicity was wrong or interrupted: it does not count."""
        return self, [events.PublicityFailed(case_id=case_id, round=self.round, reason=reason)]

    def end(self, case_id: str, outcome: Outcome, reason: str = "") -> Published:
        """The publicity ended."""
        told = events.PublicityEnded(case_id=case_id, outcome=outcome.value, reason=reason)
        return replace(self, outcome=outcome), [told]


def earlier_of(rows: Iterable[Mapping[str, object]], ended: Iterable[str]) -> list[Earlier]:
    """Read the rows of earlier cases: number, whether it is open, and how its publicity or its decision ended."""
    closed = set(ended)
    found = []
    for row in rows:
        facts = row["facts"]
        part = facts.get("publicity") if isinstance(facts, Mapping) else None
        outcome = str(row["result"] or (part or {}).get("outcome") or "")
        found.append(Earlier(number=str(row["no"]), is_open=row["state"] not in closed, outcome=outcome))
    return found
