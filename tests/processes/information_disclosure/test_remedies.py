"""行政复议、行政诉讼 against an answer: defended in time, concluded, and answered anew by a clock of its own."""

from datetime import date
from typing import Any

import pytest

from engine.commands.procedures.remedies import TakeRemedy
from engine.errors import Conflict, Forbidden, InvalidInput
from engine.store import tables
from engine.store.projections.projector import replay
from tests.processes.bureau import Bureau
from tests.processes.information_disclosure.requesting import WITHHELD, clear, served, signed

ABSENT = {"answer_kind": "absent", "answer_text": ""}
PARTLY = WITHHELD | {"answer_kind": "partly", "answer_text": "见附件"}


def finished(bureau: Bureau, **answer: Any) -> str:
    """A request of Friday 2026-02-13, answered and served on Thursday 2026-03-19; it was not there, unless told otherwise."""
    no = clear(bureau)
    signed(bureau, no, **(answer or ABSENT))
    bureau.at("2026-03-19 10:00")
    served(bureau, no)
    return no


def contested(bureau: Bureau, kind: str = "review", **answer: Any) -> str:
    no = finished(bureau, **answer)
    bureau.at("2026-04-07 10:00")
    bureau.execute(TakeRemedy(no=no, kind=kind, organ="星河市人民政府", number="星政复〔2026〕12号"), "gongkai")
    return no


def sued(bureau: Bureau, no: str) -> bool:
    """The copy of a claim came. Was it premature?"""
    claim = TakeRemedy(no=no, kind="litigation", organ="星河区人民法院", number="（2026）行初8号")
    return bool(bureau.execute(claim, "gongkai")["premature"])


def concluded(bureau: Bureau, no: str, outcome: str, **told: Any) -> None:
    bureau.do("fazhi", no, "defend", defence_text="答复合法、适当", evidence_list="检索记录\n征求意见书")
    bureau.at("2026-05-12 10:00")
    bureau.do("gongkai", no, "remedy_result", outcome, decision_no="星政复决〔2026〕12号", **told)


def test_an_answer_may_be_contested_for_six_months_and_then_the_file_is_closed(bureau: Bureau) -> None:
    no = finished(bureau)
    # six months after March 19; September 19, 2026 is a Saturday, the 20th a Sunday that is worked (民法典 203)
    assert bureau.clock(no, "remedy") == ("running", date(2026, 9, 20)) and bureau.state(no) == "finished"
    assert bureau.open(no) == [] and bureau.instance(no)["state"] == "running"

    bureau.at("2026-09-20 18:00")

    assert bureau.instance(no)["state"] == "completed" and bureau.ends(no)[-1] == "end_finished"
    assert bureau.clock(no, "remedy")[0] == "stopped" and bureau.alerts(no) == []


@pytest.mark.parametrize(
    ("kind", "until"),
    [("review", date(2026, 4, 21)), ("litigation", date(2026, 4, 22))],
    # ten working days after April 7, fifteen natural days
)
def test_a_review_or_a_lawsuit_is_defended_in_its_time(bureau: Bureau, kind: str, until: date) -> None:
    no = contested(bureau, kind)

    assert bureau.sees("fazhi", no) == ["defend"]
    assert bureau.local_day(bureau.task("fazhi", no, "defend")["due_at"]) == until
    assert bureau.history(no, "RemedyTaken")[0]["data"]["remedy"] == kind
    with pytest.raises(Conflict):
        bureau.execute(TakeRemedy(no=no, kind="litigation", organ="星河区人民法院", number="1"), "gongkai")


@pytest.mark.parametrize("outcome", ["upheld", "withdrawn", "unlawful"])
def test_what_is_upheld_withdrawn_or_found_unlawful_leaves_the_answer_and_the_way_to_court(
    bureau: Bureau, outcome: str
) -> None:
    no = contested(bureau)
    concluded(bureau, no, outcome)

    assert bureau.state(no) == "finished" and bureau.open(no) == []
    assert bureau.history(no, "RemedyConcluded")[0]["data"]["result"] == outcome
    bureau.execute(TakeRemedy(no=no, kind="litigation", organ="星河区人民法院", number="（2026）行初8号"), "gongkai")
    assert bureau.sees("fazhi", no) == ["defend"]


def test_who_went_to_review_near_the_end_has_fifteen_days_more_to_go_to_court(bureau: Bureau) -> None:
    no = finished(bureau)
    bureau.at("2026-09-18 10:00")
    bureau.execute(TakeRemedy(no=no, kind="review", organ="星河市人民政府", number="1"), "gongkai")
    bureau.do("fazhi", no, "defend", defence_text="答复合法", evidence_list="检索记录")
    bureau.at("2026-10-20 10:00")
    bureau.do("gongkai", no, "remedy_result", "upheld", decision_no="2")

    assert bureau.clock(no, "remedy") == ("running", date(2026, 11, 4)) and bureau.instance(no)["state"] == "running"


def test_a_new_answer_that_was_ordered_is_searched_reviewed_signed_and_served_by_a_clock_of_its_own(
    bureau: Bureau,
) -> None:
    no = contested(bureau)
    concluded(bureau, no, "reanswer", reanswer_days=15)

    assert bureau.state(no) == "under_review" and bureau.open(no) == ["search"]
    # fifteen working days after Tuesday 2026-05-12
    assert bureau.clock(no, "statutory") == bureau.clock(no, "promised") == ("running", date(2026, 6, 2))
    row = bureau.case(no)
    assert row["finished_at"] is None and row["decided_at"] is None
    assert bureau.history(no, "CaseReopened")[0]["data"]["reason"] == "行政复议星政复决〔2026〕12号责令重新答复"
    # the order gave the time: there is nothing to extend
    bureau.do("danganshi", no, "search", "extend", extension_days=5, extension_reason="量大")
    assert bureau.open(no) == ["search"] and "只能延期一次" in bureau.variables(no)["search_problem"]

    signed(bureau, no, answer_kind="disclosed")
    served(bureau, no)

    assert bureau.state(no) == "finished" and bureau.case(no)["result"] == "disclosed"
    assert bureau.documents(no).count("disclosure_reply") == 2
    assert bureau.clock(no, "remedy") == ("running", date(2026, 11, 12)), "the new answer may be contested too"


def test_the_days_of_a_new_answer_are_those_of_the_order(bureau: Bureau) -> None:
    no = contested(bureau)
    with pytest.raises(InvalidInput):
        concluded(bureau, no, "reanswer")

    assert bureau.open(no) == ["remedy_result"]


def test_what_is_kept_back_goes_to_review_before_it_goes_to_court_and_the_answer_says_so(bureau: Bureau) -> None:
    no = finished(bureau, **WITHHELD)

    told = bureau.document(no, "disclosure_reply")
    assert (
        "如不服本答复，应当先自收到本答复书之日起60日内依据《中华人民共和国行政复议法》第二十条向星河市人民政府申请行政复议"
        in told
    )
    assert "第二十三条第一款第四项" in told and "自收到行政复议决定书之日起15日内" in told and "6个月" not in told
    # sixty natural days after March 19: Monday May 18
    assert bureau.clock(no, "remedy") == ("running", date(2026, 5, 18))


def test_of_an_answer_in_part_only_what_is_kept_back_goes_to_review_first(bureau: Bureau) -> None:
    no = finished(bureau, **PARTLY)

    told = bureau.document(no, "disclosure_reply")
    assert "如不服本答复书中不予公开的部分，应当先" in told and "不服本答复书其他内容的，可以自收到" in told
    assert bureau.clock(no, "remedy") == ("running", date(2026, 9, 20))


def test_what_does_not_exist_goes_to_either(bureau: Bureau) -> None:
    no = finished(bureau)

    told = bureau.document(no, "disclosure_reply")
    assert "如不服本答复，可以自收到本答复书之日起60日内" in told and "也可以自收到本答复书之日起6个月内" in told
    assert not sued(bureau, no) and "未经复议" not in bureau.variables(no)["remedy_text"]


def test_a_claim_without_the_review_is_defended_in_time_and_the_defence_is_told(bureau: Bureau) -> None:
    no = finished(bureau, **WITHHELD)
    bureau.at("2026-04-07 10:00")

    assert sued(bureau, no)
    assert bureau.local_day(bureau.task("fazhi", no, "defend")["due_at"]) == date(2026, 4, 22), "the fifteen days run"
    assert "请在答辩中请求裁定驳回起诉" in bureau.variables(no)["remedy_text"]
    assert bureau.history(no, "RemedyTaken")[0]["data"]["premature"] is True


def test_after_the_review_the_claim_is_in_order_and_after_a_new_answer_it_takes_a_new_review(bureau: Bureau) -> None:
    no = contested(bureau, **WITHHELD)
    concluded(bureau, no, "reanswer", reanswer_days=15)
    signed(bureau, no, **WITHHELD)
    served(bureau, no)
    assert sued(bureau, no), "the review was about the first answer"
    concluded(bureau, no, "withdrawn")

    bureau.execute(TakeRemedy(no=no, kind="review", organ="星河市人民政府", number="13"), "gongkai")
    concluded(bureau, no, "upheld")

    assert not sued(bureau, no)


def test_only_what_was_answered_can_be_contested_and_only_by_those_who_keep_it(bureau: Bureau) -> None:
    no = clear(bureau)
    with pytest.raises(Conflict):
        bureau.execute(TakeRemedy(no=no, kind="review", organ="市政府", number="1"), "gongkai")
    with pytest.raises(Forbidden):
        bureau.execute(TakeRemedy(no=no, kind="review", organ="市政府", number="1"), "danganshi")
    with pytest.raises(InvalidInput):
        bureau.execute(TakeRemedy(no=no, kind="appeal", organ="市政府", number="1"), "gongkai")


def test_a_case_that_was_opened_again_is_rebuilt_from_its_history(bureau: Bureau) -> None:
    no = contested(bureau)
    concluded(bureau, no, "reanswer", reanswer_days=15)
    row = bureau.case(no)

    with bureau.database.read() as connection:
        rebuilt = replay(connection, row["instance_id"]).tables[tables.case_file][(row["id"],)]

    told = {name: rebuilt[name] for name in ("state", "result", "finished_at", "decided_at", "statutory_due", "facts")}
    assert told == {name: row[name] for name in told}
