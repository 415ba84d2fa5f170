"""专家评审 in a branch, a special procedure of art. 45, and 整改后再审: what stops, who looks again, what is left of a limit."""

from datetime import date

import pytest

from engine.errors import InvalidInput
from tests.processes.bureau import Bureau
from tests.processes.construction_permit.building import accepted, agreed, decided

FOUND = {
    "expert_date": "2026-09-28",
    "expert_members": "张一（消防院教授级高工）\n李二（设计院总工）",
    "expert_result": "修改后通过",
    "expert_conclusion": "增设一部消防电梯",
}
DISAGREE = {"opinion_basis": "《消防法》第十三条"}


def under_experts(bureau: Bureau, no: str = "") -> str:
    """The fire department asked for experts on Tuesday 2026-09-22, ten working days."""
    no = no or accepted(bureau)
    bureau.at("2026-09-22 10:00")
    why = {"expert_reason": "特殊消防设计（暂行规定第十七条）", "expert_days": 10}
    bureau.do("xiaofang", no, "give_opinion", "expert", **why)
    return no


def refused(bureau: Bureau) -> str:
    """The fire department disagreed, the others agreed, and the lead gives the applicant ten working days to put it right."""
    no = accepted(bureau)
    bureau.at("2026-09-22 10:00")
    bureau.do("xiaofang", no, "give_opinion", "disagree", "消防车道不足", **DISAGREE)
    agreed(bureau, no, "renfang", "zhian")
    bureau.do("qiantou", no, "draft", "rectify", rectify_items="拓宽消防车道至4米", rectify_days=10)
    return no


def test_an_expert_review_stops_the_clock_of_the_law_and_is_told_with_its_days(bureau: Bureau) -> None:
    no = accepted(bureau)
    for lacking in (
        {"expert_days": 10},
        {"expert_reason": "特殊消防设计"},
        {"expert_reason": "特殊消防设计", "expert_days": 30},
    ):
        with pytest.raises(InvalidInput):
            bureau.do("xiaofang", no, "give_opinion", "expert", **lacking)
    under_experts(bureau, no)

    assert bureau.state(no) == "special" and bureau.sees("xiaofang", no) == ["hold_expert_review"]
    assert bureau.clock(no, "statutory")[0] == bureau.clock(no, "promised")[0] == "paused"
    told = bureau.document(no, "special_procedure")
    assert "特殊消防设计（暂行规定第十七条）" in told and "10个工作日" in told and "第四十五条" in told


def test_after_the_experts_the_department_answers_within_what_is_left_of_its_limit(bureau: Bureau) -> None:
    no = under_experts(bureau)
    assert bureau.opinions(no) == {}
    agreed(bureau, no, "renfang", "zhian")  # the others need not wait
    bureau.at("2026-09-28 15:00")
    bureau.do("xiaofang", no, "hold_expert_review", **FOUND)

    assert bureau.state(no) == "under_review" and bureau.open(no) == ["give_opinion"]
    # it stood from the 22nd to the 28th, three working days: so much later than Oct 8 and Nov 30
    assert bureau.local_day(bureau.task("xiaofang", no, "give_opinion")["due_at"]) == date(2026, 10, 12)
    assert bureau.clock(no, "statutory") == ("running", date(2026, 12, 3))
    known = bureau.variables(no)
    assert "消防意见专家评审（2026-09-28）：修改后通过；增设一部消防电梯（专家：张一" in known["expert_reviews"]
    assert known["expert_reason"] is known["expert_conclusion"] is None, "the next review begins with an empty form"

    agreed(bureau, no, "xiaofang")
    assert bureau.sees("qiantou", no) == ["draft"]


def test_silence_after_the_experts_counts_from_the_limit_that_has_moved(bureau: Bureau) -> None:
    no = under_experts(bureau)
    bureau.at("2026-09-28 15:00")
    bureau.do("xiaofang", no, "hold_expert_review", **FOUND)

    bureau.at("2026-10-12 17:00")
    assert bureau.sees("xiaofang", no) == ["give_opinion"]
    bureau.at("2026-10-12 18:00")
    assert bureau.opinion(no, "fire")["value"] == "deemed_agree"


def test_experts_who_take_longer_than_was_told_stop_nothing_any_more_but_the_opinion_is_still_asked_for(
    bureau: Bureau,
) -> None:
    no = under_experts(bureau)

    bureau.at("2026-10-16 10:00")
    assert bureau.clock(no, "statutory")[0] == "running" and bureau.sees("xiaofang", no) == ["hold_expert_review"]
    bureau.at("2026-11-05 10:00")
    bureau.do("xiaofang", no, "hold_expert_review", **FOUND)

    assert bureau.local_day(bureau.task("xiaofang", no, "give_opinion")["due_at"]) == date(2026, 11, 6), (
        "one day at least"
    )


def test_what_a_department_refuses_may_be_put_right_and_only_it_looks_again(bureau: Bureau) -> None:
    no = refused(bureau)

    assert bureau.open(no) == ["rectify"] and bureau.sees("chuangkou", no) == ["rectify"]
    assert (bureau.clock(no, "promised")[0], bureau.clock(no, "statutory")[0]) == ("paused", "running")
    told = bureau.document(no, "special_procedure")
    assert "拓宽消防车道至4米" in told and "10个工作日" in told and "法定时限照常计算" in told
    bureau.at("2026-09-24 10:00")
    bureau.do("chuangkou", no, "rectify", rectify_report="已拓宽")

    assert bureau.open(no) == ["give_opinion"] and bureau.sees("xiaofang", no) == ["give_opinion"]
    assert bureau.clock(no, "promised")[0] == "running"
    agreed(bureau, no, "xiaofang")
    assert bureau.opinions(no, 2)["fire"] == "agree" and bureau.opinions(no)["quality"] == "agree"
    decided(bureau, no)
    assert bureau.case(no)["result"] == "granted"


def test_when_the_time_to_put_it_right_is_over_they_look_at_what_is_there(bureau: Bureau) -> None:
    no = refused(bureau)

    # ten working days after Tuesday 2026-09-22, over the Mid-Autumn days and the Golden Week
    bureau.at("2026-10-13 09:00")
    assert bureau.open(no) == ["rectify"]
    bureau.at("2026-10-13 18:00")

    assert bureau.open(no) == ["give_opinion"] and bureau.sees("xiaofang", no) == ["give_opinion"]
    assert bureau.state(no) == "under_review"


def test_where_a_refusal_stopped_the_others_they_are_asked_again_too(bureau: Bureau) -> None:
    bureau.with_item("construction_permit", ('merge = "lead_decides"', 'merge = "any_refuse_stops"'))
    no = accepted(bureau)
    bureau.do("xiaofang", no, "give_opinion", "disagree", "消防车道不足", **DISAGREE)
    bureau.do("qiantou", no, "draft", "rectify", rectify_items="拓宽消防车道", rectify_days=5)
    bureau.do("chuangkou", no, "rectify", rectify_report="已拓宽")

    assert bureau.open(no) == ["give_opinion"] * 3
