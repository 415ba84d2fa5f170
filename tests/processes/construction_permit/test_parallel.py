"""建筑工程施工许可（并联审批）: every path of the process, with its dates and the people who see it."""

from datetime import date, datetime

import pytest

from engine.calendar import SHANGHAI
from engine.commands.procedures.second_notices import ApproveSecondNotice
from engine.errors import Conflict, Forbidden, InvalidInput, NotFound, RuleForbids
from tests.processes.bureau import Bureau
from tests.processes.construction_permit.building import DEPARTMENTS, DRAINAGE, accepted, agreed, decided, filed


def test_one_application_goes_to_all_departments_and_comes_out_of_one_window(bureau: Bureau) -> None:
    no = filed(bureau)

    assert bureau.state(no) == "received" and bureau.documents(no) == ["receipt"]
    assert bureau.open(no) == ["precheck_materials"] * 3
    for login in DEPARTMENTS:
        assert bureau.sees(login, no) == ["precheck_materials"]
    assert bureau.sees("paishui", no) == bureau.sees("juzhang", no) == bureau.sees("qiantou", no) == []
    for login in DEPARTMENTS:
        bureau.do(login, no, "precheck_materials", "complete")

    assert bureau.state(no) == "under_review"
    # fifteen working days for the whole, over the Golden Week with its worked Saturday
    assert bureau.clock(no, "promised") == ("running", date(2026, 10, 19))
    assert bureau.clock(no, "statutory") == ("running", date(2026, 11, 30))
    limits = {login: bureau.task(login, no, "give_opinion")["due_at"] for login in DEPARTMENTS}
    assert {login: bureau.local_day(due) for login, due in limits.items()} == {
        "xiaofang": date(2026, 10, 8),  # seven working days
        "renfang": date(2026, 9, 29),  # five
        "zhian": date(2026, 9, 29),
    }
    bureau.do("xiaofang", no, "give_opinion", "agree")
    bureau.do("renfang", no, "give_opinion", "conditional", "同步建设", opinion_conditions="防空地下室与主体同步建设")
    assert bureau.sees("qiantou", no) == [], "the lead waits for the last one"
    bureau.do("zhian", no, "give_opinion", "agree")

    assert bureau.opinions(no) == {"fire": "agree", "air_defence": "agree_with_conditions", "quality": "agree"}
    merged = bureau.variables(no)["merged_opinions"]
    assert "人防意见（星河市人民防空办公室）：有条件同意；条件：防空地下室与主体同步建设" in merged
    decided(bureau, no)
    assert bureau.state(no) == "decided_ok"
    assert "1. 防空地下室与主体同步建设" in bureau.document(no, "grant")
    assert "建筑工程施工许可证" in bureau.document(no, "certificate")
    bureau.do("chuangkou2", no, "deliver", delivery_method="window", delivery_receiver="王工")
    assert bureau.state(no) == "finished" and bureau.instance(no)["outcome"] == "granted"
    assert bureau.documents(no) == ["receipt", "acceptance", "grant", "certificate", "rating_invitation"]
    assert "非常满意、满意、基本满意、不满意、非常不满意" in bureau.document(no, "rating_invitation")


def test_a_department_takes_part_when_the_application_says_so(bureau: Bureau) -> None:
    no = filed(bureau, **DRAINAGE)

    assert bureau.sees("paishui", no) == ["precheck_materials"]
    assert "污水排放专项方案" in str(bureau.task("paishui", no, "precheck_materials")["local_variables"])


def test_the_lists_of_several_departments_become_one_notice(bureau: Bureau) -> None:
    no = filed(bureau)
    bureau.do("xiaofang", no, "precheck_materials", "correct", precheck_items="M05：缺消防专篇\n补充总平面图")
    bureau.do("renfang", no, "precheck_materials", "correct", precheck_items="施工图设计文件审查合格书：缺人防专业")
    assert bureau.sees("qiantou", no) == []
    bureau.do("zhian", no, "precheck_materials", "complete")

    assert bureau.sees("qiantou", no) == ["notify"] and bureau.documents(no) == ["receipt"]
    bureau.do("qiantou", no, "notify", "notify")
    assert bureau.state(no) == "correction" and bureau.documents(no) == ["receipt", "correction"]
    notice = bureau.document(no, "correction")
    assert "1. 施工图设计文件审查合格书：缺消防专篇；缺人防专业（星河市消防救援支队、星河市人民防空办公室）" in notice
    assert "补充总平面图" in notice and bureau.clock(no, "correction") == ("running", date(2026, 10, 19))
    bureau.upload(no, "M05")
    bureau.do("chuangkou", no, "supplement", supplement_note="已补")
    assert bureau.state(no) == "received" and bureau.clock(no, "correction")[0] == "stopped"
    bureau.do("chuangkou", no, "recheck", "complete")

    assert bureau.state(no) == "under_review" and bureau.open(no) == ["give_opinion"] * 3
    assert bureau.opinions(no, 0) == {
        "fire": "needs_correction", "air_defence": "needs_correction", "quality": "agree"
    }  # fmt: skip


def test_a_demand_for_correction_says_what(bureau: Bureau) -> None:
    no = filed(bureau)

    with pytest.raises(InvalidInput) as refused:
        bureau.do("xiaofang", no, "precheck_materials", "correct")
    assert "precheck_items" in refused.value.facts["fields"]

    bureau.do("xiaofang", no, "precheck_materials", "correct", precheck_items="缺消防专篇")
    form = bureau.variables(no)
    assert form["precheck_items"] is None, "the next department starts with an empty form"


def test_still_incomplete_after_the_notice_acceptance_is_refused(bureau: Bureau) -> None:
    no = filed(bureau)
    for login in DEPARTMENTS:
        bureau.do(login, no, "precheck_materials", "correct", precheck_items="材料不清晰")
    bureau.do("qiantou", no, "notify", "notify")
    bureau.do("chuangkou", no, "supplement")

    bureau.do("chuangkou", no, "recheck", "incomplete", "仍缺消防专篇")

    assert bureau.state(no) == "rejected_accept" and bureau.ends(no)[-1] == "end_not_accepted"
    assert "仍缺消防专篇" in bureau.document(no, "acceptance_refused")


def test_the_lead_may_refuse_acceptance_at_once(bureau: Bureau) -> None:
    no = filed(bureau)
    for login in DEPARTMENTS:
        bureau.do(login, no, "precheck_materials", "correct", precheck_items="不属于本市项目")

    with pytest.raises(InvalidInput):
        bureau.do("qiantou", no, "notify", "reject")
    bureau.do("qiantou", no, "notify", "reject", "项目不在本市")

    assert bureau.state(no) == "rejected_accept" and "项目不在本市" in bureau.document(no, "acceptance_refused")


def test_who_never_corrects_is_closed(bureau: Bureau) -> None:
    no = filed(bureau)
    for login in DEPARTMENTS:
        bureau.do(login, no, "precheck_materials", "correct", precheck_items="材料不清晰")
    bureau.do("qiantou", no, "notify", "notify")

    bureau.at("2026-10-20 09:00")

    assert bureau.state(no) == "closed_nocomplete" and bureau.ends(no)[-1] == "end_not_accepted"


def test_silence_in_the_precheck_counts_as_complete(bureau: Bureau) -> None:
    no = filed(bureau, "2026-09-24 10:00")
    bureau.do("xiaofang", no, "precheck_materials", "complete")

    # two working days over the Mid-Autumn holiday
    bureau.at("2026-09-29 17:00")
    assert bureau.sees("renfang", no) == ["precheck_materials"]
    bureau.at("2026-09-29 18:00")

    assert bureau.state(no) == "under_review"
    assert bureau.opinions(no, 0) == {"fire": "agree", "air_defence": "deemed_agree", "quality": "deemed_agree"}


def test_without_a_notice_in_five_working_days_the_case_counts_as_accepted_from_its_receipt(bureau: Bureau) -> None:
    no = filed(bureau, "2026-09-24 10:00")
    for login in DEPARTMENTS:
        bureau.do(login, no, "precheck_materials", "correct", precheck_items="材料不清晰")

    # Sep 25-27 and Oct 1-7 are off: the fifth working day is Oct 9
    bureau.at("2026-10-09 09:00")
    assert bureau.open(no) == ["notify"]
    bureau.at("2026-10-09 18:00")

    case = bureau.case(no)
    assert case["state"] == "under_review" and case["accepted_at"] == case["received_at"]
    assert bureau.clock(no, "promised")[1] == date(2026, 10, 22), "fifteen working days from Sep 24"
    assert bureau.alerts(no) == ["deemed-accepted"] and bureau.open(no) == ["give_opinion"] * 3


def test_silence_in_the_review_is_recorded_as_consent_of_the_opinion(bureau: Bureau) -> None:
    no = accepted(bureau)
    agreed(bureau, no, "renfang", "zhian")

    bureau.at("2026-10-08 17:00")
    assert bureau.sees("xiaofang", no) == ["give_opinion"]
    bureau.at("2026-10-08 18:00")

    opinion = bureau.opinion(no, "fire")
    assert opinion["value"] == "deemed_agree" and opinion["deemed"] and opinion["given_by"] == "系统（超时默认）"
    assert opinion["basis"] == "本级并联审批管理办法"
    # the lead and the decider still decide: silence never grants a licence
    assert bureau.sees("xiaofang", no) == [] and bureau.sees("qiantou", no) == ["draft"]
    assert "默认同意（超时）" in bureau.variables(no)["merged_opinions"]
    decided(bureau, no)
    assert bureau.state(no) == "decided_ok"


def test_a_department_that_must_answer_is_urged_every_working_day(bureau: Bureau) -> None:
    bureau.with_item(
        "construction_permit",
        (
            'limit = { limit = "7wd", source = "本级办事指南" }\ntimeout = "deemed_agree"',
            'limit = "7wd"\ntimeout = "escalate"',
        ),
    )
    no = accepted(bureau)
    agreed(bureau, no, "renfang", "zhian")

    bureau.at("2026-10-09 09:00")
    assert bureau.sees("xiaofang", no) == ["give_opinion"] and bureau.opinions(no).keys() == {"air_defence", "quality"}
    assert bureau.local_day(bureau.task("xiaofang", no, "give_opinion")["due_at"]) == date(2026, 10, 9)
    bureau.at("2026-10-13 09:00")
    assert len(bureau.history(no, "BranchEscalated")) == 1 and bureau.sees("xiaofang", no) == ["give_opinion"]
    agreed(bureau, no, "xiaofang")

    assert bureau.sees("qiantou", no) == ["draft"]


def test_a_silent_department_may_fall_back_to_the_lead(bureau: Bureau) -> None:
    bureau.with_item(
        "construction_permit",
        (
            'limit = { limit = "7wd", source = "本级办事指南" }\ntimeout = "deemed_agree"',
            'limit = "7wd"\ntimeout = "return_to_lead"',
        ),
    )
    no = accepted(bureau)
    agreed(bureau, no, "renfang", "zhian")

    bureau.at("2026-10-10 09:00")
    assert bureau.sees("xiaofang", no) == [] and bureau.sees("qiantou", no) == ["answer_for_department"]
    bureau.do("qiantou", no, "answer_for_department", "agree")

    assert bureau.opinion(no, "fire")["given_by"] == "qiantou" and bureau.sees("qiantou", no) == ["draft"]


def test_a_refusal_of_a_department_needs_reason_and_basis_and_reaches_the_lead(bureau: Bureau) -> None:
    no = accepted(bureau)
    with pytest.raises(InvalidInput):
        bureau.do("xiaofang", no, "give_opinion", "disagree", "消防车道不足")
    with pytest.raises(InvalidInput):
        bureau.do("xiaofang", no, "give_opinion", "disagree", opinion_basis="《消防法》第十三条")

    bureau.do("xiaofang", no, "give_opinion", "disagree", "消防车道不足", opinion_basis="《消防法》第十三条")
    agreed(bureau, no, "renfang", "zhian")

    assert bureau.variables(no)["merged_outcome"] == "lead_decides"
    assert "不同意；理由：消防车道不足；依据：《消防法》第十三条" in bureau.variables(no)["merged_opinions"]
    decided(bureau, no, "refuse", "消防车道不足", decision_basis="《建筑法》第八条")
    assert bureau.state(no) == "decided_no" and bureau.documents(no)[-1] == "refusal"
    assert bureau.open(no) == ["deliver"] and "certificate" not in bureau.documents(no)
    bureau.do("chuangkou", no, "deliver", delivery_method="window", delivery_receiver="王工")
    assert bureau.state(no) == "finished" and bureau.instance(no)["outcome"] == "refused"


def test_where_any_refusal_stops_the_others_need_not_answer(bureau: Bureau) -> None:
    bureau.with_item("construction_permit", ('merge = "lead_decides"', 'merge = "any_refuse_stops"'))
    no = accepted(bureau)

    bureau.do("xiaofang", no, "give_opinion", "disagree", "消防车道不足", opinion_basis="《消防法》第十三条")

    assert bureau.open(no) == ["draft"] and bureau.variables(no)["merged_outcome"] == "refused"


def test_not_our_matter_is_an_answer_with_a_reason(bureau: Bureau) -> None:
    no = accepted(bureau)

    bureau.do("renfang", no, "give_opinion", "not_ours", "不涉及人防工程")

    assert bureau.opinion(no, "air_defence")["value"] == "not_ours"


def test_corrections_asked_in_the_review_are_one_notice_and_only_those_departments_look_again(bureau: Bureau) -> None:
    no = accepted(bureau)
    bureau.do("xiaofang", no, "give_opinion", "correct", "见清单", opinion_items="M05：补充消防计算书")
    bureau.do("renfang", no, "give_opinion", "correct", "见清单", opinion_items="M05：补充人防平面图")
    agreed(bureau, no, "zhian")
    assert bureau.variables(no)["merged_outcome"] == "correction"

    bureau.at("2026-09-23 10:00")
    bureau.do("qiantou", no, "draft", "correct", "请一并补正")
    assert bureau.documents(no).count("correction") == 1
    assert "补充消防计算书；补充人防平面图" in bureau.document(no, "correction")
    assert bureau.state(no) == "suspended" and bureau.open(no) == ["supplement_again"]
    assert bureau.clock(no, "promised")[0] == "paused" and bureau.clock(no, "statutory")[0] == "running"
    bureau.at("2026-09-28 10:00")
    bureau.do("chuangkou", no, "supplement_again")

    assert bureau.state(no) == "under_review" and bureau.sees("zhian", no) == []
    assert bureau.sees("xiaofang", no) == bureau.sees("renfang", no) == ["give_opinion"]
    # it stood from Sep 23 to Sep 28: two working days, so two more after Oct 19
    assert bureau.clock(no, "promised") == ("running", date(2026, 10, 21))
    agreed(bureau, no, "xiaofang", "renfang")
    assert bureau.opinions(no, 2) == {"fire": "agree", "air_defence": "agree"}
    decided(bureau, no)
    assert bureau.state(no) == "decided_ok"


def test_corrections_of_the_review_that_do_not_come_are_looked_at_as_they_are(bureau: Bureau) -> None:
    no = accepted(bureau)
    bureau.do("xiaofang", no, "give_opinion", "correct", "见清单", opinion_items="补充消防计算书")
    agreed(bureau, no, "renfang", "zhian")
    bureau.do("qiantou", no, "draft", "correct", "请补正")

    bureau.at("2026-10-20 09:00")

    assert bureau.sees("xiaofang", no) == ["give_opinion"]


def test_a_second_notice_that_asks_for_something_new_is_told_to_the_supervisor(bureau: Bureau) -> None:
    no = filed(bureau)
    for login in DEPARTMENTS:
        bureau.do(login, no, "precheck_materials", "correct", precheck_items="M05：缺签章")
    bureau.do("qiantou", no, "notify", "notify")
    bureau.do("chuangkou", no, "supplement")
    bureau.do("chuangkou", no, "recheck", "complete")
    bureau.do("xiaofang", no, "give_opinion", "correct", "见清单", opinion_items="M06：缺专项方案")
    agreed(bureau, no, "renfang", "zhian")

    with pytest.raises(RuleForbids, match="needs a leader's approval"):
        bureau.do("qiantou", no, "draft", "correct", "请补正")
    bureau.execute(ApproveSecondNotice(no=no, reason="消防专篇确需补充"), "juzhang")
    bureau.do("qiantou", no, "draft", "correct", "请补正")

    assert bureau.alerts(no) == ["second-notice"]
    assert [row["data"]["sent"] for row in bureau.history(no, "SecondNoticeApproved")] == [1]


def test_the_decision_may_be_sent_back_to_the_lead(bureau: Bureau) -> None:
    no = accepted(bureau)
    agreed(bureau, no)
    bureau.do("qiantou", no, "draft", "approve", draft_opinion="拟准予")

    bureau.do("juzhang", no, "decide", "back", "请补充人防意见的依据")

    assert bureau.sees("qiantou", no) == ["draft"] and bureau.state(no) == "under_review"
    decided(bureau, no)
    assert bureau.state(no) == "decided_ok"


def test_the_applicant_may_withdraw_at_every_point_before_the_decision(bureau: Bureau) -> None:
    before, during, late = filed(bureau), accepted(bureau), accepted(bureau)
    agreed(bureau, late)
    bureau.do("qiantou", late, "draft", "approve")

    for no, state in ((before, "cancelled"), (during, "withdrawn"), (late, "withdrawn")):
        bureau.withdraw(no)
        assert bureau.state(no) == state and bureau.open(no) == [] and bureau.ends(no)[-1] == "end_withdrawn"
    assert {branch["state"] for branch in bureau.case(during)["facts"]["review"]["branches"]} == {"stopped"}
    assert bureau.clock(during, "promised")[0] == "stopped"
    # no department is left with a task, and no timer fires later
    bureau.at("2026-12-01 09:00")
    assert bureau.state(during) == "withdrawn"

    done = accepted(bureau, "2026-12-01 10:00")
    agreed(bureau, done)
    decided(bureau, done)
    with pytest.raises(Conflict):
        bureau.withdraw(done)


def test_one_department_neither_answers_nor_sees_for_another(bureau: Bureau) -> None:
    no = accepted(bureau)

    task = bureau.task("xiaofang", no, "give_opinion")
    for login in ("renfang", "qiantou", "shipin"):
        assert task["id"] not in {each["id"] for each in bureau.inbox(login)}
        with pytest.raises((NotFound, Forbidden)):
            bureau.complete(login, task["id"], "agree")


def test_a_held_task_goes_back_to_its_department_and_one_of_two_is_too_late(bureau: Bureau) -> None:
    no = accepted(bureau)
    bureau.claim("xiaofang", no, "give_opinion")
    task = bureau.task("xiaofang", no, "give_opinion")

    bureau.do("xiaofang", no, "give_opinion", "agree")

    with pytest.raises(Conflict):
        bureau.complete("xiaofang", task["id"], "agree")


def test_times_of_law_are_those_of_the_bureau(bureau: Bureau) -> None:
    # half past midnight in Chengdu is still the day before in UTC
    no = filed(bureau, "2026-11-03 00:30")

    assert no.startswith("51010020261103301") and bureau.case(no)["received_at"] == datetime(
        2026, 11, 3, 0, 30, tzinfo=SHANGHAI
    )
    assert "2026年11月3日" in bureau.document(no, "receipt")


# ---------------------------------------------------------------- 联合踏勘


def surveyed(bureau: Bureau) -> str:
    """All departments agreed on Tuesday 2026-09-22, and the lead wants to see the site first."""
    no = accepted(bureau)
    bureau.at("2026-09-22 10:00")
    agreed(bureau, no)
    bureau.do("qiantou", no, "draft", "survey", survey_days=3, survey_reason="人防、质安须核查基坑和周边管线")
    return no


def test_a_joint_survey_is_told_with_its_reason_and_stops_only_the_promised_clock(bureau: Bureau) -> None:
    no = surveyed(bureau)

    assert bureau.state(no) == "suspended" and bureau.open(no) == ["arrange_survey"]
    assert (bureau.clock(no, "promised")[0], bureau.clock(no, "statutory")[0]) == ("paused", "running")
    told = bureau.document(no, "special_procedure")
    # three working days after September 22: the 23rd, the 24th, and the 28th behind the Mid-Autumn days
    assert "人防、质安须核查基坑和周边管线" in told and "至2026年9月28日计划时间届满" in told
    assert "法定时限照常计算" in told and "第四十五条" not in told


def test_one_visit_one_record_and_the_lead_goes_on_with_what_was_found(bureau: Bureau) -> None:
    no = surveyed(bureau)
    assert bureau.clock(no, "promised")[1] == date(2026, 10, 19)
    bureau.do("qiantou", no, "arrange_survey", survey_date="2026-09-24", survey_departments="人防\n质安")
    bureau.at("2026-09-24 16:00")
    with pytest.raises(InvalidInput):
        bureau.do("qiantou", no, "record_survey", survey_result="rectify", survey_attendees="x", survey_findings="y")
    bureau.do(
        "qiantou",
        no,
        "record_survey",
        survey_attendees="人防：张一（证1）、李二（证2）",
        survey_absent="质安",
        survey_result="rectify",
        survey_findings="基坑支护未完成",
        survey_rectify="完成基坑支护",
    )

    assert bureau.open(no) == ["draft"] and bureau.state(no) == "under_review"
    # it stood from the 22nd to the 24th: two working days
    assert bureau.clock(no, "promised") == ("running", date(2026, 10, 21))
    bureau.do("qiantou", no, "draft", "survey", survey_days=2, survey_reason="复查整改")
    bureau.do("qiantou", no, "arrange_survey", survey_date="2026-09-28", survey_departments="质安")
    bureau.do(
        "qiantou",
        no,
        "record_survey",
        survey_attendees="质安：王五、赵六",
        survey_result="pass",
        survey_findings="已整改",
    )
    bureau.do("qiantou", no, "draft", "approve")
    assert bureau.open(no) == ["decide"]


def test_a_survey_that_takes_longer_than_was_told_stops_nothing_any_more(bureau: Bureau) -> None:
    no = surveyed(bureau)

    bureau.at("2026-09-29 09:00")

    assert bureau.clock(no, "promised")[0] == "running" and bureau.open(no) == ["arrange_survey"]


def test_a_survey_needs_its_reason_and_its_days(bureau: Bureau) -> None:
    no = accepted(bureau)
    agreed(bureau, no)

    with pytest.raises(InvalidInput):
        bureau.do("qiantou", no, "draft", "survey", survey_days=3)
