"""A document of the office as data: kind, number, fields, paragraphs, legal basis, remedies. Plain text, escaped
elsewhere."""

from collections.abc import Mapping
from dataclasses import field
from datetime import date
from enum import StrEnum
from typing import Final

from engine.approval import events
from engine.approval.stored import Stored
from engine.events import Event
from engine.records import record


class DocumentKind(StrEnum):
    """What the office writes."""

    RECEIPT = "receipt"
    ACCEPTANCE = "acceptance"
    CORRECTION = "correction"
    ACCEPTANCE_REFUSED = "acceptance_refused"
    NOT_NEEDED = "not_needed"
    TOLERANCE_NOTICE = "tolerance_notice"
    TOLERANCE_PROMISE = "tolerance_promise"
    TOLERANCE_EXTENSION = "tolerance_extension"
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
    YELLOW_CARD = "yellow_card"
    RED_CARD = "red_card"
    CARD_WITHDRAWN = "card_withdrawn"
    SUPERVISION_REMINDER = "supervision_reminder"
    SUPERVISION_ORDER = "supervision_order"
    SUPERVISION_NOTICE = "supervision_notice"
    ORDER_TRANSFER = "order_transfer"
    ORDER_REFUSED = "order_refused"
    ORDER_EXTENSION = "order_extension"
    ORDER_HELD = "order_held"
    ORDER_REPLY = "order_reply"
    ORDER_REDO = "order_redo"
    DISCLOSURE_RECEIPT = "disclosure_receipt"
    DISCLOSURE_CORRECTION = "disclosure_correction"
    DISCLOSURE_REASONS = "disclosure_reasons"
    DISCLOSURE_FEE = "disclosure_fee"
    DISCLOSURE_CONSULTATION = "disclosure_consultation"
    DISCLOSURE_COOPERATION = "disclosure_cooperation"
    DISCLOSURE_EXTENSION = "disclosure_extension"
    DISCLOSURE_REPLY = "disclosure_reply"
    DISCLOSURE_OVERRIDE = "disclosure_override"
    DISCLOSURE_SERVICE = "disclosure_service"
    PUBLICITY_NOTICE = "publicity_notice"
    OBJECTION_RESULT = "objection_result"
    PUBLICITY_ENDED = "publicity_ended"
    NOT_APPLICABLE = "not_applicable"
    DEREGISTRATION = "deregistration"
    DEREGISTRATION_REFUSED = "deregistration_refused"
    PERMITS_CANCELLED = "permits_cancelled"
    HEARING_NOTICE = "hearing_notice"
    PENALTY_TRANSFER = "penalty_transfer"
    RATING_INVITATION = "rating_invitation"
    START_REMINDER = "start_reminder"
    START_EXTENDED = "start_extended"
    START_NOT_EXTENDED = "start_not_extended"
    PERMIT_LAPSED = "permit_lapsed"
    CERTIFICATE_CANCELLED = "certificate_cancelled"

    @property
    def zh(self) -> str:
        return _TITLES[self.value][0]

    @property
    def noun(self) -> str:
        """What the document calls itself in its own text: 决定书, 告知书, 通知书, 答复书."""
        return self.zh.split("（")[0][-3:]

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
    "tolerance_extension": ("容缺补齐期限延期答复书", "容延"),
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
    "yellow_card": ("黄牌通知书", "黄"),
    "red_card": ("红牌通知书", "红"),
    "card_withdrawn": ("撤牌通知书", "撤牌"),
    "supervision_reminder": ("催办通知书", "催"),
    "supervision_order": ("监察建议书", "督"),
    "supervision_notice": ("效能监察通报", "通"),
    "order_transfer": ("热线工单交办单", "热交"),
    "order_refused": ("诉求不予受理告知书", "热不"),
    "order_extension": ("诉求延期办理告知书", "热延"),
    "order_held": ("诉求挂起告知书", "热挂"),
    "order_reply": ("诉求办理答复书", "热复"),
    "order_redo": ("工单重办通知书", "热重"),
    "disclosure_receipt": ("政府信息公开申请登记回执", "公登"),
    "disclosure_correction": ("政府信息公开申请补正告知书", "公补"),
    "disclosure_reasons": ("要求说明理由告知书", "公理"),
    "disclosure_fee": ("政府信息公开信息处理费收费通知书", "公费"),
    "disclosure_consultation": ("征求第三方意见书", "公征"),
    "disclosure_cooperation": ("政府信息公开征求意见函", "公函"),
    "disclosure_extension": ("政府信息公开延期答复告知书", "公延"),
    "disclosure_reply": ("政府信息公开申请答复书", "公复"),
    "disclosure_override": ("公开决定告知书（第三方）", "公三"),
    "disclosure_service": ("政府信息公开文书送达回证", "公回"),
    "publicity_notice": ("简易注销公告", "简公"),
    "objection_result": ("简易注销异议审查告知书", "简异"),
    "publicity_ended": ("终止简易注销程序告知书", "简终"),
    "not_applicable": ("不适用简易注销程序告知书", "简不"),
    "deregistration": ("准予注销登记通知书", "注准"),
    "deregistration_refused": ("不予注销登记通知书", "注不"),
    "permits_cancelled": ("证照并销告知书", "并销"),
    "hearing_notice": ("听证通知书", "听通"),
    "penalty_transfer": ("行政处罚案件移送函", "移"),
    "rating_invitation": ("政务服务评价邀请书", "评"),
    "start_reminder": ("开工提醒告知书", "开提"),
    "start_extended": ("延期开工通知书", "开延"),
    "start_not_extended": ("不予延期开工决定书", "开不"),
    "permit_lapsed": ("施工许可证废止告知书", "废告"),
    "certificate_cancelled": ("注销行政许可决定书", "注"),
}


REVIEW_FIRST: Final = "《中华人民共和国行政复议法》第二十三条第一款第四项"
REVIEW_SILENT: Final = "《中华人民共和国行政复议法》第三十四条"
AFTER_REVIEW: Final = "《中华人民共和国行政诉讼法》第四十五条"
AFTER_REVIEW_DAYS: Final = 15


@record
class Remedies(Stored):
    """What the addressee may do against a decision. The periods are parameters with their sources."""

    review_organ: str
    court: str
    review_days: int = 60
    review_source: str = "《中华人民共和国行政复议法》第二十条"
    litigation_months: int = 6
    litigation_source: str = "《中华人民共和国行政诉讼法》第四十六条"

    def text(self, noun: str = "决定书") -> str:
        """Return the paragraph on remedies of a document that calls itself ``noun``."""
        return f"如不服本{noun[:-1]}，可以{self._review(noun)}，也可以{self._litigation(noun)}。"

    def review_first(self, noun: str = "决定书", *, part: str = "") -> str:
        """The same where a review has to come before the court 复议前置 (行政复议法 23, told as its second paragraph demands);
        ``part`` names what of the document that is, "" for all of it."""
        about = f"本{noun}中{part}" if part else f"本{noun[:-1]}"
        told = (
            f"如不服{about}，应当先{self._review(noun)}（{REVIEW_FIRST}）；对行政复议决定不服的，"
            f"可以自收到行政复议决定书之日起{AFTER_REVIEW_DAYS}日内依据{AFTER_REVIEW}向{self.court}提起行政诉讼；"
            f"行政复议机关不予受理、驳回申请或者逾期不作答复的，可以自收到决定书或者行政复议期限届满之日起{AFTER_REVIEW_DAYS}日内"
            f"依据{REVIEW_SILENT}提起行政诉讼。"
        )
        return told + (
            f"不服本{noun}其他内容的，可以{self._review(noun)}，也可以{self._litigation(noun)}。" if part else ""
        )

    def _review(self, noun: str) -> str:
        return f"自收到本{noun}之日起{self.review_days}日内依据{self.review_source}向{self.review_organ}申请行政复议"

    def _litigation(self, noun: str) -> str:
        months, source = self.litigation_months, self.litigation_source
        return f"自收到本{noun}之日起{months}个月内依据{source}向{self.court}提起行政诉讼"


@record
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


@record
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
