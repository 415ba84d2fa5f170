"""Faults of our own that the random sequences have found, each with a test of its name."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.access import Role
from engine.commands.delegating.delegations import DelegateTask
from engine.commands.delegating.proxies import GrantProxy
from engine.commands.delegating.recusal import DeclareRecusal
from engine.commands.delegating.signers import AddSigners, RemoveSigner
from engine.commands.returning.modification import JumpInstance, ReopenInstance
from engine.commands.returning.withdrawals import WithdrawTask
from engine.commands.tasks.handling import AssignTask
from engine.errors import Conflict
from engine.store import tables
from engine.store.base.database import Database
from tests.integration.engine.house import House, bpmn, flows

ONE = bpmn(
    '<startEvent id="s"/><userTask id="one" name="审核" banjie:assignee="a" banjie:outcomes="agree:同意,refuse:不同意"/>'
    '<endEvent id="e"/>' + flows("s-one", "one-e"),
    key="alone",
)
TWO = bpmn(
    '<startEvent id="s"/><userTask id="vote" name="会签" banjie:ballot="count:2" banjie:candidateUsers="b,c"/><endEvent id="e"/>'
    + flows("s-vote", "vote-e"),
    key="voted",
)
FORK = bpmn(
    '<startEvent id="s"/><userTask id="draft" banjie:assignee="a"/><parallelGateway id="fork"/>'
    '<userTask id="left" banjie:assignee="a"/><userTask id="right" banjie:assignee="b"/>'
    '<userTask id="note" banjie:assignee="c"/>'
    '<boundaryEvent id="late" attachedToRef="left" cancelActivity="false"><timerEventDefinition>'
    '<timeDuration>P2D</timeDuration></timerEventDefinition></boundaryEvent><endEvent id="noted"/>'
    '<parallelGateway id="join"/><userTask id="last" banjie:assignee="a"/><endEvent id="e"/>'
    + flows("s-draft", "draft-fork", "fork-left", "fork-right", "left-join", "right-join", "join-last", "last-e")
    + flows("late-note", "note-noted"),
    key="forked",
)


@pytest.fixture
def house(database: Database) -> House:
    found = House(database)
    for login in "abcde":
        found.person(login)
    found.person("boss", roles=(Role.ADMIN, Role.STAFF, Role.DESIGNER))
    found.actors["admin"] = found.actors["boss"]
    return found


def do(house: House, command: Any, by: str) -> dict[str, Any]:
    return house.engine.execute(command, actor=house.actors[by])


def begun(house: House, model: bytes, key: str, *done: str) -> str:
    """Start a process and complete these steps."""
    house.deploy(model)
    instance_id = house.start(key)
    for element_id in done:
        task = house.task(instance_id, element_id)
        house.complete(task, house.actors[task["assignee"]])
    return instance_id


def seats(house: House, instance_id: str) -> list[tuple[str, str, str]]:
    return sorted((row["seat"], row["assignee"], row["state"]) for row in house.open_tasks(instance_id))


# ---------------------------------------------------------------- recusal


def test_who_takes_over_from_a_recused_holder_and_was_asked_by_him_is_asked_no_more(house: House) -> None:
    """The administrator signed before the holder; the holder is recused and the administrator gets the task itself."""
    instance_id = begun(house, ONE, "alone")
    task = house.task(instance_id)
    do(house, AddSigners(task_id=task["id"], people=("boss",), position="before"), "a")
    do(house, DeclareRecusal(instance_id=instance_id, reason="亲属"), "a")
    assert seats(house, instance_id) == [("holder", "boss", "assigned")]


def test_who_is_recused_takes_back_what_he_had_asked(house: House) -> None:
    """His task went to another, who waited for nobody, while the question stood open."""
    instance_id = begun(house, ONE, "alone")
    do(house, DelegateTask(task_id=house.task(instance_id)["id"], to="b"), "a")
    do(house, DeclareRecusal(instance_id=instance_id, reason="亲属"), "a")
    assert seats(house, instance_id) == [("holder", "boss", "assigned")]
    assert "DelegationRecalled" in house.kinds(instance_id)


def test_the_recusal_of_a_delegate_gives_the_task_back_to_whoever_asked_him(house: House) -> None:
    """His question went away, and the holder waited for nobody."""
    instance_id = begun(house, ONE, "alone")
    do(house, DelegateTask(task_id=house.task(instance_id)["id"], to="b"), "a")
    do(house, DeclareRecusal(instance_id=instance_id, reason="亲属"), "b")
    assert seats(house, instance_id) == [("holder", "a", "assigned")]


def test_who_stands_in_for_a_recused_member_sits_nowhere_else_at_the_table(house: House) -> None:
    """The one whom the node names was asked by another member already: he had two seats."""
    vote = '<userTask id="vote" banjie:candidateUsers="a,b" banjie:ballot="all" banjie:onExcluded="users:d"/>'
    model = bpmn(f'<startEvent id="s"/>{vote}<endEvent id="e"/>' + flows("s-vote", "vote-e"), key="council")
    instance_id = begun(house, model, "council")
    mine = {row["assignee"]: row["id"] for row in house.open_tasks(instance_id)}
    do(house, DelegateTask(task_id=mine["b"], to="d"), "b")
    do(house, DeclareRecusal(instance_id=instance_id, reason="亲属"), "a")
    assert seats(house, instance_id) == [("delegate", "d", "assigned")]  # b waits for him


def test_when_nobody_is_left_to_sign_after_him_his_decision_takes_its_way(house: House) -> None:
    """The one who was to sign after the holder was recused meanwhile: the task was closed and its token stood for ever."""
    instance_id = begun(house, ONE, "alone")
    task = house.task(instance_id)
    do(house, AddSigners(task_id=task["id"], people=("c",), position="after"), "a")
    do(house, DeclareRecusal(instance_id=instance_id, reason="亲属", login="c"), "boss")
    house.complete(task, house.actors["a"], "agree")
    assert house.state(instance_id) == "completed"


def test_a_ballot_that_opens_again_seats_nobody_who_was_recused_meanwhile(house: House) -> None:
    """A vote was taken back after the ballot: a member who had declared his recusal since then had his seat again."""
    vote = '<userTask id="vote" banjie:candidateUsers="a,b,c" banjie:ballot="any"/><userTask id="next" banjie:assignee="d"/>'
    model = bpmn(
        f'<startEvent id="s"/>{vote}<endEvent id="e"/>' + flows("s-vote", "vote-next", "next-e"), key="council"
    )
    instance_id = begun(house, model, "council")
    mine = next(row for row in house.open_tasks(instance_id) if row["assignee"] == "a")
    house.complete(mine, house.actors["a"], "approve")
    do(house, DeclareRecusal(instance_id=instance_id, reason="亲属", login="b"), "boss")
    do(house, WithdrawTask(task_id=mine["id"], reason="有误"), "a")
    assert seats(house, instance_id) == [("member", "a", "assigned"), ("member", "c", "assigned")]


# ---------------------------------------------------------------- one person, one seat


def test_a_proxy_does_not_ask_the_one_for_whom_he_has_the_task(house: House) -> None:
    """When the period ended the principal held the task and was asked about it by himself."""
    instance_id = begun(house, ONE, "alone")
    begin, end = house.now.isoformat(), (house.now + timedelta(days=1)).isoformat()
    do(house, GrantProxy(proxy="b", start=begin, end=end), "a")
    house.run_jobs()
    task = house.task(instance_id)
    assert (task["assignee"], task["principal"]) == ("b", "a")
    for command in (
        DelegateTask(task_id=task["id"], to="a"),
        AddSigners(task_id=task["id"], people=("a",), position="before"),
        AddSigners(task_id=task["id"], people=("a",), position="after"),
    ):
        with pytest.raises(Conflict, match="already has a seat"):
            do(house, command, "b")


def test_who_is_planned_to_sign_is_not_asked_by_another_member_of_the_ballot(house: House) -> None:
    vote = '<userTask id="vote" banjie:candidateUsers="a,b" banjie:ballot="all"/>'
    model = bpmn(f'<startEvent id="s"/>{vote}<endEvent id="e"/>' + flows("s-vote", "vote-e"), key="council")
    instance_id = begun(house, model, "council")
    mine = {row["assignee"]: row["id"] for row in house.open_tasks(instance_id)}
    do(house, AddSigners(task_id=mine["a"], people=("c",), position="after"), "a")
    for command in (DelegateTask(task_id=mine["b"], to="c"), AssignTask(task_id=mine["b"], assignee="c")):
        with pytest.raises(Conflict, match="already has a seat"):
            do(house, command, "b")


def test_who_is_taken_out_after_he_has_answered_leaves_nobody_behind_who_signs_after_him(house: House) -> None:
    """b signs before a, and e after b. When b is taken out, his answer, which waited for e, comes to nothing."""
    instance_id = begun(house, ONE, "alone")
    mine = house.task(instance_id)
    do(house, AddSigners(task_id=mine["id"], people=("b",), position="before"), "a")
    asked = next(row for row in house.open_tasks(instance_id) if row["assignee"] == "b")
    after = do(house, AddSigners(task_id=asked["id"], people=("e",), position="after"), "b")["signers"][0]
    house.complete(asked, house.actors["b"])

    do(house, RemoveSigner(task_id=mine["id"], signer_id=asked["id"]), "a")
    do(house, DelegateTask(task_id=mine["id"], to="d"), "a")

    assert seats(house, instance_id) == [("delegate", "d", "assigned")]  # a waits for him
    with pytest.raises(Conflict):
        do(house, RemoveSigner(task_id=asked["id"], signer_id=after), "b")
    assert seats(house, instance_id) == [("delegate", "d", "assigned")]


def test_a_reopening_that_finds_too_few_members_is_told_and_is_no_incident(house: House) -> None:
    """Two votes were needed and cast; one of the two has left when it is reopened."""
    instance_id = begun(house, TWO, "voted")
    for row in house.open_tasks(instance_id):
        house.complete(row, house.actors[row["assignee"]], "approve")
    with house.database.write() as connection:
        connection.execute(tables.person.update().where(tables.person.c.login == "c").values(disabled=True))

    with pytest.raises(Conflict, match="cannot be reopened there"):
        do(house, ReopenInstance(instance_id=instance_id, element_id="vote", reason="补办"), "boss")

    with house.database.read() as connection:
        assert connection.execute(tables.incident.select()).all() == []


# ---------------------------------------------------------------- jumps


@pytest.mark.parametrize("target", ["draft", "left", "fork"])
def test_a_jump_doubles_no_branch(house: House, target: str) -> None:
    """Back before the fork, or across it, while the other branch runs: that branch, or this one, would run twice."""
    instance_id = begun(house, FORK, "forked", "draft")
    token = house.task(instance_id, "right")["token_id"]
    with pytest.raises(Conflict, match="done twice"):
        do(house, JumpInstance(instance_id=instance_id, token_id=token, target=target, reason="错"), "boss")
    assert house.state(instance_id) == "running"


def test_a_reminder_beside_a_task_is_no_way_to_the_end(house: House) -> None:
    """The check for dead ends took the path of a timer that interrupts nothing for a way out of the branch."""
    instance_id = begun(house, FORK, "forked", "draft", "right")
    token = house.task(instance_id, "left")["token_id"]
    with pytest.raises(Conflict):
        do(house, JumpInstance(instance_id=instance_id, token_id=token, target="right", reason="错"), "boss")


def test_a_jump_to_a_fork_opens_its_branches(house: House) -> None:
    instance_id = begun(house, FORK, "forked")
    token = house.task(instance_id, "draft")["token_id"]
    do(house, JumpInstance(instance_id=instance_id, token_id=token, target="fork", reason="跳过"), "boss")
    assert sorted(row["element_id"] for row in house.open_tasks(instance_id)) == ["left", "right"]
    for element_id in ("left", "right", "last"):
        task = house.task(instance_id, element_id)
        house.complete(task, house.actors[task["assignee"]])
    assert house.state(instance_id) == "completed"


INCLUSIVE = bpmn(
    '<startEvent id="s"/><inclusiveGateway id="split"/><userTask id="left" banjie:assignee="a"/>'
    '<userTask id="right" banjie:assignee="b"/><inclusiveGateway id="join"/>'
    '<userTask id="last" banjie:assignee="a"/><endEvent id="e"/>'
    + flows("s-split", "split-left?true", "split-right?true", "left-join", "right-join", "join-last", "last-e"),
    key="either",
)


@pytest.mark.parametrize("arrived", [False, True])
def test_a_jump_behind_an_inclusive_join_doubles_nothing(house: House, arrived: bool) -> None:
    """The join waits only for what can still come: left behind, it let the other branch through a second time."""
    instance_id = begun(house, INCLUSIVE, "either", *(["right"] if arrived else []))
    token = house.task(instance_id, "left")["token_id"]
    jump = JumpInstance(instance_id=instance_id, token_id=token, target="last", reason="跳过")
    with pytest.raises(Conflict, match="done twice"):
        do(house, jump, "boss")
    for each in house.open_tasks(instance_id):
        house.complete(each, house.actors[each["assignee"]])
    house.complete(house.task(instance_id, "last"), house.actors["a"])
    assert house.state(instance_id) == "completed"


def test_nor_does_a_jump_behind_a_fork_around_an_inclusive_join(house: House) -> None:
    """The inclusive join let the other branch on to the parallel join, which then had all that it waited for."""
    inside = '<inclusiveGateway id="split"/><userTask id="left" banjie:assignee="a"/><userTask id="right" banjie:assignee="b"/>'
    model = bpmn(
        f'<startEvent id="s"/><parallelGateway id="fork"/>{inside}<inclusiveGateway id="join"/>'
        '<userTask id="beside" banjie:assignee="c"/><parallelGateway id="all"/><userTask id="last" banjie:assignee="a"/>'
        '<endEvent id="e"/>'
        + flows("s-fork", "fork-split", "split-left?true", "split-right?true", "left-join", "right-join", "join-all")
        + flows("fork-beside", "beside-all", "all-last", "last-e"),
        key="around",
    )
    instance_id = begun(house, model, "around")
    token = house.task(instance_id, "left")["token_id"]
    with pytest.raises(Conflict, match="done twice"):
        do(house, JumpInstance(instance_id=instance_id, token_id=token, target="last", reason="跳过"), "boss")


def test_a_jump_after_which_the_process_would_stand_at_once_is_refused_and_no_incident(house: House) -> None:
    """Into a branch behind which a join misses the others, through a gateway that waits for nobody."""
    choice = '<exclusiveGateway id="either"/><userTask id="one" banjie:assignee="a"/><exclusiveGateway id="merge"/>'
    model = bpmn(
        f'<startEvent id="s"/><userTask id="draft" banjie:assignee="a"/><parallelGateway id="fork"/>{choice}'
        '<userTask id="beside" banjie:assignee="b"/><parallelGateway id="join"/><endEvent id="e"/>'
        + flows("s-draft", "draft-fork", "fork-either", "either-one", "one-merge", "merge-join")
        + flows("fork-beside", "beside-join", "join-e"),
        key="inside",
    )
    instance_id = begun(house, model, "inside")
    token = house.task(instance_id, "draft")["token_id"]
    jump = JumpInstance(instance_id=instance_id, token_id=token, target="merge", reason="错")
    with pytest.raises(Conflict, match="could never end"):
        do(house, jump, "boss")
    assert house.state(instance_id) == "running"
    with house.database.read() as connection:
        assert connection.execute(tables.incident.select()).all() == []


def test_nor_does_a_jump_back_over_a_fork_and_a_join_before_it(house: House) -> None:
    """A join before the fork hid from the check that the token would come to the fork again."""
    first = '<inclusiveGateway id="split"/><userTask id="one" banjie:assignee="a"/><inclusiveGateway id="merge"/>'
    model = bpmn(
        f'<startEvent id="s"/>{first}<userTask id="two" banjie:assignee="a"/><parallelGateway id="fork"/>'
        '<userTask id="left" banjie:assignee="a"/><userTask id="right" banjie:assignee="b"/><parallelGateway id="join"/>'
        '<endEvent id="e"/>'
        + flows("s-split", "split-one?true", "split-two?false", "one-merge", "two-merge", "merge-fork")
        + flows("fork-left", "fork-right", "left-join", "right-join", "join-e"),
        key="back",
    )
    instance_id = begun(house, model, "back", "one")
    token = house.task(instance_id, "left")["token_id"]
    with pytest.raises(Conflict, match="done twice"):
        do(house, JumpInstance(instance_id=instance_id, token_id=token, target="split", reason="错"), "boss")
