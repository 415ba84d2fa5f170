"""What a ballot leaves behind: rows that the history explains, variables, secrecy, and one continuation for two last votes."""

import threading
from typing import Any

import pytest

from engine.commands.tasks.handling import CompleteTask
from engine.errors import Conflict
from engine.store import tables
from engine.store.projections.projector import replay
from tests.integration.ballots.committee import Committee, ballot_process
from tests.integration.engine.house import bpmn, flows
from tests.integration.engine.test_history import PROJECTED, rows_of

BALLOTS = (tables.ballot, tables.ballot_member, tables.ballot_vote)


def rebuilt_equal(committee: Committee, instance_id: str) -> None:
    """Every row of the instance is what its history says."""
    ballots = {row["id"] for row in committee.rows(tables.ballot, instance_id=instance_id)}
    with committee.database.read() as connection:
        rebuilt = replay(connection, instance_id)
        for table in PROJECTED:
            assert rebuilt.tables.get(table, {}) == rows_of(connection, table, instance_id), table.name
        for table in BALLOTS:
            column = table.c.id if table is tables.ballot else table.c.ballot_id
            found = connection.execute(table.select().where(column.in_(ballots)))
            kept = {tuple(row._mapping[c.key] for c in table.primary_key.columns): dict(row._mapping) for row in found}
            assert rebuilt.tables.get(table, {}) == kept, table.name


def test_rows_rebuilt_from_the_history_are_equal(committee: Committee) -> None:
    instance_id = committee.open("ratio:2/3", people="a,b,c", more='banjie:advisers="e" ')
    committee.add(instance_id, "d", by="a")
    committee.cast(instance_id, "a", "reject")
    committee.withdraw(instance_id, "a")
    committee.remove(instance_id, "c")
    rebuilt_equal(committee, instance_id)
    committee.cast(instance_id, "a", "approve")
    committee.cast(instance_id, "d", "approve")
    assert committee.result(instance_id) == "yes"
    rebuilt_equal(committee, instance_id)


def test_rows_of_a_secret_ballot_are_rebuilt_equal(committee: Committee) -> None:
    instance_id = committee.open("majority", more='banjie:secret="true" ')
    for login in "ab":
        committee.cast(instance_id, login, "approve")
    rebuilt_equal(committee, instance_id)


def test_a_decision_can_be_reopened(committee: Committee) -> None:
    """What the withdrawal of a decision does with the ballot; the machine's token is that verb's own business."""
    instance_id = committee.open("ratio:1/2", people="a,b,c,d")
    committee.cast(instance_id, "a", "approve")
    committee.cast(instance_id, "b", "approve")
    token = committee.ballot(instance_id)["token_id"]
    committee.reopen(instance_id, "another-token")
    assert committee.ballot(instance_id)["state"] == "open"
    assert committee.states(instance_id) == {"a": "completed", "b": "completed", "c": "assigned", "d": "assigned"}
    assert token != "another-token"
    rebuilt_equal(committee, instance_id)


# ---------------------------------------------------------------- what was sent


def test_p_4_5_what_a_voter_sends_is_stored_before_the_ballot_is_decided(committee: Committee) -> None:
    instance_id = committee.open("all")
    command = CompleteTask(
        task_id=committee.seat(instance_id, "a")["id"], outcome="approve", comment="同意", variables={"amount": 5}
    )
    committee.engine.execute(command, actor=committee.actors["a"])
    assert committee.variables(instance_id)["amount"] == 5, "the next voter sees it"
    (vote,) = committee.rows(tables.ballot_vote)
    assert (vote["comment"], vote["variables"]) == ("同意", {"amount": 5})


def test_the_last_voter_wins_a_field_and_every_answer_is_kept(committee: Committee) -> None:
    instance_id = committee.open("all", people="a,b")
    committee.cast(instance_id, "a", "approve", amount=5)
    committee.cast(instance_id, "b", "approve", amount=7, grade="A")
    found = committee.variables(instance_id)
    assert (found["amount"], found["grade"]) == (7, "A")
    assert found["vote_answers"] == {
        "a": {"amount": 5, "outcome": "approve"},
        "b": {"amount": 7, "grade": "A", "outcome": "approve"},
    }


def test_a_parallel_branch_is_not_overwritten_by_an_old_vote(committee: Committee) -> None:
    body = (
        '<startEvent id="start"/><parallelGateway id="fork"/>'
        '<userTask id="vote" name="会签" banjie:candidateUsers="a,b" banjie:ballot="all"/>'
        '<userTask id="side" name="旁支" banjie:assignee="clerk"/><parallelGateway id="join"/>'
        '<userTask id="last" name="末" banjie:assignee="clerk"/><endEvent id="end"/>'
        + flows("start-fork", "fork-vote", "fork-side", "vote-join", "side-join", "join-last", "last-end")
    )
    committee.deploy(bpmn(body, key="council"))
    instance_id = committee.start("council")
    committee.cast(instance_id, "a", "approve", amount=1)
    committee.complete(committee.task(instance_id, "side"), committee.actors["clerk"], amount=2)
    committee.cast(instance_id, "b", "approve")
    assert committee.variables(instance_id)["amount"] == 2


# ---------------------------------------------------------------- secrecy


def test_a_secret_vote_is_told_only_when_the_ballot_is_closed(committee: Committee) -> None:
    # given a secret ballot in which one has voted
    instance_id = committee.open("all", people="a,b", more='banjie:secret="true" ')
    seat = committee.seat(instance_id, "a")
    command = CompleteTask(task_id=seat["id"], outcome="approve", comment="好", variables={"amount": 5})
    committee.engine.execute(command, actor=committee.actors["a"])

    # then neither the task, nor the variables, nor the history as pages read it tell how
    task = committee.queries.tasks.get(seat["id"])
    assert task is not None
    assert (task["state"], task["outcome"], task["comment"]) == ("completed", None, "")
    assert "amount" not in committee.variables(instance_id)
    told = committee.queries.instances.history(instance_id, limit=100)
    assert "approve" not in str([row for row in told if row["kind"] in ("VoteCast", "TaskCompleted")])
    assert "好" not in str(told)

    # when it is closed
    committee.cast(instance_id, "b", "approve")

    # then everybody may know
    task = committee.queries.tasks.get(seat["id"])
    assert task is not None
    assert (task["outcome"], task["comment"]) == ("approve", "好")
    assert committee.variables(instance_id)["amount"] == 5
    assert "好" in str(committee.queries.instances.history(instance_id, limit=100))


# ---------------------------------------------------------------- ends


def test_trap_2_2_p_2_2_a_failed_ballot_ends_everything_that_runs(committee: Committee) -> None:
    body = (
        '<startEvent id="start"/><parallelGateway id="fork"/>'
        '<userTask id="vote" name="会签" banjie:candidateUsers="a,b" banjie:ballot="all" banjie:onReject="end"/>'
        '<userTask id="side" name="旁支" banjie:assignee="clerk"/>'
        '<intermediateCatchEvent id="wait"><timerEventDefinition><timeDuration>P3D</timeDuration></timerEventDefinition>'
        "</intermediateCatchEvent>"
        '<subProcess id="inner"><startEvent id="s"/><userTask id="deep" name="子流程" banjie:assignee="clerk"/>'
        '<endEvent id="e"/>' + flows("s-deep", "deep-e") + "</subProcess>"
        '<parallelGateway id="join"/><endEvent id="end"/>'
        + flows("start-fork", "fork-vote", "fork-side", "fork-wait", "fork-inner")
        + flows("vote-join", "side-join", "wait-join", "inner-join", "join-end")
    )
    committee.deploy(bpmn(body, key="council"))
    instance_id = committee.start("council")
    committee.cast(instance_id, "b", "reject")
    assert committee.state(instance_id) == "terminated"
    assert committee.rows(tables.job, instance_id=instance_id) == []
    rows = committee.rows(tables.task, instance_id=instance_id)
    assert all(row["closed_at"] is not None for row in rows)
    assert {row["closed_by"] for row in rows if row["element_id"] in ("side", "deep")} == {"b"}, "who caused it is kept"
    rebuilt_equal(committee, instance_id)


# ---------------------------------------------------------------- two last votes


def test_trap_2_1_p_1_6_two_last_votes_at_once_give_one_continuation(committee: Committee) -> None:
    """Both of the last two decide by themselves: exactly one continuation, whoever is first."""
    for _ in range(3):
        instance_id = committee.open("any", people="a,b")
        seats = [(committee.seat(instance_id, login), committee.actors[login]) for login in "ab"]
        answers = at_once(committee, seats, "approve")
        assert sorted(type(answer).__name__ for answer in answers) == ["Conflict", "dict"]
        assert [row["element_id"] for row in committee.open_tasks(instance_id)] == ["yes"]


def test_p_1_6_trap_2_10_3_two_votes_at_once_are_both_counted(committee: Committee) -> None:
    for _ in range(3):
        instance_id = committee.open("all", people="a,b")
        seats = [(committee.seat(instance_id, login), committee.actors[login]) for login in "ab"]
        answers = at_once(committee, seats, "approve")
        assert [type(answer) for answer in answers] == [dict, dict]
        assert [row["element_id"] for row in committee.open_tasks(instance_id)] == ["yes"]
        assert committee.kinds(instance_id).count("BallotDecided") == 1
        rebuilt_equal(committee, instance_id)


def at_once(committee: Committee, seats: list[Any], outcome: str) -> list[Any]:
    """Let all complete their tasks at the same moment; the answers, or the refusals."""
    barrier = threading.Barrier(len(seats))
    answers: list[Any] = []

    def vote(task: dict[str, Any], actor: Any) -> None:
        barrier.wait()
        try:
            answers.append(committee.complete(task, actor, outcome))
        except Conflict as refused:
            answers.append(refused)

    threads = [threading.Thread(target=vote, args=pair) for pair in seats]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


# ---------------------------------------------------------------- who may


def test_a_ballot_costs_a_fixed_number_of_statements_whoever_votes(committee: Committee) -> None:
    from engine.cli.bench.measuring import counted

    instance_id = committee.open("all", people="a,b,c,d,e")
    found = []
    for login in "abcd":
        seat, actor = committee.seat(instance_id, login), committee.actors[login]
        with counted(committee.database.engine) as count:
            committee.complete(seat, actor, "approve")
        found.append(count.statements)
    assert len(set(found)) == 1, found


def test_who_started_the_process_learns_why_he_may_not_complete_a_task(committee: Committee) -> None:
    """403, not 404: whoever may see a task through its instance is told the reason."""
    from engine.errors import Forbidden, NotFound

    instance_id = committee.open("all", by=committee.actors["e"])
    seat = committee.seat(instance_id, "a")
    with pytest.raises(Forbidden):
        committee.complete(seat, committee.actors["e"], "approve")
    with pytest.raises(NotFound):
        committee.complete(seat, committee.actors["d"], "approve")


def test_the_process_of_these_tests_has_no_findings() -> None:
    from engine.bpmn.reader import check_files

    assert check_files({"a.bpmn": ballot_process()}).findings == ()
