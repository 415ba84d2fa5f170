"""P-6.1: what is taken back gives nobody more time: timers and limits go on as if it had never been done."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from engine.commands.administration.calendar import ChangeCalendarDay
from engine.commands.returning.withdrawals import WithdrawTask
from engine.commands.running.messages import CorrelateMessage
from engine.errors import Conflict
from engine.store import tables
from tests.integration.engine.house import bpmn, flows
from tests.integration.returns.desk import Desk, user

HOUR = timedelta(hours=1)


def watched(event: str, *, stops: bool = False, many: str = "") -> bytes:
    """apply -> check -> sign, with a boundary event at check that leads to a task of its own."""
    check = user("check", **({"assignee": "= who"} if many else {}), limit="8h", outcomes="agree,refuse")
    check = check.replace("/>", f">{many}</userTask>") if many else check
    body = (
        f'<startEvent id="start"/><endEvent id="end"/>{user("apply")}{check}{user("sign")}{user("remind")}'
        f'<boundaryEvent id="late" attachedToRef="check" cancelActivity="{str(stops).lower()}">{event}</boundaryEvent>'
        + flows("start-apply", "apply-check", "check-sign", "sign-end", "late-remind", "remind-end")
    )
    return bpmn(body, more='<message id="m" name="stop it"/>')


def timer(text: str, kind: str = "timeDuration") -> str:
    return f"<timerEventDefinition><{kind}>{text}</{kind}></timerEventDefinition>"


MESSAGE = '<messageEventDefinition messageRef="m"/>'


def at_check(desk: Desk, model: bytes) -> tuple[str, dict[str, Any]]:
    instance_id = desk.start(model)
    desk.complete(instance_id, "apply")
    return instance_id, desk.house.task(instance_id, "check")


def later(desk: Desk, time: timedelta) -> None:
    desk.house.run_jobs(time)


def take_back(desk: Desk, task: dict[str, Any], step: str = "check") -> None:
    desk.house.engine.execute(WithdrawTask(task_id=task["id"], reason="看错了"), actor=desk.person(step))


def dues(desk: Desk, instance_id: str) -> list[datetime]:
    """When the waiting timers of the instance are due."""
    with desk.house.database.read() as connection:
        job = tables.job
        rows = connection.execute(job.select().where(job.c.instance_id == instance_id, job.c.kind == "timer")).all()
    return sorted(row.due_at for row in rows)


@pytest.mark.parametrize("stops", [False, True])
def test_p_6_1_a_timer_that_had_not_fired_goes_on_with_its_own_moment(desk: Desk, stops: bool) -> None:
    instance_id, check = at_check(desk, watched(timer("PT3H"), stops=stops))
    due = dues(desk, instance_id)
    later(desk, HOUR)
    desk.complete(instance_id, "check", outcome="agree")
    later(desk, HOUR)
    take_back(desk, check)
    assert dues(desk, instance_id) == due
    later(desk, HOUR)
    assert desk.open(instance_id) == (["remind"] if stops else ["check", "remind"])
    desk.check(instance_id)


def test_p_6_1_a_timer_whose_moment_passed_meanwhile_fires_once_and_at_once(desk: Desk) -> None:
    instance_id, check = at_check(desk, watched(timer("PT3H")))
    later(desk, HOUR)
    desk.complete(instance_id, "check", outcome="agree")
    later(desk, 4 * HOUR)
    assert desk.open(instance_id) == ["sign"]
    take_back(desk, check)
    assert desk.open(instance_id) == ["check", "remind"]
    assert dues(desk, instance_id) == []
    assert [event["element_id"] for event in desk.told(instance_id, "TimerFired")] == ["late"]
    # it has fired, and is not awaited when the task is taken back once more; what it began goes on
    desk.complete(instance_id, "check", outcome="agree")
    take_back(desk, check)
    later(desk, 9 * HOUR)
    assert desk.open(instance_id) == ["check", "remind"]
    desk.check(instance_id)


def test_p_6_1_a_decision_is_not_taken_back_into_a_time_that_is_over(desk: Desk) -> None:
    instance_id, check = at_check(desk, watched(timer("PT3H"), stops=True))
    desk.complete(instance_id, "check", outcome="agree")
    later(desk, 4 * HOUR)
    with pytest.raises(Conflict, match="its time is over"):
        take_back(desk, check)
    assert desk.open(instance_id) == ["sign"]


def test_p_6_1_a_beat_of_a_cycle_that_has_fired_does_not_fire_again(desk: Desk) -> None:
    instance_id, check = at_check(desk, watched(timer("R4/PT1H", "timeCycle")))
    later(desk, HOUR)
    assert desk.open(instance_id) == ["check", "remind"]
    desk.complete(instance_id, "check", outcome="agree")
    later(desk, HOUR / 2)
    take_back(desk, check)
    assert desk.open(instance_id) == ["check", "remind"]
    later(desk, HOUR / 2)  # the second beat, two hours after the task began
    assert desk.open(instance_id) == ["check", "remind", "remind"]
    # beats that were missed while nobody waited for them count as one
    desk.complete(instance_id, "check", outcome="agree")
    later(desk, 2 * HOUR)
    take_back(desk, check)
    assert desk.open(instance_id) == ["check", "remind", "remind", "remind"]
    later(desk, 9 * HOUR)
    assert desk.open(instance_id) == ["check", "remind", "remind", "remind"]
    desk.check(instance_id)


def test_p_6_1_who_has_acted_on_a_reminder_has_not_acted_on_the_decision(desk: Desk) -> None:
    instance_id, check = at_check(desk, watched(timer("PT1H")))
    later(desk, HOUR)
    desk.complete(instance_id, "remind")
    desk.complete(instance_id, "check", outcome="agree")
    take_back(desk, check)
    assert desk.open(instance_id) == ["check"]
    desk.check(instance_id)


def test_p_6_1_a_message_that_was_awaited_is_awaited_again(desk: Desk) -> None:
    instance_id, check = at_check(desk, watched(MESSAGE, stops=True))
    desk.complete(instance_id, "check", outcome="agree")
    take_back(desk, check)
    desk.house.engine.execute(CorrelateMessage(name="stop it"), actor=desk.house.admin)
    assert desk.open(instance_id) == ["remind"]
    desk.check(instance_id)


def test_p_6_1_the_limit_of_a_step_goes_on(desk: Desk) -> None:
    instance_id, check = at_check(desk, watched(timer("P9D")))
    desk.complete(instance_id, "check", outcome="agree")
    later(desk, HOUR)
    take_back(desk, check)
    clock = next(row for row in clocks(desk, instance_id) if row["task_id"] == check["id"])
    assert (clock["state"], clock["stopped_at"]) == ("running", None)
    assert clock["due_at"] == check["due_at"] == desk.house.task(instance_id, "check")["due_at"]
    desk.complete(instance_id, "check", outcome="agree")
    clock = next(row for row in clocks(desk, instance_id) if row["task_id"] == check["id"])
    assert clock["state"] == "stopped"
    desk.check(instance_id)


def clocks(desk: Desk, instance_id: str) -> list[dict[str, Any]]:
    with desk.house.database.read() as connection:
        clock = tables.clock
        return [
            dict(row._mapping) for row in connection.execute(clock.select().where(clock.c.instance_id == instance_id))
        ]


@pytest.mark.parametrize("in_order", [False, True])
def test_p_6_1_at_a_multi_instance_that_was_over_too(desk: Desk, in_order: bool) -> None:
    loop = f'<multiInstanceLoopCharacteristics isSequential="{str(in_order).lower()}" banjie:collection="=people" banjie:elementVariable="who"/>'
    for step in "ab":
        desk.person(step)
    instance_id = desk.start(watched(timer("PT3H"), many=loop), people=["aer", "ber"])
    desk.complete(instance_id, "apply")
    due = dues(desk, instance_id)
    later(desk, HOUR)
    for step in "ab":
        rows = desk.house.open_tasks(instance_id)
        mine = next(row for row in rows if row["assignee"] == f"{step}er")
        desk.house.complete(mine, desk.person(step), "agree")
    assert desk.open(instance_id) == ["sign"]
    later(desk, HOUR)
    take_back(desk, mine, "b")
    assert dues(desk, instance_id) == due
    later(desk, HOUR)
    assert desk.open(instance_id) == ["check", "remind"]
    desk.check(instance_id)


def test_p_6_1_a_limit_in_days_goes_on_by_the_calendar_of_now(desk: Desk) -> None:
    instance_id, check = at_check(desk, watched(timer("wd(2)", "timeDate")))
    (due,) = dues(desk, instance_id)  # the end of Wednesday
    desk.complete(instance_id, "check", outcome="agree")
    closed = ChangeCalendarDay(day="2026-11-24", kind="rest", name="防汛停工")
    desk.house.engine.execute(closed, actor=desk.house.admin)
    later(desk, HOUR)
    take_back(desk, check)
    assert dues(desk, instance_id) == [due + timedelta(days=1)]
    kinds = sorted((row["kind"], row["state"]) for row in clocks(desk, instance_id))
    assert kinds == [("step", "running"), ("timer", "running")]
    later(desk, timedelta(days=4))
    assert desk.open(instance_id) == ["check", "remind"]
    kinds = sorted((row["kind"], row["state"]) for row in clocks(desk, instance_id))
    assert kinds == [("step", "running"), ("timer", "stopped")]
    desk.check(instance_id)


def test_p_6_1_a_limit_in_days_that_is_over_by_now_fires_at_once_and_its_clock_stops(desk: Desk) -> None:
    instance_id, check = at_check(desk, watched(timer("wd(2)", "timeDate")))
    desk.complete(instance_id, "check", outcome="agree")
    later(desk, timedelta(days=3))
    take_back(desk, check)
    assert desk.open(instance_id) == ["check", "remind"]
    kinds = sorted((row["kind"], row["state"]) for row in clocks(desk, instance_id))
    assert kinds == [("step", "running"), ("timer", "stopped")]
    desk.check(instance_id)


@pytest.mark.parametrize("decided", [False, True])
def test_p_6_1_p_9_4_the_limit_of_a_member_goes_on_when_he_takes_back_his_vote(desk: Desk, decided: bool) -> None:
    body = (
        '<startEvent id="start"/><endEvent id="end"/><userTask id="vote" banjie:candidateUsers="aer,ber" banjie:ballot="all"'
        ' banjie:memberLimit="2wd" banjie:memberOverdue="abstain" banjie:abstain="true"/>'
        + user("sign")
        + flows("start-vote", "vote-sign", "sign-end")
    )
    for step in "ab":
        desk.person(step)
    instance_id = desk.start(bpmn(body), by="sign")
    rows = {row["assignee"]: row for row in desk.house.open_tasks(instance_id)}
    for step in "ab" if decided else "a":
        desk.house.complete(rows[f"{step}er"], desk.person(step), "approve")
    later(desk, HOUR)
    take_back(desk, rows["aer"], "a")
    seat = desk.house.queries.tasks.get(rows["aer"]["id"])
    assert seat is not None and seat["due_at"] == rows["aer"]["due_at"]
    states = {row["task_id"]: row["state"] for row in clocks(desk, instance_id)}
    assert states[rows["aer"]["id"]] == "running"
    assert states[rows["ber"]["id"]] == ("stopped" if decided else "running")
    desk.check(instance_id)
    later(desk, timedelta(days=3))  # the limit passes: who is silent abstains by the rule of the node
    assert desk.open(instance_id) == ["sign"]
    seat = desk.house.queries.tasks.get(rows["aer"]["id"])
    assert seat is not None and (seat["deemed"] or not decided)


def scoped(desk: Desk, event: str, *, others: str = "") -> str:
    """apply -> check, and an event subprocess that ends both and leads to a task of its own."""
    body = (
        f'<startEvent id="start"/><endEvent id="end"/>{user("apply")}{user("check")}'
        '<subProcess id="over" triggeredByEvent="true"><startEvent id="when">'
        f"{event}</startEvent>{user('wind_up')}{flows('when-wind_up')}</subProcess>{others}"
        + flows("start-apply", "apply-check", "check-end")
    )
    return desk.start(bpmn(body, more='<message id="m" name="stop it"/>'))


def test_p_6_1_the_time_of_a_scope_that_is_over_is_not_begun_anew_by_a_withdrawal(desk: Desk) -> None:
    instance_id = scoped(desk, timer("PT3H"))
    apply = desk.house.task(instance_id)
    desk.complete(instance_id, "apply")
    later(desk, 4 * HOUR)
    assert desk.open(instance_id) == ["wind_up"]
    with pytest.raises(Conflict, match="its time is over"):
        take_back(desk, apply, "apply")
    assert desk.open(instance_id) == ["wind_up"]


def test_p_6_1_the_timers_of_a_scope_that_was_interrupted_go_on_too(desk: Desk) -> None:
    late = (
        '<subProcess id="late" triggeredByEvent="true"><startEvent id="at">'
        f"{timer('PT3H')}</startEvent>{user('remind')}{flows('at-remind')}</subProcess>"
    )
    instance_id = scoped(desk, MESSAGE, others=late)
    apply = desk.house.task(instance_id)
    desk.complete(instance_id, "apply")
    due = dues(desk, instance_id)
    later(desk, HOUR)
    desk.house.engine.execute(CorrelateMessage(name="stop it"), actor=desk.house.admin)
    assert (desk.open(instance_id), dues(desk, instance_id)) == (["wind_up"], [])
    take_back(desk, apply, "apply")
    assert (desk.open(instance_id), dues(desk, instance_id)) == (["apply"], due)
    desk.house.engine.execute(CorrelateMessage(name="stop it"), actor=desk.house.admin)  # awaited again
    assert desk.open(instance_id) == ["wind_up"]
    # a return begins nothing anew that had not happened
    desk.send_back(instance_id, "wind_up", "apply", resubmit="step")
    assert (desk.open(instance_id), dues(desk, instance_id)) == (["apply"], due)
    desk.check(instance_id)


def test_p_3_8_a_return_begins_the_node_anew_with_its_whole_limit(desk: Desk) -> None:
    instance_id, check = at_check(desk, watched(timer("PT3H")))
    due = dues(desk, instance_id)
    desk.complete(instance_id, "check", outcome="agree")
    later(desk, HOUR)
    desk.send_back(instance_id, "sign", "check", resubmit="step")
    again = desk.house.task(instance_id, "check")
    assert (again["round"], again["id"] == check["id"]) == (2, False)
    assert dues(desk, instance_id) == [due[0] + HOUR + timedelta(minutes=1)]
    assert again["due_at"] > check["due_at"]
