"""A request for government information 依申请公开: dates of receipt, one correction, who is asked, fees, kinds of answer.

Sources: 政府信息公开条例 (2019) 30-40; 政府信息公开信息处理费管理办法 (国办函〔2020〕109号).
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final, TypeAlias

from engine.approval.events import disclosure as events
from engine.approval.item.services import DisclosureRules
from engine.approval.reason import Reason
from engine.approval.stored import Stored
from engine.events import Event
from engine.records import record

Requested: TypeAlias = "tuple[Request, list[Event]]"


class Way(StrEnum):
    """How the request came; its date of receipt follows (条例 31)."""

    IN_PERSON = "in_person"
    SIGNED_MAIL = "signed_mail"
    ORDINARY_MAIL = "ordinary_mail"
    INTERNET = "internet"
    FAX = "fax"

    @property
    def zh(self) -> str:
        return {
            "in_person": "当面提交",
            "signed_mail": "邮寄（签收）",
            "ordinary_mail": "平常信函等无需签收的邮寄",
            "internet": "互联网渠道",
            "fax": "传真",
        }[self.value]

    @property
    def needs_confirmation(self) -> bool:
        """Is the day of receipt the one on which both sides confirm it?"""
        return self in (Way.ORDINARY_MAIL, Way.INTERNET, Way.FAX)


class Answer(StrEnum):
    """What the organ may answer (条例 36, 37, 39, 35)."""

    DISCLOSED = "disclosed"
    PARTLY = "partly"
    WITHHELD = "withheld"
    PUBLIC = "public"
    ABSENT = "absent"
    NOT_OURS = "not_ours"
    REPEATED = "repeated"
    SPECIAL = "special"
    PROCESSING = "processing"
    NOT_INFORMATION = "not_information"
    EXCESSIVE = "excessive"

    @property
    def zh(self) -> str:
        return ANSWERS[self.value][0]

    @property
    def sentence(self) -> str:
        return ANSWERS[self.value][1]

    @property
    def article(self) -> str:
        return f"《政府信息公开条例》{ANSWERS[self.value][2]}"

    @property
    def needs_basis(self) -> bool:
        """Is something kept back, so that the rule which keeps it back has to be named?"""
        return self in (Answer.PARTLY, Answer.WITHHELD)

    @property
    def review_first(self) -> bool:
        """Does a review come before the court 复议前置? Only where information is kept back by articles 14 to 16 of the regulation
        (行政复议法 23 I(4); 法释〔2025〕8号 art. 1(2)), not where it does not exist or nothing is handled."""
        return self in (Answer.PARTLY, Answer.WITHHELD)

    @property
    def gives(self) -> bool:
        """Does the applicant get information that he did not have?"""
        return self in (Answer.DISCLOSED, Answer.PARTLY)


ANSWERS: Final[Mapping[str, tuple[str, str, str]]] = {
    "disclosed": ("予以公开", "你（单位）申请的政府信息，本机关予以公开：", "第三十六条第二项"),
    "partly": ("部分公开", "你（单位）申请的政府信息含有不应当公开的内容，能够区分处理的部分予以公开：", "第三十七条"),
    "withheld": ("不予公开", "你（单位）申请的政府信息，本机关决定不予公开。", "第三十六条第三项"),
    "public": ("已主动公开", "你（单位）申请的政府信息已经主动公开，获取的方式和途径为：", "第三十六条第一项"),
    "absent": ("信息不存在", "经检索，你（单位）申请的政府信息不存在。", "第三十六条第四项"),
    "not_ours": ("不属于本机关公开", "你（单位）申请的政府信息不属于本机关负责公开，负责公开的机关为：", "第三十六条第五项"),
    "repeated": ("重复申请不予处理", "你（单位）就同一政府信息重复申请，本机关已经答复，不再重复处理。", "第三十六条第六项"),
    "special": ("按专门规定办理", "你（单位）申请的信息，法律、行政法规对获取有特别规定，请依照该规定办理：", "第三十六条第七项"),
    "processing": ("不予提供（需加工、分析）", "你（单位）申请的信息需要行政机关加工、分析，本机关可以不予提供。", "第三十八条"),
    "not_information": ("不予处理（信访、投诉、举报）", "你（单位）以政府信息公开申请的形式进行信访、投诉、举报等活动，不作为政府信息公开申请处理，可以通过下列渠道提出：", "第三十九条"),
    "excessive": ("不予处理（理由不合理）", "你（单位）申请公开政府信息的数量、频次明显超过合理范围，说明的理由不合理，本机关不予处理。", "第三十五条"),
}  # fmt: skip


class Role(StrEnum):
    """Who is asked before the answer."""

    THIRD_PARTY = "third_party"
    CO_PRODUCER = "co_producer"

    @property
    def zh(self) -> str:
        return {"third_party": "第三方", "co_producer": "共同制作机关"}[self.value]


class Opinion(StrEnum):
    """What they say."""

    AGREE = "agree"
    OBJECT = "object"
    SILENT = "silent"


@record
class Asked(Stored):
    """One who was asked, and the answer."""

    role: Role
    name: str
    opinion: Opinion | None = None
    reason: str = ""
    suspension_id: str = ""  # the time for it does not count (条例 33)

    @property
    def agrees(self) -> bool:
        """May it be disclosed as far as they are concerned? A co-producer's silence is consent (条例 34), a third party's is
        not: then the organ itself decides (条例 32)."""
        return self.opinion is Opinion.AGREE or (self.opinion is Opinion.SILENT and self.role is Role.CO_PRODUCER)

    def words(self) -> str:
        """Return the answer as the file shows it."""
        said = {
            Opinion.AGREE: "同意公开",
            Opinion.OBJECT: "不同意公开",
            Opinion.SILENT: "逾期未答复，视为同意公开" if self.agrees else "逾期未答复，由本机关依法决定",
        }
        reason = f"（{self.reason}）" if self.reason else ""
        return (
            f"{self.role.zh}{self.name}：{said.get(self.opinion, '等待答复') if self.opinion else '等待答复'}{reason}"
        )


def request_fee(number: int) -> int:
    """Yuan for the ``number``-th request of one applicant in a calendar month (办法 4): none up to 10, 100 each up to 30, then
    100 more for every ten."""
    if number <= 10:
        return 0
    return 100 if number <= 30 else 100 * (2 + (number - 31) // 10)


def page_fee(pages: int) -> int:
    """Yuan for ``pages`` pages (办法 5): none up to 30, then 10, 20 and 40 a page from 31, 101 and 201 on."""
    steps = ((30, 100, 10), (100, 200, 20), (200, pages, 40))
    return sum(max(0, min(pages, last) - first) * price for first, last, price in steps)


@record
class Request(Stored):
    """What is kept of a request beside its case."""

    way: Way = Way.IN_PERSON
    received_on: date | None = None
    corrections: int = 0
    extension_requested_at: datetime | None = None
    extended: bool = False
    restarts: int = 0
    fee: int = 0
    paid: bool = False
    asked: tuple[Asked, ...] = ()

    def against_correction(self, *, at: datetime, until: datetime | None) -> list[Reason]:
        """Return what speaks against asking for a correction at ``at``: once, within seven working days (条例 30)."""
        against = []
        if self.corrections:
            against.append(
                Reason(
                    code="asked-before",
                    zh="已经告知过补正，不能再次要求补正，请按现有内容答复",
                    en="a correction was asked for before; answer what was asked",
                    rule="《政府信息公开条例》第三十条",
                )
            )
        elif until is not None and at > until:
            against.append(
                Reason(
                    code="too-late",
                    zh="已过补正告知的期限（收到申请之日起7个工作日）",
                    en="a correction is asked for within seven working days of receipt",
                    rule="《政府信息公开条例》第三十条",
                )
            )
        return against

    def against_extension(self, days: int, rules: DisclosureRules, *, at: datetime, due: datetime) -> list[Reason]:
        """Return what speaks against extending: once, before the end, twenty working days at most (条例 33)."""
        most = int(rules.extension.limit.value)
        against = []
        if self.extension_requested_at is not None or self.extended:
            against.append(Reason(code="asked-before", zh="只能延期一次", en="an extension is possible once"))
        if at > due:
            against.append(Reason(code="too-late", zh="答复期限已满，不能延期", en="the limit to answer is over"))
        if not 1 <= days <= most:
            against.append(
                Reason(code="too-long", zh=f"延期应为1至{most}个工作日", en=f"an extension is 1 to {most} working days")
            )
        return against

    def restart(self, case_id: str, cause: str) -> Requested:
        """The time to answer is counted anew."""
        told = events.ReplyClockRestarted(case_id=case_id, cause=cause)
        return replace(self, restarts=self.restarts + 1), [told]

    def ask(self, case_id: str, role: Role, name: str, suspension_id: str) -> Requested:
        """Somebody is asked in writing."""
        told = events.OpinionSought(case_id=case_id, role=role.value, name=name)
        asked = Asked(role=role, name=name, suspension_id=suspension_id)
        return replace(self, asked=(*self.asked, asked)), [told]

    def hear(self, case_id: str, role: Role, opinion: Opinion, reason: str) -> Requested:
        """They answered, or kept silent until the end of their time."""
        told: list[Event] = []
        asked = []
        for each in self.asked:
            if each.role is role and each.opinion is None:
                each = replace(each, opinion=opinion, reason=reason)
                told.append(
                    events.OpinionReceived(
                        case_id=case_id, role=role.value, name=each.name, opinion=opinion.value, reason=reason
                    )
                )
            asked.append(each)
        return replace(self, asked=tuple(asked)), told

    def against_answer(self, answer: Answer, *, reason: str, basis: str, public_interest: str) -> list[Reason]:
        """Return what an answer still lacks: the basis and the reason of what is kept back, the public interest where a third
        party does not agree (条例 32), the consent of who made the information (条例 34)."""
        against = []
        if answer.needs_basis and not (reason and basis):
            against.append(
                Reason(code="no-basis", zh=f"{answer.zh}应当写明理由和依据", en="give the reason and the rule")
            )
        objecting = [each for each in self.asked if each.opinion is Opinion.OBJECT]
        if answer.gives and any(each.role is Role.THIRD_PARTY for each in objecting) and not public_interest:
            against.append(
                Reason(
                    code="third-party-objects",
                    zh="第三方不同意公开：不公开会对公共利益造成重大影响的，写明理由后才能公开",
                    en="the third party objects: give the public interest that outweighs it",
                    rule="《政府信息公开条例》第三十二条",
                )
            )
        if answer.gives and any(each.role is Role.CO_PRODUCER for each in objecting):
            against.append(
                Reason(
                    code="co-producer-objects",
                    zh="共同制作机关不同意公开，请协商一致或者不予公开",
                    en="the organ that took part in making it objects",
                    rule="《政府信息公开条例》第三十四条",
                )
            )
        return against
