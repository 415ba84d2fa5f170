"""12345热线工单: the units meet 会商会办 over an order that nobody wants. Every step is a command of its own: the machine is
saved after it and loaded before the next, and ``at`` does the same at every timer."""

from datetime import date
from typing import Any

import pytest

from engine.commands.procedures.hotline_callers import RecallOrder
from engine.errors import InvalidInput
from tests.processes.bureau import Bureau
from tests.processes.hotline_12345.calls import REPLY, WRONG_UNIT, dispatched, reworked

QUESTION = "路灯产权不明，请各单位说明职责和依据"


def met(bureau: Bureau, *others: str) -> str:
    """An order of the town's lights; its unit wants to return it, and the centre calls a meeting with ``others``."""
    no = dispatched(bureau)
    bureau.do("chengguan", no, "sign_in", "return", return_reason="other_unit", return_text=WRONG_UNIT)
    _called(bureau, no, *others)
    return no


def _called(bureau: Bureau, no: str, *others: str) -> None:
    bureau.do("huawu", no, "settle_return", "consult", consult_unit_codes=list(others), consult_question=QUESTION)


def test_the_units_meet_and_who_is_designated_handles_the_order_and_does_not_return_it(bureau: Bureau) -> None:
    no = met(bureau, "swj", "scjg")
    assert bureau.open(no) == ["give_opinion"] * 3 and bureau.clock(no, "settlement")[0] == "stopped"
    # the caller's limit does not stand still meanwhile
    assert bureau.clock(no, "promised") == ("running", date(2026, 2, 27))

    bureau.do("chengguan", no, "give_opinion", "unable", consult_opinion="灯杆不在移交清单内")
    bureau.do("shuiwu", no, "give_opinion", "co", consult_opinion="可以配合开挖")
    assert bureau.open(no) == ["give_opinion"] and bureau.sees("huawu", no) == []
    # nobody finds another unit's words in the form
    assert bureau.variables(no)["consult_opinion"] == ""
    bureau.do("shichang", no, "give_opinion", "lead", consult_opinion="市场内设施由本局监管")
    assert bureau.open(no) == ["conclude"] and bureau.clock(no, "settlement") == ("running", date(2026, 2, 14))
    text = bureau.variables(no)["consult_text"]
    assert text == (
        "城市管理局：不能办理。灯杆不在移交清单内\n市场监督管理局：可以主办。市场内设施由本局监管\n水务局：可以协办。可以配合开挖"
    )

    conclusion: dict[str, Any] = {"designated_unit": "scjg", "designated_co_codes": ["swj"]}
    bureau.do("huawu", no, "conclude", "designate", "经会商由市场监督管理局主办", **conclusion)
    assert bureau.sees("shichang", no) == ["sign_in"] and bureau.clock(no, "settlement")[0] == "stopped"
    assert "经会商由市场监督管理局主办" in bureau.document(no, "order_transfer")
    assert "不得退单" in bureau.document(no, "order_transfer")
    bureau.do("shichang", no, "sign_in", "return", return_reason="other_unit", return_text=WRONG_UNIT)
    assert "不得再申请退单" in bureau.variables(no)["return_problem"]

    bureau.do("shichang", no, "sign_in", "sign")
    assert bureau.sees("shichang", no) == ["handle"] and bureau.sees("shuiwu", no) == ["co_handle"]
    bureau.do("shuiwu", no, "co_handle", co_reply="已配合开挖")
    bureau.do("shichang", no, "handle", "reply", **REPLY)
    bureau.do("huawu", no, "review", "pass")
    bureau.do("huawu", no, "call_back", "satisfied")
    assert bureau.state(no) == "finished" and bureau.open(no) == []
    assert bureau.clock(no, "promised")[1] == date(2026, 2, 27)


def test_who_is_silent_until_the_limit_holds_nobody_up(bureau: Bureau) -> None:
    no = met(bureau, "swj", "scjg")
    bureau.do("shuiwu", no, "give_opinion", "lead", consult_opinion="由本局先行修复")

    # one working day: the Saturday before the festival is worked
    bureau.at("2026-02-14 17:29")
    assert bureau.open(no) == ["give_opinion"] * 2
    bureau.at("2026-02-14 17:31")

    assert bureau.open(no) == ["conclude"] and bureau.sees("shichang", no) == []
    assert bureau.history(no, "OrderConsulted")[0]["data"]["silent"] == ["城市管理局", "市场监督管理局"]
    assert "城市管理局：期满未反馈" in bureau.variables(no)["consult_text"]
    # the centre designates within a working day of that, and is not late for having waited
    assert bureau.clock(no, "settlement") == ("running", date(2026, 2, 24)) and bureau.alerts(no) == []
    bureau.do("huawu", no, "conclude", "designate", "由水务局先行修复", designated_unit="swj")
    bureau.do("shuiwu", no, "sign_in", "sign")
    assert bureau.open(no) == ["handle"] and bureau.clock(no, "promised") == ("running", date(2026, 2, 27))


def test_everybody_may_be_silent(bureau: Bureau) -> None:
    no = met(bureau, "swj")

    bureau.at("2026-02-24 09:00")

    assert bureau.open(no) == ["conclude"]
    assert bureau.variables(no)["consult_text"] == "城市管理局：期满未反馈\n水务局：期满未反馈"


def test_the_disputing_unit_may_be_designated_itself(bureau: Bureau) -> None:
    no = met(bureau, "swj")
    bureau.do("chengguan", no, "give_opinion", "unable", consult_opinion="无维修经费")
    bureau.do("shuiwu", no, "give_opinion", "unable", consult_opinion="路灯不属于水务设施")

    # named twice, it still does not help itself
    conclusion: dict[str, Any] = {"designated_unit": "cgj", "designated_co_codes": ["cgj"]}
    bureau.do("huawu", no, "conclude", "designate", "路灯由城市管理局办理", **conclusion)
    bureau.do("chengguan", no, "sign_in", "sign")

    assert bureau.open(no) == ["handle"]
    reworked(bureau, no)
    assert bureau.open(no) == ["call_back"]


def test_a_meeting_needs_another_unit_and_a_question(bureau: Bureau) -> None:
    no = dispatched(bureau)
    bureau.do("chengguan", no, "sign_in", "return", return_reason="other_unit", return_text=WRONG_UNIT)

    for others, question in (([], QUESTION), (["cgj"], QUESTION), (["swj"], "")):
        chosen: dict[str, Any] = {"consult_unit_codes": others, "consult_question": question}
        with pytest.raises(InvalidInput):
            bureau.do("huawu", no, "settle_return", "consult", **chosen)

    assert bureau.open(no) == ["settle_return"]


def test_the_centre_says_why_and_whom_it_designates(bureau: Bureau) -> None:
    no = met(bureau, "swj")
    bureau.at("2026-02-24 09:00")

    with pytest.raises(InvalidInput):
        bureau.do("huawu", no, "conclude", "designate", "", designated_unit="swj")
    with pytest.raises(InvalidInput):
        bureau.do("huawu", no, "conclude", "designate", "由水务局办理")

    assert bureau.open(no) == ["conclude"]


def test_an_order_that_is_taken_back_ends_the_meeting_and_the_next_one_begins_without_its_opinions(
    bureau: Bureau,
) -> None:
    no = met(bureau, "swj")
    bureau.do("shuiwu", no, "give_opinion", "lead", consult_opinion="由本局办理")

    bureau.execute(RecallOrder(no=no, reason="补充诉求要素"), "huawu")
    assert bureau.open(no) == ["triage"]
    bureau.do("huawu", no, "triage", "dispatch", topic="water", complexity="simple")
    bureau.do("shuiwu", no, "sign_in", "return", return_reason="other_unit", return_text=WRONG_UNIT)
    _called(bureau, no, "cgj")
    bureau.at("2026-02-24 09:00")

    assert bureau.variables(no)["consult_text"] == "水务局：期满未反馈\n城市管理局：期满未反馈"


def test_the_limit_for_opinions_is_a_number_of_the_item(bureau: Bureau) -> None:
    bureau.with_item("hotline_12345", ('consultation = { limit = "1wd"', 'consultation = { limit = "2wd"'))
    no = met(bureau, "swj")

    bureau.at("2026-02-24 17:29")
    assert bureau.open(no) == ["give_opinion"] * 2
    bureau.at("2026-02-24 17:31")
    assert bureau.open(no) == ["conclude"]
