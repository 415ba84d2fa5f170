"""领证后限期补交: what follows the licence, until when, and what happens when it does not come."""

from datetime import date

import pytest

from engine.errors import Conflict, Forbidden
from tests.processes.bureau import Bureau
from tests.processes.hygiene_permit_commitment.paths import (
    ALL,
    committed,
    delivered,
    filed,
    granted,
    inspected,
    set_class,
)


def test_what_follows_the_licence_is_brought_checked_and_the_case_is_closed(bureau: Bureau) -> None:
    no = granted(bureau)
    delivered(bureau, no)

    assert bureau.state(no) == "finished" and bureau.sees("chuangkou2", no) == ["bring_later"]
    # sixty natural days from the decision on Sep 21, as the notice told
    assert bureau.clock(no, "supplement") == ("running", date(2026, 11, 20))
    owed = bureau.variables(no)["later_text"]
    assert "公共场所卫生检测或者评价报告" in owed and "公共场所卫生管理制度" in owed
    bureau.at("2026-11-02 10:00")
    bureau.upload(no, "L01")
    bureau.do("chuangkou", no, "bring_later")
    assert bureau.open(no) == ["bring_later"] and "评价报告" not in bureau.variables(no)["later_text"]
    bureau.upload(no, "L02")
    bureau.do("chuangkou", no, "bring_later")

    assert bureau.ends(no)[-1] == "end_brought" and bureau.clock(no, "supplement")[0] == "stopped"
    assert bureau.instance(no)["state"] == "completed" and bureau.instance(no)["outcome"] == "granted"


def test_what_was_brought_and_does_not_conform_is_still_owed(bureau: Bureau) -> None:
    no = granted(bureau)
    for code in ("L01", "L02"):
        bureau.upload(no, code)

    bureau.judge(no, "L01", "rejected", "报告超过一年")
    bureau.do("chuangkou", no, "bring_later")

    assert "bring_later" in bureau.open(no) and "报告超过一年" in bureau.variables(no)["later_text"]


def test_who_hands_in_everything_at_once_owes_nothing(bureau: Bureau) -> None:
    no = filed(bureau, offered=ALL)
    committed(bureau, no)
    bureau.do("chuangkou", no, "examine_form")
    bureau.do("juzhang", no, "decide_today", "approve")

    assert bureau.open(no) == ["deliver"] and bureau.ends(no)[-1] == "end_nothing_owed"


def test_late_of_a_case_that_was_drawn_the_supervisor_is_told_and_the_check_goes_on(bureau: Bureau) -> None:
    no = granted(bureau)
    delivered(bureau, no)

    bureau.at("2026-11-20 16:00")
    assert bureau.open(no) == ["bring_later"]
    bureau.at("2026-11-23 09:00")

    assert bureau.alerts(no) == ["supplement-overdue"] and bureau.ends(no)[-1] == "end_overdue"
    assert bureau.open(f"{no}-01") == ["assign"] and bureau.queries.cases.get(f"{no}-02") is None
    with pytest.raises((Conflict, Forbidden)):
        bureau.upload(no, "L01", by="chuangkou")


def test_late_of_a_case_that_was_not_drawn_it_is_checked_for_this_cause(bureau: Bureau) -> None:
    set_class(bureau, "A")
    bureau.with_item("hygiene_permit_commitment", ("A = 0.1", "A = 0.0"))
    no = granted(bureau)
    delivered(bureau, no)
    assert bureau.case(f"{no}-01")["result"] == "not_sampled"

    bureau.at("2026-11-23 09:00")

    child = f"{no}-02"
    assert bureau.sees("jiandu", child) == ["assign"] and bureau.state(child) == "under_review"
    assert "逾期未补交材料" in bureau.variables(child)["verification_reason"]
    # sixty working days from the moment after Nov 20; the calendar of 2027 is not published yet
    state, _ = bureau.clock(child, "verification")
    assert state == "running" and bureau.case(child)["due_provisional"] is True
    bureau.do("jiandu", child, "assign", inspector_1="hecha1", inspector_2="hecha2")
    inspected(bureau, child, "conform", inspection_record="材料已当场补齐")
    assert bureau.case(child)["result"] == "passed"


def test_after_the_revocation_nothing_is_owed_any_more(bureau: Bureau) -> None:
    no = granted(bureau)
    delivered(bureau, no)
    child = f"{no}-01"
    bureau.do("jiandu", child, "assign", inspector_1="hecha1", inspector_2="hecha2")
    inspected(bureau, child, "false_promise", "虚假承诺")
    bureau.do("chuangkou", child, "hear_statement", "waived")

    bureau.do("juzhang", child, "decide_revocation", "revoke", "虚假承诺")
    bureau.at("2026-09-22 10:00")

    assert bureau.state(no) == "revoked" and bureau.open(no) == [] and bureau.ends(no)[-1] == "end_revoked_meanwhile"
    assert bureau.instance(no)["state"] == "completed" and bureau.clock(no, "supplement")[0] == "stopped"
