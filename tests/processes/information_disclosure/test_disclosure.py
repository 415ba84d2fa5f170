"""政府信息依申请公开: a request from its receipt to its answer, with its dates over the spring festival and the golden week of 2026."""

from datetime import date

import pytest

from engine.errors import Conflict, InvalidInput
from tests.processes.bureau import Bureau
from tests.processes.information_disclosure.requesting import DRAFT, WITHHELD, clear, excessive, filed, served, signed

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
