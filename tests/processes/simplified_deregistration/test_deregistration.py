"""企业简易注销: every path, with its natural days over the spring festival and the golden week of 2026."""

from datetime import date
from typing import Any

import pytest

from engine.commands.procedures.publicity import RaiseObjection
from engine.errors import Conflict, InvalidInput, NotFound
from tests.processes.bureau import Bureau

ITEM = "000131020000"
COMPANY = {"kind": "organisation", "name": "星河市远航商贸有限公司", "id_number": "91510100MA00000091"}
FORM: dict[str, Any] = {
    "entity_name": "星河市远航商贸有限公司",
    "entity_kind": "company",
    "reason_text": "决议解散",
    "excluded": ["none"],
    "no_debts": "yes",
    "all_committed": "yes",
    "declaration": True,
}
PAPERS = {"M01": {}, "M02": {}, "M03": {}}


def filed(bureau: Bureau, at: str = "2026-09-15 10:00", **form: Any) -> str:
    bureau.at(at)
    return bureau.file(ITEM, applicant=COMPANY, form=FORM | form, offered=PAPERS)


def published(bureau: Bureau) -> str:
    """The publicity of Sep 15 is over on Oct 8, and it was shown without a break."""
    no = filed(bureau)
    bureau.at("2026-10-09 09:00")
    bureau.do("dengji", no, "verify", "complete")
    return no


def submitted(bureau: Bureau) -> str:
    no = published(bureau)
    bureau.do("chuangkou", no, "submit_application", "submit")
    return no


def objected(bureau: Bureau, no: str, by: str = "creditor", name: str = "星河市诚信建材有限公司") -> None:
    bureau.execute(RaiseObjection(no=no, by=by, name=name, text="拖欠货款35万元，有判决书"), "dengji")


# ---------------------------------------------------------------- the way through


def test_twenty_natural_days_end_on_the_first_working_day_after_the_golden_week(bureau: Bureau) -> None:
    no = filed(bureau)
    # the twentieth day is Oct 5, a holiday: Oct 8 (民法典 203)
    assert bureau.clock(no, "publicity") == ("running", date(2026, 10, 8)) and bureau.state(no) == "received"
    assert "10月8日" in bureau.document(no, "publicity_notice") and bureau.open(no) == []

    bureau.at("2026-10-08 17:30")
    assert bureau.open(no) == []
    bureau.at("2026-10-08 17:31")
    assert bureau.sees("dengji", no) == ["verify"]
    bureau.at("2026-10-09 09:00")
    bureau.do("dengji", no, "verify", "complete")

    # twenty days from the end of the publicity, not from the look at it
    assert (
        bureau.clock(no, "submission") == ("running", date(2026, 10, 28))
        and bureau.clock(no, "publicity")[0] == "stopped"
    )
    bureau.at("2026-10-12 10:00")
    bureau.do("chuangkou", no, "submit_application", "submit")
    assert bureau.state(no) == "accepted" and bureau.clock(no, "statutory") == ("running", date(2026, 10, 15))
    assert bureau.clock(no, "promised") == ("running", date(2026, 10, 13))
    bureau.do("dengji", no, "review", "approve")
    assert bureau.state(no) == "finished" and bureau.case(no)["result"] == "granted"
    assert bureau.documents(no) == ["publicity_notice", "deregistration"] and bureau.ends(no)[-1] == "end_finished"
    assert "第二百四十条" in bureau.document(no, "deregistration") and bureau.instance(no)["outcome"] == "granted"


def test_twenty_natural_days_over_the_spring_festival(bureau: Bureau) -> None:
    # the twentieth day is Feb 17, inside Feb 15-23
    assert bureau.clock(filed(bureau, "2026-01-28 10:00"), "publicity")[1] == date(2026, 2, 24)
    # and Saturday Feb 28 is worked
    assert bureau.clock(published_later(bureau), "publicity")[1] == date(2026, 2, 28)


def published_later(bureau: Bureau) -> str:
    bureau.at("2026-02-08 10:00")
    other = COMPANY | {"name": "星河市另一家有限公司", "id_number": "91510100MA00000092"}
    return bureau.file(ITEM, applicant=other, form=FORM, offered=PAPERS)


def test_an_individual_business_is_pushed_for_ten_days_and_not_published(bureau: Bureau) -> None:
    no = filed(bureau, "2026-02-09 10:00", entity_kind="individual")
    # the tenth day is Feb 19, inside the spring festival
    assert bureau.clock(no, "publicity") == ("running", date(2026, 2, 24))
    assert "税务、人力资源和社会保障等部门：" in bureau.document(no, "publicity_notice")

    bureau.at("2026-02-24 17:31")

    # nothing was published, so there is nothing to verify and nobody to wait for
    assert bureau.open(no) == ["review"] and bureau.state(no) == "accepted"
    assert bureau.clock(no, "statutory") == ("running", date(2026, 2, 27))
    bureau.do("dengji", no, "review", "approve")
    assert bureau.state(no) == "finished"


# ---------------------------------------------------------------- who may


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"excluded": ["abnormal_list"]}, "经营异常名录"),
        ({"excluded": ["shares", "fines"]}, "罚款"),
        ({"no_debts": "no"}, "未清偿"),
        ({"all_committed": "no"}, "书面承诺"),
    ],
)
def test_who_is_excluded_is_told_why_and_shown_the_ordinary_way(bureau: Bureau, form: Any, words: str) -> None:
    no = filed(bureau, **form)

    assert bureau.state(no) == "rejected_accept" and bureau.ends(no) == ["end_not_applicable"]
    notice = bureau.document(no, "not_applicable")
    assert words in notice and "按普通程序" in notice


def test_a_second_application_beside_an_open_one_is_not_taken(bureau: Bureau) -> None:
    first = filed(bureau)

    second = filed(bureau, "2026-09-16 10:00")

    assert bureau.state(second) == "rejected_accept" and first in bureau.document(second, "not_applicable")
    assert bureau.clock(first, "publicity")[0] == "running"


# ---------------------------------------------------------------- objections


def test_an_objection_that_stands_ends_the_simple_way(bureau: Bureau) -> None:
    no = filed(bureau)
    bureau.at("2026-09-20 10:00")
    objected(bureau, no)
    assert bureau.sees("dengji", no) == ["judge_objection"] and bureau.clock(no, "publicity")[0] == "running"

    bureau.do("dengji", no, "judge_objection", "valid", "判决书已生效，债务未清偿")

    assert bureau.state(no) == "terminated" and bureau.ends(no)[-1] == "end_stopped" and bureau.open(no) == []
    assert (
        bureau.case(no)["facts"]["publicity"]["outcome"] == "stopped" and bureau.clock(no, "publicity")[0] == "stopped"
    )
    told = bureau.document(no, "objection_result")
    assert "诚信建材" in told and "成立，终止" in told and "可以再次申请" in bureau.document(no, "publicity_ended")


def test_after_an_objection_the_cause_has_to_be_settled_before_it_is_applied_for_again(bureau: Bureau) -> None:
    no = filed(bureau)
    objected(bureau, no)
    bureau.do("dengji", no, "judge_objection", "valid", "债务未清偿")

    again = filed(bureau, "2026-10-12 10:00")
    assert bureau.state(again) == "rejected_accept" and "异议事由消除后" in bureau.document(again, "not_applicable")
    settled = filed(bureau, "2026-10-13 10:00", resolved="yes", resolved_text="货款已付清，附收据")

    # 20 days anew
    assert bureau.state(settled) == "received" and bureau.clock(settled, "publicity")[1] == date(2026, 11, 2)


def test_an_objection_that_does_not_stand_stops_nothing(bureau: Bureau) -> None:
    no = filed(bureau)
    objected(bureau, no)

    bureau.do("dengji", no, "judge_objection", "invalid", "债务已于2025年清偿，有收据")

    assert bureau.clock(no, "publicity") == ("running", date(2026, 10, 8)) and "不成立" in bureau.document(
        no, "objection_result"
    )
    bureau.at("2026-10-08 17:31")
    assert bureau.open(no) == ["verify"]


def test_each_of_two_objections_is_judged_by_itself(bureau: Bureau) -> None:
    no = filed(bureau)
    objected(bureau, no, name="甲公司")
    objected(bureau, no, by="employee", name="李四")
    tasks = [task for task in bureau.inbox("dengji") if task["business_key"] == no]
    assert len(tasks) == 2

    for task in tasks:
        bureau.complete("dengji", task["id"], "invalid", "与事实不符")

    judged = bureau.case(no)["facts"]["publicity"]["objections"]
    assert [(each["number"], each["valid"]) for each in judged] == [(1, False), (2, False)] and bureau.open(no) == []
    first, second = bureau.documents_of(no, "objection_result")
    assert {"甲公司" in first, "甲公司" in second} == {"李四" in first, "李四" in second} == {True, False}


def test_the_publicity_waits_for_an_objection_that_came_on_its_last_day(bureau: Bureau) -> None:
    no = filed(bureau)
    bureau.at("2026-10-08 17:00")
    objected(bureau, no)
    bureau.at("2026-10-09 09:00")
    bureau.do("dengji", no, "verify", "complete")
    assert bureau.open(no) == ["judge_objection"]

    bureau.do("dengji", no, "judge_objection", "invalid", "债务已清偿")

    assert bureau.open(no) == ["submit_application"]


def test_an_organs_objection_is_not_the_registrars_to_reject(bureau: Bureau) -> None:
    no = filed(bureau)
    objected(bureau, no, by="tax", name="国家税务总局星河市税务局")

    bureau.do("dengji", no, "judge_objection", "invalid", "税款很少")

    assert bureau.open(no) == ["judge_objection"] and "由其自行撤回" in bureau.variables(no)["objection_problem"]
    bureau.do("dengji", no, "judge_objection", "valid", "欠缴税款")
    assert bureau.state(no) == "terminated"


def test_who_has_no_interest_of_his_own_cannot_stop_it(bureau: Bureau) -> None:
    no = filed(bureau)
    objected(bureau, no, by="other", name="路人甲")

    bureau.do("dengji", no, "judge_objection", "valid", "有道理")

    assert "没有利害关系" in bureau.variables(no)["objection_problem"] and bureau.open(no) == ["judge_objection"]


@pytest.mark.parametrize(("name", "text"), [("", "拖欠货款35万元"), ("甲公司", "不同意")])
def test_an_objection_has_a_name_and_facts(bureau: Bureau, name: str, text: str) -> None:
    no = filed(bureau)

    with pytest.raises(Conflict):
        bureau.execute(RaiseObjection(no=no, by="creditor", name=name, text=text), "dengji")

    assert bureau.case(no)["facts"]["publicity"]["objections"] == []


def test_an_objection_comes_within_the_publicity(bureau: Bureau) -> None:
    no = published(bureau)

    with pytest.raises(Conflict) as refused:
        objected(bureau, no)

    assert "不在公示" in refused.value.zh
    with pytest.raises(InvalidInput):
        bureau.execute(RaiseObjection(no=no, by="neighbour", name="甲", text="拖欠货款35万元"), "dengji")
    with pytest.raises(NotFound):
        bureau.execute(RaiseObjection(no=no, by="creditor", name="甲", text="拖欠货款35万元"), "shipin")


# ---------------------------------------------------------------- failed, lapsed


def test_a_publicity_that_failed_begins_anew(bureau: Bureau) -> None:
    no = filed(bureau)
    bureau.at("2026-10-09 09:00")

    bureau.do("dengji", no, "verify", "failed", "公示系统9月20日至22日中断")

    # twenty days from Oct 9
    assert (
        bureau.clock(no, "publicity") == ("running", date(2026, 10, 29))
        and bureau.variables(no)["publicity_round"] == 2
    )
    assert bureau.documents(no).count("publicity_notice") == 2
    assert bureau.history(no, "PublicityFailed")[0]["data"]["reason"] == "公示系统9月20日至22日中断"
    objected(bureau, no)
    assert bureau.open(no) == ["judge_objection"]


def test_who_does_not_apply_within_twenty_days_loses_the_publicity_and_may_begin_again(bureau: Bureau) -> None:
    no = published(bureau)

    bureau.at("2026-10-28 17:30")
    assert bureau.open(no) == ["submit_application"]
    bureau.at("2026-10-28 17:31")

    assert bureau.state(no) == "terminated" and bureau.ends(no)[-1] == "end_closed"
    assert bureau.case(no)["facts"]["publicity"]["outcome"] == "lapsed"
    assert bureau.state(filed(bureau, "2026-11-02 10:00")) == "received"


def test_the_time_to_apply_is_extended_once_to_thirty_days(bureau: Bureau) -> None:
    no = published(bureau)
    bureau.do("chuangkou", no, "submit_application", "extend", submission_note="投资人在国外")
    # thirty days from Oct 8 is Saturday Nov 7: Monday Nov 9
    assert bureau.clock(no, "submission") == ("running", date(2026, 11, 9)) and bureau.open(no) == [
        "submit_application"
    ]

    bureau.do("chuangkou", no, "submit_application", "extend", submission_note="还没回来")
    assert "只能申请延长一次" in bureau.variables(no)["submission_problem"]
    bureau.at("2026-11-09 17:30")
    assert bureau.open(no) == ["submit_application"]
    bureau.at("2026-11-09 17:31")
    assert bureau.state(no) == "terminated"


# ---------------------------------------------------------------- the decision


def test_a_refusal_has_reason_rule_and_remedies(bureau: Bureau) -> None:
    no = submitted(bureau)

    bureau.do("dengji", no, "review", "refuse", "营业执照未收缴", decision_basis="《市场主体登记管理条例》第三十三条")

    assert bureau.state(no) == "finished" and bureau.case(no)["result"] == "refused"
    assert "申请行政复议" in bureau.document(no, "deregistration_refused")


def test_a_commitment_in_bad_form_is_corrected_without_a_new_publicity(bureau: Bureau) -> None:
    no = submitted(bureau)
    bureau.do("dengji", no, "review", "correct", correction_items="全体投资人承诺书：缺少一名投资人签名")
    assert bureau.open(no) == ["supplement"] and bureau.clock(no, "correction")[0] == "running"

    bureau.at("2026-10-13 10:00")
    bureau.do("chuangkou", no, "supplement")

    assert bureau.open(no) == ["review"] and bureau.documents(no).count("publicity_notice") == 1
    bureau.do("dengji", no, "review", "approve")
    assert bureau.state(no) == "finished"


def test_what_is_never_corrected_ends(bureau: Bureau) -> None:
    no = submitted(bureau)
    bureau.do("dengji", no, "review", "correct", correction_items="全体投资人承诺书：缺少签名")

    bureau.at("2026-11-03 09:00")

    assert bureau.state(no) == "terminated" and bureau.ends(no)[-1] == "end_closed"


def test_a_complicated_case_gets_three_more_working_days_from_the_head_once(bureau: Bureau) -> None:
    no = submitted(bureau)
    assert bureau.clock(no, "statutory") == ("running", date(2026, 10, 13))
    bureau.do("dengji", no, "review", "extend", extension_reason="投资人身份须核实")
    bureau.do("dengjizhang", no, "approve_extension", "approve")
    assert bureau.clock(no, "statutory") == ("running", date(2026, 10, 16)) and bureau.state(no) == "extended"

    bureau.do("dengji", no, "review", "extend", extension_reason="还没核实")
    bureau.do("dengjizhang", no, "approve_extension", "approve")

    assert "只能延长一次" in bureau.variables(no)["review_problem"] and bureau.open(no) == ["review"]
    bureau.do("dengji", no, "review", "extend", extension_reason="还没核实")
    bureau.do("dengjizhang", no, "approve_extension", "refuse", "请当场办理")
    assert bureau.open(no) == ["review"]


def test_an_extension_asked_for_in_time_is_given_though_the_head_approves_it_after_the_limit(bureau: Bureau) -> None:
    no = submitted(bureau)
    bureau.at("2026-10-13 17:00")
    bureau.do("dengji", no, "review", "extend", extension_reason="投资人身份须核实")

    bureau.at("2026-10-14 10:00")
    bureau.do("dengjizhang", no, "approve_extension", "approve")

    assert bureau.clock(no, "statutory") == ("running", date(2026, 10, 16)) and bureau.state(no) == "extended"


def test_an_extension_asked_for_after_the_limit_is_not_given(bureau: Bureau) -> None:
    no = submitted(bureau)
    bureau.at("2026-10-14 09:00")
    bureau.do("dengji", no, "review", "extend", extension_reason="投资人身份须核实")

    bureau.do("dengjizhang", no, "approve_extension", "approve")

    assert "登记期限已经届满" in bureau.variables(no)["review_problem"] and bureau.open(no) == ["review"]
    assert bureau.clock(no, "statutory") == ("running", date(2026, 10, 13))


def test_the_applicant_may_withdraw_until_the_decision(bureau: Bureau) -> None:
    early = filed(bureau)
    bureau.withdraw(early, "继续经营")
    assert bureau.state(early) == "cancelled" and bureau.open(early) == []

    late = submitted(bureau)
    bureau.withdraw(late, "继续经营")
    assert bureau.state(late) == "withdrawn"
