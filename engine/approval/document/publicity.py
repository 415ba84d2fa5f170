"""Documents of a simple deregistration: the notice, the answer to an objection, the end of the procedure, the registration."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from engine.approval.document.value import Document, DocumentKind
from engine.approval.document.writer import Desk, numbered, until
from engine.approval.permits import Permits
from engine.approval.publicity import ART_33, ART_49, Objection
from engine.calendar import Due

ART_70: Final = "《行政许可法》第七十条"


def notice(desk: Desk, serial: int, *, due: Due, published: bool) -> Document:
    """简易注销公告, or the push to the tax and other organs."""
    who = desk.applicant.name
    text = (
        f"{who}拟申请简易注销登记，全体投资人已承诺债权债务清偿完结。公示期至{until(due)}。"
        "有关部门、债权人及其他利害关系人可以在公示期内提出异议并说明理由。"
    )
    if not published:
        text = f"{who}拟申请简易注销登记，现推送税务、人力资源和社会保障等部门，请于{until(due)}前提出异议。"
    written = desk.write(
        DocumentKind.PUBLICITY_NOTICE, serial, [text], fields={"期满日期": until(due)}, legal_basis=[ART_33]
    )
    return written if published else replace(written, addressee="税务、人力资源和社会保障等部门")


def not_applicable(desk: Desk, serial: int, reasons: Iterable[str]) -> Document:
    """不适用简易注销程序告知书: why, and the ordinary way."""
    return desk.write(
        DocumentKind.NOT_APPLICABLE,
        serial,
        [
            "你（单位）不适用简易注销程序：",
            *numbered(reasons),
            "请按普通程序办理注销登记；上述情形消除后，可以再次申请。",
        ],
        legal_basis=[ART_33],
        with_remedies=True,
    )


def objection_result(desk: Desk, serial: int, objection: Objection) -> Document:
    """异议审查告知书 to whoever objected."""
    found = "成立，终止简易注销程序" if objection.valid else "不成立，简易注销程序继续进行"
    written = desk.write(
        DocumentKind.OBJECTION_RESULT,
        serial,
        [f"你（单位）对{desk.applicant.name}简易注销提出的异议，经审查，{found}。", f"理由：{objection.reason}"],
        legal_basis=[ART_49],
    )
    return replace(written, addressee=objection.name, fields={"办件编号": desk.case.number})


def ended(desk: Desk, serial: int, *, reason: str) -> Document:
    """终止简易注销程序告知书: it may be applied for again."""
    return desk.write(
        DocumentKind.PUBLICITY_ENDED,
        serial,
        [
            f"{reason}，现终止你（单位）的简易注销程序。",
            "上述事由消除后可以再次申请简易注销，也可以按普通程序办理注销登记。",
        ],
        legal_basis=[ART_33],
        with_remedies=True,
    )


def deregistered(desk: Desk, serial: int, *, individual: bool = False) -> Document:
    """准予注销登记通知书: what has ended, and who answers for the debts (公司法 240, 民法典 56)."""
    liable = (
        "个体工商户的债务，个人经营的以个人财产、家庭经营的以家庭财产承担（《民法典》第五十六条）。"
        if individual
        else "承诺不真实的，投资人对注销登记前的债务承担连带责任（公司适用《公司法》第二百四十条）。"
    )
    return desk.write(
        DocumentKind.DEREGISTRATION,
        serial,
        [
            f"你（单位）提交的注销登记申请，经审查，符合规定，准予注销登记。{desk.applicant.name}自即日起终止。",
            f"营业执照正、副本已收缴或者公告作废。{liable}",
        ],
        legal_basis=desk.basis,
    )


def refused(desk: Desk, serial: int, *, reason: str, basis: str) -> Document:
    """不予注销登记通知书."""
    return desk.write(
        DocumentKind.DEREGISTRATION_REFUSED,
        serial,
        ["你（单位）提交的注销登记申请，经审查，不予登记。", f"理由：{reason}"],
        legal_basis=[basis] if basis else [],
        with_remedies=True,
    )


def permits(desk: Desk, serial: int, decided: Permits) -> Document:
    """证照并销告知书: which permits are cancelled with the registration, which stay and why."""
    lines = []
    if decided.gone:
        lines += [
            "你（单位）的下列许可证自即日起注销，请交回证件，不能交回的公告作废：",
            *numbered(each.words for each in decided.gone),
        ]
    if decided.kept:
        lines += [
            "下列许可证因许可部门不同意，暂不注销，请向该部门办理：",
            *numbered(f"{each.words}。理由：{each.reason}" for each in decided.kept),
        ]
    return desk.write(
        DocumentKind.PERMITS_CANCELLED, serial, lines, legal_basis=[ART_70], with_remedies=bool(decided.kept)
    )
