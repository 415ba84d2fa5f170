"""12345热线工单: an order from the call to the call-back, with its dates over the spring festival and the golden week of 2026."""

from datetime import date

import pytest

from engine.errors import Conflict, InvalidInput
from tests.processes.bureau import Bureau
from tests.processes.hotline_12345.calls import (
    ITEM,
    LIGHTS,
    REPLY,
    REQUEST,
    answered,
    called,
    dispatched,
    dissatisfied,
    reworked,
    signed,
)

# ---------------------------------------------------------------- the way through


def test_an_order_is_dispatched_signed_answered_called_back_and_closed(bureau: Bureau) -> None:
    no = called(bureau)
    assert bureau.state(no) == "received" and bureau.sees("huawu2", no) == ["triage"]

    bureau.do("huawu", no, "triage", "dispatch", **LIGHTS)

    # five working days over the spring festival: Saturday Feb 14 is worked, Feb 15-23 are off
    assert bureau.state(no) == "accepted" and bureau.clock(no, "promised") == ("running", date(2026, 2, 27))
    assert bureau.clock(no, "sign_in") == ("running", date(2026, 2, 13))
    assert bureau.clock(no, "sign_in_latest") == ("running", date(2026, 2, 14))
    assert "城市管理局" in bureau.document(no, "order_transfer") and "2月27日" in bureau.document(no, "order_transfer")
    assert bureau.sees("chengguan", no) == ["sign_in"] and bureau.sees("shichang", no) == []
    bureau.do("chengguan", no, "sign_in", "sign")
    assert bureau.clock(no, "sign_in")[0] == "stopped" and bureau.state(no) == "under_review"
    bureau.at("2026-02-24 15:00")
    bureau.do("chengguan", no, "handle", "reply", **REPLY)
    bureau.do("huawu2", no, "review", "pass")
    assert bureau.state(no) == "answered" and bureau.clock(no, "promised")[0] == "stopped"
    assert bureau.clock(no, "call_back") == ("running", date(2026, 2, 25))
    bureau.at("2026-02-25 10:00")
    bureau.do("huawu", no, "call_back", "satisfied")
    assert bureau.state(no) == "finished" and bureau.case(no)["result"] == "satisfied"
    assert bureau.ends(no)[-1] == "end_closed" and bureau.instance(no)["outcome"] == "satisfied"
    assert bureau.documents(no) == ["order_transfer", "order_reply"]
    assert bureau.open(no) == [] and bureau.alerts(no) == []


def test_a_complex_order_has_fifteen_working_days(bureau: Bureau) -> None:
    assert bureau.clock(dispatched(bureau, complexity="complex"), "promised")[1] == date(2026, 3, 12)
    # over the golden week: Sep 25-27 and Oct 1-7 off, Saturday Oct 10 worked
    no = dispatched(bureau, at="2026-09-18 10:00", complexity="complex")
    assert bureau.clock(no, "promised")[1] == date(2026, 10, 15)


def test_a_simple_order_has_five_working_days_over_the_golden_week(bureau: Bureau) -> None:
    assert bureau.clock(dispatched(bureau, at="2026-09-30 10:00"), "promised")[1] == date(2026, 10, 13)


def test_the_limit_explains_itself(bureau: Bureau) -> None:
    no = dispatched(bureau)

    clock = next(row for row in bureau.queries.cases.clocks(bureau.case(no)["id"]) if row["kind"] == "promised")

    assert clock["facts"]["source"] == "本级热线管理办法：一般诉求" and clock["limit_text"] == "5wd"


# ---------------------------------------------------------------- at the centre


def test_what_the_centre_knows_is_answered_at_once(bureau: Bureau) -> None:
    no = called(bureau)

    bureau.do("huawu", no, "triage", "answer", direct_reply="公租房申请请到街道便民中心")

    assert bureau.state(no) == "finished" and bureau.ends(no) == ["end_direct"]
    assert bureau.case(no)["result"] == "direct" and "公租房" in bureau.document(no, "order_reply")


def test_what_does_not_belong_to_the_hotline_is_refused_with_its_reason(bureau: Bureau) -> None:
    no = called(bureau)

    bureau.do("huawu", no, "triage", "reject", reject_ground="litigation", reject_note="请向人民法院反映")

    assert bureau.state(no) == "rejected_accept" and bureau.ends(no) == ["end_rejected"]
    assert "诉讼、仲裁" in bureau.document(no, "order_refused") and "人民法院" in bureau.document(no, "order_refused")


def test_an_emergency_is_handed_over_at_once(bureau: Bureau) -> None:
    no = called(bureau)

    bureau.do("huawu", no, "triage", "emergency", emergency_number="119")

    assert bureau.state(no) == "forwarded" and bureau.ends(no) == ["end_handed_over"]


def test_a_duplicate_is_merged_into_the_order_that_is_under_way(bureau: Bureau) -> None:
    first, second = dispatched(bureau), called(bureau)

    bureau.do("huawu", second, "triage", "merge", merge_into="510100000000000000000000")
    assert bureau.open(second) == ["triage"] and "没有可以并入" in bureau.variables(second)["triage_problem"]
    bureau.do("huawu", second, "triage", "merge", merge_into=first)

    assert bureau.state(second) == "terminated" and bureau.ends(second)[-1] == "end_merged"
    assert bureau.case(first)["facts"]["order"]["copies"] == [second] and bureau.state(first) == "accepted"


@pytest.mark.parametrize(
    ("outcome", "field"), [("dispatch", "topic"), ("answer", "direct_reply"), ("reject", "reject_ground")]
)
def test_each_way_at_the_centre_needs_its_words(bureau: Bureau, outcome: str, field: str) -> None:
    no = called(bureau)

    with pytest.raises(InvalidInput) as refused:
        bureau.do("huawu", no, "triage", outcome)

    assert field in refused.value.facts["fields"]


# ---------------------------------------------------------------- after the answer


def test_who_is_dissatisfied_by_fault_of_the_office_is_served_again_by_a_clock_of_its_own(bureau: Bureau) -> None:
    no = answered(bureau)
    dissatisfied(bureau, no)

    assert bureau.state(no) == "under_review" and bureau.sees("chengguan", no) == ["handle"]
    assert bureau.clock(no, "redo") == ("running", date(2026, 2, 27)) and bureau.clock(no, "promised")[0] == "stopped"
    assert "第1次" in bureau.document(no, "order_redo")
    bureau.do("chengguan", no, "handle", "extend", extension_days=5, extension_reason="备件未到")
    assert "重办工单不能延期" in bureau.variables(no)["extension_problem"]
    reworked(bureau, no)
    bureau.do("huawu", no, "call_back", "fairly")
    assert bureau.state(no) == "finished" and bureau.case(no)["result"] == "fairly"


def test_done_again_twice_and_still_dissatisfied_goes_to_the_supervisor(bureau: Bureau) -> None:
    no = answered(bureau)
    for _ in range(2):
        dissatisfied(bureau, no)
        reworked(bureau, no)
    dissatisfied(bureau, no)

    assert bureau.open(no) == ["supervise"] and bureau.sees("ducha", no) == ["supervise"]
    assert bureau.alerts(no) == ["order-still-dissatisfied"]
    bureau.do("ducha", no, "supervise", "redo", "三个工作日内修复", redo_limit="3wd")
    assert bureau.clock(no, "redo") == ("running", date(2026, 2, 25)) and bureau.open(no) == ["handle"]
    reworked(bureau, no)
    dissatisfied(bureau, no)
    bureau.do("ducha", no, "supervise", "close", "产权单位破产，已列入更新改造计划")
    assert bureau.state(no) == "finished" and bureau.case(no)["result"] == "dissatisfied"


def test_what_cannot_be_done_at_present_is_explained_and_closed(bureau: Bureau) -> None:
    no = answered(bureau)

    dissatisfied(bureau, no, "objective")

    assert bureau.state(no) == "finished" and bureau.case(no)["result"] == "limited"


def test_who_cannot_be_reached_does_not_keep_the_order_open(bureau: Bureau) -> None:
    no = answered(bureau)

    bureau.do("huawu", no, "call_back", "unreachable")

    assert bureau.case(no)["result"] == "unreachable" and bureau.state(no) == "finished"


def test_dissatisfaction_needs_its_cause(bureau: Bureau) -> None:
    no = answered(bureau)

    with pytest.raises(InvalidInput) as refused:
        bureau.do("huawu", no, "call_back", "dissatisfied")

    assert set(refused.value.facts["fields"]) == {"fault", "call_back_note"}


def test_the_caller_may_withdraw_until_the_answer(bureau: Bureau) -> None:
    no = signed(bureau)
    bureau.withdraw(no, "自己修好了", by="huawu")
    assert bureau.state(no) == "withdrawn" and bureau.open(no) == [] and bureau.clock(no, "promised")[0] == "stopped"

    with pytest.raises(Conflict):
        bureau.withdraw(answered(bureau), by="huawu")


def test_a_caller_leaves_a_number_where_he_can_be_called(bureau: Bureau) -> None:
    with pytest.raises(InvalidInput) as refused:
        bureau.file(ITEM, by="huawu", applicant={"kind": "person", "name": "匿名"}, form=REQUEST, channel="phone")

    assert set(refused.value.facts["fields"]) == {"applicant.phone"}
