"""Asking others at a node that is a ballot: one person one vote, whoever holds, signs or stands in."""

from typing import Any

import pytest

from engine.commands.delegating.delegations import DelegateTask
from engine.commands.delegating.proxies import GrantProxy, TakeAsProxy
from engine.commands.delegating.signers import AddSigners, RemoveSigner
from engine.commands.tasks.handling import AssignTask, CompleteTask
from engine.errors import Conflict, Forbidden
from tests.integration.engine.house import House, bpmn, flows
from tests.integration.engine.rebuilding import assert_rebuilt

PEOPLE = ("li", "wang", "zhao", "sun", "zhou", "clerk")


def office(house: House, ballot: str = "all", more: str = "") -> str:
    """Li, wang and zhao vote at 会签; the others can be asked. Returns the instance."""
    for login in PEOPLE:
        house.person(login)
    house.deploy(
        bpmn(
            f'<startEvent id="s"/><userTask id="vote" name="会签" banjie:ballot="{ballot}" banjie:candidateUsers="li,wang,zhao" '
            f'banjie:outcomes="approve:同意,reject:不同意" {more}/><exclusiveGateway id="g" default="g_no"/>'
            '<userTask id="yes" name="归档" banjie:assignee="clerk"/><userTask id="no" name="退件" banjie:assignee="clerk"/>'
            '<endEvent id="e"/>' + flows("s-vote", "vote-g", 'g-yes?outcome = "approve"', "g-no", "yes-e", "no-e")
        )
    )
    return house.start("leave", by=house.actors["clerk"])


def do(house: House, command: Any, by: str) -> dict[str, Any]:
    return house.engine.execute(command, actor=house.actors[by])


def seat(house: House, instance: str, login: str) -> dict[str, Any]:
    (found,) = (
        row
        for row in house.queries.tasks.of_instance(instance)
        if login in (row["assignee"], row["principal"]) and row["closed_at"] is None
    )
    return dict(found)


def vote(house: House, instance: str, login: str, outcome: str | None = "approve") -> None:
    do(house, CompleteTask(task_id=seat(house, instance, login)["id"], outcome=outcome), login)


def here(house: House, instance: str) -> set[str]:
    return {row["element_id"] for row in house.open_tasks(instance)}


def test_p_4_1_beside_me_a_new_member_votes_in_the_same_round(house: House) -> None:
    instance = office(house)
    do(
        house,
        AddSigners(task_id=seat(house, instance, "li")["id"], people=("sun",), position="beside", power="decide"),
        "li",
    )

    for login in ("li", "wang", "zhao"):
        vote(house, instance, login)
    assert here(house, instance) == {"vote"}
    vote(house, instance, "sun")

    assert here(house, instance) == {"yes"}
    assert_rebuilt(house, instance)


def test_p_4_4_the_last_open_member_removed_the_ballot_is_decided(house: House) -> None:
    """Flowable: the node would wait for ever."""
    instance = office(house)
    task = seat(house, instance, "li")["id"]
    do(house, AddSigners(task_id=task, people=("sun",), position="beside", power="decide"), "li")
    for login in ("li", "wang", "zhao"):
        vote(house, instance, login)

    do(house, RemoveSigner(task_id=task, signer_id="sun"), "li")

    assert here(house, instance) == {"yes"}


def test_p_4_4_only_the_adder_removes_a_member_and_no_original_one(house: House) -> None:
    instance = office(house)
    task = seat(house, instance, "li")["id"]
    do(house, AddSigners(task_id=task, people=("sun",), position="beside", power="decide"), "li")

    with pytest.raises(Forbidden):
        do(house, RemoveSigner(task_id=seat(house, instance, "wang")["id"], signer_id="sun"), "wang")
    with pytest.raises(Exception, match="no signer wang"):
        do(house, RemoveSigner(task_id=task, signer_id="wang"), "li")


@pytest.mark.parametrize("ballot", ["all", "sequential"])
def test_trap_2_5_p_4_6_p_5_1_members_are_neither_added_nor_transferred_to_nor_asked(house: House, ballot: str) -> None:
    instance = office(house, ballot)
    task = seat(house, instance, "li")["id"]

    for position in ("before", "after", "beside"):
        with pytest.raises(Conflict):
            do(house, AddSigners(task_id=task, people=("zhao",), position=position), "li")
    with pytest.raises(Conflict):
        do(house, AssignTask(task_id=task, assignee="zhao"), "li")
    with pytest.raises(Conflict):
        do(house, DelegateTask(task_id=task, to="zhao"), "li")


def test_p_5_1_whoever_takes_over_a_seat_takes_over_the_vote(house: House) -> None:
    instance = office(house)
    do(house, AssignTask(task_id=seat(house, instance, "li")["id"], assignee="sun"), "li")

    for login in ("sun", "wang", "zhao"):
        vote(house, instance, login)

    assert here(house, instance) == {"yes"}
    assert_rebuilt(house, instance)


def test_a_member_waits_for_his_delegate_and_the_ballot_for_him(house: House) -> None:
    instance = office(house)
    asked = do(house, DelegateTask(task_id=seat(house, instance, "li")["id"], to="sun"), "li")["delegate_task_id"]
    vote(house, instance, "wang")
    vote(house, instance, "zhao")

    do(house, CompleteTask(task_id=asked, comment="可以"), "sun")
    assert here(house, instance) == {"vote"}
    vote(house, instance, "li")

    assert here(house, instance) == {"yes"}
    assert_rebuilt(house, instance)


def test_a_ballot_that_is_decided_without_him_takes_along_what_a_member_asked(house: House) -> None:
    instance = office(house, "any")
    asked = do(house, DelegateTask(task_id=seat(house, instance, "li")["id"], to="sun"), "li")["delegate_task_id"]

    vote(house, instance, "wang")

    assert here(house, instance) == {"yes"}
    with pytest.raises(Conflict):
        do(house, CompleteTask(task_id=asked), "sun")


def test_trap_2_2_p_4_3_a_signer_refuses_as_the_member_who_added_him_not_as_the_ballot(house: House) -> None:
    instance = office(house, "count:2")
    task = seat(house, instance, "li")["id"]
    (signer,) = do(house, AddSigners(task_id=task, people=("sun",), position="before", power="decide"), "li")["signers"]

    do(house, CompleteTask(task_id=signer, outcome="reject"), "sun")
    assert here(house, instance) == {"vote"}
    vote(house, instance, "wang")
    vote(house, instance, "zhao")

    assert here(house, instance) == {"yes"}
    assert_rebuilt(house, instance)


def test_a_vote_counts_when_those_after_it_have_signed(house: House) -> None:
    instance = office(house)
    task = seat(house, instance, "li")["id"]
    (signer,) = do(house, AddSigners(task_id=task, people=("sun",), position="after"), "li")["signers"]
    for login in ("li", "wang", "zhao"):
        vote(house, instance, login)
    assert here(house, instance) == {"vote"}

    do(house, CompleteTask(task_id=signer), "sun")

    assert here(house, instance) == {"yes"}
    assert_rebuilt(house, instance)


def test_nobody_signs_after_a_secret_vote(house: House) -> None:
    instance = office(house, more='banjie:secret="true"')
    task = seat(house, instance, "li")["id"]

    with pytest.raises(Conflict, match="secret"):
        do(house, AddSigners(task_id=task, people=("sun",), position="after"), "li")


def test_p_7_4_the_principal_counts_as_the_voter(house: House) -> None:
    instance = stood_in(house, "sun")
    assert (seat(house, instance, "li")["assignee"], seat(house, instance, "li")["principal"]) == ("sun", "li")

    do(house, CompleteTask(task_id=seat(house, instance, "li")["id"], outcome="approve"), "sun")
    vote(house, instance, "wang")
    vote(house, instance, "zhao")

    assert here(house, instance) == {"yes"}
    answers = house.engine.variables(instance)["vote_answers"]
    assert sorted(answers) == ["li", "wang", "zhao"]
    assert_rebuilt(house, instance)


def test_p_7_4_a_member_who_is_a_proxy_too_has_one_vote(house: House) -> None:
    instance = stood_in(house, "wang")

    assert (seat(house, instance, "li")["assignee"], seat(house, instance, "li")["principal"]) == ("li", None)
    assert "ProxyPassedOver" in house.kinds(instance)


def test_p_7_4_unless_the_model_gives_him_both(house: House) -> None:
    instance = stood_in(house, "wang", 'banjie:proxyVotes="both"')

    mine, lis = (row for row in house.queries.tasks.open(assignee="wang").rows)
    assert {mine["principal"], lis["principal"]} == {None, "li"}
    for each in (mine, lis):
        do(house, CompleteTask(task_id=each["id"], outcome="approve"), "wang")
    vote(house, instance, "zhao")
    assert here(house, instance) == {"yes"}


@pytest.mark.parametrize("ballot", ["all", "sequential"])
def test_p_7_4_who_has_voted_or_will_is_given_no_second_seat_that_he_could_only_sit_on(
    house: House, ballot: str
) -> None:
    instance = office(house, ballot)
    if ballot == "all":
        vote(house, instance, "wang")
    period = {"start": house.now.isoformat(), "end": house.now.replace(hour=9).isoformat()}
    do(house, GrantProxy(proxy="wang", **period), "li")
    house.run_jobs()

    task = seat(house, instance, "li")
    assert (task["assignee"], task["principal"]) == ("li", None)
    with pytest.raises(Conflict, match="seat of his own"):
        do(house, TakeAsProxy(task_id=task["id"]), "wang")


def test_p_5_1_p_7_4_who_has_voted_for_another_takes_no_seat_over(house: House) -> None:
    instance = stood_in(house, "sun")
    do(house, CompleteTask(task_id=seat(house, instance, "li")["id"], outcome="approve"), "sun")
    wang = seat(house, instance, "wang")["id"]

    with pytest.raises(Conflict, match="one vote"):
        do(house, AssignTask(task_id=wang, assignee="sun"), "wang")
    with pytest.raises(Conflict, match="one vote"):
        do(house, AddSigners(task_id=wang, people=("sun",), position="beside", power="decide"), "wang")


def stood_in(house: House, proxy: str, more: str = "") -> str:
    """A ballot that opens while ``proxy`` stands in for li."""
    instance = office(house, more=more)
    period = {"start": house.now.isoformat(), "end": house.now.replace(hour=9).isoformat()}
    do(house, GrantProxy(proxy=proxy, **period), "li")
    house.run_jobs()
    return instance


def test_p_4_5_what_a_member_sent_with_his_vote_is_kept_when_others_sign_after_him(house: House) -> None:
    """And it is not written a second time: meanwhile somebody may have changed it."""
    instance = office(house)
    task = seat(house, instance, "li")["id"]
    do(house, AddSigners(task_id=task, people=("sun",), position="after"), "li")

    do(house, CompleteTask(task_id=task, outcome="approve", variables={"area": 120}), "li")
    wang = CompleteTask(task_id=seat(house, instance, "wang")["id"], outcome="approve", variables={"area": 118})
    do(house, wang, "wang")
    do(house, CompleteTask(task_id=seat(house, instance, "sun")["id"], comment="已阅"), "sun")
    vote(house, instance, "zhao")

    variables = house.engine.variables(instance)
    assert variables["vote_answers"]["li"] == {"area": 120, "outcome": "approve"}
    assert variables["area"] == 118
    assert_rebuilt(house, instance)
