"""Special procedures: drawn as subprocesses, begun from the case page, capped, overlapping; and what moves with the clocks."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from engine.approval.clock_kind import ClockKind
from engine.approval.clock_sum import ClockSum
from engine.approval.suspension import SuspensionKind
from engine.cli.composition import OPERATOR
from engine.commands.administration.deployments import DeployResources
from engine.commands.cases.extensions import RequestExtension
from engine.commands.cases.suspending import ExtendSuspension, ResumeCase, SuspendCase
from engine.errors import Conflict, InvalidInput, NotFound, StepFailed
from engine.store import tables
from tests.integration.cases.filing import SHOP
from tests.integration.cases.test_clocks import ITEM
from tests.processes.bureau import Bureau

# examine (5wd, with a reminder after 3 working days) beside a special procedure that a clerk opens
BESIDE = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:banjie="urn:banjie:bpmn:1.0" id="d" targetNamespace="t">
  <message id="m" name="停止听证" banjie:correlationKey="=case_no"/>
  <process id="special" name="带特别程序的许可" isExecutable="true">
    <startEvent id="start"/>
    <serviceTask id="receive" banjie:verb="case.receive"/>
    <serviceTask id="accept" banjie:verb="case.accept"/>
    <parallelGateway id="fork"/>
    <userTask id="examine" name="审查" banjie:candidateGroups="food_reviewers" banjie:limit="5wd"/>
    <boundaryEvent id="remind" attachedToRef="examine" cancelActivity="false">
      <timerEventDefinition><timeDate>wd(3)</timeDate></timerEventDefinition>
    </boundaryEvent>
    <userTask id="reminded" name="催办" banjie:candidateGroups="food_reviewers"/><endEvent id="end_reminded"/>
    <userTask id="open" name="决定听证" banjie:candidateGroups="food_reviewers"/>
    <subProcess id="hearing" name="听证" banjie:special="hearing" banjie:planned="PLANNED">
      <startEvent id="h1"/>
      <userTask id="hold" name="举行听证" banjie:candidateGroups="food_reviewers" banjie:limit="4wd"/>
      <endEvent id="h2"/>
      <sequenceFlow id="hf1" sourceRef="h1" targetRef="hold"/><sequenceFlow id="hf2" sourceRef="hold" targetRef="h2"/>
    </subProcess>
    <boundaryEvent id="called_off" attachedToRef="hearing"><messageEventDefinition messageRef="m"/></boundaryEvent>
    <boundaryEvent id="late" attachedToRef="hearing" cancelActivity="false">
      <timerEventDefinition><timeDate>wd(8)</timeDate></timerEventDefinition>
    </boundaryEvent>
    <endEvent id="end_late"/>
    <userTask id="conclude" name="结论" banjie:candidateGroups="food_reviewers"/>
    <endEvent id="end"/><endEvent id="end_beside"/>
    <sequenceFlow id="f1" sourceRef="start" targetRef="receive"/>
    <sequenceFlow id="f2" sourceRef="receive" targetRef="accept"/>
    <sequenceFlow id="f3" sourceRef="accept" targetRef="fork"/>
    <sequenceFlow id="f4" sourceRef="fork" targetRef="examine"/>
    <sequenceFlow id="f5" sourceRef="fork" targetRef="open"/>
    <sequenceFlow id="f6" sourceRef="open" targetRef="hearing"/>
    <sequenceFlow id="f7" sourceRef="hearing" targetRef="conclude"/>
    <sequenceFlow id="f8" sourceRef="called_off" targetRef="conclude"/>
    <sequenceFlow id="f9" sourceRef="conclude" targetRef="end"/>
    <sequenceFlow id="f10" sourceRef="examine" targetRef="end_beside"/>
    <sequenceFlow id="f11" sourceRef="remind" targetRef="reminded"/>
    <sequenceFlow id="f12" sourceRef="reminded" targetRef="end_reminded"/>
    <sequenceFlow id="f13" sourceRef="late" targetRef="end_late"/>
  </process>
</definitions>
"""


def accepted(bureau: Bureau, planned: str = "6wd") -> str:
    """A case accepted on Thursday 2026-09-10: promised 09-23, statutory 10-14."""
    files = {"item.toml": ITEM.encode(), "special.bpmn": BESIDE.replace("PLANNED", planned).encode()}
    bureau.engine.execute(DeployResources(name="special", files=files), actor=OPERATOR)
    bureau.at("2026-09-10 10:00")
    return bureau.file("000131990000", applicant=SHOP, offered={"M01": {}})


def hearing(bureau: Bureau, planned: str = "6wd") -> str:
    """The same case with a hearing since Friday 2026-09-11 10:00."""
    no = accepted(bureau, planned)
    bureau.at("2026-09-11 10:00")
    bureau.do("shipin", no, "open")
    return no


def ledger(bureau: Bureau, no: str, kind: str = "promised") -> list[str]:
    clocks = {row["id"]: row["kind"] for row in bureau.queries.cases.clocks(bureau.case(no)["id"])}
    with bureau.database.read() as connection:
        rows = connection.execute(select(tables.clock_ledger).order_by(tables.clock_ledger.c.seq)).all()
    return [row.kind for row in rows if clocks.get(row.clock_id) == kind]


def due(bureau: Bureau, no: str, element: str) -> date | None:
    task = bureau.task("shipin", no, element)
    return None if task["due_at"] is None else bureau.local_day(task["due_at"])


def timers(bureau: Bureau, no: str) -> dict[str, date]:
    """The days on which the timers of a case would fire; those that are put aside stand in the year 9999."""
    rows = bureau.queries.admin.jobs(state="waiting", limit=200).rows
    stream = bureau.case(no)["instance_id"]
    return {
        row["element_id"]: bureau.local_day(row["due_at"])
        for row in rows
        if row["instance_id"] == stream and row["kind"] == "timer"
    }


def test_entering_a_marked_subprocess_tells_the_applicant_and_stops_both_clocks_and_the_steps_beside_it(
    bureau: Bureau,
) -> None:
    no = accepted(bureau)
    assert due(bureau, no, "examine") == date(2026, 9, 17) and timers(bureau, no) == {"remind": date(2026, 9, 15)}

    bureau.at("2026-09-11 10:00")
    bureau.do("shipin", no, "open")

    assert bureau.state(no) == "special"
    assert bureau.clock(no, "promised")[0] == bureau.clock(no, "statutory")[0] == "paused"
    told = bureau.document(no, "special_procedure")
    # six working days after Friday 11: 14 to 18, and the worked Sunday 20
    assert "所需时间为6个工作日，不计算在办理期限内" in told and "至2026年9月20日计划时间届满" in told
    # the examination will end as much later as the hearing was planned to take; its reminder is put aside
    assert due(bureau, no, "examine") == date(2026, 9, 24)
    assert timers(bureau, no) == {"remind": date(9999, 1, 1), "late": date(2026, 9, 22)}
    # what belongs to the hearing itself runs
    assert due(bureau, no, "hold") == date(2026, 9, 17)


def test_leaving_it_resumes_and_everything_ends_later_by_what_it_took(bureau: Bureau) -> None:
    no = hearing(bureau)

    bureau.at("2026-09-15 16:00")
    bureau.do("shipin", no, "hold")

    assert bureau.state(no) == "under_review"
    assert bureau.clock(no, "promised") == ("running", date(2026, 9, 28))  # two working days: 14 and 15
    assert bureau.clock(no, "statutory") == ("running", date(2026, 10, 16))
    assert due(bureau, no, "examine") == date(2026, 9, 20)  # a worked Sunday
    assert timers(bureau, no) == {"remind": date(2026, 9, 17)}
    assert ledger(bureau, no) == ["suspended", "resumed"]
    assert bureau.clock(no, "special")[0] == "stopped"


def test_trap_2_9_nothing_fires_while_the_case_stands_and_nothing_in_a_burst_when_it_goes_on(bureau: Bureau) -> None:
    no = hearing(bureau, "30wd")

    bureau.at("2026-10-13 09:00")
    assert bureau.open(no) == ["examine", "hold"], "the reminder of Sep 15 did not come"
    bureau.do("shipin", no, "hold")
    assert bureau.open(no) == ["conclude", "examine"]

    bureau.at("2026-10-16 09:00")
    assert bureau.open(no) == ["conclude", "examine", "reminded"]


def test_a_boundary_event_that_leaves_it_resumes_too(bureau: Bureau) -> None:
    from engine.commands.running.messages import CorrelateMessage

    no = hearing(bureau)
    bureau.at("2026-09-14 09:00")
    bureau.execute(CorrelateMessage(name="停止听证", correlation={"correlationKey": no}, variables={}), "admin")

    assert bureau.state(no) == "under_review" and bureau.open(no) == ["conclude", "examine"]
    assert bureau.clock(no, "promised") == ("running", date(2026, 9, 24))


def test_withdrawal_ends_it_with_the_case(bureau: Bureau) -> None:
    from engine.commands.running.instances import TerminateInstance

    no = hearing(bureau)
    bureau.execute(TerminateInstance(instance_id=bureau.case(no)["instance_id"], reason="误办"), "admin")

    assert bureau.state(no) == "under_review" and bureau.clock(no, "promised")[0] == "running"


def test_when_the_planned_time_is_over_the_clocks_run_again_by_themselves(bureau: Bureau) -> None:
    no = hearing(bureau, "2wd")

    bureau.at("2026-09-16 09:00")

    assert bureau.state(no) == "under_review" and bureau.open(no) == ["examine", "hold"]
    assert bureau.clock(no, "promised") == ("running", date(2026, 9, 28))  # capped at two working days
    assert bureau.clock(no, "special")[0] == "running", "the hearing itself is late, and that is counted on"
    assert timers(bureau, no)["remind"] == date(2026, 9, 17)
    bureau.do("shipin", no, "hold")
    assert bureau.clock(no, "promised") == ("running", date(2026, 9, 28))
    assert ledger(bureau, no) == ["suspended", "resumed"]


def test_more_time_is_given_in_writing_before_the_planned_time_is_over(bureau: Bureau) -> None:
    no = hearing(bureau, "2wd")
    suspension = bureau.case(no)["facts"]["suspensions"]["open"][0]["id"]

    answer = bureau.execute(ExtendSuspension(no=no, suspension_id=suspension, more="3wd", reason="证人未到"), "shipin")
    assert answer["planned"] == "5wd" and bureau.documents(no).count("special_procedure") == 2
    assert due(bureau, no, "examine") == date(2026, 9, 23)

    bureau.at("2026-09-17 09:00")
    assert bureau.clock(no, "promised")[0] == "paused"
    bureau.at("2026-09-21 09:00")
    assert bureau.clock(no, "promised") == ("running", date(2026, 10, 8))
    with pytest.raises(NotFound):
        bureau.execute(ExtendSuspension(no=no, suspension_id=suspension, more="3wd", reason="再延"), "shipin")


def test_suspensions_that_overlap_are_counted_once(bureau: Bureau) -> None:
    no = hearing(bureau, "6wd")
    bureau.at("2026-09-14 09:00")
    begun = bureau.execute(SuspendCase(no=no, kind="testing", reason="抽样检测", planned="5wd"), "shipin")
    bureau.at("2026-09-15 16:00")
    bureau.do("shipin", no, "hold")
    assert bureau.state(no) == "special" and bureau.clock(no, "promised")[0] == "paused"

    bureau.at("2026-09-17 16:00")
    bureau.execute(ResumeCase(no=no, suspension_id=begun["suspension_id"]), "shipin")

    # from the 11th to the 17th, whatever stood for what: 14, 15, 16, 17
    assert bureau.clock(no, "promised") == ("running", date(2026, 9, 30))
    assert ledger(bureau, no) == ["suspended", "suspended", "resumed", "resumed"]


def test_a_procedure_that_outlasts_its_planned_time_is_late_until_somebody_says_that_it_is_over(bureau: Bureau) -> None:
    no = accepted(bureau)
    begun = bureau.execute(SuspendCase(no=no, kind="testing", reason="抽样检测", planned="2wd"), "shipin")
    bureau.at("2026-09-17 10:00")
    assert bureau.clock(no, "promised")[0] == "running" and bureau.clock(no, "special")[0] == "running"
    (sum_,) = [each for each in sums(bureau, no) if each.clock.kind is ClockKind.SPECIAL]
    assert sum_.procedure is SuspensionKind.TESTING

    bureau.execute(ResumeCase(no=no, suspension_id=begun["suspension_id"]), "shipin")

    assert bureau.clock(no, "special")[0] == "stopped"
    with pytest.raises(NotFound):
        bureau.execute(ResumeCase(no=no, suspension_id=begun["suspension_id"]), "shipin")
    rows = bureau.queries.clocks.ledger(bureau.case(no)["id"])
    assert {row["cause"] for row in rows} == {"testing"}, "what resumed is told with what it had stood for"


def sums(bureau: Bureau, no: str) -> list[ClockSum]:
    return bureau.queries.clocks.of_case(bureau.case(no)["id"], bureau.queries.admin.calendar())


def test_a_local_ground_beside_a_hearing_keeps_only_the_promised_clock_standing(bureau: Bureau) -> None:
    no = hearing(bureau)
    begun = bureau.execute(SuspendCase(no=no, kind="site_survey", reason="现场踏勘", planned="5wd"), "shipin")
    bureau.at("2026-09-14 16:00")
    bureau.do("shipin", no, "hold")

    assert bureau.state(no) == "suspended"
    assert (bureau.clock(no, "promised")[0], bureau.clock(no, "statutory")[0]) == ("paused", "running")
    bureau.execute(ResumeCase(no=no, suspension_id=begun["suspension_id"]), "shipin")
    assert bureau.state(no) == "under_review"


def test_what_the_law_does_not_allow_is_refused_in_words(bureau: Bureau) -> None:
    no = accepted(bureau)

    with pytest.raises(InvalidInput, match=r"art\. 45"):
        bureau.execute(SuspendCase(no=no, kind="hearing", reason="听证"), "shipin")
    bureau.do("shipin", no, "open")
    drawn = bureau.case(no)["facts"]["suspensions"]["open"][0]["id"]
    with pytest.raises(Conflict, match="complete its tasks"):
        bureau.execute(ResumeCase(no=no, suspension_id=drawn), "shipin")


def test_a_planned_time_that_is_none_stops_the_step_and_not_the_case(bureau: Bureau) -> None:
    no = accepted(bureau, "=planned_days")

    with pytest.raises(StepFailed):
        bureau.do("shipin", no, "open")
    assert bureau.state(no) == "accepted" and bureau.clock(no, "promised")[0] == "running"


def test_what_is_extended_while_it_stands_is_extended_when_it_goes_on(bureau: Bureau) -> None:
    no = hearing(bureau)
    bureau.execute(RequestExtension(no=no, reason="案情复杂"), "shipin")
    bureau.do("dengjizhang", no, "approve", "approve", "同意")
    assert bureau.state(no) == "special" and bureau.clock(no, "promised")[0] == "paused"

    bureau.at("2026-09-15 16:00")
    bureau.do("shipin", no, "hold")

    assert bureau.state(no) == "extended"
    # 10 and 10 more working days, and the two that the hearing took
    assert bureau.clock(no, "promised") == ("running", date(2026, 10, 16))
    with pytest.raises(Conflict, match="one extension"):
        bureau.execute(RequestExtension(no=no, reason="还是复杂"), "shipin")


def test_the_record_of_clocks_and_ledgers_is_rebuilt_from_the_history(bureau: Bureau) -> None:
    from engine.store.projections.projector import replay

    no = hearing(bureau, "2wd")
    bureau.at("2026-09-16 09:00")
    stream = bureau.case(no)["instance_id"]

    with bureau.database.read() as connection:
        rebuilt = replay(connection, stream).tables
        for table in (tables.clock, tables.clock_ledger):
            stored: dict[Any, Any] = {row.id: dict(row._mapping) for row in connection.execute(select(table)).all()}
            assert {key[0]: row for key, row in rebuilt[table].items()} == stored
