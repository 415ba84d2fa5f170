"""A failed ballot that returns the case: the next round votes anew, and the votes of the first one stay."""

import pytest

from engine.commands.returning.returns import ReturnTask
from engine.errors import StepFailed
from engine.store import tables
from tests.integration.ballots.committee import Committee
from tests.integration.ballots.test_record import rebuilt_equal
from tests.integration.engine.house import bpmn, flows


def drafted(more: str) -> bytes:
    """Draft, then a ballot of a and b that returns to the draft when it fails."""
    return bpmn(
        '<startEvent id="start"/><userTask id="draft" name="起草" banjie:assignee="clerk"/>'
        f'<userTask id="vote" name="会签" banjie:candidateUsers="a,b" banjie:ballot="all" {more}/>'
        '<userTask id="yes" name="通过后" banjie:assignee="clerk"/><endEvent id="end"/>'
        + flows("start-draft", "draft-vote", "vote-yes", "yes-end"),
        key="council",
    )


@pytest.mark.parametrize(("again", "asked"), [("all", ["a", "b"]), ("objectors", ["b"])])
def test_p_2_1_a_failed_ballot_returns_and_the_next_round_keeps_the_first(
    committee: Committee, again: str, asked: list[str]
) -> None:
    committee.deploy(drafted(f'banjie:onReject="return:draft" banjie:again="{again}"'))
    instance_id = committee.start("council")
    clerk = committee.actors["clerk"]
    committee.complete(committee.task(instance_id, "draft"), clerk)

    # when one of two rejects
    committee.cast(instance_id, "a", "approve")
    committee.cast(instance_id, "b", "reject")

    # then the case is back at the draft, and only there
    assert committee.result(instance_id) == "draft"
    assert committee.ballot(instance_id)["state"] == "failed"

    # when it comes again
    committee.complete(committee.task(instance_id, "draft"), clerk)
    assert committee.seated(instance_id) == asked
    for login in asked:
        committee.cast(instance_id, login, "approve")

    # then it passes, and both rounds are kept
    assert committee.result(instance_id) == "yes"
    rounds = committee.rows(tables.ballot, instance_id=instance_id)
    assert sorted((row["round"], row["state"]) for row in rounds) == [(1, "failed"), (2, "passed")]
    assert committee.kinds(instance_id).count("TaskReturned") == 1
    rebuilt_equal(committee, instance_id)


@pytest.mark.parametrize("mode", ["all", "ratio:1/2"])
def test_p_3_7_p_3_5_what_was_passed_and_returned_does_not_pass_by_itself(committee: Committee, mode: str) -> None:
    """Only objectors are asked again, and nobody objected: then all are."""
    ballot = drafted('banjie:again="objectors"').replace(b'banjie:ballot="all"', f'banjie:ballot="{mode}"'.encode())
    committee.deploy(ballot)
    instance_id = committee.start("council")
    clerk = committee.actors["clerk"]
    committee.complete(committee.task(instance_id, "draft"), clerk)
    committee.cast(instance_id, "a", "approve")
    if mode == "all":
        committee.cast(instance_id, "b", "approve")

    back = committee.task(instance_id, "yes")["id"]
    committee.engine.execute(ReturnTask(task_id=back, target="vote", reason="再议"), actor=clerk)

    assert committee.seated(instance_id) == ["a", "b"]
    committee.cast(instance_id, "a", "approve")
    if mode == "all":
        committee.cast(instance_id, "b", "approve")
    assert committee.result(instance_id) == "yes"
    rebuilt_equal(committee, instance_id)


def test_a_return_that_is_not_possible_is_an_incident_and_not_the_voters_fault(committee: Committee) -> None:
    body = (
        '<startEvent id="start"/><exclusiveGateway id="g" default="g_vote"/>'
        '<userTask id="draft" name="起草" banjie:assignee="clerk"/>'
        '<userTask id="vote" name="会签" banjie:candidateUsers="a" banjie:ballot="all" banjie:onReject="return:draft"/>'
        '<endEvent id="end"/>' + flows("start-g", "g-draft?1 = 2", "g-vote", "draft-vote", "vote-end")
    )
    committee.deploy(bpmn(body, key="council"))
    instance_id = committee.start("council")
    with pytest.raises(StepFailed, match="should return"):
        committee.cast(instance_id, "a", "reject")
    assert committee.state(instance_id) == "incident"
    assert committee.result(instance_id) == "vote", "nothing of the step is kept"
