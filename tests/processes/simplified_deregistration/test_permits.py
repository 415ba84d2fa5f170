"""证照并销: the permits of a deregistered company are asked about, cancelled the same day or kept with reasons."""

import pytest

from engine.errors import InvalidInput
from engine.store import tables
from engine.store.projections.projector import replay
from tests.integration.cases.filing import filed as food
from tests.processes.bureau import Bureau
from tests.processes.construction_permit import building as construction
from tests.processes.simplified_deregistration.test_deregistration import COMPANY, filed, submitted


def deregistered(bureau: Bureau) -> str:
    """A company with a food permit of this system is deregistered on 2026-10-09, and asks for its permits to go too."""
    no = filed(bureau, cancel_permits="yes")
    bureau.at("2026-10-09 09:00")
    bureau.do("dengji", no, "verify", "complete")
    bureau.do("chuangkou", no, "submit_application", "submit")
    bureau.do("dengji", no, "review", "approve")
    return no


def permitted(bureau: Bureau) -> str:
    """The food permit that the company got before."""
    bureau.at("2026-08-03 10:00")
    no = food(bureau, applicant=COMPANY)
    bureau.do("chuangkou", no, "examine_materials")
    bureau.do("shipin", no, "review", "pass", review_record="布局合理")
    bureau.do("shenhe", no, "audit", "agree")
    bureau.do("juzhang", no, "decide", "approve")
    bureau.do("chuangkou", no, "deliver", delivery_method="window", delivery_receiver="王五")
    return no


def test_nobody_asks_about_permits_where_the_applicant_does_not(bureau: Bureau) -> None:
    no = submitted(bureau)
    bureau.do("dengji", no, "review", "approve")

    assert bureau.open(no) == [] and bureau.ends(no)[-1] == "end_finished"


def test_a_refused_deregistration_leaves_the_permits_alone(bureau: Bureau) -> None:
    no = filed(bureau, cancel_permits="yes")
    bureau.at("2026-10-09 09:00")
    bureau.do("dengji", no, "verify", "complete")
    bureau.do("chuangkou", no, "submit_application", "submit")
    bureau.do("dengji", no, "review", "refuse", "承诺书不实", decision_basis="《市场主体登记管理条例》第三十三条")

    assert bureau.open(no) == [] and bureau.state(no) == "finished"


def test_permits_go_on_the_same_day_when_their_departments_agree_and_the_papers_are_collected(bureau: Bureau) -> None:
    permit = permitted(bureau)
    number = bureau.case(permit)["facts"]["certificate"]["number"]
    no = deregistered(bureau)
    assert bureau.state(no) == "finished" and bureau.open(no) == ["choose_permits"], "the registration is gone already"
    choices = bureau.variables(no)["permit_choices"]
    assert [each["label"] for each in choices] == [f"食品经营许可证（{number}）", "公共场所卫生许可证"]

    bureau.do("chuangkou", no, "choose_permits", "ask", permit_codes=["food", "hygiene"])
    assert bureau.sees("shipin", no) == bureau.sees("weisheng", no) == ["check_permit"]
    bureau.do("shipin", no, "check_permit", "cancel")
    assert bureau.case(permit)["facts"]["certificate"].get("cancelled_on") is None, "all departments are heard first"
    bureau.do("weisheng", no, "check_permit", "cancel")

    assert bureau.variables(no)["permits_result"] == "all"
    assert bureau.case(permit)["facts"]["certificate"]["cancelled_on"] == "2026-10-09"
    told = bureau.document(no, "permits_cancelled")
    assert f"食品经营许可证（{number}）" in told and "第七十条" in told and "暂不注销" not in told
    bureau.do("chuangkou", no, "collect_permits", collected_text="食品经营许可证正本交回，卫生许可证公告作废")
    assert bureau.open(no) == [] and bureau.ends(no)[-1] == "end_finished"
    assert bureau.history(permit, "CertificateCancelled")[0]["data"]["by"] == no
    assert bureau.case(no)["facts"]["permits"]["collected"].endswith("公告作废")
    row = bureau.case(permit)
    with bureau.database.read() as connection:
        rebuilt = replay(connection, row["instance_id"]).tables[tables.case_file][(row["id"],)]
    assert rebuilt["facts"] == row["facts"], "the history alone gives it"


def test_of_a_package_only_the_licence_that_the_list_names_goes(bureau: Bureau) -> None:
    permit = construction.accepted(bureau, "2026-08-03 10:00", applicant=COMPANY, **construction.DRAINAGE)
    construction.agreed(bureau, permit, *construction.DEPARTMENTS, "paishui")
    bureau.do("qiantou", permit, "draft", "approve")
    bureau.do("juzhang", permit, "decide", "approve")
    bureau.with_item(
        "simplified_deregistration",
        ('item = "000123015000"', 'item = "000117012000"\nlicence = "城镇污水排入排水管网许可证"'),
    )
    made = {each.code: each for each in bureau.queries.cases.certificates(bureau.case(permit))}
    no = deregistered(bureau)
    assert bureau.variables(no)["permit_choices"][1]["label"] == f"公共场所卫生许可证（{made['drainage'].number}）"

    bureau.do("chuangkou", no, "choose_permits", "ask", permit_codes=["hygiene"])
    bureau.do("weisheng", no, "check_permit", "cancel")

    left = {each.code: each.is_valid for each in bureau.queries.cases.certificates(bureau.case(permit))}
    assert left == {"drainage": False, "main": True}


def test_licences_of_a_package_that_was_granted_in_part_go_too(bureau: Bureau) -> None:
    permit = construction.accepted(bureau, "2026-08-03 10:00", applicant=COMPANY, **construction.DRAINAGE)
    construction.agreed(bureau, permit)
    bureau.do("paishui", permit, "give_opinion", "disagree", "位置不符", opinion_basis="规划")
    bureau.do("qiantou", permit, "draft", "partly", "位置不符", granted_parts=["main"])
    bureau.do("juzhang", permit, "decide", "partly", "位置不符", granted_parts=["main"], decision_basis="规划")
    bureau.with_item("simplified_deregistration", ('item = "000123015000"', 'item = "000117012000"'))
    no = deregistered(bureau)

    bureau.do("chuangkou", no, "choose_permits", "ask", permit_codes=["hygiene"])
    bureau.do("weisheng", no, "check_permit", "cancel")

    assert [each.state for each in bureau.queries.cases.certificates(bureau.case(permit))] == ["cancelled"]


def test_a_department_that_does_not_agree_keeps_its_permit_and_says_why(bureau: Bureau) -> None:
    no = deregistered(bureau)
    bureau.do("chuangkou", no, "choose_permits", "ask", permit_codes=["food", "hygiene"])
    with pytest.raises(InvalidInput):
        bureau.do("weisheng", no, "check_permit", "keep")
    bureau.do("weisheng", no, "check_permit", "keep", "有在查案件")
    bureau.do("shipin", no, "check_permit", "cancel")

    assert bureau.variables(no)["permits_result"] == "part" and bureau.open(no) == ["collect_permits"]
    told = bureau.document(no, "permits_cancelled")
    assert "暂不注销" in told and "公共场所卫生许可证。理由：有在查案件" in told and "申请行政复议" in told


def test_where_no_permit_goes_there_is_nothing_to_collect(bureau: Bureau) -> None:
    no = deregistered(bureau)
    bureau.do("chuangkou", no, "choose_permits", "ask", permit_codes=["food"])
    bureau.do("shipin", no, "check_permit", "keep", "欠缴罚款")

    assert bureau.history(no, "PermitsCancelled")[0]["data"]["result"] == "none" and bureau.open(no) == []
    assert bureau.ends(no)[-1] == "end_finished" and bureau.state(no) == "finished"


def test_who_has_no_permit_is_done(bureau: Bureau) -> None:
    no = deregistered(bureau)
    bureau.do("chuangkou", no, "choose_permits", "none")

    assert bureau.open(no) == [] and "permits_cancelled" not in bureau.documents(no)


def test_a_department_that_is_silent_for_three_working_days_is_reported_and_decides_nothing_by_silence(
    bureau: Bureau,
) -> None:
    no = deregistered(bureau)
    bureau.do("chuangkou", no, "choose_permits", "ask", permit_codes=["food", "hygiene"])
    bureau.do("weisheng", no, "check_permit", "cancel")

    # Friday October 9; Saturday the 10th is worked: the third working day is Tuesday the 13th
    bureau.at("2026-10-13 17:29")
    assert bureau.alerts(no) == []
    bureau.at("2026-10-13 17:31")

    assert bureau.alerts(no) == ["permit-check-overdue"] and bureau.sees("shipin", no) == ["check_permit"]
