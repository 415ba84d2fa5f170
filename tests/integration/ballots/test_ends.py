"""What a failed ballot ends, and what it tells whoever called its process."""

import pytest

from engine.errors import Conflict, Forbidden, NotFound
from engine.store import tables
from tests.integration.ballots.committee import Committee
from tests.integration.engine.house import bpmn, flows

CHILD = bpmn(
    '<startEvent id="s"/><parallelGateway id="fork"/>'
    '<userTask id="vote" name="会签" banjie:candidateUsers="a,b" banjie:ballot="all" banjie:onReject="end"/>'
    '<userTask id="side" name="旁支" banjie:assignee="clerk"/><parallelGateway id="join"/><endEvent id="e"/>'
    + flows("s-fork", "fork-vote", "fork-side", "vote-join", "side-join", "join-e"),
    key="child",
)
PARENT = bpmn(
    '<startEvent id="start"/><callActivity id="call" name="子流程" calledElement="child"/>'
    '<exclusiveGateway id="g" default="g_no"/><userTask id="yes" name="同意后" banjie:assignee="clerk"/>'
    '<userTask id="no" name="否决后" banjie:assignee="clerk"/><endEvent id="end"/>'
    + flows("start-call", "call-g", 'g-yes?vote_outcome = "approve"', "g-no", "yes-end", "no-end"),
    key="parent",
)


def test_trap_2_2_p_2_4_a_refusing_child_tells_its_parent_and_the_parent_decides(committee: Committee) -> None:
    """ruoyi ends the parent after the commit; a crash in between leaves it running."""
    committee.deploy(CHILD, PARENT)
    instance_id = committee.start("parent")

    committee.cast(instance_id, "b", "reject")

    assert committee.result(instance_id) == "no"
    assert committee.state(instance_id) == "running"
    assert committee.variables(instance_id)["vote_votes"]["passed"] is False
    (side,) = committee.rows(tables.task, instance_id=instance_id, element_id="side")
    assert (side["state"], side["closed_by"]) == ("cancelled", "b")


def test_p_2_4_an_approving_child_tells_its_parent(committee: Committee) -> None:
    committee.deploy(CHILD, PARENT)
    instance_id = committee.start("parent")
    for login in "ab":
        committee.cast(instance_id, login, "approve")
    committee.complete(committee.task(instance_id, "side"), committee.actors["clerk"])
    assert committee.result(instance_id) == "yes"


def test_p_2_3_who_only_advises_cannot_reject(committee: Committee) -> None:
    instance_id = committee.open("all", people="a", more='banjie:advisers="d" banjie:veto="anyone" ')
    with pytest.raises(Conflict, match="decide nothing"):
        committee.cast(instance_id, "d", "reject")
    assert committee.result(instance_id) == "vote"


def test_trap_2_10_1_nobody_votes_without_a_seat_also_while_nobody_holds_it(committee: Committee) -> None:
    # given b's seat in order, which is not open yet
    instance_id = committee.open("sequential", people="a,b", by=committee.actors["e"])
    seat = committee.seat(instance_id, "a")
    # then neither the next member, nor the starter, nor an administrator votes on a's seat
    for login, refusal in (("b", NotFound), ("e", Forbidden), ("admin", Forbidden)):
        with pytest.raises(refusal):
            committee.complete(seat, committee.actors.get(login) or committee.admin, "approve")
    assert committee.rows(tables.ballot_vote) == []


def test_trap_2_10_2_a_ballot_that_decides_itself_does_so_in_the_same_transaction(committee: Committee) -> None:
    """ruoyi approves automatically after the commit; a crash in between leaves a task that should have passed."""
    from engine.cli.bench.measuring import counted

    committee.open("all", people="nobody", more='banjie:onEmpty="pass" ')
    with counted(committee.database.engine) as count:
        instance_id = committee.start("council")
    assert count.commits == 1
    assert committee.result(instance_id) == "yes"
    decided = [
        row for row in committee.queries.instances.history(instance_id, limit=50) if row["kind"] == "BallotDecided"
    ]
    assert [(row["actor"], row["data"]["ground"]) for row in decided] == [("system", "nobody")]


def test_trap_2_10_6_who_added_who_holds_and_for_whom_are_three_columns(committee: Committee) -> None:
    instance_id = committee.open("all", people="a,b")
    committee.add(instance_id, "d", by="a")
    seat = committee.seat(instance_id, "d")
    assert (seat["added_by"], seat["assignee"], seat["principal"], seat["delegated_by"]) == ("a", "d", None, None)


def test_a_loop_of_ballots_that_pass_by_themselves_is_stopped(committee: Committee) -> None:
    from engine.errors import StepFailed

    body = (
        '<startEvent id="start"/><exclusiveGateway id="again" default="again_vote"/>'
        '<userTask id="vote" name="会签" banjie:candidateUsers="nobody" banjie:ballot="all" banjie:onEmpty="fail"/>'
        '<endEvent id="end"/>' + flows("start-again", "again-vote", "again-end?1 = 2", "vote-again")
    )
    committee.deploy(bpmn(body, key="council"))
    with pytest.raises(StepFailed, match="without a rest"):
        committee.start("council")


def test_p_2_4_the_results_of_several_children_are_data_and_the_parent_counts_them(committee: Committee) -> None:
    """all, any, a ratio or none of it: an expression over the results that were gathered."""
    child = (
        '<startEvent id="start"/><userTask id="look" banjie:assignee="${who}" banjie:outcomes="agree,refuse" '
        'banjie:onReject="end"/><endEvent id="end"/>' + flows("start-look", "look-end")
    )
    loop = (
        '<multiInstanceLoopCharacteristics banjie:collection="people" banjie:elementVariable="p" '
        'banjie:outputCollection="results" banjie:outputElement="=result"/>'
    )
    parent = (
        '<startEvent id="start"/><callActivity id="ask" calledElement="child_of_many"><extensionElements>'
        '<banjie:in source="=p" target="who"/><banjie:out source="=outcome" target="result"/></extensionElements>'
        f'{loop}</callActivity><exclusiveGateway id="g" default="g_no"/><userTask id="yes" banjie:assignee="clerk"/>'
        '<userTask id="no" banjie:assignee="clerk"/><endEvent id="e1"/><endEvent id="e2"/>'
        + flows("start-ask", "ask-g", 'g-yes?count(results[item = "agree"]) >= 2', "g-no", "yes-e1", "no-e2")
    )
    committee.deploy(bpmn(child, key="child_of_many"), bpmn(parent, key="parent_of_many"))
    for said, expected in (("agree", "yes"), ("refuse", "no")):
        instance_id = committee.start("parent_of_many", people=["a", "b", "c"])
        for login, outcome in (("a", "refuse"), ("b", "agree"), ("c", said)):
            committee.cast(instance_id, login, outcome)
        assert committee.result(instance_id) == expected
