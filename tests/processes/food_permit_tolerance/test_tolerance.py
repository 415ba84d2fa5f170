"""食品经营许可（容缺受理）: every path of the process, with its dates."""

from datetime import date
from typing import Any

import pytest

from engine.commands.procedures.credit import RepairCredit
from engine.errors import Conflict, Forbidden, InvalidInput, NotFound
from tests.processes.bureau import Bureau

ITEM = "000131010000"
MAIN = {"M01": {}, "M02": {}, "M03": {}, "M04": {}}
SECONDARY = {"S01": {}, "S02": {}, "S03": {}}
SHOP = {"kind": "organisation", "name": "星河市美味餐饮有限公司", "id_number": "91510100MA00000001"}
FORM = {
    "shop_name": "美味小馆",
    "shop_address": "星河路1号",
    "business_kind": "catering",
    "floor_area": 80,
    "business_items": ["hot_dishes"],
    "safety_manager": "李四",
    "safety_manager_phone": "13800000000",
    "online_sales": "no",
    "declaration": True,
}


def filed(bureau: Bureau, offered: dict[str, Any], at: str = "2026-09-21 10:00") -> str:
    bureau.at(at)
    return bureau.file(ITEM, applicant=SHOP, form=FORM, offered=offered)


def promised(bureau: Bureau, at: str = "2026-09-21 10:00") -> str:
    """A case that was accepted with tolerance: S02 and S03 are owed."""
    no = filed(bureau, MAIN | {"S01": {}}, at)
    bureau.do("chuangkou", no, "examine_materials")
    bureau.do("chuangkou", no, "sign_promise", "sign", promise_signer="王五")
    return no


def reviewed(bureau: Bureau, no: str) -> None:
    bureau.do("shipin", no, "review", "pass", review_record="布局合理")
    bureau.do("shenhe", no, "audit", "agree")


def completed(bureau: Bureau, no: str) -> None:
    bureau.upload(no, "S02")
    bureau.upload(no, "S03")
    bureau.do("chuangkou", no, "complete_materials", "bring")


def test_a_complete_application_is_accepted_examined_decided_issued_and_served(bureau: Bureau) -> None:
    no = filed(bureau, MAIN | SECONDARY)

    assert bureau.state(no) == "received"
    assert bureau.sees("chuangkou", no) == ["examine_materials"] and bureau.sees("shipin", no) == []
    bureau.do("chuangkou", no, "examine_materials")
    assert bureau.state(no) == "accepted"
    # ten working days over the Golden Week: Sep 25-27 and Oct 1-7 off, Saturday Oct 10 worked
    assert bureau.clock(no, "promised") == ("running", date(2026, 10, 12))
    assert bureau.clock(no, "statutory") == ("running", date(2026, 10, 26))
    assert bureau.clock(no, "notice")[0] == "stopped"
    reviewed(bureau, no)
    assert bureau.sees("juzhang", no) == ["decide"]
    bureau.do("juzhang", no, "decide", "approve")
    assert bureau.state(no) == "decided_ok"
    assert bureau.documents(no) == ["receipt", "acceptance", "grant", "certificate"]
    bureau.do("chuangkou", no, "deliver", delivery_method="window", delivery_receiver="王五")
    assert bureau.state(no) == "finished" and bureau.instance(no)["state"] == "completed"
    assert bureau.documents(no)[-1] == "rating_invitation"
    assert bureau.instance(no)["outcome"] == "granted" and bureau.ends(no)[-1] == "end_finished"
    assert {bureau.clock(no, kind)[0] for kind in ("promised", "statutory", "delivery")} == {"stopped"}


def test_what_is_missing_is_promised_reviewed_meanwhile_completed_and_decided(bureau: Bureau) -> None:
    no = promised(bureau)

    assert bureau.state(no) == "accepted_tol"
    # two working days before the promised Oct 12
    assert bureau.clock(no, "tolerance") == ("running", date(2026, 10, 9))
    assert bureau.materials(no) == {
        **dict.fromkeys(("M01", "M02", "M03", "M04", "S01"), "submitted"),
        **dict.fromkeys(("S02", "S03"), "tolerated"),
        "S04": "missing",
    }
    assert bureau.documents(no) == ["receipt", "tolerance_promise", "tolerance_notice", "acceptance"]
    promise = bureau.document(no, "tolerance_promise")
    assert "S02 食品安全管理员任命文件" in promise and "2026年10月9日" in promise and promise.count("王五") == 1
    assert bureau.sees("chuangkou", no) == ["complete_materials"] and bureau.sees("shipin", no) == ["review"]
    reviewed(bureau, no)
    # the review is over, and the decision still waits for the materials
    assert bureau.sees("juzhang", no) == []
    bureau.at("2026-09-24 15:00")
    completed(bureau, no)
    bureau.do("chuangkou2", no, "verify_materials", "pass")
    assert bureau.materials(no)["S02"] == "verified" and bureau.clock(no, "tolerance")[0] == "stopped"
    bureau.do("juzhang", no, "decide", "approve")
    bureau.do("chuangkou", no, "deliver", delivery_method="mail", delivery_receiver="王五", delivery_tracking="SF1")
    assert bureau.state(no) == "finished"
    assert bureau.case(no)["facts"]["tolerance"]["state"] == "fulfilled"


def test_a_decision_sent_back_is_made_again_without_waiting_for_the_promise_twice(bureau: Bureau) -> None:
    no = promised(bureau)
    completed(bureau, no)
    bureau.do("chuangkou", no, "verify_materials", "pass")
    bureau.do("shipin", no, "review", "fail", "操作间面积不足", review_record="见照片")
    bureau.do("shenhe", no, "audit", "back", "请补充测量记录")
    reviewed(bureau, no)

    bureau.do("juzhang", no, "decide", "back", "请核实操作间面积")
    reviewed(bureau, no)
    bureau.do("juzhang", no, "decide", "refuse", "操作间面积不足", decision_basis="《食品安全法》第三十三条")

    assert bureau.state(no) == "decided_no"
    refusal = bureau.document(no, "refusal")
    assert (
        "操作间面积不足" in refusal
        and "《食品安全法》第三十三条" in refusal
        and "星河市人民政府申请行政复议" in refusal
    )
    bureau.do("chuangkou", no, "deliver", delivery_method="window", delivery_receiver="王五")
    assert bureau.state(no) == "finished" and bureau.instance(no)["outcome"] == "refused"


def test_a_missing_main_material_is_never_tolerated(bureau: Bureau) -> None:
    no = filed(bureau, {"M01": {}, "M02": {}, "M04": {}} | SECONDARY)

    bureau.do("chuangkou", no, "examine_materials")

    assert bureau.state(no) == "correction" and bureau.sees("chuangkou", no) == ["supplement"]
    assert "经营场所布局和操作流程：标明功能分区、设备和流向" in bureau.document(no, "correction")
    # fifteen working days for the applicant
    assert bureau.clock(no, "correction") == ("running", date(2026, 10, 19))
    bureau.upload(no, "M03")
    bureau.do("chuangkou", no, "supplement")
    assert bureau.state(no) == "received"
    bureau.do("chuangkou", no, "examine_materials")
    assert bureau.state(no) == "accepted" and bureau.documents(no).count("correction") == 1


def test_a_rejected_material_is_missing_with_its_reason(bureau: Bureau) -> None:
    no = filed(bureau, MAIN | SECONDARY)

    bureau.judge(no, "M02", "rejected", "营业执照已过期")
    bureau.judge(no, "M01", "verified")
    bureau.do("chuangkou", no, "examine_materials")

    assert "营业执照或其他主体资格证明：营业执照已过期" in bureau.document(no, "correction")


def test_still_incomplete_after_the_one_notice_acceptance_is_refused(bureau: Bureau) -> None:
    no = filed(bureau, {"M01": {}})
    bureau.do("chuangkou", no, "examine_materials")
    bureau.upload(no, "M02")
    bureau.do("chuangkou", no, "supplement")

    bureau.do("chuangkou", no, "examine_materials")

    assert bureau.state(no) == "rejected_accept" and bureau.ends(no)[-1] == "end_not_accepted"
    refused = bureau.document(no, "acceptance_refused")
    assert "仍不齐全" in refused and "食品安全管理制度" in refused
    assert bureau.documents(no).count("correction") == 1


def test_who_never_corrects_is_closed_the_day_after(bureau: Bureau) -> None:
    no = filed(bureau, {"M01": {}})
    bureau.do("chuangkou", no, "examine_materials")

    bureau.at("2026-10-19 17:30")
    assert bureau.state(no) == "correction"
    bureau.at("2026-10-19 17:31")

    assert bureau.state(no) == "closed_nocomplete" and bureau.instance(no)["state"] == "completed"


def test_without_a_notice_in_five_working_days_the_case_counts_as_accepted_from_its_receipt(bureau: Bureau) -> None:
    no = filed(bureau, {"M01": {}}, at="2026-09-24 10:00")

    bureau.at("2026-10-09 09:00")
    assert bureau.state(no) == "received"
    bureau.at("2026-10-10 18:00")

    case = bureau.case(no)
    assert case["state"] == "accepted" and case["accepted_at"] == case["received_at"]
    # ten working days from Sep 24, not from today
    assert bureau.clock(no, "promised") == ("running", date(2026, 10, 15))
    assert bureau.alerts(no) == ["deemed-accepted"]
    assert "2026年9月24日起视为受理" in bureau.document(no, "acceptance")
    assert bureau.sees("chuangkou", no) == [] and bureau.sees("shipin", no) == ["review"]
    reviewed(bureau, no)
    assert bureau.sees("juzhang", no) == ["decide"]


def test_who_does_not_want_to_promise_gets_the_ordinary_notice(bureau: Bureau) -> None:
    no = filed(bureau, MAIN | {"S01": {}})
    bureau.do("chuangkou", no, "examine_materials")

    bureau.do("chuangkou", no, "sign_promise", "decline")

    assert bureau.state(no) == "correction" and bureau.case(no)["facts"].get("tolerance") is None


def test_a_promise_needs_a_signature(bureau: Bureau) -> None:
    no = filed(bureau, MAIN | {"S01": {}})
    bureau.do("chuangkou", no, "examine_materials")

    with pytest.raises(InvalidInput) as refused:
        bureau.do("chuangkou", no, "sign_promise", "sign")

    assert refused.value.facts["fields"] == {"promise_signer": "选这个办理结果时必填"}


def test_an_earlier_day_may_be_promised_but_never_a_later_one(bureau: Bureau) -> None:
    early, late = filed(bureau, MAIN), filed(bureau, MAIN)
    for no, day in ((early, "2026-09-30"), (late, "2026-10-30")):
        bureau.do("chuangkou", no, "examine_materials")
        bureau.do("chuangkou", no, "sign_promise", "sign", promise_signer="王五", promise_until=day)

    assert bureau.clock(early, "tolerance")[1] == date(2026, 9, 30)
    assert bureau.clock(late, "tolerance")[1] == date(2026, 10, 9)


def test_reminders_come_three_and_one_working_days_before_the_deadline(bureau: Bureau) -> None:
    no = promised(bureau)

    bureau.at("2026-09-29 08:59")
    assert bureau.case(no)["facts"].get("reminders") is None
    bureau.at("2026-09-29 09:00")
    assert [entry["day"] for entry in bureau.case(no)["facts"]["reminders"]] == ["2026-09-29"]
    bureau.at("2026-10-08 12:00")

    reminders = bureau.case(no)["facts"]["reminders"]
    assert [entry["day"] for entry in reminders] == ["2026-09-29", "2026-10-08"]
    assert reminders[1]["zh"] == "请于2026-10-09前补齐容缺材料：食品安全管理员任命文件、经营场所使用证明"
    assert bureau.sees("chuangkou", no) == ["complete_materials"]


def test_what_does_not_conform_may_come_once_more_inside_the_deadline(bureau: Bureau) -> None:
    no = promised(bureau)
    completed(bureau, no)

    bureau.do("chuangkou", no, "verify_materials", "fail", "任命文件没有盖章")
    assert bureau.materials(no)["S02"] == "tolerated" and bureau.sees("chuangkou", no) == ["complete_materials"]
    completed(bureau, no)
    bureau.do("chuangkou", no, "verify_materials", "pass")

    assert bureau.case(no)["facts"]["tolerance"]["returned"] == 1
    reviewed(bureau, no)
    assert bureau.sees("juzhang", no) == ["decide"]


def test_only_part_of_the_promise_is_not_enough_and_costs_no_chance(bureau: Bureau) -> None:
    no = promised(bureau)
    bureau.upload(no, "S02")
    bureau.do("chuangkou", no, "complete_materials", "bring")

    bureau.do("chuangkou", no, "verify_materials", "pass")

    assert bureau.materials(no)["S02"] == "verified" and bureau.materials(no)["S03"] == "tolerated"
    assert bureau.sees("chuangkou", no) == ["complete_materials"]
    assert bureau.case(no)["facts"]["tolerance"]["returned"] == 0


def test_when_the_second_completion_fails_too_the_promise_is_broken_at_its_deadline(bureau: Bureau) -> None:
    no = promised(bureau)
    for reason in ("没有盖章", "印章不符"):
        completed(bureau, no)
        bureau.do("chuangkou", no, "verify_materials", "fail", reason)

    assert bureau.state(no) == "accepted_tol" and bureau.sees("chuangkou", no) == []
    bureau.at("2026-10-10 09:00")

    assert bureau.state(no) == "acceptance_revoked"
    assert bureau.materials(no)["S02"] == bureau.materials(no)["S03"] == "lapsed"


def test_what_came_in_time_is_verified_after_the_deadline(bureau: Bureau) -> None:
    no = promised(bureau)
    bureau.upload(no, "S02")
    bureau.upload(no, "S03")

    bureau.at("2026-10-12 10:00")

    # uploaded by Friday, though nobody had pressed the button
    assert bureau.sees("chuangkou", no) == ["verify_materials"]
    bureau.do("chuangkou", no, "verify_materials", "pass")
    assert bureau.case(no)["facts"]["tolerance"]["state"] == "fulfilled"


OUTCOMES = {
    "revoke_acceptance": ("acceptance_revoked", "end_acceptance_revoked", "撤销受理"),
    "deemed_withdrawn": ("deemed_withdrawn", "end_deemed_withdrawn", "视为撤回申请"),
    "return": ("returned", "end_returned", "退件"),
    "terminate": ("terminated", "end_terminated", "终止办理"),
}


@pytest.mark.parametrize("timeout", OUTCOMES)
def test_a_broken_promise_has_the_outcome_of_its_item_in_writing(bureau: Bureau, timeout: str) -> None:
    state, end, words = OUTCOMES[timeout]
    bureau.with_item("food_permit_tolerance", ('timeout = "revoke_acceptance"', f'timeout = "{timeout}"'))
    no = promised(bureau)

    bureau.at("2026-10-09 17:30")
    assert bureau.state(no) == "accepted_tol"
    bureau.at("2026-10-09 17:31")

    assert bureau.state(no) == state and bureau.ends(no)[-1] == end and bureau.open(no) == []
    assert f"现决定：{words}" in bureau.document(no, "tolerance_timeout")
    assert bureau.clock(no, "promised")[0] == bureau.clock(no, "statutory")[0] == "stopped"
    assert bureau.instance(no)["state"] == "completed"


def test_a_refusal_for_a_broken_promise_is_signed_by_the_person_who_decides(bureau: Bureau) -> None:
    bureau.with_item("food_permit_tolerance", ('timeout = "revoke_acceptance"', 'timeout = "refuse"'))
    no = promised(bureau)

    bureau.at("2026-10-10 09:00")
    assert bureau.state(no) == "accepted_tol" and bureau.open(no) == ["refuse_promise"]
    bureau.do("juzhang", no, "refuse_promise", "refuse", "逾期未补齐", decision_basis="《行政许可法》第三十八条")

    assert bureau.state(no) == "decided_no" and bureau.ends(no)[-1] == "end_refused_after_promise"
    assert bureau.documents(no)[-2:] == ["tolerance_timeout", "refusal"]


def test_a_broken_promise_blocks_the_next_tolerance_until_it_is_repaired(bureau: Bureau) -> None:
    promised(bureau)
    bureau.at("2026-10-10 09:00")

    blocked = filed(bureau, MAIN | {"S01": {}}, at="2026-10-12 10:00")
    bureau.do("chuangkou", blocked, "examine_materials")
    assert bureau.state(blocked) == "correction", "only the ordinary notice is left"
    credit = bureau.credit(SHOP["id_number"])
    assert [record["kind"] for record in credit] == ["tolerance_breach"]
    with pytest.raises(Forbidden):
        bureau.execute(RepairCredit(credit_id=credit[0]["id"], reason="已整改"), "chuangkou")
    bureau.execute(RepairCredit(credit_id=credit[0]["id"], reason="已公示并整改"), "ducha")

    again = filed(bureau, MAIN | {"S01": {}}, at="2026-10-12 11:00")
    bureau.do("chuangkou", again, "examine_materials")
    assert bureau.open(again) == ["sign_promise"]


def test_an_item_may_give_a_second_time_in_which_the_promised_clock_stands(bureau: Bureau) -> None:
    bureau.with_item("food_permit_tolerance", ("recorrections = 1", 'recorrections = 1\nsuspend = "15wd"'))
    no = promised(bureau)

    bureau.at("2026-10-10 09:00")
    assert bureau.state(no) == "suspended" and bureau.clock(no, "promised")[0] == "paused"
    # fifteen working days after Oct 9, Saturday Oct 10 among them
    assert bureau.clock(no, "tolerance") == ("running", date(2026, 10, 29))
    assert bureau.sees("chuangkou", no) == ["complete_materials"]
    completed(bureau, no)
    bureau.do("chuangkou", no, "verify_materials", "pass")
    assert bureau.state(no) == "accepted_tol"
    # it stood from Oct 9 after closing to Oct 10: no working day was taken
    assert bureau.clock(no, "promised")[0] == "running"


def test_the_second_time_passes_too(bureau: Bureau) -> None:
    bureau.with_item("food_permit_tolerance", ("recorrections = 1", 'recorrections = 1\nsuspend = "15wd"'))
    no = promised(bureau)

    bureau.at("2026-11-02 09:00")

    assert bureau.state(no) == "acceptance_revoked"


BEFORE_ISSUE = ('gate = "before_decision"', 'gate = "before_issue"')


def test_where_the_gate_is_before_issue_the_decision_does_not_wait_but_the_licence_does(bureau: Bureau) -> None:
    bureau.with_item("food_permit_tolerance", BEFORE_ISSUE)
    no = promised(bureau)
    reviewed(bureau, no)

    bureau.do("juzhang", no, "decide", "approve")
    assert bureau.state(no) == "decided_ok" and bureau.open(no) == ["complete_materials"]
    assert "certificate" not in bureau.documents(no)
    completed(bureau, no)
    bureau.do("chuangkou", no, "verify_materials", "pass")

    assert bureau.documents(no)[-1] == "certificate" and bureau.open(no) == ["deliver"]


def test_a_refusal_ends_the_promise(bureau: Bureau) -> None:
    bureau.with_item("food_permit_tolerance", BEFORE_ISSUE)
    no = promised(bureau)
    reviewed(bureau, no)

    bureau.do("juzhang", no, "decide", "refuse", "场所不符合要求", decision_basis="《食品安全法》第三十三条")

    assert bureau.open(no) == ["deliver"] and bureau.case(no)["facts"]["tolerance"]["state"] == "ended"


def test_a_promise_broken_after_the_decision_revokes_it(bureau: Bureau) -> None:
    bureau.with_item("food_permit_tolerance", BEFORE_ISSUE)
    no = promised(bureau)
    reviewed(bureau, no)
    bureau.do("juzhang", no, "decide", "approve")

    bureau.at("2026-10-10 09:00")

    assert bureau.state(no) == "revoked" and bureau.ends(no)[-1] == "end_decision_revoked"
    assert "撤销准予你（单位）" in bureau.document(no, "revocation")


def test_the_applicant_may_withdraw_until_the_decision(bureau: Bureau) -> None:
    early = filed(bureau, MAIN | SECONDARY)
    bureau.withdraw(early, "改日再办")
    assert bureau.state(early) == "cancelled" and bureau.ends(early) == ["end_withdrawn"]

    late = promised(bureau)
    bureau.withdraw(late, "不再经营")
    assert bureau.state(late) == "withdrawn" and bureau.open(late) == []
    assert bureau.case(late)["facts"]["tolerance"]["state"] == "ended"
    assert bureau.case(late)["facts"]["reason"] == "不再经营"

    decided = filed(bureau, MAIN | SECONDARY)
    bureau.do("chuangkou", decided, "examine_materials")
    reviewed(bureau, decided)
    bureau.do("juzhang", decided, "decide", "approve")
    with pytest.raises(Conflict) as refused:
        bureau.withdraw(decided)
    assert "准予许可" in refused.value.zh


def test_another_clerk_and_an_approver_may_not_withdraw_it(bureau: Bureau) -> None:
    no = filed(bureau, MAIN | SECONDARY)

    with pytest.raises(Forbidden):
        bureau.withdraw(no, by="chuangkou2")
    with pytest.raises(NotFound):
        bureau.withdraw(no, by="shipin")
