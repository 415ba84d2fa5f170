"""政府信息依申请公开: every path of a request, with its dates over the spring festival and the golden week of 2026."""

from datetime import date
from typing import Any

import pytest

from engine.errors import Conflict, InvalidInput
from tests.processes.bureau import Bureau

ITEM = "002020002000"
APPLICANT = {"kind": "person", "name": "王小明", "id_number": "510104199001011234", "phone": "13800001234"}
FORM = {
    "subject": "银杏路改造项目招标文件",
    "wanted": "银杏路改造项目（2024年）的招标文件和评标报告",
    "form_of_provision": "mail",
    "receipt_way": "in_person",
}
DRAFT: dict[str, Any] = {"search_record": "在工程建设档案中检索", "answer_kind": "disclosed", "answer_text": "见附件"}
WITHHELD: dict[str, Any] = {
    "answer_kind": "withheld",
    "answer_reason": "含商业秘密",
    "answer_basis": "《条例》第十五条",
}


def filed(bureau: Bureau, at: str = "2026-02-13 10:00", **form: Any) -> str:
    bureau.at(at)
    return bureau.file(ITEM, by="gongkai", applicant=APPLICANT, form=FORM | form)


def clear(bureau: Bureau, at: str = "2026-02-13 10:00") -> str:
    no = filed(bureau, at)
    bureau.do("gongkai", no, "examine", "clear")
    return no


def excessive(bureau: Bureau) -> str:
    no = filed(bureau)
    bureau.do("gongkai", no, "examine", "excessive")
    return no


def signed(bureau: Bureau, no: str, **answer: Any) -> None:
    bureau.do("danganshi", no, "search", "draft", **(DRAFT | answer))
    bureau.do("fazhi", no, "legality", "pass")
    bureau.do("gongkaizhang", no, "decide", "sign", **answer)


def served(bureau: Bureau, no: str) -> None:
    bureau.do("gongkai", no, "deliver", delivery_method="mail", delivery_receiver="王小明", delivery_tracking="SF1")


# ---------------------------------------------------------------- the way through


def test_a_clear_request_is_registered_searched_reviewed_signed_and_served(bureau: Bureau) -> None:
    no = filed(bureau)
    # twenty and fifteen working days over the spring festival (Feb 15-23 off, Feb 14 and 28 worked)
    assert bureau.clock(no, "statutory") == ("running", date(2026, 3, 19))
    assert bureau.clock(no, "promised") == ("running", date(2026, 3, 12))
    assert bureau.clock(no, "clarification") == ("running", date(2026, 3, 2))
    assert "2月13日收到" in bureau.document(no, "disclosure_receipt") and bureau.state(no) == "received"

    bureau.do("gongkai", no, "examine", "clear")
    assert bureau.state(no) == "accepted" and bureau.sees("danganshi", no) == ["search"]
    signed(bureau, no)
    assert bureau.state(no) == "answered" and bureau.clock(no, "statutory")[0] == "running", "until it leaves the house"
    bureau.at("2026-03-19 17:00")
    served(bureau, no)

    assert bureau.state(no) == "finished" and bureau.case(no)["result"] == "disclosed"
    assert bureau.clock(no, "statutory")[0] == "stopped" and bureau.instance(no)["state"] == "running"
    assert bureau.documents(no) == ["disclosure_receipt", "disclosure_reply", "disclosure_service"]
    reply = bureau.document(no, "disclosure_reply")
    assert "第三十六条第二项" in reply and "申请行政复议" in reply and "见附件" in reply


def test_twenty_working_days_over_the_golden_week(bureau: Bureau) -> None:
    assert bureau.clock(filed(bureau, "2026-09-30 10:00"), "statutory")[1] == date(2026, 11, 3)


# ---------------------------------------------------------------- the day of receipt


@pytest.mark.parametrize("way", ["internet", "fax", "ordinary_mail"])
def test_what_needs_a_confirmation_is_received_on_the_day_of_it(bureau: Bureau, way: str) -> None:
    no = filed(bureau, "2026-02-13 16:00", receipt_way=way)
    assert bureau.open(no) == ["confirm"]

    bureau.at("2026-02-24 09:00")
    bureau.do("gongkai", no, "confirm")

    assert bureau.local_day(bureau.case(no)["received_at"]) == date(2026, 2, 24)
    assert bureau.clock(no, "statutory")[1] == date(2026, 3, 23)


def test_a_letter_is_received_on_the_day_it_was_signed_for(bureau: Bureau) -> None:
    no = filed(bureau, "2026-02-14 16:00", receipt_way="signed_mail", signed_on="2026-02-13")

    assert bureau.local_day(bureau.case(no)["received_at"]) == date(2026, 2, 13)
    assert bureau.clock(no, "statutory")[1] == date(2026, 3, 19)


# ---------------------------------------------------------------- correction


def test_a_correction_starts_the_time_to_answer_anew(bureau: Bureau) -> None:
    no = filed(bureau)
    bureau.at("2026-02-24 10:00")
    bureau.do("gongkai", no, "examine", "correct", correction_items="请写明招标文件的名称或者文号")
    assert bureau.state(no) == "correction" and bureau.clock(no, "statutory")[0] == "stopped"
    # fifteen working days for the applicant
    assert bureau.clock(no, "correction") == ("running", date(2026, 3, 16))
    assert "招标文件的名称" in bureau.document(no, "disclosure_correction")

    bureau.at("2026-03-10 10:00")
    bureau.do("gongkai", no, "correct", wanted="银杏路改造项目施工一标段招标文件")

    # twenty working days from March 10: Apr 4-6 (清明) are off
    assert bureau.state(no) == "received" and bureau.clock(no, "statutory") == ("running", date(2026, 4, 8))
    assert bureau.open(no) == ["examine"]
    bureau.do("gongkai", no, "examine", "correct", correction_items="请再写明年份")
    assert "不能再次要求补正" in bureau.variables(no)["examine_problem"] and bureau.open(no) == ["examine"]
    bureau.do("gongkai", no, "examine", "clear")
    assert bureau.open(no) == ["search"]


def test_after_seven_working_days_no_correction_can_be_asked_for(bureau: Bureau) -> None:
    no = filed(bureau)

    # Feb 14, 24, 25, 26, 27, 28 (worked) and Mar 2
    bureau.at("2026-03-02 17:30")
    assert bureau.alerts(no) == []
    bureau.at("2026-03-02 17:31")
    assert bureau.alerts(no) == ["correction-lapsed"]
    bureau.do("gongkai", no, "examine", "correct", correction_items="请写明文号")

    assert "7个工作日" in bureau.variables(no)["examine_problem"] and bureau.open(no) == ["examine"]
    assert bureau.clock(no, "statutory") == ("running", date(2026, 3, 19))


def test_who_does_not_correct_has_abandoned_the_request(bureau: Bureau) -> None:
    no = filed(bureau)
    bureau.do("gongkai", no, "examine", "correct", correction_items="请写明文号")

    bureau.at("2026-03-12 17:30")
    assert bureau.state(no) == "correction"
    bureau.at("2026-03-12 17:31")

    assert bureau.state(no) == "deemed_withdrawn" and bureau.ends(no)[-1] == "end_closed" and bureau.open(no) == []
    assert "视为放弃" in bureau.case(no)["facts"]["reason"]


# ---------------------------------------------------------------- not a request, or too many


def test_a_petition_in_disguise_is_told_its_way_in_writing(bureau: Bureau) -> None:
    no = filed(bureau)

    bureau.do("gongkai", no, "examine", "not_information")
    assert bureau.open(no) == ["decide"] and bureau.variables(no)["answer_kind"] == "not_information"
    bureau.do("gongkaizhang", no, "decide", "sign", answer_text="请向信访局提出")
    served(bureau, no)

    assert bureau.case(no)["result"] == "not_information" and "第三十九条" in bureau.document(no, "disclosure_reply")


def test_unreasonable_reasons_end_in_an_answer_that_nothing_is_handled(bureau: Bureau) -> None:
    no = excessive(bureau)
    assert bureau.clock(no, "reasons") == ("running", date(2026, 3, 2)) and bureau.open(no) == ["give_reasons"]
    bureau.do("gongkai", no, "give_reasons", applicant_reasons="想看看")

    bureau.do("gongkai", no, "judge_reasons", "unreasonable")
    bureau.do("gongkaizhang", no, "decide", "sign")
    served(bureau, no)

    assert bureau.case(no)["result"] == "excessive" and bureau.clock(no, "reasons")[0] == "stopped"


def test_who_gives_no_reasons_is_judged_without_them(bureau: Bureau) -> None:
    no = excessive(bureau)

    bureau.at("2026-03-02 17:31")

    assert bureau.open(no) == ["judge_reasons"]


def test_a_reasonable_request_is_handled_like_any_other(bureau: Bureau) -> None:
    no = excessive(bureau)
    bureau.do("gongkai", no, "give_reasons", applicant_reasons="编写地方志")

    bureau.do("gongkai", no, "judge_reasons", "reasonable")

    assert bureau.open(no) == ["search"] and bureau.clock(no, "statutory") == ("running", date(2026, 3, 19))


def test_a_reasonable_request_that_takes_longer_gets_a_later_date(bureau: Bureau) -> None:
    no = excessive(bureau)
    bureau.do("gongkai", no, "give_reasons", applicant_reasons="编写地方志")

    bureau.do("gongkai", no, "judge_reasons", "delayed", delay_days=30, delay_reason="涉及卷宗三百卷")

    assert bureau.state(no) == "extended" and bureau.clock(no, "statutory") == ("running", date(2026, 5, 6))
    assert "5月6日" in bureau.document(no, "disclosure_extension")
    bureau.do("danganshi", no, "search", "extend", extension_days=5, extension_reason="还要几天")
    assert "只能延期一次" in bureau.variables(no)["search_problem"]


# ---------------------------------------------------------------- fees


def test_below_the_free_number_nothing_is_charged(bureau: Bureau) -> None:
    no = excessive(bureau)
    bureau.do("gongkai", no, "give_reasons", applicant_reasons="编写地方志")

    bureau.do("gongkai", no, "judge_reasons", "fee", fee_by="requests")

    assert "未超过免费的数量（本月第1件）" in bureau.variables(no)["judge_problem"] and bureau.open(no) == [
        "judge_reasons"
    ]


def test_until_the_fee_is_paid_no_time_runs_and_then_it_is_counted_anew(bureau: Bureau) -> None:
    no = excessive(bureau)
    bureau.do("gongkai", no, "give_reasons", applicant_reasons="编写地方志")
    bureau.do("gongkai", no, "judge_reasons", "fee", fee_by="pages", fee_pages=250)

    # 70 pages at 10 yuan, 100 at 20, 50 at 40
    assert bureau.variables(no)["fee_amount"] == 4700 and "4700元" in bureau.document(no, "disclosure_fee")
    assert bureau.clock(no, "payment") == ("running", date(2026, 3, 19)) and bureau.state(no) == "suspended"
    assert bureau.clock(no, "statutory")[0] == "stopped"
    bureau.at("2026-03-10 10:00")
    bureau.do("gongkai", no, "pay", payment_receipt="川财0001")
    assert bureau.clock(no, "statutory") == ("running", date(2026, 4, 8)) and bureau.open(no) == ["search"]


def test_the_eleventh_request_of_a_month_costs(bureau: Bureau) -> None:
    for _ in range(10):
        filed(bureau)
    no = excessive(bureau)
    assert bureau.variables(no)["requests_this_month"] == 11
    bureau.do("gongkai", no, "give_reasons", applicant_reasons="研究")

    bureau.do("gongkai", no, "judge_reasons", "fee", fee_by="requests")

    assert bureau.variables(no)["fee_amount"] == 100


def test_who_does_not_pay_has_abandoned_the_request(bureau: Bureau) -> None:
    no = excessive(bureau)
    bureau.do("gongkai", no, "give_reasons", applicant_reasons="编写地方志")
    bureau.do("gongkai", no, "judge_reasons", "fee", fee_by="pages", fee_pages=31)

    bureau.at("2026-03-19 17:31")

    assert bureau.state(no) == "deemed_withdrawn" and bureau.ends(no)[-1] == "end_closed"


# ---------------------------------------------------------------- opinions of others


def test_the_time_of_a_third_party_does_not_count_and_its_silence_leaves_it_to_the_organ(bureau: Bureau) -> None:
    no = clear(bureau)
    bureau.at("2026-02-24 10:00")
    bureau.do("danganshi", no, "search", "consult", third_party="星河建工集团有限公司")
    assert bureau.state(no) == "special" and bureau.clock(no, "statutory")[0] == "paused"
    assert bureau.clock(no, "special") == ("running", date(2026, 3, 16)) and bureau.open(no) == ["third_party_opinion"]
    letter = bureau.document(no, "disclosure_consultation")
    assert "星河建工集团有限公司：" in letter and "由本机关依法决定" in letter and APPLICANT["name"] not in letter

    bureau.at("2026-03-16 17:30")
    assert bureau.open(no) == ["third_party_opinion"]
    bureau.at("2026-03-16 17:31")

    # 15 working days were taken: Mar 19 becomes Apr 10 (清明 Apr 4-6 off)
    assert bureau.open(no) == ["search"] and bureau.clock(no, "statutory") == ("running", date(2026, 4, 10))
    assert "逾期未答复，由本机关依法决定" in bureau.variables(no)["asked_text"]
    signed(bureau, no)
    assert "disclosure_override" not in bureau.documents(no)


def test_a_co_producers_silence_is_consent(bureau: Bureau) -> None:
    no = clear(bureau)
    bureau.do("danganshi", no, "search", "consult", co_producer="星河市发展和改革委员会")
    assert "视为同意公开" in bureau.document(no, "disclosure_cooperation")

    bureau.at("2026-03-12 17:31")

    assert bureau.variables(no)["asked_text"] == "共同制作机关星河市发展和改革委员会：逾期未答复，视为同意公开"
    signed(bureau, no)
    assert bureau.state(no) == "answered"


def test_two_who_are_asked_at_once_stop_the_clock_together(bureau: Bureau) -> None:
    no = clear(bureau)
    bureau.do("danganshi", no, "search", "consult", third_party="甲公司", co_producer="乙局")
    bureau.at("2026-02-24 10:00")
    bureau.do("gongkai", no, "co_producer_opinion", co_producer_answer="agree")
    assert bureau.clock(no, "statutory")[0] == "paused" and bureau.open(no) == ["third_party_opinion"]

    bureau.at("2026-02-25 10:00")
    bureau.do("gongkai", no, "third_party_opinion", third_party_answer="agree")

    # it stood from Feb 13 to Feb 25: three working days (Feb 14, 24, 25)
    assert bureau.clock(no, "statutory") == ("running", date(2026, 3, 24)) and bureau.open(no) == ["search"]
    bureau.do("danganshi", no, "search", "consult", third_party="甲公司")
    assert "不再征求" in bureau.variables(no)["search_problem"]


def test_somebody_has_to_be_named(bureau: Bureau) -> None:
    no = clear(bureau)

    bureau.do("danganshi", no, "search", "consult")

    assert "请写明" in bureau.variables(no)["search_problem"] and bureau.clock(no, "statutory")[0] == "running"


def test_what_a_third_party_objects_to_is_given_only_for_the_public_interest_and_he_is_told(bureau: Bureau) -> None:
    no = clear(bureau)
    bureau.do("danganshi", no, "search", "consult", third_party="甲公司")
    bureau.do("gongkai", no, "third_party_opinion", third_party_answer="object", third_party_reason="含报价")
    signed(bureau, no)
    assert bureau.open(no) == ["decide"] and "第三方不同意公开" in bureau.variables(no)["decide_problem"]

    bureau.do("gongkaizhang", no, "decide", "sign", public_interest="涉及重大公共安全")

    assert bureau.state(no) == "answered"
    override = bureau.document(no, "disclosure_override")
    assert override.splitlines()[4] == "甲公司：" and "涉及重大公共安全" in override


def test_what_a_co_producer_objects_to_is_not_given(bureau: Bureau) -> None:
    no = clear(bureau)
    bureau.do("danganshi", no, "search", "consult", co_producer="乙局")
    bureau.do("gongkai", no, "co_producer_opinion", co_producer_answer="object", co_producer_reason="内部信息")
    signed(bureau, no)
    assert "共同制作机关不同意公开" in bureau.variables(no)["decide_problem"]

    bureau.do("gongkaizhang", no, "decide", "back", "请改为不予公开")
    signed(bureau, no, **WITHHELD)

    assert bureau.case(no)["result"] == "withheld"


# ---------------------------------------------------------------- extension


def test_an_extension_is_agreed_by_the_head_and_told_to_the_applicant(bureau: Bureau) -> None:
    no = clear(bureau)
    bureau.at("2026-03-19 17:00")
    bureau.do("danganshi", no, "search", "extend", extension_days=20, extension_reason="档案正在数字化")
    bureau.at("2026-03-20 09:00")
    bureau.do("gongkaizhang", no, "approve_extension", "approve")

    # asked for in time, agreed the next morning; twenty working days after Mar 19
    assert bureau.clock(no, "statutory") == ("running", date(2026, 4, 17)) and bureau.state(no) == "extended"
    assert "4月17日" in bureau.document(no, "disclosure_extension")
    signed(bureau, no)
    served(bureau, no)
    assert bureau.state(no) == "finished"


def test_an_extension_that_is_not_agreed_changes_nothing(bureau: Bureau) -> None:
    no = clear(bureau)
    bureau.do("danganshi", no, "search", "extend", extension_days=20, extension_reason="忙")

    bureau.do("gongkaizhang", no, "approve_extension", "refuse", "理由不充分")

    assert bureau.clock(no, "statutory")[1] == date(2026, 3, 19) and bureau.open(no) == ["search"]


@pytest.mark.parametrize(
    ("days", "at", "problem"), [(21, "2026-02-24 09:00", "1至20个"), (5, "2026-03-20 09:00", "已满")]
)
def test_an_extension_is_refused_when_it_is_too_long_or_too_late(
    bureau: Bureau, days: int, at: str, problem: str
) -> None:
    no = clear(bureau)
    bureau.at(at)

    bureau.do("danganshi", no, "search", "extend", extension_days=days, extension_reason="卷宗多")

    assert problem in bureau.variables(no)["search_problem"] and bureau.open(no) == ["search"]


# ---------------------------------------------------------------- answers


ANSWERS = ["public", "absent", "not_ours", "repeated", "special", "processing"]


@pytest.mark.parametrize("kind", ANSWERS)
def test_each_kind_of_answer_cites_its_article(bureau: Bureau, kind: str) -> None:
    no = clear(bureau)

    signed(bureau, no, answer_kind=kind)

    assert bureau.case(no)["result"] == kind
    assert "《政府信息公开条例》第三十" in bureau.document(no, "disclosure_reply")


@pytest.mark.parametrize("kind", ["partly", "withheld"])
def test_what_is_kept_back_needs_its_reason_and_its_rule(bureau: Bureau, kind: str) -> None:
    no = clear(bureau)
    signed(bureau, no, answer_kind=kind)
    assert "应当写明理由和依据" in bureau.variables(no)["decide_problem"] and bureau.open(no) == ["decide"]

    bureau.do("gongkaizhang", no, "decide", "sign", **(WITHHELD | {"answer_kind": kind}))

    assert bureau.case(no)["result"] == kind and "第十五条" in bureau.document(no, "disclosure_reply")


def test_the_reviewer_and_the_head_may_send_it_back(bureau: Bureau) -> None:
    no = clear(bureau)
    bureau.do("danganshi", no, "search", "draft", **DRAFT)
    bureau.do("fazhi", no, "legality", "back", "涉及个人电话，请遮盖")
    assert bureau.open(no) == ["search"]
    bureau.do("danganshi", no, "search", "draft", **DRAFT)
    bureau.do("fazhi", no, "legality", "pass")

    bureau.do("gongkaizhang", no, "decide", "back", "请附目录")

    assert bureau.open(no) == ["search"]


def test_a_draft_needs_its_record_of_the_search(bureau: Bureau) -> None:
    no = clear(bureau)

    with pytest.raises(InvalidInput) as refused:
        bureau.do("danganshi", no, "search", "draft")

    assert "search_record" in refused.value.facts["fields"]


def test_the_applicant_may_withdraw_until_the_answer(bureau: Bureau) -> None:
    no = clear(bureau)
    bureau.withdraw(no, "已自行查到", by="gongkai")
    assert bureau.state(no) == "withdrawn" and bureau.open(no) == []

    answered = clear(bureau)
    signed(bureau, answered)
    with pytest.raises(Conflict):
        bureau.withdraw(answered, by="gongkai")


def test_a_delay_after_the_time_to_answer_is_refused_to_who_asks_and_stops_nothing(bureau: Bureau) -> None:
    no = excessive(bureau)
    bureau.do("gongkai", no, "give_reasons", applicant_reasons="用于课题研究")
    bureau.at("2026-06-30 10:00")

    with pytest.raises(Conflict, match="is over or was extended before"):
        bureau.do("gongkai", no, "judge_reasons", "delayed", delay_days=10, delay_reason="数量多")

    assert bureau.open(no) == ["judge_reasons"] and bureau.instance(no)["state"] == "running"
