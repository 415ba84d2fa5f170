"""When the limit of a step is over and its holder waits for others: before him, for him, after him (P-4.4, P-9.1 to P-9.3).

Who only advises is not waited for. Where a signature decides, its silence is under the rule of the node; nobody's silence
undoes what somebody else has decided in time.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine.calendar import SHANGHAI
from engine.commands.delegating.delegations import DelegateTask, RecallDelegation
from engine.commands.delegating.proxies import GrantProxy
from engine.commands.delegating.signers import AddSigners
from engine.commands.returning.returns import ReturnTask
from engine.store import tables
from tests.integration.engine.house import bpmn, flows
from tests.integration.engine.rebuilding import assert_rebuilt
from tests.integration.who.bureau import APPROVE, Bureau

BASIS = 'banjie:timeoutBasis="《办法》第二十条"'


def step(action: str, more: str = "") -> str:
    return f'banjie:assignee="qian" banjie:limit="3nd" banjie:onTimeout="{action}" {BASIS} {more}'


def signers(
    bureau: Bureau, instance_id: str, *people: str, position: str, power: str = "advise", by: str = "qian"
) -> None:
    row = next(row for row in bureau.open_tasks(instance_id) if row["assignee"] == by)
    command = AddSigners(task_id=row["id"], people=people, position=position, power=power, in_order=len(people) > 1)
    bureau.engine.execute(command, actor=bureau.actors[by])


def decided(bureau: Bureau, action: str, *people: str, power: str, more: str = "") -> str:
    """qian has approved in time, and waits for those who sign after him."""
    instance_id = bureau.at_approval(step(action, more))
    signers(bureau, instance_id, *people, position="after", power=power)
    bureau.complete(bureau.task(instance_id, "approve"), bureau.actors["qian"], "approve")
    assert bureau.state(instance_id) == "running"
    return instance_id


def time_is_over(bureau: Bureau, instance_id: str) -> None:
    bureau.now = bureau.rows(instance_id)[0]["due_at"] + timedelta(minutes=1)
    bureau.run_jobs()
    assert_rebuilt(bureau, instance_id)


def states(bureau: Bureau, instance_id: str) -> dict[str, tuple[str, str | None]]:
    return {row["assignee"]: (row["state"], row["closed_by"]) for row in bureau.rows(instance_id)}


def told(bureau: Bureau, kind: str, instance_id: str) -> list[dict[str, Any]]:
    history = bureau.queries.instances.history(instance_id, limit=1000)
    return [each for each in history if each["kind"] == kind]


def notices(bureau: Bureau) -> set[str]:
    """Who was told that he is asked no more."""
    table = tables.notification
    with bureau.database.read() as connection:
        return set(connection.scalars(select(table.c.recipient).where(table.c.cause.like("%@timeout"))))


def result(bureau: Bureau, instance_id: str) -> str | None:
    return str(bureau.engine.variables(instance_id).get("approve_outcome"))


# ---------------------------------------------------------------- before him


@pytest.mark.parametrize(("action", "outcome"), [("pass", "approve"), ("fail", "reject")])
def test_p_9_3_who_was_to_sign_before_is_asked_no_more_and_told_so(bureau: Bureau, action: str, outcome: str) -> None:
    instance_id = bureau.at_approval(step(action))
    signers(bureau, instance_id, "vice", "chief", position="before", power="decide")

    time_is_over(bureau, instance_id)

    assert states(bureau, instance_id) == {"qian": ("completed", "system"), "vice": ("cancelled", "system")}
    assert (result(bureau, instance_id), notices(bureau)) == (outcome, {"vice"})
    removed = told(bureau, "SignerRemoved", instance_id)
    assert [each["data"]["login"] for each in removed] == ["vice", "chief"]
    assert {(each["actor"], each["data"]["reason"]) for each in removed} == {
        ("system", f"逾期未办，不再征询（onTimeout={action}）")
    }
    assert bureau.run_jobs(timedelta(days=30)) == 0


def test_p_9_3_the_leader_gets_a_task_for_which_nobody_waits_any_more(bureau: Bureau) -> None:
    instance_id = bureau.at_approval(step("leader"))
    signers(bureau, instance_id, "vice", position="before")
    time_is_over(bureau, instance_id)
    assert states(bureau, instance_id) == {"head": ("assigned", None), "vice": ("cancelled", "system")}


# ---------------------------------------------------------------- for him


def test_p_9_3_a_delegate_who_has_answered_and_waits_for_signers_decides_nothing_for_the_leader(bureau: Bureau) -> None:
    """Found by reading: the signature after the delegate came to the leader's task, and completed it for him."""
    instance_id = bureau.at_approval(step("leader", 'banjie:delegatePower="decide"'))
    task_id = bureau.task(instance_id, "approve")["id"]
    bureau.engine.execute(DelegateTask(task_id=task_id, to="chief", power="decide"), actor=bureau.actors["qian"])
    signers(bureau, instance_id, "vice", position="after", by="chief")
    asked = next(row for row in bureau.open_tasks(instance_id) if row["assignee"] == "chief")
    bureau.complete(asked, bureau.actors["chief"], "approve")

    time_is_over(bureau, instance_id)

    assert states(bureau, instance_id)["vice"] == ("cancelled", "system")
    assert [row["assignee"] for row in bureau.open_tasks(instance_id)] == ["head"]


def test_p_5_3_an_answer_that_waits_for_signers_can_be_recalled(bureau: Bureau) -> None:
    instance_id = bureau.at_approval(step("leader"))
    task_id = bureau.task(instance_id, "approve")["id"]
    bureau.engine.execute(DelegateTask(task_id=task_id, to="chief"), actor=bureau.actors["qian"])
    signers(bureau, instance_id, "vice", position="after", by="chief")
    bureau.complete(
        next(row for row in bureau.open_tasks(instance_id) if row["assignee"] == "chief"), bureau.actors["chief"]
    )

    bureau.engine.execute(RecallDelegation(task_id=task_id), actor=bureau.actors["qian"])

    assert [(row["assignee"], row["state"]) for row in bureau.open_tasks(instance_id)] == [("qian", "assigned")]
    assert_rebuilt(bureau, instance_id)


# ---------------------------------------------------------------- after him


@pytest.mark.parametrize("action", ["pass", "fail", "leader"])
def test_p_9_3_who_only_advises_after_a_decision_does_not_hold_it_up(bureau: Bureau, action: str) -> None:
    instance_id = decided(bureau, action, "vice", "chief", power="advise")
    time_is_over(bureau, instance_id)
    assert states(bureau, instance_id) == {"qian": ("completed", "qian"), "vice": ("cancelled", "system")}
    assert (bureau.state(instance_id), result(bureau, instance_id)) == ("completed", "approve")
    assert notices(bureau) == {"vice"}
    (first, _) = told(bureau, "SignerRemoved", instance_id)
    assert first["data"]["reason"] == f"逾期未签署，办理人的决定照此执行（onTimeout={action}）"


@pytest.mark.parametrize(
    ("action", "outcome", "reason"),
    [
        ("pass", "approve", "逾期未签署，系统视为同意（onTimeout=pass，依据：《办法》第二十条）"),
        ("fail", "reject", "逾期未签署，系统不通过（onTimeout=fail，依据：《办法》第二十条）"),
    ],
)
def test_p_9_3_the_silence_of_a_signature_that_decides_is_under_the_rule_of_the_node(
    bureau: Bureau, action: str, outcome: str, reason: str
) -> None:
    instance_id = decided(bureau, action, "vice", power="decide")
    time_is_over(bureau, instance_id)
    assert (bureau.state(instance_id), result(bureau, instance_id)) == ("completed", outcome)
    (removed,) = told(bureau, "SignerRemoved", instance_id)
    assert (removed["actor"], removed["data"]["reason"]) == ("system", reason)
    assert bureau.run_jobs(timedelta(days=30)) == 0


def test_p_9_2_the_leader_of_whoever_is_silent_signs_for_him(bureau: Bureau) -> None:
    instance_id = decided(bureau, "leader", "vice", power="decide")
    time_is_over(bureau, instance_id)
    assert states(bureau, instance_id) == {"qian": ("completed", "qian"), "chief": ("assigned", None)}
    bureau.complete(bureau.task(instance_id, "approve"), bureau.actors["chief"], "reject")
    assert result(bureau, instance_id) == "reject"


def test_p_9_3_of_a_signer_who_has_signed_only_those_after_him_are_silent(bureau: Bureau) -> None:
    """His own yes is given: an adviser whom he asked after himself is not waited for, so the rule has nothing to decide."""
    instance_id = decided(bureau, "fail", "vice", power="decide")
    signers(bureau, instance_id, "chief", position="after", by="vice")
    bureau.complete(bureau.task(instance_id, "approve"), bureau.actors["vice"], "approve")
    assert [row["assignee"] for row in bureau.open_tasks(instance_id)] == ["chief"]
    time_is_over(bureau, instance_id)
    assert result(bureau, instance_id) == "approve"


def test_p_9_3_p_3_7_what_was_returned_passes_by_nobodys_silence_but_an_adviser_holds_it_up_no_longer(
    bureau: Bureau,
) -> None:
    body = (
        f'<startEvent id="start"/><userTask id="approve" {step("pass")} {APPROVE}/>'
        '<userTask id="final" banjie:assignee="mayor"/><endEvent id="end"/>'
        + flows("start-approve", "approve-final", "final-end")
    )
    bureau.deploy(bpmn(body, key="one"))
    for power, reached in (("decide", "approve"), ("advise", "final")):
        instance_id = bureau.start("one", by=bureau.actors["zhou"])
        bureau.complete(bureau.task(instance_id, "approve"), bureau.actors["qian"], "approve")
        task_id = bureau.task(instance_id, "final")["id"]
        bureau.engine.execute(
            ReturnTask(task_id=task_id, target="approve", reason="重办"), actor=bureau.actors["mayor"]
        )
        signers(bureau, instance_id, "vice", position="after", power=power)
        bureau.complete(bureau.task(instance_id, "approve"), bureau.actors["qian"], "approve")
        bureau.run_jobs(timedelta(days=30))
        assert {row["element_id"] for row in bureau.open_tasks(instance_id)} == {reached}


def test_p_9_1_nothing_happens_to_a_signature_while_the_clock_stands_and_it_has_what_is_left(bureau: Bureau) -> None:
    instance_id = decided(bureau, "fail", "vice", power="decide")
    with bureau.database.write() as connection:
        connection.execute(tables.clock.update().values(state="paused"))
    bureau.run_jobs(timedelta(days=9))
    with bureau.database.read() as connection:
        job = connection.execute(tables.job.select().where(tables.job.c.kind == "step-timeout")).one()
    assert (bureau.state(instance_id), job.due_at.astimezone(SHANGHAI).year) == ("running", 9999)


def test_p_9_3_signed_in_time_there_is_nothing_to_do(bureau: Bureau) -> None:
    instance_id = decided(bureau, "fail", "vice", power="decide")
    bureau.complete(bureau.task(instance_id, "approve"), bureau.actors["vice"], "approve")
    time_is_over(bureau, instance_id)
    assert (bureau.state(instance_id), result(bureau, instance_id)) == ("completed", "approve")


# ---------------------------------------------------------------- telling the holder


def decided_for(bureau: Bureau) -> dict[str, tuple[str, str]]:
    """Who was told that the system has decided for him: what and why."""
    table = tables.notification
    with bureau.database.read() as connection:
        rows = connection.execute(select(table).where(table.c.cause.like("%@decided-%"))).all()
    return {row.recipient: (row.facts["what"], row.facts["why"]) for row in rows}


def test_p_9_3_the_holder_for_whom_the_system_decided_is_told_with_the_rule(bureau: Bureau) -> None:
    time_is_over(bureau, bureau.at_approval(step("pass")))
    why = "逾期未办，系统通过，依据：《办法》第二十条（onTimeout=pass）"
    assert decided_for(bureau) == {"qian": ("系统已代您办结「审批」", why)}


def test_p_9_3_p_7_2_a_proxy_and_for_whom_he_had_the_task_are_both_told(bureau: Bureau) -> None:
    until = (bureau.now + timedelta(days=30)).isoformat()
    rule = GrantProxy(proxy="vice", start=bureau.now.isoformat(), end=until)
    bureau.engine.execute(rule, actor=bureau.actors["qian"])
    time_is_over(bureau, bureau.at_approval(step("fail")))
    assert set(decided_for(bureau)) == {"qian", "vice"}


def test_p_9_3_whose_decision_fell_with_a_missing_signature_is_told_and_whose_stands_is_not(bureau: Bureau) -> None:
    for action, told_so in (("pass", set[str]()), ("fail", {"qian"})):
        time_is_over(bureau, decided(bureau, action, "vice", power="decide"))
        assert set(decided_for(bureau)) == told_so


def test_p_9_2_who_hands_over_to_the_leader_has_decided_nothing(bureau: Bureau) -> None:
    time_is_over(bureau, bureau.at_approval(step("leader")))
    assert decided_for(bureau) == {}
