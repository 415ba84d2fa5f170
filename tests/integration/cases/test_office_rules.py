"""What the office does when a period of law is over, for every item, whatever its model draws; and one merged notice."""

from datetime import date
from typing import Any

import pytest

from engine.cli.composition import OPERATOR
from engine.commands.administration.deployments import DeployResources
from engine.commands.cases.corrections import DemandCorrection
from engine.commands.procedures.second_notices import ApproveSecondNotice, RefuseSecondNotice, RequestSecondNotice
from engine.errors import Conflict, Forbidden, RuleForbids
from tests.integration.cases.filing import SHOP
from tests.integration.cases.test_clocks import ITEM
from tests.processes.bureau import Bureau

# A model without a single timer: the law holds all the same.
PLAIN = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:banjie="urn:banjie:bpmn:1.0" id="d" targetNamespace="t">
  <process id="special" name="不画定时的许可" isExecutable="true"><startEvent id="start"/>
    <serviceTask id="receive" banjie:verb="case.receive"/>
    <userTask id="intake" name="审核材料" banjie:candidateGroups="window,food_reviewers" banjie:outcomes="accept:受理,correct:补正"/>
    <exclusiveGateway id="choice" default="f_accept"/>
    <serviceTask id="notify" banjie:verb="case.notify_correction"/>
    <userTask id="supplement" name="补正" banjie:candidateGroups="window"/>
    <serviceTask id="corrected" banjie:verb="case.corrected"/>
    <serviceTask id="accept" banjie:verb="case.accept"/>
    <userTask id="examine" name="审查" banjie:candidateGroups="food_reviewers"/><endEvent id="end"/>
    <sequenceFlow id="f1" sourceRef="start" targetRef="receive"/><sequenceFlow id="f2" sourceRef="receive" targetRef="intake"/>
    <sequenceFlow id="f3" sourceRef="intake" targetRef="choice"/>
    <sequenceFlow id="f_notify" sourceRef="choice" targetRef="notify"><conditionExpression>=intake_outcome = "correct"</conditionExpression></sequenceFlow>
    <sequenceFlow id="f_accept" sourceRef="choice" targetRef="accept"/>
    <sequenceFlow id="f4" sourceRef="notify" targetRef="supplement"/><sequenceFlow id="f5" sourceRef="supplement" targetRef="corrected"/>
    <sequenceFlow id="f6" sourceRef="corrected" targetRef="intake"/><sequenceFlow id="f7" sourceRef="accept" targetRef="examine"/>
    <sequenceFlow id="f8" sourceRef="examine" targetRef="end"/></process>
</definitions>
"""


def received(bureau: Bureau, *, more: str = "") -> str:
    """Received on Monday 2026-09-21 at 10:00: the notice is due on 09-29."""
    files = {"item.toml": (ITEM + more).encode(), "special.bpmn": PLAIN.encode()}
    bureau.engine.execute(DeployResources(name="plain", files=files), actor=OPERATOR)
    bureau.at("2026-09-21 10:00")
    return bureau.file("000131990000", applicant=SHOP, offered={"M01": {}})


def test_five_silent_days_are_acceptance_from_the_day_of_receipt(bureau: Bureau) -> None:
    no = received(bureau)
    bureau.claim("shipin", no, "intake")
    bureau.at("2026-09-29 17:29")
    assert bureau.state(no) == "received"

    bureau.at("2026-09-29 17:31")

    assert bureau.state(no) == "accepted" and bureau.case(no)["facts"]["acceptance"] == "deemed"
    assert bureau.local_day(bureau.case(no)["accepted_at"]) == date(2026, 9, 21)
    assert bureau.clock(no, "promised") == ("running", date(2026, 10, 12)), "the clocks are dated back"
    told = bureau.history(no, "AcceptanceDeemed")
    assert len(told) == 1 and told[0]["data"]["people"] == ["shipin"] and told[0]["data"]["department"] == "scjg"
    assert bureau.variables(no)["accepted"] is True
    assert "acceptance" in bureau.documents(no)


def test_who_accepts_after_that_finds_it_accepted_and_the_clocks_where_they_are(bureau: Bureau) -> None:
    no = received(bureau)
    bureau.at("2026-10-09 09:00")

    bureau.do("chuangkou", no, "intake", "accept")

    assert bureau.open(no) == ["examine"] and bureau.documents(no).count("acceptance") == 1
    assert bureau.clock(no, "promised") == ("running", date(2026, 10, 12))


def test_a_notice_in_time_stops_the_five_days(bureau: Bureau) -> None:
    no = received(bureau)
    bureau.do("chuangkou", no, "intake", "correct", "缺盖章")

    bureau.at("2026-10-10 09:00")

    assert bureau.state(no) == "correction" and bureau.alerts(no) == []


def test_who_does_not_correct_in_time_is_closed_as_the_item_says(bureau: Bureau) -> None:
    no = received(bureau, more='[correction]\noutcome = "deemed_withdrawn"\n')
    bureau.do("chuangkou", no, "intake", "correct", "缺盖章")
    assert bureau.clock(no, "correction") == ("running", date(2026, 10, 19))

    bureau.at("2026-10-19 17:31")

    assert bureau.state(no) == "deemed_withdrawn" and bureau.open(no) == []
    assert bureau.instance(no)["state"] == "terminated"


def test_what_departments_ask_in_the_window_is_one_notice(bureau: Bureau) -> None:
    no = received(bureau)

    first = bureau.execute(DemandCorrection(no=no, items="申请表：缺法定代表人签字"), "shipin")
    bureau.at("2026-09-24 10:00")
    late = bureau.execute(DemandCorrection(no=no, items="申请表：缺盖章"), "chuangkou")
    assert (first["late"], late["late"], late["demands"]) == (False, True, 2)
    bureau.do("chuangkou", no, "intake", "correct", "一并补正")

    notice = bureau.document(no, "correction")
    assert "缺法定代表人签字" in notice and "缺盖章" in notice and bureau.documents(no).count("correction") == 1
    assert not bureau.case(no)["facts"].get("demands")
    with pytest.raises(Conflict, match="between receipt and notice"):
        bureau.execute(DemandCorrection(no=no, items="还缺一份"), "chuangkou")


def corrected_once(bureau: Bureau) -> str:
    """The applicant was asked for corrections and brought them; the window looks again."""
    no = received(bureau)
    bureau.do("chuangkou", no, "intake", "correct", "缺盖章")
    bureau.do("chuangkou", no, "supplement")
    return no


def incidents(bureau: Bureau) -> list[dict[str, Any]]:
    return bureau.queries.instances.incidents().rows


def test_a_second_notice_without_a_leader_is_a_plain_refusal_that_says_whom_to_ask(bureau: Bureau) -> None:
    no = corrected_once(bureau)
    before = bureau.history(no)

    with pytest.raises(RuleForbids) as refused:
        bureau.do("chuangkou", no, "intake", "correct", "还缺签字")

    assert refused.value.status == 409 and "时限”页向" in refused.value.zh and "ask" in refused.value.en
    assert bureau.state(no) == "received" and bureau.open(no) == ["intake"]
    assert bureau.history(no) == before and incidents(bureau) == [], "nothing has happened, and nothing is broken"


def test_who_needs_a_second_notice_asks_a_leader_whose_answer_comes_back(bureau: Bureau) -> None:
    no = corrected_once(bureau)

    asked = bureau.execute(RequestSecondNotice(no=no, reason="补来的表格缺签字"), "chuangkou")
    with pytest.raises(Conflict, match="asked for already"):
        bureau.execute(RequestSecondNotice(no=no, reason="再问"), "chuangkou")
    assert asked["told"] >= 1 and notices(bureau, "dengjizhang") == ["asked"]
    with pytest.raises(Forbidden):
        bureau.execute(RefuseSecondNotice(no=no, reason="x"), "chuangkou")
    bureau.execute(RefuseSecondNotice(no=no, reason="一次性告知后不得再问"), "dengjizhang")
    assert notices(bureau, "chuangkou") == ["asked"] and request(bureau, no)["state"] == "refused"

    bureau.execute(RequestSecondNotice(no=no, reason="签字为法定要件"), "chuangkou")
    bureau.execute(ApproveSecondNotice(no=no, reason="同意"), "dengjizhang")
    with pytest.raises(Conflict, match="approved already"):
        bureau.execute(ApproveSecondNotice(no=no, reason="同意"), "dengjizhang")
    assert request(bureau, no)["state"] == "granted" and notices(bureau, "chuangkou") == ["asked", "asked"]
    bureau.do("chuangkou", no, "intake", "correct", "还缺签字")
    assert bureau.documents(no).count("correction") == 2 and bureau.case(no)["facts"]["corrections"] == 2


def test_nobody_asks_for_a_second_notice_before_the_first(bureau: Bureau) -> None:
    no = received(bureau)
    with pytest.raises(Conflict, match="first notice needs no approval"):
        bureau.execute(RequestSecondNotice(no=no, reason="x"), "chuangkou")


def request(bureau: Bureau, no: str) -> dict[str, Any]:
    return dict(bureau.case(no)["facts"]["second_notice_request"])


def notices(bureau: Bureau, login: str) -> list[str]:
    rows = bureau.queries.inbox.notices(bureau.person(login), unread=False, after=None, limit=50).rows
    return [row["kind"] for row in rows if row["kind"] == "asked"]


def test_the_promised_clock_stands_for_a_correction_in_the_middle_of_the_review_and_goes_on_when_nothing_comes(
    bureau: Bureau,
) -> None:
    no = received(bureau)
    bureau.at("2026-09-30 09:00")  # deemed accepted
    bureau.do("chuangkou", no, "intake", "correct", "缺盖章")
    assert (bureau.state(no), bureau.clock(no, "promised")[0]) == ("suspended", "paused")
    assert bureau.clock(no, "statutory")[0] == "running"

    bureau.at("2026-11-02 09:00")

    assert (bureau.state(no), bureau.clock(no, "promised")[0]) == ("under_review", "running")
