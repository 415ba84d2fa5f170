"""Documents of promises: tolerance notice, promise and time-out; commitment notice and promise."""

from engine.approval.commitment import Commitment
from engine.approval.document.value import Document, DocumentKind
from engine.approval.document.writer import Desk, day, numbered, until
from engine.approval.force_majeure import DEFINED_BY as FORCE_MAJEURE
from engine.approval.item.terms import CommitmentKind, MaterialRule
from engine.approval.tolerance import Tolerance


def tolerance_notice(desk: Desk, serial: int, tolerance: Tolerance) -> Document:
    """容缺受理告知书: missing materials, what is asked of each, until when, and what follows; on the spot, once."""
    return desk.write(
        DocumentKind.TOLERANCE_NOTICE,
        serial,
        [
            f"你（单位）提出的{desk.item.name}申请，主件齐全，下列材料可以容缺，现予容缺受理，请按期补齐：",
            *numbered(_material(desk.item.material(code)) for code in tolerance.materials),
            f"补正期限至{until(tolerance.deadline)}，可以通过窗口、网上或者邮寄提交。",
            _consequence(tolerance),
        ],
        fields={"补正期限": until(tolerance.deadline), "承诺书编号": tolerance.promise_no},
        legal_basis=_basis(desk),
    )


def tolerance_promise(desk: Desk, serial: int, tolerance: Tolerance) -> Document:
    """容缺补正承诺书, signed by the applicant."""
    return desk.write(
        DocumentKind.TOLERANCE_PROMISE,
        serial,
        [
            "本人（单位）自愿申请容缺受理，并承诺：",
            *numbered(
                [
                    "已提交的材料真实、合法、有效。",
                    "已知晓容缺受理告知书的全部内容。",
                    f"于{until(tolerance.deadline)}前补齐下列容缺材料。",
                    f"逾期未补齐或者补正材料不符合要求的，自愿接受{tolerance.outcome.zh}的处理，并承担相应责任。",
                    "同意将履行承诺的情况记入信用记录。",
                ]
            ),
            "容缺材料清单：",
            *numbered(_material(desk.item.material(code)) for code in tolerance.materials),
        ],
        fields={"承诺书编号": tolerance.promise_no, "承诺补正期限": until(tolerance.deadline)},
        signatory=tolerance.signed_by,
    )


def tolerance_extension(
    desk: Desk, serial: int, tolerance: Tolerance, *, granted: bool, reason: str, answer: str = ""
) -> Document:
    """容缺补齐期限延期答复书: a later deadline for force majeure, or why the old one stands; ``tolerance`` as it is afterwards."""
    last = until(tolerance.deadline)
    names = "、".join(desk.item.material(code).name for code in tolerance.materials)
    if granted:
        said = f"经审查，同意将补齐期限延长至{last}，其间不作逾期处理，不记入失信记录。延长以一次为限。"
    else:
        said = f"经审查，不同意延长，补齐期限仍至{last}。"
    return desk.write(
        DocumentKind.TOLERANCE_EXTENSION,
        serial,
        [
            f"你（单位）因不可抗力申请延长补齐容缺材料（{names}）的期限，理由：{reason}。",
            said,
            *([f"理由：{answer}"] if answer else []),
            _consequence(tolerance),
        ],
        fields={"承诺书编号": tolerance.promise_no, "补正期限": last},
        legal_basis=[FORCE_MAJEURE],
    )


def tolerance_timeout(desk: Desk, serial: int, tolerance: Tolerance, missing: tuple[str, ...]) -> Document:
    """容缺逾期处理决定书: always written, always with reasons (R2-6)."""
    names = "、".join(desk.item.material(code).name for code in missing)
    rules = desk.item.tolerance
    return desk.write(
        DocumentKind.TOLERANCE_TIMEOUT,
        serial,
        [
            f"你（单位）于{day(tolerance.signed_at.date())}承诺补齐容缺材料，期限至{until(tolerance.deadline)}。"
            f"期限届满，下列材料未补齐或者不符合要求：{names}。",
            f"现决定：{tolerance.outcome.zh}。本次失信情况记入信用记录，修复前不再适用容缺受理和告知承诺。",
        ],
        fields={"处理决定": tolerance.outcome.zh},
        legal_basis=[rules.timeout_source] if rules is not None and rules.timeout_source else [],
        with_remedies=True,
    )


def commitment_notice(desk: Desk, serial: int) -> Document:
    """告知承诺告知书: once, in writing, with everything that 国办发〔2020〕42号 and 国发〔2021〕7号 ask for."""
    rules = desk.item.commitment
    assert rules is not None  # only items with commitments have a notice
    now = [_material(material) for material in desk.item.materials if not material.after_decision]
    later = [_material(material) for material in desk.item.materials if material.after_decision]
    supplement = "" if rules.supplement is None else f"，应当自决定之日起{rules.supplement.limit.text()}内补交"
    return desk.write(
        DocumentKind.COMMITMENT_NOTICE,
        serial,
        [
            f"一、许可条件：{desk.item.guide.get('conditions', '见办事指南')}。",
            "二、应当提交的材料：",
            *numbered(now),
            *(
                [f"三、可以在领证后补交的材料{supplement}：", *numbered(later)]
                if later
                else ["三、没有可以领证后补交的材料。"]
            ),
            "四、承诺方式：书面承诺（含电子文书），自愿选择；不选择的，按一般程序办理。",
            f"五、核查：决定后{rules.verify.limit.text()}内以{rules.verify_mode.zh}方式核查，申请人应当配合。",
            f"六、不符合承诺条件的，责令{rules.rectify.limit.text()}内整改；逾期不整改或者整改后仍不符合的，撤销许可；"
            "虚假承诺的，撤销许可并记入信用记录，依法承担民事、行政、刑事责任。",
            "七、在达到许可条件之前，不得从事相关经营活动。",
            f"八、承诺书{'向社会公开' if rules.is_public else '不公开'}。",
            f"九、决定作出前可以撤回承诺，撤回后按一般程序办理。联系电话：{desk.issuer.phone or '见办事指南'}。",
        ],
        fields={"承诺类型": rules.kind.zh},
        legal_basis=[*([rules.source] if rules.source else []), *desk.basis],
    )


def commitment_promise(desk: Desk, serial: int, commitment: Commitment) -> Document:
    """告知承诺书, signed by the applicant."""
    proofs = [desk.item.material(code).name for code in commitment.proofs]
    about = [f"以本承诺代替下列证明材料：{'、'.join(proofs)}。"] if commitment.kind is CommitmentKind.PROOF else []
    return desk.write(
        DocumentKind.COMMITMENT_PROMISE,
        serial,
        [
            "本人（单位）自愿选择告知承诺，并承诺：",
            *numbered(
                [
                    "已知晓告知书的全部内容。",
                    *about,
                    "已经符合告知的条件；尚未符合的，在承诺的期限内符合，此前不从事相关经营活动。",
                    "所填写的信息和提交的材料真实、准确、有效。",
                    "在约定的期限内提交应当补交的材料，接受核查。",
                    "愿意承担不实承诺、未履行承诺的法律责任。",
                    "上述承诺是本人（单位）的真实意思表示。",
                ]
            ),
        ],
        fields={"承诺类型": commitment.kind.zh, "承诺书编号": commitment.promise_no},
        signatory=commitment.signed_by,
    )


def _material(rule: MaterialRule) -> str:
    """Return one line of a list: code, name, form, copies, what is asked."""
    asked = f"，要求：{rule.requirement}" if rule.requirement else ""
    return f"{rule.code} {rule.name}（{rule.form.zh}{rule.copies}份{asked}）"


def _consequence(tolerance: Tolerance) -> str:
    chance = f"，不符合要求的可以在期限内再补正{tolerance.recorrections}次" if tolerance.recorrections else ""
    second = f"，逾期的挂起{tolerance.suspend.text()}" if tolerance.suspend is not None else ""
    return f"逾期未补齐的，{tolerance.outcome.zh}，并记入信用记录{chance}{second}。"


def _basis(desk: Desk) -> list[str]:
    rules = desk.item.tolerance
    return [rules.source] if rules is not None and rules.source else []
