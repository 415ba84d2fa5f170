"""Who answers for a hotline order: the unit while it lies with the unit, the centre while it lies there."""

from engine.access import Verb, may
from engine.commands.supervision.orders import IssueOrder
from engine.store import tables
from tests.integration.supervision.watching import card, lead, look, rows
from tests.processes.bureau import Bureau
from tests.processes.hotline_12345.calls import REPLY, signed


def test_a_card_about_an_order_names_the_unit_that_handles_it_and_goes_to_its_head(bureau: Bureau) -> None:
    lead(bureau, "cgj", "weisheng")
    no = signed(bureau)

    look(bureau, "2026-02-28 09:00")

    found = card(bureau, no)
    assert (found["level"], found["department"], found["responsible"]) == ("yellow", "cgj", ["chengguan"])
    assert found["number"] == "星城黄〔2026〕1号" and "城市管理局" in bureau.document(no, "yellow_card")
    assert "weisheng" in found["receivers"] and "huawu" not in found["receivers"]
    facts = bureau.queries.cases.facts(bureau.case(no))
    assert may(bureau.person("weisheng"), Verb.VIEW_CASE, facts).allowed, "who is told may read what it is about"


def test_a_supervision_order_by_hand_goes_to_the_unit_too(bureau: Bureau) -> None:
    no = signed(bureau)

    bureau.execute(IssueOrder(no=no, level=2, text="请三日内办结"), "ducha")

    (order,) = rows(bureau, tables.supervision_order)
    assert order["department"] == "cgj" and "chengguan" in order["addressees"]


def test_what_is_late_at_the_centre_is_the_card_of_the_centre(bureau: Bureau) -> None:
    no = signed(bureau)
    bureau.at("2026-02-27 16:00")
    bureau.do("chengguan", no, "handle", "reply", **REPLY)

    look(bureau, "2026-02-28 09:00")

    found = card(bureau, no)
    assert found["department"] == "rxzx" and "chengguan" not in found["responsible"]
