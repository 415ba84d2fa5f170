"""Notices of supervision 监察文书: cards, withdrawals, and the three levels of orders, as documents with numbers."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from engine.approval.document import Document, DocumentKind, Issuer
from engine.approval.document.writer import day
from engine.approval.supervision.order import OrderLevel
from engine.approval.supervision.rules import Level
from engine.calendar import Limit
from engine.records import record

CARD_KINDS: Final = {Level.YELLOW: DocumentKind.YELLOW_CARD, Level.RED: DocumentKind.RED_CARD}
ORDER_KINDS: Final = {
    OrderLevel.REMINDER: DocumentKind.SUPERVISION_REMINDER,
    OrderLevel.ORDER: DocumentKind.SUPERVISION_ORDER,
    OrderLevel.NOTICE: DocumentKind.SUPERVISION_NOTICE,
}


@record
class NoticeDesk:
    """What all notices of a case have in common: who writes, to whom, about which case, on which day."""

    issuer: Issuer
    addressee: str  # department and persons
    case_id: str
    case_no: str
    title: str
    on: date

    def write(
        self, kind: DocumentKind, serial: int, paragraphs: Iterable[str], fields: Mapping[str, str] | None = None
    ) -> Document:
        return Document(
            kind=kind,
            number=self.issuer.number(kind, self.on.year, serial),
            case_id=self.case_id,
            addressee=self.addressee,
            issuer=self.issuer.name,
            issued_on=self.on,
            paragraphs=tuple(paragraphs),
            fields={"办件编号": self.case_no, "办件名称": self.title, **(fields or {})},
        )


def card_notice(
    desk: NoticeDesk,
    serial: int,
    level: Level,
    *,
    reason: str,
    facts: Mapping[str, Any],
    feedback: date,
    source: str,
    firm: bool = True,
) -> Document:
    """黄牌通知书 or 红牌通知书, with the sum of the time. ``firm``: are the holidays up to ``feedback`` known?"""
    fields: dict[str, str] = {}
    paragraphs = [f"经监察，上述办件{reason}，现发{level.zh}一张。"]
    if facts:
        limit = Limit.parse(facts["limit"])
        fields = {
            "时限": limit.text(),
            "已用": f"{facts['used']:g}{limit.unit.zh}",
            "到期": str(facts["due_at"])[:16].replace("T", " "),
        }
        paragraphs.append(f"时限计算：{facts['sum']['zh']}")
        if facts["suspensions"]:
            paragraphs.append(f"其间暂停 {len(facts['suspensions'])} 次，已从已用时间中扣除。")
    paragraphs += [
        f"请于{day(feedback)}前说明原因和整改情况{_until(firm)}。对本通知有异议的，可以在同一期限内申诉。",
        f"发牌规则：{source}。",
    ]
    return desk.write(CARD_KINDS[level], serial, paragraphs, fields)


def _until(firm: bool) -> str:
    return "" if firm else "（所涉年份的放假安排尚未公布，公布后按工作日重新计算）"


def withdrawal_notice(
    desk: NoticeDesk, serial: int, *, number: str, level: Level, reason: str, order: str = ""
) -> Document:
    """撤牌通知书: the card's own notice stays in the file. ``order``: number of the order that goes with the card."""
    about = f"{number}{level.zh}" if number else level.zh
    about += f"和由此发出的督办{order}" if order else ""
    return desk.write(DocumentKind.CARD_WITHDRAWN, serial, [f"现撤销{about}。", f"理由：{reason}"])


def order_notice(
    desk: NoticeDesk, serial: int, level: OrderLevel, *, text: str, due: date, firm: bool = True
) -> Document:
    """催办通知书, 监察建议书（整改建议书）, or 通报. ``firm`` as for cards."""
    paragraphs = [text, f"请于{day(due)}前书面回复办理情况{_until(firm)}；逾期不回复的，升级处理。"]
    if level is OrderLevel.NOTICE:
        paragraphs.append("本通报抄送审批负责人，列入绩效考核；必要时约谈、作效能告诫。")
    return desk.write(ORDER_KINDS[level], serial, paragraphs, {"督办级别": level.zh})
