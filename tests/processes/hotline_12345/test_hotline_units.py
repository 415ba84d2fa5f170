"""12345热线工单: what the unit does with an order: signing, returning, handling, extension, holding."""

from datetime import date

import pytest

from engine.commands.procedures.hotline_callers import RecallOrder, UrgeOrder
from engine.errors import Forbidden, InvalidInput, NotFound
from tests.processes.bureau import Bureau
from tests.processes.hotline_12345.calls import REPLY, WRONG_UNIT, dispatched, reworked, signed

# ---------------------------------------------------------------- signing for it


def test_who_has_not_signed_after_two_office_hours_is_urged_and_after_a_day_reported(bureau: Bureau) -> None:
    no = dispatched(bureau, at="2026-02-13 15:00")

    bureau.at("2026-02-13 16:59")
    assert bureau.case(no)["facts"].get("reminders") is None
    bureau.at("2026-02-13 17:01")
    assert [entry["subject"] for entry in bureau.case(no)["facts"]["reminders"]] == ["sign_in"]
    # one working day: the Saturday before the festival is worked
    bureau.at("2026-02-14 17:29")
    assert bureau.alerts(no) == []
    bureau.at("2026-02-14 17:31")
    assert bureau.alerts(no) == ["order-sign-in-overdue"] and bureau.open(no) == ["sign_in"]
    bureau.do("chengguan", no, "sign_in", "sign")
    assert bureau.history(no, "OrderSigned")[0]["data"]["late"] is True


# ---------------------------------------------------------------- returning it


@pytest.mark.parametrize(
    "words", ["本单位提供不了此项服务", "经核实，不在职责 范围内，请另派", "程序，互为前置，无法办理"]
)
def test_a_forbidden_reason_is_refused_however_it_is_written(bureau: Bureau, words: str) -> None:
    no = dispatched(bureau)

    bureau.do("chengguan", no, "sign_in", "return", return_reason="other_unit", return_text=words + "，特此说明情况")

    assert bureau.open(no) == ["sign_in"] and "为由退单" in bureau.variables(no)["return_problem"]
    assert bureau.history(no, "OrderReturnRequested") == []
    # the form tells them, and offers only what is a ground
    form = bureau.task("chengguan", no, "sign_in")
    assert form["form_key"] == "sign_in" and "“程序互为前置”" in bureau.variables(no)["forbidden_text"]


def test_a_ground_that_is_not_on_the_list_is_refused_by_the_form(bureau: Bureau) -> None:
    no = dispatched(bureau)

    with pytest.raises(InvalidInput) as refused:
        bureau.do("chengguan", no, "sign_in", "return", return_reason="no_time", return_text=WRONG_UNIT)

    assert "return_reason" in refused.value.facts["fields"]


def test_a_return_needs_facts_and_comes_within_one_working_day(bureau: Bureau) -> None:
    no = dispatched(bureau)
    bureau.do("chengguan", no, "sign_in", "return", return_reason="other_unit", return_text="不归我们管")
    assert "不少于10字" in bureau.variables(no)["return_problem"]

    bureau.at("2026-02-24 09:00")
    bureau.do("chengguan", no, "sign_in", "return", return_reason="other_unit", return_text=WRONG_UNIT)

    assert "已过申请退单的时限" in bureau.variables(no)["return_problem"] and bureau.open(no) == ["sign_in"]


def test_an_approved_return_is_dispatched_anew_and_the_caller_loses_no_day(bureau: Bureau) -> None:
    no = dispatched(bureau)
    bureau.at("2026-02-13 16:00")
    bureau.do("chengguan", no, "sign_in", "return", return_reason="other_unit", return_text=WRONG_UNIT)
    assert bureau.clock(no, "settlement") == ("running", date(2026, 2, 14))
    assert bureau.clock(no, "sign_in")[0] == "stopped"

    bureau.do("huawu", no, "settle_return", "approved")
    assert bureau.open(no) == ["triage"]
    bureau.do("huawu", no, "triage", "dispatch", topic="consumer", complexity="complex")

    assert bureau.sees("shichang", no) == ["sign_in"] and bureau.sees("chengguan", no) == []
    # neither begun anew nor made longer by the second dispatch
    assert bureau.clock(no, "promised") == ("running", date(2026, 2, 27))
    assert bureau.documents(no) == ["order_transfer", "order_transfer"]


def test_a_refused_return_goes_back_to_be_signed_for(bureau: Bureau) -> None:
    no = dispatched(bureau)
    bureau.do(
        "chengguan", no, "sign_in", "return", return_reason="unclear", return_text="诉求人没有说明具体是哪三盏路灯"
    )

    bureau.at("2026-02-14 09:00")
    bureau.do("huawu", no, "settle_return", "refused", "地点已写明，请现场核实")

    assert bureau.open(no) == ["sign_in"] and "地点已写明" in bureau.variables(no)["return_problem"]
    assert bureau.clock(no, "sign_in_latest")[1] == date(2026, 2, 24)
    bureau.do("chengguan", no, "sign_in", "sign")
    assert bureau.open(no) == ["handle"]


def test_who_is_designated_may_not_return_the_order(bureau: Bureau) -> None:
    no = dispatched(bureau)
    bureau.do("chengguan", no, "sign_in", "return", return_reason="other_unit", return_text=WRONG_UNIT)

    bureau.do("huawu", no, "settle_return", "designated", "经会商由水务局承办", designated_unit="swj")
    bureau.do("shuiwu", no, "sign_in", "return", return_reason="other_unit", return_text=WRONG_UNIT)

    assert "不得再申请退单" in bureau.variables(no)["return_problem"] and bureau.sees("shuiwu", no) == ["sign_in"]
    assert "指定承办，不得退单" in bureau.document(no, "order_transfer")
    bureau.do("shuiwu", no, "sign_in", "sign")
    assert bureau.sees("shuiwu", no) == ["handle"]


def test_the_centre_may_take_an_order_back_and_dispatch_it_to_another_unit(bureau: Bureau) -> None:
    no = signed(bureau)
    with pytest.raises((Forbidden, NotFound)):
        bureau.execute(RecallOrder(no=no, reason="派错了"), "chengguan")

    bureau.execute(RecallOrder(no=no, reason="属于占道经营"), "huawu")

    assert bureau.open(no) == ["triage"]
    bureau.do("huawu", no, "triage", "dispatch", topic="consumer", complexity="simple")
    bureau.do("shichang", no, "sign_in", "sign")
    assert bureau.sees("shichang", no) == ["handle"] and bureau.clock(no, "promised")[1] == date(2026, 2, 27)


# ---------------------------------------------------------------- handling, extension, urging


def test_two_working_days_before_the_end_the_unit_is_warned_and_after_it_reported(bureau: Bureau) -> None:
    no = signed(bureau)

    # two working days before Friday Feb 27
    bureau.at("2026-02-25 08:59")
    assert bureau.case(no)["facts"].get("reminders") is None
    bureau.at("2026-02-25 09:01")
    assert [entry["day"] for entry in bureau.case(no)["facts"]["reminders"]] == ["2026-02-25"]
    bureau.at("2026-02-27 17:30")
    assert bureau.alerts(no) == []
    bureau.at("2026-02-27 17:31")

    assert bureau.alerts(no) == ["order-handling-overdue"] and bureau.open(no) == ["handle"]
    reworked(bureau, no)
    assert bureau.state(no) == "answered"


def test_an_extension_is_asked_for_before_the_end_granted_once_and_told_to_the_caller(bureau: Bureau) -> None:
    no = signed(bureau)
    bureau.at("2026-02-27 17:00")
    bureau.do("chengguan", no, "handle", "extend", extension_days=10, extension_reason="灯杆须向厂家定制")
    # the request came in time; the centre answers the next day
    bureau.at("2026-02-28 10:00")
    bureau.do("huawu", no, "approve_extension", "approve")

    # ten working days after Feb 27, Saturday Feb 28 among them
    assert bureau.clock(no, "promised") == ("running", date(2026, 3, 12)) and bureau.state(no) == "extended"
    assert "3月12日" in bureau.document(no, "order_extension")
    assert bureau.open(no) == ["handle"] and bureau.alerts(no) == []
    bureau.do("chengguan", no, "handle", "extend", extension_days=5, extension_reason="还要几天")
    assert "只能申请延期一次" in bureau.variables(no)["extension_problem"] and bureau.open(no) == ["handle"]
    # what waits now knows the new end
    bureau.at("2026-03-12 17:30")
    assert bureau.alerts(no) == []
    bureau.at("2026-03-12 17:31")
    assert bureau.alerts(no) == ["order-handling-overdue"]


def test_an_extension_that_is_refused_leaves_the_limit_as_it_is(bureau: Bureau) -> None:
    no = signed(bureau)
    bureau.do("chengguan", no, "handle", "extend", extension_days=5, extension_reason="人手不足")

    bureau.do("huawu", no, "approve_extension", "refuse", "人手不足不是理由")

    assert bureau.clock(no, "promised")[1] == date(2026, 2, 27) and bureau.open(no) == ["handle"]


@pytest.mark.parametrize(
    ("days", "at", "problem"), [(11, "2026-02-24 09:00", "1至10个"), (5, "2026-02-28 09:00", "时限已满")]
)
def test_an_extension_that_is_too_long_or_too_late_is_refused_at_once(
    bureau: Bureau, days: int, at: str, problem: str
) -> None:
    no = signed(bureau)
    bureau.at(at)

    bureau.do("chengguan", no, "handle", "extend", extension_days=days, extension_reason="情况复杂")

    assert problem in bureau.variables(no)["extension_problem"] and bureau.open(no) == ["handle"]


def test_what_cannot_be_done_for_now_is_held_and_its_time_does_not_count(bureau: Bureau) -> None:
    no = signed(bureau)
    bureau.at("2026-02-24 10:00")
    bureau.do("chengguan", no, "handle", "hold", hold_days=5, hold_reason="道路汛期封闭，养护车辆不能进入")
    assert bureau.clock(no, "promised") == ("running", date(2026, 2, 27)), "until the centre agrees"
    bureau.do("huawu", no, "approve_hold", "approve")

    # drawn as a subprocess with banjie:special: entered, the clock stands and the caller is told
    assert bureau.state(no) == "suspended" and bureau.clock(no, "promised")[0] == "paused"
    assert bureau.open(no) == ["await_condition"] and bureau.documents(no)[-1] == "order_held"
    told = bureau.document(no, "order_held")
    assert "经批准挂起5个工作日" in told and "第四十五条" not in told, "no ground of the law"
    assert (
        "理由：道路汛期封闭，养护车辆不能进入" in told and "至2026年3月2日计划时间届满仍未结束的，自动恢复计算" in told
    )
    bureau.at("2026-02-27 17:31")
    assert bureau.alerts(no) == [], "nothing is late while it stands"
    bureau.at("2026-02-28 10:00")
    with pytest.raises(InvalidInput):
        bureau.do("chengguan", no, "await_condition")
    bureau.do("chengguan", no, "await_condition", hold_result="道路已开放")

    # it stood from Feb 24 to 28, four working days (25, 26, 27 and the worked Saturday): Feb 27 becomes Mar 4
    assert bureau.clock(no, "promised") == ("running", date(2026, 3, 4)) and bureau.open(no) == ["handle"]
    bureau.at("2026-03-02 09:01")
    assert [entry["day"] for entry in bureau.case(no)["facts"]["reminders"]] == ["2026-03-02"]
    bureau.at("2026-03-04 17:31")
    assert bureau.alerts(no) == ["order-handling-overdue"]


def test_a_hold_takes_no_longer_than_was_told(bureau: Bureau) -> None:
    no = signed(bureau)
    bureau.do("chengguan", no, "handle", "hold", hold_days=2, hold_reason="等待上级批复")
    bureau.do("huawu", no, "approve_hold", "approve")

    bureau.at("2026-02-25 09:00")

    # planned for two working days, Feb 14 and 24: then the clock runs again by itself, to two days after Feb 27
    assert bureau.clock(no, "promised") == ("running", date(2026, 3, 2)) and bureau.open(no) == ["await_condition"]


def test_a_hold_that_is_refused_or_given_without_reasons_changes_nothing(bureau: Bureau) -> None:
    no = signed(bureau)
    with pytest.raises(InvalidInput):
        bureau.do("chengguan", no, "handle", "hold", hold_days=5)

    bureau.do("chengguan", no, "handle", "hold", hold_days=5, hold_reason="人手不足")
    bureau.do("huawu", no, "approve_hold", "refuse", "人手不足不是客观条件")

    assert bureau.open(no) == ["handle"] and bureau.clock(no, "promised") == ("running", date(2026, 2, 27))


def test_a_caller_who_rings_again_urges_the_unit(bureau: Bureau) -> None:
    no = signed(bureau)

    bureau.execute(UrgeOrder(no=no, text="老人夜里摔了一跤"), "huawu")
    bureau.execute(UrgeOrder(no=no, text="今天还是没有来"), "huawu")

    facts = bureau.case(no)["facts"]
    assert facts["order"]["urged"] == 2 and "第2次" in facts["reminders"][-1]["zh"]
    assert bureau.open(no) == ["handle"]


def test_co_units_answer_beside_the_unit_and_the_order_waits_for_them(bureau: Bureau) -> None:
    no = signed(bureau, co_unit_codes=["swj", "scjg"])
    assert bureau.sees("shuiwu", no) == bureau.sees("shichang", no) == ["co_handle"]

    bureau.do("chengguan", no, "handle", "reply", **REPLY)
    bureau.do("shuiwu", no, "co_handle", co_reply="排水井盖已更换")
    assert bureau.sees("huawu", no) == []
    bureau.do("shichang", no, "co_handle", co_reply="已约谈商户")

    assert bureau.open(no) == ["review"]
    assert bureau.variables(no)["co_replies_text"] == "市场监督管理局：已约谈商户；水务局：排水井盖已更换"


def test_an_incomplete_reply_goes_back_within_the_same_limit(bureau: Bureau) -> None:
    no = signed(bureau, co_unit_codes=["swj"])
    bureau.do("shuiwu", no, "co_handle", co_reply="无意见")
    bureau.do("chengguan", no, "handle", "reply", **REPLY)

    bureau.do("huawu", no, "review", "back", "没有说明修了哪几盏")

    assert bureau.open(no) == ["handle"] and bureau.clock(no, "promised") == ("running", date(2026, 2, 27))
    reworked(bureau, no)
    assert bureau.open(no) == ["call_back"]
