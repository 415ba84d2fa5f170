"""A change of the calendar reaches every open limit: of cases, of steps, of timers; with a log; one broken row stops none."""

import json
from datetime import date

from sqlalchemy import select

from engine.calendar import SHANGHAI, DayKind, DayRow
from engine.commands.administration.calendar import ChangeCalendarDay, LoadCalendarYear
from engine.commands.administration.deployments import DeployResources
from engine.commands.limits.reprojection import BATCH
from engine.commands.running.instances import StartInstance
from engine.store import tables
from tests.integration.cases.filing import filed
from tests.integration.cases.test_special_procedures import accepted, due, ledger, timers
from tests.processes.bureau import ADMIN, Bureau


def closed(bureau: Bureau, day: str, kind: str = "rest") -> None:
    bureau.execute(ChangeCalendarDay(day=day, kind=kind, name="防汛停工"), "admin")
    bureau.at(bureau.now.strftime("%Y-%m-%d %H:%M"))


def test_steps_and_timers_move_with_their_limits(bureau: Bureau) -> None:
    no = accepted(bureau)
    assert due(bureau, no, "examine") == date(2026, 9, 17) and timers(bureau, no) == {"remind": date(2026, 9, 15)}

    closed(bureau, "2026-09-14")

    assert due(bureau, no, "examine") == date(2026, 9, 18) and timers(bureau, no) == {"remind": date(2026, 9, 16)}
    assert bureau.clock(no, "promised")[1] == date(2026, 9, 24) and ledger(bureau, no) == ["reprojected"]
    bureau.at("2026-09-15 18:00")
    assert "reminded" not in bureau.open(no)
    bureau.at("2026-09-16 18:00")
    assert "reminded" in bureau.open(no)


EVERYWHERE = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:banjie="urn:banjie:bpmn:1.0" id="d" targetNamespace="t">
  <message id="m" name="答复"/>
  <process id="everywhere" name="各处的定时" isExecutable="true">
    <startEvent id="start"/><parallelGateway id="fork"/>
    <intermediateCatchEvent id="caught"><timerEventDefinition><timeDate>wd(3)</timeDate></timerEventDefinition>
    </intermediateCatchEvent>
    <eventBasedGateway id="either"/>
    <intermediateCatchEvent id="answered"><messageEventDefinition messageRef="m"/></intermediateCatchEvent>
    <intermediateCatchEvent id="silent"><timerEventDefinition><timeDate>wd(4)</timeDate></timerEventDefinition>
    </intermediateCatchEvent>
    <callActivity id="called" calledElement="inner"/>
    <subProcess id="around">
      <startEvent id="a1"/><userTask id="a2" banjie:assignee="shipin"/><endEvent id="a3"/>
      <subProcess id="over" triggeredByEvent="true">
        <startEvent id="o1" isInterrupting="false">
          <timerEventDefinition><timeDate>wd(5) - duration("PT8H30M")</timeDate></timerEventDefinition></startEvent>
        <endEvent id="o2"/><sequenceFlow id="of" sourceRef="o1" targetRef="o2"/>
      </subProcess>
      <sequenceFlow id="af1" sourceRef="a1" targetRef="a2"/><sequenceFlow id="af2" sourceRef="a2" targetRef="a3"/>
    </subProcess>
    <endEvent id="end"/>
    <sequenceFlow id="f1" sourceRef="start" targetRef="fork"/><sequenceFlow id="f2" sourceRef="fork" targetRef="caught"/>
    <sequenceFlow id="f3" sourceRef="fork" targetRef="either"/><sequenceFlow id="f4" sourceRef="either" targetRef="answered"/>
    <sequenceFlow id="f5" sourceRef="either" targetRef="silent"/><sequenceFlow id="f6" sourceRef="fork" targetRef="called"/>
    <sequenceFlow id="f7" sourceRef="fork" targetRef="around"/><sequenceFlow id="f8" sourceRef="caught" targetRef="end"/>
    <sequenceFlow id="f9" sourceRef="answered" targetRef="end"/><sequenceFlow id="f10" sourceRef="silent" targetRef="end"/>
    <sequenceFlow id="f11" sourceRef="called" targetRef="end"/><sequenceFlow id="f12" sourceRef="around" targetRef="end"/>
  </process>
  <process id="inner" name="被调用的" isExecutable="true">
    <startEvent id="i1"/><userTask id="i2" banjie:assignee="shipin"/><endEvent id="i3"/>
    <boundaryEvent id="i4" attachedToRef="i2"><timerEventDefinition><timeDate>nd(10)</timeDate></timerEventDefinition>
    </boundaryEvent>
    <sequenceFlow id="if1" sourceRef="i1" targetRef="i2"/><sequenceFlow id="if2" sourceRef="i2" targetRef="i3"/>
    <sequenceFlow id="if3" sourceRef="i4" targetRef="i3"/>
  </process>
</definitions>
"""


def test_timers_move_wherever_a_model_draws_them(bureau: Bureau) -> None:
    bureau.at("2026-09-10 10:00")
    files = {"everywhere.bpmn": EVERYWHERE.encode()}
    bureau.engine.execute(DeployResources(name="everywhere", files=files), actor=ADMIN)
    started = bureau.execute(StartInstance(key="everywhere", variables={}), "shipin")

    def waiting() -> dict[str, str]:
        rows = bureau.queries.admin.jobs(state="waiting", limit=200).rows
        mine = [row for row in rows if row["instance_id"] == started["id"] and row["kind"] == "timer"]
        return {row["element_id"]: f"{row['due_at'].astimezone(SHANGHAI):%m-%d %H:%M}" for row in mine}

    # from Thursday: the 15th, 16th and 17th are working days 3, 4 and 5; the 20th, a Sunday, is worked
    before = {"caught": "09-15 17:30", "silent": "09-16 17:30", "o1": "09-17 09:00", "i4": "09-20 17:30"}
    assert waiting() == before

    closed(bureau, "2026-09-14")
    closed(bureau, "2026-09-20")

    after = {"caught": "09-16 17:30", "silent": "09-17 17:30", "o1": "09-18 09:00", "i4": "09-21 17:30"}
    assert waiting() == after


def test_half_days_count_half(bureau: Bureau) -> None:
    no = accepted(bureau)
    closed(bureau, "2026-09-14", "half_am")
    assert bureau.clock(no, "promised")[1] == date(2026, 9, 24)
    closed(bureau, "2026-09-15", "half_pm")

    assert bureau.clock(no, "promised")[1] == date(2026, 9, 24), "two halves are one day"


def test_a_step_that_waits_for_a_plain_process_moves_too(bureau: Bureau) -> None:
    leave = (
        b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:banjie="urn:banjie:bpmn:1.0" '
        b'targetNamespace="t"><process id="leave" isExecutable="true"><startEvent id="s"/>'
        b'<userTask id="a" banjie:assignee="shipin" banjie:limit="3wd"/><endEvent id="e"/>'
        b'<sequenceFlow id="f" sourceRef="s" targetRef="a"/><sequenceFlow id="g" sourceRef="a" targetRef="e"/></process>'
        b"</definitions>"
    )
    bureau.at("2026-09-10 10:00")
    bureau.engine.execute(DeployResources(name="leave", files={"leave.bpmn": leave}), actor=ADMIN)
    started = bureau.execute(StartInstance(key="leave", variables={}), "shipin")

    closed(bureau, "2026-09-14")

    task = bureau.queries.tasks.open(instance_id=started["id"]).rows[0]
    assert bureau.local_day(task["due_at"]) == date(2026, 9, 16)


def test_one_broken_limit_gets_an_incident_and_the_others_their_dates(bureau: Bureau) -> None:
    bureau.at("2026-09-21 10:00")
    broken, sound = filed(bureau), filed(bureau)
    stream = bureau.case(broken)["instance_id"]
    with bureau.database.write() as connection:
        row = connection.execute(select(tables.clock).where(tables.clock.c.instance_id == stream)).first()
        assert row is not None
        facts = json.loads(json.dumps(row.facts)) | {"budget": "soon"}
        connection.execute(tables.clock.update().where(tables.clock.c.id == row.id).values(facts=facts))

    closed(bureau, "2026-09-23")

    assert bureau.clock(sound, "notice")[1] == date(2026, 9, 30)
    assert (bureau.instance(sound)["state"], bureau.instance(broken)["state"]) == ("running", "incident")
    revision = bureau.queries.clocks.revisions().rows[0]
    assert revision["failed"] == 1 and revision["finished_at"] is not None


def test_every_version_is_kept_with_what_it_moved(bureau: Bureau) -> None:
    no = accepted(bureau)
    closed(bureau, "2026-09-14")

    newest, before = bureau.queries.clocks.revisions().rows[:2]

    assert (newest["what"], newest["moved"]) == ("CalendarDayChanged", newest["seen"]) and newest["seen"] >= 4
    old = bureau.queries.clocks.calendar_of(before["version"])
    assert old is not None and old.is_working(date(2026, 9, 14)), bureau.state(no)


def test_a_limit_that_has_stopped_is_explained_by_the_calendar_of_its_time(bureau: Bureau) -> None:
    no = accepted(bureau)
    bureau.do("shipin", no, "examine")
    closed(bureau, "2026-09-14")

    sums = bureau.queries.clocks.of_case(bureau.case(no)["id"], bureau.queries.admin.calendar())
    stopped = next(each for each in sums if each.clock.source == "审查")

    assert stopped.agrees and stopped.clock.due.date == date(2026, 9, 17)
    assert "防汛停工" not in stopped.text("zh")


def test_what_a_change_would_move_is_known_before_it_is_made(bureau: Bureau) -> None:
    no = accepted(bureau)
    calendar = bureau.queries.admin.calendar()
    proposed = calendar.with_days([DayRow(date=date(2026, 9, 14), kind=DayKind.REST, name="防汛停工")])
    changed = calendar.differs_from(proposed)
    assert changed == (date(2026, 9, 14), date(2026, 9, 14))

    found = bureau.queries.clocks.preview(proposed, changed)

    assert {(move.kind, move.before.date(), move.after.date()) for move in found.moves if move.case_no == no} >= {
        ("promised", date(2026, 9, 23), date(2026, 9, 24)),
        ("timer", date(2026, 9, 15), date(2026, 9, 16)),
    }
    assert found.moved == found.seen and bureau.clock(no, "promised")[1] == date(2026, 9, 23), "nothing was changed"
    later = calendar.with_days([DayRow(date=date(2026, 12, 14), kind=DayKind.REST)])
    assert bureau.queries.clocks.preview(later, calendar.differs_from(later)).moved == 0


def test_provisional_dates_become_firm_when_the_year_is_loaded(bureau: Bureau) -> None:
    bureau.at("2026-12-25 10:00")
    no = filed(bureau)
    assert bureau.case(no)["due_provisional"] is False
    bureau.do("chuangkou", no, "examine_materials")
    assert bureau.case(no)["due_provisional"] is True

    bureau.execute(LoadCalendarYear(text="2027-01-01..2027-01-03,rest,元旦\n", source="通知"), "admin")
    bureau.at("2026-12-25 10:01")

    assert bureau.case(no)["due_provisional"] is False
    assert "reprojected" in ledger(bureau, no)


def test_many_cases_are_worked_off_in_batches(bureau: Bureau) -> None:
    bureau.at("2026-09-21 10:00")
    numbers = [filed(bureau) for _ in range(4)]
    assert BATCH > 4  # one batch holds them; the next finds none and ends the run
    closed(bureau, "2026-09-23")

    assert {bureau.clock(no, "notice")[1] for no in numbers} == {date(2026, 9, 30)}
    assert bureau.queries.admin.job_counts(bureau.engine.now())["due"] == 0
