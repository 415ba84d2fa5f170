"""Limits of a case: special procedures, extension, and what a change of the calendar does to them."""

from datetime import date

from engine.cli.composition import OPERATOR
from engine.commands.administration.calendar import ChangeCalendarDay
from engine.commands.administration.deployments import DeployResources
from tests.integration.cases.filing import SHOP, filed
from tests.processes.bureau import Bureau

ITEM = """
code = "000131990000"
name = "测试许可"
department = "scjg"
process = "special"
infotype = "promised"
materials = [{ code = "M01", name = "申请表", class = "main" }]
legal_basis = [{ title = "中华人民共和国行政许可法", article = "第十二条" }]
[limits]
statutory = "20wd"
promised = "10wd"
"""
PROCESS = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:banjie="urn:banjie:bpmn:1.0"
    id="d" targetNamespace="test">
  <process id="special" name="带特别程序的许可" isExecutable="true">
    <startEvent id="start"/>
    <serviceTask id="receive" name="收件" banjie:verb="case.receive"/>
    <serviceTask id="accept" name="受理" banjie:verb="case.accept"/>
    <userTask id="examine" name="审查" banjie:candidateGroups="food_reviewers"/>
    <serviceTask id="suspend" name="特别程序" banjie:verb="clock.suspend">
      <extensionElements>
        <banjie:input name="kind">KIND</banjie:input>
        <banjie:input name="reason">组织专家评审</banjie:input>
        <banjie:input name="planned">10wd</banjie:input>
      </extensionElements>
    </serviceTask>
    <userTask id="experts" name="评审" banjie:candidateGroups="food_reviewers"/>
    <serviceTask id="resume" name="恢复" banjie:verb="clock.resume"/>
    <userTask id="conclude" name="结论" banjie:candidateGroups="food_reviewers"/>
    <serviceTask id="extend" name="延期" banjie:verb="clock.extend">
      <extensionElements>
        <banjie:input name="reason">案情复杂</banjie:input>
        <banjie:input name="approved_by">高远</banjie:input>
      </extensionElements>
    </serviceTask>
    <userTask id="wait" name="等候" banjie:candidateGroups="food_reviewers"/>
    <endEvent id="end"/>
    <sequenceFlow id="f1" sourceRef="start" targetRef="receive"/>
    <sequenceFlow id="f2" sourceRef="receive" targetRef="accept"/>
    <sequenceFlow id="f3" sourceRef="accept" targetRef="examine"/>
    <sequenceFlow id="f4" sourceRef="examine" targetRef="suspend"/>
    <sequenceFlow id="f5" sourceRef="suspend" targetRef="experts"/>
    <sequenceFlow id="f6" sourceRef="experts" targetRef="resume"/>
    <sequenceFlow id="f7" sourceRef="resume" targetRef="conclude"/>
    <sequenceFlow id="f8" sourceRef="conclude" targetRef="extend"/>
    <sequenceFlow id="f9" sourceRef="extend" targetRef="wait"/>
    <sequenceFlow id="f10" sourceRef="wait" targetRef="end"/>
  </process>
</definitions>
"""


def accepted(bureau: Bureau, kind: str = "expert_review", model: str = PROCESS) -> str:
    files = {"item.toml": ITEM.encode(), "special.bpmn": model.replace("KIND", kind).encode()}
    bureau.engine.execute(DeployResources(name="special", files=files), actor=OPERATOR)
    bureau.at("2026-09-10 10:00")
    return bureau.file("000131990000", applicant=SHOP, offered={"M01": {}})


def test_an_expert_review_stops_both_clocks_and_is_told_in_writing(bureau: Bureau) -> None:
    no = accepted(bureau)
    assert bureau.clock(no, "promised") == ("running", date(2026, 9, 23))

    bureau.at("2026-09-15 10:00")
    bureau.do("shipin", no, "examine")
    assert bureau.state(no) == "special"
    assert bureau.clock(no, "promised")[0] == bureau.clock(no, "statutory")[0] == "paused"
    assert "所需时间为10个工作日，不计算在办理期限内" in bureau.document(no, "special_procedure")
    bureau.at("2026-09-22 10:00")
    bureau.do("shipin", no, "experts")

    assert bureau.state(no) == "under_review"
    # six working days from Sep 15 to Sep 22, the worked Sunday among them
    assert bureau.clock(no, "promised") == ("running", date(2026, 10, 9))


def test_a_site_survey_stops_only_the_promised_clock(bureau: Bureau) -> None:
    no = accepted(bureau, "site_survey")

    bureau.do("shipin", no, "examine")

    assert bureau.state(no) == "suspended"
    assert (bureau.clock(no, "promised")[0], bureau.clock(no, "statutory")[0]) == ("paused", "running")


def test_an_extension_adds_once_what_the_law_allows(bureau: Bureau) -> None:
    no = accepted(bureau)
    bureau.do("shipin", no, "examine")
    bureau.do("shipin", no, "experts")

    bureau.do("shipin", no, "conclude")

    assert bureau.state(no) == "extended" and "经高远批准" in bureau.document(no, "extension")
    # 10 + 10 and 20 + 10 working days
    assert bureau.clock(no, "promised")[1] == date(2026, 10, 14)
    assert bureau.clock(no, "statutory")[1] == date(2026, 10, 28)


def test_an_extension_after_the_limit_is_an_outcome_that_the_model_reads_and_stops_no_case(bureau: Bureau) -> None:
    no = accepted(bureau)
    bureau.do("shipin", no, "examine")
    bureau.do("shipin", no, "experts")
    before = bureau.clock(no, "promised"), bureau.clock(no, "statutory")
    bureau.at("2026-11-02 10:00")

    bureau.do("shipin", no, "conclude")

    assert bureau.open(no) == ["wait"] and bureau.instance(no)["state"] == "running"
    assert (bureau.clock(no, "promised"), bureau.clock(no, "statutory")) == before
    variables = bureau.variables(no)
    assert variables["extension_result"] == "refused" and "延期应在期限届满前申请" in variables["extension_problem"]
    (told,) = bureau.history(no, "ExtensionRefused")
    assert told["data"]["answer"] == variables["extension_problem"]
    assert "extension" not in bureau.documents(no)


def test_a_model_names_the_step_in_which_the_extension_was_asked_for_and_what_counts_is_that_moment(
    bureau: Bureau,
) -> None:
    asked = '<banjie:input name="approved_by">高远</banjie:input><banjie:input name="asked_in">experts</banjie:input>'
    model = PROCESS.replace('<banjie:input name="approved_by">高远</banjie:input>', asked)
    no = accepted(bureau, model=model)
    bureau.do("shipin", no, "examine")
    bureau.do("shipin", no, "experts")
    bureau.at("2026-11-02 10:00")

    bureau.do("shipin", no, "conclude")

    assert bureau.variables(no)["extension_result"] == "granted"
    assert bureau.clock(no, "promised")[1] == date(2026, 10, 14)


def test_a_change_of_the_calendar_moves_open_limits_with_a_log_and_leaves_closed_ones(bureau: Bureau) -> None:
    bureau.at("2026-09-21 10:00")
    closed, open_ = filed(bureau), filed(bureau)
    bureau.withdraw(closed)
    bureau.do("chuangkou", open_, "examine_materials")
    assert bureau.clock(open_, "promised")[1] == date(2026, 10, 12)
    before = bureau.clock(closed, "notice")

    # the office stays closed for a day, by a typhoon
    bureau.execute(ChangeCalendarDay(day="2026-09-23", kind="rest", name="台风停工"), "admin")
    assert bureau.clock(open_, "promised")[1] == date(2026, 10, 12)
    bureau.at("2026-09-21 10:01")

    assert bureau.clock(open_, "promised")[1] == date(2026, 10, 13)
    assert bureau.local_day(bureau.case(open_)["promised_due"]) == date(2026, 10, 13)
    assert {row["data"]["clock_kind"] for row in bureau.history(open_, "ClockReprojected")} == {
        "promised",
        "statutory",
        "step",
    }
    assert bureau.clock(closed, "notice") == before and bureau.history(closed, "ClockReprojected") == []
