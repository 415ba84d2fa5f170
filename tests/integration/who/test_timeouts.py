"""When the limit of a step is over: the last rung of the ladder is the system's, with its ground (P-9.1 to P-9.3)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from engine.calendar import SHANGHAI
from engine.commands.delegating.delegations import DelegateTask
from engine.commands.delegating.signers import AddSigners
from engine.commands.returning.returns import ReturnTask
from engine.commands.returning.withdrawals import WithdrawTask
from engine.commands.tasks.handling import AssignTask
from engine.errors import ModelRefused
from engine.store import tables
from tests.integration.engine.house import bpmn, flows
from tests.integration.who.bureau import APPROVE, Bureau

LIMIT = 'banjie:assignee="qian" banjie:limit="3nd"'
BASIS = 'banjie:timeoutBasis="《办法》第二十条"'
PASSES = f'{LIMIT} banjie:onTimeout="pass" {BASIS}'


def after_the_limit(bureau: Bureau, instance_id: str) -> dict[str, Any]:
    """A minute past the day on which the approval is due."""
    bureau.now = max(bureau.now, bureau.row(instance_id)["due_at"] + timedelta(minutes=1))
    bureau.run_jobs()
    return bureau.row(instance_id)


@pytest.mark.parametrize(("action", "outcome", "done"), [("pass", "approve", "通过"), ("fail", "reject", "不通过")])
def test_p_9_3_the_system_decides_with_rule_and_ground_and_without_signature_or_opinion(
    bureau: Bureau, action: str, outcome: str, done: str
) -> None:
    wanted = 'banjie:signature="required" banjie:requireComment="true"'
    instance_id = bureau.at_approval(f'{LIMIT} banjie:onTimeout="{action}" {BASIS} {wanted}')
    assert bureau.run_jobs(timedelta(days=2)) == 0  # given a day that is left

    row = after_the_limit(bureau, instance_id)

    assert (row["state"], row["closed_by"], row["outcome"]) == ("completed", "system", outcome)
    assert row["comment"] == f"逾期未办，系统{done}，依据：《办法》第二十条（onTimeout={action}）"
    assert bureau.state(instance_id) == "completed"


def test_trap_2_9_p_9_3_time_runs_out_recalls_before_the_system_acts(bureau: Bureau) -> None:
    instance_id = bureau.at_approval(PASSES)
    task_id = bureau.task(instance_id, "approve")["id"]
    qian = bureau.actors["qian"]
    bureau.engine.execute(AddSigners(task_id=task_id, people=("vice",), position="after"), actor=qian)
    bureau.engine.execute(DelegateTask(task_id=task_id, to="chief"), actor=qian)
    bureau.now = bureau.rows(instance_id)[0]["due_at"] + timedelta(minutes=1)

    bureau.run_jobs()

    assert bureau.kinds(instance_id).count("DelegationRecalled") == 1
    states = {row["assignee"]: (row["state"], row["closed_by"]) for row in bureau.rows(instance_id)}
    assert states == {"qian": ("completed", "system"), "chief": ("cancelled", "system")}
    assert bureau.state(instance_id) == "completed"


def test_p_9_1_the_job_looks_at_the_row_when_it_runs(bureau: Bureau) -> None:
    """Late, early and for a task that is done already it does no harm; a decision that is taken back has its limit again."""
    instance_id = bureau.at_approval(PASSES + ' banjie:transferClock="fresh"')
    task = bureau.task(instance_id, "approve")
    bureau.now += timedelta(days=2)
    bureau.engine.execute(AssignTask(task_id=task["id"], assignee="chief"), actor=bureau.actors["qian"])

    bureau.now = task["due_at"] + timedelta(minutes=1)  # the first holder's limit
    bureau.run_jobs()
    assert bureau.task(instance_id, "approve")["assignee"] == "chief"

    bureau.complete(bureau.task(instance_id, "approve"), bureau.actors["chief"], "approve")
    bureau.run_jobs(timedelta(days=9))
    assert bureau.row(instance_id)["closed_by"] == "chief"


def test_p_9_2_the_leader_gets_it(bureau: Bureau) -> None:
    instance_id = bureau.at_approval(f'{LIMIT} banjie:onTimeout="leader"')
    row = after_the_limit(bureau, instance_id)
    assert (row["state"], row["assignee"]) == ("assigned", "head")
    history = bureau.queries.instances.history(instance_id, limit=1000)
    given = [each for each in history if each["kind"] == "TaskAssigned"][-1]
    assert (given["actor"], given["data"]["reason"]) == ("system", "逾期未办，交由负责人办理（onTimeout=leader）")


def test_p_9_3_p_3_7_the_system_passes_nothing_that_was_returned(bureau: Bureau) -> None:
    body = (
        f'<startEvent id="start"/><userTask id="approve" {PASSES} {APPROVE}/>'
        '<userTask id="final" banjie:assignee="mayor"/><endEvent id="end"/>'
        + flows("start-approve", "approve-final", "final-end")
    )
    bureau.deploy(bpmn(body, key="one"))
    instance_id = bureau.start("one", by=bureau.actors["zhou"])
    bureau.complete(bureau.task(instance_id, "approve"), bureau.actors["qian"], "approve")
    task_id = bureau.task(instance_id, "final")["id"]
    bureau.engine.execute(ReturnTask(task_id=task_id, target="approve", reason="重办"), actor=bureau.actors["mayor"])

    bureau.run_jobs(timedelta(days=30))

    assert bureau.task(instance_id, "approve")["assignee"] == "qian"


def test_p_6_1_p_9_1_a_decision_that_was_taken_back_has_its_limit_again(bureau: Bureau) -> None:
    body = (
        f'<startEvent id="start"/><userTask id="approve" {PASSES} {APPROVE}/>'
        '<userTask id="final" banjie:assignee="mayor"/><endEvent id="end"/>'
        + flows("start-approve", "approve-final", "final-end")
    )
    bureau.deploy(bpmn(body, key="one"))
    instance_id = bureau.start("one", by=bureau.actors["zhou"])
    task_id = bureau.task(instance_id, "approve")["id"]
    bureau.complete(bureau.task(instance_id, "approve"), bureau.actors["qian"], "approve")
    bureau.run_jobs(timedelta(days=30))  # the job has gone with the task
    bureau.engine.execute(WithdrawTask(task_id=task_id, reason="点错了"), actor=bureau.actors["qian"])

    bureau.run_jobs()

    assert bureau.row(instance_id)["closed_by"] == "system"


def test_p_9_1_nothing_happens_while_the_clock_stands(bureau: Bureau) -> None:
    instance_id = bureau.at_approval(PASSES)
    with bureau.database.write() as connection:
        connection.execute(tables.clock.update().values(state="paused"))
    assert after_the_limit(bureau, instance_id)["state"] == "assigned"
    with bureau.database.read() as connection:
        job = connection.execute(tables.job.select().where(tables.job.c.kind == "step-timeout")).one()
    assert job.due_at > datetime(9000, 1, 1, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    "settings",
    [
        f'{LIMIT} banjie:onTimeout="pass"',  # without its ground
        f'banjie:assignee="qian" banjie:onTimeout="pass" {BASIS}',  # without a limit
        f'{LIMIT} banjie:onTimeout="skip" {BASIS}',
        f'{PASSES} banjie:ballot="all"',
    ],
)
def test_p_9_2_without_ground_or_limit_it_is_not_deployed(bureau: Bureau, settings: str) -> None:
    with pytest.raises(ModelRefused) as refused:
        bureau.one(settings)
    assert "timeout-invalid" in str(refused.value.facts)
