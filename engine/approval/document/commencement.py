"""Documents after a construction permit: the reminder to begin, the later day, and the lapse by law (建筑法 9)."""

from typing import Final

from engine.approval.document.value import Document, DocumentKind
from engine.approval.document.writer import Desk, until
from engine.calendar import Due

ART_9: Final = "《中华人民共和国建筑法》第九条"
ART_70: Final = "《中华人民共和国行政许可法》第七十条"


def reminder(desk: Desk, serial: int, *, permit: str, due: Due, extensions_left: int) -> Document:
    """开工提醒告知书: until when, and what follows."""
    more = f"（尚可延期{extensions_left}次，每次不超过三个月）" if extensions_left else "（两次延期已经用完）"
    return desk.write(
        DocumentKind.START_REMINDER,
        serial,
        [
            f"你（单位）领取的施工许可证（{permit}）应当于{until(due)}前开工。已经开工的，请告知开工日期。",
            f"因故不能按期开工的，应当在此之前向本机关申请延期{more}。",
            "既不开工又不申请延期或者超过延期时限的，施工许可证自行废止。",
        ],
        fields={"应当开工日期": until(due)},
        legal_basis=[ART_9],
    )


def extended(desk: Desk, serial: int, *, permit: str, due: Due, count: int, reason: str) -> Document:
    """延期开工通知书: once more, at most twice."""
    return desk.write(
        DocumentKind.START_EXTENDED,
        serial,
        [
            f"你（单位）提出的延期开工申请，经审查，同意延期（第{count}次）：施工许可证（{permit}）的开工期限延至{until(due)}。",
            f"延期理由：{reason}",
        ],
        fields={"延期后的开工期限": until(due)},
        legal_basis=[ART_9],
    )


def refused(desk: Desk, serial: int, *, due: Due, reason: str) -> Document:
    """不予延期开工决定书, with reasons and remedies."""
    return desk.write(
        DocumentKind.START_NOT_EXTENDED,
        serial,
        [f"你（单位）提出的延期开工申请，经审查，决定不予延期。开工期限仍为{until(due)}。", f"理由：{reason}"],
        legal_basis=[ART_9],
        with_remedies=True,
    )


def lapsed(desk: Desk, serial: int, *, permit: str, due: Due) -> Document:
    """施工许可证废止告知书: it has lapsed by law; the office strikes it off."""
    return desk.write(
        DocumentKind.PERMIT_LAPSED,
        serial,
        [
            f"你（单位）领取的施工许可证（{permit}）应当于{until(due)}前开工，期满既未开工又未申请延期（或者已超过延期时限），"
            "依法自行废止，现办理注销手续。请交回证件；需要建设的，应当重新申请领取施工许可证。",
        ],
        legal_basis=[ART_9, ART_70],
        with_remedies=True,
    )
