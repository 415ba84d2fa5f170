"""撤回: one's own vote or decision, while nobody has acted on it (P-6.1, P-6.2, traps 2.6)."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from engine.access import SYSTEM
from engine.commands.delegating.delegations import DelegateTask
from engine.commands.returning.returns import ReturnTask
from engine.commands.returning.withdrawals import WithdrawTask
from engine.commands.running.jobs import PostponeJob
from engine.commands.running.service_tasks import VERBS, verb
from engine.errors import Conflict, Forbidden, NotFound
from engine.job_executor import JobExecutor
from engine.store import tables
from tests.integration.engine.house import bpmn, flows
from tests.integration.returns.desk import FORK, Desk, line, user


def withdraw(desk: Desk, task: Mapping[str, Any], step: str, reason: str = "点错了") -> dict[str, Any]:
    desk.house.now += timedelta(minutes=1)
    return desk.house.engine.execute(WithdrawTask(task_id=task["id"], reason=reason), actor=desk.person(step))


def test_p_6_1_my_decision_waits_for_me_again_while_nobody_has_acted(desk: Desk) -> None:
    instance_id = desk.start(line())
    task = desk.house.task(instance_id)
    desk.complete(instance_id, "apply", amount=5)
    check = desk.house.task(instance_id)
    answer = withdraw(desk, task, "apply")
    assert (answer["id"], answer["state"], answer["assignee"]) == (task["id"], "assigned", "applyer")
    assert desk.open(instance_id) == ["apply"]
    gone = desk.house.queries.tasks.get(check["id"])
    assert gone is not None
    assert gone["state"] == "cancelled"
    assert [event["reason"] for event in desk.told(instance_id, "TaskCancelled")] == ["withdrawn"]
    desk.finish(instance_id)


def test_p_6_1_again_and_again(desk: Desk) -> None:
    instance_id = desk.start(line())
    task = desk.house.task(instance_id)
    for _ in range(3):
        desk.complete(instance_id, "apply")
        withdraw(desk, task, "apply")
    desk.finish(instance_id)


def test_p_6_1_not_after_somebody_has_acted(desk: Desk) -> None:
    instance_id = desk.start(line())
    task = desk.house.task(instance_id)
    desk.complete(instance_id, "apply", "check")
    with pytest.raises(Conflict, match="checker has already acted on check"):
        withdraw(desk, task, "apply")


def test_p_6_1_not_after_somebody_has_asked_others_about_it(desk: Desk) -> None:
    instance_id = desk.start(line())
    task = desk.house.task(instance_id)
    desk.complete(instance_id, "apply")
    check = desk.house.task(instance_id)
    desk.house.claim(check, desk.person("check"))
    asked = DelegateTask(task_id=check["id"], to=desk.person("apply").login)
    desk.house.engine.execute(asked, actor=desk.person("check"))
    with pytest.raises(Conflict, match="checker has asked others about check"):
        withdraw(desk, task, "apply")


def test_p_6_1_not_after_a_message_has_left(desk: Desk) -> None:
    body = (
        f'<startEvent id="s"/>{user("apply")}<intermediateThrowEvent id="tell"><messageEventDefinition messageRef="m"/>'
        f'</intermediateThrowEvent>{user("check")}<endEvent id="e"/>'
        + flows("s-apply", "apply-tell", "tell-check", "check-e")
    )
    instance_id = desk.start(bpmn(body, more='<message id="m" name="told"/>'))
    task = desk.house.task(instance_id)
    desk.complete(instance_id, "apply")
    with pytest.raises(Conflict, match="a message was sent"):
        withdraw(desk, task, "apply")


def test_p_6_1_not_while_a_call_that_came_of_it_is_on_its_way(desk: Desk) -> None:
    body = (
        f'<startEvent id="s"/>{user("apply")}<serviceTask id="ask" banjie:verb="http.request"><extensionElements>'
        '<banjie:input name="url">https://example.org/</banjie:input></extensionElements></serviceTask>'
        f'{user("check")}<endEvent id="e"/>' + flows("s-apply", "apply-ask", "ask-check", "check-e")
    )
    instance_id = desk.start(bpmn(body))
    task = desk.house.task(instance_id)
    desk.complete(instance_id, "apply")
    # given a call that a worker has taken and is making now
    worker = JobExecutor(desk.house.engine)
    ((job_id, kind),) = worker.acquire(10)
    assert kind == "service"
    with pytest.raises(Conflict, match="a call to the outside that is on its way"):
        withdraw(desk, task, "apply")
    # when it has failed and waits to be made again, nobody is on the line
    failed = PostponeJob(job_id=job_id, worker=worker.name, error="no answer")
    desk.house.engine.execute(failed, actor=SYSTEM)
    withdraw(desk, task, "apply")
    assert desk.open(instance_id) == ["apply"]
    assert desk.house.queries.admin.job_counts(desk.house.now)["waiting"] == 0


def test_trap_2_6_p_6_1_a_claim_is_no_act_and_opening_is_one_only_where_the_node_says_so(desk: Desk) -> None:
    for until, refused in (("acted", False), ("opened", True)):
        instance_id = desk.start(line(apply={"withdrawUntil": until}))
        task = desk.house.task(instance_id)
        desk.complete(instance_id, "apply")
        check = desk.house.task(instance_id)
        desk.house.claim(check, desk.person("check"))
        with desk.house.database.write() as connection:
            seen = tables.task.update().where(tables.task.c.id == check["id"]).values(read_at=desk.house.now)
            connection.execute(seen)
        if refused:
            with pytest.raises(Conflict, match="has opened check"):
                withdraw(desk, task, "apply")
        else:
            withdraw(desk, task, "apply")


def test_p_6_1_trap_2_6_every_task_behind_counts_not_only_the_next_ones(desk: Desk) -> None:
    # With others only the statically next tasks are looked at; a parallel branch may have moved on further.
    model = bpmn(
        '<startEvent id="start"/><parallelGateway id="fork"/><endEvent id="end"/><task id="auto"/>'
        + "".join(user(name) for name in ("apply", "fire", "water"))
        + flows("start-apply", "apply-fork", "fork-auto", "auto-fire", "fork-water", "fire-end", "water-end")
    )
    instance_id = desk.start(model)
    task = desk.house.task(instance_id)
    desk.complete(instance_id, "apply", "fire")
    with pytest.raises(Conflict, match="fireer has already acted on fire"):
        withdraw(desk, task, "apply")


@pytest.mark.parametrize("behind", ["timer", "call"])
def test_p_6_1_trap_2_6_automatic_nodes_behind_are_no_bar(desk: Desk, behind: str) -> None:
    # With others a delay or a call activity behind the node means "cannot be taken back".
    node = {
        "timer": '<intermediateCatchEvent id="x"><timerEventDefinition><timeDuration>P1D</timeDuration>'
        "</timerEventDefinition></intermediateCatchEvent>",
        "call": '<callActivity id="x" calledElement="child"/>',
    }[behind]
    child = (
        '<process id="child" isExecutable="true"><startEvent id="cs"/>'
        + user("inside")
        + flows("cs-inside")
        + "</process>"
    )
    model = bpmn(
        '<startEvent id="start"/>'
        + user("apply")
        + node
        + '<endEvent id="end"/>'
        + flows("start-apply", "apply-x", "x-end"),
        more=child,
    )
    instance_id = desk.start(model)
    task = desk.house.task(instance_id)
    desk.complete(instance_id, "apply")
    withdraw(desk, task, "apply")
    assert desk.open(instance_id) == ["apply"]
    assert desk.house.queries.admin.job_counts(desk.house.now)["waiting"] == 0


def test_trap_2_6_p_6_1_nothing_irreversible_lies_between(desk: Desk) -> None:
    @verb("test.issue", "发证", "Issue the licence")
    def issue(context: object, moving: object, call: object) -> Mapping[str, Any]:
        return {}

    def model(irreversible: str) -> bytes:
        return bpmn(
            '<startEvent id="start"/>'
            + user("apply")
            + f'<serviceTask id="issue" banjie:verb="test.issue"{irreversible}/>'
            + user("sign")
            + flows("start-apply", "apply-issue", "issue-sign")
        )

    try:
        instance_id = desk.start(model(""))
        task = desk.house.task(instance_id)
        desk.complete(instance_id, "apply")
        with pytest.raises(Conflict, match="Issue the licence"):
            withdraw(desk, task, "apply")
        # nor can it be done twice by a return, step by step
        with pytest.raises(Conflict, match="only once"):
            desk.send_back(instance_id, "sign", "apply")
        desk.send_back(instance_id, "sign", "apply", resubmit="straight")
        desk.complete(instance_id, "apply")
        assert desk.open(instance_id) == ["sign"]
        # unless the model says that it may
        instance_id = desk.start(model(' banjie:irreversible="false"'))
        task = desk.house.task(instance_id)
        desk.complete(instance_id, "apply")
        withdraw(desk, task, "apply")
        assert desk.open(instance_id) == ["apply"]
    finally:
        VERBS.pop("test.issue")


def test_p_6_1_not_what_was_returned_and_not_the_return(desk: Desk) -> None:
    instance_id = desk.start(line())
    desk.complete(instance_id, "apply")
    check = desk.house.task(instance_id)
    desk.complete(instance_id, "check")
    review = desk.house.task(instance_id)
    desk.send_back(instance_id, "review", "apply")
    with pytest.raises(Conflict, match="returned"):
        withdraw(desk, review, "review")
    with pytest.raises(Conflict, match="was returned"):
        withdraw(desk, check, "check")


def test_p_6_2_only_mine_is_reopened_and_the_other_branch_stays_arrived(desk: Desk) -> None:
    instance_id = desk.start(FORK)
    desk.complete(instance_id, "apply", "water")
    fire = desk.house.task(instance_id, "fire")
    desk.complete(instance_id, "fire")
    assert desk.open(instance_id) == ["sign"]
    withdraw(desk, fire, "fire")
    assert desk.open(instance_id) == ["fire"]
    desk.finish(instance_id)


BALLOT = bpmn(
    '<startEvent id="start"/><endEvent id="end"/>'
    '<userTask id="vote" name="会签" banjie:candidateUsers="aer,ber,cer" banjie:ballot="count:2"/>'
    + user("sign")
    + flows("start-vote", "vote-sign", "sign-end")
)


def voters(desk: Desk) -> str:
    for step in "abc":
        desk.person(step)
    return desk.start(BALLOT, by="sign")


def seat_of(desk: Desk, instance_id: str, step: str) -> dict[str, Any]:
    rows = desk.house.queries.tasks.of_instance(instance_id)
    return next(row for row in rows if row["element_id"] == "vote" and row["assignee"] == f"{step}er")


def vote(desk: Desk, instance_id: str, step: str, outcome: str) -> dict[str, Any]:
    task = seat_of(desk, instance_id, step)
    desk.house.complete(task, desk.person(step), outcome)
    return task


def test_trap_2_6_p_6_1_my_vote_while_the_ballot_is_open(desk: Desk) -> None:
    # Trap 2.6: with others a countersign member cannot take back while the node is still open.
    instance_id = voters(desk)
    mine = vote(desk, instance_id, "a", "approve")
    assert withdraw(desk, mine, "a")["state"] == "assigned"
    vote(desk, instance_id, "b", "approve")
    assert "sign" not in desk.open(instance_id)
    vote(desk, instance_id, "a", "approve")
    assert desk.open(instance_id) == ["sign"]
    desk.finish(instance_id)


def test_trap_2_6_p_6_2_after_the_ballot_only_my_vote_is_asked_again(desk: Desk) -> None:
    # Trap 2.6: with others all members are asked again.
    instance_id = voters(desk)
    vote(desk, instance_id, "a", "approve")
    mine = vote(desk, instance_id, "b", "approve")
    assert desk.open(instance_id) == ["sign"]
    withdraw(desk, mine, "b")
    rows = desk.house.open_tasks(instance_id)
    assert sorted(row["assignee"] for row in rows) == ["ber", "cer"], (
        "a has voted; c, superseded before, may vote again"
    )
    vote(desk, instance_id, "c", "approve")
    assert desk.open(instance_id) == ["sign"]
    desk.finish(instance_id)


def test_only_who_decided_takes_back(desk: Desk) -> None:
    instance_id = desk.start(line())
    task = desk.house.task(instance_id)
    command = WithdrawTask(task_id=task["id"], reason="x")
    with pytest.raises(Forbidden):  # not decided yet
        desk.house.engine.execute(command, actor=desk.person("apply"))
    desk.complete(instance_id, "apply")
    with pytest.raises((Forbidden, NotFound)):
        desk.house.engine.execute(command, actor=desk.person("check"))
    with pytest.raises(NotFound):
        desk.house.engine.execute(command, actor=desk.house.person("stranger"))


def test_the_node_may_forbid_it(desk: Desk) -> None:
    instance_id = desk.start(line(apply={"allow": "-withdraw"}))
    task = desk.house.task(instance_id)
    desk.complete(instance_id, "apply")
    with pytest.raises(Conflict, match="does not allow withdraw"):
        withdraw(desk, task, "apply")


def test_a_straight_way_back_is_not_lost_by_taking_back_what_followed(desk: Desk) -> None:
    instance_id = desk.start(line())
    desk.complete(instance_id, "apply", "check")
    desk.send_back(instance_id, "review", "apply", resubmit="step")
    apply = desk.house.task(instance_id)
    desk.complete(instance_id, "apply")
    withdraw(desk, apply, "apply")
    again = desk.house.task(instance_id)
    assert (again["id"], again["round"]) == (apply["id"], 2)
    with pytest.raises(Conflict):
        desk.house.engine.execute(
            ReturnTask(task_id=apply["id"], target="check", reason="x"), actor=desk.person("apply")
        )
    desk.finish(instance_id)
