"""公共场所卫生许可（告知承诺）: every path until the licence is served, with its dates."""

from datetime import date
from typing import Any

import pytest

from engine.commands.procedures.credit import RecordCredit
from engine.errors import Conflict, InvalidInput, ModelRefused
from tests.processes.bureau import Bureau
from tests.processes.hygiene_permit_commitment.paths import ALL, HOTEL, committed, examined, filed, granted


def test_who_commits_is_decided_the_same_day_and_verified_afterwards(bureau: Bureau) -> None:
    no = filed(bureau)

    assert bureau.documents(no) == ["receipt", "commitment_notice"]
    notice = bureau.document(no, "commitment_notice")
    assert "撤回后按一般程序办理" in notice and "双随机抽查" in notice
    committed(bureau, no)
    assert "告知承诺书" in bureau.document(no, "commitment_promise") and bureau.sees("juzhang", no) == []
    bureau.do("chuangkou", no, "examine_form")
    assert bureau.case(no)["facts"]["acceptance"] == "commitment" and bureau.sees("juzhang", no) == ["decide_today"]
    task = bureau.task("juzhang", no, "decide_today")
    assert bureau.local_day(task["due_at"]) == date(2026, 9, 21)
    bureau.do("juzhang", no, "decide_today", "approve")

    assert bureau.state(no) == "decided_ok" and bureau.case(no)["result"] == "granted"
    assert "以告知承诺方式" in bureau.document(no, "grant") and "以告知承诺方式取得" in bureau.document(
        no, "certificate"
    )
    child = f"{no}-01"
    assert bureau.state(child) == "under_review" and bureau.open(child) == ["assign"]
    # sixty working days from the decision
    assert bureau.clock(child, "verification") == ("running", date(2026, 12, 21))
    bureau.do("chuangkou", no, "deliver", delivery_method="electronic", delivery_receiver="赵六")
    assert bureau.state(no) == "finished" and bureau.open(no) == ["bring_later"], "what follows the licence is owed"
    assert bureau.open(child) == ["assign"], "the verification goes its own way"


def test_a_commitment_may_be_refused(bureau: Bureau) -> None:
    no = filed(bureau)
    committed(bureau, no)
    bureau.do("chuangkou", no, "examine_form")

    bureau.do(
        "juzhang", no, "decide_today", "refuse", "场所位于禁设区域", decision_basis="《公共场所卫生管理条例》第三条"
    )

    assert bureau.open(no) == ["deliver"] and bureau.queries.cases.get(f"{no}-01") is None
    bureau.do("chuangkou", no, "deliver", delivery_method="window", delivery_receiver="赵六")
    assert bureau.instance(no)["outcome"] == "refused"


def test_not_decided_by_the_end_of_the_day_the_supervisor_is_told_and_the_task_stays(bureau: Bureau) -> None:
    no = filed(bureau)
    committed(bureau, no)
    bureau.do("chuangkou", no, "examine_form")

    bureau.at("2026-09-21 17:30")
    assert bureau.alerts(no) == []
    bureau.at("2026-09-21 18:00")

    assert bureau.alerts(no) == ["decision-overdue"] and bureau.sees("juzhang", no) == ["decide_today"]
    bureau.at("2026-09-22 09:00")
    bureau.do("juzhang", no, "decide_today", "approve")
    assert bureau.alerts(no) == ["decision-overdue"]


def test_who_does_not_choose_it_takes_the_ordinary_procedure_with_all_materials(bureau: Bureau) -> None:
    no = filed(bureau, offered=ALL)

    bureau.do("chuangkou", no, "choose", "decline", notice_received=True)

    assert bureau.open(no) == ["examine_materials"] and bureau.case(no)["facts"]["commitment"]["state"] == "declined"
    bureau.do("chuangkou", no, "examine_materials")
    assert bureau.case(no)["facts"]["acceptance"] == "ordinary"
    examined(bureau, no)
    bureau.do("juzhang", no, "decide", "approve")
    assert bureau.open(no) == ["deliver"] and bureau.queries.cases.get(f"{no}-01") is None
    assert "以告知承诺方式" not in bureau.document(no, "certificate")


def test_a_recorded_breach_leaves_only_the_ordinary_procedure(bureau: Bureau) -> None:
    record = RecordCredit(applicant_name=HOTEL["name"], applicant_id=HOTEL["id_number"], reason="列入严重失信名单")
    bureau.execute(record, "ducha")

    no = filed(bureau)

    assert bureau.open(no) == ["examine_materials"] and bureau.documents(no) == ["receipt"]
    performed = bureau.history(no, "ServicePerformed")
    reasons = next(row["data"]["result"] for row in performed if row["data"]["verb"] == "commitment.check")
    assert "严重失信主体" in reasons["commitment_reasons"]


def test_a_breach_that_expired_blocks_nobody(bureau: Bureau) -> None:
    bureau.at("2026-06-01 09:00")
    record = RecordCredit(
        applicant_name=HOTEL["name"], applicant_id=HOTEL["id_number"], reason="列入名单", expires_on="2026-08-31"
    )
    bureau.execute(record, "admin")

    assert bureau.open(filed(bureau)) == ["choose"]


def test_an_item_that_touches_public_safety_is_never_granted_on_a_commitment(bureau: Bureau) -> None:
    with pytest.raises(ModelRefused) as refused:
        bureau.with_item(
            "hygiene_permit_commitment", ('infotype = "promised"', 'infotype = "promised"\ntags = ["public_safety"]')
        )

    assert "不得实行告知承诺" in str(refused.value.facts)


WITHDRAWN_AT: dict[str, list[Any]] = {
    "sign": [lambda bureau, no: bureau.do("chuangkou", no, "choose", "choose", notice_received=True)],
    "examine_form": [committed],
    "supplement": [committed, lambda bureau, no: bureau.do("chuangkou", no, "examine_form")],
    "decide_today": [committed, lambda bureau, no: bureau.do("chuangkou", no, "examine_form")],
}


@pytest.mark.parametrize("element", WITHDRAWN_AT)
def test_a_commitment_withdrawn_before_the_decision_leads_back_to_the_ordinary_procedure(
    bureau: Bureau, element: str
) -> None:
    no = filed(bureau, offered=ALL if element != "supplement" else {"M01": {}, "M02": {}, "L01": {}, "L02": {}})
    for step in WITHDRAWN_AT[element]:
        step(bureau, no)
    assert bureau.open(no) == [element]

    bureau.at("2026-09-22 11:00")
    bureau.withdraw_commitment(no)

    assert bureau.state(no) == "received" and bureau.open(no) == ["examine_materials"]
    assert bureau.case(no)["facts"]["commitment"]["state"] == ("declined" if element == "sign" else "withdrawn")
    assert bureau.case(no)["promised_due"] is None and bureau.case(no)["accepted_at"] is None
    # the office has its five working days for a notice again
    assert bureau.clock(no, "notice") == ("running", date(2026, 9, 30))
    bureau.at("2026-09-24 11:00")
    if element == "supplement":
        bureau.upload(no, "M03")
    bureau.do("chuangkou", no, "examine_materials")
    # the clocks start anew with the acceptance of complete materials: ten working days from Sep 24
    assert bureau.clock(no, "promised") == ("running", date(2026, 10, 15))
    examined(bureau, no)
    bureau.do("juzhang", no, "decide", "approve")
    assert bureau.open(no) == ["deliver"] and bureau.queries.cases.get(f"{no}-01") is None


def test_after_the_decision_nothing_is_withdrawn(bureau: Bureau) -> None:
    no = granted(bureau)

    for withdraw in (bureau.withdraw, bureau.withdraw_commitment):
        with pytest.raises(Conflict):
            withdraw(no)


def test_the_whole_application_may_be_withdrawn_on_either_way(bureau: Bureau) -> None:
    on_commitment, ordinary = filed(bureau), filed(bureau)
    committed(bureau, on_commitment)
    bureau.do("chuangkou", ordinary, "choose", "decline", notice_received=True)

    for no in (on_commitment, ordinary):
        bureau.withdraw(no)
        assert bureau.state(no) == "cancelled" and bureau.ends(no)[-1] == "end_withdrawn" and bureau.open(no) == []


def test_reduced_materials_that_are_incomplete_are_corrected_once(bureau: Bureau) -> None:
    no = filed(bureau, offered={"M01": {}, "M02": {}})
    committed(bureau, no)

    bureau.do("chuangkou", no, "examine_form")
    assert bureau.state(no) == "correction" and bureau.open(no) == ["supplement"]
    # fifteen working days; what may follow the licence is not asked for now
    assert bureau.clock(no, "correction") == ("running", date(2026, 10, 19))
    notice = bureau.document(no, "correction")
    assert "卫生设施平面布局图：标明功能分区和卫生设施" in notice and "检测或者评价报告" not in notice
    bureau.upload(no, "M03")
    bureau.do("chuangkou", no, "supplement")
    assert bureau.state(no) == "received"
    bureau.do("chuangkou", no, "examine_form")
    assert bureau.open(no) == ["decide_today"]


def test_still_incomplete_on_the_commitment_way_acceptance_is_refused(bureau: Bureau) -> None:
    no = filed(bureau, offered={"M01": {}})
    committed(bureau, no)
    bureau.do("chuangkou", no, "examine_form")
    bureau.upload(no, "M02")
    bureau.do("chuangkou", no, "supplement")

    bureau.do("chuangkou", no, "examine_form")

    assert bureau.state(no) == "rejected_accept" and bureau.ends(no)[-1] == "end_not_accepted"
    assert "平面图" in bureau.document(no, "acceptance_refused") and "身份证明" not in bureau.document(
        no, "acceptance_refused"
    )


def test_who_never_corrects_is_closed_on_either_way(bureau: Bureau) -> None:
    on_commitment, ordinary = filed(bureau, offered={"M01": {}}), filed(bureau, offered={"M01": {}})
    committed(bureau, on_commitment)
    bureau.do("chuangkou", on_commitment, "examine_form")
    bureau.do("chuangkou", ordinary, "choose", "decline", notice_received=True)
    bureau.do("chuangkou", ordinary, "examine_materials")
    assert bureau.open(on_commitment) == ["supplement"] and bureau.open(ordinary) == ["supplement_ordinary"]

    bureau.at("2026-10-20 09:00")

    assert bureau.state(on_commitment) == bureau.state(ordinary) == "closed_nocomplete"


def test_the_ordinary_procedure_corrects_once_then_accepts_or_refuses(bureau: Bureau) -> None:
    good, bad = (
        filed(bureau, offered={code: {} for code in ALL if code not in without}) for without in ("M03", "M02 M03")
    )
    for no in (good, bad):
        bureau.do("chuangkou", no, "choose", "decline", notice_received=True)
        bureau.do("chuangkou", no, "examine_materials")
        assert bureau.state(no) == "correction"
        bureau.upload(no, "M03")
        bureau.do("chuangkou", no, "supplement_ordinary")
        bureau.do("chuangkou", no, "examine_materials")

    assert bureau.state(good) == "accepted" and bureau.state(bad) == "rejected_accept"


def test_in_the_ordinary_procedure_silence_is_acceptance_and_a_decision_may_refuse(bureau: Bureau) -> None:
    no = filed(bureau, offered={"M01": {}})
    bureau.do("chuangkou", no, "choose", "decline", notice_received=True)

    bureau.at("2026-09-30 09:00")
    bureau.do(
        "weisheng",
        no,
        "review",
        "fail",
        "无清洗消毒间",
        site_visit="2026-09-29",
        site_officers="郑丽、王芳",
        review_record="见照片",
    )
    bureau.do("shenhe", no, "audit", "back", "请补充照片")
    bureau.do("weisheng", no, "review", "fail", "无清洗消毒间")
    bureau.do("shenhe", no, "audit", "agree")
    bureau.do("juzhang", no, "decide", "refuse", "不符合卫生标准", decision_basis="《公共场所卫生管理条例》第三条")

    assert bureau.alerts(no) == ["deemed-accepted"] and bureau.state(no) == "decided_no"
    assert bureau.open(no) == ["deliver"]


def test_an_agent_signs_only_with_an_authorisation(bureau: Bureau) -> None:
    no = filed(bureau)
    bureau.do("chuangkou", no, "choose", "choose", notice_received=True)

    with pytest.raises(InvalidInput) as refused:
        bureau.do("chuangkou", no, "sign", commitment_signer="赵六", commitment_agent="钱七")
    assert "agent_authorised" in refused.value.facts["fields"]
    bureau.do("chuangkou", no, "sign", commitment_signer="赵六", commitment_agent="钱七", agent_authorised=True)

    assert bureau.case(no)["facts"]["commitment"]["by_agent"] is True
    assert "赵六（代办人：钱七）" in bureau.document(no, "commitment_promise")


def test_what_does_not_conform_is_rejected_and_asked_for_again(bureau: Bureau) -> None:
    no = filed(bureau)
    committed(bureau, no)

    bureau.judge(no, "M02", "verified")
    bureau.judge(no, "M03", "rejected", "未标明清洗消毒间")
    bureau.do("chuangkou", no, "examine_form")

    assert bureau.open(no) == ["supplement"] and "未标明清洗消毒间" in bureau.document(no, "correction")
