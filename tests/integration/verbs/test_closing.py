"""Ballots whose members stay away, secret votes that fail, advisers who are recused."""

from __future__ import annotations

import pytest

from engine.commands.delegating.recusal import DeclareRecusal
from engine.commands.returning.ballot_closing import CloseBallot
from engine.commands.running.incidents import RetryIncident
from engine.commands.running.instances import SetVariables
from engine.commands.tasks.handling import CompleteTask
from engine.errors import Conflict, Forbidden, InvalidInput, StepFailed
from engine.store import tables
from engine.store.base.database import Database
from tests.integration.ballots.committee import Committee
from tests.integration.ballots.test_record import rebuilt_equal
from tests.integration.engine.house import bpmn, flows


@pytest.fixture
def committee(database: Database) -> Committee:
    return Committee(database)


def close(committee: Committee, instance_id: str, by: str = "admin", reason: str = "多人长期未到") -> dict[str, str]:
    actor = committee.admin if by == "admin" else committee.actors[by]
    command = CloseBallot(ballot_id=committee.ballot(instance_id)["id"], reason=reason)
    return committee.engine.execute(command, actor=actor)


def test_below_its_quorum_a_ballot_that_is_closed_has_failed(committee: Committee) -> None:
    instance_id = committee.open("any", people="a,b,c", more='banjie:quorum="2" ')
    committee.cast(instance_id, "a", "approve")
    assert committee.result(instance_id) == "vote", "no result before the quorum"
    answer = close(committee, instance_id)
    assert (answer["state"], answer["ground"], committee.result(instance_id)) == ("failed", "quorum", "no")
    assert committee.states(instance_id) == {"a": "completed", "b": "superseded", "c": "superseded"}
    decided = next(
        r for r in committee.queries.instances.history(instance_id, limit=99) if r["kind"] == "BallotDecided"
    )
    assert (decided["actor"], decided["data"]["reason"]) == ("admin", "多人长期未到")
    rebuilt_equal(committee, instance_id)


@pytest.mark.parametrize(
    ("mode", "votes"),
    [
        ("majority", "ab"),  # two of four are not more than half of all
        ("count:3", "ab"),
        ("all", "abc"),
        ("any", ""),
    ],
)
def test_who_stays_away_has_not_approved(committee: Committee, mode: str, votes: str) -> None:
    instance_id = committee.open(mode, people="a,b,c,d")
    for login in votes:
        committee.cast(instance_id, login, "approve")
    assert committee.result(instance_id) == "vote"
    close(committee, instance_id)
    assert committee.result(instance_id) == "no"


def test_counted_on_votes_cast_the_present_ones_decide(committee: Committee) -> None:
    instance_id = committee.open("majority", people="a,b,c,d,e", more='banjie:base="cast" banjie:quorum="2" ')
    committee.cast(instance_id, "a", "approve")
    committee.cast(instance_id, "b", "approve")
    close(committee, instance_id)
    assert committee.result(instance_id) == "yes"


def test_the_chair_closes_it_and_no_other_member(committee: Committee) -> None:
    instance_id = committee.open(
        "majority", people="a,b,c", more='banjie:base="cast" banjie:tie="chair" banjie:chair="a" '
    )
    with pytest.raises(Forbidden):
        close(committee, instance_id, by="b")
    with pytest.raises(InvalidInput):
        close(committee, instance_id, by="a", reason=" ")
    close(committee, instance_id, by="a")
    assert committee.result(instance_id) == "no", "nobody has voted"
    with pytest.raises(Conflict, match="is over"):
        close(committee, instance_id, by="a")


def test_a_secret_ballot_that_is_closed_tells_its_votes(committee: Committee) -> None:
    instance_id = committee.open("majority", people="a,b,c", more='banjie:secret="true" ')
    committee.cast(instance_id, "a", "reject")
    close(committee, instance_id)
    rebuilt_equal(committee, instance_id)
    decided = next(
        r for r in committee.queries.instances.history(instance_id, limit=99) if r["kind"] == "BallotDecided"
    )
    assert [vote["login"] for vote in decided["data"]["votes"]] == ["a"]


# ---------------------------------------------------------------- secret votes that fail

SECRET = bpmn(
    '<startEvent id="s"/><userTask id="vote" name="票决" banjie:candidateUsers="a,b" banjie:ballot="any" banjie:secret="true"/>'
    '<exclusiveGateway id="route" default="route_small"/><endEvent id="big"/><endEvent id="small"/>'
    + flows("s-vote", "vote-route", "route-big?amount > 1000", "route-small"),
    key="secret",
)


def test_a_secret_vote_that_fails_is_kept_nowhere_and_its_voter_votes_again(committee: Committee) -> None:
    committee.deploy(SECRET)
    instance_id = committee.start("secret")
    seat = committee.seat(instance_id, "a")
    vote = CompleteTask(task_id=seat["id"], outcome="approve", comment="绝密意见", variables={"hint": "暗号"})
    with pytest.raises(StepFailed):
        committee.engine.execute(vote, actor=committee.actors["a"])

    # then the incident knows who tried what, and not the vote
    (incident,) = committee.rows(tables.incident)
    assert incident["command"] == {"command": "CompleteTask", "fields": None, "actor": "a"}
    assert not [table.name for table in tables.metadata.sorted_tables if "绝密意见" in str(committee.rows(table))]

    # when it is mended and tried again, the voter is asked
    committee.engine.execute(SetVariables(instance_id=instance_id, variables={"amount": 1}), actor=committee.admin)
    answer = committee.engine.execute(RetryIncident(incident_id=incident["id"]), actor=committee.admin)
    assert answer == {"incident_id": incident["id"], "resolved": True, "asks": "a"}
    assert committee.seated(instance_id) == ["a", "b"]
    committee.cast(instance_id, "a", "approve")
    assert committee.state(instance_id) == "completed"


# ---------------------------------------------------------------- advisers


def test_an_adviser_who_is_recused_is_not_asked_when_the_ballot_opens(committee: Committee) -> None:
    first = '<userTask id="first" banjie:assignee="clerk"/>'
    vote = '<userTask id="vote" banjie:candidateUsers="a,b" banjie:ballot="all" banjie:advisers="d,e"/>'
    flow = flows("s-first", "first-vote", "vote-end")
    committee.deploy(bpmn(f'<startEvent id="s"/>{first}{vote}<endEvent id="end"/>{flow}', key="council"))
    instance_id = committee.start("council")
    recusal = DeclareRecusal(instance_id=instance_id, login="d", reason="亲属")
    committee.engine.execute(recusal, actor=committee.admin)
    committee.complete(committee.task(instance_id), committee.actors["clerk"])
    assert committee.seated(instance_id) == ["a", "b", "e"]
