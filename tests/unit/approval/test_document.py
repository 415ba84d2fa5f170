"""Documents of the office."""

from dataclasses import replace
from datetime import date

import pytest

from engine.approval import document
from engine.approval.case import Acceptance, Result
from engine.approval.case_state import CaseState
from engine.approval.clock import Suspension, SuspensionKind
from engine.approval.commitment import Commitment
from engine.approval.correction import MergedCorrection
from engine.approval.document import Desk, Document, DocumentKind, Issuer, Remedies
from engine.approval.item import CommitmentRules
from engine.approval.reason import Decision
from engine.approval.tolerance import Tolerance, may_tolerate
from engine.approval.verification import Verification, VerificationResult
from engine.calendar import Due, Limit, WorkCalendar
from engine.events import restore
from tests.unit.approval.builders import (
    a_case,
    an_applicant,
    an_item,
    at,
    empty_slots,
    good_credit,
    hand_in,
)

NOW = at("2026-11-23 10:00")
ISSUER = Issuer(
    name="星城区行政审批服务局",
    word="星行审",
    phone="0731-84550000",
    remedies=Remedies(review_organ="星城区人民政府", court="星城区人民法院"),
)


def desk(state: CaseState = CaseState.ACCEPTED, acceptance: Acceptance = Acceptance.ORDINARY) -> Desk:
    case = a_case(state, accepted_at=NOW, acceptance=acceptance, decided_at=NOW, result=Result.GRANTED)
    return Desk(issuer=ISSUER, item=an_item(), case=case, applicant=an_applicant(), on=date(2026, 11, 23))


def in_days(bureau: WorkCalendar, limit: str) -> Due:
    return bureau.due(NOW, Limit.parse(limit))


def a_tolerance(bureau: WorkCalendar) -> Tolerance:
    item = an_item()
    slots = hand_in(empty_slots(item), "M01", "M02", "M04")
    decision = may_tolerate(item, slots, credit=good_credit(), now=NOW, applicant_agrees=True)
    return Tolerance.promise(
        decision, item, slots,
        case_id="c1", promise_no="星行审容承〔2026〕1号", accepted_at=NOW, signed_by="王小明", calendar=bureau,
    )[0]  # fmt: skip


def a_verification(bureau: WorkCalendar) -> Verification:
    rules = CommitmentRules()
    opened, _ = Verification.open(
        "v1", rules, case_id="c1", case_number="n1", decided_at=NOW, calendar=bureau, seed="2026"
    )
    failed, _ = opened.record(
        VerificationResult.NOT_CONFORMING, rules, inspectors=("甲", "乙"), at=NOW, calendar=bureau, note="通风不足"
    )
    return failed


def all_documents(bureau: WorkCalendar) -> list[Document]:
    tolerance, verification = a_tolerance(bureau), a_verification(bureau)
    proposed = replace(verification, statement_due=in_days(bureau, "3wd"), reason="承诺的消毒设施不存在")
    commitment, _ = Commitment.offer(an_item(), case_id="c1")
    commitment, _ = commitment.sign(Decision(), at=NOW, promise_no="星行审承〔2026〕1号", signed_by="王小明")
    hearing = Suspension(kind=SuspensionKind.HEARING, start=NOW, reason="利害关系人申请", planned=Limit.parse("10wd"))
    asked = [MergedCorrection(material="M02", requirements=("标注出入口", "盖章"), departments=("卫健",))]
    due = in_days(bureau, "15wd")
    d = desk()
    return [
        document.receipt(d, 1, hand_in(empty_slots(an_item()), "M01", verified=False)),
        document.acceptance(d, 1, promised=in_days(bureau, "10wd"), statutory=in_days(bureau, "20wd")),
        document.correction(d, 1, asked, due=due),
        document.acceptance_refused(d, 1, reason="不属于本机关职权范围"),
        document.not_needed(d, 1, reason="该活动不需要许可"),
        document.tolerance_notice(d, 1, tolerance),
        document.tolerance_promise(d, 1, tolerance),
        document.tolerance_extension(d, 1, tolerance, granted=True, reason="台风"),
        document.tolerance_timeout(d, 1, tolerance, ("M03",)),
        document.commitment_notice(d, 1),
        document.commitment_promise(d, 1, commitment),
        document.grant(d, 1, conditions=["投用前完成检测"], on_commitment=True),
        document.refusal(d, 1, reason="不符合卫生标准", basis="《公共场所卫生管理条例》第四条"),
        document.extension(d, 1, promised=due, reason="案情复杂", approved_by="局长"),
        document.special_procedure(d, 1, hearing),
        document.verification_notice(d, 1, verification),
        document.verification_record(d, 1, verification),
        document.rectification(d, 1, verification, ["增设机械通风"]),
        document.revocation_proposal(d, 1, proposed),
        document.revocation(d, 1, proposed),
    ]


def test_every_kind_of_document_can_be_written_stored_and_issued(bureau: WorkCalendar) -> None:
    written = all_documents(bureau)

    permits = list(DocumentKind)[: list(DocumentKind).index(DocumentKind.REVOCATION) + 1]
    assert [each.kind for each in written] == permits  # cards, orders, disclosure and publicity have tests of their own
    for each in written:
        assert Document.from_json(each.to_json()) == each
        told = each.issue()[0]
        assert restore(told.kind, told.payload()) == told
        text = each.text()
        assert text.startswith(f"星城区行政审批服务局\n{each.kind.zh}\n星行审{each.kind.word}〔2026〕1号\n")
        assert text.endswith("2026年11月23日")
        assert "None" not in text
        assert "。。" not in text


def test_no_two_kinds_share_a_title_or_the_word_of_their_numbers() -> None:
    assert len({kind.zh for kind in DocumentKind}) == len({kind.word for kind in DocumentKind}) == len(DocumentKind)


def test_numbers_have_the_organs_word_the_year_and_a_serial_of_their_kind() -> None:
    assert ISSUER.number(DocumentKind.ACCEPTANCE, 2026, 12) == "星行审受〔2026〕12号"
    assert len({kind.word for kind in DocumentKind}) == len(DocumentKind)


@pytest.mark.parametrize(
    "kind",
    ["acceptance_refused", "not_needed", "tolerance_timeout", "refusal", "revocation"],
)
def test_what_goes_against_the_applicant_names_the_remedies(bureau: WorkCalendar, kind: str) -> None:
    written = next(each for each in all_documents(bureau) if each.kind.value == kind)

    assert "60日内" in written.remedies
    assert "6个月内" in written.remedies
    assert "星城区人民政府申请行政复议" in written.remedies
    assert written.remedies in written.text()


def test_a_deemed_acceptance_says_why_and_from_which_day(bureau: WorkCalendar) -> None:
    notice = document.acceptance(
        desk(acceptance=Acceptance.DEEMED), 2, promised=in_days(bureau, "10wd"), statutory=in_days(bureau, "20wd")
    )

    assert "自收到申请材料之日即2026年11月23日起视为受理" in notice.text()


def test_a_provisional_date_says_so_in_writing(bureau: WorkCalendar) -> None:
    notice = document.acceptance(
        desk(), 3, promised=in_days(bureau, "10wd"), statutory=bureau.due(at("2026-12-25 10:00"), Limit.parse("10wd"))
    )

    assert "2027年1月8日（暂定，以公布的放假安排为准）" in notice.text()


def test_the_correction_notice_lists_everything_once_with_the_deadline(bureau: WorkCalendar) -> None:
    text = next(each for each in all_documents(bureau) if each.kind is DocumentKind.CORRECTION).text()

    assert "1. 场所平面图：标注出入口；盖章" in text
    assert "补正期限：2026年12月14日" in text
    assert "补正不来办结" in text


def test_the_tolerance_papers_name_materials_deadline_and_consequence(bureau: WorkCalendar) -> None:
    for kind in (DocumentKind.TOLERANCE_NOTICE, DocumentKind.TOLERANCE_PROMISE):
        text = next(each for each in all_documents(bureau) if each.kind is kind).text()
        assert "M03 营业执照复印件（复印件1份）" in text
        assert "2026年12月3日" in text
        assert "撤销受理" in text
        assert "信用记录" in text


def test_the_commitment_notice_tells_everything_that_the_state_council_asks_for(bureau: WorkCalendar) -> None:
    text = next(each for each in all_documents(bureau) if each.kind is DocumentKind.COMMITMENT_NOTICE).text()

    for part in (
        "经营场所符合卫生标准",
        "自愿选择",
        "60个工作日内以现场核查方式",
        "30日内整改",
        "不得从事",
        "可以撤回承诺",
    ):
        assert part in text


def test_a_promise_is_signed_by_the_applicant_and_not_by_the_organ(bureau: WorkCalendar) -> None:
    promise = next(each for each in all_documents(bureau) if each.kind is DocumentKind.COMMITMENT_PROMISE)

    assert promise.text().splitlines()[-2] == "王小明"
    assert "王小明：" not in promise.text()
