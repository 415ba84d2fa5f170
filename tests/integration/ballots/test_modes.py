"""Ballots in a running process: each mode ends as soon as its result is certain, and the process goes on once."""

import pytest

from engine.errors import Conflict, StepFailed
from engine.store import tables
from tests.integration.ballots.committee import Committee
from tests.integration.engine.house import bpmn, flows


def test_p_1_1_all_must_approve(committee: Committee) -> None:
    # given a ballot of three
    instance_id = committee.open("all")
    assert committee.seated(instance_id) == ["a", "b", "c"]

    # when two approve, it is open; when the third does, the process goes on
    committee.cast(instance_id, "a", "approve")
    committee.cast(instance_id, "c", "approve")
    assert committee.result(instance_id) == "vote"
    committee.cast(instance_id, "b", "approve")
    assert committee.result(instance_id) == "yes"
    found = committee.variables(instance_id)
    assert found["vote_outcome"] == found["outcome"] == "approve"
    assert found["vote_votes"]["yes"] == 3
    assert found["vote_votes"]["voters"] == 3


def test_p_1_2_a_first_rejection_ends_all_at_once(committee: Committee) -> None:
    instance_id = committee.open("all")
    committee.cast(instance_id, "b", "reject")
    assert committee.result(instance_id) == "no"
    assert committee.states(instance_id) == {"a": "superseded", "b": "completed", "c": "superseded"}


def test_trap_2_1_p_1_5_who_is_superseded_has_it_in_no_list(committee: Committee) -> None:
    instance_id = committee.open("any")
    committee.cast(instance_id, "a", "approve")
    assert committee.result(instance_id) == "yes"
    for login, done in (("a", 1), ("b", 0)):
        actor = committee.actors[login]
        assert committee.queries.tasks.assigned(actor).rows == []
        assert len(committee.queries.tasks.done(actor).rows) == done
    seat = committee.rows(tables.task, instance_id=instance_id, assignee="b")[0]
    with pytest.raises(Conflict, match="no longer needed"):
        committee.complete(seat, committee.actors["b"], "reject")


def test_trap_2_1_p_1_2_any_waits_while_somebody_may_still_approve(committee: Committee) -> None:
    instance_id = committee.open("any")
    committee.cast(instance_id, "a", "reject")
    committee.cast(instance_id, "b", "reject")
    assert committee.result(instance_id) == "vote"
    committee.cast(instance_id, "c", "approve")
    assert committee.result(instance_id) == "yes"


def test_trap_2_1_p_1_2_all_say_no_and_the_process_does_not_pass(committee: Committee) -> None:
    instance_id = committee.open("any")
    for login in "abc":
        committee.cast(instance_id, login, "reject")
    assert committee.result(instance_id) == "no"
    assert committee.ballot(instance_id)["state"] == "failed"


def test_p_1_2_two_of_three_are_two_thirds(committee: Committee) -> None:
    instance_id = committee.open("ratio:2/3")
    committee.cast(instance_id, "a", "approve")
    committee.cast(instance_id, "b", "reject")
    assert committee.result(instance_id) == "vote", "one rejection does not end a vote by ratio"
    committee.cast(instance_id, "c", "approve")
    assert committee.result(instance_id) == "yes"


def test_p_1_1_a_count_is_a_number_of_people(committee: Committee) -> None:
    instance_id = committee.open("count:2", people="a,b,c,d")
    committee.cast(instance_id, "a", "reject")
    committee.cast(instance_id, "d", "approve")
    committee.cast(instance_id, "b", "approve")
    assert committee.result(instance_id) == "yes"


def test_p_1_1_weights_decide(committee: Committee) -> None:
    more = 'banjie:weights="a:60,b:30,c:10" '
    instance_id = committee.open("weight:60/100", more=more)
    committee.cast(instance_id, "b", "reject")
    committee.cast(instance_id, "a", "approve")
    assert committee.result(instance_id) == "yes"


def test_p_1_1_in_order_only_the_next_one_has_a_task(committee: Committee) -> None:
    instance_id = committee.open("sequential", people="b,a,c")
    for login in "bac":
        assert committee.seated(instance_id) == [login]
        committee.cast(instance_id, login, "approve")
    assert committee.result(instance_id) == "yes"


def test_p_1_1_in_order_a_rejection_spares_those_who_come_later(committee: Committee) -> None:
    instance_id = committee.open("sequential")
    committee.cast(instance_id, "a", "reject")
    assert committee.result(instance_id) == "no"
    assert committee.states(instance_id) == {"a": "completed"}


def test_p_1_1_a_veto_of_one_named_person_ends_it(committee: Committee) -> None:
    instance_id = committee.open("ratio:1/2", more='banjie:veto="c" ')
    committee.cast(instance_id, "a", "reject")
    assert committee.result(instance_id) == "vote", "not everybody has the veto"
    committee.cast(instance_id, "c", "reject")
    assert committee.result(instance_id) == "no"
    assert committee.ballot(instance_id)["ground"] == "veto"


def test_p_1_1_no_result_before_the_quorum(committee: Committee) -> None:
    instance_id = committee.open("any", people="a,b,c,d", more='banjie:quorum="3" ')
    committee.cast(instance_id, "a", "approve")
    committee.cast(instance_id, "b", "approve")
    assert committee.result(instance_id) == "vote"
    committee.cast(instance_id, "c", "reject")
    assert committee.result(instance_id) == "yes"


def test_p_1_1_who_abstains_is_present_and_on_neither_side(committee: Committee) -> None:
    more = 'banjie:abstain="true" banjie:base="cast" '
    instance_id = committee.open("majority", more=more)
    committee.cast(instance_id, "a", "abstain")
    committee.cast(instance_id, "b", "approve")
    assert committee.result(instance_id) == "vote"
    committee.cast(instance_id, "c", "abstain")
    assert committee.result(instance_id) == "yes"
    assert committee.variables(instance_id)["vote_votes"]["abstain"] == 2


def test_p_1_1_abstaining_needs_the_model_to_allow_it(committee: Committee) -> None:
    instance_id = committee.open("all")
    with pytest.raises(Conflict):
        committee.cast(instance_id, "a", "abstain")


@pytest.mark.parametrize(("chair", "result"), [("approve", "yes"), ("reject", "no")])
def test_p_1_1_an_equal_vote_goes_as_the_chair_voted(committee: Committee, chair: str, result: str) -> None:
    more = 'banjie:tie="chair" banjie:chair="d" '
    instance_id = committee.open("majority", people="a,b,c,d", more=more)
    other = {"approve": "reject", "reject": "approve"}[chair]
    for login, vote in (("a", chair), ("b", other), ("c", other), ("d", chair)):
        committee.cast(instance_id, login, vote)
    assert committee.result(instance_id) == result
    assert committee.ballot(instance_id)["ground"] == "tie"


def test_p_1_1_the_models_own_outcomes_are_votes(committee: Committee) -> None:
    more = (
        'banjie:outcomes="ok:可以,conditional:有条件同意,nope:不行" '
        'banjie:votes="ok:approve,conditional:approve,nope:reject" '
    )
    instance_id = committee.open("count:2", more=more)
    committee.cast(instance_id, "a", "conditional")
    committee.cast(instance_id, "b", "ok")
    assert committee.variables(instance_id)["vote_outcome"] == "ok"


def test_p_1_1_advisers_have_an_opinion_and_no_vote(committee: Committee) -> None:
    # given a ballot of one with two advisers, of whom one is a voter already
    instance_id = committee.open("all", people="a", more='banjie:advisers="d,group:committee" ')
    assert committee.seated(instance_id) == ["a", "b", "c", "d"]

    # when an adviser speaks, nothing is decided, and an outcome is refused to him
    with pytest.raises(Conflict, match="decide nothing"):
        committee.cast(instance_id, "d", "reject")
    committee.complete(committee.seat(instance_id, "d"), committee.actors["d"])
    assert committee.result(instance_id) == "vote"
    assert committee.ballot(instance_id)["members"] == 1

    # then the voter decides, and the advisers who kept silent hold nobody up
    committee.cast(instance_id, "a", "approve")
    assert committee.result(instance_id) == "yes"


def test_p_1_4_a_person_found_in_two_ways_has_one_vote(committee: Committee) -> None:
    instance_id = committee.open("all", people="a", more='banjie:candidateGroups="committee" ')
    assert committee.seated(instance_id) == ["a", "b", "c"]


def test_trap_2_1_an_empty_ballot_neither_passes_nor_hangs(committee: Committee) -> None:
    """Flowable lets an empty countersign pass."""
    instance_id = committee.open("all", people="nobody")
    assert committee.seated(instance_id) == ["admin"]


def test_an_empty_ballot_passes_only_if_the_node_says_so(committee: Committee) -> None:
    instance_id = committee.open("all", people="nobody", more='banjie:onEmpty="pass" ')
    assert committee.result(instance_id) == "yes"
    assert committee.ballot(instance_id)["ground"] == "nobody"
    failed = committee.open("all", people="nobody", more='banjie:onEmpty="fail" ')
    assert committee.result(failed) == "no"


def test_too_few_people_for_the_threshold_are_an_incident_not_a_rejection(committee: Committee) -> None:
    with pytest.raises(StepFailed, match="only a, b may vote"):
        committee.open("count:3", people="a,b,nobody")


def test_p_2_1_a_failed_ballot_goes_on_by_its_outcome_unless_the_node_says_otherwise(committee: Committee) -> None:
    instance_id = committee.open("all", more='banjie:onReject="end" ')
    committee.cast(instance_id, "b", "reject")
    row = committee.queries.instances.get(instance_id)
    assert row is not None
    assert (row["state"], row["outcome"]) == ("terminated", "reject")


def test_p_2_1_a_failed_ballot_takes_the_flow_that_is_kept_for_it_and_a_passed_one_never_does(
    committee: Committee,
) -> None:
    body = (
        '<startEvent id="start"/><userTask id="vote" name="会签" banjie:candidateUsers="a,b" banjie:ballot="all" '
        'banjie:onReject="flow:vote_no"/><userTask id="yes" name="通过后" banjie:assignee="clerk"/>'
        '<userTask id="also" name="另一条" banjie:assignee="clerk"/>'
        '<userTask id="no" name="未通过后" banjie:assignee="clerk"/><endEvent id="end"/>'
        + flows("start-vote", "vote-yes", "vote-also", "vote-no", "yes-end", "also-end", "no-end")
    )
    committee.deploy(bpmn(body, key="council"))
    for outcome, result in (("reject", "no"), ("approve", "also,yes")):
        instance_id = committee.start("council")
        for login in "ab" if outcome == "approve" else "a":
            committee.cast(instance_id, login, outcome)
        assert committee.result(instance_id) == result
