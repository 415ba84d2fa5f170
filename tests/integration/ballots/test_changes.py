"""Members come and go while a ballot is open; every change counts again, and nothing hangs."""

import pytest

from engine.commands.tasks.handling import AssignTask
from engine.errors import Conflict
from engine.runtime.task import Power
from engine.store import tables
from tests.integration.ballots.committee import Committee
from tests.integration.ballots.test_record import rebuilt_equal
from tests.integration.engine.house import bpmn, flows


def test_trap_2_4_p_1_3_removing_the_last_open_member_decides_the_ballot(committee: Committee) -> None:
    """Flowable's deleteMultiInstanceExecution leaves such a node waiting for ever."""
    # given two of three have approved
    instance_id = committee.open("all")
    committee.cast(instance_id, "a", "approve")
    committee.cast(instance_id, "b", "approve")
    # when the third is removed
    committee.remove(instance_id, "c")
    # then the process goes on
    assert committee.result(instance_id) == "yes"
    assert committee.states(instance_id)["c"] == "cancelled"


def test_p_1_3_removing_a_member_can_fail_the_ballot(committee: Committee) -> None:
    instance_id = committee.open("count:2")
    committee.cast(instance_id, "a", "reject")
    committee.remove(instance_id, "b")
    assert committee.result(instance_id) == "no"


def test_trap_2_1_p_1_3_an_added_member_is_counted_in_the_base(committee: Committee) -> None:
    instance_id = committee.open("ratio:1/2", people="a,b")
    committee.add(instance_id, "d", by="a")
    assert committee.seated(instance_id) == ["a", "b", "d"]
    committee.cast(instance_id, "d", "approve")
    assert committee.result(instance_id) == "vote", "one of three is not half"
    committee.cast(instance_id, "a", "approve")
    assert committee.result(instance_id) == "yes"


def test_p_1_3_a_transferred_seat_keeps_its_vote(committee: Committee) -> None:
    # given b of three hands the seat over to d
    instance_id = committee.open("all")
    seat = committee.seat(instance_id, "b")
    committee.engine.execute(AssignTask(task_id=seat["id"], assignee="d", reason="出差"), actor=committee.actors["b"])
    # when a, c and d vote
    for login in "acd":
        committee.cast(instance_id, login, "approve")
    # then it is decided, with three voters
    assert committee.result(instance_id) == "yes"
    assert committee.variables(instance_id)["vote_votes"]["voters"] == 3
    assert set(committee.variables(instance_id)["vote_answers"]) == {"a", "c", "d"}


def test_p_1_3_weight_veto_and_chair_go_with_the_seat(committee: Committee) -> None:
    instance_id = committee.open("weight:>1/2", more='banjie:weights="a:5,*:1" banjie:veto="a" ')
    seat = committee.seat(instance_id, "a")
    committee.engine.execute(AssignTask(task_id=seat["id"], assignee="d"), actor=committee.actors["a"])
    committee.cast(instance_id, "d", "approve")
    assert committee.result(instance_id) == "yes"


@pytest.mark.parametrize("voted", [True, False])
def test_p_1_4_a_member_gets_no_second_seat(committee: Committee, voted: bool) -> None:
    instance_id = committee.open("all")
    if voted:
        committee.cast(instance_id, "b", "approve")
    with pytest.raises(Conflict):
        committee.add(instance_id, "b", by="a")
    seat = committee.seat(instance_id, "a")
    with pytest.raises(Conflict):
        committee.engine.execute(AssignTask(task_id=seat["id"], assignee="b"), actor=committee.actors["a"])


def test_p_4_1_a_member_beside_me_has_my_weight(committee: Committee) -> None:
    instance_id = committee.open("weight:>1/2", people="a,b", more='banjie:weights="a:3,b:2" ')
    committee.add(instance_id, "d", by="a")
    committee.cast(instance_id, "d", "approve")
    committee.cast(instance_id, "b", "approve")
    assert committee.result(instance_id) == "yes", "5 of 8"


def test_p_4_3_somebody_added_to_advise_does_not_vote(committee: Committee) -> None:
    instance_id = committee.open("all", people="a")
    committee.add(instance_id, "d", by="a", power=Power.ADVISE)
    committee.complete(committee.seat(instance_id, "d"), committee.actors["d"])
    assert committee.result(instance_id) == "vote"
    committee.cast(instance_id, "a", "approve")
    assert committee.result(instance_id) == "yes"


def test_p_4_4_who_has_voted_and_who_votes_alone_is_not_removed(committee: Committee) -> None:
    instance_id = committee.open("all", people="a,b")
    committee.cast(instance_id, "a", "approve")
    with pytest.raises(Conflict, match="has voted"):
        committee.remove(instance_id, "a", by="b")
    alone = committee.open("all", people="a")
    with pytest.raises(Conflict, match="only voter"):
        committee.remove(alone, "a")


def test_trap_2_4_p_4_6_a_disabled_person_is_not_added(committee: Committee) -> None:
    instance_id = committee.open("all")
    with committee.database.write() as connection:
        connection.execute(tables.person.update().where(tables.person.c.login == "e").values(disabled=True))
    with pytest.raises(Conflict):
        committee.add(instance_id, "e", by="a")


def test_p_1_3_in_order_a_removed_member_gives_way_to_the_next(committee: Committee) -> None:
    instance_id = committee.open("sequential")
    committee.remove(instance_id, "a", by="b")
    assert committee.seated(instance_id) == ["b"]


def test_p_1_3_in_order_a_replacement_takes_the_place_and_all_that_belongs_to_it(committee: Committee) -> None:
    more = 'banjie:veto="b" banjie:weights="b:5,*:1" '
    instance_id = committee.open("sequential:weight:2/3", more=more)
    committee.replace(instance_id, "b", "d")
    committee.cast(instance_id, "a", "approve")
    assert committee.seated(instance_id) == ["d"]
    rebuilt_equal(committee, instance_id)
    committee.cast(instance_id, "d", "reject")
    assert committee.ballot(instance_id)["ground"] == "veto"


def test_p_1_4_nobody_is_replaced_by_a_member_or_after_the_vote(committee: Committee) -> None:
    instance_id = committee.open("all")
    committee.cast(instance_id, "a", "approve")
    for login, by in (("b", "c"), ("b", "a"), ("a", "d"), ("e", "d")):
        with pytest.raises(Conflict):
            committee.replace(instance_id, login, by)


def test_trap_2_4_in_order_an_added_member_comes_last(committee: Committee) -> None:
    instance_id = committee.open("sequential", people="a,b")
    committee.add(instance_id, "d", by="a")
    assert committee.seated(instance_id) == ["a"]
    for login in "abd":
        committee.cast(instance_id, login, "approve")
    assert committee.result(instance_id) == "yes"


def test_p_6_1_a_withdrawn_vote_is_open_again_and_the_others_stay(committee: Committee) -> None:
    instance_id = committee.open("ratio:2/3")
    committee.cast(instance_id, "a", "reject")
    committee.cast(instance_id, "b", "approve")
    committee.withdraw(instance_id, "a")
    assert committee.seated(instance_id) == ["a", "c"]
    committee.cast(instance_id, "a", "approve")
    assert committee.result(instance_id) == "yes"


def test_p_6_1_in_order_a_withdrawn_vote_takes_the_turn_back(committee: Committee) -> None:
    instance_id = committee.open("sequential")
    committee.cast(instance_id, "a", "approve")
    committee.withdraw(instance_id, "a")
    assert committee.seated(instance_id) == ["a"]
    for login in "abc":
        committee.cast(instance_id, login, "approve")
    assert committee.result(instance_id) == "yes"


def test_a_vote_of_a_decided_ballot_is_not_withdrawn(committee: Committee) -> None:
    instance_id = committee.open("any")
    committee.cast(instance_id, "a", "approve")
    with pytest.raises(Conflict):
        committee.withdraw(instance_id, "a")


def test_a_ballot_whose_token_goes_away_is_cancelled(committee: Committee) -> None:
    body = (
        '<startEvent id="start"/><userTask id="vote" name="会签" banjie:candidateUsers="a,b" banjie:ballot="all"/>'
        '<boundaryEvent id="late" attachedToRef="vote"><timerEventDefinition><timeDuration>PT1H</timeDuration>'
        '</timerEventDefinition></boundaryEvent><userTask id="after" name="超时" banjie:assignee="clerk"/>'
        '<endEvent id="end"/>' + flows("start-vote", "vote-end", "late-after", "after-end")
    )
    from datetime import timedelta

    committee.deploy(bpmn(body, key="council"))
    instance_id = committee.start("council")
    committee.cast(instance_id, "a", "approve")
    committee.run_jobs(timedelta(hours=2))
    assert committee.result(instance_id) == "after"
    assert committee.ballot(instance_id)["state"] == "cancelled"
    assert committee.states(instance_id) == {"a": "completed", "b": "cancelled"}


LOOPED = bpmn(
    '<startEvent id="start"/><userTask id="draft" name="起草" banjie:assignee="clerk"/>'
    '<userTask id="vote" name="会签" banjie:candidateUsers="a,b" {more}/>'
    '<exclusiveGateway id="decided" default="decided_draft"/><endEvent id="end"/>'.replace("{more}", "%s")
    + flows("start-draft", "draft-vote", "vote-decided", 'decided-end?vote_outcome = "approve"', "decided-draft"),
    key="council",
).decode()


def test_trap_2_3_p_3_5_a_further_round_asks_all_again_or_only_who_objected(committee: Committee) -> None:
    for again, asked in (("all", ["a", "b"]), ("objectors", ["b"])):
        committee.deploy((LOOPED % f'banjie:ballot="all" banjie:again="{again}"').encode())
        instance_id = committee.start("council")
        committee.complete(committee.task(instance_id, "draft"), committee.actors["clerk"])
        committee.cast(instance_id, "a", "approve")
        committee.cast(instance_id, "b", "reject")
        committee.complete(committee.task(instance_id, "draft"), committee.actors["clerk"])
        assert committee.ballot(instance_id)["round"] == 2
        assert committee.seated(instance_id) == asked, again
        for login in asked:
            committee.cast(instance_id, login, "approve")
        assert committee.state(instance_id) == "completed"


def test_p_1_1_an_equal_vote_goes_as_the_previous_round(committee: Committee) -> None:
    committee.deploy((LOOPED % 'banjie:ballot="majority" banjie:tie="previous"').encode())
    instance_id = committee.start("council")
    for _ in range(2):
        committee.complete(committee.task(instance_id, "draft"), committee.actors["clerk"])
        committee.cast(instance_id, "a", "approve")
        committee.cast(instance_id, "b", "reject")
    assert committee.result(instance_id) == "draft", "the first round failed, so does an equal second one"
