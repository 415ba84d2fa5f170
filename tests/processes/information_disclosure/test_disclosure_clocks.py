"""政府信息依申请公开: what moves the time to answer: fees, opinions of others, extensions."""

from datetime import date

import pytest

from tests.processes.bureau import Bureau
from tests.processes.information_disclosure.requesting import (
    APPLICANT,
    WITHHELD,
    clear,
    excessive,
    filed,
    served,
    signed,
)

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
