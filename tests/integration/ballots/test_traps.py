"""Traps that other engines fall into, as rows 2.1, 2.2 and 2.10 of the comparison name them, at a ballot."""

import json
from collections.abc import Iterable

import pytest

from engine.errors import InvalidInput
from tests.integration.ballots.committee import Committee, ballot_process
from tests.integration.engine.house import bpmn, flows
from web.api.endpoint import ENDPOINTS


def test_trap_2_1_a_repeated_approver_is_skipped_only_where_the_node_says_so(committee: Committee) -> None:
    """ruoyi's dedupe rule runs inside every countersign; here a carried approval is a vote of its own, with its reason."""
    for repeat, asked in (("", ["a", "b"]), ('banjie:onRepeat="anywhere"', ["b"])):
        body = (
            '<startEvent id="start"/><userTask id="first" name="初审" banjie:assignee="a" '
            'banjie:outcomes="approve,reject"/><userTask id="vote" name="会签" banjie:candidateUsers="a,b" '
            f'banjie:ballot="all" banjie:outcomes="approve,reject" {repeat}/><endEvent id="end"/>'
            + flows("start-first", "first-vote", "vote-end")
        )
        committee.deploy(bpmn(body, key="council"))
        instance_id = committee.start("council")
        committee.complete(committee.task(instance_id, "first"), committee.actors["a"], "approve")
        assert committee.seated(instance_id) == asked
        for login in asked:
            committee.cast(instance_id, login, "approve")
        assert committee.state(instance_id) == "completed"
    carried = [row for row in committee.queries.instances.history(instance_id, limit=99) if row["kind"] == "VoteCast"]
    assert [(row["actor"], row["data"]["login"]) for row in carried] == [("system", "a"), ("b", "b")]
    assert "已在「初审」同意" in carried[0]["data"]["comment"]


def test_trap_2_1_the_last_voter_does_not_decide_whatever_the_count(committee: Committee) -> None:
    """warm-flow lets the action of the last one decide."""
    instance_id = committee.open("count:3", people="a,b,c,d,e")
    for login, vote in (("a", "approve"), ("b", "approve"), ("c", "reject"), ("d", "reject")):
        committee.cast(instance_id, login, vote)
    assert committee.result(instance_id) == "vote"
    committee.cast(instance_id, "e", "reject")
    assert committee.result(instance_id) == "no"


def test_trap_2_1_branches_of_one_instance_vote_apart(committee: Committee) -> None:
    """flowlong counts the weights of all open actors of the instance and closes all its tasks."""
    body = (
        '<startEvent id="start"/><parallelGateway id="fork"/>'
        '<userTask id="one" name="甲" banjie:candidateUsers="a,b" banjie:ballot="weight:>1/2" banjie:weights="a:9"/>'
        '<userTask id="two" name="乙" banjie:candidateUsers="c,d" banjie:ballot="all"/>'
        '<parallelGateway id="join"/><endEvent id="end"/>'
        + flows("start-fork", "fork-one", "fork-two", "one-join", "two-join", "join-end")
    )
    committee.deploy(bpmn(body, key="council"))
    instance_id = committee.start("council")
    committee.cast(instance_id, "a", "approve")
    assert committee.seated(instance_id) == ["c", "d"]


def test_trap_2_2_a_rejection_needs_its_reason_where_the_node_wants_one(committee: Committee) -> None:
    """ruoyi checks reason and signature of approvals only."""
    instance_id = committee.open("all", more='banjie:requireComment="reject" ')
    with pytest.raises(InvalidInput, match="opinion is required"):
        committee.cast(instance_id, "a", "reject")
    committee.cast(instance_id, "b", "approve")
    assert committee.result(instance_id) == "vote"


FORM = json.dumps(
    {
        "type": "default",
        "id": "report",
        "components": [
            {"type": "number", "key": "amount", "label": "金额"},
            {"type": "textfield", "key": "grade", "label": "等级"},
        ],
    }
).encode()


def test_trap_2_10_4_field_rights_of_a_vote_are_checked_on_the_server(committee: Committee) -> None:
    form = 'banjie:formKey="report" banjie:fields="grade:write,amount:read" banjie:advisers="d" '
    committee.deploy(ballot_process("all", people="a,b", form=form), report__form=FORM)
    instance_id = committee.start("council", amount=5)

    for login, outcome, field in (("a", "approve", "amount"), ("d", None, "grade")):
        seat, actor = committee.seat(instance_id, login), committee.actors[login]
        with pytest.raises(InvalidInput):
            committee.complete(seat, actor, outcome, **{field: 9})
    committee.cast(instance_id, "a", "approve", grade="A")
    found = committee.variables(instance_id)
    assert (found["amount"], found["grade"]) == (5, "A")


def test_trap_2_10_5_what_is_superseded_is_left_out_before_a_page_is_cut(committee: Committee) -> None:
    instances = [committee.open("any", people="a,b") for _ in range(4)]
    for position, instance_id in enumerate(instances):
        committee.cast(instance_id, "b" if position % 2 else "a", "approve")
    found: list[str] = []
    for rows in pages(committee, "b"):
        assert len(rows) == 1, "a page is full as long as there is more"
        found += rows
    assert len(found) == 2


def pages(committee: Committee, login: str) -> Iterable[list[str]]:
    after = None
    while True:
        page = committee.queries.tasks.done(committee.actors[login], after=after, limit=1)
        yield [row["id"] for row in page.rows]
        after = page.next
        if after is None:
            return


def test_trap_2_10_7_nothing_removes_a_model_with_its_history() -> None:
    removing = {endpoint.path for endpoint in ENDPOINTS if endpoint.method == "DELETE"}
    assert not any("definitions" in path or "deployments" in path or "ballots" in path for path in removing)
