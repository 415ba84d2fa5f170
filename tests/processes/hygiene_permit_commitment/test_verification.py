"""告知承诺核查: sampled or not, passed, rectified, revoked; two officers; working days and natural days."""

from datetime import date

import pytest

from engine.approval.verification import is_sampled
from engine.commands.procedures.credit import RepairCredit
from engine.errors import Forbidden, InvalidInput, NotFound
from tests.processes.bureau import Bureau
from tests.processes.hygiene_permit_commitment.paths import HOTEL, RECORD, filed, granted, inspected, opened, set_class


def test_a_check_that_finds_everything_in_order_ends_the_verification(bureau: Bureau) -> None:
    no, child = opened(bureau)
    bureau.at("2026-10-12 10:00")

    assert bureau.sees("hecha1", child) == ["inspect"] and bureau.sees("hecha2", child) == []
    inspected(bureau, child, "conform", inspection_record="符合承诺的条件")

    assert bureau.state(child) == "finished" and bureau.case(child)["result"] == "passed"
    assert bureau.ends(child) == ["end_conforming"] and bureau.clock(child, "verification")[0] == "stopped"
    assert "核查人员：hecha1、hecha2" in bureau.document(child, "verification_record")
    assert bureau.state(no) == "decided_ok"


def test_on_site_checks_take_two_different_officers(bureau: Bureau) -> None:
    no = granted(bureau)
    child = f"{no}-01"

    for first, second, problem in (
        ("hecha1", "冯军", "两名不同的人员"),
        ("hecha1", "chuangkou", "不是核查人员"),
        ("nobody", "hecha2", "不是核查人员"),
    ):
        bureau.do("jiandu", child, "assign", inspector_1=first, inspector_2=second)
        assert bureau.open(child) == ["assign"]
        assert problem in bureau.variables(child)["inspectors_problem"]
    bureau.do("jiandu", child, "assign", inspector_1="冯军", inspector_2="hecha2")

    assert bureau.open(child) == ["inspect"]


def test_the_second_officer_may_send_the_record_back(bureau: Bureau) -> None:
    _, child = opened(bureau)
    bureau.do("hecha1", child, "inspect", "conform", **RECORD)

    bureau.do("hecha2", child, "confirm", "dispute", "照片与记录不符")

    assert bureau.sees("hecha1", child) == ["inspect"]
    inspected(bureau, child, "conform")
    assert bureau.case(child)["result"] == "passed"


def test_the_second_officer_reads_the_record_and_changes_nothing(bureau: Bureau) -> None:
    _, child = opened(bureau)
    bureau.do("hecha1", child, "inspect", "conform", **RECORD)

    with pytest.raises(InvalidInput):
        bureau.do("hecha2", child, "confirm", "confirm", inspection_record="一切正常")


def test_what_does_not_conform_is_rectified_and_checked_again(bureau: Bureau) -> None:
    no, child = opened(bureau)
    bureau.at("2026-10-12 10:00")

    inspected(bureau, child, "nonconform", "消毒设施不全", inspection_items="配齐消毒柜\n公示检测结果")
    assert bureau.open(child) == ["rectify"] and bureau.case(child)["facts"]["verification"]["state"] == "rectifying"
    # thirty natural days
    assert bureau.clock(child, "rectification") == ("running", date(2026, 11, 11))
    told = bureau.document(child, "rectification")
    assert "1. 配齐消毒柜\n2. 公示检测结果" in told and "如不服本通知，可以自收到本通知书之日起60日内" in told
    assert "出示执法证件" in bureau.document(child, "verification_notice")
    bureau.at("2026-11-02 10:00")
    bureau.do("chuangkou", child, "rectify", rectification_note="已配齐")
    assert bureau.sees("hecha1", child) == ["inspect"]
    inspected(bureau, child, "conform", inspection_record="整改到位")

    assert bureau.case(child)["result"] == "passed" and bureau.state(no) == "decided_ok"


def test_when_the_time_for_rectification_passes_in_silence_it_is_checked_anyway(bureau: Bureau) -> None:
    _, child = opened(bureau)
    bureau.at("2026-10-12 10:00")
    inspected(bureau, child, "nonconform", "消毒设施不全", inspection_items="配齐消毒柜")

    bureau.at("2026-11-11 17:00")
    assert bureau.open(child) == ["rectify"]
    bureau.at("2026-11-12 09:00")

    assert bureau.open(child) == ["inspect"]


def test_a_check_that_fails_twice_leads_to_revocation_after_the_holder_was_heard(bureau: Bureau) -> None:
    no, child = opened(bureau)
    bureau.do("chuangkou", no, "deliver", delivery_method="window", delivery_receiver="赵六")
    bureau.at("2026-10-12 10:00")
    inspected(bureau, child, "nonconform", "消毒设施不全", inspection_items="配齐消毒柜")
    bureau.do("chuangkou", child, "rectify", rectification_note="正在采购")

    inspected(bureau, child, "nonconform", "仍未配齐", inspection_items="配齐消毒柜")
    assert bureau.open(child) == ["hear_statement"]
    # three working days for the statement
    assert bureau.clock(child, "statement") == ("running", date(2026, 10, 15))
    assert "陈述和申辩" in bureau.document(child, "revocation_proposal")
    bureau.do("chuangkou", child, "hear_statement", "stated", statement="资金困难，请求延期")
    bureau.do("juzhang", child, "decide_revocation", "revoke", "申辩理由不成立")

    told = bureau.document(no, "revocation")
    assert "第六十九条第一款第四项" in told and "陈述、申辩：资金困难，请求延期。本机关已复核" in told
    assert bureau.state(no) == "revoked" and bureau.case(child)["result"] == "revoked"
    assert bureau.ends(child) == ["end_revoked"] and "撤销行政许可决定书" in bureau.document(no, "revocation")
    assert [record["kind"] for record in bureau.credit(HOTEL["id_number"])] == ["commitment_broken"]
    again = filed(bureau, "2026-10-13 10:00")
    assert bureau.open(again) == ["examine_materials"], "no commitment until the breach is repaired"


def test_a_false_promise_leads_to_revocation_without_rectification(bureau: Bureau) -> None:
    no, child = opened(bureau)
    bureau.at("2026-10-12 10:00")

    inspected(bureau, child, "false_promise", "承诺的检测报告不存在")

    assert bureau.open(child) == ["hear_statement"]
    assert "要求听证" in bureau.document(child, "revocation_proposal")
    bureau.do("chuangkou", child, "hear_statement", "waived")
    bureau.do("juzhang", child, "decide_revocation", "revoke", "虚假承诺")
    assert bureau.state(no) == "revoked"
    told, paper = bureau.document(no, "revocation"), bureau.case(no)["facts"]["certificate"]
    assert "第六十九条第二款" in told and "你（单位）在期限内未提出" in told and "6个月内" in told
    assert f"（{paper['number']}），许可证同时注销" in told and paper["cancelled_on"] == "2026-10-12"
    assert [record["kind"] for record in bureau.credit(HOTEL["id_number"])] == ["false_commitment"]


def test_who_lets_the_time_for_the_statement_pass_is_decided_on(bureau: Bureau) -> None:
    no, child = opened(bureau)
    bureau.at("2026-10-12 10:00")
    inspected(bureau, child, "false_promise", "虚假承诺")

    bureau.at("2026-10-16 09:00")

    assert bureau.open(child) == ["decide_revocation"]
    bureau.do("juzhang", child, "decide_revocation", "revoke", "虚假承诺")
    assert bureau.state(no) == "revoked"


def test_what_has_to_be_punished_is_handed_over_after_the_revocation_or_it_is_told_why_not(bureau: Bureau) -> None:
    numbers = []
    for at in ("2026-10-12 10:00", "2026-10-15 10:00"):
        no, child = opened(bureau)
        bureau.at(at)
        inspected(bureau, child, "false_promise", "承诺的检测报告不存在")
        bureau.do("chuangkou", child, "hear_statement", "waived")
        bureau.do("juzhang", child, "decide_revocation", "revoke", "虚假承诺")
        bureau.execute(RepairCredit(credit_id=bureau.credit(HOTEL["id_number"])[-1]["id"], reason="公示期满"), "ducha")
        numbers.append((no, child))
    (no, first), (_, second) = numbers
    assert bureau.sees("jiandu", first) == ["transfer_penalty"] and bureau.state(first) == "finished"

    with pytest.raises(InvalidInput):
        bureau.do("jiandu", first, "transfer_penalty", "transfer", penalty_organ="星河市卫生健康委员会")
    told = {
        "penalty_organ": "星河市卫生健康委员会",
        "penalty_law": "《行政许可法》第七十九条",
        "penalty_facts": "提交虚假承诺",
    }
    bureau.do("jiandu", first, "transfer_penalty", "transfer", **told)
    letter = bureau.document(first, "penalty_transfer")
    assert (
        letter.splitlines()[4] == "星河市卫生健康委员会："
        and "涉嫌违反《行政许可法》第七十九条：提交虚假承诺" in letter
    )
    assert "撤销决定书文号：" in letter and bureau.ends(first)[-1] == "end_transferred"

    bureau.do("jiandu", second, "transfer_penalty", "none", "情节轻微，已改正")
    assert bureau.ends(second)[-1] == "end_not_transferred" and bureau.open(second) == []


def test_an_accepted_statement_leads_to_another_check(bureau: Bureau) -> None:
    no, child = opened(bureau)
    bureau.at("2026-10-12 10:00")
    inspected(bureau, child, "false_promise", "未见检测报告")
    bureau.do("chuangkou", child, "hear_statement", "stated", statement="检测报告已补交")

    bureau.do("juzhang", child, "decide_revocation", "keep", "申辩成立，重新核查")

    assert bureau.open(child) == ["inspect"]
    inspected(bureau, child, "conform", inspection_record="报告属实")
    assert bureau.case(child)["result"] == "passed" and bureau.state(no) == "decided_ok"


def test_who_does_not_cooperate_counts_as_not_conforming_and_loses_the_licence_when_it_happens_again(
    bureau: Bureau,
) -> None:
    no, child = opened(bureau)
    bureau.at("2026-10-12 10:00")

    inspected(bureau, child, "not_cooperating", "拒绝人员进入")
    assert bureau.open(child) == ["rectify"]
    bureau.at("2026-11-12 09:00")
    inspected(bureau, child, "not_cooperating", "再次拒绝")

    assert bureau.open(child) == ["hear_statement"]
    bureau.at("2026-11-18 09:00")
    bureau.do("juzhang", child, "decide_revocation", "revoke", "两次拒绝核查")
    assert bureau.state(no) == "revoked"


def test_after_the_breach_was_repaired_the_applicant_may_commit_again(bureau: Bureau) -> None:
    _, child = opened(bureau)
    bureau.at("2026-10-12 10:00")
    inspected(bureau, child, "false_promise", "虚假承诺")
    bureau.do("chuangkou", child, "hear_statement", "waived")
    bureau.do("juzhang", child, "decide_revocation", "revoke", "虚假承诺")
    assert bureau.open(filed(bureau, "2026-10-13 10:00")) == ["examine_materials"]

    breach = bureau.credit(HOTEL["id_number"])[0]
    with pytest.raises(Forbidden):
        bureau.execute(RepairCredit(credit_id=breach["id"], reason="自行修复"), "chuangkou")
    bureau.execute(RepairCredit(credit_id=breach["id"], reason="已完成整改并公示"), "ducha")

    assert bureau.open(filed(bureau, "2026-10-14 10:00")) == ["choose"]


def test_the_deadlines_of_the_officers_lead_to_the_day_by_which_it_has_to_be_checked(bureau: Bureau) -> None:
    no = granted(bureau)
    child = f"{no}-01"
    bureau.at("2026-10-12 10:00")
    bureau.do("jiandu", child, "assign", inspector_1="hecha1", inspector_2="hecha2")

    assert bureau.local_day(bureau.task("hecha1", child, "inspect")["due_at"]) == date(2026, 12, 21)


def test_a_check_in_time_is_not_told_as_overdue_however_long_the_rectification_takes(bureau: Bureau) -> None:
    _, child = opened(bureau)
    bureau.at("2026-12-18 10:00")
    inspected(bureau, child, "nonconform", "消毒设施不全", inspection_items="配齐消毒柜")

    bureau.at("2027-01-11 10:00")

    assert bureau.alerts(child) == [] and bureau.open(child) == ["rectify"]


def test_an_overdue_assignment_is_told_too(bureau: Bureau) -> None:
    child = f"{granted(bureau)}-01"

    bureau.at("2026-12-22 09:00")

    assert bureau.alerts(child) == ["verification-overdue"] and bureau.open(child) == ["assign"]


def test_a_drawing_can_be_repeated_with_the_seed_that_was_kept(bureau: Bureau) -> None:
    set_class(bureau, "B")
    drawn = {}

    for _ in range(6):
        no = granted(bureau)
        kept = bureau.case(f"{no}-01")["facts"]["verification"]
        assert kept["rate"] == 0.3 and kept["sampled"] is is_sampled(kept["seed"], no, 0.3)
        assert bureau.open(f"{no}-01") == (["assign"] if kept["sampled"] else [])
        drawn[kept["seed"]] = kept["sampled"]

    assert len(drawn) == 6, "nobody can tell the next drawing from the last seed"


def test_an_overdue_verification_is_told_to_the_supervisor_and_stays_open(bureau: Bureau) -> None:
    _, child = opened(bureau)

    bureau.at("2026-12-21 17:30")
    assert bureau.alerts(child) == []
    bureau.at("2026-12-22 09:00")

    assert bureau.alerts(child) == ["verification-overdue"] and bureau.open(child) == ["inspect"]


def test_who_is_not_drawn_is_not_checked(bureau: Bureau) -> None:
    set_class(bureau, "A")
    bureau.with_item("hygiene_permit_commitment", ("A = 0.1", "A = 0.0"))

    child = f"{granted(bureau)}-01"

    assert bureau.state(child) == "finished" and bureau.case(child)["result"] == "not_sampled"
    assert bureau.ends(child) == ["end_not_sampled"] and bureau.open(child) == []


def test_an_item_may_be_exempt_from_verification(bureau: Bureau) -> None:
    bureau.with_item("hygiene_permit_commitment", ('verify_mode = "random"', 'verify_mode = "none"'))

    assert bureau.case(f"{granted(bureau)}-01")["result"] == "exempt"


def test_a_verification_beyond_the_loaded_calendar_is_provisional(bureau: Bureau) -> None:
    no = granted(bureau, "2026-11-23 10:00")

    clock = bureau.queries.cases.clocks(bureau.case(f"{no}-01")["id"])[0]

    assert clock["provisional"] is True and bureau.case(f"{no}-01")["due_provisional"] is True
    assert "暂定" in bureau.document(f"{no}-01", "verification_notice")


def test_verification_is_not_for_the_eyes_of_everybody(bureau: Bureau) -> None:
    _, child = opened(bureau)

    with pytest.raises((NotFound, Forbidden)):
        bureau.judge(child, "M01", "verified", by="xiaofang")


def test_a_hearing_is_held_in_twenty_days_and_its_record_comes_back_to_whoever_decides(bureau: Bureau) -> None:
    no, child = opened(bureau)
    bureau.at("2026-10-12 10:00")
    inspected(bureau, child, "false_promise", "场所不存在")
    bureau.do("chuangkou", child, "hear_statement", "stated", statement="要求听证")

    bureau.do("juzhang", child, "decide_revocation", "hearing")
    hearing = {"hearing_place": "政务服务中心三楼", "hearing_chair": "李主任"}
    # told seven working days before, held within twenty: October 21 to November 9
    for wrong in ("2026-10-20", "2026-11-10"):
        bureau.do("juzhang", child, "arrange_hearing", hearing_date=wrong, **hearing)
        assert bureau.open(child) == ["arrange_hearing"]
        assert "2026-10-21至2026-11-09" in bureau.variables(child)["hearing_problem"]
    bureau.do("juzhang", child, "arrange_hearing", hearing_date="2026-10-26", **hearing)
    told = bureau.document(child, "hearing_notice")
    assert "听证日期：2026年10月26日" in told and "申请回避" in told and "第四十八条" in told
    assert bureau.local_day(bureau.task("juzhang", child, "hold_hearing")["due_at"]) == date(2026, 10, 26)
    with pytest.raises(InvalidInput):
        bureau.do("juzhang", child, "hold_hearing")
    record = "质证：场所照片；申辩：已迁址"
    bureau.do("juzhang", child, "hold_hearing", hearing_record=record)

    assert bureau.open(child) == ["decide_revocation"] and bureau.variables(child)["hearing_record"] == record
    bureau.do("juzhang", child, "decide_revocation", "revoke", "虚假承诺")
    assert bureau.state(no) == "revoked"
