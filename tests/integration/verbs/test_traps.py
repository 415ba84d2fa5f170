"""Traps of other engines that no test elsewhere has: ends with nobody at work, and timers at nodes with several people."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.access import Role
from engine.commands.delegating.delegations import DelegateTask
from engine.commands.delegating.signers import AddSigners
from engine.commands.returning.cancelling import CancelInstance
from engine.store import tables
from engine.store.base.database import Database
from tests.integration.ballots.committee import Committee
from tests.integration.ballots.test_record import rebuilt_equal
from tests.integration.engine.house import bpmn, flows

CHILD = '<process id="child" isExecutable="true"><startEvent id="cs"/><userTask id="inner" banjie:assignee="d"/><endEvent id="ce"/>'
CHILD += flows("cs-inner", "inner-ce") + "</process>"
WAIT = '<intermediateCatchEvent id="wait"><timerEventDefinition><timeDuration>P3D</timeDuration></timerEventDefinition>'
WAIT += "</intermediateCatchEvent>"


@pytest.fixture
def committee(database: Database) -> Committee:
    found = Committee(database)
    found.person("boss", roles=(Role.ADMIN, Role.STAFF, Role.DESIGNER))
    return found


def beside(vote: str) -> bytes:
    """A vote beside a wait and a called process."""
    body = (
        f'<startEvent id="s"/><parallelGateway id="fork"/>{vote}{WAIT}<callActivity id="call" calledElement="child"/>'
        '<parallelGateway id="join"/><endEvent id="e"/>'
    )
    ways = flows("s-fork", "fork-vote", "fork-wait", "fork-call", "vote-join", "wait-join", "call-join", "join-e")
    return bpmn(body + ways, key="council", more=CHILD)


def timed(node: str) -> bytes:
    """A node with a timer of two days that leads elsewhere."""
    body = (
        f'<startEvent id="s"/>{node}<boundaryEvent id="late" attachedToRef="vote"><timerEventDefinition>'
        '<timeDuration>P2D</timeDuration></timerEventDefinition></boundaryEvent><userTask id="escalated" banjie:assignee="e"/>'
        '<endEvent id="e1"/><endEvent id="e2"/>'
    )
    return bpmn(body + flows("s-vote", "vote-e1", "late-escalated", "escalated-e2"), key="council")


def test_trap_2_2_a_refusal_ends_waits_and_called_processes_too(committee: Committee) -> None:
    """ruoyi moves tasks to the end: what is no task, a delay or a called process, went on."""
    vote = '<userTask id="vote" banjie:candidateUsers="a,b" banjie:ballot="all" banjie:onReject="end"/>'
    committee.deploy(beside(vote))
    instance_id = committee.start("council")
    committee.cast(instance_id, "a", "reject")
    assert committee.state(instance_id) == "terminated"
    assert committee.open_tasks(instance_id) == []
    committee.run_jobs(timedelta(days=9))
    assert committee.state(instance_id) == "terminated"
    rebuilt_equal(committee, instance_id)


def test_trap_2_2_an_instance_in_which_only_a_wait_is_left_can_be_ended(committee: Committee) -> None:
    """ruoyi's end does nothing when no user task is open."""
    committee.deploy(bpmn(f'<startEvent id="s"/>{WAIT}<endEvent id="e"/>' + flows("s-wait", "wait-e"), key="council"))
    instance_id = committee.start("council", by=committee.actors["a"])
    committee.engine.execute(CancelInstance(instance_id=instance_id, reason="不办了"), actor=committee.actors["a"])
    assert committee.state(instance_id) == "terminated"
    assert committee.run_jobs(timedelta(days=9)) == 0


def test_trap_2_9_a_timer_at_a_ballot_acts_once_and_not_for_each_member(committee: Committee) -> None:
    """ruoyi acts on each open task without looking whether the first action has ended the node."""
    committee.deploy(timed('<userTask id="vote" banjie:candidateUsers="a,b,c" banjie:ballot="all"/>'))
    instance_id = committee.start("council")
    committee.cast(instance_id, "a", "approve")
    committee.run_jobs(timedelta(days=3))
    assert committee.result(instance_id) == "escalated"
    assert committee.kinds(instance_id).count("BallotCancelled") == 1
    assert committee.ballot(instance_id)["state"] == "cancelled"
    rebuilt_equal(committee, instance_id)


def test_trap_2_9_a_timer_needs_neither_opinion_nor_signature(committee: Committee) -> None:
    """ruoyi's automatic approval throws where the node demands them, until its job is dead."""
    node = '<userTask id="vote" banjie:assignee="a" banjie:requireComment="true" banjie:signature="required"/>'
    committee.deploy(timed(node))
    instance_id = committee.start("council")
    committee.run_jobs(timedelta(days=3))
    assert committee.result(instance_id) == "escalated"
    assert committee.rows(tables.job, instance_id=instance_id) == []


def test_trap_2_9_a_timer_does_not_pass_over_those_who_wait_for_signers_or_advice(committee: Committee) -> None:
    """ruoyi skips waiting parents and lets the timer resolve a delegation only, after which nothing fires any more."""
    committee.deploy(timed('<userTask id="vote" banjie:assignee="a" banjie:outcomes="agree,refuse"/>'))
    for ask in (
        lambda task_id: AddSigners(task_id=task_id, people=("b", "c"), position="before"),
        lambda task_id: DelegateTask(task_id=task_id, to="b"),
    ):
        instance_id = committee.start("council")
        task_id = committee.task(instance_id)["id"]
        committee.engine.execute(ask(task_id), actor=committee.actors["a"])
        committee.run_jobs(timedelta(days=3))
        assert committee.seated(instance_id) == ["e"]
        assert committee.result(instance_id) == "escalated"


def test_trap_2_9_a_timer_that_fires_late_or_for_what_has_gone_does_nothing(committee: Committee) -> None:
    """P-9.1: the job is a wake-up call that looks at what is."""
    committee.deploy(timed('<userTask id="vote" banjie:assignee="a"/>'))
    instance_id = committee.start("council")
    committee.now += timedelta(days=30)  # no worker ran for a month
    committee.complete(committee.task(instance_id, "vote"), committee.actors["a"])
    state = committee.state(instance_id)
    committee.run_jobs()
    assert committee.state(instance_id) == state
    assert len({row["element_id"] for row in committee.open_tasks(instance_id)}) <= 1
