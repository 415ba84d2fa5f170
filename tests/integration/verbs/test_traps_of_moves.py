"""Traps around returns, withdrawals and timers that no test elsewhere has: what is kept, what is not approved by itself, whose time it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine.access import Role
from engine.commands.delegating.signers import AddSigners
from engine.commands.returning.cancelling import CancelInstance
from engine.commands.returning.returns import ReturnTask
from engine.commands.returning.withdrawals import WithdrawTask
from engine.commands.tasks.handling import AssignTask
from engine.store import tables
from engine.store.base.database import Database
from tests.integration.ballots.committee import Committee
from tests.integration.ballots.test_record import rebuilt_equal
from tests.integration.engine.house import bpmn, flows

YES_NO = 'banjie:outcomes="approve:同意,reject:不同意"'


@pytest.fixture
def committee(database: Database) -> Committee:
    found = Committee(database)
    found.person("boss", roles=(Role.ADMIN, Role.STAFF, Role.DESIGNER))
    return found


def person(element_id: str, login: str, more: str = "") -> str:
    return f'<userTask id="{element_id}" name="{element_id}" banjie:assignee="{login}" {more}/>'


def gateways(*ids: str) -> str:
    return "".join(f'<parallelGateway id="{each}"/>' for each in ids)


def start(committee: Committee, body: str, *ways: str, more: str = "") -> str:
    text = f'<startEvent id="s"/>{body}<endEvent id="e"/>' + flows(*ways)
    committee.deploy(bpmn(text, key="council", more=more))
    return committee.start("council", by=committee.actors["a"])


def go_on(committee: Committee, instance_id: str, element_id: str, login: str, outcome: str | None = None) -> None:
    committee.now += timedelta(minutes=1)
    committee.complete(committee.task(instance_id, element_id), committee.actors[login], outcome)


def send_back(committee: Committee, instance_id: str, source: str, login: str, target: str) -> None:
    committee.now += timedelta(minutes=1)
    command = ReturnTask(task_id=committee.task(instance_id, source)["id"], target=target, reason="再核")
    committee.engine.execute(command, actor=committee.actors[login])


# ---------------------------------------------------------------- 2.3


def test_trap_2_3_what_a_return_takes_away_stays_in_the_history_with_who_caused_it(committee: Committee) -> None:
    """warm-flow removes the open tasks behind the target, and nothing tells of them."""
    body = gateways("f", "j") + person("first", "a") + person("x", "b") + person("y", "c")
    instance_id = start(committee, body, "s-first", "first-f", "f-x", "f-y", "x-j", "y-j", "j-e")
    go_on(committee, instance_id, "first", "a")
    gone = committee.task(instance_id, "y")["id"]
    send_back(committee, instance_id, "x", "b", "first")

    row = committee.queries.tasks.get(gone)
    assert row is not None and (row["state"], row["closed_by"]) == ("cancelled", "b")
    told = [each for each in committee.queries.instances.history(instance_id) if each["kind"] == "TaskCancelled"]
    assert [(each["data"]["task_id"], each["data"]["reason"]) for each in told] == [(gone, "returned")]


def test_trap_2_3_in_forks_within_forks_everything_goes_that_descends_and_nothing_else(committee: Committee) -> None:
    """flowlong looks at the gateway directly above only."""
    body = gateways("f", "g", "h", "j") + "".join(
        person(name, login) for name, login in (("first", "a"), ("in1", "b"), ("in2", "c"), ("x", "d"), ("y", "e"))
    )
    ways = ("s-f", "f-first", "f-y", "first-g", "g-in1", "g-in2", "in1-h", "in2-h", "h-x", "x-j", "y-j", "j-e")
    instance_id = start(committee, body, *ways)
    go_on(committee, instance_id, "first", "a")
    go_on(committee, instance_id, "in1", "b")
    send_back(committee, instance_id, "in2", "c", "first")
    assert committee.result(instance_id) == "first,y"  # the arrival of in1 at the inner join is gone too

    for name, login in (("first", "a"), ("in2", "c")):
        go_on(committee, instance_id, name, login)
    assert committee.result(instance_id) == "in1,y"
    for name, login in (("in1", "b"), ("x", "d"), ("y", "e")):
        go_on(committee, instance_id, name, login)
    assert committee.state(instance_id) == "completed"
    rebuilt_equal(committee, instance_id)


def test_trap_2_3_what_was_written_in_a_subprocess_that_a_return_leaves_is_kept(committee: Committee) -> None:
    """Flowable loses the variables of a scope that a move leaves."""
    inside = '<startEvent id="ss"/>' + person("measure", "b") + person("judge", "c") + '<endEvent id="se"/>'
    inside += flows("ss-measure", "measure-judge", "judge-se")
    body = person("first", "a") + f'<subProcess id="part">{inside}</subProcess>'
    instance_id = start(committee, body, "s-first", "first-part", "part-e")
    go_on(committee, instance_id, "first", "a")
    committee.complete(committee.task(instance_id, "measure"), committee.actors["b"], area=120)
    send_back(committee, instance_id, "judge", "c", "first")

    assert committee.result(instance_id) == "first"
    assert committee.variables(instance_id)["area"] == 120


# ---------------------------------------------------------------- 2.6


def test_trap_2_6_what_was_taken_back_does_not_approve_itself_because_i_had_approved_it(committee: Committee) -> None:
    """ruoyi sets no mark on a withdrawal, so that its rule for repeated approvers passes the node at once."""
    body = person("sign", "a", f'banjie:onRepeat="anywhere" {YES_NO}') + person("file", "b")
    instance_id = start(committee, body, "s-sign", "sign-file", "file-e")
    task = committee.task(instance_id, "sign")["id"]
    go_on(committee, instance_id, "sign", "a", "approve")
    committee.engine.execute(WithdrawTask(task_id=task, reason="漏看一页"), actor=committee.actors["a"])

    assert committee.result(instance_id) == "sign"
    assert committee.task(instance_id, "sign")["assignee"] == "a"


def test_p_6_1_p_3_7_what_passed_by_itself_after_a_withdrawn_decision_passes_by_itself_after_the_next(
    committee: Committee,
) -> None:
    """A withdrawal is no return: nobody has sent anything back that had to be looked at."""
    rule = f'banjie:auto="pass" banjie:autoBasis="小额" {YES_NO}'
    body = person("sign", "a", YES_NO) + f'<userTask id="check" {rule}/>'
    body += person("again", "a", f'banjie:onRepeat="anywhere" {YES_NO}') + person("file", "b")
    instance_id = start(committee, body, "s-sign", "sign-check", "check-again", "again-file", "file-e")
    task = committee.task(instance_id, "sign")["id"]
    for _ in range(2):
        go_on(committee, instance_id, "sign", "a", "approve")
        assert committee.result(instance_id) == "file"
        committee.engine.execute(WithdrawTask(task_id=task, reason="漏看"), actor=committee.actors["a"])
    go_on(committee, instance_id, "sign", "a", "approve")
    assert committee.result(instance_id) == "file"
    rebuilt_equal(committee, instance_id)

    send_back(committee, instance_id, "file", "b", "sign")  # this one is a return
    go_on(committee, instance_id, "sign", "a", "approve")
    assert committee.result(instance_id) == "check"


def test_trap_2_6_cancelling_ends_called_processes_with_their_caller(committee: Committee) -> None:
    child = (
        '<process id="child" isExecutable="true"><startEvent id="cs"/>' + person("inner", "b") + '<endEvent id="ce"/>'
    )
    child += flows("cs-inner", "inner-ce") + "</process>"
    call = '<callActivity id="call" calledElement="child"/>'
    instance_id = start(committee, call, "s-call", "call-e", more=child)
    committee.engine.execute(CancelInstance(instance_id=instance_id, reason="不办了"), actor=committee.actors["a"])
    assert committee.state(instance_id) == "terminated" and committee.open_tasks(instance_id) == []


# ---------------------------------------------------------------- 2.9


def test_trap_2_9_a_member_who_is_added_or_whose_turn_comes_has_his_own_time(committee: Committee) -> None:
    """ruoyi has one clock for all, from when the node was entered."""
    instance_id = committee.open("sequential", people="a,b", more='banjie:memberLimit="2nd"')
    first = committee.seat(instance_id, "a")["due_at"]
    committee.now += timedelta(days=1)
    committee.cast(instance_id, "a", "approve")
    assert committee.seat(instance_id, "b")["due_at"] == first + timedelta(days=1)

    added = AddSigners(task_id=committee.seat(instance_id, "b")["id"], people=("c",), position="beside", power="decide")
    committee.engine.execute(added, actor=committee.actors["b"])
    committee.now += timedelta(days=1)
    committee.cast(instance_id, "b", "approve")
    assert committee.seat(instance_id, "c")["due_at"] == first + timedelta(days=2)


def test_trap_2_9_an_automatic_refusal_is_that_of_its_node_and_not_the_end_of_the_case(committee: Committee) -> None:
    """ruoyi's automatic rejection ends the process."""
    late = f'banjie:limit="1nd" banjie:onTimeout="fail" banjie:timeoutBasis="内部规定第 3 条" {YES_NO}'
    body = gateways("f", "j") + person("x", "a", late) + person("y", "b")
    instance_id = start(committee, body, "s-f", "f-x", "f-y", "x-j", "y-j", "j-e")
    committee.run_jobs(timedelta(days=3))

    assert committee.state(instance_id) == "running" and committee.result(instance_id) == "y"
    assert committee.variables(instance_id)["x_outcome"] == "reject"


def test_trap_2_9_when_a_deadline_moves_what_is_done_about_it_moves_along(committee: Committee) -> None:
    """jBPM: a timer that was set anew left its deadline where it was."""
    late = (
        f'banjie:limit="2nd" banjie:transferClock="fresh" banjie:onTimeout="pass" banjie:timeoutBasis="规定" {YES_NO}'
    )
    instance_id = start(committee, person("x", "a", late), "s-x", "x-e")
    committee.now += timedelta(days=1)
    task = committee.task(instance_id)
    committee.engine.execute(AssignTask(task_id=task["id"], assignee="b"), actor=committee.actors["a"])
    moved = committee.task(instance_id)["due_at"]
    assert moved == task["due_at"] + timedelta(days=1)

    committee.now = task["due_at"] + timedelta(hours=1)
    committee.run_jobs()
    assert committee.state(instance_id) == "running"
    committee.now = moved + timedelta(seconds=1)
    committee.run_jobs()
    assert committee.state(instance_id) == "completed"


@pytest.mark.parametrize(
    "timer", ["<timeDuration>P3D</timeDuration>", "<timeDate>2026-11-26T09:00:00+08:00</timeDate>"]
)
def test_trap_2_9_a_called_process_is_timed_by_a_duration_and_by_a_date(committee: Committee, timer: str) -> None:
    """ruoyi mixes the two up and passes a date as a duration."""
    child = (
        '<process id="child" isExecutable="true"><startEvent id="cs"/>' + person("inner", "b") + '<endEvent id="ce"/>'
    )
    child += flows("cs-inner", "inner-ce") + "</process>"
    body = '<callActivity id="call" calledElement="child"/>' + person("late", "c")
    body += f'<boundaryEvent id="t" attachedToRef="call"><timerEventDefinition>{timer}</timerEventDefinition></boundaryEvent>'
    body += '<endEvent id="e2"/>'
    instance_id = start(committee, body, "s-call", "call-e", "t-late", "late-e2", more=child)
    with committee.database.read() as connection:
        due = connection.execute(tables.job.select().where(tables.job.c.instance_id == instance_id)).one().due_at
    assert due == datetime(2026, 11, 26, 1, 0, tzinfo=UTC)

    committee.run_jobs(timedelta(days=3, minutes=1))
    assert committee.result(instance_id) == "late"
