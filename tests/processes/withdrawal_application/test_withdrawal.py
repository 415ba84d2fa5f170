"""撤回申请: where the initiator cannot cancel any more, a head decides whether the instance ends (P-6.3)."""

import pytest

from engine.commands.administration.deployments import DeployResources
from engine.commands.returning.cancelling import ApplyForWithdrawal, CancelInstance
from engine.commands.running.instances import StartInstance
from engine.commands.tasks.handling import CompleteTask
from engine.errors import Conflict, Forbidden, NotFound, StepFailed
from tests.integration.engine.house import bpmn, flows
from tests.processes.bureau import Bureau

PLAN = bpmn(
    '<startEvent id="start"/><userTask id="draft" name="起草" banjie:assignee="shipin" banjie:cancelBarrier="true"/>'
    '<userTask id="print" name="印发" banjie:assignee="shenhe"/><endEvent id="end"/>'
    + flows("start-draft", "draft-print", "print-end"),
    key="plan",
)


@pytest.fixture
def plan(bureau: Bureau) -> str:
    """An instance that shipin started, and cannot cancel any more."""
    bureau.execute(DeployResources(name="plan", files={"plan.bpmn": PLAN}), "admin")
    instance_id = str(bureau.execute(StartInstance(key="plan", title="年度计划"), "shipin")["id"])
    bureau.complete("shipin", task_of(bureau, "shipin", instance_id)["id"], None)  # type: ignore[arg-type]
    with pytest.raises(Conflict, match="apply for a withdrawal"):
        bureau.execute(CancelInstance(instance_id=instance_id, reason="不印了"), "shipin")
    return instance_id


def task_of(bureau: Bureau, login: str, instance_id: str) -> dict[str, object]:
    return next(task for task in bureau.inbox(login) if task["instance_id"] == instance_id)


def applied(bureau: Bureau, plan: str) -> str:
    answer = bureau.execute(ApplyForWithdrawal(instance_id=plan, reason="计划有变"), "shipin")
    return str(answer["application_id"])


def state(bureau: Bureau, instance_id: str) -> tuple[str, str | None]:
    row = bureau.queries.instances.get(instance_id)
    assert row is not None
    return row["state"], row["outcome"]


def decide(bureau: Bureau, application: str, outcome: str, comment: str = "") -> None:
    task = task_of(bureau, "juzhang", application)
    bureau.execute(CompleteTask(task_id=str(task["id"]), outcome=outcome, comment=comment), "juzhang")


def test_p_6_3_granted_the_instance_ends_as_withdrawn(bureau: Bureau, plan: str) -> None:
    application = applied(bureau, plan)
    assert state(bureau, plan) == ("running", None), "it goes on meanwhile"
    decide(bureau, application, "approve")
    assert state(bureau, plan) == ("terminated", "withdrawn")
    assert state(bureau, application)[0] == "completed"


def test_p_6_3_refused_it_goes_on_and_may_be_asked_again(bureau: Bureau, plan: str) -> None:
    application = applied(bureau, plan)
    with pytest.raises(Conflict, match="being decided already"):
        applied(bureau, plan)
    decide(bureau, application, "refuse", "已付印")
    assert state(bureau, plan) == ("running", None)
    applied(bureau, plan)


def test_p_6_3_what_has_ended_meanwhile_stays_as_it_ended(bureau: Bureau, plan: str) -> None:
    application = applied(bureau, plan)
    task = task_of(bureau, "shenhe", plan)
    bureau.execute(CompleteTask(task_id=str(task["id"])), "shenhe")
    decide(bureau, application, "approve")
    assert state(bureau, plan) == ("completed", None)
    assert state(bureau, application)[0] == "completed"


def test_only_the_initiator_applies_and_nobody_by_a_process_started_by_hand(bureau: Bureau, plan: str) -> None:
    with pytest.raises((Forbidden, NotFound)):
        bureau.execute(ApplyForWithdrawal(instance_id=plan, reason="x"), "shenhe")
    forged = StartInstance(
        key="withdrawal_application",
        business_key=plan,
        variables={"withdrawn_instance": plan, "withdraw_reason": "x", "withdrawn_title": "", "withdrawn_step": ""},
    )
    with pytest.raises(Conflict, match="is not started here"):
        bureau.execute(forged, "shenhe")
    application = str(bureau.execute(forged, "admin")["id"])
    with pytest.raises(StepFailed, match="no application of its initiator"):
        decide(bureau, application, "approve")
    assert state(bureau, plan) == ("running", None)
