"""Documents of a request for information: receipt, correction, reasons, fee, consultation, extension, answer, service."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from engine.approval.disclosure import Answer, Role, Way
from engine.approval.document.value import Document, DocumentKind
from engine.approval.document.writer import Desk, day, numbered, until
from engine.calendar import Due

LAW = "《中华人民共和国政府信息公开条例》"
FEE_RULES = "《政府信息公开信息处理费管理办法》（国办函〔2020〕109号）"


def registered(desk: Desk, serial: int, *, way: Way, received_on: date, wanted: str, due: Due) -> Document:
    """政府信息公开申请登记回执."""
    return desk.write(
        DocumentKind.DISCLOSURE_RECEIPT,
        serial,
        [f"本机关于{day(received_on)}收到你（单位）的政府信息公开申请：{wanted}", f"本机关将于{until(due)}前答复。"],
        fields={"提交方式": way.zh, "收到日期": day(received_on)},
        legal_basis=[f"{LAW}第三十一条、第三十三条"],
    )


def correction(desk: Desk, serial: int, items: Iterable[str], *, due: Due) -> Document:
    """补正告知书: everything at once, with a reasonable period."""
    return desk.write(
        DocumentKind.DISCLOSURE_CORRECTION,
        serial,
        [
            "你（单位）的政府信息公开申请内容不明确，请作出下列补正：",
            *numbered(items),
            f"请于{until(due)}前补正；答复期限自本机关收到补正的申请之日起计算。无正当理由逾期不补正的，视为放弃申请。",
        ],
        legal_basis=[f"{LAW}第三十条"],
    )


def reasons(desk: Desk, serial: int, *, requests: int, due: Due) -> Document:
    """要求说明理由告知书."""
    return desk.write(
        DocumentKind.DISCLOSURE_REASONS,
        serial,
        [
            f"你（单位）申请公开政府信息的数量、频次明显超过合理范围（本月第{requests}件），请于{until(due)}前说明理由。",
            "理由不合理的，本机关告知不予处理；理由合理但无法按期答复的，确定延迟答复的合理期限并告知。",
        ],
        legal_basis=[f"{LAW}第三十五条"],
    )


def fee(desk: Desk, serial: int, *, amount: int, words: str, due: Due) -> Document:
    """信息处理费收费通知书."""
    return desk.write(
        DocumentKind.DISCLOSURE_FEE,
        serial,
        [
            f"经核算，你（单位）应当缴纳信息处理费{amount}元（{words}），请于{until(due)}前缴纳。",
            "逾期未缴纳的，视为放弃申请，本机关不再处理该申请。答复期限自完成缴费次日起重新计算。",
            "对收费有异议的，不能单独就收费申请行政复议或者提起行政诉讼；缴费期满后，可以就不再处理申请的行为依法投诉、举报，"
            "申请行政复议或者提起行政诉讼。",
        ],
        fields={"金额": f"{amount}元"},
        legal_basis=[f"{LAW}第四十二条", FEE_RULES],
    )


def consultation(desk: Desk, serial: int, *, role: Role, name: str, wanted: str, due: Due) -> Document:
    """The letter to a third party, or to an organ that took part in making the information."""
    third = role is Role.THIRD_PARTY
    silence = "逾期未提出意见的，由本机关依法决定是否公开。" if third else "逾期未提出意见的，视为同意公开。"
    written = desk.write(
        DocumentKind.DISCLOSURE_CONSULTATION if third else DocumentKind.DISCLOSURE_COOPERATION,
        serial,
        [
            f"本机关收到公开下列政府信息的申请：{wanted}",
            f"公开该信息涉及你（单位）{'的合法权益' if third else '共同制作的内容'}，请于{until(due)}前书面提出意见和理由。",
            silence,
        ],
        legal_basis=[f"{LAW}第三十{'二' if third else '四'}条"],
    )
    return replace(written, addressee=name, fields={"办件编号": desk.case.number})


def extended(desk: Desk, serial: int, *, due: Due, reason: str) -> Document:
    """延期答复告知书."""
    return desk.write(
        DocumentKind.DISCLOSURE_EXTENSION,
        serial,
        [f"你（单位）的政府信息公开申请需要延长答复期限，经本机关政府信息公开工作机构负责人同意，延期至{until(due)}前答复。",
         f"理由：{reason}"],
        fields={"延期后的期限": until(due)},
        legal_basis=[f"{LAW}第三十三条"],
    )  # fmt: skip


def answered(
    desk: Desk, serial: int, answer: Answer, *, text: str, reason: str, basis: str, asked: Iterable[str]
) -> Document:
    """答复书: the kind, the content or the way to it, the reason and basis of what is kept back, remedies. What is kept back goes
    to review first, and the answer has to say so (行政复议法 23)."""
    written = desk.write(
        DocumentKind.DISCLOSURE_REPLY,
        serial,
        [
            answer.sentence,
            *([text] if text else []),
            *([f"理由：{reason}"] if reason else []),
            *asked,
        ],
        fields={"答复类型": answer.zh},
        legal_basis=[answer.article, *([basis] if basis else [])],
        with_remedies=True,
    )
    if not answer.review_first:
        return written
    part = "" if answer is Answer.WITHHELD else "不予公开的部分"
    return replace(written, remedies=desk.issuer.remedies.review_first(written.kind.noun, part=part))


def override(desk: Desk, serial: int, *, name: str, content: str, reason: str) -> Document:
    """To the third party who objected: what is disclosed, and why the public interest demands it (条例 32)."""
    written = desk.write(
        DocumentKind.DISCLOSURE_OVERRIDE,
        serial,
        [
            f"你（单位）不同意公开的政府信息，本机关决定予以公开：{content}",
            f"理由：不公开会对公共利益造成重大影响。{reason}",
        ],
        legal_basis=[f"{LAW}第三十二条"],
        with_remedies=True,
    )
    return replace(written, addressee=name, fields={"办件编号": desk.case.number})


def served(desk: Desk, serial: int, *, way: str, receiver: str, number: str) -> Document:
    """送达回证."""
    return desk.write(
        DocumentKind.DISCLOSURE_SERVICE,
        serial,
        [f"答复书已送达。送达方式：{way}。收件人：{receiver}。{f'单号：{number}。' if number else ''}"],
        fields={"送达日期": day(desk.on)},
    )
