"""Documents of the decision and after it: grant, refusal, extension, special procedure, verification, revocation."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from engine.approval.certificate import Certificate, CertificateState
from engine.approval.clock import Suspension
from engine.approval.document.value import Document, DocumentKind
from engine.approval.document.writer import Desk, day, numbered, until
from engine.approval.item.terms import VerifyMode
from engine.approval.suspension import ART_45 as GROUNDS_OF_ART_45
from engine.approval.verification import Verification
from engine.calendar import Due

ART_38 = "《中华人民共和国行政许可法》第三十八条"
ART_42 = "《中华人民共和国行政许可法》第四十二条"
ART_45 = "《中华人民共和国行政许可法》第四十五条"
ART_61 = "《中华人民共和国行政许可法》第六十一条"
ART_69 = "《中华人民共和国行政许可法》第六十九条"
ART_70 = "《中华人民共和国行政许可法》第七十条"
ART_79 = "《中华人民共和国行政许可法》第七十九条"


def grant(
    desk: Desk,
    serial: int,
    *,
    conditions: Iterable[str] = (),
    on_commitment: bool = False,
    parts: Iterable[str] = (),
) -> Document:
    """准予行政许可决定书; conditions come from the co-departments. ``parts``: the licences of a package that are granted."""
    stated, named = list(conditions), list(parts)
    return desk.write(
        DocumentKind.GRANT,
        serial,
        [
            f"你（单位）提出的{desk.item.name}申请，经审查，{'下列许可' if named else ''}符合法定条件、标准，决定准予行政许可"
            f"{'：' if named else '。'}",
            *numbered(named),
            *(["本许可以告知承诺方式作出，你（单位）应当履行承诺并接受核查。"] if on_commitment else []),
            *(["应当遵守下列条件：", *numbered(stated)] if stated else []),
        ],
        fields=_decided(desk),
        legal_basis=[ART_38, *desk.basis],
    )


def refusal(desk: Desk, serial: int, *, reason: str, basis: str, parts: Iterable[str] = ()) -> Document:
    """不予行政许可决定书: reasons, basis, remedies (行政许可法 38). ``parts``: the licences of a package that are refused."""
    named = list(parts)
    return desk.write(
        DocumentKind.REFUSAL,
        serial,
        [
            f"你（单位）提出的{desk.item.name}申请，经审查，决定{'对下列许可' if named else ''}不予行政许可{'：' if named else '。'}",
            *numbered(named),
            f"理由：{reason}",
        ],
        fields=_decided(desk),
        legal_basis=[ART_38, basis],
        with_remedies=True,
    )


def extension(desk: Desk, serial: int, *, promised: Due, reason: str, approved_by: str) -> Document:
    """延长办理期限通知书: the reasons are told to the applicant (行政许可法 42)."""
    return desk.write(
        DocumentKind.EXTENSION,
        serial,
        [
            f"你（单位）的{desk.item.name}申请不能在规定期限内作出决定，经{approved_by}批准，延长办理期限至{until(promised)}。",
            f"理由：{reason}",
        ],
        fields={"延长后的期限": until(promised)},
        legal_basis=[ART_42],
    )


def special_procedure(desk: Desk, serial: int, suspension: Suspension, *, planned_end: Due | None = None) -> Document:
    """特别程序告知书: why, the time needed, and when the limits run again are told in writing (行政许可法 45). A local ground stops
    no limit of the law and cites none."""
    planned = "另行告知" if suspension.planned is None else suspension.planned.text()
    by_law = suspension.kind in GROUNDS_OF_ART_45 or bool(suspension.basis)
    kind, item = suspension.kind.zh, desk.item.name
    return desk.write(
        DocumentKind.SPECIAL_PROCEDURE,
        serial,
        [
            f"你（单位）的{item}申请需要依法进行{kind}，所需时间为{planned}，不计算在办理期限内。"
            if by_law
            else f"你（单位）的{item}申请因{kind}暂停计算承诺时限，所需时间为{planned}；法定时限照常计算。",
            *resumption(planned_end),
            f"理由：{suspension.reason}",
        ],
        fields={"特别程序": kind, "所需时间": planned, **resumes_on(planned_end)},
        legal_basis=[suspension.basis or ART_45] if by_law else [],
    )


def resumption(planned_end: Due | None) -> list[str]:
    """The sentence that says when the limits run again at the latest."""
    if planned_end is None:
        return []
    return [f"程序提前结束的，自结束时恢复计算；至{until(planned_end)}计划时间届满仍未结束的，自动恢复计算。"]


def resumes_on(planned_end: Due | None) -> dict[str, str]:
    """The same as a field."""
    return {} if planned_end is None else {"最迟恢复计算": until(planned_end)}


def rating_invitation(desk: Desk, serial: int) -> Document:
    """政务服务评价邀请书: the five levels, once for each matter, free to answer (国办发〔2019〕51号)."""
    return desk.write(
        DocumentKind.RATING_INVITATION,
        serial,
        [
            f"你（单位）的{desk.item.name}已经办结，请对本次服务作出评价：非常满意、满意、基本满意、不满意、非常不满意。",
            "一事一评，自愿评价，可以在窗口、网上、移动端或者扫码进行；实名差评的，本机关及时联系核实、整改并反馈。",
        ],
        legal_basis=["国办发〔2019〕51号"],
    )


def verification_notice(desk: Desk, serial: int, verification: Verification) -> Document:
    """核查通知书."""
    by = "" if verification.due is None else f"于{until(verification.due)}前"
    return desk.write(
        DocumentKind.VERIFICATION_NOTICE,
        serial,
        [
            f"你（单位）以告知承诺方式取得{desk.item.name}，本机关将{by}进行{verification.mode.zh}，请予配合。",
            *([_OFFICERS] if verification.mode in (VerifyMode.ON_SITE, VerifyMode.RANDOM) else []),
        ],
        fields={"核查方式": verification.mode.zh},
        legal_basis=_of_commitments(desk),
    )


_OFFICERS = "现场核查人员不少于两人，并应当出示执法证件；你（单位）有权拒绝未出示证件的检查。"


def verification_record(desk: Desk, serial: int, verification: Verification) -> Document:
    """核查记录 of the last check, signed by the inspectors."""
    check = verification.checks[-1]
    return desk.write(
        DocumentKind.VERIFICATION_RECORD,
        serial,
        [f"核查情况：{check.note or '符合承诺的条件'}", f"核查结果：{check.result.zh}"],
        fields={
            "核查方式": verification.mode.zh,
            "核查日期": day(check.at.date()),
            "核查人员": "、".join(check.inspectors),
        },
    )


def rectification(desk: Desk, serial: int, verification: Verification, items: Iterable[str]) -> Document:
    """责令限期整改通知书."""
    assert verification.rectify_due is not None  # it was ordered
    return desk.write(
        DocumentKind.RECTIFICATION,
        serial,
        [
            "经核查，你（单位）不符合承诺的条件，责令就下列问题进行整改：",
            *numbered(items),
            f"请于{until(verification.rectify_due)}前完成整改并报告；逾期不整改或者整改后仍不符合的，依法撤销许可。",
        ],
        fields={"整改期限": until(verification.rectify_due)},
        legal_basis=_of_commitments(desk),
        with_remedies=True,  # it imposes a duty
    )


def _of_commitments(desk: Desk) -> list[str]:
    """By which rule the item is granted on a commitment and checked afterwards."""
    rules = desk.item.commitment
    return [ART_61, *([rules.source] if rules is not None and rules.source else [])]


def revocation_proposal(desk: Desk, serial: int, verification: Verification) -> Document:
    """撤销行政许可事先告知书: facts, reasons, and the right to be heard."""
    assert verification.statement_due is not None  # it was proposed
    return desk.write(
        DocumentKind.REVOCATION_PROPOSAL,
        serial,
        [
            f"本机关拟撤销你（单位）以告知承诺方式取得的{desk.item.name}。事实和理由：{verification.reason}",
            f"你（单位）可以于{until(verification.statement_due)}前进行陈述和申辩，也可以在此期限内要求听证；逾期视为放弃。",
        ],
        fields={"陈述申辩期限": until(verification.statement_due)},
        legal_basis=["《中华人民共和国行政许可法》第七条", _ground(verification)],
    )


def revocation(desk: Desk, serial: int, verification: Verification, *, certificate: str = "") -> Document:
    """撤销行政许可决定书: what was found, whether the holder was heard, by which paragraph, the paper that goes, remedies."""
    return desk.write(
        DocumentKind.REVOCATION,
        serial,
        [
            f"经查明，{verification.reason.rstrip('。')}。{_heard(verification)}",
            f"现决定撤销你（单位）的{desk.item.name}"
            f"{f'（{certificate}），许可证同时注销，请自收到本决定书之日起交回' if certificate else ''}。",
            *([_FRAUD] if verification.is_false else []),
        ],
        legal_basis=[_ground(verification), *([ART_70] if certificate else []), *desk.basis],
        with_remedies=True,
    )


def certificate_ended(
    desk: Desk, serial: int, made: Certificate, state: CertificateState, *, reason: str, basis: str
) -> Document:
    """注销、撤销行政许可决定书 of one certificate: why, by which rule, and what may be done against it (行政许可法 69, 70)."""
    revoked = state is CertificateState.REVOKED
    kind = DocumentKind.REVOCATION if revoked else DocumentKind.CERTIFICATE_CANCELLED
    said = "撤销并注销" if revoked else "注销"
    return desk.write(
        kind,
        serial,
        [
            f"经查明，{reason.rstrip('。')}。",
            f"现决定{said}你（单位）的{made.title}（{made.number}），请自收到本决定书之日起交回。"
            "本办件的其他证照不受影响。",
        ],
        fields={"证照": made.title, "证照编号": made.number},
        legal_basis=dict.fromkeys([basis, *([ART_69] if revoked else []), ART_70]),
        with_remedies=True,
    )


_FRAUD = "以欺骗手段取得的许可，基于该许可取得的利益不受保护，并依法给予行政处罚（《中华人民共和国行政许可法》第六十九条、第七十九条）。"


def _ground(verification: Verification) -> str:
    """By which paragraph it is revoked: got by deceit 以欺骗取得, or given to one who did not meet the conditions."""
    return f"{ART_69}{'第二款' if verification.is_false else '第一款第四项'}"


WAIVED = "当事人放弃陈述、申辩"


def _heard(verification: Verification) -> str:
    """Whether the holder was heard, which the decision has to say."""
    if not verification.heard or verification.statement == WAIVED:
        return "本机关已告知陈述、申辩和要求听证的权利，你（单位）在期限内未提出。"
    return f"你（单位）陈述、申辩：{verification.statement.rstrip('。')}。本机关已复核。"


def hearing_notice(desk: Desk, serial: int, *, on: date, place: str, chair: str) -> Document:
    """听证通知书: when, where, who presides, and the right to ask for another one (行政许可法 48)."""
    return desk.write(
        DocumentKind.HEARING_NOTICE,
        serial,
        [
            f"本机关就拟撤销你（单位）的{desk.item.name}一事举行听证，请准时参加；无正当理由不参加的，视为放弃听证。",
            "你（单位）可以委托代理人，可以提出证据并进行申辩和质证；认为主持人与本案有直接利害关系的，有权申请回避。",
        ],
        fields={"听证日期": day(on), "听证地点": place, "主持人": chair},
        legal_basis=["《中华人民共和国行政许可法》第四十八条"],
    )


def penalty_transfer(desk: Desk, serial: int, *, organ: str, law: str, facts: str, revocation: str) -> Document:
    """行政处罚案件移送函 to the organ that may punish."""
    written = desk.write(
        DocumentKind.PENALTY_TRANSFER,
        serial,
        [
            f"{desk.applicant.name}以告知承诺方式取得{desk.item.name}，经核查不符合，本机关已撤销该许可（{revocation}）。",
            f"该当事人涉嫌违反{law}：{facts}",
            "现移送你单位依法处理，请将处理结果函告本机关。",
        ],
        fields={"撤销决定书文号": revocation},
        legal_basis=[ART_79] if law_of_deceit(law) else [],
    )
    return replace(written, addressee=organ)


def law_of_deceit(law: str) -> bool:
    """Is it the licence law itself that was broken?"""
    return "行政许可法" in law


def _decided(desk: Desk) -> dict[str, str]:
    decided_at = desk.case.decided_at
    return {} if decided_at is None else {"决定日期": day(decided_at.date())}
